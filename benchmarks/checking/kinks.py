"""Functions at points where they have no derivative, with values that lie in and out of it.

At a kink the derivative may be any number between those of the two sides; what lies outside is as
wrong there as elsewhere.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray


class Kink(NamedTuple):
    """A function at a kink.

    Attributes:
        name: the function and the point.
        forward: the function.
        point: the input.
        inside: gradients to accept, as factors of the cotangent.
        outside: gradients to reject.
    """

    name: str
    forward: Callable[..., Any]
    point: NDArray[Any]
    inside: tuple[tuple[float, ...], ...]
    outside: tuple[tuple[float, ...], ...]


def _each(*values: float) -> tuple[tuple[float, ...], ...]:
    return tuple((value,) for value in values)


KINKS = (
    Kink(
        "relu at 0",
        lambda x: np.where(x.real > 0, x, 0 * x),
        np.zeros(1),
        _each(0.0, 0.5, 1.0),
        _each(-0.2, 1.5),
    ),
    Kink(
        "abs at 0",
        lambda x: np.where(x.real < 0, -x, x),
        np.zeros(1),
        _each(0.0, 1.0, -1.0),
        _each(1.5, -2.0),
    ),
    Kink(
        "clip(x, -1, 1) at 1",
        lambda x: np.where(x.real > 1, 1.0, np.where(x.real < -1, -1.0, x)),
        np.ones(1),
        _each(0.0, 0.5, 1.0),
        _each(2.0, -1.0),
    ),
    Kink(
        "max of a tie",
        lambda x: x[np.argmax(x.real)],
        np.array([1.0, 1.0]),
        ((0.5, 0.5), (1.0, 0.0), (0.0, 1.0)),
        ((1.0, 1.0), (0.0, 0.0)),
    ),
)


def constant_vjp(gradient: tuple[float, ...]) -> Callable[..., tuple[Any, ...]]:
    """The vjp that gives this gradient, times the cotangent."""
    return lambda g, x: ((g * np.array(gradient, x.dtype)).astype(x.dtype),)
