"""A tensor as text and as HTML: quickly, whatever its size, and without an error."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from autograd_lite.dtypes import get_default_dtype

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from autograd_lite.tensor import Tensor

_MOST = 1000  # numbers of a large array that are written
_MOST_HTML, _DIGITS_HTML, _WIDTH_HTML = 200, 4, 100  # in a notebook one looks, and copies nothing
_EVIDENT = (np.dtype(np.int64), np.dtype(np.bool_))


def as_text(tensor: Tensor) -> str:
    """A tensor as the code that makes it: the values, and what they do not tell."""
    name, array = type(tensor).__name__, _array(tensor)
    if array is None:
        return f"{name}(not ready)"
    parts = [_values(array, f"{name}(")]
    if array.size > np.get_printoptions()["threshold"] or array.size == 0:
        parts.append(f"shape={array.shape}")
    if array.dtype not in {get_default_dtype(), *_EVIDENT}:
        parts.append(f"dtype={array.dtype}")
    return f"{name}({', '.join([*parts, *_traits(tensor)])})"


def as_html(tensor: Tensor) -> str:
    """A tensor for a notebook: what it is, and below the values."""
    from autograd_lite.tables import safe  # noqa: PLC0415  # only notebooks need it

    name, array = type(tensor).__name__, _array(tensor)
    if array is None:
        return f"<code>{name} (not ready)</code>"
    traits = [f"{array.shape} {array.dtype}", *_traits(tensor)]
    options = np.get_printoptions()
    most, digits = min(options["threshold"], _MOST_HTML), min(options["precision"], _DIGITS_HTML)
    with np.printoptions(threshold=most, precision=digits, linewidth=_WIDTH_HTML):
        values = safe(_values(array, ""))
    return (
        f"<div><code><b>{safe(name)}</b> {safe(', '.join(traits))}</code>"
        f'<pre style="margin:2px 0 0 1em">{values}</pre></div>'
    )


def _array(tensor: Tensor) -> NDArray[Any] | None:
    """The values; None of a tensor that is only being made, as a debugger may show it."""
    array: NDArray[Any] | None = getattr(tensor, "_data", None)
    return array


def _traits(tensor: Tensor) -> Iterator[str]:
    """The name, and how it is in a graph."""
    label = getattr(tensor, "name", None)
    if label is not None:
        yield f"name={label!r}"
    if tensor.node is not None:
        yield "requires_grad=True" if tensor.is_leaf else f"op={tensor.node.name}"


def _values(array: NDArray[Any], prefix: str) -> str:
    """The values as NumPy writes them; of a large array fewer where it has many axes."""
    options = np.get_printoptions()
    edge: int = options["edgeitems"]
    if array.size > options["threshold"]:
        while edge > 1 and _written(array, edge) > _MOST:
            edge -= 1
        if _written(array, edge) > _MOST:  # even the ends of each axis are too many
            edge = options["edgeitems"]
            first, last = array.flat[:edge], array.flat[-edge:]
            ends = (np.array2string(part, separator=", ")[1:-1] for part in (first, last))
            return f"[{', ..., '.join(ends)}]"
    return np.array2string(array, separator=", ", prefix=prefix, edgeitems=edge)


def _written(array: NDArray[Any], edge: int) -> int:
    """How many numbers NumPy writes of a large array."""
    return math.prod(min(size, 2 * edge) for size in array.shape)
