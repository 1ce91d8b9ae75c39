"""Convolutions and pools: shapes and settings that fit one another."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from hypothesis import strategies as st

from autograd_lite.errors import describe, is_whole

if TYPE_CHECKING:
    from autograd_lite.testing.strategies.calls import Call
    from autograd_lite.testing.strategies.shapes import Shape

MOST = 24  # elements of x: enough for two windows along each axis, and few for finite differences


def convolutions(num_axes: int, *, transposed: bool = False) -> st.SearchStrategy[Call]:
    """Calls of a convolution: shapes of x, the weight and the bias, and settings that fit.

    x has shape ([N,] C, *sizes), with a batch, which may be empty, or without. The weight has
    (filters, C / groups, *kernel), of a transposed convolution (C, filters / groups, *kernel), and
    the bias (filters,). Settings are a number for all axes or one for each, under PyTorch's names:
    `stride`, `padding` (which may be "same"), `dilation`, `groups`, and `output_padding` of a
    transposed one. The kernel is never larger than the padded x. Arrays are small: x has two
    windows along an axis or more, and up to about 24 elements.

    Args:
        num_axes: how many axes windows move along: 1, 2 or 3.
        transposed: whether the calls are of a transposed convolution.

    Raises:
        ValueError: for another number of axes.

    Example:
        >>> import numpy as np
        >>> from hypothesis import given
        >>> from autograd_lite.nn import functional as F
        >>> @given(convolutions(2))
        ... def test(call):
        ...     shapes, settings = call
        ...     x, weight, bias = (np.ones(shape) for shape in shapes)
        ...     y = F.conv2d(x, weight, bias, **settings)
        ...     assert y.shape[-3] == len(bias)
        >>> test()
    """
    return (_transposed if transposed else _convolutions)(_checked("convolutions", num_axes))


def pools(num_axes: int, *, mean: bool = False) -> st.SearchStrategy[Call]:
    """Calls of a pool: the shape of x, and windows that it has at least one of.

    x has shape ([N,] C, *sizes). The settings are `kernel_size`, `stride` (None is the kernel's
    size), `padding` of up to half a kernel, `ceil_mode`, and `dilation`, or `count_include_pad`.

    Args:
        num_axes: how many axes windows move along: 1, 2 or 3.
        mean: whether the calls are of a mean, which has `count_include_pad` and no `dilation`.

    Raises:
        ValueError: for another number of axes.

    Example:
        >>> import numpy as np
        >>> from hypothesis import given
        >>> from autograd_lite.nn import functional as F
        >>> @given(pools(1))
        ... def test(call):
        ...     (shape,), settings = call
        ...     assert F.max_pool1d(np.ones(shape), **settings).shape[-1] >= 1
        >>> test()
    """
    return _pools(_checked("pools", num_axes), mean=mean)


def adaptive_pools(num_axes: int) -> st.SearchStrategy[Call]:
    """Calls of a pool to a size: the shape of x, ([N,] C, *sizes), and `output_size`.

    Args:
        num_axes: how many axes windows move along: 1, 2 or 3.

    Raises:
        ValueError: for another number of axes.

    Example:
        >>> import numpy as np
        >>> from hypothesis import given
        >>> from autograd_lite.nn import functional as F
        >>> @given(adaptive_pools(1))
        ... def test(call):
        ...     (shape,), settings = call
        ...     assert F.adaptive_avg_pool1d(np.ones(shape), **settings).shape[:-1] == shape[:-1]
        >>> test()
    """
    return _adaptive_pools(_checked("adaptive_pools", num_axes))


def _checked(name: str, num_axes: int) -> int:
    if not (is_whole(num_axes, 1) and num_axes <= 3):
        message = f"{name}: got num_axes={describe(num_axes)}; expected 1, 2 or 3"
        raise ValueError(message)
    return num_axes


def _per_axis(count: int, low: int, high: int) -> st.SearchStrategy[Any]:
    """A number for all axes, or one for each."""
    number = st.integers(low, high)
    return number | st.tuples(*[number] * count)


def _each(value: Any, count: int) -> tuple[int, ...]:
    """What `_per_axis` drew, for each axis."""
    return value if isinstance(value, tuple) else (value,) * count


def _sizes(count: int) -> st.SearchStrategy[Shape]:
    """The sizes of x along the axes of windows."""
    return st.tuples(*[st.integers(1, (8, 4, 3)[count - 1])] * count)


def _batched(channels: int, sizes: Shape) -> st.SearchStrategy[Shape]:
    """With a batch, which may be empty, or without one."""
    most = 2 if 2 * math.prod(sizes) <= MOST else 1
    lead: list[Shape] = [(), (0,), (1,), (most,)]
    return st.sampled_from([(*batch, channels, *sizes) for batch in lead])


@st.composite
def _geometry(draw: st.DrawFn, count: int) -> tuple[Shape, Shape, list[int], dict[str, Any]]:
    """Channels of x and the result in each group; the kernel and what it covers; settings."""
    groups = draw(st.sampled_from([1, 1, 2]))
    channels = draw(st.integers(1, 2)), draw(st.integers(1, 2))
    kernel = tuple(draw(st.integers(1, 3 if count < 3 else 2)) for _ in range(count))
    static: dict[str, Any] = {
        "stride": draw(_per_axis(count, 1, 3)),
        "padding": draw(_per_axis(count, 0, 2)),
        "dilation": draw(_per_axis(count, 1, 2)),
        "groups": groups,
    }
    gaps = _each(static["dilation"], count)
    covered = [(k - 1) * d + 1 for k, d in zip(kernel, gaps, strict=True)]
    return channels, kernel, covered, static


@st.composite
def _convolutions(draw: st.DrawFn, count: int) -> Call:
    (inner, filters), kernel, covered, static = draw(_geometry(count))
    groups = static["groups"]
    sizes = draw(_sizes(count))
    if draw(st.integers(0, 3)) == 0:
        static |= {"padding": "same", "stride": 1}
    else:
        ends = _each(static["padding"], count)
        sizes = tuple(max(n, c - 2 * p) for n, c, p in zip(sizes, covered, ends, strict=True))
    weight = (filters * groups, inner, *kernel)
    return [draw(_batched(inner * groups, sizes)), weight, (filters * groups,)], static


@st.composite
def _transposed(draw: st.DrawFn, count: int) -> Call:
    (inner, filters), kernel, covered, static = draw(_geometry(count))
    groups = static["groups"]
    steps, gaps = _each(static["stride"], count), _each(static["dilation"], count)
    more = [max(s, d) - 1 for s, d in zip(steps, gaps, strict=True)]
    static["output_padding"] = tuple(draw(st.integers(0, n)) for n in more)
    static["padding"] = min((c - 1) // 2 for c in covered)
    x = draw(_batched(inner * groups, draw(_sizes(count))))
    return [x, (inner * groups, filters, *kernel), (filters * groups,)], static


@st.composite
def _pools(draw: st.DrawFn, count: int, *, mean: bool) -> Call:
    kernel = draw(_per_axis(count, 1, 3 if count < 3 else 2))
    static: dict[str, Any] = {
        "kernel_size": kernel,
        "stride": draw(st.none() | _per_axis(count, 1, 3)),
        "padding": min(_each(kernel, count)) // 2 if draw(st.booleans()) else 0,
        "ceil_mode": draw(st.booleans()),
    }
    covered = _each(kernel, count)
    if mean:
        static["count_include_pad"] = draw(st.booleans())
    else:
        static["dilation"] = draw(_per_axis(count, 1, 2))
        gaps = _each(static["dilation"], count)
        covered = tuple((k - 1) * d + 1 for k, d in zip(covered, gaps, strict=True))
    sizes = tuple(max(n, c) for n, c in zip(draw(_sizes(count)), covered, strict=True))
    return [draw(_batched(1, sizes))], static


@st.composite
def _adaptive_pools(draw: st.DrawFn, count: int) -> Call:
    number = st.integers(1, 4)
    wanted = draw(number | st.tuples(*[number | st.none()] * count))
    x = draw(_batched(draw(st.integers(1, 2)), draw(_sizes(count))))
    return [x], {"output_size": wanted}
