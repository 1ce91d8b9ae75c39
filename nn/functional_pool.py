"""Maxima and means over windows of one axis, two or three."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from autograd_lite.errors import composite, describe, flag
from autograd_lite.graph import op_expecting
from autograd_lite.ops import reshape

from .functional_conv import batched
from .window import Geometry, cropped, each, framed, lines, shifted

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from autograd_lite.node import Array
    from autograd_lite.tensor import Tensor

    from .window import Sizes

_WINDOWS = (
    "x (batch, channels, *sizes) or (channels, *sizes) of at least the size of the kernel; give a"
    " smaller kernel, or padding= of up to half of it"
)


@op_expecting(_WINDOWS)
def _max_pool(x: Array, /, *, kernel: Sizes, size: Sizes, geometry: Geometry) -> tuple[Any, ...]:
    """The largest element of each window."""
    out = framed(x, kernel, size, geometry, lowest(x.dtype))
    for axis in range(len(size)):  # one axis after another: k + l steps in place of k l
        first, *rest = lines(out, axis, kernel, size, geometry)
        out = np.array(first, order="C")
        for part in rest:
            np.maximum(out, part, out=out)
    return out, lambda g: _to_maxima(g, x, out, kernel=kernel, geometry=geometry)


@op_expecting(_WINDOWS)
def _to_maxima(
    g: Array, x: Array, y: Array, /, *, kernel: Sizes, geometry: Geometry
) -> tuple[Any, ...]:
    """The gradient of each window to the elements that equal its maximum y, in equal shares."""
    source, size = x.shape[2:], y.shape[2:]
    parts, count = _maxima(x, y, kernel, geometry)
    frame = np.zeros((*g.shape[:2], *geometry.reach(kernel, size)), g.dtype)
    share = g / count
    for target, equal in zip(shifted(frame, kernel, size, geometry), parts, strict=True):
        np.add(target, share * equal, out=target)
    return (
        cropped(frame, source, geometry),
        lambda h: _from_maxima(h, x, y, kernel=kernel, geometry=geometry),
    )


@op_expecting(_WINDOWS)
def _from_maxima(
    h: Array, x: Array, y: Array, /, *, kernel: Sizes, geometry: Geometry
) -> tuple[Any, ...]:
    """The transpose of `_to_maxima`: for each window the mean of h where x equals the maximum y."""
    size = y.shape[2:]
    parts, count = _maxima(x, y, kernel, geometry)
    out = np.zeros(y.shape, h.dtype)
    frame = framed(h, kernel, size, geometry)
    for part, equal in zip(shifted(frame, kernel, size, geometry), parts, strict=True):
        out += part * equal
    return out / count, lambda g: _to_maxima(g, x, y, kernel=kernel, geometry=geometry)


def _maxima(
    x: Array, y: Array, kernel: Sizes, geometry: Geometry
) -> tuple[list[NDArray[Any]], NDArray[Any]]:
    """For each place in a window where x equals y, and for each window in how many places."""
    frame = framed(x, kernel, y.shape[2:], geometry, lowest(x.dtype))
    parts = [np.equal(part, y) for part in shifted(frame, kernel, y.shape[2:], geometry)]
    count = np.zeros(y.shape, y.dtype)
    for equal in parts:
        count += equal
    # A nan equals nothing: nobody shares then, and 0 / 1 is the 0 that says so.
    return parts, np.maximum(count, 1)


def lowest(dtype: np.dtype[Any]) -> Any:
    """What is below all other numbers of a dtype.

    Raises:
        ValueError: when it has no numbers.
    """
    return -np.inf if dtype.kind == "f" else np.iinfo(dtype).min


@op_expecting(_WINDOWS)
def _sum_pool(x: Array, /, *, kernel: Sizes, size: Sizes, geometry: Geometry) -> tuple[Any, ...]:
    """The sum of each window."""
    source, dtype = x.shape[2:], np.zeros(0, x.dtype).sum().dtype
    out = framed(x, kernel, size, geometry)
    for axis in range(len(size)):
        first, *rest = lines(out, axis, kernel, size, geometry)
        out = np.array(first, dtype, order="C")
        for part in rest:
            out += part
    return out, lambda g: _to_windows(g, kernel=kernel, size=source, geometry=geometry)


@op_expecting(_WINDOWS)
def _to_windows(g: Array, /, *, kernel: Sizes, size: Sizes, geometry: Geometry) -> tuple[Any, ...]:
    """The transpose of `_sum_pool` of an array of `size`: each number to all of its window."""
    windows = g.shape[2:]
    reach = geometry.reach(kernel, windows)
    frame = g
    for axis in range(len(windows)):
        shape = [*frame.shape]
        shape[2 + axis] = reach[axis]
        wider = np.zeros(shape, g.dtype)
        for target in lines(wider, axis, kernel, windows, geometry):
            np.add(target, frame, out=target)
        frame = wider
    return (
        cropped(frame, size, geometry),
        lambda h: _sum_pool(h, kernel=kernel, size=windows, geometry=geometry),
    )


@composite(_WINDOWS)
def max_pool1d(
    x: Any,
    kernel_size: Any,
    stride: Any = None,
    padding: Any = 0,
    dilation: Any = 1,
    ceil_mode: bool = False,
) -> Tensor:
    """y[n, c, i] = max_k x[n, c, i stride + k dilation - padding]; ties share the gradient equally.

    PyTorch gives it to the first of those that tie. What is padded is below all numbers.

    Args:
        x: (batch, channels, length), or (channels, length) without a batch.
        kernel_size: how many elements a window has.
        stride: from one window to the next; as many as it has unless given.
        padding: how many elements a window may begin before x, and end behind it: up to half of it.
        dilation: how many elements of x from one element of a window to the next.
        ceil_mode: whether there is a last window that ends behind x, if elements are left for it.

    Returns:
        (batch, channels, (length + 2 padding - dilation (kernel_size - 1) - 1) // stride + 1), the
        quotient rounded up with `ceil_mode`.

    Raises:
        ValueError: when shapes or settings do not fit one another.

    Example:
        >>> import autograd_lite as ag
        >>> from autograd_lite import nn
        >>> nn.functional.max_pool1d(ag.tensor([[[1.0, 3.0, 2.0, 0.0, 5.0]]]), 2, ceil_mode=True)
        Tensor([[[3., 2., 5.]]])
    """
    return largest(1, x, (kernel_size, stride, padding, dilation, ceil_mode))


@composite(_WINDOWS)
def max_pool2d(
    x: Any,
    kernel_size: Any,
    stride: Any = None,
    padding: Any = 0,
    dilation: Any = 1,
    ceil_mode: bool = False,
) -> Tensor:
    """The maxima of windows over two axes: `max_pool1d`, with two indices for one.

    Args:
        x: (batch, channels, height, width), or (channels, height, width) without a batch.
        kernel_size: as for `max_pool1d`, and so are the others; a number, or one for each axis.
        stride: the same.
        padding: the same.
        dilation: the same.
        ceil_mode: as for `max_pool1d`.

    Returns:
        (batch, channels, height, width).

    Raises:
        ValueError: when shapes or settings do not fit one another.

    Example:
        >>> import autograd_lite as ag
        >>> from autograd_lite import nn
        >>> nn.functional.max_pool2d(ag.arange(16.0).reshape(1, 1, 4, 4), 2)
        Tensor([[[[ 5.,  7.],
                  [13., 15.]]]])
    """
    return largest(2, x, (kernel_size, stride, padding, dilation, ceil_mode))


@composite(_WINDOWS)
def max_pool3d(
    x: Any,
    kernel_size: Any,
    stride: Any = None,
    padding: Any = 0,
    dilation: Any = 1,
    ceil_mode: bool = False,
) -> Tensor:
    """The maxima of windows over three axes: `max_pool1d`, with three indices for one.

    Args:
        x: (batch, channels, depth, height, width), or without a batch.
        kernel_size: as for `max_pool1d`, and so are the others; a number, or one for each axis.
        stride: the same.
        padding: the same.
        dilation: the same.
        ceil_mode: as for `max_pool1d`.

    Returns:
        (batch, channels, depth, height, width).

    Raises:
        ValueError: when shapes or settings do not fit one another.

    Example:
        >>> import autograd_lite as ag
        >>> from autograd_lite import nn
        >>> nn.functional.max_pool3d(ag.zeros(1, 2, 4, 4, 6), (2, 2, 3)).shape
        (1, 2, 2, 2, 2)
    """
    return largest(3, x, (kernel_size, stride, padding, dilation, ceil_mode))


def largest(count: int, x: Any, settings: tuple[Any, ...]) -> Tensor:
    """`max_pool1d` and its like, with their settings in order."""
    kernel, size, geometry = placed(f"max_pool{count}d", count, x, settings)
    many = batched(x, count)
    out = _max_pool(many, kernel=kernel, size=size, geometry=geometry)
    return out if many is x else reshape(out, out.shape[1:])


def placed(
    name: str, count: int, x: Any, settings: tuple[Any, ...]
) -> tuple[Sizes, Sizes, Geometry]:
    """The kernel, how many windows there are along each of `count` axes, and where they lie.

    Raises:
        ValueError: when x has other axes, a setting is none, or no window fits.
        TypeError: when `ceil_mode` is no switch.
    """
    kernel_size, stride, padding, dilation, ceil_mode = settings
    ceil_mode = flag(name, "ceil_mode", ceil_mode)
    if np.ndim(x) not in {count + 1, count + 2}:
        message = f"{np.ndim(x)} axes"
        raise ValueError(message)
    source = np.shape(x)[-count:]
    kernel = each("kernel_size", kernel_size, count)
    steps = kernel if stride is None else each("stride", stride, count)
    gaps, before = each("dilation", dilation, count), each("padding", padding, count, 0)
    covered = tuple((k - 1) * d + 1 for k, d in zip(kernel, gaps, strict=True))
    if any(2 * p > c for p, c in zip(before, covered, strict=True)):
        message = (
            f"padding={describe(padding)} is more than half of what a window covers, {covered}"
        )
        raise ValueError(message)
    size = []
    for n, c, s, p in zip(source, covered, steps, before, strict=True):
        free = n + 2 * p - c
        fit = -(-free // s) + 1 if ceil_mode else free // s + 1
        size.append(fit - ((fit - 1) * s >= n + p))  # none begins in the padding behind x
    if not all(source) or min(size) < 1:
        message = f"a window that covers {covered} does not fit {source} padded by {before}"
        raise ValueError(message)
    return kernel, tuple(size), Geometry(steps, gaps, before)
