"""Sorting along an axis, and the largest elements of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from autograd_lite.errors import composite, flag, is_whole
from autograd_lite.graph import op_expecting
from autograd_lite.ops.along import take_along_axis
from autograd_lite.ops.shape import reshape

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from autograd_lite.node import Array
    from autograd_lite.tensor import Tensor

_AXIS = "an axis from -ndim to ndim - 1, or None for all elements"


class TopK(NamedTuple):
    """The largest or smallest elements along an axis, and where they stand.

    Attributes:
        values: the elements, the most extreme first.
        indices: their positions along the axis.
    """

    values: Any
    indices: Any


@composite(_AXIS)
def sort(x: Any, axis: int | None = -1) -> Tensor:
    """The elements along an axis in ascending order, nan last.

    The order is stable, and a gradient goes to the element that stands there: of equal elements
    the first of x is the first of the result.

    Args:
        x: an array.
        axis: the axis to sort along; None sorts all elements.

    Example:
        >>> import autograd_lite as ag
        >>> ag.sort(ag.tensor([3.0, 1.0, 2.0]))
        Tensor([1., 2., 3.])
    """
    return _sort(reshape(x, -1), 0) if axis is None else _sort(x, axis)


@op_expecting(_AXIS)
def _sort(x: Array, /, axis: int) -> tuple[Any, ...]:
    """`sort` as an op along one axis."""
    order = np.argsort(x, axis, kind="stable")
    out = np.take_along_axis(np.asarray(x), order, axis)
    return out, lambda g: take_along_axis(g, _inverse(order, axis), axis)


def _inverse(order: NDArray[np.intp], axis: int) -> NDArray[np.intp]:
    """Where each element went that `order` moved along an axis."""
    inverse = np.empty_like(order)
    count = np.arange(order.shape[axis]).reshape(-1, *(1,) * (order.ndim - 1 - axis % order.ndim))
    np.put_along_axis(inverse, order, count, axis)
    return inverse


@composite(_AXIS)
def argsort(x: Any, axis: int | None = -1) -> Tensor:
    """The positions by which an axis is in ascending order, nan last: integers without gradient.

    The order is stable: equal elements stay in theirs. `take_along_axis` puts arrays into it.

    Args:
        x: an array.
        axis: the axis to sort along; None sorts all elements.

    Example:
        >>> import autograd_lite as ag
        >>> ag.argsort(ag.tensor([3.0, 1.0, 2.0]))
        Tensor([1, 2, 0])
    """
    return _argsort(reshape(x, -1), 0) if axis is None else _argsort(x, axis)


@op_expecting(_AXIS)
def _argsort(x: Array, /, axis: int) -> tuple[Any, ...]:
    """`argsort` as an op along one axis."""
    return (np.argsort(x, axis, kind="stable"),)


@composite("k from 0 to the size of the axis, and an axis from -ndim to ndim - 1")
def topk(x: Any, k: int, axis: int = -1, largest: bool = True) -> TopK:
    """The k largest (or smallest) elements along an axis, the most extreme first.

    Of equal elements the one that stands first in x is taken first, and it has the gradient; nan
    counts as larger than all numbers.

    Args:
        x: an array.
        k: how many.
        axis: the axis to look along.
        largest: False for the smallest elements.

    Returns:
        `values`, and `indices`, their positions along the axis.

    Raises:
        ValueError: when k is negative, or larger than the axis.

    Example:
        >>> import autograd_lite as ag
        >>> values, indices = ag.topk(ag.tensor([3.0, 1.0, 2.0]), 2)
        >>> values
        Tensor([3., 2.])
        >>> indices
        Tensor([0, 2])
    """
    flag("topk", "largest", largest)
    indices = _topk(x, k, axis, largest)
    return TopK(take_along_axis(x, indices, axis), indices)


@op_expecting("k from 0 to the size of the axis, and an axis from -ndim to ndim - 1")
def _topk(x: Array, /, k: int, axis: int, largest: bool) -> tuple[Any, ...]:
    """The positions of the k largest or smallest elements along an axis."""
    array = np.asarray(x)
    size = array.shape[axis]
    if not is_whole(k, 0) or k > size:
        message = f"k={k} of an axis of {size}"
        raise ValueError(message)
    if largest:  # backwards twice, so that equal elements stay in their order
        order = np.argsort(np.flip(array, axis), axis, kind="stable")
        order = size - 1 - np.flip(order, axis)
    else:
        order = np.argsort(array, axis, kind="stable")
    lead = (slice(None),) * (axis % array.ndim)
    return (order[(*lead, slice(k))].copy(),)
