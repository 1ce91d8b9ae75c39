"""What may stand in brackets."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

if TYPE_CHECKING:
    from autograd_lite.testing.strategies.shapes import Shape


def indices(shape: Shape) -> st.SearchStrategy[Any]:
    """What may stand in brackets: slices and numbers, integer arrays, a mask, and mixtures."""
    basic = hnp.basic_indices(shape, max_dims=4, allow_newaxis=True, allow_ellipsis=True)
    mask = st.integers(0, len(shape)).flatmap(lambda n: hnp.arrays(bool, shape[:n]))
    choices: list[st.SearchStrategy[Any]] = [basic, mask]
    if shape and all(shape):
        result = hnp.array_shapes(min_dims=0, max_dims=2, min_side=0, max_side=3)
        choices.append(hnp.integer_array_indices(shape, result_shape=result))
        first = hnp.arrays(np.intp, 3, elements=st.integers(-shape[0], shape[0] - 1))
        choices.append(st.tuples(first, *(st.slices(n) for n in shape[1:])))
        choices.append(st.tuples(first.map(list), st.just(Ellipsis)))
    return st.one_of(choices)
