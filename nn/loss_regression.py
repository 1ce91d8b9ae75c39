"""Losses of numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .checks import positive
from .functional import absolute_error, huber, squared_error
from .loss import Loss

if TYPE_CHECKING:
    from autograd_lite.tensor import Tensor


class MSELoss(Loss):
    """The squared error (p - y)^2.

    Args:
        reduction: "mean" of all elements, "sum" of all, or "none".
        check_finite: whether nan and infinity are an error.

    Raises:
        ValueError: when `reduction` is another word.

    Example:
        >>> from autograd_lite import nn
        >>> nn.MSELoss()([1.0, 2.0], [1.0, 4.0])
        Tensor(2.)
    """

    def forward(self, p: Any, y: Any) -> Tensor:
        """Compute the loss of predictions against targets.

        Args:
            p: predictions, of any shape.
            y: targets of the same shape, of any dtype; the loss has that of `p`.

        Returns:
            One number, or the shape of `p` with `reduction="none"`.

        Raises:
            ValueError: when the shapes differ: (n,) against (n, 1) would make n^2 errors.
        """
        return self.reduce(squared_error(*self.pair(p, y)))


class L1Loss(Loss):
    """The absolute error |p - y|; its gradient where both are equal is 0.

    Args:
        reduction: "mean" of all elements, "sum" of all, or "none".
        check_finite: whether nan and infinity are an error.

    Raises:
        ValueError: when `reduction` is another word.

    Example:
        >>> from autograd_lite import nn
        >>> nn.L1Loss()([1.0, 2.0], [1.0, 4.0])
        Tensor(1.)
    """

    def forward(self, p: Any, y: Any) -> Tensor:
        """Compute the loss of predictions against targets.

        Args:
            p: predictions, of any shape.
            y: targets of the same shape, of any dtype; the loss has that of `p`.

        Returns:
            One number, or the shape of `p` with `reduction="none"`.

        Raises:
            ValueError: when the shapes differ: (n,) against (n, 1) would make n^2 errors.
        """
        return self.reduce(absolute_error(*self.pair(p, y)))


class HuberLoss(Loss):
    """(p - y)^2 / 2 up to an error of delta, and delta (|p - y| - delta / 2) beyond it.

    So outliers pull with a gradient of at most delta.

    Args:
        reduction: "mean" of all elements, "sum" of all, or "none".
        delta: where the square becomes a straight line.
        check_finite: whether nan and infinity are an error.

    Raises:
        ValueError: when `reduction` is another word, or `delta` is not above 0.

    Source:
        Huber, "Robust estimation of a location parameter", 1964.

    Example:
        >>> from autograd_lite import nn
        >>> nn.HuberLoss(delta=1.0, reduction="none")([0.5, 3.0], [0.0, 0.0])
        Tensor([0.125, 2.5  ])
    """

    def __init__(
        self, reduction: str = "mean", delta: float = 1.0, *, check_finite: bool = False
    ) -> None:
        super().__init__(reduction, check_finite=check_finite)
        self.delta = positive("HuberLoss", "delta", delta)

    def forward(self, p: Any, y: Any) -> Tensor:
        """Compute the loss of predictions against targets.

        Args:
            p: predictions, of any shape.
            y: targets of the same shape, of any dtype; the loss has that of `p`.

        Returns:
            One number, or the shape of `p` with `reduction="none"`.

        Raises:
            ValueError: when the shapes differ: (n,) against (n, 1) would make n^2 errors.
        """
        return self.reduce(huber(*self.pair(p, y), delta=self.delta))

    def extra_repr(self) -> str:
        """The reduction, and the width of the square."""
        return f"{super().extra_repr()}, delta={self.delta}"
