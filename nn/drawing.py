"""What initialisers draw with."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from autograd_lite.creation import source_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from autograd_lite.creation import Generator


EXPECTS = "a shape of sizes from 0, at least 1 input to a unit, and finite numbers"


def inputs(shape: Sequence[int], fan_in: int | None) -> int:
    """The number of inputs to a unit: the first size, for weights are (in, out)."""
    return shape[0] if fan_in is None else fan_in


def randn(shape: Sequence[int], std: float, generator: Generator | None) -> NDArray[np.float64]:
    """Normal numbers, drawn in float64 in the order of `np.random.randn`."""
    scale = float(std)  # before anything is drawn, for it may be none
    drawn = source_of("generator", generator).standard_normal(tuple(shape))
    return np.asarray(drawn, np.float64) * scale


def uniformly(
    shape: Sequence[int], bound: float, generator: Generator | None
) -> NDArray[np.float64]:
    """Numbers between -bound and bound, drawn in float64."""
    limit = float(bound)
    drawn = source_of("generator", generator).uniform(-limit, limit, tuple(shape))
    return np.asarray(drawn, np.float64)
