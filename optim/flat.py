"""The parameters of an optimizer as one vector, for rules that treat them together."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from autograd_lite.memory import writable

from .state import Unlocked

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from autograd_lite.tensor import Tensor


class Flat(Unlocked):
    """A point in the space of all parameters, and a direction to move in from there.

    Args:
        params: the parameters.

    Attributes:
        size: how many numbers they hold together.
        dtype: the dtype of the vectors: that which holds all of theirs.
        point: where the parameters were at the last `keep`.
        grad: the gradient.
        previous: the gradient at the last `keep`.
        direction: where to move.
        scratch, spare: for passing results.

    Example:
        >>> import autograd_lite as ag
        >>> w = ag.tensor([1.0, 2.0], requires_grad=True)
        >>> flat = Flat([w])
        >>> flat.keep()
        >>> flat.direction[...] = 10.0
        >>> flat.move(0.5)
        >>> w.data
        array([6., 7.], dtype=float32)
    """

    def __init__(self, params: Sequence[Tensor]) -> None:
        self.size = sum(param.size for param in params)
        self.dtype = np.result_type(*(param.dtype for param in params))
        vectors = np.zeros((6, self.size), self.dtype)
        self.point, self.grad, self.previous, self.direction, self.scratch, self.spare = vectors
        self.params = list(params)

    def fits(self, params: Sequence[Tensor]) -> bool:
        """Whether this is made for these parameters as they are now."""
        return (
            len(params) == len(self.params)
            and all(a is b for a, b in zip(params, self.params, strict=True))
            and self.dtype == np.result_type(*(param.dtype for param in params))
        )

    def parts(self) -> Iterator[tuple[Tensor, slice]]:
        """Each parameter and its place in a vector."""
        first = 0
        for param in self.params:
            yield param, slice(first, first + param.size)
            first += param.size

    def keep(self) -> None:
        """Note the parameters and the gradient as those to move from."""
        for param, part in self.parts():
            np.copyto(self.point[part].reshape(param.shape), param._data)
        np.copyto(self.previous, self.grad)

    def move(self, length: float) -> None:
        """Set the parameters that require a gradient to point + length direction."""
        np.copyto(self.scratch, self.point)
        if length:
            self.scratch += np.multiply(self.direction, length, out=self.spare)
        for param, part in self.parts():
            if param.requires_grad:
                np.copyto(writable(param), self.scratch[part].reshape(param.shape))

    def largest(self, vector: NDArray[Any]) -> float:
        """The largest absolute value of a vector."""
        return float(np.abs(vector, out=self.scratch).max(initial=0.0))
