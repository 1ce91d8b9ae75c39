"""Picking and putting by positions along an axis."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from autograd_lite.errors import composite, describe
from autograd_lite.graph import array_of, op_expecting
from autograd_lite.ops.index import getitem
from autograd_lite.ops.shape import broadcast_to, reshape, transpose

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from autograd_lite.node import Array
    from autograd_lite.tensor import Tensor

_ALONG = (
    "integers within the axis, in an array of as many axes as x, whose other sizes broadcast with"
    " those of x"
)


def positions(indices: Any) -> NDArray[np.intp]:
    """`indices` as an array of integers; a list without elements counts as one."""
    array = array_of(indices)
    if array.dtype.kind not in "iu" and array.size:
        message = f"indices of dtype {array.dtype}"
        raise IndexError(message)
    return array.astype(np.intp, copy=False)


def _places(indices: Any, axis: int, shape: tuple[int, ...]) -> NDArray[np.intp]:
    """Where in the memory of an array of `shape` the elements at `indices` along `axis` are."""
    at, size = positions(indices), shape[axis]
    if at.ndim != len(shape):
        message = f"indices of {at.ndim} axes for an array of {len(shape)}"
        raise ValueError(message)
    if at.size and not (-size <= at.min() and at.max() < size):
        message = f"indices from {at.min()} to {at.max()} for an axis of {size}"
        raise IndexError(message)
    axis %= len(shape)
    places = np.where(at < 0, at + size, at) * math.prod(shape[axis + 1 :])
    for i, n in enumerate(shape):
        if i != axis:
            count = np.arange(n) * math.prod(shape[i + 1 :])
            places = places + count.reshape(-1, *(1,) * (len(shape) - 1 - i))
    return places


@composite("integers within the axis, or mode 'wrap' or 'clip' for any")
def take(x: Any, indices: Any, axis: int | None = None, mode: str = "raise") -> Tensor:
    """The elements, or with an axis the slices, at `indices`: x[..., indices, ...].

    Args:
        x: an array.
        indices: integers, of any shape, which takes the place of the axis.
        axis: the axis to pick along; None takes x as flat.
        mode: what an index out of range does: `raise` an error, `wrap` around, or `clip` to the
            ends (where negative ones are 0).

    Raises:
        IndexError: when an index is out of range, or no integer.

    Example:
        >>> import autograd_lite as ag
        >>> ag.take(ag.tensor([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]), [2, 0], axis=1)
        Tensor([[3., 1.],
                [6., 4.]])
    """
    if axis is None:
        x, axis = reshape(x, -1), 0
    at, ndim = positions(indices), np.ndim(x)
    size = np.shape(x)[axis]
    if mode not in {"raise", "wrap", "clip"}:
        message = f"mode={describe(mode)} is none of 'raise', 'wrap', 'clip'"
        raise ValueError(message)
    if mode != "raise":
        at = at % size if mode == "wrap" else np.clip(at, 0, size - 1)
    axis %= ndim
    if axis == 0:
        return getitem(x, at)
    rest = [i for i in range(ndim) if i != axis]
    picked = getitem(transpose(x, (axis, *rest)), at)
    order = list(range(at.ndim, picked.ndim))
    return transpose(picked, (*order[:axis], *range(at.ndim), *order[axis:]))


@composite(_ALONG)
def take_along_axis(x: Any, indices: Any, axis: int | None = -1) -> Tensor:
    """The elements at `indices` along an axis, each row by its own: x[i, indices[i, j]].

    Args:
        x: an array.
        indices: integers, as `argsort` gives them.
        axis: the axis to pick along; None takes x as flat.

    Raises:
        IndexError: when an index is out of range, or no integer.
        ValueError: when the numbers of axes differ, or the other sizes do not broadcast.

    Example:
        >>> import autograd_lite as ag
        >>> ag.take_along_axis(ag.tensor([[1.0, 2.0], [3.0, 4.0]]), [[1], [0]], axis=1)
        Tensor([[2.],
                [3.]])
    """
    return _take_along_axis(*_flattened(x, axis, indices))


def _flattened(x: Any, axis: int | None, *rest: Any) -> tuple[Any, ...]:
    """The operands of a function along an axis, which for None is that of all elements."""
    return (reshape(x, -1), *rest, 0) if axis is None else (x, *rest, axis)


@op_expecting(_ALONG)
def _take_along_axis(x: Array, /, indices: Any, axis: int) -> tuple[Any, ...]:
    """`take_along_axis` as an op."""
    shape = x.shape
    out = np.reshape(x, -1)[_places(indices, axis, shape)]
    return out, lambda g: scatter_along(g, indices, axis, shape)


@op_expecting(_ALONG)
def scatter_along(x: Array, /, indices: Any, axis: int, shape: tuple[int, ...]) -> tuple[Any, ...]:
    """Zeros of `shape` with x added at `indices` along an axis: what `take_along_axis` undoes.

    Example:
        >>> import autograd_lite as ag
        >>> ag.ops.scatter_along(np.ones(3), np.array([0, 0, 2]), 0, (4,))
        array([2., 0., 1., 0.])
    """
    places = _places(indices, axis, shape)
    out = np.zeros(math.prod(shape), x.dtype)
    np.add.at(out, places.reshape(-1), np.broadcast_to(x, places.shape).reshape(-1))
    return out.reshape(shape), lambda g: _take_along_axis(g, indices, axis)


@composite(_ALONG + ", and values that broadcast to the indices")
def scatter_add(x: Any, indices: Any, values: Any, axis: int | None = -1) -> Tensor:
    """x with `values` added at `indices` along an axis: what is put to one place twice adds up.

    It is the sum to what `put_along_axis` is the assignment, and returns a new array, too.

    Args:
        x: an array.
        indices: integers, an array of as many axes as x.
        values: what to add, of the shape of `indices` or one that broadcasts to it.
        axis: the axis that the indices count along; None takes x as flat.

    Raises:
        IndexError: when an index is out of range, or no integer.
        ValueError: when shapes do not fit.

    Example:
        >>> import autograd_lite as ag
        >>> ag.scatter_add(ag.zeros(4), [0, 0, 2], ag.tensor([1.0, 2.0, 3.0]))
        Tensor([3., 0., 3., 0.])
    """
    flat, at, added, along = _flattened(x, axis, indices, values)
    shape = np.shape(flat)
    places = _places(at, along, shape).shape
    out = flat + scatter_along(broadcast_to(added, places), at, along, shape)
    return reshape(out, np.shape(x)) if axis is None else out


@composite(_ALONG + ", and values that broadcast to the indices")
def put_along_axis(x: Any, indices: Any, values: Any, axis: int | None = -1) -> Tensor:
    """x with `values` in the places of `indices` along an axis, as a new array.

    NumPy's writes into x and returns None; this one leaves x as it is. Of values that go to one
    place the last one stays, and it alone has a gradient.

    Args:
        x: an array, whose dtype the result has.
        indices: integers, an array of as many axes as x.
        values: what to put there, of the shape of `indices` or one that broadcasts to it.
        axis: the axis that the indices count along; None takes x as flat.

    Raises:
        IndexError: when an index is out of range, or no integer.
        ValueError: when shapes do not fit.
        TypeError: when x is of integers and the values are not.

    Example:
        >>> import autograd_lite as ag
        >>> ag.put_along_axis(ag.tensor([[1.0, 2.0], [3.0, 4.0]]), [[1], [0]], 9, axis=1)
        Tensor([[1., 9.],
                [9., 4.]])
    """
    flat, at, given, along = _flattened(x, axis, indices, values)
    out = _put_along_axis(flat, given, at, along)
    return reshape(out, np.shape(x)) if axis is None else out


@op_expecting(_ALONG + ", and values that broadcast to the indices")
def _put_along_axis(x: Array, values: Array, /, indices: Any, axis: int) -> tuple[Any, ...]:
    """`put_along_axis` as an op of the two arrays that have gradients."""
    shape = x.shape
    places = _places(indices, axis, shape)
    if not np.can_cast(np.result_type(x.dtype, values), x.dtype, "same_kind"):
        message = f"values of another kind than {x.dtype}"
        raise TypeError(message)
    out = np.array(x, order="C")
    out.reshape(-1)[places] = np.broadcast_to(values, places.shape)
    return (
        out,
        lambda g: _put_along_axis(g, 0.0, indices, axis),
        lambda g: _take_along_axis(g, indices, axis) * _stays(places),
    )


def _stays(places: NDArray[np.intp]) -> NDArray[np.bool_]:
    """Which of the values that are written to `places` are not written over by a later one."""
    number = np.arange(places.size).reshape(places.shape)
    last = np.zeros(places.max(initial=0) + 1, np.intp)
    last[places] = number
    return np.equal(last[places], number)
