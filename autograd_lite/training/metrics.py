"""Metrics: functions of the true and the predicted values of a whole epoch."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from autograd_lite import nn
from autograd_lite.errors import describe, is_one_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

_OF_CLASSES = (nn.SoftmaxCrossEntropyLoss, nn.CrossEntropyLoss, nn.NLLLoss, nn.BrierLoss)
_TAKEN = ("epoch", "loss", "lr", "seconds")
_THRESHOLDS = {nn.BCELoss: 0.5, nn.BCEWithLogitsLoss: 0.0}


class Metric(NamedTuple):
    """A metric by name; its own transform of the outputs, or None for the rule of the loss."""

    name: str
    function: Callable[[Any, Any], Any]
    transform: Callable[[Any], Any] | None


def accuracy(y_true: Any, y_pred: Any) -> float:
    """The share of predictions that are right; of several labels a row, all of them.

    >>> accuracy(np.array([0, 1, 2, 2]), np.array([0, 1, 2, 0]))
    0.75
    """
    right = np.asarray(y_true) == np.asarray(y_pred)
    return float(right.reshape(len(right), -1).all(axis=1).mean())


def as_metrics(metrics: Any, loss: Any) -> list[Metric]:
    """The metrics that `fit` was given.

    Args:
        metrics: a function, a pair of a function and a transform, "accuracy", an iterable of these,
            or a dict of them by name.
        loss: the loss, which says what the predicted class is.

    Raises:
        TypeError: when something else is given.
        ValueError: when two have one name, or "accuracy" is wanted of a loss that has no classes.
    """
    if metrics is None:
        return []
    if isinstance(metrics, dict):
        made = [_as_metric(name, metric, loss) for name, metric in metrics.items()]
    elif isinstance(metrics, (list, tuple)) and not _is_pair(metrics):
        made = [_as_metric(None, metric, loss) for metric in metrics]
    else:
        made = [_as_metric(None, metrics, loss)]
    names = [metric.name for metric in made]
    if len({*names, *_TAKEN}) < len(names) + len(_TAKEN):
        message = (
            f"fit: got metrics with the names {names}; expected names that differ, and none of"
            f" {', '.join(_TAKEN)}: give a dict, metrics={{'name': function}}"
        )
        raise ValueError(message)
    return made


def _is_pair(metric: Any) -> bool:
    """Whether it is a function with its transform."""
    return isinstance(metric, tuple) and len(metric) == 2 and not is_one_of(metric[0], {"accuracy"})


def _as_metric(name: Any, metric: Any, loss: Any) -> Metric:
    function, transform = metric if _is_pair(metric) else (metric, None)
    if is_one_of(function, {"accuracy"}):
        if not isinstance(loss, (*_OF_CLASSES, *_THRESHOLDS)):
            known = ", ".join(kind.__name__ for kind in (*_OF_CLASSES, *_THRESHOLDS))
            message = (
                f"fit: got the metric 'accuracy' with the loss {describe(loss)}; expected one of"
                f" {known}, which say what the predicted class is, or a pair"
                " (function, transform), where function(y_true, transform(outputs)) is computed"
            )
            raise ValueError(message)
        function = accuracy
    name = getattr(function, "__name__", None) if name is None else name
    if not callable(function) or not isinstance(name, str) or name == "<lambda>":
        message = (
            f"fit: got the metric {describe(metric)}; expected a function of (y_true, y_pred) with"
            " a name, a pair (function, transform), or 'accuracy'; others in a dict by name:"
            " metrics={'name': function}"
        )
        raise TypeError(message)
    return Metric(name, function, transform)


def labels(loss: Any, outputs: NDArray[Any], targets: NDArray[Any]) -> tuple[Any, Any]:
    """True and predicted values by the rule of the loss: classes where it has them.

    The loss of classes: the class with the largest output; of one-hot targets, the class that is
    hot. The binary ones: whether the probability is above 0.5, the logit above 0. Others: the
    outputs and targets as they are. Classes are integers in one vector; of several binary labels a
    row, in a matrix.
    """
    if isinstance(loss, _OF_CLASSES):
        hot = targets.shape == outputs.shape
        true = targets.argmax(axis=-1) if hot else targets
        return true.ravel(), outputs.argmax(axis=-1).ravel()
    for kind, threshold in _THRESHOLDS.items():
        if isinstance(loss, kind):
            pair = (targets > 0.5).astype(np.intp), (outputs > threshold).astype(np.intp)
            several = outputs.ndim == 2 and outputs.shape[1] > 1
            return pair if several else (pair[0].ravel(), pair[1].ravel())
    return targets, outputs


def compute(
    metrics: list[Metric], loss: Any, outputs: NDArray[Any], targets: NDArray[Any]
) -> dict[str, float]:
    """Each metric of the outputs and targets of a whole epoch."""
    true, predicted = labels(loss, outputs, targets)
    values = {}
    for name, function, transform in metrics:
        pair = (true, predicted) if transform is None else (targets, transform(outputs))
        try:
            values[name] = float(function(*pair))
        except Exception as error:
            error.add_note(
                f"fit: this was the metric {name!r}, given y_true {describe(pair[0])} and y_pred"
                f" {describe(pair[1])}; where it needs something else, give a pair"
                " (function, transform), where function(y_true, transform(outputs)) is computed"
            )
            raise
    return values
