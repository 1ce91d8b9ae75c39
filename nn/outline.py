"""How a module finds what it is made of, and shows it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator


def found(name: str, value: Any, kinds: tuple[type, ...]) -> Iterator[tuple[str, Any]]:
    """What is of `kinds` in the attribute `name`, or in the lists and dicts that it holds."""
    if isinstance(value, kinds):
        yield name, value
    elif isinstance(value, (list, tuple)):
        for i, item in enumerate(value):
            yield from found(f"{name}.{i}", item, kinds)
    elif isinstance(value, dict):
        for key, item in value.items():
            yield from found(f"{name}.{key}", item, kinds)


def is_new_name(name: Any, owner: type) -> bool:
    """Whether `name` is an identifier that a class has not taken for itself."""
    return isinstance(name, str) and name.isidentifier() and not hasattr(owner, name)


def joined(path: str, name: str) -> str:
    """A dotted name."""
    return f"{path}.{name}" if path else name


def outline(name: str, settings: str, parts: Iterable[tuple[str, str]]) -> str:
    """A module as text: on one line, or with its parts, already text, on lines of their own."""
    lines = [f"({key}): {part}" for key, part in parts]
    if not lines:
        return f"{name}({settings})"
    body = "\n".join(filter(None, [settings, *lines])).replace("\n", "\n  ")
    return f"{name}(\n  {body}\n)"
