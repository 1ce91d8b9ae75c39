"""A profile counts every call, gives each nanosecond to one row, and changes no result."""

from __future__ import annotations

import math
import subprocess
import sys
import weakref
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import autograd_lite as ag
from autograd_lite import nn, optim, profiler_watch
from autograd_lite.graph import op
from autograd_lite.node import Shared
from autograd_lite.recording import mode
from tests.table import TABLE, tensors

if TYPE_CHECKING:
    from collections.abc import Iterator

    from autograd_lite.testing.case import OpCase

Counts = dict[tuple[str, str], int]


def calls(report: ag.profile) -> Counts:
    """How often each op ran in each direction."""
    return {(row.name, row.direction): row.calls for row in report.rows}


def adds_up(report: ag.profile) -> None:
    """Assert that the rows and what is outside of them are the whole, and none exceeds it."""
    parts = math.fsum(row.seconds for row in report.rows)
    assert parts <= report.seconds * (1 + 1e-12)
    assert report.outside >= 0
    assert parts + report.outside == pytest.approx(report.seconds)
    for row in report.rows:
        assert 0 <= row.seconds <= row.inclusive <= report.seconds
        assert row.calls > 0


def leaf(*shape: int, dtype: str = "float64") -> ag.Tensor:
    """A tensor of ones that requires a gradient."""
    return ag.ones(*shape, dtype=dtype, requires_grad=True)


class Clock:
    """A clock that stands still until it is told otherwise."""

    now = 1000

    def spend(self, nanoseconds: int) -> None:
        """Let time pass."""
        self.now += nanoseconds


CLOCK = Clock()


