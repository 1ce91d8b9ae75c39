"""Schedules against their formulas, saved and resumed, and combined."""

import inspect
import json
import math
import pickle
from collections.abc import Callable
from typing import Any

import pytest

import autograd_lite as ag
from autograd_lite import optim
from autograd_lite.optim.schedule_combined import Combined

Optimizer = optim.Optimizer


def optimizer_of(*lrs: float) -> optim.SGD:
    """An optimizer with a group for each learning rate."""
    return optim.SGD([{"params": ag.zeros(1, requires_grad=True), "lr": lr} for lr in lrs])


def one_cycle(t: int, *, total: int, top: float, pct: float, three: bool, linear: bool) -> float:
    """OneCycleLR as PyTorch's documentation and code have it, with the default factors."""
    first, last = top / 25, top / 25 / 1e4
    ends = (
        [pct * total - 1, 2 * pct * total - 2, total - 1] if three else [pct * total - 1, total - 1]
    )
    goals = [top, first, last] if three else [top, last]
    start, value = 0.0, first
    for stop, goal in zip(ends, goals, strict=True):
        if t <= stop:
            part = (t - start) / (stop - start)
            if linear:
                return value + (goal - value) * part
            return goal + (value - goal) / 2 * (1 + math.cos(math.pi * part))
        start, value = stop, goal
    return last


def restarts(t: int, *, base: float, first: int, times: int, low: float) -> float:
    """Cycles, one after another."""
    length = first
    while t >= length:
        t, length = t - length, length * times
    return low + (base - low) * (1 + math.cos(math.pi * t / length)) / 2


