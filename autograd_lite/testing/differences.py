"""A function of tensors as a function of one vector, and its finite differences."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from autograd_lite.dtypes import as_array
from autograd_lite.engine import grad
from autograd_lite.errors import describe
from autograd_lite.recording import enable_grad
from autograd_lite.tensor import Tensor

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

_ULP = 2.0**-52
_UNSEEN = 4 * _ULP
_ROUGH = 2.0**-40  # rounding by more than that, relatively, is not what float64 does
_LUCK = 16  # a few values show how rough a function is only roughly


class Function:
    """`f` and its projected derivatives, as functions of a row of all floating inputs.

    Attributes:
        name: what `f` is called.
        floating: the positions of the floating inputs.
        shapes: their shapes.
        point: their values, in one row.
        weights: the random weights of the outputs, and from order 1 the directions of the inputs.
        weighted: whether the outputs are more than one number.
        dtypes: the dtypes of the floating outputs.
    """

    def __init__(self, f: Callable[..., Any], inputs: Any, seed: int) -> None:
        self._f = f
        self._random = np.random.default_rng(seed)
        self._inputs = list(inputs) if isinstance(inputs, (list, tuple)) else [inputs]
        arrays = [as_array(x._data if isinstance(x, Tensor) else x) for x in self._inputs]
        self.name = str(getattr(f, "__qualname__", f)).rpartition("<locals>.")[2]
        self.floating = [i for i, a in enumerate(arrays) if a.dtype.kind == "f"]
        self.shapes = [arrays[i].shape for i in self.floating]
        self._ends = np.cumsum([arrays[i].size for i in self.floating])
        if not self.floating:
            got = ", ".join(map(describe, arrays))
            message = f"gradcheck: got inputs {got or '[]'}; expected a floating one, as 1.0 for 1"
            raise TypeError(message)
        self.point = row([arrays[i] for i in self.floating])
        outputs = self.derivative(self.point, 0)
        if not outputs:
            message = (
                f"gradcheck: {self.name} gives no floating tensor, so there is nothing to check"
            )
            raise TypeError(message)
        self.dtypes = [a.dtype for a in outputs]
        # One number needs no weight: errors then quote the very gradient.
        self.weighted = sum(a.size for a in outputs) != 1
        self.weights = [
            [self.random(a.shape) if self.weighted else np.ones(a.shape) for a in outputs]
        ]

    def random(self, shape: int | tuple[int, ...]) -> NDArray[Any]:
        """Random signs times sizes from 1/2 to 1."""
        return self._random.choice((-1.0, 1.0), shape) * self._random.uniform(0.5, 1.0, shape)

    def derivative(
        self, point: NDArray[Any], order: int, *, recorded: bool = False
    ) -> list[NDArray[Any]]:
        """The outputs (order 0), or the gradient of the projected derivative of the order below."""
        parts = np.split(point, self._ends[:-1])
        leaves = [
            Tensor(part.reshape(shape), requires_grad=True)
            for part, shape in zip(parts, self.shapes, strict=True)
        ]
        rest = iter(leaves)
        arguments = [
            next(rest) if i in self.floating else _fresh(x) for i, x in enumerate(self._inputs)
        ]
        with enable_grad():
            values = self._outputs(self._f(*arguments))
            for n in range(order):
                weights = self._weights(n)
                again = recorded or n < order - 1
                values = list(
                    grad(
                        values,
                        leaves,
                        weights,
                        retain_graph=True,  # of tensors that f may share between its calls
                        create_graph=again,
                        allow_unused=True,
                    )
                )
        return [v._data for v in values]

    def _outputs(self, result: Any) -> list[Tensor]:
        values = result if isinstance(result, (list, tuple)) else [result]
        tensors = [v if isinstance(v, Tensor) else Tensor(v) for v in values]
        return [t for t in tensors if t.dtype.kind == "f"]

    def _weights(self, order: int) -> list[NDArray[Any]]:
        while len(self.weights) <= order:
            self.weights.append([self.random(shape) for shape in self.shapes])
        return self.weights[order]

    def weights_row(self, order: int) -> NDArray[Any]:
        """The weights of the derivative of `order`, in one row."""
        return row(self._weights(order))

    def where(self, entry: int) -> str:
        """What an entry of the row is among the inputs."""
        k = int(np.searchsorted(self._ends, entry, side="right"))
        shape = self.shapes[k]
        index = np.unravel_index(entry - self._ends[k] + np.prod(shape, dtype=int), shape)
        return f"input {self.floating[k]} of shape {shape}, entry {tuple(map(int, index))}"


def row(arrays: Sequence[NDArray[Any]]) -> NDArray[Any]:
    """All elements of some arrays, in float64."""
    return np.concatenate([np.ravel(a).astype(np.float64) for a in arrays])


def _fresh(x: Any) -> Any:
    """A copy, so that no call sees what another one wrote."""
    return Tensor(x) if isinstance(x, Tensor) else np.copy(x) if isinstance(x, np.ndarray) else x


class Difference(NamedTuple):
    """A central difference along a step: its value, and the error that rounding may have made."""

    value: float
    rounding: float


class Differences:
    """The differences of the weighted derivative of one order of a function.

    A direction is scaled to a step of `eps`, relative to an entry larger than 1.
    """

    def __init__(self, function: Function, order: int, eps: float) -> None:
        self._function, self._order = function, order
        self._weights = function.weights_row(order)
        self._steps = eps * np.maximum(1.0, np.abs(function.point))

    def step(self, direction: NDArray[Any]) -> NDArray[Any]:
        """The step in a direction."""
        step: NDArray[Any] = direction * self._steps
        return step

    def at(self, offset: NDArray[Any]) -> NDArray[Any]:
        """The derivative at some distance from the point, in one row."""
        function = self._function
        return row(function.derivative(function.point + offset, self._order))

    def along(self, direction: NDArray[Any]) -> Difference:
        """The change over the step: central differences over all and half of it, extrapolated."""
        step = self.step(direction)
        whole = (self.at(step) - self.at(-step)) / 2
        half = self.at(step / 2) - self.at(-step / 2)
        value = self._weights @ ((4 * half - whole) / 3)
        measured, most, unseen = self._roughness
        # A value that stays the same may have moved, but by less than its last digits.
        moved = np.where((whole == 0) & (half == 0), unseen, _LUCK * np.minimum(measured, most))
        rounding = np.linalg.norm(self._weights * moved)
        # Of a smooth function the two agree but for rounding, more of it than was found by luck.
        unlike = np.abs(self._weights @ (half - whole))
        rounding += np.minimum(_LUCK * unlike, np.linalg.norm(self._weights * most))
        return Difference(float(value), float(rounding))

    def sides(self, direction: NDArray[Any]) -> tuple[float, float]:
        """The change over a step backward and over one forward: at a kink they differ."""
        step = self.step(direction)
        before, here, after = self.at(-step), self.at(0 * step), self.at(step)
        return float(self._weights @ (here - before)), float(self._weights @ (after - here))

    @property
    def is_rough(self) -> bool:
        """Whether the values are rounded more coarsely than float64 rounds."""
        measured, most, _ = self._roughness
        return bool((measured > most).any())

    @functools.cached_property
    def _roughness(self) -> tuple[NDArray[Any], NDArray[Any], NDArray[Any]]:
        """For each value: the rounding error found in it, the largest plausible, what it can hide.

        It is found in fourth differences, where a smooth function leaves nothing else.
        """
        step = self.step(self._function.random(self._steps.size))
        values = np.array([self.at(step * (k / 4)) for k in range(-3, 4)])
        values = np.where(np.isfinite(values).all(axis=0), values, 0.0)  # the comparison will tell
        rough = np.abs(np.diff(values, 4, axis=0)).max(axis=0) / np.sqrt(
            70
        )  # of independent errors
        size = np.abs(values).max(axis=0)
        return rough + _ULP * size, _ROUGH * (1 + size), _UNSEEN * size
