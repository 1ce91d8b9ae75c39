"""From logits to probabilities, along an axis."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from autograd_lite import ops

from .functional import as_tensor
from .module import Module

if TYPE_CHECKING:
    from autograd_lite.tensor import Tensor


class Softmax(Module):
    """S_i = e^(x_i) / sum_j e^(x_j) along an axis: positive numbers that sum to 1.

    Followed by a `CrossEntropyLoss`, the gradient for x is S - y, also where S underflows to 0. To
    train on the logits themselves use `SoftmaxCrossEntropyLoss`.

    Args:
        axis: the axis of the classes.

    Source:
        Document 1.

    Example:
        >>> from autograd_lite import nn
        >>> nn.Softmax()([[0.0, 0.0], [0.0, 1000.0]])
        Tensor([[0.5, 0.5],
                [0. , 1. ]])
    """

    def __init__(self, axis: int = -1) -> None:
        self.axis = axis

    def forward(self, x: Any) -> Tensor:
        """Compute S for logits `x` of any shape that has the axis."""
        return ops.softmax(as_tensor(x), self.axis)

    def extra_repr(self) -> str:
        """The axis."""
        return f"axis={self.axis}"


class LogSoftmax(Module):
    """The logarithm of softmax, x_i - log sum_j e^(x_j), also where softmax underflows to 0.

    Args:
        axis: the axis of the classes.

    Example:
        >>> from autograd_lite import nn
        >>> nn.LogSoftmax()([0.0, 1000.0])
        Tensor([-1000.,     0.])
    """

    def __init__(self, axis: int = -1) -> None:
        self.axis = axis

    def forward(self, x: Any) -> Tensor:
        """Compute log S for logits `x` of any shape that has the axis."""
        return ops.log_softmax(as_tensor(x), self.axis)

    def extra_repr(self) -> str:
        """The axis."""
        return f"axis={self.axis}"
