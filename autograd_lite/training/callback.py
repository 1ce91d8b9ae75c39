"""What `fit` calls while it trains."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from autograd_lite.training.run import Run


class Callback:
    """The base of callbacks, which `fit` calls at certain moments, with all there is to know.

    A subclass overrides what it needs. It may read everything and change what it likes:
    `run.stop = True` ends the training after the present step; what is written into `run.logs` at
    the end of an epoch becomes a column of the history.

    Example:
        >>> import autograd_lite as ag
        >>> from autograd_lite import nn, optim
        >>> class GradientNorm(ag.training.Callback):
        ...     def on_epoch_end(self, run):
        ...         run.logs["gradient"] = ag.norm(run.model.weight.grad).item()
        >>> model = nn.Linear(1, 1)
        >>> model.weight.data[...] = 0
        >>> optimizer = optim.SGD(model.parameters(), lr=0.1)
        >>> batches = [([[1.0]], [[2.0]])]
        >>> history = ag.fit(
        ...     model, nn.MSELoss(), optimizer, batches, callbacks=[GradientNorm()], progress=False
        ... )
        >>> history["gradient"]
        [4.0]
    """

    def on_fit_begin(self, run: Run) -> None:
        """Called once, before the first step; after a resumed run was restored."""

    def on_epoch_begin(self, run: Run) -> None:
        """Called before the first step of an epoch, or of what is left of a resumed one."""

    def on_step_end(self, run: Run) -> None:
        """Called after each step of the optimizer; `run.logs` has the epoch's loss so far."""

    def on_epoch_end(self, run: Run) -> None:
        """Called after an epoch and its validation; `run.logs` is to become a row of the history.

        Callbacks are called in the order in which they were given; each sees what those before it
        wrote. Then the row is added, and the checkpoint saved.
        """

    def on_fit_end(self, run: Run) -> None:
        """Called once at the end, also after an error (`run.error`) or Ctrl-C: to close files."""

    def state_dict(self) -> dict[str, Any]:
        """What a checkpoint should keep of the callback, so that a resumed run goes on exactly."""
        return {}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Take over what `state_dict` gave."""
