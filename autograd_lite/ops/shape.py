"""Ops that move elements without computing: shapes, axes, joining, padding."""

from __future__ import annotations

import functools
import math
from typing import TYPE_CHECKING, Any

import numpy as np

from autograd_lite.errors import describe
from autograd_lite.graph import op_expecting

if TYPE_CHECKING:
    from collections.abc import Sequence

    from autograd_lite.node import Array
    from autograd_lite.tensor import Tensor

_MANY = 4096  # the elements above which the time of a pass exceeds that of a call
_AXIS = "axes from -ndim to ndim - 1, each once"


@op_expecting("a shape of as many elements as x has; one size may be -1")
def reshape(x: Array, /, shape: int | Sequence[int]) -> tuple[Any, ...]:
    """The elements of x in the order of C, in another shape.

    Args:
        x: an array.
        shape: the new sizes; -1 stands for what is left.

    Raises:
        ValueError: when the numbers of elements differ.

    Example:
        >>> import autograd_lite as ag
        >>> ag.reshape(ag.arange(4.0), (2, -1))
        Tensor([[0., 1.],
                [2., 3.]])
    """
    before = x.shape
    return np.reshape(x, shape), lambda g: reshape(g, before)


@op_expecting(_AXIS)
def transpose(x: Array, /, axes: Sequence[int] | None = None) -> tuple[Any, ...]:
    """x with its axes permuted: in the order of `axes`, reversed by default.

    Example:
        >>> import autograd_lite as ag
        >>> ag.transpose(ag.zeros(2, 3, 4), (1, 0, 2)).shape
        (3, 2, 4)
    """
    inverse = None if axes is None else np.argsort([a % x.ndim for a in axes]).tolist()
    return np.transpose(x, axes), lambda g: transpose(g, inverse)


@op_expecting(_AXIS)
def swapaxes(x: Array, /, axis1: int, axis2: int) -> tuple[Any, ...]:
    """x with two axes interchanged.

    Example:
        >>> import autograd_lite as ag
        >>> ag.swapaxes(ag.zeros(2, 3, 4), 0, -1).shape
        (4, 3, 2)
    """
    return np.swapaxes(x, axis1, axis2), lambda g: swapaxes(g, axis1, axis2)


@op_expecting("axes of size 1")
def squeeze(x: Array, /, axis: int | Sequence[int] | None = None) -> tuple[Any, ...]:
    """x without its axes of size 1, or without the given ones.

    Raises:
        ValueError: when a given axis has another size than 1.

    Example:
        >>> import autograd_lite as ag
        >>> ag.squeeze(ag.zeros(1, 3, 1), 0).shape
        (3, 1)
    """
    before = x.shape
    return np.squeeze(x, axis)[...], lambda g: reshape(g, before)  # [...]: never x itself


@op_expecting("positions in the result, each once")
def expand_dims(x: Array, /, axis: int | Sequence[int]) -> tuple[Any, ...]:
    """x with axes of size 1 inserted, at the given positions of the result.

    Example:
        >>> import autograd_lite as ag
        >>> ag.expand_dims(ag.zeros(3), 0).shape
        (1, 3)
    """
    before = x.shape
    return np.expand_dims(x, axis), lambda g: reshape(g, before)


@op_expecting("a shape that x broadcasts to: from the right, each size of x equal or 1")
def broadcast_to(x: Array, /, shape: int | Sequence[int]) -> tuple[Any, ...]:
    """x repeated along new axes and axes of size 1 until it has `shape`.

    Example:
        >>> import autograd_lite as ag
        >>> ag.broadcast_to(ag.tensor([1.0, 2.0]), (2, 2))
        Tensor([[1., 2.],
                [1., 2.]])
    """
    before = x.shape
    if isinstance(shape, tuple) and len(shape) >= x.ndim and math.prod(shape) <= _MANY:
        out = np.empty(shape, x.dtype)  # NumPy's way to a view takes longer than these copies
        out[...] = x
    else:
        out = np.broadcast_to(x, shape)
    return out, lambda g: sum_to(g, before)


@op_expecting("a shape that broadcasts to the shape of x")
def sum_to(x: Array, /, shape: tuple[int, ...]) -> tuple[Any, ...]:
    """x summed over the axes along which an array of `shape` was repeated: broadcasting undone.

    Example:
        >>> import autograd_lite as ag
        >>> ag.ops.sum_to(np.ones((2, 3)), (3,))
        array([2., 2., 2.])
    """
    before = x.shape
    axes = _repeated(before, shape)
    if axes == (0,) and len(before) == 2 and x.size > _MANY and x.dtype.kind == "f":
        out = np.ones(len(x), x.dtype) @ x  # a product, at a third of the time for many short rows
    else:
        out = np.add.reduce(x, axis=axes, dtype=x.dtype) if axes else x
    return out.reshape(shape), lambda g: broadcast_to(g, before)


