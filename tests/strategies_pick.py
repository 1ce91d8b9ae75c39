"""What hypothesis draws for ops that sort, pick and put: positions, shares, points and signals."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from autograd_lite.testing.strategies import axis, reductions, shapes

if TYPE_CHECKING:
    from autograd_lite.testing.strategies import Call, Shape

METHODS = [
    "inverted_cdf", "averaged_inverted_cdf", "closest_observation", "interpolated_inverted_cdf",
    "hazen", "weibull", "linear", "median_unbiased", "normal_unbiased", "lower", "higher",
    "midpoint", "nearest",
]  # fmt: skip


def axis_or_none(shape: Shape) -> st.SearchStrategy[int | None]:
    """One axis, counted from either end, or None."""
    return st.none() | axis(shape)


@st.composite
def a_take(draw: st.DrawFn, shape: Shape) -> dict[str, Any]:
    """Indices of any shape, in or out of range, with an axis."""
    along = draw(axis_or_none(shape))
    size = int(np.prod(shape)) if along is None else shape[along]
    mode = draw(st.sampled_from(["raise", "wrap", "clip"]))
    within = st.integers(-size, size - 1) if mode == "raise" else st.integers(-9, 9)
    shape = draw(hnp.array_shapes(min_dims=0, max_dims=2, min_side=0, max_side=3))
    indices = draw(hnp.arrays(np.int64, shape, elements=within))
    return {"indices": indices, "axis": along, "mode": mode}


@st.composite
def along(draw: st.DrawFn, shape: Shape) -> dict[str, Any]:
    """Indices along an axis, whose other sizes are those of the shape, or 1."""
    along = draw(axis_or_none(shape))
    if along is None:
        shape, place = (int(np.prod(shape)),), 0
    else:
        place = along % len(shape)
    sizes = [1 if draw(st.booleans()) else n for n in shape]
    sizes[place] = draw(st.integers(0, 3))
    size = shape[place]
    elements = st.integers(-size, size - 1)
    return {"indices": draw(hnp.arrays(np.int64, tuple(sizes), elements=elements)), "axis": along}


@st.composite
def taken_along(draw: st.DrawFn, shape: Shape) -> dict[str, Any]:
    """Indices along an axis of the shape."""
    return draw(along(shape))


@st.composite
def put_along(draw: st.DrawFn) -> Call:
    """An array, values that fit its indices or broadcast to them, and the indices."""
    shape = draw(shapes(min_dims=1, min_side=1))[0]
    static = draw(along(shape))
    full = list(shape) if static["axis"] is not None else [int(np.prod(shape))]
    full[static["axis"] or 0] = static["indices"].shape[static["axis"] or 0]
    values = tuple(1 if draw(st.booleans()) else n for n in full)
    return [shape, values[draw(st.integers(0, len(values))) :]], static


@st.composite
def scattered(draw: st.DrawFn) -> Call:
    """What is picked from a shape along an axis, to be put back."""
    shape = draw(shapes(min_dims=1, min_side=1))[0]
    along = draw(axis(shape))
    picked = list(shape)
    picked[along] = draw(st.integers(0, 3))
    size = shape[along]
    at = draw(hnp.arrays(np.int64, tuple(picked), elements=st.integers(-size, size - 1)))
    return [tuple(picked)], {"indices": at, "axis": along, "shape": shape}


@st.composite
def a_topk(draw: st.DrawFn, shape: Shape) -> dict[str, Any]:
    """How many of an axis, and from which end."""
    along = draw(axis(shape))
    k = draw(st.integers(0, shape[along]))
    return {"k": k, "axis": along, "largest": draw(st.booleans())}


@st.composite
def ranks(draw: st.DrawFn, shape: Shape) -> dict[str, Any]:
    """Ranks of a row."""
    return {"ranks": draw(st.lists(st.integers(0, shape[-1] - 1), min_size=1, max_size=3))}


@st.composite
def filled(draw: st.DrawFn, shape: Shape) -> dict[str, Any]:
    """A reduction over one axis at least: where one element is nan, others are left."""
    static = draw(reductions(shape))
    return {**static, "axis": None} if static["axis"] == () else static


@st.composite
def a_quantile(draw: st.DrawFn, shape: Shape) -> dict[str, Any]:
    """Shares, a method, and a reduction."""
    share = st.sampled_from([0.0, 0.1, 0.25, 0.5, 0.61, 0.75, 1.0])
    q = draw(share | st.lists(share, max_size=3))
    method = draw(st.sampled_from(METHODS))
    return {"q": q, "method": method, **draw(filled(shape))}


@st.composite
def a_percentile(draw: st.DrawFn, shape: Shape) -> dict[str, Any]:
    """The same in percent."""
    static = draw(a_quantile(shape))
    return {**static, "q": np.asarray(static["q"]) * 100}


@st.composite
def a_variance(draw: st.DrawFn, shape: Shape) -> dict[str, Any]:
    """A reduction with `ddof`."""
    return {"ddof": draw(st.sampled_from([0, 0.5])), **draw(filled(shape))}


@st.composite
def weighted(draw: st.DrawFn) -> Call:
    """An array with weights for each element, or along an axis."""
    shape = draw(shapes(min_dims=1, min_side=1))[0]
    along = draw(axis(shape))
    keepdims = draw(st.booleans())
    if draw(st.booleans()):
        return [shape, (shape[along],)], {"axis": along, "keepdims": keepdims}
    return [shape, shape], {"axis": draw(st.sampled_from([None, along])), "keepdims": keepdims}


@st.composite
def observed(draw: st.DrawFn) -> Call:
    """One or two arrays of variables, with a number of observations."""
    rowvar, n = draw(st.booleans()), draw(st.integers(3, 4))

    def shape() -> Shape:
        count = draw(st.integers(2, 3))
        return (count, n) if rowvar else (n, count)

    shapes = [draw(st.sampled_from([shape(), (n,)])) for _ in range(draw(st.integers(1, 2)))]
    return shapes, {"rowvar": rowvar}


@st.composite
def a_covariance(draw: st.DrawFn) -> Call:
    """The same with what the sum is divided by."""
    shapes, static = draw(observed())
    ddof = draw(st.sampled_from([None, 0, 1]))
    return shapes, {**static, "bias": draw(st.booleans()), "ddof": ddof}


@st.composite
def a_difference(draw: st.DrawFn) -> Call:
    """An array, and perhaps others to put before and behind it along an axis."""
    shape = draw(shapes(min_dims=1))[0]
    along = draw(axis(shape))
    ends: list[Shape] = []
    for _ in range(draw(st.integers(0, 2))):
        end = list(shape)
        end[along] = draw(st.integers(0, 2))
        ends.append(draw(st.sampled_from([(), tuple(end)])))
    return [shape, *ends], {"n": draw(st.integers(len(ends) > 0, 3)), "axis": along}


@st.composite
def integrated(draw: st.DrawFn) -> Call:
    """Values, and perhaps their places: along the axis, or each its own."""
    shape = draw(shapes(min_dims=1))[0]
    along = draw(axis(shape))
    places = draw(st.sampled_from([None, (shape[along],), shape]))
    if places is None:
        return [shape], {"dx": draw(st.sampled_from([1.0, 0.3])), "axis": along}
    return [shape, places], {"axis": along}


@st.composite
def signals(draw: st.DrawFn) -> Call:
    """Two vectors, and how much of their convolution is wanted."""
    sizes = st.integers(1, 6)
    mode = draw(st.sampled_from(["full", "same", "valid"]))
    return [(draw(sizes),), (draw(sizes),)], {"mode": mode}


@st.composite
def points(draw: st.DrawFn) -> Call:
    """Places, points, and values beyond the ends: on grids, which `cases_pick` lays out."""
    n = draw(st.integers(1, 4))
    shape = draw(shapes(max_dims=2))[0]
    beyond = draw(st.sampled_from([0, 2]))
    period = draw(st.sampled_from([None, 2.3])) if not beyond and n > 1 else None
    return [shape, (n,), (n,), *[()] * beyond], {"period": period}


# ---- transforms


@st.composite
def a_transform(draw: st.DrawFn) -> Call:
    """Real parts, perhaps imaginary ones, and a length along an axis."""
    shape = draw(shapes(min_dims=1, max_dims=2, min_side=1))[0]
    along = draw(axis(shape))
    n = draw(st.none() | st.integers(1, 5))
    norm = draw(st.sampled_from([None, "backward", "ortho", "forward"]))
    return [shape] * draw(st.integers(1, 2)), {"n": n, "axis": along, "norm": norm}


@st.composite
def a_real_transform(draw: st.DrawFn) -> Call:
    """The same of real numbers."""
    shapes, static = draw(a_transform())
    return shapes[:1], static


@st.composite
def an_inverse(draw: st.DrawFn) -> Call:
    """The same, of a length that there is for one frequency, too."""
    shapes, static = draw(a_transform())
    length = draw(st.integers(1, 6))
    return shapes, {**static, "n": static["n"] if shapes[0][static["axis"]] > 1 else length}


@st.composite
def grids(draw: st.DrawFn) -> Call:
    """An array of two axes or more, with axes and lengths."""
    shape = draw(shapes(min_dims=2, min_side=2))[0]
    count = draw(st.integers(1, 2))
    axes = tuple(draw(st.permutations(range(len(shape))))[:count])
    lengths = draw(st.none() | st.just(tuple(draw(st.integers(1, 4)) for _ in axes)))
    return [shape], {"s": lengths, "axes": axes, "norm": draw(st.sampled_from([None, "ortho"]))}


@st.composite
def planes(draw: st.DrawFn) -> Call:
    """The same, along the last two axes."""
    shapes, static = draw(grids())
    return shapes, {"s": draw(st.sampled_from([None, (2, 3)])), "norm": static["norm"]}
