"""What the estimators refuse: with a message that tells what to do, and nothing changed."""

from __future__ import annotations

import subprocess
import sys
from functools import partial
from typing import Any

import numpy as np
import pytest
from scipy import sparse

from autograd_lite import nn, optim
from autograd_lite.sklearn import NetClassifier, NetRegressor

from .sklearn_cases import blobs, line

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")


@pytest.mark.parametrize("kind", [NetClassifier, NetRegressor])
@pytest.mark.parametrize(
    ("parameter", "value", "hint"),
    [
        ("module", (100,), "hidden_layer_sizes"),
        ("module", nn.Identity(), "parameters"),
        ("module", lambda n, k: None, "which made None"),  # noqa: ARG005
        ("module", nn.Linear(3, 7), "outputs of shape"),
        ("hidden_layer_sizes", (3, 0), "at least 1"),
        ("activation", "rleu", "'relu'"),
        ("activation", nn.ReLU(), "class or function"),
        ("optimizer", "adm", "'adam'"),
        ("optimizer", lambda params: 3, "which made 3"),  # noqa: ARG005
        ("loss", nn.MSELoss, "nn."),
        ("loss", nn.HuberLoss(reduction="none"), "loss"),
        ("alpha", -1, "at least 0"),
        ("batch_size", 0, "'auto'"),
        ("learning_rate", 0.1, "learning_rate_init"),
        ("learning_rate", lambda optimizer: 3, "a schedule"),  # noqa: ARG005
        ("learning_rate_init", 0, "above 0"),
        ("max_iter", 1.5, "an integer"),
        ("shuffle", "no", "True or False"),
        ("random_state", np.random.default_rng(0), "RandomState"),
        ("tol", np.nan, "finite"),
        ("early_stopping", 1, "True or False"),
        ("validation_fraction", 1.0, "below 1"),
        ("n_iter_no_change", 0, "at least 1"),
        ("dtype", "int64", "floating"),
    ],
)
def test_bad_parameters_are_named_when_fitted(
    kind: Any, parameter: str, value: Any, hint: str
) -> None:
    x, y = line()
    net = kind(max_iter=1).set_params(**{parameter: value})
    with pytest.raises((ValueError, TypeError), match=f"^{kind.__name__}: .*{hint}") as caught:
        net.fit(x, y[:, 0] > 0)
    assert parameter in str(caught.value) or "reduction" in str(caught.value)
    assert not hasattr(net, "module_")
    assert not hasattr(net, "n_features_in_")


def bad_fits() -> dict[str, tuple[Any, str]]:
    """What is done to a fitted classifier of three classes, and what is said to it."""
    x, y = blobs(3)
    ones = np.ones(len(y))
    missing = np.array(["a", None], object)[y.clip(0, 1)]
    return {
        "nan": (lambda net: net.fit(np.where(x > 3, np.nan, x), y), "contains NaN"),
        "sparse": (lambda net: net.fit(sparse.csr_array(x), y), "toarray"),
        "continuous": (lambda net: net.fit(x, x[:, 0]), "Unknown label type"),
        "missing label": (
            lambda net: net.fit(x, missing),
            "NoneType, str as objects",
        ),
        "several classes": (lambda net: net.fit(x, np.c_[y, y]), "MultiOutputClassifier"),
        "fewer features": (lambda net: net.partial_fit(x[:, :1], y), "1 features"),
        "unseen class": (lambda net: net.partial_fit(x, y + 1), r"\[3\] in y; expected some of"),
        "other classes": (lambda net: net.partial_fit(x, y, classes=[0, 1]), "the first call"),
        "labels": (lambda net: net.partial_fit(x, np.eye(3)[y]), "as at first"),
        "negative weight": (lambda net: net.fit(x, y, sample_weight=-ones), "numbers from 0"),
        "no weight": (lambda net: net.fit(x, y, sample_weight=0 * ones), "all zero"),
        "short weight": (lambda net: net.fit(x, y, sample_weight=[1, 2]), r"\(60,\)"),
        "half validation": (lambda net: net.fit(x, y, X_val=x), "expected both"),
        "unused validation": (lambda net: net.fit(x, y, X_val=x, y_val=y), "early_stopping=True"),
    }


@pytest.mark.parametrize("case", list(bad_fits()))
def test_a_fitted_estimator_is_as_it_was_after_an_error(case: str) -> None:
    x, y = blobs(3)
    net = NetClassifier(max_iter=3, random_state=0).fit(x, y)
    before, kept = net.predict_proba(x), dict(vars(net))
    action, hint = bad_fits()[case]
    with pytest.raises((ValueError, TypeError), match=hint):
        action(net)
    assert vars(net).keys() == kept.keys()
    assert all(vars(net)[key] is value for key, value in kept.items())
    np.testing.assert_array_equal(net.predict_proba(x), before)


