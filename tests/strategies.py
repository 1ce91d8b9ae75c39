"""What hypothesis draws for this library's table of ops: shapes, and static arguments."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from hypothesis import strategies as st

from autograd_lite.testing.strategies import axes, axis, shapes

if TYPE_CHECKING:
    from autograd_lite.testing.strategies import Shape

# ---- shapes


@st.composite
def same_but(draw: st.DrawFn, count: int, *, vary: bool) -> list[Shape]:
    """`count` shapes that are equal, or (`vary`) equal but for the size of the last axis."""
    (shape,) = draw(shapes(min_dims=1))
    if not vary:
        return [shape] * count
    return [(*shape[:-1], draw(st.integers(0, 3))) for _ in range(count)]


# ---- static arguments


@st.composite
def new_axis(draw: st.DrawFn, shape: Shape) -> dict[str, Any]:
    """The position of an axis that the result has and the operands lack."""
    n = len(shape) + 1
    return {"axis": draw(st.integers(-n, n - 1))}


@st.composite
def two_axes(draw: st.DrawFn, shape: Shape) -> dict[str, Any]:
    """Two different axes and an offset, for a diagonal."""
    n = len(shape)
    first, second = draw(st.permutations(range(n)))[:2]
    return {"offset": draw(st.integers(-2, 2)), "axis1": first - n, "axis2": second}


@st.composite
def a_new_shape(draw: st.DrawFn, shape: Shape) -> dict[str, Any]:
    """A shape of the same number of elements, in which one size may be -1."""
    size = int(np.prod(shape))
    if size == 0:
        return {"shape": draw(st.sampled_from([(0,), (0, 2), (3, 0, 1)]))}
    columns = draw(st.sampled_from([i for i in range(1, size + 1) if size % i == 0]))
    options = [(size,), (size // columns, columns), (-1, columns), -1, (1, size, 1)]
    return {"shape": draw(st.sampled_from(options))}


@st.composite
def a_permutation(draw: st.DrawFn, shape: Shape) -> dict[str, Any]:
    """An order of the axes, or None."""
    n = len(shape)
    orders = st.permutations(range(n)).map(lambda p: tuple(i - n if i % 2 else i for i in p))
    return {"axes": draw(st.none() | orders)}


@st.composite
def any_two_axes(draw: st.DrawFn, shape: Shape) -> dict[str, Any]:
    """Two axes, which may be the same."""
    return {"axis1": draw(axis(shape)), "axis2": draw(axis(shape))}


@st.composite
def axes_of_one(draw: st.DrawFn, shape: Shape) -> dict[str, Any]:
    """None, or some of the axes of size 1."""
    ones = [i for i, n in enumerate(shape) if n == 1]
    some = st.lists(st.sampled_from(ones), unique=True).map(tuple) if ones else st.just(())
    return {"axis": draw(st.none() | some)}


@st.composite
def a_wider_shape(draw: st.DrawFn, shape: Shape) -> dict[str, Any]:
    """A shape that the operand broadcasts to."""
    (new,) = draw(shapes(max_dims=2))
    grown = tuple(draw(st.integers(0, 3)) if n == 1 else n for n in shape)
    return {"shape": (*new, *grown)}


@st.composite
def a_narrower_shape(draw: st.DrawFn, shape: Shape) -> dict[str, Any]:
    """A shape that broadcasts to the operand's."""
    start = draw(st.integers(0, len(shape)))
    return {"shape": tuple(1 if draw(st.booleans()) else n for n in shape[start:])}


@st.composite
def pad_widths(draw: st.DrawFn, shape: Shape) -> dict[str, Any]:
    """One width, one pair, or a pair for each axis."""
    width = st.integers(0, 2)
    pair = st.tuples(width, width)
    each = st.tuples(*[pair] * len(shape)) if shape else pair
    return {"pad_width": draw(width | pair | each), "constant_values": draw(st.floats(-1, 1))}


@st.composite
def a_shift(draw: st.DrawFn, shape: Shape) -> dict[str, Any]:
    """A shift of the flat array, along an axis, or along several."""
    shift = st.integers(-4, 4)
    along = draw(axes(shape))
    along = None if along == () else along  # NumPy's roll knows no empty tuple
    places = tuple(draw(shift) for _ in along) if isinstance(along, tuple) else draw(shift)
    return {"shift": places, "axis": along}


@st.composite
def cuts(draw: st.DrawFn, shape: Shape) -> dict[str, Any]:
    """A number of equal parts, or the positions to cut before, along an axis."""
    along = draw(axis(shape))
    size = shape[along]
    positions = st.lists(st.integers(0, size), max_size=3).map(sorted)
    parts = st.sampled_from([i for i in range(1, max(size, 1) + 1) if size % i == 0])
    return {"indices_or_sections": draw(positions | parts), "axis": along}


@st.composite
def a_norm(draw: st.DrawFn, shape: Shape) -> dict[str, Any]:
    """An order with the axes that it goes with."""
    n = len(shape)
    keepdims = draw(st.booleans())
    if draw(st.booleans()):
        two = st.tuples(st.just(0), st.just(n - 1)) if n > 1 else st.nothing()
        return {"axis": draw(st.none() | st.integers(-n, n - 1) | two), "keepdims": keepdims}
    order = draw(st.sampled_from([1, 2, 3, 2.5, np.inf, -np.inf]))
    return {"ord": order, "axis": draw(st.integers(-n, n - 1)), "keepdims": keepdims}


# ---- products


@st.composite
def contracted(draw: st.DrawFn) -> list[Shape]:
    """Two shapes that share their last and first axis, or two."""
    common, left, right = draw(shapes(3, max_dims=2))
    return [(*left, *common), (*common, *right)]


@st.composite
def contracted_axes(draw: st.DrawFn, left: Shape, right: Shape) -> dict[str, Any]:
    """How many axes two shapes share there, as a number or as two lists."""
    most = min(len(left), len(right))
    fitting = [n for n in range(most + 1) if left[len(left) - n :] == right[:n]]
    n = draw(st.sampled_from(fitting))
    lists = (list(range(-n, 0)), list(range(n)))
    return {"axes": draw(st.sampled_from([n, lists]))}


@st.composite
def dotted(draw: st.DrawFn) -> list[Shape]:
    """Two shapes that `dot` takes: numbers, vectors, matrices and stacks."""
    k = draw(st.integers(0, 3))
    side = st.integers(0, 2)
    left = [(), (k,), (draw(side), k), (2, draw(side), k)]
    right = [(), (k,), (k, draw(side)), (2, k, draw(side))]
    return [draw(st.sampled_from(left)), draw(st.sampled_from(right))]
