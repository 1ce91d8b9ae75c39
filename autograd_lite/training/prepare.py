"""What `fit` sets up, and takes down whatever happens."""

from __future__ import annotations

from contextlib import ExitStack, contextmanager
from functools import partial
from typing import TYPE_CHECKING, Any

from autograd_lite.nn.state import kept_modes
from autograd_lite.optim.settings import check, is_bool
from autograd_lite.training.interrupt import stopped_by_ctrl_c
from autograd_lite.training.saving import restore

if TYPE_CHECKING:
    from collections.abc import Iterator

    from autograd_lite.optim import Optimizer
    from autograd_lite.training.callback import Callback
    from autograd_lite.training.run import Run


@contextmanager
def prepared(run: Run, *, resume: bool) -> Iterator[None]:
    """Everything that a run needs around its loop: Ctrl-C, modes, clipping, its past, callbacks.

    Args:
        run: the run.
        resume: whether to go on where its checkpoint was saved.

    Raises:
        ValueError: when there is no checkpoint to resume from, or `resume` is something else.
    """
    check("fit", {"resume": resume}, "resume", is_bool, "True or False")
    if resume and run.checkpoint is None:
        message = "fit: got resume=True without a checkpoint; expected checkpoint=... as before"
        raise ValueError(message)
    with ExitStack() as stack:
        stack.enter_context(stopped_by_ctrl_c(run))
        stack.enter_context(kept_modes(run.model))
        stack.enter_context(kept_settings(run.optimizer, run.clipping))
        if not run.model.training:
            run.model.train()
        if resume:
            restore(run)
        for group in run.optimizer.param_groups:
            group.update({key: value for key, value in run.clipping.items() if value is not None})
        for callback in run.everyone:
            callback.on_fit_begin(run)
            stack.push(partial(_end, run, callback))
        yield


def _end(run: Run, callback: Callback, kind: Any, error: BaseException | None, trace: Any) -> None:  # noqa: ARG001  # what an exit is given
    run.error = error
    callback.on_fit_end(run)


@contextmanager
def kept_settings(optimizer: Optimizer, names: Any) -> Iterator[None]:
    """Give the groups of an optimizer some of their settings back afterwards."""
    before = [{name: group[name] for name in names} for group in optimizer.param_groups]
    try:
        yield
    finally:
        for group, settings in zip(optimizer.param_groups, before, strict=True):
            group.update(settings)
