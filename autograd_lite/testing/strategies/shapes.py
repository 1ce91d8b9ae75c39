"""Shapes of one operand or several."""

from __future__ import annotations

import functools
import itertools
import re
from typing import Any, TypeAlias

from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from autograd_lite.errors import describe, is_whole

Shape: TypeAlias = tuple[int, ...]


def as_shape(name: str, shape: Any) -> Shape:
    """A shape as a tuple of Python's integers, or an error of the strategy `name`."""
    if not isinstance(shape, (tuple, list)) or not all(is_whole(n, 0) for n in shape):
        message = f"{name}: got {describe(shape)}; expected a shape, a tuple of sizes from 0"
        raise TypeError(message)
    return tuple(int(n) for n in shape)


def shapes(
    num_shapes: int = 1,
    *,
    min_dims: int = 0,
    max_dims: int = 3,
    min_side: int = 0,
    max_side: int = 3,
) -> st.SearchStrategy[list[Shape]]:
    """Lists of shapes that do not depend on one another, 0-d and empty ones among them.

    Args:
        num_shapes: how many shapes.
        min_dims: the least number of axes.
        max_dims: the greatest.
        min_side: the least size of an axis; 1 leaves out empty arrays.
        max_side: the greatest.

    Raises:
        ValueError: when a number of axes or a size cannot be one.

    Example:
        >>> from hypothesis import given
        >>> @given(shapes(2, max_dims=2))
        ... def test(drawn):
        ...     left, right = drawn
        ...     assert len(left) <= 2
        ...     assert len(right) <= 2
        >>> test()
    """
    _check_range("shapes", "dims", min_dims, max_dims)
    _check_range("shapes", "side", min_side, max_side)
    shape = _shape(min_dims, max_dims, min_side, max_side)
    return st.lists(shape, min_size=num_shapes, max_size=num_shapes)


def _check_range(name: str, what: str, least: Any, most: Any) -> None:
    if not (is_whole(least, 0) and is_whole(most, least)):
        message = (
            f"{name}: got min_{what}={describe(least)} and max_{what}={describe(most)}; expected"
            " whole numbers from 0, the second not below the first"
        )
        raise ValueError(message)


# The sizes of a shape come from one number: of several, hypothesis makes many examples by copying
# one over the others, and nearly all that it drew would have one element or none.


@functools.lru_cache
def _shape(min_dims: int, max_dims: int, min_side: int, max_side: int) -> st.SearchStrategy[Shape]:
    """A shape of any number of axes in that range."""
    dims = [n for n in range(min_dims, max_dims + 1) for _ in range(1 + (n > 0))]
    return st.sampled_from(dims).flatmap(lambda n: sizes(n, min_side, max_side))


@functools.lru_cache
def sizes(count: int, least: int, most: int) -> st.SearchStrategy[Shape]:
    """So many sizes: mostly from 2, where elements can be in a wrong order, and some 1 and 0."""
    large = [n for n in range(max(least, 2), most + 1) for _ in range(4)]
    sides = [1] * (least <= 1 <= most) + large + [0] * (least == 0)
    base = len(sides)
    return st.integers(0, base**count - 1).map(
        lambda code: tuple(sides[code // base**i % base] for i in range(count))
    )


def broadcastable(
    num_shapes: int | None = None,
    *,
    signature: str | None = None,
    max_dims: int = 3,
    min_side: int = 0,
    max_side: int = 3,
) -> st.SearchStrategy[list[Shape]]:
    """Lists of shapes that broadcast with one another, 0-d and empty ones among them.

    Args:
        num_shapes: how many shapes, or None with a signature.
        signature: a signature as NumPy's generalised ufuncs have: the shapes end in its core
            dimensions, and only the axes before them broadcast.
        max_dims: the greatest number of axes, without the core dimensions.
        min_side: the least size of an axis; 1 leaves out empty arrays.
        max_side: the greatest.

    Raises:
        TypeError: when there is not exactly one of `num_shapes` and `signature`.
        ValueError: when a number of axes, a size or `num_shapes` cannot be one.

    Example:
        >>> import numpy as np
        >>> from hypothesis import given
        >>> @given(broadcastable(3))
        ... def test(drawn):
        ...     np.broadcast_shapes(*drawn)
        >>> test()
        >>> @given(broadcastable(signature="(m,k),(k,n)->(m,n)"))
        ... def test(drawn):
        ...     x, y = (np.ones(shape) for shape in drawn)
        ...     assert (x @ y).shape[-2:] == (drawn[0][-2], drawn[1][-1])
        >>> test()
    """
    _check_range("broadcastable", "dims", 0, max_dims)
    _check_range("broadcastable", "side", min_side, max_side)
    if signature is None and num_shapes is not None:
        if not is_whole(num_shapes, 1):
            message = f"broadcastable: got num_shapes={describe(num_shapes)}; expected 1 or more"
            raise ValueError(message)
        return _broadcasting(num_shapes, max_dims, min_side, max_side)
    if signature is not None and num_shapes is None:
        hnp.mutually_broadcastable_shapes(signature=signature).validate()
        cores = [re.findall(r"\w+\??", part) for part in re.findall(r"\((.*?)\)", signature)]
        return _with_cores(cores[:-1], max_dims, min_side, max_side)
    message = (
        f"broadcastable: got num_shapes={num_shapes} and signature={signature}; expected "
        "exactly one of the two"
    )
    raise TypeError(message)


@st.composite
def _broadcasting(draw: st.DrawFn, count: int, max_dims: int, least: int, most: int) -> list[Shape]:
    """So many shapes, of which each is the whole, or lacks axes, or has size 1 along some."""
    whole = draw(_shape(0, max_dims, least, most))
    return [whole] if count == 1 else [draw(_narrower(whole, least)) for _ in range(count)]


@functools.lru_cache(maxsize=4096)
def _narrower(whole: Shape, least: int) -> st.SearchStrategy[Shape]:
    """Shapes that broadcast to that: itself half of the time."""
    found = []
    for start in range(len(whole) + 1):
        sides = [{n, 1} if least <= 1 else {n} for n in whole[start:]]
        found += sorted(itertools.product(*sides), reverse=True)
    others = [shape for shape in found if shape != whole]
    return st.sampled_from([whole] * max(len(others), 1) + others)


@st.composite
def _with_cores(
    draw: st.DrawFn, cores: list[list[str]], max_dims: int, least: int, most: int
) -> list[Shape]:
    """Shapes that end in named sizes; those that lack an optional one have no axes before."""
    names = sorted({name.strip("?") for core in cores for name in core})
    optional = sorted({name.strip("?") for core in cores for name in core if "?" in name})
    known = dict(zip(names, draw(sizes(len(names), least, most)), strict=True))
    known |= {name: int(name) for name in names if name.isdigit()}
    missing = {name for name in optional if draw(st.sampled_from([False, False, True]))}
    loops = draw(_broadcasting(len(cores), max_dims, least, most))
    several = []
    for core, loop in zip(cores, loops, strict=True):
        kept = [name.strip("?") for name in core if name.strip("?") not in missing]
        ends = tuple(known[name] for name in kept)
        several.append((*loop, *ends) if len(kept) == len(core) else ends)
    return several
