"""`func.checkpoint`: the same gradients at every order, with less memory."""

from __future__ import annotations

import gc
import tracemalloc
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import autograd_lite as ag
from autograd_lite import nn
from autograd_lite.func import checkpoint, hessian, jacobian, jvp
from autograd_lite.func import grad as gradient_of
from autograd_lite.testing import gradcheck

if TYPE_CHECKING:
    from collections.abc import Callable

STEPS: list[Callable[[Any], Any]] = [
    ag.sin,
    ag.exp,
    lambda x: x * x,
    lambda x: x / (1 + ag.abs(x)),
    lambda x: x[::-1] * 2,
    lambda x: ag.softmax(x) + x.sum(),
]


def leaf(*values: float) -> ag.Tensor:
    return ag.tensor(np.array(values), requires_grad=True)


def chain(steps: list[Callable[[Any], Any]]) -> Callable[[Any], Any]:
    def f(x: Any) -> Any:
        for step in steps:
            x = step(x)
        return x

    return f


def same_bits(found: Any, expected: Any) -> None:
    for a, b in zip(found, expected, strict=True):
        np.testing.assert_array_equal(a.numpy(), b.numpy())


@given(
    segments=st.lists(st.lists(st.sampled_from(STEPS), max_size=3), min_size=1, max_size=4),
    nested=st.booleans(),
)
def test_gradients_are_the_same_to_the_bit(
    segments: list[list[Callable[[Any], Any]]], nested: bool
) -> None:
    values = np.array([0.3, -0.7, 1.1])
    plain = chain([chain(steps) for steps in segments])
    segmented = chain([checkpoint(chain(steps)) for steps in segments])
    results = []
    with np.errstate(all="ignore"):
        for f in (plain, checkpoint(segmented) if nested else segmented):
            x = ag.tensor(values, requires_grad=True)
            y = f(x)
            results.append([y.detach(), *ag.grad(y, x, np.ones(3))])
    same_bits(*results)


@pytest.mark.parametrize("order", [1, 2, 3])
def test_every_order_is_the_same(order: int) -> None:
    w = leaf(2.0, -0.5, 1.5)

    def f(x: Any) -> Any:
        return ag.sin(x * w) * ag.exp(x)

    def derivatives(function: Callable[[Any], Any]) -> list[ag.Tensor]:
        x = leaf(0.1, 0.2, 0.3)
        found = [function(x)]
        for _ in range(order):
            total = sum(((t * t).sum() for t in found), start=ag.tensor(0.0))
            found = list(ag.grad(total, [x, w], create_graph=True))
        return found

    expected = derivatives(f)
    for function in (checkpoint(f), checkpoint(lambda x: checkpoint(f)(x) * 1)):
        for a, b in zip(derivatives(function), expected, strict=True):
            np.testing.assert_allclose(a.detach().numpy(), b.detach().numpy(), rtol=1e-12)


def test_it_agrees_with_finite_differences_at_order_3() -> None:
    gradcheck(
        checkpoint(lambda x, y: ag.tanh(x * y) + y**2), [np.ones(2), np.ones((3, 2))], order=3
    )


def test_trees_go_in_and_out() -> None:
    @dataclass
    class State:
        angle: Any
        speed: Any

    def step(state: State, *, dt: float, others: Any = None) -> dict[str, Any]:
        assert others is None or others["n"] == 3
        moved = State(state.angle + dt * state.speed, state.speed - dt * ag.sin(state.angle))
        return {"state": moved, "n": 7, "constant": ag.ones(2), "both": (state.speed, None)}

    found = []
    for function in (step, checkpoint(step)):
        angle, speed = leaf(1.0, 2.0), leaf(0.5, 0.25)
        result = function(State(angle, speed), dt=0.1, others={"n": 3, "w": [angle]})
        assert result["n"] == 7
        assert not result["constant"].requires_grad
        assert result["both"][1] is None
        loss = (result["state"].angle * result["state"].speed).sum() + result["both"][0].sum()
        found.append([result["state"].angle, *ag.grad(loss, [angle, speed])])
    for a, b in zip(*found, strict=True):
        np.testing.assert_allclose(a.detach().numpy(), b.detach().numpy(), rtol=1e-14)


def test_several_results_of_several_dtypes_come_back_as_they_were() -> None:
    def f(x: Any) -> list[Any]:
        return [ag.astype(x, np.float32) * (i + 1) if i % 2 else x * (i + 1) for i in range(9)]

    x = leaf(1.0, 2.0)
    results = checkpoint(f)(x)
    assert [r.dtype for r in results] == [np.float32 if i % 2 else np.float64 for i in range(9)]
    total = sum((r.sum() for r in results), start=ag.tensor(0.0))
    np.testing.assert_array_equal(ag.grad(total, x)[0].numpy(), [45, 45])


def test_what_is_closed_over_gets_its_gradient() -> None:
    w = leaf(1.0, 2.0)
    h = w * 3  # the result of an op
    x = leaf(0.5, 0.25)
    y = checkpoint(lambda x: x * w + h * x)(x)
    same_bits(ag.grad(y, [x, w, h], np.ones(2), retain_graph=True), [w * 4, x * 4, x])


def test_an_argument_that_depends_on_another_is_not_counted_twice() -> None:
    x = leaf(2.0)
    y = x * x
    for f in (ag.mul, checkpoint(ag.mul)):
        (first,) = ag.grad(f(x, y), x, create_graph=True, retain_graph=True)
        np.testing.assert_array_equal(first.detach().numpy(), [12])
        (second,) = ag.grad(first, x, retain_graph=True)
        np.testing.assert_array_equal(second.numpy(), [12])


