"""What a case of the search is, and the cases of single elements."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable


class Case(NamedTuple):
    """A function and a point that derivatives find hard.

    Attributes:
        name: what is differentiated, and where.
        f: f(m, *tensors), where m has the functions of a library.
        inputs: the point.
        order: which derivative is checked.
        right: the gradient of the sum, by hand: a number, or the derivatives of the two sides.
    """

    name: str
    f: Callable[..., Any]
    inputs: tuple[Any, ...]
    order: int = 1
    right: str = ""


def case(name: str, f: Any, *inputs: Any, order: int = 1, right: str = "") -> Case:
    """A case at a point of plain numbers."""
    return Case(name, f, tuple(np.asarray(x, float) for x in inputs), order, right)


def _safe_sqrt(m: Any, x: Any) -> Any:
    return m.where(x > 0, m.sqrt(x), 0 * x)


def _safe_sinc(m: Any, x: Any) -> Any:
    return m.where(x == 0, 1 + 0 * x, m.sin(x) / x)


ELEMENTS = (
    case("abs(x) at 0", lambda m, x: m.abs(x), [0.0], right="-1 to 1"),
    case("(x abs(x))'' at 0", lambda m, x: m.abs(x) * x, [0.0], order=2, right="-2 to 2"),
    case("relu(x) at 0", lambda m, x: m.relu(x), [0.0], right="0 to 1"),
    case("maximum(x, y), x = y", lambda m, x, y: m.maximum(x, y), [1.0], [1.0], right="a + b = 1"),
    case("minimum(x, y), x = y", lambda m, x, y: m.minimum(x, y), [1.0], [1.0], right="a + b = 1"),
    case("maximum(x, x)", lambda m, x: m.maximum(x, x), [1.0, 2.0], right="1"),
    case("fmax(x, y), x = y", lambda m, x, y: m.fmax(x, y), [1.0], [1.0], right="a + b = 1"),
    case("clip(x, 0, 1) at 0 and 1", lambda m, x: m.clip(x, 0.0, 1.0), [0.0, 1.0], right="0 to 1"),
    case("where(x > 0, sqrt(x), 0) at -1", _safe_sqrt, [-1.0], right="0"),
    case("where(x == 0, 1, sin(x)/x) at 0", _safe_sinc, [0.0], right="0"),
    case("sinc(x) at 0", lambda m, x: m.sinc(x), [0.0, 0.5], right="0, -1.27"),
    case("sinc(x)'' at 0", lambda m, x: m.sinc(x), [0.0], order=2, right="-3.290 (-pi^2/3)"),
    case("sinc(x) at 1e-5", lambda m, x: m.sinc(x), [1e-5], right="-3.290e-05"),
    case("sinc(x)'' at 1e-3", lambda m, x: m.sinc(x), [1e-3], order=2, right="-3.29"),
    case("x ** 0 at 0", lambda _m, x: x**0, [0.0, 2.0], right="0"),
    case("x ** 0.0 at 0", lambda _m, x: x**0.0, [0.0, 2.0], right="0"),
    case("x ** 1.0 at 0", lambda _m, x: x**1.0, [0.0], right="1"),
    case("(x ** 1)'' at 0", lambda _m, x: x**1, [0.0], order=2, right="0"),
    case("(x ** 2)'' at 0", lambda _m, x: x**2, [0.0], order=2, right="2"),
    case("(x ** 2.0)'' at 0", lambda _m, x: x**2.0, [0.0], order=2, right="2"),
    case("x ** y at (0, 2)", lambda _m, x, y: x**y, [0.0], [2.0], right="0, 0"),
    case("(x ** 3)'' at 0", lambda _m, x: x**3, [0.0, 1.0], order=2, right="0, 6"),
    case("y -> 0 ** y at 2", lambda _m, y: 0.0**y, [2.0], right="0"),
    case("y -> 2 ** y", lambda _m, y: 2.0**y, [2.0, -1.0]),
    case("hypot(x, y) at (0, 0)", lambda m, x, y: m.hypot(x, y), [0.0], [0.0], right="-1 to 1"),
    case("hypot(x, y) at 1e-200", lambda m, x, y: m.hypot(x, y), [3e-200], [4e-200], right="0.6"),
    case("cbrt(x) at -8", lambda m, x: m.cbrt(x), [-8.0], right="1/12"),
    case("copysign(x, y)", lambda m, x, y: m.copysign(x, y), [-2.0, 2.0], [3.0, -3.0], right="-1"),
    case("logaddexp(x, x)", lambda m, x: m.logaddexp(x, x), [1000.0, -1000.0], right="1"),
    case(
        "logaddexp(x, -inf)",
        lambda m, x: m.logaddexp(x, 0 * x - np.inf),
        [1.0],
        right="1",
    ),
    case("logaddexp2(x, y)", lambda m, x, y: m.logaddexp2(x, y), [1.0, 2.0], [1.0, -900.0]),
    case("mod(x, y)", lambda m, x, y: m.remainder(x, y), [5.5, -5.5], [2.0, 2.0], right="1, -2; 3"),
    case("fmod(x, y)", lambda m, x, y: m.fmod(x, y), [5.5, -5.5], [2.0, 2.0], right="1; -2, 2"),
    case("x % y", lambda _m, x, y: x % y, [5.5, -5.5], [2.0, 2.0], right="1; -2, 3"),
    case("x // y", lambda _m, x, y: x // y + x, [5.5, -5.5], [2.0, 2.0], right="1; 0"),
    case("arctan2(y, x)", lambda m, y, x: m.arctan2(y, x), [1.0, 0.0], [0.0, -1.0]),
    case("tanh(x) at 400", lambda m, x: m.tanh(x), [400.0, -400.0], right="0"),
    case("tanh(x)'' at 400", lambda m, x: m.tanh(x), [400.0, 0.5], order=2),
    case("tanh(x)'' at 1e-17", lambda m, x: m.tanh(x), [1e-17], order=2, right="-2e-17"),
    case("sigmoid(x) at -800", lambda m, x: m.sigmoid(x), [-800.0, 800.0], right="0"),
    case("softplus(x) at 800", lambda m, x: m.softplus(x), [800.0, -800.0, 0.0], right="1, 0, 1/2"),
    case("softplus(x)'' at 25", lambda m, x: m.softplus(x), [15.0], order=2, right="3.06e-07"),
    case("log1p(x) at 1e-12", lambda m, x: m.log1p(x), [1e-12]),
    case("expm1(x)'' at 1e-9", lambda m, x: m.expm1(x), [1e-9], order=2, right="1"),
    case("xlogy(x, y) at (0, 2)", lambda m, x, y: m.xlogy(x, y), [0.0], [2.0], right="0.693, 0"),
    case("xlog1py(x, y) at (0, 2)", lambda m, x, y: m.xlog1py(x, y), [0.0], [2.0], right="1.10, 0"),
    case("nan_to_num(x)", lambda m, x: m.nan_to_num(x), [1.0, -2.0], right="1"),
    case("elu(x) at 0", lambda m, x: m.elu(x), [0.0], right="1"),
    case("elu(x)'' at 0", lambda m, x: m.elu(x), [0.0], order=2, right="0 to 1"),
    case("celu(x) at 0 and 800", lambda m, x: m.celu(x), [0.0, 800.0], right="1"),
    case("selu(x) at 0", lambda m, x: m.selu(x), [0.0], right="1.0507 to 1.7581"),
    case("silu(x)''", lambda m, x: m.silu(x), [0.0, -3.0, 800.0], order=2),
    case("gelu(x)''", lambda m, x: m.gelu(x), [0.0, -3.0], order=2),
    case("hardtanh(x) at 1", lambda m, x: m.hardtanh(x), [1.0, -1.0], right="0 to 1"),
    case("relu6(x) at 0 and 6", lambda m, x: m.relu6(x), [0.0, 6.0], right="0 to 1"),
    case("hardswish(x) at 3 and -3", lambda m, x: m.hardswish(x), [3.0, -3.0], right="1 to 1.5"),
    case("log_sigmoid(x) at -800", lambda m, x: m.logsigmoid(x), [-800.0, 800.0], right="1, 0"),
    case("log_sigmoid(x)''", lambda m, x: m.log_sigmoid(x), [-800.0, 0.5], order=2),
    case("erf(x)''", lambda m, x: m.erf(x), [0.0, 1.0], order=2),
    case("gammaln(x) at -0.5", lambda m, x: m.gammaln(x), [-0.5, 3.0]),
    case("digamma(x) at -0.5", lambda m, x: m.digamma(x), [-0.5, 3.0]),
    case("polygamma(1, x)", lambda m, x: m.polygamma(1, x), [0.5, 3.0]),
    case("i0(x) at 0", lambda m, x: m.i0(x), [0.0, 2.0], right="0, 1.591"),
    case("i0(x)'' at 0", lambda m, x: m.i0(x), [0.0], order=2, right="1/2"),
    case("i0e(x) at 0", lambda m, x: m.i0e(x), [0.0, 2.0], right="-1 to 1, -0.09"),
    case("i1(x) at 0", lambda m, x: m.i1(x), [0.0, 2.0], right="0.5"),
    case("i1(x)'' at 0", lambda m, x: m.i1(x), [0.0], order=2, right="0"),
    case("i1e(x) at 0", lambda m, x: m.i1e(x), [0.0, 2.0], right="0.5"),
    case("entr(x)", lambda m, x: m.entr(x), [0.5, 2.0]),
    case("gammainc(a, x)", lambda m, a, x: m.gammainc(a, x), [0.5, 2.0], [1.0, 3.0]),
    case("betaln(a, b)", lambda m, a, b: m.betaln(a, b), [0.5], [2.0]),
    case("betainc(a, b, x)", lambda m, a, b, x: m.betainc(a, b, x), [0.5], [2.0], [0.3]),
    case("zeta(s, q)", lambda m, s, q: m.zeta(s, q), [2.5], [1.5]),
    case("ndtri(x)", lambda m, x: m.ndtri(x), [0.3, 1e-10]),
    case("log_ndtr(x) at -30", lambda m, x: m.log_ndtr(x), [-30.0, 1.0]),
    case("erfcx(x)", lambda m, x: m.erfcx(x), [0.5, 30.0]),
    case("exp2(x)", lambda m, x: m.exp2(x), [0.5, -2.0]),
    case("lerp(x, y, w)", lambda m, x, y, w: m.lerp(x, y, w), [1.0], [2.0], [0.75]),
)