@pytest.mark.parametrize("warm_start", [True, False])
def test_a_training_that_diverges_is_an_error_and_changes_nothing(warm_start: bool) -> None:
    x, y = line()
    net = NetRegressor(max_iter=3, warm_start=warm_start, random_state=0).fit(x, y)
    before = net.predict(x)
    net.set_params(optimizer=partial(optim.SGD, clip_value=None), learning_rate_init=1e30)
    with (
        np.errstate(all="ignore"),
        pytest.raises(ValueError, match=r"loss became (inf|nan) in epoch \d; .*StandardScaler"),
    ):
        net.fit(x, y)
    np.testing.assert_array_equal(net.predict(x), before)
    assert net.n_iter_ == 3
    assert not net.module_.training


def test_a_last_step_into_infinity_is_an_error() -> None:
    x, y = line()
    rule = partial(optim.SGD, lr=1e308, clip_value=None)
    net = NetRegressor(nn.Linear, optimizer=rule, max_iter=1, batch_size=80, dtype="float32")
    with (
        np.errstate(all="ignore"),
        pytest.raises(ValueError, match="parameters became infinite in epoch 1"),
    ):
        net.fit(x, y)
    assert not hasattr(net, "module_")


def test_numbers_that_float32_cannot_hold_are_refused() -> None:
    x, y = line()
    for module in (nn.Linear(3, 1), nn.Linear):
        with pytest.raises(ValueError, match=r"X contains infinity or a value too large"):
            NetRegressor(module, max_iter=1).fit(x * 1e300, y)
        with pytest.raises(ValueError, match=r"y contains infinity or a value too large"):
            NetRegressor(module, max_iter=1).fit(x, y * 1e300)


def test_class_weights_are_checked() -> None:
    x, y = blobs()
    for weights, hint in [
        ("blanced", "'balanced'"),
        ({7: 1.0}, r"for \[7\]; expected some of the classes \[0, 1\]"),
        ({0: -1.0}, "finite numbers from 0"),
        ({0: "much"}, "finite numbers from 0"),
        ({0: 0.0, 1: 0.0}, "all zero"),
    ]:
        with pytest.raises(ValueError, match=hint):
            NetClassifier(class_weight=weights).fit(x, y)
    with pytest.raises(ValueError, match=r"pos_weight"):
        NetClassifier(class_weight="balanced").fit(x, (x > 0).astype(int))
    with pytest.raises(ValueError, match=r"compute_class_weight"):
        NetClassifier(class_weight="balanced").partial_fit(x, y, classes=[0, 1])


def test_losses_must_suit_the_targets() -> None:
    x, y = blobs(3)
    with pytest.raises(TypeError, match=r"which is one of classes; .*NetClassifier"):
        NetRegressor(loss=nn.BCELoss()).fit(x, y)
    with pytest.raises(TypeError, match=r"expected a loss such as nn\.Softmax"):
        NetClassifier(loss=nn.MSELoss()).fit(x, y)
    with pytest.raises(TypeError, match=r"such as nn\.BCEWithLogitsLoss"):
        NetClassifier(loss=nn.NLLLoss()).fit(x, (x > 0).astype(int))
    with pytest.raises(ValueError, match="class_weight"):
        NetClassifier(loss=nn.NLLLoss(weight=[1.0, 1.0, 2.0])).fit(x, y)


def test_the_first_partial_fit_needs_the_classes() -> None:
    with pytest.raises(ValueError, match=r"classes=np.unique\(all_y\)"):
        NetClassifier().partial_fit(*blobs())


def test_outputs_that_come_to_an_end_in_prediction_are_refused() -> None:
    """A module that returns one row for all has the wrong shape, at prediction as in training."""

    class Pooled(nn.Linear):
        def forward(self, x: Any, *settings: Any, **more: Any) -> Any:
            out = super().forward(x, *settings, **more)
            return out if self.training else out.mean(axis=0, keepdims=True)

    x, y = blobs()
    net = NetClassifier(Pooled, max_iter=1).fit(x, y)
    with pytest.raises(ValueError, match=r"shape \(1, 2\) for 60 rows; expected \(60, 2\)"):
        net.predict(x)


def test_too_few_rows_for_a_validation_part_are_refused() -> None:
    x, y = blobs()
    with pytest.raises(ValueError, match=r"n_samples = 2 .* X_val and y_val"):
        NetClassifier(early_stopping=True).fit(x[:2], y[:2])


def test_without_scikit_learn_the_import_says_what_to_install() -> None:
    code = (
        "import sys; sys.modules['sklearn'] = None\n"
        "import autograd_lite as ag\n"
        "try:\n    ag.sklearn\n"
        "except ImportError as error:\n    print(error)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "autograd_lite.sklearn: needs scikit-learn 1.6" in done.stdout
    assert 'pip install "autograd-lite[sklearn]"' in done.stdout
