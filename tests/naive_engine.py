"""A reverse-mode engine that is slow on purpose, for the real one to be compared with.

It shares nothing with the library and does nothing the same way. No derivative is written down:
a Jacobian is what comes out when one entry at a time is moved. Gradients are pulled, not pushed:
that of a value is the sum over all its uses, by recursion, so that there is no order to get wrong.
Arrays are copied wherever they are touched.
"""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from tests.infinitesimals import derivative, each, real

if TYPE_CHECKING:
    from collections.abc import Callable

_births = itertools.count(1)


class ConsumedError(Exception):
    """A pass needs a graph that one before it has used up."""


@dataclass(frozen=True)
class Op:
    """A function of arrays, and for each input those that the gradient for it is computed from."""

    function: Callable[..., Any]
    reads: tuple[tuple[int, ...], ...]
    by_result: bool = False  # the gradient is computed from the result alone, by multiplication
    order: int = 0


@dataclass(eq=False)
class Node:
    """A place in the graph: the call that was there, with copies of what it was given."""

    array: Any
    op: Op | None = None
    inputs: tuple[Value, ...] = ()
    hooks: list[Callable[[Value], Value | None]] = field(default_factory=list)
    consumed: bool = False
    born: int = field(default_factory=_births.__next__)


@dataclass(frozen=True)
class Value:
    """An array, and its place in the graph if it has one."""

    array: Any
    node: Node | None = None


ADD = Op(lambda x, y: x + y, ((), ()))
MUL = Op(lambda x, y: x * y, ((1,), (0,)))
SAME = Op(lambda x: x, ((),))
Seeds = list[tuple[Value, Value]]  # outputs, each with the gradient to start with


def apply(op: Op, *inputs: Value, dtype: Any = None, records: bool = True) -> Value:
    """The result of an op, with a place of its own if an input has one."""
    out = np.asarray(op.function(*(x.array.copy() for x in inputs)))
    out = np.array(each(real, out), dtype or out.dtype)
    given = tuple(Value(x.array.copy(), x.node) for x in inputs)
    placed = records and any(x.node for x in inputs)
    return Value(out, Node(out.copy(), op, given) if placed else None)


def pull(user: Node, op: Op, i: int, g: Value, *, records: bool) -> Value:
    """The share of input i in the gradient of a result: the transposed Jacobian times g."""
    dtype, reads = user.inputs[i].array.dtype, op.reads[i]
    if op.by_result:
        return apply(MUL, Value(user.array, user), g, dtype=dtype, records=records)

    def pulled(*given: Any) -> Any:
        xs = [x.array for x in user.inputs]
        for k, x in zip(reads, given[:-1], strict=True):
            xs[k] = x
        result = np.empty(xs[i].shape, object)
        for place in np.ndindex(result.shape):
            result[place] = np.sum(given[-1] * derivative(op.function, xs, i, place))
        return result

    last = len(reads)  # the position of g
    again = [(*(k for k in range(last) if reads[k] in op.reads[r]), last) for r in reads]
    call = Op(pulled, (*again, tuple(range(last))), order=op.order + 1)
    return apply(call, *(user.inputs[k] for k in reads), g, dtype=dtype, records=records)


def reached(values: list[Value], since: float = 0) -> list[Node]:
    """The places of values and of all that they were made of, without those born earlier."""
    found: list[Node] = []
    while values:
        nodes = {x.node: x.node.inputs for x in values if x.node and x.node.born >= since}
        found += [node for node in nodes if node not in found]
        values = [x for inputs in nodes.values() for x in inputs]
    return found


def places(seeds: Seeds, wanted: list[Node] | None) -> list[Node]:
    """Those that a pass goes through: none that is older than all that are wanted."""
    since = 0 if wanted is None else min((node.born for node in wanted), default=math.inf)
    walked = reached([output for output, _ in seeds], since)
    if any(node.consumed for node in walked):
        raise ConsumedError
    return walked


def gradients(
    seeds: Seeds, wanted: list[Node] | None = None, *, retain: bool, records: bool
) -> dict[Node, Value]:
    """The gradient at each wanted place that is reached, or at all; the graph is used up."""
    walked = places(seeds, wanted)
    totals: dict[Node, Value] = {}

    def total(node: Node) -> Value:
        if node not in totals:
            g, *others = [g for output, g in seeds if output.node is node] + [
                pull(user, user.op, i, total(user), records=records)
                for user in walked
                for i, x in enumerate(user.inputs)
                if x.node is node and user.op
            ]
            for other in others:
                g = apply(ADD, g, other, records=records)
            for hook in list(node.hooks):
                new = hook(g)
                g = g if new is None else apply(SAME, new, dtype=g.array.dtype, records=records)
            totals[node] = g
        return totals[node]

    asked = walked if wanted is None else wanted
    result = {node: total(node) for node in asked if node in walked}
    for node in walked:
        node.consumed |= not retain and node.op is not None
    return result
