"""Products of vectors, and of whatever is made of vectors, as compositions."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from autograd_lite.errors import composite
from autograd_lite.ops.arithmetic import mul
from autograd_lite.ops.form import moveaxis
from autograd_lite.ops.linalg import matmul, tensordot
from autograd_lite.ops.reduce import sum
from autograd_lite.ops.shape import expand_dims, reshape, roll, squeeze

if TYPE_CHECKING:
    from autograd_lite.tensor import Tensor


@composite("the last axes of one size")
def inner(x: Any, y: Any) -> Tensor:
    """The sum of products over the last axes of x and y; with a number the product.

    Example:
        >>> import autograd_lite as ag
        >>> ag.inner(ag.tensor([1.0, 2.0]), ag.tensor([3.0, 4.0]))
        Tensor(11.)
    """
    if np.ndim(x) == 0 or np.ndim(y) == 0:
        return mul(x, y)
    return tensordot(x, y, ((-1,), (-1,)))


@composite("as many elements on both sides")
def vdot(x: Any, y: Any) -> Tensor:
    """The sum of products of all elements, in the order of C.

    Example:
        >>> import autograd_lite as ag
        >>> ag.vdot(ag.tensor([[1.0], [2.0]]), ag.tensor([3.0, 4.0]))
        Tensor(11.)
    """
    return matmul(reshape(x, -1), reshape(y, -1))


@composite("one size along the axis, and other axes that broadcast")
def vecdot(x: Any, y: Any, axis: int = -1) -> Tensor:
    """The sum of products along an axis, with broadcasting over the others.

    Example:
        >>> import autograd_lite as ag
        >>> ag.vecdot(ag.tensor([[1.0, 2.0], [3.0, 4.0]]), ag.tensor([1.0, 1.0]))
        Tensor([3., 7.])
    """
    if np.shape(x)[axis] != np.shape(y)[axis]:
        message = f"sizes {np.shape(x)[axis]} and {np.shape(y)[axis]}"
        raise ValueError(message)
    return sum(mul(moveaxis(x, axis, -1), moveaxis(y, axis, -1)), -1)


@composite("matrices (..., m, n) and vectors (..., n)")
def matvec(x: Any, y: Any) -> Tensor:
    """Matrices times vectors, with broadcasting over the other axes.

    Example:
        >>> import autograd_lite as ag
        >>> ag.matvec(ag.ones(2, 3), ag.ones(4, 3)).shape
        (4, 2)
    """
    return squeeze(matmul(x, expand_dims(y, -1)), -1)


@composite("vectors (..., m) and matrices (..., m, n)")
def vecmat(x: Any, y: Any) -> Tensor:
    """Vectors times matrices, with broadcasting over the other axes.

    Example:
        >>> import autograd_lite as ag
        >>> ag.vecmat(ag.ones(4, 2), ag.ones(2, 3)).shape
        (4, 3)
    """
    return squeeze(matmul(expand_dims(x, -2), y), -2)


@composite("three elements along the axis, and other axes that broadcast")
def cross(x: Any, y: Any, axis: int = -1) -> Tensor:
    """The cross product of vectors of three elements along an axis.

    Example:
        >>> import autograd_lite as ag
        >>> ag.cross(ag.tensor([1.0, 0.0, 0.0]), ag.tensor([0.0, 1.0, 0.0]))
        Tensor([0., 0., 1.])
    """
    x, y = moveaxis(x, axis, -1), moveaxis(y, axis, -1)
    if np.shape(x)[-1] != 3 or np.shape(y)[-1] != 3:
        message = f"vectors of {np.shape(x)[-1]} and {np.shape(y)[-1]} elements"
        raise ValueError(message)
    first = mul(roll(x, -1, -1), roll(y, -2, -1))
    return moveaxis(first - mul(roll(x, -2, -1), roll(y, -1, -1)), -1, axis)


@composite("two arrays")
def kron(x: Any, y: Any) -> Tensor:
    """The Kronecker product: y, as often as x has elements, times each of these.

    Example:
        >>> import autograd_lite as ag
        >>> ag.kron(ag.tensor([1.0, 10.0]), ag.tensor([1.0, 2.0]))
        Tensor([ 1.,  2., 10., 20.])
    """
    n = max(np.ndim(x), np.ndim(y))
    left, right = ((1,) * (n - np.ndim(a)) + np.shape(a) for a in (x, y))
    wide = mul(
        reshape(x, [s for size in left for s in (size, 1)]),
        reshape(y, [s for size in right for s in (1, size)]),
    )
    return reshape(wide, [math.prod(pair) for pair in zip(left, right, strict=True)])
