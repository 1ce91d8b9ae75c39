"""Early stopping, with the best weights restored."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from autograd_lite.errors import describe
from autograd_lite.optim.settings import at_least_zero, check, is_bool, whole
from autograd_lite.training.callback import Callback

if TYPE_CHECKING:
    from collections.abc import Mapping

    from autograd_lite.training.run import Run


class EarlyStopping(Callback):
    """Stops when a number has not become better for a while, and restores the best weights.

    A number is better if it is below best - min_delta, or with mode="max" above best + min_delta;
    nan is never better. After `patience` epochs in a row without a better one, the training stops.
    Parameters and buffers become again what they were at the end of the best epoch, also where all
    epochs were run, but not after an error or Ctrl-C.

    Args:
        monitor: the column of the history to look at; "val_loss" unless given, or "loss" where
            there is no validation.
        patience: the epochs without a better number that are borne, from 1.
        min_delta: by how much a number must be better.
        mode: "min", where smaller is better, or "max".
        restore_best: whether to restore the best weights.

    Attributes:
        best: the best number so far, or None.
        best_epoch: the epoch that it is of; 0 for none.
        waited: the epochs since.

    Raises:
        ValueError: when a setting is bad, or the run has no such column.

    Example:
        >>> import autograd_lite as ag
        >>> from autograd_lite import nn, optim
        >>> ag.manual_seed(0)
        >>> model = nn.Linear(2, 1)
        >>> optimizer = optim.SGD(model.parameters(), lr=0.1)
        >>> x = ag.randn(32, 2)
        >>> y = (x.sum(axis=1, keepdims=True)).detach()
        >>> stopping = ag.training.EarlyStopping(patience=2, min_delta=1e-4)
        >>> history = ag.fit(
        ...     model,
        ...     nn.MSELoss(),
        ...     optimizer,
        ...     (x, y),
        ...     epochs=500,
        ...     callbacks=[stopping],
        ...     progress=False,
        ... )
        >>> history.epochs < 500 and history.epochs - stopping.best_epoch == 2
        True
    """

    def __init__(
        self,
        monitor: str | None = None,
        patience: int = 10,
        min_delta: float = 0.0,
        mode: str = "min",
        *,
        restore_best: bool = True,
    ) -> None:
        self.monitor = monitor
        self.patience = patience
        self.min_delta = min_delta
        self.mode = mode
        self.restore_best = restore_best
        for key, valid, expected in [
            (
                "monitor",
                lambda v: v is None or isinstance(v, str),
                "the name of a column, or None",
            ),
            ("patience", whole(1), "an integer, at least 1"),
            ("min_delta", at_least_zero, "a finite number, at least 0"),
            ("mode", lambda v: v in {"min", "max"}, "'min' or 'max'"),
            ("restore_best", is_bool, "True or False"),
        ]:
            check("EarlyStopping", vars(self), key, valid, expected)
        self._forget()

    def _forget(self) -> None:
        self.best: float | None = None
        self.best_epoch = 0
        self.waited = 0
        self._weights: dict[str, Any] | None = None

    def on_fit_begin(self, run: Run) -> None:
        """Begin anew, unless the run is a resumed one; it may have been stopped already."""
        if not run.resumed:
            self._forget()
        run.stop = run.stop or self.waited >= self.patience

    def on_epoch_end(self, run: Run) -> None:
        """Look at the number, keep the weights if it is the best, and stop if it is time."""
        value = run.monitored("EarlyStopping", self.monitor)
        if self._is_better(value):
            self.best, self.best_epoch, self.waited = value, run.epoch, 0
            if self.restore_best:
                self._weights = run.model.state_dict()
        else:
            self.waited += 1
            run.stop = run.stop or self.waited >= self.patience

    def _is_better(self, value: float) -> bool:
        if math.isnan(value) or self.best is None:
            return not math.isnan(value)
        if self.mode == "min":
            return value < self.best - self.min_delta
        return value > self.best + self.min_delta

    def on_fit_end(self, run: Run) -> None:
        """Restore the best weights."""
        ended = run.error is None and not run.interrupted
        if ended and self._weights is not None:
            run.model.load_state_dict(self._weights)

    def state_dict(self) -> dict[str, Any]:
        """The best number, its epoch and its weights, and how long it was waited since."""
        return {
            "best": self.best,
            "best_epoch": self.best_epoch,
            "waited": self.waited,
            "weights": self._weights,
        }

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Take over what `state_dict` gave.

        Raises:
            ValueError: when it is something else.
        """
        if not hasattr(state, "keys") or state.keys() != self.state_dict().keys():
            message = (
                f"EarlyStopping.load_state_dict: got {describe(state)}; expected a dict with"
                f" {sorted(self.state_dict())}: give fit the same callbacks, in the same order"
            )
            raise ValueError(message)
        self.best, self.best_epoch = state["best"], state["best_epoch"]
        self.waited, self._weights = state["waited"], state["weights"]
