"""BCELoss: document 1's value and document 1's gradient."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

import autograd_lite as ag
from autograd_lite import nn

EPS = 1e-7


def value(p: Any, y: Any) -> Any:
    """Document 1's loss of the elements, in plain NumPy."""
    return -(y * np.log(p + EPS) + (1 - y) * np.log(1 - p + EPS))


def rule(p: Any, y: Any) -> Any:
    """Document 1's gradient of the elements, in plain NumPy."""
    return (p - y) / (p * (1 - p) + EPS)


def unit(shape: Any) -> Any:
    """Arrays of numbers from 0 to 1, ends included."""
    return hnp.arrays(np.float64, shape, elements=st.floats(0, 1))


@given(st.data(), hnp.array_shapes(max_dims=3), st.sampled_from(["mean", "sum", "none"]))
def test_bce_has_the_documents_value_and_gradient(data: Any, shape: Any, reduction: str) -> None:
    """For probabilities and targets from 0 to 1, ends included, and every reduction."""
    p, y = data.draw(unit(shape)), data.draw(unit(shape))
    tensor = ag.tensor(p, requires_grad=True)
    loss = nn.BCELoss(reduction)(tensor, y)
    expected = value(p, y) if reduction == "none" else getattr(value(p, y), reduction)()
    np.testing.assert_allclose(loss.detach().numpy(), expected, rtol=1e-12, atol=1e-15)
    loss.sum().backward()
    scale = 1 / p.size if reduction == "mean" else 1
    assert tensor.grad is not None
    np.testing.assert_allclose(tensor.grad.numpy(), rule(p, y) * scale, rtol=1e-12)


def test_the_rule_is_differentiated_again() -> None:
    """The second derivative is that of the document's rule."""
    p, y, h = np.array([0.2, 0.7]), np.array([1.0, 0.0]), 1e-6
    tensor = ag.tensor(p, requires_grad=True)
    (first,) = ag.grad(nn.BCELoss("sum")(tensor, y), tensor, create_graph=True)
    (second,) = ag.grad(first.sum(), tensor)
    np.testing.assert_allclose(second.numpy(), (rule(p + h, y) - rule(p - h, y)) / 2 / h, rtol=1e-6)


def test_targets_have_the_exact_derivative() -> None:
    """The gradient for a target is log((1 - p + eps) / (p + eps)), also where p is 0 or 1."""
    p = ag.tensor(np.array([0.0, 0.2, 0.7, 1.0]), requires_grad=True)
    y = ag.tensor(np.array([0.5, 0.5, 0.1, 1.0]), requires_grad=True)
    x = p.detach().numpy()
    for eps in (EPS, 0.1):
        (first,) = ag.grad(nn.BCELoss("sum", eps=eps)(p, y), y, create_graph=True)
        np.testing.assert_allclose(first.detach().numpy(), np.log((1 - x + eps) / (x + eps)))
        (cross,) = ag.grad(first.sum(), p)
        np.testing.assert_allclose(cross.numpy(), -1 / (1 - x + eps) - 1 / (x + eps))


def test_the_rule_is_finite_at_both_ends() -> None:
    """Where p is 0 or 1 the gradient is that of the target, by eps."""
    p, y = np.array([0.0, 0.0, 1.0, 1.0]), np.array([0.0, 1.0, 0.5, 1.0])
    tensor = ag.tensor(p, requires_grad=True)
    (first,) = ag.grad(nn.BCELoss("sum", eps=0.1)(tensor, y), tensor)
    np.testing.assert_allclose(first.numpy(), [0, -10, 5, 0])


@pytest.mark.parametrize("dtype", ["int64", "uint8", "bool", "float64"])
def test_targets_of_any_dtype_leave_the_loss_in_that_of_p(dtype: str) -> None:
    """A float32 model with integer or float64 targets has a float32 loss and gradient."""
    p = ag.tensor([[0.25], [0.5]], requires_grad=True)
    loss = nn.BCELoss()(p, np.array([[1], [0]], dtype))
    loss.backward()
    assert loss.dtype == np.float32
    assert p.grad is not None
    assert p.grad.dtype == np.float32


def test_shapes_that_would_broadcast_are_refused() -> None:
    """(n,) against (n, 1) is an error that names both, and the way out."""
    message = (
        r"BCELoss: got predictions of shape \(3, 1\) and targets of shape \(3,\); expected the same"
        r" shape: reshape the target: y.reshape\(p.shape\)"
    )
    with pytest.raises(ValueError, match=message):
        nn.BCELoss()(np.full((3, 1), 0.5), np.ones(3))
    with pytest.raises(ValueError, match="expected the same shape: one target for each prediction"):
        nn.BCELoss()(np.full((3, 1), 0.5), np.ones((4, 1)))


def test_logits_are_refused() -> None:
    """Values outside [0, 1] are no probabilities: the error has their range and the way out."""
    message = r"got probabilities from -2.5 to 3; expected values in \[0, 1\]: apply Sigmoid first"
    with pytest.raises(ValueError, match=message):
        nn.BCELoss()([-2.5, 3.0], [0, 1])
    with pytest.raises(
        ValueError, match=r"got targets from -1 to 1; .*: encode the two classes as 0"
    ):
        nn.BCELoss()([0.5, 0.5], [-1, 1])


def test_nan_shows_itself_in_the_loss() -> None:
    """A diverged run is seen as nan, not hidden and not an error about probabilities."""
    assert np.isnan(nn.BCELoss()([float("nan"), 0.5], [0, 1]).item())


@pytest.mark.parametrize("reduction", ["avg", None, "MEAN"])
def test_an_unknown_reduction_is_refused(reduction: Any) -> None:
    """The error quotes it and lists the three."""
    message = f"BCELoss: got reduction={reduction!r}; expected one of 'mean', 'sum', 'none'"
    with pytest.raises(ValueError, match=message):
        nn.BCELoss(reduction)


@pytest.mark.parametrize("eps", [-1e-7, float("nan")])
def test_a_bad_eps_is_refused(eps: float) -> None:
    """The error quotes it."""
    with pytest.raises(ValueError, match=f"BCELoss: got eps={eps}; expected"):
        nn.BCELoss(eps=eps)
