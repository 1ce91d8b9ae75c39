"""Checkpoint: a training that stops and goes on as if it had not."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

from autograd_lite.errors import describe, is_one_of, is_whole
from autograd_lite.replace import remove_abandoned
from autograd_lite.saving import folder, parts
from autograd_lite.saving.errors import LoadError
from autograd_lite.saving.files import check_path, load, save

if TYPE_CHECKING:
    import os
    from collections.abc import Mapping

    from autograd_lite.creation import Generator


@dataclass(frozen=True)
class Progress:
    """How far a training was when a checkpoint was saved.

    Attributes:
        epoch: as it was given to `save`.
        step: the same.
        score: the same.
        history: the same.
        metadata: the same.
        path: the file.
    """

    epoch: int
    step: int
    score: float | None
    history: Any
    metadata: Any
    path: Path


class Checkpoint:
    """Saves everything that a training consists of, and restores it bit for bit.

    Held are the states of what is given, and of the random generators: the library's own, those in
    `generators`, and those that modules have as attributes, as `Dropout(generator=...)`. Not held
    are gradients: save after the optimizer's step. Inside `for batch in loader`, the loader's state
    is that after the batch; the next `for batch in loader` after `restore` takes the rest of the
    epoch, which is nothing after the last batch. Leaving the loop by `break` gives the epoch up:
    save first.

    A file is written as by `save`: a crash leaves the older ones. Those that are not kept are
    deleted when the new one is safely on the disk. `load(path)["parts"]["model"]` is the state of
    the model alone.

    Args:
        folder: where the files are; made when it is needed. One training a folder.
        model: a module, or anything else with `state_dict` and `load_state_dict`, as the following.
        optimizer: the optimizer.
        scheduler: the schedule.
        loader: the data loader, or another source of data with a state.
        generators: NumPy's random generators, by name.
        keep_last: how many of the newest files are kept, at least 1; None for all. With 2, there is
            one to go back to when a file was damaged.
        keep_best: how many of those with the best scores are kept beside them.
        mode: "min", where a smaller score is better, or "max".
        **others: what else has a state, by name, such as `average=ExponentialMovingAverage(...)`.

    Attributes:
        folder: where the files are.
        parts: what is held, by name.

    Raises:
        ValueError: when a setting has a bad value.
        TypeError: when something has no state, or no generator is given as one.

    Example:
        >>> import tempfile
        >>> import autograd_lite as ag
        >>> from autograd_lite import nn, optim
        >>> folder = tempfile.TemporaryDirectory()
        >>> model = nn.Linear(2, 1)
        >>> optimizer = optim.SGD(model.parameters())
        >>> checkpoint = ag.Checkpoint(folder.name, model=model, optimizer=optimizer)
        >>> progress = checkpoint.restore()
        >>> for epoch in range(progress.epoch if progress else 0, 3):
        ...     path = checkpoint.save(epoch=epoch + 1)
        >>> checkpoint.restore().epoch
        3
        >>> folder.cleanup()
    """

    def __init__(
        self,
        folder: str | os.PathLike[str],
        *,
        model: Any,
        optimizer: Any = None,
        scheduler: Any = None,
        loader: Any = None,
        generators: Mapping[str, Generator] | None = None,
        keep_last: int | None = 1,
        keep_best: int = 0,
        mode: str = "min",
        **others: Any,
    ) -> None:
        named = {"optimizer": optimizer, "scheduler": scheduler, "loader": loader}
        given = {name: part for name, part in named.items() if part is not None}
        self.parts = {"model": model, **given, **others}
        for name, part in self.parts.items():
            parts.check_part(name, part)
        if parts.RANDOM in self.parts:
            message = f"Checkpoint: got a part named {parts.RANDOM!r}; expected another name"
            raise ValueError(message)
        check_path("Checkpoint", folder)
        self.parts[parts.RANDOM] = parts.Generators({} if generators is None else generators, model)
        self.folder = Path(folder)
        self.keep_last = None if keep_last is None else _whole("keep_last", keep_last, 1)
        self.keep_best = _whole("keep_best", keep_best, 0)
        if not is_one_of(mode, {"min", "max"}):
            message = f"Checkpoint: got mode={describe(mode)}; expected 'min' or 'max'"
            raise ValueError(message)
        self.mode = mode

    # ---- the files

    @property
    def paths(self) -> list[Path]:
        """The files in the folder, the oldest first."""
        return [entry.path for entry in folder.entries(self.folder)]

    @property
    def latest(self) -> Path | None:
        """The newest file; None when there is none."""
        return next(iter(self.paths[::-1]), None)

    @property
    def best(self) -> Path | None:
        """The file with the best score; None when none has one."""
        ranked = folder.best_first(folder.entries(self.folder), self.mode)
        return ranked[0].path if ranked else None

    # ---- there

    def save(
        self,
        *,
        epoch: int,
        step: int = 0,
        score: float | None = None,
        history: Any = None,
        metadata: Any = None,
    ) -> Path:
        """Write a checkpoint, then delete those that are not kept.

        Args:
            epoch: where to go on: the number of the present epoch, or of the next one.
            step: the number of steps, as you count them.
            score: how good the model is, such as the loss in validation; nan is never the best.
            history: what happened so far, and
            metadata: what else to keep: as for `save`.

        Returns:
            The file.

        Raises:
            TypeError: when something cannot be saved; it says where.
            ValueError: when an argument has a bad value.
            OSError: when the file cannot be written; those that were there are.
        """
        progress = {
            "epoch": _whole("epoch", epoch, 0),
            "step": _whole("step", step, 0),
            "score": None if score is None else _number(score),
            "history": history,
            "metadata": metadata,
        }
        state = {"progress": progress, "parts": parts.dump(self.parts)}
        self.folder.mkdir(parents=True, exist_ok=True)
        present = folder.entries(self.folder)
        number = present[-1].number + 1 if present else 1
        path = self.folder / folder.name(
            number, progress["epoch"], progress["step"], progress["score"]
        )
        remove_abandoned(self.folder, "checkpoint-*.npz")
        save(path, state)
        self._delete_old(path)
        return path

    def _delete_old(self, newest: Path) -> None:
        present = folder.entries(self.folder)
        last = present if self.keep_last is None else present[-self.keep_last :]
        best = folder.best_first(present, self.mode)[: self.keep_best]
        kept = {newest, *(entry.path for entry in (*last, *best))}
        for entry in present:
            if entry.path not in kept:
                entry.path.unlink(missing_ok=True)

    # ---- and back

    def restore(self, path: str | os.PathLike[str] | None = None) -> Progress | None:
        """Set everything to what it was when a checkpoint was saved, or after an error nothing.

        Args:
            path: the file; None for the newest, "best" for that with the best score. In place of
                one of these that cannot be read comes the one before it, with a warning.

        Returns:
            How far the training was; None when there is no checkpoint.

        Raises:
            LoadError: when no file can be read, or the one that was asked for.
            ValueError: when a state does not fit what is given; it lists all that is wrong.
            OSError: when the file that was asked for is not there.
        """
        if path is None:
            candidates = self.paths[::-1]
        elif is_one_of(path, {"best"}):
            ranked = folder.best_first(folder.entries(self.folder), self.mode)
            candidates = [entry.path for entry in ranked]
        else:
            check_path("Checkpoint.restore", path)
            candidates = [Path(path)]
        if not candidates:
            return None
        state, found = self._first_readable(candidates)
        try:
            progress = Progress(**state["progress"], path=found)
            states = dict(state["parts"])
        except (KeyError, TypeError, ValueError) as error:
            message = (
                f"Checkpoint.restore: {found} is no checkpoint; expected a file that"
                " Checkpoint.save wrote: ag.load reads other states"
            )
            raise LoadError(message) from error
        parts.restore(self.parts, states)
        return progress

    def _first_readable(self, candidates: list[Path]) -> tuple[Any, Path]:
        """What the first file holds that can be read, with a warning for each that cannot."""
        for candidate, following in pairwise(candidates):
            try:
                return load(candidate), candidate
            except LoadError as error:
                message = f"Checkpoint.restore: {error}; going back to {following.name}"
                warnings.warn(message, stacklevel=3)
        return load(candidates[-1]), candidates[-1]

    def __repr__(self) -> str:
        names = ", ".join(self.parts)
        return f"Checkpoint({str(self.folder)!r}: {names}; {len(self.paths)} files)"


def _whole(name: str, value: Any, least: int) -> int:
    """An argument as an int."""
    if not is_whole(value, least):
        message = f"Checkpoint: got {name}={describe(value)}; expected an integer, {least} or more"
        raise ValueError(message)
    return int(value)


def _number(score: Any) -> float:
    try:
        return float(score)
    except (TypeError, ValueError, OverflowError) as error:
        message = f"Checkpoint.save: got score={describe(score)}; expected a number"
        raise ValueError(message) from error
