"""Which function writes which op: the table that the modules beside this one fill."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

_F = TypeVar("_F", bound="Callable[..., str]")

_writers: dict[Any, Any] = {}
_growing: set[Any] = set()


def writes(*ops: Any, growing: bool = False) -> Callable[[_F], _F]:
    """Make a function the one that writes `ops` into a graph.

    It takes the graph, the form of the result (a `Value` without a name), each operand (a `Value`,
    a number or None), and the op's settings by name; it returns the name of the result.

    Args:
        *ops: ops of the package.
        growing: whether it knows what to do with settings that grow with the batch.
    """

    def decorate(function: _F) -> _F:
        for op in ops:
            _writers[op.__wrapped__] = function
            if growing:
                _growing.add(function)
        return function

    return decorate


def writer(function: Any) -> Any:
    """What writes the op of that function, or None."""
    return _writers.get(function)


def takes_growing(function: Any) -> bool:
    """Whether a writer takes settings that grow with the batch."""
    return function in _growing
