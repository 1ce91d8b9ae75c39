"""Hooks see and replace gradients on their way; retain_grad keeps them."""

from __future__ import annotations

import numpy as np
import pytest

import autograd_lite as ag


def leaf(*values: float, dtype: str = "float64") -> ag.Tensor:
    """A tensor that gradients are delivered to."""
    return ag.tensor(list(values), dtype=dtype, requires_grad=True)


def grad_of(x: ag.Tensor) -> list[float]:
    """The gradient that was delivered."""
    assert x.grad is not None
    assert x.grad.shape == x.shape
    assert x.grad.dtype == x.dtype
    values: list[float] = x.grad.numpy().tolist()
    return values


def test_hooks_run_in_order_on_the_complete_gradient() -> None:
    """Each sees what the one before it made; None leaves the gradient as it is."""
    seen = []

    def note(g: ag.Tensor) -> None:
        seen.append(g.item())

    def double(g: ag.Tensor) -> ag.Tensor:
        return g * 2

    x = leaf(3.0)
    y = x * 2
    for hook in (note, double, note):
        y.register_hook(hook)
    (y + y * y).backward()  # dy = 1 + 2 * 6
    assert seen == [13.0, 26.0]
    assert grad_of(x) == [52.0]


def test_a_hook_can_be_removed() -> None:
    """Once: its handle does nothing the second time, also if the same hook is there twice."""
    x = leaf(1.0)

    def double(g: ag.Tensor) -> ag.Tensor:
        return g * 2

    remove = x.register_hook(double)
    x.register_hook(double)
    remove()
    remove()
    (x * 1).backward()
    assert grad_of(x) == [2.0]


def test_a_hook_of_a_leaf_runs_once_a_pass_before_accumulation() -> None:
    """On the sum of one pass, not on what earlier passes left."""
    calls = []
    x = leaf(1.0)
    x.register_hook(lambda g: calls.append(g.item()))
    (x * 2 + x * 3).backward()
    (x * 2 + x * 3).backward()
    assert calls == [5.0, 5.0]
    assert grad_of(x) == [10.0]


def test_a_hook_may_return_an_array_or_another_dtype() -> None:
    """The gradient keeps the dtype of its tensor, at leaves and on the way."""
    for replacement in (np.array([5.0]), ag.tensor([5.0], dtype="float64"), [5]):
        for on_the_way in (False, True):
            x = leaf(1.0, dtype="float32")
            y = x * 1
            (y if on_the_way else x).register_hook(lambda _, new=replacement: new)  # type: ignore[misc]
            (y * 1).backward()
            assert grad_of(x) == [5.0]


@pytest.mark.parametrize("create_graph", [False, True])
def test_grad_shows_no_hook_a_gradient_that_is_not_complete(create_graph: bool) -> None:
    """What leads to no input gets no gradient, not even as an output, whichever was made first."""
    for made_first in (True, False):
        x, w = leaf(1.0), leaf(2.0)
        y = x * 3 if made_first else None
        aside = w * 5
        y = x * 3 if y is None else y
        seen: list[float] = []
        aside.register_hook(lambda g, seen=seen: seen.append(g.item()))  # type: ignore[misc]
        outputs = [aside, aside * 7 + y]
        (g,) = ag.grad(outputs, y, [[1.0], [1.0]], retain_graph=True, create_graph=create_graph)
        assert seen == []
        assert g.item() == 1.0
        ag.grad(outputs, w, [[1.0], [1.0]], create_graph=create_graph)
        assert seen == [8.0]


@pytest.mark.parametrize("create_graph", [False, True])
def test_a_hook_works_at_any_order(create_graph: bool) -> None:
    """What it computes from the gradient is recorded under create_graph."""
    x = leaf(2.0)
    y = x**3
    y.register_hook(lambda g: g * g * 3)
    (g,) = ag.grad(y * 2, x, create_graph=create_graph)
    assert g.item() == 12 * 12
    assert g.requires_grad is create_graph


def test_retain_grad_keeps_the_gradient_of_a_result() -> None:
    """As a leaf has it: accumulated over passes, and once, however often it was asked for."""
    x = leaf(1.0, 2.0)
    y = x * 3
    y.retain_grad()
    y.retain_grad()
    z = (y * y).sum()
    z.backward(retain_graph=True)
    assert grad_of(y) == [6.0, 12.0]
    z.backward()
    assert grad_of(y) == [12.0, 24.0]
    assert grad_of(x) == [36.0, 72.0]


def test_retain_grad_keeps_what_hooks_made_of_it() -> None:
    """Whether they were registered before or after."""
    x = leaf(1.0)
    y = x * 3
    y.register_hook(lambda g: g * 2)
    y.retain_grad()
    y.register_hook(lambda g: g * 5)
    y.backward()
    assert grad_of(y) == [10.0]
    assert grad_of(x) == [30.0]


def test_retain_grad_shares_no_memory() -> None:
    """Writing to it after the pass changes no other gradient."""
    x = leaf(1.0, 2.0)
    y = x + 1
    y.retain_grad()
    y.sum().backward()
    assert y.grad is not None
    y.grad.data[...] = 99
    assert grad_of(x) == [1.0, 1.0]
