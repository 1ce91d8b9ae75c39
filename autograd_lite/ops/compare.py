"""Comparisons and bits: booleans and integers, through which no gradient flows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from autograd_lite.graph import op

if TYPE_CHECKING:
    from autograd_lite.node import Array


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
def bitwise_and(x: Array, y: Array, /) -> tuple[Any, ...]:
    """x & y, elementwise: of booleans whether both hold, of integers bit by bit.

    Example:
        >>> import autograd_lite as ag
        >>> ag.bitwise_and(ag.tensor([True, False]), True)
        Tensor([ True, False])
    """
    return (np.bitwise_and(x, y),)


@op
def bitwise_or(x: Array, y: Array, /) -> tuple[Any, ...]:
    """x | y, elementwise: of booleans whether one holds, of integers bit by bit.

    Example:
        >>> import autograd_lite as ag
        >>> ag.bitwise_or(ag.tensor([True, False]), True)
        Tensor([ True,  True])
    """
    return (np.bitwise_or(x, y),)


@op
def bitwise_xor(x: Array, y: Array, /) -> tuple[Any, ...]:
    """x ^ y, elementwise: of booleans whether they differ, of integers bit by bit.

    Example:
        >>> import autograd_lite as ag
        >>> ag.bitwise_xor(ag.tensor([True, False]), True)
        Tensor([False,  True])
    """
    return (np.bitwise_xor(x, y),)


@op
def invert(x: Array, /) -> tuple[Any, ...]:
    """~x, elementwise: of booleans the opposite, of integers all bits flipped.

    Example:
        >>> import autograd_lite as ag
        >>> ag.invert(ag.tensor([True, False]))
        Tensor([False,  True])
    """
    return (np.invert(x),)
