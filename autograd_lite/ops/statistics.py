"""Averages with weights, ranges and covariances."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from autograd_lite.errors import composite
from autograd_lite.graph import array_of, op
from autograd_lite.ops.arithmetic import sqrt
from autograd_lite.ops.index import getitem
from autograd_lite.ops.matrix import diagonal
from autograd_lite.ops.reduce import Axis, axes_of, max, mean, min, sum
from autograd_lite.ops.shape import broadcast_to, concatenate, reshape

if TYPE_CHECKING:
    from autograd_lite.node import Array
    from autograd_lite.tensor import Tensor

_ROWS = "matrices whose rows are variables (columns for rowvar=False), of as many observations"


@composite("weights of the shape of x, or a vector along one axis, whose sum is not 0")
def average(x: Any, axis: Axis = None, weights: Any = None, *, keepdims: bool = False) -> Tensor:
    """The weighted mean over axes, sum(w x) / sum(w), with gradients for both.

    Args:
        x: an array.
        axis: an axis, several, or None for all.
        weights: of the shape of x, or a vector along the one axis; None for equal ones.
        keepdims: keep the axes, with size 1.

    Raises:
        ValueError: when the weights do not fit, or add up to 0.

    Example:
        >>> import autograd_lite as ag
        >>> ag.average(ag.tensor([1.0, 5.0]), weights=[3.0, 1.0])
        Tensor(2.)
    """
    if weights is None:
        return mean(x, axis, keepdims)
    shape = np.shape(x)
    if np.shape(weights) != shape:
        axes = axes_of(axis, len(shape))
        if np.shape(weights) != tuple(shape[i] for i in axes[:1]) or len(axes) != 1:
            message = f"weights of shape {np.shape(weights)} for {shape} along {axis}"
            raise ValueError(message)
        weights = reshape(weights, (-1, *(1,) * (len(shape) - 1 - axes[0])))
    total = sum(broadcast_to(weights, shape), axis, keepdims)
    if (array_of(total) == 0).any():
        message = "the weights add up to 0"
        raise ValueError(message)
    return sum(x * weights, axis, keepdims) / total


@composite("at least one element along the axes, which go from -ndim to ndim - 1")
def ptp(x: Any, axis: Axis = None, keepdims: bool = False) -> Tensor:
    """The range over axes, max - min; elements that tie share the gradient equally.

    Example:
        >>> import autograd_lite as ag
        >>> ag.ptp(ag.tensor([3.0, 1.0, 7.0]))
        Tensor(6.)
    """
    return max(x, axis, keepdims) - min(x, axis, keepdims)


@composite(_ROWS)
def cov(
    x: Any, y: Any = None, rowvar: bool = True, bias: bool = False, ddof: float | None = None
) -> Tensor:
    """The covariances of variables, sum_k (x_ik - mean_i) (x_jk - mean_j) / (n - 1).

    Args:
        x: a variable in each row, an observation in each column; or a vector, one variable.
        y: further variables of the same observations.
        rowvar: False where each column is a variable.
        bias: divide by n and not by n - 1.
        ddof: divide by n - ddof, whatever `bias` says.

    Raises:
        ValueError: when an array has more than two axes, or y other observations.

    Example:
        >>> import autograd_lite as ag
        >>> ag.cov(ag.tensor([[1.0, 2.0, 3.0], [3.0, 2.0, 1.0]]))
        Tensor([[ 1., -1.],
                [-1.,  1.]])
    """
    rows = _variables(x, rowvar)
    if y is not None:
        rows = concatenate([rows, _variables(y, rowvar)])
    lag = (0 if bias else 1) if ddof is None else ddof
    apart, free = rows - mean(rows, 1, keepdims=True), rows.shape[1] - lag
    out = apart @ apart.T / (free * (free > 0))  # of too few observations nan, as NumPy says
    return reshape(out, ()) if out.shape == (1, 1) else out


def _variables(x: Any, rowvar: bool) -> Any:
    """x with a variable in each row."""
    if np.ndim(x) > 2:
        message = f"an array of {np.ndim(x)} axes"
        raise ValueError(message)
    if np.ndim(x) < 2:
        return reshape(x, (1, -1))
    return getitem(x, ...) if rowvar or np.shape(x)[0] == 1 else getitem(x, ...).T


@composite(_ROWS)
def corrcoef(x: Any, y: Any = None, rowvar: bool = True) -> Tensor:
    """The correlations of variables, cov_ij / sqrt(cov_ii cov_jj), within [-1, 1].

    Args:
        x: a variable in each row, an observation in each column; or a vector, one variable.
        y: further variables of the same observations.
        rowvar: False where each column is a variable.

    Example:
        >>> import autograd_lite as ag
        >>> ag.corrcoef(ag.tensor([[1.0, 2.0, 3.0], [3.0, 2.0, 1.0]]))
        Tensor([[ 1., -1.],
                [-1.,  1.]])
    """
    c = cov(x, y, rowvar)
    if c.ndim == 0:
        return c / c
    size = sqrt(diagonal(c))
    return _within_one(c / size[:, None] / size)


@op
def _within_one(x: Array, /) -> tuple[Any, ...]:
    """x, but for what rounding put beyond [-1, 1]: no kink, for x itself goes no farther."""
    return np.clip(x, -1, 1), lambda g: g
