"""The losses of rows, without a reduction and without checks.

The last axis holds the classes, and the result has the axes before it.
"""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any

import numpy as np

from autograd_lite.graph import op, op_expecting
from autograd_lite.kernels import compiled
from autograd_lite.ops import (
    broadcast_to,
    clip,
    expand_dims,
    getitem,
    log,
    log_or_zero,
    log_softmax,
    maximum,
    reshape,
    softmax,
    sum,
)
from autograd_lite.ops.softmax import least_share, through_softmax

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from autograd_lite.node import Array


@op
def cross_entropy(p: Array, y: Array, /, *, eps: float = 1e-7) -> tuple[Any, ...]:
    """-sum_k y_k log p_k of each row, with p clipped to [eps, 1 - eps].

    The clipping is of the value alone, as in document 1: the gradient for p is -y / p at any p
    (with `least_share` for a p below that), so behind a softmax the one for the logits is S - y.

    Args:
        p: (..., classes), probabilities.
        y: (..., classes), the target's probabilities.
        eps: the clipping.

    Source:
        Document 1.

    Example:
        >>> from autograd_lite import nn
        >>> p, y = np.array([[0.25, 0.75], [0.5, 0.5]]), np.array([[1.0, 0.0], [0.0, 1.0]])
        >>> nn.functional.cross_entropy(p, y).round(4)
        array([1.3863, 0.6931])
    """
    least = least_share(np.result_type(p, 0.0))
    return (
        -np.vecdot(y, np.log(np.clip(p, eps, 1 - eps))),
        lambda g: -g[..., None] * (y / maximum(p, least)),
        lambda g: -g[..., None] * log(clip(p, eps, 1 - eps)),
    )


@op_expecting("logits (..., classes) and targets of that shape, with at least one class")
def softmax_cross_entropy(x: Array, y: Array, /) -> tuple[Any, ...]:
    """-sum_k y_k log S_k of each row, with S = softmax(x), in one step: exact at any logits.

    The gradient for x is S sum(y) - y: document 1's S - y, where y is a distribution. The same in
    steps is `-sum(y * log_softmax(x), -1)`, which reads and writes the logits more often.

    Args:
        x: (..., classes), logits; -inf rules a class out.
        y: (..., classes), the target's probabilities, or weights.

    Source:
        Document 1.

    Example:
        >>> from autograd_lite import nn
        >>> x, y = np.array([[0.0, 1e4], [0.0, 0.0]]), np.array([[1.0, 0.0], [0.0, 1.0]])
        >>> nn.functional.softmax_cross_entropy(x, y).round(4)
        array([1.000e+04, 6.931e-01])
    """
    shifted, peaks = _below_peak(x)
    others = np.exp(shifted)
    others[peaks] = 0  # log1p of the others: the loss of a good prediction is not rounded to 0
    rest = np.log1p(others.sum(axis=1)).reshape(x.shape[:-1])
    return (
        rest * np.sum(y, axis=-1) - np.vecdot(y, shifted.reshape(x.shape)),
        lambda g: g[..., None] * _softmax_excess(x, y),
        lambda g: -g[..., None] * log_softmax(x),
    )


@op_expecting("logits (..., classes) and class indices (...), with at least one class")
def class_cross_entropy(
    x: Array, /, index: NDArray[Any], reduction: str = "none"
) -> tuple[Any, ...]:
    """-log S_k of each row, with S = softmax(x) and k the index of its class.

    It is `softmax_cross_entropy` with a one-hot target, which need not be made.

    Args:
        x: (..., classes), logits.
        index: integers from 0 to less than the number of classes, (...).
        reduction: "none" for the loss of each row, "sum" or "mean" for one number.

    Example:
        >>> from autograd_lite import nn
        >>> nn.functional.class_cross_entropy(np.array([[0.0, 1e4], [0.0, 0.0]]), np.array([0, 1]))
        array([1.00000000e+04, 6.93147181e-01])
    """
    if index.shape != x.shape[:-1]:
        message = f"class indices of shape {index.shape} for logits of shape {x.shape}"
        raise ValueError(message)
    fast = compiled(x)
    if fast is not None:
        out = np.empty(index.shape, x.dtype)
        places = np.ascontiguousarray(index, np.intp).reshape(-1)
        _fits(fast.cross_entropy(x.reshape(-1, x.shape[-1]), places, out.reshape(-1)), x)
    else:
        _fits(not index.size or bool(index.min() >= 0), x)  # indexing itself finds those too large
        shifted, peaks = _below_peak(x)
        picked = shifted[peaks[0], index.reshape(-1)]
        others = np.exp(shifted, out=shifted)
        others[peaks] = 0  # log1p of the others: the loss of a good prediction is not rounded to 0
        out = (np.log1p(np.add.reduce(others, axis=1)) - picked).reshape(index.shape)
    if reduction == "none":
        return out, lambda g: _class_excess(x, g, index)
    shape, count = index.shape, out.size if reduction == "mean" else 1
    total = np.add.reduce(out, axis=None) / count  # of no rows nan, with NumPy's warning
    return total, lambda g: _class_excess(x, broadcast_to(g / count, shape), index)


