"""The laws of the second derivative: it is symmetric, and all modes agree on it."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any

import numpy as np

from autograd_lite.testing.findings import (
    CannotTryError,
    Rule,
    finite,
    halved,
    products,
    signed,
    unlike,
    whole,
)
from autograd_lite.testing.subject import OfTensors

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from autograd_lite.testing.laws_point import Point

    Arrays = list[NDArray[Any]]


class Curvature:
    """The gradient of a weighted sum of the values, and the derivative of that: H.

    Attributes:
        gradient: the subject of the gradient.
        vectors: u and v, random.
        product: H v, by reverse over reverse mode.
    """

    def __init__(self, at: Point) -> None:
        if not isinstance(at.subject, OfTensors):
            reason = "f is no function of tensors"
            raise CannotTryError(reason)
        self.gradient = at.subject.gradient(at.cotangents)
        self.vectors = signed(at.random, at.arrays), signed(at.random, at.arrays)
        self.arrays = at.arrays
        self.product = self.times(self.vectors[1])
        if not finite(self.product):
            reason = "second derivatives are not finite here"
            raise CannotTryError(reason)

    def times(self, vector: Arrays) -> Arrays:
        """H times a vector."""
        return whole(self.gradient.pull(self.arrays, vector), vector)


def _symmetry(at: Point) -> Sequence[str]:
    """<u, H v> = <v, H u>."""
    second = at.curvature
    u, v = second.vectors
    left, right = products(u, second.product), products(v, second.times(u))
    tolerance = at.rtol * (1 + max(np.abs(left).sum(), np.abs(right).sum()))
    if abs(left.sum() - right.sum()) <= tolerance:
        return []

    def gap(x: Arrays, y: Arrays) -> float:
        return abs(float(products(x, second.times(y)).sum() - products(y, second.times(x)).sum()))

    column = halved(v, functools.partial(gap, u))
    row = halved(u, lambda x: gap(x, column.arrays))
    above = second.times(column.arrays)[row.place.array][row.place.at]
    below = second.times(row.arrays)[column.place.array][column.place.at]
    one, two = (
        place._replace(array=at.subject.floating[place.array]).of("input")
        for place in (row.place, column.place)
    )
    return [
        f"<u, H v> = {left.sum():.10g}, <v, H u> = {right.sum():.10g}; tolerance {tolerance:.3g}",
        f"H of {one} by {two}: {float(above):.10g}, the other way round {float(below):.10g}",
    ]


def _modes(at: Point) -> Sequence[str]:
    """H v by reverse over reverse and by forward over reverse mode."""
    second = at.curvature
    forward = second.gradient.push(at.arrays, second.vectors[1])
    names = ("H v by forward over reverse", "by reverse over reverse")
    allowed = at.allowed(second.product)
    return unlike("input", names, forward, second.product, allowed, at.subject.floating)


SYMMETRY = Rule(
    "symmetry",
    "a second derivative does not depend on the order: <u, H v> = <v, H u>",
    "look for detach(), NumPy or a constant in a vjp, which loses what depends on an input",
    _symmetry,
)
MODES = Rule(
    "modes",
    "H v is the same by reverse over reverse and by forward over reverse mode",
    "look for a vjp that does not compute the same on arrays and on tensors",
    _modes,
)
