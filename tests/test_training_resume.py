"""A run that is stopped and resumed is, bit for bit, the run that was never stopped."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any

from hypothesis import example, given
from hypothesis import strategies as st

import autograd_lite as ag
from autograd_lite import nn, optim
from autograd_lite.data import DataLoader
from autograd_lite.training import Callback, CSVLogger, EarlyStopping
from tests.training_problems import StopAfter, classes, network, sgd, weights, without_seconds

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    import pytest

EPOCHS = 3


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
