"""What became of mutants: the share that was found, who survived, and tables of both."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

_ALIVE = {"survived", "unreached"}


class Outcome(NamedTuple):
    """What became of a mutant.

    Attributes:
        mutant: its name.
        kind: the sort of error.
        function: the function that was broken.
        line: the line of its file.
        status: `killed`, `hung` or `crashed`, all of which mean that it was found; `survived`; or
            `unreached`, if no test runs what was broken, so that it survived too.
        aspect: the aspect that found it.
        case: the case that did.
        message: the error that told.
        seconds: how long it took.
    """

    mutant: str
    kind: str
    function: str
    line: int
    status: str
    aspect: str
    case: str
    message: str
    seconds: float


class Score:
    """The result of `mutation_score`.

    Attributes:
        outcomes: what became of each mutant, in the order of the code.
        equivalents: mutants that compute the same as the original, by name, with the reason.
        examples: how many examples were drawn for each aspect at most.
    """

    def __init__(
        self, outcomes: Sequence[Outcome], equivalents: Mapping[str, str], examples: int
    ) -> None:
        self.outcomes = list(outcomes)
        self.equivalents = dict(equivalents)
        self.examples = examples

    @property
    def killed(self) -> list[Outcome]:
        """Those that a test found."""
        return [o for o in self.outcomes if o.status not in _ALIVE]

    @property
    def equivalent(self) -> list[Outcome]:
        """Those that survived, and are known to compute the same."""
        return [o for o in self._alive() if o.mutant in self.equivalents]

    @property
    def survivors(self) -> list[Outcome]:
        """Those that survived, and should not have."""
        return [o for o in self._alive() if o.mutant not in self.equivalents]

    @property
    def refuted(self) -> list[Outcome]:
        """Those that were said to compute the same, and were killed: the reason is wrong."""
        return [o for o in self.killed if o.mutant in self.equivalents]

    @property
    def share(self) -> float:
        """The mutation score: the share of those killed among those that are not equivalent."""
        possible = len(self.killed) + len(self.survivors)
        return len(self.killed) / possible if possible else 1.0

    def _alive(self) -> list[Outcome]:
        return [o for o in self.outcomes if o.status in _ALIVE]

    def rows(self, by: Callable[[Outcome], str]) -> list[tuple[str, int, int, int, int]]:
        """For each function, or what else `by` says: mutants, killed, equivalent, survivors."""
        parts = (self.outcomes, self.killed, self.equivalent, self.survivors)
        counts = [Counter(map(by, part)) for part in parts]
        return [(name, *(count[name] for count in counts)) for name in counts[0]]  # type: ignore[misc]  # four

    def __str__(self) -> str:
        lines = [_line(*_HEAD)]
        lines += [_line(*row) for row in self.rows(lambda o: o.function)]
        lines.append(_line("all", *(len(part) for part in self._parts())))
        lines.append("")
        lines.append(f"{self.share:.2%} of the mutants that are not equivalent were killed")
        for title, found in {"survived": self.survivors, "not equivalent": self.refuted}.items():
            lines += [f"{title}: {o.mutant} (line {o.line}, {o.status})" for o in found]
        return "\n".join(lines)

    def _parts(self) -> tuple[list[Outcome], ...]:
        return self.outcomes, self.killed, self.equivalent, self.survivors

    def _headline(self) -> str:
        possible = len(self.killed) + len(self.survivors)
        return (
            f"**{self.share:.2%}** of {possible:,} mutants that are not equivalent were killed,"
            f" with up to {self.examples} examples for each aspect."
        )

    def markdown(self) -> str:
        """The result in Markdown: tables by function, by kind of error and by killing aspect."""
        total = ("**all**", *(len(part) for part in self._parts()))
        functions = sorted(self.rows(lambda o: o.function))
        kinds = sorted(self.rows(lambda o: o.kind), key=lambda row: -row[1])
        found = Counter(o.aspect or o.status for o in self.killed)
        parts = [
            self._headline(),
            _table(("kind of error", *_HEAD[1:]), [*kinds, total]),
            _table(("killed by", "mutants"), found.most_common()),
            _table(_HEAD, [*functions, total]),
        ]
        if self.equivalent:
            reasons = Counter(self.equivalents[o.mutant] for o in self.equivalent)
            parts.insert(
                1, _table(("why a mutant is equivalent", "mutants"), reasons.most_common())
            )
        if self.survivors:
            parts.insert(
                1, _table(("survivor", "line"), [(o.mutant, o.line) for o in self.survivors])
            )
        return "\n\n".join(parts) + "\n"


_HEAD = ("function", "mutants", "killed", "equivalent", "survivors")


def _line(name: str, *numbers: object) -> str:
    return f"{name:<36}" + "".join(f"{n:>12}" for n in numbers)


def _table(head: Sequence[object], rows: Sequence[Sequence[object]]) -> str:
    lines = [head, ["---", *["---:"] * (len(head) - 1)], *rows]
    return "\n".join("| " + " | ".join(map(_cell, line)) + " |" for line in lines)


def _cell(value: object) -> str:
    text = f"{value:,}" if isinstance(value, int) else str(value)
    return text.replace("|", "\\|")
