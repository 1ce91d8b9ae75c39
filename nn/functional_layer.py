"""The ops that layers are made of, beside the package's own."""

from __future__ import annotations

import math
from types import FunctionType
from typing import TYPE_CHECKING, Any

import numpy as np

from autograd_lite.graph import op, op_expecting
from autograd_lite.kernels import compiled
from autograd_lite.node import Array, Shared
from autograd_lite.ops import (
    leaky_relu,
    mean,
    relu,
    reshape,
    sqrt,
    times_slope,
    var,
)
from autograd_lite.ops.index import scattered
from autograd_lite.ops.reduce import axes_of

if TYPE_CHECKING:
    from numpy.typing import NDArray


@op_expecting("x (..., in), w (in, out), and b (out,), (1, out) or None")
def linear(
    x: Array, w: Array, b: Array = None, /, activation: Any = None, **settings: Any
) -> tuple[Any, ...]:
    """The affine map x w + b, and an activation of it, in one step.

    The gradient goes through the activation once, and each product of it is one of two matrices.

    Args:
        x: (..., in), of two axes or more.
        w: (in, out).
        b: (out,) or (1, out), or None.
        activation: an op of one array whose gradient needs nothing but its result: relu, tanh,
            sigmoid, leaky_relu where alpha is not negative. None for none.
        **settings: what the activation takes beside the array.

    Returns:
        (..., out).

    Source:
        Document 1; document 2, section 1.

    Example:
        >>> import autograd_lite as ag
        >>> from autograd_lite import nn
        >>> x, w, b = np.ones((1, 2)), np.array([[1.0, 1.0], [1.0, -3.0]]), np.array([0.5, 0.5])
        >>> nn.functional.linear(x, w, b, activation=ag.leaky_relu, alpha=0.1)
        array([[ 2.5 , -0.15]])
    """
    if x.ndim < 2 or w.ndim != 2:
        message = f"{x.ndim} and {w.ndim} axes"
        raise ValueError(message)
    shape, columns = x.shape, w.shape[1]
    flat, rows = len(shape) == 2, math.prod(shape[:-1])
    out = (x if flat else x.reshape(rows, shape[-1])) @ w
    through: tuple[Shared, ...] = ()
    slope: Any = _slope(activation, settings)
    fits = b is not None and b.shape in {(columns,), (1, columns)}
    fast = compiled(out, b) if fits and slope is not None else None
    if fast is not None:
        fast.add_row(out, b.reshape(-1), slope)
    elif b is not None:
        out = np.add(out, b, out=out) if b.dtype == out.dtype else out + b
    out = out if flat else out.reshape(*shape[:-1], columns)
    if activation is not None and fast is not None:  # the kernel has applied it
        through = (Shared(lambda g: times_slope(g, out, slope)),)
    elif activation is not None:
        out, closure = _activated(activation, out, settings)
        through = (Shared(closure),)
    if flat and columns == 1:  # as a product of matrices it takes three times as long
        return out, *through, lambda g: g * w.mT, lambda g: x.mT @ g, lambda g: g
    if flat:
        return out, *through, lambda g: g @ w.mT, lambda g: x.mT @ g, lambda g: g
    return (
        out,
        *through,
        lambda g: reshape(reshape(g, (rows, columns)) @ w.mT, shape),
        lambda g: reshape(x, (rows, shape[-1])).mT @ reshape(g, (rows, columns)),
        lambda g: g,
    )


def _slope(activation: Any, settings: dict[str, Any]) -> float | None:
    """By what an activation multiplies what is not above 0, if that is all it does."""
    if activation is leaky_relu and settings.keys() <= {"alpha"}:
        alpha = float(settings.get("alpha", 0.01))
        return alpha if alpha >= 0 else None
    if settings:
        return None  # which nothing else takes: the op itself will say so
    return {None: 1.0, relu: 0.0}.get(activation)


def _activated(activation: Any, z: Any, settings: dict[str, Any]) -> tuple[Any, Any]:
    """The result of an activation, and its closure, which may not have captured the argument."""
    forward = getattr(activation, "__wrapped__", None)
    result: tuple[Any, ...] = () if forward is None else forward(z, **settings)
    if forward is None or len(result) != 2:
        message = f"the activation {activation!r}, which is no op of one array with a gradient"
        raise ValueError(message)
    code = forward.__code__
    if _captured(result[1]) & set(code.co_varnames[: code.co_posonlyargcount]):
        message = f"the activation {activation.__name__}, whose gradient needs its argument"
        raise ValueError(message)
    return result[0], result[1]


def _captured(closure: Any) -> set[str]:
    """The names that a closure captured, and the functions that it did."""
    names = set(closure.__code__.co_freevars)
    for cell in closure.__closure__ or ():
        if isinstance(cell.cell_contents, FunctionType):
            names |= _captured(cell.cell_contents)
    return names


