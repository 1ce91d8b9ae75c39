"""A run that is stopped and resumed is, bit for bit, the run that was never stopped."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

import autograd_lite as ag
from autograd_lite import nn, optim
from autograd_lite.creation import get_generator
from autograd_lite.data import DataLoader
from autograd_lite.random_state import random_state
from autograd_lite.training import Callback, CSVLogger, EarlyStopping
from tests.training_problems import classes, network, sgd, weights, without_seconds

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

EPOCHS = 3


class StopAfter(Callback):
    """Stops after some steps, as Ctrl-C does, or asks for a checkpoint then and fails later."""

    def __init__(self, steps: int | None, *, crash: bool = False) -> None:
        self.left, self.crash = steps, crash

    def on_step_end(self, run: Any) -> None:
        """Count."""
        if self.left is None:
            return
        self.left -= 1
        if self.left == 0 and self.crash:
            run.save()
        elif self.left == 0:
            run.stop = True
        elif self.left == -2:
            message = "the power went off"
            raise RuntimeError(message)


def train(
    folder: Path | None,
    stop: StopAfter,
    form: Callable[[Any], Any],
    accumulate: int = 1,
    **settings: Any,
) -> tuple[Any, ...]:
    """A run with everything that has a state; its results."""
    model = nn.Sequential(network(3, dropout=0.3), nn.BatchNorm1d(3))
    optimizer = optim.Adam(model.parameters(), lr=0.02)
    schedule = optim.CosineAnnealingLR(optimizer, 40)
    stopping = EarlyStopping(patience=2)
    history = ag.fit(
        model,
        nn.SoftmaxCrossEntropyLoss(),
        optimizer,
        form(classes()),
        epochs=EPOCHS,
        validation=classes(9),
        metrics="accuracy",
        scheduler=schedule,
        scheduler_every="step",
        accumulate=accumulate,
        checkpoint=folder,
        callbacks=[stopping, stop],
        progress=False,
        **settings,
    )
    assert isinstance(history, ag.training.History)
    return without_seconds(history), weights(model), optimizer.state_dict()["param_groups"]


FORMS = {
    "arrays": (lambda data: data, {"batch_size": 7}),
    "loader": (lambda data: DataLoader(data, 7, shuffle=True), {}),
    "list": (lambda data: [(data[0][i : i + 7], data[1][i : i + 7]) for i in range(0, 40, 7)], {}),
}


@functools.cache
def uninterrupted(form: str, accumulate: int) -> tuple[Any, ...]:
    """The results of a run that nothing stops."""
    make, settings = FORMS[form]
    ag.manual_seed(7)
    return train(None, StopAfter(None), make, accumulate, **settings)


@given(
    form=st.sampled_from(sorted(FORMS)),
    crash=st.booleans(),
    accumulate=st.sampled_from([1, 4]),
    steps=st.integers(1, 8),
)
@example(form="arrays", crash=False, accumulate=1, steps=6)  # an epoch's last step
@example(form="loader", crash=True, accumulate=4, steps=2)  # the same, of fewer batches
def test_it_resumes_bit_for_bit(
    tmp_path_factory: pytest.TempPathFactory, form: str, crash: bool, accumulate: int, steps: int
) -> None:
    """In the middle of an epoch too: after a stop, and after a crash behind a saved step."""
    make, settings = FORMS[form]
    whole = uninterrupted(form, accumulate)
    folder = tmp_path_factory.mktemp("run")
    ag.manual_seed(7)
    try:
        train(folder, StopAfter(steps, crash=crash), make, accumulate, **settings)
    except RuntimeError as error:
        assert str(error) == "the power went off"  # noqa: PT017  # it need not come that far
    ag.manual_seed(99)  # the state of the generators comes from the checkpoint
    resumed = train(folder, StopAfter(None), make, accumulate, resume=True, **settings)
    assert resumed == whole


def test_resuming_what_is_over_changes_nothing(tmp_path: Path) -> None:
    """Neither the weights nor the history; nor is anything there to resume before the first run."""
    make, settings = FORMS["arrays"]
    ag.manual_seed(7)
    first = train(tmp_path, StopAfter(None), make, resume=True, **settings)
    assert train(tmp_path, StopAfter(None), make, resume=True, **settings) == first


def test_an_early_stop_stays_one(tmp_path: Path) -> None:
    """The best weights are restored again, and no epoch is added."""

    class Worse(Callback):
        def on_epoch_end(self, run: Any) -> None:
            run.logs["score"] = run.epoch

    results = []
    for resume in (False, True):
        model = network(3)
        history = ag.fit(
            model,
            nn.SoftmaxCrossEntropyLoss(),
            sgd(model),
            classes(),
            epochs=9,
            callbacks=[Worse(), EarlyStopping("score", patience=2)],
            monitor="score",
            checkpoint=tmp_path,
            resume=resume,
            progress=False,
        )
        results.append((history, weights(model)))
    assert results[0] == results[1]
    assert results[0][0].epochs == 3


def test_the_csv_of_a_resumed_run_is_the_history(tmp_path: Path) -> None:
    """No line twice, also when the crash came between the line and the checkpoint."""

    class Crash(Callback):
        def __init__(self, epoch: int) -> None:
            self.epoch = epoch

        def on_epoch_end(self, run: Any) -> None:
            if run.epoch == self.epoch:
                raise KeyboardInterrupt

    path = tmp_path / "log.csv"
    for crash in (3, -1):
        model = network(3)
        try:
            history = ag.fit(
                model,
                nn.SoftmaxCrossEntropyLoss(),
                sgd(model),
                classes(),
                epochs=EPOCHS,
                callbacks=[CSVLogger(path), Crash(crash)],
                checkpoint=tmp_path / "run",
                resume=True,
                progress=False,
            )
        except KeyboardInterrupt:
            assert len(path.read_text().splitlines()) == 4
    lines = path.read_text().splitlines()[1:]
    assert [line.split(",")[0] for line in lines] == list(map(str, history["epoch"]))


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
    make, settings = FORMS["arrays"]
    train(tmp_path, StopAfter(None), make, **settings)
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
