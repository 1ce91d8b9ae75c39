"""Losses of classes: targets as indices or rows, weights, label smoothing, and what is refused."""

import re
from typing import Any

import numpy as np
import pytest

import autograd_lite as ag
from autograd_lite import nn

RNG = np.random.default_rng(0)
X = RNG.standard_normal((4, 3))
Y = np.array([2, 0, 1, 1])
P = np.exp(X) / np.exp(X).sum(axis=1, keepdims=True)
WEIGHT = np.array([1.0, 0.5, 3.0])

# Each loss with input that suits it.
LOSSES: list[tuple[type[nn.Loss], Any]] = [
    (nn.CrossEntropyLoss, P),
    (nn.SoftmaxCrossEntropyLoss, X),
    (nn.NLLLoss, np.log(P)),
    (nn.BrierLoss, P),
    (nn.KLDivLoss, np.log(P)),
]
each = pytest.mark.parametrize(("kind", "x"), LOSSES, ids=lambda v: getattr(v, "__name__", ""))


@each
@pytest.mark.parametrize("dtype", ["int64", "uint8", "bool", "float64", "float32"])
def test_class_indices_and_one_hot_rows_mean_the_same(
    kind: type[nn.Loss], x: Any, dtype: str
) -> None:
    """Whatever the dtype of either, and whether they are arrays, lists or tensors."""
    rows = np.eye(3, dtype=dtype)[Y]
    expected = kind("none")(x, Y).numpy()
    assert expected.shape == (4,)
    for target in (rows, rows.tolist(), ag.tensor(rows), Y.tolist(), Y.astype("uint8")):
        np.testing.assert_allclose(kind("none")(x, target).numpy(), expected, rtol=1e-12)


@each
def test_the_reduction_is_over_the_rows(kind: type[nn.Loss], x: Any) -> None:
    """The mean divides by the rows, not by the elements; leading axes are rows too."""
    each_row = kind("none")(x, Y).numpy()
    np.testing.assert_allclose(kind()(x, Y).item(), each_row.mean())
    np.testing.assert_allclose(kind("sum")(x, Y).item(), each_row.sum())
    stacked = kind("none")(x.reshape(2, 2, 3), Y.reshape(2, 2)).numpy()
    np.testing.assert_array_equal(stacked, each_row.reshape(2, 2))
    np.testing.assert_allclose(kind("none")(x[0], Y[0]).numpy(), each_row[0])


@each
def test_a_class_index_out_of_range_is_refused(kind: type[nn.Loss], x: Any) -> None:
    """The error names the index, its position, and the number of classes."""
    message = f"{kind.__name__}: got class index 3 at position 2; expected 0 to 2, for there are 3"
    with pytest.raises(IndexError, match=message):
        kind()(x, [0, 1, 3, 5])
    with pytest.raises(IndexError, match=r"got class index -1 at position 3; .*: count from 0, or"):
        kind()(x, [0, 1, 2, -1])
    with pytest.raises(IndexError, match=r"got class index 7 at position \(1, 0\)"):
        kind()(x.reshape(2, 2, 3), [[0, 1], [7, 1]])


@each
@pytest.mark.parametrize("dtype", ["float32", "bool"])
def test_class_indices_are_integers(kind: type[nn.Loss], x: Any, dtype: str) -> None:
    """Floats and booleans are an error that says how to convert them."""
    message = f"got class index of dtype {dtype}; expected integers: y.astype\\(int\\)"
    with pytest.raises(TypeError, match=message):
        kind()(x, (Y > 0).astype(dtype))


@each
@pytest.mark.parametrize(
    ("shape", "way_out"),
    [
        ((4, 1), "drop the last axis of the class indices: y[..., 0]"),
        ((3, 4), "reshape the rows: y.reshape(p.shape)"),
        ((5,), "one class index or one row for each prediction"),
        ((), "one class index or one row for each prediction"),
    ],
)
def test_targets_of_a_wrong_shape_are_refused(
    kind: type[nn.Loss], x: Any, shape: tuple[int, ...], way_out: str
) -> None:
    """The error has both shapes, and what would fit."""
    message = (
        f"{kind.__name__}: got predictions of shape (4, 3) and targets of shape {shape};"
        f" expected class indices (4,) or rows (4, 3): {way_out}"
    )
    with pytest.raises(ValueError, match=re.escape(message)):
        kind()(x, np.zeros(shape, int))
    with pytest.raises(ValueError, match=r"got predictions of shape \(\); expected \(\.\.\., cl"):
        kind()(np.float64(-0.5), 0)


