"""`fit` computes what the loop computes that it stands for."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import autograd_lite as ag
from autograd_lite import nn, optim
from autograd_lite.data import DataLoader, TensorDataset
from tests.training_problems import classes, network, regression, sgd, weights, without_seconds


def by_hand(model: nn.Module, loss: Any, optimizer: Any, loader: Any, epochs: int) -> list[float]:
    """The loop that one would write, and the mean loss of each epoch."""
    losses = []
    for _ in range(epochs):
        total, rows = 0.0, 0
        for x, y in loader:
            value = loss(model(x), y)
            optimizer.zero_grad()
            value.backward()
            optimizer.step()
            total += value.item() * (1 if loss.reduction == "sum" else len(y))
            rows += len(y)
        losses.append(total / rows)
    return losses


@pytest.mark.parametrize("reduction", ["mean", "sum"])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_it_is_the_loop_to_the_bit(reduction: str, dtype: str) -> None:
    """Weights and losses, with dropout and shuffling, and a last batch that is smaller."""
    x, y = regression(dtype=dtype)
    loss = nn.MSELoss(reduction=reduction)
    twins = [network(dtype=dtype, dropout=0.3) for _ in range(2)]
    ag.manual_seed(5)
    expected = by_hand(twins[0], loss, sgd(twins[0]), DataLoader((x, y), 16, shuffle=True), 4)
    ag.manual_seed(5)
    history = ag.fit(twins[1], loss, sgd(twins[1]), (x, y), batch_size=16, epochs=4, progress=False)
    assert history["loss"] == expected
    assert weights(twins[0]) == weights(twins[1])
    assert history["epoch"] == [1, 2, 3, 4]
    assert history["lr"] == [0.1] * 4


@pytest.mark.parametrize(
    "data",
    [
        lambda x, y: (x, y),
        lambda x, y: (ag.tensor(x), ag.tensor(y)),
        TensorDataset,
        lambda x, y: DataLoader((x, y), 8),
        lambda x, y: [(x[i : i + 8], y[i : i + 8]) for i in range(0, 40, 8)],
    ],
    ids=["arrays", "tensors", "dataset", "loader", "list"],
)
def test_every_form_of_data_gives_the_same(data: Any) -> None:
    """For training and for validation; settings of batches are for those that have none."""
    x, y = regression()
    made = data(x, y)
    settings: dict[str, Any] = (
        {} if isinstance(made, (DataLoader, list)) else {"batch_size": 8, "shuffle": False}
    )
    results = []
    forms: list[tuple[Any, dict[str, Any]]] = [(made, settings), (DataLoader((x, y), 8), {})]
    for given_data, given_settings in forms:
        model = network()
        history = ag.fit(
            model,
            nn.MSELoss(),
            sgd(model),
            given_data,
            validation=given_data,
            epochs=2,
            progress=False,
            **given_settings,
        )
        results.append((without_seconds(history), weights(model)))
    assert results[0] == results[1]


def test_arrays_are_shuffled_in_batches_of_32() -> None:
    """Unless told otherwise; by the library's generator, so that a seed decides."""
    x, y = regression(70)
    sizes: list[int] = []
    orders = []

    def step(model: Any, loss: Any, batch: Any) -> Any:
        sizes.append(len(batch[0]))
        orders.append(batch[0].numpy()[0, 0])
        output = model(batch[0])
        return loss(output, batch[1]), output, batch[1]

    for seed in (0, 0, 1):
        model = network()
        ag.manual_seed(seed)
        ag.fit(model, nn.MSELoss(), sgd(model), (x, y), progress=False, step=step)
    assert sizes == [32, 32, 6] * 3
    assert orders[:3] == orders[3:6] != orders[6:]


