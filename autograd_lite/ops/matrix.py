"""Parts of matrices: diagonals and triangles."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from autograd_lite.errors import composite
from autograd_lite.graph import op_expecting
from autograd_lite.ops.reduce import sum

if TYPE_CHECKING:
    from autograd_lite.node import Array
    from autograd_lite.tensor import Tensor

_MATRIX = "at least two axes, axis1 and axis2 being different ones"


@op_expecting(_MATRIX)
def diagonal(x: Array, /, offset: int = 0, axis1: int = 0, axis2: int = 1) -> tuple[Any, ...]:
    """The diagonals of the matrices in two axes, as the last axis.

    Args:
        x: an array of at least two axes.
        offset: which diagonal: above the main one for positive, below for negative numbers.
        axis1: the axis of the rows.
        axis2: the axis of the columns.

    Example:
        >>> import autograd_lite as ag
        >>> ag.diagonal(ag.tensor([[1.0, 2.0], [3.0, 4.0]]))
        Tensor([1., 4.])
    """
    shape = x.shape
    out = np.diagonal(x, offset, axis1, axis2)
    return out, lambda g: on_diagonal(g, shape, offset, axis1, axis2)


@op_expecting(_MATRIX)
def on_diagonal(
    x: Array, /, shape: tuple[int, ...], offset: int, axis1: int, axis2: int
) -> tuple[Any, ...]:
    """Zeros of `shape` with the last axis of x on the diagonals of the matrices in two axes.

    Example:
        >>> import autograd_lite as ag
        >>> ag.ops.on_diagonal(np.array([1.0, 4.0]), (2, 2), 0, 0, 1)
        array([[1., 0.],
               [0., 4.]])
    """
    out = np.zeros(shape, x.dtype)
    i = np.arange(x.shape[-1])
    np.moveaxis(out, (axis1, axis2), (-2, -1))[..., i - min(offset, 0), i + max(offset, 0)] = x
    return out, lambda g: diagonal(g, offset, axis1, axis2)


@composite(_MATRIX)
def trace(x: Any, offset: int = 0, axis1: int = 0, axis2: int = 1) -> Tensor:
    """The sum of a diagonal of the matrices in two axes.

    Args:
        x: an array of at least two axes.
        offset: which diagonal, as for `diagonal`.
        axis1: the axis of the rows.
        axis2: the axis of the columns.

    Example:
        >>> import autograd_lite as ag
        >>> ag.trace(ag.tensor([[1.0, 2.0], [3.0, 4.0]]))
        Tensor(5.)
    """
    return sum(diagonal(x, offset, axis1, axis2), -1)


@op_expecting("matrices (..., m, n)")
def tril(x: Array, /, k: int = 0) -> tuple[Any, ...]:
    """The lower triangles of matrices: zeros above the k-th diagonal.

    Example:
        >>> import autograd_lite as ag
        >>> ag.tril(ag.ones(2, 2))
        Tensor([[1., 0.],
                [1., 1.]])
    """
    return np.tril(x, k), lambda g: tril(g, k)


@op_expecting("matrices (..., m, n)")
def triu(x: Array, /, k: int = 0) -> tuple[Any, ...]:
    """The upper triangles of matrices: zeros below the k-th diagonal.

    Example:
        >>> import autograd_lite as ag
        >>> ag.triu(ag.ones(2, 2))
        Tensor([[1., 1.],
                [0., 1.]])
    """
    return np.triu(x, k), lambda g: triu(g, k)
