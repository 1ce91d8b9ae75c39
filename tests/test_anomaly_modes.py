"""detect_anomaly beside profiles, hooks, threads, tasks and other blocks, and what it leaves."""

from __future__ import annotations

import asyncio
import contextvars
import gc
import threading
from typing import Any

import numpy as np
import pytest

import autograd_lite as ag
from autograd_lite import anomaly_watch, nn, optim
from autograd_lite.recording import USUAL, mode


def leaf(*values: float) -> ag.Tensor:
    """A tensor that requires a gradient."""
    return ag.tensor(list(values), dtype="float64", requires_grad=True)


def raises() -> Any:
    """A context in which an anomaly must be found."""
    return pytest.raises(ag.AnomalyError)


def blow_up(x: ag.Tensor | None = None) -> None:
    """Make an infinity in a forward pass."""
    ag.log((leaf(1.0) if x is None else x) - 1)


# ---- the block


def test_outside_of_the_block_nothing_is_watched() -> None:
    with raises(), ag.detect_anomaly():
        blow_up()
    assert mode.get() is USUAL
    with np.errstate(all="ignore"):
        blow_up()


def test_it_leaves_recording_as_it_is() -> None:
    x = leaf(1.0)
    with ag.no_grad(), ag.detect_anomaly():
        assert not (x * 2).requires_grad
        with ag.enable_grad():
            assert (x * 2).requires_grad
        with raises():
            blow_up()
    with ag.detect_anomaly(), ag.no_grad(), raises():
        blow_up()


def test_it_decorates_functions_and_coroutines_that_may_call_themselves() -> None:
    @ag.detect_anomaly()
    def down(n: int) -> None:
        if n:
            down(n - 1)
        blow_up()

    @ag.detect_anomaly()
    async def wait() -> None:
        await asyncio.sleep(0)
        blow_up()

    with raises():
        down(3)
    with raises():
        asyncio.run(wait())
    assert mode.get() is USUAL


def test_of_two_blocks_the_inner_one_decides() -> None:
    x = leaf(1.0)
    with ag.detect_anomaly(), ag.detect_anomaly(inf=False):
        blow_up(x)
    with ag.detect_anomaly(), ag.profile(), ag.detect_anomaly(inf=False):
        blow_up(x)
    with ag.detect_anomaly(inf=False), ag.detect_anomaly(), raises():
        blow_up(x)
    with ag.detect_anomaly(inf=False), ag.detect_anomaly():
        pass
    with ag.detect_anomaly():
        with ag.detect_anomaly(inf=False):
            pass
        with raises():
            blow_up(x)


@pytest.mark.parametrize("inside", [True, False])
def test_a_profile_and_it_see_the_same_ops(inside: bool) -> None:
    report, x = ag.profile(), leaf(1.0, 0.0)
    first, second = (ag.detect_anomaly(), report) if inside else (report, ag.detect_anomaly())
    with first, second:
        (x * 2).sum().backward()
        with pytest.raises(ag.AnomalyError) as caught:
            (x**0.25).sum().backward()
    assert caught.value.place is not None
    assert caught.value.place.file == __file__
    seen = {(row.name, row.direction, row.calls) for row in report.rows}
    assert seen == {
        *(("mul", way, 1) for way in ("forward", "backward")),
        *(("sum", way, 2) for way in ("forward", "backward")),
        *(("pow", way, 1) for way in ("forward", "backward")),
    }


def test_a_block_within_a_profile_within_a_block_knows_the_lines_of_second_derivatives() -> None:
    x = leaf(0.0, 1.0)
    with ag.detect_anomaly(inf=False), ag.profile(), ag.detect_anomaly():
        (g,) = ag.grad((x**1.5).sum(), x, create_graph=True)
        with pytest.raises(ag.AnomalyError, match="in the backward pass of pow, which was reco"):
            g.sum().backward()


def test_threads_and_tasks_have_blocks_of_their_own() -> None:
    outcomes: dict[str, bool] = {}

    def run(name: str) -> None:
        try:
            with np.errstate(all="ignore"):
                blow_up()
            outcomes[name] = False
        except ag.AnomalyError:
            outcomes[name] = True

    async def watched() -> None:
        with ag.detect_anomaly():
            await asyncio.sleep(0)
            run("watched task")

    async def free() -> None:
        await asyncio.sleep(0)
        run("free task")

    async def both() -> None:
        await asyncio.gather(watched(), free())

    with ag.detect_anomaly():
        context = contextvars.copy_context()
        for thread in (
            threading.Thread(target=run, args=("free thread",)),
            threading.Thread(target=lambda: context.run(run, "thread")),
        ):
            thread.start()
            thread.join()
    asyncio.run(both())
    assert outcomes == {
        "free thread": False, "thread": True, "watched task": True, "free task": False
    }  # fmt: skip


