"""Checkpoint: which files are kept, and what happens when one does not fit or cannot be read."""

import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import autograd_lite as ag
from autograd_lite import nn, optim
from autograd_lite.data import DataLoader


def bits(*parts: Any) -> str:
    """The states of some parts, to the last bit, to be compared."""
    with np.printoptions(threshold=100_000, floatmode="unique"):
        return repr([part.state_dict() for part in parts])


def make(folder: Path, **settings: Any) -> tuple[Any, ag.Checkpoint]:
    model = nn.Linear(2, 1)
    return model, ag.Checkpoint(folder / "run", model=model, **settings)


def steps(checkpoint: ag.Checkpoint) -> list[int]:
    """The steps of the files that are there, the oldest first."""
    return [
        int(path.name.split("-step-")[1].split("-")[0].split(".")[0]) for path in checkpoint.paths
    ]


def test_what_was_given_comes_back(tmp_path: Path) -> None:
    _, checkpoint = make(tmp_path)
    assert checkpoint.restore() is None
    assert checkpoint.restore("best") is None
    assert (checkpoint.paths, checkpoint.latest, checkpoint.best) == ([], None, None)
    history = {"loss": [0.5, math.inf], "when": ("a", None)}
    path = checkpoint.save(
        epoch=3, step=7, score=float(np.float32(0.5)), history=history, metadata={"seed": 2**99}
    )
    assert path.name == "checkpoint-000001-epoch-3-step-7-score-0.5.npz"
    assert checkpoint.paths == [path]
    assert checkpoint.latest == checkpoint.best == path
    for asked in (None, "best", path, str(path)):
        progress = checkpoint.restore(asked)
        assert progress == ag.saving.Progress(3, 7, 0.5, history, {"seed": 2**99}, path)
    assert "1 files" in repr(checkpoint)


@pytest.mark.parametrize(
    ("settings", "kept"),
    [
        ({}, [8]),
        ({"keep_last": 3}, [6, 7, 8]),
        ({"keep_last": None}, [1, 2, 3, 4, 5, 6, 7, 8]),
        ({"keep_best": 1}, [3, 8]),
        ({"keep_best": 2}, [3, 5, 8]),
        ({"keep_best": 1, "mode": "max"}, [7, 8]),
        ({"keep_best": 2, "mode": "max"}, [4, 7, 8]),
        ({"keep_last": 2, "keep_best": 99}, [1, 3, 4, 5, 7, 8]),
    ],
)
def test_the_newest_and_the_best_are_kept(
    tmp_path: Path, settings: dict[str, Any], kept: list[int]
) -> None:
    """Of equal scores the older; nan and None are no scores."""
    _, checkpoint = make(tmp_path, **settings)
    scores = [0.5, math.nan, 1e-05, 7.0, 1e-05, None, math.inf, None]
    for step, score in enumerate(scores, 1):
        path = checkpoint.save(epoch=0, step=step, score=score)
        assert path in checkpoint.paths
    progress = checkpoint.restore("best")
    if "keep_best" in settings:
        assert progress is not None
        assert progress.step == (7 if settings.get("mode") == "max" else 3)
    assert steps(checkpoint) == kept


def test_a_run_that_goes_back_to_the_best_goes_on_from_there(tmp_path: Path) -> None:
    """The newest is what was saved last, not the latest epoch."""
    model, checkpoint = make(tmp_path, keep_last=2, keep_best=1)
    for epoch, score in enumerate([3.0, 1.0, 2.0, 4.0]):
        model.weight.data[...] = epoch
        checkpoint.save(epoch=epoch, score=score)
    progress = checkpoint.restore("best")
    assert progress is not None
    assert progress.epoch == 1
    assert (model.weight == 1).all()
    checkpoint.save(epoch=2, score=1.5)
    latest = checkpoint.restore()
    assert latest is not None
    assert (latest.epoch, latest.score) == (2, 1.5)


def test_files_of_others_are_left_alone(tmp_path: Path) -> None:
    _, checkpoint = make(tmp_path)
    checkpoint.save(epoch=0)
    names = ["notes.txt", "checkpoint-mine.npz", "checkpoint-000009-epoch-1-step-2-score-x.npz~"]
    for name in names:
        (checkpoint.folder / name).write_text("x")
    dead = checkpoint.folder / f".checkpoint-000001-epoch-0-step-0.npz.{'0' * 16}.partial"
    dead.write_text("half")
    checkpoint.save(epoch=1)
    assert len(checkpoint.paths) == 1
    assert sorted(p.name for p in checkpoint.folder.iterdir() if p not in checkpoint.paths) == (
        sorted(names)
    )


