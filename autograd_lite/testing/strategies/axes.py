"""Axes of an array, and the arguments of reductions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

if TYPE_CHECKING:
    from autograd_lite.testing.strategies.shapes import Shape

Axes: TypeAlias = int | tuple[int, ...] | None


def axis(shape: Shape) -> st.SearchStrategy[int]:
    """One axis, counted from either end."""
    n = len(shape)
    return st.integers(-n, n - 1)


def axes(shape: Shape) -> st.SearchStrategy[Axes]:
    """None, one axis or several, counted from either end."""
    n = len(shape)
    if not n:
        return st.sampled_from([None, ()])
    return st.none() | hnp.valid_tuple_axes(n) | axis(shape)


def reductions(shape: Shape) -> st.SearchStrategy[dict[str, Any]]:
    """`axis` and `keepdims` of a reduction."""
    return st.fixed_dictionaries({"axis": axes(shape), "keepdims": st.booleans()})
