"""Gradients at zeros, poles, ends of domains and ties: finite, or infinite where we say so."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

import autograd_lite as ag

if TYPE_CHECKING:
    from collections.abc import Callable

INF = float("inf")


def orders(f: Callable[..., Any], *points: Any, highest: int = 2) -> list[list[Any]]:
    """The gradients of the sum of `f` of orders 1 to `highest`, of each argument."""
    xs = [ag.tensor(np.array(p, float), requires_grad=True) for p in points]
    with np.errstate(all="ignore"):  # the values at a pole warn, as NumPy's; the gradients do not
        result = f(*xs).sum()
    found = []
    for _ in range(highest):
        gradients = ag.grad(result, xs, create_graph=True, allow_unused=True)
        found.append([g.detach().numpy() for g in gradients])
        result = sum((g.sum() for g in gradients), start=ag.tensor(0.0, dtype="float64"))
    return found


def same(found: list[list[Any]], *expected: Any) -> None:
    """Assert the gradients of one argument, order by order."""
    for got, value in zip(found, expected, strict=True):
        np.testing.assert_allclose(got[0], value, rtol=1e-12, atol=1e-15)


@pytest.mark.parametrize(
    ("f", "at_one"),
    [
        (ag.sqrt, [1 / 2, -1 / 4, 3 / 8]),
        (ag.log, [1, -1, 2]),
        (ag.log2, [1 / np.log(2), -1 / np.log(2), 2 / np.log(2)]),
        (ag.log10, [1 / np.log(10), -1 / np.log(10), 2 / np.log(10)]),
        (lambda x: x**0.5, [1 / 2, -1 / 4, 3 / 8]),
        (lambda x: x ** ag.tensor(0.5, dtype="float64"), [1 / 2, -1 / 4, 3 / 8]),
        (lambda x: x**-1.5, [-3 / 2, 15 / 4, -105 / 8]),
        (lambda x: 1 / x, [-1, 2, -6]),
        (ag.reciprocal, [-1, 2, -6]),
        (lambda x: ag.log(x) / x, [1, -3, 11]),
        (lambda x: ag.log1p(x - 1), [1, -1, 2]),
        (ag.lgamma, [-np.euler_gamma, np.pi**2 / 6, -2.404113806319188570799]),
        (ag.digamma, [np.pi**2 / 6, -2.404113806319188570799, np.pi**4 / 15]),
    ],
)
def test_the_side_that_where_leaves_has_a_gradient_of_zero(f: Any, at_one: list[float]) -> None:
    """At a pole, and where the function is not defined, at orders 1 to 3, without a warning."""
    found = orders(lambda x: ag.where(x > 0, f(x), 0), [-1.0, -0.5, 0.0, 1.0], highest=3)
    same(found, *([0, 0, 0, value] for value in at_one))


@pytest.mark.parametrize("f", [ag.remainder, ag.fmod])
def test_a_remainder_of_a_division_by_zero_has_no_gradient_where_it_is_left(f: Any) -> None:
    found = orders(lambda x: ag.where(x > 0, f(3.0, x), 0), [0.0, 2.0])
    same(found, [0, -1], [0, 0])


def test_a_removable_singularity_is_finite_beside_where() -> None:
    """sin(x) / x and its like: where the quotient is taken it is the derivative's, at 0 it is 0."""
    point = [0.0, np.pi]
    found = orders(lambda x: ag.where(x != 0, ag.sin(x) / x, 1), point)
    same(found, [0, -1 / np.pi], [0, 2 / np.pi**2])
    found = orders(lambda x: ag.where(x != 0, (1 - ag.cos(x)) / x**2, 0.5), point)
    same(found, [0, -4 / np.pi**3], [0, -1 / np.pi**2 + 12 / np.pi**4])


@pytest.mark.parametrize("f", [ag.arcsin, ag.arctanh])
def test_beyond_the_ends_where_leaves_zero(f: Any) -> None:
    """Both derivatives are infinite at the ends."""
    points = [-2.0, -1.0, 0.0, 1.0, 2.0]
    found = orders(lambda x: ag.where(abs(x) < 1, f(x), 0), points)
    same(found, [0, 0, 1, 0, 0], [0, 0, 0, 0, 0])


def test_a_pole_that_is_taken_stays_infinite() -> None:
    """Only a gradient of exactly 0 is kept from it."""
    for f, slope in ((ag.log, INF), (lambda x: 1 / x, -INF), (ag.reciprocal, -INF)):
        same(orders(f, 0.0, highest=1), slope)
    same(orders(lambda x: x**-2.0, 0.0, highest=1), -INF)
    same(orders(ag.arctanh, 1.0, highest=1), INF)
    assert np.isnan(orders(lambda x: ag.log(x) * np.nan, 1.0, highest=1)[0][0])


