"""What the command lines of the examples share."""

from __future__ import annotations

import argparse
import math
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def above(limit: int, kind: type) -> Any:
    """An argument that must be a number above a limit."""

    def parse(text: str) -> Any:
        value = kind(text)
        if not (value > limit and math.isfinite(value)):
            message = f"{text} is not a number above {limit}"
            raise argparse.ArgumentTypeError(message)
        return value

    parse.__name__ = kind.__name__
    return parse


def parser_of(description: str | None) -> argparse.ArgumentParser:
    """A command line with what every example takes: a seed, and the folder of the picture."""
    parser = argparse.ArgumentParser(
        description=description, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--seed", type=above(-1, int), default=0, help="of all that is random")
    parser.add_argument("--out", type=Path, default=Path("outputs"), help="folder of the picture")
    return parser


def save(figure: Figure, path: Path) -> None:
    """Write a picture, and say where it is."""
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, dpi=110)
    print(f"picture {path}")
