"""The results as text: a block for each workload, and the tables at the end."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from contestants import CONTESTANTS, FLOOR
from workloads import WORKLOADS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    Record = dict[str, Any]
    Records = Mapping[str, Record]

NOTICEABLE = 0.05  # of all cores; a pool of threads waits for the one that was interrupted
OURS = [name for name, contestant in CONTESTANTS.items() if contestant.ours]


def scale(workload: str) -> tuple[float, str]:
    """What to multiply seconds by, and the unit: per op where a workload counts ops."""
    ops = WORKLOADS[workload].ops
    return (1e6 / ops, "us/op") if ops else (1e3, "ms")


def digits(value: float) -> str:
    """Three digits, and never an exponent."""
    return f"{value:.3g}" if 0.001 <= abs(value) < 100 else f"{value:.0f}"


def ratio(records: Records, ours: str, peer: str) -> float | None:
    """The median of `ours` by that of `peer`, if both were timed."""
    pair = [records.get(name, {}).get("median") for name in (ours, peer)]
    return pair[0] / pair[1] if pair[0] and pair[1] else None


def align(rows: Sequence[Sequence[str]], left: int = 1) -> str:
    """Rows in columns: the first `left` to the left, the others to the right."""
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    lines = (
        "  ".join(
            cell.ljust(width) if i < left else cell.rjust(width)
            for i, (cell, width) in enumerate(zip(row, widths, strict=True))
        )
        for row in rows
    )
    return "\n".join(line.rstrip() for line in lines)


def busy(share: float | None) -> str:
    """A warning, where others used the machine while it was timed."""
    if share is None or share < NOTICEABLE:
        return ""
    return f"others used {share:.0%} of the machine meanwhile: repeat this when it is idle"


def block(workload: str, records: Records, others: float | None = None) -> str:
    """One workload: its contestants below one another, then those without a time, and why."""
    factor, unit = scale(workload)
    rows = [["", f"median {unit}", "quartiles", "steps", "first step s", "ours by it", "peak MB"]]
    notes = []
    for name, record in records.items():
        if record["status"] != "timed":
            notes.append(f"{name}: {record['status']}: {record['reason']}")
            continue
        middle, *ends = (digits(record[key] * factor) for key in ("median", "lower", "upper"))
        by = "" if name in OURS else ratio(records, OURS[0], name)
        rows.append(
            [
                name,
                middle,
                " - ".join(ends),
                str(record["steps"]),
                f"{record['first_step']:.2f}",
                f"{by:.2f}" if by else "",
                f"{record['peak'] / 1e6:.0f}",
            ]
        )
        if "forward" in record:
            passes = (digits(record[key]["median"] * factor) for key in ("forward", "backward"))
            notes.append("{}: forward {}, backward {} {}".format(name, *passes, unit))
    title = f"{workload}  {WORKLOADS[workload].title}: {WORKLOADS[workload].step}"
    return "\n".join([title, align(rows), *filter(None, [*notes, busy(others)]), ""])


def table(
    title: str,
    results: Mapping[str, Records],
    names: Sequence[str],
    cell: Callable[[str, Records, str], str],
) -> str:
    """A row for each workload, a column for each contestant that is in some cell."""
    cells = {w: [cell(w, records, name) for name in names] for w, records in results.items()}
    kept = [i for i in range(len(names)) if any(row[i] for row in cells.values())]
    rows = [["", "", *(names[i] for i in kept)]]
    rows += [[w, WORKLOADS[w].title, *(row[i] or "-" for i in kept)] for w, row in cells.items()]
    return f"{title}\n{align(rows, left=2)}\n"


def _time(workload: str, records: Records, name: str) -> str:
    median = records.get(name, {}).get("median")
    return digits(median * scale(workload)[0]) if median else ""


def _memory(_: str, records: Records, name: str) -> str:
    peak = records.get(name, {}).get("peak")
    return f"{peak / 1e6:.0f}" if peak else ""


def tables(results: Mapping[str, Records], imports: Records, names: Sequence[str]) -> str:
    """Times, ratios for each of ours, memory and imports."""
    ops = ", ".join(w for w in results if WORKLOADS[w].ops)
    unit = f"ms; {ops}: us per op" if ops else "ms"
    parts = [table(f"Median time of a step ({unit})", results, names, _time)]
    peers = [name for name in names if name not in OURS]
    for ours in (name for name in OURS if name in names):

        def compared(_: str, records: Records, peer: str, ours: str = ours) -> str:
            found = ratio(records, ours, peer)
            return f"{found:.2f}" if found else ""

        parts.append(
            table(f"{ours} / the other (below 1: {ours} is faster)", results, peers, compared)
        )
    parts.append(table("Peak memory of the process (MB)", results, names, _memory))
    if imports:
        rows = [["", "ms", "quartiles"]]
        rows += [[name, *_import_cells(record)] for name, record in imports.items()]
        parts.append(f"Import, after NumPy's\n{align(rows)}\n")
    return "\n".join(parts)


def _import_cells(record: Record) -> list[str]:
    if "reason" in record:
        return ["failed", record["reason"]]
    middle, *ends = (digits(record[key] * 1e3) for key in ("median", "lower", "upper"))
    return [middle, " - ".join(ends)]


def faults(results: Mapping[str, Records]) -> list[str]:
    """What makes a run fail: a disagreement of anybody, and any failure of ours."""
    return [
        f"{workload}: {name} {record['status']}: {record['reason']}"
        for workload, records in results.items()
        for name, record in records.items()
        if record["status"] == "disagrees" or (record["status"] == "failed" and _essential(name))
    ]


def _essential(name: str) -> bool:
    return name in OURS or name == FLOOR


def absent(results: Mapping[str, Records]) -> Iterable[str]:
    """The contestants that are not installed."""
    return sorted(
        {n for rs in results.values() for n, r in rs.items() if r["status"] == "not installed"}
    )