# One line a schedule: how to make it, and the learning rate after t steps from a base.
CASES: list[tuple[type, Callable[[Optimizer], Any], Callable[[int, float], float]]] = [
    (optim.LambdaLR, lambda o: optim.LambdaLR(o, lambda t: 0.9**t), lambda t, b: b * 0.9**t),
    (optim.StepLR, lambda o: optim.StepLR(o, 4, gamma=0.3), lambda t, b: b * 0.3 ** (t // 4)),
    (
        optim.MultiStepLR,
        lambda o: optim.MultiStepLR(o, [3, 8], gamma=0.5),
        lambda t, b: b * (1 if t < 3 else 0.5 if t < 8 else 0.25),
    ),
    (optim.ExponentialLR, lambda o: optim.ExponentialLR(o, 0.8), lambda t, b: b * 0.8**t),
    (
        optim.LinearLR,
        lambda o: optim.LinearLR(o, start_factor=0.25, total_iters=6),
        lambda t, b: b * (0.25 + 0.75 * min(t, 6) / 6),
    ),
    (
        optim.PolynomialLR,
        lambda o: optim.PolynomialLR(o, total_iters=9, power=1.7),
        lambda t, b: b * (1 - min(t, 9) / 9) ** 1.7,
    ),
    (
        optim.CosineAnnealingLR,
        lambda o: optim.CosineAnnealingLR(o, T_max=7, eta_min=0.01),
        lambda t, b: 0.01 + (b - 0.01) * (1 + math.cos(math.pi * t / 7)) / 2,
    ),
    (
        optim.CosineAnnealingWarmRestarts,
        lambda o: optim.CosineAnnealingWarmRestarts(o, T_0=2, T_mult=3, eta_min=0.01),
        lambda t, b: restarts(t, base=b, first=2, times=3, low=0.01),
    ),
    (
        optim.CosineAnnealingWarmRestarts,
        lambda o: optim.CosineAnnealingWarmRestarts(o, T_0=5),
        lambda t, b: restarts(t, base=b, first=5, times=1, low=0),
    ),
    (
        optim.OneCycleLR,
        lambda o: optim.OneCycleLR(o, 0.5, total_steps=20),
        lambda t, _: one_cycle(t, total=20, top=0.5, pct=0.3, three=False, linear=False),
    ),
    (
        optim.OneCycleLR,
        lambda o: optim.OneCycleLR(
            o, 0.5, epochs=5, steps_per_epoch=5, pct_start=0.4, anneal_strategy="linear",
            three_phase=True,
        ),
        lambda t, _: one_cycle(t, total=25, top=0.5, pct=0.4, three=True, linear=True),
    ),
    (
        optim.ChainedScheduler,
        lambda o: optim.ChainedScheduler(
            [optim.LinearLR(o, start_factor=0.5, total_iters=4), optim.ExponentialLR(o, 0.9)]
        ),
        lambda t, b: b * (0.5 + 0.5 * min(t, 4) / 4) * 0.9**t,
    ),
    (
        optim.SequentialLR,
        lambda o: optim.SequentialLR(
            o,
            [
                optim.LinearLR(o, start_factor=0.1, total_iters=5),
                optim.CosineAnnealingLR(o, T_max=6),
                optim.StepLR(o, 3),
            ],
            milestones=[5, 11],
        ),
        lambda t, b: b * (
            (0.1 + 0.9 * t / 5) if t < 5
            else (1 + math.cos(math.pi * (t - 5) / 6)) / 2 if t < 11
            else 0.1 ** ((t - 11) // 3)
        ),
    ),
]  # fmt: skip
every_case = pytest.mark.parametrize(
    ("make", "formula"), [case[1:] for case in CASES], ids=[case[0].__name__ for case in CASES]
)


def test_every_schedule_is_in_the_table() -> None:
    """What the face exports, the base and the one that looks at a loss apart."""
    exported = {
        value
        for value in vars(optim).values()
        if inspect.isclass(value) and issubclass(value, optim.LRScheduler)
    }
    apart = {optim.LRScheduler, Combined, optim.ReduceLROnPlateau}
    assert exported - apart == {case[0] for case in CASES}


@every_case
def test_a_schedule_is_its_formula(make: Any, formula: Any) -> None:
    """In every group, from the moment that it is made; `get_last_lr` and `lr_at` say the same."""
    optimizer = optimizer_of(0.1, 0.02)
    schedule = make(optimizer)
    for t in range(21):
        expected = [pytest.approx(formula(t, base), rel=1e-12) for base in (0.1, 0.02)]
        assert [group["lr"] for group in optimizer.param_groups] == expected
        assert schedule.get_last_lr() == expected
        assert [schedule.lr_at(t, 0.1, 0), schedule.lr_at(t, 0.02, 1)] == expected
        if t < 20:
            schedule.step()


@every_case
def test_a_schedule_resumes_exactly(make: Any, formula: Any) -> None:
    """From the optimizer's state and its own, through JSON, in any order, whatever was made."""
    del formula
    for first in ("optimizer", "schedule"):
        optimizer = optimizer_of(0.1, 0.02)
        schedule = make(optimizer)
        for _ in range(6):
            schedule.step()
        saved = json.loads(json.dumps([optimizer.state_dict(), schedule.state_dict()]))
        twin = optimizer_of(0.1, 0.02)
        other = make(twin)
        if first == "optimizer":
            twin.load_state_dict(saved[0])
            other.load_state_dict(saved[1])
        else:
            other.load_state_dict(saved[1])
            twin.load_state_dict(saved[0])
        for _ in range(10):
            assert twin.state_dict() == optimizer.state_dict()
            assert other.state_dict() == schedule.state_dict()
            schedule.step()
            other.step()


@every_case
def test_a_state_of_another_kind_is_refused(make: Any, formula: Any) -> None:
    """The error names what was given and expected; nothing changes."""
    del formula
    optimizer = optimizer_of(0.1)
    schedule = make(optimizer)
    schedule.step()
    before = schedule.state_dict(), optimizer.state_dict()
    for bad in ({"epoch": 3}, 7):
        with pytest.raises(ValueError, match=r"load_state_dict: got .*; expected \['"):
            schedule.load_state_dict(bad)
    assert (schedule.state_dict(), optimizer.state_dict()) == before


@every_case
def test_a_group_that_is_added_later_follows(make: Any, formula: Any) -> None:
    """From the next step on."""
    optimizer = optimizer_of(0.1)
    schedule = make(optimizer)
    schedule.step()
    optimizer.add_param_group({"params": ag.zeros(1, requires_grad=True), "lr": 0.02})
    schedule.step()
    assert schedule.get_last_lr() == [pytest.approx(formula(2, base)) for base in (0.1, 0.02)]


def test_lambdas_for_each_group() -> None:
    """A list has one function for each group; functions are not saved."""
    optimizer = optimizer_of(1.0, 1.0)
    schedule = optim.LambdaLR(optimizer, [lambda t: 1 + t, lambda _: 0.5])
    schedule.step()
    assert schedule.get_last_lr() == [2.0, 0.5]
    assert schedule.state_dict() == {"last_epoch": 1}
    with pytest.raises(ValueError, match="expected a function, or a list of 2, one for each group"):
        optim.LambdaLR(optimizer, [lambda t: t])


def test_a_bad_rate_is_refused_whole() -> None:
    """A function that gives a negative factor names the rate; neither group has changed."""
    optimizer = optimizer_of(1.0, 1.0)
    schedule = optim.LambdaLR(optimizer, [lambda _: 0.5, lambda t: 1 - 2 * t])
    with pytest.raises(ValueError, match=r"LambdaLR: got lr=-1.0 after 1 steps; expected a finite"):
        schedule.step()
    assert schedule.get_last_lr() == [0.5, 1.0]
    assert schedule.last_epoch == 0


def test_one_schedule_drives_at_a_time() -> None:
    """Stepping one that another has replaced is an error that says how to combine them."""
    optimizer = optimizer_of(1.0)
    first = optim.StepLR(optimizer, 1)
    second = optim.ExponentialLR(optimizer, 0.5)
    with pytest.raises(RuntimeError, match=r"StepLR.step: .* follows ExponentialLR, .* Chained"):
        first.step()
    second.step()
    assert optimizer.param_groups[0]["lr"] == 0.5
    del second
    first.step()
    assert optimizer.param_groups[0]["lr"] == 0.1


def test_a_pickled_pair_goes_on() -> None:
    """An optimizer and its schedule in one pickle still belong together."""
    optimizer = optimizer_of(1.0)
    schedule = optim.StepLR(optimizer, 1, gamma=0.5)
    schedule.step()
    twin, other = pickle.loads(pickle.dumps((optimizer, schedule)))  # noqa: S301
    other.step()
    assert other.optimizer is twin
    assert twin.param_groups[0]["lr"] == 0.25


def test_repr_shows_the_arguments() -> None:
    """And the number of steps."""
    schedule = optim.StepLR(optimizer_of(1.0), 3)
    assert repr(schedule) == "StepLR(step_size=3, gamma=0.1, last_epoch=0)"
