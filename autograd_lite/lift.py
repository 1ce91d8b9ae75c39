"""Gradients of gradients: how the rule that an op recorded is itself recorded.

A closure captured arrays. To differentiate what it computes, it is given the same arrays as tensors
in their places in the graph. What a captured variable is can be read from its name: that of a
parameter of the op is the op's argument, `out` is the op's result.
"""

from __future__ import annotations

import dis
import functools
import inspect
from types import CellType, CodeType, FunctionType
from typing import TYPE_CHECKING, Any

import numpy as np

from autograd_lite.graph import wrap
from autograd_lite.node import forwards

if TYPE_CHECKING:
    from collections.abc import Callable

    from autograd_lite.node import Array, Node


def lift(vjp: Callable[[Array], Array], node: Node) -> Callable[[Array], Array]:
    """`vjp` with the arrays that it captured made tensors in their places in the graph again.

    What it computes then has a graph of its own, which reaches back to the op's inputs.

    Raises:
        TypeError: when `vjp` captured an array of floats that is neither an input nor the result
            of its op: its dependence on the inputs would be lost without a word.
    """
    cells = vjp.__closure__ or ()
    lifted = tuple(
        CellType(_live(cell.cell_contents, role, node))
        for role, cell in zip(_roles(vjp.__code__), cells, strict=True)
    )
    defaults, settings = _constant(vjp.__defaults__, node), _constant(vjp.__kwdefaults__, node)
    return _with(vjp, lifted, defaults, settings)


def freeze(vjp: Callable[[Array], Array], node: Node) -> Callable[[Array], Array]:
    """`vjp` with the arrays that it captured made tensors that require no gradient.

    What it computes then has a graph that is linear in its argument, and reaches nothing else. As
    tensors the arrays are recorded as they are: of an ndarray, each op would copy it.
    """
    cells = tuple(CellType(_frozen(cell.cell_contents, node)) for cell in vjp.__closure__ or ())
    return _with(vjp, cells, vjp.__defaults__, vjp.__kwdefaults__)


def _with(
    vjp: Callable[[Array], Array], cells: tuple[CellType, ...], defaults: Any, settings: Any
) -> Callable[[Array], Array]:
    """The code of `vjp` with other captured values."""
    again = FunctionType(vjp.__code__, vjp.__globals__, vjp.__name__, defaults, cells)
    again.__kwdefaults__ = settings
    return again


def _frozen(value: Any, node: Node) -> Any:
    if isinstance(value, np.ndarray) and value.dtype.kind == "f":
        return wrap(value)
    if type(value) is tuple:
        return tuple(_frozen(v, node) for v in value)
    return freeze(value, node) if isinstance(value, FunctionType) else value


@functools.cache
def _roles(closure: CodeType) -> tuple[int | str, ...]:
    """What each free variable of a closure is to its op: the position of an array, or a name."""
    forward = forwards.get(closure)
    if forward is None:
        message = (
            f"{closure.co_qualname}: a vjp must be written inside its op to be differentiated again"
        )
        raise TypeError(message)
    arrays: dict[str, int | str] = {
        name: i for i, name in enumerate(forward.co_varnames[: forward.co_posonlyargcount])
    }
    if forward.co_flags & inspect.CO_VARARGS:
        arrays[forward.co_varnames[forward.co_argcount + forward.co_kwonlyargcount]] = "*"
    rebound = {i.argval for i in dis.get_instructions(forward) if i.opname == "STORE_DEREF"}
    if lost := rebound & arrays.keys() & set(closure.co_freevars):
        message = (
            f"{forward.co_name}: its vjp captures {sorted(lost)}, which the op assigns to; give the"
            " new value another name, so that the captured one is the op's argument"
        )
        raise TypeError(message)
    return tuple(arrays.get(name, name) for name in closure.co_freevars)


def _live(value: Any, role: int | str, node: Node) -> Any:
    if isinstance(role, int):
        source = node.inputs[role]
        return value if source is None else wrap(value, source)
    if role == "*":  # the arrays of an op that takes any number of them
        return tuple(_live(v, i, node) for i, v in enumerate(value))
    if role == "out" and id(value) == node.out:
        return wrap(value, node)
    return _constant(value, node)


def _constant(value: Any, node: Node) -> Any:
    if isinstance(value, (np.ndarray, np.inexact)) and value.dtype.kind in "fc":
        message = (
            f"{node.name}: a vjp captures an array of floats that is neither an argument of its op"
            " nor its result `out`; compute it inside the vjp, from those"
        )
        raise TypeError(message)
    if type(value) in {tuple, list}:
        return type(value)(_constant(v, node) for v in value)
    if type(value) is dict:
        return {key: _constant(v, node) for key, v in value.items()}
    return lift(value, node) if isinstance(value, FunctionType) else value
