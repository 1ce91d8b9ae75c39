"""The memory of a step: arrays that are used again, and parts that fit into a cache."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

# The elements of a part. A rule makes about ten passes over its arrays: those of a part stay in
# the cache between two passes, and are many enough that NumPy's calls cost little beside them.
PART = 262_144
SMALL = 1024  # the elements up to which a new array takes less time than to look for the old one


class Scratch:
    """Arrays to write passing results into, made once for each number and dtype.

    A copy, also by pickle, is empty: there is nothing in it to keep.

    Example:
        >>> scratch = Scratch()
        >>> first = scratch(np.ones((200, 300)), 0)
        >>> np.shares_memory(first, scratch(np.ones(5000), 0))
        True
        >>> np.shares_memory(first, scratch(np.ones(5000), 1))
        False
    """

    def __init__(self) -> None:
        self.buffers: dict[tuple[int, np.dtype[Any]], NDArray[Any]] = {}

    def __call__(self, like: NDArray[Any], number: int) -> NDArray[Any]:
        """An uninitialised array of the shape and dtype of `like`.

        Args:
            like: an array.
            number: which one, where several are needed at once.
        """
        if like.size <= SMALL:
            return np.empty(like.shape, like.dtype)
        buffer = self.buffers.get((number, like.dtype))
        if buffer is None or buffer.size < like.size:
            buffer = self.buffers[number, like.dtype] = np.empty(like.size, like.dtype)
        return buffer[: like.size].reshape(like.shape)

    def __reduce__(self) -> tuple[type[Scratch], tuple[()]]:
        return Scratch, ()


def parts(
    array: NDArray[Any], grad: NDArray[Any], state: dict[str, Any]
) -> Iterator[tuple[NDArray[Any], NDArray[Any], dict[str, Any]]]:
    """An array, its gradient and its state in parts of at most `PART` elements.

    They are whole where they are small, or lie in memory in another order than C's.

    Args:
        array: the values of a parameter.
        grad: its gradient.
        state: arrays of the same shape, and numbers, by name.

    Example:
        >>> sizes = [a.size for a, _, _ in parts(np.ones((2, PART)), np.ones((2, PART)), {})]
        >>> sizes == [PART, PART]
        True
    """
    if array.size <= PART:
        yield array, grad, state
        return
    kept = {key: value for key, value in state.items() if isinstance(value, np.ndarray)}
    if not all(one.flags.c_contiguous for one in (array, grad, *kept.values())):
        yield array, grad, state
        return
    flat, flat_grad = array.reshape(-1), grad.reshape(-1)
    flats = {key: value.reshape(-1) for key, value in kept.items()}
    for first in range(0, array.size, PART):
        part = slice(first, first + PART)
        yield flat[part], flat_grad[part], {**state, **{k: v[part] for k, v in flats.items()}}
