"""ReduceLROnPlateau, by itself and combined."""

import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

import autograd_lite as ag
from autograd_lite import optim
from tests.test_optim_schedule import optimizer_of


def literal(metrics: list[float], mode: str, patience: int, cooldown: int, **rest: object) -> int:
    """How often the rate is reduced, as the rule is usually told."""
    threshold, relative = rest["threshold"], rest["threshold_mode"] == "rel"
    assert isinstance(threshold, float)
    best, bad, cooling, reductions = math.inf if mode == "min" else -math.inf, 0, 0, 0
    for metric in metrics:
        if mode == "min":
            better = metric < (best * (1 - threshold) if relative else best - threshold)
        else:
            better = metric > (best * (1 + threshold) if relative else best + threshold)
        if math.isinf(best):
            better = True
        best, bad = (metric, 0) if better else (best, bad + 1)
        if cooling > 0:
            cooling, bad = cooling - 1, 0
        if bad > patience:
            reductions, cooling, bad = reductions + 1, cooldown, 0
    return reductions


@given(
    st.lists(st.integers(1, 8).map(float), max_size=40),
    st.sampled_from(["min", "max"]),
    st.integers(0, 3),
    st.integers(0, 3),
    st.floats(0, 0.5),
    st.sampled_from(["rel", "abs"]),
)
def test_it_reduces_as_the_rule_says(
    metrics: list[float], mode: str, patience: int, cooldown: int, threshold: float, relative: str
) -> None:
    """Patience, cooldown, threshold and mode, against the usual telling."""
    settings = {"threshold": threshold, "threshold_mode": relative}
    schedule = optim.ReduceLROnPlateau(
        optimizer_of(1.0, 0.5), mode, 0.5, patience, threshold, relative, cooldown
    )
    for metric in metrics:
        schedule.step(metric)
    times = literal(metrics, mode, patience, cooldown, **settings)
    assert schedule.get_last_lr() == [0.5**times, 0.5 * 0.5**times]


def test_negative_metrics_become_better_downwards() -> None:
    """A relative threshold is a part of the best metric's size, whatever its sign."""
    schedule = optim.ReduceLROnPlateau(optimizer_of(1.0), patience=0, threshold=0.1)
    for metric in (-1.0, -2.0, -3.0):
        schedule.step(metric)
    assert schedule.get_last_lr() == [1.0]
    schedule.step(-3.2)
    assert schedule.get_last_lr() == [0.1]


def test_the_lowest_rate_stays() -> None:
    """min_lr, for all groups or for each; a rate that was lower from the beginning stays too."""
    schedule = optim.ReduceLROnPlateau(optimizer_of(1.0, 1e-4), patience=0, min_lr=[0.05, 0.01])
    for _ in range(5):
        schedule.step(1.0)
    assert schedule.get_last_lr() == [0.05, 1e-4]


def test_tensors_are_metrics_and_nan_is_never_better() -> None:
    """A loss as it comes from the model; nan counts as bad, also at first."""
    schedule = optim.ReduceLROnPlateau(optimizer_of(1.0), patience=1)
    for value in (math.nan, 3.0, math.nan):
        schedule.step(ag.tensor([value]))
    assert (schedule.best, schedule.num_bad_epochs) == (3.0, 1)


def test_the_metric_goes_to_whom_it_concerns() -> None:
    """Without it, and with one that nobody wants, there is an error; nothing is counted."""
    plateau = optim.ReduceLROnPlateau(optimizer_of(1.0))
    with pytest.raises(ValueError, match=r"ReduceLROnPlateau.step: got none as metric; expected"):
        plateau.step()
    with pytest.raises(TypeError, match=r"got 'low'; expected a loss, which is one number"):
        plateau.step("low")
    counting = optim.StepLR(optimizer_of(1.0), 1)
    with pytest.raises(ValueError, match=r"StepLR.step: got 3 as metric; expected none \(Reduce"):
        counting.step(3)
    assert (plateau.last_epoch, counting.last_epoch) == (0, 0)


@pytest.mark.parametrize("kind", ["chained", "sequential"])
def test_a_warm_up_and_a_plateau(kind: str) -> None:
    """Together or one after the other, saved and resumed in the middle."""

    def make() -> tuple[optim.SGD, optim.LRScheduler]:
        optimizer = optimizer_of(1.0)
        warm_up = optim.LinearLR(optimizer, start_factor=0.5, total_iters=2)
        plateau = optim.ReduceLROnPlateau(optimizer, factor=0.1, patience=0)
        if kind == "chained":
            return optimizer, optim.ChainedScheduler([warm_up, plateau])
        return optimizer, optim.SequentialLR(optimizer, [warm_up, plateau], milestones=[2])

    optimizer, schedule = make()
    seen = schedule.get_last_lr()
    for step in range(4):
        if step == 3:
            saved = json.dumps([optimizer.state_dict(), schedule.state_dict()])
            optimizer, schedule = make()
            first, second = json.loads(saved)
            optimizer.load_state_dict(first)
            schedule.load_state_dict(second)
        schedule.step(1.0)
        seen += schedule.get_last_lr()
    expected = [0.5, 0.75, 0.1, 0.01, 0.001] if kind == "chained" else [0.5, 0.75, 1.0, 1.0, 0.1]
    assert seen == pytest.approx(expected)
    with pytest.raises(ValueError, match="got none as metric"):
        schedule.step()
