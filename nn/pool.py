"""Layers that take the maximum or the mean of windows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from autograd_lite.errors import flag

from .conv import called, short, sizes
from .functional import (
    as_tensor,
    avg_pool1d,
    avg_pool2d,
    avg_pool3d,
    max_pool1d,
    max_pool2d,
    max_pool3d,
)
from .module import Module

if TYPE_CHECKING:
    from collections.abc import Callable

    from autograd_lite.tensor import Tensor


class Pool(Module):
    """What all layers are that give one number for each window."""

    axes: ClassVar[int]
    _pool: ClassVar[Callable[..., Tensor]]

    def _settings(self) -> dict[str, Any]:
        """What the function takes beside x."""
        raise NotImplementedError

    def forward(self, x: Any) -> Tensor:
        """Give one number for each window.

        Args:
            x: (batch, channels, *sizes), or (channels, *sizes) without a batch.

        Returns:
            (batch, channels, *sizes).

        Raises:
            ValueError: when `x` has other axes, or is too small for a window.
        """
        return called(self, type(self)._pool, as_tensor(x), **self._settings())

    def extra_repr(self) -> str:
        """The settings that are not the usual ones."""
        usual = {"stride": getattr(self, "kernel_size", None), "padding": (0,) * self.axes}
        usual |= {"dilation": (1,) * self.axes, "ceil_mode": False, "count_include_pad": True}
        shown = {name: v for name, v in self._settings().items() if v != usual.get(name)}
        return ", ".join(f"{name}={short(value)!r}" for name, value in shown.items())


class MaxPool(Pool):
    """What the layers of maxima are."""

    def __init__(
        self,
        kernel_size: Any,
        stride: Any = None,
        padding: Any = 0,
        dilation: Any = 1,
        *,
        ceil_mode: bool = False,
    ) -> None:
        self.kernel_size, self.stride, self.padding = _windows(self, kernel_size, stride, padding)
        self.dilation = sizes(self, "dilation", dilation)
        self.ceil_mode = flag(type(self).__name__, "ceil_mode", ceil_mode)

    def _settings(self) -> dict[str, Any]:
        return {
            "kernel_size": self.kernel_size,
            "stride": self.stride,
            "padding": self.padding,
            "dilation": self.dilation,
            "ceil_mode": self.ceil_mode,
        }


class AvgPool(Pool):
    """What the layers of means are."""

    def __init__(
        self,
        kernel_size: Any,
        stride: Any = None,
        padding: Any = 0,
        *,
        ceil_mode: bool = False,
        count_include_pad: bool = True,
    ) -> None:
        self.kernel_size, self.stride, self.padding = _windows(self, kernel_size, stride, padding)
        self.ceil_mode = flag(type(self).__name__, "ceil_mode", ceil_mode)
        self.count_include_pad = flag(type(self).__name__, "count_include_pad", count_include_pad)

    def _settings(self) -> dict[str, Any]:
        return {
            "kernel_size": self.kernel_size,
            "stride": self.stride,
            "padding": self.padding,
            "ceil_mode": self.ceil_mode,
            "count_include_pad": self.count_include_pad,
        }


def _windows(layer: Any, kernel_size: Any, stride: Any, padding: Any) -> tuple[Any, Any, Any]:
    """The first three settings, the stride being that of windows side by side unless given."""
    kernel = sizes(layer, "kernel_size", kernel_size)
    steps = kernel if stride is None else sizes(layer, "stride", stride)
    return kernel, steps, sizes(layer, "padding", padding, 0)


class MaxPool1d(MaxPool):
    """The largest element of each window over one axis; ties share the gradient equally.

    Args:
        kernel_size: how many elements a window has.
        stride: how many elements of x from one window to the next; side by side unless given.
        padding: how many elements a window may reach beyond x on each side: up to half of it.
        dilation: how many elements of x from one element of a window to the next.
        ceil_mode: whether there is a last window that ends beyond x, if elements are left for it.

    Raises:
        ValueError: when a size is no positive integer.
        TypeError: when `ceil_mode` is not True or False.

    Example:
        >>> import autograd_lite as ag
        >>> from autograd_lite import nn
        >>> nn.MaxPool1d(2)(ag.zeros(2, 3, 10)).shape
        (2, 3, 5)
    """

    axes = 1
    _pool = staticmethod(max_pool1d)


class MaxPool2d(MaxPool):
    """The largest element of each window over two axes; ties share the gradient equally.

    Args:
        kernel_size: (height, width) of a window; as all of these, one number stands for both.
        stride: how many elements of x from one window to the next; side by side unless given.
        padding: how many elements a window may reach beyond x on each side: up to half of it.
        dilation: how many elements of x from one element of a window to the next.
        ceil_mode: whether there is a last window that ends beyond x, if elements are left for it.

    Raises:
        ValueError: when a size is no positive integer.
        TypeError: when `ceil_mode` is not True or False.

    Example:
        >>> import autograd_lite as ag
        >>> from autograd_lite import nn
        >>> nn.MaxPool2d(2)(ag.zeros(2, 3, 10, 10)).shape
        (2, 3, 5, 5)
    """

    axes = 2
    _pool = staticmethod(max_pool2d)


class MaxPool3d(MaxPool):
    """The largest element of each window over three axes; ties share the gradient equally.

    Args:
        kernel_size: (depth, height, width) of a window; as all of these, one number stands for all.
        stride: how many elements of x from one window to the next; side by side unless given.
        padding: how many elements a window may reach beyond x on each side: up to half of it.
        dilation: how many elements of x from one element of a window to the next.
        ceil_mode: whether there is a last window that ends beyond x, if elements are left for it.

    Raises:
        ValueError: when a size is no positive integer.
        TypeError: when `ceil_mode` is not True or False.

    Example:
        >>> import autograd_lite as ag
        >>> from autograd_lite import nn
        >>> nn.MaxPool3d(2)(ag.zeros(2, 3, 10, 10, 10)).shape
        (2, 3, 5, 5, 5)
    """

    axes = 3
    _pool = staticmethod(max_pool3d)


class AvgPool1d(AvgPool):
    """The mean of each window over one axis.

    Args:
        kernel_size: how many elements a window has.
        stride: how many elements of x from one window to the next; side by side unless given.
        padding: how many zeros on each side: up to half of a window.
        ceil_mode: whether there is a last window that ends beyond x, if elements are left for it.
        count_include_pad: whether the zeros of the padding count in the mean.

    Raises:
        ValueError: when a size is no positive integer.
        TypeError: when a switch is not True or False.

    Example:
        >>> import autograd_lite as ag
        >>> from autograd_lite import nn
        >>> nn.AvgPool1d(2)(ag.zeros(2, 3, 10)).shape
        (2, 3, 5)
    """

    axes = 1
    _pool = staticmethod(avg_pool1d)


class AvgPool2d(AvgPool):
    """The mean of each window over two axes.

    Args:
        kernel_size: (height, width) of a window; as all of these, one number stands for both.
        stride: how many elements of x from one window to the next; side by side unless given.
        padding: how many zeros on each side: up to half of a window.
        ceil_mode: whether there is a last window that ends beyond x, if elements are left for it.
        count_include_pad: whether the zeros of the padding count in the mean.

    Raises:
        ValueError: when a size is no positive integer.
        TypeError: when a switch is not True or False.

    Example:
        >>> import autograd_lite as ag
        >>> from autograd_lite import nn
        >>> nn.AvgPool2d(2)(ag.zeros(2, 3, 10, 10)).shape
        (2, 3, 5, 5)
    """

    axes = 2
    _pool = staticmethod(avg_pool2d)


class AvgPool3d(AvgPool):
    """The mean of each window over three axes.

    Args:
        kernel_size: (depth, height, width) of a window; as all of these, one number stands for all.
        stride: how many elements of x from one window to the next; side by side unless given.
        padding: how many zeros on each side: up to half of a window.
        ceil_mode: whether there is a last window that ends beyond x, if elements are left for it.
        count_include_pad: whether the zeros of the padding count in the mean.

    Raises:
        ValueError: when a size is no positive integer.
        TypeError: when a switch is not True or False.

    Example:
        >>> import autograd_lite as ag
        >>> from autograd_lite import nn
        >>> nn.AvgPool3d(2)(ag.zeros(2, 3, 10, 10, 10)).shape
        (2, 3, 5, 5, 5)
    """

    axes = 3
    _pool = staticmethod(avg_pool3d)
