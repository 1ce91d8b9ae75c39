"""Items of tensors assigned: `x[index] = value`, and `x.at[index].set(value)` for a new tensor.

A Tensor is a value: what was computed from it keeps the old one (docs/design.md, "Items"). So an
assignment that a gradient flows through makes the tensor the result of `setitem`, and one that no
gradient flows through writes into its memory.
"""

from __future__ import annotations

from functools import partial
from sys import getrefcount
from typing import TYPE_CHECKING, Any

import numpy as np

from autograd_lite import ops
from autograd_lite.errors import FAULTS, describe, explain
from autograd_lite.memory import writable
from autograd_lite.node import Hooks, Leaf
from autograd_lite.ops.assign import fitting
from autograd_lite.ops.index import plain_index
from autograd_lite.recording import mode

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from autograd_lite.tensor import Tensor

_ITEMS = "an index within the shape, and a value that broadcasts to what it picks, of its kind"


def assign(x: Tensor, index: Any, value: Any) -> None:
    """Make the elements of x that `index` picks `value`: what `x[index] = value` calls.

    Raises:
        TypeError: when x is a leaf that requires a gradient, or a view of memory that somebody else
            has, or cannot hold the kind of `value`.
        IndexError: when the index does not fit the shape.
        ValueError: when `value` does not broadcast.
    """
    records = mode.get().records
    is_leaf = x.node is None or isinstance(x.node, Leaf)
    if x.node is not None and records == is_leaf:
        raise _refused(x, _LEAF if is_leaf else _UNRECORDED)
    if not x._data.flags.writeable or (
        isinstance(x._data.base, np.ndarray) and getrefcount(x._data.base) > _ONE_VIEW
    ):
        raise _refused(x, _VIEW)
    try:
        if records and (not is_leaf or getattr(value, "node", None) is not None):
            _rebind(x, ops.setitem(x, index, value))
        else:
            fit = fitting(x, value)
            writable(x)[plain_index(index)] = getattr(fit, "_data", fit)
    except FAULTS as error:
        if str(error).startswith("setitem: "):
            raise
        raise explain(error, "setitem", [x, value], {"index": index}, _ITEMS) from error


def _rebind(x: Tensor, result: Tensor) -> None:
    """Put x in the place of `result`, which was made of it, with the gradient that x retains."""
    if x._alias is not None and x._alias() is not None:
        raise _refused(x, _HELD)
    if x.node is not None and x.node.hooks is not None and x.node.hooks.keeper is not None:
        hooks = Hooks()
        hooks.keeper, x.node.hooks.keeper = x.node.hooks.keeper, None
        result.node.hooks = hooks  # type: ignore[union-attr]  # it was recorded
    x._data, x.node, x._alias = result._data, result.node, None


_LEAF = (
    "it requires a gradient, which is that of the values that it has; write"
    " y = x.at[index].set(value) for a new tensor, or assign under no_grad() to change its values"
)
_UNRECORDED = (
    "it is the result of an op, and nothing is recorded here that would tell its gradient so;"
    " assign outside of no_grad(), or to x.detach()"
)
_VIEW = (
    "its memory is a part of another tensor's, or a graph's, which would not see it; assign to that"
    " one, in one step (x[0, 1] = value for x[0][1] = value), or to a copy: x = x.copy()"
)
_HELD = (
    "an array that x.data or another library handed out shares its memory, and would not see it;"
    " let go of it, or write y = x.at[index].set(value) for a new tensor"
)


def _refused(x: Tensor, why: str) -> TypeError:
    return TypeError(f"setitem: cannot assign to items of the tensor {describe(x)}: {why}")


class At:
    """What `x.at` is: brackets behind it pick the elements to change in a copy."""

    __slots__ = ("_x",)

    def __init__(self, x: Tensor) -> None:
        self._x = x

    def __getitem__(self, index: Any) -> Items:
        return Items(self._x, index)


