"""How a module finds what it is made of, and shows it."""

from __future__ import annotations

import inspect
from itertools import groupby
from typing import TYPE_CHECKING, Any

from autograd_lite.tables import html_table

from .parameter import Parameter

if TYPE_CHECKING:
    from collections.abc import Iterator

_DEEPEST = 32  # modules in modules that are shown
_MOST = 200  # lines of a table


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


def own_parameters(module: Any) -> Iterator[tuple[str, Parameter]]:
    """The parameters of a module itself, by the names of their attributes."""
    return ((name, held) for name, held in module._held() if isinstance(held, Parameter))


def count_parameters(module: Any) -> int:
    """How many numbers the parameters of a module and its parts hold, each once."""
    own = (own_parameters(part) for part in module.modules())
    return sum({id(p): p.size for parameters in own for _, p in parameters}.values())


def as_text(module: Any) -> str:
    """A module and its parts, each on a line of its own, and the number of its parameters."""
    count = count_parameters(module)
    parts = any(True for _ in module.children())
    return _tree(module, ()) + (f"  # {count:,} parameters" if parts and count else "")


def _tree(module: Any, around: tuple[int, ...]) -> str:
    if id(module) in around or len(around) == _DEEPEST:
        return "..."
    own = (f"{name}: {parameter.shape}" for name, parameter in own_parameters(module))
    settings = settings_of(module) or ", ".join(own)
    inside = (*around, id(module))
    parts = [(name, _tree(child, inside)) for name, child in module.named_children()]
    lines = [settings] if settings and parts else []
    for (text, is_counted), alike in groupby(parts, key=_kind):
        names = [name for name, _ in alike]
        if is_counted and len(names) > 2:
            lines.append(f"({names[0]} to {names[-1]}): {len(names)} times {text}")
        else:
            lines += [f"({name}): {text}" for name in names]
    name = type(module).__name__
    if not parts:
        return f"{name}({settings})"
    body = "\n".join(lines).replace("\n", "\n  ")
    return f"{name}(\n  {body}\n)"


def _kind(part: tuple[str, str]) -> tuple[str, bool]:
    """What parts must have in common to stand in one line: the text, and that they are counted."""
    name, text = part
    return text, name.rpartition(".")[2].isdecimal()


def as_html(module: Any) -> str:
    """A module and its parts as a table, with the parameters of each."""
    lines: list[tuple[str, ...]] = []
    stack = [("", module, 0)]
    seen: set[int] = set()
    while stack and len(lines) < _MOST:
        name, part, depth = stack.pop()
        own = list(own_parameters(part))
        held = ", ".join(f"{key} {parameter.shape}" for key, parameter in own)
        count = sum(p.size for _, p in own if id(p) not in seen)
        seen.update(id(p) for _, p in own)
        label = f"{name}: {brief(part)}" if name else brief(part)
        lines.append(("  " * depth + label, held, f"{count:,}" if count else ""))
        if id(part) not in seen:  # a module that is here again has been shown with its parts
            seen.add(id(part))
            children = list(part.named_children())
            stack += [(key, child, depth + 1) for key, child in reversed(children)]
    if stack:
        lines.append((f"... and {len(stack)} more", "", ""))
    total = ("total", "", f"{count_parameters(module):,}")
    return html_table(("layer", "its own parameters", "elements"), lines, 2, [total])


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
        elif usual[key] is inspect.Parameter.empty:
            shown.append(value)
        elif repr(usual[key]) != value:
            shown.append(setting)
    return f"{type(module).__name__}({', '.join(shown)})"


def _defaults(kind: type[Any]) -> dict[str, Any]:
    try:
        parameters = inspect.signature(kind).parameters
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
