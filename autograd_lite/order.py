"""The order of a pass: which nodes it goes through, newest first, and where it ends."""

from __future__ import annotations

from operator import attrgetter
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable

    from autograd_lite.node import Node

_age = attrgetter("age")


def newest_first(
    roots: Iterable[Node], name: str, oldest: float = 0
) -> tuple[list[Node], set[Node | None]]:
    """The nodes that `roots` depend on and that pass gradients on; and these with the leaves.

    Those that are older than `oldest` are left out, with all that only they depend on.
    """
    stack: list[Any] = list(roots)
    order: list[Node] = []
    seen: set[Node | None] = {None, *stack}
    while stack:
        node = stack.pop()
        if node.age < oldest:
            continue
        if not node.vjps:
            if node.vjps is None:
                message = (
                    f"{name}: a backward pass has consumed this graph; call it with"
                    " retain_graph=True the first time, or compute the output again"
                )
                raise RuntimeError(message)
            continue  # a leaf
        order.append(node)
        for parent in node.inputs:
            if parent not in seen:
                seen.add(parent)
                stack.append(parent)
    order.sort(key=_age, reverse=True)
    return order, seen


def behind(roots: Iterable[Node], name: str, since: int) -> set[Node]:
    """What the nodes younger than `since` rest on: older nodes, and leaves of any age."""
    order, seen = newest_first(roots, name, since)
    return {node for node in seen.difference(order) if node is not None}
