"""backward(): of graphs of any depth, gradients accumulate, and share memory with nothing."""

from __future__ import annotations

import time

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


# ---- size


def test_a_chain_of_100_000_ops() -> None:
    """No recursion: neither forward, nor backward, nor when the graph is freed."""
    x = leaf(1.0)
    y = x
    for _ in range(100_000):
        y = y + 1e-5 * y
    y.backward()
    assert grad_of(x) == pytest.approx([np.exp(1.0)], rel=1e-4)


def test_a_deep_graph_that_is_never_used_is_freed() -> None:
    """Its destructors do not recurse."""
    x = leaf(1.0)
    y = x
    for _ in range(100_000):
        y = ag.sin(y)
    del y


def test_a_second_derivative_of_a_chain_of_20_000_ops() -> None:
    """The graph that the first pass records is deep, too, and freed."""
    x = leaf(0.5)
    y = x
    for _ in range(20_000):
        y = ag.sin(y)
    (g,) = ag.grad(y, x, create_graph=True)
    (h,) = ag.grad(g, x)
    # y is about sqrt(3 / n), whatever x: in x it is flat.
    assert abs(g.item()) < 1e-3
    assert abs(h.item()) < 1e-3
    assert h.item() != 0
    del y, g


def test_a_diamond_of_30_levels_is_walked_once() -> None:
    """2**30 paths, 30 steps."""
    x = leaf(1.0)
    y = x
    for _ in range(30):
        y = y + y
    start = time.perf_counter()
    y.backward()
    assert time.perf_counter() - start < 0.5
    assert grad_of(x) == [2.0**30]


def test_a_node_waits_for_all_that_depends_on_it() -> None:
    """A short and a long way to the same result: both count before it passes anything on."""
    x = leaf(3.0)
    a = x * x
    b = a * a
    (b + a + b * a).backward()  # x^4 + x^2 + x^6
    assert grad_of(x) == [4 * 27 + 2 * 3 + 6 * 243]


# ---- accumulation


def test_gradients_add_up_over_calls() -> None:
    """Until they are cleared, as `zero_grad` does."""
    x = leaf(1.0, 2.0)
    (x * x).sum().backward()
    (x * 3).sum().backward()
    assert grad_of(x) == [5.0, 7.0]
    x.grad = None
    (x * 3).sum().backward()
    assert grad_of(x) == [3.0, 3.0]


def test_a_retained_graph_can_be_used_again() -> None:
    """Each pass starts anew: nothing of the first one is counted twice."""
    x = leaf(3.0)
    y = x * x * x
    y.backward(retain_graph=True)
    assert grad_of(x) == [27.0]
    y.backward(retain_graph=True)
    assert grad_of(x) == [54.0]
    y.backward()
    assert grad_of(x) == [81.0]


def test_gradients_accumulate_with_and_without_a_graph() -> None:
    """In any order, and the graph of what has one survives."""
    x = leaf(2.0)
    (x**3).backward(create_graph=True)
    (x * 5).backward()
    assert grad_of(x) == [17.0]
    assert x.grad is not None
    (second,) = ag.grad(x.grad, x)
    assert second.item() == 12.0


def test_a_leaf_is_its_own_output() -> None:
    """Its gradient is what it is given."""
    x = leaf(2.0)
    x.backward()
    assert grad_of(x) == [1.0]


@pytest.mark.parametrize("gradient", [[1.0, 10.0], np.array([1, 10]), ag.tensor([1.0, 10.0])])
def test_a_gradient_to_start_with(gradient: object) -> None:
    """A list, an array or a tensor, of any dtype."""
    x = leaf(2.0, 3.0, dtype="float32")
    (x * x).backward(gradient)
    assert grad_of(x) == [4.0, 60.0]


def test_one_element_of_any_shape_needs_no_gradient() -> None:
    """A 0-d result and one of shape (1, 1)."""
    x = leaf(2.0, 3.0)
    (x @ x).backward()
    (x @ x).reshape(1, 1).backward()
    assert grad_of(x) == [8.0, 12.0]


def test_an_operand_that_needs_none_gets_none() -> None:
    """Neither a tensor without requires_grad, nor one whose requires_grad was withdrawn."""
    x, y, z = leaf(1.0), ag.tensor([2.0]), leaf(3.0)
    product = x * y * z
    z.requires_grad = False
    product.backward()
    assert grad_of(x) == [6.0]
    assert y.grad is None
    assert z.grad is None


def test_backward_below_another_backward() -> None:
    """What two results share is used by one pass, and kept for the other if asked."""
    x = leaf(2.0)
    shared = x * x
    (shared * 3).backward(retain_graph=True)
    (shared * 5).backward()
    assert grad_of(x) == [32.0]


# ---- nothing shares memory


def test_the_gradients_of_two_operands_are_two_arrays() -> None:
    """Writing into one leaves the other, also under create_graph."""
    for create_graph in (False, True):
        x, y = leaf(1.0, 2.0), leaf(3.0, 4.0)
        (x + y).sum().backward(create_graph=create_graph)
        assert x.grad is not None
        x.grad.data[...] = 99
        assert grad_of(y) == [1.0, 1.0]
        (x + y).sum().backward()
        assert grad_of(x) == [100.0, 100.0]
        assert grad_of(y) == [2.0, 2.0]


@pytest.mark.parametrize("create_graph", [False, True])
def test_the_gradient_that_was_passed_stays_the_callers(create_graph: bool) -> None:
    """It is not written to, and what its owner writes later changes no gradient."""
    x, y = leaf(1.0, 2.0), leaf(3.0, 4.0)
    array = np.array([1.0, 10.0])
    (x + y).backward(array, create_graph=create_graph)
    array *= 2
    assert grad_of(x) == grad_of(y) == [1.0, 10.0]
    (x + y).backward(array, create_graph=create_graph)
    assert array.tolist() == [2.0, 20.0]
    given = ag.tensor([1.0, 10.0], dtype="float64")
    (x * 1).backward(given, create_graph=create_graph)
    given.data[...] = 0
    assert grad_of(x) == [4.0, 40.0]


def test_a_passed_gradient_may_change_before_the_second_derivative() -> None:
    """The graph of the gradient holds what it was."""
    x = leaf(1.0, 2.0)
    array = np.array([1.0, 10.0])
    (g,) = ag.grad(x**3, x, array, create_graph=True)
    array[...] = 0
    (h,) = ag.grad(g.sum(), x)
    assert h.numpy().tolist() == [6.0, 120.0]


def test_backward_does_not_write_to_its_inputs() -> None:
    """Operands and results keep their values."""
    rng = np.random.default_rng(0)
    values = rng.uniform(0.5, 1.5, (3, 3))
    x = ag.tensor(values, requires_grad=True)
    parts = [x * x, ag.exp(x), x @ x, x.T, x[[0, 0, 1]], x.sum(0), ag.softmax(x), ag.sqrt(x)]
    before = [part.numpy().copy() for part in parts]
    total = ag.stack([part.sum() for part in parts]).sum()
    total.backward(retain_graph=True)
    total.backward(create_graph=True)
    assert np.array_equal(x.numpy(), values)
    for part, value in zip(parts, before, strict=True):
        assert np.array_equal(part.numpy(), value)
