"""A line of the table of ops, an op with NumPy's function, and one of the table of layers."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from hypothesis import strategies as st

from autograd_lite.testing.strategies import Domain, broadcastable, calls, shapes

if TYPE_CHECKING:
    from collections.abc import Callable

    from autograd_lite import nn
    from autograd_lite.testing.strategies import Call

REAL = Domain()
POSITIVE = Domain(0.5, 3.0)
UNIT = Domain(-0.9, 0.9)
BOOL = Domain(boolean=True)
# Distinct, off 0, and off one another's points: nothing that a kink could be hit with.
GRID, LOW, HIGH = Domain(-3, 3, 0.05, 0.02), Domain(-3, -1, 0.02, 0.003), Domain(1, 3, 0.02, 0.007)
OTHER_GRID = Domain(-3, 3, 0.05, 0.035)
POSITIVE_GRID = Domain(0.5, 3, 0.02)
ZEROS = Domain(-2, 2, 0.5)  # has 0 among its values


@dataclass(frozen=True)
class Case:
    """An op, and how to test it."""

    op: Callable[..., Any]
    reference: Callable[..., Any]
    inputs: st.SearchStrategy[Call]
    domains: tuple[Domain, ...] = (REAL,)
    order: int = 3  # up to which gradients are checked; 0 for a result that has none
    call: Callable[..., Any] = lambda f, arrays, static: f(*arrays, **static)

    def __repr__(self) -> str:
        return self.op.__name__


@dataclass(frozen=True)
class Layer:
    """A module, and how to test it."""

    make: Callable[[], nn.Module]
    reference: Callable[..., Any]  # of the inputs, and by keyword of the module's state
    inputs: st.SearchStrategy[Call]
    domains: tuple[Domain, ...] = (REAL,)
    prepare: tuple[Callable[[Any], Any], ...] = ()  # what is done to each input first

    def __repr__(self) -> str:
        return repr(self.make())


def a_batch(*sizes: int, least: int = 0) -> st.SearchStrategy[Call]:
    """One array with axes before those of `sizes`, as many as a drawn batch has."""
    return calls(st.integers(least, 3).map(lambda n: [(n, *sizes)]))


def first(name: str, f: Any, arrays: Any, static: dict[str, Any]) -> Any:
    """A call with the static argument `name` before the arrays."""
    rest = {key: value for key, value in static.items() if key != name}
    return f(static[name], *arrays, **rest)


def listed(f: Any, arrays: Any, static: dict[str, Any]) -> Any:
    """A call with the arrays in a list."""
    return f(list(arrays), **static)


def bare(f: Any, arrays: Any, static: dict[str, Any]) -> Any:
    """A call with the static arguments by position, where the reference names them otherwise."""
    return f(*arrays, *static.values())


one, two, three = (calls(broadcastable(n)) for n in (1, 2, 3))
full = partial(shapes, min_side=1)
