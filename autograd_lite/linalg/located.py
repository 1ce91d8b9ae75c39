"""Which matrix of a stack LAPACK failed at, and the face of a gradient that a failure stops."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from autograd_lite.ops.spectral import svdvals

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from autograd_lite.node import Array


def located(function: Callable[..., Any], a: NDArray[Any], *rest: Any) -> Any:
    """`function(a, *rest)`, whose error says which matrix of a stack is the first that is wrong."""
    try:
        return function(a, *rest)
    except np.linalg.LinAlgError as error:
        if np.ndim(a) < 3 or a.shape[-1] != a.shape[-2]:
            raise
        at = next((at for at in np.ndindex(a.shape[:-2]) if fails(function, a[at])), None)
        message = f"{error}, at {at} of the stack"
        raise np.linalg.LinAlgError(message) from error


def fails(function: Callable[..., Any], a: NDArray[Any]) -> bool:
    """Whether LAPACK cannot treat the matrix `a`; a function of two arrays gets it twice."""
    try:
        function(a, a) if function is np.linalg.solve else function(a)
    except np.linalg.LinAlgError:
        return True
    return False


def require_full_rank(name: str, a: Array) -> None:
    """Refuse the gradient of a factor where a matrix has not as many independent columns as it has.

    Args:
        name: the function whose gradient it is.
        a: (..., n, n), the triangular factor.

    Raises:
        LinAlgError: where the smallest singular value is no larger than n eps times the largest.
    """
    values: Any = getattr(a, "_data", a)
    s = svdvals(values)
    if not s.shape[-1]:
        return
    low = s[..., -1] <= s.shape[-1] * np.finfo(values.dtype).eps * s[..., 0]
    if low.any():
        at = tuple(int(i) for i in np.argwhere(low)[0])
        matrix = f"matrix {at} of the stack" if at else "the matrix"
        message = (
            f"{name}: {matrix} has linearly dependent columns, at which {name} has no derivative;"
            " expected full column rank: drop columns, or use pinv, lstsq or svdvals"
        )
        raise np.linalg.LinAlgError(message)
