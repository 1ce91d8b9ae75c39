"""What a checkpoint keeps of a running `fit`, beside the model and the optimizer."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from autograd_lite.errors import describe
from autograd_lite.saving import Checkpoint
from autograd_lite.training.history import History

if TYPE_CHECKING:
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
    loader = run.data.state_dict() if hasattr(run.data, "state_dict") else None
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
            "callbacks": [callback.state_dict() for callback in run.callbacks],
        },
    )


def restore(run: Run) -> None:
    """Set a run to its last checkpoint, if there is one.

    Raises:
        ValueError: when that is of a run with other callbacks, or of something else than `fit`.
    """
    progress = run.checkpoint.restore()
    if progress is None:
        return
    kept = progress.metadata
    if not isinstance(kept, dict) or "callbacks" not in kept:
        message = f"fit: {progress.path} was not saved by fit; resume the way it was saved"
        raise ValueError(message)
    if len(kept["callbacks"]) != len(run.callbacks):
        message = (
            f"fit: got {len(run.callbacks)} callbacks, and {progress.path}, which has the state of"
            f" {len(kept['callbacks'])}; expected those of the run that is resumed, in their order"
        )
        raise ValueError(message)
    for callback, state in zip(run.callbacks, kept["callbacks"], strict=True):
        callback.load_state_dict(state)
    if kept["loader"] is not None:
        run.data.load_state_dict(kept["loader"])
    run.tally.load_state_dict(kept["tally"])
    run.history = History(progress.history)
    run.epoch, run.step = progress.epoch, progress.step
    run.lr, run.spent = kept["lr"], kept["seconds"]
    run.resumed = True
