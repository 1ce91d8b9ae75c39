"""NumPy's functions on tensors record gradients, or refuse: none is silently lost."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

import autograd_lite as ag

if TYPE_CHECKING:
    from collections.abc import Callable

X = np.array([[1.5, 2.0, 3.0], [0.5, 4.0, 1.0]])
PLAIN: Any = ag.tensor(X)


def leaf() -> Any:
    """A tensor that requires a gradient."""
    return ag.tensor(X, requires_grad=True)


@pytest.mark.parametrize(
    "f",
    [
        np.exp,
        np.log,
        np.sqrt,
        np.abs,
        np.negative,
        np.tanh,
        np.sum,
        np.mean,
        np.max,
        np.prod,
        np.cumsum,
        np.transpose,
        np.squeeze,
        np.linalg.norm,
        lambda x: np.add(x, 1.0),
        lambda x: np.multiply(X, x),
        lambda x: np.power(x, 2),
        lambda x: np.maximum(2.0, x),
        lambda x: np.sum(x, axis=0, keepdims=True),
        lambda x: np.reshape(x, (3, 2)),
        lambda x: np.concatenate([x, X]),
        lambda x: np.stack([X, x], axis=1),
        lambda x: np.where(X > 1, x, 0.0),
        lambda x: np.matmul(x, X.T),
        lambda x: np.einsum("ij,kj->ik", x, X),
        lambda x: np.clip(x, 1.0, 2.0),
        lambda x: X * x - np.float64(2) / x,
    ],
)
def test_numpys_functions_are_the_packages(f: Callable[[Any], Any]) -> None:
    """The value is NumPy's, and the gradient is recorded."""
    x = leaf()
    y = f(x)
    assert type(y) is ag.Tensor
    assert y.requires_grad
    assert np.allclose(y.numpy(), f(X))
    assert type(f(PLAIN)) is ag.Tensor
    assert not f(PLAIN).requires_grad
    y.sum().backward()
    assert x.grad.shape == x.shape


@pytest.mark.parametrize(
    ("name", "f"),
    [
        ("cbrt", np.cbrt),
        ("arctan2", lambda x: np.arctan2(X, x)),
        ("unwrap", np.unwrap),
        ("add", lambda x: np.add(X, x, out=np.empty_like(X))),
        ("add.reduce", np.add.reduce),
        ("exp", lambda x: np.exp(x, where=X > 1)),
        ("partition", lambda x: np.partition(x, 1)),
    ],
)
def test_a_function_without_gradient_is_refused(name: str, f: Callable[[Any], Any]) -> None:
    """Its name is in the message, with the ways out."""
    with pytest.raises(TypeError, match=rf"^np\.{re.escape(name)}.*gradient.*numpy\(\)"):
        f(leaf())


@pytest.mark.parametrize(
    "convert",
    [
        np.asarray,
        np.array,
        lambda x: np.array([x, x]),
        lambda x: np.asarray(x, dtype=np.float32),
        lambda x: np.ones((2, 2, 3)).__setitem__(0, x),
        lambda x: X.copy().__iadd__(x),
    ],
)
def test_a_tensor_that_requires_a_gradient_does_not_become_an_array(
    convert: Callable[[Any], Any],
) -> None:
    """By itself: its gradient would be lost without a word."""
    with pytest.raises(TypeError, match="gradient"):
        convert(leaf())


def test_a_tensor_without_gradient_becomes_an_array() -> None:
    """With NumPy's arguments for it; what it gives shares no memory unless asked to."""
    assert np.array_equal(np.asarray(PLAIN), X)
    assert np.asarray(PLAIN, dtype=np.float32).dtype == np.float32
    assert np.array([PLAIN, PLAIN]).shape == (2, 2, 3)
    copied = np.array(PLAIN)
    copied[...] = 0
    assert np.array_equal(PLAIN.numpy(), X)
    assert np.array_equal(np.asarray(leaf().detach()), X)


def test_shapes_and_positions_need_no_gradient() -> None:
    """They are the same whatever a tensor requires."""
    x = leaf()
    assert (np.shape(x), np.ndim(x), np.size(x)) == ((2, 3), 2, 6)
    assert np.argmax(x) == x.argmax() == 4
    assert np.array_equal(np.isfinite(x), np.ones((2, 3)))
    assert x.argmin(1).tolist() == [0, 0]
    assert np.allclose(x, X)
    assert x.any()
    assert not (x > 1).all()


def test_in_place_operators_of_arrays_lose_nothing() -> None:
    """`array += tensor` would need to write a tensor into an array."""
    array = X.copy()
    with pytest.raises(TypeError, match="gradient"):
        array += leaf()
    assert np.array_equal(array, X)
