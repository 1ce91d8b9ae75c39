"""What a function changes beside its result, noted so that it can run again as the first time.

A `Run` is set while a function runs. Generators are asked of it, and modules tell it what they
assign. A second run, `Run(first)`, draws the same numbers, finds the attributes that the first one
assigned as they were before it, and leaves generators and modules as it found them.
"""

from __future__ import annotations

import copy
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from autograd_lite.memory import PLAIN

if TYPE_CHECKING:
    from contextvars import Token

_ABSENT = object()  # what an attribute was that an object had not


class Run:
    """A run of a function, in one thread or task: a context around it.

    Args:
        first: the run that this one repeats; None for a first one.
    """

    def __init__(self, first: Run | None = None) -> None:
        self._first = first
        self._around: Run | None = None
        # By the generator that was asked for, None for the library's own: that one, kept so that
        # its `id` stays its own, and a copy of it as it was (of a second run, what it draws from).
        self._drawn: dict[int | None, tuple[Any, Any]] = {}
        self._assigned: dict[tuple[int, str], tuple[Any, str, Any]] = {}
        self._token: Token[Run | None] | None = None

    def __enter__(self) -> Self:
        self._around = current.get()
        self._token = current.set(self)
        if self._first is not None:
            for owner, name, before in self._first._assigned.values():
                self.assigns(owner, name, before)
                _put(owner, name, before)
        return self

    def __exit__(self, *_: object) -> None:
        if self._first is not None:
            for owner, name, before in self._assigned.values():
                _put(owner, name, before)
        if self._token is not None:
            current.reset(self._token)
        self._around = self._token = None

    def generator(self, key: int | None, generator: Any) -> Any:
        """What to draw from where `generator` was asked for."""
        source = generator if self._around is None else self._around.generator(key, generator)
        if key not in self._drawn:
            start = source
            if self._first is not None and key in self._first._drawn:
                start = self._first._drawn[key][1]
            self._drawn[key] = generator, copy.deepcopy(start)
        return source if self._first is None else self._drawn[key][1]

    def seeds(self, generator: Any) -> bool:
        """Whether a new generator of the library is for this run alone, and taken by it."""
        if self._first is not None:
            self._drawn[None] = generator, generator
            return True
        return self._around is not None and self._around.seeds(generator)

    def assigns(self, owner: Any, name: str, value: Any) -> None:
        """Note what an attribute is, to which `value` is about to be assigned.

        A first run leaves out what could hold a graph: noted call after call, each would hold the
        one before it. And it leaves out a parameter that is made at the first call: the second run
        finds it there.
        """
        if self._around is not None:
            self._around.assigns(owner, name, value)
        before = vars(owner).get(name, _ABSENT)
        is_again = self._first is not None
        if is_again or ((before is _ABSENT or _is_plain(before)) and not _is_leaf(value)):
            self._assigned.setdefault((id(owner), name), (owner, name, before))


def _is_leaf(value: Any) -> bool:
    """Whether a value is a tensor that requires a gradient and was made by no op."""
    return getattr(value, "node", None) is not None and bool(value.is_leaf)


def _is_plain(value: Any) -> bool:
    """Whether a value holds no graph."""
    if type(value) in PLAIN or isinstance(value, (str, np.ndarray, np.generic)):
        return True
    return hasattr(value, "_data") and value.node is None


def _put(owner: Any, name: str, value: Any) -> None:
    """Set an attribute past what the class does about it."""
    if value is _ABSENT:
        vars(owner).pop(name, None)
    else:
        vars(owner)[name] = value


current: ContextVar[Run | None] = ContextVar("current", default=None)