@functools.lru_cache(1024)
def _repeated(before: tuple[int, ...], shape: tuple[int, ...]) -> tuple[int, ...]:
    """The axes of `before` that an array of `shape` lacks, or repeats."""
    new = len(before) - len(shape)
    if new < 0 or any(
        size not in {1, whole} for size, whole in zip(shape, before[new:], strict=True)
    ):
        message = f"{shape} does not broadcast to {before}"
        raise ValueError(message)
    return (*range(new), *(i for i in range(new, len(before)) if before[i] != 1 == shape[i - new]))


def concatenate(arrays: Sequence[Any], axis: int | None = 0) -> Tensor:
    """The arrays joined along an axis they have.

    Args:
        arrays: arrays and tensors of the same shape but for `axis`.
        axis: the axis to join along; None flattens them first.

    Raises:
        ValueError: when the shapes differ elsewhere, or there is no array.

    Example:
        >>> import autograd_lite as ag
        >>> ag.concatenate([ag.tensor([1.0, 2.0]), ag.tensor([3.0])])
        Tensor([1., 2., 3.])
    """
    parts = _listed("concatenate", arrays)
    if axis is None:
        parts, axis = [reshape(x, -1) for x in parts], 0
    return _concatenate(*parts, axis=axis)


@op_expecting("arrays of the same shape but for the axis to join along")
def _concatenate(*arrays: Array, axis: int) -> tuple[Any, ...]:
    """`concatenate` as an op of any number of arrays."""
    out = np.concatenate(arrays, axis=axis)
    lead = (slice(None),) * (axis % out.ndim)
    ends = np.cumsum([np.shape(a)[axis] for a in arrays]).tolist()
    slices = [slice(start, end) for start, end in zip([0, *ends], ends, strict=False)]
    return out, *(lambda g, at=(*lead, s): g[at] for s in slices)


def stack(arrays: Sequence[Any], axis: int = 0) -> Tensor:
    """The arrays joined along a new axis.

    Args:
        arrays: arrays and tensors of one shape.
        axis: the position of the new axis in the result.

    Raises:
        ValueError: when the shapes differ, or there is no array.

    Example:
        >>> import autograd_lite as ag
        >>> ag.stack([ag.tensor([1.0, 2.0]), ag.tensor([3.0, 4.0])])
        Tensor([[1., 2.],
                [3., 4.]])
    """
    return _stack(*_listed("stack", arrays), axis=axis)


def _listed(name: str, arrays: Any) -> Sequence[Any]:
    """The arrays to join: of an array its rows, as NumPy takes them."""
    try:
        return list(arrays)
    except TypeError as error:
        message = f"{name}: got {describe(arrays)}; expected a list of arrays: {name}([a, b])"
        raise TypeError(message) from error


@op_expecting("arrays of one shape, at least one, and an axis of the result")
def _stack(*arrays: Array, axis: int) -> tuple[Any, ...]:
    """`stack` as an op of any number of arrays."""
    out = np.stack(arrays, axis=axis)
    lead = (slice(None),) * (axis % out.ndim)
    return out, *(lambda g, at=(*lead, i): g[at] for i in range(len(arrays)))


@op_expecting("pairs (before, after), one for each axis or one for all, none negative")
def pad(
    x: Array,
    /,
    pad_width: int | Sequence[int] | Sequence[Sequence[int]],
    constant_values: float = 0,
) -> tuple[Any, ...]:
    """x with `constant_values` added around it.

    Args:
        x: an array.
        pad_width: how many to add: one number, a pair (before, after), or a pair for each axis.
        constant_values: what to add.

    Raises:
        ValueError: when the pairs do not fit the axes, or a width is negative.

    Example:
        >>> import autograd_lite as ag
        >>> ag.pad(ag.tensor([1.0, 2.0]), (1, 2))
        Tensor([0., 1., 2., 0., 0.])
    """
    out = np.pad(x, pad_width, constant_values=constant_values)
    widths = np.broadcast_to(pad_width, (np.ndim(x), 2)).tolist()
    inner = tuple(slice(w[0], w[0] + n) for w, n in zip(widths, np.shape(x), strict=True))
    return out, lambda g: g[inner]


@op_expecting(_AXIS)
def flip(x: Array, /, axis: int | Sequence[int] | None = None) -> tuple[Any, ...]:
    """x with its elements reversed along an axis, several, or all.

    Example:
        >>> import autograd_lite as ag
        >>> ag.flip(ag.tensor([1.0, 2.0, 3.0]))
        Tensor([3., 2., 1.])
    """
    axis = axis if axis is None or isinstance(axis, int) else tuple(axis)
    return np.flip(x, axis), lambda g: flip(g, axis)


@op_expecting("a shift for each axis")
def roll(
    x: Array, /, shift: int | Sequence[int], axis: int | Sequence[int] | None = None
) -> tuple[Any, ...]:
    """x with its elements shifted along an axis, those that fall off entering at the other end.

    Args:
        x: an array.
        shift: by how many places; one for each axis.
        axis: the axis or axes; by default x is shifted as if it were flat.

    Example:
        >>> import autograd_lite as ag
        >>> ag.roll(ag.tensor([1.0, 2.0, 3.0]), 1)
        Tensor([3., 1., 2.])
    """
    back = -shift if isinstance(shift, int) else tuple(-s for s in shift)
    return np.roll(x, shift, axis), lambda g: roll(g, back, axis)
