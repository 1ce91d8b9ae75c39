"""Arithmetic, comparisons and functions of numbers, as nodes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from autograd_lite import ops
from autograd_lite.onnx.graph import Graph, Value
from autograd_lite.onnx.merge import Growing
from autograd_lite.onnx.table import writes
from autograd_lite.ops.statistics import _within_one

if TYPE_CHECKING:
    from collections.abc import Callable

BOOL = np.dtype(bool)

_ONE: dict[Any, str] = {
    ops.neg: "Neg",
    ops.abs: "Abs",
    ops.sign: "Sign",
    ops.sqrt: "Sqrt",
    ops.exp: "Exp",
    ops.log: "Log",
    ops.sin: "Sin",
    ops.tanh: "Tanh",
}
_TWO: dict[Any, tuple[str, str]] = {
    ops.add: ("Add", "Or"),
    ops.sub: ("Sub", "Sub"),
    ops.mul: ("Mul", "And"),
    ops.div: ("Div", "Div"),
    ops.pow: ("Pow", "Pow"),
    ops.maximum: ("Max", "Or"),
    ops.minimum: ("Min", "And"),
}
_COMPARED: dict[Any, tuple[str, bool]] = {
    ops.equal: ("Equal", False),
    ops.not_equal: ("Equal", True),
    ops.less: ("Less", False),
    ops.less_equal: ("LessOrEqual", False),
    ops.greater: ("Greater", False),
    ops.greater_equal: ("GreaterOrEqual", False),
}
_BITS: dict[Any, str] = {ops.bitwise_and: "And", ops.bitwise_or: "Or", ops.bitwise_xor: "Xor"}


def common(*operands: Any) -> np.dtype[Any]:
    """The dtype that NumPy computes in: Python's numbers take that of the arrays."""
    kinds = [
        x.dtype if isinstance(x, Value) else 0 if isinstance(x, Growing) else x for x in operands
    ]
    return np.result_type(*kinds)


def _one(kind: str) -> Callable[..., str]:
    return lambda g, out, x: g.node(kind, g.cast(x, out.dtype))


def _two(kind: str, of_booleans: str) -> Callable[..., str]:
    def write(g: Graph, out: Value, x: Any, y: Any) -> str:
        node = of_booleans if out.dtype == BOOL else kind
        return g.node(node, g.cast(x, out.dtype), g.cast(y, out.dtype))

    return write


def _compared(kind: str, *, negated: bool) -> Callable[..., str]:
    def write(g: Graph, _: Value, x: Any, y: Any) -> str:
        dtype = common(x, y)
        dtype = np.dtype(np.int32) if dtype == BOOL else dtype
        result = g.node(kind, g.cast(x, dtype), g.cast(y, dtype))
        return g.node("Not", result) if negated else result

    return write


def _bits(kind: str) -> Callable[..., str]:
    def write(g: Graph, out: Value, *operands: Any) -> str:
        node = kind if out.dtype == BOOL else f"Bitwise{kind}"
        return g.node(node, *(g.cast(x, out.dtype) for x in operands))

    return write


for _op, _kind in _ONE.items():
    writes(_op)(_one(_kind))
for _op, (_kind, _boolean) in _TWO.items():
    writes(_op)(_two(_kind, _boolean))
for _op, (_kind, _negated) in _COMPARED.items():
    writes(_op)(_compared(_kind, negated=_negated))
for _op, _kind in (_BITS | {ops.invert: "Not"}).items():
    writes(_op)(_bits(_kind))


@writes(ops.astype)
def astype(g: Graph, out: Value, x: Any, dtype: Any) -> str:  # noqa: ARG001  # that of the result
    """Cast, also to the dtype that x has, which is then a copy."""
    return g.to(x.name, out.dtype)


@writes(ops.remainder)
def remainder(g: Graph, out: Value, x: Any, y: Any) -> str:
    """ONNX has C's remainder of floats, with the sign of x: where signs differ, y is added."""
    x, y = g.cast(x, out.dtype), g.cast(y, out.dtype)
    if out.dtype.kind != "f":
        return g.node("Mod", x, y)
    zero = g.number(0, out.dtype)
    rest = g.node("Mod", x, y, fmod=1)
    opposite = g.node("Xor", g.node("Less", rest, zero), g.node("Less", y, zero))
    wrong = g.node("And", opposite, g.node("Not", g.node("Equal", rest, zero)))
    return g.node("Where", wrong, g.node("Add", rest, y), rest)


