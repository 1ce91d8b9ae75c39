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

import warnings
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from autograd_lite.testing.slope import SAFE, Extrapolation, Slope, best_of
from autograd_lite.testing.subject import row

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from autograd_lite.testing.subject import Subject

_ULP = 2.0**-52
_RUNGS = (7, 12, 16)  # each tries the steps 2^-n, 2^-(n + 1), ...
_FINE = (34, 28, 22)  # to tell a kink or a pole from one that is nearby
_COARSE = 3  # for functions so rough that small steps show nothing but that
_FEWEST, _MOST = 3, 5  # steps of a rung: the error of the last is of the order h^6, h^10
_CLOSE = 2.0**-14  # between values whose roughness is measured
_SETTLES = 0.7  # a slope that changes by less than this share of the last change has a limit
_FLOAT32 = 2.0**-18  # to which it rounds, and what fourth differences make of it
_COMPLEX_STEP = 1e-20  # far below rounding, and not squared to nothing
_ALIKE = 1e-6  # to which a complex step must agree with differences, to be believed
_LASTS = 0.1  # a gap is one if it changes by no more than this from one rung to the next
_CERTAIN = 1e-6  # to which a slope is known, relatively, that needs no finer steps


class Side(NamedTuple):
    """The slopes of all values to one side, and their errors."""

    value: NDArray[Any]
    error: NDArray[Any]


