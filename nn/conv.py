"""Layers that convolve, and what they share with those that do the transpose."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from autograd_lite.dtypes import floating
from autograd_lite.errors import describe, flag, is_one_of

from .functional import as_tensor, conv1d, conv2d, conv3d
from .functional_conv import paddings
from .init import Init, draw
from .module import Module
from .outline import brief
from .parameter import Parameter, whole
from .window import each

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import DTypeLike

    from autograd_lite.creation import Generator
    from autograd_lite.tensor import Tensor

    from .window import Sizes


class Convolution(Module):
    """What all layers are that convolve: a kernel for each pair of channels, and a bias."""

    weight: Parameter
    bias: Parameter | None
    axes: ClassVar[int]
    _convolve: ClassVar[Callable[..., Tensor]]

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: Any,
        stride: Any = 1,
        padding: Any = 0,
        dilation: Any = 1,
        groups: int = 1,
        *,
        bias: bool = True,
        padding_mode: str = "zeros",
        init_method: Init = "he",
        dtype: DTypeLike | None = None,
        generator: Generator | None = None,
    ) -> None:
        name = type(self).__name__
        self.in_channels = whole(name, "in_channels", in_channels)
        self.out_channels = whole(name, "out_channels", out_channels)
        self.kernel_size = sizes(self, "kernel_size", kernel_size)
        self.stride = sizes(self, "stride", stride)
        self.dilation = sizes(self, "dilation", dilation)
        self.padding = self._padding(padding)
        self.groups = whole(name, "groups", groups)
        if self.in_channels % self.groups or self.out_channels % self.groups:
            message = (
                f"{name}: got groups={groups} of in_channels={in_channels} and"
                f" out_channels={out_channels}; expected a divisor of both"
            )
            raise ValueError(message)
        if not is_one_of(padding_mode, {"zeros"}):
            message = (
                f"{name}: got padding_mode={describe(padding_mode)}; expected 'zeros': pad x"
                " before the layer otherwise"
            )
            raise ValueError(message)
        chosen, has_bias = floating(name, dtype), flag(name, "bias", bias)
        self.weight = Parameter(self._drawn(init_method, generator), dtype=chosen)
        self.bias = Parameter(np.zeros(self.out_channels), dtype=chosen) if has_bias else None

    def _padding(self, padding: Any) -> Any:
        if not isinstance(padding, str):
            return sizes(self, "padding", padding, 0)
        try:
            paddings(padding, self.kernel_size, self.stride, self.dilation)
        except ValueError as error:
            message = f"{type(self).__name__}: {error}"
            raise ValueError(message) from error
        return padding

    def _drawn(self, method: Init, generator: Generator | None) -> Any:
        """The weight, drawn as a matrix (inputs to a unit, filters): so every method fits it."""
        channels = self.in_channels // self.groups
        inputs = channels * math.prod(self.kernel_size)
        shape, name = (inputs, self.out_channels), type(self).__name__
        drawn = draw(name, method, shape, fan_in=inputs, generator=generator)
        return drawn.T.reshape(self.out_channels, channels, *self.kernel_size)

    def _settings(self) -> dict[str, Any]:
        return {
            "stride": self.stride,
            "padding": self.padding,
            "dilation": self.dilation,
            "groups": self.groups,
        }

    def forward(self, x: Any) -> Tensor:
        """Convolve.

        Args:
            x: (batch, in_channels, *sizes), or (in_channels, *sizes) without a batch.

        Returns:
            (batch, out_channels, *sizes), in the dtype of the weight.

        Raises:
            ValueError: when `x` has other axes or channels, or is too small for the kernel.
        """
        x = as_tensor(x, self.weight.dtype)
        if x.ndim - self.axes not in {1, 2} or x.shape[-1 - self.axes] != self.in_channels:
            known = f"{self.in_channels}, {', '.join(NAMES[-self.axes :])}"
            message = (
                f"{brief(self)}{_where(self)}: got x of shape {x.shape}; expected (batch, {known})"
                f" or ({known}): give the layer the channels of the data, or move their axis there"
            )
            raise ValueError(message)
        return called(self, type(self)._convolve, x, self.weight, self.bias, **self._settings())

    def extra_repr(self) -> str:
        """The sizes, and the settings that are not the usual ones."""
        shown = [
            f"in_channels={self.in_channels}",
            f"out_channels={self.out_channels}",
            f"kernel_size={short(self.kernel_size)}",
        ]
        usual = {"padding": 0, "output_padding": 0}
        for name, value in self._settings().items():
            if short(value) != usual.get(name, 1):
                shown.append(f"{name}={short(value)!r}")
        if self.bias is None:
            shown.append("bias=False")
        return ", ".join(shown)


NAMES = ("depth", "height", "width")


def sizes(layer: Any, setting: str, value: Any, least: int = 1) -> Sizes:
    """A setting of a layer as a number for each of its axes.

    Raises:
        ValueError: when it is none, with the name of the layer.
    """
    try:
        return each(setting, value, layer.axes, least)
    except ValueError as error:
        message = f"{type(layer).__name__}: {error}"
        raise ValueError(message) from error


def short(value: Any) -> Any:
    """A setting as one would give it: one number where all are equal."""
    return value[0] if isinstance(value, tuple) and len(set(value)) == 1 else value


def called(layer: Module, function: Callable[..., Tensor], *args: Any, **settings: Any) -> Tensor:
    """The result of a function that a layer is made of; an error has the name of the layer too."""
    try:
        return function(*args, **settings)
    except (ValueError, TypeError) as error:
        kind = ValueError if isinstance(error, ValueError) else TypeError
        message = f"{brief(layer)}{_where(layer)}: {error}"
        raise kind(message) from error


def _where(layer: Any) -> str:
    path = (getattr(getattr(layer, "weight", None), "name", "") or "").rpartition(".")[0]
    return f" at {path!r}" if path else ""


class Conv1d(Convolution):
    """The convolution over one axis: each filter is a sum of products with windows of all channels.

    Data of another dtype is cast to the layer's at its door.

    Args:
        in_channels: the channels of x.
        out_channels: the channels of y: the number of filters.
        kernel_size: how many elements a window has.
        stride: how many elements of x from one window to the next.
        padding: how many zeros before x and behind it; "same" for as many as leave y the length of
            x, "valid" for none.
        dilation: how many elements of x from one element of a window to the next.
        groups: how many parts the channels are cut into; each part of the filters sees one.
        bias: whether there is a bias.
        padding_mode: "zeros"; there is no other.
        init_method: how the weight is drawn, as for `Linear`, as a matrix (inputs to a unit,
            filters). The bias begins at zero.
        dtype: the dtype of both; the default one unless given.
        generator: what draws; the library's own unless given (see `autograd_lite.manual_seed`).

    Attributes:
        weight: (out_channels, in_channels / groups, kernel_size).
        bias: (out_channels,), or None.

    Raises:
        ValueError: when a size is no positive integer, or settings do not fit one another.
        TypeError: when `dtype` is not floating, `bias` not True or False, or `generator` not one
            of NumPy's.

    Source:
        LeCun et al., "Gradient-based learning applied to document recognition", 1998, section II.

    Example:
        >>> import autograd_lite as ag
        >>> from autograd_lite import nn
        >>> nn.Conv1d(3, 8, 5, padding="same")(ag.zeros(2, 3, 100)).shape
        (2, 8, 100)
    """

    axes = 1
    _convolve = staticmethod(conv1d)


class Conv2d(Convolution):
    """The convolution over two axes: `Conv1d` for pictures.

    Args:
        in_channels: the channels of x.
        out_channels: the channels of y: the number of filters.
        kernel_size: (height, width) of a window; as all of these, one number stands for both.
        stride: how many elements of x from one window to the next.
        padding: how many zeros on each side; "same" for as many as leave y the size of x, "valid"
            for none.
        dilation: how many elements of x from one element of a window to the next.
        groups: as for `Conv1d`, and so are the others.
        bias: whether there is a bias.
        padding_mode: "zeros"; there is no other.
        init_method: how the weight is drawn.
        dtype: the dtype of weight and bias.
        generator: what draws.

    Attributes:
        weight: (out_channels, in_channels / groups, height, width).
        bias: (out_channels,), or None.

    Raises:
        ValueError: when a size is no positive integer, or settings do not fit one another.
        TypeError: when `dtype` is not floating, `bias` not True or False, or `generator` not one
            of NumPy's.

    Source:
        LeCun et al., "Gradient-based learning applied to document recognition", 1998, section II.

    Example:
        >>> import autograd_lite as ag
        >>> from autograd_lite import nn
        >>> nn.Conv2d(1, 16, 3, padding=1)(ag.zeros(5, 1, 28, 28)).shape
        (5, 16, 28, 28)
    """

    axes = 2
    _convolve = staticmethod(conv2d)


class Conv3d(Convolution):
    """The convolution over three axes: `Conv1d` for volumes, or for pictures in time.

    Args:
        in_channels: the channels of x.
        out_channels: the channels of y: the number of filters.
        kernel_size: (depth, height, width) of a window; as all of these, one number stands for all.
        stride: how many elements of x from one window to the next.
        padding: how many zeros on each side; "same" for as many as leave y the size of x, "valid"
            for none.
        dilation: how many elements of x from one element of a window to the next.
        groups: as for `Conv1d`, and so are the others.
        bias: whether there is a bias.
        padding_mode: "zeros"; there is no other.
        init_method: how the weight is drawn.
        dtype: the dtype of weight and bias.
        generator: what draws.

    Attributes:
        weight: (out_channels, in_channels / groups, depth, height, width).
        bias: (out_channels,), or None.

    Raises:
        ValueError: when a size is no positive integer, or settings do not fit one another.
        TypeError: when `dtype` is not floating, `bias` not True or False, or `generator` not one
            of NumPy's.

    Example:
        >>> import autograd_lite as ag
        >>> from autograd_lite import nn
        >>> nn.Conv3d(1, 4, 3, stride=(1, 2, 2))(ag.zeros(2, 1, 5, 9, 9)).shape
        (2, 4, 3, 4, 4)
    """

    axes = 3
    _convolve = staticmethod(conv3d)
