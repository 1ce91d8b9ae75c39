"""What hypothesis draws for an op: shapes, memory layouts, dtypes, values, and static arguments."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

Draw: TypeAlias = "Callable[[st.SearchStrategy[Any]], Any]"
Shape: TypeAlias = tuple[int, ...]
Shapes: TypeAlias = "Callable[[Draw], list[Shape]]"
Static: TypeAlias = "Callable[[Draw, list[Shape]], dict[str, Any]]"
Inputs: TypeAlias = "Callable[[Draw], tuple[list[Shape], dict[str, Any]]]"


@dataclass(frozen=True)
class Domain:
    """The values that an operand takes: floats in [low, high], or distinct points of a grid in it.

    A grid keeps values apart, and with an offset of its own also from those of another operand: so
    no finite difference steps over a kink.
    """

    low: float = -3.0
    high: float = 3.0
    grid: float | None = None  # the distance of the points
    offset: float = 0.0
    boolean: bool = False

    def elements(self, dtype: np.dtype[Any]) -> st.SearchStrategy[Any]:
        """A strategy for one value."""
        if self.boolean:
            return st.booleans()
        if self.grid is None:
            width = 32 if dtype == np.float32 else 64
            low, high = (float(np.float32(v)) for v in (self.low, self.high))
            return st.floats(low, high, width=width, allow_subnormal=False)  # type: ignore[arg-type]
        step, offset, low = self.grid, self.offset, self.low
        count = int((self.high - self.low) / self.grid)
        return st.integers(0, count - 1).map(lambda i: low + offset + step * i)


# ---- shapes


def shaped(shapes: Shapes, static: Static | None = None) -> Inputs:
    """Shapes, and static arguments that fit them."""

    def draw_inputs(draw: Draw) -> tuple[list[Shape], dict[str, Any]]:
        drawn = shapes(draw)
        return drawn, static(draw, drawn) if static else {}

    return draw_inputs


def elementwise(count: int, *, min_side: int = 0) -> Shapes:
    """`count` shapes that broadcast, 0-d and empty ones among them."""

    def draw_shapes(draw: Draw) -> list[Shape]:
        strategy = hnp.mutually_broadcastable_shapes(
            num_shapes=count, max_dims=3, max_side=3, min_side=min_side
        )
        return list(draw(strategy).input_shapes)

    return draw_shapes


def of_dims(low: int, high: int = 3, *, min_side: int = 0, max_side: int = 3) -> Shapes:
    """One shape of `low` to `high` axes."""
    strategy = hnp.array_shapes(min_dims=low, max_dims=high, min_side=min_side, max_side=max_side)
    return lambda draw: [draw(strategy)]


def by_signature(signature: str) -> Shapes:
    """Shapes that fit a generalised ufunc's signature, with further axes that broadcast."""
    strategy = hnp.mutually_broadcastable_shapes(
        signature=signature, max_dims=2, max_side=3, min_side=0
    )
    return lambda draw: list(draw(strategy).input_shapes)


def same_but(count: int, *, vary: bool) -> Shapes:
    """`count` shapes that are equal, or (`vary`) equal but for the size of the last axis."""

    def draw_shapes(draw: Draw) -> list[Shape]:
        shape = draw(hnp.array_shapes(min_dims=1, max_dims=3, min_side=0, max_side=3))
        if not vary:
            return [shape] * count
        return [(*shape[:-1], draw(st.integers(0, 3))) for _ in range(count)]

    return draw_shapes


# ---- arrays


def array(draw: Draw, shape: Shape, dtype: np.dtype[Any], domain: Domain) -> NDArray[Any]:
    """An array of `shape`: contiguous, transposed, reversed or with gaps."""
    kind = np.dtype(bool) if domain.boolean else dtype
    elements = domain.elements(dtype)
    flat = draw(
        hnp.arrays(kind, int(np.prod(shape)), elements=elements, unique=domain.grid is not None)
    )
    values: NDArray[Any] = flat.reshape(shape)
    match draw(st.sampled_from(["plain", "transposed", "reversed", "gaps"])):
        case "transposed":
            values = np.array(values.T, order="C").T
        case "reversed":
            values = np.array(np.flip(values), order="C")[(slice(None, None, -1),) * values.ndim]
        case "gaps" if values.ndim:
            wide = np.full((*shape[:-1], 2 * shape[-1]), 77, kind)
            wide[..., ::2] = values
            values = wide[..., ::2]
    return values


# ---- static arguments


def given(**strategies: st.SearchStrategy[Any]) -> Static:
    """Static arguments that do not depend on the shapes."""
    return lambda draw, _: {name: draw(strategy) for name, strategy in strategies.items()}


