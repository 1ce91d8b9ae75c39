"""grad(): gradients of chosen outputs for chosen inputs, which touches no tensor."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

import autograd_lite as ag

if TYPE_CHECKING:
    from collections.abc import Iterable


def leaf(*values: float) -> ag.Tensor:
    """A tensor in float64 that requires a gradient."""
    return ag.tensor(list(values), dtype="float64", requires_grad=True)


def lists(tensors: Iterable[ag.Tensor]) -> list[list[float]]:
    """The values of some tensors."""
    return [t.numpy().tolist() for t in tensors]


def test_one_output_and_one_input_need_no_lists() -> None:
    """The result is a tuple all the same."""
    x = leaf(2.0)
    result = ag.grad(x**3, x)
    assert type(result) is tuple
    assert lists(result) == [[12.0]]


def test_outputs_are_added_up() -> None:
    """Each with its own grad_outputs, or 1 for one of a single element."""
    x, y = leaf(1.0, 2.0), leaf(3.0, 4.0)
    outputs = [x * y, (x * x).sum()]
    assert lists(ag.grad(outputs, [x, y], [[1.0, 10.0], None])) == [[5.0, 44.0], [1.0, 20.0]]
    outputs = [x.sum(), (x * y).sum()]
    assert lists(ag.grad(outputs, (y, x))) == [[1.0, 2.0], [4.0, 5.0]]


def test_no_grad_attribute_is_touched() -> None:
    """Neither of the inputs, nor of other leaves, nor of results that retain theirs."""
    x, y = leaf(2.0), leaf(3.0)
    x.grad = kept = ag.tensor([7.0], dtype="float64")
    (g,) = ag.grad(x * y * x, x)
    assert g.item() == 12.0
    assert x.grad is kept
    assert kept.item() == 7.0
    assert y.grad is None


def test_an_input_may_be_a_result_on_the_way() -> None:
    """Together with what it was computed from, and with the output itself."""
    x = leaf(2.0)
    y = x * x
    z = y * y * x
    assert lists(ag.grad(z, [x, y, z])) == [[5 * 16.0], [2 * 4 * 2.0], [1.0]]


def test_an_input_that_is_asked_for_twice_is_given_twice() -> None:
    """As two tensors that share no memory."""
    x = leaf(1.0, 2.0)
    first, second = ag.grad((x * x).sum(), [x, x])
    first.data[...] = 0
    assert lists([second]) == [[2.0, 4.0]]


def test_the_same_output_twice_counts_twice() -> None:
    """Each with its own gradient."""
    x = leaf(1.0, 2.0)
    y = x * x
    assert lists(ag.grad([y, y], x, [[1.0, 1.0], [10.0, 100.0]])) == [[22.0, 404.0]]


def test_an_output_may_lie_below_another() -> None:
    """Its own gradient joins what comes down from the other one."""
    x = leaf(2.0)
    y = x * x
    assert lists(ag.grad([y * 3, y, x], x)) == [[12.0 + 4.0 + 1.0]]


def test_an_unused_input_is_an_error_or_zeros() -> None:
    """Of its own shape and dtype each, and without a graph."""
    x = leaf(1.0)
    unused = [
        ag.tensor(np.ones((2, 3), np.float32), requires_grad=True),
        leaf(1.0, 2.0),
        ag.tensor([1, 2, 3]),
        ag.tensor(5.0),
    ]
    y = x * x
    for one in unused:
        with pytest.raises(RuntimeError, match="allow_unused=True"):
            ag.grad(y, [x, one])
    got, *zeros = ag.grad(y, [x, *unused], allow_unused=True)
    assert got.item() == 2.0
    for zero, one in zip(zeros, unused, strict=True):
        assert (zero.shape, zero.dtype) == (one.shape, one.dtype)
        assert not zero.numpy().any()


def test_outputs_without_a_graph_count_as_constant_if_unused_is_allowed() -> None:
    """So a linear function has a second derivative, which is zero."""
    x = leaf(1.0, 2.0)
    (g,) = ag.grad((x * 3).sum(), x, create_graph=True)
    with pytest.raises(RuntimeError, match="no graph"):
        ag.grad(g.sum(), x)
    assert lists(ag.grad(g.sum(), x, allow_unused=True)) == [[0.0, 0.0]]
    assert lists(ag.grad([g, x * x], x, [[1.0, 1.0]] * 2, allow_unused=True)) == [[2.0, 4.0]]


def test_only_what_leads_to_an_input_is_computed() -> None:
    """A hook on another branch is not called, and a rule there is not run."""
    x, y = leaf(1.0), leaf(2.0)
    branch = y * y
    branch.register_hook(lambda _: pytest.fail("nobody asked for this"))
    assert lists(ag.grad(x * branch, x)) == [[4.0]]


def test_what_lies_below_an_input_is_not_computed() -> None:
    """The gradient of a result on the way ends there."""
    x = leaf(2.0)
    y = x * x
    x.register_hook(lambda _: pytest.fail("nobody asked for this"))
    assert lists(ag.grad(y * 3, y)) == [[3.0]]


def test_gradients_of_gradients_to_any_order() -> None:
    """The derivatives of x^5 at 2."""
    x = leaf(2.0)
    y = x**5
    for expected in (80.0, 160.0, 240.0, 240.0, 120.0):
        (y,) = ag.grad(y, x, create_graph=True)
        assert y.item() == expected


def test_a_gradient_may_be_differentiated_for_another_input() -> None:
    """Mixed second derivatives are the same in both orders."""
    x, y = leaf(0.5), leaf(1.5)
    z = ag.sin(x * y) * ag.exp(y)
    gx, gy = ag.grad(z, [x, y], create_graph=True)
    (xy,) = ag.grad(gx, y, create_graph=True)
    (yx,) = ag.grad(gy, x)
    assert xy.item() == pytest.approx(yx.item(), rel=1e-12)


def test_grad_outputs_can_be_differentiated() -> None:
    """The gradient is linear in them: twice the way back is the way forward."""
    x, v = leaf(1.0, 2.0), leaf(1.0, 1.0)
    (g,) = ag.grad(x**3, x, v, create_graph=True)
    (jvp,) = ag.grad(g, v, [1.0, 0.0])
    assert lists([jvp]) == [[3.0, 0.0]]


def test_a_gradient_has_a_graph_under_create_graph_only() -> None:
    """And is a constant otherwise."""
    x = leaf(2.0)
    assert not ag.grad(x * x, x)[0].requires_grad
    assert ag.grad(x * x, x, create_graph=True)[0].requires_grad
    with ag.no_grad():
        assert not ag.grad(_recorded(x), x)[0].requires_grad
        assert ag.grad(_recorded(x), x, create_graph=True)[0].requires_grad


def test_all_of_a_recorded_pass_is_recorded_under_no_grad() -> None:
    """What it starts with, what the hook of a leaf makes of it, and what it is added to."""
    x, v = leaf(2.0), leaf(3.0)
    y = _recorded(x)
    remove = x.register_hook(lambda g: g * g)
    with ag.no_grad():
        (g,) = ag.grad(y, x, v, create_graph=True)  # (2 x v)^2
        for _ in range(2):
            y.backward(v, create_graph=True)
    assert x.grad is not None
    remove()
    assert lists(ag.grad(g, [x, v], retain_graph=True)) == [[8 * 2.0 * 9.0], [8 * 4.0 * 3.0]]
    assert lists(ag.grad(x.grad, [x, v])) == [[2 * 144.0], [2 * 96.0]]


@ag.enable_grad()
def _recorded(x: ag.Tensor) -> ag.Tensor:
    return x * x


def test_two_tensors_of_one_value_are_two_inputs() -> None:
    """Equality of values merges nothing."""
    x, y = leaf(2.0), leaf(2.0)
    assert lists(ag.grad(x * y + x, [x, y])) == [[3.0], [2.0]]


def test_a_leaf_used_before_it_required_a_gradient() -> None:
    """What was computed then is constant."""
    x = ag.tensor([2.0], dtype="float64")
    before = x * x
    x.requires_grad = True
    assert lists(ag.grad(before * x, x)) == [[4.0]]
