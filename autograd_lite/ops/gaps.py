"""Quotients by the distances of eigenvalues and singular values, and who may not ask for them.

The vectors of two values that are equal can be turned into each other: they have no derivative. A
gradient that reaches them is an error; where it is 0, for only values were used, it stays 0.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from autograd_lite.graph import op_expecting
from autograd_lite.ops.reduce import sum

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from autograd_lite.node import Array

_TIE = 8  # LAPACK's error of a value is a few times eps * n * the largest one
_WORDS = {
    "eigh": ("eigenvalues", "eigenvectors", "eigvalsh"),
    "svd": ("singular values", "singular vectors", "svdvals"),
}
_COLUMNS = "matrices (..., m, n), and the n values that belong to their columns"


class DegenerateError(ArithmeticError):
    """A gradient was asked of vectors that have none: those of equal values, or of the value 0."""


def _tolerance(y: NDArray[Any]) -> NDArray[Any]:
    """What two values, or a value and 0, may differ by and still be equal."""
    largest = np.max(np.abs(y), axis=-1, keepdims=True, initial=0)
    tolerance: NDArray[Any] = _TIE * y.shape[-1] * np.finfo(y.dtype).eps * largest
    return tolerance


def _ties(y: NDArray[Any]) -> NDArray[np.bool_]:
    """Which pairs of values are equal; none is one of a pair with itself."""
    apart = np.abs(y[..., None, :] - y[..., :, None])
    ties: NDArray[np.bool_] = apart <= _tolerance(y)[..., None]
    return ties & ~np.eye(y.shape[-1], dtype=bool)


def _refuse_ties(asked: NDArray[np.bool_], y: NDArray[Any], of: str) -> None:
    """The error that the vectors of a pair (i, j) are asked for, if those of any are."""
    if not asked.any():
        return
    *batch, i, j = (int(k) for k in np.argwhere(asked)[0])
    values, vectors, way_out = _WORDS[of]
    matrix = f"matrix {tuple(batch)} of the stack" if batch else "the matrix"
    first, second = sorted((i, j))
    pair = ", ".join(str(y[(*batch, k)]) for k in (first, second))
    message = (
        f"{of}: {values} {first} and {second} of {matrix} are equal ({pair}), so their {vectors}"
        f" have no derivative, and a gradient is asked of them; expected distinct {values}: use"
        f" {way_out}, whose gradient exists, or perturb the matrix"
    )
    raise DegenerateError(message)


def _refuse_zeros(asked: NDArray[np.bool_], y: NDArray[Any], of: str) -> None:
    """The error that the vectors of a value that is 0 are asked for."""
    if not asked.any():
        return
    *batch, j = (int(k) for k in np.argwhere(asked)[0])
    matrix = f"matrix {tuple(batch)} of the stack" if batch else "the matrix"
    message = (
        f"{of}: singular value {j} of {matrix} is 0 ({y[(*batch, j)]}), so the singular vectors"
        " of one that is not square have no derivative, and a gradient is asked of them; expected"
        " full rank: use svdvals, whose gradient exists, or perturb the matrix"
    )
    raise DegenerateError(message)


@op_expecting(_COLUMNS)
def asked(x: Array, y: Array, /, of: str, zeros: bool = False) -> tuple[Any, ...]:
    """The gradient x of vectors that stand in columns, refused at those that have no derivative.

    Args:
        x: (..., m, n), the gradient of the vectors.
        y: (..., n), their values.
        of: "eigh" or "svd".
        zeros: whether the vectors of a value of 0 have no derivative either.

    Raises:
        DegenerateError: where a column of two equal values is not 0.
    """
    columns = np.any(x != 0, axis=-2)
    _refuse_ties(_ties(y) & (columns[..., None, :] | columns[..., :, None]), y, of)
    if zeros:
        _refuse_zeros((np.abs(y) <= _tolerance(y)) & columns, y, of)
    return x, lambda g: g


@op_expecting(_COLUMNS)
def over_gaps(x: Array, y: Array, /, of: str, squares: bool = False) -> tuple[Any, ...]:
    """x_ij / (y_j - y_i), or x_ij / (y_j^2 - y_i^2), and 0 on the diagonal.

    Args:
        x: (..., n, n).
        y: (..., n).
        of: "eigh" or "svd", whose name an error has.
        squares: whether the gaps are those of the squares.

    Raises:
        DegenerateError: where values are equal and x is not 0: so a tangent of vectors is refused.
    """
    gaps = y[..., None, :] - y[..., :, None]
    if squares:  # not the difference of squares, which loses the digits of small values
        gaps = gaps * (y[..., None, :] + y[..., :, None])
    ties = _ties(y)
    _refuse_ties(ties & (x != 0), y, of)
    none = ties | np.eye(y.shape[-1], dtype=bool)
    out = np.where(none, 0, x) / np.where(none, 1, gaps)
    return (
        out,
        lambda g: over_gaps(g, y, of, squares),
        lambda g: _of_values(over_gaps(g * out, y, of, squares), y, squares),
    )


def _of_values(x: Array, y: Array, squares: bool) -> Array:
    """The gradient of the values, from -x, that of the gaps."""
    total = sum(x, -1) - sum(x, -2)
    return total * y * 2 if squares else total


@op_expecting(_COLUMNS)
def over_values(x: Array, y: Array, /, of: str) -> tuple[Any, ...]:
    """x_ij / y_j.

    Raises:
        DegenerateError: where the value is 0 and x is not.
    """
    zero = np.abs(y) <= _tolerance(y)
    _refuse_zeros(np.any(zero[..., None, :] & (x != 0), axis=-2), y, of)
    none = zero[..., None, :]
    out = np.where(none, 0, x) / np.where(none, 1, y[..., None, :])
    return out, lambda g: over_values(g, y, of), lambda g: -sum(over_values(g * out, y, of), -2)
