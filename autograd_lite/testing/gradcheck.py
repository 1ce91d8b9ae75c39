"""Gradients against finite differences, at any order.

A function of many outputs is reduced to a number by random weights, its gradient to a number again
by random directions, and so on: each order is one call of the engine, and is compared with central
differences of the order below. Weights and directions have random signs and sizes from 1/2 to 1, so
that no error is hidden behind a small factor, and none cancels another but by a miracle.

The tolerance does not grow with the number of elements, nor with the random vectors: it is `rtol`
of the largest entry, and what rounding does to the differences. That is measured, by how rough the
function is over distances at which its slope makes no difference.
"""

from __future__ import annotations

from itertools import zip_longest
from typing import TYPE_CHECKING, Any, NamedTuple, NoReturn

import numpy as np

from autograd_lite.errors import describe, is_whole
from autograd_lite.testing.differences import Differences, Function, row

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

_PROJECTIONS = 3
_KINK = 0.1  # slopes on two sides that differ by more than this, relatively, are two slopes


class GradientError(AssertionError):
    """A gradient that finite differences contradict, or that cannot be compared with them."""


def gradcheck(
    f: Callable[..., Any],
    inputs: Any,
    order: int = 1,
    *,
    eps: float = 1e-5,
    rtol: float = 1e-8,
    atol: float = 1e-11,
    seed: int = 0,
    max_entries: int = 200,
) -> bool:
    """Compare the gradients of `f` of the orders 1 to `order` with finite differences, in float64.

    Up to `max_entries` entries of the inputs are compared one by one. More are compared by random
    projections, which one wrong entry upsets as well; to name it, it is then sought by halving.

    Args:
        f: a function of tensors that gives a tensor, or a tuple or list of tensors. It must be
            deterministic, and smooth within `eps` of the inputs.
        inputs: a tensor or array, or a sequence of them. Floating ones are cast to float64 and
            differentiated, others handed on in their kind. Each call of `f` gets fresh copies.
        order: the highest order to check.
        eps: the step, relative to an entry larger than 1. The numerical value is the central
            difference D extrapolated, (4 D(eps/2) - D(eps)) / 3, whose error is of order eps^4.
        rtol: the difference to allow, relative to the largest gradient under comparison.
        atol: the difference to allow besides, on top of the measured rounding of `f`. Scale a
            function whose gradients are as small as this.
        seed: the seed of the random weights and directions.
        max_entries: how many entries to compare one by one.

    Returns:
        True, so that `assert gradcheck(...)` reads well; whatever is wrong raises.

    Raises:
        GradientError: when a gradient disagrees, has not its input's shape and dtype, or is not
            finite, or when `f` is not deterministic. The message names the worst input and entry.
        TypeError: when no input or no output is floating.
        ValueError: when a setting makes no sense.

    Example:
        >>> import autograd_lite as ag
        >>> gradcheck(lambda x, y: ag.sin(x) * y, [ag.tensor([1.0, 2.0]), ag.tensor(3.0)], order=2)
        True
        >>> try:
        ...     gradcheck(lambda x: ag.sin(x.detach()) * x, ag.tensor([1.0, 2.0]))
        ... except GradientError as error:
        ...     print(str(error).splitlines()[0])
        gradcheck: <lambda>: the gradient of order 1 is wrong
    """
    if not callable(f):
        message = f"gradcheck: got {describe(f)} as f; expected a function of tensors"
        raise TypeError(message)
    fits = is_whole(order, 1) and is_whole(max_entries, 1) and is_whole(seed, 0)
    if not fits or not all(map(_is_size, (eps, rtol, atol))) or not eps > 0:
        message = (
            f"gradcheck: got {order=}, {max_entries=}, {eps=}, {rtol=}, {atol=}, {seed=};"
            " expected order and max_entries from 1, eps above 0, tolerances and seed from 0"
        )
        raise ValueError(message)
    with np.errstate(all="ignore"):  # a step out of the domain of f has a message of its own
        function = Function(f, inputs, seed)
        _check_deterministic(function)
        for n in range(1, order + 1):
            gradient = _gradient(function, n)
            _Comparison(function, n, gradient, eps=eps, rtol=rtol, atol=atol).run(max_entries)
            if n < order:
                _check_recorded(function, n, gradient, rtol, atol)
    return True


