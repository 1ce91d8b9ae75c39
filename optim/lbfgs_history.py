"""What L-BFGS remembers, and the direction that follows from it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from .flat import Flat
from .state import Unlocked

if TYPE_CHECKING:
    from numpy.typing import DTypeLike, NDArray

    from autograd_lite.tensor import Tensor


class History(Unlocked):
    """The last steps s and the changes y of the gradient that they made.

    They stand for the inverse H of the Hessian of a function of all parameters in one vector: the
    one that BFGS makes of them, from a multiple of the identity.

    Args:
        most: how many pairs are kept.
        size: the length of the vector.
        dtype: its dtype.

    Source:
        Liu and Nocedal, "On the limited memory BFGS method for large scale optimization", 1989.

    Example:
        >>> history = History(5, size=2, dtype=float)
        >>> for s in np.eye(2):
        ...     _ = history.push(s, np.array([2.0, 8.0]) * s)  # of the function x^2 + 4 y^2
        >>> history.direction(np.array([1.0, 1.0]), out=np.empty(2))
        array([-0.5  , -0.125])
    """

    def __init__(self, most: int, size: int, dtype: DTypeLike) -> None:
        self.steps = np.empty((most, size), dtype)  # rings of rows: memory is taken as they fill
        self.changes = np.empty((most, size), dtype)
        self.curvatures = [0.0] * most  # s y
        self.count = 0
        self.next = 0
        self.scratch = np.empty(size, dtype)

    def push(self, step: NDArray[Any], change: NDArray[Any]) -> bool:
        """Remember a pair in place of the oldest one, unless the function curves downwards there.

        Args:
            step: s.
            change: y.

        Returns:
            Whether s y > eps y y, with the eps of the dtype: else H would not be positive.
        """
        curvature = float(step @ change)
        if not curvature > np.finfo(step.dtype).eps * float(change @ change):
            return False
        i = self.next
        self.steps[i], self.changes[i], self.curvatures[i] = step, change, curvature
        self.next = (i + 1) % len(self.curvatures)
        self.count = min(self.count + 1, len(self.curvatures))
        return True

    def direction(self, grad: NDArray[Any], out: NDArray[Any]) -> NDArray[Any]:
        """-H g, by two loops over the pairs.

        Args:
            grad: g.
            out: where to write.
        """
        np.negative(grad, out=out)
        newest_first = self._rows()[::-1]
        parts = {}
        for i in newest_first:
            parts[i] = float(self.steps[i] @ out) / self.curvatures[i]
            out -= np.multiply(self.changes[i], parts[i], out=self.scratch)
        if newest_first:
            i = newest_first[0]
            out *= self.curvatures[i] / float(self.changes[i] @ self.changes[i])
        for i in reversed(newest_first):
            rest = parts[i] - float(self.changes[i] @ out) / self.curvatures[i]
            out += np.multiply(self.steps[i], rest, out=self.scratch)
        return out

    def clear(self) -> None:
        """Forget all pairs."""
        self.count = self.next = 0

    def pairs(self) -> dict[str, Any]:
        """The pairs from the oldest to the newest, as copies."""
        rows = self._rows()
        return {
            "steps": self.steps[rows],
            "changes": self.changes[rows],
            "curvatures": [self.curvatures[i] for i in rows],
        }

    def load(self, pairs: dict[str, Any]) -> None:
        """Take over what `pairs` gave, as many of the newest as there is room for."""
        kept = slice(-len(self.curvatures), None)
        curvatures = list(pairs["curvatures"][kept])
        self.count = len(curvatures)
        self.next = self.count % len(self.curvatures)
        self.curvatures[: self.count] = curvatures
        if curvatures:
            self.steps[: self.count] = pairs["steps"][kept]
            self.changes[: self.count] = pairs["changes"][kept]

    def _rows(self) -> list[int]:
        """The rows from the oldest to the newest."""
        most = len(self.curvatures)
        return [(self.next - self.count + i) % most for i in range(self.count)]


def ready(
    memory: tuple[Flat, History] | None, params: list[Tensor], most: int
) -> tuple[Flat, History]:
    """The vectors and the history of some parameters: those there are, or new ones.

    New ones take over what there is, unless it is of another number of elements.

    Args:
        memory: the vectors and the history, if there are.
        params: the parameters.
        most: how many pairs to keep.
    """
    if memory and memory[0].fits(params) and len(memory[1].curvatures) == most:
        return memory
    flat = Flat(params)
    history = History(most, flat.size, flat.dtype)
    if memory and memory[0].size == flat.size:
        old, pairs = memory
        flat.direction[...], flat.previous[...] = old.direction, old.previous
        history.load(pairs.pairs())
    return flat, history


def restored(name: str, saved: Any, flat: Flat) -> tuple[History, bool]:
    """What L-BFGS saved of its history, for parameters in `flat`, whose vectors it sets.

    Args:
        name: who asks, for the message.
        saved: the pairs as arrays or lists, and a step that is pending, by name.
        flat: the vectors.

    Returns:
        The history, and whether a step is pending.

    Raises:
        ValueError: when it does not fit.
    """
    try:
        count = len(saved["curvatures"])
        shapes = {"steps": (count, flat.size), "changes": (count, flat.size)}
        arrays = {
            key: np.array(saved[key], flat.dtype).reshape(shapes.get(key, flat.size))
            for key in ("steps", "changes", "step", "grad")
            if key in saved
        }
        history = History(max(count, 1), flat.size, flat.dtype)
        history.load({**arrays, "curvatures": saved["curvatures"]})
        if "step" in arrays:
            flat.direction[...], flat.previous[...] = arrays["step"], arrays["grad"]
    except (KeyError, TypeError, ValueError) as error:
        message = (
            f"{name}: got a history that does not fit ({error}); expected what state_dict() gave,"
            f" of {flat.size} numbers in all parameters"
        )
        raise ValueError(message) from error
    return history, "step" in arrays
