"""Roots, logarithms, hyperbolic and error functions and those of steps, as nodes."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from autograd_lite import ops
from autograd_lite.nn import functional
from autograd_lite.onnx.table import writes
from autograd_lite.ops.erf import ERFC

if TYPE_CHECKING:
    from collections.abc import Callable

    from autograd_lite.onnx.graph import Graph, Value

_STEPS: dict[Any, str] = {ops.floor: "Floor", ops.ceil: "Ceil", ops.rint: "Round"}
_SCALED: dict[Any, tuple[float, str | None, float]] = {  # a factor, a function, another factor
    ops.deg2rad: (math.pi / 180, None, 1),
    ops.rad2deg: (180 / math.pi, None, 1),
    ops.exp2: (math.log(2), "Exp", 1),
    ops.log2: (1, "Log", 1 / math.log(2)),
    ops.log10: (1, "Log", 1 / math.log(10)),
}


def _step(kind: str) -> Callable[..., str]:
    def write(g: Graph, out: Value, x: Any) -> str:
        given = g.cast(x, out.dtype)
        return g.node(kind if out.dtype.kind == "f" else "Identity", given)

    return write


def _scaled(before: float, kind: str | None, after: float) -> Callable[..., str]:
    def write(g: Graph, out: Value, x: Any) -> str:
        result = g.cast(x, out.dtype)
        if before != 1:
            result = g.node("Mul", result, g.number(before, out.dtype))
        if kind is not None:
            result = g.node(kind, result)
        return result if after == 1 else g.node("Mul", result, g.number(after, out.dtype))

    return write


for _op, _kind in _STEPS.items():
    writes(_op)(_step(_kind))
for _op, _parts in _SCALED.items():
    writes(_op)(_scaled(*_parts))


@writes(ops.positive)
def positive(g: Graph, out: Value, x: Any) -> str:
    """Identity."""
    return g.node("Identity", g.cast(x, out.dtype))


@writes(ops.square)
def square(g: Graph, out: Value, x: Any) -> str:
    """The product with itself."""
    given = g.cast(x, out.dtype)
    return g.node("Mul", given, given)


@writes(ops.reciprocal)
def reciprocal(g: Graph, out: Value, x: Any) -> str:
    """The quotient of 1, for Reciprocal takes no integers."""
    return g.node("Div", g.number(1, out.dtype), g.cast(x, out.dtype))


@writes(ops.trunc)
def trunc(g: Graph, out: Value, x: Any) -> str:
    """The sign, times the size rounded down."""
    given = g.cast(x, out.dtype)
    if out.dtype.kind != "f":
        return g.node("Identity", given)
    return g.node("Mul", g.node("Sign", given), g.node("Floor", g.node("Abs", given)))


@writes(ops.round)
def round(g: Graph, out: Value, x: Any, decimals: int) -> str:
    """As NumPy does it: scaled, rounded, and scaled back."""
    given = g.cast(x, out.dtype)
    if out.dtype.kind != "f" and decimals >= 0:
        return g.node("Identity", given)
    scale = g.number(10.0 ** abs(decimals), out.dtype)
    there, back = ("Mul", "Div") if decimals >= 0 else ("Div", "Mul")
    return g.node(back, g.node("Round", g.node(there, given, scale)), scale)


@writes(ops.fmod)
def fmod(g: Graph, out: Value, x: Any, y: Any) -> str:
    """Mod as in C."""
    return g.node("Mod", g.cast(x, out.dtype), g.cast(y, out.dtype), fmod=1)


@writes(ops.logaddexp)
def logaddexp(g: Graph, out: Value, x: Any, y: Any) -> str:
    """The larger one, and log(1 + e^-|x - y|)."""
    x, y = g.cast(x, out.dtype), g.cast(y, out.dtype)
    shrunk = g.node("Exp", g.node("Neg", g.node("Abs", g.node("Sub", x, y))))
    rest = g.node("Log", g.node("Add", g.number(1, out.dtype), shrunk))
    return g.node("Add", g.node("Max", x, y), rest)


@writes(ops.sinh)
def sinh(g: Graph, out: Value, x: Any) -> str:
    """Sinh; of float64, of which onnxruntime has none, by exponentials."""
    return _of_exponentials(g, out, x, "Sinh", "Sub")


@writes(ops.cosh)
def cosh(g: Graph, out: Value, x: Any) -> str:
    """Cosh; of float64, of which onnxruntime has none, by exponentials."""
    return _of_exponentials(g, out, x, "Cosh", "Add")


def _of_exponentials(g: Graph, out: Value, x: Any, kind: str, between: str) -> str:
    given = g.cast(x, out.dtype)
    if out.dtype != np.float64:
        return g.node(kind, given)
    both = g.node(between, g.node("Exp", given), g.node("Exp", g.node("Neg", given)))
    return g.node("Mul", both, g.number(0.5, out.dtype))


@writes(ops.arcsinh)
def arcsinh(g: Graph, out: Value, x: Any) -> str:
    """Asinh; of float64 sign(x) log(|x| + sqrt(x^2 + 1))."""
    given = g.cast(x, out.dtype)
    if out.dtype != np.float64:
        return g.node("Asinh", given)
    root = g.node("Sqrt", g.node("Add", g.node("Mul", given, given), g.number(1, out.dtype)))
    size = g.node("Log", g.node("Add", g.node("Abs", given), root))
    return g.node("Mul", g.node("Sign", given), size)


@writes(ops.arccosh)
def arccosh(g: Graph, out: Value, x: Any) -> str:
    """Acosh; of float64 log(x + sqrt(x^2 - 1))."""
    given = g.cast(x, out.dtype)
    if out.dtype != np.float64:
        return g.node("Acosh", given)
    root = g.node("Sqrt", g.node("Sub", g.node("Mul", given, given), g.number(1, out.dtype)))
    return g.node("Log", g.node("Add", given, root))


@writes(ops.arctanh)
def arctanh(g: Graph, out: Value, x: Any) -> str:
    """Atanh; of float64 log((1 + x) / (1 - x)) / 2."""
    given, one = g.cast(x, out.dtype), g.number(1, out.dtype)
    if out.dtype != np.float64:
        return g.node("Atanh", given)
    ratio = g.node("Div", g.node("Add", one, given), g.node("Sub", one, given))
    return g.node("Mul", g.node("Log", ratio), g.number(0.5, out.dtype))


@writes(ops.erf)
def erf(g: Graph, out: Value, x: Any) -> str:
    """Erf; in float64, of which onnxruntime has none, 1 - erfc(|x|) with the sign of x."""
    given = g.cast(x, out.dtype)
    if out.dtype != np.float64:
        return g.node("Erf", given)
    rest = g.node("Sub", g.number(1, out.dtype), _upper(g, out, g.node("Abs", given)))
    return g.node("Mul", g.node("Sign", given), rest)


@writes(ops.erfc)
def erfc(g: Graph, out: Value, x: Any) -> str:
    """1 - Erf; in float64 by the series that the op itself sums."""
    return _erfc(g, out, g.cast(x, out.dtype))


@writes(functional.normal_cdf)
def normal_cdf(g: Graph, out: Value, x: Any) -> str:
    """erfc(-x / sqrt 2) / 2."""
    scaled = g.node("Mul", g.cast(x, out.dtype), g.number(-(0.5**0.5), out.dtype))
    return g.node("Mul", g.number(0.5, out.dtype), _erfc(g, out, scaled))


def _erfc(g: Graph, out: Value, given: str) -> str:
    if out.dtype != np.float64:
        return g.node("Sub", g.number(1, out.dtype), g.node("Erf", given))
    upper = _upper(g, out, g.node("Abs", given))
    negative = g.node("Less", given, g.number(0, out.dtype))
    return g.node("Where", negative, g.node("Sub", g.number(2, out.dtype), upper), upper)


def _upper(g: Graph, out: Value, z: str) -> str:
    """erfc(z) for z >= 0, in float64."""
    dtype = out.dtype
    three = g.number(3, dtype)
    ratio = g.node("Div", three, g.node("Add", three, z))
    twice = g.node("Sub", g.node("Mul", ratio, g.number(4, dtype)), g.number(2, dtype))
    b = c = g.number(0, dtype)
    for term in ERFC[:0:-1]:
        step = g.node("Sub", g.node("Mul", twice, b), c)
        b, c = g.node("Add", step, g.number(term, dtype)), b
    half = g.number(0.5, dtype)
    total = g.node("Sub", g.node("Mul", g.node("Mul", half, twice), b), c)
    series = g.node("Mul", ratio, g.node("Add", total, g.number(ERFC[0], dtype)))
    return g.node("Mul", g.node("Exp", g.node("Neg", g.node("Mul", z, z))), series)
