"""Means over windows of one axis, two or three."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any

import numpy as np

from autograd_lite.errors import composite, flag
from autograd_lite.ops import reshape

from .functional_conv import batched
from .functional_pool import _WINDOWS, _sum_pool, placed

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from autograd_lite.tensor import Tensor

    from .window import Geometry, Sizes


@composite(_WINDOWS)
def avg_pool1d(
    x: Any,
    kernel_size: Any,
    stride: Any = None,
    padding: Any = 0,
    ceil_mode: bool = False,
    count_include_pad: bool = True,
) -> Tensor:
    """y[n, c, i] = mean over k of x[n, c, i stride + k - padding].

    Args:
        x: (batch, channels, length), or (channels, length) without a batch.
        kernel_size: how many elements a window has.
        stride: from one window to the next; as many as it has unless given.
        padding: how many zeros before x and behind it: up to half of the window.
        ceil_mode: whether there is a last window that ends behind all that, if elements are left
            for it; what is behind the padding does not count in the mean.
        count_include_pad: whether the zeros of the padding count in the mean.

    Returns:
        (batch, channels, (length + 2 padding - kernel_size) // stride + 1), the quotient rounded up
        with `ceil_mode`.

    Raises:
        ValueError: when shapes or settings do not fit one another.

    Example:
        >>> import autograd_lite as ag
        >>> from autograd_lite import nn
        >>> nn.functional.avg_pool1d(ag.tensor([[[1.0, 3.0, 2.0, 0.0]]]), 2)
        Tensor([[[2., 1.]]])
    """
    return averaged(1, x, (kernel_size, stride, padding, 1, ceil_mode), count_include_pad)


@composite(_WINDOWS)
def avg_pool2d(
    x: Any,
    kernel_size: Any,
    stride: Any = None,
    padding: Any = 0,
    ceil_mode: bool = False,
    count_include_pad: bool = True,
) -> Tensor:
    """The means of windows over two axes: `avg_pool1d`, with two indices for one.

    Args:
        x: (batch, channels, height, width), or (channels, height, width) without a batch.
        kernel_size: as for `avg_pool1d`, and so are the others; a number, or one for each axis.
        stride: the same.
        padding: the same.
        ceil_mode: as for `avg_pool1d`.
        count_include_pad: as for `avg_pool1d`.

    Returns:
        (batch, channels, height, width).

    Raises:
        ValueError: when shapes or settings do not fit one another.

    Example:
        >>> import autograd_lite as ag
        >>> from autograd_lite import nn
        >>> nn.functional.avg_pool2d(ag.arange(16.0).reshape(1, 1, 4, 4), 2)
        Tensor([[[[ 2.5,  4.5],
                  [10.5, 12.5]]]])
    """
    return averaged(2, x, (kernel_size, stride, padding, 1, ceil_mode), count_include_pad)


@composite(_WINDOWS)
def avg_pool3d(
    x: Any,
    kernel_size: Any,
    stride: Any = None,
    padding: Any = 0,
    ceil_mode: bool = False,
    count_include_pad: bool = True,
) -> Tensor:
    """The means of windows over three axes: `avg_pool1d`, with three indices for one.

    Args:
        x: (batch, channels, depth, height, width), or without a batch.
        kernel_size: as for `avg_pool1d`, and so are the others; a number, or one for each axis.
        stride: the same.
        padding: the same.
        ceil_mode: as for `avg_pool1d`.
        count_include_pad: as for `avg_pool1d`.

    Returns:
        (batch, channels, depth, height, width).

    Raises:
        ValueError: when shapes or settings do not fit one another.

    Example:
        >>> import autograd_lite as ag
        >>> from autograd_lite import nn
        >>> nn.functional.avg_pool3d(ag.ones(1, 1, 2, 2, 3), (2, 2, 3))
        Tensor([[[[[1.]]]]])
    """
    return averaged(3, x, (kernel_size, stride, padding, 1, ceil_mode), count_include_pad)


def averaged(count: int, x: Any, settings: tuple[Any, ...], padding_counts: Any = True) -> Tensor:
    """`avg_pool1d` and its like, with their settings in order, dilation included."""
    name = f"avg_pool{count}d"
    padding_counts = flag(name, "count_include_pad", padding_counts)
    kernel, size, geometry = placed(name, count, x, settings)
    many = batched(x, count)
    out = _sum_pool(many, kernel=kernel, size=size, geometry=geometry)
    lengths = _lengths(np.shape(x)[-count:], kernel, size, geometry, padding_counts=padding_counts)
    if lengths.min() == lengths.max():
        out = out / int(lengths.min())
    else:
        out = out / (lengths.astype(out.dtype) if out.dtype.kind == "f" else lengths)
    return out if many is x else reshape(out, out.shape[1:])


def _lengths(
    source: Sizes, kernel: Sizes, size: Sizes, geometry: Geometry, *, padding_counts: bool
) -> NDArray[Any]:
    """How many elements of each window count."""
    lengths = []
    for n, k, m, s, p in zip(source, kernel, size, geometry.stride, geometry.before, strict=True):
        first = np.arange(m) * s - p
        low, high = (-p, n + p) if padding_counts else (0, n)
        lengths.append(np.minimum(first + k, high) - np.maximum(first, low))
    return functools.reduce(np.multiply.outer, lengths)
