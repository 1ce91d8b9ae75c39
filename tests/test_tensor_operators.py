"""Operators between tensors, arrays, lists and numbers, on either side."""

from __future__ import annotations

import operator
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

import autograd_lite as ag

if TYPE_CHECKING:
    from collections.abc import Callable

X = np.array([[1.5, -2.0, 3.0], [0.5, 4.0, -1.0]])


def leaf(values: Any = X) -> ag.Tensor:
    """A tensor that requires a gradient."""
    return ag.tensor(values, requires_grad=True)


OPERATORS = [
    operator.add,
    operator.sub,
    operator.mul,
    operator.truediv,
    operator.floordiv,
    operator.mod,
    operator.pow,
    operator.eq,
    operator.ne,
    operator.lt,
    operator.le,
    operator.gt,
    operator.ge,
]
OTHERS = [
    2,
    2.5,
    True,
    np.float32(2),
    np.int64(3),
    np.array(2.0),
    [1.0, 2.0, 3.0],
    np.array([[2.0], [3.0]]),
    np.array([1, 2, 3]),
    np.ones((2, 2, 3), np.float32),
]


@pytest.mark.parametrize("symbol", OPERATORS)
@pytest.mark.parametrize("other", OTHERS, ids=repr)
def test_operators_take_anything_on_either_side(
    symbol: Callable[[Any, Any], Any], other: Any
) -> None:
    """Numbers, lists, arrays and NumPy's numbers: what NumPy gives, as a Tensor."""
    positive = np.abs(X)
    array = np.asarray(other) if isinstance(other, list) else other
    for t in (ag.tensor(positive), leaf(positive)):
        for got, expected in (
            (symbol(t, other), symbol(positive, array)),
            (symbol(other, t), symbol(array, positive)),
            (symbol(t, ag.tensor(other)), symbol(positive, np.asarray(ag.tensor(other)))),
        ):
            assert type(got) is ag.Tensor
            assert got.dtype == expected.dtype
            assert np.allclose(got.numpy(), expected)


@pytest.mark.parametrize("other", [2, 2.5, True, [1.0, 2.0, 3.0]], ids=repr)
def test_python_numbers_leave_single_precision(other: Any) -> None:
    """On either side."""
    t = leaf(np.abs(X).astype(np.float32))
    for symbol in OPERATORS[:7]:
        assert symbol(t, other).dtype == np.float32
        assert symbol(other, t).dtype == np.float32


def test_unary_operators() -> None:
    """Negative, positive, absolute, and not for booleans."""
    t = leaf()
    assert np.array_equal((-t).numpy(), -X)
    assert np.array_equal((+t).numpy(), X)
    assert np.array_equal(abs(t).numpy(), np.abs(X))
    assert np.array_equal((~(t > 0)).numpy(), X <= 0)


def test_logic_on_booleans() -> None:
    """And, or, exclusive or, on both sides."""
    a: Any = ag.tensor([True, True, False])
    b: Any = np.array([True, False, False])
    assert (a & b).numpy().tolist() == (b & a).numpy().tolist() == [True, False, False]
    assert (a | b).numpy().tolist() == (b | a).numpy().tolist() == [True, True, False]
    assert (a ^ b).numpy().tolist() == (b ^ a).numpy().tolist() == [False, True, False]


def test_matrix_products_with_arrays_on_either_side() -> None:
    """Of matrices and vectors, with gradients."""
    t = leaf()
    for got, expected in ((t @ X.T, X @ X.T), (X.T @ t, X.T @ X), (t @ X[0], X @ X[0])):
        assert type(got) is ag.Tensor
        assert np.allclose(got.numpy(), expected)
    (g,) = ag.grad((X.T @ t).sum(), t)
    assert np.allclose(g.numpy(), X.sum(1, keepdims=True) * np.ones(3))


def test_augmented_assignment_makes_a_new_tensor() -> None:
    """Whoever holds the old one keeps its values, and its graph."""
    t = leaf()
    y = old = t * 1
    y += 1
    y *= 2
    y -= t
    assert np.array_equal(old.numpy(), X)
    assert np.array_equal(y.numpy(), (X + 1) * 2 - X)
    (g,) = ag.grad(y.sum(), t)
    assert (g == 1).all()


def test_comparisons_have_no_gradient() -> None:
    """They are booleans, also of leaves; a tensor is hashable by identity."""
    t = leaf()
    assert (t > 0).dtype == np.bool_
    assert not (t == t).requires_grad  # noqa: PLR0124  # elementwise
    assert len({t, t, leaf()}) == 2
