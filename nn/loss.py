"""The base of losses."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from autograd_lite.errors import describe, flag, is_one_of

from .checks import as_floats, refuse_not_finite, same_shape
from .functional import as_tensor
from .module import Module

if TYPE_CHECKING:
    from autograd_lite.tensor import Tensor

REDUCTIONS = ("mean", "sum", "none")


class Loss(Module):
    """The base of losses, how far a prediction is from its target: what becomes of many of them.

    Args:
        reduction: "mean" of all, "sum" of all, or "none": as they are.
        check_finite: whether nan and infinity in predictions and targets are an error, instead of
            a loss that is nan.

    Raises:
        ValueError: when `reduction` is none of these.
    """

    def __init__(self, reduction: str = "mean", *, check_finite: bool = False) -> None:
        if not is_one_of(reduction, REDUCTIONS):
            message = (
                f"{type(self).__name__}: got reduction={describe(reduction)};"
                f" expected one of {', '.join(map(repr, REDUCTIONS))}"
            )
            raise ValueError(message)
        self.reduction = reduction
        self.check_finite = flag(type(self).__name__, "check_finite", check_finite)

    def reduce(self, losses: Tensor) -> Tensor:
        """`losses` reduced as the setting says."""
        if self.reduction == "mean":
            return losses.mean()
        return losses.sum() if self.reduction == "sum" else losses

    def extra_repr(self) -> str:
        """The reduction, and whether it checks."""
        return f"reduction={self.reduction!r}" + (
            ", check_finite=True" if self.check_finite else ""
        )

    def predicted(self, p: Any, y: Any) -> Tensor:
        """The predictions as a tensor of floats, after the check for what is not finite."""
        if self.check_finite:
            refuse_not_finite(type(self).__name__, p, "the predictions")
            refuse_not_finite(type(self).__name__, y, "the targets")
        return as_floats(p)

    def pair(self, p: Any, y: Any) -> tuple[Tensor, Tensor]:
        """Predictions and targets of one shape, in the dtype of the predictions."""
        p = self.predicted(p, y)
        y = as_tensor(y, p.dtype)
        same_shape(type(self).__name__, p, y)
        return p, y
