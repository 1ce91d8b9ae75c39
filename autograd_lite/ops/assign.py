"""Items assigned: x[index] = y as a function, and what picks by conditions and writes back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from autograd_lite.dtypes import as_array
from autograd_lite.errors import composite
from autograd_lite.graph import array_of, op_expecting
from autograd_lite.ops.arithmetic import where
from autograd_lite.ops.form import along, zeros_like
from autograd_lite.ops.index import getitem, may_repeat, plain_index
from autograd_lite.ops.shape import reshape

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from autograd_lite.node import Array
    from autograd_lite.tensor import Tensor

_ITEMS = (
    "an index within the shape, and a value that broadcasts to what it picks and whose kind of"
    " dtype x can hold (astype)"
)


@composite(_ITEMS)
def setitem(x: Any, index: Any, value: Any) -> Tensor:
    """A copy of x in which the elements that `index` picks are `value`: x[index] = value.

    Where an index picks an element twice, it takes the value that comes last, as in NumPy; the
    gradient of `value` is that of what was taken, and the gradient of x is 0 where it was replaced.

    Args:
        x: an array, whose dtype the result has.
        index: as in x[index].
        value: an array that broadcasts to x[index].

    Raises:
        IndexError: when the index does not fit the shape.
        ValueError: when `value` does not broadcast.
        TypeError: when x is of integers and `value` of floats, or the like.

    Example:
        >>> import autograd_lite as ag
        >>> ag.setitem(ag.zeros(3), slice(1, None), ag.tensor([5.0, 7.0]))
        Tensor([0., 5., 7.])
    """
    return _setitem(x, fitting(x, value), index)


def fitting(x: Any, value: Any) -> Any:
    """`value`, if the dtype of x can hold its kind: a list as an array of that dtype."""
    dtype = array_of(x).dtype
    if isinstance(value, (list, tuple)):
        value = np.asarray(value)
    kind = array_of(value).dtype
    weak = type(value) is int and dtype.kind in "iu"
    if not weak and not np.can_cast(kind, dtype, "same_kind"):
        message = f"values of {kind} would be cut to {dtype}"
        raise TypeError(message)
    return as_array(value, dtype) if isinstance(value, np.ndarray) else value


@op_expecting(_ITEMS)
def _setitem(x: Array, y: Array, /, index: Any) -> tuple[Any, ...]:
    """`setitem` as an op, whose arrays come first."""
    plain, axes = plain_index(index), np.ndim(y)
    out = np.array(x, order="C")
    kept = np.ones(out.shape, bool)
    kept[plain] = False
    won = None
    if may_repeat(plain):
        won = write_last(out, plain, y)
    else:
        out[plain] = y
    return (
        out,
        lambda g: where(kept, g, 0),
        lambda g: _of_axes(
            getitem(g, plain) if won is None else where(won, getitem(g, plain), 0), axes
        ),
    )


def _of_axes(g: Array, least: int) -> Array:
    """g with axes of size 1 before its own, which a value may have had too many."""
    return reshape(g, (1,) * (least - g.ndim) + g.shape) if g.ndim < least else g


def write_last(out: NDArray[Any], index: Any, y: Any) -> NDArray[np.bool_] | None:
    """Assign y to `out` at `index`; tell which of its elements are there now, or None for all.

    In what order NumPy goes through an array of integers is its own affair. So it goes through the
    numbers of the elements, and these say which is taken.
    """
    last = np.full(out.shape, -1)
    number = np.arange(last[index].size).reshape(last[index].shape)
    last[index] = number
    taken = last >= 0
    if np.count_nonzero(taken) == number.size:
        out[index] = y
        return None
    out[taken] = _flat(y, number.shape)[last[taken]]
    won: NDArray[np.bool_] = last[index] == number
    return won


def _flat(y: Any, shape: tuple[int, ...]) -> NDArray[Any]:
    """The elements of y after broadcasting to `shape`, beyond which it may have axes of size 1."""
    array = np.asarray(y)
    extra = array.ndim - len(shape)
    if extra > 0 and array.shape[:extra] == (1,) * extra:
        array = array.reshape(array.shape[extra:])
    return np.broadcast_to(array, shape).reshape(-1)


@composite("a mask for the axis, and an axis from -ndim to ndim - 1")
def compress(condition: Any, x: Any, axis: int | None = None) -> Tensor:
    """The parts of x along an axis for which `condition` holds; None flattens x first.

    Example:
        >>> import autograd_lite as ag
        >>> ag.compress([False, True], ag.tensor([[1.0, 2.0], [3.0, 4.0]]), axis=0)
        Tensor([[3., 4.]])
    """
    if axis is None:
        x, axis = reshape(x, -1), 0
    (places,) = np.nonzero(plain_index(condition))
    return getitem(x, along(axis % np.ndim(x), places))


@composite("a condition of as many elements as x")
def extract(condition: Any, x: Any) -> Tensor:
    """The elements of x for which `condition` holds, in a row.

    Example:
        >>> import autograd_lite as ag
        >>> x = ag.tensor([1.0, 2.0, 3.0])
        >>> ag.extract(x > 1, x)
        Tensor([2., 3.])
    """
    return compress(np.ravel(plain_index(condition)), x)


@composite("as many conditions as choices, at least one, that broadcast together")
def select(condlist: Sequence[Any], choicelist: Sequence[Any], default: Any = 0) -> Tensor:
    """The choice whose condition is the first that holds, element by element, or `default`.

    Args:
        condlist: arrays of booleans.
        choicelist: as many arrays.
        default: what is taken where no condition holds.

    Example:
        >>> import autograd_lite as ag
        >>> x = ag.tensor([-1.0, 0.5, 2.0])
        >>> ag.select([x < 0, x < 1], [-x, x * 10])
        Tensor([1., 5., 0.])
    """
    conditions, choices = list(condlist), list(choicelist)
    if len(conditions) != len(choices) or not choices:
        message = f"{len(conditions)} conditions for {len(choices)} choices"
        raise ValueError(message)
    result: Any = default
    for condition, choice in zip(reversed(conditions), reversed(choices), strict=True):
        result = where(condition, choice, result)
    return result  # type: ignore[no-any-return]  # of an op


@composite("integers from 0 that say which choice, and choices that broadcast with them")
def choose(x: Any, choices: Sequence[Any]) -> Tensor:
    """The choice whose number x says, element by element.

    Args:
        x: an array of integers from 0 to len(choices) - 1.
        choices: arrays.

    Raises:
        ValueError: when x holds another number.

    Example:
        >>> import autograd_lite as ag
        >>> ag.choose(np.array([0, 1, 0]), [ag.zeros(3), ag.ones(3)])
        Tensor([0., 1., 0.])
    """
    number = np.asarray(plain_index(x))
    options = list(choices)
    if number.dtype.kind not in "iub" or np.any((number < 0) | (number >= len(options))):
        message = f"{len(options)} choices"
        raise ValueError(message)
    result = options[-1]
    for i, option in reversed(list(enumerate(options[:-1]))):
        result = where(number == i, option, result)
    shape = np.broadcast_shapes(number.shape, np.shape(result))
    return where(np.ones(shape, bool), result, 0) if np.shape(result) != shape else result


@composite("conditions of the shape of x, and a function or value for each, or one more")
def piecewise(x: Any, condlist: Any, funclist: Sequence[Any]) -> Tensor:
    """A function that is defined in pieces: each is computed where its condition holds, only.

    So a piece gives no nan where it is not taken, nor does its gradient.

    Args:
        x: an array.
        condlist: arrays of booleans of the shape of x; where several hold, the last counts.
        funclist: a function or value for each, and perhaps one for where none holds.

    Example:
        >>> import autograd_lite as ag
        >>> x = ag.tensor([-1.0, 4.0], requires_grad=True)
        >>> y = ag.piecewise(x, [x > 0], [ag.sqrt, 0.0])
        >>> y.sum().backward()
        >>> y.numpy(), x.grad
        (array([0., 2.], dtype=float32), Tensor([0.  , 0.25]))
    """
    given = plain_index(tuple(condlist)) if isinstance(condlist, (list, tuple)) else condlist
    conditions = [np.asarray(c, bool) for c in np.atleast_1d(np.asarray(given))]
    if conditions and np.shape(x) and conditions[0].ndim == 0:
        conditions = [np.asarray(given, bool)]
    pieces = list(funclist)
    if len(pieces) == len(conditions) + 1:
        rest = ~np.any(conditions, axis=0)
        conditions.append(rest)
    if len(pieces) != len(conditions):
        message = f"{len(pieces)} functions for {len(conditions)} conditions"
        raise ValueError(message)
    result = zeros_like(x)
    for condition, piece in zip(conditions, pieces, strict=True):
        value = piece(getitem(x, condition)) if callable(piece) else piece
        result = setitem(result, condition, value)
    return result
