"""Activation functions as modules, element by element."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from autograd_lite import ops
from autograd_lite.errors import describe

from .checks import number, positive
from .functional import as_tensor, check_approximate, elu, gelu, selu, silu
from .module import Module

if TYPE_CHECKING:
    from autograd_lite.tensor import Tensor


class ByOp(Module):
    """The base of activations that are one op, which a Linear before them runs in its own step.

    See `Sequential`.

    Attributes:
        by_result: whether the gradient of the op needs nothing but its result, as it then must.
    """

    by_result: bool = True

    def as_op(self) -> tuple[Any, dict[str, Any]]:
        """The op, and what it takes beside the array: for the subclass to define."""
        raise NotImplementedError

    def forward(self, x: Any) -> Tensor:
        """Apply the op to `x` of any shape."""
        function, settings = self.as_op()
        result: Tensor = function(as_tensor(x), **settings)
        return result


class ReLU(ByOp):
    """The positive part max(x, 0), element by element; its gradient at 0 is 0.

    Source:
        Document 2.

    Example:
        >>> from autograd_lite import nn
        >>> nn.ReLU()([-1.0, 2.0])
        Tensor([0., 2.])
    """

    def as_op(self) -> tuple[Any, dict[str, Any]]:
        """The op, and its settings."""
        return ops.relu, {}


class LeakyReLU(ByOp):
    """x where x > 0, else alpha x, element by element; its gradient at 0 is alpha.

    Args:
        alpha: the slope for x <= 0.

    Source:
        Document 1.

    Example:
        >>> from autograd_lite import nn
        >>> nn.LeakyReLU(alpha=0.01)([-1.0, 2.0])
        Tensor([-0.01,  2.  ])
    """

    def __init__(self, alpha: float = 0.01) -> None:
        self.alpha = number("LeakyReLU", "alpha", alpha, math.isfinite, "a finite number")
        self.by_result = alpha >= 0  # else the sign of the result does not tell that of x

    def as_op(self) -> tuple[Any, dict[str, Any]]:
        """The op, and its settings."""
        return ops.leaky_relu, {"alpha": self.alpha}

    def extra_repr(self) -> str:
        """The slope."""
        return f"alpha={self.alpha}"


class Sigmoid(ByOp):
    """The logistic function 1 / (1 + e^-x), element by element.

    Source:
        Document 1.

    Example:
        >>> from autograd_lite import nn
        >>> nn.Sigmoid()([-1000.0, 0.0])
        Tensor([0. , 0.5])
    """

    def as_op(self) -> tuple[Any, dict[str, Any]]:
        """The op, and its settings."""
        return ops.sigmoid, {}


class Tanh(ByOp):
    """The hyperbolic tangent, element by element.

    Example:
        >>> from autograd_lite import nn
        >>> nn.Tanh()([0.0, 1.0])
        Tensor([0.       , 0.7615942])
    """

    def as_op(self) -> tuple[Any, dict[str, Any]]:
        """The op, and its settings."""
        return ops.tanh, {}


class ELU(Module):
    """x where x > 0, else alpha (e^x - 1), element by element; its gradient at 0 is alpha.

    Args:
        alpha: the limit at -infinity is -alpha.

    Source:
        Clevert et al., "Fast and accurate deep network learning by exponential linear units", 2015.

    Example:
        >>> from autograd_lite import nn
        >>> nn.ELU(alpha=0.5)([-1000.0, 2.0])
        Tensor([-0.5,  2. ])
    """

    def __init__(self, alpha: float = 1.0) -> None:
        self.alpha = alpha

    def forward(self, x: Any) -> Tensor:
        """Compute x or alpha (e^x - 1) for `x` of any shape."""
        return elu(as_tensor(x), alpha=self.alpha)

    def extra_repr(self) -> str:
        """The limit."""
        return f"alpha={self.alpha}"


class SELU(Module):
    """1.0507 times ELU with alpha = 1.6733: keeps mean 0 and variance 1 from layer to layer.

    That holds for weights of `init_method="xavier"`, which the paper calls LeCun's.

    Source:
        Klambauer et al., "Self-normalizing neural networks", 2017.

    Example:
        >>> from autograd_lite import nn
        >>> nn.SELU()([-1000.0, 1.0])
        Tensor([-1.7580993,  1.050701 ])
    """

    def forward(self, x: Any) -> Tensor:
        """Compute the scaled ELU for `x` of any shape."""
        return selu(as_tensor(x))


class GELU(Module):
    """x Phi(x), Phi being the distribution function of the standard normal distribution.

    Args:
        approximate: "none" for Phi to the last digits of float32 and float64 (see
            `autograd_lite.nn.functional.normal_cdf`), "tanh" for the paper's approximation, which
            is within 5e-4 of it.

    Raises:
        ValueError: when `approximate` is another word.

    Source:
        Hendrycks and Gimpel, "Gaussian error linear units (GELUs)", 2016.

    Example:
        >>> from autograd_lite import nn
        >>> nn.GELU()([-1.0, 0.0, 1.0]).numpy().round(4)
        array([-0.1587,  0.    ,  0.8413], dtype=float32)
    """

    def __init__(self, approximate: str = "none") -> None:
        check_approximate("GELU", approximate)
        self.approximate = approximate

    def forward(self, x: Any) -> Tensor:
        """Compute x Phi(x) for `x` of any shape."""
        return gelu(as_tensor(x), approximate=self.approximate)

    def extra_repr(self) -> str:
        """The form."""
        return f"approximate={self.approximate!r}"


class SiLU(Module):
    """x times the logistic function of x, element by element; also called swish.

    Source:
        Elfwing et al., "Sigmoid-weighted linear units for neural network function approximation in
        reinforcement learning", 2017.

    Example:
        >>> from autograd_lite import nn
        >>> nn.SiLU()([-1.0, 0.0, 1.0]).numpy().round(4)
        array([-0.2689,  0.    ,  0.7311], dtype=float32)
    """

    def forward(self, x: Any) -> Tensor:
        """Compute x / (1 + e^-x) for `x` of any shape."""
        return silu(as_tensor(x))


class Softplus(Module):
    """The smooth positive part log(1 + e^(beta x)) / beta, without overflow.

    Args:
        beta: how sharp the bend is.

    Raises:
        ValueError: when `beta` is not above 0.

    Example:
        >>> from autograd_lite import nn
        >>> nn.Softplus()([-1000.0, 1000.0])
        Tensor([   0., 1000.])
    """

    def __init__(self, beta: float = 1.0) -> None:
        self.beta = positive("Softplus", "beta", beta)

    def forward(self, x: Any) -> Tensor:
        """Compute log(1 + e^(beta x)) / beta for `x` of any shape."""
        x = as_tensor(x)
        return ops.softplus(x) if self.beta == 1 else ops.softplus(x * self.beta) / self.beta

    def extra_repr(self) -> str:
        """The sharpness."""
        return f"beta={self.beta}"


class Hardtanh(Module):
    """x limited to [min_val, max_val]; its gradient is 1 inside and on the bounds, else 0.

    Args:
        min_val: the lower bound.
        max_val: the upper bound.

    Raises:
        ValueError: when the bounds are not in order.

    Example:
        >>> from autograd_lite import nn
        >>> nn.Hardtanh()([-2.0, 0.5, 2.0])
        Tensor([-1. ,  0.5,  1. ])
    """

    def __init__(self, min_val: float = -1.0, max_val: float = 1.0) -> None:
        number("Hardtanh", "min_val", min_val, lambda v: not math.isnan(v), "a number")
        number("Hardtanh", "max_val", max_val, lambda v: not math.isnan(v), "a number")
        if not min_val < max_val:
            message = (
                f"Hardtanh: got min_val={describe(min_val)} and max_val={describe(max_val)};"
                " expected the smaller one first"
            )
            raise ValueError(message)
        self.min_val = min_val
        self.max_val = max_val

    def forward(self, x: Any) -> Tensor:
        """Compute min(max(x, min_val), max_val) for `x` of any shape."""
        return ops.clip(as_tensor(x), self.min_val, self.max_val)

    def extra_repr(self) -> str:
        """The bounds."""
        return f"min_val={self.min_val}, max_val={self.max_val}"
