"""Comparisons and logic: booleans, through which no gradient flows."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd_lite.graph import Array, op


@op
def equal(x: Array, y: Array, /) -> tuple[Any, ...]:
    """x == y, elementwise, as booleans.

    Example:
        >>> import autograd_lite as ag
        >>> ag.equal(ag.tensor([1.0, 2.0]), 2)
        Tensor([False,  True])
    """
    return (np.equal(x, y),)


@op
def not_equal(x: Array, y: Array, /) -> tuple[Any, ...]:
    """x != y, elementwise, as booleans.

    Example:
        >>> import autograd_lite as ag
        >>> ag.not_equal(ag.tensor([1.0, 2.0]), 2)
        Tensor([ True, False])
    """
    return (np.not_equal(x, y),)


@op
def less(x: Array, y: Array, /) -> tuple[Any, ...]:
    """x < y, elementwise, as booleans.

    Example:
        >>> import autograd_lite as ag
        >>> ag.less(ag.tensor([1.0, 2.0]), 2)
        Tensor([ True, False])
    """
    return (np.less(x, y),)


@op
def less_equal(x: Array, y: Array, /) -> tuple[Any, ...]:
    """x <= y, elementwise, as booleans.

    Example:
        >>> import autograd_lite as ag
        >>> ag.less_equal(ag.tensor([1.0, 2.0]), 2)
        Tensor([ True,  True])
    """
    return (np.less_equal(x, y),)


@op
def greater(x: Array, y: Array, /) -> tuple[Any, ...]:
    """x > y, elementwise, as booleans.

    Example:
        >>> import autograd_lite as ag
        >>> ag.greater(ag.tensor([1.0, 2.0]), 2)
        Tensor([False, False])
    """
    return (np.greater(x, y),)


@op
def greater_equal(x: Array, y: Array, /) -> tuple[Any, ...]:
    """x >= y, elementwise, as booleans.

    Example:
        >>> import autograd_lite as ag
        >>> ag.greater_equal(ag.tensor([1.0, 2.0]), 2)
        Tensor([False,  True])
    """
    return (np.greater_equal(x, y),)


@op
def logical_and(x: Array, y: Array, /) -> tuple[Any, ...]:
    """Whether x and y, elementwise, as booleans.

    Example:
        >>> import autograd_lite as ag
        >>> ag.logical_and(ag.tensor([True, False]), True)
        Tensor([ True, False])
    """
    return (np.logical_and(x, y),)


@op
def logical_or(x: Array, y: Array, /) -> tuple[Any, ...]:
    """Whether x or y, elementwise, as booleans.

    Example:
        >>> import autograd_lite as ag
        >>> ag.logical_or(ag.tensor([True, False]), True)
        Tensor([ True,  True])
    """
    return (np.logical_or(x, y),)


@op
def logical_xor(x: Array, y: Array, /) -> tuple[Any, ...]:
    """Whether one of x and y, not both, elementwise, as booleans.

    Example:
        >>> import autograd_lite as ag
        >>> ag.logical_xor(ag.tensor([True, False]), True)
        Tensor([False,  True])
    """
    return (np.logical_xor(x, y),)


@op
def logical_not(x: Array, /) -> tuple[Any, ...]:
    """Whether not x, elementwise, as booleans.

    Example:
        >>> import autograd_lite as ag
        >>> ag.logical_not(ag.tensor([True, False]))
        Tensor([False,  True])
    """
    return (np.logical_not(x),)
