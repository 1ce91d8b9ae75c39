"""What moves elements, and products of matrices, as nodes."""

from __future__ import annotations

import math
from string import ascii_letters
from typing import TYPE_CHECKING, Any

import numpy as np

from autograd_lite import ops
from autograd_lite.onnx.graph import fixed
from autograd_lite.onnx.table import writes
from autograd_lite.ops.einsum import _einsum
from autograd_lite.ops.reduce import axes_of
from autograd_lite.ops.shape import _concatenate, _stack

if TYPE_CHECKING:
    from collections.abc import Sequence

    from autograd_lite.onnx.graph import Graph, Value

FIRST, LAST = -(2**63), 2**63 - 1  # beyond either end of any axis


@writes(ops.reshape, ops.squeeze, ops.expand_dims, growing=True)
def reshape(g: Graph, out: Value, x: Value, **_: Any) -> str:
    """Reshape: what axes of size 1 come or go, the shape of the result tells."""
    return g.reshape(x.name, out.shape)


@writes(ops.broadcast_to, growing=True)
def broadcast_to(g: Graph, out: Value, x: Value, **_: Any) -> str:
    """Expand; of 1 to 0 that of onnxruntime leaves 1, so there an empty slice."""
    if 0 in out.shape and 0 not in x.shape:
        nothing = sliced(g, g.node("Reshape", x.name, g.ints([-1])), {0: (0, 0, 1)})
        return g.reshape(nothing, out.shape)
    return g.node("Expand", x.name, g.sizes(out.shape))


@writes(ops.transpose)
def transpose(g: Graph, _: Value, x: Value, axes: Sequence[int] | None) -> str:
    """Transpose."""
    n = len(x.shape)
    order = range(n)[::-1] if axes is None else [axis % n for axis in axes]
    return permuted(g, x.name, list(order))


@writes(ops.swapaxes)
def swapaxes(g: Graph, _: Value, x: Value, axis1: int, axis2: int) -> str:
    """Transpose."""
    order = list(range(len(x.shape)))
    order[axis1], order[axis2] = order[axis2], order[axis1]
    return permuted(g, x.name, order)


def permuted(g: Graph, name: str, order: list[int]) -> str:
    """An array with its axes in another order."""
    if order == sorted(order):
        return name
    return g.node("Transpose", name, perm=order)


@writes(_concatenate)
def concatenate(g: Graph, out: Value, *arrays: Any, axis: int) -> str:
    """Concat."""
    return g.node("Concat", *(g.cast(x, out.dtype) for x in arrays), axis=axis)


@writes(_stack)
def stack(g: Graph, out: Value, *arrays: Any, axis: int) -> str:
    """Concat along a new axis."""
    at = g.ints([axis % len(out.shape)])
    parts = [g.node("Unsqueeze", g.cast(x, out.dtype), at) for x in arrays]
    return g.node("Concat", *parts, axis=axis)


@writes(ops.pad)
def pad(g: Graph, out: Value, x: Value, pad_width: Any, constant_values: float) -> str:
    """Pad."""
    if not x.shape:
        return x.name
    widths = np.broadcast_to(pad_width, (len(x.shape), 2))
    return g.node("Pad", x.name, g.ints(widths.T.ravel()), g.number(constant_values, out.dtype))


@writes(ops.flip)
def flip(g: Graph, _: Value, x: Value, axis: Any) -> str:
    """Slice with steps of -1."""
    axes = axes_of(axis, len(x.shape))
    return sliced(g, x.name, dict.fromkeys(axes, (LAST, FIRST, -1)))


def sliced(g: Graph, name: str, slices: dict[int, tuple[Any, Any, int]]) -> str:
    """Slices along some axes, as (start, stop, step)."""
    if not slices:
        return name
    starts, stops, steps = zip(*slices.values(), strict=True)
    return g.node(
        "Slice", name, g.sizes(starts), g.sizes(stops), g.ints(list(slices)), g.ints(steps)
    )


@writes(ops.roll)
def roll(g: Graph, _: Value, x: Value, shift: Any, axis: Any) -> str:
    """Two slices, joined the other way round."""
    name, shape = x.name, x.shape
    if axis is None:
        name, moves = g.node("Reshape", name, g.ints([-1])), [(0, int(np.sum(shift)))]
    else:
        both = np.broadcast_arrays(axis, shift)
        moves = [(int(a) % len(shape), int(s)) for a, s in zip(*map(np.ravel, both), strict=True)]
    for along, places in moves:
        size = math.prod(fixed("roll", shape if axis is None else [shape[along]]))
        if not size:
            continue
        cut = -(places % size)
        front = sliced(g, name, {along: (cut, LAST, 1)}) if cut else None
        back = sliced(g, name, {along: (0, cut or LAST, 1)})
        name = g.node("Concat", front, back, axis=along) if front else back
    return g.reshape(name, shape)


@writes(ops.matmul)
def matmul(g: Graph, out: Value, x: Any, y: Any) -> str:
    """MatMul, whose rules are NumPy's."""
    return g.node("MatMul", g.cast(x, out.dtype), g.cast(y, out.dtype))


@writes(_einsum)
def einsum(g: Graph, out: Value, *operands: Any, labels: Any, output: Any) -> str:
    """Einsum, with a letter for each label.

    Of an empty array onnxruntime's divides by zero, which ends the process: zeros instead.
    """
    if any(0 in x.shape for x in operands):
        return g.node("Expand", g.number(0, out.dtype), g.sizes(out.shape))
    letters = dict(zip(sorted({*output}.union(*labels)), ascii_letters, strict=False))
    terms = ["".join(letters[i] for i in term) for term in (*labels, output)]
    equation = f"{','.join(terms[:-1])}->{terms[-1]}"
    return g.node("Einsum", *(g.cast(x, out.dtype) for x in operands), equation=equation)


@writes(ops.diagonal)
def diagonal(g: Graph, out: Value, x: Value, offset: int, axis1: int, axis2: int) -> str:
    """The matrices as vectors, and the places of the diagonal in them."""
    n = len(x.shape)
    pair = axis1 % n, axis2 % n
    rest = [i for i in range(n) if i not in pair]
    rows, columns = fixed("diagonal", [x.shape[i] for i in pair])
    size = rows * columns
    places = np.arange(size).reshape(rows, columns).diagonal(offset)
    flat = g.reshape(permuted(g, x.name, [*rest, *pair]), [*(x.shape[i] for i in rest), size])
    return g.reshape(g.node("Gather", flat, g.ints(places), axis=len(rest)), out.shape)


@writes(ops.tril)
def tril(g: Graph, _: Value, x: Value, k: int) -> str:
    """Trilu."""
    return g.node("Trilu", x.name, g.number(k, np.dtype(np.int64)), upper=0)


@writes(ops.triu)
def triu(g: Graph, _: Value, x: Value, k: int) -> str:
    """Trilu."""
    return g.node("Trilu", x.name, g.number(k, np.dtype(np.int64)), upper=1)
