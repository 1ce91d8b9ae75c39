"""Schedules: one cycle at its ends, and arguments that are refused."""

import math
import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import autograd_lite as ag
from autograd_lite import optim
from tests.test_optim_schedule import optimizer_of


def test_one_cycle_moves_the_momentum_the_other_way() -> None:
    """SGD's momentum, and Adam's beta1; none, if told."""
    sgd = optimizer_of(0.1)
    adam = optim.Adam([ag.zeros(1, requires_grad=True)])
    schedules = [optim.OneCycleLR(o, 1.0, total_steps=10) for o in (sgd, adam)]
    seen = []
    for _ in range(10):
        (group,), (other,) = sgd.param_groups, adam.param_groups
        assert other["betas"] == (group["momentum"], 0.999)
        seen.append(group["momentum"])
        for schedule in schedules:
            schedule.step()
    assert seen[0] == seen[-1] == 0.95
    assert seen[2] == min(seen) == pytest.approx(0.85)
    optim.OneCycleLR(sgd, 1.0, total_steps=10, cycle_momentum=False).step()
    assert sgd.param_groups[0]["momentum"] == 0.95
    with pytest.raises(ValueError, match="got AdaGrad, which has no momentum to cycle; give cycle"):
        optim.OneCycleLR(optim.AdaGrad([ag.zeros(1, requires_grad=True)]), 1.0, 10)


def test_one_cycle_ends() -> None:
    """One step more than total_steps is an error, and nothing changes."""
    optimizer = optimizer_of(0.1, 0.1)
    schedule = optim.OneCycleLR(optimizer, [1.0, 2.0], total_steps=3)
    for _ in range(3):
        schedule.step()
    before = optimizer.state_dict(), schedule.state_dict()
    assert schedule.get_last_lr() == [1.0 / 25 / 1e4, 2.0 / 25 / 1e4]
    with pytest.raises(ValueError, match="got 4 steps; expected at most total_steps=3"):
        schedule.step()
    assert (optimizer.state_dict(), schedule.state_dict()) == before


@given(st.integers(1, 5), st.floats(0.0, 1.0), st.booleans())
def test_one_cycle_may_be_short(total: int, pct: float, three: bool) -> None:
    """Where a phase has no step, the rates stay between the last and the highest."""
    schedule = optim.OneCycleLR(
        optimizer_of(0.1), 1.0, total_steps=total, pct_start=pct, three_phase=three
    )
    for _ in range(total):
        assert 1 / 25e4 * (1 - 1e-9) <= schedule.get_last_lr()[0] <= 1
        schedule.step()


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda o: optim.StepLR(o, 0), "StepLR: got step_size=0; expected an integer, at least 1"),
        (lambda o: optim.StepLR(o, 1, -1), "StepLR: got gamma=-1; expected a finite number"),
        (lambda o: optim.MultiStepLR(o, [5, 2]), "got milestones=[5, 2]; expected integers above"),
        (
            lambda o: optim.ExponentialLR(o, math.inf),
            "ExponentialLR: got gamma=inf; expected",
        ),
        (lambda o: optim.LinearLR(o, start_factor=-1), "LinearLR: got start_factor=-1; expected"),
        (lambda o: optim.LinearLR(o, total_iters=-2), "LinearLR: got total_iters=-2; expected"),
        (lambda o: optim.PolynomialLR(o, power=0), "PolynomialLR: got power=0; expected a finite"),
        (lambda o: optim.CosineAnnealingLR(o, 0), "CosineAnnealingLR: got T_max=0; expected an"),
        (
            lambda o: optim.CosineAnnealingWarmRestarts(o, 1, T_mult=0),
            "CosineAnnealingWarmRestarts: got T_mult=0; expected an integer, at least 1",
        ),
        (
            lambda o: optim.OneCycleLR(o, 1.0),
            "OneCycleLR: got epochs=None; expected an integer",
        ),
        (
            lambda o: optim.OneCycleLR(o, [1.0], 9),
            "OneCycleLR: got max_lr=[1.0]; expected a finite number, at least 0, or a list of 2",
        ),
        (
            lambda o: optim.OneCycleLR(o, 1.0, 9, anneal_strategy="sin"),
            "OneCycleLR: got anneal_strategy='sin'; expected 'cos' or 'linear'",
        ),
        (lambda o: optim.ReduceLROnPlateau(o, "mini"), "got mode='mini'; expected 'min' or 'max'"),
        (lambda o: optim.ReduceLROnPlateau(o, factor=1.0), "ReduceLROnPlateau: got factor=1.0;"),
        (lambda _: optim.ChainedScheduler([]), "ChainedScheduler: got no schedules; expected at"),
        (
            lambda o: optim.ChainedScheduler(
                [optim.StepLR(o, 1), optim.StepLR(optimizer_of(1), 1)]
            ),
            "ChainedScheduler: number 1 is of another optimizer; expected one for all",
        ),
        (
            lambda o: optim.SequentialLR(o, [optim.StepLR(o, 1), optim.StepLR(o, 1)], [1, 2]),
            "SequentialLR: got milestones=[1, 2]; expected 1 integers above 0, in order",
        ),
    ],
)
def test_a_bad_argument_is_quoted(make: Any, message: str) -> None:
    """The error has the schedule, the argument, its value and what is expected."""
    with pytest.raises(ValueError, match=re.escape(message)):
        make(optimizer_of(0.1, 0.1))


def test_wrong_kinds_are_refused() -> None:
    """No optimizer, no schedule, no factor."""
    with pytest.raises(TypeError, match="StepLR: got a list; expected an optimizer, such as SGD"):
        optim.StepLR([], 1)  # type: ignore[arg-type]
    optimizer = optimizer_of(0.1)
    with pytest.raises(TypeError, match="got a SGD as number 0; expected a schedule"):
        optim.SequentialLR(optimizer, [optimizer], [])  # type: ignore[list-item]
    with pytest.raises(NotImplementedError, match=r"LRScheduler: has no factor_at\(step\); define"):
        optim.LRScheduler(optimizer)


def test_all_that_is_wrong_with_a_combination_is_listed() -> None:
    """Each of its schedules is named; nothing changes, also for values that cannot be."""
    optimizer = optimizer_of(0.1)
    parts = [optim.StepLR(optimizer, 2), optim.ExponentialLR(optimizer, 0.5)]
    schedule = optim.ChainedScheduler(parts)
    schedule.step()
    before = schedule.state_dict(), optimizer.state_dict()
    bad = {**before[0], "schedulers": [{}, 7]}
    with pytest.raises(ValueError, match=r"got \[\]; .* in schedulers\[0\]; int; .*s\[1\]"):
        schedule.load_state_dict(bad)
    with pytest.raises(ValueError, match=r"got int as schedulers; expected the states of 2"):
        schedule.load_state_dict({**before[0], "schedulers": 7})
    first = {**before[0]["schedulers"][0], "last_epoch": "two"}
    second = before[0]["schedulers"][1]
    with pytest.raises(ValueError, match=r"ChainedScheduler.load_state_dict: got a state with bad"):
        schedule.load_state_dict({"last_epoch": "one", "schedulers": [first, second]})
    assert (schedule.state_dict(), optimizer.state_dict()) == before
