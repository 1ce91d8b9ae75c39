"""The values that an operand takes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from hypothesis import strategies as st

if TYPE_CHECKING:
    from numpy.typing import DTypeLike, NDArray

_WIDTHS = {2: 16, 4: 32}  # bits that hypothesis draws a float of, by the bytes of its dtype


@dataclass(frozen=True)
class Domain:
    """The values that an operand takes: floats in [low, high], or the points of a grid in it.

    A function with a kink is checked on two domains. On a grid the values of an array are distinct
    and `grid` apart; with an `offset` of its own it also keeps off the points of another operand's
    grid, and off a kink. So no difference quotient steps over one:

        Domain(-3, 3, grid=0.05, offset=0.02)  # -2.98, -2.93, ..., 2.97

    And exactly on its kinks, where a gradient may be any of the values between the one-sided ones:

        Domain(-3, 3, kinks=(0.0,))  # half of the values are 0: for relu and abs
        Domain(-1, 1, grid=0.5, ties=True)  # few points, drawn again and again: for max and sort

    Attributes:
        low: the least value.
        high: the greatest value, which a grid stays below.
        grid: the distance of the points of a grid; None for any floats.
        offset: how far from `low` the first point of the grid is.
        boolean: whether the values are True and False, whatever else is said.
        kinks: values that are drawn half of the time.
        ties: whether a grid's point may be the value of several elements.

    Raises:
        ValueError: when there is no such value: `low` above `high`, or a grid without a point.

    Example:
        >>> from hypothesis import given
        >>> from autograd_lite.testing.strategies import Domain, arrays
        >>> @given(arrays((2, 3), domain=Domain(-3, 3, grid=0.05, offset=0.02)))
        ... def test(x):
        ...     assert len(set(x.ravel())) == 6
        ...     assert abs(x).min() > 0.019
        >>> test()
    """

    low: float = -3.0
    high: float = 3.0
    grid: float | None = None
    offset: float = 0.0
    boolean: bool = False
    kinks: tuple[float, ...] = ()
    ties: bool = False

    def __post_init__(self) -> None:
        if not -np.inf < self.low <= self.high < np.inf:
            message = (
                f"Domain: got low={self.low}, high={self.high}; expected finite numbers of which "
                "the first is not above the second"
            )
            raise ValueError(message)
        if self.grid is not None and (self.grid <= 0 or self._count() < 1):
            message = (
                f"Domain: got grid={self.grid} from {self.low} to {self.high}; expected a positive "
                "distance that is no longer than the interval"
            )
            raise ValueError(message)

    def _count(self) -> int:
        """How many points the grid has."""
        return int((self.high - self.low) / (self.grid or 1))

    @property
    def points(self) -> int | None:
        """How many different values an array may be made of; None where they may repeat."""
        if self.grid is None or self.ties or self.kinks or self.boolean:
            return None
        return self._count()

    def elements(self, dtype: DTypeLike = "float64") -> st.SearchStrategy[Any]:
        """A strategy of single values.

        Args:
            dtype: the dtype that they are to have, which can hold each float that is drawn.

        Example:
            >>> from hypothesis import given
            >>> @given(Domain(0.1, 0.3).elements("float32"))
            ... def test(x):
            ...     assert 0.1 <= x <= 0.3
            >>> test()
        """
        if self.boolean:
            return st.booleans()
        values = self._floats(np.dtype(dtype)) if self.grid is None else self._grid(self.grid)
        return st.sampled_from(self.kinks) | values if self.kinks else values

    def sample(
        self, generator: np.random.Generator, shape: tuple[int, ...], dtype: DTypeLike = "float64"
    ) -> NDArray[Any]:
        """An array of such values, evenly spread; half of them are kinks if there are any.

        Args:
            generator: where they come from.
            shape: of the array.
            dtype: of the array; bool if the domain is boolean.

        Example:
            >>> x = Domain(-3, 3, kinks=(0.0,)).sample(np.random.default_rng(0), (1000,))
            >>> bool(400 < (x == 0).sum() < 600)
            True
        """
        if self.boolean:
            return np.asarray(generator.random(shape) < 0.5)
        if self.grid is None:
            low, high = _within(self.low, self.high, np.dtype(dtype))
            values = generator.uniform(low, high, shape).clip(low, high)
        else:
            size = int(np.prod(shape))
            places = generator.choice(self._count(), size, replace=self.points is None)
            values = (self.low + self.offset + self.grid * places).reshape(shape)
        if self.kinks:
            at = generator.random(shape) < 0.5
            values = np.where(at, generator.choice(np.array(self.kinks), shape), values)
        return np.asarray(values, dtype)

    def _grid(self, step: float) -> st.SearchStrategy[float]:
        start = self.low + self.offset
        return st.integers(0, self._count() - 1).map(lambda i: start + step * i)

    def _floats(self, dtype: np.dtype[Any]) -> st.SearchStrategy[float]:
        width: Any = _WIDTHS.get(dtype.itemsize, 64)
        low, high = _within(self.low, self.high, np.dtype(f"f{width // 8}"))
        return st.floats(low, high, width=width, allow_subnormal=False)


def _within(low: float, high: float, dtype: np.dtype[Any]) -> tuple[float, float]:
    """The bounds, moved inwards to floats of a dtype."""
    first, last = dtype.type(low), dtype.type(high)
    if float(first) < low:
        first = np.nextafter(first, dtype.type(np.inf))
    if float(last) > high:
        last = np.nextafter(last, dtype.type(-np.inf))
    return float(first), float(last)


REAL = Domain()
