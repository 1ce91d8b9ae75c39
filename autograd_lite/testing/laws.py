"""Laws that every right gradient keeps, and that need no differences to be checked.

They hold up to rounding, at kinks too, and of any function. What they cannot see is a gradient that
is wrong in a consistent way, as of cos(x) for sin(x): that is for `gradcheck`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from autograd_lite.errors import flag, is_whole
from autograd_lite.testing.findings import Findings, finite, found, is_tolerance
from autograd_lite.testing.laws_first import LINEARITY, SHAPES, TRANSPOSITION, ZERO
from autograd_lite.testing.laws_operands import BROADCAST, SHARED
from autograd_lite.testing.laws_point import Point
from autograd_lite.testing.laws_second import MODES, SYMMETRY

if TYPE_CHECKING:
    from collections.abc import Callable

FIRST = (TRANSPOSITION, LINEARITY, ZERO, BROADCAST, SHARED)
SECOND = (SYMMETRY, MODES)


def check_laws(
    f: Callable[..., Any],
    inputs: Any,
    *,
    vjp: Callable[..., Any] | None = None,
    jvp: Callable[..., Any] | None = None,
    order: int = 2,
    rtol: float | None = None,
    seed: int = 0,
    raise_exception: bool = True,
) -> Findings:
    """Check the laws that hold of every right gradient, at one point, without differences.

    With J the derivative at the inputs, H that of the gradient:

    - transposition: <v, J w> = <J^T v, w>, between jvp and vjp.
    - linearity: J^T (a u + b v) = a J^T u + b J^T v.
    - zero: J^T 0 = 0 and J 0 = 0, exactly.
    - broadcast: the gradient of an operand that is broadcast is the sum of that of the expanded
      one; where `f` takes expanded operands, and gives the same for them.
    - shared: the gradient of x in f(x, x) is the sum of those for two copies; where floating
      inputs have equal shapes. (A plain vjp gives two gradients, which must be those for copies.)
    - symmetry: <u, H v> = <v, H u>.
    - modes: H v is the same by reverse over reverse and by forward over reverse mode.

    The difference that is allowed does not grow with the number of elements: it is relative to the
    sum of the sizes of the products, or to the largest entry.

    Args:
        f: a function of tensors that gives a tensor, or a tuple or list of tensors; with `vjp` a
            plain function of arrays. It must be deterministic.
        inputs: an array or tensor, or a sequence of them. Floating ones are differentiated, in
            their own dtypes.
        vjp: `vjp(g, *inputs)` gives the gradient, or a tuple with one for each input, where g is
            the gradient of what comes after; a tuple of such where `f` gives a tuple.
        jvp: `jvp(t, *inputs)` gives the derivative of the output along t, a tuple with a tangent
            for each floating input. A function of tensors has its own.
        order: 1 leaves out the laws of H, which are for functions of tensors only.
        rtol: the relative difference to allow; None for 8,192 roundings of the coarsest dtype
            among inputs and outputs (2e-12 in float64, 1e-3 in float32).
        seed: the seed of the random vectors, which have entries of sizes from 1/2 to 1.
        raise_exception: False to return findings that are false where a law is broken.

    Returns:
        What was found: which laws hold, and which could not be tried and why.

    Raises:
        GradientError: when a law is broken. The message names it, the input, the entry and both
            values.
        TypeError: when no input or no output is floating, or something is not callable.
        ValueError: when a setting makes no sense.

    Example:
        >>> import numpy as np
        >>> from autograd_lite.testing import GradientError, check_laws
        >>> x = np.array([1.0, -2.0])
        >>> print(check_laws(np.square, x, vjp=lambda g, x: g * 2 * x).kept)
        ('linearity', 'zero')
        >>> try:
        ...     check_laws(np.square, x, vjp=lambda g, x: abs(g) * 2 * x)
        ... except GradientError as error:
        ...     print(str(error).splitlines()[0])
        check_laws: square: broken: linearity
    """
    fits = is_whole(order, 1) and is_whole(seed, 0)
    if not fits or not (rtol is None or is_tolerance(rtol)):
        message = (
            f"check_laws: got {order=}, {rtol=}, {seed=}; expected order from 1, rtol None or from"
            " 0, seed from 0"
        )
        raise ValueError(message)
    raise_exception = flag("check_laws", "raise_exception", raise_exception)
    with np.errstate(all="ignore"):
        at = Point(f, inputs, vjp, jvp, seed, rtol)
        rules = [*FIRST, *SECOND] if order > 1 else FIRST
        if not finite(at.values, at.pulled):
            skipped = dict.fromkeys((rule.name for rule in rules), "values are not finite here")
            return Findings("check_laws", at.subject.name, skipped=skipped)
        # Of a gradient in another shape, nothing else can be asked.
        rules = [SHAPES] if SHAPES.lines(at) else rules
        return found("check_laws", at.subject.name, rules, at, raise_exception=raise_exception)
