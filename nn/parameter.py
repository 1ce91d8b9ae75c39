"""The parameter: a tensor that a module owns and an optimizer updates."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from autograd_lite.dtypes import floating
from autograd_lite.errors import describe
from autograd_lite.tensor import Tensor

if TYPE_CHECKING:
    from numpy.typing import DTypeLike, NDArray


class Parameter(Tensor):
    """A tensor that a `Module` finds among its attributes, and that requires a gradient.

    Its values are a copy of what it is given, in the default dtype also where that is a float64
    array: a model has one dtype, and takes another only when told.

    Args:
        data: an array, a tensor, a number, or nested lists.
        dtype: a floating dtype; the default one unless given.
        requires_grad: False freezes it: no gradient is computed, and optimizers pass it over.

    Attributes:
        name: where the module that was last asked for its parameters has it ("0.weight"); before
            that the attribute's own name ("weight"), or None. Asking a part of that module leaves
            the longer name, so after `optimizer = SGD(model.parameters())` it is the model's.

    Raises:
        TypeError: when `dtype` is not a floating dtype, or `data` is not numeric.

    Example:
        >>> from autograd_lite import nn
        >>> nn.Parameter([1.0, 2.0])
        Parameter([1., 2.], requires_grad=True)
    """

    __slots__ = ("name",)

    name: str | None

    def __init__(
        self, data: Any, *, dtype: DTypeLike | None = None, requires_grad: bool = True
    ) -> None:
        super().__init__(data, requires_grad, floating("Parameter", dtype))
        self.name = None

    def __reduce__(self) -> tuple[Any, ...]:
        restore, made = super().__reduce__()[:2]
        return restore, made, (getattr(self, "__dict__", None), {"name": self.name})


def filled(name: str, shape: tuple[int, ...], value: float, dtype: DTypeLike) -> NDArray[Any]:
    """An array of one value; an error in the name of `name` where there is no memory for it."""
    try:
        return np.full(shape, value, dtype)
    except (MemoryError, ValueError) as error:
        message = f"{name}: no memory for weights of shape {shape}: {error}"
        raise MemoryError(message) from error


def whole(name: str, setting: str, value: Any) -> int:
    """`value` if it is an integer of at least 1, else an error that names the setting."""
    if isinstance(value, (bool, np.bool_)) or not isinstance(value, (int, np.integer)) or value < 1:
        message = f"{name}: got {setting}={describe(value)}; expected an integer of at least 1"
        raise ValueError(message)
    return int(value)
