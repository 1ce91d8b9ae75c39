"""Calls in processes that hang, crash, or spoil what comes after them."""

from __future__ import annotations

import os
import time

import pytest

from autograd_lite.testing.processes import Ended, each


def test_processes_that_hang_or_crash_are_ended_and_replaced() -> None:
    def call(number: int) -> int:
        if number == 1:
            time.sleep(60)
        if number == 2:
            os._exit(3)
        return number

    found = dict(each(call, 5, workers=2, timeout=0.5))
    assert {n: r for n, r in found.items() if not isinstance(r, Ended)} == {0: 0, 3: 3, 4: 4}
    assert (found[1].how, found[2].how) == ("hung", "crashed")


def test_an_error_of_the_runner_is_raised_and_kills_nothing() -> None:
    def call(number: int) -> float:
        return 1 / number

    with pytest.raises(ZeroDivisionError):
        list(each(call, 1, workers=1, timeout=5))


@pytest.mark.parametrize("workers", [1, 2])
def test_a_crash_is_blamed_on_a_call_that_crashes_alone(workers: int) -> None:
    """What writes beside an array may bring down a later call, in the same process."""
    spoilt: list[int] = []

    def call(number: int) -> int:
        if number == 3 or spoilt:
            os._exit(3)
        if number == 1:
            spoilt.append(number)
        return number

    found = dict(each(call, 6, workers=workers, timeout=5))
    assert {n: r for n, r in found.items() if not isinstance(r, Ended)} == {
        n: n for n in (0, 1, 2, 4, 5)
    }
    assert found[3].how == "crashed"
