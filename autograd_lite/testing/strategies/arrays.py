"""Arrays and tensors of any layout in memory."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from autograd_lite.testing.strategies.domain import REAL, Domain

if TYPE_CHECKING:
    from numpy.typing import DTypeLike, NDArray

    from autograd_lite.testing.strategies.shapes import Shape

LAYOUTS = ("contiguous", "transposed", "reversed", "gaps")


def arrays(
    shape: Shape, dtype: DTypeLike = "float64", domain: Domain = REAL
) -> st.SearchStrategy[NDArray[Any]]:
    """Arrays of a shape: contiguous, transposed, reversed or with gaps."""
    kind = np.dtype(bool if domain.boolean else dtype)
    elements = domain.elements(dtype)
    values = hnp.arrays(kind, shape, elements=elements, unique=domain.grid is not None)
    return st.builds(_laid_out, values, st.sampled_from(LAYOUTS))


def _laid_out(values: NDArray[Any], layout: str) -> NDArray[Any]:
    match layout:
        case "transposed":
            return np.array(values.T, order="C").T
        case "reversed":
            return np.array(np.flip(values), order="C")[(slice(None, None, -1),) * values.ndim]
        case "gaps" if values.ndim:
            wide = np.full((*values.shape[:-1], 2 * values.shape[-1]), 77, values.dtype)
            wide[..., ::2] = values
            return wide[..., ::2]
    return values
