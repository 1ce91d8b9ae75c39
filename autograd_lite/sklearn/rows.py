"""What rows count for, and which of them are held out."""

from __future__ import annotations

import math
from numbers import Number
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from sklearn.utils import assert_all_finite, check_array

from autograd_lite.errors import describe
from autograd_lite.optim.settings import at_least_zero

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray


class Rows(NamedTuple):
    """Features, targets, and weights (None where all are equal), row by row."""

    x: NDArray[Any]
    y: NDArray[Any]
    weight: NDArray[np.float64] | None

    def take(self, rows: NDArray[Any]) -> Rows:
        """Some of the rows, by their numbers or by a mask."""
        return Rows(self.x[rows], self.y[rows], None if self.weight is None else self.weight[rows])

    def counting(self, name: str) -> Rows:
        """The rows whose weight is not 0: the others are as if they were not there.

        Raises:
            ValueError: when none is left; it begins with `name`.
        """
        if self.weight is None or self.weight.all():
            return self
        if not self.weight.any():
            message = (
                f"{name}: got weights that are all zero (sample_weight, times class_weight);"
                " expected at least one above 0"
            )
            raise ValueError(message)
        return self.take(self.weight > 0)

    def weighted(self, name: str, by_class: Any, classes: Any) -> Rows:
        """The rows with their weights times those of their classes, if `by_class` is not None."""
        if by_class is None:
            return self
        weight = by_class[classes] * (1.0 if self.weight is None else self.weight)
        return self._replace(weight=weight).counting(name)

    def cast(self, dtype: np.dtype[Any]) -> Rows:
        """The rows with their floats in another dtype, and in C's order.

        Raises:
            ValueError: when that cannot hold one of them.
        """
        with np.errstate(over="ignore", invalid="ignore"):  # it is an error, and no warning
            x, y = (
                np.ascontiguousarray(part, dtype) if part.dtype.kind == "f" else part
                for part in self[:2]
            )
            assert_all_finite(x, input_name="X")
            assert_all_finite(y, input_name="y")
        return Rows(x, y, self.weight)


def check_held(name: str, held: tuple[Any, ...], *, used: bool) -> None:
    """Refuse validation data, X_val and y_val and more, that are not `used`, or are half of them.

    Raises:
        ValueError: when they are.
    """
    if (held[0] is None) is not (held[1] is None):
        message = f"{name}.fit: got one of X_val and y_val; expected both, or none of them"
        raise ValueError(message)
    if held[0] is not None and not used:
        message = (
            f"{name}.fit: got X_val, and early_stopping=False, which does not use it; expected"
            " early_stopping=True"
        )
        raise ValueError(message)


def checked_weight(name: str, weight: Any, x: NDArray[Any]) -> NDArray[np.float64] | None:
    """`sample_weight` as an array: one finite number from 0 for each row.

    Raises:
        ValueError: when it is anything else.
    """
    if weight is None:
        return None
    if isinstance(weight, Number):
        weight = np.full(len(x), weight)
    array = check_array(weight, ensure_2d=False, dtype=np.float64, input_name="sample_weight")
    if array.shape != (len(x),):
        message = (
            f"{name}: got sample_weight of shape {array.shape}; expected one number for each row,"
            f" ({len(x)},)"
        )
        raise ValueError(message)
    if array.min() < 0:
        message = f"{name}: got a sample_weight of {array.min():.4g}; expected numbers from 0"
        raise ValueError(message)
    return np.asarray(array)


def class_weights(
    name: str, given: Any, classes: NDArray[Any], index: NDArray[Any], weight: Any
) -> NDArray[np.float64]:
    """What a row of each class counts for, by `class_weight`.

    Args:
        name: the estimator, for the message.
        given: "balanced", or a dict from classes to numbers; 1 for those that it has not.
        classes: the classes.
        index: the class of each row.
        weight: the `sample_weight` of each row, or None: a row counts as often in "balanced".

    Raises:
        ValueError: when it is something else, or knows classes that there are not.
    """
    if isinstance(given, str) and given == "balanced":
        totals = np.bincount(index, weights=weight, minlength=len(classes))
        present = totals > 0
        even = np.ones(len(classes))
        np.divide(totals.sum(), present.sum() * totals, out=even, where=present)
        return even
    if not isinstance(given, dict):
        message = (
            f"{name}: got class_weight={describe(given)}; expected a dict such as {{0: 1, 1: 5}},"
            " 'balanced', or None"
        )
        raise ValueError(message)  # noqa: TRY004  # another word is a wrong value, not a type
    return _by_class(name, given, classes.tolist())


def _by_class(name: str, given: Mapping[Any, Any], classes: list[Any]) -> NDArray[np.float64]:
    unknown = [label for label in given if label not in classes]
    if unknown:
        message = f"{name}: got class_weight for {unknown}; expected some of the classes {classes}"
        raise ValueError(message)
    if not all(map(at_least_zero, given.values())):
        message = f"{name}: got class_weight={describe(given)}; expected finite numbers from 0"
        raise ValueError(message)
    return np.array([given.get(label, 1.0) for label in classes], np.float64)


def held_out(
    name: str, count: int, fraction: float, classes: NDArray[Any] | None, source: Any
) -> NDArray[np.bool_]:
    """Which rows are held out for validation: a random part, of each class as large a one.

    The rows are shuffled, sorted by class, and taken at equal distances. So there may be more
    classes than rows to hold out, which scikit-learn's `train_test_split` refuses. A class of one
    row is not held out.

    Args:
        name: the estimator, for the message.
        count: the number of rows.
        fraction: how large a part; at least two rows are held out.
        classes: the class of each row, or None.
        source: what draws.

    Raises:
        ValueError: when there are too few rows to leave one.
    """
    wanted = max(2, math.ceil(fraction * count))
    if wanted >= count:
        message = (
            f"{name}: got n_samples = {count} and validation_fraction={fraction}; expected enough"
            f" rows to hold {wanted} out and to train on others: give more data, a smaller part,"
            " X_val and y_val, or early_stopping=False"
        )
        raise ValueError(message)
    order = source.permutation(count)
    if classes is not None:
        order = order[np.argsort(classes[order], kind="stable")]
        several = order[np.bincount(classes)[classes[order]] > 1]
        order = several if len(several) >= wanted else order
    mask = np.zeros(count, np.bool_)
    mask[order[((np.arange(wanted) + 0.5) * len(order) / wanted).astype(np.intp)]] = True
    return mask
