"""Targets of all forms, and what the outputs of a module mean by the loss."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np
import pandas as pd
import pytest

from autograd_lite import nn
from autograd_lite.sklearn import NetClassifier, NetRegressor

from .sklearn_cases import blobs, line, make_double_net

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
FAST = partial(NetClassifier, learning_rate_init=0.02, max_iter=40, random_state=0)


def ended_by(*last: nn.Module) -> Any:
    """A module with some layers behind the usual ones."""
    return lambda n, k: nn.Sequential(make_double_net(n, k), *last)


@pytest.mark.parametrize("shape", [(80,), (80, 1), (80, 3)])
def test_predictions_have_the_shape_of_the_targets(shape: tuple[int, ...]) -> None:
    x, y = line(shape[1] if len(shape) > 1 else 1)
    net = NetRegressor(optimizer="lbfgs", max_iter=10, random_state=0).fit(x, y.reshape(shape))
    assert net.predict(x).shape == shape
    assert net.predict(x).dtype == np.float64
    assert net.score(x, y.reshape(shape)) > 0.99
    assert net.n_outputs_ == y.shape[1]


def test_a_module_of_one_output_may_drop_the_column() -> None:
    class Flat(nn.Module):
        def __init__(self) -> None:
            self.linear = nn.Linear(3, 1)

        def forward(self, x: Any) -> Any:
            return self.linear(x).reshape(-1)

    x, y = line()
    net = NetRegressor(Flat(), optimizer="lbfgs", max_iter=10).fit(x, y[:, 0])
    assert net.score(x, y[:, 0]) > 0.99


@pytest.mark.parametrize("classes", [1, 2, 4])
@pytest.mark.parametrize("kind", [int, str, "category"])
def test_classes_are_predicted_as_they_were_given(classes: int, kind: Any) -> None:
    x, index = blobs(classes)
    y = pd.Series(np.array(["d", "c", "b", "a"])[index] if kind is not int else 7 - index)
    y = y.astype(kind)
    net = FAST().fit(x, y)
    assert net.classes_.tolist() == sorted(y.unique())
    assert net.score(x, y) > 0.9
    assert net.predict_proba(x).shape == (len(x), classes)
    np.testing.assert_allclose(net.predict_proba(x).sum(axis=1), 1, rtol=1e-14)
    np.testing.assert_array_equal(net.predict(x), net.classes_[net.predict_proba(x).argmax(1)])


@pytest.mark.parametrize(
    ("loss", "last"),
    [
        (nn.SoftmaxCrossEntropyLoss(label_smoothing=0.01), []),
        (nn.NLLLoss(), [nn.LogSoftmax()]),
        (nn.KLDivLoss(), [nn.LogSoftmax()]),
        (nn.CrossEntropyLoss(), [nn.Softmax()]),
        (nn.BrierLoss(), [nn.Softmax()]),
        (nn.BCEWithLogitsLoss(), []),
        (nn.BCELoss(), [nn.Sigmoid()]),
    ],
)
@pytest.mark.parametrize("classes", [2, 3])
def test_probabilities_follow_the_loss(loss: nn.Loss, last: list[nn.Module], classes: int) -> None:
    if isinstance(loss, (nn.BCELoss, nn.BCEWithLogitsLoss)) and classes == 3:
        with pytest.raises(ValueError, match=r"for 3 classes; expected 2 classes"):
            FAST(ended_by(*last), loss=loss).fit(*blobs(3))
        return
    x, y = blobs(classes)
    net = FAST(ended_by(*last), loss=loss, max_iter=150).fit(x, y, sample_weight=1 + y)
    assert net.score(x, y) > 0.9
    p = net.predict_proba(x)
    np.testing.assert_allclose(np.exp(net.predict_log_proba(x)), p, rtol=1e-12)
    right = p[np.arange(len(y)), y]
    assert right.mean() > 0.8  # which a softmax of probabilities would not reach


@pytest.mark.parametrize("loss", [None, nn.BCELoss(), nn.BCEWithLogitsLoss(pos_weight=[1.0, 2.0])])
def test_a_row_may_have_several_labels(loss: nn.Loss | None) -> None:
    x, _ = blobs(4)
    y = (x > 0).astype(int)
    module = ended_by(nn.Sigmoid()) if isinstance(loss, nn.BCELoss) else None
    net = FAST(module, loss=loss, early_stopping=True, max_iter=150).fit(
        x, y, sample_weight=x[:, 0] + 9
    )
    assert net.score(x, y) > 0.8
    assert net.predict(x).shape == net.predict_proba(x).shape == (60, 2)
    np.testing.assert_array_equal(net.predict(x), net.predict_proba(x) > 0.5)
    np.testing.assert_allclose(np.exp(net.predict_log_proba(x)), net.predict_proba(x))


def test_log_probabilities_are_finite_where_probabilities_round_to_zero() -> None:
    x, y = blobs()
    net = FAST(hidden_layer_sizes=()).fit(x, y)
    far = x[:1] * 1e5
    assert net.predict_proba(far).min() == 0
    assert np.isfinite(net.predict_log_proba(far)).all()


def test_feature_names_are_noted_and_checked() -> None:
    x, y = blobs()
    frame = pd.DataFrame(x, columns=["width", "height"])
    net = FAST().fit(frame, pd.Series(y))
    assert net.feature_names_in_.tolist() == ["width", "height"]
    assert net.n_features_in_ == 2
    np.testing.assert_array_equal(net.predict(frame), FAST().fit(x, y).predict(x))
    with pytest.raises(ValueError, match="feature names"):
        net.predict(frame[["height", "width"]])
    with pytest.warns(UserWarning, match="does not have valid feature names"):
        net.predict(x)
    assert not hasattr(net.fit(x, y), "feature_names_in_")


@pytest.mark.parametrize(
    ("given", "asked", "expected"),
    [
        ("float64", None, "float64"),
        ("float32", None, "float32"),
        ("uint8", None, "float64"),
        ("float64", "float32", "float32"),
        ("float32", np.float64, "float64"),
    ],
)
def test_layers_compute_in_the_dtype_of_the_features(given: str, asked: Any, expected: str) -> None:
    x, y = blobs()
    net = FAST(dtype=asked).fit((x * 20 + 100).astype(given), y)
    assert {str(p.dtype) for p in net.module_.parameters()} == {expected}
    assert net.dtype_ == expected
    assert net.predict_proba(x).dtype == np.float64


@pytest.mark.parametrize("as_function", [True, False])
def test_a_module_keeps_its_dtype_unless_told(as_function: bool) -> None:
    x, y = line()
    module: Any = (lambda n, k: nn.Linear(n, k)) if as_function else nn.Linear(3, 1)  # noqa: PLW0108
    net = NetRegressor(module, max_iter=2).fit(x, y)
    assert net.dtype_ == next(net.module_.parameters()).dtype == np.float32
    net = NetRegressor(module, max_iter=2, dtype="float64").fit(x, y)
    assert net.dtype_ == next(net.module_.parameters()).dtype == np.float64


def test_large_data_are_predicted_in_parts() -> None:
    x, y = blobs()
    seen: list[int] = []

    class Watched(nn.Identity):
        def forward(self, x: Any) -> Any:
            seen.append(len(x))
            return x

    net = FAST(lambda n, k: nn.Sequential(Watched(), nn.Linear(n, k)), max_iter=2).fit(x, y)
    many = np.tile(x, (100, 1))
    seen.clear()
    p = net.predict_proba(many)
    assert sum(seen) == 6000
    assert max(seen) < 5000
    np.testing.assert_allclose(p, np.tile(net.predict_proba(x), (100, 1)), rtol=1e-5)
