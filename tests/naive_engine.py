"""A reverse-mode engine that is slow on purpose, for the real one to be compared with.

It shares nothing with the library and does nothing the same way. No derivative is written down:
ops run on numbers with infinitesimal parts, one entry of one input moved at a time, and their
Jacobian is what comes out. Gradients are pulled, not pushed: that of a value is the sum over all
its uses, by recursion, so that there is no order to get wrong. Arrays are copied wherever they are
touched.
"""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

_counter = itertools.count(1)


class ConsumedError(Exception):
    """A pass needs a graph that one before it has used up."""


class Number:
    """A sum of terms: a float times a product of infinitesimals, each of which has the square 0."""

    def __init__(self, terms: dict[frozenset[int], float]) -> None:
        self.terms = terms

    def __add__(self, other: Any) -> Number:
        terms = dict(self.terms)
        for key, factor in number(other).terms.items():
            terms[key] = terms.get(key, 0.0) + factor
        return Number(terms)

    def __mul__(self, other: Any) -> Number:
        terms: dict[frozenset[int], float] = {}
        for a, p in self.terms.items():
            for b, q in number(other).terms.items():
                if not a & b:
                    terms[a | b] = terms.get(a | b, 0.0) + p * q
        return Number(terms)

    __radd__, __rmul__ = __add__, __mul__

    def __neg__(self) -> Number:
        return self * -1.0

    def __sub__(self, other: Any) -> Number:
        return self + -number(other)

    def __truediv__(self, count: int) -> Number:
        return self * (1 / count)

    def series(self, derivative: Callable[[int], float]) -> Number:
        """Taylor's, which ends where the power of the infinitesimal part has no term left."""
        rest = Number({key: factor for key, factor in self.terms.items() if key})
        total, power, k = Number({}), number(1.0), 0
        while power.terms:
            total, power = total + power * (derivative(k) / math.factorial(k)), power * rest
            k += 1
        return total

    def sin(self) -> Number:
        """What np.sin calls. A derivative is a quarter of a turn."""
        return self.series(lambda k: math.sin(real(self) + k * math.pi / 2))

    def exp(self) -> Number:
        """What np.exp calls."""
        return self.series(lambda _: math.exp(real(self)))


def number(x: Any) -> Number:
    """A plain number as one without infinitesimal parts."""
    return x if isinstance(x, Number) else Number({frozenset(): float(x)})


def real(x: Any) -> float:
    """Without the infinitesimal parts."""
    return number(x).terms.get(frozenset(), 0.0)


def each(function: Callable[[Any], Any], array: Any) -> Any:
    """An array of what a function makes of each element."""
    return np.asarray(np.frompyfunc(function, 1, 1)(array), object)


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
    born: int = field(default_factory=_counter.__next__)


@dataclass(frozen=True)
class Value:
    """An array, and its place in the graph if it has one."""

    array: Any
    node: Node | None = None


ADD = Op(lambda x, y: x + y, ((), ()))
MUL = Op(lambda x, y: x * y, ((1,), (0,)))
SAME = Op(lambda x: x, ((),))


def apply(op: Op, *inputs: Value, dtype: Any = None, records: bool = True) -> Value:
    """The result of an op, with a place of its own if an input has one."""
    inputs = tuple(Value(x.array.copy(), x.node) for x in inputs)
    out = np.asarray(op.function(*(x.array.copy() for x in inputs)))
    out = np.array(each(real, out) if out.dtype == object else out, dtype or out.dtype)
    placed = records and any(x.node for x in inputs)
    return Value(out, Node(out.copy(), op, inputs) if placed else None)


def pull(user: Node, i: int, g: Value, *, records: bool) -> Value:
    """The share of input i in the gradient of a result: the transposed Jacobian times g."""
    op, fixed = user.op, [x.array for x in user.inputs]
    assert op is not None
    dtype = fixed[i].dtype
    if op.by_result:
        return apply(MUL, Value(user.array, user), g, dtype=dtype, records=records)
    reads = op.reads[i]

    def pulled(*args: Any) -> Any:
        *given, gradient = (each(number, x) for x in args)
        xs = [each(number, x) for x in fixed]
        for k, x in zip(reads, given, strict=True):
            xs[k] = x
        result = np.empty(fixed[i].shape, object)
        for place in np.ndindex(result.shape):
            mark = next(_counter)
            moved = xs[i].copy()
            moved[place] += Number({frozenset({mark}): 1.0})
            out = np.asarray(op.function(*xs[:i], moved, *xs[i + 1 :]), object)
            result[place] = np.sum(gradient * each(partial(part, mark=mark), out))
        return result

    last = len(reads)  # the position of g
    again = [(*(k for k in range(last) if reads[k] in op.reads[r]), last) for r in reads]
    call = Op(pulled, (*again, tuple(range(last))), order=op.order + 1)
    return apply(call, *(user.inputs[k] for k in reads), g, dtype=dtype, records=records)


def part(x: Any, mark: int) -> Number:
    """The factor of an infinitesimal."""
    return Number({key - {mark}: f for key, f in number(x).terms.items() if mark in key})


def reached(nodes: list[Node], since: float = 0) -> list[Node]:
    """The places that some depend on, with them, without those born earlier."""
    found: list[Node] = []
    for node in nodes:
        if node.born >= since and node not in found:
            found.append(node)
    while True:
        more = [x.node for node in found for x in node.inputs if x.node]
        new = [node for node in dict.fromkeys(more) if node.born >= since and node not in found]
        if not new:
            return found
        found += new


def places(seeds: list[tuple[Value, Value]], wanted: list[Node] | None) -> list[Node]:
    """Those that a pass goes through: none that is older than all that are wanted."""
    since = 0 if wanted is None else min((node.born for node in wanted), default=math.inf)
    walked = reached([output.node for output, _ in seeds if output.node], since)
    if any(node.consumed for node in walked):
        raise ConsumedError
    return walked


def hooked(node: Node, shares: list[Value], *, records: bool) -> Value:
    """The sum of all shares, after the hooks."""
    how: dict[str, Any] = {"dtype": node.array.dtype, "records": records}
    g = shares[0]
    for other in shares[1:]:
        g = apply(ADD, g, other, **how)
    for hook in list(node.hooks):
        new = hook(g)
        g = g if new is None else apply(SAME, new, **how)
    return g


def gradients(
    seeds: list[tuple[Value, Value]],
    wanted: list[Node] | None = None,
    *,
    retain: bool,
    records: bool,
) -> dict[Node, Value]:
    """The gradient at each wanted place that is reached, or at all; the graph is used up."""
    walked = places(seeds, wanted)
    totals: dict[Node, Value] = {}

    def total(node: Node) -> Value:
        if node not in totals:
            shares = [g for output, g in seeds if output.node is node] + [
                pull(user, i, total(user), records=records)
                for user in walked
                for i, x in enumerate(user.inputs)
                if x.node is node
            ]
            totals[node] = hooked(node, shares, records=records)
        return totals[node]

    for output, _ in seeds:  # hooks see a gradient that is given, also where it leads to nothing
        if output.node in walked and output.node.op:
            total(output.node)
    result = {
        node: total(node) for node in (walked if wanted is None else wanted) if node in walked
    }
    for node in walked:
        node.consumed |= not retain and node.op is not None
    return result
