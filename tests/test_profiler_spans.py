"""Spans name a part of a profile that is no op."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import TYPE_CHECKING

import pytest

import autograd_lite as ag
from tests.test_profiler import CLOCK, leaf, stopped
from tests.test_profiler_report import saved

if TYPE_CHECKING:
    from pathlib import Path


def times(report: ag.profile) -> dict[str, tuple[int, int, int]]:
    """The calls, the time and the inclusive time of each row, in nanoseconds."""
    return {
        row.name: (row.calls, round(row.seconds * 1e9), round(row.inclusive * 1e9))
        for row in report.rows
    }


def test_spans_are_rows() -> None:
    """With their own time, and that of what is inside them."""
    with stopped(), ag.profile() as report:
        CLOCK.spend(1)
        for _ in range(2):
            with report.span("step"):
                CLOCK.spend(10)
                with report.span("data"):
                    CLOCK.spend(100)
                CLOCK.spend(10)
    assert times(report) == {"step": (2, 40, 240), "data": (2, 200, 200)}
    assert (report.outside, report.seconds) == (1e-9, 241e-9)


def test_a_span_inside_itself_and_one_that_is_left_by_an_error() -> None:
    with stopped(), ag.profile() as report, report.span("a"):
        CLOCK.spend(1)
        with suppress(KeyError), report.span("a"):
            CLOCK.spend(10)
            raise KeyError
        CLOCK.spend(1)
    assert times(report) == {"a": (2, 12, 12)}


def test_a_span_where_nothing_is_measured_does_nothing() -> None:
    report = ag.profile()
    with report.span("before"):
        pass
    with report:
        pass
    with report.span("after"):
        pass
    assert report.rows == ()


def test_a_span_may_outlast_the_profile() -> None:
    """Then it ends with it, and a block that is entered later knows nothing of it."""
    report = ag.profile()
    with stopped(), report:
        span = report.span("data")
        span.__enter__()  # as an ExitStack of the user's may
        CLOCK.spend(10)
    CLOCK.spend(100)
    with stopped(), report:
        CLOCK.spend(1)
        span.__exit__(None, None, None)
        CLOCK.spend(1)
    assert times(report) == {"data": (1, 10, 10)}
    assert report.outside == 2e-9


def test_spans_of_tasks_that_take_turns(tmp_path: Path) -> None:
    """Each nanosecond is counted once, for the span that was opened last."""

    async def work(name: str, turns: int) -> None:
        with report.span(name):
            for _ in range(turns):
                CLOCK.spend(10)
                await asyncio.sleep(0)

    async def main() -> None:
        await asyncio.gather(work("a", 2), work("b", 4))

    with stopped(), ag.profile() as report:
        asyncio.run(main())
        CLOCK.spend(1)
        leaf(2).exp()
    assert times(report) == {"a": (1, 10, 40), "b": (1, 50, 50), "exp": (1, 0, 0)}
    assert report.outside == 1e-9
    content = saved(report, tmp_path)  # in which no two events may overlap
    assert [event["name"] for event in content["traceEvents"]] == ["b", "exp"]
    assert content["otherData"] == {"calls_left_out": 1}


def test_a_span_has_a_name() -> None:
    with pytest.raises(TypeError, match=r"^profile.span: got 3; expected a name, as in span\('"):
        ag.profile().span(3)  # type: ignore[arg-type]
