"""Losses of numbers and of two classes, and the check for data that is not finite."""

from typing import Any

import numpy as np
import pytest

import autograd_lite as ag
from autograd_lite import nn

PAIRED = [nn.MSELoss, nn.L1Loss, nn.HuberLoss, nn.BCEWithLogitsLoss, nn.BCELoss]
each = pytest.mark.parametrize("kind", PAIRED)


@each
def test_shapes_that_would_broadcast_are_refused(kind: type[nn.Loss]) -> None:
    """(n,) against (n, 1) would silently be n^2 losses."""
    message = (
        rf"{kind.__name__}: got predictions of shape \(3, 1\) and targets of shape \(3,\);"
        r" expected the same shape: reshape the target: y.reshape\(p.shape\)"
    )
    with pytest.raises(ValueError, match=message):
        kind()(np.full((3, 1), 0.5), np.ones(3))


@each
@pytest.mark.parametrize("dtype", ["int64", "uint8", "bool", "float64"])
def test_targets_do_not_lift_the_loss(kind: type[nn.Loss], dtype: str) -> None:
    """A float32 prediction has a float32 loss and gradient, whatever the targets are."""
    p = ag.tensor([[0.25], [0.5]], requires_grad=True)
    loss = kind()(p, np.array([[1], [0]], dtype))
    loss.backward()
    assert loss.dtype == np.float32
    assert p.grad is not None
    assert p.grad.dtype == np.float32


@each
def test_predictions_of_integers_count_as_floats(kind: type[nn.Loss]) -> None:
    """In the default dtype."""
    assert kind()([0, 1], [1, 0]).dtype == np.float32


@each
def test_what_is_not_finite_is_an_error_when_asked(kind: type[nn.Loss]) -> None:
    """Predictions and targets are told apart."""
    bad, good = [0.5, float("nan")], [0.5, 0.5]
    assert np.isnan(kind()(bad, good).item())
    checking = kind(check_finite=True)
    with pytest.raises(ValueError, match="1 of 2 values of the predictions not finite"):
        checking(bad, good)
    with pytest.raises(ValueError, match=f"{kind.__name__}: got 1 of 2 values of the targets not"):
        checking(good, bad)
    assert np.isfinite(checking(good, [1, 0]).item())


def test_data_is_checked_when_asked() -> None:
    """The error counts what is not finite, and places the first; integers are always finite."""
    data = np.zeros((3, 4))
    nn.check_finite(data, "X_train")
    nn.check_finite(ag.tensor([1, 2]))
    data[1, 2], data[2, 0] = np.inf, np.nan
    message = r"check_finite: got 2 of 12 values of X_train not finite, the first, inf, at \(1, 2\)"
    with pytest.raises(ValueError, match=message):
        nn.check_finite(data, "X_train")


@pytest.mark.parametrize("delta", [0, -1.0, "a", float("nan")])
def test_a_bad_delta_is_refused(delta: Any) -> None:
    """The error quotes it."""
    with pytest.raises(ValueError, match=f"HuberLoss: got delta={delta!r}; expected a number"):
        nn.HuberLoss(delta=delta)


def test_positives_have_a_weight() -> None:
    """One number, or one for each output; nothing else fits, and no gradient flows to it."""
    x, y = np.array([[0.5, -1.0], [2.0, 0.0]]), np.array([[1, 0], [0, 1]])
    plain = nn.BCEWithLogitsLoss("none")(x, y).numpy()
    for weight in (3.0, [3.0, 3.0]):
        weighted = nn.BCEWithLogitsLoss("none", pos_weight=weight)(x, y).numpy()
        np.testing.assert_allclose(weighted, plain * np.where(y == 1, 3, 1))
    with pytest.raises(ValueError, match=r"got pos_weight=.*; expected finite numbers from 0"):
        nn.BCEWithLogitsLoss(pos_weight=-1.0)
    for shape in ((2, 1, 1), (3,)):
        with pytest.raises(ValueError, match=r"got pos_weight of shape .*: \(2,\)"):
            nn.BCEWithLogitsLoss(pos_weight=np.ones(shape))(x, y)


def test_logits_need_targets_from_zero_to_one() -> None:
    """-1 and 1 are no targets."""
    with pytest.raises(
        ValueError, match=r"BCEWithLogitsLoss: got targets from -1 to 1; .* 0 and 1"
    ):
        nn.BCEWithLogitsLoss()([0.5, 3.0], [-1, 1])


def test_the_two_binary_losses_agree_where_both_are_sound() -> None:
    """On probabilities off 0 and 1, to the size of eps."""
    x = ag.tensor(np.linspace(-4, 4, 9), requires_grad=True)
    y = (np.arange(9) % 2).astype(float)
    slopes: list[Any] = []
    for loss in (nn.BCEWithLogitsLoss("sum")(x, y), nn.BCELoss("sum")(nn.Sigmoid()(x), y)):
        slopes.extend(g.numpy() for g in ag.grad(loss, [x]))
    np.testing.assert_allclose(slopes[0], slopes[1], rtol=1e-5)
