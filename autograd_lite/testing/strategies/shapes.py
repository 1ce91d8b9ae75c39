"""Shapes of one operand or several."""

from __future__ import annotations

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

    Example:
        >>> from hypothesis import given
        >>> @given(shapes(2, max_dims=2))
        ... def test(drawn):
        ...     left, right = drawn
        ...     assert len(left) <= 2
        ...     assert len(right) <= 2
        >>> test()
    """
    shape = hnp.array_shapes(
        min_dims=min_dims, max_dims=max_dims, min_side=min_side, max_side=max_side
    )
    return st.lists(shape, min_size=num_shapes, max_size=num_shapes)


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
    if (num_shapes is None) == (signature is None):
        message = (
            f"broadcastable: got num_shapes={num_shapes} and signature={signature}; expected "
            "exactly one of the two"
        )
        raise TypeError(message)
    given: Any = {"num_shapes": num_shapes} if signature is None else {"signature": signature}
    strategy = hnp.mutually_broadcastable_shapes(
        **given, max_dims=max_dims, min_side=min_side, max_side=max_side
    )
    return strategy.map(lambda drawn: list(drawn.input_shapes))
