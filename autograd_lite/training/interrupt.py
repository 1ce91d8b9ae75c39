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
        KeyboardInterrupt: when Ctrl-C ended it, in a script; `history` is an attribute of it. (Not
            a subclass, after which the shell would not see that the program ended by Ctrl-C.)
    """
    run.history.interrupted = run.interrupted
    if not run.interrupted:
        return run.history
    over = run.history.epochs
    where = f"after epoch {over} of {run.epochs}" if over else "before the first step"
    if run.step:
        where = f"in epoch {over + 1} of {run.epochs}, after step {run.step}"
    how = "; not saved: fit(..., checkpoint=folder) does that"
    if run.checkpoint is not None and (over or run.step):
        how = f"; saved in {run.checkpoint.folder}: go on by the same call with resume=True"
    message = f"fit: stopped by Ctrl-C {where}{how}"
    if not is_interactive():
        stopped = KeyboardInterrupt(message)
        stopped.history = run.history  # type: ignore[attr-defined]  # it is added here
        raise stopped
    print(message, file=sys.stderr)  # noqa: T201  # there is nobody else to tell it to
    return run.history


def is_interactive() -> bool:
    """Whether somebody types at a prompt: in a notebook, or in Python's own."""
    return hasattr(sys, "ps1") or bool(sys.flags.interactive)
