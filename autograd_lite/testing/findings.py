"""What a check of several rules found: which hold, which are broken, which could not be tried."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from autograd_lite.testing.report import GradientError, Place, place_in

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from numpy.typing import NDArray


class CannotTryError(Exception):
    """A rule says nothing about this function; the message is the reason."""


class Rule(NamedTuple):
    """A rule that every right gradient keeps.

    Attributes:
        name: a word or two.
        says: what it asks for, in one sentence.
        way_out: what to look for where it is broken.
        lines: what is wrong at a point, nothing if the rule holds.
    """

    name: str
    says: str
    way_out: str
    lines: Callable[[Any], Sequence[str]]


@dataclass(frozen=True)
class Findings:
    """What `check_laws` or `check_hygiene` found. It is true if no rule is broken.

    Attributes:
        caller: which of the two.
        name: what the function is called.
        kept: the names of the rules that hold.
        skipped: the names of those that could not be tried, and why.
        broken: the names of those that are broken, and what was found, line by line.

    Example:
        >>> import numpy as np
        >>> import autograd_lite as ag
        >>> from autograd_lite.testing import check_laws
        >>> found = check_laws(ag.sin, np.array([1.0, 2.0]))
        >>> bool(found), found.kept
        (True, ('transposition', 'linearity', 'zero', 'symmetry', 'modes'))
        >>> found.skipped["broadcast"]
        'no operand broadcasts'
    """

    caller: str
    name: str
    kept: tuple[str, ...] = ()
    skipped: Mapping[str, str] = field(default_factory=dict)
    broken: Mapping[str, Sequence[str]] = field(default_factory=dict)

    def __bool__(self) -> bool:
        """Whether no rule is broken."""
        return not self.broken

    def __str__(self) -> str:
        """The whole message."""
        count = len(self.broken)
        verdict = f"broken: {', '.join(self.broken)}" if count else f"{len(self.kept)} rules hold"
        lines = [f"{self.caller}: {self.name}: {verdict}"]
        for found in self.broken.values():
            lines += ["  " + line for line in found]
        if self.skipped:
            lines.append("  not tried: " + "; ".join(f"{k}: {v}" for k, v in self.skipped.items()))
        return "\n".join(lines)


def found(
    caller: str, name: str, rules: Sequence[Rule], at: Any, *, raise_exception: bool
) -> Findings:
    """Try each of `rules` at a point.

    Raises:
        GradientError: when one is broken, unless `raise_exception` is False.
    """
    kept: list[str] = []
    skipped: dict[str, str] = {}
    broken: dict[str, Sequence[str]] = {}
    for rule in rules:
        try:
            lines = rule.lines(at)
        except CannotTryError as reason:
            skipped[rule.name] = str(reason)
            continue
        if lines:
            broken[rule.name] = [f"{rule.name}: {rule.says}", *indented([*lines, rule.way_out])]
        else:
            kept.append(rule.name)
    findings = Findings(caller, name, tuple(kept), skipped, broken)
    if broken and raise_exception:
        raise GradientError(str(findings))
    return findings


def indented(lines: Sequence[str]) -> list[str]:
    """Lines two places to the right."""
    return ["  " + line for line in lines]


def signed(random: np.random.Generator, like: Sequence[NDArray[Any]]) -> list[NDArray[Any]]:
    """Random signs times sizes from 1/2 to 1, in the shapes and dtypes of some arrays.

    They have eight digits: so they are the same in float32, where something computes in that.
    """
    return [_signed(random, a.shape).astype(a.dtype) for a in like]


def _signed(random: np.random.Generator, shape: tuple[int, ...]) -> NDArray[Any]:
    numbers = random.integers(-128, 128, shape)  # one draw for both sign and size
    return np.asarray((numbers + np.where(numbers < 0, -127, 128)) / 256)


def coarsest(*arrays: NDArray[Any]) -> float:
    """The largest relative rounding error that is usual in the dtypes of some arrays of floats."""
    return max(float(np.finfo(dtype).eps) for dtype in {a.dtype for a in arrays})


def unlike(
    what: str,
    names: tuple[str, str],
    got: Sequence[NDArray[Any]],
    expected: Sequence[NDArray[Any]],
    tolerances: Sequence[float],
    positions: Sequence[int] | None = None,
) -> list[str]:
    """The worst entry of each array that is not as expected, in words.

    Args:
        what: what the arrays belong to: `input` or `output`.
        names: what the two values are called.
        got: the arrays.
        expected: what they should be.
        tolerances: the difference to allow, for each array; with 0, equal NaNs are equal.
        positions: what number each array has, if not its place.
    """
    lines = []
    triples = zip(got, expected, tolerances, strict=True)
    for i, (a, b, tolerance) in enumerate(triples):
        at = i if positions is None else positions[i]
        if a.shape != b.shape:
            lines.append(f"{what} {at}: {names[0]} has shape {a.shape}, {names[1]} {b.shape}")
            continue
        bad = _far(a, b, tolerance)
        if bad is not None:
            place = Place(at, a.shape, bad).of(what)
            x, y = a[bad], b[bad]
            lines.append(
                f"{place}: {names[0]} {x:.10g}, {names[1]} {y:.10g}; difference"
                f" {abs(float(x) - float(y)):.3g}, tolerance {tolerance:.3g}"
            )
    return lines


def _far(a: NDArray[Any], b: NDArray[Any], tolerance: float) -> tuple[int, ...] | None:
    """Where two arrays differ most, if they do by more than the tolerance."""
    if not a.size or (a is b) or (tolerance == 0 and np.array_equal(a, b, equal_nan=True)):
        return None
    distance = np.abs(np.subtract(a, b, dtype=np.float64))
    distance = np.where((a == b) | (np.isnan(a) & np.isnan(b)), 0.0, distance)
    distance = np.where(np.isnan(distance), np.inf, distance)
    worst = int(np.argmax(distance))
    if distance.flat[worst] <= tolerance:
        return None
    return tuple(int(k) for k in np.unravel_index(worst, a.shape))


def size(array: NDArray[Any]) -> float:
    """The size of the largest entry."""
    return float(np.abs(array).max()) if array.size else 0.0


def finite(*lists: Sequence[NDArray[Any]]) -> bool:
    """Whether all entries of all arrays are finite."""
    return all(bool(np.isfinite(a).all()) for arrays in lists for a in arrays)


def products(left: Sequence[NDArray[Any]], right: Sequence[NDArray[Any]]) -> NDArray[Any]:
    """The products of the entries of two lists of arrays, in one row."""
    pairs = zip(left, right, strict=True)
    return np.concatenate([np.multiply(a, b, dtype=np.float64).ravel() for a, b in pairs])


class Unit(NamedTuple):
    """Arrays of zeros with a single 1, and where that is."""

    arrays: list[NDArray[Any]]
    place: Place


def halved(vectors: Sequence[NDArray[Any]], gap: Callable[[list[NDArray[Any]]], float]) -> Unit:
    """The entry that a gap is largest for, by halving: about the worst, in few calls.

    Args:
        vectors: the arrays, of which parts are tried, the rest set to 0.
        gap: how wrong something is for some arrays; of the sum of two, at most the sum.
    """
    ends = np.cumsum([0, *(v.size for v in vectors)])

    def part(low: int, high: int, values: Sequence[NDArray[Any]]) -> list[NDArray[Any]]:
        parts = []
        for start, v in zip(ends, values, strict=False):  # one end more than arrays
            inside = np.arange(start, start + v.size)
            keep = ((low <= inside) & (inside < high)).reshape(v.shape)
            parts.append(np.where(keep, v, 0).astype(v.dtype))
        return parts

    low, high = 0, int(ends[-1])
    while high - low > 1:
        middle = (low + high) // 2
        left, right = gap(part(low, middle, vectors)), gap(part(middle, high, vectors))
        low, high = (low, middle) if left >= right else (middle, high)
    place = place_in([v.shape for v in vectors], low)
    return Unit(part(low, high, [np.ones_like(v) for v in vectors]), place)


def is_tolerance(value: Any) -> bool:
    """Whether a value is a finite number from 0."""
    return isinstance(value, (int, float, np.number)) and bool(0 <= value < np.inf)


def whole(
    gradients: Sequence[NDArray[Any] | None], like: Sequence[NDArray[Any]]
) -> list[NDArray[Any]]:
    """Gradients, zeros where there is none."""
    return [np.zeros_like(a) if g is None else g for g, a in zip(gradients, like, strict=True)]
