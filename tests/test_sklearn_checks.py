"""scikit-learn's own checks of estimators pass, all of them."""

from __future__ import annotations

import contextlib
from typing import Any
from unittest import SkipTest

import pytest
from sklearn.utils.estimator_checks import estimator_checks_generator, parametrize_with_checks

from autograd_lite.sklearn import NetClassifier, NetRegressor

from .sklearn_cases import make_double_net

# What the checks themselves are: short trainings, on data that are too small or odd on purpose.
pytestmark = [
    pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning"),
    pytest.mark.filterwarnings("ignore::sklearn.exceptions.DataConversionWarning"),
    pytest.mark.filterwarnings("ignore::sklearn.exceptions.UndefinedMetricWarning"),
    pytest.mark.filterwarnings("ignore:The number of unique classes:UserWarning"),
]
OTHERS: dict[str, Any] = {"learning_rate_init": 0.01, "max_iter": 50}


@parametrize_with_checks(  # type: ignore[untyped-decorator]  # scikit-learn has no types
    [
        NetClassifier(),
        NetRegressor(),
        NetClassifier(make_double_net, **OTHERS),
        NetRegressor(make_double_net, **OTHERS),
    ]
)
def test_scikit_learns_checks_pass(estimator: Any, check: Any) -> None:
    check(estimator)


@pytest.mark.parametrize("kind", [NetClassifier, NetRegressor])
def test_they_pass_with_early_stopping(kind: Any) -> None:
    """But one: weights count rows, and rows that are repeated make another validation part."""
    passed = set()
    for estimator, check in estimator_checks_generator(kind(early_stopping=True, **OTHERS)):
        name = getattr(check, "func", check).__name__
        if name == "check_sample_weight_equivalence_on_dense_data":
            continue
        with contextlib.suppress(SkipTest):
            check(estimator)
        passed.add(name)
    assert len(passed) > 40
