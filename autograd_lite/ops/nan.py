"""Reductions that leave out nan, which has no gradient."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from autograd_lite.errors import composite
from autograd_lite.graph import array_of
from autograd_lite.ops.arithmetic import astype, sqrt, where
from autograd_lite.ops.compare import equal
from autograd_lite.ops.reduce import Axis, max, min, prod, sum

if TYPE_CHECKING:
    from autograd_lite.tensor import Tensor

_AXIS = "an axis or several from -ndim to ndim - 1, or None for all"
_FILLED = "at least one element along the axes, which go from -ndim to ndim - 1"


def _filled(x: Any, fill: float) -> Tensor:
    """x with `fill` in the places of nan."""
    return where(equal(x, x), x, fill)


@composite(_AXIS)
def nansum(x: Any, axis: Axis = None, keepdims: bool = False) -> Tensor:
    """The sum over axes of the elements that are not nan; of none it is 0.

    Example:
        >>> import autograd_lite as ag
        >>> ag.nansum(ag.tensor([1.0, float("nan"), 4.0]))
        Tensor(5.)
    """
    return sum(_filled(x, 0), axis, keepdims)


@composite(_AXIS)
def nanprod(x: Any, axis: Axis = None, keepdims: bool = False) -> Tensor:
    """The product over axes of the elements that are not nan; of none it is 1.

    Example:
        >>> import autograd_lite as ag
        >>> ag.nanprod(ag.tensor([2.0, float("nan"), 4.0]))
        Tensor(8.)
    """
    return prod(_filled(x, 1), axis, keepdims)


@composite(_AXIS)
def nanmean(x: Any, axis: Axis = None, keepdims: bool = False) -> Tensor:
    """The mean over axes of the elements that are not nan; of none it is nan, with a warning.

    Example:
        >>> import autograd_lite as ag
        >>> ag.nanmean(ag.tensor([1.0, float("nan"), 4.0]))
        Tensor(2.5)
    """
    return nansum(x, axis, keepdims) / _count(x, axis, keepdims)


def _count(x: Any, axis: Axis, keepdims: bool) -> Tensor:
    """How many elements are not nan, as floats of x's dtype where it is one."""
    dtype = array_of(x).dtype
    return sum(astype(equal(x, x), dtype if dtype.kind == "f" else np.float64), axis, keepdims)


@composite(_AXIS)
def nanvar(x: Any, axis: Axis = None, ddof: float = 0, keepdims: bool = False) -> Tensor:
    """The variance over axes of the elements that are not nan; of none it is nan, with a warning.

    Args:
        x: an array.
        axis: an axis, several, or None for all.
        ddof: 0 for the variance of the values, 1 for the unbiased estimate.
        keepdims: keep the axes, with size 1.

    Example:
        >>> import autograd_lite as ag
        >>> ag.nanvar(ag.tensor([1.0, float("nan"), 4.0]))
        Tensor(2.25)
    """
    apart = where(equal(x, x), x - nanmean(x, axis, keepdims=True), 0)
    return sum(apart * apart, axis, keepdims) / (_count(x, axis, keepdims) - ddof)


@composite(_AXIS)
def nanstd(x: Any, axis: Axis = None, ddof: float = 0, keepdims: bool = False) -> Tensor:
    """The root of `nanvar`; its gradient where it is 0 is 0.

    Args:
        x: an array.
        axis: an axis, several, or None for all.
        ddof: 0 for the deviation of the values, 1 for the usual estimate.
        keepdims: keep the axes, with size 1.

    Example:
        >>> import autograd_lite as ag
        >>> ag.nanstd(ag.tensor([1.0, float("nan"), 4.0]))
        Tensor(1.5)
    """
    return sqrt(nanvar(x, axis, ddof, keepdims))


@composite(_FILLED)
def nanmax(x: Any, axis: Axis = None, keepdims: bool = False) -> Tensor:
    """The largest element over axes that is not nan; of none it is nan. Ties share equally.

    Example:
        >>> import autograd_lite as ag
        >>> ag.nanmax(ag.tensor([1.0, float("nan"), 4.0]))
        Tensor(4.)
    """
    found = max(_filled(x, -np.inf), axis, keepdims)
    return where(_count(x, axis, keepdims) > 0, found, np.nan)


@composite(_FILLED)
def nanmin(x: Any, axis: Axis = None, keepdims: bool = False) -> Tensor:
    """The smallest element over axes that is not nan; of none it is nan. Ties share equally.

    Example:
        >>> import autograd_lite as ag
        >>> ag.nanmin(ag.tensor([1.0, float("nan"), 4.0]))
        Tensor(1.)
    """
    found = min(_filled(x, np.inf), axis, keepdims)
    return where(_count(x, axis, keepdims) > 0, found, np.nan)
