"""How ops that gradients are passed through act on many at once: where the axis in front goes.

A rule takes what its op takes, Batch among it, and returns the array of the results, or None where
the rows are to be taken one by one. What it knows of an op is which axes the op counts; none of
them has a derivative in it.
"""

from __future__ import annotations

import math
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.lib.array_utils import normalize_axis_tuple

from autograd_lite import ops
from autograd_lite.ops.along import _take_along_axis, positions
from autograd_lite.ops.einsum import _einsum
from autograd_lite.ops.reduce import axes_of
from autograd_lite.ops.shape import _concatenate, _repeated, _stack

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

# By the function of the op.
RULES: dict[Any, Any] = {}


def _for(*those: Any) -> Callable[[Any], Any]:
    """Make a function the rule of some ops."""

    def decorate(rule: Any) -> Any:
        for each in those:
            RULES[each.__wrapped__] = rule
        return rule

    return decorate


def _batched(x: Any) -> bool:
    """Whether an operand is Batch."""
    return getattr(x, "_runs", None) is not None


def _aligned(operands: Sequence[Any]) -> list[Any]:
    """The arrays of operands that broadcast: with the axis in front of as many axes in all."""
    most = max(np.ndim(x) for x in operands)
    arrays = []
    for x in operands:
        if _batched(x):
            lacking = (1,) * (most - x.ndim)
            arrays.append(x._data.reshape(len(x._data), *lacking, *x.shape) if lacking else x._data)
        else:
            arrays.append(getattr(x, "_data", x))
    return arrays


def on_stacks(forward: Any, *operands: Any, **static: Any) -> Any:
    """An op whose operands broadcast in all axes, or in those in front: as many more of these."""
    return forward(*_aligned(operands), **static)[0]


for _op in (
    ops.add, ops.sub, ops.mul, ops.div, ops.neg, ops.where, ops.div_or_zero, ops.times_slope,
    ops.abs, ops.sign, ops.maximum, ops.minimum, ops.exceeds, ops.over, ops.times, ops.zero_of,
):  # fmt: skip
    RULES[_op.__wrapped__] = partial(on_stacks, _op.__wrapped__)


@_for(ops.astype)
def _astype(x: Any, dtype: Any) -> Any:
    return x._data.astype(dtype)


@_for(ops.reshape)
def _reshape(x: Any, shape: Any) -> Any:
    sizes = (shape,) if isinstance(shape, int) else tuple(shape)
    return x._data.reshape(len(x._data), *sizes)


@_for(ops.broadcast_to)
def _broadcast_to(x: Any, shape: Any) -> Any:
    sizes = (shape,) if isinstance(shape, int) else tuple(shape)
    lacking = (1,) * (len(sizes) - x.ndim)
    array = x._data.reshape(len(x._data), *lacking, *x.shape)
    return np.broadcast_to(array, (len(array), *sizes))


@_for(ops.sum_to)
def _sum_to(x: Any, shape: tuple[int, ...]) -> Any:
    axes = tuple(i + 1 for i in _repeated(x.shape, shape))
    return np.add.reduce(x._data, axis=axes, dtype=x.dtype).reshape(len(x._data), *shape)


