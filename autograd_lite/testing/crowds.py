"""More kinks than can be looked at one by one: what must hold of all of them along a direction.

The values that are smooth along it must agree as ever. Each value with a kink has two slopes, one
ahead and one behind, and what the gradient says of it lies between them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from autograd_lite.testing.compare import Comparison, Match

_SINGLE = 1000  # values with a kink that are looked at alone, the others together
MANY = 10_000  # entries, of which none is looked at if all may be right along all directions
_KNOWN = 1e-6  # to which slopes of two sides are known, relatively


def lies_between(comparison: Comparison, k: int, direction: NDArray[Any], match: Match) -> bool:
    """Whether the gradient may be right along a direction of input `k`, as far as that can show."""
    slope = match.slope
    kinked = slope.kinked
    smooth = ~(kinked | comparison.is_rough(slope))
    if not (kinked | smooth).all():
        return False
    if smooth.any() and comparison.masked(k, direction, smooth, slope, unit=False).excess > 1:
        return False
    places = np.flatnonzero(kinked)
    crowds = [*places[:_SINGLE, None], places[_SINGLE:]]
    return all(_between(comparison, k, direction, crowd, match) for crowd in crowds if crowd.size)


def _between(
    comparison: Comparison, k: int, direction: NDArray[Any], crowd: NDArray[Any], match: Match
) -> bool:
    """Whether the gradient of a sum of values lies between the sums of their slopes."""
    sides = np.sort([match.slope.left[crowd], match.slope.right[crowd]], axis=0)
    low, high = sides.sum(axis=1)
    weights = np.zeros(match.slope.value.size)
    weights[crowd] = 1.0
    found = float(comparison.pulled(weights)[k] @ direction.ravel())
    settings, reach = comparison.settings, np.abs(direction).max()
    allowed = max(settings.rtol, _KNOWN) * np.abs(sides).sum() + settings.atol * reach
    allowed += match.slope.gap_error[crowd].sum()
    return bool(low - allowed <= found <= high + allowed)
