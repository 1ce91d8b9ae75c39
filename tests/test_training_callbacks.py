"""What `fit` calls: hooks in their order, early stopping, logs on disk."""

from __future__ import annotations

import builtins
import csv
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import autograd_lite as ag
from autograd_lite import nn, optim
from autograd_lite.training import Callback, CSVLogger, EarlyStopping, TensorBoardLogger
from tests.training_problems import network, regression, sgd, weights

if TYPE_CHECKING:
    from pathlib import Path


def train(*callbacks: Callback, epochs: int = 3, model: Any = None, **settings: Any) -> Any:
    """A run of two steps an epoch."""
    model = model or network()
    settings = {"validation": regression(9), "progress": False, "batch_size": 20, **settings}
    return ag.fit(
        model,
        nn.MSELoss(),
        sgd(model),
        regression(),
        epochs=epochs,
        callbacks=callbacks,
        **settings,
    )


class Hooks(Callback):
    """Notes which hook was called when."""

    def __init__(self) -> None:
        self.seen: list[tuple[Any, ...]] = []

    def on_fit_begin(self, run: Any) -> None:
        """Note it."""
        self.seen.append(("fit begins", run.epoch, run.step, run.steps))

    def on_epoch_begin(self, run: Any) -> None:
        """Note it."""
        self.seen.append(("epoch begins", run.epoch, run.step))

    def on_step_end(self, run: Any) -> None:
        """Note it."""
        self.seen.append(("step", run.epoch, run.step, sorted(run.logs)))

    def on_epoch_end(self, run: Any) -> None:
        """Note it."""
        self.seen.append(("epoch ends", run.epoch, run.step, run.history.epochs))

    def on_fit_end(self, run: Any) -> None:
        """Note it."""
        self.seen.append(("fit ends", run.epoch, run.history.epochs, run.error))


def test_hooks_are_called_in_their_order() -> None:
    hooks = Hooks()
    train(hooks, epochs=2)
    assert hooks.seen == [
        ("fit begins", 0, 0, 2),
        ("epoch begins", 1, 0),
        ("step", 1, 1, ["loss"]),
        ("step", 1, 2, ["loss"]),
        ("epoch ends", 1, 2, 0),
        ("epoch begins", 2, 0),
        ("step", 2, 1, ["loss"]),
        ("step", 2, 2, ["loss"]),
        ("epoch ends", 2, 2, 1),
        ("fit ends", 2, 2, None),
    ]


def test_a_callback_adds_columns_and_stops_after_a_step() -> None:
    """The row of an epoch that was not finished is not in the history."""

    class Third(Callback):
        def on_epoch_end(self, run: Any) -> None:
            run.logs["twice"] = 2 * run.logs["loss"]

        def on_step_end(self, run: Any) -> None:
            run.stop = run.epoch == 3

    hooks = Hooks()
    history = train(Third(), hooks, epochs=9)
    assert history["twice"] == [2 * value for value in history["loss"]]
    assert history.epochs == 2
    assert [seen[:3] for seen in hooks.seen[-3:]] == [
        ("epoch begins", 3, 0),
        ("step", 3, 1),
        ("fit ends", 3, 2),
    ]
    assert not history.interrupted


# ---- early stopping


class Scripted(Callback):
    """Writes given numbers into the logs, and remembers the weights of each epoch."""

    def __init__(self, numbers: list[float]) -> None:
        self.numbers = numbers
        self.weights: list[Any] = []

    def on_epoch_end(self, run: Any) -> None:
        """Do both."""
        run.logs["score"] = self.numbers[run.epoch - 1]
        self.weights.append(weights(run.model))


@given(
    numbers=st.lists(st.sampled_from([1.0, 2.0, 2.5, 3.0, float("nan")]), min_size=1, max_size=9),
    patience=st.integers(1, 3),
    min_delta=st.sampled_from([0.0, 0.6]),
    mode=st.sampled_from(["min", "max"]),
)
def test_it_stops_when_nothing_is_better_and_restores_the_best(
    numbers: list[float], patience: int, min_delta: float, mode: str
) -> None:
    """As a plain reading of the rule says, buffers included."""
    best, best_epoch, stopped = None, 0, len(numbers)
    for epoch, number in enumerate(numbers, start=1):
        sign = 1 if mode == "min" else -1
        if not np.isnan(number) and (best is None or sign * (best - number) > min_delta):
            best, best_epoch = number, epoch
        elif epoch - best_epoch == patience:
            stopped = epoch
            break
    model = nn.Sequential(nn.BatchNorm1d(3), nn.Linear(3, 1))
    scripted = Scripted(numbers)
    stopping = EarlyStopping("score", patience, min_delta, mode)
    history = train(scripted, stopping, epochs=len(numbers), model=model)
    assert history.epochs == stopped
    assert (stopping.best, stopping.best_epoch) == (best, best_epoch)
    assert weights(model) == scripted.weights[best_epoch - 1]  # the last one, if none was best


