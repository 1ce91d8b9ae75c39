"""The estimators in scikit-learn's tools: searches, pipelines, wrappers, copies."""

from __future__ import annotations

import copy
import pickle
from functools import partial
from typing import Any

import joblib
import numpy as np
import pytest
from sklearn.base import clone, is_classifier, is_regressor
from sklearn.calibration import CalibratedClassifierCV
from sklearn.compose import TransformedTargetRegressor
from sklearn.ensemble import BaggingClassifier, BaggingRegressor, VotingClassifier
from sklearn.metrics import log_loss
from sklearn.model_selection import GridSearchCV, cross_val_predict, cross_val_score, learning_curve
from sklearn.multiclass import OneVsRestClassifier
from sklearn.multioutput import MultiOutputClassifier
from sklearn.naive_bayes import GaussianNB
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

import autograd_lite as ag
from autograd_lite import nn
from autograd_lite.sklearn import NetClassifier, NetRegressor

from .sklearn_cases import blobs, line, make_net

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
FAST = partial(NetClassifier, learning_rate_init=0.02, max_iter=30, random_state=0)


def test_the_face_has_the_package() -> None:
    assert ag.sklearn.NetClassifier is NetClassifier
    assert "sklearn" in dir(ag)


def test_they_are_what_scikit_learn_takes_them_for() -> None:
    assert is_classifier(NetClassifier())
    assert is_regressor(NetRegressor())


def test_a_clone_has_the_parameters_and_not_the_training() -> None:
    template = make_net(2, 2)
    net = NetClassifier(template, max_iter=2, random_state=0).fit(*blobs())
    twin = clone(net)
    assert not hasattr(twin, "module_")
    assert twin.module is not template
    assert twin.get_params().keys() == net.get_params().keys()
    np.testing.assert_array_equal(
        twin.fit(*blobs()).predict_proba(blobs()[0]), net.predict_proba(blobs()[0])
    )


@pytest.mark.parametrize("copied", [lambda net: pickle.loads(pickle.dumps(net)), copy.deepcopy])  # noqa: S301
def test_copies_of_what_is_fitted_predict_and_go_on_the_same(copied: Any) -> None:
    """So the optimizer of the copy has the parameters of the copy's module."""
    x, y = blobs()
    net = NetClassifier(make_net, max_iter=3, batch_size=16, random_state=0).fit(x, y)
    twin = copied(net)
    np.testing.assert_array_equal(twin.predict_proba(x), net.predict_proba(x))
    before = net.predict_proba(x)
    twin.partial_fit(x, y)
    np.testing.assert_array_equal(net.predict_proba(x), before)
    net.partial_fit(x, y)
    np.testing.assert_array_equal(twin.predict_proba(x), net.predict_proba(x))
    assert not np.array_equal(net.predict_proba(x), before)


def test_a_file_of_joblib_predicts_the_same(tmp_path: Any) -> None:
    x, y = line(2)
    net = NetRegressor(max_iter=2, random_state=0).fit(x, y)
    joblib.dump(net, tmp_path / "net.joblib")
    np.testing.assert_array_equal(
        joblib.load(tmp_path / "net.joblib", mmap_mode="r").predict(x), net.predict(x)
    )


def test_a_grid_search_in_two_processes_finds_what_one_finds() -> None:
    x, y = blobs(3)
    grid = {"net__hidden_layer_sizes": [(2,), (16,)], "net__module": [None, nn.Linear(2, 3)]}
    pipeline = make_pipeline(StandardScaler(), FAST(max_iter=10))
    pipeline.steps[-1] = ("net", pipeline.steps[-1][1])
    found = [
        GridSearchCV(pipeline, grid, cv=2, n_jobs=jobs).fit(x, np.array(list("abc"))[y])
        for jobs in (1, 2)
    ]
    scores = [search.cv_results_["mean_test_score"] for search in found]
    np.testing.assert_array_equal(*scores)
    assert found[1].best_score_ > 0.8
    assert set(found[1].predict(x)) == set("abc")


@pytest.mark.parametrize(
    "wrap",
    [
        lambda net: CalibratedClassifierCV(net, cv=3),
        lambda net: BaggingClassifier(net, n_estimators=3, random_state=0),
        lambda net: VotingClassifier([("a", net), ("b", GaussianNB())], voting="soft"),
        OneVsRestClassifier,
    ],
    ids=["calibrated", "bagged", "voting", "one-vs-rest"],
)
@pytest.mark.parametrize("classes", [2, 3])
def test_wrappers_of_classifiers_work(wrap: Any, classes: int) -> None:
    x, index = blobs(classes)
    y = np.array(["no", "yes", "maybe"])[index]
    wrapped = wrap(FAST()).fit(x, y)
    assert wrapped.score(x, y) > 0.9
    assert wrapped.predict_proba(x).shape == (60, classes)
    assert log_loss(y, wrapped.predict_proba(x), labels=wrapped.classes_) < 0.6


def test_wrappers_pass_weights_on() -> None:
    x, y = blobs()
    heavy = np.where(y == 1, 1e6, 1e-6)
    wrapped = CalibratedClassifierCV(FAST(), cv=3).fit(x, y, sample_weight=heavy)
    assert (wrapped.predict(x) == 1).mean() > 0.9


def test_wrappers_of_regressors_work() -> None:
    x, y = line(2)
    net = NetRegressor(optimizer="lbfgs", max_iter=5, random_state=0)
    assert (
        BaggingRegressor(net, n_estimators=3, random_state=0).fit(x, y[:, 0]).score(x, y[:, 0])
        > 0.9
    )
    scaled = TransformedTargetRegressor(net, transformer=StandardScaler())
    assert scaled.fit(x, 1e4 + 1e3 * y).score(x, 1e4 + 1e3 * y) > 0.9


def test_columns_of_several_classes_go_to_a_wrapper() -> None:
    x, y = blobs(3)
    both = np.column_stack([y, 2 - y])
    assert MultiOutputClassifier(FAST()).fit(x, both).score(x, both) > 0.9


def test_model_selection_works() -> None:
    x, y = blobs(3)
    p = cross_val_predict(FAST(), x, y, cv=3, method="predict_proba")
    assert p.shape == (60, 3)
    assert (p.argmax(axis=1) == y).mean() > 0.9
    _, training, validation = learning_curve(
        FAST(), x, y, cv=2, train_sizes=[0.5, 1.0], shuffle=True, random_state=0
    )
    assert training.shape == validation.shape == (2, 2)
    scoring = cross_val_score(FAST(), x, y, cv=2, scoring="neg_log_loss")
    assert (scoring > -0.6).all()


def test_a_fit_in_threads_is_a_fit_alone() -> None:
    """Each thread has its own source of random numbers, also for layers that have none."""
    x, y = blobs()
    nets = [NetClassifier(make_net, max_iter=10, random_state=seed) for seed in range(4)]
    alone = [clone(net).fit(x, y).loss_curve_ for net in nets]
    together = joblib.Parallel(n_jobs=4, backend="threading")(
        joblib.delayed(net.fit)(x, y) for net in nets
    )
    assert [net.loss_curve_ for net in together] == alone