def test_the_result_may_be_an_argument() -> None:
    x, w = leaf(1.0, 2.0), leaf(3.0, 4.0)
    a, b = checkpoint(lambda x: (x, w))(x)
    same_bits(ag.grad((a * b).sum(), [x, w]), [w, x])


def test_nothing_to_differentiate_is_a_plain_call() -> None:
    calls: list[int] = []

    def f(x: Any) -> Any:
        calls.append(1)
        return x * 2

    assert not checkpoint(f)(ag.ones(2)).requires_grad
    with ag.no_grad():
        assert not checkpoint(f)(leaf(1.0)).requires_grad
    assert checkpoint(len)([1, 2]) == 2
    assert len(calls) == 2


def test_it_runs_twice_and_only_for_its_gradient() -> None:
    calls: list[int] = []

    @checkpoint
    def f(x: Any) -> Any:
        """Twice x."""
        calls.append(1)
        return x * 2

    x = leaf(1.0)
    y = f(x)
    assert len(calls) == 1
    y.backward(retain_graph=True)
    y.backward()
    assert len(calls) == 3
    assert x.grad is not None
    assert x.grad.item() == 4
    assert (f.__name__, f.__doc__) == ("f", "Twice x.")


def test_a_module_is_a_function_too() -> None:
    model = nn.Sequential(nn.Linear(3, 4), nn.Tanh(), nn.Linear(4, 2))
    x = ag.randn(5, 3)
    (model(x) ** 2).sum().backward()
    expected = [p.grad for p in model.parameters()]
    model.zero_grad()
    (checkpoint(model)(x) ** 2).sum().backward()
    same_bits([p.grad for p in model.parameters()], expected)


def test_forward_mode_and_jacobians_go_through_it() -> None:
    w = leaf(0.5, 2.0)

    def f(x: Any) -> Any:
        return ag.exp(x * w).sum() * x

    x, t = ag.tensor(np.array([0.1, -0.3])), ag.tensor(np.array([1.0, 2.0]))
    for a, b in zip(jvp(checkpoint(f), (x,), (t,)), jvp(f, (x,), (t,)), strict=True):
        np.testing.assert_allclose(a.detach().numpy(), b.detach().numpy(), rtol=1e-14)
    for kind in ("forward", "reverse"):
        found, expected = jacobian(checkpoint(f), mode=kind)(x), jacobian(f, mode=kind)(x)
        np.testing.assert_allclose(found.detach().numpy(), expected.detach().numpy(), rtol=1e-14)
    two = checkpoint(lambda x: (ag.exp(x * w).sum() * x, x[:1] * w[0]))
    found = jacobian(two, mode="reverse")(x)
    np.testing.assert_allclose(found[0].detach().numpy(), expected.detach().numpy(), rtol=1e-14)
    assert found[1].detach().numpy().tolist() == [[0.5, 0]]
    curved = hessian(lambda x: checkpoint(f)(x).sum())(x).detach().numpy()
    plain = hessian(lambda x: f(x).sum())(x).detach().numpy()
    np.testing.assert_allclose(curved, plain, rtol=1e-13)
    second = gradient_of(lambda x: gradient_of(lambda y: checkpoint(f)(y).sum())(x).sum())
    expected = gradient_of(lambda x: gradient_of(lambda y: f(y).sum())(x).sum())(x)
    np.testing.assert_allclose(second(x).detach().numpy(), expected.detach().numpy(), rtol=1e-14)


def test_the_gradient_of_a_penalty_inside_is_the_same() -> None:
    def f(x: Any) -> Any:
        y = (x**3).sum()
        return y + (ag.grad(y, x, create_graph=True)[0] ** 2).sum()

    x = leaf(1.0, 2.0)
    same_bits(ag.grad(checkpoint(f)(x), x), ag.grad(f(x), x))


def rows(model: Callable[[Any], Any], x: ag.Tensor, count: int, segment: int) -> ag.Tensor:
    """`count` steps, in checkpointed segments of some steps each, or without for 0."""

    def steps(x: Any) -> Any:
        for _ in range(segment or count):
            x = model(x)
        return x

    for _ in range(count // segment if segment else 1):
        x = checkpoint(steps)(x) if segment else steps(x)
    return x


def peak(segment: int) -> int:
    """The bytes that a gradient through 900 steps takes at most."""
    x = leaf(0.5, 0.25)
    gc.collect()
    tracemalloc.start()
    rows(lambda x: x + 0.01 * ag.sin(x), x, 900, segment).sum().backward()
    found = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return found


def test_memory_grows_with_the_root_of_the_steps() -> None:
    """30 segments of 30 steps need at most a tenth of 900 steps."""
    assert peak(30) < peak(0) / 10


def test_large_arrays_between_are_freed() -> None:
    x = ag.ones(100_000, requires_grad=True)
    tracemalloc.start()
    y = checkpoint(lambda x: ag.exp(ag.sin(ag.exp(ag.sin(x)))).sum())(x)
    held, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert held < 50_000
    y.backward()


def test_a_result_that_shows_a_part_of_an_array_does_not_hold_the_whole() -> None:
    x = ag.ones(100_000, requires_grad=True)
    tracemalloc.start()
    y = checkpoint(lambda x: (x * 2)[:3])(x)
    held, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert held < 50_000
    y.sum().backward()


def test_the_collector_finds_nothing() -> None:
    x, w = leaf(1.0, 2.0), leaf(3.0, 4.0)
    gc.collect()
    gc.disable()
    try:
        for create_graph in (False, True):
            y = checkpoint(lambda x: checkpoint(lambda x: (x * w, x))(x)[0] * 2)(x)
            ag.grad(y, [x, w], np.ones(2), create_graph=create_graph)
            del y
        assert gc.collect() == 0
    finally:
        gc.enable()
