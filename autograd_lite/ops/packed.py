"""Several results as one array: a node holds one, so an op computes one, of which others cut."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from autograd_lite.ops.shape import reshape

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from autograd_lite.node import Array


def pack(arrays: Sequence[NDArray[Any]], batch: tuple[int, ...]) -> NDArray[Any]:
    """Arrays (*batch, ...) one after another, each flat, along the last axis of (*batch, size)."""
    sizes = [math.prod(a.shape[len(batch) :]) for a in arrays]
    flat = [a.reshape(*batch, size) for a, size in zip(arrays, sizes, strict=True)]
    return np.concatenate(flat, -1)


def cut(packed: Array, shapes: Sequence[tuple[int, ...]]) -> list[Array]:
    """The arrays (*batch, *shape) that were packed, or their gradients, by ops that record."""
    parts, start, batch = [], 0, packed.shape[:-1]
    for shape in shapes:
        end = start + math.prod(shape)
        parts.append(reshape(packed[..., start:end], (*batch, *shape)))
        start = end
    return parts
