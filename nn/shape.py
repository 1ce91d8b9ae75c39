"""Layers that change no value."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from .functional import as_tensor
from .module import Module

if TYPE_CHECKING:
    from autograd_lite.tensor import Tensor


class Identity(Module):
    """The input as it is: a place holder, where another module may come.

    Example:
        >>> from autograd_lite import nn
        >>> nn.Identity()([1.0, 2.0])
        Tensor([1., 2.])
    """

    def forward(self, x: Any) -> Tensor:
        """Return `x`."""
        return as_tensor(x)


class Flatten(Module):
    """Several axes in one: unless told otherwise all but the first, which is that of the batch.

    Args:
        start_axis: the first axis to flatten.
        end_axis: the last one.

    Example:
        >>> import autograd_lite as ag
        >>> from autograd_lite import nn
        >>> nn.Flatten()(ag.zeros(5, 28, 28)).shape
        (5, 784)
    """

    def __init__(self, start_axis: int = 1, end_axis: int = -1) -> None:
        self.start_axis = start_axis
        self.end_axis = end_axis

    def forward(self, x: Any) -> Tensor:
        """Flatten the axes.

        Args:
            x: an array that has the axes.

        Returns:
            The same values, in the order of C.

        Raises:
            ValueError: when `x` has no such axes, or the last comes before the first.
        """
        given = as_tensor(x)
        n, shape = given.ndim, given.shape
        first = self.start_axis + n * (self.start_axis < 0)
        last = self.end_axis + n * (self.end_axis < 0)
        if not 0 <= first <= last < n:
            message = (
                f"Flatten({self.extra_repr()}): got x of shape {shape}; expected at least the axes"
                " that are to be one, as (batch, features)"
            )
            raise ValueError(message)
        joined = math.prod(shape[first : last + 1])
        return given.reshape(*shape[:first], joined, *shape[last + 1 :])

    def extra_repr(self) -> str:
        """The axes."""
        return f"start_axis={self.start_axis}, end_axis={self.end_axis}"
