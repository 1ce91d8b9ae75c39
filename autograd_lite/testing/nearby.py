"""Gradients near a point, between which those at it must lie.

Where a function is not smooth, its gradients are the convex hull of those at points as near as one
likes (Clarke 1983, "Optimization and Nonsmooth Analysis", theorem 2.5.1). So a gradient is one if
along no direction it is ahead of all of them. Slopes through the point itself do not tell as much:

- At x = y both (1, 0) and (1/2, 1/2) are gradients of max(x, y), and (1, 1) is none, though each of
  its entries lies between the slopes along its own axis.
- Of three equal numbers none moves the median alone: its slopes along the axes are 0. Yet (1, 0, 0)
  is a gradient of it, as close by one of them is the median, and (0, 0, 0) is none.
"""

from __future__ import annotations

import itertools
import math
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from autograd_lite.testing.compare import random
from autograd_lite.testing.report import entry_in
from autograd_lite.testing.subject import row

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from autograd_lite.testing.compare import Comparison
    from autograd_lite.testing.report import Kink, Place

_GROUPS = 24  # of kinks in the same value, how many are looked at
_PLANE = ((1, 1), (1, -1), (1, 2), (2, 1), (1, -2), (2, -1))  # along the axes each is known alone
_KNOWN = 1e-4  # to which slopes nearby are known, relatively
_NEAR, _NEAREST = 2.0**-18, 2.0**-34  # no kink farther away is one here
_SHORT = 2.0**-8  # of a distance, so that most points are not that close to a kink
_STARTS, _EACH, _MOST = 32, 16, 1024  # points, also for each entry, before the best is bettered
_FEW = 6  # points, at most of which a jump shows along any direction but few
_TRIES = 16  # of a better place, for each entry
_LASTS = 0.1  # a gap is one if it changes by no more than this share from near to nearest


class Range(NamedTuple):
    """The least and the largest slope nearby; the same where the slopes have a limit."""

    low: float
    high: float

    def holds(self, slope: float) -> bool:
        """Whether a slope lies between them."""
        allowed = _KNOWN * (1e-6 + max(abs(self.low), abs(self.high)))
        return self.low - allowed <= slope <= self.high + allowed


def clash_of(comparison: Comparison, kinks: Sequence[Kink]) -> Sequence[Kink]:
    """Kinks of one value whose gradients cannot be right together, or none."""
    by_output: dict[Place, list[Kink]] = {}
    for kink in kinks:
        if np.isfinite([kink.left, kink.right]).all():
            by_output.setdefault(kink.output, []).append(kink)
    several = [some for some in by_output.values() if len(some) > 1]
    pairs = (pair for some in several for pair in itertools.combinations(some, 2))
    for group in (*itertools.islice(pairs, _GROUPS), *several[:_GROUPS]):
        if not _are_possible(comparison, group):
            return group
    return ()


def range_nearby(
    comparison: Comparison,
    weights: NDArray[Any],
    k: int,
    direction: NDArray[Any],
    gradient: NDArray[Any],
) -> Range:
    """Between what the slopes of the weighted values jump nearby, along one of input `k`.

    The search for larger and smaller ones ends when that of the gradient lies between them.
    """
    # Numbers of 1e-20 are not near 0, where a norm has its kink, and those of 1e-30 are.
    sizes = np.abs(row(comparison.subject.point))
    units = np.where(sizes > 0, sizes, sizes[sizes > 0].min(initial=1.0))
    around = _Surroundings(comparison, weights, units)
    along = around.of_input(k, direction)
    here, slope = around.slope(along, 0 * along, _NEAR), float(gradient @ direction.ravel())
    found = Range(here, here)
    if any(True for _ in around.jumps(around.any_way(), _FEW)):  # else it is smooth
        for up, down in itertools.zip_longest(around.jumps(along), around.jumps(-along)):
            ends = [*found, *([] if up is None else [up]), *([] if down is None else [-down])]
            found = Range(min(ends), max(ends))
            if found.holds(slope):
                break
    return found


def lies_nearby(comparison: Comparison, k: int, direction: NDArray[Any]) -> bool | None:
    """Whether the gradient is one of those near the point; None where they are all the same.

    Seen along a direction, along all entries together, and along each the way its gradient goes.
    """
    seen = None
    for weights, gradients in zip(comparison.weights, comparison.gradients, strict=True):
        gradient = gradients[k]
        nearby = range_nearby(comparison, weights, k, direction, gradient)
        if nearby.low < nearby.high:
            seen = True
            for along in (direction, np.ones_like(gradient), np.sign(gradient)):
                nearby = range_nearby(comparison, weights, k, along, gradient)
                if not nearby.holds(float(gradient @ along)):
                    return False
    return seen


