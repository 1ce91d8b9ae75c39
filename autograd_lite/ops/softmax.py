"""Softmax and its relatives along an axis, sound for any finite input."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from autograd_lite.graph import op_expecting
from autograd_lite.kernels import compiled
from autograd_lite.ops.arithmetic import maximum
from autograd_lite.ops.elementwise import exp
from autograd_lite.ops.reduce import Axis, kept_shape, spread, sum
from autograd_lite.threads import on_all_cores

if TYPE_CHECKING:
    from autograd_lite.node import Array

_FILLED = "at least one element along the axis, and an axis from -ndim to ndim - 1"


@op_expecting(_FILLED)
def softmax(x: Array, /, axis: int = -1) -> tuple[Any, ...]:
    """S_i = e^(x_i) / sum_j e^(x_j) along an axis: positive, and summing to 1.

    The gradient is S (g - sum(g S)): document 1's product with the Jacobian, without forming it. It
    takes an S below `least_share` for that much, for there comes the gradient of a cross entropy,
    -y / S: where S has underflowed to 0, a product with the true S would lose it. Where x is -inf,
    a class that is ruled out, the gradient is 0.

    Args:
        x: logits; each vector along `axis` becomes a distribution.
        axis: the axis of the classes.

    Example:
        >>> import autograd_lite as ag
        >>> ag.softmax(ag.tensor([0.0, 0.0, 1000.0]))
        Tensor([0., 0., 1.])
    """
    fast = compiled(x) if axis in {-1, x.ndim - 1} and x.size else None
    if fast is not None:
        out = np.empty_like(x)
        rows = out.reshape(-1, x.shape[-1])
        fast.below_peak(x.reshape(rows.shape), rows)
        np.exp(out, out=out)  # no loop of Numba's comes near NumPy's exponential
        fast.to_shares(rows)
    else:
        out = on_all_cores(np.exp, x - np.max(x, axis=axis, keepdims=True))
        out /= np.sum(out, axis=axis, keepdims=True)
    least = least_share(out.dtype)
    possible = None if np.min(x, initial=0) > -np.inf else np.greater(x, -np.inf)
    return out, lambda g: _times_jacobian(g, out, axis, least, possible)


def _times_jacobian(g: Array, out: Array, axis: int, least: float, possible: Any) -> Array:
    """The gradient of softmax, from its result."""
    s = maximum(out, least)
    if possible is not None:
        s = s * possible
    return through_softmax(g, s, axis)


def through_softmax(g: Array, s: Array, axis: int = -1) -> Array:
    """The Jacobian of softmax times g, from its result: s (g - sum(g s))."""
    fast = compiled(g, s) if axis in {-1, s.ndim - 1} and isinstance(g, np.ndarray) else None
    if fast is not None and s.size and g.shape == s.shape:  # else something broadcasts
        result = np.empty_like(s)
        columns = s.shape[-1]
        fast.through_softmax(*(a.reshape(-1, columns) for a in (g, s, result)))
        return result
    return s * (g - sum(g * s, axis, keepdims=True))


def least_share(dtype: np.dtype[Any]) -> float:
    """What a probability counts for at least where gradients divide by it: 5e-18, below rounding.

    Its inverse stays finite in float32, as does the square of that, which a second derivative has.
    It is the same in float64, so that a softmax in one may meet a loss in the other; float16, whose
    range is too small, takes its least normal number.

    >>> f"{least_share(np.dtype('float32')):.0e}"
    '5e-18'
    """
    return max(5e-18, float(np.finfo(dtype).tiny))


@op_expecting(_FILLED)
def log_softmax(x: Array, /, axis: int = -1) -> tuple[Any, ...]:
    """The logarithm of softmax, x_i - log sum_j e^(x_j), also where softmax underflows to 0.

    Args:
        x: logits.
        axis: the axis of the classes.

    Example:
        >>> import autograd_lite as ag
        >>> ag.log_softmax(ag.tensor([0.0, 1000.0]))
        Tensor([-1000.,     0.])
    """
    shifted = x - np.max(x, axis=axis, keepdims=True)
    out = shifted - np.log(np.sum(np.exp(shifted), axis=axis, keepdims=True))
    return out, lambda g: g - exp(out) * sum(g, axis, keepdims=True)


@op_expecting("at least one element along the axes, and axes from -ndim to ndim - 1")
def logsumexp(x: Array, /, axis: Axis = None, keepdims: bool = False) -> tuple[Any, ...]:
    """log sum_j e^(x_j) over axes, without overflow.

    Args:
        x: an array with at least one element along the axes.
        axis: an axis, several, or None for all.
        keepdims: keep the axes, with size 1.

    Example:
        >>> import autograd_lite as ag
        >>> f"{ag.logsumexp(ag.tensor([1000.0, 1000.0])):.2f}"
        '1000.69'
    """
    shape = x.shape
    kept = kept_shape(shape, axis)
    top = np.max(x, axis=axis, keepdims=True)
    shift = np.where(np.isfinite(top), top, 0)  # inf - inf is nan, and without a shift it is right
    with np.errstate(divide="ignore"):  # of nothing but -inf the result is -inf
        out = np.reshape(np.log(np.sum(np.exp(x - shift), axis=axis, keepdims=True)) + shift, kept)
    if not keepdims:
        out = np.reshape(out, np.sum(x, axis=axis).shape)
    return out, lambda g: spread(g, kept, shape) * exp(x - spread(out, kept, shape))
