"""What docs/from_the_documents.md says of losses and weights: each correction, shown."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import autograd_lite as ag
from autograd_lite import nn

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

CLASSES = 10

seeds = st.integers(0, 2**32 - 1)


def rows(seed: int, count: int = 7, scale: float = 3.0) -> tuple[NDArray[Any], NDArray[Any]]:
    """Logits, and one-hot rows."""
    generator = np.random.default_rng(seed)
    z = scale * generator.standard_normal((count, CLASSES))
    return z, np.eye(CLASSES)[generator.integers(0, CLASSES, count)]


def gradient(function: Callable[[Any], Any], *inputs: Any) -> Any:
    """The engine's gradient of a function at the first of its inputs."""
    x = ag.tensor(inputs[0], requires_grad=True)
    return ag.grad(function(x, *inputs[1:]), x)[0].numpy()


def softmax_of_document_1(z: NDArray[Any]) -> NDArray[Any]:
    """Softmax.forward."""
    shares = np.exp(z - np.max(z, axis=1, keepdims=True))
    return np.asarray(shares / np.sum(shares, axis=1, keepdims=True))


def softmax_backward_of_document_1(s: NDArray[Any], d_out: NDArray[Any]) -> NDArray[Any]:
    """Softmax.backward: the Jacobian times d_out."""
    return np.asarray(s * (d_out - np.sum(d_out * s, axis=1, keepdims=True)))


# ---- softmax and cross entropy


@given(seeds)
def test_softmax_backward_is_the_engines(seed: int) -> None:
    """S (d - sum d S) is the Jacobian of document 1 times d, and what the engine computes."""
    z, y = rows(seed)
    s, d = softmax_of_document_1(z), y - 0.3
    jacobian = np.einsum("ni,ij->nij", s, np.eye(CLASSES)) - np.einsum("ni,nj->nij", s, s)
    expected = softmax_backward_of_document_1(s, d)
    np.testing.assert_allclose(np.einsum("nij,nj->ni", jacobian, d), expected, atol=1e-12)
    x = ag.tensor(z, requires_grad=True)
    nn.Softmax()(x).backward(d)
    assert x.grad is not None
    np.testing.assert_allclose(x.grad.numpy(), expected, atol=1e-12)


@given(seeds)
def test_the_cross_entropy_has_the_gradient_s_minus_y(seed: int) -> None:
    """At the logits, as document 1 derives it; the Jacobian is already in it."""
    z, y = rows(seed)
    found = gradient(lambda x: nn.CrossEntropyLoss("sum")(nn.Softmax()(x), y), z)
    np.testing.assert_allclose(found, softmax_of_document_1(z) - y, atol=1e-12)
    fused = gradient(lambda x: nn.SoftmaxCrossEntropyLoss("sum")(x, y), z)
    np.testing.assert_allclose(fused, found, atol=1e-12)


@given(seeds)
def test_the_documents_backward_descends_the_brier_score(seed: int) -> None:
    """S - y through Softmax.backward is the gradient of 1/2 ||S - y||^2, summed over the batch."""
    z, y = rows(seed)
    s = softmax_of_document_1(z)
    code = softmax_backward_of_document_1(s, np.clip(s, 1e-7, 1 - 1e-7) - y)
    formula = gradient(lambda x: ((nn.Softmax()(x) - y) ** 2).sum() * 0.5, z)
    loss = gradient(lambda x: nn.BrierLoss("sum")(nn.Softmax()(x), y), z)
    np.testing.assert_allclose(loss, formula, atol=1e-12)
    np.testing.assert_allclose(code, formula, atol=1e-7)  # the document clips S


def test_the_brier_score_gives_up_on_what_is_surely_wrong() -> None:
    """Where the truth got 1e-6, the cross entropy pulls with 1, what document 1 descends hardly."""
    z, y = np.array([[np.log(1e6), 0.0]]), np.array([[0.0, 1.0]])
    entropy = gradient(lambda x: nn.CrossEntropyLoss()(nn.Softmax()(x), y), z)
    brier = gradient(lambda x: nn.BrierLoss()(nn.Softmax()(x), y), z)
    assert entropy[0, 1] == pytest.approx(-1, abs=1e-5)
    assert abs(brier[0, 1]) < 1e-5


@given(seeds)
def test_indices_train_as_one_hot_rows_do(seed: int) -> None:
    """One-hot labels are no more stable: class indices give the same gradient."""
    z, y = rows(seed)
    loss_function = nn.SoftmaxCrossEntropyLoss()
    one_hot, indices = (gradient(loss_function, z, targets) for targets in (y, y.argmax(axis=1)))
    np.testing.assert_allclose(one_hot, indices, rtol=0, atol=1e-15)


# ---- document 2's classes


@given(seeds)
def test_the_placeholder_of_document_2_loses_the_jacobian(seed: int) -> None:
    """Loss.backward then Activation_Softmax.backward gives -y / (m S); its combined class S - y."""
    z, y = rows(seed)
    s, m = softmax_of_document_1(z), len(z)
    separate = -y / s / m  # Activation_Softmax.backward passes on what it gets
    combined = s.copy()
    combined[range(m), y.argmax(axis=1)] -= 1
    combined /= m
    engine = gradient(lambda x: nn.CrossEntropyLoss()(nn.Softmax()(x), y), z)
    np.testing.assert_allclose(engine, combined, atol=1e-12)
    np.testing.assert_allclose(engine, softmax_backward_of_document_1(s, separate), atol=1e-12)
    assert np.abs(separate - engine).max() > 0.1


