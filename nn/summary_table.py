"""The table of a summary, as text and as HTML."""

from __future__ import annotations

from typing import TYPE_CHECKING

from autograd_lite.tables import aligned, html_table, in_bytes, in_units, safe

if TYPE_CHECKING:
    from .summary import Row, Summary

_HEAD = ("layer", "output", "calls", "parameters", "FLOPs", "results")
_LEFT = 2
_COUNTS = ("", "k", "M", "G", "T")
_MOST = 2  # shapes of one row
_WIDEST = 44  # of a cell: settings may be long


def as_text(summary: Summary) -> str:
    """The table, aligned, and the totals."""
    texts, rule = aligned(_lines(summary), _LEFT)
    return "\n".join([texts[0], rule, *texts[1:-1], rule, texts[-1], *_totals(summary)])


def as_html(summary: Summary) -> str:
    """The same for a notebook."""
    head, *body, total = _lines(summary)
    notes = "<br>".join(map(safe, _totals(summary)))
    return html_table(head, body, _LEFT, [total]) + f'<p style="margin:4px 10px">{notes}</p>'


def _lines(summary: Summary) -> list[tuple[str, ...]]:
    names: list[str] = []  # those of the calls around a row
    lines: list[tuple[str, ...]] = [_HEAD]
    for row in summary.rows:
        del names[row.depth :]
        lines.append(_cells(row, names[-1] if names else ""))
        names += [""] * (row.depth - len(names)) + [row.name]
    sums = f"{summary.parameters:,}", _count(summary.flops), in_bytes(summary.activation_bytes)
    lines.append(("total", "", "", *sums))
    if all(row.calls == 1 for row in summary.rows):  # then the column says nothing
        lines = [line[:2] + line[3:] for line in lines]
    return lines


def _cells(row: Row, outer: str) -> tuple[str, ...]:
    name = row.name.removeprefix(f"{outer}." if outer else "")
    layer = f"{name}: {row.layer}" if name else row.layer
    output = " or ".join(row.outputs[:_MOST]) + (" ..." if len(row.outputs) > _MOST else "")
    parameters = f"{row.parameters:,}" if row.parameters else "-"
    return (
        _short("  " * row.depth + layer),
        _short(output) if row.calls else "not called",
        str(row.calls),
        "shared" if row.shared and not row.parameters else parameters,
        _count(row.flops) if row.flops else "-",
        in_bytes(row.bytes) if row.bytes else "-",
    )


def _totals(summary: Summary) -> list[str]:
    frozen = f"{summary.frozen_parameters:,} frozen" if summary.frozen_parameters else "none frozen"
    held = in_bytes(summary.parameter_bytes)
    return [f"parameters: {summary.trainable_parameters:,} trainable, {frozen}, {held}"]


def _count(value: int) -> str:
    return in_units(value, _COUNTS).rstrip()


def _short(text: str) -> str:
    return text if len(text) <= _WIDEST else text[: _WIDEST - 3] + "..."
