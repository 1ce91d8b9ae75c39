"""Batches: slices of arrays that belong together, in order or shuffled."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from autograd_lite.creation import get_generator
from autograd_lite.data import epoch
from autograd_lite.errors import FAULTS, describe, explain, flag
from autograd_lite.random_state import random_state, set_random_state
from autograd_lite.tensor import Tensor

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from numpy.typing import NDArray

    from autograd_lite.creation import Generator

# What a dataset gives for some rows: the structure that it was made of.
Batch: TypeAlias = "tuple[Tensor, ...] | dict[str, Tensor]"


class TensorDataset:
    """Arrays whose rows belong together: `dataset[rows]` takes those rows of each, as tensors.

    The arrays are not copied: a later change of one shows in later batches. What is taken out never
    changes afterwards. A slice of an ndarray is a copy. A slice of a tensor shares memory with it
    until one of the two is written to, so tensors are the cheaper thing to give.

    A subclass may override `__getitem__`, to read, convert or distort rows as they are asked for:
    a `DataLoader` asks for a whole batch at once.

    Args:
        *arrays: ndarrays or tensors of numbers, of equal length along their first axes; or one dict
            of them, by name.

    Raises:
        ValueError: when the lengths differ, or there is no array.
        TypeError: when something is no array, not numeric, or has no rows.

    Example:
        >>> import numpy as np
        >>> from autograd_lite.data import TensorDataset
        >>> dataset = TensorDataset(np.array([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]), np.arange(3))
        >>> len(dataset)
        3
        >>> x, y = dataset[1:]
        >>> y
        Tensor([1, 2])
    """

    def __init__(self, *arrays: Any) -> None:
        named = len(arrays) == 1 and isinstance(arrays[0], dict)
        given: Mapping[Any, Any] = arrays[0] if named else dict(enumerate(arrays))
        self._named = named
        self._arrays = {name: _checked(name, array) for name, array in given.items()}
        lengths = {name: len(array) for name, array in self._arrays.items()}
        if not lengths:
            message = "TensorDataset: got no arrays; expected at least one: TensorDataset(x, y)"
            raise ValueError(message)
        if len(set(lengths.values())) > 1:
            listed = ", ".join(f"{length} ({name!r})" for name, length in lengths.items())
            message = (
                f"TensorDataset: got arrays of lengths {listed}; expected one length:"
                " row i of each belongs to row i of the others"
            )
            raise ValueError(message)
        self._length = next(iter(lengths.values()))

    def __len__(self) -> int:
        """The number of rows."""
        return self._length

    def __getitem__(self, rows: Any) -> Batch:
        """Take rows of every array.

        Args:
            rows: a number, a slice, or an array or a list of row numbers or of booleans.

        Returns:
            A tuple of tensors, or a dict of them if the dataset was made of a dict.

        Raises:
            IndexError: when a row does not exist.
        """
        try:
            taken = {name: _take(array, rows) for name, array in self._arrays.items()}
        except FAULTS as error:
            expects = "rows that exist: a number, a slice, or numbers or booleans in a list"
            raise explain(error, type(self).__name__, [rows], {}, expects) from error
        return taken if self._named else tuple(taken.values())

    def __repr__(self) -> str:
        parts = ", ".join(f"{name!r}: {describe(array)}" for name, array in self._arrays.items())
        return f"TensorDataset({parts})"


class DataLoader:
    """Batches of arrays whose rows belong together.

    Each `for batch in loader` is one epoch: every row once, in order, or in a fresh random order.
    A batch has the structure of the data (a tuple, a dict, or a lone tensor), and is taken from
    each array in one go, never row by row; see `TensorDataset` for what shares memory.

    Args:
        data: a tuple of arrays, a dict of arrays by name, one array, or a `TensorDataset`. Arrays
            are ndarrays or tensors.
        batch_size: the number of rows of a batch; the last one may be smaller.
        shuffle: whether each epoch has an order of its own, drawn as the epoch begins.
        drop_last: leave out a last batch that is smaller.
        generator: what draws the orders: NumPy's generator, or its legacy one; unless given, the
            library's own at that time (see `autograd_lite.manual_seed`).

    Attributes:
        dataset: the data as a `TensorDataset`.

    Raises:
        ValueError: when `batch_size` is not a positive integer, lengths differ, or `drop_last`
            would leave no batch.
        TypeError: when `data` is or holds something else, a switch is not True or False, or
            `generator` is not one of NumPy's.

    Example:
        >>> import numpy as np
        >>> from autograd_lite.data import DataLoader
        >>> loader = DataLoader((np.ones((5, 2)), np.arange(5)), batch_size=2)
        >>> len(loader)
        3
        >>> [y.numpy().tolist() for x, y in loader]
        [[0, 1], [2, 3], [4]]
    """

    def __init__(
        self,
        data: Any,
        batch_size: int = 1,
        shuffle: bool = False,
        *,
        drop_last: bool = False,
        generator: Generator | None = None,
    ) -> None:
        self.dataset, self._lone = _as_dataset(data)
        self.batch_size = _batch_size(batch_size)
        self.shuffle = flag("DataLoader", "shuffle", shuffle)
        self.drop_last = flag("DataLoader", "drop_last", drop_last)
        self.generator = _checked_generator(generator)
        self._epoch: epoch.Epoch | None = None  # the one that is under way
        self._restored: epoch.Epoch | None = None  # the one that the next iterator goes on with
        if self.drop_last and 0 < len(self.dataset) < self.batch_size:
            message = (
                f"DataLoader: got drop_last=True and batch_size={batch_size}, which leaves no batch"
                f" of {len(self.dataset)} rows; expected a batch_size up to {len(self.dataset)}"
            )
            raise ValueError(message)

    def __len__(self) -> int:
        """The number of batches of an epoch."""
        rows = len(self.dataset)
        return rows // self.batch_size if self.drop_last else -(-rows // self.batch_size)

    def __iter__(self) -> Iterator[Any]:
        """The batches of one epoch; after `load_state_dict`, the rest of the one that was saved."""
        restored, self._restored = self._restored, None
        current = self._epoch = restored or epoch.Epoch(self._order())
        size, order = self.batch_size, current.order
        try:
            while current.done < len(self):
                start = current.done * size
                rows = slice(start, min(start + size, len(self.dataset)))
                batch: Any = self.dataset[rows if order is None else order[rows]]
                current.done += 1
                yield batch[0] if self._lone else batch
        finally:
            if self._epoch is current:
                self._epoch = None

    def state_dict(self) -> dict[str, Any]:
        """Where the loader is in an epoch, and the state of its generator, as copies.

        Inside `for batch in loader` it counts that batch as done: save after its step. Of several
        iterators it is the youngest that counts. After `break` the epoch is over. The library's own
        generator is not part of the state; a `Checkpoint` holds it.

        Returns:
            "epoch": the order, the number of batches given out, and the settings that they are
            valid for, or None between two epochs; "generator": the state of the loader's own
            generator, or None.

        Example:
            >>> import numpy as np
            >>> from autograd_lite.data import DataLoader
            >>> loader = DataLoader(np.arange(6), batch_size=2)
            >>> for batch in loader:
            ...     state = loader.state_dict()
            ...     break
            >>> other = DataLoader(np.arange(6), batch_size=2)
            >>> other.load_state_dict(state)
            >>> [batch.numpy().tolist() for batch in other]
            [[2, 3], [4, 5]]
            >>> [batch.numpy().tolist() for batch in other]
            [[0, 1], [2, 3], [4, 5]]
        """
        return {
            "epoch": epoch.dump(self._restored or self._epoch, self._settings()),
            "generator": None if self.generator is None else random_state(self.generator),
        }

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Take over what `state_dict` gave: the next iterator goes on with the epoch of that time.

        Args:
            state: the state of a loader of as many rows; for the middle of an epoch also of the
                same batch_size, shuffle and drop_last.

        Raises:
            ValueError: when it does not fit; the loader is as it was.
        """
        if not hasattr(state, "keys") or state.keys() != {"epoch", "generator"}:
            epoch.refuse(describe(state), "what state_dict() gave")
        restored = epoch.restore(state["epoch"], self._settings(), len(self))
        if (state["generator"] is None) is not (self.generator is None):
            got, expected = ("no", "one") if state["generator"] is None else ("a", "none")
            epoch.refuse(f"{got} generator's state", f"{expected}, as the loader has")
        if self.generator is not None:
            set_random_state(self.generator, state["generator"])
        self._restored, self._epoch = restored, None

    def _settings(self) -> dict[str, Any]:
        """What an order and a number of batches are valid for."""
        return {
            "rows": len(self.dataset),
            "batch_size": self.batch_size,
            "shuffle": self.shuffle,
            "drop_last": self.drop_last,
        }

    def _order(self) -> NDArray[np.int64] | None:
        if not self.shuffle:
            return None
        generator = get_generator() if self.generator is None else self.generator
        return generator.permutation(len(self.dataset))

    def __repr__(self) -> str:
        return (
            f"DataLoader({self.dataset!r}, batch_size={self.batch_size}, shuffle={self.shuffle},"
            f" drop_last={self.drop_last})"
        )


