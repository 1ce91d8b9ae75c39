"""What a check found: its verdict, its figures, and the error that carries them."""

from __future__ import annotations

import enum
import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence


class Verdict(enum.StrEnum):
    """What a gradient is found to be.

    Attributes:
        PASS: the gradient agrees.
        FAIL: it does not, by more than the tolerance and the oracle's own error.
        NOT_SMOOTH: there is no one gradient to compare with, at a kink, a jump or an edge of the
            domain. If one is accepted there, it lies between the one-sided derivatives.

    Example:
        >>> Verdict.NOT_SMOOTH
        <Verdict.NOT_SMOOTH: 'not smooth'>
        >>> Verdict("pass") is Verdict.PASS
        True
    """

    PASS = "pass"  # noqa: S105  # a verdict, no password
    FAIL = "fail"
    NOT_SMOOTH = "not smooth"


class Place(NamedTuple):
    """An entry of an array among several: its array's position and shape, and its index."""

    array: int
    shape: tuple[int, ...]
    at: tuple[int, ...]

    def of(self, what: str) -> str:
        """In words, as `input 0 of shape (2, 3), entry (0, 1)`."""
        return f"{what} {self.array} of shape {self.shape}, entry {self.at}"


def place_in(shapes: Sequence[tuple[int, ...]], entry: int) -> Place:
    """The place of an entry of the row of all elements of arrays of some shapes.

    >>> place_in([(2, 3), (4,)], 7)
    Place(array=1, shape=(4,), at=(1,))
    """
    ends = np.cumsum([0, *map(math.prod, shapes)])
    n = int(np.searchsorted(ends, entry, side="right")) - 1
    index = np.unravel_index(entry - int(ends[n]), shapes[n])
    return Place(n, shapes[n], tuple(map(int, index)))


def entry_in(shapes: Sequence[tuple[int, ...]], place: Place) -> int:
    """The entry of the row of all elements at a place, as `place_in` gives it.

    >>> entry_in([(2, 3), (4,)], Place(array=1, shape=(4,), at=(1,)))
    7
    """
    within = np.arange(math.prod(place.shape)).reshape(place.shape)
    return sum(map(math.prod, shapes[: place.array])) + int(within[place.at])


class Kink(NamedTuple):
    """An entry of a Jacobian at which the function is not smooth.

    Attributes:
        output: which value has two slopes.
        input: along which input.
        left: the derivative from below, nan where the function is not defined.
        right: the derivative from above, likewise.
        gradient: the value under check.
        accepted: whether that lies between them.
        is_nearby: whether the function is smooth along this input alone, as the median of three
            equal numbers, and the two are the least and the largest derivative close by.
    """

    output: Place
    input: Place
    left: float
    right: float
    gradient: float
    accepted: bool
    is_nearby: bool = False

    def __str__(self) -> str:
        """One line of a report."""
        word = "lies between" if self.accepted else "does not lie between"
        slopes = f"slopes {self.left:.6g} to the left and {self.right:.6g} to the right"
        if self.is_nearby:
            slopes = f"slopes close by from {self.left:.6g} to {self.right:.6g}"
        return (
            f"{self.input.of('input')} -> {self.output.of('output')}: {slopes}; the gradient"
            f" {self.gradient:.6g} {word}"
        )


@dataclass(frozen=True)
class Report:
    """What `gradcheck` found. It is true if the gradient is acceptable.

    Attributes:
        name: what the function is called.
        verdict: see `Verdict`.
        accepted: whether the gradient passed, or lies between the slopes of each kink found.
        order: the highest order that was checked.
        oracle: what the gradient of order 1 was compared with: `complex step`, good to about
            1e-15, or `differences`.
        error: the oracle's own error, estimated, relative to the gradient; the worst of all.
        excess: the worst discrepancy in units of tolerance plus error; above 1 it fails.
        kinks: where the function is not smooth, the first of them.
        lines: the message without its first line.
        headline: its first line.

    Example:
        >>> import numpy as np
        >>> import autograd_lite as ag
        >>> from autograd_lite.testing import gradcheck
        >>> report = gradcheck(ag.abs, np.array([-1.0, 0.0, 2.0]))
        >>> report.verdict, bool(report), report.kinks[0].left, report.kinks[0].right
        (<Verdict.NOT_SMOOTH: 'not smooth'>, True, -1.0, 1.0)
    """

    name: str
    verdict: Verdict
    accepted: bool
    order: int
    oracle: str
    error: float
    excess: float
    kinks: Sequence[Kink] = ()
    headline: str = ""
    lines: Sequence[str] = field(default=())

    def __bool__(self) -> bool:
        """Whether the gradient is acceptable."""
        return self.accepted

    def __str__(self) -> str:
        """The whole message."""
        return "\n  ".join([self.headline, *self.lines])


class GradientError(AssertionError):
    """A gradient that is wrong, or that cannot be checked.

    Attributes:
        report: the `Report` of a check that compared values, else None.
    """

    report: Report | None = None


def failed(headline: str, name: str, *lines: str) -> Report:
    """The report of a failure that no comparison of values has shown."""
    return Report(name, Verdict.FAIL, False, 1, "differences", 0.0, np.inf, (), headline, lines)  # noqa: FBT003


def failure(report: Report) -> GradientError:
    """The error that carries a report."""
    error = GradientError(str(report))
    error.report = report
    return error