def test_it_may_leave_the_weights_as_they_are_and_begins_anew_in_the_next_fit() -> None:
    scripted = Scripted([1.0, 2.0, 3.0, 0.0])
    stopping = EarlyStopping("score", patience=2, restore_best=False)
    model = network()
    for _ in range(2):
        scripted.weights = []
        assert train(scripted, stopping, epochs=4, model=model).epochs == 3
        assert weights(model) == scripted.weights[-1]
        assert stopping.best_epoch == 1


def test_it_looks_at_the_validation_if_there_is_one() -> None:
    for validation, name in ((regression(9), "val_loss"), (None, "loss")):
        stopping = EarlyStopping()
        history = train(stopping, validation=validation)
        assert stopping.best == min(history[name])


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"patience": 0}, "EarlyStopping: got patience=0; expected an integer, at least 1"),
        ({"min_delta": -1}, "EarlyStopping: got min_delta=-1; expected a finite number"),
        ({"mode": "auto"}, "EarlyStopping: got mode='auto'; expected 'min' or 'max'"),
        ({"monitor": "f1"}, "EarlyStopping: got monitor='f1'; expected one of .*'val_loss'"),
    ],
)
def test_its_wrong_settings_are_named(settings: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        train(EarlyStopping(**settings))


# ---- logs


def test_csv_has_the_history(tmp_path: Path) -> None:
    """Each line is on disk when its epoch is over; the next fit begins anew."""
    path = tmp_path / "logs" / "run.csv"
    lines: list[int] = []

    class Count(Callback):
        def on_epoch_end(self, run: Any) -> None:  # noqa: ARG002  # what a hook is given
            lines.append(len(path.read_text().splitlines()))

    for _ in range(2):
        history = train(CSVLogger(path), Count())
    assert lines == [2, 3, 4] * 2
    with path.open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert [list(row) for row in rows] == [list(history)] * 3
    for name, column in history.items():
        assert [float(row[name]) for row in rows] == column


def test_tensorboard_has_the_history(tmp_path: Path) -> None:
    """A scalar for each column at each epoch."""
    from tensorboardX.proto.event_pb2 import Event  # noqa: PLC0415  # slow

    history = train(TensorBoardLogger(tmp_path))
    (path,) = tmp_path.iterdir()
    data, found = path.read_bytes(), []
    while data:  # records: length, its checksum, the event, its checksum
        size = int.from_bytes(data[:8], "little")
        event = Event.FromString(data[12 : 12 + size])
        found += [(value.tag, event.step, value.simple_value) for value in event.summary.value]
        data = data[16 + size :]
    for name in ("loss", "val_loss", "lr", "seconds"):
        points = [(step, value) for tag, step, value in found if tag == name]
        assert [step for step, _ in points] == [1, 2, 3]
        np.testing.assert_allclose([value for _, value in points], history[name], rtol=1e-6)


def test_a_missing_tensorboard_says_how_to_get_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    real = builtins.__import__

    def without(name: str, *args: Any, **kwargs: Any) -> Any:
        if name.startswith("tensorboardX"):
            raise ImportError(name)
        return real(name, *args, **kwargs)

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(ImportError, match=r'pip install "autograd-lite\[logs\]"'):
        train(TensorBoardLogger(tmp_path))


@pytest.mark.parametrize("logger", [CSVLogger, TensorBoardLogger])
def test_a_logger_wants_a_path(logger: Any) -> None:
    with pytest.raises(TypeError, match="got 3; expected a path"):
        logger(3)


def test_a_schedule_of_ones_own_can_be_a_callback() -> None:
    """A callback may change the optimizer."""

    class Halve(Callback):
        def on_epoch_end(self, run: Any) -> None:
            for group in run.optimizer.param_groups:
                group["lr"] /= 2

    model = network()
    history = ag.fit(
        model,
        nn.MSELoss(),
        optim.Adam(model.parameters(), lr=1.0),
        regression(),
        epochs=3,
        callbacks=[Halve()],
        progress=False,
    )
    assert history["lr"] == [1.0, 0.5, 0.25]
