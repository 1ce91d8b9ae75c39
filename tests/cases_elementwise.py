"""Functions of numbers, one by one: lines of the table of ops, and how these ops complain."""

from __future__ import annotations

import math
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
from hypothesis import strategies as st

import autograd_lite as ag
from autograd_lite import ops
from autograd_lite.testing.strategies import Domain, calls, shapes
from tests.case import (
    BOOL,
    GRID,
    OTHER_GRID,
    POSITIVE,
    REAL,
    UNIT,
    ZEROS,
    Case,
    first,
    one,
    two,
)

if TYPE_CHECKING:
    from collections.abc import Callable

ABOVE_ONE = Domain(1.5, 4.0)
# Of a divisor near 2.8: no quotient is near a whole number.
NO_MULTIPLES = Domain(-9, 9, 3, 1.2, ties=True)
STEPS = Domain(-2.9, 2.9, 0.1, 0.05)  # no integer, and none of its halves
OFF_AXES = Domain(0.5, 3.0)


def _by_element(function: Any) -> Any:
    """A function of one Python number as one of arrays, in their dtype."""
    return lambda x, *rest: np.vectorize(lambda v: function(v, *rest), otypes=[float])(x).astype(
        x.dtype
    )


def _erfinv(y: float) -> float:
    """By bisection."""
    low, high = -6.0, 6.0
    for _ in range(80):
        middle = (low + high) / 2
        low, high = (middle, high) if math.erf(middle) < y else (low, middle)
    return (low + high) / 2


def _polygamma(n: int, x: float) -> float:
    """The defining sum with the integral of its rest; differences of lgamma's for n = 0."""
    if n == 0:
        total = math.log(x + 200) - 0.5 / (x + 200) - 1 / (12 * (x + 200) ** 2)
        return total - sum(1 / (x + k) for k in range(200))
    end = x + 200
    rest = 1 / (n * end**n) + 0.5 / end ** (n + 1) + (n + 1) / (12 * end ** (n + 2))
    total = sum(1 / (x + k) ** (n + 1) for k in range(200))
    return math.copysign(math.factorial(n), (n % 2) - 0.5) * (total + rest)


def _sinc_slope(x: Any, order: int) -> Any:
    """The integral over t of the derivatives of cos(pi x t), by Gauss's rule."""
    t, weights = np.polynomial.legendre.leggauss(40)
    t, weights = (t + 1) / 2, weights / 2
    u = np.pi * x.astype(float)[..., None]
    waves = (np.pi * t) ** order * np.cos(u * t + order * np.pi / 2)
    return (waves @ weights).astype(x.dtype)


def _div_or_zero(x: Any, y: Any) -> Any:
    zero = (x == 0) | (y == 0)
    return np.where(zero, x.dtype.type(0), x / np.where(y == 0, y.dtype.type(1), y))


