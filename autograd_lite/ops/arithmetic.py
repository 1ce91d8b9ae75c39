"""Arithmetic, comparisons, and what picks between operands: forward and backward side by side."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from autograd_lite.graph import op, op_expecting
from autograd_lite.kernels import in_one_pass
from autograd_lite.ops.poles import (
    both_zero,
    div_or_zero,
    exceeds,
    log_or_zero,
    over,
    quiet,
    sign_of,
    times,
    zero_of,
)

if TYPE_CHECKING:
    from numpy.typing import DTypeLike

    from autograd_lite.node import Array


@op
def add(x: Array, y: Array, /) -> tuple[Any, ...]:
    """The sum x + y, with broadcasting.

    Example:
        >>> import autograd_lite as ag
        >>> ag.add(ag.tensor([1.0, 2.0]), 3)
        Tensor([4., 5.])
    """
    return x + y, lambda g: g, lambda g: g


@op
def sub(x: Array, y: Array, /) -> tuple[Any, ...]:
    """The difference x - y, with broadcasting.

    Example:
        >>> import autograd_lite as ag
        >>> ag.sub(ag.tensor([1.0, 2.0]), 3)
        Tensor([-2., -1.])
    """
    return x - y, lambda g: g, lambda g: -g


@op
def mul(x: Array, y: Array, /) -> tuple[Any, ...]:
    """The product x y, with broadcasting.

    Example:
        >>> import autograd_lite as ag
        >>> ag.mul(ag.tensor([1.0, 2.0]), 3)
        Tensor([3., 6.])
    """
    return x * y, lambda g: g * y, lambda g: g * x


@op
def div(x: Array, y: Array, /) -> tuple[Any, ...]:
    """The quotient x / y, with broadcasting; integers give floats.

    Example:
        >>> import autograd_lite as ag
        >>> ag.div(ag.tensor([1.0, 2.0]), 4)
        Tensor([0.25, 0.5 ])
    """
    out = x / y
    if isinstance(y, (int, float)) and y:
        return out, lambda g: g / y
    return out, lambda g: over(g, y), lambda g: _divisor_gradient(g, out, y)


def _divisor_gradient(g: Array, out: Array, y: Array) -> Array:
    fast = in_one_pass("divisor_gradient", g, out, y)
    if fast is not None:
        return fast
    if isinstance(g, (np.ndarray, np.generic)):
        try:
            with np.errstate(divide="ignore", invalid="raise"):  # free, unlike a look at values
                return -(g / y) * out
        except FloatingPointError:
            pass
    return -times(over(g, y), out)


@op
def floor_divide(x: Array, y: Array, /) -> tuple[Any, ...]:
    """The quotient rounded down, floor(x / y); its gradient is zero.

    Example:
        >>> import autograd_lite as ag
        >>> ag.floor_divide(ag.tensor([7.0, -7.0]), 2)
        Tensor([ 3., -4.])
    """
    return x // y, lambda g: zero_of(g), lambda g: zero_of(g)


@op
def remainder(x: Array, y: Array, /) -> tuple[Any, ...]:
    """The remainder x - y floor(x / y), with the sign of y.

    Example:
        >>> import autograd_lite as ag
        >>> ag.remainder(ag.tensor([7.0, -7.0]), 4)
        Tensor([3., 1.])
    """
    return (
        np.remainder(x, y),
        lambda g: g,
        lambda g: -times(g, quiet(floor_divide, x, y)),
    )


@op
def neg(x: Array, /) -> tuple[Any, ...]:
    """The negative -x.

    Example:
        >>> import autograd_lite as ag
        >>> ag.neg(ag.tensor([1.0, -2.0]))
        Tensor([-1.,  2.])
    """
    return -x, lambda g: -g


@op
def pow(x: Array, y: Array, /) -> tuple[Any, ...]:
    """The power x^y, for tensors and numbers on either side, with broadcasting.

    The gradient for x is y x^(y-1): infinite at x = 0 for 0 < y < 1 (of which `sqrt` makes 0), and
    0 for y = 0. The one for y is x^y log x, taken as 0 at x = 0, and nan where x is negative, as
    x^y is then defined for isolated y only.

    Example:
        >>> import autograd_lite as ag
        >>> ag.pow(ag.tensor([2.0, 3.0]), 2)
        Tensor([4., 9.])
    """
    # NumPy 2.0's operator leaves a float64 exponent that is an array out of the result's dtype.
    out = x**y if type(y) in {int, float} else np.power(x, y)
    if isinstance(y, (int, float)):
        if y >= 1 and y % 1 == 0:  # no pole
            return out, lambda g: g * (y * pow(x, y - 1))
        if y == 0:
            return out, lambda g: zero_of(g)
        return out, lambda g: _power_gradient(g, x, y)
    if isinstance(x, (int, float)):  # its logarithm is a Python number, which promotes nothing
        log = float(log_or_zero(float(x)))
        return out, None, lambda g: g * (out * log)
    return (
        out,
        lambda g: times(g, y * quiet(pow, x, y - 1 + both_zero(x, y))),
        lambda g: times(g, out * log_or_zero(x)),
    )


def _power_gradient(g: Array, x: Array, y: float) -> Array:
    if isinstance(g, (np.ndarray, np.generic)):
        with np.errstate(divide="ignore", invalid="ignore"):
            out = g * (y * x ** (y - 1))
        if np.isfinite(out).all():  # nearly always, at half the time of two careful steps
            return out
    return times(g, y * quiet(pow, x, y - 1))


@op
def sqrt(x: Array, /) -> tuple[Any, ...]:
    """The square root of x; its gradient g / (2 sqrt x) is taken as 0 at x = 0.

    Example:
        >>> import autograd_lite as ag
        >>> ag.sqrt(ag.tensor([4.0, 9.0]))
        Tensor([2., 3.])
    """
    out = np.sqrt(x)
    return out, lambda g: _sqrt_gradient(g, out)


def _sqrt_gradient(g: Array, out: Array) -> Array:
    fast = in_one_pass("sqrt_gradient", g, out)
    return div_or_zero(g, out + out) if fast is None else fast


@op
def abs(x: Array, /) -> tuple[Any, ...]:
    """The absolute value |x|; its gradient g sign(x) is 0 at x = 0.

    Example:
        >>> import autograd_lite as ag
        >>> ag.abs(ag.tensor([-2.0, 3.0]))
        Tensor([2., 3.])
    """
    return np.abs(x), lambda g: g * sign_of(x)


@op
def sign(x: Array, /) -> tuple[Any, ...]:
    """The sign of x, one of -1, 0, 1; its gradient is zero, at 0 too.

    Example:
        >>> import autograd_lite as ag
        >>> ag.sign(ag.tensor([-2.0, 0.0, 3.0]))
        Tensor([-1.,  0.,  1.])
    """
    return np.sign(x), lambda g: zero_of(g)


@op
def maximum(x: Array, y: Array, /) -> tuple[Any, ...]:
    """The larger of x and y, with broadcasting; where they tie, each gets half of the gradient.

    Example:
        >>> import autograd_lite as ag
        >>> ag.maximum(ag.tensor([1.0, 5.0]), 3)
        Tensor([3., 5.])
    """
    return np.maximum(x, y), lambda g: g * exceeds(x, y), lambda g: g * exceeds(y, x)


@op
def minimum(x: Array, y: Array, /) -> tuple[Any, ...]:
    """The smaller of x and y, with broadcasting; where they tie, each gets half of the gradient.

    Example:
        >>> import autograd_lite as ag
        >>> ag.minimum(ag.tensor([1.0, 5.0]), 3)
        Tensor([1., 3.])
    """
    return np.minimum(x, y), lambda g: g * exceeds(y, x), lambda g: g * exceeds(x, y)


@op
def where(condition: Array, x: Array, y: Array, /) -> tuple[Any, ...]:
    """x where `condition` holds, else y, with broadcasting.

    The gradient goes to the operand that was picked. On the side not taken it is 0, also through
    ops whose derivative there is infinite or none, at every order: `where(x > 0, log(x), 0)`,
    `where(x != 0, sin(x) / x, 1)`. What stays nan is 0 times a *factor* that is itself infinite or
    nan, in `mul`, `exp` and products of matrices, for they do not look at their values: keep that
    side's argument in its domain by another `where`, as in `x * log(where(x > 0, x, 1))`.

    Example:
        >>> import autograd_lite as ag
        >>> x = ag.tensor([-1.0, 2.0])
        >>> ag.where(x > 0, x, 0)
        Tensor([0., 2.])
    """
    return (
        np.where(condition, x, y),
        None,
        lambda g: where(condition, g, 0),
        lambda g: where(condition, 0, g),
    )


@op_expecting("bounds that broadcast with x, at least one of them (None leaves a side open)")
def clip(x: Array, low: Array = None, high: Array = None, /) -> tuple[Any, ...]:
    """x limited to [low, high]; a bound of None leaves that side open.

    The gradient goes to x inside and on the bounds, and to a bound where x lies beyond it.

    Example:
        >>> import autograd_lite as ag
        >>> ag.clip(ag.tensor([-2.0, 0.5, 2.0]), -1, 1)
        Tensor([-1. ,  0.5,  1. ])
    """
    if low is None and high is None:
        message = "both bounds are None"
        raise ValueError(message)
    above = np.False_ if high is None else np.greater(x, high)
    below = np.False_ if low is None else np.less(x, low) & ~above
    inside = ~(above | below)
    return np.clip(x, low, high), lambda g: g * inside, lambda g: g * below, lambda g: g * above


@op_expecting("a dtype that the values can be converted to")
def astype(x: Array, /, dtype: DTypeLike) -> tuple[Any, ...]:
    """x converted to `dtype`; the gradient is converted back.

    Example:
        >>> import autograd_lite as ag
        >>> ag.astype(ag.tensor([1.0, 2.0]), "float64").dtype
        dtype('float64')
    """
    before = x.dtype
    out = np.asarray(x).astype(dtype)
    if out.dtype.kind == "c":
        message = "no tensor is complex, but a Spectrum of autograd_lite.fft is two of them"
        raise TypeError(message)
    return out, (lambda g: astype(g, before)) if out.dtype.kind == "f" else None
