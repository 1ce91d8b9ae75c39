"""Who writes into what is not theirs: a watcher of the closures of a pass."""

from __future__ import annotations

import contextlib
import functools
from typing import TYPE_CHECKING, Any

import numpy as np

from autograd_lite.recording import Mode, Switch, Watcher
from autograd_lite.tensor import Tensor

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from numpy.typing import NDArray

    from autograd_lite.node import Node

_DEEPEST = 3  # of lists in lists that a function may have captured


class Witness(Watcher):
    """Compares what a closure was given, and has captured, before it runs and afterwards.

    Attributes:
        written: what was written to, in words.
    """

    def __init__(self, around: Watcher | None = None) -> None:
        super().__init__(around)
        self.written: list[str] = []

    def backward(self, name: str, function: Callable[[Any], Any], gradient: Any, node: Node) -> Any:
        """What the closure makes of the gradient."""
        watched = [("the gradient that it was given", a) for a in arrays_in(gradient)]
        watched += [(f"{of}, which it captured", a) for of, a in _captured(function)]
        before = [a.copy() for _, a in watched]
        result = super().backward(name, function, gradient, node)
        for (what, now), then in zip(watched, before, strict=True):
            if not np.array_equal(now, then, equal_nan=now.dtype.kind in "fc"):
                line = f"a closure of {name} writes into {what}, {now.shape} {now.dtype}"
                if line not in self.written:
                    self.written.append(line)
        return result


class watched(Switch):  # noqa: N801  # as no_grad: it reads as a statement
    """Let a witness see all closures that run inside."""

    def __init__(self, witness: Witness) -> None:
        self._witness = witness

    def changed(self, before: Mode) -> Mode:
        """The present mode, with the witness around the watcher that there is."""
        self._witness.around = before.watcher
        return Mode(before.records, self._witness)


def _captured(function: Any) -> Iterator[tuple[str, NDArray[Any]]]:
    """What a closure has captured, with the name that it has in its code."""
    names = getattr(getattr(function, "__code__", None), "co_freevars", ())
    cells = getattr(function, "__closure__", None) or ()
    for name, cell in zip(names, cells, strict=False):  # of what is no Python function, no names
        yield from ((name, a) for part in _contents([cell]) for a in arrays_in(part))


def arrays_in(held: Any, depth: int = 0) -> Iterator[NDArray[Any]]:
    """The arrays in nested data, and in what functions have captured."""
    if isinstance(held, np.ndarray):
        yield held
    elif isinstance(held, Tensor):
        yield held._data
    elif depth <= _DEEPEST:
        parts: Sequence[Any] = ()
        if isinstance(held, dict):
            parts = list(held.values())
        elif isinstance(held, (list, tuple)):
            parts = held
        elif isinstance(held, functools.partial):
            parts = [held.func, held.args, held.keywords]
        elif callable(held):
            parts = _contents(getattr(held, "__closure__", None) or ())
        for part in parts:
            yield from arrays_in(part, depth + 1)


def _contents(cells: Sequence[Any]) -> list[Any]:
    """What the filled cells of a closure hold."""
    found = []
    for cell in cells:
        with contextlib.suppress(ValueError):  # a name that is not assigned yet
            found.append(cell.cell_contents)
    return found
