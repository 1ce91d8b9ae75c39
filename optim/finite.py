"""Refusing gradients that hold nan or infinity, before anything is changed by them."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from .groups import called
from .rows import values_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from autograd_lite.tensor import Tensor

    from .rows import Gradient


def refuse_not_finite(name: str, pairs: Iterable[tuple[Tensor, Gradient]]) -> None:
    """Raise an error that names the first parameter whose gradient is not finite, if one is.

    Args:
        name: who asks, for the message.
        pairs: parameters with their gradients.

    Raises:
        FloatingPointError: when one holds nan or infinity; it counts them and places the first.
    """
    given = list(pairs)
    bad = [i for i, (_, grad) in enumerate(given) if not is_finite(values_of(grad))]
    if not bad:
        return
    param, grad = given[bad[0]][0], np.asarray(given[bad[0]][1])
    wrong = ~np.isfinite(grad)
    count, nans = int(wrong.sum()), int(np.isnan(grad).sum())
    place = tuple(np.argwhere(wrong)[0].tolist())
    others = f" (and in {len(bad) - 1} more)" if len(bad) > 1 else ""
    message = (
        f"{name}: got {nans} nan and {count - nans} infinite among the {grad.size} values of the"
        f" gradient of {called(param)}, {tuple(grad.shape)} {grad.dtype}, number {bad[0]} of"
        f" those that have one{others}: the first, {grad[place]}, at {place}; expected numbers"
        " only, and changed nothing: leave this step out (except FloatingPointError:"
        " zero_grad()), lower lr, or find what made it with detect_anomaly()"
    )
    raise FloatingPointError(message)


def is_finite(array: NDArray[Any]) -> bool:
    """Whether an array holds no nan and no infinity.

    Example:
        >>> is_finite(np.array([1e30, 2e30], np.float32)), is_finite(np.array([1.0, np.nan]))
        (True, False)
    """
    flat = array.reshape(-1)
    with np.errstate(over="ignore", invalid="ignore"):
        squared = float(flat @ flat)  # one pass, nothing allocated
    return math.isfinite(squared) or bool(np.isfinite(flat).all())
