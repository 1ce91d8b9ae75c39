"""A slope with the estimate of its error, and how it is extrapolated from differences."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

SAFE = 4.0  # what the estimate of an error is multiplied with
_LIKELY = 8.0  # a gap of that many errors may be one
_TINY = 1e-9  # a gap that is less than this share of the values is none


class Slope(NamedTuple):
    """The derivative of all values along a line; and the gap between its two sides.

    Attributes:
        value: the slope, at a kink the mean of both sides.
        error: of that, estimated.
        gap: the slope ahead less the one behind.
        gap_error: of that, estimated.
        size: of the largest value or change, beside which the smallest numbers are rounding.
    """

    value: NDArray[Any]
    error: NDArray[Any]
    gap: NDArray[Any]
    gap_error: NDArray[Any]
    size: float

    @property
    def kinked(self) -> NDArray[Any]:
        """Where the two sides seem to have slopes of their own."""
        size = np.abs(self.value) + np.abs(self.gap)
        least = _LIKELY * self.gap_error + 1e-5 * size + _TINY * self.size
        seem: NDArray[Any] = np.abs(self.gap) > least
        return seem

    @property
    def left(self) -> NDArray[Any]:
        """The slope behind."""
        return self.value - self.gap / 2

    @property
    def right(self) -> NDArray[Any]:
        """The slope ahead."""
        return self.value + self.gap / 2

    def where(self, mask: NDArray[Any], other: Slope) -> Slope:
        """This slope where `mask` is true, elsewhere the other one."""
        return Slope(
            np.where(mask, self.value, other.value),
            np.where(mask, self.error, other.error),
            np.where(mask, self.gap, other.gap),
            np.where(mask, self.gap_error, other.gap_error),
            max(self.size, other.size),
        )

    def confirms(self, gap: NDArray[Any], share: float) -> NDArray[Any]:
        """Where this gap is the same as another one, up to a share of that, for sure."""
        off = np.abs(self.gap - gap) + _LIKELY * self.gap_error
        same: NDArray[Any] = off <= share * np.abs(gap)
        return same

    def denies(self, gap: NDArray[Any], share: float) -> NDArray[Any]:
        """Where this gap cannot be the same as another one."""
        off = np.abs(self.gap - gap)
        other: NDArray[Any] = off > share * np.abs(gap) + _LIKELY * self.gap_error
        return other

    def where_moving(self) -> Slope:
        """This slope, without certainty where values do not move: steps may be too short for that.

        As of a function that rounds its argument, which is not flat for that.
        """
        still = (self.value == 0) & (self.gap == 0)
        none = np.full(still.shape, np.inf)
        return self.where(~still, self._replace(error=none, gap_error=none))

    def smooth(self) -> Slope:
        """The slope without a gap, and without certainty where there seemed to be one."""
        error = np.where(self.kinked, np.inf, self.error)
        return Slope(self.value, error, np.zeros_like(self.gap), error, self.size)


class Extrapolation:
    """Richardson's: values for h, h/2, h/4, ... whose error is a sum of known powers of h.

    Attributes:
        value: of all combinations of them that one, entry by entry, which changed least.
        error: how much that was, and what rounding may have done besides.
    """

    value: NDArray[Any]
    error: NDArray[Any]

    def __init__(self, powers: tuple[int, ...]) -> None:
        self._powers = powers
        self._last: list[NDArray[Any]] = []

    def add(self, value: NDArray[Any], rounding: NDArray[Any]) -> None:
        """The value for the next step, half the last one."""
        line = [value]
        if not self._last:
            self.value, self.error = value, np.full(value.shape, np.inf)
        for power, before in zip(self._powers, self._last, strict=False):
            after = line[-1] + (line[-1] - before) / (2**power - 1)
            changed = np.maximum(np.abs(after - line[-1]), np.abs(after - before))
            error = SAFE * changed + rounding
            better = error < self.error  # nan is not
            self.value = np.where(better, after, self.value)
            self.error = np.where(better, error, self.error)
            line.append(after)
        self._last = line


def best_of(tried: list[Slope]) -> Slope:
    """For each value the most certain of some slopes, as if there were no kink.

    They go from large steps to small ones. Of two that exclude each other the later one is right:
    the larger step went over something, as a pole.
    """
    best = tried[0].smooth()
    for slope in tried[1:]:
        other = slope.smooth()
        exclude = np.abs(best.value - other.value) > best.error + other.error
        best = other.where((other.error < best.error) | exclude, best)
    return best