def test_a_damaged_file_is_passed_over_with_a_warning(tmp_path: Path) -> None:
    """In favour of the one before it; when there is none, or it was asked for, it is an error."""
    model, checkpoint = make(tmp_path, keep_last=3)
    for step in (1, 2, 3):
        model.weight.data[...] = step
        checkpoint.save(epoch=0, step=step, score=-step)
    first, second, third = checkpoint.paths
    third.write_bytes(third.read_bytes()[:-9])
    with pytest.raises(ag.LoadError, match="it is truncated, damaged, or not a file that"):
        checkpoint.restore(third)
    assert (model.weight == 3).all()
    for asked in (None, "best"):
        model.weight.data[...] = 9
        with pytest.warns(UserWarning, match=rf"step-3.*truncated.*going back to {second.name}"):
            progress = checkpoint.restore(asked)
        assert progress is not None
        assert (progress.step, progress.path) == (2, second)
        assert (model.weight == 2).all()
    first.write_bytes(b"")
    second.write_bytes(b"PK")
    with (
        pytest.warns(UserWarning, match="step-3.*going back to .*step-2"),
        pytest.warns(UserWarning, match="step-2.*going back to .*step-1"),
        pytest.raises(ag.LoadError, match="step-1"),
    ):
        checkpoint.restore()
    assert (model.weight == 2).all()


def test_another_state_is_no_checkpoint(tmp_path: Path) -> None:
    _, checkpoint = make(tmp_path)
    path = tmp_path / "other.npz"
    for state in ({"w": 1}, [1], {"progress": {"epoch": 1}, "parts": {}}, {"progress": 3}):
        ag.save(path, state)
        with pytest.raises(ag.LoadError, match=r"other.npz is no checkpoint; .* ag.load reads"):
            checkpoint.restore(path)
    with pytest.raises(FileNotFoundError, match="load: there is no file"):
        checkpoint.restore(tmp_path / "none.npz")


def everything(folder: Path, width: int = 3, **more: Any) -> tuple[list[Any], ag.Checkpoint]:
    model = nn.Sequential(nn.Linear(2, width), nn.Dropout(generator=np.random.default_rng(1)))
    optimizer = optim.Adam(model.parameters())
    scheduler = optim.StepLR(optimizer, 2)
    loader = DataLoader(np.ones((8, 2), np.float32), 2, shuffle=True)
    generators: dict[str, Any] = {
        "noise": np.random.default_rng(2),
        "old": np.random.RandomState(3),
    }
    average = optim.ExponentialMovingAverage(model.parameters())
    checkpoint = ag.Checkpoint(
        folder,
        model=model,
        optimizer=optimizer,
        scheduler=scheduler,
        loader=loader,
        generators=generators,
        average=average,
        **more,
    )
    optimizer.zero_grad()
    for x in loader:
        model(x).sum().backward()
        optimizer.step()
        scheduler.step()
        average.update()
    return [*checkpoint.parts.values()], checkpoint


def test_what_does_not_fit_is_listed_whole_and_nothing_changes(tmp_path: Path) -> None:
    """Over all parts: shapes, names, settings, and parts that are not there."""
    _, checkpoint = everything(tmp_path, extra=nn.Linear(1, 1))
    path = checkpoint.save(epoch=1)
    parts, other = everything(tmp_path, width=4, more=nn.Linear(1, 1))
    before = bits(*parts)
    with pytest.raises(
        ValueError, match="the file does not fit, and nothing is changed; give"
    ) as caught:
        other.restore(path)
    message = str(caught.value)
    for expected in (
        "more is missing in the file",
        "extra is in the file, and not here",
        "0.weight (2, 3) for (2, 4), 0.bias (1, 3) for (1, 4)",
        "optimizer: Adam.load_state_dict: got a state that does not fit (mean of shape (2, 3)",
        "square of shape (1, 3) for parameter 1 of (1, 4)",
        "average: ExponentialMovingAverage.load_state_dict",
    ):
        assert expected in message
    assert bits(*parts) == before
    progress = checkpoint.restore(path)
    assert progress is not None


class Interrupted:
    """A part whose restoring the user interrupts."""

    def state_dict(self) -> dict[str, Any]:
        """Nothing."""
        return {}

    def load_state_dict(self, _: Any) -> None:
        """Press Ctrl-C."""
        raise KeyboardInterrupt


