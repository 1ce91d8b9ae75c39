"""The state of a running `fit`: what its callbacks are given, and what a checkpoint keeps."""

from __future__ import annotations

import math
import sys
from dataclasses import dataclass, field
from itertools import islice
from time import perf_counter
from typing import TYPE_CHECKING, Any

from autograd_lite.training.checks import check_run
from autograd_lite.training.history import History
from autograd_lite.training.saving import has_state, save
from autograd_lite.training.tally import Tally

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from autograd_lite.nn import Module
    from autograd_lite.optim import LRScheduler, Optimizer
    from autograd_lite.training.callback import Callback
    from autograd_lite.training.metrics import Metric


@dataclass(eq=False, repr=False, kw_only=True)
class Run:
    """A running `fit`: everything that a callback may want to know.

    Attributes:
        model: the model, as `fit` was given it; so are most of the others.
        steps: the steps of the optimizer in an epoch, or None if the data do not say.
        history: the epochs that are over.
        epoch: the present epoch, from 1; before the first one 0.
        step: the steps made in this epoch.
        logs: during an epoch its loss so far; at its end all that is to become a row of `history`.
        stop: set it to end the training after the present step.
        interrupted: whether Ctrl-C did that.
        resumed: whether the run was restored from a checkpoint.
        error: in `on_fit_end`, the exception that ended the run, or None.
        tally: the sums of the present epoch.
    """

    model: Module
    loss: Callable[..., Any]
    optimizer: Optimizer
    data: Any
    validation: Any
    metrics: list[Metric]
    callbacks: Sequence[Callback]
    shown: Sequence[Callback]
    epochs: int
    scheduler: LRScheduler | None
    scheduler_every: str
    monitor: str | None
    accumulate: int
    clipping: dict[str, float | None]
    checkpoint: Any
    check_finite: bool
    compute: Callable[[Any, Any, Any], tuple[Any, Any, Any]]
    history: History = field(default_factory=History)
    epoch: int = 0
    step: int = 0
    logs: dict[str, Any] = field(default_factory=dict)
    lr: float = math.nan
    stop: bool = False
    interrupted: bool = False
    resumed: bool = False
    error: BaseException | None = None
    spent: float = 0.0
    began: float = 0.0

    def __post_init__(self) -> None:
        check_run(self)
        self.everyone = [*self.callbacks, *self.shown]
        self.tally = Tally(self.loss, self.metrics)
        self.batches = len(self.data) if hasattr(self.data, "__len__") else None
        self.steps = None if self.batches is None else -(-self.batches // self.accumulate)

    @property
    def seconds(self) -> float:
        """How long the present epoch has taken so far."""
        return perf_counter() - self.began

    def monitored(self, who: str, monitor: str | None = None) -> float:
        """The number that is to become better: a column of the epoch that ends.

        Args:
            who: who asks, for the error message.
            monitor: the column; unless given, that of `fit`, else "val_loss", else "loss".

        Raises:
            ValueError: when there is no such column.
        """
        name = monitor or self.monitor or ("val_loss" if "val_loss" in self.logs else "loss")
        if name not in self.logs:
            message = (
                f"{who}: got monitor={name!r}; expected one of {sorted(self.logs)}, the columns of"
                " this run: those with val_ need validation=..., metrics need metrics=..."
            )
            raise ValueError(message)
        return float(self.logs[name])

    def save(self) -> Any:
        """Save a checkpoint, in `on_step_end`; `fit` itself does so after epochs and when stopped.

        Returns:
            The path of the file.

        Raises:
            RuntimeError: when `fit` was given no checkpoint, or another hook calls it.
        """
        if self.checkpoint is None:
            message = "Run.save: this fit has no checkpoint; give it checkpoint=..."
            raise RuntimeError(message)
        if self.logs.keys() != {"loss"}:
            message = (
                "Run.save: got a call between two steps, where callbacks are at work; expected one"
                " in on_step_end: epochs are saved by fit, after on_epoch_end"
            )
            raise RuntimeError(message)
        return save(self)

    def save_if_possible(self) -> None:
        """Save a checkpoint, if there is one."""
        if self.checkpoint is not None:
            save(self)

    # ---- the parts of the loop

    def begin_epoch(self) -> None:
        """Begin an epoch, or go on with one."""
        self.epoch = self.history.epochs + 1
        self.began, self.spent = perf_counter() - self.spent, 0.0
        self.call("on_epoch_begin")

    def groups(self) -> Iterator[list[Any]]:
        """The batches of each step of what is left of the epoch.

        Beyond the last batch nothing is asked for until the last step is over: a loader that is
        saved then is still in this epoch.
        """
        batches, done = iter(self.data), self.step * self.accumulate
        if done and not has_state(self.data):  # what has one goes on by itself
            batches = islice(batches, done, None)
        left = sys.maxsize if self.batches is None else self.batches - done
        for batch in batches:
            size = min(self.accumulate, left)
            group = [batch, *islice(batches, size - 1)] if size > 1 else [batch]
            left -= len(group)
            yield group

    def end_step(self) -> None:
        """Count a step."""
        self.step += 1
        self.logs = {"loss": self.tally.mean}
        self.lr = self.optimizer.param_groups[0]["lr"]

    def end_epoch(self) -> None:
        """Add an epoch to the history."""
        self.history.append(self.logs)
        self.step = 0
        self.tally.clear()

    def schedule(self, after: str) -> None:
        """Step the schedule, if there is one, and if it is stepped after each of these."""
        if self.scheduler is not None and self.scheduler_every == after:
            wanted = self.scheduler.wants_metric()
            self.scheduler.step(self.monitored(type(self.scheduler).__name__) if wanted else None)

    def call(self, hook: str) -> None:
        """Call a hook of all callbacks."""
        for callback in self.everyone:
            getattr(callback, hook)(self)
