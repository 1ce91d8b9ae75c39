"""What the special functions share: real arrays, Chebyshev series, all cores."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from autograd_lite.threads import on_all_cores

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray


def elementwise(function: Callable[[NDArray[Any]], Any], x: Any, least: Any = np.float32) -> Any:
    """`function` of x in float64, or in float32 if `least` is that; in x's dtype if it is a float.

    Raises:
        TypeError: when x holds no real numbers.
    """
    array = np.asarray(x)
    if array.dtype.kind not in "fiub":
        message = f"cannot take numbers of dtype {array.dtype}"
        raise TypeError(message)
    dtype = array.dtype if array.dtype.kind == "f" else np.dtype(np.float64)

    def blockwise(part: NDArray[Any], out: NDArray[Any] | None = None) -> Any:
        with np.errstate(under="ignore"):
            values = function(part.astype(np.result_type(dtype, least), copy=False)).astype(dtype)
        if out is None:
            return values
        out[...] = values
        return out

    return on_all_cores(blockwise, array)


def chebyshev(terms: Sequence[float], u: Any) -> Any:
    """The sum of terms[k] T_k(u) for u in [-1, 1], by Clenshaw's recurrence."""
    twice = u + u
    b: Any = 0.0
    c: Any = 0.0
    for term in terms[:0:-1]:
        b, c = term + twice * b - c, b
    return terms[0] + u * b - c
