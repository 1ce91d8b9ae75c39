"""Systems of linear equations, inverses and powers."""

from __future__ import annotations

import math
import operator
from typing import TYPE_CHECKING, Any

import numpy as np

from autograd_lite.errors import composite
from autograd_lite.graph import array_of, op_expecting
from autograd_lite.linalg.located import located
from autograd_lite.node import Shared
from autograd_lite.ops.arithmetic import add, where
from autograd_lite.ops.linalg import matmul
from autograd_lite.ops.matrix import tril, triu
from autograd_lite.ops.shape import expand_dims, reshape, squeeze, transpose
from autograd_lite.stacks import stacked

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from autograd_lite.node import Array
    from autograd_lite.tensor import Tensor

_REGULAR = "regular matrices (..., n, n): pinv and lstsq take singular ones"
_SYSTEM = "regular matrices (..., n, n), and a vector (n,) or matrices (..., n, k)"
_TRIANGLE = "triangular matrices (..., n, n) with no 0 on the diagonal, and b (n,) or (..., n, k)"
_BLOCK = 64  # below this size, LAPACK's solver of any matrices is faster than blocks


@op_expecting(_REGULAR)
def inv(a: Array, /) -> tuple[Any, ...]:
    """The inverses of matrices, A^-1; `solve` is more accurate where the inverse is multiplied.

    Args:
        a: (..., n, n).

    Returns:
        (..., n, n).

    Raises:
        LinAlgError: when a matrix is singular (the message tells which), or not square.

    Source:
        Giles, An extended collection of matrix derivative results (2008), section 2.2.3.

    Example:
        >>> import autograd_lite as ag
        >>> ag.linalg.inv(ag.tensor([[2.0, 0.0], [0.0, 4.0]]))
        Tensor([[0.5 , 0.  ],
                [0.  , 0.25]])
    """
    out = located(np.linalg.inv, a)
    return out, lambda g: -(out.mT @ g @ out.mT)


@composite(_SYSTEM)
def solve(a: Any, b: Any) -> Tensor:
    """The solutions x of A x = b, for a vector, matrices, and stacks that broadcast.

    As in NumPy 2, b is a vector if it has one axis, else matrices. The gradient solves with A^T
    once, for both operands.

    Args:
        a: (..., n, n).
        b: (n,), or (..., n, k).

    Returns:
        (..., n) for a vector, else (..., n, k).

    Raises:
        LinAlgError: when a matrix is singular (the message tells which), or not square.

    Source:
        Giles, An extended collection of matrix derivative results (2008), section 2.3.1.

    Example:
        >>> import autograd_lite as ag
        >>> ag.linalg.solve(ag.tensor([[2.0, 0.0], [0.0, 4.0]]), ag.tensor([1.0, 1.0]))
        Tensor([0.5 , 0.25])
    """
    if np.ndim(b) == 1:
        return squeeze(_solve(a, expand_dims(b, -1)), -1)
    return _solve(a, b)


@op_expecting(_SYSTEM)
@stacked
def _solve(a: Array, b: Array, /) -> tuple[Any, ...]:
    """The solutions for matrices b."""
    out = located(np.linalg.solve, a, b)
    return out, Shared(lambda g: _solve(a.mT, g)), lambda g: -(g @ out.mT), lambda g: g


@composite(_TRIANGLE)
def solve_triangular(a: Any, b: Any, lower: bool = False) -> Tensor:
    """The solutions x of A x = b for triangular A, by substitution; SciPy has it, NumPy has not.

    Only the triangle is read, and has a gradient. Blocks of 64 are solved by LAPACK's general
    solver, all else are products of matrices. At n = 500 it takes half of the time of `solve`, for
    a vector a twentieth; at n = 100 it takes a little more.

    Args:
        a: (..., n, n).
        b: (n,), or (..., n, k).
        lower: whether the lower triangle is meant, instead of the upper one.

    Returns:
        (..., n) for a vector, else (..., n, k).

    Raises:
        LinAlgError: when there is a 0 on a diagonal, or the matrices are not square.

    Source:
        Giles, An extended collection of matrix derivative results (2008), section 2.3.1, of which
        the gradient for A is the triangle.

    Example:
        >>> import autograd_lite as ag
        >>> ag.linalg.solve_triangular(ag.tensor([[2.0, 2.0], [0.0, 4.0]]), ag.tensor([4.0, 4.0]))
        Tensor([1., 1.])
    """
    if np.ndim(b) == 1:
        return squeeze(_solve_triangular(a, expand_dims(b, -1), lower), -1)
    return _solve_triangular(a, b, lower)


