"""The losses of elements, without a reduction and without checks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from autograd_lite.graph import op
from autograd_lite.ops import clip, sigmoid, sign_of, softplus

if TYPE_CHECKING:
    from autograd_lite.node import Array


@op
def squared_error(x: Array, y: Array, /) -> tuple[Any, ...]:
    """(x - y)^2, element by element.

    Example:
        >>> from autograd_lite import nn
        >>> nn.functional.squared_error(np.array([1.0, 2.0]), np.array([1.0, 5.0]))
        array([0., 9.])
    """
    error = x - y
    return error * error, lambda g: (x - y) * (g * 2), lambda g: (y - x) * (g * 2)


@op
def absolute_error(x: Array, y: Array, /) -> tuple[Any, ...]:
    """|x - y|, element by element; its gradient where they are equal is 0.

    Example:
        >>> from autograd_lite import nn
        >>> nn.functional.absolute_error(np.array([1.0, 2.0]), np.array([1.0, 5.0]))
        array([0., 3.])
    """
    return np.abs(x - y), lambda g: g * sign_of(x - y), lambda g: g * sign_of(y - x)


@op
def huber(x: Array, y: Array, /, delta: float = 1.0) -> tuple[Any, ...]:
    """With d = x - y: d^2 / 2 where |d| <= delta, else delta (|d| - delta / 2).

    Args:
        x: predictions.
        y: targets.
        delta: where the square becomes a straight line, and the largest gradient.

    Source:
        Huber, "Robust estimation of a location parameter", 1964.

    Example:
        >>> from autograd_lite import nn
        >>> nn.functional.huber(np.array([0.5, 3.0]), np.zeros(2), delta=1.0)
        array([0.125, 2.5  ])
    """
    error = x - y
    near = np.clip(error, -delta, delta)
    return (
        near * (error - 0.5 * near),
        lambda g: g * clip(x - y, -delta, delta),
        lambda g: g * clip(y - x, -delta, delta),
    )


@op
def binary_cross_entropy(p: Array, y: Array, /, *, eps: float = 1e-7) -> tuple[Any, ...]:
    """-(y log(p + eps) + (1 - y) log(1 - p + eps)), element by element.

    The gradient for p is document 1's rule, (p - y) / (p (1 - p) + eps), and not the derivative of
    the value, from which it differs near p = 0 and 1: see `autograd_lite.nn.BCELoss`. For y it is
    the derivative.

    Args:
        p: probabilities.
        y: targets from 0 to 1, of the shape and dtype of p.
        eps: what keeps the logarithms finite, and the gradient.

    Source:
        Document 1.

    Example:
        >>> import autograd_lite as ag
        >>> from autograd_lite import nn
        >>> p, y = ag.tensor([0.5, 0.9]), ag.tensor([1.0, 1.0])
        >>> nn.functional.binary_cross_entropy(p, y).numpy().round(4)
        array([0.6931, 0.1054], dtype=float32)
    """
    out = -(y * np.log(p + eps) + (1 - y) * np.log(1 - p + eps))
    return (
        out,
        lambda g: g * ((p - y) / (p * (1 - p) + eps)),
        lambda g: g * _log_odds(p, eps=eps),
    )


@op
def _log_odds(p: Array, /, *, eps: float) -> tuple[Any, ...]:
    """log((1 - p + eps) / (p + eps)): the derivative of the above for y."""
    return np.log((1 - p + eps) / (p + eps)), lambda g: -g * (1 / (1 - p + eps) + 1 / (p + eps))


@op
def binary_cross_entropy_with_logits(
    x: Array, y: Array, pos_weight: Array = 1.0, /
) -> tuple[Any, ...]:
    """w y softplus(-x) + (1 - y) softplus(x): -(w y log p + (1 - y) log(1 - p)) at p = sigmoid(x).

    Neither value nor gradient is a difference of large numbers, so both are exact at any logit.

    Args:
        x: logits.
        y: targets from 0 to 1.
        pos_weight: w, what the positives count for; no gradient flows to it.

    Example:
        >>> from autograd_lite import nn
        >>> x, y = np.array([0.0, 1e4, -1e4]), np.array([1.0, 1.0, 1.0])
        >>> nn.functional.binary_cross_entropy_with_logits(x, y).round(4)
        array([6.931e-01, 0.000e+00, 1.000e+04])
    """
    common = np.log1p(np.exp(-np.abs(x)))
    wrong_positive = pos_weight * y * (np.maximum(-x, 0) + common)
    return (
        wrong_positive + (1 - y) * (np.maximum(x, 0) + common),
        lambda g: g * ((1 - y) * sigmoid(x) - pos_weight * y * sigmoid(-x)),
        lambda g: g * (pos_weight * softplus(-x) - softplus(x)),
        None,
    )
