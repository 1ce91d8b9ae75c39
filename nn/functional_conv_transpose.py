"""Transposed convolutions over one axis, two or three: what a convolution does to a gradient."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from autograd_lite.errors import composite
from autograd_lite.ops import reshape

from .functional_conv import _conv_transpose, batched, operands
from .window import Geometry, each

if TYPE_CHECKING:
    from autograd_lite.tensor import Tensor

_SHAPES = (
    "x (batch, channels, *sizes) or (channels, *sizes), a weight (channels, filters / groups,"
    " *kernel) and a bias (filters,) or None; give the weight the channels of x, and less padding"
    " than leaves anything"
)


@composite(_SHAPES)
def conv_transpose1d(
    x: Any,
    weight: Any,
    bias: Any = None,
    stride: Any = 1,
    padding: Any = 0,
    output_padding: Any = 0,
    groups: int = 1,
    dilation: Any = 1,
) -> Tensor:
    """y[n, o, i stride + k dilation - padding] = bias[o] + the sum of x[n, c, i] weight[c, o, k].

    The transpose of `conv1d` with the same weight and settings: it takes an array of the shape that
    `conv1d` gives to one of the shape that `conv1d` takes, so <v, conv(w)> = <transposed(v), w>.

    Args:
        x: (batch, channels, length), or (channels, length) without a batch.
        weight: (channels, filters / groups, kernel).
        bias: (filters,), or None.
        stride: how many elements of y from one element of x to the next.
        padding: how many elements of the result are left out, at each end.
        output_padding: how many of those at its end are there after all: with a stride, arrays of
            several lengths are convolved to one length, and this says which one it was. Below the
            stride, or below the dilation.
        groups: as for `conv1d`.
        dilation: how many elements of y from one element of the kernel to the next.

    Returns:
        (batch, filters, (length - 1) stride - 2 padding + dilation (kernel - 1) + output_padding
        + 1).

    Raises:
        ValueError: when shapes or settings do not fit one another.

    Source:
        Dumoulin and Visin, "A guide to convolution arithmetic for deep learning", 2016, chapter 4.

    Example:
        >>> import autograd_lite as ag
        >>> from autograd_lite import nn
        >>> x, w = ag.tensor([[[1.0, 2.0, 3.0]]]), ag.ones(1, 1, 2)
        >>> nn.functional.conv_transpose1d(x, w, stride=2)
        Tensor([[[1., 1., 2., 2., 3., 3.]]])
    """
    return _transposed(1, x, weight, bias, (stride, padding, output_padding, groups, dilation))


@composite(_SHAPES)
def conv_transpose2d(
    x: Any,
    weight: Any,
    bias: Any = None,
    stride: Any = 1,
    padding: Any = 0,
    output_padding: Any = 0,
    groups: int = 1,
    dilation: Any = 1,
) -> Tensor:
    """The transpose of `conv2d`: `conv_transpose1d`, with two indices for one.

    Args:
        x: (batch, channels, height, width), or (channels, height, width) without a batch.
        weight: (channels, filters / groups, height, width).
        bias: (filters,), or None.
        stride: as for `conv_transpose1d`; a number for both axes, or a pair.
        padding: as for `conv_transpose1d`; a number for both axes, or a pair.
        output_padding: as for `conv_transpose1d`; a number for both axes, or a pair.
        groups: as for `conv1d`.
        dilation: as for `conv_transpose1d`; a number for both axes, or a pair.

    Returns:
        (batch, filters, height, width).

    Raises:
        ValueError: when shapes or settings do not fit one another.

    Source:
        Dumoulin and Visin, "A guide to convolution arithmetic for deep learning", 2016, chapter 4.

    Example:
        >>> import autograd_lite as ag
        >>> from autograd_lite import nn
        >>> x, w = ag.ones(1, 1, 2, 2), ag.ones(1, 1, 2, 2)
        >>> nn.functional.conv_transpose2d(x, w)
        Tensor([[[[1., 2., 1.],
                  [2., 4., 2.],
                  [1., 2., 1.]]]])
    """
    return _transposed(2, x, weight, bias, (stride, padding, output_padding, groups, dilation))


@composite(_SHAPES)
def conv_transpose3d(
    x: Any,
    weight: Any,
    bias: Any = None,
    stride: Any = 1,
    padding: Any = 0,
    output_padding: Any = 0,
    groups: int = 1,
    dilation: Any = 1,
) -> Tensor:
    """The transpose of `conv3d`: `conv_transpose1d`, with three indices for one.

    Args:
        x: (batch, channels, depth, height, width), or without a batch.
        weight: (channels, filters / groups, depth, height, width).
        bias: (filters,), or None.
        stride: as for `conv_transpose1d`; a number for all axes, or three.
        padding: as for `conv_transpose1d`; a number for all axes, or three.
        output_padding: as for `conv_transpose1d`; a number for all axes, or three.
        groups: as for `conv1d`.
        dilation: as for `conv_transpose1d`; a number for all axes, or three.

    Returns:
        (batch, filters, depth, height, width).

    Raises:
        ValueError: when shapes or settings do not fit one another.

    Source:
        Dumoulin and Visin, "A guide to convolution arithmetic for deep learning", 2016, chapter 4.

    Example:
        >>> import autograd_lite as ag
        >>> from autograd_lite import nn
        >>> x, w = ag.ones(1, 3, 2, 2, 2), ag.ones(3, 2, 2, 2, 2)
        >>> nn.functional.conv_transpose3d(x, w, stride=2).shape
        (1, 2, 4, 4, 4)
    """
    return _transposed(3, x, weight, bias, (stride, padding, output_padding, groups, dilation))


def _transposed(count: int, x: Any, weight: Any, bias: Any, settings: tuple[Any, ...]) -> Tensor:
    stride, padding, output_padding, groups, dilation = settings
    (parts,) = each("groups", groups, 1)
    source, kernel = operands(count, x, weight, bias, (np.shape(weight)[1] * parts,))
    channels = np.shape(x)[-1 - count]
    if len(weight) != channels or channels % parts:
        message = f"{channels} channels in {parts} groups, a weight of {len(weight)} channels"
        raise ValueError(message)
    steps, gaps = each("stride", stride, count), each("dilation", dilation, count)
    before, more = (
        each(setting, value, count, 0)
        for setting, value in (("padding", padding), ("output_padding", output_padding))
    )
    if any(n >= max(pair) for n, *pair in zip(more, steps, gaps, strict=True)):
        message = f"output_padding={more} is below neither stride={steps} nor dilation={gaps}"
        raise ValueError(message)
    geometry = Geometry(steps, gaps, before, parts)
    size = tuple(
        reach - 2 * left + added
        for reach, left, added in zip(geometry.reach(kernel, source), before, more, strict=True)
    )
    if min(source) < 1 or min(size) < 1:
        message = f"{source} would become {size}"
        raise ValueError(message)
    many = batched(x, count)
    out = _conv_transpose(many, weight, size=size, geometry=geometry)
    if bias is not None:
        out = out + reshape(bias, (-1, *(1,) * count))
    return out if many is x else reshape(out, out.shape[1:])
