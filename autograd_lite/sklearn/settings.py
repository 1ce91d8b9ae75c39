"""The parameters of an estimator: checked when it is fitted, as scikit-learn wants it."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from autograd_lite import nn
from autograd_lite.dtypes import floating
from autograd_lite.errors import describe
from autograd_lite.optim.settings import at_least_zero, is_bool, positive, whole

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_COUNT = "an integer, at least 1"
_SWITCH = "True or False"


def _sizes(value: Any) -> bool:
    each = whole(1)
    return each(value) or (hasattr(value, "__iter__") and all(map(each, value)))


def _floating(value: Any) -> bool:
    try:
        floating("dtype", value)
    except TypeError:
        return False
    return True


# What is valid of each parameter, and how an error says it.
_RULES: dict[str, tuple[Callable[[Any], bool], str]] = {
    "module": (
        lambda value: value is None or isinstance(value, nn.Module) or callable(value),
        "a module, a function of (n_features, n_outputs) that makes one, or hidden_layer_sizes=",
    ),
    "hidden_layer_sizes": (_sizes, "integers of at least 1, such as (100,)"),
    "alpha": (at_least_zero, "a finite number, at least 0"),
    "batch_size": (lambda value: _is(value, "auto") or whole(1)(value), f"'auto', or {_COUNT}"),
    "learning_rate": (
        lambda value: _is(value, "constant") or callable(value),
        "'constant', or a function of the optimizer that makes a schedule (see learning_rate_init)",
    ),
    "learning_rate_init": (
        lambda value: value is None or positive(value),
        "a finite number above 0, or None for the optimizer's own",
    ),
    "max_iter": (whole(1), _COUNT),
    "shuffle": (is_bool, _SWITCH),
    "random_state": (
        lambda value: value is None or whole(0)(value) or isinstance(value, np.random.RandomState),
        "an integer from 0, a np.random.RandomState, or None, as everywhere in scikit-learn",
    ),
    "tol": (at_least_zero, "a finite number, at least 0"),
    "verbose": (lambda value: is_bool(value) or whole(0)(value), _SWITCH),
    "warm_start": (is_bool, _SWITCH),
    "early_stopping": (is_bool, _SWITCH),
    "validation_fraction": (lambda value: positive(value) and value < 1, "above 0 and below 1"),
    "n_iter_no_change": (
        lambda value: whole(1)(value) or _is(value, math.inf),
        f"{_COUNT}, or infinity",
    ),
    "dtype": (lambda value: value is None or _floating(value), "a floating dtype, or None"),
}


def check_settings(name: str, settings: Mapping[str, Any]) -> None:
    """Refuse a bad value of a parameter that both estimators have.

    Raises:
        ValueError: when there is one; it names the parameter, and what is valid.
    """
    for key, (valid, expected) in _RULES.items():
        if not valid(settings[key]):
            message = f"{name}: got {key}={describe(settings[key])}; expected {expected}"
            raise ValueError(message)


def _is(value: Any, word: object) -> bool:
    """Whether a value is that one; an array is not."""
    return isinstance(value, type(word)) and value == word
