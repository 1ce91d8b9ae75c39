"""What a profile is made into: rows, a table of them, and a Chrome trace."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

from autograd_lite.tables import aligned, in_bytes, in_units

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

Shape: TypeAlias = "tuple[int, ...]"
# A plain tuple, for one is made at each call: the name, the direction, begin and end in ns, the
# shapes of the operands; the shape, the dtype and the bytes of the result, if there is one.
Event: TypeAlias = "tuple[str, str, int, int, list[Shape], Shape | None, Any, int]"

DIRECTIONS = ("forward", "backward", "span")
_TIMES = ("us", "ms", "s")
_WIDEST = 26  # of a name: the table fits 100 columns


class Row(NamedTuple):
    """All calls of one op in one direction, or of one span.

    Attributes:
        name: the op, or the span.
        direction: "forward", "backward" or "span".
        calls: how often; backward once for each closure: one for each operand that is given a
            gradient, and one for a step that several of them share.
        seconds: the time in it, without what other rows account for: these add up.
        inclusive: the time from its beginning to its end, with what else ran in between.
        bytes: the size of the results; backward, of the gradients. A view has the size of what it
            shows.
    """

    name: str
    direction: str
    calls: int
    seconds: float
    inclusive: float
    bytes: int


def table(rows: Sequence[Row], outside: float, seconds: float) -> str:
    """The rows as aligned text, then what they add up to.

    Args:
        rows: in the order of the lines.
        outside: the time that no row accounts for.
        seconds: the time of the whole.
    """
    head = ("op", "direction", "calls", "time", "share", "per call", "inclusive", "results")
    body = [_cells(row, seconds) for row in rows]
    sums = []
    for direction in DIRECTIONS:
        parts = [row.seconds for row in rows if row.direction == direction]
        if parts:
            part = sum(parts)
            sums.append(("all", direction, "", _time(part), _share(part, seconds), "", "", ""))
    for name, part in ("outside of these", outside), ("total", seconds):
        sums.append((name, "", "", _time(part), _share(part, seconds), "", "", ""))
    lines = [head, *body, *sums]
    if all(row.inclusive == row.seconds for row in rows):  # then the column says nothing new
        lines = [line[:6] + line[7:] for line in lines]
    texts, rule = aligned(lines, 2)
    return "\n".join([texts[0], rule, *texts[1 : -len(sums)], rule, *texts[-len(sums) :]])


def _cells(row: Row, seconds: float) -> tuple[str, ...]:
    return (
        _short(row.name),
        row.direction,
        f"{row.calls:,}",
        _time(row.seconds),
        _share(row.seconds, seconds),
        _time(row.seconds / row.calls),
        _time(row.inclusive),
        "" if row.direction == "span" else in_bytes(row.bytes),
    )


def _short(name: str) -> str:
    """A name on one line, cut where the table would become too wide."""
    name = " ".join(name.split())
    return name if len(name) <= _WIDEST else name[: _WIDEST - 3] + "..."


def _time(seconds: float) -> str:
    return in_units(1e6 * seconds, _TIMES)


def _share(part: float, whole: float) -> str:
    return f"{part / whole if whole else 0.0:.1%}"


def trace(events: Iterable[Event], left_out: int) -> str:
    """The events as the JSON that chrome://tracing and Perfetto load.

    Args:
        events: in any order; of two, one lies inside the other or they do not overlap.
        left_out: how many calls are not among them.
    """
    ordered = sorted(events, key=lambda event: (event[2], -event[3]))  # the outer one first
    content = {
        "displayTimeUnit": "ms",
        "otherData": {"calls_left_out": left_out},
        "traceEvents": [_complete(*event) for event in ordered],
    }
    return json.dumps(content)


def _complete(
    name: str,
    direction: str,
    begin: int,
    end: int,
    shapes: list[Shape],
    shape: Shape | None,
    dtype: Any,
    size: int,
) -> dict[str, Any]:
    """A "complete" event of the trace event format, whose times are in microseconds."""
    args: dict[str, Any] = {}
    if direction != "span":
        args = {"shapes": shapes, "result": shape, "dtype": str(dtype), "bytes": size}
        if shape is None:
            args = {"shapes": shapes, "raised": True}
    times = {"ts": begin / 1000, "dur": (end - begin) / 1000}
    return {"name": name, "cat": direction, "ph": "X", **times, "pid": 1, "tid": 1, "args": args}
