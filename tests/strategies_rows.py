"""Lookups in tables: every kind of index of rows, in tables so small that all are drawn."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import numpy as np
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from autograd_lite import rows

if TYPE_CHECKING:
    from collections.abc import Iterator

SIZE = 7  # rows of a table

tails = st.sampled_from([(), (1,), (3,), (2, 2)])
dtypes = st.sampled_from(["f4", "f8"])
index_shapes = hnp.array_shapes(min_dims=0, max_dims=2, min_side=0, max_side=5)
index_arrays = hnp.arrays(
    st.sampled_from([np.int64, np.int32, np.int8]), index_shapes, elements=st.integers(-SIZE, 6)
)
indices = st.one_of(st.integers(-SIZE, SIZE - 1), index_arrays)
lookups = st.lists(indices, min_size=1, max_size=4)


@contextmanager
def few() -> Iterator[None]:
    """Any number of rows of any table counts as few."""
    before = rows.LEAST, rows.SHARE
    rows.LEAST = rows.SHARE = 0
    try:
        yield
    finally:
        rows.LEAST, rows.SHARE = before


@contextmanager
def never() -> Iterator[None]:
    """No table is large, so that every gradient is an array."""
    before = rows.LEAST
    rows.LEAST = 1 << 62
    try:
        yield
    finally:
        rows.LEAST = before


def numbers(shape: tuple[int, ...], dtype: Any, seed: int = 0) -> np.ndarray[Any, Any]:
    """Numbers without a pattern."""
    return np.random.default_rng(seed).uniform(-2, 2, shape).astype(dtype)
