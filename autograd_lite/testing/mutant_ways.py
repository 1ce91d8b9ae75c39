"""What a broken closure does to a gradient: on arrays and on tensors, so at every order.

The code of a mutant finds this module under the name `NAME` among the globals of its function.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from autograd_lite import ops
from autograd_lite.ops.along import _places
from autograd_lite.rows import Rows
from autograd_lite.tensor import Tensor

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from autograd_lite.node import Array

NAME = "_broken_by_mutation"


def _whole(p: Array) -> Array:
    """A gradient as an array, also where it is kept as a few rows of one."""
    return np.asarray(p) if type(p) is Rows else p


def times(p: Array, factor: float) -> Array:
    """A gradient times a number."""
    return _whole(p) * factor


def one_entry(p: Array) -> Array:
    """A gradient whose last entry is half as much again."""
    p = _whole(p)
    factors = np.ones(p.shape, p.dtype)
    factors.reshape(-1)[-1:] = 1.5
    return p * factors


def flipped(p: Array) -> Array:
    """A gradient backwards along its last axis."""
    p = _whole(p)
    return ops.flip(p, -1) if p.ndim else p


def rolled(p: Array) -> Array:
    """A gradient moved by one along its first axis."""
    p = _whole(p)
    return ops.concatenate([p[1:], p[:1]], 0) if p.ndim else p


def single(p: Array) -> Array:
    """A gradient that was in single precision for a moment."""
    p = _whole(p)
    return ops.astype(ops.astype(p, np.float32), p.dtype)


def first_row(p: Array, x: Array) -> Array:
    """The gradient of one of the places that `x` was broadcast to, instead of the sum of all."""
    p, shape = _whole(p), np.shape(x)
    for _ in range(p.ndim - len(shape)):
        p = p[0] if len(p) else ops.sum(p, 0)
    for axis, n in enumerate(shape):
        if n == 1 < p.shape[axis]:
            p = ops.getitem(p, (*(slice(None),) * axis, slice(0, 1)))
    return p


def writes(p: Array, into: Array) -> Array:
    """A gradient; but what it was computed from is changed in place."""
    array = into._data if isinstance(into, Tensor) else into
    if isinstance(array, np.ndarray) and array.dtype.kind == "b":
        np.logical_not(array, out=array)
    elif isinstance(array, np.ndarray) and array.dtype.kind == "f":
        with np.errstate(all="ignore"):
            array *= 1.5
    return p


def assigned(x: Array, index: Any, shape: tuple[int, ...]) -> Array:
    """`scatter` that lets the last of repeated indices win, where all should be added."""
    places = np.arange(math.prod(shape)).reshape(shape)[index]
    return ops.scatter(_last_ones(x, places, math.prod(shape)), index, shape)


def assigned_along(x: Array, indices: Any, axis: int, shape: tuple[int, ...]) -> Array:
    """`scatter_along`, the same."""
    places = _places(indices, axis, shape)
    x = _last_ones(ops.broadcast_to(x, places.shape), places, math.prod(shape))
    return ops.scatter_along(x, indices, axis, shape)


def _last_ones(x: Array, places: NDArray[Any], size: int) -> Array:
    """x with 0 for all but the last of those that go to one place."""
    number, last = np.arange(places.size), np.empty(size, np.intp)
    last[places.reshape(-1)] = number
    wins = last[places.reshape(-1)] == number
    return x * wins.reshape(places.shape).astype(x.dtype)


def other_axis(axis: Any) -> Any:
    """Another axis than that, or other axes, or the same in another order."""
    if axis is None:
        return 0
    if isinstance(axis, (int, np.integer)):
        return axis + 1 if axis < 0 else axis - 1
    return tuple(axis)[1:] + tuple(axis)[:1] if len(axis) > 1 else tuple(map(other_axis, axis))


def function(name: str) -> Any:
    """The op of a name, in the place of its like."""
    return getattr(ops, name)
