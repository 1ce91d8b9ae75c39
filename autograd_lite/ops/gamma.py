"""The logarithm of the gamma function and its derivatives, which NumPy has not."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from autograd_lite.errors import composite, describe
from autograd_lite.graph import op_expecting
from autograd_lite.ops.poles import quiet, times
from autograd_lite.ops.series import chebyshev, elementwise

if TYPE_CHECKING:
    from autograd_lite.node import Array
    from autograd_lite.tensor import Tensor

_REAL = "an array of real numbers"
_FAR = 10  # from where the asymptotic series have all digits

# lgamma(1 + t) / (t (t - 1)) for t from 0 to 2, as a Chebyshev series in t - 1; interpolated at 64
# nodes with 40 digits, as the next one is. What is left out is below 1e-18.
_LGAMMA = (
    0.44148902545501423, -0.11119580321752523, 0.01951044826068884, -0.003922461463025264,
    0.0008478989895953857, -0.00019153855341365593, 4.454470184975607e-05, -1.05728743735943e-05,
    2.5474336873408417e-06, -6.208535880776316e-07, 1.5268677399071546e-07,
    -3.782637660291326e-08, 9.428100823624284e-09, -2.361999702184645e-09, 5.943541905817546e-10,
    -1.501312977072867e-10, 3.8050196458110534e-11, -9.672485299656325e-12,
    2.465348198355661e-12, -6.298868140791711e-13, 1.6128460030283787e-13,
    -4.137949206814042e-14, 1.0635701227757898e-14, -2.7382420786652826e-15,
    7.060670507214892e-16, -1.8232177141662118e-16, 4.714169006756272e-17,
    -1.2204107319639856e-17, 3.1630451661790255e-18,
)  # fmt: skip
# digamma(x) / (x - root) for x from 1 to 2, as a Chebyshev series in 2 x - 3. The root is a sum.
_ROOT = (1.4616321449683622, 9.549995429965697e-17)
_DIGAMMA = (
    0.983570260441567, -0.2270640863346444, 0.03336889902393011, -0.005320077271596548,
    0.0008788656937820505, -0.00014773492650606044, 2.5060543468359146e-05,
    -4.2721034029993324e-06, 7.302769272465923e-07, -1.2502886813559594e-07,
    2.1425009322359472e-08, -3.673295918565179e-09, 6.299717236108931e-10,
    -1.080593028883266e-10, 1.853735192053638e-11, -3.18023536582553e-12, 5.456147570322795e-13,
    -9.360993131036438e-14, 1.606064636295075e-14, -2.7555431377438815e-15,
    4.727736178601912e-16, -8.11148420346509e-17, 1.391707769474154e-17, -2.3877901082188625e-18,
)  # fmt: skip
# Bernoulli's numbers B_2, B_4, ...
_BERNOULLI = (
    1 / 6, -1 / 30, 1 / 42, -1 / 30, 5 / 66, -691 / 2730, 7 / 6, -3617 / 510, 43867 / 798,
    -174611 / 330, 854513 / 138,
)  # fmt: skip


@op_expecting(_REAL)
def lgamma(x: Array, /) -> tuple[Any, ...]:
    """log|Gamma(x)|, the logarithm of the gamma function; infinite at 0, -1, -2, ...

    For x > 0 the relative error is below 1e-15 in float64, at the zeros 1 and 2 too; for x < 0 the
    error is below 1e-15 (1 + |lgamma(1 - x)|), for between any two poles are zeros. In float32 it
    is that of rounding.

    Source:
        Abramowitz and Stegun, Handbook of Mathematical Functions, 6.1.15 (recurrence), 6.1.17
        (reflection) and 6.1.40 (asymptotic series).

    Example:
        >>> import autograd_lite as ag
        >>> ag.lgamma(ag.tensor([1.0, 2.0]))
        Tensor([0., 0.])
    """
    return elementwise(_lgamma, x, np.float64), lambda g: times(g, quiet(digamma, x))


@op_expecting(_REAL)
def digamma(x: Array, /) -> tuple[Any, ...]:
    """The derivative of log Gamma(x), Gamma'(x) / Gamma(x); nan at -1, -2, ..., infinite at 0.

    For x > 0 the relative error is below 1e-15 in float64, at the zero 1.4616... too; for x < 0
    the error is below 2e-15 (1 + pi |cot(pi x)| + |digamma(1 - x)|). In float32 it is that of
    rounding.

    Source:
        Abramowitz and Stegun, Handbook of Mathematical Functions, 6.3.5 (recurrence), 6.3.7
        (reflection) and 6.3.18 (asymptotic series).

    Example:
        >>> import autograd_lite as ag
        >>> print(f"{ag.digamma(ag.tensor(1.0)):.4f}")
        -0.5772
    """
    out = elementwise(lambda part: _derivative(part, 0), x, np.float64)
    return out, lambda g: times(g, quiet(polygamma, 1, x))


@composite("an order (an integer from 0 on), then an array of real numbers")
def polygamma(n: Any, x: Any, /) -> Tensor:
    """The n-th derivative of `digamma`: the derivative of order n + 1 of log Gamma(x).

    For x > 0 and n up to 10 the relative error is below 2e-15 in float64. At 0, -1, -2, ... it is
    infinite for odd n, and nan for even n, where the two sides differ.

    Args:
        n: the order, 0 for `digamma` itself.
        x: an array of real numbers.

    Raises:
        ValueError: when n is no integer from 0 on.

    Source:
        Abramowitz and Stegun, Handbook of Mathematical Functions, 6.4.6 (recurrence), 6.4.7
        (reflection) and 6.4.11 (asymptotic series).

    Example:
        >>> import autograd_lite as ag
        >>> print(f"{ag.polygamma(1, ag.tensor(1.0)):.4f}")
        1.6449
    """
    if isinstance(n, bool) or not isinstance(n, (int, np.integer)) or n < 0:
        message = f"n is {describe(n)}, which is no order"
        raise ValueError(message)
    return _polygamma(x, int(n))


@op_expecting(_REAL)
def _polygamma(x: Array, /, n: int) -> tuple[Any, ...]:
    out = elementwise(lambda part: _derivative(part, n), x, np.float64)
    return out, lambda g: times(g, quiet(polygamma, n + 1, x))


def _lgamma(x: Any) -> Any:
    out = np.empty_like(x)
    below, far = x < 0, x >= _FAR
    near = ~(below | far)
    out[near] = _near_lgamma(x[near])
    out[far] = _far_lgamma(x[far])
    if below.any():
        z = np.maximum(x[below], -(2.0**52))  # an integer, as all that are lower
        sine = np.abs(np.sin(math.pi * (z - np.rint(z))))
        out[below] = math.log(math.pi) - np.log(sine) - _lgamma(1 - z)
    return out


def _near_lgamma(x: Any) -> Any:
    """For x from 0 to 10 (and nan): by steps of 1 to t in [0, 2], where x = 1 + t, or t = x."""
    small = x < 1
    y, product = x, np.ones_like(x)
    for _ in range(_FAR - 3):
        above = y >= 3
        if not above.any():
            break
        y = np.where(above, y - 1, y)
        product = np.where(above, product * y, product)
    t = np.where(small, x, y - 1)
    below_one = np.where(small, x - 1, y - 2)  # t - 1 of which no digit is lost
    base = t * below_one * chebyshev(_LGAMMA, t - 1)
    return base + np.log(product) - np.where(small, np.log(np.where(small, x, 1)), 0)


def _far_lgamma(x: Any) -> Any:
    """Stirling's series."""
    inverse = 1 / x
    square = inverse * inverse
    series: Any = 0.0
    for k in range(9, 0, -1):
        series = series * square + _BERNOULLI[k - 1] / (2 * k * (2 * k - 1))
    constant = 0.5 * math.log(2 * math.pi) - 0.5
    return (x - 0.5) * (np.log(x) - 1) + (constant + series * inverse)