def test_large_arrays_leave_the_same_zeros() -> None:
    """There the kernels compute the gradients, where they are installed."""
    x = np.zeros(40_000)
    x[::2] = 4.0
    found = orders(lambda x: ag.where(x > 0, ag.sqrt(x), 0), x, highest=1)
    same(found, np.where(x > 0, 0.25, 0))
    found = orders(lambda x: ag.where(x > 0, ag.log(x) / x, 0), x, highest=1)
    same(found, np.where(x > 0, (1 - np.log(4)) / 16, 0))


@pytest.mark.parametrize(
    ("f", "point"),
    [
        (ag.sqrt, 0.0),
        (ag.cbrt, 0.0),
        (ag.abs, 0.0),
        (ag.norm, [0.0, 0.0]),
        (ag.std, [2.0, 2.0]),
        (ag.arcsin, [-1.0, 1.0]),
        (ag.arccos, [-1.0, 1.0]),
        (ag.arccosh, 1.0),
        (lambda x: x**0.0, 0.0),
        (lambda x: ag.hypot(x, 0.0 * x), 0.0),
        (lambda x: ag.arctan2(x, 0.0 * x), 0.0),
        (lambda x: ag.copysign(x, -1), 0.0),
    ],
)
def test_where_the_slope_is_infinite_or_none_and_the_value_is_not_it_is_zero(
    f: Any, point: Any
) -> None:
    """At orders 1 and 2, without a warning."""
    same(orders(f, point), np.zeros(np.shape(point)), np.zeros(np.shape(point)))


def test_powers_at_zero_have_the_derivatives_that_exist() -> None:
    """Those of whole exponents are polynomials'; below the order they are infinite."""
    same(orders(lambda x: x**2, 0.0), 0, 2)
    same(orders(lambda x: x**1, 0.0), 1, 0)
    same(orders(lambda x: x ** ag.tensor(2.0, dtype="float64"), 0.0), 0, 2)
    same(orders(lambda x: x**1.5, 0.0), 0, INF)
    same(orders(lambda x: x**0.5, 0.0, highest=1), INF)
    same(orders(lambda x: x ** ag.tensor(0.5, dtype="float64"), 0.0, highest=1), INF)


def test_sinc_has_all_derivatives_at_zero() -> None:
    """They are (-1)^k pi^2k / (2k + 1) for even orders, and 0 for odd ones."""
    found = orders(ag.sinc, 0.0, highest=6)
    same(found, 0, -(np.pi**2) / 3, 0, np.pi**4 / 5, 0, -(np.pi**6) / 7)


def test_arctan2_turns_where_arctan_has_a_pole() -> None:
    """On the axes, in both arguments."""
    (y, x), _ = orders(ag.arctan2, [1.0, -2.0, 0.0], [0.0, 0.0, -4.0])
    np.testing.assert_allclose(y, [0, 0, -0.25])
    np.testing.assert_allclose(x, [-1, 0.5, 0])


@pytest.mark.parametrize("f", [ag.logaddexp, ag.logaddexp2])
def test_equal_infinities_share_the_gradient(f: Any) -> None:
    """By halves; beside another number, the larger one has all."""
    (x, y), _ = orders(f, [-INF, INF, -INF, 3.0], [-INF, INF, 0.0, -INF])
    np.testing.assert_array_equal(x, [0.5, 0.5, 0, 1])
    np.testing.assert_array_equal(y, [0.5, 0.5, 1, 0])


def test_a_tie_of_logaddexp_has_the_second_derivative_of_its_neighbours() -> None:
    """A quarter."""
    x = ag.tensor([1.0, -INF], requires_grad=True)
    y = ag.tensor([1.0, -INF])
    (first,) = ag.grad(ag.logaddexp(x, y).sum(), x, create_graph=True)
    (second,) = ag.grad(first.sum(), x)
    np.testing.assert_allclose(second.numpy(), [0.25, 0])


@pytest.mark.parametrize(
    "f",
    [ag.floor, ag.ceil, ag.trunc, ag.fix, ag.rint, ag.round, ag.sign, np.floor, np.rint, np.round,
     lambda x: x // 2, lambda x: ag.heaviside(x, 0.5)],
)  # fmt: skip
def test_functions_of_steps_record_a_gradient_of_zero(f: Any) -> None:
    """On their steps too: plain zeros, at orders 1 and 2."""
    same(orders(f, [-1.5, 0.0, 1.0, INF]), np.zeros(4), np.zeros(4))


@pytest.mark.parametrize("f", [ag.fmax, ag.fmin])
def test_what_is_not_nan_has_the_gradient(f: Any) -> None:
    """Where both are numbers that tie, each has half; where both are nan, none has any."""
    nan = float("nan")
    (x, y), _ = orders(f, [nan, 1.0, 2.0, nan], [1.0, nan, 2.0, nan])
    np.testing.assert_array_equal(x, [0, 1, 0.5, 0])
    np.testing.assert_array_equal(y, [1, 0, 0.5, 0])


def test_replaced_numbers_have_no_gradient() -> None:
    """Those that were finite have all of it."""
    same(orders(ag.nan_to_num, [np.nan, INF, 1.0, -INF]), [0, 0, 1, 0], [0, 0, 0, 0])
