"""What a recorded op keeps alive: the arrays in its closures, and what each is to the op."""

from __future__ import annotations

import inspect
from types import FunctionType
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from autograd_lite.node import forwards

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from types import CodeType

    from numpy.typing import NDArray

    from autograd_lite.node import Node

# What a closure's variable is to its op: the position of an array that it was given, or a name.
Role = int | str


class Captured(NamedTuple):
    """A value in a closure.

    Attributes:
        value: an array or a number.
        role: what it is to the op.
        name: what the op calls it.
    """

    value: Any
    role: Role
    name: str


def captured(node: Node) -> list[Captured]:
    """The arrays and numbers in the closures of a node, each once in each role."""
    closures = [vjp for vjp in (node.first, *(node.vjps or ())) if vjp is not None]
    stack: list[Captured] = [Captured(vjp, "", "") for vjp in reversed(closures)]
    op = next((forwards.get(vjp.__code__) for vjp in node.vjps or () if vjp is not None), None)
    roles = {} if op is None else _roles(op)
    found: dict[tuple[int, Role], Captured] = {}
    seen: set[int] = set()
    while stack:
        value, role, name = stack.pop()
        if isinstance(value, FunctionType):
            if id(value) not in seen:
                seen.add(id(value))
                own = roles if forwards.get(value.__code__) is op else {}
                stack.extend(reversed(list(_cells(value, own))))
        elif isinstance(value, (tuple, list)):
            places = range(len(value)) if role == "*" else [role] * len(value)
            stack.extend(Captured(v, place, name) for v, place in zip(value, places, strict=True))
        elif isinstance(value, dict):
            stack.extend(Captured(v, role, name) for v in value.values())
        else:
            value = getattr(value, "_data", value)
            if isinstance(value, (np.ndarray, np.generic, int, float)):
                found.setdefault((id(value), role), Captured(value, role, name))
    return list(found.values())


def owner(array: NDArray[Any]) -> NDArray[Any]:
    """The array whose memory `array` shows: what is kept alive by it, whole."""
    while isinstance(array.base, np.ndarray):
        array = array.base
    return array


def activation(node: Node) -> str | None:
    """The activation that an op ran in the same step, as `linear` can, or None."""
    if node.first is None:
        return None
    code: Any = node.first.__code__
    name = forwards.get(code, code).co_name.lstrip("_")
    if name != node.name:
        return str(name)
    slope = next((c.value for c in captured(node) if c.name == "slope"), None)
    return None if slope is None else "leaky_relu" if slope else "relu"


def _roles(op: CodeType) -> Mapping[str, Role]:
    """The arrays of an op by name: their positions, and "*" for any number of them."""
    roles: dict[str, Role] = {
        name: i for i, name in enumerate(op.co_varnames[: op.co_posonlyargcount])
    }
    if op.co_flags & inspect.CO_VARARGS:
        roles[op.co_varnames[op.co_argcount + op.co_kwonlyargcount]] = "*"
    return roles


def _cells(function: FunctionType, roles: Mapping[str, Role]) -> Iterator[Captured]:
    """What a function captured, and its defaults, which closures made in a loop have."""
    names = function.__code__.co_freevars
    for name, cell in zip(names, function.__closure__ or (), strict=True):
        yield Captured(cell.cell_contents, roles.get(name, name), name)
    for value in (*(function.__defaults__ or ()), *(function.__kwdefaults__ or {}).values()):
        yield Captured(value, "default", "")
