"""Derivatives along a line that no rule was asked for, each with an estimate of its own error.

The ladder: a complex step where the function is defined on complex numbers, Im f(x + i h v) / h
with h = 1e-20, which nothing is subtracted in and so is good to about 1e-15; else differences,
extrapolated to a step of 0 (Ridders 1982, "Accurate computation of F'(x) and F'(x) F''(x)"), which
begin with a large step and go down until they agree with each other.

Differences at x + h v and x - h v tell two things. Their difference, by 2 h, tends to the slope
along v. Their sum less twice the middle, by h, tends to the *gap* between the slope ahead and the
one behind: 0 where the function is smooth, and what is left of it at a kink.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from autograd_lite.testing.subject import row

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from autograd_lite.testing.subject import Subject

_ULP = 2.0**-52
_RUNGS = (7, 12, 16)  # each tries the steps 2^-n, 2^-(n + 1), ...
_COARSE = 3  # for functions so rough that small steps show nothing but that
_FEWEST, _MOST = 3, 5  # steps of a rung: the error of the last is of the order h^6, h^10
_CLOSE = 2.0**-14  # between values whose roughness is measured
_SETTLES = 0.7  # a slope that changes by less than this share of the last change has a limit
_FLOAT32 = 2.0**-18  # to which it rounds, and what fourth differences make of it
_COMPLEX_STEP = 1e-20  # far below rounding, and not squared to nothing
_ALIKE = 1e-6  # to which a complex step must agree with differences, to be believed
_SAFE = 4.0  # what the estimate of an error is multiplied with
_LIKELY = 8.0  # a gap of that many errors may be one
_LASTS = 0.1  # and is one, if it changes by no more than this where steps are an eighth


class Slope(NamedTuple):
    """The derivative of all values along a line; and the gap between its two sides.

    Attributes:
        value: the slope, at a kink the mean of both sides.
        error: of that, estimated.
        gap: the slope ahead less the one behind.
        gap_error: of that, estimated.
    """

    value: NDArray[Any]
    error: NDArray[Any]
    gap: NDArray[Any]
    gap_error: NDArray[Any]

    @property
    def kinked(self) -> NDArray[Any]:
        """Where the two sides seem to have slopes of their own."""
        size = np.abs(self.value) + np.abs(self.gap)
        seem: NDArray[Any] = np.abs(self.gap) > _LIKELY * self.gap_error + 1e-5 * size + 1e-12
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
        return Slope(*(np.where(mask, a, b) for a, b in zip(self, other, strict=True)))

    def smooth(self) -> Slope:
        """The slope without a gap, and without certainty where there seemed to be one."""
        error = np.where(self.kinked, np.inf, self.error)
        return Slope(self.value, error, np.zeros_like(self.gap), error)


class Side(NamedTuple):
    """The slopes of all values to one side, and their errors."""

    value: NDArray[Any]
    error: NDArray[Any]


class Oracle:
    """The derivatives of one function at its point, along one floating input at a time.

    Args:
        subject: the function.
        middle: its values at the point, in one row.
    """

    def __init__(self, subject: Subject, middle: NDArray[Any]) -> None:
        self._subject = subject
        self._middle = middle
        self.scales = [np.maximum(1.0, np.abs(a)) for a in subject.point]
        self._is_complex: dict[int, bool] = {}

    @property
    def name(self) -> str:
        """What derivatives were compared with."""
        tried = self._is_complex.values()
        return "complex step" if tried and all(tried) else "differences"

    def distrust(self, k: int) -> None:
        """Go down the ladder for input `k`."""
        self._is_complex[k] = False

    def at(self, k: int, step: NDArray[Any]) -> NDArray[Any]:
        """The values with `step` added to floating input `k`, in one row."""
        arrays = list(self._subject.point)
        arrays[k] = arrays[k] + step
        return row(self._subject.values(arrays))

    def slope(self, k: int, direction: NDArray[Any], enough: Callable[[Slope], bool]) -> Slope:
        """The derivative along `direction`: by a complex step where that can be believed."""
        if k not in self._is_complex:
            self._is_complex[k] = self._subject.takes_complex and self._is_analytic(k)
        if self._is_complex[k]:
            return self._by_complex_step(k, direction)
        return self.by_differences(k, direction, enough, wary=False)

    def by_differences(
        self,
        k: int,
        direction: NDArray[Any],
        enough: Callable[[Slope], bool],
        *,
        near: int = 0,
        wary: bool = True,
    ) -> Slope:
        """The same by differences, with smaller and smaller steps until they are exact `enough`.

        Args:
            k: which floating input.
            direction: the line.
            enough: whether a slope may be the last one; it must be smooth besides.
            near: the exponent of a step to begin another rung with, below the usual ones.
            wary: whether to measure first how rough the values are, beyond their last digits; else
                that is done when the largest steps do not suffice.
        """
        rungs = (*_RUNGS, near) if near > _RUNGS[-1] else _RUNGS
        tried: list[Slope] = []
        noise: Any = self._roughness(k, direction) if wary else 0.0
        for first in rungs:
            if len(tried) == 1 and not wary:
                noise = self._roughness(k, direction)
            # Beside an edge of the domain roughness cannot be told from the slope.
            tried.append(self._rung(k, direction, first, 0.0 if first == near else noise, enough))
            if not tried[-1].kinked.any() and enough(tried[-1]):
                return _best(tried)
        before, last = tried[-2:]
        lasting = last.kinked & before.kinked
        lasting &= np.abs(last.gap - before.gap) <= _LASTS * np.abs(last.gap)
        if not lasting.any():
            tried.insert(0, self._rung(k, direction, _COARSE, noise, enough))
        return last.where(lasting, _best(tried))

    def _roughness(self, k: int, direction: NDArray[Any]) -> NDArray[Any]:
        """How far rounding moves the values, found where a smooth function leaves nothing else.

        That is in fourth differences, over steps at which values have moved by more than a digit.
        What is larger than float32 rounds on one side alone is a kink nearby, and no noise.
        """
        sides = []
        for sign in (-1, 1):
            steps = [sign * n * _CLOSE * direction for n in range(1, 8)]
            values = np.array([self.at(k, step) for step in steps])
            rough = np.abs(np.diff(values, 4, axis=0)).max(axis=0, initial=0.0)
            sides.append(np.where(np.isfinite(rough), rough, np.inf))
        least, most = np.minimum(*sides), np.maximum(*sides)
        noise = np.where(most <= _FLOAT32 * np.abs(self._middle), most, least)
        # By that root independent errors grow in fourth differences.
        independent: NDArray[Any] = np.where(np.isfinite(noise), noise, 0.0) / np.sqrt(70)
        return independent

    def _rung(
        self,
        k: int,
        direction: NDArray[Any],
        first: int,
        noise: Any,
        enough: Callable[[Slope], bool],
    ) -> Slope:
        odd, even = _Extrapolation((2, 4, 6, 8)), _Extrapolation((1, 3, 5, 7))
        for n in range(first, first + _MOST):
            h = 2.0**-n
            step = h * direction
            ahead, behind = self.at(k, step), self.at(k, -step)
            if ahead.shape != self._middle.shape or behind.shape != self._middle.shape:
                ahead = behind = np.full(self._middle.shape, np.nan)
            size = np.abs(ahead) + np.abs(behind) + 2 * np.abs(self._middle)
            rounding = (_ULP * size + _SAFE * noise) / h
            odd.add((ahead - behind) / (2 * h), rounding)
            even.add(((ahead - self._middle) + (behind - self._middle)) / h, rounding)
            slope = Slope(odd.value, odd.error, even.value, even.error)
            if n - first + 1 >= _FEWEST and (slope.kinked.any() or enough(slope)):
                break
        return slope

    def _by_complex_step(self, k: int, direction: NDArray[Any]) -> Slope:
        value = self._complex_values(k, direction).imag / _COMPLEX_STEP
        error = 64 * _ULP * (np.abs(value) + np.abs(value).max(initial=0.0))
        return Slope(value, error, np.zeros_like(value), error)

    def _complex_values(self, k: int, direction: NDArray[Any]) -> NDArray[Any]:
        arrays: list[Any] = list(self._subject.point)
        arrays[k] = arrays[k] + 1j * _COMPLEX_STEP * direction
        return row([v for v in self._subject.call(arrays) if v.dtype.kind in "fc"])

    def _is_analytic(self, k: int) -> bool:
        """Whether a complex step gives a number, and the one that differences give.

        It must do so along a line through all entries, for at one of them may be a kink.
        """
        direction = self._through_all(k)
        try:
            values = self._complex_values(k, direction)
        except Exception:  # noqa: BLE001  # whatever f raises says that it is not made for this
            return False
        if values.shape != self._middle.shape or values.dtype.kind != "c":
            return False
        slope = self.by_differences(k, direction, lambda _: True, wary=False)
        size = np.abs(slope.value).max(initial=0.0)
        apart = np.abs(values.imag / _COMPLEX_STEP - slope.value)
        near = np.abs(values.real - self._middle) <= 1e-9 * (1 + np.abs(self._middle))
        agrees = near.all() and (apart <= slope.error + _ALIKE * size).all()
        return bool(agrees and not slope.kinked.any())

    def _through_all(self, k: int) -> NDArray[Any]:
        """A direction in which all entries move, by steps that no symmetry connects."""
        scale = self.scales[k]
        sizes = 0.5 + np.modf(np.arange(1, scale.size + 1) * 0.6180339887498949)[0] / 2
        signs = np.where(np.arange(scale.size) % 3, 1, -1)
        direction: NDArray[Any] = scale * (sizes * signs).reshape(scale.shape)
        return direction

    def sides(self, k: int, direction: NDArray[Any]) -> tuple[Side, Side]:
        """The slopes behind and ahead by values on that side alone, as if the middle were cut out.

        So at a jump the slopes of both pieces; nan where the function is not defined, infinite
        where slopes grow without end.
        """
        behind = self._side(k, -direction)
        return Side(-behind.value, behind.error), self._side(k, direction)

    def _side(self, k: int, direction: NDArray[Any]) -> Side:
        """The slope from the values at h, 2 h and 3 h: (-5 f(h) + 8 f(2h) - 3 f(3h)) / 2h."""
        found = []
        for n in (8, 11, 14):
            h = 2.0**-n
            one, two, three = (self.at(k, m * h * direction) for m in (1, 2, 3))
            found.append((-5 * one + 8 * two - 3 * three) / (2 * h))
        coarse, middle, fine = found
        before, after = np.abs(middle - coarse), np.abs(fine - middle)
        grows = np.abs(fine) > 4 * np.abs(coarse) + 1e-3
        steady = after <= 1e-3 * np.abs(fine) + 1e-6
        settles = after <= _SETTLES * before
        value = np.where(steady | settles, fine, np.nan)
        # If each change is that share of the one before, what is to come is a geometric series.
        error = np.where(settles & ~steady, after * after / (before - after), after)
        return Side(np.where(grows, np.copysign(np.inf, fine), value), np.where(grows, 0.0, error))


class _Extrapolation:
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
            error = _SAFE * changed + rounding
            better = error < self.error  # nan is not
            self.value = np.where(better, after, self.value)
            self.error = np.where(better, error, self.error)
            line.append(after)
        self._last = line


def _best(tried: list[Slope]) -> Slope:
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
