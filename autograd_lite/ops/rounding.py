"""Functions of steps, whose gradient is zero, and others that NumPy makes of bits and signs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from autograd_lite.errors import composite
from autograd_lite.graph import op, op_expecting
from autograd_lite.ops.arithmetic import div, floor_divide, remainder, where
from autograd_lite.ops.poles import exceeds, quiet, sign_of, times, zero_of

if TYPE_CHECKING:
    from autograd_lite.node import Array
    from autograd_lite.tensor import Tensor


@op
def floor(x: Array, /) -> tuple[Any, ...]:
    """The largest integer that is at most x; its gradient is zero.

    Example:
        >>> import autograd_lite as ag
        >>> ag.floor(ag.tensor([1.7, -1.2]))
        Tensor([ 1., -2.])
    """
    return np.floor(x), lambda g: zero_of(g)


@op
def ceil(x: Array, /) -> tuple[Any, ...]:
    """The smallest integer that is at least x; its gradient is zero.

    Example:
        >>> import autograd_lite as ag
        >>> ag.ceil(ag.tensor([1.2, -1.7]))
        Tensor([ 2., -1.])
    """
    return np.ceil(x), lambda g: zero_of(g)


@op
def trunc(x: Array, /) -> tuple[Any, ...]:
    """x without its fraction, rounded towards zero; its gradient is zero.

    Example:
        >>> import autograd_lite as ag
        >>> ag.trunc(ag.tensor([1.7, -1.7]))
        Tensor([ 1., -1.])
    """
    return np.trunc(x), lambda g: zero_of(g)


@composite("an array of real numbers")
def fix(x: Any, /) -> Tensor:
    """x rounded towards zero, as `trunc`.

    Example:
        >>> import autograd_lite as ag
        >>> ag.fix(ag.tensor([1.7, -1.7]))
        Tensor([ 1., -1.])
    """
    return trunc(x)


@op
def rint(x: Array, /) -> tuple[Any, ...]:
    """The integer nearest to x, of two the even one; its gradient is zero.

    Example:
        >>> import autograd_lite as ag
        >>> ag.rint(ag.tensor([0.5, 1.5, -1.7]))
        Tensor([ 0.,  2., -2.])
    """
    return np.rint(x), lambda g: zero_of(g)


@op_expecting("an array of numbers, and how many decimals as an integer")
def round(x: Array, /, decimals: int = 0) -> tuple[Any, ...]:
    """x rounded to some decimals, of two neighbours to the even one; its gradient is zero.

    Args:
        x: an array.
        decimals: how many, of which negative ones are before the point.

    Example:
        >>> import autograd_lite as ag
        >>> ag.round(ag.tensor([1.25, 2.5]), 1)
        Tensor([1.2, 2.5])
    """
    return np.round(x, decimals), lambda g: zero_of(g)


@op
def heaviside(x: Array, y: Array, /) -> tuple[Any, ...]:
    """0 where x < 0, 1 where x > 0, y where x = 0; its gradient is zero for x, also at 0.

    Example:
        >>> import autograd_lite as ag
        >>> ag.heaviside(ag.tensor([-1.0, 0.0, 1.0]), 0.5)
        Tensor([0. , 0.5, 1. ])
    """
    at = np.equal(x, 0)
    return np.heaviside(x, y), lambda g: zero_of(g), lambda g: where(at, g, 0)


@op
def fmod(x: Array, y: Array, /) -> tuple[Any, ...]:
    """The remainder x - y trunc(x / y), with the sign of x, as C's; `remainder` has that of y.

    Example:
        >>> import autograd_lite as ag
        >>> ag.fmod(ag.tensor([7.0, -7.0]), 4)
        Tensor([ 3., -3.])
    """
    out = np.fmod(x, y)
    return out, lambda g: g, lambda g: -times(g, rint(quiet(div, x - out, y)))


@composite("arrays of real numbers whose shapes broadcast")
def divmod(x: Any, y: Any, /) -> tuple[Tensor, Tensor]:
    """The quotient rounded down and the remainder, as `floor_divide` and `remainder`.

    Example:
        >>> import autograd_lite as ag
        >>> quotient, rest = ag.divmod(ag.tensor([7.0, -7.0]), 4)
        >>> quotient, rest
        (Tensor([ 1., -2.]), Tensor([3., 1.]))
    """
    return floor_divide(x, y), remainder(x, y)


@op
def positive(x: Array, /) -> tuple[Any, ...]:
    """x itself, as a new array: +x.

    Example:
        >>> import autograd_lite as ag
        >>> ag.positive(ag.tensor([-1.0, 2.0]))
        Tensor([-1.,  2.])
    """
    return np.positive(x), lambda g: g


@op
def copysign(x: Array, y: Array, /) -> tuple[Any, ...]:
    """|x| with the sign of y, that of zeros included; its gradient is 0 for y, and for x at 0.

    Example:
        >>> import autograd_lite as ag
        >>> ag.copysign(ag.tensor([1.0, -2.0]), -1)
        Tensor([-1., -2.])
    """
    out = np.copysign(x, y)
    return out, lambda g: g * (sign_of(x) * sign_of(out)), lambda g: zero_of(g)


@op_expecting("a float array, and integers as exponents, whose shapes broadcast")
def ldexp(x: Array, y: Array, /) -> tuple[Any, ...]:
    """x 2^y for integers y.

    Example:
        >>> import autograd_lite as ag
        >>> ag.ldexp(ag.tensor([1.0, 3.0]), 2)
        Tensor([ 4., 12.])
    """
    return np.ldexp(x, y), lambda g: ldexp(g, y)


@op
def fmax(x: Array, y: Array, /) -> tuple[Any, ...]:
    """The larger of x and y, or the one that is not nan; where they tie, each gets half.

    Example:
        >>> import autograd_lite as ag
        >>> ag.fmax(ag.tensor([1.0, np.nan]), 3)
        Tensor([3., 3.])
    """
    no_x, no_y = np.isnan(x), np.isnan(y)
    return (
        np.fmax(x, y),
        lambda g: g * where(no_y, ~no_x, exceeds(x, y)),
        lambda g: g * where(no_x, ~no_y, exceeds(y, x)),
    )


@op
def fmin(x: Array, y: Array, /) -> tuple[Any, ...]:
    """The smaller of x and y, or the one that is not nan; where they tie, each gets half.

    Example:
        >>> import autograd_lite as ag
        >>> ag.fmin(ag.tensor([1.0, np.nan]), 3)
        Tensor([1., 3.])
    """
    no_x, no_y = np.isnan(x), np.isnan(y)
    return (
        np.fmin(x, y),
        lambda g: g * where(no_y, ~no_x, exceeds(y, x)),
        lambda g: g * where(no_x, ~no_y, exceeds(x, y)),
    )


@op_expecting("an array of numbers, and the numbers to put in")
def nan_to_num(
    x: Array,
    /,
    *,
    nan: float = 0.0,
    posinf: float | None = None,
    neginf: float | None = None,
) -> tuple[Any, ...]:
    """x with numbers in place of nan and infinities, where the gradient is 0.

    Args:
        x: an array.
        nan: what stands for nan.
        posinf: what stands for infinity; None for the largest number of the dtype.
        neginf: what stands for -infinity; None for the lowest.

    Example:
        >>> import autograd_lite as ag
        >>> ag.nan_to_num(ag.tensor([1.0, np.nan, np.inf]), posinf=9)
        Tensor([1., 0., 9.])
    """
    finite = np.isfinite(x)
    out = np.nan_to_num(x, nan=nan, posinf=posinf, neginf=neginf)
    return out, lambda g: where(finite, g, 0)
