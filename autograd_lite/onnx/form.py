"""Copies, diagonals and items assigned, as nodes."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from autograd_lite import ops
from autograd_lite.onnx.graph import Graph, Value, fixed
from autograd_lite.onnx.shape import permuted
from autograd_lite.onnx.table import writes
from autograd_lite.ops.assign import _setitem


@writes(ops.copy)
def copy(g: Graph, _: Value, x: Value) -> str:
    """Identity."""
    return g.node("Identity", x.name)


@writes(ops.full_like)
def full_like(g: Graph, out: Value, x: Value, fill_value: Any, **_: Any) -> str:  # noqa: ARG001  # only its shape counts
    """Expand."""
    return g.node("Expand", g.cast(fill_value, out.dtype), g.sizes(out.shape))


@writes(ops.on_diagonal)
def on_diagonal(
    g: Graph, out: Value, x: Value, shape: Any, offset: int, axis1: int, axis2: int
) -> str:
    """Gather, from the diagonal and a zero behind it."""
    sizes = fixed("on_diagonal", shape)
    ndim, (n,) = len(sizes), fixed("on_diagonal", x.shape[-1:])
    pair = axis1 % ndim, axis2 % ndim
    places = np.full([sizes[axis] for axis in pair], n)
    i = np.arange(n)
    places[i - min(offset, 0), i + max(offset, 0)] = i
    behind = g.ints([0] * (2 * len(x.shape) - 1) + [1])
    padded = g.node("Pad", x.name, behind, g.number(0, out.dtype))
    name = g.node("Gather", padded, g.array(places), axis=len(x.shape) - 1)
    rest = [axis for axis in range(ndim) if axis not in pair]
    return permuted(g, name, [[*rest, *pair].index(axis) for axis in range(ndim)])


@writes(_setitem)
def setitem(g: Graph, out: Value, x: Value, y: Any, index: Any) -> str:
    """ScatterElements in the flat array, each place once."""
    shape = fixed("setitem", x.shape)
    parts = tuple(_constant(g, part) for part in (index if type(index) is tuple else (index,)))
    places = np.arange(math.prod(shape)).reshape(shape)[parts]
    last = np.full(math.prod(shape), -1)
    last[places.reshape(-1)] = np.arange(places.size)
    (taken,) = np.nonzero(last >= 0)
    if not taken.size:
        return g.node("Identity", x.name)
    value = g.cast(y, out.dtype)
    if isinstance(y, Value) and len(y.shape) > places.ndim:
        value = g.reshape(value, y.shape[len(y.shape) - places.ndim :])
    values = g.reshape(g.node("Expand", value, g.sizes(places.shape)), [places.size])
    if not np.array_equal(last[taken], np.arange(places.size)):
        values = g.node("Gather", values, g.ints(last[taken]))
    flat = g.reshape(x.name, [math.prod(shape)])
    return g.reshape(g.node("ScatterElements", flat, g.ints(taken), values), shape)


def _constant(g: Graph, part: Any) -> Any:
    """A part of an index, which must be the same in all runs."""
    if not isinstance(part, Value):
        return part
    if part.name not in g.constants:
        message = (
            "to_onnx: `setitem`: got an index that is computed from the input; expected a constant"
            " one: write it with where()"
        )
        raise ValueError(message)
    return g.constants[part.name]