CASES = [
    # powers
    Case(ag.square, np.square, one),
    Case(ag.reciprocal, np.reciprocal, one, (POSITIVE,)),
    Case(ag.cbrt, np.cbrt, one, (POSITIVE,)),
    Case(ag.hypot, np.hypot, two, (OFF_AXES,)),
    Case(ag.exp2, np.exp2, one),
    Case(ag.log2, np.log2, one, (POSITIVE,)),
    Case(ag.log10, np.log10, one, (POSITIVE,)),
    Case(ag.logaddexp, np.logaddexp, two),
    Case(ag.logaddexp2, np.logaddexp2, two),
    Case(ag.float_power, np.float_power, two, (POSITIVE, REAL)),
    # angles
    Case(ag.arcsin, np.arcsin, one, (Domain(-0.8, 0.8),)),
    Case(ag.arccos, np.arccos, one, (Domain(-0.8, 0.8),)),
    Case(ag.arctan, np.arctan, one),
    Case(ag.arctan2, np.arctan2, two, (OFF_AXES,)),
    Case(ag.sinh, np.sinh, one),
    Case(ag.cosh, np.cosh, one),
    Case(ag.arcsinh, np.arcsinh, one),
    Case(ag.arccosh, np.arccosh, one, (ABOVE_ONE,)),
    Case(ag.arctanh, np.arctanh, one, (Domain(-0.8, 0.8),)),
    Case(ag.deg2rad, np.deg2rad, one),
    Case(ag.rad2deg, np.rad2deg, one),
    Case(ag.sinc, np.sinc, one),
    Case(ops.sinc_slope, _sinc_slope, calls(shapes(), order=st.integers(1, 4)),
         order=2),
    # steps, bits and signs
    Case(ag.floor, np.floor, one, (STEPS,)),
    Case(ag.ceil, np.ceil, one, (STEPS,)),
    Case(ag.trunc, np.trunc, one, (STEPS,)),
    Case(ag.fix, np.fix, one, (STEPS,)),
    Case(ag.rint, np.rint, one, (Domain(-2.9, 2.9, 0.1, 0.02),)),
    Case(ag.round, np.round, calls(shapes(), decimals=st.integers(-1, 1)),
         (Domain(-2.9, 2.9, 0.1, 0.02),)),
    Case(ag.heaviside, np.heaviside, two, (GRID, REAL)),
    Case(ag.fmod, np.fmod, two, (NO_MULTIPLES, Domain(2.7, 2.9, 0.001))),
    Case(ag.divmod, lambda x, y: np.stack(np.divmod(x, y)), two,
         (NO_MULTIPLES, Domain(2.7, 2.9, 0.001)),
         call=lambda f, xs, _: ag.stack(f(*xs)) if f is ag.divmod else f(*xs)),
    Case(ag.positive, np.positive, one),
    Case(ag.copysign, np.copysign, two, (GRID, OTHER_GRID)),
    Case(ag.ldexp, lambda x, y: np.ldexp(x, y.astype(int)), two, (REAL, BOOL),
         call=lambda f, xs, _: f(xs[0], xs[1].astype(int))),
    Case(ag.fmax, np.fmax, two, (GRID, OTHER_GRID)),
    Case(ag.fmin, np.fmin, two, (GRID, OTHER_GRID)),
    Case(ag.nan_to_num, np.nan_to_num, calls(shapes(), nan=st.just(1.5))),
    # special functions
    Case(ag.erf, _by_element(math.erf), one),
    Case(ag.erfc, _by_element(math.erfc), one),
    Case(ag.erfinv, _by_element(_erfinv), one, (UNIT,)),
    Case(ag.lgamma, _by_element(math.lgamma), one, (POSITIVE,)),
    Case(ag.digamma, _by_element(partial(_polygamma, 0)), one, (POSITIVE,)),
    Case(ag.polygamma, lambda n, x: _by_element(partial(_polygamma, n))(x),
         calls(shapes(), n=st.integers(0, 4)), (POSITIVE,), call=partial(first, "n")),
    # what gradients are made of
    Case(ops.zero_of, np.zeros_like, one),
    Case(ops.sign_of, np.sign, one, order=0),
    Case(ops.both_zero, lambda x, y: ((x == 0) & (y == 0)).astype(y.dtype), two,
         (ZEROS,), order=0),
    Case(ops.over, np.divide, two, (REAL, POSITIVE)),
    Case(ops.times, np.multiply, two),
]  # fmt: skip

A, B = ag.ones(2, 3, requires_grad=True), ag.ones(4, 5)
text: Any = "one"

# For tests/test_op_errors.py: a call that cannot be, by the op's name, and a shape that it quotes.
WRONG: dict[str, tuple[Callable[[], Any], Any]] = {
    **{
        f.__name__: (partial(f, A, B), (2, 3))
        for f in (
            ag.hypot, ag.logaddexp, ag.logaddexp2, ag.float_power, ag.arctan2, ag.heaviside,
            ag.fmod, ag.divmod, ag.copysign, ag.ldexp, ag.fmax, ag.fmin, ops.both_zero,
            ops.over, ops.times,
        )
    },
    "round": (lambda: ag.round(A, text), (2, 3)),
    "nan_to_num": (lambda: ag.nan_to_num(A, nan=text), (2, 3)),
    "polygamma": (lambda: ag.polygamma(-1, A), (2, 3)),
}  # fmt: skip
# Of one array of any shape: nothing can mismatch.
CANNOT_MISMATCH: set[str] = {case.op.__name__ for case in CASES} - set(WRONG)
# Ops that ONNX has no counterpart of, or none that is written yet: `to_onnx` refuses them by name.
WITHOUT_ONNX: set[Callable[..., Any]] = {
    ag.hypot, ag.arcsin, ag.arccos, ag.arctan, ag.arctan2, ag.cbrt, ag.sinc, ag.copysign,
    ag.ldexp, ag.fmax, ag.fmin, ag.heaviside,
    ag.nan_to_num, ag.logaddexp2, ag.erfinv, ag.lgamma, ag.digamma, ag.polygamma,
    ops.zero_of, ops.sign_of, ops.both_zero, ops.over, ops.times, ops.sinc_slope,
}  # fmt: skip
