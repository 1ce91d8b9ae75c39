"""`fit` computes what the loop computes that it stands for."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

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
