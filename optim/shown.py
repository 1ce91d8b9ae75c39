"""What an optimizer shows of itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from autograd_lite.tables import counted, html_table

from .settings import COMMON

if TYPE_CHECKING:
    from collections.abc import Mapping


def as_text(optimizer: Any) -> str:
    """The groups, each on a line: how many parameters, and the settings that are not the usual."""
    lines = []
    for i, group in enumerate(_groups(optimizer)):
        settings = [f"{key}={value!r}" for key, value in _settings(group).items()]
        elements = counted(_elements(group), "element")
        parts = [counted(len(group["params"]), "parameter") + f" of {elements}"]
        lines.append(f"  ({i}): {', '.join([*parts, *settings])}\n")
    return f"{type(optimizer).__name__}(\n{''.join(lines)})"


def as_html(optimizer: Any) -> str:
    """The groups as a table, with a column for each setting that one of them has unusual."""
    groups = _groups(optimizer)
    keys = list(dict.fromkeys(key for group in groups for key in _settings(group)))
    body = [
        (
            str(i),
            f"{len(group['params']):,}",
            f"{_elements(group):,}",
            *(str(group.get(key, "")) for key in keys),
        )
        for i, group in enumerate(groups)
    ]
    table = html_table(("group", "parameters", "elements", *keys), body, 1)
    return f"<div><code><b>{type(optimizer).__name__}</b></code>{table}</div>"


def _groups(optimizer: Any) -> list[dict[str, Any]]:
    """The groups; none of an optimizer that is only being made, as a debugger may show it."""
    groups: list[dict[str, Any]] = getattr(optimizer, "param_groups", [])
    return groups


def _settings(group: Mapping[str, Any]) -> dict[str, Any]:
    """The settings of a group: those of the rule, and of those that all rules have the unusual."""
    unusual = {key: group[key] for key in COMMON if group.get(key) != COMMON[key]}
    own = {key: group[key] for key in group if key != "params" and key not in COMMON}
    return own | unusual


def _elements(group: Mapping[str, Any]) -> int:
    return sum(param.size for param in group["params"])
