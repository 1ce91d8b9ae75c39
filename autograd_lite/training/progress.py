"""How far the training is: a bar on a terminal, else plain lines."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from autograd_lite.optim.settings import check, is_bool
from autograd_lite.training.callback import Callback
from autograd_lite.training.history import in_short

if TYPE_CHECKING:
    from collections.abc import Mapping

    from autograd_lite.training.run import Run

_MOST_LINES = 50


def progress_of(progress: bool) -> list[Callback]:
    """What shows the progress: a bar, or lines where there is no terminal or no tqdm; or nothing.

    Args:
        progress: whether anything is to be shown.

    Raises:
        ValueError: when it is neither True nor False.
    """
    check("fit", {"progress": progress}, "progress", is_bool, "True or False")
    if not progress:
        return []
    if sys.stderr is not None and sys.stderr.isatty():
        try:
            from tqdm import tqdm  # noqa: PLC0415  # optional
        except ImportError:
            return [Lines()]
        return [Bar(tqdm)]
    return [Lines()]


def as_line(logs: Mapping[str, Any]) -> str:
    """The numbers of an epoch on one line.

    >>> as_line({"epoch": 3, "loss": 0.25, "val_loss": 0.5, "lr": 0.1, "seconds": 2.0})
    'loss 0.2500, val_loss 0.5000, lr 0.1, 2.0 s'
    """
    shown = [f"{name} {in_short(name, value)}" for name, value in logs.items() if name not in _LAST]
    if "seconds" in logs:
        shown.append(f"{in_short('seconds', logs['seconds'])} s")
    return ", ".join(shown)


_LAST = {"epoch", "seconds"}


class Lines(Callback):
    """Prints a line an epoch; of more than fifty epochs, some fifty, the first and the last."""

    def __init__(self) -> None:
        self._unprinted: str | None = None

    def on_epoch_end(self, run: Run) -> None:
        """Print a line, if it is time."""
        width = len(str(run.epochs))
        line = f"epoch {run.epoch:{width}d}/{run.epochs}  {as_line(run.logs)}"
        every = -(-run.epochs // _MOST_LINES)
        if run.epoch == 1 or run.epoch % every == 0:
            print(line, flush=True)  # noqa: T201  # it is asked for
            line = ""
        self._unprinted = line

    def on_fit_end(self, run: Run) -> None:  # noqa: ARG002  # what a hook is given
        """Print the last line, if it was not."""
        if self._unprinted:
            print(self._unprinted, flush=True)  # noqa: T201  # it is asked for


class Bar(Callback):
    """One bar for the whole run, a step of the optimizer a step, with the latest numbers.

    Args:
        tqdm: the class of the bar.
    """

    def __init__(self, tqdm: Any) -> None:
        self._tqdm = tqdm
        self._bar: Any = None
        self._latest = ""

    def on_fit_begin(self, run: Run) -> None:
        """Show it."""
        steps = run.steps
        self._bar = self._tqdm(
            total=None if steps is None else run.epochs * steps,
            initial=run.epoch * (steps or 0) + run.step,
            unit="step",
            dynamic_ncols=True,
        )

    def on_epoch_begin(self, run: Run) -> None:
        """Name the epoch."""
        self._bar.set_description_str(f"epoch {run.epoch}/{run.epochs}", refresh=False)

    def on_step_end(self, run: Run) -> None:
        """Go on by one; the text is made only when it is about to be drawn."""
        if self._bar.update():
            loss = in_short("loss", run.logs["loss"])
            self._bar.set_postfix_str(self._latest or f"loss {loss}", refresh=False)

    def on_epoch_end(self, run: Run) -> None:
        """Take over the numbers of the epoch."""
        self._latest = as_line(run.logs)

    def on_fit_end(self, run: Run) -> None:  # noqa: ARG002  # what a hook is given
        """Leave the last state on the screen."""
        self._bar.set_postfix_str(self._latest)
        self._bar.close()
