"""Eigenvalues of symmetric matrices, and singular values: with their vectors, or alone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, NamedTuple, TypeAlias

import numpy as np

from autograd_lite.errors import composite, describe
from autograd_lite.graph import op_expecting
from autograd_lite.ops.arithmetic import sign
from autograd_lite.ops.gaps import asked, over_gaps, over_values
from autograd_lite.ops.packed import cut, pack
from autograd_lite.recording import mode

if TYPE_CHECKING:
    from autograd_lite.node import Array
    from autograd_lite.tensor import Tensor

_SYMMETRIC = "symmetric matrices (..., n, n), and UPLO='L' or 'U', the triangle that is read"
_MATRICES = "matrices (..., m, n) of finite numbers"

_Triangle: TypeAlias = Literal["L", "U"]


class EighResult(NamedTuple):
    """What `eigh` returns."""

    eigenvalues: Tensor
    eigenvectors: Tensor


class SVDResult(NamedTuple):
    """What `svd` returns."""

    U: Tensor
    S: Tensor
    Vh: Tensor


@composite(_SYMMETRIC)
def eigh(a: Any, UPLO: _Triangle = "L") -> EighResult:  # noqa: N803  # NumPy's name
    """Eigenvalues and eigenvectors of symmetric matrices, A = V diag(w) V^T.

    One triangle is read, and the gradient is that for symmetric changes of A: a symmetric matrix.
    Eigenvectors have no derivative where two eigenvalues are equal, that is, no farther apart than
    8 n eps times the largest; their sign is LAPACK's choice, so only functions that do not depend
    on it have a meaningful gradient.

    Args:
        a: (..., n, n).
        UPLO: which triangle is read, the lower or the upper one.

    Returns:
        `eigenvalues` (..., n), ascending, and `eigenvectors` (..., n, n), in columns.

    Raises:
        LinAlgError: when LAPACK does not converge, or the matrices are not square.
        DegenerateError: in the backward pass, when a gradient reaches the vectors of equal values.

    Source:
        Giles, An extended collection of matrix derivative results (2008), section 3.1.

    Example:
        >>> import autograd_lite as ag
        >>> w, v = ag.linalg.eigh(ag.tensor([[2.0, 1.0], [1.0, 2.0]]))
        >>> w
        Tensor([1., 3.])
    """
    packed = _eigh(a, UPLO)
    n = np.shape(a)[-1]
    return EighResult(*cut(packed, ((n,), (n, n))))


@op_expecting(_SYMMETRIC)
def _eigh(x: Array, /, UPLO: _Triangle) -> tuple[Any, ...]:  # noqa: N803  # as above
    """Eigenvalues and eigenvectors in one array, (..., n + n^2)."""
    w, v = np.linalg.eigh(x, UPLO)
    n = x.shape[-1]
    out = pack([w, v], x.shape[:-2])
    return out, lambda g: _eigh_gradient(g, out, n)


def _eigh_gradient(g: Array, out: Array, n: int) -> Array:
    shapes = (n,), (n, n)
    (gw, gv), (w, v) = cut(g, shapes), cut(out, shapes)
    turned = over_gaps(v.mT @ asked(gv, w, "eigh"), w, "eigh")
    return (v * gw[..., None, :] + v @ ((turned + turned.mT) / 2)) @ v.mT


@op_expecting(_SYMMETRIC)
def eigvalsh(a: Array, /, UPLO: _Triangle = "L") -> tuple[Any, ...]:  # noqa: N803  # as above
    """The eigenvalues of symmetric matrices, whose gradient exists where values are equal, too.

    There it is V diag(g) V^T with any eigenvectors V: exact for functions that treat equal values
    alike, else one of the directional derivatives.

    Args:
        a: (..., n, n).
        UPLO: which triangle is read, the lower or the upper one.

    Returns:
        (..., n), ascending.

    Raises:
        LinAlgError: when LAPACK does not converge, or the matrices are not square.

    Source:
        Giles, An extended collection of matrix derivative results (2008), section 3.1.

    Example:
        >>> import autograd_lite as ag
        >>> ag.linalg.eigvalsh(ag.tensor([[2.0, 1.0], [1.0, 2.0]]))
        Tensor([1., 3.])
    """
    return np.linalg.eigvalsh(a, UPLO), lambda g: _between(g, eigh(a, UPLO).eigenvectors)


def _between(g: Array, v: Array) -> Array:
    return (v * g[..., None, :]) @ v.mT


@composite(_MATRICES)
def svd(a: Any, full_matrices: bool = True, compute_uv: bool = True) -> SVDResult | Tensor:
    """Singular values and vectors, A = U diag(S) Vh.

    Singular vectors have no derivative where two singular values are equal, that is, no farther
    apart than 8 n eps times the largest, nor, for matrices that are not square, at a value of 0.
    Their signs are LAPACK's choice, so only functions that do not depend on them have a meaningful
    gradient. The columns of U and rows of Vh that `full_matrices` adds to those of matrices that
    are not square are any that complete a basis: they have no gradient.

    Args:
        a: (..., m, n).
        full_matrices: give all m columns of U and n rows of Vh, not the first min(m, n) alone.
        compute_uv: False for the singular values alone, as `svdvals`.

    Returns:
        `U` (..., m, k), `S` (..., k), descending, and `Vh` (..., k, n), with k = min(m, n), and all
        of U and Vh with `full_matrices`.

    Raises:
        LinAlgError: when LAPACK does not converge.
        ValueError: when a gradient is recorded of full matrices that are not square.
        DegenerateError: in the backward pass, when a gradient reaches the vectors of equal values.

    Source:
        Townsend, Differentiating the singular value decomposition (2016); Wan and Zhang, Automatic
        differentiation for complex valued SVD (2019).

    Example:
        >>> import autograd_lite as ag
        >>> u, s, vh = ag.linalg.svd(ag.tensor([[3.0, 0.0], [0.0, 4.0], [0.0, 0.0]]), False)
        >>> s
        Tensor([4., 3.])
    """
    if not compute_uv:
        return svdvals(a)
    m, n = np.shape(a)[-2:]
    k = min(m, n)
    if not full_matrices or m == n:
        return SVDResult(*cut(_svd(a), ((m, k), (k,), (k, n))))
    if getattr(a, "node", None) is not None and mode.get().records:
        message = (
            f"svd: got {describe(a)}, of which {abs(m - n)} singular vectors beyond the first {k}"
            " have no gradient; expected full_matrices=False, or x.detach()"
        )
        raise ValueError(message)
    return SVDResult(*cut(_full_svd(a), ((m, m), (k,), (n, n))))


@op_expecting(_MATRICES)
def _svd(x: Array, /) -> tuple[Any, ...]:
    """The first min(m, n) singular vectors and values in one array."""
    u, s, vh = np.linalg.svd(x, full_matrices=False)
    m, n = x.shape[-2:]
    out = pack([u, s, vh], x.shape[:-2])
    return out, lambda g: _svd_gradient(g, out, m, n)


@op_expecting(_MATRICES)
def _full_svd(x: Array, /) -> tuple[Any, ...]:
    """All singular vectors and the values in one array, as constants."""
    return (pack([*np.linalg.svd(x)], x.shape[:-2]),)


def _svd_gradient(g: Array, out: Array, m: int, n: int) -> Array:
    k = min(m, n)
    shapes = (m, k), (k,), (k, n)
    (gu, gs, gvh), (u, s, vh) = cut(g, shapes), cut(out, shapes)
    gu, gv = asked(gu, s, "svd", zeros=m > k), asked(gvh.mT, s, "svd", zeros=n > k)
    left, right = u.mT @ gu, vh @ gv
    turned = over_gaps(left - left.mT, s, "svd", squares=True) * s[..., None, :]
    turned = turned + s[..., None] * over_gaps(right - right.mT, s, "svd", squares=True)
    total = (u * gs[..., None, :] + u @ turned) @ vh
    if m > k:
        total = total + over_values(gu - u @ left, s, "svd") @ vh
    if n > k:
        total = total + u @ over_values(gv - vh.mT @ right, s, "svd").mT
    return total


@op_expecting(_MATRICES)
def svdvals(x: Array, /) -> tuple[Any, ...]:
    """The singular values of matrices, whose gradient exists where values are equal, too.

    At a value of 0, where there is no derivative, it is 0, as that of |x|. At equal values it is
    U diag(g) Vh with any singular vectors: exact for functions that treat equal values alike.

    Args:
        x: (..., m, n).

    Returns:
        (..., min(m, n)), descending.

    Raises:
        LinAlgError: when LAPACK does not converge.

    Source:
        Townsend, Differentiating the singular value decomposition (2016).

    Example:
        >>> import autograd_lite as ag
        >>> ag.linalg.svdvals(ag.tensor([[3.0, 0.0], [0.0, 4.0]]))
        Tensor([4., 3.])
    """
    out = np.linalg.svd(x, compute_uv=False)
    return out, lambda g: _between_sides(g * sign(out), *svd(x, full_matrices=False))


def _between_sides(g: Array, u: Array, s: Array, vh: Array) -> Array:  # noqa: ARG001  # as svd gives them
    return (u * g[..., None, :]) @ vh
