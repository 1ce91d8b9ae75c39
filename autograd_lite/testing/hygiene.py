"""Rules of good behaviour of a gradient, beside its values: dtypes, memory, layout, lifetime."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from autograd_lite.errors import flag, is_whole
from autograd_lite.testing.findings import Findings, found
from autograd_lite.testing.hygiene_calls import Session
from autograd_lite.testing.hygiene_rules import FORM, RULES, is_fitting

if TYPE_CHECKING:
    from collections.abc import Callable


def check_hygiene(
    f: Callable[..., Any],
    inputs: Any,
    *,
    vjp: Callable[..., Any] | None = None,
    order: int = 2,
    seed: int = 0,
    raise_exception: bool = True,
) -> Findings:
    """Check what a gradient must keep to beside its values.

    - form: every gradient has the shape and the dtype of its input, also of float32.
    - mutation: inputs, cotangents and arrays that the function captured are as before; and, of
      functions of tensors, what each closure is given and has captured, in gradients of gradients
      too.
    - aliasing: a gradient shares memory with no input, cotangent or output, and no other gradient.
    - layout: transposed, strided and reversed inputs and cotangents give what contiguous ones give.
    - determinism: two calls agree exactly, in values and gradients.
    - presence: an input has a gradient if the values change with it.
    - freedom: of functions of tensors, the graph is freed with the collector off, that of the
      gradients too.

    Args:
        f: a function of tensors that gives a tensor, or a tuple or list of tensors; with `vjp` a
            plain function of arrays.
        inputs: an array or tensor, or a sequence of them. Floating ones are differentiated, in
            their own dtypes.
        vjp: `vjp(g, *inputs)` gives the gradient, or a tuple with one for each input, where g is
            the gradient of what comes after; a tuple of such where `f` gives a tuple.
        order: 1 leaves out gradients of gradients, which are for functions of tensors only.
        seed: the seed of the random cotangents.
        raise_exception: False to return findings that are false where a rule is broken.

    Returns:
        What was found: which rules hold, and which could not be tried and why.

    Raises:
        GradientError: when a rule is broken. The message names it, the input, and what was found.
        TypeError: when no input is floating, or something is not callable.
        ValueError: when `order` is no whole number from 1, or `seed` none from 0.

    Example:
        >>> import numpy as np
        >>> from autograd_lite.testing import GradientError, check_hygiene
        >>> x = np.array([1.0, -2.0])
        >>> bool(check_hygiene(np.square, x, vjp=lambda g, x: g * 2 * x))
        True
        >>> try:
        ...     check_hygiene(np.positive, x, vjp=lambda g, x: g)
        ... except GradientError as error:
        ...     print(str(error).splitlines()[2].strip())
        the gradient of input 0 shares memory with cotangent 0
    """
    if not is_whole(order, 1) or not is_whole(seed, 0):
        message = f"check_hygiene: got {order=}, {seed=}; expected order from 1, seed from 0"
        raise ValueError(message)
    raise_exception = flag("check_hygiene", "raise_exception", raise_exception)
    with np.errstate(all="ignore"):
        at = Session(f, inputs, vjp, order, seed)
        # Of gradients in another shape, nothing else can be asked.
        rules = RULES if is_fitting(at) else [FORM]
        return found("check_hygiene", at.name, rules, at, raise_exception=raise_exception)
