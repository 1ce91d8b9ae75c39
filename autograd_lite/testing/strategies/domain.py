"""The values that an operand takes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from hypothesis import strategies as st

if TYPE_CHECKING:
    from numpy.typing import DTypeLike


@dataclass(frozen=True)
class Domain:
    """The values that an operand takes: floats in [low, high], or points of a grid in it.

    A grid keeps values apart, and with an offset of its own also from those of another operand: so
    no finite difference steps over a kink.
    """

    low: float = -3.0
    high: float = 3.0
    grid: float | None = None  # the distance of the points
    offset: float = 0.0
    boolean: bool = False

    def elements(self, dtype: DTypeLike = "float64") -> st.SearchStrategy[Any]:
        """A strategy for one value."""
        if self.boolean:
            return st.booleans()
        if self.grid is None:
            width = 32 if np.dtype(dtype) == np.float32 else 64
            low, high = (float(np.float32(v)) for v in (self.low, self.high))
            return st.floats(low, high, width=width, allow_subnormal=False)  # type: ignore[arg-type]
        step, offset, low = self.grid, self.offset, self.low
        count = int((self.high - self.low) / self.grid)
        return st.integers(0, count - 1).map(lambda i: low + offset + step * i)


REAL = Domain()
