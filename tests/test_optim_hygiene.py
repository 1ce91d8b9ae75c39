"""What an update rule owes beside its formula: for every optimizer of tests/optim_cases.py."""

from __future__ import annotations

import gc
import itertools
import weakref
from functools import partial
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

import autograd_lite as ag
from autograd_lite import optim
from autograd_lite.func import custom_op
from autograd_lite.testing import gradcheck
from tests.optim_cases import RULES, Rule, every_rule

Vector = NDArray[Any]
STEPS = 5
SHAPE = (3, 4)
seeds = st.integers(0, 2**32 - 1)

# Rules whose step sees the direction of a gradient and not its size, as eps goes to 0.
NORMALIZED = ["AdaGrad", "RMSProp", "Adam", "AdamW", "Adamax", "NAdam", "Lion", "LAMB", "Rprop"]
JOINT = {"LAMB", "LBFGS"}  # those that sum over the elements of a parameter, in some order


def drawn(seed: int, scale: float = 1.0) -> tuple[Vector, list[Vector]]:
    """A parameter, and its gradient at each step."""
    rng = np.random.default_rng(seed)
    return rng.uniform(-2, 2, SHAPE), list(scale * rng.uniform(-2, 2, (STEPS, *SHAPE)))


def walk(rule: Rule, start: Any, gradients: list[Any], **settings: Any) -> Vector:
    """Where a parameter is after steps of these gradients."""
    w = ag.tensor(start, requires_grad=True)
    optimizer = rule.make([w], **settings)
    for g in gradients:
        w.grad = ag.Tensor(g, copy=False)
        optimizer.step(lambda: 0.0)
    return w.numpy()


def named(names: list[str]) -> pytest.MarkDecorator:
    """Some of the table."""
    rules = [rule for rule in RULES if rule.name in names]
    return pytest.mark.parametrize("rule", rules, ids=[rule.name for rule in rules])


def memory_of(optimizer: optim.Optimizer) -> list[Vector]:
    """The arrays that it keeps from one step to the next."""
    kept = [v for entry in optimizer.state.values() for v in entry.values() if np.ndim(v)]
    if isinstance(optimizer, optim.LBFGS) and optimizer.memory is not None:
        flat, history = optimizer.memory
        kept += [flat.point, flat.direction, history.steps, history.changes]
    return [v for v in kept if isinstance(v, np.ndarray)]


# ---- the direction


def loss(x: Any) -> Any:
    """A function with a curvature of its own in each direction."""
    return (ag.sin(x) * ag.exp(x * x * 0.1)).sum()


@custom_op
def loss_by_steps(x: Any, /) -> tuple[Any, ...]:
    """The loss, whose gradient is what a step of rate 1 takes away."""

    def step(g: Any) -> Any:
        w = ag.tensor(x, requires_grad=True)
        loss(w).backward()
        optim.SGD([w], lr=1.0, momentum=0.0, clip_value=None).step()
        return g * (x - w.numpy())

    return loss(x), step


@custom_op
def penalty_by_steps(x: Any, /, name: str) -> tuple[Any, ...]:
    """0.3 / 2 |x|^2, whose gradient is what decay takes away of a parameter with the gradient 0."""

    def step(g: Any) -> Any:
        w = ag.tensor(x, requires_grad=True)
        w.grad = ag.zeros_like(w)
        rule = next(rule for rule in RULES if rule.name == name)
        still = {"momentum": 0.0} if rule.name == "SGD" else {}
        rule.make([w], lr=1.0, weight_decay=0.3, **still).step(lambda: 0.0)
        return g * (x - w.numpy())

    return (x * x).sum() * 0.15, step


@given(seed=seeds)
def test_a_first_step_of_sgd_is_the_gradient(seed: int) -> None:
    """By differences of the loss."""
    assert gradcheck(loss_by_steps, [drawn(seed)[0]])


@named(["SGD", "AdamW"])
@given(seed=seeds)
def test_decay_is_the_gradient_of_a_penalty(rule: Rule, seed: int) -> None:
    """Half the decay times the sum of squares, where no rule divides it by anything."""
    assert gradcheck(lambda x: penalty_by_steps(x, name=rule.name), [drawn(seed)[0]])


@every_rule
@given(seed=seeds)
def test_a_first_step_goes_down(rule: Rule, seed: int) -> None:
    """Its product with the gradient is negative: of any rule, at any gradient."""
    start, gradients = drawn(seed)
    moved = walk(rule, start, gradients[:1]) - start
    assert (moved * gradients[0]).sum() < 0


# ---- laws


@every_rule
@given(seed=seeds)
def test_permuted_entries_take_permuted_steps(rule: Rule, seed: int) -> None:
    """To the bit, where no sum over the entries takes part."""
    start, gradients = drawn(seed)
    order = np.random.default_rng(seed).permutation(start.size)

    def permuted(x: Vector) -> Vector:
        return x.reshape(-1)[order].reshape(x.shape)

    here = permuted(walk(rule, start, gradients, weight_decay=0.1))
    there = walk(rule, permuted(start), [permuted(g) for g in gradients], weight_decay=0.1)
    if rule.name in JOINT:
        np.testing.assert_allclose(there, here, rtol=1e-9, atol=1e-12)
    else:
        assert there.tobytes() == here.tobytes()


