"""`fit`, and the loop that it is: `train`, to read in a screenful."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from autograd_lite.nn.state import kept_modes
from autograd_lite.recording import no_grad
from autograd_lite.training.checks import as_callbacks, refuse_not_finite
from autograd_lite.training.data import (
    as_batches,
    compute,
    computed,
    refuse_settings,
    rows_of,
)
from autograd_lite.training.interrupt import ended
from autograd_lite.training.metrics import as_metrics
from autograd_lite.training.prepare import prepared
from autograd_lite.training.progress import progress_of
from autograd_lite.training.run import Run
from autograd_lite.training.saving import as_checkpoint
from autograd_lite.training.tally import Tally, number

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from autograd_lite.nn import Module
    from autograd_lite.optim import LRScheduler, Optimizer
    from autograd_lite.training.callback import Callback
    from autograd_lite.training.history import History


def fit(
    model: Module,
    loss: Callable[..., Any],
    optimizer: Optimizer,
    data: Any,
    *,
    epochs: int = 1,
    validation: Any = None,
    metrics: Any = None,
    callbacks: Iterable[Callback] = (),
    batch_size: int | None = None,
    shuffle: bool | None = None,
    scheduler: LRScheduler | None = None,
    scheduler_every: str = "epoch",
    monitor: str | None = None,
    accumulate: int = 1,
    clip_norm: float | None = None,
    clip_value: float | None = None,
    checkpoint: Any = None,
    resume: bool = False,
    check_finite: bool = True,
    progress: bool = True,
    step: Callable[[Any, Any, Any], tuple[Any, Any, Any]] = compute,
) -> History:
    """Train a model.

    What it does is what `train`, below it in the file, says: for each batch the gradients, a step
    of the optimizer, one of the schedule; at the end of an epoch the validation, without dropout
    and without a graph.

    **Loss.** The loss of an epoch is the mean over its rows, whatever sizes the batches have, also
    where what is descended is the sum (`reduction="sum"`). The class weights of a loss do not count
    in it. Metrics are computed once an epoch, of all rows together.

    **Metrics** are functions of (y_true, y_pred), such as those of `sklearn.metrics`. With
    `SoftmaxCrossEntropyLoss`, `CrossEntropyLoss`, `NLLLoss` and `BrierLoss`, y_pred is the class
    with the largest output, and y_true the class, of one-hot targets too. With `BCELoss` it is
    whether the output is above 0.5, with `BCEWithLogitsLoss` above 0. With other losses, both are
    what they are. A pair (function, transform) is given (y, transform(outputs)) instead, as
    `(roc_auc_score, lambda outputs: outputs[:, 1])`. They need the outputs of an epoch at once.

    **Ctrl-C** stops the training at the end of a step, and saves it if there is a checkpoint; a
    second one interrupts at once. At a prompt or in a notebook, `fit` then returns the history,
    with `interrupted` set. In a script it raises KeyboardInterrupt, with the history as its
    attribute `history`: no line behind `fit` takes a model for trained that is not.

    **Errors**, of callbacks and metrics too, leave the model with the modes that it had and with
    the weights after the last step. Callbacks close their files. The next `fit` works.

    Args:
        model: the module. Parts that are in evaluation mode stay in it, unless the model as a whole
            is; afterwards all modes are what they were.
        loss: a loss, or another function of (output, y) that gives one number, the mean over rows.
        optimizer: the optimizer of the model's parameters; also one that needs a closure, `LBFGS`.
        data: the training data: arrays (x, y), a `TensorDataset`, a `DataLoader`, or any iterable
            of batches (x, y) that can be iterated over again, such as a list. For full batches,
            `[(x, y)]` has the least overhead.
        epochs: how many times through the data; in a resumed run, those before included.
        validation: the data to validate on, in the same forms. To hold out a part of the data,
            split them before.
        metrics: what to compute of each epoch, beside the loss: functions, pairs, "accuracy", a
            list of these, or a dict of them by name.
        callbacks: what to call; see `Callback`.
        batch_size: the rows of a batch, where arrays are given; 32 unless given.
        shuffle: whether each epoch has a random order of its own, where arrays are given; yes
            unless given. Validation data are never shuffled.
        scheduler: a schedule of the learning rate.
        scheduler_every: when it is stepped: after each "epoch", or after each "step" of the
            optimizer, as a `OneCycleLR` over all steps needs it.
        monitor: the column of the history that `ReduceLROnPlateau`, and the best files of the
            checkpoint, go by; "val_loss" unless given, or "loss" where there is no validation.
        accumulate: the batches that make up one step, as if they were one batch: gradients are
            weighted by rows, also in a last group of fewer batches. (`BatchNorm1d` still sees them
            one by one.)
        clip_norm: as the setting of the optimizer of that name, which it replaces for this time.
        clip_value: the same.
        checkpoint: a `Checkpoint` that holds the model, the optimizer and the schedule if there is
            one, or a folder, for which one is made. It is saved after each epoch, and when the
            training is stopped.
        resume: go on where the checkpoint was saved, bit for bit, in the middle of an epoch too; if
            there is none yet, begin.
        check_finite: whether a loss that is nan or infinite is an error. Without, it is written
            down as it is.
        progress: whether to show how far it is: a bar on a terminal (tqdm, extra "examples"), else
            a line an epoch.
        step: what is computed of a batch, where that is not `model(x)` of a pair (x, y): a function
            of (model, loss, batch) that returns the loss, the output and the target.

    Returns:
        The history: for each column a list with one number an epoch.

    Raises:
        TypeError: when an argument is of another kind.
        ValueError: when an argument has a bad value; nothing is changed.
        FloatingPointError: when the loss is nan or infinite; the weights are those before the step.
        KeyboardInterrupt: at Ctrl-C, in a script.

    Example:
        >>> import autograd_lite as ag
        >>> from autograd_lite import nn, optim
        >>> ag.manual_seed(0)
        >>> x = ag.randn(256, 2).numpy()
        >>> y = (x.prod(axis=1) > 0).astype(int)  # XOR
        >>> model = nn.Sequential(nn.Linear(2, 32), nn.ReLU(), nn.Linear(32, 2))
        >>> optimizer = optim.Adam(model.parameters(), lr=0.01)
        >>> history = ag.fit(
        ...     model,
        ...     nn.SoftmaxCrossEntropyLoss(),
        ...     optimizer,
        ...     (x[:200], y[:200]),
        ...     epochs=30,
        ...     validation=(x[200:], y[200:]),
        ...     metrics="accuracy",
        ...     progress=False,
        ... )
        >>> history["val_accuracy"][-1] > 0.9
        True
    """
    refuse_settings(data, batch_size, shuffle)
    pairs, shuffled = step is compute, shuffle is None or bool(shuffle)
    run = Run(
        model=model,
        loss=loss,
        optimizer=optimizer,
        data=as_batches("data", data, batch_size, shuffle=shuffled, pairs=pairs),
        validation=as_batches("validation", validation, batch_size, shuffle=False, pairs=pairs),
        metrics=as_metrics(metrics, loss),
        callbacks=as_callbacks(callbacks),
        shown=progress_of(progress),
        epochs=epochs,
        scheduler=scheduler,
        scheduler_every=scheduler_every,
        monitor=monitor,
        accumulate=accumulate,
        clipping={"clip_norm": clip_norm, "clip_value": clip_value},
        checkpoint=as_checkpoint(checkpoint, model, optimizer, scheduler),
        check_finite=check_finite,
        compute=step,
    )
    with prepared(run, resume=resume):
        train(run)
    return ended(run)


def train(run: Run) -> None:
    """The loop: epochs, and in each the steps that it has, until all are done or `run.stop`."""
    while run.history.epochs < run.epochs and not run.stop:
        run.begin_epoch()
        for batches in run.groups():
            run.optimizer.step(gradients_of(run, batches))
            run.end_step()
            run.schedule("step")
            run.call("on_step_end")
            if run.stop:
                run.save_if_possible()  # before the loader is told to leave the epoch
                break
        else:
            run.logs = {"epoch": run.epoch, **run.tally.results(), **validated(run)}
            run.logs |= {"lr": run.lr, "seconds": run.seconds}
            run.schedule("epoch")
            run.call("on_epoch_end")
            run.end_epoch()
            run.save_if_possible()


def gradients_of(run: Run, batches: list[Any]) -> Callable[[], float]:
    """What an optimizer asks for a step: a function that computes the gradients, and the loss.

    Args:
        run: the run.
        batches: the batches of the step, which count as one.
    """
    counts = [rows_of(batch) for batch in batches]
    first = True

    def gradients() -> float:
        nonlocal first
        run.optimizer.zero_grad()
        total = 0.0
        for batch, count in zip(batches, counts, strict=True):
            loss, output, target = computed(run, batch)
            value = number(loss)
            if first:  # what else LBFGS tries on its way is no loss of the epoch
                refuse_not_finite(run, value)
                run.tally.add(value, count, output, target)
            if run.tally.adds_up or len(batches) == 1:
                loss.backward()
                total += value
            else:
                share = count / sum(counts)
                loss.backward(share)
                total += share * value
        first = False
        return total

    return gradients


def validated(run: Run) -> dict[str, float]:
    """The loss and the metrics of the validation data, if there are any, by their names."""
    if run.validation is None:
        return {}
    tally = Tally(run.loss, run.metrics)
    with kept_modes(run.model), no_grad():
        run.model.eval()
        for batch in run.validation:
            loss, output, target = computed(run, batch)
            tally.add(number(loss), rows_of(batch), output, target)
    return {f"val_{name}": value for name, value in tally.results().items()}
