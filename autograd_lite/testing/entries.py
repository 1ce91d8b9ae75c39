"""Which entries of an input disagree, and why: a wrong gradient, a kink, a jump, an edge."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from autograd_lite.testing.crowds import MANY, lies_between
from autograd_lite.testing.nearby import range_nearby
from autograd_lite.testing.report import Kink

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from autograd_lite.testing.compare import Comparison, Match
    from autograd_lite.testing.slope import Slope

_ONE_BY_ONE = 64  # entries of an input that are all looked at
_ENOUGH = 3  # wrong entries of a larger one, the worst of which is told
_SUSPECTS = 64  # of a larger one, how many are sought
_KNOWN = 1e-6  # to which slopes of two sides are known, relatively
_OUTPUTS = 32  # of one entry, how many values with a kink are looked at


class Wrong(NamedTuple):
    """An entry of a gradient that disagrees.

    Attributes:
        input: which floating input.
        entry: its entry.
        output: the entry of the row of all values.
        match: the two numbers, for a step of the size of `step`.
        step: by which they are divided to be derivatives.
    """

    input: int
    entry: int
    output: int
    match: Match
    step: float


class Inspection:
    """What is found at the entries of the inputs.

    Attributes:
        wrong: entries where the function is smooth and the gradient is not its derivative.
        kinks: entries where it is not smooth.
        rough: entries at which there is no derivative on either side.
    """

    def __init__(self) -> None:
        self.wrong: list[Wrong] = []
        self.kinks: list[Kink] = []
        self.rough: list[tuple[int, int, int]] = []

    @property
    def are_bad(self) -> bool:
        """Whether something cannot be accepted."""
        return bool(self.wrong or self.rough) or not all(k.accepted for k in self.kinks)


def examine(comparison: Comparison, k: int, inspection: Inspection) -> bool:
    """Look at the entries of input `k` that may disagree; tell whether at all of its entries."""
    size = comparison.subject.point[k].size
    for entry in range(size) if size <= _ONE_BY_ONE else _suspects(comparison, k):
        _look(comparison, k, entry, inspection)
        if len(inspection.wrong) == _ENOUGH and size > _ONE_BY_ONE:
            break  # where all is wrong, the first of them will do
    return size <= _ONE_BY_ONE


def is_suspect(comparison: Comparison, match: Match) -> bool:
    """Whether something along a direction has to be looked at more closely."""
    slope = match.slope
    if match.excess > 1 or slope.kinked.any():
        return True
    return bool(comparison.is_rough(slope).any())


def _suspects(comparison: Comparison, k: int) -> Iterator[int]:
    """By halving, the entries that disagree; the half that disagrees more goes first."""
    direction = next(comparison.directions(k)).ravel()
    shape = comparison.subject.point[k].shape
    stack = [np.arange(direction.size)]
    found = 0
    while stack and found < _SUSPECTS:
        entries = stack.pop()
        if entries.size == 1:
            found += 1
            yield int(entries[0])
            continue
        halves = []
        for half in np.array_split(entries, 2):
            only = np.zeros_like(direction)
            only[half] = direction[half]
            part = only.reshape(shape)
            match = comparison.closely(k, part)
            if not is_suspect(comparison, match):
                continue
            if direction.size <= MANY or not lies_between(comparison, k, part, match):
                halves.append((match.excess, half))
        stack.extend(half for _, half in sorted(halves, key=lambda pair: pair[0]))


def _look(comparison: Comparison, k: int, entry: int, inspection: Inspection) -> None:
    x = float(comparison.subject.point[k].flat[entry])
    near = min(3 - math.frexp(x)[1], 1000) if x else 0  # a step of less than |x| / 8
    axis = comparison.axis(k, entry)
    for thorough in (False, True):  # to be sure of what is wrong or rough
        match = comparison.closely(k, axis, near, thorough=thorough)
        kinked = match.slope.kinked
        rough = comparison.is_rough(match.slope) & ~kinked
        smooth = ~(kinked | rough)
        if not smooth.all() and smooth.any():
            match = comparison.masked(k, axis, smooth, match.slope, unit=False)
        if not rough.any() and (match.excess <= 1 or not smooth.any()):
            break
    for _ in range(_OUTPUTS):
        if not smooth.any() or match.excess <= 1:
            break
        output = _output(comparison, k, axis, np.flatnonzero(smooth), match.slope)
        if not _is_kink_nearby(comparison, (k, entry, output), inspection):
            only = np.arange(smooth.size) == output
            match = comparison.masked(k, axis, only, match.slope, unit=True)
            step = float(comparison.oracle.scales[k].flat[entry])
            inspection.wrong.append(Wrong(k, entry, output, match, step))
            break
        smooth[output] = False
        match = comparison.masked(k, axis, smooth, match.slope, unit=False)
    for output in np.flatnonzero(kinked)[:_OUTPUTS]:
        sides = (match.slope.left[output], match.slope.right[output])
        error = match.slope.gap_error[output]
        _judge(comparison, (k, entry, int(output)), sides, error, inspection)
    if rough.any():
        left, right = comparison.oracle.sides(k, axis)
        for output in np.flatnonzero(rough)[:_OUTPUTS]:
            sides = (left.value[output], right.value[output])
            error = np.nanmax([left.error[output], right.error[output], 0.0])
            _judge(comparison, (k, entry, int(output)), sides, error, inspection)


def _is_kink_nearby(
    comparison: Comparison, where: tuple[int, int, int], inspection: Inspection
) -> bool:
    """Whether a value that is smooth along an entry is not so beside the point; if so, judge it."""
    k, entry, output = where
    weights = (np.arange(sum(v.size for v in comparison.values)) == output).astype(float)
    axis = (np.arange(comparison.subject.point[k].size) == entry).astype(float)
    gradient = comparison.pulled(weights)[k]
    nearby = range_nearby(comparison, weights, k, axis, gradient)
    if nearby.low == nearby.high:
        return False
    inspection.kinks.append(
        Kink(
            comparison.output_place(output),
            comparison.input_place(k, entry),
            nearby.low,
            nearby.high,
            float(gradient[entry]),
            accepted=nearby.holds(float(gradient[entry])),
            is_nearby=True,
        )
    )
    return True


def _output(
    comparison: Comparison, k: int, axis: NDArray[Any], outputs: NDArray[Any], slope: Slope
) -> int:
    """By halving, the value whose gradient along an axis disagrees most."""
    size = slope.value.size
    while outputs.size > 1:
        halves = np.array_split(outputs, 2)
        masks = [np.isin(np.arange(size), half) for half in halves]
        apart = [comparison.masked(k, axis, mask, slope, unit=False).apart for mask in masks]
        outputs = halves[int(np.argmax(apart))]
    return int(outputs[0])


def _judge(
    comparison: Comparison,
    where: tuple[int, int, int],
    sides: tuple[float, float],
    error: float,
    inspection: Inspection,
) -> None:
    """Whether the gradient at an entry lies between the slopes of the two sides."""
    k, entry, output = where
    ends = [*(s for s in sides if not np.isnan(s))]
    finite = [abs(s) for s in ends if np.isfinite(s)]
    if not ends:
        inspection.rough.append(where)
        return
    if len(ends) < len(sides):
        ends.append(0.0)  # beyond an edge of the domain, from the other slope to none at all
    settings, step = comparison.settings, float(comparison.oracle.scales[k].flat[entry])
    gradient = comparison.jacobian_entry(k, entry, output) * step
    allowed = max(settings.rtol, _KNOWN) * max([*finite, 0.0]) + settings.atol * step + error
    inspection.kinks.append(
        Kink(
            comparison.output_place(output),
            comparison.input_place(k, entry),
            float(sides[0] / step),
            float(sides[1] / step),
            gradient / step,
            accepted=bool(min(ends) - allowed <= gradient <= max(ends) + allowed),
        )
    )