@contextmanager
def stopped() -> Iterator[None]:
    """Profiles look at CLOCK."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(profiler_watch, "perf_counter_ns", lambda: CLOCK.now)
        yield


@op
def triple(x: Any, /) -> tuple[Any, ...]:
    """Takes 10 ns, its shared step 3, the rule of its operand 200 and a `slow`."""
    CLOCK.spend(10)

    def shared(g: Any) -> Any:
        CLOCK.spend(3)
        return g

    def rule(g: Any) -> Any:
        CLOCK.spend(100)
        result = slow(g)
        CLOCK.spend(100)
        return result

    return x * 3.0, Shared(shared), rule


@op
def slow(x: Any, /) -> tuple[Any, ...]:
    """Three times x, in 50 ns."""
    CLOCK.spend(50)
    return x * 3.0, lambda g: g * 3.0


@op
def nested(x: Any, /, levels: int) -> tuple[Any, ...]:
    """Runs itself: 11 ns and a `slow` at the bottom."""
    CLOCK.spend(10)
    inner: Any = nested(ag.Tensor(x), levels=levels - 1) if levels else slow(ag.Tensor(x))
    CLOCK.spend(1)
    return inner.numpy(), None


# ---- what is counted


def test_calls_and_bytes_of_a_known_step() -> None:
    """Forward once a call, backward once an operand that is given a gradient."""
    x, w, b = ag.ones(5, 4, dtype="float32"), leaf(4, 3, dtype="float32"), leaf(3, dtype="float32")
    with ag.profile() as report:
        for _ in range(7):
            y = x @ w + b
            (y * y).sum().backward()
    rows = {(row.name, row.direction): (row.calls, row.bytes) for row in report.rows}
    assert rows == {
        ("matmul", "forward"): (7, 7 * 5 * 3 * 4),
        ("add", "forward"): (7, 7 * 5 * 3 * 4),
        ("mul", "forward"): (7, 7 * 5 * 3 * 4),
        ("sum", "forward"): (7, 7 * 4),
        ("sum", "backward"): (7, 7 * 5 * 3 * 4),
        ("mul", "backward"): (14, 14 * 5 * 3 * 4),
        ("add", "backward"): (14, 14 * 5 * 3 * 4),
        ("sum_to", "backward"): (7, 7 * 3 * 4),  # of the bias, which was broadcast
        ("matmul", "backward"): (7, 7 * 4 * 3 * 4),
    }
    adds_up(report)


def test_only_the_block_is_measured() -> None:
    x = leaf(3)
    y = x.exp()
    with ag.profile() as report:
        x.sin()
        np.exp(x.numpy())
        ag.cos(x.numpy())  # on an array it is a function like any other
    y.sum().backward()
    assert calls(report) == {("sin", "forward"): 1}
    assert mode.get().watcher is None


def test_a_shared_step_is_a_call_of_its_own() -> None:
    x = leaf(2)
    with ag.profile() as report:
        triple(x).sum().backward()
    assert calls(report)["triple", "backward"] == 2
    assert x.grad is not None
    np.testing.assert_array_equal(x.grad.numpy(), [3.0, 3.0])


def test_time_goes_to_the_innermost_row() -> None:
    """What runs inside a recorded rule is not counted for the rule."""
    x = leaf(2)
    with stopped(), ag.profile() as report:
        CLOCK.spend(1)
        y = triple(x)
        CLOCK.spend(5)
        ag.grad(y, x, np.ones(2), create_graph=True)
        CLOCK.spend(7)
    triple(x)
    rows = {(row.name, row.direction): row for row in report.rows}
    forward, rule = rows["triple", "forward"], rows["triple", "backward"]
    assert (forward.seconds, forward.inclusive) == (10e-9, 10e-9)
    assert (rule.seconds, rule.inclusive) == (203e-9, 253e-9)
    assert rows["slow", "forward"].seconds == 50e-9
    assert report.outside == 13e-9
    assert report.seconds == 276e-9


def test_an_op_inside_itself_has_one_beginning_and_one_end() -> None:
    with stopped(), ag.profile() as report:
        nested(ag.ones(2), levels=2)
    rows = {row.name: row for row in report.rows}
    assert rows["nested"].calls == 3
    assert (rows["nested"].seconds, rows["nested"].inclusive) == (33e-9, 83e-9)
    assert report.outside == 0


@pytest.mark.parametrize("create_graph", [False, True])
def test_the_rows_add_up_to_the_time_in_the_block(create_graph: bool) -> None:
    x = leaf(20, 20)
    with ag.profile() as report:
        for _ in range(5):
            y = ((x @ x).tanh() ** 3).sum()
            (g,) = ag.grad(y, x, create_graph=create_graph)
            assert sum(row.seconds for row in report.rows) <= report.seconds  # in the block too
            if create_graph:
                ag.grad((g * g).sum(), x)
    adds_up(report)
    if create_graph:  # the rule of matmul multiplies matrices that are tensors
        assert calls(report)["matmul", "forward"] == 5 * 3


# ---- nothing changes


def bits(tensor: ag.Tensor) -> tuple[Any, ...]:
    """All that two equal tensors have in common."""
    return tensor.shape, tensor.dtype, tensor.numpy().tobytes()


def outcome(case: OpCase, operands: list[Any], static: dict[str, Any]) -> list[Any]:
    """The value of an op and its gradients of orders 1 and 2, recorded and not."""
    inputs = tensors(operands)
    y = case.call(case.op, inputs, static)
    found = [bits(y)]
    if y.requires_grad:
        leaves = [x for x in inputs if x.requires_grad]
        seed = np.ones(y.shape, y.dtype)
        first = ag.grad(y, leaves, seed, create_graph=True)
        total: Any = sum((g * g).sum() for g in first)
        if total.requires_grad:
            found += map(bits, ag.grad(total, leaves, retain_graph=True, allow_unused=True))
        y.backward(seed)
        found += [bits(g) for g in (*first, *(x.grad for x in leaves)) if g is not None]
    return found


@pytest.mark.parametrize("case", TABLE, ids=repr)
@given(data=st.data())
def test_results_and_names_are_those_without(case: OpCase, data: st.DataObject) -> None:
    """Bit for bit; and an op has one name in both directions."""
    dtype = data.draw(st.sampled_from(["float64", "float32"]))
    operands, static = case.draw(data.draw, dtype)
    expected = outcome(case, operands, static)
    with ag.profile() as report:
        assert outcome(case, operands, static) == expected
    forward = {row.name for row in report.rows if row.direction == "forward"}
    undone = {"sum_to"}  # what the engine does itself, where an operand was broadcast
    assert {row.name for row in report.rows} - undone == forward - undone
    assert not any(name.startswith("_") for name in forward)
    adds_up(report)


def test_a_training_is_the_one_without() -> None:
    def train(epochs: int) -> list[Any]:
        generator = np.random.default_rng(0)
        x = generator.standard_normal((16, 8)).astype(np.float32)
        y = generator.integers(0, 4, 16)
        ag.manual_seed(0)
        model = nn.Sequential(nn.Linear(8, 6), nn.Tanh(), nn.Dropout(0.3), nn.Linear(6, 4))
        optimizer = optim.Adam(model.parameters(), clip_norm=1.0)
        loss_fn = nn.SoftmaxCrossEntropyLoss()
        found = []
        for _ in range(epochs):
            optimizer.zero_grad()
            loss = loss_fn(model(x), y)
            loss.backward()
            found += [bits(p.grad) for p in model.parameters() if p.grad is not None]
            optimizer.step()
        return [*found, *map(bits, model.parameters())]

    expected = train(10)
    with ag.profile() as report:
        assert train(10) == expected
    assert calls(report)["linear", "forward"] == 20
    adds_up(report)


def test_no_array_is_kept_alive() -> None:
    x = leaf(4)
    with ag.profile() as report:
        y = x * 2
        (g,) = ag.grad(y, x, np.ones(4))
        gone = weakref.ref(y._data), weakref.ref(g._data)
        del y, g
        assert [ref() for ref in gone] == [None, None]
    assert sum(calls(report).values()) == 2


def test_importing_the_package_does_not_import_the_profiler() -> None:
    program = (
        "import sys, autograd_lite as ag\n"
        "assert 'profile' in dir(ag)\n"
        "assert not [name for name in sys.modules if 'profiler' in name]\n"
        "assert ag.profile is sys.modules['autograd_lite.profiler'].profile\n"
    )
    subprocess.run([sys.executable, "-c", program], check=True)


def test_more_events_than_fit_are_as_many_as_fit() -> None:
    with ag.profile(max_events=10**30) as run:
        ag.exp(ag.ones(2))
    assert "exp" in str(run)
