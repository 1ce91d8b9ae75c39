"""Several runs of a model as one program: what is the same in all, and what grows with the batch.

A run knows numbers and arrays only. Whether a 6 is a setting, a coincidence, or the size of the
batch, and whether an array is a constant or was computed from the input behind the ops' back, shows
when the model runs again: on other values, and on other numbers of rows.
"""

from __future__ import annotations

from itertools import zip_longest
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

import numpy as np

from autograd_lite.errors import describe

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from autograd_lite.onnx.trace import Ref, Step, Trace


class Growing(NamedTuple):
    """A number that grows with the batch: per * batch + plus."""

    per: int
    plus: int


class Repeated(NamedTuple):
    """A constant that is repeated along the axes that grow with the batch.

    Attributes:
        core: the constant, of size 1 in those axes.
        shape: the whole shape.
    """

    core: NDArray[Any]
    shape: tuple[Size, ...]


Size: TypeAlias = "int | Growing"


class Program(NamedTuple):
    """What all runs have in common.

    Attributes:
        steps: the ops in order; in settings and shapes, numbers may be `Growing`.
        constants: arrays, by the number that a `Ref` has.
        inputs: the shapes of the inputs.
        outputs: where the results came from, by name.
    """

    steps: list[Step]
    constants: list[NDArray[Any] | Repeated]
    inputs: list[tuple[Size, ...]]
    outputs: dict[str, Ref]


class Run(NamedTuple):
    """A run: the rows and arrays that went in, what was written down, and what came out."""

    rows: int
    inputs: list[NDArray[Any]]
    trace: Trace
    outputs: dict[str, Ref]
    results: list[NDArray[Any]]


class _Differs(Exception):  # noqa: N818  # no error of the user's: it is caught where it has a name
    """Two runs have something else in one place."""


def merge(runs: Sequence[Run]) -> Program:
    """The program of `runs`: either all with the same number of rows, or no two of them.

    Raises:
        ValueError: when a run took another path, or had another constant or setting; it names the
            op and the module.
    """
    varied = _Varied([run.rows for run in runs])
    traces = [run.trace for run in runs]
    steps = [varied.step(found) for found in zip_longest(*(trace.steps for trace in traces))]
    outputs = varied.outputs([run.outputs for run in runs])
    constants = [
        varied.constant([array for array, _ in found], [*steps, None][found[0][1]])
        for found in zip(*(trace.constants for trace in traces), strict=True)
    ]
    inputs = [
        varied.merged([array.shape for array in arrays])
        for arrays in zip(*(run.inputs for run in runs), strict=True)
    ]
    return Program(steps, constants, inputs, outputs)


_PATH = "a graph has one path: write it with where(), or outside of the model"
_FROZEN = (
    "it was computed outside of autograd_lite's functions (by NumPy, x.data, float(x), at random)"
    " and would be frozen: compute it with those, or outside of the model"
)
_FORM = "squeeze() without an axis may take the batch's: name the axis"
_SETTING = "compute it with autograd_lite's functions, from tensors"


class _Varied:
    """How to compare what runs with some numbers of rows have in one place."""

    def __init__(self, rows: Sequence[int]) -> None:
        self.rows = rows
        self.alike = len(set(rows)) == 1

    def error(self, step: Step | None, what: str, way_out: str) -> ValueError:
        """The error that says what changed from run to run, at which op."""
        where = f"`{step.name}`{step.place}: " if step else ""
        cause = "the values of the input" if self.alike else "the number of rows of the input"
        fixed = "" if self.alike else ", or give dynamic_batch=False for a model of one size"
        return ValueError(f"to_onnx: {where}{what} depends on {cause}; {way_out}{fixed}")

    def step(self, steps: Sequence[Step | None]) -> Step:
        """One call of an op."""
        found = [step for step in steps if step is not None]
        first = found[0]
        if len(found) < len(steps) or any(s.function is not first.function for s in found):
            names = _listed([f"`{step.name}`" if step else "nothing" for step in steps])
            raise self.error(first, f"which op runs ({names})", _PATH)
        if any(len(s.shape) != len(first.shape) or s.dtype != first.dtype for s in found):
            kinds = _listed([f"{s.shape} {s.dtype}" for s in found])
            raise self.error(first, f"the form of its result ({kinds})", _FORM)
        merged: dict[str, Any] = {}
        for field, what in _FIELDS.items():
            try:
                merged[field] = self.merged([getattr(s, field) for s in found])
            except _Differs as difference:
                raise self.error(first, f"{what} ({difference})", _SETTING) from None
        return first._replace(**merged)

    def outputs(self, outputs: Sequence[dict[str, Ref]]) -> dict[str, Ref]:
        """The results."""
        if any(o != outputs[0] for o in outputs):
            raise self.error(None, "which tensors the model returns", _PATH)
        return outputs[0]

    def merged(self, values: Sequence[Any]) -> Any:
        """What `values` are in all runs: equal, or integers that grow with the rows."""
        first = values[0]
        if any(type(value) is not type(first) for value in values):
            raise _Differs(_listed(values))
        if isinstance(first, slice):
            return slice(*(self.merged([getattr(v, part) for v in values]) for part in _PARTS))
        if type(first) in {tuple, list}:
            if any(len(value) != len(first) for value in values):
                raise _Differs(_listed(values))
            return type(first)(self.merged(parts) for parts in zip(*values, strict=True))
        if isinstance(first, dict) and all(value.keys() == first.keys() for value in values):
            return {key: self.merged([value[key] for value in values]) for key in first}
        if all(value == first or (value != value and first != first) for value in values):  # noqa: PLR0124  # nan
            return first
        if type(first) is int and not self.alike:
            return self._growing(values)
        raise _Differs(_listed(values))

    def _growing(self, values: Sequence[int]) -> Growing:
        """The line through the numbers."""
        per, rest = divmod(values[1] - values[0], self.rows[1] - self.rows[0])
        line = Growing(per, values[0] - per * self.rows[0])
        found = [line.per * n + line.plus for n in self.rows]
        if rest or found != list(values):
            raise _Differs(_listed(values))
        return line

    def constant(
        self, arrays: Sequence[NDArray[Any]], step: Step | None
    ) -> NDArray[Any] | Repeated:
        """An array that `step` takes: the same in all runs, or repeated for each row."""
        try:
            return self._repeated(arrays)
        except _Differs as difference:
            what = f"an array that it takes ({difference})" if step else f"a result ({difference})"
            raise self.error(step, what, _FROZEN) from None

    def _repeated(self, arrays: Sequence[NDArray[Any]]) -> NDArray[Any] | Repeated:
        first = arrays[0]
        shape = self.merged([array.shape for array in arrays])
        grows = [isinstance(size, Growing) for size in shape]
        core = first[tuple(slice(0, 1) if growing else slice(None) for growing in grows)]
        for array in arrays:
            if not _same(array, np.broadcast_to(core, array.shape)):
                raise _Differs(describe(array))
        return Repeated(core, shape) if any(grows) else first


_PARTS = ("start", "stop", "step")
_FIELDS = {"operands": "an operand", "settings": "a setting", "shape": "its shape"}


def _listed(values: Sequence[Any]) -> str:
    return " or ".join(dict.fromkeys(str(value) for value in values))


def _same(a: NDArray[Any], b: NDArray[Any]) -> bool:
    return a.dtype == b.dtype and np.array_equal(a, b, equal_nan=a.dtype.kind == "f")
