"""Roots, squares, exponentials and logarithms beside those of `arithmetic` and `elementwise`."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from autograd_lite.errors import composite
from autograd_lite.graph import op
from autograd_lite.ops.arithmetic import astype, pow, where
from autograd_lite.ops.elementwise import sigmoid
from autograd_lite.ops.poles import div_or_zero, over
from autograd_lite.threads import on_all_cores

if TYPE_CHECKING:
    from autograd_lite.node import Array
    from autograd_lite.tensor import Tensor

_LN2, _LN10 = math.log(2), math.log(10)


@op
def square(x: Array, /) -> tuple[Any, ...]:
    """The square x^2.

    Example:
        >>> import autograd_lite as ag
        >>> ag.square(ag.tensor([2.0, -3.0]))
        Tensor([4., 9.])
    """
    return np.square(x), lambda g: g * (x + x)


@op
def reciprocal(x: Array, /) -> tuple[Any, ...]:
    """The reciprocal 1 / x; infinite at 0, with NumPy's warning.

    Example:
        >>> import autograd_lite as ag
        >>> ag.reciprocal(ag.tensor([2.0, -4.0]))
        Tensor([ 0.5 , -0.25])
    """
    return np.reciprocal(x), lambda g: -over(over(g, x), x)


@op
def cbrt(x: Array, /) -> tuple[Any, ...]:
    """The cube root of x, of either sign; its gradient is taken as 0 at x = 0.

    Example:
        >>> import autograd_lite as ag
        >>> ag.cbrt(ag.tensor([8.0, -27.0])).round(4)  # the last digit is the processor's
        Tensor([ 2., -3.])
    """
    out = on_all_cores(np.cbrt, x)
    return out, lambda g: div_or_zero(g, 3 * (out * out))


@op
def hypot(x: Array, y: Array, /) -> tuple[Any, ...]:
    """The length sqrt(x^2 + y^2), without overflow; its gradient (x, y) / length is 0 at (0, 0).

    Example:
        >>> import autograd_lite as ag
        >>> ag.hypot(ag.tensor([3.0, 0.0]), ag.tensor([4.0, 0.0]))
        Tensor([5., 0.])
    """
    out = np.hypot(x, y)
    return out, lambda g: g * div_or_zero(x, out), lambda g: g * div_or_zero(y, out)


@op
def exp2(x: Array, /) -> tuple[Any, ...]:
    """The power 2^x.

    Example:
        >>> import autograd_lite as ag
        >>> ag.exp2(ag.tensor([3.0, -1.0]))
        Tensor([8. , 0.5])
    """
    out = on_all_cores(np.exp2, x)
    return out, lambda g: g * (out * _LN2)


@op
def log2(x: Array, /) -> tuple[Any, ...]:
    """The logarithm of x > 0 to base 2; -inf at 0 and nan below, with NumPy's warning.

    Example:
        >>> import autograd_lite as ag
        >>> ag.log2(ag.tensor([8.0, 0.5]))
        Tensor([ 3., -1.])
    """
    return on_all_cores(np.log2, x), lambda g: over(g, x * _LN2)


@op
def log10(x: Array, /) -> tuple[Any, ...]:
    """The logarithm of x > 0 to base 10; -inf at 0 and nan below, with NumPy's warning.

    Example:
        >>> import autograd_lite as ag
        >>> ag.log10(ag.tensor([1000.0, 0.1])).round(4)  # the last digit is the processor's
        Tensor([ 3., -1.])
    """
    return on_all_cores(np.log10, x), lambda g: over(g, x * _LN10)


@op
def logaddexp(x: Array, y: Array, /) -> tuple[Any, ...]:
    """log(e^x + e^y) without overflow; equal infinities share the gradient by halves.

    Example:
        >>> import autograd_lite as ag
        >>> print(f"{ag.logaddexp(ag.tensor(1000.0), 1000.0):.2f}")
        1000.69
    """
    tied = _tied(x, y)
    return (
        np.logaddexp(x, y),
        lambda g: g * sigmoid(_gap(x, y, tied)),
        lambda g: g * sigmoid(_gap(y, x, tied)),
    )


@op
def logaddexp2(x: Array, y: Array, /) -> tuple[Any, ...]:
    """log2(2^x + 2^y) without overflow; equal infinities share the gradient by halves.

    Example:
        >>> import autograd_lite as ag
        >>> ag.logaddexp2(ag.tensor([3.0, -500.0]), ag.tensor([3.0, -500.0]))
        Tensor([   4., -499.])
    """
    tied = _tied(x, y)
    return (
        np.logaddexp2(x, y),
        lambda g: g * sigmoid(_gap(x, y, tied) * _LN2),
        lambda g: g * sigmoid(_gap(y, x, tied) * _LN2),
    )


def _tied(x: Any, y: Any) -> Any:
    """Where x and y are the same infinity; None if nowhere."""
    tied = np.logical_and(np.equal(x, y), np.isinf(x))
    return tied if tied.any() else None


def _gap(x: Any, y: Any, tied: Any) -> Any:
    """x - y, and 0 where they are the same infinity."""
    return x - y if tied is None else where(tied, 0, x) - where(tied, 0, y)


@composite("arrays of real numbers whose shapes broadcast")
def float_power(x: Any, y: Any, /) -> Tensor:
    """The power x^y in float64, whatever the operands' dtype; else as `pow`.

    Example:
        >>> import autograd_lite as ag
        >>> ag.float_power(ag.tensor([2, 4]), -1)
        Tensor([0.5 , 0.25], dtype=float64)
    """
    return pow(_double(x), _double(y))


def _double(x: Any) -> Any:
    if isinstance(x, (int, float)):
        return float(x)
    return astype(x if hasattr(x, "dtype") else np.asarray(x), np.float64)
