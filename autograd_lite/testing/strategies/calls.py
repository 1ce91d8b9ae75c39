"""Calls of a function: the shapes of its operands, and static arguments that fit them."""

from __future__ import annotations

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
    """Calls: the shapes of the operands, and static arguments that fit them."""

    def call(drawn: list[Shape]) -> st.SearchStrategy[Call]:
        given = static(*drawn) if static else st.just({})
        both = st.builds(lambda a, b: a | b, given, arguments(**named)(*drawn))
        return st.tuples(st.just(drawn), both)

    return shapes.flatmap(call)


def arguments(**named: Argument) -> Static:
    """Static arguments by name, each a strategy, or a function of the shapes that gives one."""

    def static(*shapes: Shape) -> st.SearchStrategy[dict[str, Any]]:
        return st.fixed_dictionaries(
            {
                name: given if isinstance(given, st.SearchStrategy) else given(*shapes)
                for name, given in named.items()
            }
        )

    return static
