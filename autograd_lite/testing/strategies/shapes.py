"""Shapes of one operand or several."""

from __future__ import annotations

from typing import Any, TypeAlias

from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

Shape: TypeAlias = tuple[int, ...]


def shapes(
    num_shapes: int = 1,
    *,
    min_dims: int = 0,
    max_dims: int = 3,
    min_side: int = 0,
    max_side: int = 3,
) -> st.SearchStrategy[list[Shape]]:
    """Lists of shapes that are independent of one another, 0-d and empty ones among them."""
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
    """Lists of shapes that broadcast, 0-d and empty ones among them."""
    wanted: dict[str, Any] = (
        {"num_shapes": num_shapes} if signature is None else {"signature": signature}
    )
    strategy = hnp.mutually_broadcastable_shapes(
        **wanted, max_dims=max_dims, min_side=min_side, max_side=max_side
    )
    return strategy.map(lambda drawn: list(drawn.input_shapes))
