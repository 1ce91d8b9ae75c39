"""Reductions over axes, and the functions along an axis that rest on them."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
from numpy.lib.array_utils import normalize_axis_tuple

from autograd_lite.errors import composite
from autograd_lite.graph import array_of, op, op_expecting
from autograd_lite.ops.arithmetic import astype
from autograd_lite.ops.poles import div_or_zero
from autograd_lite.ops.shape import broadcast_to, concatenate, flip, reshape, transpose

if TYPE_CHECKING:
    from autograd_lite.node import Array
    from autograd_lite.tensor import Tensor

Axis: TypeAlias = "int | tuple[int, ...] | None"

_AXIS = "an axis or several from -ndim to ndim - 1, or None for all"
_FILLED = "at least one element along the axes, and axes from -ndim to ndim - 1"


_total: Any = np.add.reduce  # what np.sum calls; untyped, for its stubs know no tuple of axes


def axes_of(axis: Axis, ndim: int) -> tuple[int, ...]:
    """The axes that `axis` names, each from 0 to ndim - 1."""
    if axis is None or (ndim == 0 and isinstance(axis, int) and -1 <= axis <= 0):  # as NumPy
        return tuple(range(ndim))
    return normalize_axis_tuple(axis, ndim)


def kept_shape(shape: tuple[int, ...], axis: Axis) -> tuple[int, ...]:
    """The shape of a reduction with keepdims, by which a gradient is spread over `shape` again."""
    if axis is None:
        return (1,) * len(shape)
    if type(axis) is int and -len(shape) <= axis < len(shape):
        return (*shape[:axis], 1, *shape[axis:][1:])
    axes = axes_of(axis, len(shape))
    return tuple([1 if i in axes else n for i, n in enumerate(shape)])


def in_a_row(x: Any, axis: Axis) -> tuple[Any, list[int]]:
    """x with the axes of a reduction as one, the last; and the sizes of the others, in order."""
    shape = np.shape(x)
    axes = axes_of(axis, len(shape))
    front = [i for i in range(len(shape)) if i not in axes]
    sizes = [shape[i] for i in front]
    n = math.prod(shape[i] for i in axes)
    return reshape(transpose(x, (*front, *axes)), (*sizes, n)), sizes


def spread(g: Array, kept: tuple[int, ...], shape: tuple[int, ...]) -> Array:
    """The gradient or result of a reduction, repeated over the array that was reduced."""
    return broadcast_to(g if g.shape in {kept, ()} else reshape(g, kept), shape)


@op_expecting(_AXIS)
def sum(x: Array, /, axis: Axis = None, keepdims: bool = False) -> tuple[Any, ...]:
    """The sum over axes.

    Args:
        x: an array.
        axis: an axis, several, or None for all.
        keepdims: keep the axes, with size 1.

    Example:
        >>> import autograd_lite as ag
        >>> ag.sum(ag.tensor([[1.0, 2.0], [3.0, 4.0]]), axis=0)
        Tensor([4., 6.])
    """
    shape = x.shape
    kept = kept_shape(shape, axis)
    return _total(x, axis=axis, keepdims=keepdims), lambda g: spread(g, kept, shape)


@op_expecting(_AXIS)
def mean(x: Array, /, axis: Axis = None, keepdims: bool = False) -> tuple[Any, ...]:
    """The mean over axes; of no elements nan, with NumPy's warning.

    Args:
        x: an array.
        axis: an axis, several, or None for all.
        keepdims: keep the axes, with size 1.

    Example:
        >>> import autograd_lite as ag
        >>> ag.mean(ag.tensor([[1.0, 2.0], [3.0, 4.0]]), axis=0)
        Tensor([2., 3.])
    """
    shape = x.shape
    kept = kept_shape(shape, axis)
    plain = x.dtype.char in "fd" and x.size  # else np.mean, whose checks take as long as this
    out = (_total if plain else np.mean)(x, axis=axis, keepdims=keepdims)
    count = x.size // out.size if out.size else 1
    if plain:
        out = out / count
    return out, lambda g: spread(g / count, kept, shape)


@op_expecting(_AXIS)
def var(x: Array, /, axis: Axis = None, ddof: float = 0, keepdims: bool = False) -> tuple[Any, ...]:
    """The variance over axes, sum((x - mean)^2) / (n - ddof).

    Args:
        x: an array.
        axis: an axis, several, or None for all.
        ddof: 0 for the variance of the values, 1 for the unbiased estimate.
        keepdims: keep the axes, with size 1.

    Example:
        >>> import autograd_lite as ag
        >>> ag.var(ag.tensor([1.0, 2.0, 3.0]), ddof=1)
        Tensor(1.)
    """
    shape = x.shape
    kept = kept_shape(shape, axis)
    out = np.var(x, axis=axis, ddof=ddof, keepdims=keepdims)
    count = (x.size // out.size if out.size else 1) - ddof
    return out, lambda g: spread(g * 2 / count, kept, shape) * (x - mean(x, axis, keepdims=True))


@op_expecting(_AXIS)
def std(x: Array, /, axis: Axis = None, ddof: float = 0, keepdims: bool = False) -> tuple[Any, ...]:
    """The standard deviation over axes, the root of `var`; its gradient where it is 0 is 0.

    Args:
        x: an array.
        axis: an axis, several, or None for all.
        ddof: 0 for the deviation of the values, 1 for the usual estimate.
        keepdims: keep the axes, with size 1.

    Example:
        >>> import autograd_lite as ag
        >>> ag.std(ag.tensor([1.0, 2.0, 3.0]), ddof=1)
        Tensor(1.)
    """
    shape = x.shape
    kept = kept_shape(shape, axis)
    out = np.std(x, axis=axis, ddof=ddof, keepdims=keepdims)
    count = (x.size // out.size if out.size else 1) - ddof
    return (
        out,
        lambda g: (
            spread(div_or_zero(g, out) / count, kept, shape) * (x - mean(x, axis, keepdims=True))
        ),
    )


@op_expecting(_FILLED)
def max(x: Array, /, axis: Axis = None, keepdims: bool = False) -> tuple[Any, ...]:
    """The largest element over axes; elements that tie share the gradient equally.

    Args:
        x: an array with at least one element along the axes.
        axis: an axis, several, or None for all.
        keepdims: keep the axes, with size 1.

    Example:
        >>> import autograd_lite as ag
        >>> ag.max(ag.tensor([[1.0, 5.0], [3.0, 4.0]]), axis=1)
        Tensor([5., 4.])
    """
    shape = x.shape
    kept = kept_shape(shape, axis)
    out = np.max(x, axis=axis, keepdims=keepdims)
    return out, lambda g: spread(g, kept, shape) * shares(x, reshape(out, kept), axis)


@op_expecting(_FILLED)
def min(x: Array, /, axis: Axis = None, keepdims: bool = False) -> tuple[Any, ...]:
    """The smallest element over axes; elements that tie share the gradient equally.

    Args:
        x: an array with at least one element along the axes.
        axis: an axis, several, or None for all.
        keepdims: keep the axes, with size 1.

    Example:
        >>> import autograd_lite as ag
        >>> ag.min(ag.tensor([[1.0, 5.0], [3.0, 4.0]]), axis=1)
        Tensor([1., 3.])
    """
    shape = x.shape
    kept = kept_shape(shape, axis)
    out = np.min(x, axis=axis, keepdims=keepdims)
    return out, lambda g: spread(g, kept, shape) * shares(x, reshape(out, kept), axis)


@op
def shares(x: Array, y: Array, /, axis: Axis = None) -> tuple[Any, ...]:
    """1/n where x equals y, n being how often it does along the axes, else 0.

    Example:
        >>> import autograd_lite as ag
        >>> ag.ops.shares(np.array([1.0, 2.0, 2.0]), np.array([2.0]))
        array([0. , 0.5, 0.5])
    """
    equal = np.equal(x, y).astype(x.dtype)
    # A nan equals nothing, not even itself: nobody shares then, and 0 / 1 is the 0 that says so.
    return (equal / np.maximum(np.sum(equal, axis=axis, keepdims=True), 1),)


@composite(_AXIS)
def prod(x: Any, axis: Axis = None, keepdims: bool = False) -> Tensor:
    """The product over axes, whose gradients of every order are exact also where elements are 0.

    It multiplies halves with one another, so its derivatives are those of `mul` and never divide.

    Args:
        x: an array.
        axis: an axis, several, or None for all.
        keepdims: keep the axes, with size 1.

    Example:
        >>> import autograd_lite as ag
        >>> x = ag.tensor([0.0, 2.0, 3.0], requires_grad=True)
        >>> ag.prod(x).backward()
        >>> x.grad
        Tensor([6., 0., 0.])
    """
    halves, sizes = in_a_row(counting(x), axis)
    n = halves.shape[-1]
    if n == 0:
        halves = sum(halves, -1, keepdims=True) + 1
    while n > 1:
        half = n // 2
        product = halves[..., :half] * halves[..., half : 2 * half]
        halves = concatenate([product, halves[..., 2 * half :]], -1) if n % 2 else product
        n = half + n % 2
    return reshape(halves, kept_shape(np.shape(x), axis) if keepdims else sizes)


def counting(x: Any) -> Any:
    """x in the dtype of its products: booleans and small integers count in int64."""
    dtype = array_of(x).dtype
    return x if dtype.kind == "f" else astype(x, np.prod(np.empty(0, dtype)).dtype)


@op_expecting(_AXIS)
def cumsum(x: Array, /, axis: int | None = None) -> tuple[Any, ...]:
    """The running sum along an axis, or of all elements in the order of C.

    Args:
        x: an array.
        axis: the axis to sum along; None flattens x first.

    Example:
        >>> import autograd_lite as ag
        >>> ag.cumsum(ag.tensor([1.0, 2.0, 3.0]))
        Tensor([1., 3., 6.])
    """
    shape = x.shape
    along = 0 if axis is None else axis
    return np.cumsum(x, axis), lambda g: reshape(flip(cumsum(flip(g, along), along), along), shape)