@_for(ops.sum)
def _sum(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    return np.sum(x._data, axis=_after(x, axis), keepdims=keepdims)


@_for(ops.mean)
def _mean(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    return np.mean(x._data, axis=_after(x, axis), keepdims=keepdims)


def _after(x: Any, axis: Any) -> tuple[int, ...]:
    """The axes of a reduction, counted with the one in front."""
    return tuple(i + 1 for i in axes_of(axis, x.ndim))


@_for(ops.transpose)
def _transpose(x: Any, axes: Any = None) -> Any:
    order = range(x.ndim)[::-1] if axes is None else [i % x.ndim for i in axes]
    return x._data.transpose(0, *(i + 1 for i in order))


@_for(ops.swapaxes)
def _swapaxes(x: Any, axis1: int, axis2: int) -> Any:
    return x._data.swapaxes(axis1 % x.ndim + 1, axis2 % x.ndim + 1)


@_for(ops.expand_dims)
def _expand_dims(x: Any, axis: Any) -> Any:
    places = (axis,) if isinstance(axis, int) else tuple(axis)
    new = normalize_axis_tuple(places, x.ndim + len(places))
    return np.expand_dims(x._data, tuple(i + 1 for i in new))


@_for(ops.squeeze)
def _squeeze(x: Any, axis: Any = None) -> Any:
    ones = [i for i, n in enumerate(x.shape) if n == 1]
    gone = ones if axis is None else axes_of(axis, x.ndim)
    return np.squeeze(x._data, tuple(i + 1 for i in gone))


@_for(ops.flip)
def _flip(x: Any, axis: Any = None) -> Any:
    return np.flip(
        x._data, _after(x, axis if axis is None or isinstance(axis, int) else tuple(axis))
    )


@_for(ops.roll)
def _roll(x: Any, shift: Any, axis: Any = None) -> Any:
    if axis is None:
        flat = x._data.reshape(len(x._data), -1)
        return np.roll(flat, shift, 1).reshape(x._data.shape)
    places = (axis,) if isinstance(axis, int) else tuple(axis)
    return np.roll(x._data, shift, tuple(i % x.ndim + 1 for i in places))


@_for(ops.cumsum)
def _cumsum(x: Any, axis: int | None = None) -> Any:
    if axis is None:
        return np.cumsum(x._data.reshape(len(x._data), -1), 1)
    return np.cumsum(x._data, axis % x.ndim + 1)


@_for(ops.pad)
def _pad(x: Any, pad_width: Any, constant_values: float = 0) -> Any:
    widths = np.broadcast_to(pad_width, (x.ndim, 2)).tolist()
    return np.pad(x._data, [(0, 0), *widths], constant_values=constant_values)


@_for(ops.diagonal)
def _diagonal(x: Any, offset: int = 0, axis1: int = 0, axis2: int = 1) -> Any:
    return np.diagonal(x._data, offset, axis1 % x.ndim + 1, axis2 % x.ndim + 1)


@_for(ops.on_diagonal)
def _on_diagonal(x: Any, shape: tuple[int, ...], offset: int, axis1: int, axis2: int) -> Any:
    places = axis1 % len(shape) + 1, axis2 % len(shape) + 1
    return ops.on_diagonal(x._data, (len(x._data), *shape), offset, *places)


def _triangles(forward: Any, x: Any, k: int = 0) -> Any:
    return forward(x._data, k)[0] if x.ndim > 1 else None


for _op in (ops.tril, ops.triu):
    RULES[_op.__wrapped__] = partial(_triangles, _op.__wrapped__)


@_for(_concatenate)
def _concatenated(*arrays: Any, axis: int) -> Any:
    place = axis % np.ndim(arrays[0]) + 1
    return np.concatenate(_repeated_where_plain(arrays), axis=place)


@_for(_stack)
def _stacked(*arrays: Any, axis: int) -> Any:
    place = axis % (np.ndim(arrays[0]) + 1) + 1
    return np.stack(_repeated_where_plain(arrays), axis=place)


def _repeated_where_plain(arrays: Sequence[Any]) -> list[Any]:
    """The arrays of operands, each with the axis in front."""
    count = next(len(x._data) for x in arrays if _batched(x))
    return [x._data if _batched(x) else np.broadcast_to(x, (count, *np.shape(x))) for x in arrays]


@_for(ops.matmul)
def _matmul(x: Any, y: Any) -> Any:
    left, right = np.ndim(x), np.ndim(y)
    if left < 2 or right < 2:  # a vector, which is a matrix of one row or column meanwhile
        x = ops.expand_dims(x, 0) if left == 1 else x
        y = ops.expand_dims(y, 1) if right == 1 else y
        out = _matmul(x, y)
        out = out[..., 0] if right == 1 else out
        return out if left > 1 else out[..., 0] if right == 1 else out[..., 0, :]
    if _batched(x) and not _batched(y) and right == 2:  # one product of two matrices
        rows = x._data.reshape(len(x._data) * math.prod(x.shape[:-1]), x.shape[-1]) @ y
        return rows.reshape(*x._data.shape[:-1], y.shape[1])
    first, second = _aligned([x, y])
    return first @ second


@_for(_einsum)
def _summed(*operands: Any, labels: Any, output: Any) -> Any:
    new = 1 + max((i for term in (output, *labels) for i in term), default=0)
    arrays = [getattr(x, "_data", x) for x in operands]
    terms = [(new, *t) if _batched(x) else t for x, t in zip(operands, labels, strict=True)]
    return _einsum.__wrapped__(*arrays, labels=tuple(terms), output=(new, *output))[0]


@_for(ops.getitem)
def _getitem(x: Any, index: Any) -> Any:
    flat = _flat(index, x.shape)
    if flat is not None:
        places, count = flat
        return x._data.reshape(len(x._data), -1, *x.shape[count:]).take(places, axis=1)
    lead = _lead(index)
    return None if lead is None else x._data[lead]


@_for(ops.scatter)
def _scatter(x: Any, index: Any, shape: tuple[int, ...]) -> Any:
    count = len(x._data)
    flat = _flat(index, shape)
    if flat is not None:
        places, axes = flat
        size = math.prod(shape[:axes])
        apart = (np.arange(count)[:, None] * size + places.reshape(-1)).reshape(-1)
        parts = x._data.reshape(len(apart), *shape[axes:])
        return ops.scatter(parts, apart, (count * size, *shape[axes:])).reshape(count, *shape)
    lead = _lead(index)
    if lead is None:
        return None
    whole = np.zeros((count, *shape), x.dtype)
    if any(isinstance(i, np.ndarray) and i.dtype.kind in "iu" for i in lead):
        np.add.at(whole, lead, x._data)
    else:
        whole[lead] = x._data
    return whole


@_for(_take_along_axis)
def _taken(x: Any, indices: Any, axis: int) -> Any:
    at, place = positions(indices)[None], axis % x.ndim + 1
    return _take_along_axis.__wrapped__(x._data, at, place)[0]


@_for(ops.scatter_along)
def _scattered(x: Any, indices: Any, axis: int, shape: tuple[int, ...]) -> Any:
    at, place = positions(indices)[None], axis % len(shape) + 1
    return ops.scatter_along(x._data, at, place, (len(x._data), *shape))


def _flat(index: Any, shape: tuple[int, ...]) -> tuple[NDArray[Any], int] | None:
    """Arrays of integers for the first axes as one array for these as one axis, and their number.

    None where the index is another, or there is nothing to pick from.
    """
    parts = index if isinstance(index, tuple) else (index,)
    whole = all(
        type(i) is int or (isinstance(i, np.ndarray) and i.dtype.kind in "iu") for i in parts
    )
    sizes = shape[: len(parts)]
    if not whole or all(type(i) is int for i in parts) or 0 in shape:
        return None
    places = np.broadcast_arrays(*(np.asarray(i) % n for i, n in zip(parts, sizes, strict=True)))
    return np.asarray(np.ravel_multi_index(tuple(places), sizes)), len(parts)


def _lead(index: Any) -> tuple[Any, ...] | None:
    """An index behind the axis in front; None where that would end up elsewhere."""
    parts = index if isinstance(index, tuple) else (index,)
    for i in parts:
        known = i is None or i is ... or type(i) in {int, slice}
        if not known and not (isinstance(i, np.ndarray) and i.ndim):
            return None
    arrays = any(isinstance(i, np.ndarray) for i in parts)
    picking = [n for n, i in enumerate(parts) if isinstance(i, (int, np.ndarray))]
    if arrays and picking[-1] - picking[0] >= len(picking):  # apart: NumPy puts their axes in front
        return None
    return (slice(None), *parts)
