"""Activation functions as functions, beside those of the package itself."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from autograd_lite.errors import composite, describe, is_one_of
from autograd_lite.graph import op
from autograd_lite.ops import erfc, exp, minimum, sigmoid, tanh, where

if TYPE_CHECKING:
    from autograd_lite.node import Array
    from autograd_lite.tensor import Tensor

SELU_ALPHA = 1.6732632423543772
SELU_SCALE = 1.0507009873554805


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
    out = 0.5 * erfc(x * -math.sqrt(0.5))
    return out, lambda g: g * (exp((x * x) * -0.5) * math.sqrt(0.5 / math.pi))
