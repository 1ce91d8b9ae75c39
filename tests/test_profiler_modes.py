"""A profile beside other modes, errors, threads and tasks."""

from __future__ import annotations

import asyncio
import contextvars
import threading
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

import autograd_lite as ag
from autograd_lite.graph import op
from autograd_lite.recording import USUAL, Mode, OpCall, Watcher, enter, leave, mode
from tests.test_profiler import CLOCK, adds_up, calls, leaf, stopped

if TYPE_CHECKING:
    from collections.abc import Callable


# ---- beside other modes


def test_recording_stays_as_it_is() -> None:
    """On in the block if it was on before; a switch inside keeps the profile."""
    x = leaf(2)
    with ag.no_grad(), ag.profile() as report:
        assert not (x * 2).requires_grad
        with ag.enable_grad():
            assert (x * 2).requires_grad
        assert not (x * 2).requires_grad
    with ag.profile() as other:
        assert (x * 2).requires_grad
        with ag.no_grad():
            assert not (x * 2).requires_grad
        assert (x * 2).requires_grad
    assert calls(report) == calls(other) == {("mul", "forward"): 3}
    assert mode.get() is USUAL


def test_both_of_two_nested_profiles_see_what_is_inside() -> None:
    x = leaf(2)
    with ag.profile() as outer:
        x.exp()
        with ag.profile() as inner:
            x.sin().sum().backward()
        x.cos()
    seen = {("sin", "forward"), ("sum", "forward"), ("sum", "backward"), ("sin", "backward")}
    assert set(calls(inner)) == seen
    assert set(calls(outer)) == seen | {("exp", "forward"), ("cos", "forward")}
    adds_up(inner)
    adds_up(outer)
    assert inner.seconds <= outer.seconds


def test_another_watcher_around_it_goes_on_watching() -> None:
    seen: list[Any] = []

    class Noting(Watcher):
        """Notes what it runs."""

        def forward(self, call: OpCall) -> Any:
            assert len(call.operands) == len(call.arrays)
            seen.append(call.name)
            return super().forward(call)

        def backward(self, name: str, function: Any, gradient: Any, node: Any) -> Any:
            assert node.name == name
            seen.append(name)
            return super().backward(name, function, gradient, node)

        def complete(self, node: Any, gradient: Any) -> None:
            seen.append((node.name, gradient.shape))

    enter(Mode(records=True, watcher=Noting()))
    try:
        with ag.profile() as report:
            leaf(2).sum().backward()
    finally:
        leave()
    assert seen == ["sum", ("sum", ()), "sum", ("leaf", (2,))]
    assert calls(report) == {("sum", "forward"): 1, ("sum", "backward"): 1}


def test_a_profile_entered_again_goes_on() -> None:
    """What is between the blocks is not in it."""
    x = leaf(2)
    report = ag.profile()
    with report:
        x.exp()
    first = report.seconds
    x.exp()
    assert report.seconds == first
    with report:
        x.exp()
    assert calls(report) == {("exp", "forward"): 2}
    assert report.seconds > first
    adds_up(report)


def test_a_profile_is_not_entered_twice_at_once() -> None:
    with ag.profile() as report:
        with pytest.raises(RuntimeError, match=r"^profile: .* already; .*with profile\(\)"), report:
            pass
        leaf(2).exp()
    assert calls(report) == {("exp", "forward"): 1}
    assert mode.get() is USUAL


# ---- errors


@op
def broken(x: Any, /) -> tuple[Any, ...]:
    """An op whose rule fails, after a while."""

    def rule(g: Any) -> Any:
        CLOCK.spend(20)
        raise KeyError(g.shape)

    return x * 1.0, rule


def raised(function: Callable[[], Any]) -> tuple[type, str]:
    """The error that a call ends in."""
    with pytest.raises(Exception, match=r".") as caught:
        function()
    return caught.type, str(caught.value)


def test_errors_pass_as_they_are_and_their_time_is_counted() -> None:
    x, other = leaf(2, 3), leaf(4, 5)
    wrong: list[Callable[[], Any]] = [lambda: x @ other, lambda: broken(x).sum().backward()]
    expected = [raised(function) for function in wrong]
    with stopped(), ag.profile() as report:
        assert [raised(function) for function in wrong] == expected
    assert calls(report)["broken", "backward"] == 1
    assert calls(report)["matmul", "forward"] == 1
    assert sum(row.seconds for row in report.rows) == 20e-9
    adds_up(report)


def test_an_error_in_the_block_leaves_the_report_and_restores_the_mode() -> None:
    x = leaf(2)
    report = ag.profile()

    def fail() -> None:
        with report, report.span("all"):
            x.exp()
            raise KeyError(x)

    assert raised(fail)[0] is KeyError
    assert mode.get() is USUAL
    assert calls(report) == {("exp", "forward"): 1, ("all", "span"): 1}
    assert "exp" in str(report)
    seconds = report.seconds
    x.exp()
    assert calls(report)["exp", "forward"] == 1
    assert report.seconds == seconds


@pytest.mark.parametrize("wrong", [1.5, "all", True])
def test_max_events_is_an_integer(wrong: Any) -> None:
    with pytest.raises(TypeError, match=r"^profile: got max_events=.*; expected an integer"):
        ag.profile(max_events=wrong)


def test_max_events_is_not_negative() -> None:
    with pytest.raises(ValueError, match=r"^profile: got max_events=-1; expected an integer, 0 or"):
        ag.profile(max_events=-1)


# ---- threads and tasks


def run_in_thread(function: Callable[[], Any]) -> None:
    """Call in another thread, and wait for it."""
    thread = threading.Thread(target=function)
    thread.start()
    thread.join()


def test_other_threads_are_not_seen() -> None:
    """Not even where they run in the context of this one."""
    x = leaf(2)
    results: list[Any] = []

    def work() -> None:
        with report.span("there"):
            y = x.exp().sum()
        (g,) = ag.grad(y, x)
        results.append(g.numpy().tolist())

    with ag.profile() as report:
        x.sin()
        run_in_thread(work)
        run_in_thread(lambda: contextvars.copy_context().run(work))
        context = contextvars.copy_context()
        run_in_thread(lambda: context.run(work))
    assert calls(report) == {("sin", "forward"): 1}
    assert results == [np.exp(np.ones(2)).tolist()] * 3


def test_tasks_of_the_block_are_seen_while_it_lasts() -> None:
    x = leaf(2)

    async def work(over: asyncio.Event) -> None:
        x.exp()
        await over.wait()
        x.sin()

    async def main() -> ag.profile:
        over, before = asyncio.Event(), asyncio.Event()
        stranger = asyncio.create_task(work(before))
        with ag.profile() as report:
            task = asyncio.create_task(work(over))
            before.set()
            await asyncio.sleep(0)
            await stranger
        over.set()
        await task
        return report

    assert calls(asyncio.run(main())) == {("exp", "forward"): 1}
