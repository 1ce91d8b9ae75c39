"""Mutants that compute what the original does: no test can find them.

`mutants_equivalent.txt` has each reason, with a colon, and below it the mutants that it is for.
"""

from __future__ import annotations

from pathlib import Path


def _read(text: str) -> dict[str, str]:
    reason, found = "", {}
    for line in filter(None, text.splitlines()):
        if line.startswith(" "):
            found[line.strip()] = reason
        else:
            reason = line.removesuffix(":")
    return found


EQUIVALENT = _read(Path(__file__).with_suffix(".txt").read_text(encoding="utf-8"))
