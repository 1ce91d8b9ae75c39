"""Factorizations of matrices into triangular and orthogonal ones."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, NamedTuple

import numpy as np

from autograd_lite.errors import composite, describe
from autograd_lite.graph import op_expecting
from autograd_lite.linalg.located import located, require_full_rank
from autograd_lite.linalg.solving import solve_triangular
from autograd_lite.ops.linalg import matmul
from autograd_lite.ops.matrix import tril, triu
from autograd_lite.ops.packed import cut, pack
from autograd_lite.ops.shape import concatenate

if TYPE_CHECKING:
    from autograd_lite.node import Array
    from autograd_lite.tensor import Tensor

_DEFINITE = "symmetric positive definite matrices (..., n, n): add jitter to the diagonal"
_MODES = "matrices (..., m, n), and mode 'reduced', 'r', or for m <= n 'complete'"


class QRResult(NamedTuple):
    """What `qr` returns."""

    Q: Tensor
    R: Tensor


@op_expecting(_DEFINITE)
def cholesky(a: Array, /, *, upper: bool = False) -> tuple[Any, ...]:
    """The Cholesky factors of symmetric positive definite matrices, A = L L^T.

    The lower triangle is read (the upper one with `upper`), and the gradient is that for symmetric
    changes of A: a symmetric matrix.

    Args:
        a: (..., n, n).
        upper: give the upper factor U = L^T, with A = U^T U.

    Returns:
        (..., n, n).

    Raises:
        LinAlgError: when a matrix is not positive definite (the message tells which), or not
            square.

    Source:
        Murray, Differentiation of the Cholesky decomposition (2016), section 3.2.

    Example:
        >>> import autograd_lite as ag
        >>> ag.linalg.cholesky(ag.tensor([[4.0, 2.0], [2.0, 5.0]]))
        Tensor([[2., 0.],
                [1., 2.]])
    """
    out = located(lambda matrices: np.linalg.cholesky(matrices, upper=upper), a)
    if upper:
        return out, lambda g: _cholesky_gradient(g.mT, out.mT)
    return out, lambda g: _cholesky_gradient(g, out)


def _cholesky_gradient(g: Array, factor: Array) -> Array:
    """L^-T P L^-1, made symmetric: P is the lower triangle of L^T tril(g), its diagonal halved."""
    lower = tril(factor.mT @ tril(g))
    p = (lower + tril(lower, -1)) / 2
    half = solve_triangular(factor.mT, p)
    total = solve_triangular(factor.mT, half.mT)
    return (total + total.mT) / 2


@composite(_MODES)
def qr(a: Any, mode: Literal["reduced", "complete", "r", "raw"] = "reduced") -> QRResult | Tensor:
    """The factors of A = Q R: Q has orthonormal columns, R is upper triangular.

    What 'complete' adds to the Q of a tall matrix is any completion of a basis, and has no
    derivative; it is refused, as is 'raw'. So are, in the backward pass, linearly dependent columns
    (of a wide matrix: of the first m).

    Args:
        a: (..., m, n).
        mode: 'reduced' for both factors, with k = min(m, n); 'r' for R alone; 'complete', for
            m <= n, is the same as 'reduced'.

    Returns:
        `Q` (..., m, k) and `R` (..., k, n).

    Raises:
        ValueError: for another mode.
        LinAlgError: in the backward pass, when columns are linearly dependent.

    Source:
        Walter and Lehmann, Algorithmic differentiation of linear algebra functions (2012), for
        m >= n; Roberts and Roberts, QR and LQ decomposition matrix backpropagation algorithms for
        square, wide, and deep matrices (2020), for m < n.

    Example:
        >>> import autograd_lite as ag
        >>> q, r = ag.linalg.qr(ag.tensor([[0.0, 2.0], [3.0, 4.0]]))
        >>> q.shape, r.shape
        ((2, 2), (2, 2))
    """
    m, n = np.shape(a)[-2:]
    if mode not in {"reduced", "r"} and not (mode == "complete" and m <= n):
        message = f"no gradient of mode={describe(mode)} for a matrix of {m} x {n}"
        raise ValueError(message)
    k = min(m, n)
    q, r = cut(_qr(a if m >= n else a[..., :m]), ((m, k), (k, k)))
    if m < n:  # the other columns are products of the same Q
        r = concatenate([r, matmul(q.mT, a[..., m:])], -1)
    return r if mode == "r" else QRResult(q, r)


@op_expecting(_MODES)
def _qr(x: Array, /) -> tuple[Any, ...]:
    """The factors of matrices with m >= n in one array."""
    m, n = x.shape[-2:]
    q, r = np.linalg.qr(x)
    out = pack([q, r], x.shape[:-2])
    return out, lambda g: _qr_gradient(g, out, m, n)


def _qr_gradient(g: Array, out: Array, m: int, n: int) -> Array:
    shapes = (m, n), (n, n)
    (gq, gr), (q, r) = cut(g, shapes), cut(out, shapes)
    require_full_rank("qr", r)
    inner = r @ triu(gr).mT - gq.mT @ q
    lower = tril(inner)
    total = gq + q @ (lower + tril(inner, -1).mT)
    return solve_triangular(r, total.mT).mT
