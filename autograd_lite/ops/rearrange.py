"""Elements put in, left out and laid out in blocks: one index picks them from a vector of all."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from autograd_lite.errors import composite
from autograd_lite.graph import array_of
from autograd_lite.ops.arithmetic import astype
from autograd_lite.ops.form import along
from autograd_lite.ops.index import getitem, plain_index
from autograd_lite.ops.shape import concatenate, reshape

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from autograd_lite.tensor import Tensor


@composite("arrays of the same shape but for the axis")
def append(x: Any, values: Any, axis: int | None = None) -> Tensor:
    """x with `values` behind it along an axis; both are flattened when the axis is None.

    Example:
        >>> import autograd_lite as ag
        >>> ag.append(ag.tensor([1.0, 2.0]), 3.0)
        Tensor([1., 2., 3.])
    """
    if axis is None:
        return concatenate([reshape(x, -1), reshape(values, -1)])
    return concatenate([x, values], axis)


@composite("positions along the axis: a number, a slice, or an array of integers or booleans")
def delete(x: Any, obj: Any, axis: int | None = None) -> Tensor:
    """x without the elements at some positions along an axis; None flattens x first.

    Example:
        >>> import autograd_lite as ag
        >>> ag.delete(ag.tensor([1.0, 2.0, 3.0]), 1)
        Tensor([1., 3.])
    """
    if axis is None:
        x, axis = reshape(x, -1), 0
    kept = np.delete(np.arange(np.shape(x)[axis]), plain_index(obj))
    return getitem(x, along(axis % np.ndim(x), kept))


@composite("positions along the axis, and values that broadcast to what is inserted there")
def insert(x: Any, obj: Any, values: Any, axis: int | None = None) -> Tensor:
    """x with `values` inserted before some positions along an axis; None flattens x first.

    Args:
        x: an array, whose dtype the result has.
        obj: the positions in x: a number, a slice, or an array of integers.
        values: what is inserted.
        axis: the axis.

    Example:
        >>> import autograd_lite as ag
        >>> ag.insert(ag.tensor([1.0, 3.0]), 1, 2.0)
        Tensor([1., 2., 3.])
    """
    values = astype(values, array_of(x).dtype)
    return _rearranged(
        [x, values], lambda both: np.insert(both[0], plain_index(obj), both[1], axis)
    )


@composite("arrays in nested lists, whose shapes fit beside and on top of one another")
def block(arrays: Any) -> Tensor:
    """An array of blocks: innermost lists side by side, what they give along the axis before.

    Args:
        arrays: arrays in lists, all nested to one depth.

    Example:
        >>> import autograd_lite as ag
        >>> x = ag.ones(2, 2)
        >>> ag.block([[x, 0 * x], [0 * x, x]]).shape
        (4, 4)
    """
    parts: list[Any] = []

    def numbered(nested: Any) -> Any:
        if isinstance(nested, list):
            return [numbered(part) for part in nested]
        parts.append(nested)
        return len(parts) - 1

    tree = numbered(arrays)

    def filled(nested: Any, places: Sequence[Any]) -> Any:
        return [filled(n, places) for n in nested] if isinstance(nested, list) else places[nested]

    return _rearranged(parts, lambda places: np.block(filled(tree, places)))


def _rearranged(arrays: Sequence[Any], arrange: Callable[[Sequence[Any]], Any]) -> Tensor:
    """What `arrange` makes of the arrays, in which it may only move elements.

    It is done to the numbers of the elements; one index then picks them.
    """
    shapes = [np.shape(x) for x in arrays]
    ends = np.cumsum([0, *(math.prod(shape) for shape in shapes)])
    places = [
        np.arange(start, start + math.prod(shape)).reshape(shape)
        for start, shape in zip(ends, shapes, strict=False)
    ]
    flat = concatenate([reshape(x, -1) for x in arrays])
    return getitem(flat, np.asarray(arrange(places), np.intp))
