"""From a recorded graph to boxes and edges: what a drawing shows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from autograd_lite.drawing.calls import boxed, calls
from autograd_lite.drawing.captured import captured, owner
from autograd_lite.drawing.labels import constant_box, leaf_box, module_box, names_of, op_box
from autograd_lite.node import Leaf

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable, Mapping, Sequence

    from numpy.typing import NDArray

    from autograd_lite.drawing.labels import Box
    from autograd_lite.node import Call, Node


@dataclass
class Graph:
    """What is drawn.

    Attributes:
        boxes: the boxes.
        edges: pairs of boxes, by number: the value of the first goes into the second.
        ops: how many recorded ops the boxes stand for.
        values: bytes of the values that the graph keeps, each array once.
        constants: bytes of the arrays that it keeps of what required no gradient.
        leaves: bytes of the leaves' own values.
    """

    boxes: list[Box]
    edges: list[tuple[int, int]]
    ops: int
    values: int
    constants: int
    leaves: int


def collect(roots: Sequence[Node], depth: int | None, *, expand: bool) -> Graph:
    """The graph that the values of `roots` came out of.

    Args:
        roots: the nodes of the values.
        depth: how many modules around a module are opened; None for all that have modules inside.
        expand: whether all modules are opened, whatever the depth.

    Raises:
        RuntimeError: when a backward pass has consumed the graph.
    """
    nodes = _newest_first(roots)
    sketch = _Sketch(nodes, {} if expand else boxed(nodes, depth))
    boxes = sketch.boxes(names_of(calls(nodes)))
    for root in roots:
        boxes[sketch.keys[root]].is_output = True
    numbers = {key: number for number, key in enumerate(boxes)}
    edges = [
        (numbers[source], numbers[target])
        for (source, target), count in sketch.edges.items()
        if source in numbers
        for _ in range(count)
    ]
    ops = sum(not isinstance(node, Leaf) for node in nodes)
    constants = {key: size for key, size in sketch.kept.items() if key not in sketch.values}
    sizes = (sum(memory.values()) for memory in (sketch.values, constants, sketch.leaves))
    return Graph(list(boxes.values()), edges, ops, *sizes)


def _newest_first(roots: Iterable[Node]) -> list[Node]:
    """All nodes that `roots` depend on, and these, without recursion."""
    stack = list(dict.fromkeys(roots))
    seen = set(stack)
    for node in stack:  # it grows meanwhile
        if node.vjps is None:
            message = (
                "draw_graph: a backward pass has consumed this graph; draw it before backward(), or"
                " call that with retain_graph=True, or compute the output again"
            )
            raise RuntimeError(message)
        for parent in node.inputs:
            if parent is not None and parent not in seen:
                seen.add(parent)
                stack.append(parent)
    return sorted(stack, key=lambda node: node.age, reverse=True)


class _Sketch:
    """What is known of a graph's boxes: each has a key, by which the others refer to it.

    Attributes:
        keys: of each node, the key of its box: the start of a call for a module's, else the node.
        edges: how many there are from one key to another.
        leaves: the bytes of the arrays of leaves, by identity.
        values: the bytes of other arrays that the graph keeps, by identity.
        kept: the bytes of what is kept as a constant; an array may be a value as well.
    """

    def __init__(self, nodes: Sequence[Node], inside: Mapping[Node, Call]) -> None:
        self._nodes, self._inside = nodes, inside
        self.keys: dict[Node, Hashable] = {
            node: node if isinstance(node, Leaf) or node not in inside else inside[node].start
            for node in nodes
        }
        self.edges: dict[tuple[Hashable, Hashable], int] = {}
        self.leaves: dict[int, int] = {}
        self.values: dict[int, int] = {}
        self.kept: dict[int, int] = {}
        self._held: dict[Hashable, dict[int, int]] = {}
        self._constants: dict[Hashable, NDArray[Any]] = {}
        self._numbers: dict[Node, list[str]] = {}
        for node in nodes:
            tensor = node.tensor() if isinstance(node, Leaf) else None
            if tensor is not None:
                array = owner(tensor._data)
                self.leaves[id(array)] = array.nbytes
        for node in reversed(nodes):
            self._note_inputs(node)
            self._note_memory(node)

    def _note_inputs(self, node: Node) -> None:
        """Count an op's edges: two in x * x, but into or out of a module's box one is enough."""
        key = self.keys[node]
        for parent in node.inputs:
            if parent is None or self.keys[parent] == key:
                continue
            source = self.keys[parent]
            before = self.edges.get((source, key), 0) if source is parent and key is node else 0
            self.edges[source, key] = before + 1

    def _note_memory(self, node: Node) -> None:
        """Note what the closures of an op captured."""
        key = self.keys[node]
        for value, role, name in captured(node):
            is_constant = isinstance(role, int) and node.inputs[role] is None
            if is_constant and np.ndim(value) == 0:
                self._numbers.setdefault(node, []).append(f"{name} = {value:.4g}")
            if not isinstance(value, np.ndarray) or id(owner(value)) in self.leaves:
                continue
            array = owner(value)
            if not is_constant:
                self.values[id(array)] = array.nbytes
                self._held.setdefault(key, {})[id(array)] = array.nbytes
                continue
            self.kept[id(array)] = array.nbytes
            if value.ndim and (key is node or value.dtype.kind != "b"):  # no mask of a dropout
                self._constants["constant", id(value)] = value
                self.edges[("constant", id(value)), key] = 1

    def boxes(self, names: Mapping[int, str]) -> dict[Hashable, Box]:
        """The boxes by their keys.

        Args:
            names: where modules and parameters are, by their identities.
        """
        own = self._own_leaves()
        shown = {leaf for leaves in own.values() for leaf in leaves}
        boxes: dict[Hashable, Box] = {
            key: constant_box(array) for key, array in self._constants.items()
        }
        # Of a module's nodes the last one, which is what it returned.
        last = {self.keys[node]: node for node in reversed(self._nodes) if node not in shown}
        for key, node in last.items():
            held = sum(self._held.get(key, {}).values())
            if isinstance(node, Leaf):
                boxes[key] = leaf_box(node, names)
            elif key is node:
                boxes[key] = op_box(node, self._numbers.get(node, []), held)
            else:
                boxes[key] = module_box(node, self._inside[node], own.get(key, []), names, held)
        return boxes

    def _own_leaves(self) -> dict[Hashable, list[Leaf]]:
        """For each module's box, the parameters that nothing else uses: they are part of it."""
        users: dict[Hashable, list[Hashable]] = {}
        for source, target in self.edges:
            users.setdefault(source, []).append(target)
        own: dict[Hashable, list[Leaf]] = {}
        for node in self._nodes:
            if isinstance(node, Leaf) and hasattr(node.tensor(), "name"):
                user, *others = users.get(node, [None])
                if isinstance(user, int) and not others:
                    own.setdefault(user, []).append(node)
        return own
