"""Reductions over axes, and what works along one, as nodes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from autograd_lite import ops
from autograd_lite.onnx.merge import Growing
from autograd_lite.onnx.table import writes
from autograd_lite.ops.linalg import _norm
from autograd_lite.ops.reduce import axes_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from autograd_lite.onnx.graph import Graph, Value


def reduced(g: Graph, kind: str, name: str, axes: Sequence[int], *, keepdims: bool = False) -> str:
    """A reduction over `axes`, which over none is the array itself."""
    if not axes:
        return name
    return g.node(kind, name, g.ints(axes), keepdims=int(keepdims))


def _reduction(kind: str) -> Callable[..., str]:
    def write(g: Graph, out: Value, x: Value, axis: Any, keepdims: bool) -> str:
        axes = axes_of(axis, len(x.shape))
        return reduced(g, kind, g.cast(x, out.dtype), axes, keepdims=keepdims)

    return write


for _op, _kind in {
    ops.sum: "ReduceSum",
    ops.mean: "ReduceMean",
    ops.max: "ReduceMax",
    ops.min: "ReduceMin",
}.items():
    writes(_op)(_reduction(_kind))


@writes(ops.var)
def var(g: Graph, out: Value, x: Value, axis: Any, ddof: float, keepdims: bool) -> str:
    """The sum of squares around the mean, by the count."""
    axes = axes_of(axis, len(x.shape))
    given = g.cast(x, out.dtype)
    centred = g.node("Sub", given, reduced(g, "ReduceMean", given, axes, keepdims=True))
    squares = g.node("Mul", centred, centred)
    if not ddof:
        return reduced(g, "ReduceMean", squares, axes, keepdims=keepdims)
    total = reduced(g, "ReduceSum", squares, axes, keepdims=keepdims)
    sizes = [x.shape[i] for i in axes]
    if any(isinstance(size, Growing) for size in sizes):
        count = g.node("ReduceProd", g.sizes(sizes), keepdims=0)
        divisor = g.node("Sub", g.to(count, out.dtype), g.number(ddof, out.dtype))
    else:
        divisor = g.number(np.prod(sizes) - ddof, out.dtype)
    return g.node("Div", total, divisor)


@writes(ops.std)
def std(g: Graph, out: Value, x: Value, axis: Any, ddof: float, keepdims: bool) -> str:
    """The root of the variance."""
    return g.node("Sqrt", var(g, out, x, axis, ddof, keepdims))


@writes(_norm)
def norm(g: Graph, out: Value, x: Value, axis: Any, keepdims: bool) -> str:
    """The root of the sum of squares."""
    given = g.cast(x, out.dtype)
    axes = axes_of(axis, len(x.shape))
    squares = reduced(g, "ReduceSum", g.node("Mul", given, given), axes, keepdims=keepdims)
    return g.node("Sqrt", squares)


@writes(ops.cumsum)
def cumsum(g: Graph, out: Value, x: Value, axis: int | None) -> str:
    """CumSum, of the flat array if there is no axis."""
    given = g.cast(x, out.dtype)
    if axis is None:
        given = g.reshape(given, out.shape)
    along = 0 if axis is None else axis % len(x.shape)
    return g.node("CumSum", given, g.number(along, np.dtype(np.int64)))


@writes(ops.softmax)
def softmax(g: Graph, out: Value, x: Value, axis: int) -> str:
    """Softmax."""
    return g.node("Softmax", g.cast(x, out.dtype), axis=axis)


@writes(ops.log_softmax)
def log_softmax(g: Graph, out: Value, x: Value, axis: int) -> str:
    """LogSoftmax."""
    return g.node("LogSoftmax", g.cast(x, out.dtype), axis=axis)


@writes(ops.logsumexp)
def logsumexp(g: Graph, out: Value, x: Value, axis: Any, keepdims: bool) -> str:
    """Less the maximum, if that is finite, as here: runtimes differ in what they do."""
    axes = axes_of(axis, len(x.shape))
    given = g.cast(x, out.dtype)
    top = reduced(g, "ReduceMax", given, axes, keepdims=True)
    shift = g.node("Where", g.node("IsInf", top), g.number(0, out.dtype), top)
    shares = g.node("Exp", g.node("Sub", given, shift))
    total = g.node("Log", reduced(g, "ReduceSum", shares, axes, keepdims=True))
    result = g.node("Add", total, shift)
    return result if keepdims else g.reshape(result, out.shape)
