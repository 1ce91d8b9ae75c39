"""Gradients against an oracle, at any order, with a verdict at kinks.

A function of many values is reduced to numbers by random weights, its derivatives to numbers again
by random directions: for weights w and a direction v, w . (J v) by the oracle beside (J^T w) . v by
the rules under check. Weights and directions have random signs and sizes from 1/2 to 1, so that no
error is hidden behind a small factor, and none cancels another but by a miracle. Only when
something disagrees are entries looked at, those that disagree more first.

The tolerance does not grow with the number of elements, nor with the random vectors: it is `rtol`
of the largest of the summed terms. To it comes the oracle's own error, as the oracle estimates it.
"""

from __future__ import annotations

from itertools import zip_longest
from typing import TYPE_CHECKING, Any, NoReturn

import numpy as np

from autograd_lite.errors import flag, is_whole
from autograd_lite.testing.compare import Comparison, Settings, as_rows
from autograd_lite.testing.crowds import MANY, lies_between
from autograd_lite.testing.entries import examine, is_suspect
from autograd_lite.testing.findings import is_tolerance
from autograd_lite.testing.nearby import clash_of, lies_nearby
from autograd_lite.testing.outcome import Outcome, report_of
from autograd_lite.testing.report import GradientError, failed, failure, place_in
from autograd_lite.testing.subject import OfTensors, row, subject_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from autograd_lite.testing.report import Report
    from autograd_lite.testing.subject import Arrays, Subject


def gradcheck(
    f: Callable[..., Any],
    inputs: Any,
    order: int = 1,
    *,
    vjp: Callable[..., Any] | None = None,
    rtol: float = 1e-8,
    atol: float = 1e-11,
    directions: int = 4,
    seed: int = 0,
    smooth: bool = False,
    raise_exception: bool = True,
) -> Report:
    """Compare the gradients of `f` of the orders 1 to `order` with those of an oracle, in float64.

    The oracle is a complex step where `f` can be called with complex arrays, else differences with
    steps of their own choice, extrapolated; it knows its own error. Where `f` is not smooth, the
    one-sided derivatives are found, and any gradient between them is accepted.

    Args:
        f: a function of tensors that gives a tensor, or a tuple or list of tensors. With `vjp`, any
            function of arrays that gives what NumPy can read: `f(*arrays)`. It must be
            deterministic.
        inputs: a tensor or array, or a sequence of them. Floating ones are cast to float64 and
            differentiated, others handed on in their kind. Each call of `f` gets fresh copies.
        order: the highest order to check; above 1 for functions of tensors alone.
        vjp: the gradient to check, of a function that another library or nobody differentiates:
            `vjp(g, *arrays)` gives the gradient of each input (or of each floating one) of the sum
            of `g * f(*arrays)`. Where `f` gives a tuple, `g` is one too.
        rtol: the difference to allow, relative to the largest gradient under comparison.
        atol: the difference to allow besides. Scale a function whose gradients are this small.
        directions: how many random directions to compare along, for each input, and half of that at
            higher orders. An input of up to that many entries is compared entry by entry.
        seed: the seed of the random weights and directions.
        smooth: whether to fail also where `f` is not smooth.
        raise_exception: whether a failure raises; else it is in the report.

    Returns:
        A `Report`, which is true: `assert gradcheck(...)` reads well. Its `verdict` is "pass", or
        "not smooth" where the gradient lies between the one-sided derivatives.

    Raises:
        GradientError: when a gradient disagrees, has not its input's shape or dtype, or is not
            finite, or when `f` is not deterministic or too rough to have a derivative. The message
            names the worst input, entry and output, and ends with lines that reproduce it.
        TypeError: when no input or no output is floating, or a function is not callable.
        ValueError: when a setting makes no sense.

    Source:
        Ridders 1982, "Accurate computation of F'(x) and F'(x) F''(x)"; Squire and Trapp 1998,
        "Using complex variables to estimate derivatives of real functions".

    Example:
        >>> import autograd_lite as ag
        >>> report = gradcheck(lambda x, y: ag.sin(x) * y, [ag.tensor([1.0, 2.0]), 3.0], order=2)
        >>> str(report.verdict)
        'pass'
        >>> str(gradcheck(ag.relu, np.array([-1.0, 0.0])).verdict)
        'not smooth'
        >>> cube = gradcheck(lambda x: x**3, np.ones(3), vjp=lambda g, x: 3 * g * x**2)
        >>> cube.oracle
        'complex step'
        >>> try:
        ...     gradcheck(lambda x: ag.sin(x.detach()) * x, ag.tensor([1.0, 2.0]))
        ... except GradientError as error:
        ...     print(str(error).splitlines()[0])
        gradcheck: <lambda>: the gradient of order 1 is wrong
    """
    subject = subject_of(f, inputs, vjp)
    _check_settings(order, rtol, atol, directions, seed)
    if order > 1 and not isinstance(subject, OfTensors):
        message = (
            f"gradcheck: got {order=} with a vjp; expected order 1 (for a higher one, check the"
            " gradient itself as f, with a vjp of its own)"
        )
        raise ValueError(message)
    smooth = flag("gradcheck", "smooth", smooth)
    raise_exception = flag("gradcheck", "raise_exception", raise_exception)
    settings = Settings(float(rtol), float(atol), directions, seed)
    try:
        with np.errstate(all="ignore"):  # a step out of the domain of f is dealt with
            report = report_of(_outcomes(subject, order, settings), smooth=smooth)
    except GradientError as error:
        if raise_exception or error.report is None:
            raise
        return error.report
    if not report and raise_exception:
        raise failure(report)
    return report