@named(NORMALIZED)
@given(seed=seeds, power=st.integers(-10, 10))
def test_the_scale_of_a_gradient_does_not_matter(rule: Rule, seed: int, power: int) -> None:
    """Without decay, and with an eps that is nothing beside it."""
    tiny = {"eps": 1e-60} if "eps" in rule.settings else {}
    start, gradients = drawn(seed)
    scaled = [2.0**power * g for g in gradients]
    here = walk(rule, start, gradients, weight_decay=0.0, **tiny)
    there = walk(rule, start, scaled, weight_decay=0.0, **tiny)
    np.testing.assert_allclose(there, here, rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize("momentum", [0.0, 0.9])
@given(seed=seeds, power=st.integers(-10, 10))
def test_sgd_is_linear_in_the_gradients(momentum: float, seed: int, power: int) -> None:
    """Twice the gradients, twice the way."""
    (rule,) = [rule for rule in RULES if rule.name == "SGD"]
    _, gradients = drawn(seed)
    zero = np.zeros(SHAPE)
    here = walk(rule, zero, gradients, momentum=momentum)
    there = walk(rule, zero, [2.0**power * g for g in gradients], momentum=momentum)
    assert there.tobytes() == (2.0**power * here).tobytes()


# ---- hygiene


@every_rule
def test_a_walk_is_the_same_twice(rule: Rule) -> None:
    """To the bit."""
    start, gradients = drawn(0)
    walks = [walk(rule, start, gradients, weight_decay=0.1, lr=0.1) for _ in range(2)]
    assert walks[0].tobytes() == walks[1].tobytes()


@every_rule
@pytest.mark.parametrize(
    "layout",
    [
        np.asfortranarray,
        lambda a: np.repeat(a, 2, axis=0)[::2],
        lambda a: np.ascontiguousarray(a[::-1, ::-1])[::-1, ::-1],
    ],
    ids=["columns", "strided", "reversed"],
)
def test_the_layout_of_arrays_does_not_matter(rule: Rule, layout: Any) -> None:
    """Of parameters, which are taken over as they are, and of gradients."""
    start, gradients = drawn(1)
    expected = walk(rule, start, gradients, weight_decay=0.1)
    w = ag.Tensor(layout(start.copy()), requires_grad=True, copy=False)
    assert not w._data.flags.c_contiguous
    optimizer = rule.make([w], weight_decay=0.1)
    for g in gradients:
        w.grad = ag.Tensor(layout(g.copy()), copy=False)
        optimizer.step(lambda: 0.0)
    np.testing.assert_allclose(w.numpy(), expected, rtol=1e-12)
    assert (w.shape, w.dtype) == (start.shape, start.dtype)


@every_rule
@pytest.mark.parametrize("dtype", ["f4", "f8"])
def test_nothing_shares_memory(rule: Rule, dtype: str) -> None:
    """Neither parameters, nor gradients, nor what is kept of them; and gradients stay."""
    rng = np.random.default_rng(0)
    params = [ag.tensor(rng.uniform(-2, 2, s).astype(dtype), requires_grad=True) for s in (3, 3, 2)]
    optimizer = rule.make(params, lr=0.1)
    for _ in range(3):
        given = [rng.uniform(-2, 2, p.shape).astype(dtype) for p in params]
        for p, g in zip(params, given, strict=True):
            p.grad = ag.tensor(g)
        optimizer.step(lambda: 0.0)
        gradients = [p.grad._data for p in params if p.grad is not None]
        for kept, g in zip(gradients, given, strict=True):
            assert kept.tobytes() == g.tobytes()
    arrays = [*(p._data for p in params), *gradients, *memory_of(optimizer)]
    for a, b in itertools.combinations(arrays, 2):
        assert not np.shares_memory(a, b)


@every_rule
def test_a_write_to_the_last_gradient_changes_no_step(rule: Rule) -> None:
    """What a rule remembers is its own."""
    start, gradients = drawn(2)
    w = ag.tensor(start, requires_grad=True)
    optimizer = rule.make([w])
    for g in gradients:
        w.grad = gradient = ag.tensor(g)
        optimizer.step(lambda: 0.0)
        gradient.data[...] = np.nan
    assert w.numpy().tobytes() == walk(rule, start, gradients).tobytes()


@every_rule
def test_everything_is_freed_without_the_collector(rule: Rule) -> None:
    """The optimizer, its parameters and their gradients, once nobody has them."""
    w = ag.tensor(drawn(3)[0], requires_grad=True)
    optimizer = rule.make([w])
    gc.collect()
    gc.disable()
    try:
        for _ in range(3):
            optimizer.step(partial(loss_at, w))
        assert w.grad is not None
        dying: list[Any] = [weakref.ref(optimizer), weakref.ref(w), weakref.ref(w.grad)]
        dying += [weakref.ref(array) for array in memory_of(optimizer)]
        del optimizer, w
        assert [ref() for ref in dying if ref() is not None] == []
    finally:
        gc.enable()


def loss_at(w: ag.Tensor) -> ag.Tensor:
    """The loss, and its gradient in `grad`."""
    w.grad = None
    value: ag.Tensor = loss(w)
    value.backward()
    return value
