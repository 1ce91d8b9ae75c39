"""Maxima and means over as many windows as the result is to have."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from autograd_lite.errors import composite, describe
from autograd_lite.graph import array_of
from autograd_lite.ops import getitem, max, mean, pad, reshape
from autograd_lite.ops.einsum import contract

from .functional_conv import batched
from .functional_pool import largest, lowest
from .functional_pool_mean import averaged
from .window import each

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from autograd_lite.tensor import Tensor

    from .window import Sizes

_OUTPUT = (
    "x (batch, channels, *sizes) or (channels, *sizes), and as output_size an integer, or one for"
    " each of the sizes (None for the size of x)"
)


@composite(_OUTPUT)
def adaptive_avg_pool1d(x: Any, output_size: Any) -> Tensor:
    """Means over `output_size` windows of nearly one length, which cover x.

    The window i of m, over n elements, goes from floor(i n / m) to ceil((i + 1) n / m): windows
    overlap by one element where m does not divide n.

    Args:
        x: (batch, channels, length), or (channels, length) without a batch.
        output_size: how many windows; None for the length of x.

    Returns:
        (batch, channels, output_size).

    Raises:
        ValueError: when x has other axes or no elements along them, or `output_size` is no size.

    Example:
        >>> import autograd_lite as ag
        >>> from autograd_lite import nn
        >>> nn.functional.adaptive_avg_pool1d(ag.tensor([[[1.0, 2.0, 3.0]]]), 2)
        Tensor([[[1.5, 2.5]]])
    """
    return _adapted(1, x, output_size, _mean_of_windows)


@composite(_OUTPUT)
def adaptive_avg_pool2d(x: Any, output_size: Any) -> Tensor:
    """Means over as many windows as the result is to have: `adaptive_avg_pool1d` over two axes.

    Args:
        x: (batch, channels, height, width), or (channels, height, width) without a batch.
        output_size: (height, width) of the result, or a number for both; None for the size of x.

    Returns:
        (batch, channels, *output_size).

    Raises:
        ValueError: when x has other axes or no elements along them, or `output_size` is no size.

    Example:
        >>> import autograd_lite as ag
        >>> from autograd_lite import nn
        >>> nn.functional.adaptive_avg_pool2d(ag.arange(6.0).reshape(1, 1, 2, 3), 1)
        Tensor([[[[2.5]]]])
    """
    return _adapted(2, x, output_size, _mean_of_windows)


@composite(_OUTPUT)
def adaptive_avg_pool3d(x: Any, output_size: Any) -> Tensor:
    """Means over as many windows as the result is to have: `adaptive_avg_pool1d` over three axes.

    Args:
        x: (batch, channels, depth, height, width), or without a batch.
        output_size: (depth, height, width) of the result, or a number for all; None for the size
            of x.

    Returns:
        (batch, channels, *output_size).

    Raises:
        ValueError: when x has other axes or no elements along them, or `output_size` is no size.

    Example:
        >>> import autograd_lite as ag
        >>> from autograd_lite import nn
        >>> nn.functional.adaptive_avg_pool3d(ag.ones(1, 2, 3, 4, 5), (1, 2, None)).shape
        (1, 2, 1, 2, 5)
    """
    return _adapted(3, x, output_size, _mean_of_windows)


@composite(_OUTPUT)
def adaptive_max_pool1d(x: Any, output_size: Any) -> Tensor:
    """Maxima over `output_size` windows, which are those of `adaptive_avg_pool1d`.

    Args:
        x: (batch, channels, length), or (channels, length) without a batch.
        output_size: how many windows; None for the length of x.

    Returns:
        (batch, channels, output_size).

    Raises:
        ValueError: when x has other axes or no elements along them, or `output_size` is no size.

    Example:
        >>> import autograd_lite as ag
        >>> from autograd_lite import nn
        >>> nn.functional.adaptive_max_pool1d(ag.tensor([[[1.0, 3.0, 2.0]]]), 2)
        Tensor([[[3., 3.]]])
    """
    return _adapted(1, x, output_size, _max_of_windows)


@composite(_OUTPUT)
def adaptive_max_pool2d(x: Any, output_size: Any) -> Tensor:
    """Maxima over as many windows as the result is to have: `adaptive_max_pool1d` over two axes.

    Args:
        x: (batch, channels, height, width), or (channels, height, width) without a batch.
        output_size: (height, width) of the result, or a number for both; None for the size of x.

    Returns:
        (batch, channels, *output_size).

    Raises:
        ValueError: when x has other axes or no elements along them, or `output_size` is no size.

    Example:
        >>> import autograd_lite as ag
        >>> from autograd_lite import nn
        >>> nn.functional.adaptive_max_pool2d(ag.arange(6.0).reshape(1, 1, 2, 3), (1, 2))
        Tensor([[[[4., 5.]]]])
    """
    return _adapted(2, x, output_size, _max_of_windows)


@composite(_OUTPUT)
def adaptive_max_pool3d(x: Any, output_size: Any) -> Tensor:
    """Maxima over as many windows as the result is to have: `adaptive_max_pool1d` over three axes.

    Args:
        x: (batch, channels, depth, height, width), or without a batch.
        output_size: (depth, height, width) of the result, or a number for all; None for the size
            of x.

    Returns:
        (batch, channels, *output_size).

    Raises:
        ValueError: when x has other axes or no elements along them, or `output_size` is no size.

    Example:
        >>> import autograd_lite as ag
        >>> from autograd_lite import nn
        >>> nn.functional.adaptive_max_pool3d(ag.ones(1, 2, 3, 4, 5), 2).shape
        (1, 2, 2, 2, 2)
    """
    return _adapted(3, x, output_size, _max_of_windows)


def _adapted(count: int, x: Any, output_size: Any, reduce: Callable[..., Tensor]) -> Tensor:
    shape = np.shape(x)
    if len(shape) not in {count + 1, count + 2} or 0 in shape[-count:]:
        message = f"{len(shape)} axes, {shape[-count:]} the last of them"
        raise ValueError(message)
    wanted = output_size if isinstance(output_size, (tuple, list)) else (output_size,) * count
    if len(wanted) != count:
        message = f"output_size={describe(output_size)} for {count} axes"
        raise ValueError(message)
    given = [n if m is None else m for n, m in zip(shape[-count:], wanted, strict=True)]
    size = each("output_size", tuple(given), count)
    many = batched(x, count)
    out = reduce(many, shape[-count:], size)
    return out if many is x else reshape(out, out.shape[1:])


def _mean_of_windows(x: Any, source: Sizes, size: Sizes) -> Tensor:
    count = len(size)
    if all(m == 1 for m in size):
        return mean(x, tuple(range(2, 2 + count)), keepdims=True)
    kernel = _equal_windows(source, size)
    if kernel is not None:
        return averaged(count, x, (kernel, None, 0, 1, False))
    dtype = array_of(x).dtype
    kind = dtype if dtype.kind == "f" else np.dtype(np.float64)
    shares = [
        _mask(n, m) / _mask(n, m).sum(axis=1, keepdims=True)
        for n, m in zip(source, size, strict=True)
    ]
    axes = list(range(2 + count))
    labels = [axes, *([10 + i, i] for i in axes[2:])]
    matrices = [matrix.astype(kind) for matrix in shares]
    return contract([x, *matrices], labels, [0, 1, *(10 + i for i in axes[2:])])


def _max_of_windows(x: Any, source: Sizes, size: Sizes) -> Tensor:
    count = len(size)
    kernel = _equal_windows(source, size)
    if kernel is not None:
        return largest(count, x, (kernel, None, 0, 1, False))
    # Each window by the positions of its elements, a shorter one with what is padded behind x.
    padded = pad(x, ((0, 0), (0, 0), *((0, 1),) * count), constant_values=lowest(array_of(x).dtype))
    index: list[Any] = [slice(None), slice(None)]
    for axis, (n, m) in enumerate(zip(source, size, strict=True)):
        places = _places(n, m)
        shape = [1] * (2 * count)
        shape[axis], shape[count + axis] = places.shape
        index.append(places.reshape(shape))
    return max(getitem(padded, tuple(index)), tuple(range(-count, 0)))


def _equal_windows(source: Sizes, size: Sizes) -> Sizes | None:
    """The kernel, if all windows have one length and none overlap."""
    if any(n % m for n, m in zip(source, size, strict=True)):
        return None
    return tuple(n // m for n, m in zip(source, size, strict=True))


def _mask(n: int, m: int) -> NDArray[np.bool_]:
    """Which of n elements are in which of m windows."""
    start = np.arange(m) * n // m
    stop = -(-(np.arange(1, m + 1) * n) // m)
    places = np.arange(n)
    mask: NDArray[np.bool_] = (places >= start[:, None]) & (places < stop[:, None])
    return mask


def _places(n: int, m: int) -> NDArray[Any]:
    """The elements of m windows over n elements; n itself where a window is shorter than others."""
    mask = _mask(n, m)
    return np.array(
        [
            np.pad(found, (0, mask.sum(axis=1).max() - len(found)), constant_values=n)
            for found in map(np.flatnonzero, mask)
        ]
    )
