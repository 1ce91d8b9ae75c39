"""Which nodes of a graph are drawn as one box: those of a call of a module."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from autograd_lite.node import Call, Node


def boxed(nodes: Sequence[Node], depth: int | None) -> dict[Node, Call]:
    """For each node that is drawn inside a box, the call of a module that the box stands for.

    A box is a call that has no other inside, or that lies `depth` calls deep. Boxes follow one
    another in time, and what depends on a box's node and is depended on by another is in the box
    too, so boxes can depend on each other in one direction only.

    Args:
        nodes: the newest first.
        depth: how many calls around a call are opened; None for all.
    """
    chosen = _chosen(nodes, depth)
    inside: dict[Node, Call] = {}
    for node in nodes:
        own = next((call for call in _chain(node) if call.start in chosen), inside.get(node))
        if own is not None:
            inside[node] = own
            for parent in node.inputs:
                if parent is not None and parent.age > own.start:
                    inside.setdefault(parent, own)
    return inside


def calls(nodes: Sequence[Node]) -> list[Call]:
    """All calls that nodes came out of, those that began first at the front."""
    return sorted((call for node in nodes for call in _chain(node)), key=lambda call: call.start)


def _chosen(nodes: Sequence[Node], depth: int | None) -> set[int]:
    """The starts of the calls that are boxes."""
    spans = sorted((call.start, node.age) for node in nodes for call in _chain(node))
    chosen: set[int] = set()
    around: list[int] = []  # the ends of the calls that the present one lies in
    free = -1  # since when no box is open
    for i, (start, end) in enumerate(spans):
        while around and around[-1] < start:
            around.pop()
        innermost = i + 1 == len(spans) or spans[i + 1][0] > end
        if start > free and (innermost or len(around) == depth):
            chosen.add(start)
            free = end
        around.append(end)
    return chosen


def _chain(node: Node) -> Iterator[Call]:
    """The calls that returned a node's value, the outermost first."""
    call = node.call
    while call is not None:
        yield call
        call = call.inner
