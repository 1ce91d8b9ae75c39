"""Which matrix of a stack LAPACK failed at, and where a gradient has to stop."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from autograd_lite.graph import array_of

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


def require_full_rank(name: str, r: Array) -> None:
    """Refuse the gradient of factors where the columns of a matrix are linearly dependent.

    Args:
        name: the function whose gradient it is.
        r: (..., n, n), the triangular factor.

    Raises:
        LinAlgError: where the smallest diagonal element is no larger than n eps times the largest.
    """
    d = np.abs(np.diagonal(array_of(r), 0, -2, -1))
    limit = d.shape[-1] * np.finfo(d.dtype).eps * d.max(-1, keepdims=True, initial=0)
    low = (d <= limit).any(-1)
    if low.any():
        at = tuple(int(i) for i in np.argwhere(low)[0])
        matrix = f"matrix {at} of the stack" if at else "the matrix"
        message = (
            f"{name}: {matrix} has linearly dependent columns, at which {name} has no derivative;"
            " expected full column rank: drop columns, or use pinv, lstsq or svdvals"
        )
        raise np.linalg.LinAlgError(message)