def _checked(name: Any, array: Any) -> NDArray[Any] | Tensor:
    """An array as a dataset keeps it, if it is one and has rows."""
    if not isinstance(array, (np.ndarray, Tensor)):
        message = (
            f"TensorDataset: got {describe(array)} for {name!r}; expected an ndarray or a Tensor:"
            " convert it, e.g. with np.asarray(x)"
        )
        raise TypeError(message)
    if array.dtype.kind not in "fiub":
        message = (
            f"TensorDataset: got {describe(array)} for {name!r}; expected numbers: encode classes"
            " as integers, e.g. with .astype(int) or np.unique(y, return_inverse=True)"
        )
        raise TypeError(message)
    if array.ndim == 0:
        message = f"TensorDataset: got a single number for {name!r}; expected an array with rows"
        raise TypeError(message)
    return array if isinstance(array, Tensor) else np.asarray(array)


def _take(array: NDArray[Any] | Tensor, rows: Any) -> Tensor:
    """Some rows as a tensor, in memory of their own where somebody outside could write to them."""
    source, writable = array, True
    if isinstance(array, Tensor):
        if array.requires_grad:
            return array[rows]
        source, writable = array._data, array._alias is not None and array._alias() is not None
    return Tensor(source[rows], copy=writable and not isinstance(rows, (np.ndarray, list)))


def _as_dataset(data: Any) -> tuple[TensorDataset, bool]:
    """The data as a dataset, and whether it is a lone array."""
    if isinstance(data, TensorDataset):
        return data, False
    if isinstance(data, tuple):
        return TensorDataset(*data), False
    if isinstance(data, (dict, np.ndarray, Tensor)):
        return TensorDataset(data), not isinstance(data, dict)
    message = (
        f"DataLoader: got {describe(data)}; expected an array, a tuple or a dict of arrays, or a"
        " TensorDataset: DataLoader((x, y))"
    )
    raise TypeError(message)


def _batch_size(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, (int, np.integer)) or value < 1:
        message = (
            f"DataLoader: got batch_size={describe(value)}; expected an integer of at least 1"
            " (len(data) for a single batch)"
        )
        raise ValueError(message)
    return int(value)


def _checked_generator(generator: Any) -> Any:
    if generator is None or isinstance(generator, (np.random.Generator, np.random.RandomState)):
        return generator
    message = (
        f"DataLoader: got generator={describe(generator)}; expected a NumPy generator:"
        " np.random.default_rng(seed)"
    )
    raise TypeError(message)
