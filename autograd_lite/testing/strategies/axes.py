"""Axes of an array, and the arguments of reductions."""

from __future__ import annotations

from typing import Any, TypeAlias

from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from autograd_lite.testing.strategies.calls import arguments
from autograd_lite.testing.strategies.shapes import Shape, as_shape

Axes: TypeAlias = int | tuple[int, ...] | None


def axis(shape: Shape) -> st.SearchStrategy[int]:
    """One axis of an array, counted from either end.

    Args:
        shape: the shape of the array, with an axis at least.

    Raises:
        ValueError: when the shape has no axis.

    Example:
        >>> from hypothesis import given
        >>> @given(axis((2, 3)))
        ... def test(i):
        ...     assert i in (-2, -1, 0, 1)
        >>> test()
    """
    n = len(as_shape("axis", shape))
    if not n:
        message = "axis: got the shape (), which has no axis; take `axes`, or `shapes(min_dims=1)`"
        raise ValueError(message)
    return st.integers(-n, n - 1)


def axes(shape: Shape) -> st.SearchStrategy[Axes]:
    """What a reduction takes as `axis`: None, one axis or a tuple of several, from either end.

    Args:
        shape: the shape of the array. Of one without axes there are None and the empty tuple.

    Example:
        >>> import numpy as np
        >>> from hypothesis import given
        >>> @given(axes((2, 3)))
        ... def test(axis):
        ...     assert np.ones((2, 3)).sum(axis).size in (1, 2, 3, 6)
        >>> test()
    """
    n = len(as_shape("axes", shape))
    if not n:
        return st.sampled_from([None, ()])
    return st.none() | hnp.valid_tuple_axes(n) | axis(shape)


def reductions(shape: Shape) -> st.SearchStrategy[dict[str, Any]]:
    """The arguments `axis` and `keepdims` of a reduction.

    Args:
        shape: the shape of the array.

    Example:
        >>> import numpy as np
        >>> from hypothesis import given
        >>> @given(reductions((2, 3)))
        ... def test(arguments):
        ...     result = np.ones((2, 3)).sum(**arguments)
        ...     assert result.ndim == 2 or not arguments["keepdims"]
        >>> test()
    """
    return arguments(axis=axes, keepdims=st.booleans())(shape)
