"""What hypothesis draws for convolutions and pools: shapes and settings that fit one another."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from hypothesis import strategies as st

if TYPE_CHECKING:
    from tests.strategies import Draw, Inputs, Shape

MOST = 24  # elements of x: enough for two windows along each axis, and few for finite differences


def per_axis(draw: Draw, count: int, low: int, high: int) -> Any:
    """A number for all axes, or one for each."""
    number = st.integers(low, high)
    return draw(number | st.tuples(*[number] * count))


def each(value: Any, count: int) -> tuple[int, ...]:
    """What `per_axis` drew, for each axis."""
    return value if isinstance(value, tuple) else (value,) * count


def a_batch(draw: Draw, channels: int, sizes: Shape) -> Shape:
    """With a batch, which may be empty, or without one."""
    most = 2 if 2 * math.prod(sizes) <= MOST else 1
    lead = draw(st.sampled_from([(), (0,), (1,), (most,)]))
    return (*lead, channels, *sizes)


def some_sizes(draw: Draw, count: int) -> Shape:
    """The sizes of x along the axes of windows."""
    return tuple(draw(st.integers(1, (8, 4, 3)[count - 1])) for _ in range(count))


def a_convolution(count: int, *, transposed: bool = False) -> Inputs:
    """x, a weight, a bias, and how the windows lie."""

    def draw_inputs(draw: Draw) -> tuple[list[Shape], dict[str, Any]]:
        groups = draw(st.sampled_from([1, 1, 2]))
        inner, filters = draw(st.integers(1, 2)), draw(st.integers(1, 2)) * groups
        kernel = tuple(draw(st.integers(1, 3 if count < 3 else 2)) for _ in range(count))
        static: dict[str, Any] = {
            "stride": per_axis(draw, count, 1, 3),
            "padding": per_axis(draw, count, 0, 2),
            "dilation": per_axis(draw, count, 1, 2),
            "groups": groups,
        }
        sizes = some_sizes(draw, count)
        gaps = each(static["dilation"], count)
        covered = [(k - 1) * d + 1 for k, d in zip(kernel, gaps, strict=True)]
        if transposed:
            steps = each(static["stride"], count)
            more = [max(s, d) - 1 for s, d in zip(steps, gaps, strict=True)]
            static["output_padding"] = tuple(draw(st.integers(0, n)) for n in more)
            static["padding"] = min((c - 1) // 2 for c in covered)
            return [
                a_batch(draw, inner * groups, sizes),
                (inner * groups, filters // groups, *kernel),
                (filters,),
            ], static
        if draw(st.integers(0, 3)) == 0:
            static |= {"padding": "same", "stride": 1}
        else:
            ends = each(static["padding"], count)
            sizes = tuple(max(n, c - 2 * p) for n, c, p in zip(sizes, covered, ends, strict=True))
        return [a_batch(draw, inner * groups, sizes), (filters, inner, *kernel), (filters,)], static

    return draw_inputs


def a_pool(count: int, *, mean: bool = False) -> Inputs:
    """x, and windows that it has at least one of."""

    def draw_inputs(draw: Draw) -> tuple[list[Shape], dict[str, Any]]:
        kernel = per_axis(draw, count, 1, 3)
        static: dict[str, Any] = {
            "kernel_size": kernel,
            "stride": draw(st.none()) if draw(st.booleans()) else per_axis(draw, count, 1, 3),
            "padding": min(each(kernel, count)) // 2 if draw(st.booleans()) else 0,
            "ceil_mode": draw(st.booleans()),
        }
        covered = each(kernel, count)
        if mean:
            static["count_include_pad"] = draw(st.booleans())
        else:
            static["dilation"] = per_axis(draw, count, 1, 2)
            gaps = each(static["dilation"], count)
            covered = tuple((k - 1) * d + 1 for k, d in zip(covered, gaps, strict=True))
        sizes = tuple(max(n, c) for n, c in zip(some_sizes(draw, count), covered, strict=True))
        return [a_batch(draw, 1, sizes)], static

    return draw_inputs


def an_adaptive_pool(count: int) -> Inputs:
    """x, and the size of the result."""

    def draw_inputs(draw: Draw) -> tuple[list[Shape], dict[str, Any]]:
        sizes = some_sizes(draw, count)
        number = st.integers(1, 4)
        wanted = draw(number | st.tuples(*[number | st.none()] * count))
        return [a_batch(draw, draw(st.integers(1, 2)), sizes)], {"output_size": wanted}

    return draw_inputs
