"""What hypothesis draws for ops that move, repeat, join, cut and assign elements."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from autograd_lite.testing.strategies import axis, broadcastable, indices, shapes
from tests.strategies import same_but

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from autograd_lite.testing.strategies import Call, Shape


@st.composite
def repeats(draw: st.DrawFn, shape: Shape) -> dict[str, Any]:
    """How often to repeat: one number, or one for each element along an axis."""
    n = len(shape)
    along = draw(st.none() | axis(shape)) if n else None
    size = int(np.prod(shape)) if along is None else shape[along]
    each = st.lists(st.integers(0, 3), min_size=size, max_size=size)
    repeated: Any = draw(st.integers(0, 3) | each if size else st.integers(0, 3))
    if isinstance(repeated, list) and draw(st.booleans()):
        repeated = np.array(repeated)
    return {"repeats": repeated, "axis": along}


@st.composite
def reps(draw: st.DrawFn, _: Shape) -> dict[str, Any]:
    """How often along each axis."""
    times = st.integers(0, 3)
    return {"reps": draw(times | st.lists(times, max_size=4).map(tuple))}


@st.composite
def moves(draw: st.DrawFn, shape: Shape) -> dict[str, Any]:
    """Axes, and where they go."""
    n = len(shape)
    if n and draw(st.booleans()):
        return {"source": draw(axis(shape)), "destination": draw(axis(shape))}
    count = draw(st.integers(0, n))
    orders = st.permutations(range(n)).map(lambda p: tuple(i - n if i % 2 else i for i in p))
    return {"source": draw(orders)[:count], "destination": draw(orders)[:count]}


@st.composite
def turns(draw: st.DrawFn, shape: Shape) -> dict[str, Any]:
    """Quarter turns in the plane of two axes."""
    n = len(shape)
    return {"k": draw(st.integers(-5, 5)), "axes": tuple(draw(st.permutations(range(n)))[:2])}


@st.composite
def sections(draw: st.DrawFn, shape: Shape) -> dict[str, Any]:
    """A number of parts, or positions, along an axis."""
    along = draw(axis(shape))
    parts = st.integers(1, 4)
    places = st.lists(st.integers(0, shape[along]), max_size=3).map(sorted)
    return {"indices_or_sections": draw(parts | places), "axis": along}


@st.composite
def deletions(draw: st.DrawFn, shape: Shape) -> dict[str, Any]:
    """What to delete along an axis: a number, a slice, numbers, a mask."""
    along = draw(st.none() | axis(shape))
    size = int(np.prod(shape)) if along is None else shape[along]
    kinds: list[Any] = [st.slices(size), hnp.arrays(bool, size)]
    if size:
        number = st.integers(-size, size - 1)
        kinds += [number, st.lists(number, min_size=1, max_size=3)]
    return {"obj": draw(st.one_of(kinds)), "axis": along}


@st.composite
def insertions(draw: st.DrawFn) -> Call:
    """An array, values, and where they are inserted."""
    (shape,) = draw(shapes(min_dims=1))
    n = len(shape)
    along = draw(st.none() | axis(shape))
    size = int(np.prod(shape)) if along is None else shape[along]
    at = draw(st.integers(-size, size) | st.lists(st.integers(0, size), min_size=1, max_size=3))
    value: Shape = ()
    if along is None and isinstance(at, list):
        value = draw(st.sampled_from([(), (1,), (len(at),)]))
    elif along is not None and isinstance(at, int):
        value = draw(st.sampled_from([(), (*shape[: along % n], *shape[along % n + 1 :])]))
    return [shape, value], {"obj": at, "axis": along}


@st.composite
def grids(draw: st.DrawFn) -> Call:
    """Vectors and numbers."""
    sizes = draw(st.lists(st.integers(0, 3), min_size=2, max_size=3))
    return [(n,) if n != 1 else () for n in sizes], {
        "indexing": draw(st.sampled_from(["xy", "ij"]))
    }


@st.composite
def columns(draw: st.DrawFn) -> list[Shape]:
    """Vectors and matrices of as many rows."""
    rows = draw(st.integers(0, 3))
    options = st.sampled_from([(rows,), (rows, 2), (rows, 0)])
    return [draw(options) for _ in range(3)]


@st.composite
def stacked(draw: st.DrawFn, axis: int) -> list[Shape]:
    """Shapes that are equal but along an axis, of up to three axes, or vectors and numbers."""
    (shape,) = draw(shapes(min_dims=max(axis + 1, 2)))
    if draw(st.booleans()):
        return draw(same_but(2, vary=False))
    lead, rest = shape[:axis], shape[axis + 1 :]
    return [(*lead, draw(st.integers(0, 3)), *rest) for _ in range(2)]


def masks_of(index: Any) -> list[NDArray[Any]]:
    """The masks among the parts of an index."""
    parts = index if isinstance(index, tuple) else (index,)
    return [part for part in parts if isinstance(part, np.ndarray) and part.dtype == bool]


@st.composite
def items(draw: st.DrawFn) -> Call:
    """An array, an index, and a value that broadcasts to what it picks."""
    (shape,) = draw(shapes())
    index = draw(indices(shape))
    picked = np.empty(shape)[index].shape
    start = draw(st.integers(0, len(picked)))
    value = tuple(1 if draw(st.booleans()) else n for n in picked[start:])
    if start == 0 and picked and not masks_of(index) and draw(st.booleans()):
        value = (1, *value)  # which NumPy drops
    return [shape, value], {"index": index}


@st.composite
def masked(draw: st.DrawFn) -> Call:
    """An array, and a mask along an axis, perhaps a shorter one."""
    (shape,) = draw(shapes(min_dims=1))
    along = draw(st.none() | axis(shape))
    size = int(np.prod(shape)) if along is None else shape[along]
    mask = draw(st.lists(st.booleans(), max_size=size))
    return [shape], {"condition": np.array(mask, bool), "axis": along}


@st.composite
def conditions(draw: st.DrawFn) -> Call:
    """Two choices, and a condition for each, which broadcast."""
    shapes = draw(broadcastable(4))
    return shapes[:2], {"condlist": [draw(hnp.arrays(bool, shape)) for shape in shapes[2:]]}


@st.composite
def numbered(draw: st.DrawFn) -> Call:
    """Three choices and the numbers of some."""
    shapes = draw(broadcastable(4))
    return shapes[:3], {"x": draw(hnp.arrays(np.intp, shapes[3], elements=st.integers(0, 2)))}


@st.composite
def pieces(draw: st.DrawFn) -> Call:
    """An array, and two conditions of its shape."""
    (shape,) = draw(shapes(min_dims=1))
    return [shape], {"condlist": [draw(hnp.arrays(bool, shape)) for _ in range(2)]}


@st.composite
def turned(draw: st.DrawFn) -> Call:
    """Two arrays of vectors of three elements along an axis."""
    left, right = draw(broadcastable(2))
    n = min(len(left), len(right))
    along = draw(st.integers(-n - 1, -1))
    return [
        (*shape[: len(shape) + along + 1], 3, *shape[len(shape) + along + 1 :])
        for shape in (left, right)
    ], {"axis": along}


@st.composite
def products(draw: st.DrawFn) -> Call:
    """Two arrays of vectors of one size along an axis."""
    shapes, static = draw(turned())
    n, axis = draw(st.integers(0, 3)), static["axis"]
    cut = [list(shape) for shape in shapes]
    for shape in cut:
        shape[axis] = n
    return [tuple(shape) for shape in cut], static


@st.composite
def inner(draw: st.DrawFn) -> list[Shape]:
    """Two shapes with one last axis, or a number."""
    n = draw(st.integers(0, 3))
    side = st.lists(st.integers(0, 3), max_size=2)
    options = [(), (*draw(side), n)], [(), (*draw(side), n)]
    return [draw(st.sampled_from(shapes)) for shapes in options]


@st.composite
def as_many(draw: st.DrawFn) -> list[Shape]:
    """Two shapes of as many elements."""
    (shape,) = draw(shapes())
    return [shape, draw(st.sampled_from([shape, shape[::-1], (int(np.prod(shape)),)]))]
