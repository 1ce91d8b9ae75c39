"""Convolutions, pools: their lines of the table of nn, held to loops over single windows."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from autograd_lite import nn
from autograd_lite.nn import functional as F  # noqa: N812  # as everybody calls it
from autograd_lite.testing.strategies import Domain, adaptive_pools, convolutions, pools
from tests.case import GRID, Case, Layer, a_batch

if TYPE_CHECKING:
    from collections.abc import Callable

MILD = Domain(-1.5, 1.5)


def each(value: Any, count: int) -> tuple[int, ...]:
    """A setting for each axis."""
    return value if isinstance(value, tuple) else (value,) * count


def batched(x: Any, count: int) -> tuple[Any, Any]:
    """x with a batch, and what takes the batch away again."""
    return (x, lambda y: y) if x.ndim == count + 2 else (x[None], lambda y: y[0])


def conv(
    x: Any,
    w: Any,
    b: Any,
    stride: Any = 1,
    padding: Any = 0,
    dilation: Any = 1,
    groups: int = 1,
) -> Any:
    """Window after window."""
    count = w.ndim - 2
    x, back = batched(x, count)
    steps, gaps = each(stride, count), each(dilation, count)
    if padding == "same":
        total = [(k - 1) * d for k, d in zip(w.shape[2:], gaps, strict=True)]
        ends = [(n // 2, n - n // 2) for n in total]
    else:
        ends = [(n, n) for n in each(padding, count)]
    padded = np.pad(x, [(0, 0), (0, 0), *ends])
    covered = [(k - 1) * d + 1 for k, d in zip(w.shape[2:], gaps, strict=True)]
    size = [(n - c) // s + 1 for n, c, s in zip(padded.shape[2:], covered, steps, strict=True)]
    out = np.zeros((len(x), len(w), *size), x.dtype)
    inner, filters, axes = w.shape[1], len(w) // groups, tuple(range(1, x.ndim))
    for place in np.ndindex(*size):
        window = tuple(
            slice(i * s, i * s + c, d)
            for i, s, c, d in zip(place, steps, covered, gaps, strict=True)
        )
        for o in range(len(w)):
            first = o // filters * inner
            part = padded[(slice(None), slice(first, first + inner), *window)]
            at: Any = (slice(None), o, *place)
            out[at] = (part * w[o]).sum(axes) + b[o]
    return back(out)


def conv_transpose(
    x: Any,
    w: Any,
    b: Any,
    stride: Any = 1,
    padding: Any = 0,
    dilation: Any = 1,
    groups: int = 1,
    output_padding: Any = 0,
) -> Any:
    """A kernel for each element of x, added where it falls."""
    count = w.ndim - 2
    x, back = batched(x, count)
    steps, gaps, cut = each(stride, count), each(dilation, count), each(padding, count)
    covered = [(k - 1) * d + 1 for k, d in zip(w.shape[2:], gaps, strict=True)]
    full = [
        (n - 1) * s + c + more
        for n, s, c, more in zip(
            x.shape[2:], steps, covered, each(output_padding, count), strict=True
        )
    ]
    inner, filters = len(w) // groups, w.shape[1]
    out = np.zeros((len(x), filters * groups, *full), x.dtype)
    for place in np.ndindex(*x.shape[2:]):
        window = tuple(
            slice(i * s, i * s + c, d)
            for i, s, c, d in zip(place, steps, covered, gaps, strict=True)
        )
        for c in range(len(w)):
            first = c // inner * filters
            element = x[(slice(None), c, *place)].reshape(-1, *(1,) * (count + 1))
            out[(slice(None), slice(first, first + filters), *window)] += element * w[c]
    inside: Any = tuple(slice(p, n - p) for p, n in zip(cut, full, strict=True))
    return back(out[..., *inside] + b.reshape(-1, *(1,) * count))


def pool(
    x: Any,
    reduce: Callable[[Any, Any, int], Any],
    kernel_size: Any,
    stride: Any = None,
    padding: Any = 0,
    dilation: Any = 1,
    ceil_mode: bool = False,
) -> Any:
    """The reduction of each window, from what of it lies in x and the number in x and padding."""
    kernel, count = kernel_size, len(kernel_size)
    axes = tuple(range(-count, 0))
    steps = kernel if stride is None else each(stride, count)
    gaps, ends = each(dilation, count), each(padding, count)
    source = x.shape[-count:]
    starts = []
    for n, k, s, d, p in zip(source, kernel, steps, gaps, ends, strict=True):
        last = n + 2 * p - (k - 1) * d - 1
        starts.append([i for i in range(0, n + p, s) if i <= last or (ceil_mode and i - s < last)])
    out = np.zeros((*x.shape[:-count], *map(len, starts)), x.dtype)
    for place in np.ndindex(*map(len, starts)):
        index, size = [], 1
        for axis, i in enumerate(place):
            at = [starts[axis][i] + o * gaps[axis] - ends[axis] for o in range(kernel[axis])]
            index.append([j for j in at if 0 <= j < source[axis]])
            size *= sum(j < source[axis] + ends[axis] for j in at)
        inside: Any = np.ix_(*index)
        window = x[..., *inside]
        out[..., *place] = reduce(window, axes, size)
    return out


def max_pool(count: int) -> Callable[..., Any]:
    """The reference of a pool over so many axes."""

    def reference(x: Any, kernel_size: Any, **static: Any) -> Any:
        return pool(x, lambda part, axes, _: part.max(axes, initial=-np.inf),
                    each(kernel_size, count), **static)  # fmt: skip

    return reference


def avg_pool(count: int) -> Callable[..., Any]:
    """The reference of a pool over so many axes."""

    def reference(
        x: Any, kernel_size: Any, *, count_include_pad: bool = True, **static: Any
    ) -> Any:
        return pool(
            x,
            lambda part, axes, size: (
                part.sum(axes) / (size if count_include_pad else math.prod(part.shape[-count:]))
            ),
            each(kernel_size, count),
            **static,
        )

    return reference


def adaptive_pool(count: int, reduce: Callable[..., Any]) -> Callable[..., Any]:
    """The reference of a pool to a size."""

    def reference(x: Any, output_size: Any) -> Any:
        source = x.shape[-count:]
        wanted = each(output_size, count) if output_size is not None else source
        size = [n if m is None else m for n, m in zip(source, wanted, strict=True)]
        out = np.zeros((*x.shape[:-count], *size), x.dtype)
        for place in np.ndindex(*size):
            window: Any = tuple(
                slice(math.floor(i * n / m), math.ceil((i + 1) * n / m))
                for i, n, m in zip(place, source, size, strict=True)
            )
            out[..., *place] = reduce(x[..., *window], axis=tuple(range(-count, 0)))
        return out

    return reference


FUNCTIONS = [
    *(Case(f, conv, convolutions(n), (MILD,))
      for n, f in enumerate((F.conv1d, F.conv2d, F.conv3d), 1)),
    *(Case(f, conv_transpose, convolutions(n, transposed=True), (MILD,))
      for n, f in enumerate((F.conv_transpose1d, F.conv_transpose2d, F.conv_transpose3d), 1)),
    *(Case(f, max_pool(n), pools(n), (GRID,))
      for n, f in enumerate((F.max_pool1d, F.max_pool2d, F.max_pool3d), 1)),
    *(Case(f, avg_pool(n), pools(n, mean=True))
      for n, f in enumerate((F.avg_pool1d, F.avg_pool2d, F.avg_pool3d), 1)),
    *(Case(f, adaptive_pool(n, np.mean), adaptive_pools(n)) for n, f in enumerate(
        (F.adaptive_avg_pool1d, F.adaptive_avg_pool2d, F.adaptive_avg_pool3d), 1)),
    *(Case(f, adaptive_pool(n, np.max), adaptive_pools(n), (GRID,)) for n, f in enumerate(
        (F.adaptive_max_pool1d, F.adaptive_max_pool2d, F.adaptive_max_pool3d), 1)),
]  # fmt: skip

SOME = ((5,), (3, 4), (2, 3, 2))  # sizes of x along one axis, two, three


def convolving(n: int, module: Callable[..., nn.Module], **settings: Any) -> Layer:
    """A layer of two channels, and two filters of two elements along each of n axes."""
    reference = conv_transpose if "Transpose" in str(module) else conv
    return Layer(
        lambda: module(2, 2, 2, **settings),
        lambda x, weight, bias: reference(x, weight, bias, **settings),
        a_batch(2, *SOME[n - 1]),
        (MILD,),
    )


def pooling(
    n: int, module: Callable[..., nn.Module], reference: Any, size: Any, **settings: Any
) -> Layer:
    """A layer of windows, or of a result, of a size over n axes."""
    return Layer(
        lambda: module(size, **settings),
        lambda x: reference(n)(x, size, **settings),
        a_batch(1, *SOME[n - 1]),
        (GRID,),
    )


ENDS: dict[str, Any] = {"padding": 1, "ceil_mode": True, "count_include_pad": False}
MEAN, LARGEST = (lambda n, f=f: adaptive_pool(n, f) for f in (np.mean, np.max))

LAYERS = [
    convolving(1, nn.Conv1d, stride=2, padding=1),
    convolving(2, nn.Conv2d, padding="same", groups=2),
    convolving(3, nn.Conv3d, dilation=(1, 2, 1)),
    convolving(1, nn.ConvTranspose1d, stride=2, output_padding=1),
    convolving(2, nn.ConvTranspose2d, padding=1, groups=2),
    convolving(3, nn.ConvTranspose3d, dilation=(1, 2, 1)),
    Layer(lambda: nn.Conv2d(2, 3, 1, bias=False),
          lambda x, weight: np.einsum("nchw,ocij->nohw", x, weight), a_batch(2, 2, 3)),
    pooling(1, nn.MaxPool1d, max_pool, 2, padding=1),
    pooling(2, nn.MaxPool2d, max_pool, 2, stride=1, ceil_mode=True),
    pooling(3, nn.MaxPool3d, max_pool, 2, padding=1),
    pooling(1, nn.AvgPool1d, avg_pool, 2, **ENDS),
    pooling(2, nn.AvgPool2d, avg_pool, (2, 3), stride=1, padding=(1, 0)),
    pooling(3, nn.AvgPool3d, avg_pool, 2, **ENDS),
    pooling(1, nn.AdaptiveAvgPool1d, MEAN, 2),
    pooling(2, nn.AdaptiveAvgPool2d, MEAN, 1),
    pooling(2, nn.AdaptiveAvgPool2d, MEAN, (3, 2)),
    pooling(3, nn.AdaptiveAvgPool3d, MEAN, 2),
    pooling(1, nn.AdaptiveMaxPool1d, LARGEST, 2),
    pooling(2, nn.AdaptiveMaxPool2d, LARGEST, 2),
    pooling(3, nn.AdaptiveMaxPool3d, LARGEST, (1, 2, None)),
]  # fmt: skip
