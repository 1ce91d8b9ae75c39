"""The data and the starting parameters of every workload: NumPy, float32, the same for all.

A contestant turns them into its own arrays before anything is timed.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import cycle, pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from numpy.typing import NDArray

SEED = 2026
POOL = 16  # batches that take turns, so that no step finds its input in a cache
MLP_WIDTHS = (784, 784, 256, 128, 10)
SLOPE = 0.01  # of leaky ReLU
EPS = 1e-7  # of the binary cross entropy
LENGTH = 1000  # of the chain of small ops


@dataclass
class Problem:
    """What a contestant is given.

    Attributes:
        weights: the parameters at the start; of layers W, b, W, b and so on.
        batches: the inputs of a step; steps take them by turns. One without arrays for none.
        constants: arrays that all steps use and that have no gradient.
    """

    weights: list[NDArray[np.float32]]
    batches: Sequence[tuple[NDArray[Any], ...]] = field(default_factory=lambda: [()])
    constants: list[NDArray[np.float32]] = field(default_factory=list)

    def turns(self, convert: Callable[[NDArray[Any]], Any]) -> Iterator[tuple[Any, ...]]:
        """The batches as a contestant's own arrays, without end."""
        return cycle([tuple(convert(array) for array in batch) for batch in self.batches])


@dataclass
class Job:
    """What a contestant gives back.

    Attributes:
        step: does one step and returns the loss; or the loss and the seconds of the forward pass,
            where a workload tells the passes apart. All work is done when it returns.
        gradients: the gradients of the last step, to be compared; None where the next loss tells
            whether they were right.
    """

    step: Callable[[], float | tuple[float, float]]
    gradients: Callable[[], list[NDArray[Any]]] | None = None


def layers(
    generator: np.random.Generator, widths: tuple[int, ...], gain: float = 2.0
) -> list[NDArray[np.float32]]:
    """W and b of each layer: He's normal, and zeros."""
    weights = []
    for inputs, outputs in pairwise(widths):
        weights.append(generator.standard_normal((inputs, outputs), np.float32))
        weights[-1] *= np.float32((gain / inputs) ** 0.5)
        weights.append(np.zeros((1, outputs), np.float32))
    return weights


def classifier(widths: tuple[int, ...] = MLP_WIDTHS, batch: int = 128) -> Problem:
    """A network for classes, with batches of pixels and labels."""
    generator = np.random.default_rng(SEED)
    pool = max(2, min(POOL, 16_384 // batch))
    weights = layers(generator, widths)
    batches = [
        (generator.random((batch, widths[0]), np.float32), generator.integers(0, widths[-1], batch))
        for _ in range(pool)
    ]
    return Problem(weights, batches)


def curvature() -> Problem:
    """The network of a, and a direction for its Hessian."""
    problem = classifier()
    generator = np.random.default_rng(SEED + 1)
    problem.constants = [generator.standard_normal(w.shape, np.float32) for w in problem.weights]
    return problem


def spiral(points: int) -> Problem:
    """Document 1's two noisy arms, scaled to [-1, 1], and its network."""
    generator = np.random.default_rng(SEED)
    arms = []
    for sign in (1, -1):
        angle = np.sqrt(generator.random(points // 2)) * 4 * np.pi
        radius = sign * (2 * angle + np.pi)
        arms.append(np.column_stack([radius * np.cos(angle), radius * np.sin(angle)]))
    x = np.concatenate(arms) + 1.2 * generator.standard_normal((points, 2))
    low, high = x.min(axis=0), x.max(axis=0)
    x = (2 * (x - low) / (high - low) - 1).astype(np.float32)
    y = np.repeat(np.array([0, 1], np.float32), points // 2)[:, None]
    return Problem(layers(generator, (2, 128, 64, 1)), [(x, y)])


def five_points() -> Problem:
    """Document 2's 5 points in 3 classes, and its network."""
    generator = np.random.RandomState(42)
    x = generator.randn(5, 2).astype(np.float32)
    first, second = (0.01 * generator.randn(*shape) for shape in ((2, 64), (64, 3)))
    weights = [first, np.zeros((1, 64)), second, np.zeros((1, 3))]
    return Problem([w.astype(np.float32) for w in weights], [(x, np.array([0, 1, 2, 1, 0]))])


def chain() -> Problem:
    """Two matrices of 8 x 8; the product stays finite over 1,000 ops."""
    return Problem([np.ones((8, 8), np.float32), np.full((8, 8), 1.0001, np.float32)])


def elements() -> Problem:
    """1,000,000 numbers, and as many constants, from 0.5 to 1.5."""
    generator = np.random.default_rng(SEED)
    x, constant = (generator.random(1_000_000, np.float32) + np.float32(0.5) for _ in range(2))
    return Problem([x], constants=[constant])


def numbers() -> Problem:
    """1,000,000 numbers from 0.5 to 1.5."""
    return Problem(elements().weights)


def elementwise(x: Any, c: Any, f: Any) -> Any:
    """The 20 ops, the same for all: `f` has exp, log, sqrt, tanh, sin, sigmoid and relu."""
    y = x * c + x
    y = f.tanh(y) - c
    y = f.exp(y) * 0.5 + 1.0
    y = f.sqrt(y) / c - x
    y = f.relu(y) + c
    y = f.log(y) * x
    y = f.sigmoid(y) / x
    y = f.sin(y)
    return f.exp(-(y * y))


def attention() -> Problem:
    """Sequences and targets; q, k, v and o, each W and b; scale and shift of the layer norm."""
    generator = np.random.default_rng(SEED)
    weights = [w for _ in range(4) for w in layers(generator, (128, 128), gain=1.0)]
    weights += [np.ones(128, np.float32), np.zeros(128, np.float32)]
    shape = (32, 64, 128)
    batches = [
        (generator.standard_normal(shape, np.float32), generator.standard_normal(shape, np.float32))
        for _ in range(4)
    ]
    return Problem(weights, batches)


def table() -> Problem:
    """A table of vectors, row numbers with natural duplicates, and weights for the rows."""
    generator = np.random.default_rng(SEED)
    rows = generator.standard_normal((4096, 64), np.float32)
    batches = [(generator.integers(0, 50_000, 4096),) for _ in range(POOL)]
    return Problem([generator.standard_normal((50_000, 64), np.float32)], batches, [rows])


PROBLEMS: dict[str, Callable[[], Problem]] = {
    "a": classifier,
    "b": classifier,
    "c500": lambda: spiral(500),
    "c1000": lambda: spiral(1000),
    "d": five_points,
    "e": chain,
    "f": elements,
    "g": attention,
    "h": numbers,
    "i": curvature,
    "j": table,
}


def build(workload: str) -> Problem:
    """The problem of a workload; "layers:8" and "batch:64" are those of growth.py."""
    name, _, size = workload.partition(":")
    if name == "layers":
        return classifier((256,) * (int(size) + 1) + (10,))
    if name == "batch":
        return classifier(batch=int(size))
    return PROBLEMS[name]()
