"""What goes along one axis from element to element: differences, running products, convolution."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from autograd_lite.errors import composite, is_whole
from autograd_lite.graph import array_of, op_expecting
from autograd_lite.ops.arithmetic import clip, remainder, where
from autograd_lite.ops.compare import not_equal
from autograd_lite.ops.form import ones_like
from autograd_lite.ops.index import getitem
from autograd_lite.ops.poles import times
from autograd_lite.ops.reduce import counting, sum
from autograd_lite.ops.shape import broadcast_to, concatenate, flip, reshape

if TYPE_CHECKING:
    from autograd_lite.node import Array
    from autograd_lite.tensor import Tensor

_SIGNALS = "two vectors with at least one element each, and mode 'full', 'same' or 'valid'"


@composite("an axis from -ndim to ndim - 1, or None for all elements")
def cumprod(x: Any, axis: int | None = None) -> Tensor:
    """The running product along an axis, whose gradients are exact also where elements are 0.

    The one of element i is the product of those before it times s[i], where s runs from the end:
    s[i] = g[i] + x[i + 1] s[i + 1]. So the gradients of every order never divide.

    Args:
        x: an array.
        axis: the axis to multiply along; None flattens x first.

    Source:
        Hillis and Steele, "Data parallel algorithms", 1986, the section on sums of prefixes.

    Example:
        >>> import autograd_lite as ag
        >>> ag.cumprod(ag.tensor([2.0, 0.0, 3.0]))
        Tensor([2., 0., 0.])
    """
    if axis is None:
        x, axis = reshape(x, -1), 0
    return _cumprod(counting(x), axis)


@op_expecting("an axis from -ndim to ndim - 1")
def _cumprod(x: Array, /, axis: int) -> tuple[Any, ...]:
    """`cumprod` as an op: from the start, as other products may overflow, or vanish, without it."""
    return np.cumprod(x, axis), lambda g: _of_products(g, x, axis)


def _of_products(g: Array, x: Array, axis: int) -> Array:
    """The gradient of `_cumprod`: s in steps of 1, 2, 4, ..., times what lies before."""
    total, factor, step = g, _part(axis, x, 1, None), 1
    while step < x.shape[axis]:  # factor[i] is the product of x[i + 1] to x[i + step]
        near, far = _part(axis, total, None, -step), _part(axis, total, step, None)
        total = concatenate([near + times(far, factor), _part(axis, total, -step, None)], axis)
        factor = times(_part(axis, factor, None, -step), _part(axis, factor, step, None))
        step *= 2
    first, rest = _part(axis, x, None, 1), _part(axis, x, None, -1)
    return times(total, concatenate([ones_like(first), _cumprod(rest, axis)], axis))


def _part(axis: int, x: Any, start: int | None, stop: int | None) -> Any:
    """A slice of x along an axis."""
    return getitem(x, ((slice(None),) * (axis % np.ndim(x)) + (slice(start, stop),)))


@composite("n from 0, an axis from -ndim to ndim - 1, and what fits x there")
def diff(x: Any, n: int = 1, axis: int = -1, prepend: Any = None, append: Any = None) -> Tensor:
    """The differences of neighbours along an axis, x[i + 1] - x[i], taken n times.

    Args:
        x: an array.
        n: how often.
        axis: the axis to go along.
        prepend: numbers, or arrays of x's other sizes, to put before x.
        append: the same, to put behind x.

    Raises:
        ValueError: when n is negative, x has no axis, or what is put to it does not fit.

    Example:
        >>> import autograd_lite as ag
        >>> ag.diff(ag.tensor([1.0, 4.0, 9.0]))
        Tensor([3., 5.])
    """
    if not is_whole(n, 0):
        message = f"n={n!r}"
        raise ValueError(message)
    shape = list(np.shape(x))
    shape[axis] = 1
    if n == 0:
        return getitem(x, ...)
    ends = [
        e if e is None or np.ndim(e) else broadcast_to(e, tuple(shape)) for e in (prepend, append)
    ]
    parts = [part for part in (ends[0], x, ends[1]) if part is not None]
    out = concatenate(parts, axis) if len(parts) > 1 else getitem(x, ...)
    for _ in range(n):
        after, before = _part(axis, out, 1, None), _part(axis, out, None, -1)
        out = not_equal(after, before) if out.dtype == bool else after - before
    return out


@composite("values and, unless dx is given, their places: a vector, or an array that broadcasts")
def trapezoid(y: Any, x: Any = None, dx: Any = 1.0, axis: int = -1) -> Tensor:
    """The integral along an axis by the trapezoidal rule, sum (x[i+1] - x[i]) (y[i] + y[i+1]) / 2.

    Args:
        y: the values.
        x: the places of the values, along the axis or for each value; None for equal distances.
        dx: the distance where x is None.
        axis: the axis to integrate along.

    Example:
        >>> import autograd_lite as ag
        >>> ag.trapezoid(ag.tensor([1.0, 2.0, 3.0]), dx=2)
        Tensor(8.)
    """
    ndim = np.ndim(y)
    step = dx
    if x is not None:
        vector = np.ndim(x) == 1
        step = diff(x, axis=-1 if vector else axis)
        if vector:
            step = reshape(step, (-1, *(1,) * (ndim - 1 - axis % ndim)))
    return sum(step * (_part(axis, y, None, -1) + _part(axis, y, 1, None)) / 2, axis)


@composite(_SIGNALS)
def convolve(x: Any, y: Any, mode: str = "full") -> Tensor:
    """The discrete convolution of two vectors, out[n] = sum_k x[k] y[n - k].

    Args:
        x: a vector of n elements.
        y: a vector of m elements.
        mode: `full` for all n + m - 1 sums; `same` for the max(n, m) in their middle; `valid` for
            the max(n, m) - min(n, m) + 1 in which the vectors overlap wholly.

    Raises:
        ValueError: when an operand is empty or no vector, or the mode is another.

    Example:
        >>> import autograd_lite as ag
        >>> ag.convolve(ag.tensor([1.0, 2.0, 3.0]), ag.tensor([0.0, 1.0]))
        Tensor([0., 1., 2., 3.])
    """
    x, y = (v if np.ndim(v) else reshape(v, 1) for v in (x, y))
    short, long = sorted([np.size(x), np.size(y)])
    cuts = {"full": (0, short + long - 1), "same": ((short - 1) // 2, long)}
    cuts["valid"] = (short - 1, long - short + 1)
    start, count = cuts[mode]
    return getitem(_convolve(x, y), slice(start, start + count))


@op_expecting(_SIGNALS)
def _convolve(x: Array, y: Array, /) -> tuple[Any, ...]:
    """The full convolution, whose gradients are convolutions with an operand reversed."""
    n, m = len(x), len(y)
    return (
        np.convolve(x, y),
        lambda g: _convolve(g, flip(y))[m - 1 : m - 1 + n],
        lambda g: _convolve(g, flip(x))[n - 1 : n - 1 + m],
    )


@composite(_SIGNALS)
def correlate(x: Any, y: Any, mode: str = "valid") -> Tensor:
    """The cross-correlation of two vectors, out[k] = sum_n x[n + k] y[n].

    Args:
        x: a vector.
        y: a vector, which is moved along x.
        mode: as in `convolve`.

    Raises:
        ValueError: when an operand is empty or no vector, or the mode is another.

    Example:
        >>> import autograd_lite as ag
        >>> ag.correlate(ag.tensor([1.0, 2.0, 3.0]), ag.tensor([0.0, 1.0]))
        Tensor([2., 3.])
    """
    if np.size(y) > np.size(x):  # where the middle of an even number is depends on which is longer
        return flip(convolve(y, flip(x), mode))
    return convolve(x, flip(y), mode)


@composite("increasing places xp and values fp, vectors of one length of at least 1")
def interp(
    x: Any, xp: Any, fp: Any, left: Any = None, right: Any = None, period: Any = None
) -> Tensor:
    """The piecewise linear function through the points (xp, fp), at x.

    It has gradients for x, xp, fp, left and right. At one of the places xp, x has the slope to its
    right (at the last one, to its left), and beyond the ends none.

    Args:
        x: where to evaluate.
        xp: the places of the points, increasing (with a period: different modulo the period).
        fp: their values.
        left: the value below the first place; by default the first value.
        right: the value above the last place; by default the last value.
        period: the period of the function, by which x and xp are reduced; `left` and `right` have
            no meaning then.

    Raises:
        ValueError: when xp does not increase, or is not of the length of fp.

    Example:
        >>> import autograd_lite as ag
        >>> ag.interp(ag.tensor([0.5, 1.5, 9.0]), [0.0, 1.0, 2.0], [1.0, 3.0, 2.0])
        Tensor([2. , 2.5, 2. ])
    """
    xp, fp = getitem(xp, ...), getitem(fp, ...)
    if period is not None:
        x, xp, fp = _one_period(x, xp, fp, period)
    at = _interp(x, xp, fp)
    low = getitem(xp, at)
    out: Tensor = getitem(fp, at)
    slope: Any = 0.0
    if xp.shape[0] > 1:
        slope = (getitem(fp, at + 1) - out) / (getitem(xp, at + 1) - low)
    inside = x if period is not None else clip(x, xp[0], xp[-1])  # an infinite x has no 0 * inf
    out = out + slope * (inside - low)
    if period is not None:
        return out
    out = where(x < xp[0], fp[0] if left is None else left, out)
    return where(x > xp[-1], fp[-1] if right is None else right, out)


@op_expecting("increasing places xp and values fp, vectors of one length of at least 1")
def _interp(x: Array, xp: Array, fp: Array, /) -> tuple[Any, ...]:
    """The numbers of the points before x, those of the first and the last piece beyond the ends."""
    if np.ndim(xp) != 1 or np.shape(xp) != np.shape(fp) or not len(xp):
        message = f"points of shapes {np.shape(xp)} and {np.shape(fp)}"
        raise ValueError(message)
    if not np.greater(xp[1:], xp[:-1]).all():
        message = "xp does not increase (of equal places, and of nan, no slope is known)"
        raise ValueError(message)
    last = np.maximum(len(xp) - 2, 0)
    return (np.clip(np.searchsorted(xp, x, "right") - 1, 0, last),)


def _one_period(x: Any, xp: Any, fp: Any, period: Any) -> tuple[Any, Any, Any]:
    """x within one period, and the points of it in order, with a neighbour at either end."""
    xp = remainder(xp, period)
    order = np.argsort(array_of(xp), kind="stable")
    xp, fp = getitem(xp, order), getitem(fp, order)
    places = concatenate([xp[-1:] - period, xp, xp[:1] + period])
    return remainder(x, period), places, concatenate([fp[-1:], fp, fp[:1]])