def test_an_interrupt_while_restoring_changes_nothing(tmp_path: Path) -> None:
    parts, checkpoint = everything(tmp_path, last=Interrupted())
    checkpoint.save(epoch=1)
    parts, checkpoint = everything(tmp_path, last=Interrupted())
    checkpoint.parts["optimizer"].param_groups[0]["lr"] = 0.5  # by hand, not by the schedule
    before = bits(*parts)
    with pytest.raises(KeyboardInterrupt):
        checkpoint.restore()
    assert bits(*parts) == before


def test_other_generators_than_were_saved_are_refused(tmp_path: Path) -> None:
    model, checkpoint = make(tmp_path, generators={"noise": np.random.default_rng(0)})
    checkpoint.save(epoch=0)
    path = checkpoint.folder
    other = ag.Checkpoint(path, model=model, generators={"dice": np.random.default_rng(0)})
    with pytest.raises(ValueError, match=r"missing: \['generators.dice'\]; unexpected: \['gene"):
        other.restore()
    other = ag.Checkpoint(path, model=model, generators={"noise": np.random.RandomState(0)})
    with pytest.raises(ValueError, match=r"random_generators: random generator: got {'bit_gen"):
        other.restore()


def test_a_learning_rate_set_by_hand_is_restored(tmp_path: Path) -> None:
    """A schedule would set its own."""
    _, checkpoint = everything(tmp_path)
    optimizer = checkpoint.parts["optimizer"]
    optimizer.param_groups[0]["lr"] = 0.5
    checkpoint.save(epoch=0)
    optimizer.param_groups[0]["lr"] = 0.25
    checkpoint.restore()
    assert optimizer.param_groups[0]["lr"] == 0.5


def test_the_averages_are_not_saved_for_the_weights(tmp_path: Path) -> None:
    parts, checkpoint = everything(tmp_path)
    (average,) = [part for part in parts if isinstance(part, optim.ExponentialMovingAverage)]
    with (
        average.average_parameters(),
        pytest.raises(RuntimeError, match="state_dict: the parameters hold their averages now"),
    ):
        checkpoint.save(epoch=0)
    assert checkpoint.paths == []


def test_wrong_arguments_are_refused(tmp_path: Path) -> None:
    model: Any = nn.Linear(1, 1)
    cases: list[tuple[type[Exception], str, dict[str, Any]]] = [
        (TypeError, "Checkpoint: got 3 as model; expected an object with state_dict", {"model": 3}),
        (TypeError, "as model; expected an object", {"model": nn.Linear}),
        (TypeError, "got 2 as keep_lats; expected an object", {"keep_lats": 2}),
        (TypeError, "got generators={'noise': 3}; expected a dict", {"generators": {"noise": 3}}),
        (TypeError, r"got generators=\[3\]; expected a dict of", {"generators": [3]}),
        (TypeError, "Checkpoint: got 3 as path; expected a string", {"folder": 3}),
        (ValueError, "got keep_last=0; expected an integer, 1 or more", {"keep_last": 0}),
        (ValueError, "got keep_best=True; expected an integer, 0 or more", {"keep_best": True}),
        (ValueError, "got mode='low'; expected 'min' or 'max'", {"mode": "low"}),
        (ValueError, "a part named 'random_generators'", {"random_generators": model}),
    ]
    for error, message, settings in cases:
        with pytest.raises(error, match=message):
            ag.Checkpoint(**{"folder": tmp_path, "model": model, **settings})
    _, checkpoint = make(tmp_path)
    cases = [
        (ValueError, "got epoch=-1; expected an integer, 0 or more", {"epoch": -1}),
        (ValueError, "got step=1.5; expected an integer", {"epoch": 0, "step": 1.5}),
        (ValueError, "Checkpoint.save: got score='low'; expected a number", {"score": "low"}),
        (TypeError, "save: progress.history.0 is of type set", {"history": [{1}]}),
        (TypeError, "save: progress.metadata is of type object", {"metadata": object()}),
    ]
    for error, message, given in cases:
        with pytest.raises(error, match=message):
            checkpoint.save(**{"epoch": 0, **given})
    with pytest.raises(TypeError, match=r"Checkpoint.restore: got 3 as path; expected a string"):
        checkpoint.restore(3)  # type: ignore[arg-type]
    assert checkpoint.paths == []


def test_a_folder_that_cannot_be_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "run").write_text("a file")
    _, checkpoint = make(tmp_path)
    with pytest.raises(FileExistsError):
        checkpoint.save(epoch=0)
    assert checkpoint.restore() is None
