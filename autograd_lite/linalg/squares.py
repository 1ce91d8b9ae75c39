"""Least squares, pseudo-inverses, ranks and condition numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from autograd_lite.errors import composite
from autograd_lite.graph import array_of, op_expecting
from autograd_lite.linalg.located import fails
from autograd_lite.linalg.solving import inv
from autograd_lite.ops.arithmetic import sub, where
from autograd_lite.ops.compare import equal, greater
from autograd_lite.ops.linalg import matmul, norm
from autograd_lite.ops.reduce import sum
from autograd_lite.ops.shape import expand_dims, reshape, squeeze
from autograd_lite.ops.spectral import svdvals

if TYPE_CHECKING:
    from autograd_lite.node import Array
    from autograd_lite.tensor import Tensor

_MATRICES = "matrices (..., m, n), and as rcond a share of the largest singular value"
_SYSTEM = "a matrix (m, n), a vector (m,) or a matrix (m, k), and rcond None, -1 or a share"


class LstsqResult(NamedTuple):
    """What `lstsq` returns; NumPy's is a plain tuple of the same."""

    x: Tensor
    residuals: Tensor
    rank: Tensor
    s: Tensor


@op_expecting(_MATRICES)
def pinv(a: Array, /, rcond: float | None = None, *, rtol: float | None = None) -> tuple[Any, ...]:
    """The Moore-Penrose pseudo-inverses of matrices.

    The gradient is that for changes of A that keep its rank; where one raises the rank, the
    pseudo-inverse jumps.

    Args:
        a: (..., m, n).
        rcond: singular values up to this share of the largest count as 0; 1e-15 by default.
        rtol: the same by another name, one of the two; the default by this name is max(m, n) eps.

    Returns:
        (..., n, m).

    Raises:
        LinAlgError: when LAPACK does not converge.

    Source:
        Golub and Pereyra, The differentiation of pseudo-inverses and nonlinear least squares
        problems whose variables separate (1973), section 4.

    Example:
        >>> import autograd_lite as ag
        >>> ag.linalg.pinv(ag.tensor([[2.0], [0.0]]))
        Tensor([[0.5, 0. ]])
    """
    given: dict[str, Any] = {} if rtol is None else {"rtol": rtol}
    out = np.linalg.pinv(a, rcond, **given)
    return out, lambda g: _pinv_gradient(g, a, out)


def _pinv_gradient(g: Array, a: Array, out: Array) -> Array:
    p, q = g.mT @ (out @ out.mT), (out.mT @ out) @ g.mT
    return (p - a @ (out @ p)) + (q - (q @ out) @ a) - out.mT @ g @ out.mT


@composite(_SYSTEM)
def lstsq(a: Any, b: Any, rcond: float | None = None) -> LstsqResult:
    """The x that minimises ||A x - b||; of several, the smallest.

    The gradient of x is that for changes of A that keep its rank.

    Args:
        a: (m, n).
        b: (m,), or (m, k).
        rcond: singular values up to this share of the largest count as 0; by default max(m, n) eps,
            and -1 stands for eps.

    Returns:
        `x` (n,) or (n, k); `residuals` (1,) or (k,), the sums of the squares that are left, or (0,)
        where m <= n or the rank is below n; `rank`, an integer; and `s`, the singular values of A.

    Raises:
        LinAlgError: when the shapes do not fit, or LAPACK does not converge.

    Source:
        Golub and Pereyra, The differentiation of pseudo-inverses and nonlinear least squares
        problems whose variables separate (1973), section 4.

    Example:
        >>> import autograd_lite as ag
        >>> a = ag.tensor([[1.0, 0.0], [1.0, 1.0], [1.0, 2.0]])
        >>> ag.linalg.lstsq(a, ag.tensor([1.0, 3.0, 5.0])).x.numpy().round(4)
        array([1., 2.], dtype=float32)
    """
    vector = np.ndim(b) == 1
    columns = expand_dims(b, -1) if vector else b
    x = _lstsq(a, columns, rcond)
    s, (m, n) = svdvals(a), np.shape(a)
    values = array_of(s)
    limit = _share(rcond, (m, n), values.dtype)
    rank = sum(greater(s, s[..., :1] * limit), -1)
    left = sub(columns, matmul(a, x))
    residuals = (
        sum(left * left, 0)
        if np.sum(values > limit * values[..., :1]) == n < m
        else reshape(left, -1)[:0]
    )
    return LstsqResult(squeeze(x, -1) if vector else x, residuals, rank, s)


