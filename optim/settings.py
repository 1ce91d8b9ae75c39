"""What an optimizer may be told: checking the values of its settings, and naming the bad one."""

from __future__ import annotations

import math
from numbers import Integral, Real
from typing import TYPE_CHECKING, Any, TypedDict

import numpy as np

from autograd_lite.errors import describe

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

# What every optimizer takes beside its own settings; the base class applies them.
COMMON: dict[str, Any] = {
    "weight_decay": 0.0,
    "clip_value": None,
    "clip_norm": None,
    "maximize": False,
    "check_finite": False,
    "lazy_rows": False,
}


class Common(TypedDict, total=False):
    """Those of them that a rule passes on as it gets them; its weight_decay has its own default."""

    clip_value: float | None
    clip_norm: float | None
    maximize: bool
    check_finite: bool
    lazy_rows: bool


def check(
    name: str, settings: Mapping[str, Any], key: str, valid: Callable[[Any], bool], expected: str
) -> None:
    """Refuse a setting that is not valid.

    Args:
        name: the optimizer, for the message.
        settings: all settings.
        key: which one.
        valid: a function that tells.
        expected: what is valid, for the message.

    Raises:
        ValueError: when it is not.
    """
    try:
        fits = bool(valid(settings[key]))
    except (TypeError, ValueError):  # an array, say, where one number is meant
        fits = False
    if not fits:
        message = f"{name}: got {key}={settings[key]!r}; expected {expected}"
        raise ValueError(message)


def check_known(name: str, settings: Any, common: Any) -> None:
    """Refuse settings that no optimizer has, beside its own, and what is no dict of settings."""
    for given in (settings, common):
        if not isinstance(given, dict):
            message = f"{name}: got {describe(given)} as settings; expected a dict of them"
            raise TypeError(message)
    if "lr" not in settings:
        message = f"{name}: got the settings {sorted(map(str, settings))}; expected lr among them"
        raise TypeError(message)
    if unknown := sorted(common.keys() - COMMON.keys()):
        known = sorted({*COMMON, *settings})
        message = f"{name}: got the settings {unknown}; expected some of {known}"
        raise TypeError(message)


def check_common(name: str, settings: Mapping[str, Any]) -> None:
    """Refuse bad values of the learning rate and of the settings that every optimizer takes."""
    check(name, settings, "lr", at_least_zero, "a finite number, at least 0")
    check(name, settings, "weight_decay", at_least_zero, "a finite number, at least 0")
    for key in ("clip_value", "clip_norm"):
        check(
            name, settings, key, optional(above_zero), "a number above 0, or None for no clipping"
        )
    for key in ("maximize", "check_finite", "lazy_rows"):
        check(name, settings, key, is_bool, "True or False")


def check_fraction(name: str, settings: Mapping[str, Any], key: str) -> None:
    """Refuse a rate of decay of an average, or a momentum, outside [0, 1)."""
    check(name, settings, key, fraction, "a number from 0 up to, but not, 1")


def check_betas(name: str, settings: Mapping[str, Any]) -> None:
    """Refuse `betas` that are not two rates of decay."""
    check(name, settings, "betas", pair(fraction), "two numbers from 0 up to, but not, 1")


def check_eps(name: str, settings: Mapping[str, Any]) -> None:
    """Refuse an `eps` that is no number above 0, or that the dtype of a parameter takes for 0."""
    check(name, settings, "eps", positive, "a finite number above 0")
    for param in settings.get("params", ()):
        if not param.dtype.type(settings["eps"]):
            least = np.finfo(param.dtype).smallest_subnormal
            expected = f"at least {least:.1e}, below which it is 0 in {param.dtype}"
            check(name, settings, "eps", lambda _: False, expected)


def check_per_group(
    name: str,
    settings: Mapping[str, Any],
    key: str,
    valid: Callable[[Any], bool],
    expected: str,
    count: int,
) -> None:
    """Refuse a setting that is neither valid nor a list of `count` valid values, one a group."""
    value = settings[key]
    if isinstance(value, (list, tuple)) and len(value) == count and all(map(valid, value)):
        return
    check(name, settings, key, valid, f"{expected}, or a list of {count}, one for each group")


def as_list(name: str, key: str, values: Any) -> list[Any]:
    """A setting of several values as a list; an error in the name of `name` where it is none."""
    try:
        return list(values)
    except TypeError as error:
        message = f"{name}: got {key}={describe(values)}; expected a list"
        raise TypeError(message) from error


def of_group(value: Any, group: int) -> Any:
    """What a group has of a value for all groups, or of a list of one for each."""
    return value[group] if isinstance(value, (list, tuple)) else value


def number(name: str, value: Any) -> float:
    """A loss or a metric, as a tensor, an array or a number, as a Python number.

    Args:
        name: who asks, for the message.
        value: what should be one number.

    Raises:
        TypeError: when it is not.
    """
    try:
        return float(value.item() if hasattr(value, "item") else value)
    except (TypeError, ValueError) as error:
        message = f"{name}: got {value!r}; expected a loss, which is one number"
        raise TypeError(message) from error


def plain(settings: Mapping[str, Any]) -> dict[str, Any]:
    """The settings with NumPy's numbers as Python's, which take the dtype of what they meet."""
    return {
        key: value if type(value) in _PLAIN else _plain(value)
        for key, value in settings.items()
        if key != "params"
    }


_PLAIN = frozenset({float, int, bool, type(None), str})


def _plain(value: Any) -> Any:
    if type(value) in {tuple, list}:
        return tuple(map(_plain, value))
    return value.item() if isinstance(value, np.generic) else value


def at_least_zero(value: Any) -> bool:
    """Whether `value` is a finite number, 0 or more."""
    return _is_number(value) and 0 <= value < math.inf


def positive(value: Any) -> bool:
    """Whether `value` is a finite number above 0."""
    return at_least_zero(value) and value > 0


def above_zero(value: Any) -> bool:
    """Whether `value` is a number above 0, infinity included."""
    return _is_number(value) and value > 0


def fraction(value: Any) -> bool:
    """Whether `value` is a number from 0 up to, but not, 1: a rate of decay of an average."""
    return _is_number(value) and 0 <= value < 1


def whole(least: int) -> Callable[[Any], bool]:
    """Whether a value is an integer of at least `least`."""
    return lambda value: _is_number(value) and isinstance(value, Integral) and int(value) >= least


def pair(valid: Callable[[Any], bool]) -> Callable[[Any], bool]:
    """Whether a value is a tuple or a list of two `valid` values."""
    return lambda value: (
        isinstance(value, (tuple, list)) and len(value) == 2 and all(map(valid, value))
    )


def is_bool(value: Any) -> bool:
    """Whether `value` is True or False."""
    return isinstance(value, (bool, np.bool_))


def optional(valid: Callable[[Any], bool]) -> Callable[[Any], bool]:
    """Whether a value is None or `valid`."""
    return lambda value: value is None or valid(value)


def _is_number(value: Any) -> bool:
    return isinstance(value, Real) and not is_bool(value)