@each
def test_rows_that_are_no_distribution_are_refused_as_targets(kind: type[nn.Loss], x: Any) -> None:
    """Such as two classes at once, or none: the error shows the first such row."""
    target = np.eye(3)[Y]
    target[1] = 1
    message = "targets that are no distribution: row 1 go from 1 to 1 with sum 3; .* one-hot rows"
    with pytest.raises(ValueError, match=message):
        kind()(x, target)
    with pytest.raises(ValueError, match="row 0 go from 0 to 0 with sum 0"):
        kind()(x, np.zeros((4, 3), bool))


@pytest.mark.parametrize("kind", [nn.CrossEntropyLoss, nn.BrierLoss])
def test_logits_are_no_probabilities(kind: type[nn.Loss]) -> None:
    """The error shows the first row that is none, and names the loss for logits."""
    message = rf"{kind.__name__}: got predictions that are no distribution: row 0 go from .*: apply"
    with pytest.raises(ValueError, match=message):
        kind()(X, Y)
    with pytest.raises(ValueError, match=r"row 1 go from 0.5 to 0.5 with sum 1.5"):
        kind()([[1.0, 0.0, 0.0], [0.5, 0.5, 0.5]], [0, 0])
    with pytest.raises(ValueError, match=r"row 0 go from -1 to 2 with sum 1"):
        kind()([[-1.0, 2.0]], [0])
    with pytest.raises(ValueError, match="logits to SoftmaxCrossEntropyLoss"):
        nn.CrossEntropyLoss()(X, Y)


@pytest.mark.parametrize("kind", [nn.NLLLoss, nn.KLDivLoss])
def test_probabilities_are_no_logarithms(kind: type[nn.Loss]) -> None:
    """What is above 0 is refused: the error says to apply LogSoftmax."""
    message = f"{kind.__name__}: got predictions up to .*; expected logarithms of probabilities"
    with pytest.raises(ValueError, match=message):
        kind()(P, Y)


def test_a_distribution_may_be_off_by_rounding() -> None:
    """In every dtype, and with many classes; half of a percent is no rounding."""
    for dtype in ("float16", "float32", "float64"):
        p = nn.Softmax()(RNG.standard_normal((8, 1000)).astype(dtype))
        assert np.isfinite(nn.CrossEntropyLoss()(p, np.zeros(8, int)).item())
    with pytest.raises(ValueError, match="no distribution"):
        nn.CrossEntropyLoss()(P * 1.005, Y)


@each
def test_nan_shows_itself_unless_checked(kind: type[nn.Loss], x: Any) -> None:
    """A diverged run has the loss nan; with check_finite it is an error that places the first."""
    x = x.copy()
    x[2, 1] = np.nan
    assert np.isnan(kind()(x, Y).item())
    message = rf"{kind.__name__}: got 1 of 12 values of the predictions not finite, .* at \(2, 1\)"
    with pytest.raises(ValueError, match=message):
        kind(check_finite=True)(x, Y)
    assert "check_finite=True" in repr(kind(check_finite=True))


def test_an_empty_batch_is_no_error() -> None:
    """With "sum" and "none"."""
    for kind, _ in LOSSES:
        assert kind("none")(np.zeros((0, 3)), np.zeros(0, int)).shape == (0,)
        assert kind("sum")(np.zeros((0, 3)), []).item() == 0


def test_the_value_of_cross_entropy_is_clipped_as_the_documents() -> None:
    """Between -log(1 - 1e-7) and -log(1e-7)."""
    p = np.array([[1.0, 0.0], [1.0, 0.0]])
    value = nn.CrossEntropyLoss("none")(p, [0, 1]).numpy()
    np.testing.assert_allclose(value, [-np.log(1 - 1e-7), -np.log(1e-7)])
    with pytest.raises(ValueError, match="CrossEntropyLoss: got eps=0; expected a small number"):
        nn.CrossEntropyLoss(eps=0)


