"""The mutation score of the whole library: `python -m tests.mutation_score --write`.

It breaks everything that gradients are made of, one error at a time, and lets the tests of the
table of ops look for it; docs/verification.md has what came of it.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
from pathlib import Path
from typing import TYPE_CHECKING

for _threads in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):  # before NumPy: one for each process
    os.environ.setdefault(_threads, "1")

import numpy as np  # noqa: E402  # after the above

from autograd_lite.testing import mutants_of, mutation_score  # noqa: E402  # the same
from autograd_lite.testing.mutant_targets import targets  # noqa: E402  # the same
from autograd_lite.testing.score import Outcome, Score  # noqa: E402  # the same
from tests.beside import BESIDE  # noqa: E402  # the same
from tests.cases_edge import EDGES  # noqa: E402  # the same
from tests.mutants_equivalent import EQUIVALENT  # noqa: E402  # the same
from tests.table import TABLE  # noqa: E402  # the same

if TYPE_CHECKING:
    from collections.abc import Sequence

PAGE = Path(__file__).resolve().parent.parent / "docs" / "verification.md"
BEGIN, END = "<!-- mutation score: begin -->", "<!-- mutation score: end -->"


def main() -> int:
    """Compute the score, print it, and with --write put it into the page."""
    parser = argparse.ArgumentParser(prog="python -m tests.mutation_score", description=__doc__)
    parser.add_argument("--ops", nargs="+", metavar="NAME", help="break these functions only")
    parser.add_argument("--examples", type=int, default=50, help="for each aspect of a case")
    parser.add_argument("--workers", type=int, default=2, help="processes")
    parser.add_argument("--write", action="store_true", help=f"put the tables into {PAGE.name}")
    parser.add_argument("--json", type=Path, help="a file for what became of each mutant")
    parser.add_argument(
        "--again",
        type=Path,
        nargs="+",
        metavar="FILE",
        help="files of --json: break what survived there, or is new, and take the rest from them",
    )
    options = parser.parse_args()
    if options.write and options.ops:
        parser.error("--write takes all functions: leave out --ops")
    if options.again and options.ops:
        parser.error("--again takes the functions of the files: leave out --ops")
    cases = [*TABLE, *EDGES, *BESIDE]
    only, known = options.ops and set(options.ops), {}
    if options.again:
        names = [
            m.name for t in targets(cases) for m in mutants_of(t.function, t.name, whole=t.whole)
        ]
        known = outcomes(options.again, names)
        only = alive(known) | (set(names) - known.keys())
    found = mutation_score(
        cases,
        equivalents=EQUIVALENT,
        only=only,
        examples=options.examples,
        nearest=12,
        workers=options.workers,
    )
    known |= {outcome.mutant: outcome for outcome in found.outcomes}
    score = Score(list(known.values()), EQUIVALENT, options.examples)
    print(score)  # noqa: T201  # a command
    if options.json:
        options.json.write_text(json.dumps([o._asdict() for o in score.outcomes], indent=1))
    if options.write:
        write(score)
    return int(bool(score.survivors or score.refuted))


def outcomes(files: Sequence[Path], names: Sequence[str]) -> dict[str, Outcome]:
    """What became of mutants that there still are, by some files; the last that has one counts."""
    found = {o["mutant"]: Outcome(**o) for file in files for o in json.loads(file.read_text())}
    return {name: found[name] for name in names if name in found}


def alive(known: dict[str, Outcome]) -> set[str]:
    """The names of those that were not found, and should have been."""
    left = Score(list(known.values()), EQUIVALENT, 0).survivors
    return {outcome.mutant for outcome in left}


def write(score: Score) -> None:
    """Put the tables into the page, between its marks."""
    head, rest = PAGE.read_text().split(BEGIN)
    _, tail = rest.split(END)
    hours = sum(outcome.seconds for outcome in score.outcomes) / 3600
    where = (
        f"Python {platform.python_version()}, NumPy {np.__version__}; {hours:.1f} hours of one"
        " processor for the mutants."
    )
    PAGE.write_text(f"{head}{BEGIN}\n\n{where}\n\n{score.markdown()}\n{END}{tail}")


if __name__ == "__main__":
    sys.exit(main())