def test_validation_has_no_dropout_no_graph_and_no_effect() -> None:
    """Training goes on as if it were not there, and its loss is that of the model afterwards."""
    x, y = regression()
    models = [network(dropout=0.5) for _ in range(2)]
    seen = []

    def step(model: Any, loss: Any, batch: Any) -> Any:
        output = model(batch[0])
        seen.append((model.training, output.requires_grad))
        return loss(output, batch[1]), output, batch[1]

    for model, validation in zip(models, [(x[:7], y[:7]), None], strict=True):
        ag.manual_seed(0)
        history = ag.fit(
            model,
            nn.MSELoss(),
            sgd(model),
            (x, y),
            batch_size=20,
            validation=validation,
            progress=False,
            step=step,
        )
        if validation is not None:
            last = history["val_loss"][-1]
    assert weights(models[0]) == weights(models[1])
    assert seen == [(True, True)] * 2 + [(False, False)] + [(True, True)] * 2
    expected = nn.MSELoss()(models[0].eval()(x[:7]), y[:7]).item()
    assert last == pytest.approx(expected, rel=1e-6)


def test_parts_keep_their_modes() -> None:
    """A frozen part stays in evaluation mode; a model that is in it as a whole is trained."""
    x, y = regression()
    frozen = nn.BatchNorm1d(3)
    model = nn.Sequential(frozen, nn.Dropout(0.5), nn.Linear(3, 1))
    for whole in (True, False):
        model.train(whole)
        frozen.eval()
        before = [part.training for part in model.modules()]
        during: list[bool] = []

        class Look(ag.training.Callback):
            def on_step_end(self, run: Any) -> None:
                during[:] = [part.training for part in run.model.modules()]  # noqa: B023

        ag.fit(
            model,
            nn.MSELoss(),
            sgd(model),
            (x, y),
            validation=(x, y),
            callbacks=[Look()],
            progress=False,
        )
        assert [part.training for part in model.modules()] == before
        assert during == ([True, False, True, True] if whole else [True] * 4)


# ---- accumulation


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


# ---- other batches and models


def test_a_step_of_ones_own_takes_any_batch() -> None:
    """Batches that are dicts, and a model of two inputs."""

    class Sum(nn.Module):
        def __init__(self) -> None:
            self.left, self.right = nn.Linear(3, 1), nn.Linear(3, 1)

        def forward(self, a: Any, b: Any) -> Any:
            return self.left(a) + self.right(b)

    def step(model: Any, loss: Any, batch: Any) -> Any:
        output = model(batch["a"], batch["b"])
        return loss(output, batch["y"]), output, batch["y"]

    x, y = regression()
    model = Sum()
    data = {"a": x, "b": x**2, "y": y}
    history = ag.fit(
        model,
        nn.MSELoss(),
        sgd(model),
        data,
        validation=data,
        step=step,
        epochs=20,
        accumulate=2,
        batch_size=10,
        progress=False,
    )
    assert history["val_loss"][-1] < history["val_loss"][0]


def test_a_loss_may_be_any_function() -> None:
    """It is taken for a mean over rows."""
    x, y = regression()
    model = network()
    history = ag.fit(
        model,
        lambda output, target: ((output - target) ** 2).mean(),
        sgd(model),
        (x, y),
        epochs=3,
        shuffle=False,
        progress=False,
    )
    twin = network()
    expected = ag.fit(
        twin, nn.MSELoss(), sgd(twin), (x, y), epochs=3, shuffle=False, progress=False
    )
    np.testing.assert_allclose(history["loss"], expected["loss"], rtol=1e-5)


@pytest.mark.parametrize("kind", ["indices", "rows"])
def test_classes_are_learned(kind: str) -> None:
    """From integers, and from one-hot rows."""
    x, y = classes(200)
    target = y if kind == "indices" else np.eye(3, dtype=np.float32)[y]
    model = network(3)
    history = ag.fit(
        model,
        nn.SoftmaxCrossEntropyLoss(),
        optim.Adam(model.parameters(), lr=0.02),
        (x, target),
        epochs=20,
        metrics="accuracy",
        progress=False,
    )
    right = model(x).numpy().argmax(axis=1) == y
    assert history["accuracy"][-1] > 0.9
    assert right.mean() > 0.9
