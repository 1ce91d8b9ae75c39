"""A function at a point, as the laws ask it."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any

import numpy as np

from autograd_lite.testing.findings import coarsest, signed, size, whole
from autograd_lite.testing.laws_second import Curvature
from autograd_lite.testing.subject import Subject, as_given, subject_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    Arrays = list[NDArray[Any]]

_ULPS = 2.0**13


class Point:
    """A function at its inputs, and what the laws ask of it there.

    Attributes:
        subject: the function and its derivatives.
        arrays: the floating inputs, in their own dtypes.
        values: the floating outputs.
        cotangents: random ones, of the outputs.
        pulled: the gradients for them.
        random: what draws.
        rtol: the difference to allow, relative to the sum of the sizes of what was added up.
    """

    def __init__(
        self,
        f: Callable[..., Any],
        inputs: Any,
        vjp: Callable[..., Any] | None,
        jvp: Callable[..., Any] | None,
        seed: int,
        rtol: float | None,
    ) -> None:
        self.subject: Subject = subject_of(f, inputs, vjp, jvp, "check_laws")
        given = [as_given(self.subject.inputs[i]) for i in self.subject.floating]
        self.arrays = given
        self.random = np.random.default_rng(seed)
        self.values = self.subject.values(given)
        if not self.values:
            message = (
                f"check_laws: {self.subject.name} gives {self.subject.described()}, nothing"
                " floating; expected an array or a number, or a tuple or list of them"
            )
            raise TypeError(message)
        self.rtol = _ULPS * coarsest(*given, *self.values) if rtol is None else rtol
        self.cotangents = signed(self.random, self.values)
        self.pulled = self.pull(self.cotangents)

    @functools.cached_property
    def curvature(self) -> Curvature:
        """The second derivative, for the laws about it."""
        return Curvature(self)

    def pull(self, cotangents: Arrays) -> Arrays:
        """The gradients for some cotangents, zeros where there is none."""
        return whole(self.subject.pull(self.arrays, cotangents), self.arrays)

    def allowed(self, *terms: Arrays) -> list[float]:
        """The difference to allow for each array, where the arrays of `terms` were added up."""
        return [self.rtol * (1.0 + sum(map(size, parts))) for parts in zip(*terms, strict=True)]
