"""Elements moved and repeated: compositions of the ops on shapes, axes and indices."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.lib.array_utils import normalize_axis_index, normalize_axis_tuple

from autograd_lite.errors import composite
from autograd_lite.graph import op_expecting
from autograd_lite.ops.arithmetic import mul, pow
from autograd_lite.ops.index import getitem, plain_index
from autograd_lite.ops.matrix import diagonal, on_diagonal
from autograd_lite.ops.shape import (
    broadcast_to,
    expand_dims,
    flip,
    reshape,
    stack,
    swapaxes,
    transpose,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import DTypeLike

    from autograd_lite.node import Array
    from autograd_lite.tensor import Tensor

_AXIS = "axes from -ndim to ndim - 1, each once"


def along(axis: int, index: Any) -> tuple[Any, ...]:
    """`index` for the axis of that number, from 0, and all of those before it."""
    return (*(slice(None),) * axis, index)


@op_expecting("one array")
def copy(x: Array, /) -> tuple[Any, ...]:
    """x in memory of its own: what is assigned to its items is no view's and no other's.

    Example:
        >>> import autograd_lite as ag
        >>> x = ag.ones(2, 2)
        >>> row = ag.copy(x[0])
        >>> row[0] = 5.0
        >>> row, x[0]
        (Tensor([5., 1.]), Tensor([1., 1.]))
    """
    return np.array(x), lambda g: g


@composite("one array")
def ravel(x: Any) -> Tensor:
    """One axis of all elements, in the order of C.

    Example:
        >>> import autograd_lite as ag
        >>> ag.ravel(ag.ones(2, 2))
        Tensor([1., 1., 1., 1.])
    """
    return reshape(x, -1)


@composite("one number of times that is not negative, or one for each element along the axis")
def repeat(x: Any, repeats: int | Sequence[int] | Any, axis: int | None = None) -> Tensor:
    """Each element along an axis, as often as `repeats` says.

    Args:
        x: an array.
        repeats: how often: one number, or one for each element along the axis.
        axis: the axis; None flattens x first.

    Raises:
        ValueError: when a number is negative, or there are more or fewer than elements.
        TypeError: when `repeats` is not of integers.

    Example:
        >>> import autograd_lite as ag
        >>> ag.repeat(ag.tensor([1.0, 2.0]), 2)
        Tensor([1., 1., 2., 2.])
        >>> ag.repeat(ag.tensor([1.0, 2.0]), [0, 3])
        Tensor([2., 2., 2.])
    """
    if axis is None:
        x, axis = reshape(x, -1), 0
    shape = np.shape(x)
    axis = normalize_axis_index(axis, len(shape))
    counts = np.asarray(plain_index(repeats))
    if counts.ndim == 0 and counts.dtype.kind in "iu" and counts >= 0:
        n = int(counts)
        wide = broadcast_to(expand_dims(x, axis + 1), (*shape[: axis + 1], n, *shape[axis + 1 :]))
        return reshape(wide, (*shape[:axis], shape[axis] * n, *shape[axis + 1 :]))
    return getitem(x, along(axis, np.repeat(np.arange(shape[axis]), counts)))


@composite("how often along each axis, one number or several, none negative")
def tile(x: Any, reps: int | Sequence[int]) -> Tensor:
    """x beside itself, `reps` times along each axis.

    Args:
        x: an array.
        reps: how often along each axis, the last number for the last axis; axes that x lacks come
            first.

    Raises:
        ValueError: when a number is negative.

    Example:
        >>> import autograd_lite as ag
        >>> ag.tile(ag.tensor([1.0, 2.0]), 2)
        Tensor([1., 2., 1., 2.])
        >>> ag.tile(ag.tensor([1.0, 2.0]), (2, 1))
        Tensor([[1., 2.],
                [1., 2.]])
    """
    times = [int(n) for n in np.atleast_1d(np.asarray(plain_index(reps), np.intp))]
    shape = list(np.shape(x))
    shape = [1] * (len(times) - len(shape)) + shape
    times = [1] * (len(shape) - len(times)) + times
    pairs = [size for pair in zip([1] * len(shape), shape, strict=True) for size in pair]
    wide = [size for pair in zip(times, shape, strict=True) for size in pair]
    sizes = [n * size for n, size in zip(times, shape, strict=True)]
    return reshape(broadcast_to(reshape(x, pairs), tuple(wide)), sizes)


@composite("as many positions as axes, from -ndim to ndim - 1, each once")
def moveaxis(x: Any, source: int | Sequence[int], destination: int | Sequence[int]) -> Tensor:
    """x with some axes at other positions, and the rest in their order.

    Args:
        x: an array.
        source: the axes to move.
        destination: where each of them goes.

    Example:
        >>> import autograd_lite as ag
        >>> ag.moveaxis(ag.zeros(2, 3, 4), 0, -1).shape
        (3, 4, 2)
    """
    ndim = np.ndim(x)
    first, then = (normalize_axis_tuple(axes, ndim) for axes in (source, destination))
    order = [i for i in range(ndim) if i not in first]
    for to, axis in sorted(zip(then, first, strict=True)):
        order.insert(to, axis)
    return transpose(x, tuple(order))


@composite("at least two axes")
def matrix_transpose(x: Any) -> Tensor:
    """Matrices transposed: the last two axes interchanged.

    Example:
        >>> import autograd_lite as ag
        >>> ag.matrix_transpose(ag.zeros(2, 3, 4)).shape
        (2, 4, 3)
    """
    return swapaxes(x, -1, -2)


@composite("two different axes of x, and a whole number of quarter turns")
def rot90(x: Any, k: int = 1, axes: Sequence[int] = (0, 1)) -> Tensor:
    """x turned by k quarter turns in the plane of two axes, from the first towards the second.

    Example:
        >>> import autograd_lite as ag
        >>> ag.rot90(ag.tensor([[1.0, 2.0], [3.0, 4.0]]))
        Tensor([[2., 4.],
                [1., 3.]])
    """
    first, second = normalize_axis_tuple(axes, np.ndim(x))
    match k % 4:
        case 0:
            return getitem(x, ...)
        case 1:
            return swapaxes(flip(x, second), first, second)
        case 2:
            return flip(x, (first, second))
        case 3:
            return flip(swapaxes(x, first, second), second)
        case _:
            message = f"got k={k!r}"
            raise TypeError(message)


@composite("at least two axes")
def fliplr(x: Any) -> Tensor:
    """x with the second axis reversed: the columns of a matrix from right to left.

    Example:
        >>> import autograd_lite as ag
        >>> ag.fliplr(ag.tensor([[1.0, 2.0], [3.0, 4.0]]))
        Tensor([[2., 1.],
                [4., 3.]])
    """
    return flip(x, 1)


@composite("at least one axis")
def flipud(x: Any) -> Tensor:
    """x with the first axis reversed: the rows of a matrix from the last to the first.

    Example:
        >>> import autograd_lite as ag
        >>> ag.flipud(ag.tensor([[1.0, 2.0], [3.0, 4.0]]))
        Tensor([[3., 4.],
                [1., 2.]])
    """
    return flip(x, 0)


@composite("a vector, or a matrix, and the number of a diagonal")
def diag(x: Any, k: int = 0) -> Tensor:
    """The matrix that has a vector on its k-th diagonal, or the k-th diagonal of a matrix.

    Example:
        >>> import autograd_lite as ag
        >>> ag.diag(ag.tensor([1.0, 2.0]))
        Tensor([[1., 0.],
                [0., 2.]])
    """
    if np.ndim(x) != 1:
        if np.ndim(x) != 2:
            message = f"an array of {np.ndim(x)} axes"
            raise ValueError(message)
        return diagonal(x, k)
    side = np.shape(x)[0] + abs(k)
    return on_diagonal(x, (side, side), k, 0, 1)


@composite("an array, and the number of a diagonal")
def diagflat(x: Any, k: int = 0) -> Tensor:
    """The matrix that has all elements of x on its k-th diagonal.

    Example:
        >>> import autograd_lite as ag
        >>> ag.diagflat(ag.tensor([[1.0, 2.0]]), 1).shape
        (3, 3)
    """
    return diag(reshape(x, -1), k)


@composite("a vector, and a number of columns that is not negative")
def vander(x: Any, N: int | None = None, increasing: bool = False) -> Tensor:  # noqa: N803  # NumPy's name
    """The Vandermonde matrix of a vector: its powers as columns, x^(N-1) first.

    Args:
        x: a vector (n,).
        N: the number of columns; n by default.
        increasing: whether x^0 comes first.

    Example:
        >>> import autograd_lite as ag
        >>> ag.vander(ag.tensor([2.0, 3.0]), 3)
        Tensor([[4., 2., 1.],
                [9., 3., 1.]])
    """
    (n,) = np.shape(x)
    count = n if N is None else N
    if count == 0:
        return getitem(reshape(x, (n, 1)), along(1, slice(0)))
    columns = [pow(x, 0)]
    while len(columns) < count:
        columns.append(mul(columns[-1], x))  # whose derivatives are exact at 0, too
    return stack(columns if increasing else columns[::-1], 1)


@composite("an array, a dtype, and a shape")
def zeros_like(
    x: Any, dtype: DTypeLike | None = None, shape: int | Sequence[int] | None = None
) -> Tensor:
    """Zeros of the shape and dtype of x, or of the given ones; they have no gradient.

    Example:
        >>> import autograd_lite as ag
        >>> ag.zeros_like(ag.ones(2))
        Tensor([0., 0.])
    """
    return full_like(x, 0, dtype=dtype, shape=shape)


@composite("an array, a dtype, and a shape")
def ones_like(
    x: Any, dtype: DTypeLike | None = None, shape: int | Sequence[int] | None = None
) -> Tensor:
    """Ones of the shape and dtype of x, or of the given ones; they have no gradient.

    Example:
        >>> import autograd_lite as ag
        >>> ag.ones_like(ag.zeros(2))
        Tensor([1., 1.])
    """
    return full_like(x, 1, dtype=dtype, shape=shape)


@op_expecting("a value that broadcasts to the shape of x or the given one, and a dtype")
def full_like(
    x: Array,
    fill_value: Array,
    /,
    dtype: DTypeLike | None = None,
    shape: int | Sequence[int] | None = None,
) -> tuple[Any, ...]:
    """`fill_value`, repeated to the shape of x and converted to its dtype, or to the given ones.

    Its gradient goes to `fill_value`.

    Example:
        >>> import autograd_lite as ag
        >>> ag.full_like(ag.zeros(3), 7)
        Tensor([7., 7., 7.])
    """
    out = np.full_like(x, fill_value, dtype, order="C", shape=shape)
    return out, None, (lambda g: g) if out.dtype.kind == "f" else None
