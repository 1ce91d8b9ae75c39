"""What stands in the boxes of a drawing."""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import takewhile
from typing import TYPE_CHECKING, Any

from autograd_lite.drawing.captured import activation
from autograd_lite.nn.outline import brief, joined, settings_of
from autograd_lite.tables import counted, in_bytes
from autograd_lite.tensor import Tensor

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from numpy.typing import NDArray

    from autograd_lite.node import Call, Leaf, Node

_WIDEST = 34  # of a line, in characters


@dataclass
class Box:
    """A box of a drawing.

    Attributes:
        kind: "op", "module", "leaf" or "constant".
        title: its first line.
        lines: the others.
        hover: what a browser shows when the pointer rests on it: all that was cut.
        is_output: whether it is what was asked for.
    """

    kind: str
    title: str
    lines: list[str]
    hover: str = ""
    is_output: bool = False

    def __post_init__(self) -> None:
        self.hover = self.hover or "\n".join([self.title, *self.lines])
        self.title, *self.lines = map(_cut, [self.title, *self.lines])


def op_box(node: Node, numbers: Sequence[str], held: int) -> Box:
    """An op, with the numbers that it was given."""
    then = activation(node)
    title = node.name if then is None else f"{node.name}, {then}"
    return Box("op", title, [*numbers, _form(node), *_holds(held)])


def leaf_box(node: Leaf, names: Mapping[int, str]) -> Box:
    """A tensor that requires a gradient and that no op made, by its name if it has one."""
    tensor = node.tensor()
    form = _form(node)
    if tensor is None:
        return Box("leaf", "leaf, deleted since", [form])
    if tensor.size == 1:
        form = f"{form} = {tensor._data.item():.4g}"
    name = names.get(id(tensor)) or getattr(tensor, "name", None)
    return Box("leaf", name or type(tensor).__name__, [form])


def constant_box(array: NDArray[Any]) -> Box:
    """An array that a graph keeps and that no gradient flows to."""
    return Box("constant", "constant", [f"{_shape(array.shape)} {array.dtype}"])


def module_box(
    node: Node, call: Call, leaves: Sequence[Leaf], names: Mapping[int, str], held: int
) -> Box:
    """A call of a module.

    Args:
        node: what it returned.
        call: the call.
        leaves: the parameters that it alone uses.
        names: where modules are, by their identities.
        held: the bytes of the values that the graph keeps of it.
    """
    module = call.module()
    title = call.kind.__name__ if module is None else brief(module)
    hover = title if module is None else f"{call.kind.__name__}({settings_of(module)})"
    lines = [names.get(id(module)) or _common_path(leaves)]
    then = activation(node) if node.name == "linear" else None
    if then is not None:
        lines.append(f"then {then}")
    lines.append(_form(node))
    if leaves:
        count = sum(math.prod(leaf.shape) for leaf in leaves)
        lines.append(counted(count, "parameter"))
    lines = [line for line in [*lines, *_holds(held)] if line]
    return Box("module", title, lines, "\n".join([hover, *lines]))


def names_of(calls: Iterable[Call]) -> dict[int, str]:
    """Where modules and parameters are in the outermost modules that were called, by identity."""
    names: dict[int, str] = {}
    for call in calls:
        module = call.module()
        if module is not None and id(module) not in names:
            for path, part in module.named_modules():
                names.setdefault(id(part), path)
                for name, held in part._held():
                    if isinstance(held, Tensor):
                        names.setdefault(id(held), joined(path, name))
    return names


def _common_path(leaves: Iterable[Leaf]) -> str:
    """Where parameters are, as they know it themselves: the beginning that their names share."""
    tensors: list[Any] = [leaf.tensor() for leaf in leaves]
    paths = [(tensor.name or "").split(".")[:-1] for tensor in tensors]
    levels = takewhile(lambda level: len(set(level)) == 1, zip(*paths, strict=False))
    return ".".join(level[0] for level in levels)


def _holds(held: int) -> list[str]:
    return [f"holds {in_bytes(held)}"] if held else []


def _form(node: Node) -> str:
    return f"{_shape(node.shape)} {node.dtype}"


def _shape(shape: tuple[int, ...]) -> str:
    return "scalar" if not shape else str(shape)


def _cut(line: str) -> str:
    line = " ".join(line.split())
    return line if len(line) <= _WIDEST else line[: _WIDEST - 1] + "\u2026"
