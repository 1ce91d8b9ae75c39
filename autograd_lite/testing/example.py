"""One call of an op that a test is made of, and how two results are compared."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NoReturn

import numpy as np

from autograd_lite.creation import tensor

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from autograd_lite.tensor import Tensor
    from autograd_lite.testing.case import OpCase

TOLERANCE = {8: 1e-10, 4: 2e-4, 2: 2e-2}  # relative and absolute, by the size of a float in bytes


def usual_call(f: Callable[..., Any], arrays: Sequence[Any], static: dict[str, Any]) -> Any:
    """How a function is called unless a case says otherwise."""
    return f(*arrays, **static)


@dataclass(frozen=True, repr=False)
class Example:
    """A call of an op: the arrays, in their memory layouts, the settings, and up to which order."""

    case: OpCase
    arrays: list[NDArray[Any]]
    static: dict[str, Any]
    order: int

    def __repr__(self) -> str:
        """As one would write the usual call, and which arrays do not lie as they are written."""
        with np.printoptions(floatmode="unique", precision=17):
            given = [*map(repr, self.arrays), *(f"{k}={v!r}" for k, v in self.static.items())]
        strides = [
            f"input {i} has strides {a.strides}"
            for i, a in enumerate(self.arrays)
            if not a.flags.c_contiguous
        ]
        notes = f"  # {', '.join(strides)}" if strides else ""
        return f"{self.case.name}({', '.join(given)}){notes}"

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:  # noqa: ARG002  # as hypothesis asks
        printer.text(repr(self))

    @property
    def floating(self) -> list[int]:
        """The positions of the arrays that have gradients."""
        return [i for i, a in enumerate(self.arrays) if a.dtype.kind == "f"]

    def tensors(self) -> list[Tensor]:
        """The arrays as tensors of their own, which require gradients where they can."""
        return [tensor(a, requires_grad=a.dtype.kind == "f") for a in self.arrays]

    def results(self, arrays: Sequence[Any], f: Callable[..., Any] | None = None) -> list[Any]:
        """What the op, or `f`, gives for some arrays or tensors: one result or several."""
        result = self.case.call(f or self.case.op, arrays, self.static)
        return list(result) if isinstance(result, (tuple, list)) else [result]

    def function(self) -> Callable[..., Any]:
        """The op as a function of all arrays: itself, where it is called with nothing else."""
        if self.case.call is usual_call and not self.static:
            return self.case.op

        def f(*arrays: Any) -> Any:
            return self.case.call(self.case.op, arrays, self.static)

        f.__name__ = f.__qualname__ = self.case.name
        return f

    def of_floats(self) -> Callable[..., Any]:
        """The op as a function of those arrays alone that have gradients."""
        whole, places = self.function(), self.floating

        def f(*floats: Any) -> Any:
            given: list[Any] = list(self.arrays)
            for i, value in zip(places, floats, strict=True):
                given[i] = value
            return whole(*given)

        f.__name__ = f.__qualname__ = self.case.name
        return f

    def fail(self, *lines: str) -> NoReturn:
        """Raise an error that begins with the op's name."""
        raise AssertionError("\n  ".join([f"{self.case.name}: {lines[0]}", *lines[1:]]))

    def like(self, what: str, got: Any, expected: Any) -> None:
        """Fail unless one array has the shape and the dtype of another.

        Args:
            what: what `got` is.
            got: an array or a tensor.
            expected: what it should be like.
        """
        if (got.shape, got.dtype) != (expected.shape, expected.dtype):
            self.fail(
                f"{what} has the wrong {'dtype' if got.shape == expected.shape else 'shape'}",
                f"it is {got.shape} {got.dtype}, expected {expected.shape} {expected.dtype}",
            )

    def same(self, what: str, got: Any, expected: Any, tolerance: float | None = None) -> None:
        """Fail unless two arrays are equal, in shape, dtype, and up to rounding in value.

        Args:
            what: what `got` is.
            got: an array.
            expected: what it should be.
            tolerance: the difference to allow, absolute and relative, instead of `TOLERANCE`.
        """
        self.like(what, got, expected)
        if tolerance is None:
            inexact = got.dtype.kind in "fc"
            size = got.real.dtype.itemsize
            tolerance = TOLERANCE.get(size, TOLERANCE[8]) if inexact else 0.0
        close = np.isclose(got, expected, rtol=tolerance, atol=tolerance, equal_nan=True)
        if not close.all():
            index = tuple(np.argwhere(~close)[0].tolist())
            self.fail(
                f"{what} has the wrong value",
                f"entry {index} is {got[index]}, expected {expected[index]};"
                f" {np.sum(~close)} of {got.size} entries differ by more than {tolerance:g}",
            )