def test_many_threads_share_one_object() -> None:
    anomaly, found = ag.detect_anomaly(), []

    def work() -> None:
        for _ in range(20):
            with anomaly:
                x = leaf(1.0, 2.0)
                (x * x).sum().backward()
                try:
                    (leaf(0.0) ** 0.25).sum().backward()
                except ag.AnomalyError as error:
                    found.append(error.place is not None)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [True] * 80


# ---- what an error leaves


def test_an_error_in_the_backward_pass_changes_no_grad() -> None:
    """Neither of leaves, nor of results that keep theirs, whichever come before it."""
    x, w, bad = leaf(1.0, 2.0), leaf(3.0, 4.0), leaf(0.0, 1.0)
    (x.sum() + w.sum() + bad.sum()).backward()
    kept = x * w
    kept.retain_grad()
    loss = (kept + bad**0.25).sum()
    with raises(), ag.detect_anomaly():
        loss.backward()
    for tensor in (x, w, bad):
        assert tensor.grad is not None
        assert tensor.grad.numpy().tolist() == [1.0, 1.0]
    assert kept.grad is None


@pytest.mark.parametrize("retain_graph", [False, True])
def test_the_graph_can_be_used_afterwards_or_says_why_not(retain_graph: bool) -> None:
    x = leaf(0.0, 1.0)
    loss = (x**0.25).sum()
    with raises(), ag.detect_anomaly():
        loss.backward(retain_graph=retain_graph)
    if retain_graph:
        with np.errstate(all="ignore"):
            loss.backward()
        assert x.grad is not None
        assert x.grad.numpy().tolist() == [np.inf, 0.25]
    else:
        with pytest.raises(RuntimeError, match="consumed this graph"):
            loss.backward()
        assert x.grad is None


@pytest.mark.parametrize("keep", [False, True])
def test_a_hook_that_raises_changes_no_grad(keep: bool) -> None:
    x = leaf(1.0, 2.0)
    y = x * 3
    z = y + 1
    if keep:
        z.retain_grad()

    def fail(_: ag.Tensor) -> None:
        raise KeyError

    remove = y.register_hook(fail)
    with pytest.raises(KeyError):
        z.sum().backward(retain_graph=True)
    assert x.grad is z.grad is None
    remove()
    z.sum().backward()
    assert x.grad is not None
    assert x.grad.numpy().tolist() == [3.0, 3.0]
    assert (z.grad is not None) == keep


@pytest.mark.parametrize("bad", [np.zeros(2), ag.zeros(3), 1.0])
def test_a_grad_that_nothing_can_be_added_to_is_refused_before_any_delivery(bad: object) -> None:
    x, w = leaf(1.0, 2.0), leaf(3.0, 4.0)
    for good, other in ((x, w), (w, x)):
        good.grad, other.grad = None, bad  # type: ignore[assignment]
        with pytest.raises((TypeError, ValueError), match=r"backward: got .* x\.grad = None"):
            (x * w).sum().backward()
        assert good.grad is None
        assert other.grad is bad
    w.grad = x.grad = None
    (x * w).sum().backward()
    assert x.grad is not None


def test_training_goes_on_after_an_error() -> None:
    """The step after it is the one that would have been without it, to the bit."""
    results = []
    for poisoned in (False, True):
        ag.manual_seed(0)
        model = nn.Sequential(nn.Linear(3, 4), nn.Tanh(), nn.Linear(4, 1))
        optimizer = optim.Adam(model.parameters())
        data = np.random.default_rng(0).normal(size=(8, 3))
        for step in range(4):
            if poisoned and step == 2:
                bad = data.copy()
                bad[3, 1] = np.nan
                with raises(), ag.detect_anomaly():
                    model(bad).sum().backward()
            optimizer.zero_grad()
            with ag.detect_anomaly():
                (model(data) ** 2).mean().backward()
            optimizer.step()
        results.append(np.concatenate([p.numpy().ravel() for p in model.parameters()]))
    assert results[0].tobytes() == results[1].tobytes()


def test_nothing_outlives_the_graph() -> None:
    """Neither by a cycle, nor in what remembers lines."""

    def record() -> None:
        for create_graph in (False, True):
            x = leaf(1.0, 2.0)
            with ag.detect_anomaly():
                ag.grad((x * x).exp().sum(), x, create_graph=create_graph)

    record()  # what is kept for good is made now
    gc.collect()
    before = len(anomaly_watch._origins)
    gc.disable()
    try:
        record()
        assert len(anomaly_watch._origins) == before
        assert gc.collect() == 0
    finally:
        gc.enable()
