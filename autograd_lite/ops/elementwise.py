"""Functions of one array, element by element: forward and backward side by side."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from autograd_lite.graph import op
from autograd_lite.kernels import in_one_pass
from autograd_lite.ops.poles import over
from autograd_lite.threads import on_all_cores

if TYPE_CHECKING:
    from autograd_lite.node import Array


@op
def exp(x: Array, /) -> tuple[Any, ...]:
    """The exponential e^x.

    Example:
        >>> import autograd_lite as ag
        >>> f"{ag.exp(ag.tensor(1.0)):.4f}"
        '2.7183'
    """
    out = on_all_cores(np.exp, x)
    return out, lambda g: g * out


@op
def expm1(x: Array, /) -> tuple[Any, ...]:
    """e^x - 1, accurate near x = 0.

    Example:
        >>> import autograd_lite as ag
        >>> f"{ag.expm1(ag.tensor(1.0)):.4f}"
        '1.7183'
    """
    return on_all_cores(np.expm1, x), lambda g: g * exp(x)


@op
def log(x: Array, /) -> tuple[Any, ...]:
    """The natural logarithm of x > 0; -inf at 0 and nan below, with NumPy's warning.

    Example:
        >>> import autograd_lite as ag
        >>> f"{ag.log(ag.tensor(10.0)):.4f}"
        '2.3026'
    """
    return on_all_cores(np.log, x), lambda g: over(g, x)


@op
def log1p(x: Array, /) -> tuple[Any, ...]:
    """log(1 + x) for x > -1, accurate near x = 0.

    Example:
        >>> import autograd_lite as ag
        >>> f"{ag.log1p(ag.tensor(1.0)):.4f}"
        '0.6931'
    """
    return on_all_cores(np.log1p, x), lambda g: over(g, 1 + x)


@op
def sin(x: Array, /) -> tuple[Any, ...]:
    """The sine of x in radians.

    Example:
        >>> import autograd_lite as ag
        >>> f"{ag.sin(ag.tensor(1.0)):.4f}"
        '0.8415'
    """
    return on_all_cores(np.sin, x), lambda g: g * cos(x)


@op
def cos(x: Array, /) -> tuple[Any, ...]:
    """The cosine of x in radians.

    Example:
        >>> import autograd_lite as ag
        >>> f"{ag.cos(ag.tensor(1.0)):.4f}"
        '0.5403'
    """
    return on_all_cores(np.cos, x), lambda g: -g * sin(x)


@op
def tan(x: Array, /) -> tuple[Any, ...]:
    """The tangent of x in radians.

    Example:
        >>> import autograd_lite as ag
        >>> f"{ag.tan(ag.tensor(1.0)):.4f}"
        '1.5574'
    """
    out = on_all_cores(np.tan, x)
    return out, lambda g: g * (1 + out * out)


@op
def tanh(x: Array, /) -> tuple[Any, ...]:
    """The hyperbolic tangent of x.

    Example:
        >>> import autograd_lite as ag
        >>> f"{ag.tanh(ag.tensor(1.0)):.4f}"
        '0.7616'
    """
    out = on_all_cores(np.tanh, x)
    return out, lambda g: _tanh_gradient(g, out)


@op
def sigmoid(x: Array, /) -> tuple[Any, ...]:
    """The logistic function 1 / (1 + e^-x), without a warning at any x.

    Example:
        >>> import autograd_lite as ag
        >>> ag.sigmoid(ag.tensor([-1000.0, 0.0, 1000.0]))
        Tensor([0. , 0.5, 1. ])
    """
    out = on_all_cores(_sigmoid, x)
    return out, lambda g: _sigmoid_gradient(g, out)


@op
def relu(x: Array, /) -> tuple[Any, ...]:
    """The positive part max(x, 0); its gradient is 0 at x = 0, as in document 2.

    Example:
        >>> import autograd_lite as ag
        >>> ag.relu(ag.tensor([-1.0, 2.0]))
        Tensor([0., 2.])
    """
    out = np.maximum(x, 0)
    return out, lambda g: times_slope(g, out, 0.0)


@op
def leaky_relu(x: Array, /, alpha: float = 0.01) -> tuple[Any, ...]:
    """x where x > 0, else alpha x; its gradient at x = 0 is alpha, as in document 1.

    Args:
        x: an array of any shape.
        alpha: the slope for x <= 0.

    Example:
        >>> import autograd_lite as ag
        >>> ag.leaky_relu(ag.tensor([-1.0, 2.0]))
        Tensor([-0.01,  2.  ])
    """
    if alpha < 0:
        return times_slope(x, x, alpha), lambda g: times_slope(g, x, alpha)
    scaled = x * alpha if alpha else 0  # not 0 * inf
    space = scaled if isinstance(scaled, np.ndarray) else None  # which nobody else needs
    out = np.maximum(x, scaled, out=space) if alpha <= 1 else np.minimum(x, scaled, out=space)
    return out, lambda g: times_slope(g, out, alpha)  # of one sign with x, which is not kept


@op
def times_slope(x: Array, y: Array, /, slope: float) -> tuple[Any, ...]:
    """x where y > 0, else slope x: what relu and leaky_relu do to a gradient.

    Args:
        x: an array of floats.
        y: an array of the same shape and dtype.
        slope: the factor where y <= 0, or is nan.

    Example:
        >>> import autograd_lite as ag
        >>> ag.ops.times_slope(np.array([1.0, 1.0]), np.array([-3.0, 4.0]), 0.5)
        array([0.5, 1. ])
    """
    out = in_one_pass("times_slope", x, y, numbers=(float(slope),))
    if out is None:
        above = np.greater(y, 0)
        if slope == 0:
            out = above.astype(x.dtype) * x
        elif 0 < slope <= 1:  # 1 - s + s is rounded to 1; `where` takes ten times as long
            s = x.dtype.type(slope)
            out = (above.astype(x.dtype) * (1 - s) + s) * x
        else:
            out = np.where(above, x, x * slope)
    return out, lambda g: times_slope(g, y, slope), None


@op
def softplus(x: Array, /) -> tuple[Any, ...]:
    """The smooth positive part log(1 + e^x), without overflow.

    Example:
        >>> import autograd_lite as ag
        >>> ag.softplus(ag.tensor([-1000.0, 1000.0]))
        Tensor([   0., 1000.])
    """
    return on_all_cores(_softplus, x), lambda g: g * sigmoid(x)


def _sigmoid(x: Any, out: Any = None) -> Any:
    """1 / (1 + e^-x): e^-x may be infinite, for 1 / inf is the 0 that is wanted."""
    with np.errstate(over="ignore", under="ignore"):
        if out is None:
            return 1 / (1 + np.exp(-x))
        np.exp(np.negative(x, out), out)
        return np.divide(1, np.add(out, 1, out), out)


def _softplus(x: Any, out: Any = None) -> Any:
    return np.logaddexp(x, 0, out=out)


def _tanh_gradient(g: Array, out: Array) -> Array:
    fast = in_one_pass("tanh_gradient", g, out)
    return g * (1 - out * out) if fast is None else fast


def _sigmoid_gradient(g: Array, out: Array) -> Array:
    fast = in_one_pass("sigmoid_gradient", g, out)
    return g * (out * (1 - out)) if fast is None else fast
