"""Every op of the table keeps the values that it was given, whoever writes to what, and where."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

import autograd_lite as ag
from tests.table import TABLE, differentiable, each_op

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from autograd_lite.testing.case import OpCase

# How an array is given to an op, and what the giver can still write to.
Given = tuple[Any, "Callable[[], NDArray[Any]]"]


def as_leaf(array: NDArray[Any]) -> Given:
    """A tensor that requires a gradient, whose data is asked for afterwards."""
    x = ag.tensor(array, requires_grad=array.dtype.kind == "f")
    return x, lambda: x.data


def as_handed_out(array: NDArray[Any]) -> Given:
    """The same, whose data was handed out before."""
    x = ag.tensor(array, requires_grad=array.dtype.kind == "f")
    held = x.data[...]
    return x, lambda: held


def as_constant(array: NDArray[Any]) -> Given:
    """A tensor that requires none."""
    x = ag.tensor(array)
    held: Any = x.data
    view = memoryview(held)
    return x, lambda: np.asarray(view)


def as_raw(array: NDArray[Any]) -> Given:
    """An ndarray of the caller's."""
    own = array.copy()
    return own, lambda: own


def mutable(value: Any) -> Any:
    """A setting with arrays of its own in it."""
    if isinstance(value, np.ndarray):
        return value.copy()
    if type(value) in {tuple, list}:
        return type(value)(map(mutable, value))
    return value


def scramble(value: Any) -> None:
    """Change what can be changed in place, to other numbers, but to no index out of range."""
    if isinstance(value, np.ndarray):
        value[...] = ~value if value.dtype == bool else (value == 0)
    elif isinstance(value, list):
        for i, part in enumerate(value):
            if isinstance(part, (bool, np.bool_)):
                value[i] = not part
            elif isinstance(part, int):
                value[i] = int(part == 0)
            else:
                scramble(part)
    elif isinstance(value, tuple):
        for part in value:
            scramble(part)


def gradients(y: ag.Tensor, leaves: list[ag.Tensor], seed: NDArray[Any]) -> list[bytes]:
    """The gradients of first and second order, to the bit."""
    first = ag.grad(y, leaves, seed, create_graph=True, allow_unused=True)
    live = [g.sum() for g in first if g.requires_grad]
    second = ag.grad(live, leaves, retain_graph=True, allow_unused=True) if live else ()
    plain = ag.grad(y, leaves, seed, retain_graph=True, allow_unused=True)
    return [g.detach().numpy().tobytes() for g in (*first, *second, *plain)]


ways = st.sampled_from([as_leaf, as_leaf, as_handed_out, as_constant, as_raw])


@differentiable
@given(data=st.data())
def test_a_graph_keeps_what_it_was_made_of(case: OpCase, data: st.DataObject) -> None:
    """Arrays of tensors, arrays of the caller's, and settings: all may be written to afterwards."""
    operands, drawn = case.draw(data.draw, "float64")
    static = {key: mutable(value) for key, value in drawn.items()}
    given_as = [as_leaf, *(data.draw(ways) for _ in operands[1:])]
    if operands[0].dtype.kind != "f":
        given_as[1] = as_leaf
    arguments, holds = zip(
        *(way(a) for way, a in zip(given_as, operands, strict=True)), strict=True
    )
    y = case.call(case.op, arguments, static)
    leaves = [x for x in arguments if isinstance(x, ag.Tensor) and x.requires_grad]
    seed = np.cos(np.arange(y.size)).reshape(y.shape)
    value, expected = y.numpy().tobytes(), gradients(y, leaves, seed)
    for hold in holds:
        scramble(hold())
    for setting in static.values():
        scramble(setting)
    assert y.numpy().tobytes() == value
    assert gradients(y, leaves, seed) == expected


@each_op
@given(data=st.data())
def test_a_result_without_a_graph_is_an_array_of_its_own(case: OpCase, data: st.DataObject) -> None:
    """Writing to an operand does not change it, and writing to it changes no operand."""
    operands, static = case.draw(data.draw, "float64")
    before = data.draw(st.booleans())
    raw = data.draw(st.sampled_from([None, *range(1, len(operands))]))
    arguments = [a.copy() if i == raw else ag.tensor(a) for i, a in enumerate(operands)]
    held = [x.data if isinstance(x, ag.Tensor) else x for x in arguments] if before else []
    y = case.call(case.op, arguments, static)
    value = y.numpy().tobytes()
    held = held or [x.data if isinstance(x, ag.Tensor) else x for x in arguments]
    for array in held:
        scramble(array)
    assert y.numpy().tobytes() == value
    values = [array.tobytes() for array in held]
    scramble(y.data)
    assert [array.tobytes() for array in held] == values


def test_the_table_is_that_of_all_ops() -> None:
    """So that the above is of all."""
    assert {case.op.__name__ for case in TABLE} >= {"getitem", "embedding", "class_cross_entropy"}
