"""Exact derivatives without a single rule for one: numbers with infinitesimal parts.

One entry of one input is moved by an infinitesimal, whose square is 0; what a function then gives
has a multiple of it, and that factor is the derivative. It is such a number itself, so that this
can be repeated.
"""

from __future__ import annotations

import itertools
import math
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

_marks = itertools.count()


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


def derivative(
    function: Callable[..., Any], inputs: Sequence[Any], i: int, place: tuple[int, ...]
) -> Any:
    """That of each element of a result, by the element of input `i` at `place`."""
    mark = next(_marks)
    moved = [each(number, x) for x in inputs]
    moved[i][place] += Number({frozenset({mark}): 1.0})

    def factor(x: Any) -> Number:
        return Number({key - {mark}: f for key, f in number(x).terms.items() if mark in key})

    return each(factor, function(*moved))