def _outcomes(subject: Subject, order: int, settings: Settings) -> list[Outcome]:
    """What the orders come to, as far as they are right."""
    outcomes: list[Outcome] = []
    values, scale = _values(subject), 0.0
    for n in range(1, order + 1):
        scale = float(np.abs(row(values)).max(initial=scale))  # of all orders below
        comparison = Comparison(subject, n, values, settings, scale)
        _differentiate(comparison)
        outcomes.append(_run(comparison))
        if not outcomes[-1].accepted or n == order or not isinstance(subject, OfTensors):
            break
        _check_recorded(comparison, subject)
        subject = subject.gradient(comparison.cotangents[0])
        values = subject.values(subject.point)
    return outcomes


def _check_settings(order: int, rtol: float, atol: float, directions: int, seed: int) -> None:
    fits = is_whole(order, 1) and is_whole(directions, 1) and is_whole(seed, 0)
    if not fits or not all(map(is_tolerance, (rtol, atol))):
        message = (
            f"gradcheck: got {order=}, {directions=}, {rtol=}, {atol=}, {seed=};"
            " expected order and directions from 1, tolerances and seed from 0"
        )
        raise ValueError(message)


def _values(subject: Subject) -> Arrays:
    """The values at the point, after a check that differences of them mean something."""
    once, twice = (subject.values(subject.point) for _ in range(2))
    if not once:
        message = (
            f"gradcheck: {subject.name} gives {subject.described()}, nothing floating; expected an"
            " array or a number, or a tuple or list of them"
        )
        raise TypeError(message)
    for i, (a, b) in enumerate(zip_longest(once, twice, fillvalue=np.empty(0))):
        if a.shape != b.shape or not np.allclose(a, b, rtol=1e-12, atol=0, equal_nan=True):
            _fail(
                subject,
                "is not deterministic",
                f"output {i} differs between two calls with the same inputs",
                "draw random numbers outside and pass them in, or seed the generator in each call;"
                " leave out what trains or counts calls (dropout, running statistics)",
            )
        if not np.isfinite(a).all():
            index, value = _first_not_finite(a)
            _fail(
                subject,
                f"gives {value}",
                f"output {i} of shape {a.shape}, entry {index}",
                "move the inputs to where f is defined and finite",
            )
    return once


def _differentiate(comparison: Comparison) -> None:
    """Ask for the gradients, and check what numbers cannot show."""
    subject, order = comparison.subject, comparison.order
    for cotangents in comparison.cotangents:
        gradients = subject.pull(subject.point, cotangents)
        for i, x, g in zip(subject.floating, subject.point, gradients, strict=True):
            if g is not None:
                _check_gradient(subject, order, i, x, g)
        comparison.gradients.append(as_rows(gradients, subject.point))


