"""What a checkpoint keeps of a running `fit`, beside the model and the optimizer."""

from __future__ import annotations

import os
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

from autograd_lite.errors import describe
from autograd_lite.saving import Checkpoint, parts
from autograd_lite.training.history import History

if TYPE_CHECKING:
    from autograd_lite.saving.checkpoint import Progress
    from autograd_lite.training.run import Run


def as_checkpoint(checkpoint: Any, model: Any, optimizer: Any, scheduler: Any) -> Any:
    """The checkpoint that `fit` was given; one that holds what is trained, if it is a folder.

    Raises:
        TypeError: when it is something else.
    """
    if isinstance(checkpoint, (str, os.PathLike)):
        return Checkpoint(checkpoint, model=model, optimizer=optimizer, scheduler=scheduler)
    if checkpoint is None or isinstance(checkpoint, Checkpoint):
        return checkpoint
    message = f"fit: got checkpoint={describe(checkpoint)}; expected a Checkpoint, or a folder"
    raise TypeError(message)


def save(run: Run) -> Any:
    """Save a run as it is, at the end of a step or of an epoch.

    Returns:
        The path of the file.
    """
    over = run.history.epochs
    loader = run.data.state_dict() if has_state(run.data) else None
    return run.checkpoint.save(
        epoch=over,
        step=run.step,
        score=run.monitored("Checkpoint") if over and not run.step else None,
        history=dict(run.history),
        metadata={
            "loader": loader,
            "tally": run.tally.state_dict(),
            "seconds": run.seconds if run.step else 0.0,
            "lr": run.lr,
            "accumulate": run.accumulate,
            "callbacks": [callback.state_dict() for callback in run.callbacks],
        },
    )


def restore(run: Run) -> None:
    """Set a run to its last checkpoint, if there is one; after an error nothing is changed.

    Raises:
        ValueError: when that is of a run with other parts, data or callbacks, or not of `fit`.
    """
    held = run.checkpoint.parts
    with ExitStack() as undo:
        undo.callback(parts.restore, held, parts.dump(held))
        if has_state(run.data):
            undo.callback(run.data.load_state_dict, run.data.state_dict())
        progress = run.checkpoint.restore()
        if progress is not None:
            _take_over(run, progress)
        undo.pop_all()


def _take_over(run: Run, progress: Progress) -> None:
    """Set what is the run's own."""
    kept = progress.metadata
    if not isinstance(kept, dict) or "callbacks" not in kept:
        message = f"fit: {progress.path} was not saved by fit; resume it the way it was saved"
        raise ValueError(message)
    if len(kept["callbacks"]) != len(run.callbacks):
        message = (
            f"fit: got {len(run.callbacks)} callbacks, and {progress.path}, which has the state of"
            f" {len(kept['callbacks'])}; expected those of the run that is resumed, in their order"
        )
        raise ValueError(message)
    if has_state(run.data) is not (kept["loader"] is not None):
        message = (
            f"fit: got {type(run.data).__name__} as data, and {progress.path} of a run with another"
            " kind; expected the data of the run that is resumed"
        )
        raise ValueError(message)
    if progress.step and kept["accumulate"] != run.accumulate:
        message = (
            f"fit: got accumulate={run.accumulate}, and {progress.path}, saved in the middle of an"
            f" epoch whose steps have accumulate={kept['accumulate']}; expected the same"
        )
        raise ValueError(message)
    if has_state(run.data):
        run.data.load_state_dict(kept["loader"])
    for callback, state in zip(run.callbacks, kept["callbacks"], strict=True):
        callback.load_state_dict(state)
    run.tally.load_state_dict(kept["tally"])
    run.history = History(progress.history)
    run.epoch, run.step = progress.epoch, progress.step
    run.lr, run.spent = kept["lr"], kept["seconds"]
    run.resumed = True


def has_state(data: Any) -> bool:
    """Whether data say themselves where they are in an epoch, as a `DataLoader` does."""
    return hasattr(data, "state_dict") and hasattr(data, "load_state_dict")
