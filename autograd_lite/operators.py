"""The operators of a Tensor, and what Python converts it to."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import numpy as np

from autograd_lite import ops
from autograd_lite.assignment import At, assign
from autograd_lite.ops import add, div, getitem, matmul, mul, neg, pow, sub

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from autograd_lite.tensor import Tensor


class Operators:
    """The operators of Tensor, each a call of an op."""

    __slots__ = ()

    _data: NDArray[Any]

    # ---- operators

    def __add__(self, other: object) -> Tensor:
        try:
            return add(self, other)
        except TypeError:
            return _left_to(other)

    def __radd__(self, other: object) -> Tensor:
        return add(other, self)

    def __sub__(self, other: object) -> Tensor:
        try:
            return sub(self, other)
        except TypeError:
            return _left_to(other)

    def __rsub__(self, other: object) -> Tensor:
        return sub(other, self)

    def __mul__(self, other: object) -> Tensor:
        try:
            return mul(self, other)
        except TypeError:
            return _left_to(other)

    def __rmul__(self, other: object) -> Tensor:
        return mul(other, self)

    def __truediv__(self, other: object) -> Tensor:
        try:
            return div(self, other)
        except TypeError:
            return _left_to(other)

    def __rtruediv__(self, other: object) -> Tensor:
        return div(other, self)

    def __floordiv__(self, other: object) -> Tensor:
        return ops.floor_divide(self, other)

    def __rfloordiv__(self, other: object) -> Tensor:
        return ops.floor_divide(other, self)

    def __mod__(self, other: object) -> Tensor:
        return ops.remainder(self, other)

    def __rmod__(self, other: object) -> Tensor:
        return ops.remainder(other, self)

    def __divmod__(self, other: object) -> tuple[Tensor, Tensor]:
        return ops.divmod(self, other)

    def __rdivmod__(self, other: object) -> tuple[Tensor, Tensor]:
        return ops.divmod(other, self)

    def __pow__(self, other: object) -> Tensor:
        return pow(self, other)

    def __rpow__(self, other: object) -> Tensor:
        return pow(other, self)

    def __matmul__(self, other: object) -> Tensor:
        return matmul(self, other)

    def __rmatmul__(self, other: object) -> Tensor:
        return matmul(other, self)

    def __and__(self, other: object) -> Tensor:
        return ops.bitwise_and(self, other)

    def __rand__(self, other: object) -> Tensor:
        return ops.bitwise_and(other, self)

    def __or__(self, other: object) -> Tensor:
        return ops.bitwise_or(self, other)

    def __ror__(self, other: object) -> Tensor:
        return ops.bitwise_or(other, self)

    def __xor__(self, other: object) -> Tensor:
        return ops.bitwise_xor(self, other)

    def __rxor__(self, other: object) -> Tensor:
        return ops.bitwise_xor(other, self)

    def __neg__(self) -> Tensor:
        return neg(self)

    def __pos__(self) -> Tensor:
        return ops.positive(self)

    def __abs__(self) -> Tensor:
        return ops.abs(self)

    def __invert__(self) -> Tensor:
        return ops.invert(self)

    def __eq__(self, other: object) -> Tensor:  # type: ignore[override]  # elementwise, as ndarray
        return ops.equal(self, other)

    def __ne__(self, other: object) -> Tensor:  # type: ignore[override]  # elementwise, as ndarray
        return ops.not_equal(self, other)

    def __lt__(self, other: object) -> Tensor:
        return ops.less(self, other)

    def __le__(self, other: object) -> Tensor:
        return ops.less_equal(self, other)

    def __gt__(self, other: object) -> Tensor:
        return ops.greater(self, other)

    def __ge__(self, other: object) -> Tensor:
        return ops.greater_equal(self, other)

    __hash__ = object.__hash__

    def __getitem__(self, index: Any) -> Tensor:
        return getitem(self, index)

    def __setitem__(self, index: Any, value: object) -> None:
        assign(cast("Tensor", self), index, value)

    @property
    def at(self) -> At:
        """Items changed in a copy: `x.at[index].set(value)` is x after `x[index] = value`.

        Behind the brackets are `set`, `add`, `subtract`, `multiply`, `divide`, `power`, `min`,
        `max`, and `get`. An element that the index picks twice is changed twice; `set` leaves the
        last value there. Gradients flow to x and to the value.

        Example:
            >>> import autograd_lite as ag
            >>> x = ag.tensor([1.0, 2.0, 3.0])
            >>> x.at[[0, 0, 2]].add(10.0)
            Tensor([21.,  2., 13.])
        """
        return At(cast("Tensor", self))

    # ---- conversions

    def __len__(self) -> int:
        if self._data.ndim == 0:
            message = "len: a 0-d Tensor has no length (see size, item())"
            raise TypeError(message)
        return len(self._data)

    def __iter__(self) -> Iterator[Tensor]:
        if self._data.ndim == 0:
            message = "iter: a 0-d Tensor has nothing to iterate over (see item())"
            raise TypeError(message)
        return (self[i] for i in range(len(self._data)))

    def __contains__(self, item: object) -> bool:
        return bool(np.any(ops.equal(self, item)._data))

    def __bool__(self) -> bool:
        return bool(self._one("bool"))

    def __float__(self) -> float:
        return float(self._one("float"))

    def __int__(self) -> int:
        return int(self._one("int"))

    def __index__(self) -> int:
        if self._data.dtype.kind not in "iu":
            message = f"index: got a Tensor of dtype {self._data.dtype}; expected integers (astype)"
            raise TypeError(message)
        return int(self._one("index"))

    def __format__(self, spec: str) -> str:
        return format(self._one("format").item(), spec) if spec else str(self)

    def _one(self, name: str) -> Any:
        """The only element; an error in the name of `name` when there are more or none."""
        if self._data.size != 1:
            message = (
                f"{name}: got a Tensor of shape {self._data.shape}; expected one element"
                " (index it, or reduce it with sum(), all(), any(), ...)"
            )
            raise ValueError(message)
        return self._data.reshape(())[()]


def _left_to(other: object) -> Tensor:
    """Leave an operator that has failed to the other operand, if that is a Spectrum."""
    if getattr(type(other), "_leads", False):
        return NotImplemented  # type: ignore[no-any-return]  # what Python asks of an operator
    raise  # noqa: PLE0704  # what the caller is handling
