"""Transforms of transforms: no inner derivative is mistaken for an outer one."""

from __future__ import annotations

import gc
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

import autograd_lite as ag
from autograd_lite import engine, order
from autograd_lite.func import grad, hessian, hvp, jacobian, jvp, linearize, value_and_grad, vjp

if TYPE_CHECKING:
    from collections.abc import Callable


def by_grad(f: Any) -> Callable[[Any], Any]:
    """The derivative of a function of a number, in five ways."""
    return grad(f)


def by_value(f: Any) -> Callable[[Any], Any]:
    """As `by_grad`."""
    return lambda x: value_and_grad(f)(x)[1]


def by_vjp(f: Any) -> Callable[[Any], Any]:
    """As `by_grad`."""
    return lambda x: vjp(f, x)[1](1.0)[0]


def by_jvp(f: Any) -> Callable[[Any], Any]:
    """As `by_grad`."""
    return lambda x: jvp(f, (x,), (1.0,))[1]


def by_linearize(f: Any) -> Callable[[Any], Any]:
    """As `by_grad`."""
    return lambda x: linearize(f, x)[1](1.0)


def by_rows(f: Any) -> Callable[[Any], Any]:
    """As `by_grad`."""
    return jacobian(f, mode="reverse")


def by_columns(f: Any) -> Callable[[Any], Any]:
    """As `by_grad`."""
    return jacobian(f, mode="forward")


WAYS = [by_grad, by_value, by_vjp, by_jvp, by_linearize, by_rows, by_columns]
each = pytest.mark.parametrize("outer", WAYS)
way = pytest.mark.parametrize("inner", WAYS)


@each
@way
def test_perturbations_are_not_confused(outer: Any, inner: Any) -> None:
    """d/dx [x d/dy (x + y)] is 1, and d/dx [x d/dy (x y)] = d/dx x^2 is 2 x."""
    assert outer(lambda x: x * inner(lambda y: x + y)(2.0))(3.0).item() == 1.0
    assert outer(lambda x: x * inner(lambda y: x * y)(2.0))(3.0).item() == 6.0
    assert outer(lambda x: x * inner(lambda y: x * y)(x))(3.0).item() == 6.0
    assert outer(lambda x: inner(lambda y: x * y * y)(x))(3.0).item() == 12.0


@each
@way
def test_second_and_third_derivatives(outer: Any, inner: Any) -> None:
    assert outer(inner(lambda x: x**4))(2.0).item() == 48.0
    assert outer(inner(outer(lambda x: x**4)))(2.0).item() == 48.0
    x = ag.tensor(0.3, dtype="float64")
    assert outer(inner(ag.tanh))(x).item() == pytest.approx(
        -2 * np.tanh(0.3) * (1 - np.tanh(0.3) ** 2)
    )


@way
def test_inside_a_function_that_is_under_backward(inner: Any) -> None:
    w = ag.tensor(3.0, requires_grad=True)
    x = ag.tensor(2.0, requires_grad=True)
    y = inner(lambda v: w * v * v)(x)  # 2 w x
    (y * x).backward()  # 2 w x^2
    assert w.grad is not None
    assert x.grad is not None
    assert (w.grad.item(), x.grad.item()) == (8.0, 24.0)


@way
def test_a_derivative_in_the_direction_of_what_is_differentiated(inner: Any) -> None:
    """Tangents and cotangents may have graphs of their own."""
    t = ag.tensor(5.0, requires_grad=True)
    _, tangent = jvp(lambda x: x**3, (2.0,), (t,))
    (cotangent,) = vjp(lambda x: x**3, 2.0)[1](t)
    (tangent + cotangent).backward()
    assert t.grad is not None
    assert t.grad.item() == 24.0
    assert inner(lambda s: jvp(lambda x: x**3, (2.0,), (s * s,))[1])(5.0).item() == 120.0
    assert inner(lambda s: vjp(lambda x: x**3, 2.0)[1](s * s)[0])(5.0).item() == 120.0


@way
def test_results_without_a_way_to_the_caller_have_no_graph(inner: Any) -> None:
    x = ag.tensor(2.0, requires_grad=True)
    assert inner(lambda v: v * v)(x).requires_grad
    assert not inner(lambda v: v * v)(x.detach()).requires_grad
    with ag.no_grad():
        assert not inner(lambda v: v * v * x)(x).requires_grad
    assert inner(lambda v: v * x)(2.0).requires_grad


def test_a_jacobian_of_a_jacobian() -> None:
    x = ag.tensor([1.0, 2.0], dtype="float64")
    third = jacobian(jacobian(lambda v: v**3))(x)
    expected = np.zeros((2, 2, 2))
    expected[0, 0, 0], expected[1, 1, 1] = 6.0, 12.0
    np.testing.assert_allclose(third.numpy(), expected)


def test_a_hessian_in_a_loss_can_be_differentiated() -> None:
    w = ag.tensor(2.0, dtype="float64", requires_grad=True)
    x = ag.tensor([1.0, 3.0], dtype="float64")
    ag.trace(hessian(lambda v: w * (v**3).sum())(x)).backward()  # 6 w (x0 + x1)
    assert w.grad is not None
    assert w.grad.item() == pytest.approx(24.0)
    w.grad = None
    hvp(lambda v: w * (v**3).sum(), (x,), (ag.tensor([1.0, 0.0], dtype="float64"),))[0][
        0
    ].backward()
    assert w.grad is not None
    assert w.grad.item() == pytest.approx(6.0)


def test_a_long_loop_of_inner_gradients_is_linear(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each inner pass looks at its own part of the graph, however long that behind it is."""
    looked: list[int] = []
    original = order.newest_first

    def counting(*args: Any) -> Any:
        nodes, seen = original(*args)
        looked.append(len(seen))
        return nodes, seen

    monkeypatch.setattr(engine, "newest_first", counting)
    x = ag.tensor(1.0, requires_grad=True, dtype="float64")
    y = x
    for _ in range(300):
        y = y - 0.1 * grad(lambda v: (v * v * x).sum())(y)
    assert max(looked[10:]) == max(looked[:10])
    y.backward()
    assert x.grad is not None
    # y = (1 - 0.2 x)^300 x
    expected = 0.8**300 - 300 * 0.2 * 0.8**299
    assert x.grad.item() == pytest.approx(expected)


def test_nothing_is_left_for_the_collector() -> None:
    w = ag.tensor(2.0, requires_grad=True)
    calls: list[Callable[[], Any]] = [
        lambda: grad(lambda x: x * x * w)(3.0),
        lambda: vjp(lambda x: x * x * w, 3.0)[1](1.0),
        lambda: jvp(lambda x: x * x * w, (3.0,), (1.0,)),
        lambda: linearize(ag.tanh, 3.0)[1](1.0),
        lambda: hessian(lambda x: (x**3).sum())(ag.ones(2)),
        lambda: hvp(lambda x: (x**3).sum() * w, (ag.ones(2),), (ag.ones(2),)),
        lambda: grad(lambda x: grad(lambda y: y * y * x)(x))(3.0),
    ]
    for call in calls:
        call()
    gc.collect()
    gc.disable()
    try:
        for call in calls:
            call()
        assert gc.collect() == 0
    finally:
        gc.enable()