def test_a_share_that_underflows_keeps_its_gradient() -> None:
    """Where S is 0, document 2's -y / S divides by zero; here the logits get S - y."""
    z, y = np.array([[0.0, 1000.0]]), np.array([[1.0, 0.0]])
    with np.errstate(divide="ignore"):
        assert np.isinf(-y / softmax_of_document_1(z)).any()
    found = gradient(lambda x: nn.CrossEntropyLoss()(nn.Softmax()(x), y), z)
    np.testing.assert_allclose(found, [[-1, 1]], atol=1e-6)


def test_he_weights_are_not_a_hundredth_of_randn() -> None:
    """`# He initialization` is 0.01 * randn; He's is 100 and 18 times that in its two layers."""
    for n, times in ((2, 100), (64, 17.7)):
        generator = np.random.RandomState(0)
        he = nn.init.he((n, 20_000), generator=generator)
        document = nn.init.normal((n, 20_000), generator=generator)
        np.testing.assert_array_equal(
            0.01 * np.random.RandomState(0).randn(2, 3),
            nn.init.normal((2, 3), generator=np.random.RandomState(0)),
        )
        assert document.std() == pytest.approx(0.01, rel=0.02)
        assert he.std() / document.std() == pytest.approx(times, rel=0.02)


def test_small_weights_fade_with_depth() -> None:
    """Through five layers of 64 ReLUs, He's weights keep the signal; 0.01 * randn leave 1e-6."""
    deviation = {}
    for method in ("he", "normal"):
        generator = np.random.RandomState(1)
        x: Any = generator.randn(100, 64)
        for _ in range(5):
            layer = nn.Linear(64, 64, init_method=method, dtype="float64", generator=generator)
            x = nn.ReLU()(layer(x))
        deviation[method] = float(x.numpy().std())
    assert 0.5 < deviation["he"] < 2
    assert 1e-7 < deviation["normal"] < 1e-5


# ---- binary cross entropy


@given(seeds)
def test_document_1_descends_the_sum(seed: int) -> None:
    """BCELoss.backward is not averaged: the gradient of the sum, and n times that of the mean."""
    generator = np.random.default_rng(seed)
    p, y = generator.uniform(0.01, 0.99, (50, 1)), generator.integers(0, 2, (50, 1))
    code = (p - y) / (p * (1 - p) + 1e-7)
    total = gradient(lambda p: nn.BCELoss("sum")(p, y), p)
    np.testing.assert_allclose(total, code, rtol=1e-12)
    mean = gradient(lambda p: nn.BCELoss("mean")(p, y), p)
    np.testing.assert_allclose(mean * 50, code, rtol=1e-12)


def test_the_rule_of_bce_is_not_the_derivative_of_what_is_printed() -> None:
    """Near 0 and 1 they differ by a factor; in between they agree."""

    def printed(p: float) -> float:
        return float(-np.log(p + 1e-7))  # for y = 1

    for p, factor in ((0.3, 1.0), (1e-8, 1.0), (1 - 1e-8, 0.1 / 1.1)):
        step = min(p, 1 - p) * 1e-3
        derivative = (printed(p + step) - printed(p - step)) / (2 * step)
        rule = gradient(lambda q: nn.BCELoss("sum")(q, np.ones(1)), np.array([p]))[0]
        assert rule / derivative == pytest.approx(factor, rel=1e-2)


def test_a_saturated_sigmoid_stops_document_1s_runs() -> None:
    """Without a warning: the gradient is exactly 0, however wrong; that of the logits is p - y."""
    x, y = np.array([[800.0], [-800.0]]), np.array([[0.0], [1.0]])
    assert not gradient(lambda x: nn.BCELoss("sum")(nn.Sigmoid()(x), y), x).any()
    found = gradient(lambda x: nn.BCEWithLogitsLoss("sum")(x, y), x)
    np.testing.assert_array_equal(found, [[1], [-1]])
    half_wrong = nn.BCELoss()(nn.Sigmoid()([[800.0], [800.0]]), [[0], [1]])
    assert f"{half_wrong.item():.3f}" == "8.059"  # where run A stays


# ---- printed figures of Fashion-MNIST


def test_the_printed_loss_counts_one_batch_too_many() -> None:
    """438 losses over 56000 // 128 = 437: the average is 0.23% too high."""
    batches = len(range(0, 56_000, 128))
    assert (batches, 56_000 // 128) == (438, 437)
    assert f"{batches / 437 - 1:.2%}" == "0.23%"


def test_the_published_recalls_make_the_published_accuracy() -> None:
    """Times the pictures of each class in the test part, they are 12,591 whole pictures: 89.94%."""
    recalls = [0.866571, 0.970043, 0.800284, 0.920635, 0.875461]
    recalls += [0.968254, 0.700071, 0.977189, 0.961252, 0.954672]
    pictures = np.array([1394, 1402, 1407, 1449, 1357, 1449, 1407, 1359, 1342, 1434])
    right = np.multiply(recalls, pictures)
    assert pictures.sum() == 14_000
    np.testing.assert_allclose(right, right.round(), rtol=0, atol=1e-3)
    assert right.round().sum() == 12_591
    assert f"{12_591 / 14_000:.2%}" == "89.94%"