@op
def _class_excess(x: Array, g: Array, /, index: NDArray[Any]) -> tuple[Any, ...]:
    """(softmax(x) - y) g of each row, with y one-hot: the gradient of the above."""
    fast = compiled(x, g)
    if fast is not None:
        out = np.empty_like(x)
        places = np.ascontiguousarray(index, np.intp).reshape(-1)
        rows = (x.reshape(-1, x.shape[-1]), places, g.reshape(-1), out.reshape(-1, x.shape[-1]))
        _fits(fast.class_excess(*rows), x)
    else:
        rows = x.reshape(-1, x.shape[-1])
        shares = np.exp(rows - np.maximum.reduce(rows, axis=1, keepdims=True))
        shares *= np.reshape(g, (-1, 1)) / np.add.reduce(shares, axis=1, keepdims=True)
        shares[np.arange(len(shares)), index.reshape(-1)] -= g.reshape(-1)
        out = shares.reshape(x.shape)
    return (
        out,
        lambda h: through_softmax(h * expand_dims(g, -1), softmax(x)),
        lambda h: sum(h * softmax(x), -1) - _picked(h, index),
    )


def _fits(fits: bool, x: NDArray[Any]) -> None:
    """Refuse class indices that a kernel found to be out of range."""
    if not fits:
        message = f"a class index is out of range for {x.shape[-1]} classes"
        raise IndexError(message)


def _picked(x: Array, index: NDArray[Any]) -> Array:
    """The element of each row that an index picks."""
    rows = reshape(x, (index.size, x.shape[-1]))
    return reshape(getitem(rows, (np.arange(index.size), index.reshape(-1))), index.shape)


@op
def _softmax_excess(x: Array, y: Array, /) -> tuple[Any, ...]:
    """softmax(x) sum(y) - y: the derivative of the above for x."""
    shares = np.exp(_below_peak(x)[0])
    shares /= shares.sum(axis=1, keepdims=True)
    return (
        shares.reshape(x.shape) * np.sum(y, axis=-1, keepdims=True) - y,
        lambda g: through_softmax(g, softmax(x)) * sum(y, -1, keepdims=True),
        lambda g: sum(g * softmax(x), -1, keepdims=True) - g,
    )


def _below_peak(x: Any) -> tuple[Any, tuple[Any, Any]]:
    """x less the maximum of each row, as a matrix, and the places of the maxima."""
    rows = x.reshape(-1, x.shape[-1])
    peaks = np.arange(len(rows)), rows.argmax(axis=1)  # a third of the time of max
    return _finite(rows - rows[peaks][:, None]), peaks


@op
def nll(x: Array, y: Array, /) -> tuple[Any, ...]:
    """-sum_k y_k x_k of each row: the negative log likelihood.

    Args:
        x: (..., classes), the logarithms of probabilities; -inf where y is 0 counts for nothing.
        y: (..., classes), the target's probabilities, or weights.

    Example:
        >>> from autograd_lite import nn
        >>> nn.functional.nll(np.log([[0.25, 0.75]]), np.array([[1.0, 0.0]])).round(4)
        array([1.3863])
    """
    return (
        -np.vecdot(y, _finite(x)),
        lambda g: -g[..., None] * y,
        lambda g: -g[..., None] * x,
    )


@op
def kl_divergence(x: Array, y: Array, /) -> tuple[Any, ...]:
    """sum_k y_k (log y_k - x_k) of each row, where y_k = 0 counts for nothing.

    Its gradient for a y_k of 0 is taken with log y_k = 0.

    Args:
        x: (..., classes), the logarithms of probabilities.
        y: (..., classes), the target's probabilities.

    Source:
        Kullback and Leibler, "On information and sufficiency", 1951.

    Example:
        >>> from autograd_lite import nn
        >>> nn.functional.kl_divergence(np.log([[0.25, 0.75]]), np.array([[0.5, 0.5]])).round(4)
        array([0.1438])
    """
    return (
        np.vecdot(y, log_or_zero(y) - _finite(x)),
        lambda g: -g[..., None] * y,
        lambda g: g[..., None] * (log_or_zero(y) + 1 - x),
    )


@op
def brier_score(p: Array, y: Array, /) -> tuple[Any, ...]:
    """sum_k (p_k - y_k)^2 / 2 of each row.

    Args:
        p: (..., classes), probabilities.
        y: (..., classes), the target's probabilities.

    Source:
        Brier, "Verification of forecasts expressed in terms of probability", 1950, and half of it:
        what document 1's training descends.

    Example:
        >>> from autograd_lite import nn
        >>> nn.functional.brier_score(np.array([[0.25, 0.75]]), np.array([[1.0, 0.0]]))
        array([0.5625])
    """
    error = p - y
    return (
        np.vecdot(error, error) * 0.5,
        lambda g: g[..., None] * (p - y),
        lambda g: g[..., None] * (y - p),
    )


def _finite(x: Any) -> Any:
    """x with the least number in place of -inf, for 0 * -inf is nan."""
    return np.maximum(x, _least(np.result_type(x, 0.0)))


@functools.cache
def _least(dtype: np.dtype[Any]) -> float:
    return float(np.finfo(dtype).min)
