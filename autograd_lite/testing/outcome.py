"""What a comparison of one order came to, and the words for it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from autograd_lite.testing.entries import Inspection
from autograd_lite.testing.report import Report, Verdict
from autograd_lite.testing.snippet import snippet

if TYPE_CHECKING:
    from collections.abc import Sequence

    from autograd_lite.testing.compare import Comparison, Match
    from autograd_lite.testing.entries import Wrong
    from autograd_lite.testing.report import Kink

_SHOWN = 5  # kinks in a message
_CLASH = "each may be right alone, but not together: are they too much in all, or too little?"
_COARSE = 1e-6  # an oracle's error, relatively, that is worth a word


@dataclass
class Outcome:
    """One order: what agreed, what did not, and where there is nothing to agree with.

    Attributes:
        comparison: what was compared.
        inspection: what was found at entries.
        unexplained: what disagrees along a direction and at none of the entries looked at.
        has_crowds: whether there are kinks that were not looked at one by one.
        clash: kinks whose gradients cannot be right together.
        excess: the worst discrepancy that was seen, in units of tolerance plus error.
        error: the oracle's worst error, relative to the gradient.
    """

    comparison: Comparison
    inspection: Inspection = field(default_factory=Inspection)
    unexplained: Match | None = None
    has_crowds: bool = False
    clash: Sequence[Kink] = ()
    excess: float = 0.0
    error: float = 0.0

    def saw(self, match: Match) -> None:
        """Note a comparison that came out well."""
        self.excess = max(self.excess, match.excess)
        size = max(abs(match.analytic), abs(match.numerical))
        if size > 0:
            self.error = max(self.error, match.error / size)

    @property
    def is_smooth(self) -> bool:
        """Whether no kink was met."""
        return not (self.inspection.kinks or self.inspection.rough or self.has_crowds)

    @property
    def accepted(self) -> bool:
        """Whether the gradient may be right."""
        return not (self.inspection.are_bad or self.unexplained or self.clash)


def report_of(outcomes: Sequence[Outcome], *, smooth: bool) -> Report:
    """The report of the orders that were checked, the last of which decides."""
    last = outcomes[-1]
    is_smooth = all(o.is_smooth for o in outcomes)
    accepted = last.accepted and (is_smooth or not smooth)
    verdict = Verdict.PASS if is_smooth else Verdict.NOT_SMOOTH
    if last.inspection.wrong or last.unexplained or not _between(last):
        verdict = Verdict.FAIL
    excess = max(o.excess for o in outcomes)
    if last.inspection.wrong:
        excess = max(w.match.excess for w in last.inspection.wrong)
    kinks = [kink for o in outcomes for kink in o.inspection.kinks]
    decisive = last if not last.accepted else next((o for o in outcomes if not o.is_smooth), last)
    what, lines = _words(decisive)
    return Report(
        name=last.comparison.subject.name,
        verdict=verdict,
        accepted=accepted,
        order=last.comparison.order,
        oracle=outcomes[0].comparison.oracle.name,
        error=max(o.error for o in outcomes),
        excess=excess,
        kinks=kinks,
        headline=f"gradcheck: {last.comparison.subject.name}: {what}",
        lines=lines,
    )


def _between(outcome: Outcome) -> bool:
    return not outcome.clash and all(kink.accepted for kink in outcome.inspection.kinks)


def _words(outcome: Outcome) -> tuple[str, list[str]]:
    """The rest of the first line, and the other lines."""
    inspection, order = outcome.inspection, outcome.comparison.order
    if inspection.wrong:
        return f"the gradient of order {order} is wrong", _of_wrong(outcome)
    if inspection.rough:
        return _of_rough(outcome)
    if not _between(outcome):
        return f"the gradient of order {order} lies outside the one-sided derivatives", (
            [*_of_kinks(outcome.clash), _CLASH]
            if outcome.clash
            else _of_kinks([kink for kink in inspection.kinks if not kink.accepted])
        )
    if outcome.unexplained is not None:
        return _of_unexplained(outcome.unexplained, order)
    if not outcome.is_smooth:
        return "not smooth here", _of_kinks(inspection.kinks, crowds=outcome.has_crowds)
    return f"the gradients up to order {order} are right", _of_right(outcome)


def _of_kinks(kinks: Sequence[Kink], *, crowds: bool = False) -> list[str]:
    more = len(kinks) - _SHOWN
    lines = [*map(str, kinks[:_SHOWN]), *([f"and {more} more"] if more > 0 else [])]
    if crowds:
        lines.append(
            "more kinks than were looked at one by one: along random directions the gradient lies"
            " between the slopes"
        )
    return lines


def _of_right(outcome: Outcome) -> list[str]:
    lines = [f"worst discrepancy {outcome.excess:.3g} of what is allowed"]
    if outcome.error > _COARSE:
        lines.append(
            f"the oracle is certain to {outcome.error:.1e} only: is a kink or a pole near, or does"
            " f compute in float32 inside?"
        )
    return lines


def _of_unexplained(match: Match, order: int) -> tuple[str, list[str]]:
    values = (
        f"analytic {match.analytic}, numerical {match.numerical}, tolerance {match.tolerance:.3g},"
        f" error of the oracle {match.error:.3g}; the entries looked at agree one by one"
    )
    hint = "f is rough or has very many kinks: scale it, give a larger rtol, or move the inputs"
    return f"the gradient of order {order} disagrees along a random direction", [values, hint]


def _of_wrong(outcome: Outcome) -> list[str]:
    wrong: Wrong = max(outcome.inspection.wrong, key=lambda w: (w.match.excess, w.match.apart))
    comparison, match = outcome.comparison, wrong.match
    settings = comparison.settings
    analytic, numerical = match.analytic / wrong.step, match.numerical / wrong.step
    tolerance, error = match.tolerance / wrong.step, match.error / wrong.step
    size = max(abs(analytic), abs(numerical))
    at = comparison.input_place(wrong.input, wrong.entry)
    place = at.of("input")
    output = comparison.output_place(wrong.output)
    if sum(v.size for v in comparison.values) > 1:
        what = "output" if comparison.order == 1 else f"gradient of order {comparison.order - 1},"
        place += f" -> {output.of(what)}"
    tolerances = f"rtol {settings.rtol:g}, atol {settings.atol:g}"
    relative = f"relative error {abs(analytic - numerical) / size:.3g}"
    lines = [
        f"{place}: analytic {analytic:.10g}, numerical {numerical:.10g}",
        f"{relative}, tolerance {tolerance / size:.3g} ({tolerances}), oracle {error / size:.1g}",
        _hint(comparison),
    ]
    if comparison.order > 1:
        lines.append("(the values are of a projection on random weights, the same for both)")
    script = snippet(comparison.subject, comparison.order, output, at, settings.seed)
    return [*lines, "to reproduce:", *(f"  {line}" for line in script)]


def _hint(comparison: Comparison) -> str:
    hint = (
        "look for a wrong sign or factor in a vjp, an axis or a repeated index it forgets, detach()"
        " or NumPy in f; if a few digits agree, for float32 inside"
    )
    low = sorted({str(v.dtype) for v in comparison.values if v.dtype != np.float64})
    return f"{hint} (f gives {', '.join(low)})" if low else hint


def _of_rough(outcome: Outcome) -> tuple[str, list[str]]:
    comparison = outcome.comparison
    k, entry, output = outcome.inspection.rough[0]
    places = comparison.input_place(k, entry).of("input"), comparison.output_place(output)
    hint = (
        "f is not finite, or not continuous, around the inputs, or rounds more coarsely than its"
        " slopes show: move the inputs, or compute in float64"
    )
    return f"has no derivative here that could be found (order {comparison.order})", [
        f"{places[0]} -> {places[1].of('output')}: differences agree on neither side",
        hint,
    ]
