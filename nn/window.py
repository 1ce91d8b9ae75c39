"""Windows over an array: where they lie, and their products, as products of matrices."""

from __future__ import annotations

import itertools
import math
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from autograd_lite.errors import describe, is_whole

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

Sizes = tuple[int, ...]

_BLOCK = 2**21  # bytes of columns that are made and multiplied at once: they stay in the cache


class Geometry(NamedTuple):
    """How windows lie over the last axes of an array.

    Attributes:
        stride: from one window to the next.
        dilation: from one element of a window to the next.
        before: how many elements of padding the first window begins with.
        groups: of channels that have nothing to do with one another.
    """

    stride: Sizes
    dilation: Sizes
    before: Sizes
    groups: int = 1

    def reach(self, kernel: Sizes, size: Sizes) -> Sizes:
        """What `size` windows of `kernel` elements cover, the padding included."""
        return tuple(
            (n - 1) * s + (k - 1) * d + 1
            for n, s, k, d in zip(size, self.stride, kernel, self.dilation, strict=True)
        )


def each(setting: str, value: Any, count: int, least: int = 1) -> Sizes:
    """A setting as a number for each axis, of which one may stand for all.

    Raises:
        ValueError: when it is neither an integer of at least `least`, nor `count` of them.
    """
    numbers = tuple(value) if isinstance(value, (tuple, list)) else (value,) * count
    if len(numbers) != count or not all(is_whole(n, least) for n in numbers):
        many = f", or {count} of them" if count > 1 else ""
        message = f"got {setting}={describe(value)}; expected an integer of at least {least}{many}"
        raise ValueError(message)
    return tuple(map(int, numbers))


def framed(
    x: NDArray[Any], kernel: Sizes, size: Sizes, geometry: Geometry, fill: Any = 0
) -> NDArray[Any]:
    """An array of at least what the windows cover, in the order of C: x, padded if need be."""
    reach, source = geometry.reach(kernel, size), x.shape[2:]
    if not any(geometry.before) and all(n <= m for n, m in zip(reach, source, strict=True)):
        return np.ascontiguousarray(x)
    frame = np.full((*x.shape[:2], *reach), fill, x.dtype)
    inner, outer = _overlap(reach, source, geometry)
    frame[inner] = x[outer]
    return frame


def cropped(frame: NDArray[Any], source: Sizes, geometry: Geometry) -> NDArray[Any]:
    """The transpose of `framed`: what of a frame lies on an array of that size, 0 beyond it."""
    if frame.shape[2:] == source and not any(geometry.before):
        return frame
    out = np.zeros((*frame.shape[:2], *source), frame.dtype)
    inner, outer = _overlap(frame.shape[2:], source, geometry)
    out[outer] = frame[inner]
    return out


def _overlap(reach: Sizes, source: Sizes, geometry: Geometry) -> tuple[Any, Any]:
    """Where a frame and its array share elements: the index of the first, and of the second."""
    counts = [max(0, min(n, m - b)) for n, m, b in zip(source, reach, geometry.before, strict=True)]
    inner = tuple(slice(b, b + n) for b, n in zip(geometry.before, counts, strict=True))
    return (..., *inner), (..., *map(slice, counts))


def shifted(
    frame: NDArray[Any], kernel: Sizes, size: Sizes, geometry: Geometry
) -> Iterator[NDArray[Any]]:
    """For each place in a window, what all windows have there: a view of the last axes."""
    for offset in itertools.product(*map(range, kernel)):
        index: Any = (..., *strided(offset, (0,) * len(size), size, geometry))
        yield frame[index]


def lines(
    frame: NDArray[Any], axis: int, kernel: Sizes, size: Sizes, geometry: Geometry
) -> Iterator[NDArray[Any]]:
    """`shifted` for windows along one of the last axes alone."""
    gap, step = geometry.dilation[axis], geometry.stride[axis]
    for offset in range(kernel[axis]):
        first = offset * gap
        index: Any = [slice(None)] * (3 + axis)
        index[-1] = slice(first, first + (size[axis] - 1) * step + 1, step)
        yield frame[tuple(index)]


def strided(offset: Sizes, start: Sizes, stop: Sizes, geometry: Geometry) -> tuple[slice, ...]:
    """Where in the frame the windows from `start` to `stop` have their element at `offset`."""
    return tuple(
        slice(o * d + a * s, o * d + (b - 1) * s + 1, s)
        for o, d, s, a, b in zip(
            offset, geometry.dilation, geometry.stride, start, stop, strict=True
        )
    )


