"""More examples from one: other values of the same kind, and other numbers of rows."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, Any

import numpy as np

from autograd_lite.dtypes import as_array
from autograd_lite.tensor import Tensor

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

Arrays = list["NDArray[Any]"]


def arrays_of(example: Any) -> Arrays:
    """The arrays of an example, in memory of their own.

    Raises:
        TypeError: when one is not numeric.
    """
    given = example if isinstance(example, tuple) else (example,)
    arrays = []
    for i, x in enumerate(given):
        try:
            array = as_array(x._data if isinstance(x, Tensor) else x)
        except TypeError as error:
            message = f"to_onnx: input {i} of the example: {str(error).removeprefix('tensor: ')}"
            raise TypeError(message) from error
        arrays.append(array.astype(array.dtype.newbyteorder("="), order="C"))
    return arrays


def batched(arrays: Arrays) -> list[bool]:
    """Which inputs have the batch as their first axis: all that are as long as the first one."""
    rows = next((len(array) for array in arrays if array.ndim), None)
    return [array.ndim > 0 and len(array) == rows for array in arrays]


def varied(arrays: Arrays, batch: Sequence[bool], rows: int, seed: int) -> Arrays:
    """An example of `rows` rows whose values are others, of the same signs and no larger."""
    generator = np.random.default_rng(seed)
    return [
        _values(_rows(array, rows, generator) if is_batched else array, generator)
        for array, is_batched in zip(arrays, batch, strict=True)
    ]


def _rows(array: NDArray[Any], rows: int, generator: np.random.Generator) -> NDArray[Any]:
    if not len(array):
        return np.zeros((rows, *array.shape[1:]), array.dtype)
    return array[generator.integers(0, len(array), rows)]


def _values(array: NDArray[Any], generator: np.random.Generator) -> NDArray[Any]:
    """Floats shrink, each by another factor, and zeros become small; others change places."""
    if array.dtype.kind == "b":
        return generator.random(array.shape) < 0.5
    if array.dtype.kind != "f":
        if not array.size:
            return array.copy()
        low, high = (min(int(array.min()), 0), int(array.max()))
        return generator.integers(low, high, array.shape, array.dtype, endpoint=True)
    shrunk = array * generator.uniform(0.5, 0.95, array.shape)
    small = generator.uniform(0.05, 0.5, array.shape)
    return np.where(array == 0, small, shrunk).astype(array.dtype)


def input_names(model: Callable[..., Any], count: int) -> list[str]:
    """The names that the model's own `forward` gives its arguments."""
    try:
        signature = inspect.signature(getattr(model, "forward", model))
    except (TypeError, ValueError):
        return [f"input_{i}" for i in range(count)]
    kinds = inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD
    names = [p.name for p in signature.parameters.values() if p.kind in kinds]
    return [names[i] if i < len(names) else f"input_{i}" for i in range(count)]
