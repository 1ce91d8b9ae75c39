"""What gradients are made of at zeros, poles, kinks and ties; no user calls these.

They do not warn: where a slope is infinite, the value was already, or is taken as 0.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from autograd_lite.graph import op

if TYPE_CHECKING:
    from collections.abc import Callable

    from autograd_lite.node import Array


@op
def zero_of(x: Array, /) -> tuple[Any, ...]:
    """Zeros like x: the gradient of a function of steps.

    Example:
        >>> import autograd_lite as ag
        >>> ag.ops.zero_of(np.array([np.inf, 2.0]))
        array([0., 0.])
    """
    return np.zeros_like(x), lambda g: zero_of(g)


@op
def sign_of(x: Array, /) -> tuple[Any, ...]:
    """The sign of x as a constant, which records nothing.

    Example:
        >>> import autograd_lite as ag
        >>> ag.ops.sign_of(np.array([-2.0, 0.0, 3.0]))
        array([-1.,  0.,  1.])
    """
    return (np.sign(x),)


@op
def exceeds(x: Array, y: Array, /) -> tuple[Any, ...]:
    """1 where x > y, 1/2 where x = y, else 0, in the operands' dtype.

    Example:
        >>> import autograd_lite as ag
        >>> ag.ops.exceeds(np.array([1.0, 2.0, 3.0]), 2.0)
        array([0. , 0.5, 1. ])
    """
    dtype = np.result_type(x, y)
    return (np.add(np.greater(x, y), np.greater_equal(x, y), dtype=dtype) * dtype.type(0.5),)


@op
def both_zero(x: Array, y: Array, /) -> tuple[Any, ...]:
    """Whether x and y are both 0, as 1 or 0 in the dtype of y.

    Example:
        >>> import autograd_lite as ag
        >>> ag.ops.both_zero(np.array([0.0, 0.0]), np.array([0.0, 1.0]))
        array([1., 0.])
    """
    return (np.logical_and(np.equal(x, 0), np.equal(y, 0)).astype(np.result_type(y)),)


@op
def log_or_zero(x: Array, /) -> tuple[Any, ...]:
    """The natural logarithm of x, with 0 for that of 0, and nan without a warning below.

    Example:
        >>> import autograd_lite as ag
        >>> ag.ops.log_or_zero(np.array([0.0, 1.0]))
        array([0., 0.])
    """
    with np.errstate(invalid="ignore"):
        return np.log(np.where(np.equal(x, 0), 1, x)), lambda g: div_or_zero(g, x)


@op
def div_or_zero(x: Array, y: Array, /) -> tuple[Any, ...]:
    """The quotient x / y, with 0 where x or y is 0, whatever the other is.

    By it the gradients of sqrt and norm at 0, where no derivative exists, are 0 and not nan.

    Example:
        >>> import autograd_lite as ag
        >>> ag.ops.div_or_zero(np.array([1.0, 1.0, 0.0]), np.array([0.0, 2.0, np.nan]))
        array([0. , 0.5, 0. ])
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        out = x / y
    if not np.isfinite(out).all():  # seldom, and `where` takes ten times as long as all the rest
        out = np.where(np.logical_or(np.equal(x, 0), np.equal(y, 0)), 0, out)
    return out, lambda g: div_or_zero(g, y), lambda g: -div_or_zero(times(g, out), y)


@op
def over(x: Array, y: Array, /) -> tuple[Any, ...]:
    """The quotient x / y of a gradient x, with 0 where x is 0, also for y = 0.

    Example:
        >>> import autograd_lite as ag
        >>> ag.ops.over(np.array([0.0, 1.0]), np.array([0.0, 2.0]))
        array([0. , 0.5])
    """
    try:
        with np.errstate(divide="ignore", invalid="raise"):  # free, unlike a look at all values
            out = x / y
    except FloatingPointError:
        out = np.where(np.equal(x, 0), 0, quiet(np.divide, x, y))
    return out, lambda g: over(g, y), lambda g: -over(times(g, out), y)


@op
def times(x: Array, y: Array, /) -> tuple[Any, ...]:
    """The product x y of a gradient and a slope, with 0 where one is 0, also for infinity and nan.

    Example:
        >>> import autograd_lite as ag
        >>> ag.ops.times(np.array([0.0, 2.0]), np.array([np.inf, 3.0]))
        array([0., 6.])
    """
    with np.errstate(invalid="ignore"):
        out = x * y
    if not np.isfinite(out).all():
        out = np.where(np.logical_or(np.equal(x, 0), np.equal(y, 0)), 0, out)
    return out, lambda g: times(g, y), lambda g: times(g, x)


def quiet(function: Callable[..., Any], *operands: Any) -> Any:
    """`function(*operands)` without warnings at poles: of a slope, for the value has warned."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return function(*operands)
