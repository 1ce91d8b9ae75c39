"""How a module finds what it is made of, and shows it."""

from __future__ import annotations

from inspect import Parameter, signature
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


def settings_of(module: Any) -> str:
    """What `extra_repr` says, or why it cannot: a repr is also asked for where a module is unready.

    >>> from autograd_lite import nn
    >>> settings_of(nn.Linear.__new__(nn.Linear))
    "not ready: 'Linear' object has no attribute 'bias'"
    """
    try:
        return str(module.extra_repr())
    except Exception as error:  # noqa: BLE001  # it is the user's, and may raise anything
        return f"not ready: {error}"


def brief(module: Any) -> str:
    """A module in a few words: its class, and the settings that are not the usual ones.

    >>> from autograd_lite import nn
    >>> brief(nn.Linear(784, 256)), brief(nn.Linear(2, 3, bias=False)), brief(nn.LayerNorm(64))
    ('Linear(784, 256)', 'Linear(2, 3, bias=False)', 'LayerNorm((64,))')
    """
    usual = _defaults(type(module))
    shown = []
    for setting in _split(settings_of(module)):
        key, is_named, value = setting.partition("=")
        if not is_named or key not in usual:
            shown.append(setting)
        elif usual[key] is Parameter.empty:
            shown.append(value)
        elif repr(usual[key]) != value:
            shown.append(setting)
    return f"{type(module).__name__}({', '.join(shown)})"


def _defaults(kind: type[Any]) -> dict[str, Any]:
    try:
        parameters = signature(kind).parameters
    except (TypeError, ValueError):  # of a class that is not written in Python
        return {}
    return {name: parameter.default for name, parameter in parameters.items()}


def _split(settings: str) -> list[str]:
    """The parts between the commas that stand in no bracket."""
    parts, depth = [""], 0
    for letter in settings:
        depth += (letter in "([{") - (letter in ")]}")
        if letter == "," and depth == 0:
            parts.append("")
        else:
            parts[-1] += letter
    return [part.strip() for part in parts if part.strip()]
