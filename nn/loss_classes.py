"""Losses of classes that exclude one another: each is of a row, the last axis of the prediction."""

from __future__ import annotations

import reprlib
from typing import TYPE_CHECKING, Any

import numpy as np

from autograd_lite.errors import describe

from .checks import class_indices, class_targets, share
from .functional import as_tensor, class_cross_entropy, nll, softmax_cross_entropy
from .loss import Loss

if TYPE_CHECKING:
    from autograd_lite.tensor import Tensor


class ClassLoss(Loss):
    """The base of losses in which classes may have weights.

    Args:
        reduction: "mean" over the rows, weighted by what their classes count for, so that equal
            weights change nothing; "sum", or "none".
        weight: what each class counts for, (classes,); 1 unless given.
        label_smoothing: the share of a target that is spread evenly over all classes.
        check_finite: whether nan and infinity are an error.

    Raises:
        ValueError: when a setting makes no sense.
    """

    weight: Tensor | None

    def __init__(
        self,
        reduction: str = "mean",
        weight: Any = None,
        *,
        label_smoothing: float = 0.0,
        check_finite: bool = False,
    ) -> None:
        super().__init__(reduction, check_finite=check_finite)
        name = type(self).__name__
        self.label_smoothing = share(name, "label_smoothing", label_smoothing)
        self.register_buffer("weight", None if weight is None else as_tensor(weight))
        w = self.weight
        if w is not None and (
            w.ndim != 1 or not (np.isfinite(w._data) & (w._data >= 0)).all() or not w._data.any()
        ):
            message = (
                f"{name}: got weight={describe(weight)}; expected one number from 0 for each class,"
                " not all of them 0"
            )
            raise ValueError(message)

    def weighted(self, x: Tensor, y: Any) -> tuple[Tensor, Tensor | None]:
        """The targets as rows, smoothed and weighted, and what each row counts for."""
        rows = class_targets(type(self).__name__, x, y)
        count = x.shape[-1]
        target = rows
        if self.label_smoothing:
            target = rows * (1 - self.label_smoothing) + self.label_smoothing / count
        if self.weight is None:
            return target, None
        if self.weight.shape != (count,):
            message = (
                f"{type(self).__name__}: got weights of {self.weight.size} classes and predictions"
                f" of {count}; expected one weight for each class"
            )
            raise ValueError(message)
        w = as_tensor(self.weight, x.dtype)
        return target * w, (rows * w).sum(axis=-1)

    def reduce_rows(self, losses: Tensor, counts: Tensor | None) -> Tensor:
        """`losses` reduced; their mean is weighted by `counts`, and 0 where nothing counts."""
        if counts is None or self.reduction != "mean":
            return self.reduce(losses)
        total = counts.sum()
        return losses.sum() / (total if total._data > 0 else 1)

    def extra_repr(self) -> str:
        """The settings that were given."""
        settings = [super().extra_repr()]
        if self.weight is not None:
            settings.append(f"weight={reprlib.repr(self.weight._data.tolist())}")
        if self.label_smoothing:
            settings.append(f"label_smoothing={self.label_smoothing}")
        return ", ".join(settings)


class SoftmaxCrossEntropyLoss(ClassLoss):
    """Cross entropy of logits: -sum_k w_k y_k log S_k of each row, with S = softmax(x).

    One op, by which value and gradient (S - y, for w = 1) are exact at any logits. A model that is
    trained with it ends in a Linear; apply `Softmax` to its outputs where probabilities are wanted.

    Args:
        reduction: "mean" over the rows, "sum" of them, or "none". With weights, the mean is the sum
            divided by the weights of the rows' classes, so equal weights change nothing.
        weight: w, what each class counts for, (classes,); 1 unless given.
        label_smoothing: the share of a target that is spread evenly over all classes.
        check_finite: whether nan and infinity are an error.

    Raises:
        ValueError: when a setting makes no sense.

    Source:
        Document 1; label smoothing from Szegedy et al., "Rethinking the inception architecture for
        computer vision", 2015, section 7.

    Example:
        >>> import autograd_lite as ag
        >>> from autograd_lite import nn
        >>> x = ag.tensor([[0.0, 1e4], [0.0, 0.0]], requires_grad=True)
        >>> loss = nn.SoftmaxCrossEntropyLoss(reduction="sum")(x, [0, 1])
        >>> loss.backward()
        >>> print(f"{loss.item():.1f}")
        10000.7
        >>> x.grad
        Tensor([[-1. ,  1. ],
                [ 0.5, -0.5]])
    """

    def forward(self, x: Any, y: Any) -> Tensor:
        """Compute the loss of logits against targets.

        Args:
            x: logits, (..., classes).
            y: class indices (...), or one-hot or other distributions (..., classes), of any dtype;
                the loss has that of `x`.

        Returns:
            One number, or the shape (...) with `reduction="none"`.

        Raises:
            ValueError: when the shapes do not fit, or rows of `y` are no distributions.
            TypeError: when class indices are not integers.
            IndexError: when a class index is out of range.
        """
        x = self.predicted(x, y)
        if self.weight is None and not self.label_smoothing:
            index = class_indices(type(self).__name__, x, y)
            if index is not None:
                return class_cross_entropy(x, index=index, reduction=self.reduction)
        target, counts = self.weighted(x, y)
        return self.reduce_rows(softmax_cross_entropy(x, target), counts)


class NLLLoss(ClassLoss):
    """The negative log likelihood: -sum_k w_k y_k x_k of each row, with x_k = log p_k.

    Behind a `LogSoftmax` it is what `SoftmaxCrossEntropyLoss` is on the logits, and as sound.

    Args:
        reduction: "mean" over the rows, "sum" of them, or "none". With weights, the mean is the sum
            divided by the weights of the rows' classes.
        weight: w, what each class counts for, (classes,); 1 unless given.
        check_finite: whether nan and infinity are an error.

    Raises:
        ValueError: when a setting makes no sense.

    Example:
        >>> from autograd_lite import nn
        >>> log_p = nn.LogSoftmax()([[0.0, 0.0], [0.0, 1e4]])
        >>> nn.NLLLoss(reduction="none")(log_p, [1, 0]).numpy().round(2)
        array([6.9e-01, 1.0e+04], dtype=float32)
    """

    def __init__(
        self, reduction: str = "mean", weight: Any = None, *, check_finite: bool = False
    ) -> None:
        super().__init__(reduction, weight, check_finite=check_finite)

    def forward(self, x: Any, y: Any) -> Tensor:
        """Compute the loss of the logarithms of probabilities against targets.

        Args:
            x: (..., classes), none above 0.
            y: class indices (...), or one-hot or other distributions (..., classes).

        Returns:
            One number, or the shape (...) with `reduction="none"`.

        Raises:
            ValueError: when a logarithm is above 0, shapes do not fit, or rows of `y` are no
                distributions.
            TypeError: when class indices are not integers.
            IndexError: when a class index is out of range.
        """
        x = self.predicted(x, y)
        check_logarithms("NLLLoss", x)
        target, counts = self.weighted(x, y)
        return self.reduce_rows(nll(x, target), counts)


def check_logarithms(name: str, x: Tensor) -> None:
    """Refuse what cannot be the logarithm of a probability; nan passes."""
    slack = max(1e-3, 20 * float(np.finfo(x.dtype).eps))
    if x.size and x._data.max() > slack:
        message = (
            f"{name}: got predictions up to {x._data.max():.4g}; expected logarithms of"
            " probabilities, none above 0: apply LogSoftmax first, or give logits to"
            " SoftmaxCrossEntropyLoss"
        )
        raise ValueError(message)
