"""Logits of any size, in float32: no nan, no infinity, no zero that should be none, no warning.

Warnings are errors in all tests, and here overflow, division by zero and invalid values too.
"""

import itertools
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

import autograd_lite as ag
from autograd_lite import kernels, nn

LOGITS = np.array([-1e4, -1e3, -89, -30, -1, 0, 1, 30, 89, 1e3, 1e4], np.float32)
ROWS = np.array(list(itertools.product([-1e4, -100, -20, 0, 20, 1e4], repeat=3)), np.float32)

logits = hnp.arrays(np.float32, (4, 5), elements=st.floats(-1e4, 1e4, width=32))
classes = hnp.arrays(np.int64, 4, elements=st.integers(0, 4))


@pytest.fixture(autouse=True)
def _errors() -> Iterator[None]:
    with np.errstate(over="raise", divide="raise", invalid="raise"):
        yield


def gradient(f: Callable[[ag.Tensor], ag.Tensor], x: Any) -> tuple[Any, Any]:
    """The value of `f`, and the gradient of its sum."""
    tensor = ag.tensor(x, requires_grad=True)
    y = f(tensor)
    assert y.dtype == x.dtype
    y.sum().backward()
    assert tensor.grad is not None
    return y.detach().numpy(), tensor.grad.numpy()


