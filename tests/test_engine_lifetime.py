"""Graphs die by reference count alone, and keep no more than their rules need."""

from __future__ import annotations

import contextlib
import gc
import tracemalloc
import weakref
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

import autograd_lite as ag

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

SIZE = 100_000
BYTES = 8 * SIZE


@pytest.fixture(autouse=True)
def _no_collector() -> Iterator[None]:
    """What is freed here is freed without the garbage collector."""
    model(leaf(size=4)).backward()  # compiles kernels, which leaves garbage of its own
    gc.collect()
    gc.disable()
    yield
    gc.enable()


def leaf(value: float = 2.0, size: int = SIZE) -> ag.Tensor:
    """A tensor in float64 that requires a gradient."""
    return ag.full((size,), value, dtype="float64", requires_grad=True)


def bytes_kept(call: Callable[[], Any]) -> int:
    """What stays allocated while the result of a call lives, less the arrays of the result."""
    call()  # caches fill
    tracemalloc.start()
    before = tracemalloc.get_traced_memory()[0]
    result = call()
    after = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    return after - before - sum(t.nbytes for t in result if isinstance(t, ag.Tensor))


def model(x: ag.Tensor) -> ag.Tensor:
    """Ops of every family."""
    y = ag.tanh(ag.exp(x / 10) @ x.reshape(-1, 1)) * x.mean()
    z = ag.where(x > 0, ag.softmax(x), ag.maximum(x, 0.5))[[0, 0, 1]]
    return (ag.concatenate([y, z, ag.stack([x.std(), x.max()])]) ** 2).sum()


@pytest.mark.parametrize("create_graph", [False, True])
@pytest.mark.parametrize("retain_graph", [False, True])
@pytest.mark.parametrize("hooked", [False, True])
def test_nothing_is_left_after_backward(
    create_graph: bool, retain_graph: bool, hooked: bool
) -> None:
    """Every tensor and node dies with the last name for it; the collector finds nothing."""
    x = leaf(size=4)
    y = model(x)
    if hooked:
        y.retain_grad()
        x.register_hook(lambda g: g * 1)
    y.backward(retain_graph=retain_graph, create_graph=create_graph)
    if create_graph:
        assert x.grad is not None
        x.grad.sum().backward(retain_graph=retain_graph, create_graph=True)
    watched = [weakref.ref(t) for t in (x, y, x.grad)]
    del x, y
    assert [ref() for ref in watched] == [None] * 3
    assert gc.collect() == 0


def test_nothing_is_left_after_grad() -> None:
    """Of three orders."""
    x = leaf(size=4)
    watched = []
    y = model(x)
    for _ in range(3):
        watched.append(weakref.ref(y))
        (y,) = ag.grad(y.sum(), x, create_graph=True)
    del x, y
    assert [ref() for ref in watched] == [None] * 3
    assert gc.collect() == 0


def test_nothing_is_left_of_a_graph_that_was_never_used() -> None:
    """Nor of one whose backward pass failed."""
    for fails in (False, True):
        x = leaf(size=4)
        y = model(x)
        if fails:
            with pytest.raises(ValueError, match="backward"):
                y.backward([1.0, 2.0])
        watched = [weakref.ref(t) for t in (x, y)]
        del x, y
        assert [ref() for ref in watched] == [None] * 2
        gc.collect()  # pytest's own record of the exception


def test_a_graph_does_not_keep_its_leaves_alive() -> None:
    """What nobody can read a gradient from is gone, and backward still works."""
    x, w = leaf(size=4), leaf(size=4)
    y = (x + w).sum()
    gone = weakref.ref(w)
    del w
    assert gone() is None
    y.backward()
    assert x.grad is not None
    assert (x.grad == 1).all()


def test_an_add_keeps_nothing() -> None:
    """Neither its operands nor its result."""
    x, y = leaf(), leaf()
    assert bytes_kept(lambda: [x + y]) < 5_000
    assert bytes_kept(lambda: [x - y]) < 5_000
    assert bytes_kept(lambda: [-x]) < 5_000
    assert bytes_kept(lambda: [(x + y) - (x - y) + 1]) < 10_000


def test_an_operand_that_no_rule_needs_is_freed() -> None:
    """The intermediate results of a sum of sums."""
    x = leaf()
    middle = x + 1
    array = weakref.ref(middle._data)
    y = middle.sum()
    del middle
    assert array() is None
    y.backward()


def test_a_product_with_a_constant_keeps_the_constant_alone() -> None:
    """And a product with a number keeps nothing."""
    x = leaf()
    assert bytes_kept(lambda: [x * 3]) < 5_000
    constant = ag.full((SIZE,), 3.0, dtype="float64")
    assert bytes_kept(lambda: [x * constant]) < 5_000, "a tensor's array is shared"
    middle = x + 1
    array = weakref.ref(middle._data)
    y = middle * constant
    del middle
    assert array() is None
    y.sum().backward()
    assert x.grad is not None
    assert (x.grad == 3).all()


def test_a_product_keeps_both_operands() -> None:
    """They are what its rules need."""
    x = leaf()
    middle = x + 1
    array = weakref.ref(middle._data)
    y = middle * x
    del middle
    assert array() is not None
    del y
    assert array() is None


def test_a_function_of_its_result_keeps_that_alone() -> None:
    """exp needs what it gave, not what it got."""
    x = leaf()
    assert bytes_kept(lambda: [ag.exp(x)]) < 5_000
    middle = x + 1
    array = weakref.ref(middle._data)
    y = ag.exp(middle)
    del middle
    assert array() is None
    del y


def test_without_recording_nothing_is_kept() -> None:
    """Under no_grad, and where no operand requires a gradient."""
    x = leaf()
    with ag.no_grad():
        assert bytes_kept(lambda: [x * x * x]) < 5_000
    plain = ag.ones(SIZE, dtype="float64")
    assert bytes_kept(lambda: [plain * plain * plain]) < 5_000


def test_backward_frees_what_the_graph_kept() -> None:
    """While the output still lives; not with retain_graph."""
    for retain_graph in (False, True):
        x = leaf()
        middle = ag.exp(x)
        array = weakref.ref(middle._data)
        y = (middle * middle).sum()
        del middle
        y.backward(retain_graph=retain_graph)
        assert (array() is not None) is retain_graph
        del y
        assert array() is None


def test_a_backward_pass_frees_as_it_goes() -> None:
    """Its peak is a few arrays, not one for each op."""
    x = leaf()
    y = x
    for _ in range(50):
        y = y * 1.01
    loss = y.sum()
    del y
    tracemalloc.start()
    loss.backward()
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 6 * BYTES


def test_a_training_loop_does_not_grow() -> None:
    """Memory after a hundred steps is what it was after ten, but for Python's free lists."""
    w = leaf(0.5, size=1000)

    def steps(n: int) -> None:
        for _ in range(n):
            loss = ((w * w - 1) ** 2).mean()
            (g,) = ag.grad(loss, w, create_graph=True)
            (loss + (g * g).sum()).backward()
            assert w.grad is not None
            w.data -= 0.01 * w.grad.numpy()
            w.grad = None

    tracemalloc.start()
    steps(10)
    before = tracemalloc.get_traced_memory()[0]
    steps(100)
    after = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    assert after - before < 100 * w.nbytes / 4, "not an array a step"
    assert gc.collect() == 0


def test_errors_inside_ops_keep_nothing() -> None:
    """A failed op holds neither operands nor graph, once its exception is gone."""
    x = leaf()
    array = weakref.ref(x._data)
    with contextlib.suppress(ValueError):
        x + np.ones(3)
    del x
    assert array() is None
