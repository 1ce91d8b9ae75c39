"""Many gradients as one: the rows of a Jacobian, passed back through a graph together.

A `Batch` holds an array with an axis in front, and looks like a tensor without it. An op that is
given one is run by it: by the rule of that op in `batch_rules.py`, which knows where the axis goes,
or row by row. So the closures of ops, which are written for one gradient, take many.
"""

from __future__ import annotations

import math
import weakref
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from autograd_lite import ops
from autograd_lite.func.batch_rules import RULES, on_stacks
from autograd_lite.graph import array_of
from autograd_lite.node import forwards
from autograd_lite.stacks import STACKED
from autograd_lite.tensor import Tensor

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from numpy.typing import NDArray

    from autograd_lite.node import Array, Node


# What becomes of `array * rows`; and what NumPy's functions of a shape say.
_OPERATORS: dict[Any, Any] = {
    np.add: ops.add,
    np.subtract: ops.sub,
    np.multiply: ops.mul,
    np.true_divide: ops.div,
    np.matmul: ops.matmul,
}
_LOGICAL: dict[Any, Callable[[Any], Any]] = {
    np.shape: lambda x: x.shape,
    np.ndim: lambda x: x.ndim,
    np.size: lambda x: x.size,
}


class Batch(Tensor):
    """Tensors of one shape, in one array with an axis in front, which nothing here mentions.

    Args:
        array: (count, *shape).
    """

    __slots__ = ()

    def __init__(self, array: NDArray[Any]) -> None:
        self._data = array
        self.node = self.grad = None
        self._alias = weakref.ref(array)  # for an op to look closer

    @property
    def shape(self) -> tuple[int, ...]:
        """The shape of each."""
        return self._data.shape[1:]

    @property
    def ndim(self) -> int:
        """The number of axes of each."""
        return self._data.ndim - 1

    @property
    def size(self) -> int:
        """The number of elements of each."""
        return math.prod(self.shape)

    def __len__(self) -> int:
        return self.shape[0]

    def __iter__(self) -> Iterator[Tensor]:
        return (self[i] for i in range(len(self)))

    def __iadd__(self, other: Any) -> Self:  # type: ignore[misc]  # of Batch alone, by the engine
        self._data += other._data
        return self

    def __array_ufunc__(self, ufunc: Any, method: str, *operands: Any, **options: Any) -> Any:
        if method == "__call__" and not options and ufunc in _OPERATORS:
            return _OPERATORS[ufunc](*operands)
        return each(getattr(ufunc, method), operands, options)

    def __array_function__(
        self, function: Any, types: Any, args: tuple[Any, ...], options: dict[str, Any]
    ) -> Any:
        if function in _LOGICAL:
            return _LOGICAL[function](*args, **options)
        if function is np.result_type:
            return super().__array_function__(function, types, args, options)
        return each(function, args, options)

    def _runs(self, again: Any, forward: Any, args: Any, static: Any) -> Batch:
        """The result of an op of which this is an operand."""
        rule = RULES.get(forward)
        if forward in STACKED:
            out = on_stacks(forward, *args, **static)
        else:
            out = None if rule is None else rule(*args, **static)
        return each(again, args, static) if out is None else Batch(out)


def each(function: Callable[..., Any], args: Any, options: Any) -> Batch:
    """`function` of one row after the other; Batch may also be in lists."""
    inside = [part for a in args for part in (a if isinstance(a, (list, tuple)) else (a,))]
    count = next(len(a._data) for a in inside if isinstance(a, Batch))
    results = [function(*(_row(a, i) for a in args), **options) for i in range(count)]
    return Batch(np.stack([array_of(result) for result in results]))


def _row(value: Any, i: int) -> Any:
    """One row of Batch, and of what is in a list; anything else as it is."""
    if isinstance(value, (list, tuple)):
        return type(value)([_row(part, i) for part in value])
    return value._data[i] if isinstance(value, Batch) else value


def for_batch(vjp: Callable[[Array], Array], _: Node) -> Callable[[Array], Array]:
    """`vjp` for a Batch: at once if it is an op's rule, which is made of ops, else one by one."""
    made_of_ops = getattr(vjp, "__code__", None) in forwards

    def run(g: Batch) -> Any:
        p = vjp(g) if made_of_ops else each(vjp, (g,), {})
        if isinstance(p, Batch) or not hasattr(p, "shape"):  # what a shared step gives to others
            return p
        array = np.asarray(p)  # which does not depend on g
        return Batch(np.broadcast_to(array, (len(g._data), *array.shape)))

    return run
