"""The order of what a Taylor expansion leaves: a check of gradients that needs no step size.

With the right gradient g, f(x + h v) - f(x) - h g.v goes to 0 as h squared, with a wrong one as h.
With the right Hessian H, what is left after h^2/2 v.H v goes to 0 as h cubed. Over a ladder of
steps the order shows as a slope between logarithms; the last steps before rounding takes over say
it best, since there all other terms have died out.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from autograd_lite.errors import flag, is_whole
from autograd_lite.testing.findings import finite, products, signed, whole
from autograd_lite.testing.report import GradientError
from autograd_lite.testing.subject import OfTensors, Subject, subject_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    Arrays = list[NDArray[Any]]

_LADDER = 2.0 ** -np.arange(2, 41)
_DIRECTIONS = 2  # errors of several entries that cancel along one do not along another
_WINDOW = 5  # slopes whose median counts: two of them may be bent where two terms cancel
_ENOUGH = 20  # finite steps
_SHORT = 0.5  # by how much a slope may fall short of the next whole number
_FLAT = 0.3  # what does not even fall with the step is rounding, or a jump
_ABOVE = 30.0  # roundings that a remainder must stand above
_LUCK = 16.0  # a few values show how rough a function is only roughly
_ULP = 2.0**-52
_GROWTH = 64.0  # over eight times the distance, of noise at most; of a smooth function 8^4
_ROUGH = 2.0**-16  # more than that, relatively, is no rounding of an f that computes in float32
_JUMP = 1e6  # roundings that are no rounding
_SCALES = 8.0 ** -np.arange(4, 15)


@dataclass(frozen=True)
class TaylorReport:
    """The order of a remainder. It is true if that is what a right derivative leaves.

    Attributes:
        name: what the function is called.
        order: of the derivative that was checked, 1 or 2.
        slope: the fitted order of the remainder; inf where there is none beyond rounding.
        steps: the ladder of steps, in units of a random direction.
        remainders: the sizes of the remainders, nan where the function is not finite.
        used: which of them the slope is from.
        noise: how much of each remainder may be rounding.

    Example:
        >>> import numpy as np
        >>> import autograd_lite as ag
        >>> report = taylor_test(ag.exp, np.array([0.5, 1.0]))
        >>> bool(report), report.expected, round(report.slope)
        (True, 2, 2)
    """

    name: str
    order: int
    slope: float
    steps: NDArray[Any]
    remainders: NDArray[Any]
    used: NDArray[Any]
    noise: NDArray[Any]

    @property
    def expected(self) -> int:
        """The least order that a right derivative leaves."""
        return self.order + 1

    @property
    def is_exact(self) -> bool:
        """Whether nothing is left but rounding, as of a linear function."""
        return math.isinf(self.slope)

    def __bool__(self) -> bool:
        """Whether the derivative is right."""
        return self.slope >= self.expected - _SHORT

    def __str__(self) -> str:
        """The verdict, and a table of every third step; a star marks those of the slope."""
        what = "gradient" if self.order == 1 else "Hessian"
        if self.is_exact:
            left = "there is no remainder beyond rounding"
        else:
            left = f"the remainder is of order {self.slope:.2f}"
        verdict = "right" if self else "wrong"
        found = f"taylor_test: {self.name}: the {what} is {verdict}: {left}"
        lines = [f"{found}; expected {self.expected} or more"]
        lines.append(f"  {'step':>9}  {'remainder':>9}  {'rounding':>9}  slope")
        before = None
        for k in range(0, len(self.steps), 3):
            step, remainder = self.steps[k], self.remainders[k]
            slope = ""
            if before and remainder > 0:
                slope = f"{np.log2(before / remainder) / 3:5.2f}"
            used = "  *" if self.used[k] else ""
            lines.append(
                f"  {step:9.2e}  {remainder:9.2e}  {self.noise[k]:9.2e}  {slope}{used}".rstrip()
            )
            before = remainder if remainder > 0 else None
        return "\n".join(lines)


def taylor_test(
    f: Callable[..., Any],
    inputs: Any,
    order: int = 1,
    *,
    vjp: Callable[..., Any] | None = None,
    seed: int = 0,
    raise_exception: bool = True,
) -> TaylorReport:
    """Fit the order of what the Taylor expansion of `f` leaves, in float64.

    There is no step size and no tolerance to choose: steps in the noise of rounding and steps out
    of the domain are left out. Where nothing is left beyond rounding, as of linear functions
    (quadratic ones with order 2), the derivative is right too, and the slope is inf.

    Args:
        f: a function of tensors that gives a tensor, or a tuple or list of tensors; with `vjp` a
            plain function of arrays. It must be smooth: at a kink no gradient leaves order 2
            (`gradcheck` knows kinks). Close to 0, float32 inside is off by a share of each step,
            as a wrong gradient is.
        inputs: an array or tensor, or a sequence of them. Floating ones are differentiated.
        order: 1 for the gradient, 2 for the Hessian, of functions of tensors only.
        vjp: `vjp(g, *inputs)` gives the gradient, or a tuple with one for each input, where g is
            the gradient of what comes after; a tuple of such where `f` gives a tuple.
        seed: the seed of the two random directions, of which the worse is reported, and of the
            weights of several outputs.
        raise_exception: False to return a report that is false where a derivative is wrong.

    Returns:
        The report, with the slope, steps and remainders; as text, a table of them.

    Raises:
        GradientError: when the order is less than a right derivative leaves, when the derivative is
            not finite, or `f` is finite at too few steps.
        TypeError: when no input or no output is floating, or something is not callable.
        ValueError: when `order` is neither 1 nor 2, or 2 with a `vjp`.

    Example:
        >>> import numpy as np
        >>> import autograd_lite as ag
        >>> from autograd_lite.testing import taylor_test
        >>> x = np.array([0.5, 2.0])
        >>> taylor_test(lambda x: 3 * x, x).slope
        inf
        >>> report = taylor_test(np.sin, x, vjp=lambda g, x: g, raise_exception=False)
        >>> print(str(report).splitlines()[0])
        taylor_test: sin: the gradient is wrong: the remainder is of order 1.00; expected 2 or more
    """
    if not is_whole(order, 1) or order > 2 or (order > 1 and vjp is not None):  # a Hessian
        message = (
            f"taylor_test: got {order=}{' with a vjp' if vjp is not None else ''}; expected 1 for"
            " the gradient, or 2 for the Hessian of a function of tensors"
        )
        raise ValueError(message)
    if not is_whole(seed, 0):
        message = f"taylor_test: got {seed=}; expected a whole number from 0"
        raise ValueError(message)
    raise_exception = flag("taylor_test", "raise_exception", raise_exception)
    with np.errstate(all="ignore"):
        subject = subject_of(f, inputs, vjp, caller="taylor_test")
        lines = (_Line(subject, order, (seed, n)) for n in range(_DIRECTIONS))
        report = min((line.report() for line in lines), key=lambda found: found.slope)
    if raise_exception and not report:
        message = (
            f"{report}\n  look for a wrong sign or factor in a vjp, detach() or NumPy in f; at a"
            " kink no gradient is right (see gradcheck)"
        )
        raise GradientError(message)
    return report


class _Line:
    """A function along a random direction: a number of one variable, and its expansion."""

    def __init__(self, subject: Subject, order: int, seed: tuple[int, int]) -> None:
        self.subject, self.order = subject, order
        self.point = subject.point
        random = np.random.default_rng(seed)
        pairs = zip(signed(random, self.point), self.point, strict=True)
        self.direction = [v * np.exp2(np.ceil(np.log2(np.maximum(1, abs(x))))) for v, x in pairs]
        self.values = subject.values(self.point)
        if not self.values:
            message = (
                f"taylor_test: {subject.name} gives {subject.described()}, nothing floating;"
                " expected an array or a number, or a tuple or list of them"
            )
            raise TypeError(message)
        one = sum(v.size for v in self.values) == 1
        self.weights = (
            [np.ones_like(v) for v in self.values] if one else signed(random, self.values)
        )
        self.gradient = whole(subject.pull(self.point, self.weights), self.point)
        self.curvature = 0.0
        if isinstance(subject, OfTensors) and order > 1:
            second = subject.gradient(self.weights)
            product = whole(second.pull(self.point, self.direction), self.point)
            self.curvature = float(products(product, self.direction).sum())
        if not finite(self.values, self.gradient) or not np.isfinite(self.curvature):
            message = (
                f"taylor_test: {subject.name}: the value or the derivative is not finite; move the"
                " inputs to where both are"
            )
            raise GradientError(message)

    def change(self, h: float) -> tuple[float, Arrays]:
        """How much the weighted values change over a step, and the step as it is after rounding."""
        moved = [x + h * v for x, v in zip(self.point, self.direction, strict=True)]
        values = self.subject.values(moved)
        differences = [a - b for a, b in zip(values, self.values, strict=True)]
        steps = [a - b for a, b in zip(moved, self.point, strict=True)]
        return float(products(differences, self.weights).sum()), steps

    def remainder(self, h: float) -> tuple[float, float]:
        """What the expansion leaves, and the size of what it is the difference of."""
        change, step = self.change(h)
        linear = products(self.gradient, step)
        bend = h * h / 2 * self.curvature
        return change - float(linear.sum()) - bend, float(np.abs(linear).sum()) + abs(bend)

    def noise(self) -> float:
        """How much of a change is rounding: what fourth differences do not lose on short steps."""
        size = float(np.abs(products(self.values, self.weights)).max(initial=0.0))
        slope = float(np.abs(products(self.gradient, self.point)).max(initial=0.0))
        least = _ULP * (size + slope)
        found, longer = least, math.nan
        for scale in _SCALES:
            values = np.array([self.change(scale * k / 4)[0] for k in range(-3, 4)])
            rough = float(np.abs(np.diff(values, 4)).max()) / math.sqrt(70)  # of independent errors
            if longer < _GROWTH * rough and rough < _ROUGH * size:
                found = max(found, rough)
            longer = rough
        return found

    def report(self) -> TaylorReport:
        """The slope over the last steps before rounding takes over."""
        found = np.array([self.remainder(h) for h in _LADDER])
        if np.isfinite(found[:, 0]).sum() < _ENOUGH:
            self.direction = [-v for v in self.direction]
            found = np.array([self.remainder(h) for h in _LADDER])
        known = np.isfinite(found[:, 0])
        if known.sum() < _ENOUGH:
            message = (
                f"taylor_test: {self.subject.name}: finite at {known.sum()} of {len(_LADDER)} steps"
                f" from {_LADDER[0]:.0e} to {_LADDER[-1]:.0e}; move the inputs into the domain"
            )
            raise GradientError(message)
        sizes = np.where(known, np.abs(found[:, 0]), np.nan)
        noise = _LUCK * (self.noise() + _ULP * found[:, 1])
        slope, used = _fitted(sizes, noise)
        return TaylorReport(self.subject.name, self.order, slope, _LADDER, sizes, used, noise)


def _fitted(sizes: NDArray[Any], noise: NDArray[Any]) -> tuple[float, NDArray[Any]]:
    """The slope of the last remainders that are no rounding, and which they are."""
    used = np.zeros(len(sizes), bool)
    clear = np.flatnonzero(sizes > _ABOVE * noise)
    slopes = -np.diff(np.log2(sizes[clear])) / np.diff(clear)
    while len(slopes) >= _WINDOW and (slopes[-_WINDOW:] < _FLAT).sum() > _WINDOW // 2:
        clear, slopes = clear[:-1], slopes[:-1]
    if len(slopes) >= _WINDOW:
        used[clear[-_WINDOW - 1 :]] = True
        return float(np.median(slopes[-_WINDOW:])), used
    if sizes[-1] > _JUMP * noise[-1]:
        return 0.0, used
    return math.inf, used
