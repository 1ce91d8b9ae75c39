"""When the training of an estimator ends, and what it keeps."""

from __future__ import annotations

import math
import warnings
from functools import partial
from typing import Any

import numpy as np
import pytest
from sklearn.exceptions import ConvergenceWarning

from autograd_lite import nn
from autograd_lite.sklearn import NetClassifier, NetRegressor
from autograd_lite.sklearn.training import Progress

from .sklearn_cases import blobs, line

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
FAST = partial(NetClassifier, learning_rate_init=0.02, max_iter=30, random_state=0)


def test_early_stopping_keeps_the_best_weights() -> None:
    x, y = line()
    net = NetRegressor(
        early_stopping=True,
        validation_fraction=0.3,
        learning_rate_init=0.3,
        n_iter_no_change=5,
        random_state=0,
    ).fit(x, y[:, 0] + np.random.RandomState(0).standard_normal(len(x)))
    scores = net.validation_scores_ or []
    assert net.n_iter_ == len(scores) < 200
    assert net.best_validation_score_ == max(scores) > scores[-1]


def test_the_best_weights_are_those_of_the_best_score_on_given_data() -> None:
    x, y = line()
    noise = np.random.RandomState(0).standard_normal(y.shape)
    net = NetRegressor(early_stopping=True, learning_rate_init=0.1, random_state=0)
    net.fit(x[:40], (y + noise)[:40], X_val=x[40:], y_val=y[40:])
    assert net.score(x[40:], y[40:]) == pytest.approx(net.best_validation_score_)
    scores = net.validation_scores_ or []
    assert scores[-1] < max(scores) == net.best_validation_score_


def test_validation_data_take_weights_and_names() -> None:
    x, y = blobs(2)
    names = np.array(["no", "yes"])[y]
    net = FAST(early_stopping=True, max_iter=1)
    net.fit(x, names, X_val=x, y_val=names, sample_weight_val=y)  # the class "yes" alone counts
    assert (net.validation_scores_ or []) == [
        pytest.approx(np.mean(net.predict(x[y == 1]) == "yes"))
    ]


@pytest.mark.parametrize("classes", [2, 12])
def test_validation_data_are_a_part_of_each_class(classes: int) -> None:
    """Also where there are more classes than rows to hold out."""
    x, y = blobs(classes, rows=120)
    y[y == 1] = 0
    y[0] = 1  # a class of one row, which stays
    seen: list[int] = []

    class Watched(nn.SoftmaxCrossEntropyLoss):
        def forward(self, x: Any, y: Any) -> Any:
            seen.extend(y.numpy().tolist())
            return super().forward(x, y)

    FAST(early_stopping=True, loss=Watched(), max_iter=1).fit(x, y)
    assert len(seen) == 108
    assert 1 in seen
    missing = np.bincount(y, minlength=classes) - np.bincount(seen, minlength=classes)
    share = np.bincount(y, minlength=classes) / 10
    assert (np.abs(missing - share) <= 1).all()


def test_training_ends_when_the_loss_does_not_fall() -> None:
    x, y = blobs()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        net = FAST(max_iter=500, tol=0.05, n_iter_no_change=3).fit(x, y)
    assert 3 < net.n_iter_ < 500
    assert net.best_loss_ == min(net.loss_curve_)
    assert net.loss_ == net.loss_curve_[-1]


def test_reaching_max_iter_is_a_warning() -> None:
    with pytest.warns(ConvergenceWarning, match="reached max_iter=2"):
        FAST(max_iter=2).fit(*blobs())


def test_ctrl_c_keeps_what_is_trained() -> None:
    class Interrupted(nn.SoftmaxCrossEntropyLoss):
        steps = 0

        def forward(self, x: Any, y: Any) -> Any:
            type(self).steps += 1
            if self.steps == 10:
                raise KeyboardInterrupt
            return super().forward(x, y)

    x, y = blobs()
    with pytest.warns(UserWarning, match="interrupted in epoch 10"):
        net = FAST(loss=Interrupted()).fit(x, y)
    assert net.n_iter_ == 9
    assert net.score(x, y) > 0.8


def test_verbose_prints_a_line_an_epoch(capsys: pytest.CaptureFixture[str]) -> None:
    x, y = blobs()
    FAST(verbose=True, max_iter=2).fit(x, y)
    first, second = capsys.readouterr().out.splitlines()
    assert first.startswith("Iteration 1, loss = 0.")
    FAST(verbose=True, max_iter=1, early_stopping=True).fit(x, y)
    assert "validation score = " in capsys.readouterr().out
    assert second.startswith("Iteration 2, loss = 0.")


def test_a_scores_nan_is_no_progress() -> None:
    """A validation score of nan would otherwise never end the training."""
    progress = Progress(0.0, 2)
    assert progress.better(0.5)
    assert [progress.better(math.nan) for _ in range(3)] == [False] * 3
    assert progress.over()
    assert progress.best == 0.5