@op_expecting(_TRIANGLE)
@stacked
def _solve_triangular(a: Array, b: Array, /, lower: bool) -> tuple[Any, ...]:
    """The solutions for matrices b."""
    if a.shape[-2] != a.shape[-1]:
        message = "the matrices are not square"
        raise np.linalg.LinAlgError(message)
    back = slice(None, None, -1 if lower else 1)  # so a lower one is upper, which needs no pivots
    out = _upper(a[..., back, back], b[..., back, :])[..., back, :]
    return (
        out,
        Shared(lambda g: _solve_triangular(a.mT, g, not lower)),
        lambda g: -_triangle(g @ out.mT, lower),
        lambda g: g,
    )


def _triangle(x: Array, lower: bool) -> Array:
    return tril(x) if lower else triu(x)


def _upper(a: NDArray[Any], b: NDArray[Any]) -> NDArray[Any]:
    """The solution with the upper triangles of `a`, by halves."""
    n = a.shape[-1]
    if n <= _BLOCK:
        x: NDArray[Any] = located(np.linalg.solve, np.triu(a), b)
        return x
    half = n // 2
    low = _upper(a[..., half:, half:], b[..., half:, :])
    high = _upper(a[..., :half, :half], b[..., :half, :] - a[..., :half, half:] @ low)
    batch = np.broadcast_shapes(low.shape[:-2], high.shape[:-2])
    parts = [np.broadcast_to(part, (*batch, *part.shape[-2:])) for part in (high, low)]
    return np.concatenate(parts, -2)


@composite("matrices (..., n, n), and an integer; a negative one takes regular matrices")
def matrix_power(a: Any, n: int) -> Tensor:
    """The n-th power of matrices, by repeated squaring; of negative n, that of the inverse.

    Args:
        a: (..., m, m).
        n: an integer.

    Raises:
        LinAlgError: when n is negative and a matrix is singular, or a matrix is not square.
        TypeError: when n is not an integer.

    Example:
        >>> import autograd_lite as ag
        >>> ag.linalg.matrix_power(ag.tensor([[1.0, 1.0], [0.0, 1.0]]), 3)
        Tensor([[1., 3.],
                [0., 1.]])
    """
    n, shape = operator.index(n), np.shape(a)
    if len(shape) < 2 or shape[-1] != shape[-2]:
        message = "the matrices are not square"
        raise np.linalg.LinAlgError(message)
    if n == 0:
        one = np.eye(shape[-1], dtype=array_of(a).dtype)
        return where(np.False_, a, one)
    base = inv(a) if n < 0 else add(a, 0)
    power = base
    for bit in f"{abs(n):b}"[1:]:
        power = matmul(power, power)
        if bit == "1":
            power = matmul(power, base)
    return power


@composite("a of shape b.shape + q, with as many elements in q as in b, and the axes to move last")
def tensorsolve(a: Any, b: Any, axes: Sequence[int] | None = None) -> Tensor:
    """The solution x of tensordot(a, x, x.ndim) = b.

    Args:
        a: (*b.shape, *q), where the sizes in q multiply to b's number of elements.
        b: an array.
        axes: the axes of `a` to move to the end first.

    Returns:
        An array of shape q.

    Raises:
        LinAlgError: when `a` is singular, or its shape does not fit.

    Example:
        >>> import autograd_lite as ag
        >>> ag.linalg.tensorsolve(2 * ag.ones(1, 1, 1), ag.ones(1)).shape
        (1, 1)
    """
    if axes is not None:
        last = [axis % np.ndim(a) for axis in axes]
        a = transpose(a, [i for i in range(np.ndim(a)) if i not in last] + last)
    shape = np.shape(a)[np.ndim(b) :]
    size = math.prod(shape)
    return reshape(solve(reshape(a, (size, size)), reshape(b, (size,))), shape)


@composite("an array whose first ind sizes multiply to the same as the others")
def tensorinv(a: Any, ind: int = 2) -> Tensor:
    """The inverse of `a` as the map of arrays that tensordot(a, x, a.ndim - ind) is.

    Args:
        a: an array whose first `ind` sizes multiply to the same number as the others.
        ind: how many axes the results of that map have, at least 1.

    Raises:
        LinAlgError: when `a` is singular.
        ValueError: when the sizes differ, or `ind` is below 1.

    Example:
        >>> import autograd_lite as ag
        >>> ag.linalg.tensorinv(2 * ag.ones(1, 1, 1), 1).shape
        (1, 1, 1)
    """
    if ind < 1:
        message = f"ind={ind} is below 1"
        raise ValueError(message)
    shape = np.shape(a)
    size = math.prod(shape[ind:])
    return reshape(inv(reshape(a, (size, size))), (*shape[ind:], *shape[:ind]))
