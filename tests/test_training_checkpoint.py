"""What `fit` asks of a checkpoint, and what it refuses to resume."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

import autograd_lite as ag
from autograd_lite import nn, optim
from autograd_lite.creation import get_generator
from autograd_lite.data import DataLoader
from autograd_lite.random_state import random_state
from autograd_lite.training import Callback, CSVLogger, EarlyStopping
from tests.training_problems import StopAfter, classes, network, sgd, weights

if TYPE_CHECKING:
    from pathlib import Path

EPOCHS = 3


def test_the_best_epochs_are_kept(tmp_path: Path) -> None:
    """By the loss in validation, or what is monitored; in a checkpoint of one's own."""
    model = network(3)
    optimizer = sgd(model)
    checkpoint = ag.Checkpoint(
        tmp_path, model=model, optimizer=optimizer, keep_best=1, keep_last=1, mode="max"
    )
    history = ag.fit(
        model,
        nn.SoftmaxCrossEntropyLoss(),
        optimizer,
        classes(),
        epochs=EPOCHS,
        validation=classes(9),
        checkpoint=checkpoint,
        monitor="lr",
        callbacks=[_Rates([1.0, 3.0, 2.0])],
        progress=False,
    )
    progress = checkpoint.restore("best")
    assert history["lr"] == [0.1, 1.0, 3.0]
    assert progress is not None
    assert (progress.epoch, progress.score) == (3, 3.0)


class _Rates(Callback):
    """Sets the learning rate of the next epoch."""

    def __init__(self, rates: list[float]) -> None:
        self.rates = rates

    def on_epoch_end(self, run: Any) -> None:
        run.optimizer.param_groups[0]["lr"] = self.rates[run.epoch - 1]


def test_a_checkpoint_must_hold_what_is_trained(tmp_path: Path) -> None:
    """The model, the optimizer and the schedule: else a resumed run would be another one."""
    model = network(3)
    optimizer = sgd(model)
    schedule = optim.StepLR(optimizer, 3)
    data = classes()
    loss = nn.SoftmaxCrossEntropyLoss()
    cases: list[tuple[dict[str, Any], str]] = [
        ({"model": network(3), "optimizer": optimizer}, "another model"),
        ({"model": model}, "another optimizer"),
        ({"model": model, "optimizer": optimizer}, "another scheduler"),
    ]
    for parts, missing in cases:
        checkpoint = ag.Checkpoint(tmp_path, **parts)
        with pytest.raises(ValueError, match=f"got a checkpoint of {missing} than"):
            ag.fit(model, loss, optimizer, data, scheduler=schedule, checkpoint=checkpoint)
    assert not list(tmp_path.iterdir())


def test_a_checkpoint_of_something_else_is_refused(tmp_path: Path) -> None:
    """One with other callbacks, and one that was not saved by fit."""
    model = network(3)
    optimizer = sgd(model)
    run = (model, nn.SoftmaxCrossEntropyLoss(), optimizer, classes())
    checkpoint = ag.Checkpoint(tmp_path / "other", model=model, optimizer=optimizer)
    checkpoint.save(epoch=1)
    with pytest.raises(ValueError, match="was not saved by fit"):
        ag.fit(*run, checkpoint=checkpoint, resume=True, progress=False)
    ag.fit(*run, checkpoint=checkpoint, callbacks=[EarlyStopping()], progress=False)
    with pytest.raises(ValueError, match=r"got 0 callbacks, and .* state of 1; expected those"):
        ag.fit(*run, checkpoint=checkpoint, resume=True, progress=False)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"callbacks": [CSVLogger("log.csv")]}, "got 1 callbacks, and"),
        ({"data": [classes()]}, "got list as data, and .* of a run with another kind"),
        ({"data": DataLoader(classes(30), 7)}, "got .*rows"),
        ({"accumulate": 2}, "got accumulate=2, and .* whose steps have accumulate=1"),
        ({"callbacks": [CSVLogger("a"), EarlyStopping()]}, "EarlyStopping.load_state_dict: got"),
    ],
)
def test_a_resume_that_fails_changes_nothing(
    tmp_path: Path, change: dict[str, Any], message: str
) -> None:
    """Neither the model, nor the optimizer, nor the data, nor the generators."""
    model = network(3)
    settings: dict[str, Any] = {
        "loss": nn.SoftmaxCrossEntropyLoss(),
        "data": DataLoader(classes(), 7),
        "callbacks": [EarlyStopping(), StopAfter(3)],
        "checkpoint": tmp_path,
        "progress": False,
    }
    ag.fit(model, optimizer=optim.Adam(model.parameters()), **settings)
    other = network(3)
    optimizer = optim.Adam(other.parameters(), lr=0.3)
    settings.update(change)
    before = weights(other), repr(optimizer), optimizer.state_dict(), random_state(get_generator())
    with pytest.raises(ValueError, match=message):
        ag.fit(other, optimizer=optimizer, resume=True, **settings)
    after = weights(other), repr(optimizer), optimizer.state_dict(), random_state(get_generator())
    assert before == after
    if isinstance(settings["data"], DataLoader):
        assert settings["data"].state_dict()["epoch"] is None


class SaveAt(Callback):
    """Saves in a hook."""

    def __init__(self, hook: str) -> None:
        setattr(self, hook, lambda run: run.save())


@pytest.mark.parametrize(
    ("hook", "checkpoint", "message"),
    [
        ("on_step_end", None, "this fit has no checkpoint"),
        ("on_epoch_end", "run", "got a call between two steps"),
        ("on_epoch_begin", "run", "got a call between two steps"),
        ("on_fit_begin", "run", "got a call between two steps"),
    ],
)
def test_a_callback_may_save_after_steps(
    hook: str, checkpoint: str | None, message: str, tmp_path: Path
) -> None:
    """Where there is a checkpoint; between steps, callbacks have half done their work."""
    model = network(3)
    with pytest.raises(RuntimeError, match=message):
        ag.fit(
            model,
            nn.SoftmaxCrossEntropyLoss(),
            sgd(model),
            classes(),
            callbacks=[SaveAt(hook)],
            checkpoint=None if checkpoint is None else tmp_path / checkpoint,
            progress=False,
        )
    assert not list(tmp_path.iterdir())
