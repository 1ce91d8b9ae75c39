"""Calls of a function: the shapes of its operands, and static arguments that fit them."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, TypeAlias

from hypothesis import strategies as st

from autograd_lite.testing.strategies.shapes import Shape

Call: TypeAlias = tuple[list[Shape], dict[str, Any]]
Static: TypeAlias = Callable[..., st.SearchStrategy[dict[str, Any]]]
Argument: TypeAlias = st.SearchStrategy[Any] | Callable[..., st.SearchStrategy[Any]]


def calls(
    shapes: st.SearchStrategy[list[Shape]], static: Static | None = None, /, **named: Argument
) -> st.SearchStrategy[Call]:
    """Calls of a function: a list of the shapes of its operands, and a dict of static arguments.

    That is what the `inputs` of an `op_case` is: the operands are drawn afterwards, of any dtype,
    layout and value.

    Args:
        shapes: a strategy of lists of shapes, such as `shapes` and `broadcastable`.
        static: a function of the shapes, one parameter each, that gives a strategy of dicts: for
            arguments that depend on one another, such as `reductions`.
        **named: the other static arguments, each a strategy, or a function of the shapes that
            gives one, such as `axis`, `axes` and `indices`.

    Example:
        >>> import numpy as np
        >>> from hypothesis import given
        >>> from hypothesis import strategies as st
        >>> from autograd_lite.testing.strategies import axis, reductions, shapes
        >>> @given(calls(shapes(min_side=2), reductions, ddof=st.sampled_from([0, 1])))
        ... def test(call):
        ...     (shape,), settings = call
        ...     assert sorted(settings) == ["axis", "ddof", "keepdims"]
        ...     assert np.ones(shape).sum(settings["axis"]).size <= np.prod(shape)
        >>> test()
        >>> sorted_rows = calls(shapes(min_dims=1), axis=axis)  # for np.sort
    """
    others = arguments(**named)

    @functools.lru_cache(maxsize=1024)  # to make a strategy anew takes longer than to draw from it
    def settings(*drawn: Shape) -> st.SearchStrategy[dict[str, Any]]:
        if not static:
            return others(*drawn)
        return st.builds(lambda a, b: a | b, static(*drawn), others(*drawn))

    def call(drawn: list[Shape]) -> st.SearchStrategy[Call]:
        return st.tuples(st.just(drawn), settings(*map(tuple, drawn)))

    return shapes.flatmap(call)


def arguments(**named: Argument) -> Static:
    """Static arguments for `calls`, under a name of their own or several times.

    Args:
        **named: as `calls` takes them.

    Returns:
        A function of the shapes that gives a strategy of dicts.

    Example:
        >>> from hypothesis import given
        >>> from hypothesis import strategies as st
        >>> from autograd_lite.testing.strategies import shapes
        >>> sloped = arguments(alpha=st.floats(0, 1))
        >>> @given(calls(shapes(), sloped))
        ... def test(call):
        ...     assert 0 <= call[1]["alpha"] <= 1
        >>> test()
    """

    def static(*shapes: Shape) -> st.SearchStrategy[dict[str, Any]]:
        each = (
            given if isinstance(given, st.SearchStrategy) else given(*shapes)
            for given in named.values()
        )  # in their order, which a call by position goes by
        return st.tuples(*each).map(lambda drawn: dict(zip(named, drawn, strict=True)))

    return static
