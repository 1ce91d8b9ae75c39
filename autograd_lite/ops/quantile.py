"""What lies in the middle, or elsewhere in the order: quantiles and the median."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from autograd_lite.errors import composite
from autograd_lite.graph import array_of, op_expecting
from autograd_lite.ops.along import positions
from autograd_lite.ops.reduce import Axis, in_a_row, kept_shape, shares, sum
from autograd_lite.ops.shape import broadcast_to, reshape, transpose

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from autograd_lite.node import Array
    from autograd_lite.tensor import Tensor

_SHARE = (
    "shares q from 0 to 1 (percentile: 0 to 100), at least one element along the axes, and a"
    " method of np.quantile"
)
_FILLED = "at least one element along the axes, which go from -ndim to ndim - 1"


@op_expecting("ranks from 0 to the length of a row")
def order_statistics(x: Array, /, ranks: Any, nan_last: bool = False) -> tuple[Any, ...]:
    """The elements that would stand at `ranks` if the rows (the last axis) were sorted.

    Equal elements share a gradient equally, as those of `max` do, which is the last rank.

    Args:
        x: an array with at least one element in a row.
        ranks: a list for all rows; with `nan_last` one for each row, an array of as many axes as x.
        nan_last: nan is sorted behind the numbers; else a row that has one gives nan.

    Example:
        >>> import autograd_lite as ag
        >>> ag.ops.order_statistics(np.array([3.0, 1.0, 2.0]), [0, 2])
        array([1., 3.])
    """
    at = positions(ranks)
    if nan_last:
        out = np.take_along_axis(np.sort(x, -1), at, -1)
    else:
        last = x.shape[-1] - 1
        parted = np.partition(x, np.unique([*at, last]), -1)
        out = parted[..., at]
        unknown = np.not_equal(parted[..., -1:], parted[..., -1:])
        if unknown.any():
            out = np.where(unknown, parted[..., -1:], out)
    return out, lambda g: _shared(g, x, out)


def _shared(g: Array, x: Array, out: Array) -> Array:
    """The gradient of each rank, in equal shares to the elements of the row that equal it."""
    total: Any = broadcast_to(sum(g[..., :0], -1, keepdims=True), x.shape)  # 0: of no ranks
    for i in range(out.shape[-1]):
        here = (..., slice(i, i + 1))
        total = total + g[here] * shares(x, out[here], -1)
    return total


def ranks_of(
    n: int, q: NDArray[Any], method: str
) -> tuple[NDArray[np.intp], NDArray[np.intp], NDArray[Any]]:
    """Between which ranks of n sorted elements each share q lies, and the weight of the upper one.

    NumPy tells it for each of its methods: the quantiles of 0, 1, 2, ... are the places themselves.
    """
    place = np.asarray(np.quantile(np.arange(n), q, method=method), np.float64)  # type: ignore[call-overload]  # method is any string here
    low = np.floor(place).astype(np.intp)
    weight = place - low
    # On a rank there is no other; halves of one element are exact, and infinite ones stay so.
    return low, low + (weight > 0), np.where(weight > 0, weight, 0.5)


@composite(_SHARE)
def quantile(
    x: Any, q: Any, axis: Axis = None, method: str = "linear", keepdims: bool = False
) -> Tensor:
    """The element below which a share q of a sorted axis lies, between two of them their mixture.

    Equal elements share the gradient equally. A nan along the axis gives nan, which has none.

    Args:
        x: an array with at least one element along the axes.
        q: a share from 0 to 1, or several, which become the first axes of the result; it has no
            gradient.
        axis: an axis, several, or None for all.
        method: which one where q lies between two elements: 'linear', 'lower', 'higher', 'nearest',
            'midpoint', and the others of np.quantile.
        keepdims: keep the axes, with size 1.

    Raises:
        ValueError: when q is out of range, the method unknown, or there is no element.

    Source:
        Hyndman and Fan, "Sample quantiles in statistical packages", 1996, for the methods.

    Example:
        >>> import autograd_lite as ag
        >>> x = ag.tensor([1.0, 2.0, 4.0], requires_grad=True)
        >>> y = ag.quantile(x, 0.75)
        >>> y.item()
        3.0
        >>> y.backward()
        >>> x.grad
        Tensor([0. , 0.5, 0.5])
    """
    rows, sizes = in_a_row(x, axis)
    shares_of, n = np.asarray(q, np.float64), rows.shape[-1]
    _fill(n)
    low, high, weight = ranks_of(n, shares_of.reshape(-1), method)
    mixed = _mixed(rows, low, high, weight, nan_last=False)
    return _by_share(mixed, shares_of.shape, kept_shape(np.shape(x), axis) if keepdims else sizes)


def _fill(n: int) -> None:
    if n == 0:
        message = "no elements along the axes"
        raise ValueError(message)


def _mixed(rows: Any, low: Any, high: Any, weight: NDArray[Any], *, nan_last: bool) -> Any:
    """The elements at ranks `low` and `high` of rows, the upper one with `weight`."""
    count = low.shape[-1]
    found = order_statistics(rows, np.concatenate([low, high], -1), nan_last)
    upper = weight.astype(rows.dtype if rows.dtype.kind == "f" else np.float64)
    return found[..., :count] * (1 - upper) + found[..., count:] * upper


def _by_share(mixed: Any, shape: tuple[int, ...], sizes: Sequence[int]) -> Tensor:
    """What was computed for each row and share, the shares first."""
    last = mixed.ndim - 1
    return reshape(transpose(mixed, (last, *range(last))), (*shape, *sizes))


@composite(_SHARE)
def nanquantile(
    x: Any, q: Any, axis: Axis = None, method: str = "linear", keepdims: bool = False
) -> Tensor:
    """`quantile` of the elements that are not nan; of none it is nan.

    Args:
        x: an array with at least one element along the axes.
        q: a share from 0 to 1, or several, which become the first axes of the result.
        axis: an axis, several, or None for all.
        method: as in `quantile`.
        keepdims: keep the axes, with size 1.

    Example:
        >>> import autograd_lite as ag
        >>> ag.nanquantile(ag.tensor([1.0, float("nan"), 4.0]), 0.5)
        Tensor(2.5)
    """
    rows, sizes = in_a_row(x, axis)
    shares_of = np.asarray(q, np.float64)
    _fill(rows.shape[-1])
    values = array_of(rows)
    known = np.sum(np.equal(values, values), -1)
    low = np.zeros((*known.shape, shares_of.size), np.intp)
    high, weight = low.copy(), np.full(low.shape, 0.5)
    for n in np.unique(known).tolist():
        if n:
            low[known == n], high[known == n], weight[known == n] = ranks_of(
                n, shares_of.reshape(-1), method
            )
    mixed = _mixed(rows, low, high, weight, nan_last=True)
    return _by_share(mixed, shares_of.shape, kept_shape(np.shape(x), axis) if keepdims else sizes)


@composite(_SHARE)
def percentile(
    x: Any, q: Any, axis: Axis = None, method: str = "linear", keepdims: bool = False
) -> Tensor:
    """`quantile` with q in percent, from 0 to 100.

    Example:
        >>> import autograd_lite as ag
        >>> ag.percentile(ag.tensor([1.0, 2.0, 4.0]), 75)
        Tensor(3.)
    """
    return quantile(x, np.asarray(q, np.float64) / 100, axis, method, keepdims)


@composite(_SHARE)
def nanpercentile(
    x: Any, q: Any, axis: Axis = None, method: str = "linear", keepdims: bool = False
) -> Tensor:
    """`nanquantile` with q in percent, from 0 to 100.

    Example:
        >>> import autograd_lite as ag
        >>> ag.nanpercentile(ag.tensor([1.0, float("nan"), 4.0]), 50)
        Tensor(2.5)
    """
    return nanquantile(x, np.asarray(q, np.float64) / 100, axis, method, keepdims)


@composite(_FILLED)
def median(x: Any, axis: Axis = None, keepdims: bool = False) -> Tensor:
    """The middle element of a sorted axis, or the mean of the two in the middle.

    Each of the two has half of the gradient, and equal elements share theirs equally. A nan along
    the axis gives nan.

    Args:
        x: an array with at least one element along the axes.
        axis: an axis, several, or None for all.
        keepdims: keep the axes, with size 1.

    Example:
        >>> import autograd_lite as ag
        >>> ag.median(ag.tensor([1.0, 7.0, 3.0, 4.0]))
        Tensor(3.5)
    """
    return quantile(x, 0.5, axis, keepdims=keepdims)


@composite(_FILLED)
def nanmedian(x: Any, axis: Axis = None, keepdims: bool = False) -> Tensor:
    """`median` of the elements that are not nan; of none it is nan.

    Example:
        >>> import autograd_lite as ag
        >>> ag.nanmedian(ag.tensor([1.0, float("nan"), 4.0]))
        Tensor(2.5)
    """
    return nanquantile(x, 0.5, axis, keepdims=keepdims)
