"""Who may write to an array: the rules by which a recorded graph never sees a later change.

A graph keeps the arrays that its closures captured. Three rules keep others from changing them:

1. A tensor's array is its own: `Tensor(a)` copies `a`, a recorded op copies an ndarray it takes.
2. `x.data` hands out an array that shares memory with `x`; when a graph holds the same memory,
   `x` moves to a copy first (`writable`), and the graph keeps the old values.
3. While somebody outside holds what `x.data` handed out, a graph records a copy (`private`).
4. Memory that came from another library is written to by its owner, and who else holds it cannot
   be known: it counts as handed out for as long as it is the tensor's (`share`).

The settings of an op are copied where they could be changed (`settled`), and what others may only
read is handed out so that it stays so (`read_only`).

Who holds an array is what CPython counts anyway, so all this costs nothing where nobody writes.
"""

from __future__ import annotations

import weakref
from sys import getrefcount
from types import FunctionType
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from autograd_lite.tensor import Tensor


def writable(tensor: Tensor) -> NDArray[Any]:
    """The array of `tensor` to write into: its own, or a copy from now on if a graph needs the old.

    An optimizer's step between a forward and a backward pass thus never changes a gradient.
    """
    alias = None if tensor._alias is None else tensor._alias()
    needed = alias is None and (tensor._data.base is not None or _holders(tensor) > _SOLE_HOLDER)
    if needed or not tensor._data.flags.writeable:
        tensor._data, tensor._alias = tensor._data.copy(), None
    return tensor._data


def hand_out(tensor: Tensor) -> NDArray[Any]:
    """An array for the caller to read and write, which shares memory with `tensor` alone."""
    alias = None if tensor._alias is None else tensor._alias()
    if alias is None:
        # Through a memoryview, a slice that the caller keeps holds `alias` and not our array: so
        # `alias` lives exactly as long as anybody outside can write.
        alias = np.asarray(writable(tensor).data)
        tensor._alias = weakref.ref(alias)
    return alias


def share(tensor: Tensor) -> None:
    """Note that the array of `tensor` is the memory of somebody else, who may write to it."""
    tensor._alias = weakref.ref(tensor._data)  # which lives until the tensor gets another one


def private(tensor: Tensor) -> NDArray[Any]:
    """The array of `tensor` as a graph may keep it: a copy while somebody outside can write."""
    if tensor._alias is not None:
        if tensor._alias() is not None:
            return tensor._data.copy()
        tensor._alias = None
    return tensor._data


def read_only(array: NDArray[Any]) -> NDArray[Any]:
    """An array that shares memory with `array` and cannot be made writable."""
    return np.asarray(array.data.toreadonly())


# Types of numbers, and of settings, that nobody can change.
PLAIN = frozenset({int, float, bool, type(None), np.float64, np.float32, np.int64, np.bool_})
FIXED = PLAIN | {str, slice, type(...), FunctionType}
_DEEPEST = 64  # lists in lists: the most axes that an array of NumPy can have


def settled(setting: Any, depth: int = 0) -> Any:
    """A setting of an op as nobody else can change it: with its own arrays, lists and dicts.

    Example:
        >>> axes = [0, [1]]
        >>> kept = settled((axes, None))
        >>> axes[1][0] = 2
        >>> kept
        ([0, [1]], None)
    """
    kind = type(setting)
    if kind in FIXED or (kind is tuple and FIXED.issuperset(map(type, setting))):
        return setting  # nearly all
    if depth > _DEEPEST:
        message = f"a setting holds itself, or goes more than {_DEEPEST} lists deep"
        raise ValueError(message)
    if kind in {tuple, list}:
        return kind([settled(part, depth + 1) for part in setting])
    if kind is dict:
        return {key: settled(part, depth + 1) for key, part in setting.items()}
    if isinstance(setting, np.ndarray):
        return np.array(setting)
    return setting._data.copy() if hasattr(setting, "_data") else setting


def own(array: Any) -> NDArray[Any]:
    """`array` itself where one variable of the caller is all that refers to it, else a copy."""
    if type(array) is np.ndarray and array.base is None and getrefcount(array) <= _SOLE_VARIABLE:
        return array
    return np.array(array, order="C")


# What `getrefcount` says when there is one holder. Measured, for the interpreter's own references
# count too, and differ between versions.


class _Probe:
    __slots__ = ("_data",)

    def __init__(self) -> None:
        self._data = np.empty(1)


def _holders(tensor: Any) -> int:
    return getrefcount(tensor._data)


def _references(array: Any) -> int:
    return getrefcount(array)


def _one_variable() -> int:
    array = np.empty(1)
    return _references(array)


_SOLE_HOLDER = _holders(_Probe())
_SOLE_VARIABLE = _one_variable()
