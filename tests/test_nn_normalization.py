"""LayerNorm and BatchNorm1d: their moments, their averages, their modes, their errors."""

import re
from typing import Any

import numpy as np
import pytest

import autograd_lite as ag
from autograd_lite import nn

X = np.random.default_rng(0).standard_normal((6, 3)) * 4 + 2


def test_layer_norm_is_of_each_sample_alone() -> None:
    """Mean 0 and variance 1 along the last axes, whatever the rest of the batch is."""
    layer = nn.LayerNorm(3, dtype="float64")
    y = layer(X).detach().numpy()
    np.testing.assert_allclose(y.mean(axis=1), 0, atol=1e-14)
    np.testing.assert_allclose(y.var(axis=1), 1, rtol=1e-4)
    np.testing.assert_allclose(layer(X[:1]).detach().numpy(), y[:1])
    np.testing.assert_allclose(layer(X[0]).detach().numpy(), y[0])
    assert layer.eval()(X).shape == (6, 3)
    assert nn.LayerNorm([2, 3])(np.zeros((4, 2, 3))).shape == (4, 2, 3)
    assert list(nn.LayerNorm(3, affine=False).parameters()) == []


@pytest.mark.parametrize("shape", [(6, 2), (3, 6), (), (3, 1)])
def test_layer_norm_refuses_other_sizes(shape: tuple[int, ...]) -> None:
    """The error has the layer and both shapes."""
    message = re.escape(f"): got x of shape {shape}; expected (..., 3): give the layer")
    with pytest.raises(ValueError, match=r"LayerNorm\(normalized_shape=\(3,\).*" + message):
        nn.LayerNorm(3)(np.zeros(shape))


def test_batch_norm_averages_as_it_trains_and_uses_that_in_evaluation() -> None:
    """average <- (1 - momentum) average + momentum new, with the unbiased variance."""
    layer = nn.BatchNorm1d(3, momentum=0.25, dtype="float64")
    mean, var = np.zeros(3), np.ones(3)
    for batch in (X, 2 * X + 1):
        y = layer(batch).detach().numpy()
        np.testing.assert_allclose(y.mean(axis=0), 0, atol=1e-14)
        np.testing.assert_allclose(y.var(axis=0), 1, rtol=1e-4)
        mean = 0.75 * mean + 0.25 * batch.mean(axis=0)
        var = 0.75 * var + 0.25 * batch.var(axis=0, ddof=1)
        np.testing.assert_allclose(layer.running_mean.numpy(), mean)
        np.testing.assert_allclose(layer.running_var.numpy(), var)
    before = layer.state_dict()
    y = layer.eval()(X[:1]).detach().numpy()
    np.testing.assert_allclose(y, (X[:1] - mean) / np.sqrt(var + 1e-5))
    for name, value in layer.state_dict().items():
        np.testing.assert_array_equal(value, before[name])


def test_batch_norm_takes_sequences() -> None:
    """(batch, features, length): the moments of a feature are over the batch and the length."""
    layer = nn.BatchNorm1d(3, dtype="float64")
    x = np.random.default_rng(0).standard_normal((4, 3, 5))
    flat = x.transpose(0, 2, 1).reshape(-1, 3)
    expected = nn.BatchNorm1d(3, dtype="float64")(flat).detach().numpy()
    y = layer(x).detach().numpy().transpose(0, 2, 1).reshape(-1, 3)
    np.testing.assert_allclose(y, expected, atol=1e-14)
    assert layer(x[:1]).shape == (1, 3, 5)


@pytest.mark.parametrize("shape", [(1, 3), (1, 3, 1), (0, 3)])
def test_a_batch_of_one_is_refused_in_training(shape: tuple[int, ...]) -> None:
    """It has no variance: the error has two ways out, and the averages stay as they were."""
    layer = nn.BatchNorm1d(3)
    before = layer.state_dict()
    message = rf"BatchNorm1d\(3\): got x of shape {re.escape(str(shape))} in training, .*drop_last"
    with pytest.raises(ValueError, match=message):
        layer(np.zeros(shape))
    for name, value in layer.state_dict().items():
        np.testing.assert_array_equal(value, before[name])
    assert layer.eval()(np.zeros(shape)).shape == shape


@pytest.mark.parametrize("shape", [(3,), (4, 2), (4, 2, 3), (2, 3, 4, 5)])
def test_batch_norm_refuses_other_shapes(shape: tuple[int, ...]) -> None:
    """The error has what it got and what it expected."""
    message = re.escape(f"BatchNorm1d(3): got x of shape {shape}; expected (batch, 3) or (batch,")
    with pytest.raises(ValueError, match=message):
        nn.BatchNorm1d(3)(np.zeros(shape))


@pytest.mark.parametrize("momentum", [None, -0.1, 1.1, "a", True])
def test_a_bad_momentum_is_refused(momentum: Any) -> None:
    """The error quotes it."""
    with pytest.raises(ValueError, match=f"BatchNorm1d: got momentum={momentum!r}; expected"):
        nn.BatchNorm1d(3, momentum=momentum)


@pytest.mark.parametrize("kind", [nn.LayerNorm, nn.BatchNorm1d])
def test_sizes_and_eps_are_positive(kind: Any) -> None:
    """The error quotes what is not."""
    for size in (0, -1, 2.5, True):
        with pytest.raises(ValueError, match=f"{kind.__name__}: got .*={size!r}; expected an int"):
            kind(size)
    for eps in (0, -1e-5, float("nan")):
        with pytest.raises(ValueError, match=f"{kind.__name__}: got eps={eps}; expected a number"):
            kind(3, eps=eps)
    with pytest.raises(ValueError, match=r"got normalized_shape=\(\); expected the sizes"):
        nn.LayerNorm(())


@pytest.mark.parametrize("layer", [nn.LayerNorm(3), nn.BatchNorm1d(3)], ids=repr)
def test_data_is_cast_at_the_door(layer: nn.Module) -> None:
    """float64 data leaves a float32 layer, its averages too, in float32; `to` converts all."""
    assert layer(X).dtype == np.float32
    assert {value.dtype for value in layer.state_dict().values()} == {np.dtype("f4")}
    layer.to("float64")
    assert layer(X.astype("f4")).dtype == np.float64
    assert {value.dtype for value in layer.state_dict().values()} == {np.dtype("f8")}


def test_the_averages_have_no_graph() -> None:
    """They are state, not part of what is differentiated, and hold no batch alive."""
    layer = nn.BatchNorm1d(3)
    x = ag.tensor(X, requires_grad=True)
    layer(x).sum().backward()
    assert not layer.running_mean.requires_grad
    assert not layer.running_var.requires_grad