@writes(ops.floor_divide)
def floor_divide(g: Graph, out: Value, x: Any, y: Any) -> str:
    """As NumPy does it: x less the remainder is a multiple of y, up to rounding."""
    rest = remainder(g, out, x, y)
    x, y = g.cast(x, out.dtype), g.cast(y, out.dtype)
    quotient = g.node("Div", g.node("Sub", x, rest), y)
    return g.node("Round", quotient) if out.dtype.kind == "f" else quotient


@writes(ops.where)
def where(g: Graph, out: Value, condition: Any, x: Any, y: Any) -> str:
    """Where; of booleans by logic, for runtimes have no Where of them."""
    condition, x, y = g.cast(condition, BOOL), g.cast(x, out.dtype), g.cast(y, out.dtype)
    if out.dtype != BOOL:
        return g.node("Where", condition, x, y)
    return g.node("Or", g.node("And", condition, x), g.node("And", g.node("Not", condition), y))


@writes(ops.clip)
def clip(g: Graph, out: Value, x: Any, low: Any, high: Any) -> str:
    """Max and Min, for ONNX's Clip knows no bounds that broadcast."""
    result = g.cast(x, out.dtype)
    if low is not None:
        result = g.node("Max", result, g.cast(low, out.dtype))
    return result if high is None else g.node("Min", result, g.cast(high, out.dtype))


@writes(_within_one)
def within_one(g: Graph, out: Value, x: Any) -> str:
    """Clip."""
    return g.node("Clip", g.cast(x, out.dtype), g.number(-1, out.dtype), g.number(1, out.dtype))


@writes(ops.expm1)
def expm1(g: Graph, out: Value, x: Any) -> str:
    """e^x - 1: near 0 less accurate than here."""
    return g.node("Sub", g.node("Exp", g.cast(x, out.dtype)), g.number(1, out.dtype))


@writes(ops.log1p)
def log1p(g: Graph, out: Value, x: Any) -> str:
    """log(1 + x): near 0 less accurate than here."""
    return g.node("Log", g.node("Add", g.cast(x, out.dtype), g.number(1, out.dtype)))


@writes(ops.cos)
def cos(g: Graph, out: Value, x: Any) -> str:
    """Cos; of float64, of which onnxruntime 1.20 has none, the sine a quarter turn ahead."""
    given = g.cast(x, out.dtype)
    if out.dtype != np.float64:
        return g.node("Cos", given)
    return g.node("Sin", g.node("Add", given, g.number(np.pi / 2, out.dtype)))


@writes(ops.tan)
def tan(g: Graph, out: Value, x: Any) -> str:
    """By sine and cosine, for onnxruntime has no Tan of float64."""
    return g.node("Div", g.node("Sin", g.cast(x, out.dtype)), cos(g, out, x))


@writes(ops.relu)
def relu(g: Graph, out: Value, x: Any) -> str:
    """Relu; of integers the maximum with 0."""
    given = g.cast(x, out.dtype)
    if out.dtype.kind == "f":
        return g.node("Relu", given)
    return g.node("Max", given, g.number(0, out.dtype))


@writes(ops.leaky_relu)
def leaky_relu(g: Graph, out: Value, x: Any, alpha: float) -> str:
    """LeakyRelu, whose slope is a float32; of float64, of which onnxruntime has none, by Where."""
    given = g.cast(x, out.dtype)
    if out.dtype != np.float64:
        return g.node("LeakyRelu", given, alpha=float(alpha))
    above = g.node("Greater", given, g.number(0, out.dtype))
    return g.node("Where", above, given, g.node("Mul", given, g.number(alpha, out.dtype)))


@writes(ops.sigmoid)
def sigmoid(g: Graph, out: Value, x: Any) -> str:
    """Sigmoid; of float64 composed, for onnxruntime 1.20 fuses x Sigmoid(x) to what it has not."""
    given = g.cast(x, out.dtype)
    if out.dtype != np.float64:
        return g.node("Sigmoid", given)
    one = g.number(1, out.dtype)
    return g.node("Div", one, g.node("Add", one, g.node("Exp", g.node("Neg", given))))


@writes(ops.softplus)
def softplus(g: Graph, out: Value, x: Any) -> str:
    """max(x, 0) + log(1 + e^-|x|), for onnxruntime has no Softplus of float64."""
    given, zero, one = g.cast(x, out.dtype), g.number(0, out.dtype), g.number(1, out.dtype)
    shrunk = g.node("Exp", g.node("Neg", g.node("Abs", given)))
    return g.node("Add", g.node("Max", given, zero), g.node("Log", g.node("Add", one, shrunk)))