class Items:
    """Elements of a tensor; each method gives a new tensor in which they are changed."""

    __slots__ = ("_index", "_x")

    def __init__(self, x: Tensor, index: Any) -> None:
        self._x, self._index = x, index

    def get(self) -> Tensor:
        """The elements themselves: x[index]."""
        return self._x[self._index]

    def set(self, value: Any) -> Tensor:
        """With `value` in their place; see `autograd_lite.setitem`."""
        return ops.setitem(self._x, self._index, value)

    def add(self, value: Any) -> Tensor:
        """With `value` added: twice where the index picks an element twice."""
        return self._changed("add", _add, value)

    def subtract(self, value: Any) -> Tensor:
        """With `value` subtracted: twice where the index picks an element twice."""
        return self._changed("subtract", _subtract, value)

    def multiply(self, value: Any) -> Tensor:
        """Multiplied by `value`: twice where the index picks an element twice."""
        return self._changed("multiply", partial(_by_rounds, ops.mul), value)

    def divide(self, value: Any) -> Tensor:
        """Divided by `value`: twice where the index picks an element twice."""
        return self._changed("divide", partial(_by_rounds, ops.div), value)

    def power(self, value: Any) -> Tensor:
        """To the power `value`: twice where the index picks an element twice."""
        return self._changed("power", partial(_by_rounds, ops.pow), value)

    def min(self, value: Any) -> Tensor:
        """With the smaller one of each and `value`; where they tie, each gets half the gradient."""
        return self._changed("min", partial(_by_rounds, ops.minimum), value)

    def max(self, value: Any) -> Tensor:
        """With the larger one of each and `value`; where they tie, each gets half the gradient."""
        return self._changed("max", partial(_by_rounds, ops.maximum), value)

    def _changed(self, name: str, change: Callable[[Any, Any, Any], Tensor], value: Any) -> Tensor:
        x, index = self._x, plain_index(self._index)
        try:
            places = np.arange(x.size).reshape(x.shape)[index]
            values = _spread(fitting(x, value), places.shape)
            flat = change(ops.reshape(x, -1), places.reshape(-1), ops.reshape(values, -1))
            return ops.reshape(flat, x.shape)
        except FAULTS as error:
            cause = error.__cause__ if isinstance(error.__cause__, Exception) else error
            given = [x, value]
            raise explain(cause, f"at[...].{name}", given, {"index": index}, _ITEMS) from error


def _add(x: Tensor, places: NDArray[np.intp], values: Any) -> Tensor:
    """A vector with values added at places, at some perhaps more than once."""
    return ops.add(x, ops.scatter(ops.astype(values, x.dtype), places, x.shape))


def _subtract(x: Tensor, places: NDArray[np.intp], values: Any) -> Tensor:
    return _add(x, places, ops.neg(values))


def _by_rounds(
    op: Callable[[Any, Any], Tensor], x: Tensor, places: NDArray[np.intp], values: Any
) -> Tensor:
    """A vector changed by an op at places, in rounds of which each has a place once."""
    left = np.arange(places.size)
    while True:  # once for no places at all too, so that the result depends on the values
        first = np.full(x.size, -1)
        first[places[left[::-1]]] = left[::-1]
        now = first[places[left]] == left
        at, rows = places[left[now]], left[now]
        x, left = ops.setitem(x, at, op(x[at], ops.getitem(values, rows))), left[~now]
        if not left.size:
            return x


def _spread(value: Any, shape: tuple[int, ...]) -> Any:
    """`value` broadcast to a shape, beyond which it may have axes of size 1, as in assignments."""
    extra = np.ndim(value) - len(shape)
    if extra > 0 and np.shape(value)[:extra] == (1,) * extra:
        value = ops.reshape(value, np.shape(value)[extra:])
    return ops.broadcast_to(value, shape)


# What `getrefcount` says of memory that one view has; measured, as in `memory`.
def _one_view(x: Any) -> int:
    return getrefcount(x._data.base)


class _Probe:
    __slots__ = ("_data",)

    def __init__(self) -> None:
        self._data = np.empty(2)[:1]


_ONE_VIEW = _one_view(_Probe())
