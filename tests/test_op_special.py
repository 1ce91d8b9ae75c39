"""The special functions: their accuracy, their poles, and how they take other numbers."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

import autograd_lite as ag
from tests import special_values as table

if TYPE_CHECKING:
    from collections.abc import Callable

INF = float("inf")


def errors(f: Callable[..., Any], rows: list[tuple[float, float]]) -> Any:
    """The errors of f in float64."""
    points = np.array([x for x, _ in rows])
    return np.abs(f(points) - np.array([y for _, y in rows]))


RELATIVE: list[tuple[Any, Any, float]] = [
    (ag.erf, table.ERF, 5e-16),
    (ag.erfc, table.ERFC, 2e-15),
    (ag.erfinv, table.ERFINV, 2e-15),
    (ag.lgamma, table.LGAMMA, 1e-15),
    (ag.digamma, table.DIGAMMA, 1e-15),
    *((partial(ag.polygamma, n), rows, 2e-15) for n, rows in table.POLYGAMMA.items()),
]


@pytest.mark.parametrize(("f", "rows", "bound"), RELATIVE)
def test_the_relative_error_is_what_the_documentation_says(f: Any, rows: Any, bound: float) -> None:
    """At zeros and far out too."""
    sizes = np.array([abs(y) for _, y in rows])
    assert (errors(f, rows) <= bound * sizes).all()


@pytest.mark.parametrize(("f", "rows"), [(f, rows) for f, rows, _ in RELATIVE])
def test_float32_is_right_to_its_own_digits(f: Any, rows: Any) -> None:
    """And stays float32."""
    limits = np.finfo(np.float32)
    given = np.array([x for x, _ in rows])
    points = given[(np.abs(given) > 1e-30) & (np.abs(given) < 1e30)].astype(np.float32)
    with np.errstate(over="ignore", divide="ignore"):
        wanted = f(points.astype(float))
        got = f(points)
    assert got.dtype == np.float32
    usual = (limits.tiny < np.abs(wanted)) & (np.abs(wanted) < limits.max)
    assert usual.sum() >= 5
    np.testing.assert_allclose(got[usual], wanted[usual], rtol=2e-6)


def test_below_zero_the_error_is_small_beside_the_parts() -> None:
    """Of which the value is a difference, by reflection."""
    x = np.array([x for x, _ in table.LGAMMA_BELOW])
    assert (errors(ag.lgamma, table.LGAMMA_BELOW) <= 1e-15 * (1 + abs(ag.lgamma(1 - x)))).all()
    x = np.array([x for x, _ in table.DIGAMMA_BELOW])
    cot = 1 / np.abs(np.tan(np.pi * (x - np.rint(x))))
    parts = 1 + np.pi * cot + abs(ag.digamma(1 - x))
    assert (errors(ag.digamma, table.DIGAMMA_BELOW) <= 2e-15 * parts).all()


def test_polygamma_below_zero_is_what_its_recurrence_makes() -> None:
    """psi_n(x + 1) - psi_n(x) = (-1)^n n! / x^(n + 1)."""
    x = np.array([-0.3, -1.7, -2.4])
    for n, factorial in ((1, 1), (2, 2), (3, 6)):
        step = ag.polygamma(n, x + 1) - ag.polygamma(n, x)
        np.testing.assert_allclose(step, (-1) ** n * factorial / x ** (n + 1), rtol=1e-11)


def test_poles_and_ends() -> None:
    """Infinities where the limit is one, nan where there is none."""
    points = np.array([0.0, -1.0, -2.0, INF, np.nan])
    with np.errstate(divide="ignore"):
        np.testing.assert_array_equal(ag.lgamma(points), [INF, INF, INF, INF, np.nan])
        np.testing.assert_array_equal(ag.lgamma(np.array([-INF])), [INF])
        np.testing.assert_array_equal(ag.digamma(points), [-INF, np.nan, np.nan, INF, np.nan])
        np.testing.assert_array_equal(ag.digamma(np.array([-0.0])), [INF])
        np.testing.assert_array_equal(ag.polygamma(1, points), [INF, INF, INF, 0, np.nan])
        np.testing.assert_array_equal(ag.polygamma(2, points), [-INF, np.nan, np.nan, 0, np.nan])
        ends = np.array([-1.0, 1.0, 2.0, 0.0, np.nan])
        np.testing.assert_array_equal(ag.erfinv(ends), [-INF, INF, np.nan, 0, np.nan])
    far = np.array([-INF, INF, np.nan])
    np.testing.assert_array_equal(ag.erf(far), [-1, 1, np.nan])
    np.testing.assert_array_equal(ag.erfc(far), [2, 0, np.nan])


def test_erf_keeps_the_sign_of_zero_and_is_odd() -> None:
    """As math.erf."""
    x = np.linspace(-4, 4, 81)
    np.testing.assert_array_equal(ag.erf(-x), -ag.erf(x))
    assert np.signbit(ag.erf(np.array([-0.0]))).all()


def test_large_arrays_are_the_same_in_parts() -> None:
    """They are shared among the cores."""
    x = np.linspace(0.1, 20, 140_000)
    for f in (ag.erf, ag.erfc, ag.lgamma, ag.digamma):
        whole = f(x)
        np.testing.assert_array_equal(whole[::1000], f(x[::1000].copy()))
        assert f(x.astype(np.float32)).dtype == np.float32


def test_integers_are_taken_as_float64_and_other_things_refused() -> None:
    """By name."""
    np.testing.assert_allclose(ag.lgamma(np.array([1, 5])), [0, np.log(24)])
    assert ag.erf(1).dtype == np.float64
    assert ag.erf(np.zeros(2, np.float16)).dtype == np.float16
    with pytest.raises(TypeError, match=r"erf: .*complex.*expected an array of real numbers"):
        ag.erf(np.array([1j]))


@pytest.mark.parametrize("n", [-1, 0.5, True, "1"])
def test_an_order_is_an_integer_from_zero_on(n: Any) -> None:
    """Given before the array, as in SciPy."""
    with pytest.raises(ValueError, match=r"polygamma: .*expected an order .an integer from"):
        ag.polygamma(n, 1.0)


def test_chains_of_derivatives_meet_polygamma() -> None:
    """lgamma, digamma and polygamma are one another's derivatives."""
    x = ag.tensor([0.7, 3.3], dtype="float64", requires_grad=True)
    result: Any = ag.lgamma(x)
    for n in range(4):
        (result,) = ag.grad(result.sum(), x, create_graph=True)
        np.testing.assert_allclose(result.detach().numpy(), ag.polygamma(n, x.data))