# ---- weights and smoothing


@pytest.mark.parametrize(("kind", "x"), LOSSES[1:3])
def test_classes_have_weights(kind: Any, x: Any) -> None:
    """The mean is divided by the weights of the rows' classes; rows and indices agree."""
    losses = kind("none")(x, Y).numpy()
    weights = WEIGHT[Y]
    for target in (Y, np.eye(3)[Y]):
        loss = {r: kind(r, weight=WEIGHT)(x, target).numpy() for r in ("none", "sum", "mean")}
        np.testing.assert_allclose(loss["none"], losses * weights)
        np.testing.assert_allclose(loss["sum"], (losses * weights).sum())
        np.testing.assert_allclose(loss["mean"], (losses * weights).sum() / weights.sum())
    np.testing.assert_allclose(kind(weight=[2, 2, 2])(x, Y).item(), losses.mean())


def test_a_batch_of_classes_without_weight_has_loss_zero() -> None:
    """Nothing counts, and nothing is divided by zero."""
    x = ag.tensor(X, requires_grad=True)
    loss = nn.SoftmaxCrossEntropyLoss(weight=[0, 1, 1])(x, [0, 0, 0, 0])
    loss.backward()
    assert loss.item() == 0
    assert x.grad is not None
    assert not x.grad.any()


def test_label_smoothing_spreads_a_share_over_all_classes() -> None:
    """As rows of (1 - s) y + s / classes."""
    smooth = nn.SoftmaxCrossEntropyLoss("none", label_smoothing=0.3)(X, Y).numpy()
    rows = 0.7 * np.eye(3)[Y] + 0.1
    np.testing.assert_allclose(smooth, nn.SoftmaxCrossEntropyLoss("none")(X, rows).numpy())


def test_bad_weights_and_shares_are_refused() -> None:
    """The errors quote them."""
    for weight in ([-1.0, 1.0], [np.nan, 1.0], [[1.0, 2.0]], [0.0, 0.0], 2.0):
        with pytest.raises(ValueError, match=r"NLLLoss: got weight=.*; expected one number from 0"):
            nn.NLLLoss(weight=weight)
    with pytest.raises(ValueError, match="got weights of 2 classes and predictions of 3; expected"):
        nn.SoftmaxCrossEntropyLoss(weight=[1, 2])(X, Y)
    for share in (-0.1, 1.5, "a", None):
        with pytest.raises(ValueError, match=r"got label_smoothing=.*; expected a share"):
            nn.SoftmaxCrossEntropyLoss(label_smoothing=share)  # type: ignore[arg-type]


def test_weights_are_part_of_the_state_and_follow_the_prediction() -> None:
    """float64 weights leave a float32 loss in float32."""
    loss = nn.SoftmaxCrossEntropyLoss(weight=WEIGHT)
    assert loss(X.astype(np.float32), Y).dtype == np.float32
    np.testing.assert_array_equal(loss.state_dict()["weight"], WEIGHT)
    assert repr(loss) == "SoftmaxCrossEntropyLoss(reduction='mean', weight=[1.0, 0.5, 3.0])"


def test_the_fused_loss_is_its_composition() -> None:
    """softmax_cross_entropy is -sum(y log_softmax(x)), in value and in both gradients."""
    y = RNG.uniform(size=(4, 3))
    results = []
    for f in (
        nn.functional.softmax_cross_entropy,
        lambda x, y: -(y * ag.log_softmax(x)).sum(axis=-1),
    ):
        tensors = ag.tensor(X, requires_grad=True), ag.tensor(y, requires_grad=True)
        value = f(*tensors)
        first = ag.grad(value.sum(), tensors, create_graph=True)
        total = (first[0] * first[0]).sum() + (first[1] * first[1]).sum()
        second = ag.grad(total, tensors)
        results.append([t.detach().numpy() for t in (value, *first, *second)])
    for fused, composed in zip(*results, strict=True):
        np.testing.assert_allclose(fused, composed, rtol=1e-12, atol=1e-13)
