"""Activation functions as functions, beside those of the package itself."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from autograd_lite.errors import composite, describe, is_one_of
from autograd_lite.graph import op
from autograd_lite.ops import exp, minimum, sigmoid, tanh, where

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from autograd_lite.node import Array
    from autograd_lite.tensor import Tensor

SELU_ALPHA = 1.6732632423543772
SELU_SCALE = 1.0507009873554805

# e^(z^2) erfc(z) (3 + z) / 3 as a Chebyshev series in 6 / (3 + z) - 1, for z >= 0. Interpolated at
# 48 nodes with 40 digits; what is left out is below 2e-17, and 1.5e-8 after eleven terms.
_ERFC = (
    0.4711460746602906, 0.37715894969156577, 0.11803603344749546, 0.028362346699695153,
    0.004871757757605546, 0.00045985238787654427, -2.143022238105315e-05, -1.301447369924135e-05,
    -8.809283582853514e-07, 2.7464800479702846e-07, 4.415991899223785e-08, -6.398408385575483e-09,
    -1.6768357212484645e-09, 1.9473354700890025e-10, 6.247441303469389e-11, -8.124557552244494e-12,
    -2.330314613222566e-12, 4.191038539225324e-13, 8.193335268813206e-14, -2.335247210793189e-14,
    -2.2442585649130756e-15, 1.2811435298007875e-15, 1.1054583015639709e-18, -6.445795136222758e-17,
)  # fmt: skip
_SINGLE = 11  # the terms that float32 can tell


@op
def elu(x: Array, /, alpha: float = 1.0) -> tuple[Any, ...]:
    """x where x > 0, else alpha (e^x - 1); its gradient at x = 0 is alpha.

    Args:
        x: an array of any shape.
        alpha: the limit at -infinity is -alpha.

    Source:
        Clevert et al., "Fast and accurate deep network learning by exponential linear units", 2015.

    Example:
        >>> from autograd_lite import nn
        >>> nn.functional.elu(np.array([-1000.0, 2.0]), alpha=0.5)
        array([-0.5,  2. ])
    """
    positive = np.greater(x, 0)
    out = np.where(positive, x, alpha * np.expm1(np.minimum(x, 0)))
    return out, lambda g: g * where(positive, 1, alpha * exp(minimum(x, 0)))


@composite("an array of numbers")
def selu(x: Any, /) -> Tensor:
    """1.0507 elu(x, alpha=1.6733): keeps mean 0 and variance 1 from layer to layer.

    Source:
        Klambauer et al., "Self-normalizing neural networks", 2017; the constants have the digits of
        its appendix.

    Example:
        >>> from autograd_lite import nn
        >>> nn.functional.selu(np.array([-1000.0, 1.0])).round(4)
        array([-1.7581,  1.0507])
    """
    return elu(x, alpha=SELU_ALPHA) * SELU_SCALE


@composite("an array of numbers")
def silu(x: Any, /) -> Tensor:
    """x times the logistic function of x, also called swish.

    Source:
        Elfwing et al., "Sigmoid-weighted linear units for neural network function approximation in
        reinforcement learning", 2017.

    Example:
        >>> from autograd_lite import nn
        >>> nn.functional.silu(np.array([-1.0, 0.0, 1.0])).round(4)
        array([-0.2689,  0.    ,  0.7311])
    """
    product: Tensor = x * sigmoid(x)
    return product


@composite("an array of numbers, and 'none' or 'tanh'")
def gelu(x: Any, /, approximate: str = "none") -> Tensor:
    """x Phi(x), Phi being the distribution function of the standard normal distribution.

    Args:
        x: an array of any shape.
        approximate: "none" for Phi itself (see `normal_cdf`), "tanh" for the paper's
            (1 + tanh(sqrt(2 / pi) (x + 0.044715 x^3))) / 2, within 5e-4 of the former.

    Raises:
        ValueError: when `approximate` is another word.

    Source:
        Hendrycks and Gimpel, "Gaussian error linear units (GELUs)", 2016.

    Example:
        >>> from autograd_lite import nn
        >>> nn.functional.gelu(np.array([-1.0, 0.0, 1.0])).round(4)
        array([-0.1587,  0.    ,  0.8413])
        >>> nn.functional.gelu(np.array([-1.0, 0.0, 1.0]), approximate="tanh").round(4)
        array([-0.1588,  0.    ,  0.8412])
    """
    check_approximate("gelu", approximate)
    if approximate == "none":
        product: Tensor = x * normal_cdf(x)
        return product
    inner = math.sqrt(2 / math.pi) * (x + 0.044715 * (x * x * x))
    estimate: Tensor = x * (0.5 * (1 + tanh(inner)))
    return estimate


def check_approximate(name: str, approximate: str) -> None:
    """Refuse what is no form of GELU."""
    if not is_one_of(approximate, {"none", "tanh"}):
        message = f"{name}: got approximate={describe(approximate)}; expected 'none' or 'tanh'"
        raise ValueError(message)


@op
def normal_cdf(x: Array, /) -> tuple[Any, ...]:
    """Phi(x) = erfc(-x / sqrt 2) / 2, the probability that a standard normal number is below x.

    In float64 the error is below 1e-15 where x > -1, and relatively below 2e-13 in the lower tail
    (of e^(-x^2 / 2), whose exponent is rounded); in float32 it is below 2e-7.

    Example:
        >>> from autograd_lite import nn
        >>> nn.functional.normal_cdf(np.array([-1.96, 0.0, 1.96])).round(3)
        array([0.025, 0.5  , 0.975])
    """
    tail = 0.5 * np.exp(-0.5 * (x * x)) * _scaled_erfc(np.abs(x) * math.sqrt(0.5))
    out = np.where(np.less(x, 0), tail, 1 - tail)
    return out, lambda g: g * (exp((x * x) * -0.5) * math.sqrt(0.5 / math.pi))


def _scaled_erfc(z: Any) -> NDArray[Any]:
    """e^(z^2) erfc(z) for z >= 0, by Clenshaw's recurrence."""
    ratio = 3 / (3 + z)
    twice = 4 * ratio - 2
    terms = _ERFC if ratio.dtype == np.float64 else _ERFC[:_SINGLE]
    b: Any = 0.0
    c: Any = 0.0
    for term in terms[:0:-1]:
        b, c = term + twice * b - c, b
    series: NDArray[Any] = ratio * (terms[0] + 0.5 * twice * b - c)
    return series
