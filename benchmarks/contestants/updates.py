"""Optimizers in NumPy, in place, for the peers that bring none: HIPS autograd and MyGrad."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    Update = Callable[[Sequence[Any]], None]


def clipped_sgd(weights: Sequence[Any], lr: float) -> Update:
    """Averaged momentum on clipped gradients."""
    slots = [(np.zeros_like(w), np.empty_like(w)) for w in weights]

    def move(w: Any, g: Any, v: Any, change: Any) -> None:
        np.clip(g, -1, 1, out=change)
        change *= 0.1
        v *= 0.9
        v += change
        w -= np.multiply(v, lr, out=change)

    def update(gradients: Sequence[Any]) -> None:
        for w, g, slot in zip(weights, gradients, slots, strict=True):
            move(w, g, *slot)

    return update


def descent(weights: Sequence[Any], lr: float) -> Update:
    """Plain gradient descent."""

    def update(gradients: Sequence[Any]) -> None:
        for w, g in zip(weights, gradients, strict=True):
            np.subtract(w, lr * g, out=w)

    return update


def adam(weights: Sequence[Any], lr: float) -> Update:
    """Adam, with two arrays of scratch for each parameter."""
    slots = [tuple(np.zeros_like(w) for _ in range(4)) for w in weights]
    t = 0

    def move(w: Any, g: Any, m: Any, v: Any, change: Any, root: Any) -> None:
        m *= 0.9
        m += np.multiply(g, 0.1, out=change)
        v *= 0.999
        np.multiply(g, g, out=change)
        v += np.multiply(change, 0.001, out=change)
        np.sqrt(np.multiply(v, 1 / (1 - 0.999**t), out=root), out=root)
        root += 1e-8
        np.multiply(m, lr / (1 - 0.9**t), out=change)
        w -= np.divide(change, root, out=change)

    def update(gradients: Sequence[Any]) -> None:
        nonlocal t
        t += 1
        for w, g, slot in zip(weights, gradients, slots, strict=True):
            move(w, g, *slot)

    return update
