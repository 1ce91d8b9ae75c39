"""A step of rows alone: where a gradient consists of them, or is 0 elsewhere."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from autograd_lite.rows import Rows, rows_of

from .groups import gradient_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from autograd_lite.tensor import Tensor

Gradient: TypeAlias = "NDArray[Any] | Rows"


def gradient_or_rows(name: str, param: Tensor) -> Gradient:
    """The gradient of a parameter that has one: as its rows, if it consists of them.

    Args:
        name: who asks, for the message.
        param: the parameter.

    Raises:
        ValueError: when it has another shape than the parameter.
    """
    rows = rows_of(param.grad)
    if rows is None or rows.whole != param.shape:
        return gradient_of(name, param)
    return rows


def rows_that_count(grad: Gradient) -> Gradient:
    """A gradient as its rows that are not 0 throughout; as it is if all of them are not.

    Example:
        >>> rows_that_count(np.array([[0.0, 0.0], [0.0, np.nan], [0.0, 0.0]]))
        Rows([1] of (3, 2), float64)
    """
    if isinstance(grad, np.ndarray) and not grad.ndim:
        return grad
    values = values_of(grad)
    counts = values.any(axis=tuple(range(1, values.ndim)))
    if counts.all():
        return grad
    if isinstance(grad, Rows):
        return Rows([(grad.numbers[counts], values[counts])], grad.whole)
    return Rows([(np.flatnonzero(counts), values[counts])], grad.shape)


def values_of(grad: Gradient) -> NDArray[Any]:
    """The numbers of a gradient that need not be 0."""
    return grad.values if isinstance(grad, Rows) else grad


def update_rows(
    array: NDArray[Any],
    rows: Rows,
    state: dict[str, Any],
    update: Callable[[NDArray[Any], NDArray[Any], dict[str, Any]], None],
) -> None:
    """Take out the rows of a parameter and of its state, update them, and put them back.

    Args:
        array: the values of the parameter.
        rows: its gradient.
        state: arrays of the same shape, and numbers, by name.
        update: what changes arrays by a gradient, in place.

    Example:
        >>> def descend(a, g, state):
        ...     a -= g
        >>> table = np.zeros((3, 2))
        >>> update_rows(table, Rows([(np.array([1]), np.ones((1, 2)))], (3, 2)), {}, descend)
        >>> table.tolist()
        [[0.0, 0.0], [-1.0, -1.0], [0.0, 0.0]]
    """
    numbers = rows.numbers
    if not len(numbers):
        return
    part = array[numbers]
    arrays = {k: v[numbers] for k, v in state.items() if np.shape(v) == array.shape}
    update(part, rows.values, {**state, **arrays})
    array[numbers] = part
    for key, value in arrays.items():
        state[key][numbers] = value