def correlated(
    x: NDArray[Any], w: NDArray[Any], b: Any, size: Sizes, geometry: Geometry
) -> NDArray[Any]:
    """The sums over windows of x of products with w, and b: (N, C_out, *size)."""
    groups, kernel = geometry.groups, w.shape[2:]
    columns = _columns(x, kernel, size, geometry)
    matrix = w.reshape(groups, len(w) // groups, math.prod(w.shape[1:]))
    operands = (x, w) if b is None else (x, w, b)
    out = np.empty((len(x), *matrix.shape[:2], *size), np.result_type(*operands))
    bias = None if b is None else b.reshape(groups, -1, *(1,) * (1 + len(size)))
    for batch, rows in _blocks(columns, len(kernel)):
        part = _part(columns, batch, rows, len(kernel))
        product = matrix @ _flat(part, 2 + len(kernel))
        product = product.reshape(*matrix.shape[:2], *part.shape[2 + len(kernel) :])
        target = np.moveaxis(out[batch, :, :, rows], 0, 2)
        if bias is None:
            target[...] = product
        else:
            np.add(product, bias, out=target)
    return out.reshape(len(x), len(w), *size)


def spread(y: NDArray[Any], w: NDArray[Any], source: Sizes, geometry: Geometry) -> NDArray[Any]:
    """The transpose of `correlated` for x, whose last axes are `source`: what y adds to it."""
    groups, kernel, size = geometry.groups, w.shape[2:], y.shape[2:]
    inner = len(w) // groups
    matrix = w.reshape(groups, inner, math.prod(w.shape[1:])).mT
    parts = y.reshape(len(y), groups, inner, *size)
    reach = geometry.reach(kernel, size)
    channels = w.shape[1]
    frame = np.zeros((len(y), groups, channels, *reach), np.result_type(y, w))
    for batch, rows in _blocks(_columns_like(frame, kernel, size), len(kernel)):
        part = np.moveaxis(parts[batch, :, :, rows], 0, 2)
        flat = _flat(part, 2)
        # An outer product: as one of matrices it takes four times as long.
        added = matrix * flat if inner == 1 else matrix @ flat
        added = added.reshape(groups, channels, *kernel, *part.shape[2:])
        target = np.moveaxis(frame[batch], 0, 2)
        start = (rows.start, *(0,) * (len(size) - 1))
        for offset in itertools.product(*map(range, kernel)):
            place: Any = (..., *strided(offset, start, (rows.stop, *size[1:]), geometry))
            source_place: Any = (slice(None), slice(None), *offset)
            target[place] += added[source_place]
    return cropped(frame.reshape(len(y), groups * channels, *reach), source, geometry)


def weighed(x: NDArray[Any], y: NDArray[Any], kernel: Sizes, geometry: Geometry) -> NDArray[Any]:
    """The transpose of `correlated` for w: the sums of products of x with y at each place of it."""
    groups, size = geometry.groups, y.shape[2:]
    columns = _columns(x, kernel, size, geometry)
    parts = y.reshape(len(y), groups, y.shape[1] // groups, *size)
    channels = columns.shape[1]
    shape = (groups, parts.shape[2], channels * math.prod(kernel))
    out = np.zeros(shape, np.result_type(x, y))
    for batch, rows in _blocks(columns, len(kernel)):
        part = _part(columns, batch, rows, len(kernel))
        beside = np.moveaxis(parts[batch, :, :, rows], 0, 2)
        out += _flat(beside, 2) @ _flat(part, 2 + len(kernel)).mT
    return out.reshape(y.shape[1], channels, *kernel)


def _columns(x: NDArray[Any], kernel: Sizes, size: Sizes, geometry: Geometry) -> NDArray[Any]:
    """The elements of all windows, (groups, channels, *kernel, N, *size), as a view."""
    frame = framed(x, kernel, size, geometry)
    groups = geometry.groups
    (batch, channel, *steps), inner = frame.strides, x.shape[1] // groups
    element = [d * s for d, s in zip(geometry.dilation, steps, strict=True)]
    window = [n * s for n, s in zip(geometry.stride, steps, strict=True)]
    shape = (groups, inner, *kernel, len(x), *size)
    return np.ndarray(
        shape, x.dtype, frame, 0, (inner * channel, channel, *element, batch, *window)
    )


def _columns_like(frame: NDArray[Any], kernel: Sizes, size: Sizes) -> NDArray[Any]:
    """An array of the shape and the dtype of the columns, which takes no memory."""
    shape = (*frame.shape[1:3], *kernel, len(frame), *size)
    return np.broadcast_to(frame.dtype.type(0), shape)


def _blocks(columns: NDArray[Any], count: int) -> Iterator[tuple[slice, slice]]:
    """Slices of the batch and of the first axis of windows, so large that they stay in the cache.

    Args:
        columns: as `_columns` gives them.
        count: how many axes a window has.
    """
    if not columns.size:
        return
    samples, rows = columns.shape[2 + count : 4 + count]
    row = columns.itemsize * columns.size // (samples * rows)
    height = min(rows, max(1, _BLOCK // row))
    many = max(1, _BLOCK // (row * rows)) if height == rows else 1
    for a in range(0, samples, many):
        for b in range(0, rows, height):
            yield slice(a, min(a + many, samples)), slice(b, min(b + height, rows))


def _part(columns: NDArray[Any], batch: slice, rows: slice, count: int) -> NDArray[Any]:
    """The columns of a block, for windows of `count` axes."""
    index: Any = (..., batch, rows, *(slice(None),) * (count - 1))
    part: NDArray[Any] = columns[index]
    return part


def _flat(part: NDArray[Any], front: int) -> NDArray[Any]:
    """A stack of matrices: axis 0, then the other axes before `front`, then all the rest."""
    shape = part.shape
    return part.reshape(shape[0], math.prod(shape[1:front]), math.prod(shape[front:]))
