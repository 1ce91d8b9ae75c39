"""Inverse trigonometric and hyperbolic functions, units of angles, sinc."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from autograd_lite.graph import op
from autograd_lite.ops.arithmetic import maximum, sqrt
from autograd_lite.ops.poles import div_or_zero, over
from autograd_lite.ops.powers import hypot
from autograd_lite.threads import on_all_cores

if TYPE_CHECKING:
    from autograd_lite.node import Array


@op
def arcsin(x: Array, /) -> tuple[Any, ...]:
    """The angle in [-pi/2, pi/2] whose sine is x; nan beyond [-1, 1], with NumPy's warning.

    The gradient g / sqrt(1 - x^2) is taken as 0 at both ends, where it is infinite, and beyond.

    Example:
        >>> import autograd_lite as ag
        >>> print(f"{ag.arcsin(ag.tensor(0.5)):.4f}")
        0.5236
    """
    return on_all_cores(np.arcsin, x), lambda g: div_or_zero(g, _leg(x))


@op
def arccos(x: Array, /) -> tuple[Any, ...]:
    """The angle in [0, pi] whose cosine is x; nan beyond [-1, 1], with NumPy's warning.

    The gradient -g / sqrt(1 - x^2) is taken as 0 at both ends, where it is infinite, and beyond.

    Example:
        >>> import autograd_lite as ag
        >>> print(f"{ag.arccos(ag.tensor(0.5)):.4f}")
        1.0472
    """
    return on_all_cores(np.arccos, x), lambda g: -div_or_zero(g, _leg(x))


def _leg(x: Any) -> Any:
    """sqrt(1 - x^2), of which near the ends the factors are exact; 0 beyond them."""
    return sqrt(maximum((1 - x) * (1 + x), 0))


@op
def arctan(x: Array, /) -> tuple[Any, ...]:
    """The angle in [-pi/2, pi/2] whose tangent is x.

    Example:
        >>> import autograd_lite as ag
        >>> print(f"{ag.arctan(ag.tensor(1.0)):.4f}")
        0.7854
    """
    return on_all_cores(np.arctan, x), lambda g: g / hypot(1, x) / hypot(1, x)


@op
def arctan2(y: Array, x: Array, /) -> tuple[Any, ...]:
    """The angle in [-pi, pi] of the point (x, y): arctan(y / x) in the quadrant of the signs.

    The gradient (x, -y) / (x^2 + y^2) for (y, x) is taken as 0 at the origin.

    Example:
        >>> import autograd_lite as ag
        >>> print(f"{ag.arctan2(ag.tensor(1.0), -1.0):.4f}")
        2.3562
    """
    return (
        np.arctan2(y, x),
        lambda g: g * div_or_zero(div_or_zero(x, hypot(x, y)), hypot(x, y)),
        lambda g: -g * div_or_zero(div_or_zero(y, hypot(x, y)), hypot(x, y)),
    )


@op
def sinh(x: Array, /) -> tuple[Any, ...]:
    """The hyperbolic sine (e^x - e^-x) / 2.

    Example:
        >>> import autograd_lite as ag
        >>> print(f"{ag.sinh(ag.tensor(1.0)):.4f}")
        1.1752
    """
    return on_all_cores(np.sinh, x), lambda g: g * cosh(x)


@op
def cosh(x: Array, /) -> tuple[Any, ...]:
    """The hyperbolic cosine (e^x + e^-x) / 2.

    Example:
        >>> import autograd_lite as ag
        >>> print(f"{ag.cosh(ag.tensor(1.0)):.4f}")
        1.5431
    """
    return on_all_cores(np.cosh, x), lambda g: g * sinh(x)


@op
def arcsinh(x: Array, /) -> tuple[Any, ...]:
    """The inverse hyperbolic sine log(x + sqrt(x^2 + 1)).

    Example:
        >>> import autograd_lite as ag
        >>> print(f"{ag.arcsinh(ag.tensor(1.0)):.4f}")
        0.8814
    """
    return on_all_cores(np.arcsinh, x), lambda g: g / hypot(1, x)


@op
def arccosh(x: Array, /) -> tuple[Any, ...]:
    """The inverse hyperbolic cosine log(x + sqrt(x^2 - 1)); nan below 1, with NumPy's warning.

    The gradient g / sqrt(x^2 - 1) is taken as 0 at x = 1, where it is infinite, and below.

    Example:
        >>> import autograd_lite as ag
        >>> print(f"{ag.arccosh(ag.tensor(2.0)):.4f}")
        1.3170
    """
    return (
        on_all_cores(np.arccosh, x),
        lambda g: div_or_zero(g, sqrt(maximum(x - 1, 0)) * sqrt(maximum(x + 1, 0))),
    )


@op
def arctanh(x: Array, /) -> tuple[Any, ...]:
    """The inverse hyperbolic tangent log((1 + x) / (1 - x)) / 2, infinite at -1 and 1, nan beyond.

    Example:
        >>> import autograd_lite as ag
        >>> print(f"{ag.arctanh(ag.tensor(0.5)):.4f}")
        0.5493
    """
    return on_all_cores(np.arctanh, x), lambda g: over(g, (1 - x) * (1 + x))


@op
def deg2rad(x: Array, /) -> tuple[Any, ...]:
    """The angle x in degrees, in radians; NumPy calls it `radians` too.

    Example:
        >>> import autograd_lite as ag
        >>> print(f"{ag.deg2rad(ag.tensor(180.0)):.4f}")
        3.1416
    """
    return np.deg2rad(x), lambda g: deg2rad(g)


@op
def rad2deg(x: Array, /) -> tuple[Any, ...]:
    """The angle x in radians, in degrees; NumPy calls it `degrees` too.

    Example:
        >>> import autograd_lite as ag
        >>> print(f"{ag.rad2deg(ag.tensor(3.14159265)):.2f}")
        180.00
    """
    return np.rad2deg(x), lambda g: rad2deg(g)


@op
def sinc(x: Array, /) -> tuple[Any, ...]:
    """sin(pi x) / (pi x), and 1 at x = 0, where its derivatives are exact too.

    Example:
        >>> import autograd_lite as ag
        >>> ag.sinc(ag.tensor([0.0, 0.5, 1.5])).round(3)
        Tensor([ 1.   ,  0.637, -0.212])
    """
    return np.sinc(x), lambda g: g * sinc_slope(x, 1)


@op
def sinc_slope(x: Array, /, order: int) -> tuple[Any, ...]:
    """The derivative of an order, from 1 on, of sinc(x) = sin(pi x) / (pi x).

    With u = pi x, the derivatives f_n of f = sin(u) / u obey u f_n + n f_(n-1) = sin(u + n pi/2);
    near 0, where that divides by little, f_n is the series of the integral over t from 0 to 1 of
    t^n cos(u t + n pi/2).

    Source:
        NIST Digital Library of Mathematical Functions, 10.49.3 (sin(u)/u is the spherical Bessel
        function j_0), and 10.54.2 for its integral.

    Example:
        >>> import autograd_lite as ag
        >>> ag.ops.sinc_slope(np.array([0.0, 1.0]), 1).round(4)
        array([ 0., -1.])
    """
    u = np.multiply(x, np.pi, dtype=np.float64)
    near = np.less(np.abs(u), max(1, order))
    slope = np.where(near, _near_zero(np.where(near, u, 0), order), 0)
    far = np.where(near, 1, u)
    value = np.sin(far) / far
    for n in range(1, order + 1):
        value = (np.sin(far + n * (np.pi / 2)) - n * value) / far
    out = np.where(near, slope, value) * np.pi**order
    return out.astype(np.result_type(x, np.float32)), lambda g: g * sinc_slope(x, order + 1)


def _near_zero(u: Any, order: int) -> Any:
    """The series of the order-th derivative of sin(u) / u, for |u| below max(1, order)."""
    total, power = np.zeros_like(u), np.ones_like(u)
    for m in range(20 + 5 * order):  # at |u| = order the terms shrink from the order-th on
        if (m + order) % 2 == 0:
            sign = (1, 0, -1)[(m + order) % 4]
            total = total + sign * power / (math.factorial(m) * (m + order + 1))
        power = power * u
    return total
