"""Layers whose result has a given size, whatever the size of x."""

from __future__ import annotations

from typing import Any

from autograd_lite.errors import describe

from .conv import sizes
from .functional import (
    adaptive_avg_pool1d,
    adaptive_avg_pool2d,
    adaptive_avg_pool3d,
    adaptive_max_pool1d,
    adaptive_max_pool2d,
    adaptive_max_pool3d,
)
from .pool import Pool


class AdaptivePool(Pool):
    """What the layers are whose result has a given size."""

    def __init__(self, output_size: Any) -> None:
        given = (
            output_size if isinstance(output_size, (tuple, list)) else (output_size,) * self.axes
        )
        if len(given) != self.axes:
            message = (
                f"{type(self).__name__}: got output_size={describe(output_size)}; expected a"
                f" number, or {self.axes} of them (None for the size of x)"
            )
            raise ValueError(message)
        fixed = sizes(self, "output_size", tuple(1 if n is None else n for n in given))
        self.output_size = tuple(
            None if n is None else m for n, m in zip(given, fixed, strict=True)
        )

    def _settings(self) -> dict[str, Any]:
        return {"output_size": self.output_size}


class AdaptiveAvgPool1d(AdaptivePool):
    """The means of windows over one axis, as many as the result is to have, of any x.

    Args:
        output_size: how many windows; None for the length of x.

    Raises:
        ValueError: when it is no size.

    Example:
        >>> import autograd_lite as ag
        >>> from autograd_lite import nn
        >>> nn.AdaptiveAvgPool1d(4)(ag.zeros(2, 3, 10)).shape
        (2, 3, 4)
    """

    axes = 1
    _pool = staticmethod(adaptive_avg_pool1d)


class AdaptiveAvgPool2d(AdaptivePool):
    """The means of windows over two axes, as many as the result is to have, of any x.

    Args:
        output_size: (height, width) of the result, or a number for both; None for the size of x.

    Raises:
        ValueError: when it is no size.

    Example:
        >>> import autograd_lite as ag
        >>> from autograd_lite import nn
        >>> nn.AdaptiveAvgPool2d(4)(ag.zeros(2, 3, 10, 10)).shape
        (2, 3, 4, 4)
    """

    axes = 2
    _pool = staticmethod(adaptive_avg_pool2d)


class AdaptiveAvgPool3d(AdaptivePool):
    """The means of windows over three axes, as many as the result is to have, of any x.

    Args:
        output_size: (depth, height, width) of the result, or a number for all; None for the size
            of x.

    Raises:
        ValueError: when it is no size.

    Example:
        >>> import autograd_lite as ag
        >>> from autograd_lite import nn
        >>> nn.AdaptiveAvgPool3d(4)(ag.zeros(2, 3, 10, 10, 10)).shape
        (2, 3, 4, 4, 4)
    """

    axes = 3
    _pool = staticmethod(adaptive_avg_pool3d)


class AdaptiveMaxPool1d(AdaptivePool):
    """The maxima of windows over one axis, as many as the result is to have, of any x.

    Args:
        output_size: how many windows; None for the length of x.

    Raises:
        ValueError: when it is no size.

    Example:
        >>> import autograd_lite as ag
        >>> from autograd_lite import nn
        >>> nn.AdaptiveMaxPool1d(4)(ag.zeros(2, 3, 10)).shape
        (2, 3, 4)
    """

    axes = 1
    _pool = staticmethod(adaptive_max_pool1d)


class AdaptiveMaxPool2d(AdaptivePool):
    """The maxima of windows over two axes, as many as the result is to have, of any x.

    Args:
        output_size: (height, width) of the result, or a number for both; None for the size of x.

    Raises:
        ValueError: when it is no size.

    Example:
        >>> import autograd_lite as ag
        >>> from autograd_lite import nn
        >>> nn.AdaptiveMaxPool2d(4)(ag.zeros(2, 3, 10, 10)).shape
        (2, 3, 4, 4)
    """

    axes = 2
    _pool = staticmethod(adaptive_max_pool2d)


class AdaptiveMaxPool3d(AdaptivePool):
    """The maxima of windows over three axes, as many as the result is to have, of any x.

    Args:
        output_size: (depth, height, width) of the result, or a number for all; None for the size
            of x.

    Raises:
        ValueError: when it is no size.

    Example:
        >>> import autograd_lite as ag
        >>> from autograd_lite import nn
        >>> nn.AdaptiveMaxPool3d(4)(ag.zeros(2, 3, 10, 10, 10)).shape
        (2, 3, 4, 4, 4)
    """

    axes = 3
    _pool = staticmethod(adaptive_max_pool3d)
