"""Losses of whole distributions: how far the predicted one is from the target."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .checks import check_distribution, class_targets, number
from .functional import brier_score, cross_entropy, kl_divergence
from .loss import Loss
from .loss_classes import check_logarithms

if TYPE_CHECKING:
    from autograd_lite.tensor import Tensor

_WAY_OUT = "apply Softmax first, as the last layer of the model, or give logits to "


class CrossEntropyLoss(Loss):
    """Cross entropy of probabilities: -sum_k y_k log p_k of each row, as in document 1.

    The value is of p clipped to [eps, 1 - eps], so it is at most -log(1e-7), about 16.1. The
    gradient is not clipped: it is -y / p, and behind a Softmax the one for the logits is S - y,
    also where S underflows to 0. (The document's code hands S - y to Softmax, which multiplies it
    by its Jacobian once more: that is the gradient of `BrierLoss`, and not of the printed loss.)

    Where only logits are at hand, `SoftmaxCrossEntropyLoss` does both in one step, does not clip,
    and is faster.

    Args:
        reduction: "mean" over the rows, "sum" of them, or "none".
        eps: the clipping of the value.
        check_finite: whether nan and infinity are an error.

    Raises:
        ValueError: when `reduction` is another word, or `eps` is not from 0 to 0.5.

    Source:
        Document 1.

    Example:
        >>> import autograd_lite as ag
        >>> from autograd_lite import nn
        >>> logits = ag.tensor([[0.0, 1e4], [0.0, 0.0]], requires_grad=True)
        >>> loss = nn.CrossEntropyLoss(reduction="sum")(nn.Softmax()(logits), [0, 1])
        >>> loss.backward()
        >>> print(f"{loss.item():.4f}")  # -log(1e-7) + log(2)
        16.8112
        >>> logits.grad.numpy().round(6)
        array([[-1. ,  1. ],
               [ 0.5, -0.5]], dtype=float32)
    """

    def __init__(
        self, reduction: str = "mean", eps: float = 1e-7, *, check_finite: bool = False
    ) -> None:
        super().__init__(reduction, check_finite=check_finite)
        small = "a small number above 0"
        self.eps = number("CrossEntropyLoss", "eps", eps, lambda v: 0 < v < 0.5, small)

    def forward(self, p: Any, y: Any) -> Tensor:
        """Compute the loss of probabilities against targets.

        Args:
            p: probabilities, (..., classes).
            y: class indices (...), or one-hot or other distributions (..., classes), of any dtype;
                the loss has that of `p`.

        Returns:
            One number, or the shape (...) with `reduction="none"`.

        Raises:
            ValueError: when rows are no distributions (nan passes), or the shapes do not fit.
            TypeError: when class indices are not integers.
            IndexError: when a class index is out of range.
        """
        p = self.predicted(p, y)
        target = class_targets("CrossEntropyLoss", p, y)
        way_out = _WAY_OUT + "SoftmaxCrossEntropyLoss"
        check_distribution("CrossEntropyLoss", p, "predictions", way_out)
        return self.reduce(cross_entropy(p, target, eps=self.eps))

    def extra_repr(self) -> str:
        """The reduction and eps."""
        return f"{super().extra_repr()}, eps={self.eps}"


class BrierLoss(Loss):
    """Half the squared distance of distributions: sum_k (p_k - y_k)^2 / 2 of each row.

    Behind a Softmax, its gradient for the logits is the softmax Jacobian times S - y: what document
    1's training descends, summed over the batch, under the name of cross entropy.

    Args:
        reduction: "mean" over the rows, "sum" of them, or "none".
        check_finite: whether nan and infinity are an error.

    Raises:
        ValueError: when `reduction` is another word.

    Source:
        Brier, "Verification of forecasts expressed in terms of probability", 1950.

    Example:
        >>> from autograd_lite import nn
        >>> nn.BrierLoss()([[0.25, 0.75]], [0])
        Tensor(0.5625)
    """

    def forward(self, p: Any, y: Any) -> Tensor:
        """Compute the loss of probabilities against targets.

        Args:
            p: probabilities, (..., classes).
            y: class indices (...), or one-hot or other distributions (..., classes), of any dtype;
                the loss has that of `p`.

        Returns:
            One number, or the shape (...) with `reduction="none"`.

        Raises:
            ValueError: when rows are no distributions (nan passes), or the shapes do not fit.
            TypeError: when class indices are not integers.
            IndexError: when a class index is out of range.
        """
        p = self.predicted(p, y)
        target = class_targets("BrierLoss", p, y)
        check_distribution(
            "BrierLoss", p, "predictions", _WAY_OUT + "another loss: this is one of probabilities"
        )
        return self.reduce(brier_score(p, target))


class KLDivLoss(Loss):
    """The divergence of the target from the prediction: sum_k y_k (log y_k - x_k) of each row.

    x_k is the *logarithm* of the predicted probability, as `LogSoftmax` gives it, so that nothing
    underflows; y_k is a probability, and one of 0 counts for nothing.

    Args:
        reduction: "mean" over the rows (which some call "batchmean"), "sum" of them, or "none".
        check_finite: whether nan and infinity are an error.

    Raises:
        ValueError: when `reduction` is another word.

    Source:
        Kullback and Leibler, "On information and sufficiency", 1951.

    Example:
        >>> from autograd_lite import nn
        >>> log_p = nn.LogSoftmax()([[0.0, 0.0]])
        >>> print(f"{nn.KLDivLoss()(log_p, [[0.25, 0.75]]).item():.4f}")
        0.1308
    """

    def forward(self, x: Any, y: Any) -> Tensor:
        """Compute the divergence of distributions.

        Args:
            x: the logarithms of the predicted probabilities, (..., classes), none above 0.
            y: class indices (...), or distributions (..., classes), of any dtype; the loss has that
                of `x`.

        Returns:
            One number, or the shape (...) with `reduction="none"`.

        Raises:
            ValueError: when a logarithm is above 0 (nan passes), rows of `y` are no distributions,
                or the shapes do not fit.
            TypeError: when class indices are not integers.
            IndexError: when a class index is out of range.
        """
        x = self.predicted(x, y)
        check_logarithms("KLDivLoss", x)
        return self.reduce(kl_divergence(x, class_targets("KLDivLoss", x, y)))
