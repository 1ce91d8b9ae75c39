"""The methods of a Tensor that ndarray has, or common use; each is a call of the op of its name."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from autograd_lite import ops
from autograd_lite.errors import FAULTS, explain

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import DTypeLike, NDArray

    from autograd_lite.ops.reduce import Axis
    from autograd_lite.tensor import Tensor


class Methods:
    """The named methods of Tensor; see the function of the same name."""

    __slots__ = ()

    _data: NDArray[Any]

    def exp(self) -> Tensor:
        """The exponential; see `autograd_lite.exp`."""
        return ops.exp(self)

    def expm1(self) -> Tensor:
        """e^x - 1, accurate near 0; see `autograd_lite.expm1`."""
        return ops.expm1(self)

    def log(self) -> Tensor:
        """The natural logarithm; see `autograd_lite.log`."""
        return ops.log(self)

    def log1p(self) -> Tensor:
        """log(1 + x), accurate near 0; see `autograd_lite.log1p`."""
        return ops.log1p(self)

    def sqrt(self) -> Tensor:
        """The square root; see `autograd_lite.sqrt`."""
        return ops.sqrt(self)

    def abs(self) -> Tensor:
        """The absolute value; see `autograd_lite.abs`."""
        return ops.abs(self)

    def sin(self) -> Tensor:
        """The sine; see `autograd_lite.sin`."""
        return ops.sin(self)

    def cos(self) -> Tensor:
        """The cosine; see `autograd_lite.cos`."""
        return ops.cos(self)

    def tan(self) -> Tensor:
        """The tangent; see `autograd_lite.tan`."""
        return ops.tan(self)

    def tanh(self) -> Tensor:
        """The hyperbolic tangent; see `autograd_lite.tanh`."""
        return ops.tanh(self)

    def sigmoid(self) -> Tensor:
        """The logistic function; see `autograd_lite.sigmoid`."""
        return ops.sigmoid(self)

    def relu(self) -> Tensor:
        """The positive part; see `autograd_lite.relu`."""
        return ops.relu(self)

    def softplus(self) -> Tensor:
        """The smooth positive part; see `autograd_lite.softplus`."""
        return ops.softplus(self)

    def leaky_relu(self, alpha: float = 0.01) -> Tensor:
        """x where positive, else alpha x; see `autograd_lite.leaky_relu`."""
        return ops.leaky_relu(self, alpha)

    def softmax(self, axis: int = -1) -> Tensor:
        """Softmax along an axis; see `autograd_lite.softmax`."""
        return ops.softmax(self, axis)

    def log_softmax(self, axis: int = -1) -> Tensor:
        """The logarithm of softmax; see `autograd_lite.log_softmax`."""
        return ops.log_softmax(self, axis)

    def logsumexp(self, axis: Axis = None, keepdims: bool = False) -> Tensor:
        """log sum e^x over axes; see `autograd_lite.logsumexp`."""
        return ops.logsumexp(self, axis, keepdims)

    def clip(self, low: Any = None, high: Any = None) -> Tensor:
        """x limited to [low, high]; see `autograd_lite.clip`."""
        return ops.clip(self, low, high)

    def round(self, decimals: int = 0) -> Tensor:
        """x rounded to some decimals; see `autograd_lite.round`."""
        return ops.round(self, decimals)

    def sum(self, axis: Axis = None, keepdims: bool = False) -> Tensor:
        """The sum over axes; see `autograd_lite.sum`."""
        return ops.sum(self, axis, keepdims)

    def mean(self, axis: Axis = None, keepdims: bool = False) -> Tensor:
        """The mean over axes; see `autograd_lite.mean`."""
        return ops.mean(self, axis, keepdims)

    def max(self, axis: Axis = None, keepdims: bool = False) -> Tensor:
        """The largest element over axes; see `autograd_lite.max`."""
        return ops.max(self, axis, keepdims)

    def min(self, axis: Axis = None, keepdims: bool = False) -> Tensor:
        """The smallest element over axes; see `autograd_lite.min`."""
        return ops.min(self, axis, keepdims)

    def prod(self, axis: Axis = None, keepdims: bool = False) -> Tensor:
        """The product over axes; see `autograd_lite.prod`."""
        return ops.prod(self, axis, keepdims)

    def var(self, axis: Axis = None, ddof: float = 0, keepdims: bool = False) -> Tensor:
        """The variance over axes; see `autograd_lite.var`."""
        return ops.var(self, axis, ddof, keepdims)

    def std(self, axis: Axis = None, ddof: float = 0, keepdims: bool = False) -> Tensor:
        """The standard deviation over axes; see `autograd_lite.std`."""
        return ops.std(self, axis, ddof, keepdims)

    def norm(
        self, ord: float | str | None = None, axis: Axis = None, keepdims: bool = False
    ) -> Tensor:
        """The norm; see `autograd_lite.norm`."""
        return ops.norm(self, ord, axis, keepdims)

    def cumsum(self, axis: int | None = None) -> Tensor:
        """The running sum; see `autograd_lite.cumsum`."""
        return ops.cumsum(self, axis)

    def cumprod(self, axis: int | None = None) -> Tensor:
        """The running product; see `autograd_lite.cumprod`."""
        return ops.cumprod(self, axis)

    def argsort(self, axis: int | None = -1) -> Tensor:
        """The positions in ascending order; see `autograd_lite.argsort`."""
        return ops.argsort(self, axis)

    def take(self, indices: Any, axis: int | None = None, mode: str = "raise") -> Tensor:
        """The elements at positions; see `autograd_lite.take`."""
        return ops.take(self, indices, axis, mode)

    def reshape(self, *shape: Any) -> Tensor:
        """Another shape, as sizes or as one tuple; see `autograd_lite.reshape`."""
        return ops.reshape(self, _flat(shape))

    def transpose(self, *axes: Any) -> Tensor:
        """The axes permuted, as numbers or as one tuple; see `autograd_lite.transpose`."""
        return ops.transpose(self, _flat(axes) if axes else None)

    def swapaxes(self, axis1: int, axis2: int) -> Tensor:
        """Two axes interchanged; see `autograd_lite.swapaxes`."""
        return ops.swapaxes(self, axis1, axis2)

    def squeeze(self, axis: int | Sequence[int] | None = None) -> Tensor:
        """Without axes of size 1; see `autograd_lite.squeeze`."""
        return ops.squeeze(self, axis)

    def expand_dims(self, axis: int | Sequence[int]) -> Tensor:
        """With axes of size 1; see `autograd_lite.expand_dims`."""
        return ops.expand_dims(self, axis)

    def broadcast_to(self, shape: int | Sequence[int]) -> Tensor:
        """Repeated to a shape; see `autograd_lite.broadcast_to`."""
        return ops.broadcast_to(self, shape)

    def ravel(self) -> Tensor:
        """One axis of all elements, in the order of C."""
        return ops.reshape(self, -1)

    def flatten(self) -> Tensor:
        """One axis of all elements, in the order of C."""
        return ops.reshape(self, -1)

    def split(self, indices_or_sections: int | Sequence[int], axis: int = 0) -> list[Tensor]:
        """The parts along an axis; see `autograd_lite.split`."""
        return ops.split(self, indices_or_sections, axis)

    def repeat(self, repeats: int | Sequence[int], axis: int | None = None) -> Tensor:
        """Each element as often as `repeats` says; see `autograd_lite.repeat`."""
        return ops.repeat(self, repeats, axis)

    def compress(self, condition: Any, axis: int | None = None) -> Tensor:
        """The parts for which `condition` holds; see `autograd_lite.compress`."""
        return ops.compress(condition, self, axis)

    def choose(self, choices: Sequence[Any]) -> Tensor:
        """The choices whose numbers these elements are; see `autograd_lite.choose`."""
        return ops.choose(self, choices)

    def copy(self) -> Tensor:
        """The same values in memory of their own; see `autograd_lite.copy`."""
        return ops.copy(self)

    def dot(self, other: Any) -> Tensor:
        """NumPy's dot; see `autograd_lite.dot`."""
        return ops.dot(self, other)

    def diagonal(self, offset: int = 0, axis1: int = 0, axis2: int = 1) -> Tensor:
        """Diagonals; see `autograd_lite.diagonal`."""
        return ops.diagonal(self, offset, axis1, axis2)

    def trace(self, offset: int = 0, axis1: int = 0, axis2: int = 1) -> Tensor:
        """The sum of a diagonal; see `autograd_lite.trace`."""
        return ops.trace(self, offset, axis1, axis2)

    def astype(self, dtype: DTypeLike) -> Tensor:
        """Converted to a dtype; see `autograd_lite.astype`."""
        return ops.astype(self, dtype)

    @property
    def T(self) -> Tensor:  # noqa: N802  # NumPy's name
        """The axes in reverse order."""
        return ops.transpose(self)

    @property
    def mT(self) -> Tensor:  # noqa: N802  # NumPy's name
        """The last two axes interchanged: matrices transposed."""
        return ops.swapaxes(self, -1, -2)

    def argmax(self, axis: int | None = None) -> NDArray[np.intp] | np.intp:
        """The index of the largest element along an axis, as NumPy gives it."""
        place: NDArray[np.intp] | np.intp = _position(np.argmax, self._data, axis)
        return place

    def argmin(self, axis: int | None = None) -> NDArray[np.intp] | np.intp:
        """The index of the smallest element along an axis, as NumPy gives it."""
        place: NDArray[np.intp] | np.intp = _position(np.argmin, self._data, axis)
        return place

    def any(self) -> bool:
        """Whether an element is true (not 0)."""
        return bool(np.any(self._data))

    def all(self) -> bool:
        """Whether all elements are true (not 0)."""
        return bool(np.all(self._data))


def _position(function: Any, array: NDArray[Any], axis: int | None) -> Any:
    """NumPy's argmax or argmin of an array, with an error of ours where there is none."""
    try:
        return function(array, axis)
    except FAULTS as error:
        expects = "an axis with at least one element, or None for all"
        raise explain(error, function.__name__, [array], {"axis": axis}, expects) from error


def _flat(sizes: tuple[Any, ...]) -> Any:
    """`x.reshape(2, 3)` and `x.reshape((2, 3))` mean the same."""
    return sizes[0] if len(sizes) == 1 else sizes
