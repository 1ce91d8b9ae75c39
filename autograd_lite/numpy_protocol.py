"""NumPy's functions on tensors: `np.exp(x)` and `array * x` record, or say why they cannot.

What NumPy computes from the bare values of a tensor that requires a gradient would silently have
none. So a function goes to the op of its name; where there is no such op, NumPy's own runs if it
has no derivative (`np.argmax`), or if no operand requires a gradient.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from autograd_lite import ops
from autograd_lite.errors import describe
from autograd_lite.memory import read_only
from autograd_lite.numpy_names import METHODS, Way, arguments, op_named, way_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from autograd_lite.node import Node


class NumPyProtocol:
    """How NumPy's functions treat a Tensor."""

    __slots__ = ()

    _data: NDArray[Any]
    node: Node | None

    def __array_ufunc__(self, ufunc: Any, method: str, *operands: Any, **options: Any) -> Any:
        """`np.exp(x)`, `array * x`: elementwise functions."""
        way = way_of(ufunc)
        if method == "__call__":
            if way.op is not None and not options:
                return way.op(*operands)
            return _call(way, ufunc, operands, options)
        name = f"{ufunc.__name__}.{method}"
        if method == "at" and isinstance(operands[0], NumPyProtocol):
            raise _no_place(name)  # NumPy itself writes to what is read-only
        return _call_method(Way(name), ufunc, method, operands, options)

    def __array_function__(
        self, function: Any, types: Any, args: tuple[Any, ...], options: dict[str, Any]
    ) -> Any:
        """`np.sum(x, axis=0)`: all other functions."""
        way = way_of(function)
        if way.name == "where" and len(args) == 1:
            way = way_of(np.nonzero)  # the positions, as NumPy has it
        if way.op is not None and len(args) == 1 and not options:
            return way.op(args[0])  # nothing to bind, which takes longer than a small op
        return _call(way, function, args, options)


def _call(way: Way, function: Callable[..., Any], args: Any, options: Any) -> Any:
    """Ours if it takes the arguments, else NumPy's of the values if no gradient is lost by that."""
    unknown = ""
    if way.op is not None:
        found = arguments(way, function, args, options)
        if not isinstance(found, str):
            return way.op(*found[0], **found[1])
        unknown = f"{found}={describe(options[found])}" if found in options else found
    if not way.is_step and _requires_grad([*args, *options.values()]):
        raise _lost(way, unknown)
    out = options.get("out")
    if any(isinstance(array, NumPyProtocol) for array in (out if type(out) is tuple else (out,))):
        raise _no_place(way.name)  # NumPy 2.0.0's cumsum writes to what is read-only
    try:
        return function(*_values(args), **{key: _values(value) for key, value in options.items()})
    except ValueError as error:
        if "read-only" not in str(error):
            raise
        raise _no_place(way.name) from error


def _call_method(way: Way, ufunc: Any, method: str, operands: Any, options: Any) -> Any:
    """`np.add.reduce` and the like: an op where there is one for it."""
    usual = {"dtype": None, "out": None, "where": True}
    special = {key: v for key, v in options.items() if not (key in usual and v is usual[key])}
    if method == "outer" and not special and (op := way_of(ufunc).op) is not None:
        x, y = operands
        return op(ops.reshape(x, (*np.shape(x), *(1,) * np.ndim(y))), y)
    op = op_named(METHODS.get((ufunc.__name__, method), ""))
    if op is not None and special.keys() <= {"axis", "keepdims"}:
        return op(*operands, **{"axis": 0, **special})
    return _call(way, getattr(ufunc, method), operands, options)


def _lost(way: Way, unknown: str) -> TypeError:
    """The error that a gradient would be lost, and what to do about that."""
    if unknown:
        why = f"records no gradient with {unknown}, and an operand requires one"
        instead = f"use autograd_lite.{way.path} without it"
    else:
        why = "records no gradient, and an operand requires one"
        instead = f"write {way.instead}" if way.instead else "use functions of autograd_lite"
    out = "x.detach() or x.numpy() for the values"
    return TypeError(f"np.{way.name}: {why}; {instead}, or {out}")


def _no_place(name: str) -> TypeError:
    """The error that a function would write into a tensor."""
    message = (
        f"np.{name}: got a Tensor to write into, which a graph may hold; expected an ndarray:"
        " give x.data, which changes x and no graph, or an array of its own; or write"
        " x[index] = value, or y = x.at[index].set(value) (or add, multiply, ...)"
    )
    return TypeError(message)


def _requires_grad(value: Any) -> bool:
    if isinstance(value, (list, tuple)):
        return any(map(_requires_grad, value))
    return isinstance(value, NumPyProtocol) and value.node is not None


def _values(value: Any) -> Any:
    """`value` with the arrays of the tensors in it, to be read and not to be written to."""
    if isinstance(value, (list, tuple)):
        return type(value)(map(_values, value))
    return read_only(value._data) if isinstance(value, NumPyProtocol) else value
