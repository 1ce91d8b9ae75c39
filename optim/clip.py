"""Gradient clipping: its arithmetic, and functions that clip the gradients of tensors."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from autograd_lite.memory import writable
from autograd_lite.rows import rows_of
from autograd_lite.tensor import Tensor

from .finite import refuse_not_finite
from .groups import as_tensors, completed, gradient_of
from .rows import gradient_or_rows, values_of
from .settings import above_zero, check, is_bool

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray


def global_norm(arrays: Iterable[NDArray[Any]], order: float = 2.0) -> float:
    """The norm of all elements of all arrays, (sum |g|^p)^(1/p), without overflow.

    Args:
        arrays: arrays of floats, of any shapes.
        order: p, above 0; infinity for the largest |g|.

    Example:
        >>> global_norm([np.array([3.0, 0.0]), np.array([[4.0]])])
        5.0
        >>> global_norm([np.array([1e30], np.float32)])  # whose square float32 cannot hold
        1.0000000150474662e+30
    """
    if order == 2:
        return math.hypot(*map(_norm, arrays))
    norms = np.array([_norm_of_order(array, order) for array in arrays])
    return _norm_of_order(norms, order)


def norm_scale(norm: float, limit: float) -> float:
    """The factor that brings gradients of a norm down to `limit`: min(1, limit / norm).

    A nan stays nan in the gradients, whose scale is then 1.

    Args:
        norm: their norm.
        limit: the largest norm that they may have.

    Source:
        Pascanu, Mikolov and Bengio, "On the difficulty of training recurrent neural networks",
        2013.

    Example:
        >>> norm_scale(5.0, limit=1.0), norm_scale(0.5, limit=1.0)
        (0.2, 1.0)
    """
    return limit / norm if norm > limit else 1.0


def clip_grad_value_(params: Any, clip_value: float, *, check_finite: bool = False) -> None:
    """Limit every element of the gradients to [-clip_value, clip_value], in place.

    Args:
        params: a tensor, or an iterable of them; those without a gradient are passed over.
        clip_value: the limit, above 0.
        check_finite: whether to refuse gradients that are infinite or nan. Else infinities become
            the limit, and nan stays.

    Raises:
        ValueError: when `clip_value` is bad, or a gradient has another shape than its tensor.
        TypeError: when something else than tensors of floats is given.
        FloatingPointError: when gradients that are not finite are refused; they are as they were.

    Source:
        Document 1, where it is a setting of SGD; as it is of every optimizer here.

    Example:
        >>> import autograd_lite as ag
        >>> from autograd_lite import optim
        >>> w = ag.tensor([1.0, 2.0], requires_grad=True)
        >>> (w * w).sum().backward()
        >>> optim.clip_grad_value_(w, 3.0)
        >>> w.grad
        Tensor([2., 3.])
    """
    name, given = "clip_grad_value_", {"clip_value": clip_value, "check_finite": check_finite}
    check(name, given, "clip_value", above_zero, "a number above 0")
    check(name, given, "check_finite", is_bool, "True or False")
    tensors = _with_gradients(name, params)
    if check_finite:
        refuse_not_finite(name, ((t, gradient_or_rows(name, t)) for t in tensors))
    for array in _writable_gradients(name, tensors):
        np.clip(array, -float(clip_value), float(clip_value), out=array)


def clip_grad_norm_(
    params: Any, max_norm: float, norm_type: float = 2.0, *, check_finite: bool = False
) -> float:
    """Scale the gradients, in place, so that their norm together is at most `max_norm`.

    Args:
        params: a tensor, or an iterable of them; those without a gradient are passed over.
        max_norm: the limit, above 0.
        norm_type: p of the norm, (sum |g|^p)^(1/p); infinity for the largest |g|.
        check_finite: whether to refuse gradients that are infinite or nan. Else those with an
            infinite norm are scaled by 0, where infinities become nan, and those with nan stay.

    Returns:
        The norm before.

    Raises:
        ValueError: when `max_norm` or `norm_type` is bad, or a gradient has another shape than its
            tensor.
        TypeError: when something else than tensors of floats is given.
        FloatingPointError: when gradients that are not finite are refused; they are as they were.

    Source:
        Pascanu, Mikolov and Bengio, "On the difficulty of training recurrent neural networks",
        2013.

    Example:
        >>> import autograd_lite as ag
        >>> from autograd_lite import optim
        >>> w = ag.tensor([1.5, 2.0], requires_grad=True)
        >>> (w * w).sum().backward()
        >>> optim.clip_grad_norm_([w], max_norm=1.0)
        5.0
        >>> w.grad
        Tensor([0.6, 0.8])
    """
    name, given = "clip_grad_norm_", {"max_norm": max_norm, "norm_type": norm_type}
    for key in given:
        check(name, given, key, above_zero, "a number above 0")
    check(name, {"check_finite": check_finite}, "check_finite", is_bool, "True or False")
    tensors = _with_gradients(name, params)
    gradients = [gradient_or_rows(name, tensor) for tensor in tensors]
    if check_finite:
        refuse_not_finite(name, zip(tensors, gradients, strict=True))
    norm = global_norm(map(values_of, gradients), float(norm_type))
    scale = norm_scale(norm, float(max_norm))
    if scale != 1:
        for array in _writable_gradients(name, tensors):
            np.multiply(array, scale, out=array)
    return norm


def _with_gradients(name: str, params: Any) -> list[Any]:
    """The tensors that have a gradient, which is checked."""
    tensors = completed(name, {"params": as_tensors(name, params)}, {}, [])["params"]
    tensors = [tensor for tensor in tensors if tensor.grad is not None]
    for tensor in tensors:
        gradient_or_rows(name, tensor)
    return tensors


def _writable_gradients(name: str, tensors: list[Any]) -> list[NDArray[Any]]:
    """The gradients as arrays to write into, that no graph needs; of rows, these alone."""
    arrays = []
    for tensor in tensors:
        if not isinstance(tensor.grad, Tensor) or not tensor.grad.is_leaf:
            tensor.grad = Tensor(gradient_of(name, tensor))  # a copy without the graph
        rows = rows_of(tensor.grad)
        arrays.append(writable(tensor.grad) if rows is None else rows.values)
    return arrays


_SAFE = (1e-30, 1e30)  # a sum of squares in here has neither overflowed nor lost small terms


def _norm(array: NDArray[Any]) -> float:
    flat = array.reshape(-1)
    if flat.dtype != np.float16:
        with np.errstate(over="ignore", invalid="ignore"):
            squared = float(flat @ flat)  # one pass, nothing allocated
        if _SAFE[0] < squared < _SAFE[1]:
            return math.sqrt(squared)
    largest = float(np.abs(flat).max(initial=0))
    if not 0 < largest < math.inf:
        return largest
    scaled = flat.astype(np.float64) / largest
    return largest * math.sqrt(float(scaled @ scaled))


def _norm_of_order(array: NDArray[Any], order: float) -> float:
    sizes = np.abs(array.astype(np.float64))
    largest = float(sizes.max(initial=0))
    if not 0 < largest < math.inf or order == math.inf:
        return largest
    total = float(((sizes / largest) ** order).sum())
    return largest * math.pow(total, 1 / order)