def _is_size(value: Any) -> bool:
    return isinstance(value, (int, float, np.number)) and bool(0 <= value < np.inf)


def _check_deterministic(function: Function) -> None:
    """The same inputs must give the same outputs, or a difference means nothing."""
    once, twice = (function.derivative(function.point, 0) for _ in range(2))
    for i, (a, b) in enumerate(zip_longest(once, twice, fillvalue=np.empty(0))):
        if a.shape != b.shape or not np.allclose(a, b, rtol=1e-12, atol=0, equal_nan=True):
            _fail(
                function,
                "is not deterministic",
                f"output {i} differs between two calls with the same inputs",
                "draw random numbers outside and pass them in, or seed the generator in each call;"
                " leave out what trains or counts calls (dropout, running statistics)",
            )
        if not np.isfinite(a).all():
            index, value = _first_not_finite(a)
            _fail(
                function,
                f"gives {value}",
                f"output {i} of shape {a.shape}, entry {index}",
                "move the inputs to where f is defined and finite",
            )


def _gradient(function: Function, order: int, *, recorded: bool = False) -> NDArray[Any]:
    """The projected gradient of `order` in one row, after a check of what numbers cannot show."""
    gradients = function.derivative(function.point, order, recorded=recorded)
    for i, shape, g in zip(function.floating, function.shapes, gradients, strict=True):
        got = f"{g.shape} {g.dtype}"
        if g.shape != shape or g.dtype != np.float64:
            _fail(
                function,
                f"the gradient of order {order} has another shape or dtype than its input",
                f"input {i} is {shape} float64, its gradient {got}",
                "a vjp returns the gradient of its argument: look for a sum over the wrong axis",
            )
        if not np.isfinite(g).all():
            index, value = _first_not_finite(g)
            _fail(
                function,
                f"the gradient of order {order} is {value}",
                f"input {i} of shape {shape}, entry {index}: analytic {value}",
                "0 * inf, 0 / 0 or log(0) in a vjp: keep arguments of sqrt, log and division off 0,"
                " also on the side that where() does not take",
            )
    return row(gradients)


def _check_recorded(
    function: Function, order: int, plain: NDArray[Any], rtol: float, atol: float
) -> None:
    """Under `create_graph` a vjp runs on tensors, and must give what it gives on arrays."""
    recorded = _gradient(function, order, recorded=True)
    error = np.abs(recorded - plain)
    worst = int(np.argmax(error)) if error.size else 0
    if error.size and error[worst] > (rtol + 1e-12) * np.abs(plain).max() + atol + 1e-12:
        _fail(
            function,
            f"the gradient of order {order} changes under create_graph=True",
            f"{function.where(worst)}: {plain[worst]} on arrays, {recorded[worst]} when recorded",
            "a vjp does something else with tensors than with arrays, or a fused op and its"
            " composition disagree",
        )


class _Values(NamedTuple):
    """What is compared along one direction, as changes over its step."""

    analytic: float
    numerical: float
    tolerance: float

    @property
    def error(self) -> float:
        """How far the two are apart; infinitely, where a step gave no number."""
        error = abs(self.analytic - self.numerical)
        return error if np.isfinite(error) else np.inf

    @property
    def excess(self) -> float:
        """The error in units of the tolerance."""
        if not np.isfinite(self.error):
            return np.inf
        return self.error / max(self.tolerance, np.finfo(float).tiny)


