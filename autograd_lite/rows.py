"""Gradients of a few rows of a large table, as these rows: what passes between op and optimizer."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Part = tuple[NDArray[Any], NDArray[Any]]

# A table of fewer elements is done with, zeros included, before its rows are sorted; and where more
# than a 64th of its rows is used, who needs the array after all waits for the sort: docs/design.md.
LEAST, SHARE = 262_144, 64


def are_few(count: int, whole: tuple[int, ...]) -> bool:
    """Whether `count` rows of a table are so few that they are better kept than the table.

    Example:
        >>> are_few(100, (1_000_000, 64)), are_few(100, (1000, 64))
        (True, False)
    """
    return math.prod(whole) >= LEAST and count * SHARE <= whole[0]


class Rows:
    """Zeros of a shape with rows added: the gradient of a table, some rows of which were used.

    It is no array: its `shape` is None, which no gradient's is, so the engine looks twice at it.
    Added to an array it gives an array, and `numpy.asarray` makes it one.

    Args:
        parts: pairs of sorted numbers of rows, each once, and these rows: the sum of them all.
        whole: the shape of the table.

    Example:
        >>> Rows([(np.array([1]), np.ones((1, 2))), (np.array([0, 1]), np.ones((2, 2)))], (3, 2))
        Rows([0, 1] of (3, 2), float64)
    """

    __slots__ = ("_parts", "whole")

    shape: ClassVar[None] = None

    def __init__(self, parts: list[Part], whole: tuple[int, ...]) -> None:
        self._parts, self.whole = parts, whole

    @property
    def numbers(self) -> NDArray[Any]:
        """The numbers of the rows: sorted, and each once."""
        return self.joined()._parts[0][0]

    @property
    def values(self) -> NDArray[Any]:
        """The rows, by these numbers."""
        return self.joined()._parts[0][1]

    @property
    def dtype(self) -> np.dtype[Any]:
        """The dtype of the rows."""
        return self._parts[0][1].dtype

    @property
    def nbytes(self) -> int:
        """The bytes of the rows."""
        return sum(values.nbytes for _, values in self._parts)

    def joined(self) -> Rows:
        """These rows, all parts of which become one, added in the order of arrays."""
        if len(self._parts) > 1:
            numbers = np.unique(np.concatenate([part[0] for part in self._parts]))
            total = np.zeros((len(numbers), *self.whole[1:]), self.dtype)
            for some, values in self._parts:
                total[np.searchsorted(numbers, some)] += values
            self._parts = [(numbers, total)]
        return self

    def __add__(self, other: Any) -> Any:
        """The sum: rows while they are few enough to take less memory than the table, else that."""
        if isinstance(other, np.ndarray):
            return other + self
        total = Rows([*self._parts, *other._parts], self.whole)
        if 2 * sum(len(numbers) for numbers, _ in total._parts) <= self.whole[0]:
            return total
        # Rows that came again are one, but to look costs all of them: so a quarter is the limit.
        return total if 4 * len(total.numbers) <= self.whole[0] else np.asarray(total)

    def __array_ufunc__(
        self, ufunc: np.ufunc, method: str, *inputs: Any, out: tuple[Any, ...] = ()
    ) -> Any:
        """`array + rows`, and `array += rows`, at the cost of the rows."""
        if ufunc is not np.add or method != "__call__" or inputs[1] is not self:
            return NotImplemented
        total = out[0] if out else np.array(inputs[0], order="C")
        for numbers, values in self._parts:
            total[numbers] += values
        return total

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> NDArray[Any]:
        """The table, which is a new array at each call."""
        if copy is False:
            message = "Rows: an array of them is always a new one; expected copy=None or True"
            raise ValueError(message)
        table = np.zeros(self.whole, self.dtype if dtype is None else dtype)
        table[self.numbers] = self.values
        return table

    def __repr__(self) -> str:
        return f"Rows({self.numbers.tolist()} of {self.whole}, {self.dtype})"


def rows_of(tensor: Any) -> Rows | None:
    """The rows that a gradient consists of, or None if it is an array."""
    return getattr(tensor, "_compact", None)