def _derivative(x: Any, n: int) -> Any:
    """polygamma(n, x) of float64 x."""
    below = x < 0
    z = np.where(below, 1 - x, x)
    out = _digamma(z) if n == 0 else _hurwitz(z, n)
    if not below.any():
        return out
    rest = x[below] - np.rint(x[below])
    with np.errstate(divide="ignore", invalid="ignore"):
        cot = 1 / np.tan(math.pi * rest)
        turned = math.pi ** (n + 1) * _of_cotangent(cot, n)
        reflected = (-1) ** n * out[below] - turned
    out[below] = np.where(rest == 0, np.inf if n % 2 else np.nan, reflected)
    return out


def _of_cotangent(cot: Any, n: int) -> Any:
    """The n-th derivative of the cotangent, a polynomial in it: d cot = -(1 + cot^2)."""
    polynomial = np.polynomial.Polynomial([0.0, 1.0])
    for _ in range(n):
        polynomial = -polynomial.deriv() * np.polynomial.Polynomial([1.0, 0.0, 1.0])
    return polynomial(cot)


def _digamma(x: Any) -> Any:
    """For x >= 0."""
    far, small = x >= _FAR, x < 1
    y, total = np.where(far, 1.0, x), np.zeros_like(x)
    for _ in range(_FAR - 2):
        above = y >= 2
        if not above.any():
            break
        y = np.where(above, y - 1, y)
        total = np.where(above, total + 1 / y, total)
    t = np.where(small, y + 1, y)
    near = (t - _ROOT[0] - _ROOT[1]) * chebyshev(_DIGAMMA, 2 * t - 3)
    near = near + total - np.where(small, 1 / np.where(small, x, 1), 0)
    z = np.where(far, x, _FAR)
    return np.where(far, np.log(z) - 0.5 / z - _tail(z, 0), near)


def _hurwitz(x: Any, n: int) -> Any:
    """(-1)^(n + 1) n! zeta(n + 1, x) for x >= 0: terms of the sum, then the asymptotic series."""
    count = _FAR + n
    total, z = np.zeros_like(x), x
    for _ in range(count):
        above = z < count
        if not above.any():
            break
        total = np.where(above, total + np.where(above, z, 1.0) ** -(n + 1), total)
        z = np.where(above, z + 1, z)
    with np.errstate(over="ignore"):
        head = math.factorial(n - 1) / z**n + math.factorial(n) / (2 * z ** (n + 1))
        return (-1) ** (n + 1) * (math.factorial(n) * total + head + _tail(z, n))


def _tail(z: Any, n: int) -> Any:
    """The sum of B_2k (2k + n - 1)! / ((2k)! z^(2k + n))."""
    square = (1 / z) ** 2
    series: Any = 0.0
    for k in range(len(_BERNOULLI), 0, -1):
        series = series * square + _scale(k, n)
    return series * square / z**n


def _scale(k: int, n: int) -> float:
    return _BERNOULLI[k - 1] * math.factorial(2 * k + n - 1) / math.factorial(2 * k)
