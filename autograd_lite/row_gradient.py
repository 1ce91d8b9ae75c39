"""The gradient of a large table of which few rows were used: a Tensor that is made when needed."""

from __future__ import annotations

from threading import Lock
from typing import TYPE_CHECKING, Any

import numpy as np

from autograd_lite.tensor import Tensor

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from autograd_lite.rows import Rows

_making = Lock()  # two threads that look at one gradient must be given one array


class RowGradient(Tensor):
    """A gradient that consists of rows, and becomes an array as soon as somebody looks.

    Whoever does not look (an optimizer that updates rows, `backward` that adds more of them, the
    clipping functions) takes time and memory for the rows alone. From then on it is a tensor like
    any other: what is written into its array counts. A copy, also by pickle, is a `Tensor`.

    Args:
        rows: the rows, which belong to it alone.

    Example:
        >>> from autograd_lite.rows import Rows
        >>> g = RowGradient(Rows([(np.array([1]), np.ones((1, 2)))], (3, 2)))
        >>> g.shape, g.sum().item()
        ((3, 2), 2.0)
    """

    __slots__ = ("_array", "_compact")

    _compact: Rows | None
    _array: NDArray[Any] | None

    def __init__(self, rows: Rows) -> None:
        self._compact, self._array = rows.joined(), None
        self._alias = self.node = self.grad = None

    @property
    def _data(self) -> NDArray[Any]:
        if self._array is None:
            with _making:
                if self._array is None:
                    self._array, self._compact = np.asarray(self._compact), None
        return self._array

    @_data.setter
    def _data(self, array: NDArray[Any]) -> None:
        self._array, self._compact = array, None

    def join(self, rows: Rows) -> None:
        """Add rows to those that it consists of, in place."""
        total = self._compact + rows if self._compact is not None else self._data + rows
        if isinstance(total, np.ndarray):
            self._data = total
        else:
            self._compact = total.joined()

    # What is known of the array without making it.

    @property
    def shape(self) -> tuple[int, ...]:
        """The sizes of the axes."""
        rows = self._compact
        return self._data.shape if rows is None else rows.whole

    @property
    def ndim(self) -> int:
        """The number of axes."""
        return len(self.shape)

    @property
    def dtype(self) -> np.dtype[Any]:
        """The dtype of the values."""
        rows = self._compact
        return self._data.dtype if rows is None else rows.dtype

    def __reduce__(self) -> tuple[Any, ...]:
        made, (_, *rest) = Tensor.__reduce__(self)[:2]
        return made, (Tensor, *rest)
