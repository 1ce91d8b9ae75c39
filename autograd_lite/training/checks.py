"""What `fit` refuses: arguments that make no sense, and a loss that is nan."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import numpy as np

from autograd_lite.errors import describe
from autograd_lite.nn import Module
from autograd_lite.optim import LRScheduler, Optimizer
from autograd_lite.optim.settings import check, is_bool, whole
from autograd_lite.training.callback import Callback

if TYPE_CHECKING:
    from autograd_lite.training.run import Run


def check_run(run: Run) -> None:
    """Refuse bad arguments of `fit`, before anything is changed.

    Raises:
        TypeError: when one is of another kind.
        ValueError: when one has a bad value.
    """
    for name, value, right, expected in [
        ("model", run.model, isinstance(run.model, Module), "a Module, such as Sequential(...)"),
        (
            "loss",
            run.loss,
            _is_function(run.loss),
            "a loss, or a function of (output, y)",
        ),
        ("optimizer", run.optimizer, isinstance(run.optimizer, Optimizer), "an optimizer"),
        ("step", run.compute, callable(run.compute), "a function of (model, loss, batch)"),
        (
            "scheduler",
            run.scheduler,
            run.scheduler is None or isinstance(run.scheduler, LRScheduler),
            "a schedule, such as StepLR(optimizer, 10)",
        ),
    ]:
        if not right:
            hint = ""
            if isinstance(value, type):
                hint = f": write {value.__name__}(...), with parentheses"
            message = f"fit: got {name}={describe(value)}; expected {expected}{hint}"
            raise TypeError(message)
    whole_number = "an integer, at least 1"
    for name, valid, expected in [
        ("epochs", whole(1), whole_number),
        ("accumulate", whole(1), whole_number),
        ("scheduler_every", lambda v: v in {"epoch", "step"}, "'epoch' or 'step'"),
        ("monitor", lambda v: v is None or isinstance(v, str), "the name of a column, or None"),
        ("check_finite", is_bool, "True or False"),
    ]:
        check("fit", vars(run), name, valid, expected)
    given = {name: value for name, value in run.clipping.items() if value is not None}
    for group in run.optimizer.param_groups:
        run.optimizer.check({**group, **given})
    _check_parameters(run)
    _check_scheduler(run)
    _check_parts(run)


def _is_function(value: Any) -> bool:
    """Whether it can be called, and is no class, whose call would make an object."""
    return callable(value) and not isinstance(value, type)


def as_callbacks(callbacks: Any) -> list[Callback]:
    """The callbacks that `fit` was given.

    Raises:
        TypeError: when they are something else.
    """
    given = list(callbacks) if isinstance(callbacks, Iterable) else None
    if given is None or not all(isinstance(callback, Callback) for callback in given):
        message = (
            f"fit: got callbacks={describe(callbacks)}; expected a list of Callback objects, such"
            " as [EarlyStopping()]"
        )
        raise TypeError(message)
    return given


def _check_parameters(run: Run) -> None:
    """Refuse an optimizer that would train something else."""
    own = {id(parameter) for parameter in run.model.parameters()}
    if not any(id(p) in own for group in run.optimizer.param_groups for p in group["params"]):
        message = (
            f"fit: got a {type(run.optimizer).__name__} that has no parameter of the model;"
            f" expected one made by {type(run.optimizer).__name__}(model.parameters()), after the"
            " model"
        )
        raise ValueError(message)


def _check_scheduler(run: Run) -> None:
    """Refuse a schedule that would drive another optimizer, or would look at what is not there."""
    if run.scheduler is None:
        return
    if run.scheduler.optimizer is not run.optimizer:
        message = "fit: got a scheduler of another optimizer; expected one of the optimizer given"
        raise ValueError(message)
    if run.scheduler.wants_metric() and run.scheduler_every == "step":
        message = (
            f"fit: got scheduler_every='step' with {type(run.scheduler).__name__}, which looks at"
            " what an epoch was like; expected 'epoch'"
        )
        raise ValueError(message)


def _check_parts(run: Run) -> None:
    """Refuse a checkpoint that would restore other objects than those that are trained."""
    if run.checkpoint is None:
        return
    held = run.checkpoint.parts
    for name in ("model", "optimizer", "scheduler"):
        if held.get(name) is not getattr(run, name):
            message = (
                f"fit: got a checkpoint of another {name} than the one given, or of none; expected"
                " Checkpoint(folder, model=model, optimizer=optimizer, scheduler=scheduler), or a"
                " folder alone"
            )
            raise ValueError(message)


def refuse_not_finite(run: Run, loss: float) -> None:
    """Refuse a loss that is nan or infinite, and say where to look.

    Raises:
        FloatingPointError: when it is, unless the run allows it.
    """
    if math.isfinite(loss) or not run.check_finite:
        return
    bad = [name for name, p in run.model.named_parameters() if not np.isfinite(p._data).all()]
    if bad:
        listed = ", ".join(bad[:3]) + (", ..." if len(bad) > 3 else "")
        where = f"The weights {listed} are not finite: an earlier step was too large"
    else:
        where = "The weights are finite: look at this batch, and at how large the outputs are"
    rates = ", ".join(f"{group['lr']:.3g}" for group in run.optimizer.param_groups)
    message = (
        f"fit: the loss became {loss} in epoch {run.epoch}, step {run.step + 1} (lr={rates}); this"
        f" step was not made. {where}. Ways out: a smaller lr, clip_norm=1.0, inputs of mean 0 and"
        " variance 1, a loss on logits; nn.check_finite(x) for data; `with ag.detect_anomaly():`"
        " around fit, which finds the op; check_finite=False to go on"
    )
    raise FloatingPointError(message)