def _check_gradient(subject: Subject, order: int, i: int, x: NDArray[Any], g: NDArray[Any]) -> None:
    is_ours = isinstance(subject, OfTensors)
    if g.shape != x.shape or g.dtype.kind != "f" or (is_ours and g.dtype != x.dtype):
        _fail(
            subject,
            f"the gradient of order {order} has another shape or dtype than its input",
            f"input {i} is {x.shape} {x.dtype}, its gradient {g.shape} {g.dtype}",
            "a vjp returns the gradient of its argument: look for a sum over the wrong axis"
            if g.shape != x.shape
            else "a vjp returns floats for floats: look for integers, and for a cast",
        )
    if not np.isfinite(g).all():
        index, value = _first_not_finite(g)
        _fail(
            subject,
            f"the gradient of order {order} is {value}",
            f"input {i} of shape {x.shape}, entry {index}: analytic {value}",
            "0 * inf, 0 / 0 or log(0) in a vjp: keep arguments of sqrt, log and division off 0,"
            " also on the side that where() does not take",
        )


def _check_recorded(comparison: Comparison, subject: OfTensors) -> None:
    """Under `create_graph` a vjp runs on tensors, and must give what it gives on arrays."""
    cotangents, settings = comparison.cotangents[0], comparison.settings
    again = subject.pull(subject.point, cotangents, recorded=True)
    plain = row(comparison.gradients[0])
    recorded = row(as_rows(again, subject.point))
    error = np.abs(recorded - plain)
    worst = int(np.argmax(error)) if error.size else 0
    allowed = (settings.rtol + 1e-12) * np.abs(plain).max(initial=0.0) + settings.atol + 1e-12
    if error.size and not error[worst] <= allowed:
        place = place_in([x.shape for x in subject.point], worst)
        place = place._replace(array=subject.floating[place.array])
        _fail(
            subject,
            f"the gradient of order {comparison.order} changes under create_graph=True",
            f"{place.of('input')}: {plain[worst]} on arrays, {recorded[worst]} when recorded",
            "a vjp does something else with tensors than with arrays, or a fused op and its"
            " composition disagree",
        )


def _run(comparison: Comparison) -> Outcome:
    """Compare along the directions of each input, and look at the entries of those that differ."""
    outcome = Outcome(comparison)
    inspection = outcome.inspection
    for k, x in enumerate(comparison.subject.point):
        if x.size == 0:
            continue
        examined = whole = False
        for direction in comparison.directions(k):
            if not examined:
                match = comparison.along(k, direction)
                if not is_suspect(comparison, match):
                    outcome.saw(match)
                    continue
                if x.size > MANY and lies_between(comparison, k, direction, match):
                    outcome.has_crowds = True
                    continue
                examined = True
                whole = examine(comparison, k, inspection)
                if inspection.wrong:
                    break
            if not _agrees_without(comparison, k, direction, outcome, whole=whole):
                outcome.unexplained = match
                break
    if not inspection.wrong:
        outcome.clash = clash_of(comparison, inspection.kinks)
    return outcome


def _agrees_without(
    comparison: Comparison, k: int, direction: NDArray[Any], outcome: Outcome, *, whole: bool
) -> bool:
    """Whether the rest agrees along a direction, when entries with a kink are left out.

    If it does not, though the whole of its entries does: are slopes known to jump beside the point?
    """
    rest, kinks = direction.copy(), outcome.inspection.kinks
    for kink in kinks:
        if kink.input.array == comparison.subject.floating[k]:
            rest[kink.input.at] = 0.0
    match = comparison.closely(k, rest)
    if not is_suspect(comparison, match):
        return True
    nearby = lies_nearby(comparison, k, rest.ravel())
    between = bool(nearby) or (bool(kinks) and lies_between(comparison, k, rest, match))
    outcome.has_crowds |= between
    return between or (whole and nearby is None)


def _first_not_finite(array: NDArray[Any]) -> tuple[tuple[int, ...], float]:
    index = tuple(np.argwhere(~np.isfinite(array))[0].tolist())
    return index, float(array[index])


def _fail(subject: Subject, what: str, *lines: str) -> NoReturn:
    raise failure(failed(f"gradcheck: {subject.name}: {what}", subject.name, *lines))
