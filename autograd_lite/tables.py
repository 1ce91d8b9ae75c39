"""What tables and drawings are written with: units, columns, and text that is safe in HTML."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

_SIZES = ("B", "kB", "MB", "GB", "TB")
_MARGIN = "  "
# What XML cannot hold, not even escaped: control characters, halves of pairs, and two more.
_UNWRITABLE = "[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]"
_ESCAPES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#x27;"})
# Colours that are read on a light page and on a dark one.
_CELL = "padding:2px 10px;border:0;font-family:monospace;white-space:pre;text-align:"
_RULE = "border-bottom:1px solid #8888;"


def in_units(value: float, units: Sequence[str]) -> str:
    """`value`, given in the first of `units`, in the one of them that leaves three digits of it.

    >>> [in_units(value, ("us", "ms", "s")) for value in (0.1234, 12.34, 999.6, 123456789)]
    ['0.12 us', '12.3 us', '1.00 ms', '123 s']
    """
    unit, *larger = units
    if larger and value >= 999.5:
        return in_units(value / 1000, larger)
    digits = 0 if isinstance(value, int) or value >= 99.95 else 1 if value >= 9.995 else 2
    return f"{value:.{digits}f} {unit}"


def in_bytes(count: int) -> str:
    """A number of bytes with a unit.

    >>> in_bytes(12), in_bytes(1_234_567)
    ('12 B', '1.23 MB')
    """
    return in_units(count, _SIZES)


def counted(count: int, thing: str, things: str = "") -> str:
    """A number of things, in words.

    >>> counted(1, "op"), counted(2000, "op"), counted(3, "box", "boxes")
    ('1 op', '2,000 ops', '3 boxes')
    """
    return f"{count:,} {thing if count == 1 else things or thing + 's'}"


def aligned(lines: Sequence[tuple[str, ...]], left: int) -> tuple[list[str], str]:
    """Lines of cells in columns, the first `left` to the left, the others right; and a rule.

    >>> aligned([("op", "calls"), ("matmul", "12")], 1)
    (['op      calls', 'matmul     12'], '-------------')
    """
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    texts = []
    for line in lines:
        padded = [cell.rjust(width) for cell, width in zip(line, widths, strict=True)]
        padded[:left] = [
            cell.ljust(width) for cell, width in zip(line[:left], widths[:left], strict=True)
        ]
        texts.append(_MARGIN.join(padded).rstrip())
    return texts, "-" * len(_MARGIN.join(" " * width for width in widths))


def safe(text: str) -> str:
    """`text` as it stands in HTML and XML, in an attribute too; what XML cannot hold is replaced.

    >>> safe("a < 'b' & c")
    'a &lt; &#x27;b&#x27; &amp; c'
    """
    return re.sub(_UNWRITABLE, "\ufffd", text).translate(_ESCAPES)


def html_table(
    head: Sequence[str],
    body: Iterable[Sequence[str]],
    left: int,
    foot: Iterable[Sequence[str]] = (),
) -> str:
    """A table in HTML, of cells that are plain text.

    Args:
        head: the names of the columns.
        body: the lines.
        left: how many columns, from the first, are aligned to the left; others to the right.
        foot: lines below a rule.
    """
    foot = list(foot)
    body = list(body)
    lines = [_html_line("th", head, left, _RULE)]
    lines += [
        _html_line("td", line, left, _RULE if foot and i == len(body) - 1 else "")
        for i, line in enumerate(body)
    ]
    lines += [_html_line("td", line, left, "") for line in foot]
    return f'<table style="border-collapse:collapse">{"".join(lines)}</table>'


def _html_line(tag: str, cells: Sequence[str], left: int, rule: str) -> str:
    sides = ["left" if i < left else "right" for i in range(len(cells))]
    written = (
        f'<{tag} style="{_CELL}{side};{rule}">{safe(cell)}</{tag}>'
        for cell, side in zip(cells, sides, strict=True)
    )
    return f"<tr>{''.join(written)}</tr>"
