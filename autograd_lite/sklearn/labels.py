"""The targets of a classifier: their classes, and how the loss and the outputs stand for them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from sklearn.utils import column_or_1d
from sklearn.utils.multiclass import check_classification_targets, type_of_target

from autograd_lite import nn, ops
from autograd_lite.errors import describe
from autograd_lite.sklearn.objective import OF_OUTPUTS, OF_ROWS, checked_loss

if TYPE_CHECKING:
    from numpy.typing import NDArray


class Labels:
    """What the targets of a classifier are.

    Args:
        name: the estimator, for messages.
        y: targets, from `plain`.
        classes: all the classes that there are, or None for those in `y`.
        loss: the loss, or None for the usual one.

    Attributes:
        several: whether a row may have several labels, (n, labels).
        classes: the classes, sorted; the numbers of the labels.
        loss: the loss.
        outputs: the number of outputs that the loss needs.

    Raises:
        TypeError: when the loss is not one of such targets.
        ValueError: when it cannot tell as many classes apart.
    """

    def __init__(self, name: str, y: NDArray[Any], classes: Any, loss: nn.Loss | None) -> None:
        self.name, self.several = name, y.ndim == 2
        usual: nn.Loss = nn.BCEWithLogitsLoss() if self.several else nn.SoftmaxCrossEntropyLoss()
        kinds = OF_OUTPUTS if self.several else OF_ROWS + OF_OUTPUTS
        found = y if classes is None else classes
        self.classes = np.arange(y.shape[1]) if self.several else np.unique(found)
        self.loss = checked_loss(name, usual if loss is None else loss, kinds)
        count = len(self.classes)
        by_row = isinstance(self.loss, OF_ROWS)
        if not (self.several or by_row or count == 2):
            message = (
                f"{name}: got {type(loss).__name__} for {count} class{'' if count == 1 else 'es'};"
                " expected 2 classes, or nn.SoftmaxCrossEntropyLoss() for any number"
            )
            raise ValueError(message)
        self.outputs = count if self.several or by_row else 1

    def encode(self, y: NDArray[Any]) -> NDArray[Any]:
        """Targets as the loss takes them: numbers of classes, or columns of 0 and 1.

        Raises:
            ValueError: when they are not like those that were learned.
        """
        count = len(self.classes)
        if (y.ndim == 2) is not self.several or (self.several and y.shape[1] != count):
            form = f"(n, {count})" if self.several else "(n,)"
            message = f"{self.name}: got y of shape {y.shape}; expected {form}, as at first"
            raise ValueError(message)
        if self.several:
            return y.astype(np.float64)
        unknown = np.setdiff1d(y, self.classes)
        if unknown.size:
            message = (
                f"{self.name}: got the classes {unknown.tolist()} in y; expected some of"
                f" {self.classes.tolist()}, the classes of the first fit"
            )
            raise ValueError(message)
        numbers = np.searchsorted(self.classes, y)
        return numbers if self.outputs == count else numbers[:, None].astype(np.float64)

    def check_same(self, classes: Any) -> None:
        """Refuse other classes than those that were learned.

        Raises:
            ValueError: when they are others.
        """
        if classes is not None and not np.array_equal(np.unique(classes), self.classes):
            message = (
                f"{self.name}.partial_fit: got classes={describe(classes)}; expected those of the"
                f" first call, {self.classes.tolist()}, or None"
            )
            raise ValueError(message)

    def log_shares(self, outputs: NDArray[np.float64]) -> NDArray[np.float64]:
        """The logarithms of the probabilities, by the meaning that the loss gives to outputs."""
        with np.errstate(divide="ignore"):  # the logarithm of 0 is what is meant
            if self.several:
                return np.log(self.shares(outputs))
            scores = outputs
            if isinstance(self.loss, nn.BCELoss):
                scores = np.log(np.concatenate([1 - outputs, outputs], axis=1))
            elif isinstance(self.loss, (nn.CrossEntropyLoss, nn.BrierLoss)):
                scores = np.log(outputs)
            elif isinstance(self.loss, nn.BCEWithLogitsLoss):
                scores = np.concatenate([np.zeros_like(outputs), outputs], axis=1)
        return np.asarray(ops.log_softmax(scores, axis=-1))

    def shares(self, outputs: NDArray[np.float64]) -> NDArray[np.float64]:
        """The probabilities: of classes with sum 1, of labels each by itself."""
        if not self.several:
            return np.exp(self.log_shares(outputs))
        return outputs if isinstance(self.loss, nn.BCELoss) else np.asarray(ops.sigmoid(outputs))


def plain(name: str, y: Any) -> NDArray[Any]:
    """Targets as an array: (n,), the class of each row, or (n, labels), 0 and 1.

    Raises:
        ValueError: when they are neither.
    """
    array: NDArray[Any] = y.toarray() if hasattr(y, "toarray") else np.asarray(y)
    if array.ndim == 2 and array.shape[1] == 1:
        array = column_or_1d(array, warn=True)
    if array.dtype == object and not all(isinstance(label, str) for label in array.flat):
        kinds = sorted({type(label).__name__ for label in array.flat})
        message = (
            f"{name}: Unknown label type: got y of {', '.join(kinds)} as objects; expected strings"
            " alone, or an array of numbers: y.astype(int)"
        )
        raise ValueError(message)
    check_classification_targets(array)
    if array.ndim == 2 and type_of_target(array) != "multilabel-indicator":
        message = (
            f"{name}: got y of {array.shape[1]} columns with several classes each; expected one"
            " column, or columns of 0 and 1: sklearn.multioutput.MultiOutputClassifier fits a copy"
            " of the estimator to each column"
        )
        raise ValueError(message)
    return array
