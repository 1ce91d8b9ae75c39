"""Gradients of one order beside derivatives of the order below, along directions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from autograd_lite.testing.findings import whole
from autograd_lite.testing.oracle import Oracle
from autograd_lite.testing.report import place_in
from autograd_lite.testing.subject import row

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from autograd_lite.testing.report import Place
    from autograd_lite.testing.slope import Slope
    from autograd_lite.testing.subject import Arrays, Subject

_COTANGENTS = 2  # a wrong Jacobian that one hides by chance, another one shows
_EXACT = 0.1  # an oracle's error is small beside the tolerance, if it is this share of it
_ROUGH = 1e-3  # an oracle that is less certain than that has not found a derivative
_NOISE = 1e-6  # of the values: what rounding does to a derivative that is 0


class Settings(NamedTuple):
    """The settings of `gradcheck` that all its parts need."""

    rtol: float
    atol: float
    directions: int
    seed: int


class Match(NamedTuple):
    """What is compared along one direction, as changes over it.

    Attributes:
        analytic: what the gradient says.
        numerical: what the oracle says.
        tolerance: what the two may be apart.
        error: the oracle's own error.
        slope: the oracle's whole answer, for each value.
    """

    analytic: float
    numerical: float
    tolerance: float
    error: float
    slope: Slope

    @property
    def apart(self) -> float:
        """How far the two are apart; infinitely, where there is no number."""
        apart = abs(self.analytic - self.numerical)
        return apart if np.isfinite(apart) else np.inf

    @property
    def excess(self) -> float:
        """How far they are apart, in units of tolerance plus error."""
        if not np.isfinite(self.apart) or not np.isfinite(self.error):
            return 0.0 if self.error == np.inf else np.inf
        return float(self.apart / max(self.tolerance + self.error, np.finfo(float).tiny))


def random(generator: np.random.Generator, shape: Any) -> NDArray[Any]:
    """Random signs times sizes from 1/2 to 1: none hides an entry, none cancels another."""
    drawn: NDArray[Any] = generator.choice((-1.0, 1.0), shape) * generator.uniform(0.5, 1, shape)
    return drawn


class Comparison:
    """A function, its gradients by the rules under check, and its derivatives by an oracle.

    Attributes:
        subject: the function.
        order: of the gradients.
        values: the values at the point.
        cotangents: random weights of the values, some sets of them.
        weights: the same, each set in one row.
        gradients: for each set and each floating input, the gradient in a row, float64.
        oracle: knows the derivatives.
    """

    def __init__(
        self, subject: Subject, order: int, values: Arrays, settings: Settings, scale: float
    ) -> None:
        self.subject, self.order, self.values = subject, order, values
        self.settings = settings
        self._random = np.random.default_rng((settings.seed, order))
        one = order == 1 and sum(v.size for v in values) == 1  # then errors quote the very gradient
        self.cotangents: list[Arrays] = [
            [np.ones(v.shape) if one else self.random(v.shape) for v in values]
            for _ in range(1 if one else _COTANGENTS)
        ]
        self.weights = np.array([row(c) for c in self.cotangents])
        self._norms = np.abs(row(values))
        self.gradients: list[list[NDArray[Any]]] = []
        self.oracle = Oracle(subject, row(values), scale)

    def random(self, shape: Any) -> NDArray[Any]:
        """Random weights or directions."""
        return random(self._random, shape)

    def directions(self, k: int) -> Iterator[NDArray[Any]]:
        """For a small input its axes, for others random directions through all entries."""
        scale, count = self.oracle.scales[k], self.settings.directions
        if scale.size > count:
            for _ in range(count if self.order == 1 else -(-count // 2)):
                yield self.random(scale.shape) * scale
        else:
            for i in range(scale.size):
                yield self.axis(k, i)

    def axis(self, k: int, entry: int) -> NDArray[Any]:
        """The direction of one entry of an input."""
        scale = self.oracle.scales[k]
        unit = np.zeros(scale.size)
        unit[entry] = scale.flat[entry]
        return unit.reshape(scale.shape)

    def along(self, k: int, direction: NDArray[Any]) -> Match:
        """The worst of the comparisons along a direction of input `k`."""
        slope = self.oracle.slope(k, direction, lambda s: self._is_exact(k, direction, s))
        match = self.match(k, direction, slope)
        if match.excess > 1:
            self.oracle.distrust(k)
            return self.closely(k, direction)
        return match

    def closely(
        self, k: int, direction: NDArray[Any], near: int = 0, *, thorough: bool = False
    ) -> Match:
        """The same by differences alone, which see whether the function is smooth."""

        def enough(slope: Slope) -> bool:
            return self._is_exact(k, direction, slope)

        slope = self.oracle.by_differences(k, direction, enough, near=near, thorough=thorough)
        return self.match(k, direction, slope)

    def match(self, k: int, direction: NDArray[Any], slope: Slope) -> Match:
        """The gradients beside a slope, for the weights at which they are furthest apart."""
        found = [
            self._pair(self.gradients[n][k], weights, direction, slope)
            for n, weights in enumerate(self.weights)
        ]
        return max(found, key=lambda match: (match.excess, match.error))

    def masked(
        self, k: int, direction: NDArray[Any], mask: NDArray[Any], slope: Slope, *, unit: bool
    ) -> Match:
        """The same for the values in `mask`, weighted or (`unit`) as they are."""
        weights = np.where(mask, 1.0 if unit else self.weights[0], 0.0)
        return self._pair(self.pulled(weights)[k], weights, direction, slope)

    def jacobian_entry(self, k: int, entry: int, output: int) -> float:
        """The gradient of one value, with a weight of 1, at one entry of an input."""
        weights = np.zeros(self._norms.size)
        weights[output] = 1.0
        return float(self.pulled(weights)[k][entry])

    def pulled(self, weights: NDArray[Any]) -> list[NDArray[Any]]:
        """The gradients of the sum of the values by weights in one row."""
        ends = np.cumsum([v.size for v in self.values])[:-1]
        parts = zip(np.split(weights, ends), self.values, strict=True)
        gradients = self.subject.pull(
            self.subject.point, [part.reshape(v.shape) for part, v in parts]
        )
        return as_rows(gradients, self.subject.point)

    def is_rough(self, slope: Slope) -> NDArray[Any]:
        """For each value whether the oracle has found no derivative of it."""
        size = np.maximum(np.abs(slope.value), np.abs(slope.gap))
        noise = _NOISE * (self._norms + slope.size)
        rough: NDArray[Any] = ~(slope.error <= _ROUGH * size + noise)
        return rough

    def _pair(
        self, gradient: NDArray[Any], weights: NDArray[Any], direction: NDArray[Any], slope: Slope
    ) -> Match:
        flat = direction.ravel()
        parts = gradient * flat
        used = weights != 0
        value, error = slope.value[used], slope.error[used]
        numerical = float(weights[used] @ value)
        size = max(np.abs(parts).max(initial=0.0), abs(numerical))
        rounding = 2.0**-52 * np.abs(parts).sum()
        rtol, atol = self.settings.rtol, self.settings.atol
        tolerance = rtol * size + atol * np.abs(flat).max(initial=0.0) + rounding
        uncertain = float(np.hypot.reduce(weights[used] * error, initial=0.0))  # squares overflow
        return Match(float(parts.sum()), numerical, float(tolerance), uncertain, slope)

    def _is_exact(self, k: int, direction: NDArray[Any], slope: Slope) -> bool:
        pairs = [
            self._pair(self.gradients[n][k], weights, direction, slope)
            for n, weights in enumerate(self.weights)
        ]
        return all(pair.error <= _EXACT * pair.tolerance for pair in pairs)

    # ---- places, for messages

    def input_place(self, k: int, entry: int) -> Place:
        """An entry of a floating input."""
        place = place_in([self.subject.point[k].shape], entry)
        return place._replace(array=self.subject.floating[k])

    def output_place(self, entry: int) -> Place:
        """An entry of the row of all values."""
        return place_in([v.shape for v in self.values], entry)


def as_rows(
    gradients: Sequence[NDArray[Any] | None], point: Sequence[NDArray[Any]]
) -> list[NDArray[Any]]:
    """Gradients of the inputs as rows of float64, zeros in the place of None."""
    return [row([g]) for g in whole(gradients, point)]
