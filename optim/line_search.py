"""The length of a step: a line search for the strong Wolfe conditions."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable

SUFFICIENT = 1e-4  # c1: the part of the fall that the first slope promises
FLAT = 0.9  # c2: the part of the first slope that may be left


class Point(NamedTuple):
    """A step, and the value and the slope of the function there."""

    step: float
    value: float
    slope: float


def strong_wolfe(
    function: Callable[[float], tuple[float, float]],
    start: Point,
    step: float,
    most: int = 25,
) -> tuple[Point, int]:
    """A step that satisfies the strong Wolfe conditions, with c1 = 1e-4 and c2 = 0.9.

        f(t) <= f(0) + c1 t f'(0)    and    |f'(t)| <= c2 |f'(0)|

    Steps grow until an interval must hold such a step, which is then narrowed by cubic
    interpolation. A value that is not finite counts as too high.

    Args:
        function: gives f(t) and f'(t).
        start: f at t = 0, where the slope is below 0.
        step: the first t to try, above 0.
        most: how often `function` may be called.

    Returns:
        The point, and how often `function` was called. When that was too often, the point is the
        lowest of those with the first condition; which may be `start`.

    Source:
        Nocedal and Wright, "Numerical optimization", 2006, algorithms 3.5 and 3.6.

    Example:
        >>> point, calls = strong_wolfe(lambda t: ((t - 3) ** 2, 2 * (t - 3)), Point(0, 9, -6), 1.0)
        >>> point, calls
        (Point(step=1.0, value=4.0, slope=-4.0), 1)
        >>> point, calls = strong_wolfe(lambda t: ((t - 3) ** 2, 2 * (t - 3)), Point(0, 9, -6), 9.0)
        >>> point.step, calls
        (3.0, 2)
    """
    search = _Search(function, start, most)
    low, high = search.interval(step)
    if high is not None:
        low = search.narrowed(low, high)
    return low, most - search.left


class _Search:
    """A function with its start, and how often it may still be called."""

    def __init__(
        self, function: Callable[[float], tuple[float, float]], start: Point, left: int
    ) -> None:
        self.function, self.start, self.left = function, start, left

    def interval(self, step: float) -> tuple[Point, Point | None]:
        """Two points with a good step between them, the lower first; or one, where to end."""
        low = self.start
        while True:
            new = self.at(step)
            if self.is_high(new, low):
                return low, new
            if self.is_flat(new) or not self.left:
                return new, None
            if new.slope >= 0:
                return new, low
            grown = new.step - low.step
            step = _cubic(low, new, new.step + grown / 100, new.step + 9 * grown)
            low = new

    def narrowed(self, low: Point, high: Point) -> Point:
        """A good step between two points; the lowest one, if there is none to be found."""
        while self.left:
            tenth = (high.step - low.step) / 10
            step = _cubic(low, high, low.step + tenth, high.step - tenth)
            if step in {low.step, high.step}:
                break
            new = self.at(step)
            if self.is_high(new, low):
                high = new
                continue
            if self.is_flat(new):
                return new
            if new.slope * (high.step - low.step) >= 0:
                high = low
            low = new
        return low

    def at(self, step: float) -> Point:
        """The point at a step."""
        self.left -= 1
        return Point(step, *self.function(step))

    def is_high(self, point: Point, low: Point) -> bool:
        """Whether a point fails the first condition, or is not below another."""
        promised = self.start.value + SUFFICIENT * point.step * self.start.slope
        good = point.value <= promised and point.value < low.value
        return not (good and math.isfinite(point.value + point.slope))

    def is_flat(self, point: Point) -> bool:
        """Whether a point satisfies the second condition."""
        return abs(point.slope) <= -FLAT * self.start.slope


def _cubic(a: Point, b: Point, first: float, last: float) -> float:
    """Where the cubic through two points is lowest, within limits; or between the limits."""
    low, high = min(first, last), max(first, last)
    try:
        d1 = a.slope + b.slope - 3 * (a.value - b.value) / (a.step - b.step)
        d2 = math.copysign(math.sqrt(d1 * d1 - a.slope * b.slope), b.step - a.step)
        part = (b.slope + d2 - d1) / (b.slope - a.slope + 2 * d2)
        lowest = b.step - (b.step - a.step) * part
    except (ValueError, ZeroDivisionError, OverflowError):  # it falls without end
        lowest = math.nan
    return min(max(lowest, low), high) if math.isfinite(lowest) else (low + high) / 2
