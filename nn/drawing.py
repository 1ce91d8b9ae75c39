"""What initialisers draw with."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from autograd_lite.creation import get_generator
from autograd_lite.errors import describe

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from autograd_lite.creation import Generator


def source_of(generator: Generator | None) -> Generator:
    """What draws: the library's own generator for None."""
    if generator is None:
        return get_generator()
    if not isinstance(generator, (np.random.Generator, np.random.RandomState)):
        message = (
            f"generator: got {describe(generator)}; expected one of NumPy's:"
            " np.random.default_rng(0), np.random.RandomState(0), or None for the library's own"
        )
        raise TypeError(message)
    return generator


def inputs(shape: Sequence[int], fan_in: int | None) -> int:
    """The number of inputs to a unit: the first size, for weights are (in, out)."""
    return shape[0] if fan_in is None else fan_in


def randn(shape: Sequence[int], std: float, generator: Generator | None) -> NDArray[np.float64]:
    """Normal numbers, drawn in float64 in the order of `np.random.randn`."""
    drawn = source_of(generator).standard_normal(tuple(shape))
    return np.asarray(drawn, np.float64) * std
