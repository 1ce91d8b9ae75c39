"""The ops that layers are made of, as nodes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from autograd_lite.nn import functional
from autograd_lite.onnx.reduce import reduced
from autograd_lite.onnx.table import writer, writes
from autograd_lite.ops.reduce import axes_of

if TYPE_CHECKING:
    from autograd_lite.onnx.graph import Graph, Value


@writes(functional.linear)
def linear(g: Graph, out: Value, x: Any, w: Any, b: Any, activation: Any, **settings: Any) -> str:
    """MatMul, Add, and the activation."""
    result = g.node("MatMul", g.cast(x, out.dtype), g.cast(w, out.dtype))
    if b is not None:
        result = g.node("Add", result, g.cast(b, out.dtype))
    if activation is None:
        return result
    forward = activation.__wrapped__
    name: str = writer(forward)(
        g, out, out._replace(name=result), **with_defaults(forward, settings)
    )
    return name


def with_defaults(forward: Any, settings: dict[str, Any]) -> dict[str, Any]:
    """The settings of an op, with those that were not given."""
    count = forward.__code__.co_argcount
    names = forward.__code__.co_varnames[:count][count - len(forward.__defaults__ or ()) :]
    return dict(zip(names, forward.__defaults__ or (), strict=True)) | settings


@writes(functional.dropout)
def dropout(g: Graph, out: Value, x: Any, keep: Any, p: float) -> str:
    """The product with a mask that was given."""
    kept = g.node("Mul", g.cast(x, out.dtype), g.cast(keep, out.dtype))
    return g.node("Mul", kept, g.number(1 / (1 - p), out.dtype))


@writes(functional.standardize)
def standardize(g: Graph, out: Value, x: Value, axis: Any, eps: float) -> str:
    """Mean and variance in two passes.

    LayerNormalization may compute the variance as E[x^2] - E[x]^2, which float32 cannot.
    """
    axes = axes_of(axis, len(x.shape))
    given = g.cast(x, out.dtype)
    centred = g.node("Sub", given, reduced(g, "ReduceMean", given, axes, keepdims=True))
    squares = g.node("Mul", centred, centred)
    variance = reduced(g, "ReduceMean", squares, axes, keepdims=True)
    deviation = g.node("Sqrt", g.node("Add", variance, g.number(eps, out.dtype)))
    return g.node("Div", centred, deviation)


@writes(functional.embedding)
def embedding(g: Graph, _: Value, weight: Value, index: Value, padding_idx: int | None) -> str:  # noqa: ARG001  # of the gradient
    """Gather."""
    return g.node("Gather", weight.name, index.name, axis=0)


@writes(functional.elu)
def elu(g: Graph, out: Value, x: Any, alpha: float) -> str:
    """Elu, whose alpha is a float32; of float64, of which onnxruntime has none, by Where."""
    given = g.cast(x, out.dtype)
    if out.dtype != np.float64:
        return g.node("Elu", given, alpha=float(alpha))
    zero = g.number(0, out.dtype)
    below = g.node("Sub", g.node("Exp", g.node("Min", given, zero)), g.number(1, out.dtype))
    scaled = g.node("Mul", below, g.number(alpha, out.dtype))
    return g.node("Where", g.node("Greater", given, zero), given, scaled)
