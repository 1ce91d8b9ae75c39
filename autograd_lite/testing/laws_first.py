"""The laws of a derivative: it is linear, and its two products are transposes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from autograd_lite.errors import describe
from autograd_lite.testing.findings import CannotTryError, Rule, halved, products, signed, unlike

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from autograd_lite.testing.laws_point import Point

    Arrays = list[NDArray[Any]]


def _transposition(at: Point) -> Sequence[str]:
    """<v, J w> = <J^T v, w>."""
    if not at.subject.has_jvp:
        reason = "no jvp was given"
        raise CannotTryError(reason)
    tangents = signed(at.random, at.arrays)
    pushed = at.subject.push(at.arrays, tangents)
    wrong = _same_shapes("output", "tangent", pushed, at.values)
    if wrong:
        return wrong
    forward, reverse = products(at.cotangents, pushed), products(at.pulled, tangents)
    tolerance = at.rtol * (1 + max(np.abs(forward).sum(), np.abs(reverse).sum()))
    gap = forward.sum() - reverse.sum()
    if abs(gap) <= tolerance:
        return []
    sums = f"<v, J w> = {forward.sum():.10g} by the jvp, <J^T v, w> = {reverse.sum():.10g} by the"
    return [f"{sums} vjp; tolerance {tolerance:.3g}", *_worst_pair(at, tangents)]


def _worst_pair(at: Point, tangents: Arrays) -> list[str]:
    """The entry of the Jacobian in which jvp and vjp differ, found by halving both vectors."""

    def gap(v: Arrays, w: Arrays) -> float:
        pushed = at.subject.push(at.arrays, w)
        return abs(float(products(v, pushed).sum() - products(at.pull(v), w).sum()))

    column = halved(tangents, lambda w: gap(at.cotangents, w))
    row = halved(at.cotangents, lambda v: gap(v, column.arrays))
    forward = at.subject.push(at.arrays, column.arrays)[row.place.array][row.place.index]
    reverse = at.pull(row.arrays)[column.place.array][column.place.index]
    source = column.place._replace(array=at.subject.floating[column.place.array]).of("input")
    values = f"{float(forward):.10g} by the jvp, {float(reverse):.10g} by the vjp"
    return [f"{source} -> {row.place.of('output')}: {values}"]


def _linearity(at: Point) -> Sequence[str]:
    """J^T (a u + b v) = a J^T u + b J^T v."""
    others = signed(at.random, at.values)
    a, b = (float(c) for c in at.random.uniform(1, 2, 2) * (1, -1))
    mixed = [(a * u + b * v).astype(u.dtype) for u, v in zip(at.cotangents, others, strict=True)]
    left, second = at.pull(mixed), at.pull(others)
    first = [a * p for p in at.pulled]
    second = [b * p for p in second]
    right = [p + q for p, q in zip(first, second, strict=True)]
    names = (f"J^T ({a:.3g} u {b:+.3g} v) =", f"{a:.3g} J^T u {b:+.3g} J^T v =")
    return unlike("input", names, left, right, at.allowed(first, second), at.subject.floating)


def _zero(at: Point) -> Sequence[str]:
    """J^T 0 = 0 and J 0 = 0."""
    got = at.pull([np.zeros_like(v) for v in at.values])
    wrong = _not_zero("input", "gradient", got, at.subject.floating)
    if not wrong and at.subject.has_jvp:
        pushed = at.subject.push(at.arrays, [np.zeros_like(a) for a in at.arrays])
        wrong = _not_zero("output", "tangent", pushed, range(len(pushed)))
    return wrong


def _not_zero(what: str, name: str, got: Arrays, positions: Sequence[int]) -> list[str]:
    zeros = [np.zeros(a.shape) for a in got]
    names = (f"a zero {'cotangent' if what == 'input' else 'tangent'} gives the {name}", "expected")
    return unlike(what, names, got, zeros, [0.0] * len(got), positions)


def _same_shapes(what: str, name: str, got: Arrays, like: Arrays) -> list[str]:
    """What is wrong with the shapes of gradients or tangents."""
    if len(got) != len(like):
        return [f"got {len(got)} {name}s; expected {len(like)}, one for each {what}"]
    return [
        f"{what} {i}: got a {name} {describe(a)}; expected shape {b.shape}"
        for i, (a, b) in enumerate(zip(got, like, strict=True))
        if a.shape != b.shape
    ]


def _shapes(at: Point) -> Sequence[str]:
    """A gradient has the shape of its input."""
    return _same_shapes("input", "gradient", at.pulled, at.arrays)


SHAPES = Rule(
    "shapes",
    "a gradient has the shape of its input",
    "look for a broadcast that is not undone, or for gradients in another order than the inputs",
    _shapes,
)
TRANSPOSITION = Rule(
    "transposition",
    "the products of jvp and vjp with one derivative agree: <v, J w> = <J^T v, w>",
    "one of the two is wrong, or not linear; gradcheck tells whether it is the vjp",
    _transposition,
)
LINEARITY = Rule(
    "linearity",
    "a gradient is linear in the cotangent: J^T (a u + b v) = a J^T u + b J^T v",
    "look for what is made of the cotangent beside products: abs(g), g * g, a mask, a constant",
    _linearity,
)
ZERO = Rule(
    "zero",
    "nothing in gives exactly nothing out: J^T 0 = 0 and J 0 = 0",
    "look for a constant that is added, and for 0 * inf or 0 / 0 where the derivative is finite",
    _zero,
)
