"""What hypothesis draws for ops that move, repeat, join, cut and assign elements."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from tests.strategies import an_index, elementwise, of_dims, same_but

if TYPE_CHECKING:
    from tests.strategies import Draw, Shape


def repeats(draw: Draw, shapes: list[Shape]) -> dict[str, Any]:
    """How often to repeat: one number, or one for each element along an axis."""
    shape = shapes[0]
    n = len(shape)
    axis = draw(st.none() | st.integers(-n, n - 1)) if n else None
    size = int(np.prod(shape)) if axis is None else shape[axis]
    each = st.lists(st.integers(0, 3), min_size=size, max_size=size)
    repeated = draw(st.integers(0, 3) | each if size else st.integers(0, 3))
    if isinstance(repeated, list) and draw(st.booleans()):
        repeated = np.array(repeated)
    return {"repeats": repeated, "axis": axis}


def reps(draw: Draw, _: list[Shape]) -> dict[str, Any]:
    """How often along each axis."""
    times = st.integers(0, 3)
    return {"reps": draw(times | st.lists(times, max_size=4).map(tuple))}


def moves(draw: Draw, shapes: list[Shape]) -> dict[str, Any]:
    """Axes, and where they go."""
    n = len(shapes[0])
    if n and draw(st.booleans()):
        axis = st.integers(-n, n - 1)
        return {"source": draw(axis), "destination": draw(axis)}
    count = draw(st.integers(0, n))
    orders = st.permutations(range(n)).map(lambda p: tuple(i - n if i % 2 else i for i in p))
    return {"source": draw(orders)[:count], "destination": draw(orders)[:count]}


def turns(draw: Draw, shapes: list[Shape]) -> dict[str, Any]:
    """Quarter turns in the plane of two axes."""
    n = len(shapes[0])
    return {"k": draw(st.integers(-5, 5)), "axes": tuple(draw(st.permutations(range(n)))[:2])}


def sections(draw: Draw, shapes: list[Shape]) -> dict[str, Any]:
    """A number of parts, or positions, along an axis."""
    n = len(shapes[0])
    axis = draw(st.integers(-n, n - 1))
    parts = st.integers(1, 4)
    places = st.lists(st.integers(0, shapes[0][axis]), max_size=3).map(sorted)
    return {"indices_or_sections": draw(parts | places), "axis": axis}


def deletions(draw: Draw, shapes: list[Shape]) -> dict[str, Any]:
    """What to delete along an axis: a number, a slice, numbers, a mask."""
    n = len(shapes[0])
    axis = draw(st.none() | st.integers(-n, n - 1))
    size = int(np.prod(shapes[0])) if axis is None else shapes[0][axis]
    kinds: list[Any] = [st.slices(size), hnp.arrays(bool, size)]
    if size:
        number = st.integers(-size, size - 1)
        kinds += [number, st.lists(number, min_size=1, max_size=3)]
    return {"obj": draw(st.one_of(kinds)), "axis": axis}


def insertions(draw: Draw) -> tuple[list[Shape], dict[str, Any]]:
    """An array, values, and where they are inserted."""
    (shape,) = of_dims(1)(draw)
    n = len(shape)
    axis = draw(st.none() | st.integers(-n, n - 1))
    size = int(np.prod(shape)) if axis is None else shape[axis]
    at = draw(st.integers(-size, size) | st.lists(st.integers(0, size), min_size=1, max_size=3))
    value: Shape = ()
    if axis is None and isinstance(at, list):
        value = draw(st.sampled_from([(), (1,), (len(at),)]))
    elif axis is not None and isinstance(at, int):
        value = draw(st.sampled_from([(), (*shape[: axis % n], *shape[axis % n + 1 :])]))
    return [shape, value], {"obj": at, "axis": axis}


def grids(draw: Draw) -> tuple[list[Shape], dict[str, Any]]:
    """Vectors and numbers."""
    sizes = draw(st.lists(st.integers(0, 3), min_size=2, max_size=3))
    return [(n,) if n != 1 else () for n in sizes], {
        "indexing": draw(st.sampled_from(["xy", "ij"]))
    }


def columns(draw: Draw) -> list[Shape]:
    """Vectors and matrices of as many rows."""
    rows = draw(st.integers(0, 3))
    options = st.sampled_from([(rows,), (rows, 2), (rows, 0)])
    return [draw(options) for _ in range(3)]


def stacked(axis: int) -> Any:
    """Shapes that are equal but along an axis, of up to three axes, or vectors and numbers."""

    def draw_shapes(draw: Draw) -> list[Shape]:
        (shape,) = of_dims(max(axis + 1, 2))(draw)
        if draw(st.booleans()):
            return same_but(2, vary=False)(draw)
        lead, rest = shape[:axis], shape[axis + 1 :]
        return [(*lead, draw(st.integers(0, 3)), *rest) for _ in range(2)]

    return draw_shapes


def items(draw: Draw) -> tuple[list[Shape], dict[str, Any]]:
    """An array, an index, and a value that broadcasts to what it picks."""
    (shape,) = of_dims(0)(draw)
    index = an_index(draw, [shape])["index"]
    picked = np.empty(shape)[index].shape
    start = draw(st.integers(0, len(picked)))
    value = tuple(1 if draw(st.booleans()) else n for n in picked[start:])
    masks = isinstance(index, np.ndarray) and index.dtype == bool
    if start == 0 and picked and not masks and draw(st.booleans()):
        value = (1, *value)  # which NumPy drops
    return [shape, value], {"index": index}


def masked(draw: Draw) -> tuple[list[Shape], dict[str, Any]]:
    """An array, and a mask along an axis, perhaps a shorter one."""
    (shape,) = of_dims(1)(draw)
    n = len(shape)
    axis = draw(st.none() | st.integers(-n, n - 1))
    size = int(np.prod(shape)) if axis is None else shape[axis]
    mask = draw(st.lists(st.booleans(), max_size=size))
    return [shape], {"condition": np.array(mask, bool), "axis": axis}


def conditions(draw: Draw) -> tuple[list[Shape], dict[str, Any]]:
    """Two choices, and a condition for each, which broadcast."""
    shapes = elementwise(4)(draw)
    return shapes[:2], {"condlist": [draw(hnp.arrays(bool, shape)) for shape in shapes[2:]]}


def numbered(draw: Draw) -> tuple[list[Shape], dict[str, Any]]:
    """Three choices and the numbers of some."""
    shapes = elementwise(4)(draw)
    return shapes[:3], {"x": draw(hnp.arrays(np.intp, shapes[3], elements=st.integers(0, 2)))}


def pieces(draw: Draw) -> tuple[list[Shape], dict[str, Any]]:
    """An array, and two conditions of its shape."""
    (shape,) = of_dims(1)(draw)
    return [shape], {"condlist": [draw(hnp.arrays(bool, shape)) for _ in range(2)]}


def turned(draw: Draw) -> tuple[list[Shape], dict[str, Any]]:
    """Two arrays of vectors of three elements along an axis."""
    left, right = elementwise(2)(draw)
    n = min(len(left), len(right))
    axis = draw(st.integers(-n - 1, -1))
    return [
        (*shape[: len(shape) + axis + 1], 3, *shape[len(shape) + axis + 1 :])
        for shape in (left, right)
    ], {"axis": axis}


def products(draw: Draw) -> tuple[list[Shape], dict[str, Any]]:
    """Two arrays of vectors of one size along an axis."""
    shapes, static = turned(draw)
    n, axis = draw(st.integers(0, 3)), static["axis"]
    cut = [list(shape) for shape in shapes]
    for shape in cut:
        shape[axis] = n
    return [tuple(shape) for shape in cut], static


def inner(draw: Draw) -> list[Shape]:
    """Two shapes with one last axis, or a number."""
    n = draw(st.integers(0, 3))
    side = st.lists(st.integers(0, 3), max_size=2)
    options = [(), (*draw(side), n)], [(), (*draw(side), n)]
    return [draw(st.sampled_from(shapes)) for shapes in options]


def as_many(draw: Draw) -> list[Shape]:
    """Two shapes of as many elements."""
    (shape,) = of_dims(0)(draw)
    return [shape, draw(st.sampled_from([shape, shape[::-1], (int(np.prod(shape)),)]))]