@op
def dropout(x: Array, keep: Array, /, *, p: float) -> tuple[Any, ...]:
    """x / (1 - p) where `keep` holds, else 0.

    Args:
        x: an array of any shape.
        keep: booleans of that shape, drawn outside: True with probability 1 - p.
        p: the share that is dropped, from 0 to less than 1.

    Example:
        >>> from autograd_lite import nn
        >>> nn.functional.dropout(np.ones(4), np.array([True, False, True, True]), p=0.25).round(2)
        array([1.33, 0.  , 1.33, 1.33])
    """
    scale = 1 / (1 - p)
    return x * keep * scale, lambda g: g * keep * scale, None


@op_expecting("axes from -ndim to ndim - 1, with at least one element along them")
def standardize(x: Array, /, axis: int | tuple[int, ...], eps: float = 1e-5) -> tuple[Any, ...]:
    """(x - mean) / sqrt(var + eps), with the mean and the variance over axes.

    With out the result, the gradient is (g - mean(g) - out mean(g out)) / sqrt(var + eps).

    Args:
        x: an array.
        axis: an axis or several.
        eps: what keeps the division finite.

    Source:
        Ioffe and Szegedy, "Batch normalization", 2015, section 3.

    Example:
        >>> from autograd_lite import nn
        >>> nn.functional.standardize(np.array([1.0, 2.0, 3.0]), axis=0, eps=0.0).round(4)
        array([-1.2247,  0.    ,  1.2247])
    """
    columns = _trailing(x.shape, axis)
    if not columns:
        out = x - np.mean(x, axis=axis, keepdims=True)
        out /= np.sqrt(np.mean(out * out, axis=axis, keepdims=True) + eps)
    else:
        out = _standardized(x.reshape(-1, columns), eps).reshape(x.shape)
    return out, lambda g: _through_standardize(g, x, out, axis, eps)


def _standardized(rows: NDArray[Any], eps: float) -> Any:
    fast = compiled(rows)
    if fast is not None:
        out = np.empty_like(rows)
        fast.standardize(rows, float(eps), out)
        return out
    out = rows - _row_means(rows)
    out *= 1 / np.sqrt(np.vecdot(out, out)[:, None] / rows.shape[1] + eps)
    return out


def _through_standardize(
    g: Array, x: Array, out: Array, axis: int | tuple[int, ...], eps: float
) -> Array:
    """The gradient of standardize, from its argument and its result."""
    columns = _trailing(x.shape, axis)
    if columns and isinstance(g, np.ndarray):
        rows = (array.reshape(-1, columns) for array in (g, x, out))
        return _rows_through_standardize(eps, *rows).reshape(x.shape)
    centred = g - mean(g, axis, keepdims=True) - out * mean(g * out, axis, keepdims=True)
    return centred / sqrt(var(x, axis, keepdims=True) + eps)


def _rows_through_standardize(
    eps: float, g: NDArray[Any], x: NDArray[Any], out: NDArray[Any]
) -> Any:
    """The same of rows that are arrays, in fewer passes."""
    fast, count = compiled(g, x, out), x.shape[1]
    if fast is not None:
        result = np.empty_like(x)
        fast.standardize_gradient(g, x, out, eps, result)
        return result
    centred = x - _row_means(x)
    result = out * (np.vecdot(g, out)[:, None] / -count)
    result += g
    result -= _row_means(g)
    result *= 1 / np.sqrt(np.vecdot(centred, centred)[:, None] / count + eps)
    return result


def _row_means(rows: NDArray[Any]) -> Any:
    """The mean of each row, as a column: as a product, in a third of the time of `mean`."""
    return (rows @ np.ones((rows.shape[1], 1), rows.dtype)) / rows.shape[1]


def _trailing(shape: tuple[int, ...], axis: int | tuple[int, ...]) -> int:
    """How many elements the last axes hold, if `axis` is all of them or the last one; else 0."""
    axes = axes_of(axis, len(shape))
    count = len(axes)
    is_last = sorted(axes) == list(range(len(shape) - count, len(shape)))
    return math.prod(shape[-count:]) if count and is_last and math.prod(shape) else 0


@op_expecting("a matrix, and integers from 0 to less than its rows")
def embedding(weight: Array, /, index: Array, padding_idx: int | None = None) -> tuple[Any, ...]:
    """The rows of `weight` that `index` picks.

    Args:
        weight: (n, dim).
        index: integers from 0 to n - 1, of any shape.
        padding_idx: a row that no gradient flows to.

    Returns:
        The shape of `index`, and dim.

    Example:
        >>> from autograd_lite import nn
        >>> nn.functional.embedding(np.array([[1.0, 2.0], [3.0, 4.0]]), np.array([1, 1, 0]))
        array([[3., 4.],
               [3., 4.],
               [1., 2.]])
    """
    shape = weight.shape
    used = None if padding_idx is None else np.not_equal(index, padding_idx)[..., None]
    out = weight.take(index, axis=0)  # the same as weight[index], in a quarter of the time
    return out, lambda g: scattered(g if used is None else g * used, index, shape)
