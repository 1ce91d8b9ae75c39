"""no_grad and enable_grad belong to the thread and the task that they are used in."""

from __future__ import annotations

import asyncio
import threading
from typing import Any

import pytest

import autograd_lite as ag

X = ag.tensor([2.0], requires_grad=True)


def recorded() -> bool:
    """Whether ops build a graph here and now."""
    return (X * 2).requires_grad


def in_thread(function: Any) -> Any:
    """The result of a call in another thread."""
    results: list[Any] = []
    thread = threading.Thread(target=lambda: results.append(function()))
    thread.start()
    thread.join()
    (result,) = results
    return result


def test_no_grad_records_nothing_inside() -> None:
    """Results are constants, also as operands later on."""
    assert recorded()
    with ag.no_grad():
        assert not recorded()
        y = X * 2
    assert recorded()
    assert y.is_leaf
    assert not (y + 1).requires_grad


def test_switches_nest() -> None:
    """Each sets back what was there, also when it is entered twice and when an error passes."""
    switch = ag.no_grad()
    with switch:
        with switch, ag.enable_grad():
            assert recorded()
        assert not recorded()
        with pytest.raises(KeyError), ag.enable_grad():
            raise KeyError
        assert not recorded()
    assert recorded()


def test_leaves_can_be_made_under_no_grad() -> None:
    """The switch is about recording ops."""
    with ag.no_grad():
        assert ag.ones(2, requires_grad=True).requires_grad


def test_switches_decorate_functions() -> None:
    """Which keep their name, arguments and result; recursion and errors set the switch back."""

    @ag.no_grad()
    def count(n: int, *, fail: bool = False) -> list[bool]:
        """Count down."""
        if fail:
            raise KeyError
        return [recorded()] if n == 0 else [recorded(), *count(n - 1)]

    @ag.enable_grad()
    def inner() -> bool:
        return recorded()

    assert count.__name__ == "count"
    assert count.__doc__ == "Count down."
    assert count(2) == [False, False, False]
    with pytest.raises(KeyError):
        count(1, fail=True)
    assert recorded()
    with ag.no_grad():
        assert inner()
        assert not recorded()


def test_switches_decorate_methods() -> None:
    """The function's first argument is the object."""

    class Model:
        @ag.no_grad()
        def predict(self) -> tuple[bool, bool]:
            return isinstance(self, Model), recorded()

    assert Model().predict() == (True, False)


def test_generators_are_refused() -> None:
    """Between two yields the switch would be the caller's; the message says where to put it."""

    def numbers() -> Any:
        yield 1

    async def numbers_later() -> Any:
        yield 1

    for function in (numbers, numbers_later):
        with pytest.raises(TypeError, match=r"numbers.* is a generator.*with no_grad\(\)"):
            ag.no_grad()(function)
        with pytest.raises(TypeError, match=r"with enable_grad\(\)"):
            ag.enable_grad()(function)


def test_threads_have_switches_of_their_own() -> None:
    """One is off in here, and on in there; and the other way round."""
    with ag.no_grad():
        assert in_thread(recorded)
        assert not recorded()

    inside, done = threading.Event(), threading.Event()

    def hold() -> None:
        with ag.no_grad():
            inside.set()
            done.wait()

    thread = threading.Thread(target=hold)
    thread.start()
    inside.wait()
    assert recorded()
    done.set()
    thread.join()


def test_one_switch_may_serve_several_threads_at_once() -> None:
    """Whoever enters first need not leave last."""
    switch = ag.no_grad()
    first_is_in, second_is_in, first_is_out = (threading.Event() for _ in range(3))
    seen: list[Any] = []

    def first() -> None:
        try:
            with switch:
                first_is_in.set()
                second_is_in.wait()
            seen.append(recorded())
        except ValueError as error:
            seen.append(error)
        first_is_out.set()

    def second() -> None:
        try:
            first_is_in.wait()
            with switch:
                second_is_in.set()
                first_is_out.wait()
                seen.append(recorded())
            seen.append(recorded())
        except ValueError as error:
            seen.append(error)

    threads = [threading.Thread(target=target) for target in (first, second)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert seen == [True, False, True]


def test_tasks_have_switches_of_their_own() -> None:
    """Tasks that take turns do not see each other's."""

    async def with_no_grad(turns: int) -> list[bool]:
        seen = []
        for _ in range(turns):
            with ag.no_grad():
                await asyncio.sleep(0)
                seen.append(recorded())
            await asyncio.sleep(0)
            seen.append(recorded())
        return seen

    async def without(turns: int) -> list[bool]:
        seen = []
        for _ in range(2 * turns):
            await asyncio.sleep(0)
            seen.append(recorded())
        return seen

    async def main() -> tuple[list[bool], ...]:
        return await asyncio.gather(with_no_grad(3), without(3), with_no_grad(2))

    first, second, third = asyncio.run(main())
    assert first == [False, True] * 3
    assert second == [True] * 6
    assert third == [False, True] * 2


def test_switches_decorate_coroutine_functions() -> None:
    """The switch is set while they run, not while they wait for their turn."""

    @ag.no_grad()
    async def predict() -> list[bool]:
        before = recorded()
        await asyncio.sleep(0)
        return [before, recorded()]

    async def main() -> tuple[list[bool], list[bool], bool]:
        waiting = predict()
        during = recorded()
        one, two = await asyncio.gather(waiting, predict())
        return one, two, during and recorded()

    assert asyncio.iscoroutinefunction(predict)
    assert asyncio.run(main()) == ([False, False], [False, False], True)


def test_graphs_of_several_threads_do_not_mix() -> None:
    """Each computes its own gradients of shared leaves."""
    w = ag.tensor([3.0], requires_grad=True)
    failures: list[Any] = []

    def work(factor: float) -> None:
        for _ in range(200):
            y = (w * factor * w).sum()
            (g,) = ag.grad(y, w, create_graph=True)
            (h,) = ag.grad(g, w)
            if (g.item(), h.item()) != (6 * factor, 2 * factor):
                failures.append((factor, g, h))

    threads = [threading.Thread(target=work, args=(float(i),)) for i in range(1, 5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert w.grad is None
