"""Ctrl-C while a model trains: stop where nothing is lost."""

from __future__ import annotations

import signal
import sys
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

    from autograd_lite.training.history import History
    from autograd_lite.training.run import Run


class TrainingInterrupted(KeyboardInterrupt):
    """Ctrl-C has ended `fit`, at the end of a step, with everything saved that should be.

    A script that does not catch it ends, as programs do at Ctrl-C.

    Attributes:
        history: the history so far.
    """

    def __init__(self, message: str, history: History) -> None:
        super().__init__(message)
        self.history = history


@contextmanager
def stopped_by_ctrl_c(run: Run) -> Iterator[None]:
    """Let the first Ctrl-C inside ask the run to stop; a second one interrupts at once.

    Only in the main thread, where Python has signals, and only where Ctrl-C does what it does by
    default: a program that handles it in its own way goes on doing so.
    """
    main = threading.current_thread() is threading.main_thread()
    usual = signal.default_int_handler
    if not main or signal.getsignal(signal.SIGINT) is not usual:
        yield
        return

    def note(number: int, frame: Any) -> None:  # noqa: ARG001  # what a handler is given
        run.stop = run.interrupted = True
        signal.signal(signal.SIGINT, usual)

    signal.signal(signal.SIGINT, note)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, usual)


def ended(run: Run) -> History:
    """The history of a run that has ended, unless Ctrl-C ended it and nobody is there to read it.

    Raises:
        TrainingInterrupted: when Ctrl-C ended it, in a script.
    """
    run.history.interrupted = run.interrupted
    if not run.interrupted:
        return run.history
    where = f"after epoch {run.history.epochs}"
    if run.step:
        where = f"in epoch {run.epoch}, after step {run.step}"
    how = "; not saved, for there is no checkpoint: fit(..., checkpoint=folder) makes one"
    if run.checkpoint is not None:
        how = f"; saved in {run.checkpoint.folder}: go on by the same call with resume=True"
    message = f"fit: stopped by Ctrl-C {where} of {run.epochs}{how}"
    if not is_interactive():
        raise TrainingInterrupted(message, run.history)
    print(message, file=sys.stderr)  # noqa: T201  # there is nobody else to tell it to
    return run.history


def is_interactive() -> bool:
    """Whether somebody types at a prompt: in a notebook, or in Python's own."""
    return hasattr(sys, "ps1") or bool(sys.flags.interactive)