class _Comparison:
    """The gradient of one order beside the differences of the order below."""

    def __init__(
        self,
        function: Function,
        order: int,
        gradient: NDArray[Any],
        *,
        eps: float,
        rtol: float,
        atol: float,
    ) -> None:
        self.function, self.order, self.gradient = function, order, gradient
        self.differences = Differences(function, order - 1, eps)
        self.eps, self.rtol, self.atol = eps, rtol, atol

    def run(self, max_entries: int) -> None:
        """Raise GradientError for the worst entry, if one disagrees."""
        entries = np.arange(self.gradient.size)
        along = None
        if entries.size > max_entries:
            along = self.disagreement()
            if along is None:
                return
            while entries.size > max_entries:  # to the half that disagrees more
                halves = np.array_split(entries, 2)
                entries = max(halves, key=lambda half: self.compare(along, half).error)
        found = [(self.compare(None, [i]), i) for i in entries.tolist()]
        values, entry = max(found, key=lambda pair: pair[0].excess, default=(None, 0))
        if values is not None and values.excess > 1:
            self.report(entry, values)
        if along is not None:
            values = self.compare(along, slice(None))
            _fail(
                self.function,
                f"the gradient of order {self.order} disagrees along a random direction",
                f"over a step of {self.eps}: analytic {values.analytic}, numerical"
                f" {values.numerical}, tolerance {values.tolerance}; the entries that disagree most"
                " agree one by one",
                "f is rough or curved: give another eps or a larger atol, or move inputs off kinks",
            )

    def disagreement(self) -> NDArray[Any] | None:
        """A random direction along which the values disagree."""
        for _ in range(_PROJECTIONS):
            direction = self.function.random(self.gradient.size)
            if self.compare(direction, slice(None)).excess > 1:
                return direction
        return None

    def compare(self, direction: NDArray[Any] | None, entries: Any) -> _Values:
        """The values along `direction`, or the axes, of some entries alone."""
        only = np.zeros(self.gradient.size)
        only[entries] = 1.0 if direction is None else direction[entries]
        step = self.differences.step(only)
        parts = self.gradient * step
        numerical, rounding = self.differences.along(only)
        allowed = self.rtol * np.abs(parts).max() + self.atol * np.abs(step).max() + rounding
        return _Values(float(parts.sum()), numerical, float(allowed))

    def report(self, entry: int, values: _Values) -> NoReturn:
        """Raise GradientError for `entry`, with what may help to find the cause."""
        unit = np.zeros(self.gradient.size)
        unit[entry] = 1.0
        step = float(self.differences.step(unit)[entry])
        analytic, numerical, tolerance = (v / step for v in values)
        larger = max(abs(analytic), abs(numerical))
        where = self.function.where(entry)
        if not np.isfinite(numerical):
            _fail(
                self.function,
                f"is not finite within eps of the inputs (order {self.order})",
                f"{where}: analytic {analytic:.10g}, numerical {numerical} over a step of {step:g}",
                "move the inputs into the domain of f, or give a smaller eps",
            )
        _fail(
            self.function,
            f"the gradient of order {self.order} is wrong",
            f"{where}: analytic {analytic:.10g}, numerical {numerical:.10g}",
            f"relative error {abs(analytic - numerical) / larger:.3g},"
            f" tolerance {tolerance / larger:.3g}"
            f" (rtol {self.rtol:g}, atol {self.atol:g}, the rest for rounding)",
            *self.hints(unit, step),
        )

    def hints(self, unit: NDArray[Any], step: float) -> list[str]:
        """What usually is the cause, beginning with what can be seen."""
        before, after = (side / step for side in self.differences.sides(unit))
        low = sorted({str(d) for d in self.function.dtypes if d != np.float64})
        if low:
            hint = f"f gives {', '.join(low)}: differences need float64 all through"
        elif abs(before - after) > _KINK * max(abs(before), abs(after)) + 100 * self.eps:
            hint = (
                f"the slope is {before:.6g} to the left and {after:.6g} to the right: at a kink,"
                " and beside a pole, differences are no derivative; move the input away, or give a"
                " smaller eps"
            )
        elif self.differences.is_rough:
            hint = "f is rougher than float64: does it compute in float32 inside, or near a pole?"
        else:
            hint = (
                "look for a wrong sign or factor in a vjp, an axis or a repeated index it forgets,"
                " detach() or NumPy in f; if a few digits agree, for float32 or a kink nearby (move"
                " the inputs, or give another eps)"
            )
        if self.order == 1 and not self.function.weighted:
            return [hint]
        return [hint, "(the values are of a projection on random weights, the same for both)"]


def _first_not_finite(array: NDArray[Any]) -> tuple[tuple[int, ...], float]:
    index = tuple(np.argwhere(~np.isfinite(array))[0].tolist())
    return index, float(array[index])


def _fail(function: Function, what: str, *lines: str) -> NoReturn:
    raise GradientError("\n  ".join([f"gradcheck: {function.name}: {what}", *lines]))
