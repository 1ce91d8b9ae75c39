"""Where an op was called: the user's lines, and the module that was running."""

from __future__ import annotations

import linecache
import sys
import sysconfig
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import FrameType

    from autograd_lite.node import Call

_PACKAGE = __name__.partition(".")[0]
_DEEPEST = 12  # the frames of the user's that are kept of an op; the innermost tell the most
_SHOWN = 3
_INSTALLED = tuple(
    str(Path(path)) for key, path in sysconfig.get_paths().items() if key.endswith("lib")
)


class Place(NamedTuple):
    """A line of code: its file, its number, and the function that it is in."""

    file: str
    line: int
    function: str


class Origin:
    """Where an op was called.

    Attributes:
        name: the op.
        places: the lines that led to it, the innermost first, without this package's own.
        rule_of: where the op was called whose gradient this op is a part of, or None.
    """

    __slots__ = ("__weakref__", "name", "places", "rule_of")

    def __init__(self, name: str, rule_of: Origin | None = None) -> None:
        self.name, self.rule_of = name, rule_of
        self.places = tuple(
            Place(frame.f_code.co_filename, frame.f_lineno, frame.f_code.co_name)
            for frame, _ in zip(_users(), range(_DEEPEST), strict=False)
        )


def _frames() -> Iterator[FrameType]:
    frame: FrameType | None = sys._getframe(1)
    while frame is not None:
        yield frame
        frame = frame.f_back


def _users() -> Iterator[FrameType]:
    """The frames that run code of others than this package, the innermost first."""
    for frame in _frames():
        if str(frame.f_globals.get("__name__", "")).partition(".")[0] != _PACKAGE:
            yield frame


def first_place(origin: Origin | None) -> Place | None:
    """The innermost line that is the user's, or that of a library if none is."""
    return None if origin is None else next(iter(_told(origin.places)), None)


def _told(places: tuple[Place, ...]) -> tuple[Place, ...]:
    """The places worth showing: without those in installed packages, if others are left."""
    own = tuple(place for place in places if not place.file.startswith((*_INSTALLED, "<frozen")))
    return (own or places)[:_SHOWN]


def lines_of(origin: Origin) -> list[str]:
    """The user's lines behind an op, for a message."""
    lines = []
    for i, place in enumerate(_told(origin.places)):
        text = linecache.getline(place.file, place.line).strip()
        prefix = "at" if i == 0 else "called at"
        at = f"{prefix} {place.file}:{place.line}, in {place.function}"
        lines.append(f"{at}: {text}" if text else at)
    if origin.rule_of is not None:
        lines.append(f"in the backward pass of {origin.rule_of.name}, which was recorded")
        lines += lines_of(origin.rule_of)
    return lines


def module_now() -> str | None:
    """The module whose forward runs, by its path in the outermost one, or None."""
    calls = [
        frame.f_locals.get("self")
        for frame in _frames()
        if frame.f_code.co_name == "__call__"
        and frame.f_globals.get("__name__") == f"{_PACKAGE}.nn.module"
    ]
    return _described(calls[0], calls[-1]) if calls else None


def module_of(call: Call | None) -> str | None:
    """The innermost module that returned a value, by its path in the outermost one, or None."""
    modules = []
    while call is not None:
        modules.append(call.module())
        call = call.inner
    alive = [module for module in modules if module is not None]
    return _described(alive[-1], alive[0]) if alive else None


def _described(module: Any, root: Any) -> str:
    """A module by its type, its settings, and its path in another one."""
    paths = [path for path, part in root.named_modules() if part is module and path]
    within = f" ({paths[0]} of {type(root).__name__})" if paths else ""
    return f"in the module {type(module).__name__}({module.extra_repr()}){within}"
