"""What `fit` does around a step: accumulation, clipping, schedules, closures."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import autograd_lite as ag
from autograd_lite import nn, optim
from autograd_lite.data import DataLoader
from tests.training_problems import network, regression, sgd, weights


@given(sizes=st.lists(st.integers(1, 7), min_size=1, max_size=7), accumulate=st.integers(1, 4))
def test_accumulated_batches_are_one_batch(sizes: list[int], accumulate: int) -> None:
    """Whatever their sizes, in the last and smaller group too, for means and for sums."""
    x, y = regression(sum(sizes), "float64")
    edges = np.cumsum([0, *sizes])
    small = [(x[a:b], y[a:b]) for a, b in pairwise(edges)]
    joined = [*edges[::accumulate], *([edges[-1]] if len(sizes) % accumulate else [])]
    large = [(x[a:b], y[a:b]) for a, b in pairwise(joined)]
    for reduction in ("mean", "sum"):
        models = [network(dtype="float64") for _ in range(2)]
        loss = nn.MSELoss(reduction=reduction)
        histories = [
            ag.fit(models[0], loss, sgd(models[0]), large, epochs=2, progress=False),
            ag.fit(
                models[1],
                loss,
                sgd(models[1]),
                small,
                epochs=2,
                accumulate=accumulate,
                progress=False,
            ),
        ]
        np.testing.assert_allclose(histories[0]["loss"], histories[1]["loss"], rtol=1e-10)
        for name, value in models[0].state_dict().items():
            np.testing.assert_allclose(value, models[1].state_dict()[name], rtol=1e-9, atol=1e-12)


# ---- the optimizer


def test_a_rule_that_needs_a_closure_is_given_one() -> None:
    """LBFGS solves a linear problem; the loss of an epoch is that at its start."""
    x, _ = regression(dtype="float64")
    y = x @ [[1.0], [2.0], [3.0]] + 0.5
    model = nn.Linear(3, 1, dtype="float64")
    before = nn.MSELoss()(model(x), y).item()
    history = ag.fit(
        model,
        nn.MSELoss(),
        optim.LBFGS(model.parameters()),
        [(x[:10], y[:10]), (x[10:], y[10:])],
        accumulate=2,
        epochs=3,
        progress=False,
    )
    assert history["loss"][0] == pytest.approx(before)
    assert history["loss"][-1] < 1e-10
    np.testing.assert_allclose(model.weight.numpy().ravel(), [1, 2, 3], atol=1e-5)


@pytest.mark.parametrize("setting", [{"clip_norm": 0.01}, {"clip_value": 0.002}])
def test_clipping_is_the_optimizers_for_the_time(setting: dict[str, float]) -> None:
    """The same as its own setting, which is back afterwards."""
    x, y = regression()
    models = [network() for _ in range(2)]
    own = sgd(models[0], **setting)
    ag.fit(models[0], nn.MSELoss(), own, (x, y), shuffle=False, progress=False)
    optimizer = sgd(models[1], clip_norm=7.0)
    ag.fit(
        models[1],
        nn.MSELoss(),
        sgd(models[1]),
        (x, y),
        shuffle=False,
        progress=False,
        **setting,  # type: ignore[arg-type]  # one of several
    )
    assert weights(models[0]) == weights(models[1]) != weights(network())
    ag.fit(models[1], nn.MSELoss(), optimizer, (x, y), clip_norm=1.0, progress=False)
    assert optimizer.param_groups[0]["clip_norm"] == 7.0


def test_schedules_are_stepped_by_epochs_or_by_steps() -> None:
    """And the history has the rate of an epoch's last step."""
    x, y = regression()
    rates = {}
    for every, total in (("epoch", 4), ("step", 20)):
        model = network()
        optimizer = sgd(model, lr=1.0)
        schedule = optim.PolynomialLR(optimizer, total_iters=total)
        rates[every] = ag.fit(
            model,
            nn.MSELoss(),
            optimizer,
            DataLoader((x, y), 8),
            epochs=4,
            scheduler=schedule,
            scheduler_every=every,
            progress=False,
        )["lr"]
        assert schedule.last_epoch == total
    assert rates["epoch"] == [1.0, 0.75, 0.5, 0.25]
    np.testing.assert_allclose(rates["step"], [0.8, 0.55, 0.3, 0.05])


@pytest.mark.parametrize(("monitor", "mode"), [(None, "min"), ("loss", "min"), ("val_r2", "max")])
def test_a_plateau_is_seen_in_what_is_monitored(monitor: str | None, mode: str) -> None:
    """The loss in validation, unless told otherwise."""
    x, y = regression()
    model = network()
    optimizer = sgd(model, lr=1e-4)
    schedule = optim.ReduceLROnPlateau(optimizer, mode=mode, patience=100)
    history = ag.fit(
        model,
        nn.MSELoss(),
        optimizer,
        (x, y),
        validation=(x[:9], y[:9]),
        metrics={"r2": lambda true, predicted: 1 - np.var(true - predicted) / np.var(true)},
        epochs=3,
        scheduler=schedule,
        monitor=monitor,
        progress=False,
    )
    best = min if mode == "min" else max
    assert schedule.best == best(history[monitor or "val_loss"])
