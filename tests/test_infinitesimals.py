"""Derivatives by numbers with infinitesimal parts, which the naive engine stands on."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from tests.infinitesimals import Number, derivative, each, real


def test_the_square_of_an_infinitesimal_is_zero() -> None:
    """So a product keeps what each factor moves, and nothing of the second order."""
    d = Number({frozenset({1}): 1.0})
    assert ((d + 3.0) * (d + 5.0)).terms == {frozenset(): 15.0, frozenset({1}): 8.0}
    assert not (d * d).terms


def test_infinitesimals_that_differ_have_a_product() -> None:
    """Which is what a mixed second derivative is the factor of."""
    c, d = Number({frozenset({1}): 2.0}), Number({frozenset({2}): 3.0})
    assert (c * d).terms == {frozenset({1, 2}): 6.0}


@pytest.mark.parametrize("x", [-1.5, 0.0, 0.7])
def test_sin_and_exp_have_derivatives_of_all_orders(x: float) -> None:
    """By deriving what was derived."""

    def derived(function: Any) -> Any:
        return lambda x: derivative(function, [x], 0, ())

    sin, exp = derived(np.sin), derived(np.exp)
    for expected in (math.cos(x), -math.sin(x), -math.cos(x)):
        assert real(sin(np.array(x)).item()) == pytest.approx(expected, abs=1e-15)
        assert real(exp(np.array(x)).item()) == pytest.approx(math.exp(x), rel=1e-15)
        sin, exp = derived(sin), derived(exp)


def test_a_product_of_matrices_moves_as_its_factors_say() -> None:
    """One entry of x moves one row of the product, by a row of y."""
    x, y = np.array([[1.0, 2.0], [3.0, 4.0]]), np.array([[5.0, 6.0, 7.0], [8.0, 9.0, 10.0]])
    moved = each(real, derivative(np.matmul, [x, y], 0, (1, 0)))
    np.testing.assert_array_equal(moved.astype(float), [[0.0, 0.0, 0.0], [5.0, 6.0, 7.0]])
