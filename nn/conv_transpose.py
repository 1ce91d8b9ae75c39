"""Layers that do the transpose of a convolution: from fewer elements to more."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from .conv import Convolution, sizes
from .functional import conv_transpose1d, conv_transpose2d, conv_transpose3d
from .init import Init, draw

if TYPE_CHECKING:
    from numpy.typing import DTypeLike

    from autograd_lite.creation import Generator


class Transposed(Convolution):
    """What all layers are that do the transpose of a convolution."""

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: Any,
        stride: Any = 1,
        padding: Any = 0,
        output_padding: Any = 0,
        groups: int = 1,
        *,
        bias: bool = True,
        dilation: Any = 1,
        padding_mode: str = "zeros",
        init_method: Init = "he",
        dtype: DTypeLike | None = None,
        generator: Generator | None = None,
    ) -> None:
        self.output_padding = sizes(self, "output_padding", output_padding, 0)
        steps, gaps = sizes(self, "stride", stride), sizes(self, "dilation", dilation)
        if any(n >= max(pair) for n, *pair in zip(self.output_padding, steps, gaps, strict=True)):
            message = (
                f"{type(self).__name__}: got output_padding={output_padding}; expected less than"
                f" stride={stride}, or than dilation={dilation}"
            )
            raise ValueError(message)
        super().__init__(
            in_channels,
            out_channels,
            kernel_size,
            stride,
            padding,
            dilation,
            groups,
            bias=bias,
            padding_mode=padding_mode,
            init_method=init_method,
            dtype=dtype,
            generator=generator,
        )

    def _padding(self, padding: Any) -> Any:
        return sizes(self, "padding", padding, 0)

    def _drawn(self, method: Init, generator: Generator | None) -> Any:
        """As of a convolution; a unit has the inputs of the windows that reach it."""
        inner = self.out_channels // self.groups
        reached = [-(-k // s) for k, s in zip(self.kernel_size, self.stride, strict=True)]
        inputs = self.in_channels // self.groups * math.prod(reached)
        shape = (self.in_channels * math.prod(self.kernel_size), inner)
        drawn = draw(type(self).__name__, method, shape, fan_in=inputs, generator=generator)
        return np.moveaxis(drawn.reshape(self.in_channels, *self.kernel_size, inner), -1, 1)

    def _settings(self) -> dict[str, Any]:
        return {**super()._settings(), "output_padding": self.output_padding}


class ConvTranspose1d(Transposed):
    """The transpose of `Conv1d`: each element of x adds a kernel to y, `stride` apart.

    Args:
        in_channels: the channels of x.
        out_channels: the channels of y.
        kernel_size: how many elements a kernel has.
        stride: how many elements of y from one element of x to the next.
        padding: how many elements of y are left out at each end.
        output_padding: how many of those at its end are there after all; below the stride, or
            below the dilation.
        groups: how many parts the channels are cut into, that have nothing to do with one another.
        bias: whether there is a bias.
        dilation: how many elements of y from one element of a kernel to the next.
        padding_mode: "zeros"; there is no other.
        init_method: how the weight is drawn, as for `Linear`, as a matrix (in_channels
            kernel_size, out_channels / groups). The bias begins at zero.
        dtype: the dtype of both; the default one unless given.
        generator: what draws; the library's own unless given (see `autograd_lite.manual_seed`).

    Attributes:
        weight: (in_channels, out_channels / groups, kernel_size).
        bias: (out_channels,), or None.

    Raises:
        ValueError: when a size is no positive integer, or settings do not fit one another.
        TypeError: when `dtype` is not floating, `bias` not True or False, or `generator` not one
            of NumPy's.

    Source:
        Dumoulin and Visin, "A guide to convolution arithmetic for deep learning", 2016, chapter 4.

    Example:
        >>> import autograd_lite as ag
        >>> from autograd_lite import nn
        >>> nn.ConvTranspose1d(8, 3, 4, stride=2, padding=1)(ag.zeros(2, 8, 50)).shape
        (2, 3, 100)
    """

    axes = 1
    _convolve = staticmethod(conv_transpose1d)


class ConvTranspose2d(Transposed):
    """The transpose of `Conv2d`: from a small picture to a large one.

    Args:
        in_channels: the channels of x.
        out_channels: the channels of y.
        kernel_size: (height, width) of a kernel; as all of these, one number stands for both.
        stride: how many elements of y from one element of x to the next.
        padding: how many elements of y are left out on each side.
        output_padding: as for `ConvTranspose1d`, and so are the others.
        groups: how many parts the channels are cut into.
        bias: whether there is a bias.
        dilation: how many elements of y from one element of a kernel to the next.
        padding_mode: "zeros"; there is no other.
        init_method: how the weight is drawn.
        dtype: the dtype of weight and bias.
        generator: what draws.

    Attributes:
        weight: (in_channels, out_channels / groups, height, width).
        bias: (out_channels,), or None.

    Raises:
        ValueError: when a size is no positive integer, or settings do not fit one another.
        TypeError: when `dtype` is not floating, `bias` not True or False, or `generator` not one
            of NumPy's.

    Source:
        Dumoulin and Visin, "A guide to convolution arithmetic for deep learning", 2016, chapter 4.

    Example:
        >>> import autograd_lite as ag
        >>> from autograd_lite import nn
        >>> nn.ConvTranspose2d(16, 1, 2, stride=2)(ag.zeros(5, 16, 14, 14)).shape
        (5, 1, 28, 28)
    """

    axes = 2
    _convolve = staticmethod(conv_transpose2d)


class ConvTranspose3d(Transposed):
    """The transpose of `Conv3d`: from a small volume to a large one.

    Args:
        in_channels: the channels of x.
        out_channels: the channels of y.
        kernel_size: (depth, height, width) of a kernel; as all of these, one number stands for all.
        stride: how many elements of y from one element of x to the next.
        padding: how many elements of y are left out on each side.
        output_padding: as for `ConvTranspose1d`, and so are the others.
        groups: how many parts the channels are cut into.
        bias: whether there is a bias.
        dilation: how many elements of y from one element of a kernel to the next.
        padding_mode: "zeros"; there is no other.
        init_method: how the weight is drawn.
        dtype: the dtype of weight and bias.
        generator: what draws.

    Attributes:
        weight: (in_channels, out_channels / groups, depth, height, width).
        bias: (out_channels,), or None.

    Raises:
        ValueError: when a size is no positive integer, or settings do not fit one another.
        TypeError: when `dtype` is not floating, `bias` not True or False, or `generator` not one
            of NumPy's.

    Source:
        Dumoulin and Visin, "A guide to convolution arithmetic for deep learning", 2016, chapter 4.

    Example:
        >>> import autograd_lite as ag
        >>> from autograd_lite import nn
        >>> nn.ConvTranspose3d(4, 1, 2, stride=2)(ag.zeros(2, 4, 3, 5, 5)).shape
        (2, 1, 6, 10, 10)
    """

    axes = 3
    _convolve = staticmethod(conv_transpose3d)
