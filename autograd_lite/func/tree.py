"""Nested data: what a transform takes and gives is a tree of dicts, lists, tuples, dataclasses.

`flatten` gives the leaves in one list, and a function that builds the same tree of others:

    >>> leaves, build = flatten({"w": 1.0, "layers": [2.0, (3.0,)]})
    >>> leaves
    [1.0, 2.0, 3.0]
    >>> build([10, 20, 30])
    {'w': 10, 'layers': [20, (30,)]}
"""

from __future__ import annotations

import copy
import dataclasses
from typing import TYPE_CHECKING, Any

from autograd_lite.errors import describe

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

_DEEPEST = 64  # trees deeper than that hold themselves


def flatten(tree: Any) -> tuple[list[Any], Callable[[Sequence[Any]], Any]]:
    """The leaves of a tree in order, and a function that puts others into their places.

    Dicts (in their order), lists, tuples, named tuples and instances of dataclasses are branches;
    None is an empty branch; everything else is a leaf.

    Args:
        tree: nested data.

    Returns:
        The leaves, and `build(leaves)`, which makes a new tree; what it keeps of the old one are
        the keys, and the types of branches.

    Raises:
        ValueError: when the tree holds itself.
    """
    leaves: list[Any] = []
    _collect(tree, leaves, 0)
    count = len(leaves)

    def build(new: Sequence[Any]) -> Any:
        if len(new) != count:
            message = f"tree: got {len(new)} leaves; expected {count}"
            raise ValueError(message)
        return _built(tree, iter(new))

    return leaves, build


def _children(tree: Any) -> list[Any] | None:
    """What a branch holds, or None for a leaf."""
    if tree is None:
        return []
    if isinstance(tree, dict):
        return list(tree.values())
    if isinstance(tree, (list, tuple)):
        return list(tree)
    if dataclasses.is_dataclass(tree) and not isinstance(tree, type):
        return [getattr(tree, field.name) for field in dataclasses.fields(tree)]
    return None


def _collect(tree: Any, leaves: list[Any], depth: int) -> None:
    if depth > _DEEPEST:
        message = f"tree: the nested data hold themselves, or go more than {_DEEPEST} levels deep"
        raise ValueError(message)
    children = _children(tree)
    if children is None:
        leaves.append(tree)
        return
    for child in children:
        _collect(child, leaves, depth + 1)


def _built(tree: Any, new: Iterator[Any]) -> Any:
    """A tree like `tree`, with the next of `new` for each leaf."""
    children = _children(tree)
    if children is None:
        return next(new)
    parts = [_built(child, new) for child in children]
    if tree is None:
        return None
    if isinstance(tree, dict):
        return _copied(tree, zip(tree, parts, strict=True))
    if isinstance(tree, tuple):
        return type(tree)(*parts) if hasattr(tree, "_fields") else type(tree)(parts)
    if isinstance(tree, list):
        return type(tree)(parts)
    other = copy.copy(tree)
    for field, part in zip(dataclasses.fields(tree), parts, strict=True):
        object.__setattr__(other, field.name, part)  # a frozen one too
    return other


def _copied(tree: dict[Any, Any], items: Any) -> dict[Any, Any]:
    """A dict of the same kind: a defaultdict keeps its factory."""
    other = copy.copy(tree)
    other.update(items)
    return other


def matched(
    name: str, what: str, tree: Any, other: Any, like: str = "the inputs"
) -> tuple[list[Any], list[Any]]:
    """The leaves of two trees that must have the same structure.

    Args:
        name: the function, for the message.
        what: what `other` is to it, for the message.
        tree: the tree that says what is expected.
        other: the tree that was given.
        like: what `tree` is to the function, for the message.

    Raises:
        ValueError: when `other` is built otherwise.
    """
    _compare(name, f"{what} like {like}", tree, other, what)
    return flatten(tree)[0], flatten(other)[0]


def _compare(name: str, what: str, tree: Any, other: Any, place: str) -> None:
    """Refuse `other` where it branches otherwise than `tree`, and say where."""
    children, others = _children(tree), _children(other)
    if children is None and others is None:
        return
    named = {type(tree), type(other)}
    keys = list(tree) if isinstance(tree, dict) else list(range(len(children or ())))
    same = (
        (list(tree) == list(other)) if named == {dict} else len(children or ()) == len(others or ())
    )
    if children is None or others is None or type(tree) is not type(other) or not same:
        got, expected = _kind(other), _kind(tree)
        message = f"{name}: got {got} as {place}; expected {expected}: {what}"
        raise ValueError(message)
    for key, child, another in zip(keys, children, others, strict=True):
        _compare(name, what, child, another, f"{place}[{key!r}]")


def _kind(tree: Any) -> str:
    """What a tree is at its root, in a few words."""
    children = _children(tree)
    if children is None or tree is None:
        return describe(tree)
    if isinstance(tree, dict):
        return f"a dict with keys {describe(list(tree))}"
    return f"a {type(tree).__name__} of {len(children)}"