def softmax(x: Any) -> Any:
    """Softmax in float64."""
    e = np.exp(x.astype(float) - x.max(axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)


def sigmoid(x: Any) -> Any:
    """The logistic function in float64."""
    with np.errstate(over="ignore"):
        return 1 / (1 + np.exp(-x.astype(float)))


def one_hot(y: Any, count: int) -> Any:
    """Class indices as rows."""
    return np.eye(count)[y]


RIGHT = {  # the limits of value and gradient to the left and to the right, at |x| = 1e4
    nn.ReLU(): (0, 0, 1e4, 1),
    nn.LeakyReLU(0.01): (-100, 0.01, 1e4, 1),
    nn.ELU(): (-1, 0, 1e4, 1),
    nn.SELU(): (-1.7580993, 0, 10507.009, 1.050701),
    nn.GELU(): (0, 0, 1e4, 1),
    nn.GELU("tanh"): (0, 0, 1e4, 1),
    nn.SiLU(): (0, 0, 1e4, 1),
    nn.Softplus(): (0, 0, 1e4, 1),
    nn.Softplus(5.0): (0, 0, 1e4, 1),
    nn.Tanh(): (-1, 0, 1, 0),
    nn.Sigmoid(): (0, 0, 1, 0),
    nn.Hardtanh(): (-1, 0, 1, 0),
    nn.Identity(): (-1e4, 1, 1e4, 1),
}


@pytest.mark.parametrize("module", RIGHT, ids=repr)
def test_activations_have_their_limits(module: nn.Module) -> None:
    """Value and gradient are finite everywhere, and far out what they tend to."""
    value, slope = gradient(module, LOGITS)
    assert np.isfinite(value).all()
    assert np.isfinite(slope).all()
    found = (value[0], slope[0], value[-1], slope[-1])
    np.testing.assert_allclose(found, RIGHT[module], rtol=1e-6)


@pytest.mark.parametrize("module", [nn.Softmax(), nn.LogSoftmax()], ids=repr)
def test_softmax_is_finite(module: nn.Module) -> None:
    """For every mixture of large and small logits."""
    x = ag.tensor(ROWS, requires_grad=True)
    y = module(x)
    y.backward(np.broadcast_to(np.arange(3, dtype=np.float32), ROWS.shape))
    assert np.isfinite(y.numpy()).all()
    assert x.grad is not None
    assert np.isfinite(x.grad.numpy()).all()


CROSS_ENTROPIES: dict[str, Callable[[ag.Tensor, Any], ag.Tensor]] = {
    "Softmax + CrossEntropyLoss": lambda x, y: nn.CrossEntropyLoss("sum")(nn.Softmax()(x), y),
    "SoftmaxCrossEntropyLoss": nn.SoftmaxCrossEntropyLoss("sum"),
    "LogSoftmax + NLLLoss": lambda x, y: nn.NLLLoss("sum")(nn.LogSoftmax()(x), y),
    "LogSoftmax + KLDivLoss": lambda x, y: nn.KLDivLoss("sum")(nn.LogSoftmax()(x), y),
}

each_cross_entropy = pytest.mark.parametrize("loss", CROSS_ENTROPIES.values(), ids=CROSS_ENTROPIES)


@each_cross_entropy
@given(x=logits, y=classes)
def test_the_gradient_of_cross_entropy_is_s_minus_y(loss: Any, x: Any, y: Any) -> None:
    """At any logits, for class indices and for one-hot rows, also where S underflows to 0."""
    for target in (y, one_hot(y, 5)):
        value, slope = gradient(lambda t: loss(t, target), x)  # noqa: B023  # called at once
        assert np.isfinite(value)
        np.testing.assert_allclose(slope, softmax(x) - one_hot(y, 5), atol=1e-6, rtol=0)


@each_cross_entropy
@given(x=logits, y=classes, v=logits)
def test_the_hessian_of_cross_entropy_is_that_of_softmax(loss: Any, x: Any, y: Any, v: Any) -> None:
    """Order 2, too: the Hessian times v is S v - S sum(S v)."""
    v = v / np.float32(1e4)
    tensor = ag.tensor(x, requires_grad=True)
    (first,) = ag.grad(loss(tensor, y), tensor, create_graph=True)
    (second,) = ag.grad((first * v).sum(), tensor)
    s = softmax(x)
    expected = s * (v - (s * v).sum(axis=-1, keepdims=True))
    np.testing.assert_allclose(second.numpy(), expected, atol=2e-6, rtol=0)


@pytest.mark.parametrize(
    "between",
    [
        lambda p: p.reshape(2, 2, 5),
        lambda p: p.astype("float64"),
        lambda p: p[[0, 1, 2, 3]],
        lambda p: (p + p) / 2,
        nn.Flatten(),
    ],
)
def test_what_lies_between_softmax_and_its_loss_loses_nothing(between: Any) -> None:
    """The probabilities may be reshaped, picked, cast, averaged: the gradient is S - y."""
    x = np.random.default_rng(0).uniform(-1e4, 1e4, (4, 5)).astype(np.float32)
    y = np.array([0, 1, 2, 3])
    tensor = ag.tensor(x, requires_grad=True)
    p = between(nn.Softmax()(tensor))
    nn.CrossEntropyLoss("sum")(p, y.reshape(p.shape[:-1])).backward()
    assert tensor.grad is not None
    np.testing.assert_allclose(tensor.grad.numpy(), softmax(x) - one_hot(y, 5), atol=1e-6)


def test_a_class_that_is_ruled_out_has_no_gradient() -> None:
    """A logit of -inf: probability 0, gradient exactly 0, and every loss stays finite."""
    x = np.array([[1.0, -np.inf, 2.0]], np.float32)
    for loss in CROSS_ENTROPIES.values():
        value, slope = gradient(lambda t: loss(t, [0]), x)  # noqa: B023  # called at once
        assert np.isfinite(value)
        assert slope[0, 1] == 0
        np.testing.assert_allclose(slope, softmax(x) - one_hot([0], 3), atol=1e-6)


def test_targets_have_the_gradient_of_the_clipped_logarithm() -> None:
    """Where p is below eps or above 1 - eps, the gradient for y does not depend on p."""
    p = ag.tensor(np.array([[0.0, 0.1, 0.5, 0.9, 1.0]]), requires_grad=True)
    y = ag.tensor(np.full((1, 5), 0.2), requires_grad=True)
    loss = nn.functional.cross_entropy(p, y, eps=0.2).sum()
    (first,) = ag.grad(loss, y, create_graph=True)
    np.testing.assert_allclose(first.detach().numpy(), -np.log([[0.2, 0.2, 0.5, 0.8, 0.8]]))
    (cross,) = ag.grad(first.sum(), p)
    np.testing.assert_allclose(cross.numpy(), [[0, 0, -2, 0, 0]])


@pytest.mark.parametrize("on", [True, False])
def test_the_gradient_of_large_logits_is_finite_with_and_without_kernels(on: bool) -> None:
    """At logits whose exponentials overflow, the gradient is S - y."""
    y = np.resize([0, 1, 2], len(ROWS))
    with kernels.switched(on=on):
        _, slope = gradient(lambda x: nn.functional.class_cross_entropy(x, index=y), ROWS)
    np.testing.assert_allclose(slope, softmax(ROWS) - one_hot(y, 3), atol=1e-6)


def test_a_good_prediction_has_a_small_loss_and_not_none() -> None:
    """The loss at a gap of 20 is e^-20, which is not the 0 of a rounded logarithm."""
    for gap in (5.0, 20.0, 60.0):
        x = np.array([[gap, 0.0, 0.0]], np.float32)
        value = nn.SoftmaxCrossEntropyLoss()(x, [0]).item()
        np.testing.assert_allclose(value, np.log1p(2 * np.exp(-gap)), rtol=1e-5)
        value = nn.BCEWithLogitsLoss()(np.array([gap], np.float32), [1]).item()
        np.testing.assert_allclose(value, np.log1p(np.exp(-gap)), rtol=1e-5)


@given(x=logits, y=hnp.arrays(np.int64, (4, 5), elements=st.integers(0, 1)))
def test_bce_with_logits_has_the_gradient_p_minus_y(x: Any, y: Any) -> None:
    """Value and gradient are those of float64, to float32's last digits."""
    value, slope = gradient(lambda t: nn.BCEWithLogitsLoss("none")(t, y), x)
    expected = np.logaddexp(0, np.where(y == 1, -x, x).astype(float))
    np.testing.assert_allclose(value, expected, rtol=1e-5, atol=1e-37)
    exact = np.where(y == 1, -sigmoid(-x), sigmoid(x))
    np.testing.assert_allclose(slope, exact, rtol=1e-5, atol=1e-37)


@given(x=logits, y=hnp.arrays(np.int64, (4, 5), elements=st.integers(0, 1)))
def test_bce_behind_sigmoid_is_finite(x: Any, y: Any) -> None:
    """Document 1's form: its own rule, which fades where p is near 0 or 1, and never nan."""
    value, slope = gradient(lambda t: nn.BCELoss("none")(nn.Sigmoid()(t), y), x)
    assert np.isfinite(value).all()
    assert (np.abs(slope) <= 1).all()


@given(x=logits, y=classes)
def test_brier_has_the_gradient_of_document_1s_code(x: Any, y: Any) -> None:
    """Behind a Softmax, the Jacobian times S - y."""
    value, slope = gradient(lambda t: nn.BrierLoss("none")(nn.Softmax()(t), y), x)
    s = softmax(x)
    d = s - one_hot(y, 5)
    np.testing.assert_allclose(value, (d * d).sum(axis=-1) / 2, atol=1e-6)
    np.testing.assert_allclose(slope, s * (d - (d * s).sum(axis=-1, keepdims=True)), atol=1e-6)


@pytest.mark.parametrize("loss", [nn.MSELoss("none"), nn.L1Loss("none"), nn.HuberLoss("none")])
def test_losses_of_numbers_are_finite(loss: nn.Loss) -> None:
    """Errors of up to 2e4 have their square, size or line, and its slope."""
    value, slope = gradient(lambda t: loss(t, LOGITS[::-1].copy()), LOGITS)
    error = LOGITS - LOGITS[::-1]
    size = np.abs(error)
    expected: Any = {
        nn.MSELoss: (error**2, 2 * error),
        nn.L1Loss: (size, np.sign(error)),
        nn.HuberLoss: (np.where(size > 1, size - 0.5, error**2 / 2), np.clip(error, -1, 1)),
    }[type(loss)]
    np.testing.assert_allclose(value, expected[0], rtol=1e-6)
    np.testing.assert_allclose(slope, expected[1], rtol=1e-6)


def test_a_perfect_prediction_has_no_absolute_gradient() -> None:
    """Neither for itself nor for the target."""
    x, y = (ag.tensor(a, requires_grad=True) for a in ([1.0, 2.0], [1.0, 5.0]))
    slopes = ag.grad(nn.functional.absolute_error(x, y).sum(), [x, y])
    assert [slope.numpy().tolist() for slope in slopes] == [[0, -1], [0, 1]]


@pytest.mark.parametrize("layer", [nn.LayerNorm(3), nn.BatchNorm1d(3)], ids=repr)
@pytest.mark.parametrize("x", [ROWS, np.full((4, 3), 1e4, np.float32)], ids=["mixed", "constant"])
def test_normalisation_is_finite(layer: nn.Module, x: Any) -> None:
    """For large numbers, and for those without a variance."""
    for value in gradient(layer, x):
        assert np.isfinite(value).all()


def test_a_model_of_the_document_trains_from_a_bad_start() -> None:
    """Sequential(Linear, Softmax) with weights a thousand times too large finds its way."""
    ag.manual_seed(0)
    model = nn.Sequential(nn.Linear(2, 3), nn.Softmax())
    x = np.random.default_rng(0).standard_normal((60, 2)).astype(np.float32)
    y = (x @ np.array([[1, -1, 0], [1, 1, -2]], np.float32)).argmax(axis=1)
    weights = [p.data for p in model.parameters()]
    weights[0] *= 1000
    del weights
    loss = nn.CrossEntropyLoss()
    optimizer = ag.optim.SGD(model.parameters(), lr=100.0, momentum=0.0, clip_value=None)
    for _ in range(200):
        optimizer.zero_grad()
        loss(model(x), y).backward()
        optimizer.step()
    accuracy = (model(x).numpy().argmax(axis=1) == y).mean()
    assert accuracy > 0.95