def an_axis(draw: Draw, shapes: list[Shape]) -> dict[str, Any]:
    """One axis, counted from either end."""
    n = len(shapes[0])
    return {"axis": draw(st.integers(-n, n - 1))}


def new_axis(draw: Draw, shapes: list[Shape]) -> dict[str, Any]:
    """The position of an axis that the result has and the operands lack."""
    n = len(shapes[0]) + 1
    return {"axis": draw(st.integers(-n, n - 1))}


def some_axes(draw: Draw, shapes: list[Shape]) -> dict[str, Any]:
    """None, one axis or several, counted from either end."""
    n = len(shapes[0])
    axes = hnp.valid_tuple_axes(n) if n else st.just(())
    return {"axis": draw(st.none() | axes | (st.integers(-n, n - 1) if n else st.none()))}


def reduction(draw: Draw, shapes: list[Shape]) -> dict[str, Any]:
    """`axis` and `keepdims` of a reduction."""
    return {**some_axes(draw, shapes), "keepdims": draw(st.booleans())}


def two_axes(draw: Draw, shapes: list[Shape]) -> dict[str, Any]:
    """Two different axes and an offset, for a diagonal."""
    n = len(shapes[0])
    first, second = draw(st.permutations(range(n)))[:2]
    return {"offset": draw(st.integers(-2, 2)), "axis1": first - n, "axis2": second}


def an_index(draw: Draw, shapes: list[Shape]) -> dict[str, Any]:
    """What may stand in brackets: slices and numbers, integer arrays, a mask, and mixtures."""
    shape = shapes[0]
    full = bool(shape) and all(shape)
    basic = hnp.basic_indices(shape, max_dims=4, allow_newaxis=True, allow_ellipsis=True)
    mask = hnp.arrays(bool, shape[: draw(st.integers(0, len(shape)))])
    choices: list[st.SearchStrategy[Any]] = [basic, mask]
    if full:
        result = hnp.array_shapes(min_dims=0, max_dims=2, min_side=0, max_side=3)
        choices.append(hnp.integer_array_indices(shape, result_shape=result))
        first = hnp.arrays(np.intp, 3, elements=st.integers(-shape[0], shape[0] - 1))
        choices.append(st.tuples(first, *(st.slices(n) for n in shape[1:])))
        choices.append(st.tuples(first.map(list), st.just(Ellipsis)))
    return {"index": draw(st.one_of(choices))}


