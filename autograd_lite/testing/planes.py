"""Kinks in two entries at once: whether both gradients can be right together.

At x = y both (1, 0) and (1/2, 1/2) are gradients of max(x, y), and (1, 1) is none, though each of
its entries lies between the slopes along its own axis. In the plane of two entries the function is
followed along rays from the point. Between two rays it is nearly linear, which gives a gradient for
each sector. What is under check must lie in their convex hull (Clarke 1983, "Optimization and
Nonsmooth Analysis", theorem 2.5.1), so along no direction ahead of all of them.
"""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from autograd_lite.testing.compare import Comparison
    from autograd_lite.testing.report import Kink

_PAIRS = 24  # of entries with a kink in the same value, how many are looked at
_RAYS = 16  # along both axes and both diagonals, where most kinks lie, and between
_NEAR = 1e-4  # to which a hull is known, relative to the slopes
_STEPS = (2.0**-10, 2.0**-11)


def impossible_pair(comparison: Comparison, kinks: list[Kink]) -> tuple[Kink, Kink] | None:
    """Two kinks of one value whose gradients cannot be right together, or None."""
    by_output: dict[object, list[Kink]] = {}
    for kink in kinks:
        if np.isfinite([kink.left, kink.right]).all():
            by_output.setdefault(kink.output, []).append(kink)
    pairs = (pair for some in by_output.values() for pair in itertools.combinations(some, 2))
    for pair in itertools.islice(pairs, _PAIRS):
        if not _fits(comparison, *pair):
            return pair
    return None


def _fits(comparison: Comparison, first: Kink, second: Kink) -> bool:
    angles = 2 * np.pi * np.arange(_RAYS) / _RAYS
    rays = np.stack([np.cos(angles), np.sin(angles)], axis=1)
    slopes = np.array([_slope(comparison, first, second, ray) for ray in rays])
    if not np.isfinite(slopes).all():
        return True
    neighbours = np.stack([rays, np.roll(rays, -1, axis=0)], axis=1)
    ahead = np.stack([slopes, np.roll(slopes, -1)], axis=1)
    sectors = np.linalg.solve(neighbours, ahead[..., None])[..., 0]
    gradient = np.array([first.gradient, second.gradient])
    allowed = _NEAR * (1e-6 + np.abs(slopes).max())
    return bool((rays @ gradient <= (rays @ sectors.T).max(axis=1) + allowed).all())


def _slope(comparison: Comparison, first: Kink, second: Kink, ray: NDArray[np.float64]) -> float:
    """The derivative of the value from the point along a ray, extrapolated to a step of 0."""
    subject, found = comparison.subject, []
    for h in _STEPS:
        arrays = [np.array(a) for a in subject.point]
        for kink, part in zip((first, second), ray, strict=True):
            arrays[subject.floating.index(kink.input.array)][kink.input.at] += h * part
        ahead = subject.values(arrays)[first.output.array][first.output.at]
        found.append((ahead - comparison.values[first.output.array][first.output.at]) / h)
    return float(2 * found[1] - found[0])
