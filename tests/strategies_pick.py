"""What hypothesis draws for ops that sort, pick and put: positions, shares, points and signals."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from tests.strategies import an_axis, of_dims, reduction

if TYPE_CHECKING:
    from tests.strategies import Draw, Shape

METHODS = [
    "inverted_cdf", "averaged_inverted_cdf", "closest_observation", "interpolated_inverted_cdf",
    "hazen", "weibull", "linear", "median_unbiased", "normal_unbiased", "lower", "higher",
    "midpoint", "nearest",
]  # fmt: skip


def an_axis_or_none(draw: Draw, shapes: list[Shape]) -> dict[str, Any]:
    """One axis, counted from either end, or None."""
    n = len(shapes[0])
    return {"axis": draw(st.none() | st.integers(-n, n - 1))}


def a_take(draw: Draw, shapes: list[Shape]) -> dict[str, Any]:
    """Indices of any shape, in or out of range, with an axis."""
    axis = an_axis_or_none(draw, shapes)["axis"]
    size = int(np.prod(shapes[0])) if axis is None else shapes[0][axis]
    mode = draw(st.sampled_from(["raise", "wrap", "clip"]))
    within = st.integers(-size, size - 1) if mode == "raise" else st.integers(-9, 9)
    shape = draw(hnp.array_shapes(min_dims=0, max_dims=2, min_side=0, max_side=3))
    indices = draw(hnp.arrays(np.int64, shape, elements=within))
    return {"indices": indices, "axis": axis, "mode": mode}


def along(draw: Draw, shape: Shape) -> dict[str, Any]:
    """Indices along an axis, whose other sizes are those of the shape, or 1."""
    axis = draw(st.none() | st.integers(-len(shape), len(shape) - 1))
    if axis is None:
        shape, place = (int(np.prod(shape)),), 0
    else:
        place = axis % len(shape)
    sizes = [1 if draw(st.booleans()) else n for n in shape]
    sizes[place] = draw(st.integers(0, 3))
    size = shape[place]
    elements = st.integers(-size, size - 1)
    return {"indices": draw(hnp.arrays(np.int64, tuple(sizes), elements=elements)), "axis": axis}


def taken_along(draw: Draw, shapes: list[Shape]) -> dict[str, Any]:
    """Indices along an axis of the shape."""
    return along(draw, shapes[0])


def put_along(draw: Draw) -> tuple[list[Shape], dict[str, Any]]:
    """An array, values that fit its indices or broadcast to them, and the indices."""
    shape = of_dims(1, 3, min_side=1)(draw)[0]
    static = along(draw, shape)
    full = list(shape) if static["axis"] is not None else [int(np.prod(shape))]
    full[static["axis"] or 0] = static["indices"].shape[static["axis"] or 0]
    values = tuple(1 if draw(st.booleans()) else n for n in full)
    return [shape, values[draw(st.integers(0, len(values))) :]], static


def scattered(draw: Draw) -> tuple[list[Shape], dict[str, Any]]:
    """What is picked from a shape along an axis, to be put back."""
    shape = of_dims(1, 3, min_side=1)(draw)[0]
    axis = draw(st.integers(-len(shape), len(shape) - 1))
    picked = list(shape)
    picked[axis] = draw(st.integers(0, 3))
    size = shape[axis]
    at = draw(hnp.arrays(np.int64, tuple(picked), elements=st.integers(-size, size - 1)))
    return [tuple(picked)], {"indices": at, "axis": axis, "shape": shape}


def a_topk(draw: Draw, shapes: list[Shape]) -> dict[str, Any]:
    """How many of an axis, and from which end."""
    axis = an_axis(draw, shapes)["axis"]
    k = draw(st.integers(0, shapes[0][axis]))
    return {"k": k, "axis": axis, "largest": draw(st.booleans())}


def ranks(draw: Draw, shapes: list[Shape]) -> dict[str, Any]:
    """Ranks of a row."""
    return {"ranks": draw(st.lists(st.integers(0, shapes[0][-1] - 1), min_size=1, max_size=3))}


def filled(draw: Draw, shapes: list[Shape]) -> dict[str, Any]:
    """A reduction over one axis at least: where one element is nan, others are left."""
    static = reduction(draw, shapes)
    return {**static, "axis": None} if static["axis"] == () else static


def a_quantile(draw: Draw, shapes: list[Shape]) -> dict[str, Any]:
    """Shares, a method, and a reduction."""
    share = st.sampled_from([0.0, 0.1, 0.25, 0.5, 0.61, 0.75, 1.0])
    q = draw(share | st.lists(share, max_size=3))
    method = draw(st.sampled_from(METHODS))
    return {"q": q, "method": method, **filled(draw, shapes)}


def a_percentile(draw: Draw, shapes: list[Shape]) -> dict[str, Any]:
    """The same in percent."""
    static = a_quantile(draw, shapes)
    return {**static, "q": np.asarray(static["q"]) * 100}


def a_variance(draw: Draw, shapes: list[Shape]) -> dict[str, Any]:
    """A reduction with `ddof`."""
    return {"ddof": draw(st.sampled_from([0, 0.5])), **filled(draw, shapes)}


def weighted(draw: Draw) -> tuple[list[Shape], dict[str, Any]]:
    """An array with weights for each element, or along an axis."""
    shape = of_dims(1, 3, min_side=1)(draw)[0]
    axis = draw(st.integers(-len(shape), len(shape) - 1))
    keepdims = draw(st.booleans())
    if draw(st.booleans()):
        return [shape, (shape[axis],)], {"axis": axis, "keepdims": keepdims}
    return [shape, shape], {"axis": draw(st.sampled_from([None, axis])), "keepdims": keepdims}


def observed(draw: Draw) -> tuple[list[Shape], dict[str, Any]]:
    """One or two arrays of variables, with a number of observations."""
    rowvar, n = draw(st.booleans()), draw(st.integers(3, 4))

    def shape() -> Shape:
        count = draw(st.integers(2, 3))
        return (count, n) if rowvar else (n, count)

    shapes = [draw(st.sampled_from([shape(), (n,)])) for _ in range(draw(st.integers(1, 2)))]
    return shapes, {"rowvar": rowvar}


def a_covariance(draw: Draw) -> tuple[list[Shape], dict[str, Any]]:
    """The same with what the sum is divided by."""
    shapes, static = observed(draw)
    ddof = draw(st.sampled_from([None, 0, 1]))
    return shapes, {**static, "bias": draw(st.booleans()), "ddof": ddof}


def a_difference(draw: Draw) -> tuple[list[Shape], dict[str, Any]]:
    """An array, and perhaps others to put before and behind it along an axis."""
    shape = of_dims(1, 3)(draw)[0]
    axis = draw(st.integers(-len(shape), len(shape) - 1))
    ends: list[Shape] = []
    for _ in range(draw(st.integers(0, 2))):
        end = list(shape)
        end[axis] = draw(st.integers(0, 2))
        ends.append(draw(st.sampled_from([(), tuple(end)])))
    return [shape, *ends], {"n": draw(st.integers(len(ends) > 0, 3)), "axis": axis}


def integrated(draw: Draw) -> tuple[list[Shape], dict[str, Any]]:
    """Values, and perhaps their places: along the axis, or each its own."""
    shape = of_dims(1, 3)(draw)[0]
    axis = draw(st.integers(-len(shape), len(shape) - 1))
    places = draw(st.sampled_from([None, (shape[axis],), shape]))
    if places is None:
        return [shape], {"dx": draw(st.sampled_from([1.0, 0.3])), "axis": axis}
    return [shape, places], {"axis": axis}


def signals(draw: Draw) -> tuple[list[Shape], dict[str, Any]]:
    """Two vectors, and how much of their convolution is wanted."""
    sizes = st.integers(1, 6)
    mode = draw(st.sampled_from(["full", "same", "valid"]))
    return [(draw(sizes),), (draw(sizes),)], {"mode": mode}


def points(draw: Draw) -> tuple[list[Shape], dict[str, Any]]:
    """Places, points, and values beyond the ends: on grids, which `cases_pick` lays out."""
    n = draw(st.integers(1, 4))
    shape = of_dims(0, 2)(draw)[0]
    beyond = draw(st.sampled_from([0, 2]))
    period = draw(st.sampled_from([None, 2.3])) if not beyond and n > 1 else None
    return [shape, (n,), (n,), *[()] * beyond], {"period": period}


# ---- transforms


def a_transform(draw: Draw) -> tuple[list[Shape], dict[str, Any]]:
    """Real parts, perhaps imaginary ones, and a length along an axis."""
    shape = of_dims(1, 2, min_side=1)(draw)[0]
    axis = draw(st.integers(-len(shape), len(shape) - 1))
    n = draw(st.none() | st.integers(1, 5))
    norm = draw(st.sampled_from([None, "backward", "ortho", "forward"]))
    return [shape] * draw(st.integers(1, 2)), {"n": n, "axis": axis, "norm": norm}


def a_real_transform(draw: Draw) -> tuple[list[Shape], dict[str, Any]]:
    """The same of real numbers."""
    shapes, static = a_transform(draw)
    return shapes[:1], static


def an_inverse(draw: Draw) -> tuple[list[Shape], dict[str, Any]]:
    """The same, of a length that there is for one frequency, too."""
    shapes, static = a_transform(draw)
    length = draw(st.integers(1, 6))
    return shapes, {**static, "n": static["n"] if shapes[0][static["axis"]] > 1 else length}


def grids(draw: Draw) -> tuple[list[Shape], dict[str, Any]]:
    """An array of two axes or more, with axes and lengths."""
    shape = of_dims(2, 3, min_side=2)(draw)[0]
    count = draw(st.integers(1, 2))
    axes = tuple(draw(st.permutations(range(len(shape))))[:count])
    lengths = draw(st.none() | st.just(tuple(draw(st.integers(1, 4)) for _ in axes)))
    return [shape], {"s": lengths, "axes": axes, "norm": draw(st.sampled_from([None, "ortho"]))}


def planes(draw: Draw) -> tuple[list[Shape], dict[str, Any]]:
    """The same, along the last two axes."""
    shapes, static = grids(draw)
    return shapes, {"s": draw(st.sampled_from([None, (2, 3)])), "norm": static["norm"]}