def a_new_shape(draw: Draw, shapes: list[Shape]) -> dict[str, Any]:
    """A shape of the same number of elements, in which one size may be -1."""
    size = int(np.prod(shapes[0]))
    if size == 0:
        return {"shape": draw(st.sampled_from([(0,), (0, 2), (3, 0, 1)]))}
    columns = draw(st.sampled_from([i for i in range(1, size + 1) if size % i == 0]))
    options = [(size,), (size // columns, columns), (-1, columns), -1, (1, size, 1)]
    return {"shape": draw(st.sampled_from(options))}


def a_permutation(draw: Draw, shapes: list[Shape]) -> dict[str, Any]:
    """An order of the axes, or None."""
    n = len(shapes[0])
    orders = st.permutations(range(n)).map(lambda p: tuple(i - n if i % 2 else i for i in p))
    return {"axes": draw(st.none() | orders)}


def any_two_axes(draw: Draw, shapes: list[Shape]) -> dict[str, Any]:
    """Two axes, which may be the same."""
    n = len(shapes[0])
    axis = st.integers(-n, n - 1)
    return {"axis1": draw(axis), "axis2": draw(axis)}


def axes_of_one(draw: Draw, shapes: list[Shape]) -> dict[str, Any]:
    """None, or some of the axes of size 1."""
    ones = [i for i, n in enumerate(shapes[0]) if n == 1]
    some = st.lists(st.sampled_from(ones), unique=True).map(tuple) if ones else st.just(())
    return {"axis": draw(st.none() | some)}


def a_wider_shape(draw: Draw, shapes: list[Shape]) -> dict[str, Any]:
    """A shape that the operand broadcasts to."""
    new = draw(hnp.array_shapes(min_dims=0, max_dims=2, min_side=0, max_side=3))
    grown = tuple(draw(st.integers(0, 3)) if n == 1 else n for n in shapes[0])
    return {"shape": (*new, *grown)}


def a_narrower_shape(draw: Draw, shapes: list[Shape]) -> dict[str, Any]:
    """A shape that broadcasts to the operand's."""
    start = draw(st.integers(0, len(shapes[0])))
    return {"shape": tuple(1 if draw(st.booleans()) else n for n in shapes[0][start:])}


def pad_widths(draw: Draw, shapes: list[Shape]) -> dict[str, Any]:
    """One width, one pair, or a pair for each axis."""
    width = st.integers(0, 2)
    pair = st.tuples(width, width)
    each = st.tuples(*[pair] * len(shapes[0])) if shapes[0] else pair
    return {"pad_width": draw(width | pair | each), "constant_values": draw(st.floats(-1, 1))}


def a_shift(draw: Draw, shapes: list[Shape]) -> dict[str, Any]:
    """A shift of the flat array, along an axis, or along several."""
    shift = st.integers(-4, 4)
    axis = some_axes(draw, shapes)["axis"]
    axis = None if axis == () else axis  # NumPy's roll knows no empty tuple
    places = tuple(draw(shift) for _ in axis) if isinstance(axis, tuple) else draw(shift)
    return {"shift": places, "axis": axis}


def cuts(draw: Draw, shapes: list[Shape]) -> dict[str, Any]:
    """A number of equal parts, or the positions to cut before, along an axis."""
    axis = an_axis(draw, shapes)["axis"]
    size = shapes[0][axis]
    positions = st.lists(st.integers(0, size), max_size=3).map(sorted)
    parts = st.sampled_from([i for i in range(1, max(size, 1) + 1) if size % i == 0])
    return {"indices_or_sections": draw(positions | parts), "axis": axis}


def a_norm(draw: Draw, shapes: list[Shape]) -> dict[str, Any]:
    """An order with the axes that it goes with."""
    n = len(shapes[0])
    keepdims = draw(st.booleans())
    if draw(st.booleans()):
        two = st.tuples(st.just(0), st.just(n - 1)) if n > 1 else st.nothing()
        return {"axis": draw(st.none() | st.integers(-n, n - 1) | two), "keepdims": keepdims}
    order = draw(st.sampled_from([1, 2, 3, 2.5, np.inf, -np.inf]))
    return {"ord": order, "axis": draw(st.integers(-n, n - 1)), "keepdims": keepdims}


# ---- products


def contracted(draw: Draw) -> list[Shape]:
    """Two shapes that share their last and first axis, or two."""
    common = draw(hnp.array_shapes(min_dims=0, max_dims=2, min_side=0, max_side=3))
    left = draw(hnp.array_shapes(min_dims=0, max_dims=2, min_side=0, max_side=3))
    right = draw(hnp.array_shapes(min_dims=0, max_dims=2, min_side=0, max_side=3))
    return [(*left, *common), (*common, *right)]


def contracted_axes(draw: Draw, shapes: list[Shape]) -> dict[str, Any]:
    """How many axes two shapes share there, as a number or as two lists."""
    left, right = shapes
    most = min(len(left), len(right))
    fitting = [n for n in range(most + 1) if left[len(left) - n :] == right[:n]]
    n = draw(st.sampled_from(fitting))
    lists = (list(range(-n, 0)), list(range(n)))
    return {"axes": draw(st.sampled_from([n, lists]))}


def dotted(draw: Draw) -> list[Shape]:
    """Two shapes that `dot` takes: numbers, vectors, matrices and stacks."""
    k = draw(st.integers(0, 3))
    side = st.integers(0, 2)
    left = [(), (k,), (draw(side), k), (2, draw(side), k)]
    right = [(), (k,), (k, draw(side)), (2, k, draw(side))]
    return [draw(st.sampled_from(left)), draw(st.sampled_from(right))]


SUBSCRIPTS = [
    "ij,jk->ik", "ij,jk", "ba", "ij->ji", "ij->j", "ij->", "ii->i", "ii", "iij->ji", "i,j->ij",
    "i,i->", "i,i,i->i", "ij,ij->", "ij,kl->ik", "ij,kl->", "ij,jk,kl->il", "bij,bjk->bik",
    "iij,j->i", "...ij,...jk->...ik", "...i->...", "i...,i->...", "...,...", "i->i", "ij,i,j->",
]  # fmt: skip


def einsum_terms(draw: Draw) -> tuple[list[Shape], dict[str, Any]]:
    """Subscripts, and shapes that fit them; where an index is shared, a size may be 1."""
    subscripts = draw(st.sampled_from(SUBSCRIPTS))
    sizes = {letter: draw(st.integers(0, 3)) for letter in "abijkl"}
    extra = draw(hnp.array_shapes(min_dims=0, max_dims=2, min_side=1, max_side=3))
    shapes: list[Shape] = []
    for term in subscripts.split("->")[0].split(","):
        letters, dots, rest = term.partition("...")
        ellipsis = extra[draw(st.integers(0, len(extra))) :] if dots else ()
        shape = [*(sizes[i] for i in letters), *ellipsis, *(sizes[i] for i in rest)]
        repeated = len(set(letters + rest)) < len(letters + rest)
        if shape and not repeated and draw(st.booleans()):
            shape[draw(st.integers(0, len(shape) - 1))] = 1
        shapes.append(tuple(shape))
    return shapes, {"subscripts": subscripts}
