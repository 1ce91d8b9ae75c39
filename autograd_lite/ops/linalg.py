"""Products of matrices, and what is read off them."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from autograd_lite.errors import composite
from autograd_lite.graph import op_expecting
from autograd_lite.ops.arithmetic import abs as absolute
from autograd_lite.ops.arithmetic import mul, pow, where
from autograd_lite.ops.compare import equal
from autograd_lite.ops.einsum import contract
from autograd_lite.ops.poles import div_or_zero
from autograd_lite.ops.reduce import Axis, axes_of, kept_shape, max, min, spread, sum
from autograd_lite.ops.shape import reshape, squeeze, transpose
from autograd_lite.ops.spectral import svdvals

if TYPE_CHECKING:
    from collections.abc import Sequence

    from autograd_lite.node import Array
    from autograd_lite.tensor import Tensor


@op_expecting("shapes (..., m, k) and (..., k, n), where a vector (k,) may stand on either side")
def matmul(x: Array, y: Array, /) -> tuple[Any, ...]:
    """The matrix product x @ y: of matrices, vectors and stacks of matrices that broadcast.

    Args:
        x: (..., m, k), or (k,).
        y: (..., k, n), or (k,).

    Returns:
        (..., m, n), without the axis that a vector has not.

    Raises:
        ValueError: when the inner sizes differ, or an operand has no axis.

    Example:
        >>> import autograd_lite as ag
        >>> ag.matmul(ag.tensor([[1.0, 2.0], [3.0, 4.0]]), ag.tensor([1.0, 1.0]))
        Tensor([3., 7.])
    """
    out = x @ y
    left, right = np.ndim(x), np.ndim(y)
    if left == right == 1:
        return out, lambda g: g * y, lambda g: g * x
    if left == 1:
        return out, lambda g: (y @ g[..., None])[..., 0], lambda g: x[:, None] * g[..., None, :]
    if right == 1:
        return out, lambda g: g[..., None] * y, lambda g: (x.mT @ g[..., None])[..., 0]
    if left > right == 2:  # one product of two matrices, not a stack of products to be summed
        rows, inner, columns = math.prod(x.shape[:-1]), x.shape[-1], y.shape[-1]
        return (
            out,
            lambda g: g @ y.mT,
            lambda g: reshape(x, (rows, inner)).mT @ reshape(g, (rows, columns)),
        )
    if right == 2 and y.shape[1] == 1:  # as a product of matrices it takes three times as long
        return out, lambda g: g * y.mT, lambda g: x.mT @ g
    return out, lambda g: g @ y.mT, lambda g: x.mT @ g


@composite("arrays; they are read as vectors")
def outer(x: Any, y: Any) -> Tensor:
    """The outer product, x_i y_j of two vectors; other shapes are flattened first.

    Example:
        >>> import autograd_lite as ag
        >>> ag.outer(ag.tensor([1.0, 2.0]), ag.tensor([3.0, 4.0]))
        Tensor([[3., 4.],
                [6., 8.]])
    """
    return reshape(x, (-1, 1)) * reshape(y, (1, -1))


@composite("the last axis of x as long as the last but one of y (the only one of a vector)")
def dot(x: Any, y: Any) -> Tensor:
    """NumPy's dot: inner product of vectors, matrix product, or product with a number.

    For more axes: the sum over the last of x and the last but one of y.

    Example:
        >>> import autograd_lite as ag
        >>> ag.dot(ag.tensor([1.0, 2.0]), ag.tensor([3.0, 4.0]))
        Tensor(11.)
    """
    if np.ndim(x) == 0 or np.ndim(y) == 0:
        return mul(x, y)
    if np.ndim(x) <= 2 and np.ndim(y) <= 2:
        return matmul(x, y)
    return tensordot(x, y, ((-1,), (-1 if np.ndim(y) == 1 else -2,)))


@composite("axes of equal size: the last of x and first of y (a number), or a pair of lists")
def tensordot(x: Any, y: Any, axes: int | Sequence[Any] = 2) -> Tensor:
    """The sum of products over axes of x and y.

    Args:
        x: an array.
        y: an array.
        axes: n for the last n axes of x with the first n of y, or a pair of axes or lists of axes.

    Raises:
        ValueError: when the axes differ in number or size.

    Example:
        >>> import autograd_lite as ag
        >>> ag.tensordot(ag.ones(2, 3), ag.ones(3, 4), 1).shape
        (2, 4)
    """
    left, right = np.ndim(x), np.ndim(y)
    if isinstance(axes, int):
        first, second = tuple(range(left - axes, left)), tuple(range(axes))
    else:
        first, second = axes_of(axes[0], left), axes_of(axes[1], right)
    sizes = [np.shape(x)[i] for i in first], [np.shape(y)[i] for i in second]
    if sizes[0] != sizes[1]:
        message = f"axes of sizes {sizes[0]} against {sizes[1]}"
        raise ValueError(message)
    labels = [left + i for i in range(right)]
    for i, j in zip(first, second, strict=True):
        labels[j] = i
    kept = [i for i in range(left) if i not in first]
    kept += [label for j, label in enumerate(labels) if j not in second]
    return contract([x, y], [list(range(left)), labels], kept)


@composite("ord None, 'fro', 'nuc', a number, inf or -inf; one axis, or two for norms of matrices")
def norm(
    x: Any, ord: float | str | None = None, axis: Axis = None, keepdims: bool = False
) -> Tensor:
    """The norm of vectors, (sum |x_i|^ord)^(1/ord), or a norm of matrices.

    The gradient at 0, where there is no derivative, is 0; what is largest or smallest shares its
    gradient equally with what ties.

    Args:
        x: an array.
        ord: None for the root of the sum of squares (over any axes). Over one axis: a number, inf
            (the largest |x_i|), -inf (the smallest) or 0 (how many are not 0). Over two: 'fro' for
            the root of the sum of squares, 'nuc' for the sum of the singular values, 2 and -2 for
            the largest and smallest of these, 1 and -1 for the largest and smallest sum of |x_ij|
            over a column, inf and -inf over a row.
        axis: the axis of the vectors, the axes of the matrices, or None for all.
        keepdims: keep the axes, with size 1.

    Raises:
        ValueError: for an order that is no norm over so many axes.

    Example:
        >>> import autograd_lite as ag
        >>> x = ag.tensor([3.0, 4.0], requires_grad=True)
        >>> ag.norm(x).backward()
        >>> x.grad
        Tensor([0.6, 0.8])
    """
    axes = axes_of(axis, np.ndim(x))
    if ord is None or (ord == "fro" and len(axes) == 2) or (ord == 2 and len(axes) == 1):
        return _norm(x, axis, keepdims)
    if len(axes) == 2:
        return _matrix_norm(x, ord, axes, keepdims)
    if isinstance(ord, str) or len(axes) != 1:
        message = f"no norm {ord!r} over {len(axes)} axes"
        raise ValueError(message)
    size = absolute(x)
    if np.isinf(ord):
        return max(size, axis, keepdims) if ord > 0 else min(size, axis, keepdims)
    if ord == 0:
        return sum(x != 0, axis, keepdims)
    if ord == 1:
        return sum(size, axis, keepdims)
    total = sum(pow(size, ord), axis, keepdims)
    zero = equal(total, 0)  # where the root would have a gradient of inf * 0
    return where(zero, 0, pow(where(zero, 1, total), 1 / ord))


def _matrix_norm(x: Any, ord: float | str, axes: tuple[int, ...], keepdims: bool) -> Tensor:
    """The norms of the matrices in two axes, but for Frobenius'."""
    if ord in {1, -1, np.inf, -np.inf}:
        along, over = axes if abs(ord) == 1 else axes[::-1]
        sums = sum(absolute(x), along, keepdims=True)
        result = (max if ord > 0 else min)(sums, over, keepdims=True)
    elif ord in {2, -2, "nuc"}:
        rest = [i for i in range(np.ndim(x)) if i not in axes]
        s = svdvals(transpose(x, (*rest, *axes)))
        reduce = sum if ord == "nuc" else max if ord == 2 else min
        result = reshape(reduce(s, -1), kept_shape(np.shape(x), axes))
    else:
        message = f"no norm {ord!r} over 2 axes"
        raise ValueError(message)
    return result if keepdims else squeeze(result, axes)


@op_expecting("axes from -ndim to ndim - 1")
def _norm(x: Array, /, axis: Axis = None, keepdims: bool = False) -> tuple[Any, ...]:
    """The root of the sum of squares over axes, as an op whose gradient at 0 is 0."""
    shape = x.shape
    kept = kept_shape(shape, axis)
    out = np.sqrt(np.sum(x * x, axis=axis, keepdims=keepdims))
    return out, lambda g: spread(g, kept, shape) * div_or_zero(x, spread(out, kept, shape))
