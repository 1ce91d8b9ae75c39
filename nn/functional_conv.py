"""Convolutions over one axis, two or three: one op, of any number of axes, and its transposes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from autograd_lite.errors import composite, describe, is_one_of
from autograd_lite.graph import op_expecting
from autograd_lite.ops import reshape, sum

from .window import Geometry, correlated, each, spread, weighed

if TYPE_CHECKING:
    from autograd_lite.node import Array
    from autograd_lite.tensor import Tensor

    from .window import Sizes

_SHAPES = (
    "x (batch, channels, *sizes) or (channels, *sizes), a weight (filters, channels / groups,"
    " *kernel) and a bias (filters,) or None; give the weight the channels of x, and x at least the"
    " size of the kernel (padding=)"
)


@op_expecting(_SHAPES)
def _conv(
    x: Array, w: Array, b: Array = None, /, *, size: Sizes, geometry: Geometry
) -> tuple[Any, ...]:
    """Sums of products over `size` windows: bilinear, so each gradient is a transpose of the map.

    Source:
        Dumoulin and Visin, "A guide to convolution arithmetic for deep learning", 2016.
    """
    source, kernel = x.shape[2:], w.shape[2:]
    axes = (0, *range(2, 2 + len(size)))
    return (
        correlated(x, w, b, size, geometry),
        lambda g: _conv_transpose(g, w, size=source, geometry=geometry),
        lambda g: _conv_weight(x, g, kernel=kernel, geometry=geometry),
        lambda g: sum(g, axes),
    )


@op_expecting("y (batch, filters, *sizes) and a weight (filters, channels / groups, *kernel)")
def _conv_transpose(y: Array, w: Array, /, *, size: Sizes, geometry: Geometry) -> tuple[Any, ...]:
    """What the gradient y of a convolution is for its x, which has `size`."""
    windows, kernel = y.shape[2:], w.shape[2:]
    return (
        spread(y, w, size, geometry),
        lambda g: _conv(g, w, size=windows, geometry=geometry),
        lambda g: _conv_weight(g, y, kernel=kernel, geometry=geometry),
    )


@op_expecting("x (batch, channels, *sizes) and y (batch, filters, *sizes)")
def _conv_weight(x: Array, y: Array, /, *, kernel: Sizes, geometry: Geometry) -> tuple[Any, ...]:
    """What the gradient y of a convolution of x is for its weight, which has a `kernel`."""
    source, windows = x.shape[2:], y.shape[2:]
    return (
        weighed(x, y, kernel, geometry),
        lambda g: _conv_transpose(y, g, size=source, geometry=geometry),
        lambda g: _conv(x, g, size=windows, geometry=geometry),
    )


@composite(_SHAPES)
def conv1d(
    x: Any,
    weight: Any,
    bias: Any = None,
    stride: Any = 1,
    padding: Any = 0,
    dilation: Any = 1,
    groups: int = 1,
) -> Tensor:
    """y[n, o, i] = bias[o] + sum_ck x[n, c, i stride + k dilation - padding] weight[o, c, k].

    The weight is not turned round, as in all such libraries: mathematics calls it a correlation.

    Args:
        x: (batch, channels, length), or (channels, length) without a batch.
        weight: (filters, channels / groups, kernel).
        bias: (filters,), or None.
        stride: how many elements of x from one element of y to the next.
        padding: how many zeros before x and behind it; "valid" is 0, "same" is as many as leave y
            the length of x, the odd one behind, for a stride of 1.
        dilation: how many elements of x from one element of the kernel to the next.
        groups: how many parts the channels and the filters are cut into; each part of the filters
            sees the part of the channels in its place.

    Returns:
        (batch, filters, (length + 2 padding - dilation (kernel - 1) - 1) // stride + 1).

    Raises:
        ValueError: when shapes or settings do not fit one another.

    Source:
        Dumoulin and Visin, "A guide to convolution arithmetic for deep learning", 2016.

    Example:
        >>> import autograd_lite as ag
        >>> from autograd_lite import nn
        >>> x, difference = ag.tensor([[[1.0, 4.0, 9.0, 16.0]]]), ag.tensor([[[-1.0, 1.0]]])
        >>> nn.functional.conv1d(x, difference)
        Tensor([[[3., 5., 7.]]])
    """
    return _convolved(1, x, weight, bias, (stride, padding, dilation, groups))


@composite(_SHAPES)
def conv2d(
    x: Any,
    weight: Any,
    bias: Any = None,
    stride: Any = 1,
    padding: Any = 0,
    dilation: Any = 1,
    groups: int = 1,
) -> Tensor:
    """The convolution over two axes: `conv1d`, with two indices for one.

    Args:
        x: (batch, channels, height, width), or (channels, height, width) without a batch.
        weight: (filters, channels / groups, height, width).
        bias: (filters,), or None.
        stride: as for `conv1d`; a number for both axes, or a pair.
        padding: as for `conv1d`; a number for both axes, a pair, "valid" or "same".
        dilation: as for `conv1d`; a number for both axes, or a pair.
        groups: as for `conv1d`.

    Returns:
        (batch, filters, height, width).

    Raises:
        ValueError: when shapes or settings do not fit one another.

    Source:
        Dumoulin and Visin, "A guide to convolution arithmetic for deep learning", 2016.

    Example:
        >>> import autograd_lite as ag
        >>> from autograd_lite import nn
        >>> x, w = ag.ones(1, 1, 3, 3), ag.ones(1, 1, 3, 3)
        >>> nn.functional.conv2d(x, w, padding=1)
        Tensor([[[[4., 6., 4.],
                  [6., 9., 6.],
                  [4., 6., 4.]]]])
    """
    return _convolved(2, x, weight, bias, (stride, padding, dilation, groups))


@composite(_SHAPES)
def conv3d(
    x: Any,
    weight: Any,
    bias: Any = None,
    stride: Any = 1,
    padding: Any = 0,
    dilation: Any = 1,
    groups: int = 1,
) -> Tensor:
    """The convolution over three axes: `conv1d`, with three indices for one.

    Args:
        x: (batch, channels, depth, height, width), or without a batch.
        weight: (filters, channels / groups, depth, height, width).
        bias: (filters,), or None.
        stride: as for `conv1d`; a number for all axes, or three.
        padding: as for `conv1d`; a number for all axes, three, "valid" or "same".
        dilation: as for `conv1d`; a number for all axes, or three.
        groups: as for `conv1d`.

    Returns:
        (batch, filters, depth, height, width).

    Raises:
        ValueError: when shapes or settings do not fit one another.

    Source:
        Dumoulin and Visin, "A guide to convolution arithmetic for deep learning", 2016.

    Example:
        >>> import autograd_lite as ag
        >>> from autograd_lite import nn
        >>> nn.functional.conv3d(ag.ones(1, 2, 4, 4, 4), ag.ones(3, 2, 2, 2, 2), stride=2).shape
        (1, 3, 2, 2, 2)
    """
    return _convolved(3, x, weight, bias, (stride, padding, dilation, groups))


def _convolved(count: int, x: Any, weight: Any, bias: Any, settings: tuple[Any, ...]) -> Tensor:
    stride, padding, dilation, groups = settings
    source, kernel = operands(count, x, weight, bias, np.shape(weight)[:1])
    (parts,) = each("groups", groups, 1)
    channels, inner = np.shape(x)[-1 - count], np.shape(weight)[1]
    if inner * parts != channels or len(weight) % parts:
        message = (
            f"{channels} channels in {parts} groups, {len(weight)} filters of {inner} channels"
        )
        raise ValueError(message)
    steps, gaps = each("stride", stride, count), each("dilation", dilation, count)
    before, after = paddings(padding, kernel, steps, gaps)
    size = windows(source, kernel, steps, gaps, [a + b for a, b in zip(before, after, strict=True)])
    many = batched(x, count)
    out = _conv(many, weight, bias, size=size, geometry=Geometry(steps, gaps, before, parts))
    return out if many is x else reshape(out, out.shape[1:])


def operands(count: int, x: Any, weight: Any, bias: Any, filters: Sizes) -> tuple[Sizes, Sizes]:
    """The sizes of x and of the kernel along the last `count` axes.

    Raises:
        ValueError: when an operand has other axes, the weight none of some, or the bias another
            size than `filters`.
    """
    shape, kernel = np.shape(x), np.shape(weight)[2:]
    if len(shape) not in {count + 1, count + 2} or len(kernel) != count:
        message = f"{len(shape)} axes of x and {len(kernel) + 2} of the weight"
        raise ValueError(message)
    if 0 in np.shape(weight):
        message = f"a weight of shape {np.shape(weight)} has no elements"
        raise ValueError(message)
    if bias is not None and np.shape(bias) != filters:
        message = f"a bias of shape {np.shape(bias)} for {filters[0]} filters"
        raise ValueError(message)
    return shape[-count:], kernel


def batched(x: Any, count: int) -> Any:
    """x with an axis for the batch before the channels, if it has none."""
    return x if np.ndim(x) == count + 2 else reshape(x, (1, *np.shape(x)))


def paddings(padding: Any, kernel: Sizes, stride: Sizes, dilation: Sizes) -> tuple[Sizes, Sizes]:
    """How many zeros before each axis, and behind it.

    Raises:
        ValueError: when `padding` says neither that nor "same" nor "valid".
    """
    if not isinstance(padding, str):
        before = each("padding", padding, len(kernel), 0)
        return before, before
    if not is_one_of(padding, {"same", "valid"}):
        message = f'padding={describe(padding)} is neither a number nor "same" nor "valid"'
        raise ValueError(message)
    if padding == "valid":
        return (0,) * len(kernel), (0,) * len(kernel)
    if any(step > 1 for step in stride):
        message = f'padding="same" with a stride of {stride}: y has the size of x without one only'
        raise ValueError(message)
    total = [(k - 1) * d for k, d in zip(kernel, dilation, strict=True)]
    return tuple(n // 2 for n in total), tuple(n - n // 2 for n in total)


def windows(source: Sizes, kernel: Sizes, stride: Sizes, dilation: Sizes, padding: Any) -> Sizes:
    """How many windows there are along each axis, of which `padding` in all is zeros.

    Raises:
        ValueError: when the first one does not fit.
    """
    free = [
        n + p - (k - 1) * d - 1
        for n, k, d, p in zip(source, kernel, dilation, padding, strict=True)
    ]
    if min(free) < 0:
        covered = tuple((k - 1) * d + 1 for k, d in zip(kernel, dilation, strict=True))
        message = f"a kernel that covers {covered} does not fit {source} padded by {tuple(padding)}"
        raise ValueError(message)
    return tuple(n // s + 1 for n, s in zip(free, stride, strict=True))
