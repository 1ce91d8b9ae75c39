"""What losses and layers ask of their input, each an error with the way out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from autograd_lite.dtypes import as_array, get_default_dtype
from autograd_lite.errors import describe
from autograd_lite.tensor import Tensor

from .functional import as_tensor

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray


def check_finite(x: Any, name: str = "x") -> None:
    """Refuse an array or tensor that holds nan or infinity: for data, before it is trained on.

    Args:
        x: an array, a tensor, a number, or nested lists.
        name: what the error calls it.

    Raises:
        ValueError: when a value is nan or infinite; it counts them and places the first.

    Example:
        >>> from autograd_lite import nn
        >>> try:
        ...     nn.check_finite([[1.0, 2.0], [3.0, float("nan")]], "X")
        ... except ValueError as error:
        ...     print(error)
        check_finite: got 1 of 4 values of X not finite, the first, nan, at (1, 1); expected numbers
        only: drop or fill what np.isfinite marks
    """
    refuse_not_finite("check_finite", x, name)


def refuse_not_finite(name: str, x: Any, what: str) -> None:
    """As `check_finite`, in the name of a layer or a loss."""
    values = as_tensor(x)._data
    if values.dtype.kind != "f" or np.isfinite(values).all():
        return
    wrong = np.argwhere(~np.isfinite(values))
    place = tuple(wrong[0].tolist())
    message = (
        f"{name}: got {len(wrong)} of {values.size} values of {what} not finite, the first,"
        f" {values[place]}, at {place}; expected numbers only: drop or fill what np.isfinite marks"
    )
    raise ValueError(message)


def as_floats(x: Any) -> Tensor:
    """`x` as a tensor of floats: in its own dtype, or the default one for integers."""
    x = as_tensor(x)
    return x if x.dtype.kind == "f" else as_tensor(x, get_default_dtype())


def same_shape(name: str, prediction: Tensor, target: Tensor) -> None:
    """Refuse shapes that differ: (n,) against (n, 1) would broadcast to (n, n) without a word."""
    if prediction.shape != target.shape:
        way_out = (
            "reshape the target: y.reshape(p.shape)"
            if prediction.size == target.size
            else "one target for each prediction"
        )
        message = (
            f"{name}: got predictions of shape {prediction.shape} and targets of shape"
            f" {target.shape}; expected the same shape: {way_out}"
        )
        raise ValueError(message)


def check_unit(name: str, x: Tensor, what: str, way_out: str) -> None:
    """Refuse values outside [0, 1]; nan passes, so a diverged run shows itself in the loss."""
    if x.size == 0:
        return
    low, high = x._data.min(), x._data.max()
    if low < 0 or high > 1:
        message = (
            f"{name}: got {what} from {low:.4g} to {high:.4g}; expected values in [0, 1]: {way_out}"
        )
        raise ValueError(message)


def check_distribution(name: str, x: Tensor, what: str, way_out: str) -> None:
    """Refuse rows that are not probabilities with sum 1, up to rounding; nan passes, as above."""
    rows = x._data
    if rows.size == 0:
        return
    slack = max(1e-3, 20 * float(np.finfo(rows.dtype).eps)) if rows.dtype.kind == "f" else 0.0
    sums = rows.sum(axis=-1)
    wrong = np.abs(sums - 1) > slack
    if rows.min() >= -slack and not wrong.any():
        return
    wrong = wrong | (rows.min(axis=-1) < -slack)
    if not wrong.any():
        return  # a nan
    place = tuple(np.argwhere(wrong)[0].tolist())
    row = rows[place].astype(float)
    where = f"row {', '.join(map(str, place))}" if place else "they"
    message = (
        f"{name}: got {what} that are no distribution: {where} go from {row.min():.4g} to"
        f" {row.max():.4g} with sum {sums[place]:.4g}; expected numbers from 0, with sum 1 along"
        f" the last axis: {way_out}"
    )
    raise ValueError(message)


def class_targets(name: str, p: Tensor, y: Any) -> Tensor:
    """Targets as rows of probabilities, in the shape and dtype of the predictions.

    Args:
        name: the loss, for the error message.
        p: (..., classes), the predictions.
        y: class indices of shape (...), or one-hot or other distributions of shape (..., classes).

    Raises:
        ValueError: when the shape is neither, or rows are no distributions.
        TypeError: when class indices are not integers.
        IndexError: when a class index is out of range.
    """
    if p.ndim == 0 or p.shape[-1] == 0:
        message = f"{name}: got predictions of shape {p.shape}; expected (..., classes)"
        raise ValueError(message)
    target = as_tensor(y)
    if target.shape == p.shape:
        check_distribution(
            name, target, "targets", "one-hot rows, or give the class indices themselves"
        )
        return as_tensor(target, p.dtype)
    if target.shape != p.shape[:-1]:
        way_out = "one class index or one row for each prediction"
        if target.shape == (*p.shape[:-1], 1):
            way_out = "drop the last axis of the class indices: y[..., 0]"
        elif target.size == p.size:
            way_out = "reshape the rows: y.reshape(p.shape)"
        message = (
            f"{name}: got predictions of shape {p.shape} and targets of shape {target.shape};"
            f" expected class indices {p.shape[:-1]} or rows {p.shape}: {way_out}"
        )
        raise ValueError(message)
    index = indices(name, "class index", target, p.shape[-1], "classes")
    rows = np.zeros((index.size, p.shape[-1]), p.dtype)
    rows[np.arange(index.size), index.reshape(-1)] = 1
    return Tensor(rows.reshape(p.shape), copy=False)


def class_indices(name: str, p: Tensor, y: Any) -> NDArray[Any] | None:
    """The targets if they are class indices, None if they are anything else; see `class_targets`.

    Raises:
        TypeError: when they are not integers.
        IndexError: when one is out of range.
    """
    target = y._data if isinstance(y, Tensor) else as_array(y)
    if p.ndim == 0 or not p.shape[-1] or target.shape != p.shape[:-1]:
        return None
    return indices(name, "class index", target, p.shape[-1], "classes")


def indices(name: str, what: str, x: Any, count: int, counted: str) -> NDArray[Any]:
    """`x` as integers from 0 to `count` - 1.

    Raises:
        TypeError: when they are not integers.
        IndexError: when one is out of range; it has the index, its position, and the count.
    """
    index = x._data if isinstance(x, Tensor) else as_array(x)
    if index.dtype.kind not in "iu" and index.size:
        message = (
            f"{name}: got {what} of dtype {index.dtype}; expected integers:"
            f" y.astype(int), if these are numbers of {counted}"
        )
        raise TypeError(message)
    whole = np.asarray(index, np.intp)
    if whole.size and np.maximum.reduce(whole.view(np.uintp), axis=None) >= count:  # or negative
        place = tuple(np.argwhere((index < 0) | (index >= count))[0].tolist())
        message = (
            f"{name}: got {what} {index[place]} at position {describe_place(place)};"
            f" expected 0 to {count - 1}, for there are {count} {counted}:"
            f" count from 0, or make room for more {counted}"
        )
        raise IndexError(message)
    return whole


def describe_place(place: tuple[int, ...]) -> str:
    """A position as it is written in brackets: 3, or (1, 2)."""
    return str(place[0]) if len(place) == 1 else str(place)


def share(name: str, setting: str, value: Any) -> float:
    """`value` as a float if it is from 0 to 1, else an error that names the setting."""
    return number(name, setting, value, lambda v: 0 <= v <= 1, "a share, from 0 to 1")


def positive(name: str, setting: str, value: Any) -> float:
    """`value` as a float if it is above 0, else an error that names the setting."""
    return number(name, setting, value, lambda v: v > 0, "a number above 0")


def number(name: str, setting: str, value: Any, valid: Callable[[float], bool], what: str) -> float:
    """`value` as a float if it is a number and valid, else an error that names the setting."""
    if not _is_number(value) or not valid(value):
        message = f"{name}: got {setting}={describe(value)}; expected {what}"
        raise ValueError(message)
    return float(value)


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float, np.number)) and not isinstance(value, bool)
