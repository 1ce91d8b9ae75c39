"""What a profile prints, and the trace that it saves."""

from __future__ import annotations

import json
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import pytest

import autograd_lite as ag
from autograd_lite.profiler_report import Row, table
from autograd_lite.tables import in_units
from tests.test_profiler import CLOCK, leaf, stopped
from tests.test_profiler_modes import broken

if TYPE_CHECKING:
    from pathlib import Path


def saved(report: ag.profile, folder: Path) -> dict[str, Any]:
    """The trace as its reader finds it."""
    report.save_trace(folder / "trace.json")
    assert [path.name for path in folder.iterdir()] == ["trace.json"]
    content: dict[str, Any] = json.loads((folder / "trace.json").read_text())
    return content


def nanoseconds(event: dict[str, Any]) -> tuple[int, int]:
    """When an event begins and ends."""
    begin = round(event["ts"] * 1000)
    return begin, begin + round(event["dur"] * 1000)


# ---- the table


def test_the_table_names_what_ran_and_adds_it_up() -> None:
    rows = [
        Row("matmul", "backward", 40, 0.5, 0.5, 12_500_000),
        Row("matmul", "forward", 20, 0.25, 0.25, 999),
        Row("mul", "forward", 1, 0.0000005, 0.0000005, 0),
    ]
    assert table(rows, 0.2499995, 1.0).splitlines() == [
        "op                direction  calls     time   share  per call  results",
        "----------------------------------------------------------------------",
        "matmul            backward      40   500 ms   50.0%   12.5 ms  12.5 MB",
        "matmul            forward       20   250 ms   25.0%   12.5 ms    999 B",
        "mul               forward        1  0.50 us    0.0%   0.50 us      0 B",
        "----------------------------------------------------------------------",
        "all               forward            250 ms   25.0%",
        "all               backward           500 ms   50.0%",
        "outside of these                     250 ms   25.0%",
        "total                                1.00 s  100.0%",
    ]


def test_the_inclusive_time_is_shown_where_it_differs() -> None:
    rows = [Row("step", "span", 1, 0.1, 1.0, 0), Row("exp", "forward", 1000, 0.9, 0.9, 8000)]
    text = [" ".join(line.split()) for line in table(rows, 0.0, 1.0).splitlines()]
    assert text[0] == "op direction calls time share per call inclusive results"
    assert text[2] == "step span 1 100 ms 10.0% 100 ms 1.00 s"
    assert text[3] == "exp forward 1,000 900 ms 90.0% 900 us 900 ms 8.00 kB"


def test_the_table_fits_100_columns() -> None:
    rows = [Row("a long name\n" * 9, "backward", 10**9, 99999.0, 999999.0, 10**15)]
    lines = table(rows, 0.0, 99999.0).splitlines()
    assert len(lines) == 7
    assert max(map(len, lines)) <= 100


def test_a_report_prints_at_any_time() -> None:
    """Before the block, in it, and after it."""
    report = ag.profile()
    assert "total" in str(report)
    with report:
        leaf(3).exp().sum().backward()
        inside = str(report)
    for text in (inside, str(report), repr(report)):
        names = [line.split()[:2] for line in text.splitlines()]
        for name in ("exp", "sum"):
            assert [name, "forward"] in names
            assert [name, "backward"] in names


def test_rows_are_sorted_by_time() -> None:
    with ag.profile() as report:
        for _ in range(10):
            leaf(30, 30).exp().sum().backward()
    for row, following in pairwise(report.rows):
        assert row.seconds >= following.seconds


@pytest.mark.parametrize(
    ("value", "expected"),
    [(0, "0 B"), (999, "999 B"), (1000, "1.00 kB"), (9995, "10.0 kB"), (99_950, "100 kB"),
     (999_499, "999 kB"), (999_500, "1.00 MB"), (12_345_678, "12.3 MB"), (4.2e15, "4200 TB")],
)  # fmt: skip
def test_sizes_have_three_digits(value: int, expected: str) -> None:
    assert in_units(value, ("B", "kB", "MB", "GB", "TB")) == expected


# ---- the trace


def test_the_trace_has_an_event_for_each_call(tmp_path: Path) -> None:
    """In order, none before the beginning, one inside the other or apart."""
    x = leaf(4, 3, dtype="float32")
    with ag.profile() as report:
        for _ in range(3):
            with report.span("step"):
                y = ((x @ x.T).tanh() ** 2).sum()
                (g,) = ag.grad(y, x, create_graph=True)
                (g * g).sum().backward()
    content = saved(report, tmp_path)
    events = content["traceEvents"]
    assert content["otherData"] == {"calls_left_out": 0}
    assert len(events) == sum(row.calls for row in report.rows)
    assert {event["ph"] for event in events} == {"X"}
    assert len({(event["pid"], event["tid"]) for event in events}) == 1
    spans = [nanoseconds(event) for event in events]
    assert spans == sorted(spans, key=lambda span: (span[0], -span[1]))
    assert all(0 <= begin <= end for begin, end in spans)
    open_until: list[int] = []
    for begin, end in spans:
        while open_until and open_until[-1] <= begin:
            open_until.pop()
        assert not open_until or end <= open_until[-1]
        open_until.append(end)
    for row in report.rows:
        found = [e for e in events if (e["name"], e["cat"]) == (row.name, row.direction)]
        assert len(found) == row.calls
        assert sum(e["args"].get("bytes", 0) for e in found) == row.bytes


