"""The files of checkpoints in a folder: numbered in the order of saving, the score in the name."""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from pathlib import Path

_NAME = re.compile(r"checkpoint-(\d+)-epoch-\d+-step-\d+(?:-score-(.+))?\.npz")


class Entry(NamedTuple):
    """A checkpoint's file."""

    number: int
    path: Path
    score: float  # nan where there is none


def entries(folder: Path) -> list[Entry]:
    """The checkpoints in a folder, the oldest first; other files are passed over."""
    found = []
    for path in folder.glob("checkpoint-*.npz"):
        match = _NAME.fullmatch(path.name)
        if match:
            found.append(Entry(int(match[1]), path, _score(match[2])))
    return sorted(found)


def name(number: int, epoch: int, step: int, score: float | None) -> str:
    """The name of a new file."""
    end = "" if score is None else f"-score-{score!r}"
    return f"checkpoint-{number:06d}-epoch-{epoch}-step-{step}{end}.npz"


def best_first(found: list[Entry], mode: str) -> list[Entry]:
    """Those that have a score, the best first, of equals the older; nan is no score."""
    sign = 1 if mode == "min" else -1
    scored = [entry for entry in found if not math.isnan(entry.score)]
    return sorted(scored, key=lambda entry: (sign * entry.score, entry.number))


def _score(text: str | None) -> float:
    try:
        return float(text or "nan")
    except ValueError:
        return math.nan
