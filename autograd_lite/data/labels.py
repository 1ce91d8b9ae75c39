"""Labels as a network's output has them: one column a class."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from autograd_lite.dtypes import as_dtype, get_default_dtype
from autograd_lite.errors import composite, describe
from autograd_lite.graph import array_of
from autograd_lite.tensor import Tensor

if TYPE_CHECKING:
    from numpy.typing import DTypeLike, NDArray


@composite("integers of any shape, and as many classes as fit into the memory")
def one_hot(labels: Any, num_classes: int | None = None, dtype: DTypeLike | None = None) -> Tensor:
    """A row for each label: 1 in the column of its class, 0 in the others.

    Args:
        labels: integers from 0 to num_classes - 1, of any shape: an array, a tensor, a number or
            nested lists.
        num_classes: how many columns; unless given, one more than the highest label. Give it where
            the labels at hand need not hold every class.
        dtype: the dtype of the result; the default one unless given.

    Returns:
        (..., num_classes) for labels of shape (...).

    Raises:
        TypeError: when the labels are no integers.
        ValueError: when a label is negative or not below `num_classes`, when `num_classes` is not a
            positive integer, or when there is no label to count the classes by.

    Source:
        Document 1: `np.eye(num_classes)[y]`.

    Example:
        >>> from autograd_lite.data import one_hot
        >>> one_hot([2, 0], num_classes=3)
        Tensor([[0., 0., 1.],
                [1., 0., 0.]])
    """
    array = array_of(labels)
    if array.size == 0 and not hasattr(labels, "dtype"):
        array = array.astype(np.intp)  # NumPy takes an empty list for floats
    if array.dtype.kind not in "iu":
        message = (
            f"one_hot: got labels {describe(array)}; expected integers, the numbers of the classes"
            " (convert with .astype(int), or number the names: np.unique(y, return_inverse=True))"
        )
        raise TypeError(message)
    classes = _count(array, num_classes)
    chosen = get_default_dtype() if dtype is None else as_dtype("one_hot", dtype)
    out = np.zeros((array.size, classes), chosen)
    out[np.arange(array.size), array.ravel()] = 1
    return Tensor(out.reshape(*array.shape, classes), copy=False)


def _count(labels: NDArray[Any], num_classes: int | None) -> int:
    """The number of classes, which all labels are below."""
    given = num_classes is not None
    if given and not (isinstance(num_classes, (int, np.integer)) and num_classes >= 1):
        message = f"one_hot: got num_classes={describe(num_classes)}; expected an integer above 0"
        raise ValueError(message)
    if not given and labels.size == 0:
        message = "one_hot: got no labels to count the classes by; give num_classes"
        raise ValueError(message)
    classes = int(labels.max()) + 1 if num_classes is None else int(num_classes)
    outside = labels[(labels < 0) | (labels >= classes)]
    if outside.size:
        limits = f"0 to {classes - 1}, for num_classes={classes}" if given else "0 or more"
        message = f"one_hot: got the label {outside[0]}; expected labels of {limits}"
        raise ValueError(message)
    return classes