def _share(rcond: float | None, shape: tuple[int, ...], dtype: np.dtype[Any]) -> float:
    """The share of the largest singular value up to which others count as 0."""
    eps = float(np.finfo(dtype).eps)
    return max(shape) * eps if rcond is None else eps if rcond < 0 else rcond


@op_expecting(_SYSTEM)
def _lstsq(a: Array, b: Array, /, rcond: float | None) -> tuple[Any, ...]:
    """The solutions for a matrix b."""
    out = np.linalg.lstsq(a, b, rcond)[0]
    share = _share(rcond, a.shape, out.dtype)
    return (
        out,
        lambda g: _lstsq_gradient(g, a, b, out, pinv(a, share)),
        lambda g: pinv(a, share).mT @ g,
    )


def _lstsq_gradient(g: Array, a: Array, b: Array, x: Array, p: Array) -> Array:
    kept = g - a.mT @ (p.mT @ g)
    return (b - a @ x) @ (p @ (p.mT @ g)).mT + (p.mT @ x) @ kept.mT - (p.mT @ g) @ x.mT


@op_expecting("matrices (..., m, n), and tol, a limit of singular values, or rtol, its share")
def matrix_rank(A: Array, /, tol: Any = None, *, rtol: Any = None) -> tuple[Any, ...]:  # noqa: N803  # NumPy's name
    """How many singular values of matrices are above a limit: an integer, without a gradient.

    Args:
        A: (..., m, n), or (n,).
        tol: the limit (...).
        rtol: the limit as a share of the largest singular value; by default max(m, n) eps.

    Returns:
        Integers (...).

    Example:
        >>> import autograd_lite as ag
        >>> ag.linalg.matrix_rank(ag.ones(2, 2)).item()
        1
    """
    if np.ndim(A) > 1 and 0 in np.shape(A)[-2:]:  # where NumPy 2.0 looks for a largest value
        return (np.zeros(np.shape(A)[:-2], np.intp),)
    given: dict[str, Any] = {} if rtol is None else {"rtol": rtol}
    return (np.asarray(np.linalg.matrix_rank(A, tol, **given)),)


@composite("matrices (..., n, n), for p None, 2 and -2 also (..., m, n); p as `norm` takes it")
def cond(x: Any, p: float | str | None = None) -> Tensor:
    """The condition numbers of matrices, ||A|| ||A^-1|| in the norm p; infinite for singular ones.

    Args:
        x: (..., n, n), and for p None, 2 and -2 also (..., m, n).
        p: the order of the norm: None and 2 for the quotient of the largest and the smallest
            singular value, -2 for its inverse; 1, -1, inf, -inf, 'fro', 'nuc'.

    Returns:
        (...).

    Raises:
        LinAlgError: when the matrices are empty or not square.

    Example:
        >>> import autograd_lite as ag
        >>> ag.linalg.cond(ag.tensor([[2.0, 0.0], [0.0, 4.0]]))
        Tensor(2.)
    """
    if 0 in np.shape(x)[-2:]:
        message = "the condition number of an empty matrix is not defined"
        raise np.linalg.LinAlgError(message)
    if p is None or p in {2, -2}:
        s = svdvals(x)
        over, under = (s[..., -1], s[..., 0]) if p == -2 else (s[..., 0], s[..., -1])
        zero = equal(under, 0)
        return where(zero, np.inf, over / where(zero, 1, under))
    singular, (m, n) = _singular(x), np.shape(x)[-2:]
    regular = where(singular[..., None, None], np.eye(m, n, dtype=np.result_type(x)), x)
    axes = (-2, -1)
    return where(singular, np.inf, norm(x, p, axes) * norm(inv(regular), p, axes))


@op_expecting("square matrices (..., n, n)")
def _singular(x: Array, /) -> tuple[Any, ...]:
    """Whether matrices have no inverse."""
    out = np.zeros(x.shape[:-2], bool)
    if fails(np.linalg.inv, x):
        for at in np.ndindex(out.shape):
            out[at] = fails(np.linalg.inv, x[at])
    return (out,)