class _Surroundings:
    """A weighted sum of the values near the point, and what distances are relative to."""

    def __init__(self, comparison: Comparison, weights: NDArray[Any], units: NDArray[Any]) -> None:
        self._comparison, self._weights, self._units = comparison, weights, units
        self._ends = np.cumsum([0, *(a.size for a in comparison.subject.point)])

    def of_input(self, k: int, direction: NDArray[Any]) -> NDArray[Any]:
        """A direction of one input as one of all."""
        whole = np.zeros(self._units.size)
        whole[self._ends[k] : self._ends[k + 1]] = direction.ravel()
        return whole

    def any_way(self) -> NDArray[Any]:
        """A direction along which nothing cancels."""
        drawn = random(np.random.default_rng(1), self._units.shape)
        return np.asarray(self._units * drawn)

    def jumps(self, direction: NDArray[Any], most: int | None = None) -> Iterator[float]:
        """Of the slopes nearby, or so many of them, those that do not tend to that at the point."""
        here, at_once = (self.slope(direction, 0 * direction, h) for h in (_NEAR, _NEAREST))
        for offsets, slope in itertools.islice(self.slopes(direction), most):
            gap = slope - here
            nearest = self.slope(direction, offsets, _NEAREST) - at_once
            lasts = abs(nearest - gap) <= _LASTS * abs(gap)
            if lasts and abs(gap) > _KNOWN * max(abs(slope), abs(here)):
                yield slope

    def slopes(self, direction: NDArray[Any]) -> Iterator[tuple[NDArray[Any], float]]:
        """Points nearby with their slopes, in search of larger ones.

        The first two are where a convex and a concave function has its largest.
        """
        generator = np.random.default_rng(0)
        moved = np.flatnonzero(direction)
        starts = min(max(_STARTS, _EACH * direction.size), _MOST)
        straight = direction / self._units
        best, furthest = straight / np.abs(straight).max(initial=1e-300), -np.inf
        for turn in range(starts + _TRIES * moved.size):
            offsets = (1 - 2 * turn) * best if turn <= 1 else random(generator, best.shape)
            if turn >= starts:  # from now on one entry at a time is moved
                offsets = np.where(np.arange(best.size) == moved[turn % moved.size], offsets, best)
            slope = self.slope(direction, offsets, _NEAR)
            yield offsets, slope
            if slope >= furthest:
                best, furthest = offsets, slope

    def slope(self, direction: NDArray[Any], offsets: NDArray[Any], h: float) -> float:
        """The slope along a direction at a point `h` away, infinite where there is none."""
        moved = direction != 0
        step = _SHORT * h * (self._units[moved] / np.abs(direction[moved])).min(initial=1e300)
        away = h * offsets * self._units
        ahead, behind = (self._value(away + way * step * direction) for way in (1, -1))
        slope = (ahead - behind) / (2 * step)
        return slope if np.isfinite(slope) else np.inf

    def _value(self, steps: NDArray[Any]) -> float:
        point, used = self._comparison.subject.point, self._weights != 0
        parts = np.split(steps, self._ends[1:-1])
        arrays = [a + part.reshape(a.shape) for a, part in zip(point, parts, strict=True)]
        return float(self._weights[used] @ self._comparison.oracle.values(arrays)[used])


def _are_possible(comparison: Comparison, kinks: Sequence[Kink]) -> bool:
    """Whether the gradients of a value at some kinks are nowhere ahead of all those nearby."""
    weights = np.zeros(sum(v.size for v in comparison.values))
    weights[entry_in([v.shape for v in comparison.values], kinks[0].output)] = 1.0
    around = _Surroundings(comparison, weights, row(comparison.oracle.scales))
    shapes, floating = [a.shape for a in comparison.subject.point], comparison.subject.floating
    places = [kink.input._replace(array=floating.index(kink.input.array)) for kink in kinks]
    gradient = np.array([kink.gradient for kink in kinks])
    sides = np.array([[kink.left for kink in kinks], [kink.right for kink in kinks]])
    signs = (np.sign(sides.sum(axis=0)), np.sign(gradient))
    allowed = _KNOWN * (1e-6 + np.abs(sides).max(axis=0).sum())
    for some in np.array(_PLANE if len(kinks) == len(_PLANE[0]) else signs):
        for direction in (some, -some):
            along = np.zeros(sum(map(math.prod, shapes)))
            along[[entry_in(shapes, place) for place in places]] = direction
            wanted = gradient @ direction - allowed
            if not any(slope >= wanted for _, slope in around.slopes(along)):
                return False
    return True