def test_an_event_has_its_time_since_the_first_block(tmp_path: Path) -> None:
    """In microseconds; of two that begin at once, the outer one comes first."""
    report = ag.profile()
    for wait in (2500, 1000):
        with stopped(), report:
            CLOCK.spend(wait)
            with report.span("outer"):
                with report.span("inner"):
                    CLOCK.spend(4000)
                CLOCK.spend(1)
        CLOCK.spend(100_000)
    found = [(e["name"], e["ts"], e["dur"]) for e in saved(report, tmp_path)["traceEvents"]]
    assert found == [
        ("outer", 2.5, 4.001), ("inner", 2.5, 4.0),
        ("outer", 107.501, 4.001), ("inner", 107.501, 4.0),
    ]  # fmt: skip


def test_an_event_describes_its_call(tmp_path: Path) -> None:
    x, w = ag.ones(5, 4, dtype="float32"), leaf(4, 3, dtype="float32")
    with ag.profile() as report:
        (x @ w).backward(ag.ones(5, 3, dtype="float32"))
        with report.span("update"):
            pass
    forward, backward, span = saved(report, tmp_path)["traceEvents"]
    assert (forward["name"], forward["cat"]) == ("matmul", "forward")
    assert forward["args"] == {
        "shapes": [[5, 4], [4, 3]], "result": [5, 3], "dtype": "float32", "bytes": 60,
    }  # fmt: skip
    assert (backward["name"], backward["cat"]) == ("matmul", "backward")
    assert backward["args"] == {
        "shapes": [[5, 3]], "result": [4, 3], "dtype": "float32", "bytes": 48,
    }  # fmt: skip
    assert (span["name"], span["cat"], span["args"]) == ("update", "span", {})


def test_a_call_that_raised_is_an_event_too(tmp_path: Path) -> None:
    with ag.profile() as report, pytest.raises(KeyError):
        broken(leaf(2)).backward([1.0, 1.0])
    _, failed = saved(report, tmp_path)["traceEvents"]
    assert failed["args"] == {"shapes": [[2]], "raised": True}


@pytest.mark.parametrize(("most", "kept"), [(1, 1), (5, 5), (100, 20), (None, 20)])
def test_the_trace_keeps_the_latest_calls(tmp_path: Path, most: int | None, kept: int) -> None:
    with ag.profile(max_events=most) as report:
        for _ in range(9):
            leaf(2).exp().sin()
        leaf(2).cos().tanh()
    content = saved(report, tmp_path)
    names = [event["name"] for event in content["traceEvents"]]
    assert names == [*["exp", "sin"] * 9, "cos", "tanh"][-kept:]
    assert content["otherData"] == {"calls_left_out": 20 - kept}
    assert sum(row.calls for row in report.rows) == 20


def test_a_profile_without_events_has_no_trace(tmp_path: Path) -> None:
    with ag.profile(max_events=0) as report:
        leaf(2).exp()
    assert [row.name for row in report.rows] == ["exp"]
    with pytest.raises(RuntimeError, match=r"^profile.save_trace: .*max_events=0; .*max_events="):
        report.save_trace(tmp_path / "trace.json")
    assert list(tmp_path.iterdir()) == []


def test_a_trace_that_cannot_be_written_leaves_nothing_behind(tmp_path: Path) -> None:
    """And what was there as it was; one that can be written replaces it."""
    with ag.profile() as report:
        leaf(2).exp()
    taken = tmp_path / "taken"
    taken.mkdir()
    with pytest.raises(OSError, match="taken"):
        report.save_trace(taken)
    with pytest.raises(FileNotFoundError):
        report.save_trace(tmp_path / "missing" / "trace.json")
    with pytest.raises(TypeError, match=r"^profile.save_trace: got 3; expected the path"):
        report.save_trace(3)  # type: ignore[arg-type]
    assert list(tmp_path.iterdir()) == [taken]
    taken.rmdir()
    (tmp_path / "trace.json").write_text("old")
    assert len(saved(report, tmp_path)["traceEvents"]) == 1
    report.save_trace(str(tmp_path / "trace.json"))