class Oracle:
    """The derivatives of one function at its point, along one floating input at a time.

    Args:
        subject: the function.
        middle: its values at the point, in one row.
        scale: the size of what the values were computed from, which rounding is relative to.
    """

    def __init__(self, subject: Subject, middle: NDArray[Any], scale: float = 0.0) -> None:
        self._subject = subject
        self._middle = middle
        self._scale = scale
        self._size = float(np.abs(middle).max(initial=scale))
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
        return self.values(arrays)

    def values(self, arrays: list[NDArray[Any]]) -> NDArray[Any]:
        """The values at a point nearby, in one row.

        They are nan where the function refuses its inputs: it took those at the point, so these are
        out of its domain. A smaller step is tried then.
        """
        try:
            values = row(self._subject.values(arrays))
        except Exception:  # noqa: BLE001  # whatever f refuses them with
            return np.full(self._middle.shape, np.nan)
        return values if values.shape == self._middle.shape else np.full(self._middle.shape, np.nan)

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
        thorough: bool = False,
    ) -> Slope:
        """The same by differences, with smaller and smaller steps until they are exact `enough`.

        Args:
            k: which floating input.
            direction: the line.
            enough: whether a slope may be the last one; it must be smooth besides.
            near: the exponent of a step to begin another rung with, below the usual ones.
            wary: whether to measure first how rough the values are, beyond their last digits; else
                that is done when the largest steps do not suffice.
            thorough: whether to go on to the smallest steps: the larger ones may all have gone over
                the same pole, and agree for that.
        """
        tried: list[Slope] = []
        noise: Any = self._roughness(k, direction) if wary else 0.0
        for first in _RUNGS:
            if len(tried) == 1 and not wary:
                noise = self._roughness(k, direction)
            tried.append(self._rung(k, direction, first, noise, enough))
            if not thorough and not tried[-1].kinked.any() and enough(tried[-1]):
                return best_of(tried)
        before, last = tried[-2:]
        lasting = last.kinked & before.kinked
        lasting &= np.abs(last.gap - before.gap) <= _LASTS * np.abs(last.gap)
        best = best_of(tried)
        certain = best.error <= _CERTAIN * (np.abs(best.value) + best.size)
        if near > _RUNGS[-1] or thorough or not certain.all():
            finer = self._finer(k, direction, (noise, near, enough), last, lasting)
            for slope in finer:
                lasting &= ~slope.denies(last.gap, _LASTS)
            tried += finer
        if not lasting.any():
            tried.insert(0, self._rung(k, direction, _COARSE, noise, enough))
        return last.where(lasting, best_of(tried))

    def _finer(
        self,
        k: int,
        direction: NDArray[Any],
        how: tuple[Any, int, Callable[[Slope], bool]],
        seen: Slope,
        lasting: NDArray[Any],
    ) -> list[Slope]:
        """Rungs below the usual ones, large steps first: all, or those that confirm every kink."""
        noise, near, enough = how
        found: list[Slope] = []
        for first in sorted({*_FINE, *([near] if near > _RUNGS[-1] else ())}, reverse=True):
            # Beside an edge of the domain roughness cannot be told from the slope.
            rough = 0.0 if first == near else noise
            fine = self._rung(k, direction, first, rough, enough)
            fine = fine._replace(size=seen.size)  # beside a jump, changes have no size
            found.insert(0, fine if first == near else fine.where_moving())
            if lasting.any() and found[0].confirms(seen.gap, _LASTS)[lasting].all():
                break
        return found

    def _roughness(self, k: int, direction: NDArray[Any]) -> NDArray[Any]:
        """How far rounding moves the values, found where a smooth function leaves nothing else.

        That is in fourth differences, over steps at which values have moved by more than a digit.
        What is larger than float32 rounds is a kink or a pole nearby, and no noise.
        """
        sides, size = [], np.abs(self._middle)
        for sign in (-1, 1):
            steps = [sign * n * _CLOSE * direction for n in range(1, 8)]
            values = np.array([self.at(k, step) for step in steps])
            sides.append(np.abs(np.diff(values, 4, axis=0)).max(axis=0, initial=0.0))
            size = np.fmax(size, np.abs(values).max(axis=0, initial=0.0))
        coarsest = _FLOAT32 * size
        noises = [np.where(side <= coarsest, side, 0.0) for side in sides]
        # By that root independent errors grow in fourth differences.
        noise: NDArray[Any] = np.maximum(*noises) / np.sqrt(70)
        return noise

    def _rung(
        self,
        k: int,
        direction: NDArray[Any],
        first: int,
        noise: Any,
        enough: Callable[[Slope], bool],
    ) -> Slope:
        odd, even = Extrapolation((2, 4, 6, 8)), Extrapolation((1, 3, 5, 7))
        most, blur = self._size, self._blur(k, direction)
        # What cancels may be 0 along large steps, and a last digit of its terms along a small one.
        terms = _ULP * self._scale if first > _RUNGS[0] else 0.0
        for n in range(first, first + _MOST):
            h = 2.0**-n
            step = h * direction
            ahead, behind = self.at(k, step), self.at(k, -step)
            size = np.abs(ahead) + np.abs(behind) + 2 * np.abs(self._middle)
            moved = np.abs(ahead - behind) / (2 * h)
            rounding = (_ULP * size + terms + blur * moved + SAFE * noise) / h
            odd.add((ahead - behind) / (2 * h), rounding)
            even.add(((ahead - self._middle) + (behind - self._middle)) / h, rounding)
            change = np.maximum(np.abs(ahead - self._middle), np.abs(behind - self._middle)) / h
            most = max(most, float(change[np.isfinite(change)].max(initial=0.0)))
            slope = Slope(odd.value, odd.error, even.value, even.error, most)
            if n - first + 1 >= _FEWEST and (slope.kinked.any() or enough(slope)):
                break
        return slope

    def _blur(self, k: int, direction: NDArray[Any]) -> float:
        """What a step is off for the rounding of inputs, in units of `direction`."""
        moves = direction != 0
        parts = np.abs(self._subject.point[k][moves] / direction[moves])
        return float(_ULP * parts.max(initial=0.0))

    def _by_complex_step(self, k: int, direction: NDArray[Any]) -> Slope:
        value = self._complex_values(k, direction).imag / _COMPLEX_STEP
        error = 64 * _ULP * (np.abs(value) + np.abs(value).max(initial=0.0))
        return Slope(value, error, np.zeros_like(value), error, self._size)

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
            with warnings.catch_warnings():
                warnings.simplefilter("error", np.exceptions.ComplexWarning)
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
