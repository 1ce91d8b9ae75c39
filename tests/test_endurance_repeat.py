"""The same seed gives the same bits again, in threads, forked children and new processes."""

from __future__ import annotations

import multiprocessing
import os
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

import autograd_lite as ag
from autograd_lite import kernels, threads
from tests.endurance_run import digits, spiral

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

ROOT = Path(__file__).parents[1]
forks = pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")
of_threads = pytest.mark.filterwarnings("ignore:.*multi-threaded.*:DeprecationWarning")


def run(*arguments: str, fast: bool = True) -> list[str]:
    """What `tests/endurance_run.py` prints in a new process."""
    environment = {**os.environ, "AUTOGRAD_LITE_FAST": str(int(fast)), "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-W", "error", "-m", "tests.endurance_run", *arguments]
    done = subprocess.run(
        command, cwd=ROOT, env=environment, check=True, capture_output=True, text=True, timeout=600
    )
    return done.stdout.split()


@pytest.fixture(params=[False, True], ids=["numpy", "kernels"])
def fast(request: pytest.FixtureRequest) -> Iterator[bool]:
    """With the kernels and without."""
    with kernels.switched(on=request.param):
        yield request.param


def test_a_seed_gives_the_same_bits_again_and_in_a_new_process(fast: bool) -> None:
    """With the library's generator, and with one of the training's own."""
    once = [spiral(1), digits(1)]
    assert [spiral(1), digits(1)] == once
    assert run(fast=fast) == once
    assert [spiral(2), digits(2)] != once


def test_eight_threads_train_eight_models_as_one_after_another_does(fast: bool) -> None:
    """Each with a generator of its own: the library's is one for all threads."""
    assert kernels.available() in {fast, False}
    alone = [digits(seed) for seed in range(8)]
    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(digits, range(8))) == alone
    assert len(set(alone)) == 8


def test_a_switch_and_a_profile_are_of_their_thread(fast: bool) -> None:
    """Four threads that record nothing, or are watched, beside four that train."""

    def evaluate(seed: int) -> Any:
        x = ag.tensor(np.full(3, seed, np.float32), requires_grad=True)
        for _ in range(300):
            with ag.no_grad(), ag.profile():
                y = x * 2
            if y.requires_grad or not (x * 2).requires_grad:
                return "wrong"
        return "right"

    alone = [digits(seed) for seed in range(4)]
    with ThreadPoolExecutor(8) as pool:
        trained, evaluated = pool.map(digits, range(4)), pool.map(evaluate, range(4))
        assert list(trained) == alone
        assert list(evaluated) == ["right"] * 4
    assert fast in {True, False}


def in_child(function: Callable[[], str]) -> str:
    """What a function gives in a forked child, which is ended where it hangs."""
    reading, writing = os.pipe()
    child = os.fork()
    if not child:
        signal.alarm(60)
        try:
            os.write(writing, function().encode())
        finally:
            os._exit(0)
    os.close(writing)
    with os.fdopen(reading) as pipe:
        said = pipe.read()
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    return said


def large(seed: int) -> str:
    """A training on arrays that are large enough for the threads."""
    x = ag.tensor(np.linspace(-seed, seed, 2 * threads.LARGE), requires_grad=True)
    ag.tanh(ag.exp(x) @ np.ones(x.size)).backward()
    assert x.grad is not None
    return digits(seed) + str(float(x.grad.numpy().sum()))


@forks
@of_threads
def test_a_forked_child_trains_as_its_parent_does(fast: bool) -> None:
    """After the parent has used BLAS, the kernels and the threads, and while they are at it."""
    expected = large(3)
    assert in_child(lambda: large(3)) == expected
    with ThreadPoolExecutor(2) as pool:
        busy = [pool.submit(large, seed) for seed in range(4)]
        assert in_child(lambda: large(3)) == expected
        assert len({future.result() for future in busy}) == 4
    assert large(3) == expected
    assert fast in {True, False}


@forks
@of_threads
def test_a_pool_of_forked_processes_trains_as_its_parent_does() -> None:
    """By `multiprocessing`, as loaders and searches start theirs."""
    expected = [digits(seed) for seed in range(4)]
    with multiprocessing.get_context("fork").Pool(2) as pool:
        assert pool.map_async(digits, range(4)).get(timeout=120) == expected


@forks
@of_threads
def test_a_child_forked_while_the_kernels_load_does_not_wait_for_its_parent(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The lock was another thread's, which the child has not."""
    before = kernels.available()
    monkeypatch.setattr(kernels._switch, "module", None)
    with kernels._switch.lock:
        assert in_child(lambda: str(kernels.available())) == str(before)
