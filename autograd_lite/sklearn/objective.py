"""The loss of an estimator, with a weight for each row."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

from autograd_lite import nn
from autograd_lite.errors import describe

if TYPE_CHECKING:
    from autograd_lite.tensor import Tensor

# Losses of one class or several: of a row of outputs, or of each output by itself.
OF_ROWS: tuple[type[nn.Loss], ...] = (
    nn.SoftmaxCrossEntropyLoss,
    nn.NLLLoss,
    nn.KLDivLoss,
    nn.CrossEntropyLoss,
    nn.BrierLoss,
)
OF_OUTPUTS: tuple[type[nn.Loss], ...] = (nn.BCEWithLogitsLoss, nn.BCELoss)


class Objective:
    """A loss whose rows may have weights.

    Args:
        loss: the loss; it is copied.
        weighted: whether rows have weights.

    Attributes:
        loss: the copy.
        sums: whether the loss is the sum over the rows and not their mean.
    """

    def __init__(self, loss: nn.Loss, *, weighted: bool) -> None:
        self.loss = copy.deepcopy(loss)
        self.sums = loss.reduction == "sum"
        if weighted:
            self.loss.reduction = "none"

    def __call__(self, outputs: Tensor, targets: Tensor, weights: Tensor | None = None) -> Any:
        """The loss of a batch: the sum or the mean of its rows, each times its weight."""
        losses = self.loss(outputs, targets)
        if weights is None:
            return losses
        if losses.ndim > 1:
            losses = losses.sum(axis=1) if self.sums else losses.mean(axis=1)
        return (losses * weights).sum() if self.sums else (losses * weights).mean()


def checked_loss(name: str, loss: Any, kinds: tuple[type[nn.Loss], ...]) -> nn.Loss:
    """`loss` if it is of one of some kinds, and is reduced to one number.

    Raises:
        TypeError: when it is not a loss of these kinds.
        ValueError: when it is not reduced, or has weights that the estimator should have.
    """
    if not isinstance(loss, kinds):
        listed = ", ".join(f"nn.{kind.__name__}()" for kind in kinds if kind is not nn.Loss)
        message = f"{name}: got loss={describe(loss)}; expected a loss such as {listed}, or None"
        raise TypeError(message)
    if loss.reduction == "none":
        message = f"{name}: got a loss with reduction='none'; expected 'mean' or 'sum'"
        raise ValueError(message)
    weight = getattr(loss, "weight", None)
    if weight is not None:
        message = (
            f"{name}: got a loss with weight={describe(weight)}; expected none: give"
            f" {name}(class_weight=...), which also counts in scores"
        )
        raise ValueError(message)
    return loss
