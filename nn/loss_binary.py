"""Losses of two classes, or of many that do not exclude one another."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from autograd_lite.errors import describe

from .checks import check_unit, number
from .functional import as_tensor, binary_cross_entropy, binary_cross_entropy_with_logits
from .loss import Loss

if TYPE_CHECKING:
    from autograd_lite.tensor import Tensor


class BCELoss(Loss):
    """Binary cross entropy of probabilities p, as document 1 computes it.

    The loss of an element is -(y log(p + eps) + (1 - y) log(1 - p + eps)). Its gradient for p is
    the document's rule (p - y) / (p (1 - p) + eps): the derivative for eps = 0, made finite, and
    not the derivative of the loss with its eps, from which it differs near p = 0 and 1. The rule is
    kept because the document's training runs follow it: with the derivative instead, they leave the
    printed losses after some epochs.

    Behind a Sigmoid, the gradient for the logit is (p - y) p (1 - p) / (p (1 - p) + eps): it fades
    where p comes near 0 or 1, also where that is wrong, and is 0 where p rounds to 0 or 1. In new
    work use `BCEWithLogitsLoss`, which takes the logits and is sound at any of them.

    The document prints the mean over the batch and descends the sum, so its runs are those of
    `reduction="sum"`, and its learning rates are for that.

    Args:
        reduction: "mean" of all elements, "sum" of all, or "none".
        eps: what keeps the logarithms finite, and the gradient. In float16, 1e-7 is too small to
            be seen.
        check_finite: whether nan and infinity are an error.

    Raises:
        ValueError: when `reduction` is another word, or `eps` is negative.

    Source:
        Document 1.

    Example:
        >>> import autograd_lite as ag
        >>> from autograd_lite import nn
        >>> p = ag.tensor([[0.5], [0.25]], requires_grad=True)
        >>> loss = nn.BCELoss(reduction="sum")(p, [[1], [0]])
        >>> loss.backward()
        >>> print(f"{loss.item():.4f}")
        0.9808
        >>> p.grad.numpy().round(4)
        array([[-2.    ],
               [ 1.3333]], dtype=float32)
    """

    def __init__(
        self, reduction: str = "mean", eps: float = 1e-7, *, check_finite: bool = False
    ) -> None:
        super().__init__(reduction, check_finite=check_finite)
        self.eps = number("BCELoss", "eps", eps, lambda v: v >= 0, "a small number, at least 0")

    def forward(self, p: Any, y: Any) -> Tensor:
        """Compute the loss of probabilities against targets.

        Args:
            p: probabilities, of any shape.
            y: targets from 0 to 1, of the same shape; integers and booleans do. Their dtype does
                not matter: the loss is computed in that of `p`.

        Returns:
            One number, or the shape of `p` with `reduction="none"`.

        Raises:
            ValueError: when the shapes differ, or a value is below 0 or above 1 (nan passes).
        """
        p, y = self.pair(p, y)
        way_out = (
            "apply Sigmoid first, as the last layer of the model, or give logits to"
            " BCEWithLogitsLoss"
        )
        check_unit("BCELoss", p, "probabilities", way_out)
        check_unit("BCELoss", y, "targets", "encode the two classes as 0 and 1")
        return self.reduce(binary_cross_entropy(p, y, eps=self.eps))

    def extra_repr(self) -> str:
        """The reduction and eps."""
        return f"{super().extra_repr()}, eps={self.eps}"


class BCEWithLogitsLoss(Loss):
    """Binary cross entropy of logits x: -(w y log p + (1 - y) log(1 - p)) with p = sigmoid(x).

    It is computed as w y softplus(-x) + (1 - y) softplus(x), whose gradient for w = 1 is
    sigmoid(x) - y: sound at any logit, where `BCELoss` behind a Sigmoid loses the gradient of a
    prediction that is surely wrong. `BCELoss` is there for document 1's runs.

    Args:
        reduction: "mean" of all elements, "sum" of all, or "none".
        pos_weight: w, what the positives count for: one number, or one for each output.
        check_finite: whether nan and infinity are an error.

    Raises:
        ValueError: when `reduction` is another word, or a weight is negative or not finite.

    Example:
        >>> import autograd_lite as ag
        >>> from autograd_lite import nn
        >>> x = ag.tensor([0.0, 1e4], requires_grad=True)
        >>> loss = nn.BCEWithLogitsLoss(reduction="sum")(x, [1, 0])
        >>> loss.backward()
        >>> print(f"{loss.item():.1f}")
        10000.7
        >>> x.grad
        Tensor([-0.5,  1. ])
    """

    pos_weight: Tensor | None

    def __init__(
        self, reduction: str = "mean", pos_weight: Any = None, *, check_finite: bool = False
    ) -> None:
        super().__init__(reduction, check_finite=check_finite)
        self.register_buffer("pos_weight", None if pos_weight is None else as_tensor(pos_weight))
        w = self.pos_weight
        if w is not None and not (np.isfinite(w._data) & (w._data >= 0)).all():
            message = (
                f"BCEWithLogitsLoss: got pos_weight={describe(pos_weight)}; expected finite numbers"
                " from 0: for many negatives to one positive, their ratio"
            )
            raise ValueError(message)

    def forward(self, x: Any, y: Any) -> Tensor:
        """Compute the loss of logits against targets.

        Args:
            x: logits, of any shape.
            y: targets from 0 to 1, of the same shape and any dtype; the loss has that of `x`.

        Returns:
            One number, or the shape of `x` with `reduction="none"`.

        Raises:
            ValueError: when the shapes differ, or a target is below 0 or above 1 (nan passes).
        """
        x, y = self.pair(x, y)
        check_unit("BCEWithLogitsLoss", y, "targets", "encode the two classes as 0 and 1")
        w = None if self.pos_weight is None else as_tensor(self.pos_weight, x.dtype)
        if w is not None and w.ndim and w.shape != x.shape[-w.ndim :]:
            message = (
                f"BCEWithLogitsLoss: got pos_weight of shape {w.shape} for logits of shape"
                f" {x.shape}; expected one number, or one for each output: {x.shape[-1:]}"
            )
            raise ValueError(message)
        return self.reduce(binary_cross_entropy_with_logits(x, y, 1.0 if w is None else w))

    def extra_repr(self) -> str:
        """The reduction, and the weight of the positives."""
        if self.pos_weight is None:
            return super().extra_repr()
        return f"{super().extra_repr()}, pos_weight={self.pos_weight._data.tolist()}"
