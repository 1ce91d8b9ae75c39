"""scikit-learn's own checks of estimators pass, all of them."""

from __future__ import annotations

import contextlib
from typing import Any
from unittest import SkipTest

import pytest
from sklearn.utils.estimator_checks import estimator_checks_generator

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
KINDS = {"classifier": NetClassifier, "regressor": NetRegressor}
ESTIMATORS: dict[str, Any] = {
    **{kind: make() for kind, make in KINDS.items()},
    **{f"{kind} of a module": make(make_double_net, **OTHERS) for kind, make in KINDS.items()},
}


def name_of(check: Any) -> str:
    """The function that a check is."""
    return str(getattr(check, "func", check).__name__)


def all_checks() -> list[Any]:
    """Each estimator with each check of it, as `check_estimator` runs them."""
    return [
        pytest.param(checked, check, id=f"{name}-{name_of(check)}")
        for name, estimator in ESTIMATORS.items()
        for checked, check in estimator_checks_generator(estimator)
    ]


@pytest.mark.parametrize(("estimator", "check"), all_checks())
def test_scikit_learns_checks_pass(estimator: Any, check: Any) -> None:
    check(estimator)


@pytest.mark.parametrize("kind", list(KINDS))
def test_they_pass_with_early_stopping(kind: str) -> None:
    """But one: weights count rows, and rows that are repeated make another validation part."""
    passed = set()
    for estimator, check in estimator_checks_generator(KINDS[kind](early_stopping=True, **OTHERS)):
        name = name_of(check)
        if name == "check_sample_weight_equivalence_on_dense_data":
            continue
        with contextlib.suppress(SkipTest):
            check(estimator)
        passed.add(name)
    assert len(passed) > 40
