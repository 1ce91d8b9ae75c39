"""The words of an error: what the op is called, what it got, what it expected, and the way out."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Iterable, Mapping

_P = ParamSpec("_P")
_R = TypeVar("_R")

# What NumPy and Python raise at arguments that a function cannot use.
FAULTS = (
    ValueError,
    TypeError,
    IndexError,
    AttributeError,
    KeyError,
    OverflowError,
    ZeroDivisionError,
    MemoryError,
)

# What they become, most specific first: AxisError is an IndexError and a ValueError, LinAlgError a
# ValueError, a ufunc's "no loop" a TypeError. What is not here (an attribute that a number has not)
# is one of type, too.
_KINDS = (
    np.exceptions.AxisError,
    IndexError,
    np.linalg.LinAlgError,
    ValueError,
    OverflowError,
    MemoryError,
    TypeError,
)


_LISTED = 4  # of a list of arrays, how many are told


def describe(value: Any, depth: int = 0) -> str:
    """`value` in a few words: shape and dtype of an array, a Python value as it is written.

    >>> describe(np.zeros((2, 3), np.float32))
    '(2, 3) float32'
    >>> describe([np.zeros(2), 1.0])
    '[(2,) float64, 1.0]'
    """
    if _is_array(value):
        return f"{tuple(value.shape)} {value.dtype}"
    if type(value) is list and depth < 2 and any(_is_array(v) or type(v) is list for v in value):
        parts = [describe(v, depth + 1) for v in value[:_LISTED]]
        return f"[{', '.join(parts)}{', ...' if len(value) > _LISTED else ''}]"
    text = repr(value)
    limit = 60
    return text if len(text) <= limit else text[:limit] + "..."


def _is_array(value: Any) -> bool:
    return isinstance(getattr(value, "shape", None), tuple) and hasattr(value, "dtype")


def is_one_of(value: Any, names: Container[str]) -> bool:
    """Whether `value` is one of some names; no array is, whatever comparing it would give."""
    return isinstance(value, str) and value in names


def is_whole(value: Any, least: int) -> bool:
    """Whether `value` is an integer of at least `least`, and no boolean."""
    is_integer = isinstance(value, (int, np.integer)) and not isinstance(value, bool)
    return is_integer and bool(value >= least)


def flag(name: str, setting: str, value: Any) -> bool:
    """`value` if it is True or False, else an error that names the setting."""
    if not isinstance(value, (bool, np.bool_)):
        message = f"{name}: got {setting}={describe(value)}; expected True or False"
        raise TypeError(message)
    return bool(value)


def explain(
    error: Exception, name: str, operands: Iterable[Any], static: Mapping[str, Any], expects: str
) -> Exception:
    """`error`, as NumPy raised it inside the op `name`, in our words, of the same kind."""
    kind = next((kind for kind in _KINDS if isinstance(error, kind)), TypeError)
    got = [describe(value) for value in operands]
    got += [f"{key}={describe(value)}" for key, value in static.items()]
    reason = str(error).removeprefix(f"{name}: ").rstrip(". ")
    return kind(f"{name}: {reason}. Got {', '.join(got) or 'no operands'}; expected {expects}.")


def composite(expects: str) -> Callable[[Callable[_P, _R]], Callable[_P, _R]]:
    """Name a function made of ops in the errors that they raise, instead of the op it happens in.

    Args:
        expects: what the function takes, and the way out: the end of the message.
    """

    def decorate(function: Callable[_P, _R]) -> Callable[_P, _R]:
        @functools.wraps(function)
        def run(*args: _P.args, **kwargs: _P.kwargs) -> _R:
            try:
                return function(*args, **kwargs)
            except FAULTS as error:
                if str(error).startswith(f"{function.__name__}: "):
                    raise
                cause = error.__cause__
                reason = cause if isinstance(cause, Exception) else error
                raise explain(reason, function.__name__, args, kwargs, expects) from error

        return run

    return decorate
