"""Determinants, and their gradients: exact where matrices are singular, too."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from autograd_lite.errors import composite
from autograd_lite.graph import array_of, op_expecting
from autograd_lite.linalg.solving import inv
from autograd_lite.ops.matrix import diagonal, on_diagonal, triu
from autograd_lite.ops.packed import cut, pack
from autograd_lite.ops.reduce import cumsum
from autograd_lite.ops.shape import flip

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from autograd_lite.node import Array
    from autograd_lite.tensor import Tensor

_SQUARE = "square matrices (..., n, n)"
_SMALL = 3  # up to this size the exact way costs little
_DIGITS = 3 / 8  # the share of a dtype's digits that an inverse may lose before it is taken


class SlogdetResult(NamedTuple):
    """What `slogdet` returns."""

    sign: Tensor
    logabsdet: Tensor


@op_expecting(_SQUARE)
def det(a: Array, /) -> tuple[Any, ...]:
    """The determinants of matrices.

    Their gradient is the matrix of cofactors, det(A) A^-T. Up to n = 3, and where a matrix of the
    stack is singular or close to it, they are computed without a division, exactly, at every order:
    2n products of matrices, in the basis of the singular vectors.

    Args:
        a: (..., n, n).

    Returns:
        (...).

    Raises:
        LinAlgError: when the matrices are not square.

    Source:
        Giles, An extended collection of matrix derivative results (2008), section 2.2.4; Bird,
        A simple division-free algorithm for computing determinants (2011).

    Example:
        >>> import autograd_lite as ag
        >>> x = ag.tensor([[1.0, 2.0], [2.0, 4.0]], requires_grad=True)
        >>> ag.linalg.det(x).backward()
        >>> x.grad
        Tensor([[ 4., -2.],
                [-2.,  1.]])
    """
    return np.linalg.det(a), lambda g: g[..., None, None] * _cofactors(a)


def _cofactors(a: Array) -> Array:
    """The gradients of the determinants of `a`, with a graph that leads back to it."""
    inverse = _accurate_inverse(a)
    if inverse is not None:
        return det(a)[..., None, None] * inverse.mT
    u, _, vh = np.linalg.svd(array_of(a))
    # In these bases, which are constants, it is a diagonal matrix here: sums cancel nothing.
    sign = (np.linalg.det(u) * np.linalg.det(vh)).round()
    middle = _division_free(u.mT @ a @ vh.mT)
    return u @ (sign[..., None, None] * middle) @ vh


def _accurate_inverse(a: Array) -> Array | None:
    """The inverse of `a`, unless it is small or its condition number large."""
    if a.size and a.shape[-1] <= _SMALL:
        return None
    try:
        inverse = inv(a)
    except np.linalg.LinAlgError:
        return None
    sizes = [np.abs(array_of(x)).sum(-2).max(-1, initial=0) for x in (a, inverse)]
    worst = np.finfo(sizes[0].dtype).eps ** -_DIGITS
    return inverse if (sizes[0] * sizes[1] < worst).all() else None


def _division_free(a: Array) -> Array:
    """The cofactors of `a`: Bird's algorithm, X_1 = A, X_k+1 = mu(X_k) A, det A = +-(X_n)_00, back.

    mu(X) has the elements of X above the diagonal, and minus the sum of the later diagonal on it.
    """
    n = a.shape[-1]
    factors = []
    x = a
    for _ in range(n - 1):
        factors.append(_mu(x))
        x = factors[-1] @ a
    corner = np.zeros(a.shape, a.dtype)
    corner[..., 0, 0] = (-1) ** (n - 1)
    g, total = corner, 0
    for factor in reversed(factors):
        total = total + factor.mT @ g
        g = _mu_back(g @ a.mT)
    return total + g


def _mu(x: Array) -> Array:
    d = diagonal(x, 0, -2, -1)
    later = flip(cumsum(flip(d, -1), -1), -1) - d
    return triu(x, 1) - on_diagonal(later, x.shape, 0, -2, -1)


def _mu_back(g: Array) -> Array:
    d = diagonal(g, 0, -2, -1)
    return triu(g, 1) - on_diagonal(cumsum(d, -1) - d, g.shape, 0, -2, -1)


@composite(_SQUARE)
def slogdet(a: Any) -> SlogdetResult:
    """The sign of the determinants of matrices, and the logarithm of their absolute values.

    The sign of a singular matrix is 0 and the logarithm -inf. The gradient of the logarithm is
    A^-T, and is refused at a singular matrix, where it is infinite; that of the sign is 0.

    Args:
        a: (..., n, n).

    Returns:
        `sign` (...) and `logabsdet` (...).

    Raises:
        LinAlgError: when the matrices are not square; in the backward pass, at a singular one.

    Source:
        Giles, An extended collection of matrix derivative results (2008), section 2.2.4.

    Example:
        >>> import autograd_lite as ag
        >>> sign, logabsdet = ag.linalg.slogdet(ag.tensor([[0.0, 1.0], [1.0, 0.0]]))
        >>> sign, logabsdet
        (Tensor(-1.), Tensor(0.))
    """
    return SlogdetResult(*cut(_slogdet(a), ((), ())))


@op_expecting(_SQUARE)
def _slogdet(a: Array, /) -> tuple[Any, ...]:
    """Sign and logarithm in one array, (..., 2)."""
    parts: list[NDArray[Any]] = list(map(np.asarray, np.linalg.slogdet(a)))
    return pack(parts, a.shape[:-2]), lambda g: g[..., 1][..., None, None] * _inverse_of(a).mT


def _inverse_of(a: Array) -> Array:
    try:
        return inv(a)
    except np.linalg.LinAlgError as error:
        reason = str(error).removeprefix("inv: ").partition(".")[0]
        message = (
            f"slogdet: {reason}: the logarithm of the determinant is -inf there, and its gradient"
            " infinite; expected regular matrices: det has a gradient at singular ones"
        )
        raise np.linalg.LinAlgError(message) from error
