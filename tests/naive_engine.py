"""A reverse-mode engine that is slow on purpose, for the real one to be compared with.

It shares nothing with the library and does nothing the same way. Gradients are pulled, not pushed:
that of a value is the sum over all its uses, by recursion, so that there is no order to get wrong.
Arrays are copied wherever they are touched.
"""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from tests.infinitesimals import each, real
from tests.naive_ops import ADD, MUL, SAME, Op

if TYPE_CHECKING:
    from collections.abc import Callable

_births = itertools.count(1)


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


def apply(op: Op, *inputs: Value, dtype: Any = None, records: bool = True) -> Value:
    """The result of an op, with a place of its own if an input has one."""
    out = np.asarray(op.function(*(x.array.copy() for x in inputs)))
    out = np.array(each(real, out), dtype or out.dtype)
    given = tuple(Value(x.array.copy(), x.node) for x in inputs)
    placed = records and any(x.node for x in inputs)
    return Value(out, Node(out.copy(), op, given) if placed else None)


def pull(user: Node, op: Op, i: int, g: Value, *, records: bool) -> Value:
    """The share of input i in the gradient of a result."""
    dtype = user.inputs[i].array.dtype
    if op.by_result:
        return apply(MUL, Value(user.array, user), g, dtype=dtype, records=records)
    pullback = op.pullback(i, [x.array for x in user.inputs])
    given = [user.inputs[k] for k in op.reads[i]]
    return apply(pullback, *given, g, dtype=dtype, records=records)


def places(outputs: list[Value], wanted: list[Node] | None = None) -> list[Node]:
    """Those that a pass goes through: none that is older than all that are wanted."""
    since = 0 if wanted is None else min((node.born for node in wanted), default=math.inf)
    found: list[Node] = []
    while outputs:
        nodes = {x.node: x.node.inputs for x in outputs if x.node and x.node.born >= since}
        found += [node for node in nodes if node not in found]
        outputs = [x for inputs in nodes.values() for x in inputs]
    return found


def gradients(
    seeds: list[tuple[Value, Value]],  # outputs, each with the gradient to start with
    wanted: list[Node] | None = None,
    *,
    retain: bool,
    records: bool,
) -> dict[Node, Value]:
    """The gradient at each wanted place that is reached, or at all; the graph is used up."""
    walked = places([output for output, _ in seeds], wanted)
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

    result = {node: total(node) for node in wanted or walked if node in walked}
    for node in walked:
        node.consumed |= not retain and node.op is not None
    return result
