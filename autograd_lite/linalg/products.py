"""What numpy.linalg has besides: products, parts of matrices, and the standard's two norms."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any

import numpy as np

from autograd_lite.errors import composite, describe
from autograd_lite.ops.arithmetic import astype, mul
from autograd_lite.ops.linalg import matmul, norm
from autograd_lite.ops.linalg import outer as outer_of_any
from autograd_lite.ops.matrix import diagonal as diagonal_of_axes
from autograd_lite.ops.reduce import axes_of, sum
from autograd_lite.ops.shape import expand_dims, reshape, roll, squeeze, swapaxes, transpose

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import DTypeLike

    from autograd_lite.ops.reduce import Axis
    from autograd_lite.tensor import Tensor

_CHAIN = "two or more matrices that multiply; the first and the last may be vectors"


@composite("matrices (..., m, n), and ord 'fro', 'nuc', 1, -1, 2, -2, inf or -inf")
def matrix_norm(x: Any, /, *, keepdims: bool = False, ord: float | str | None = "fro") -> Tensor:
    """The norms of the matrices in the last two axes; see `autograd_lite.norm` for the orders.

    Args:
        x: (..., m, n).
        keepdims: keep the two axes, with size 1.
        ord: which norm.

    Returns:
        (...).

    Example:
        >>> import autograd_lite as ag
        >>> ag.linalg.matrix_norm(ag.tensor([[3.0, 0.0], [0.0, 4.0]]), ord="nuc")
        Tensor(7.)
    """
    return norm(x, ord, (-2, -1), keepdims)


@composite("an axis or several from -ndim to ndim - 1, or None for all, and a number as ord")
def vector_norm(x: Any, /, *, axis: Axis = None, keepdims: bool = False, ord: float = 2) -> Tensor:
    """The norms of vectors, (sum |x_i|^ord)^(1/ord), whose elements lie in any axes.

    Args:
        x: an array.
        axis: an axis, several, or None for all.
        keepdims: keep the axes, with size 1.
        ord: a number, inf or -inf.

    Example:
        >>> import autograd_lite as ag
        >>> ag.linalg.vector_norm(ag.tensor([[3.0, 0.0], [0.0, 4.0]]))
        Tensor(5.)
    """
    shape = np.shape(x)
    axes = axes_of(axis, len(shape))
    rest = [i for i in range(len(shape)) if i not in axes]
    sizes = [shape[i] for i in rest]
    count = int(np.prod([shape[i] for i in axes]))
    result = norm(reshape(transpose(x, (*rest, *axes)), (*sizes, count)), ord, -1)
    return expand_dims(result, axes) if keepdims else result


@composite("arrays with 3 elements along the axis, that broadcast")
def cross(x1: Any, x2: Any, /, *, axis: int = -1) -> Tensor:
    """The cross product of vectors with 3 components.

    Args:
        x1: an array with 3 elements along `axis`.
        x2: another.
        axis: the axis of the vectors.

    Example:
        >>> import autograd_lite as ag
        >>> ag.linalg.cross(ag.tensor([1.0, 0.0, 0.0]), ag.tensor([0.0, 1.0, 0.0]))
        Tensor([0., 0., 1.])
    """
    if not np.shape(x1)[axis] == np.shape(x2)[axis] == 3:
        message = f"{np.shape(x1)[axis]} and {np.shape(x2)[axis]} components"
        raise ValueError(message)
    first = mul(roll(x1, -1, axis), roll(x2, -2, axis))
    return first - mul(roll(x1, -2, axis), roll(x2, -1, axis))


@composite("matrices (..., m, n)")
def diagonal(x: Any, /, *, offset: int = 0) -> Tensor:
    """The diagonals of the matrices in the last two axes.

    Args:
        x: (..., m, n).
        offset: which diagonal: above the main one for positive, below for negative numbers.

    Example:
        >>> import autograd_lite as ag
        >>> ag.linalg.diagonal(ag.ones(4, 2, 3)).shape
        (4, 2)
    """
    return diagonal_of_axes(x, offset, -2, -1)


@composite("matrices (..., m, n)")
def trace(x: Any, /, *, offset: int = 0, dtype: DTypeLike | None = None) -> Tensor:
    """The sums of a diagonal of the matrices in the last two axes.

    Args:
        x: (..., m, n).
        offset: which diagonal: above the main one for positive, below for negative numbers.
        dtype: that of the sum, if it is not x's.

    Example:
        >>> import autograd_lite as ag
        >>> ag.linalg.trace(ag.ones(4, 2, 3)).shape
        (4,)
    """
    diagonals = diagonal_of_axes(x, offset, -2, -1)
    return sum(diagonals if dtype is None else astype(diagonals, dtype), -1)


@composite("two vectors: reshape(x, -1) makes one")
def outer(x1: Any, x2: Any, /) -> Tensor:
    """The outer product of two vectors.

    Args:
        x1: (m,).
        x2: (n,).

    Returns:
        (m, n).

    Example:
        >>> import autograd_lite as ag
        >>> ag.linalg.outer(ag.tensor([1.0, 2.0]), ag.tensor([3.0, 4.0]))
        Tensor([[3., 4.],
                [6., 8.]])
    """
    if not np.ndim(x1) == np.ndim(x2) == 1:
        message = f"{np.ndim(x1)} and {np.ndim(x2)} axes"
        raise ValueError(message)
    return outer_of_any(x1, x2)


@composite("arrays of one size along the axis, that broadcast")
def vecdot(x1: Any, x2: Any, /, *, axis: int = -1) -> Tensor:
    """The inner products of vectors.

    Args:
        x1: an array.
        x2: another, that broadcasts with it.
        axis: the axis of the vectors.

    Example:
        >>> import autograd_lite as ag
        >>> ag.linalg.vecdot(ag.ones(4, 3), ag.ones(3))
        Tensor([3., 3., 3., 3.])
    """
    if np.shape(x1)[axis] != np.shape(x2)[axis]:
        message = f"{np.shape(x1)[axis]} and {np.shape(x2)[axis]} components"
        raise ValueError(message)
    return sum(mul(x1, x2), axis)


@composite("matrices (..., m, n)")
def matrix_transpose(x: Any, /) -> Tensor:
    """The last two axes interchanged.

    Example:
        >>> import autograd_lite as ag
        >>> ag.linalg.matrix_transpose(ag.ones(4, 2, 3)).shape
        (4, 3, 2)
    """
    if np.ndim(x) < 2:
        message = "no matrices"
        raise ValueError(message)
    return swapaxes(x, -1, -2)


@composite(_CHAIN)
def multi_dot(arrays: Sequence[Any]) -> Tensor:
    """The product of several matrices, in the order that takes the fewest multiplications.

    Args:
        arrays: two or more matrices; the first and the last may be vectors, a row and a column.

    Raises:
        ValueError: when there are fewer than two, or the sizes do not fit.

    Source:
        Cormen, Leiserson, Rivest and Stein, Introduction to Algorithms, section 15.2 of the third
        edition.

    Example:
        >>> import autograd_lite as ag
        >>> ag.linalg.multi_dot([ag.ones(2, 9), ag.ones(9, 9), ag.ones(9)])
        Tensor([81., 81.])
    """
    factors = list(arrays)
    if len(factors) < 2:
        message = f"multi_dot: got {len(factors)} factors; expected {_CHAIN}"
        raise ValueError(message)
    row, column = np.ndim(factors[0]) == 1, np.ndim(factors[-1]) == 1
    if row:
        factors[0] = expand_dims(factors[0], 0)
    if column:
        factors[-1] = expand_dims(factors[-1], 1)
    shapes = [np.shape(factor) for factor in factors]
    matrices = all(len(shape) == 2 for shape in shapes)
    if not matrices or any(a[1] != b[0] for a, b in itertools.pairwise(shapes)):
        message = f"multi_dot: got {', '.join(map(describe, arrays))}; expected {_CHAIN}"
        raise ValueError(message)
    sizes = [np.shape(factors[0])[0], *(np.shape(factor)[1] for factor in factors)]
    result = _product(factors, _cuts(sizes), 0, len(factors) - 1)
    axes = (*((0,) if row else ()), *((1,) if column else ()))
    return squeeze(result, axes) if axes else result


def _product(factors: list[Any], cuts: dict[tuple[int, int], int], i: int, j: int) -> Any:
    """The product of the factors i to j, cut as `cuts` says."""
    if i == j:
        return factors[i]
    k = cuts[i, j]
    return matmul(_product(factors, cuts, i, k), _product(factors, cuts, k + 1, j))


def _cuts(sizes: list[int]) -> dict[tuple[int, int], int]:
    """Behind which factor the product of the factors i to j is cut: (i, j) -> k."""
    count = len(sizes) - 1
    cost = {(i, i): 0 for i in range(count)}
    cuts = {}
    for length in range(1, count):
        for i in range(count - length):
            j = i + length
            each = {
                k: cost[i, k] + cost[k + 1, j] + sizes[i] * sizes[k + 1] * sizes[j + 1]
                for k in range(i, j)
            }
            cuts[i, j] = best = min(each, key=each.__getitem__)
            cost[i, j] = each[best]
    return cuts
