"""What `fit` costs beside the loop that it stands for.

python benchmarks/fit_overhead.py

First of steps that do nothing, then of two networks of full batches: in times of the processor, of
a single thread, which a busy machine changes less than those of a clock.
"""

from __future__ import annotations

import os

os.environ["OPENBLAS_NUM_THREADS"] = "1"

import statistics
import time
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

import autograd_lite as ag
from autograd_lite import nn, optim

if TYPE_CHECKING:
    from collections.abc import Callable

STEPS, ROUNDS = 400, 21
Made = tuple[nn.Module, Any, optim.Optimizer]


class Nothing(nn.Module):
    """A model that returns what it is given."""

    def __init__(self) -> None:
        self.weight = nn.Parameter(1.0)

    def forward(self, x: Any) -> Any:
        """Return it."""
        return x


class Still(optim.SGD):
    """An optimizer that changes nothing."""

    def step(self, closure: Callable[[], Any] | None = None) -> None:
        """Compute what is to be computed, and no more."""
        if closure is not None:
            closure()


class Constant(ag.Tensor):
    """A loss that was computed before, and needs no gradient."""

    def backward(self, *_: Any, **__: Any) -> None:
        """Do nothing."""


def nothing() -> Made:
    """A step in which only the loop itself takes time."""
    model, loss = Nothing(), Constant(np.float32(1.0))
    return model, lambda _, __: loss, Still(model.parameters())


def network(*sizes: int) -> Callable[[], Made]:
    """A network of leaky layers, as document 1 has them, and its rule."""

    def make() -> Made:
        ag.manual_seed(0)
        layers: list[nn.Module] = []
        for inputs, outputs in pairwise(sizes[:-1]):
            layers += [nn.Linear(inputs, outputs, init_method="he_leaky"), nn.LeakyReLU(alpha=0.01)]
        layers += [nn.Linear(sizes[-2], sizes[-1], init_method="xavier"), nn.Sigmoid()]
        model = nn.Sequential(layers)
        return model, nn.BCELoss(), optim.SGD(model.parameters(), lr=0.1, momentum=0.9)

    return make


def by_hand(made: Made, x: Any, y: Any, _: int) -> list[float]:
    """The loop that one would write."""
    model, loss_function, optimizer = made
    losses = []
    for _ in range(STEPS):
        loss = loss_function(model(x), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses


def by_fit(made: Made, x: Any, y: Any, epochs: int) -> list[float]:
    """The same by `fit`, in as many epochs."""
    batches = [(x, y)] * (STEPS // epochs)
    return ag.fit(*made, batches, epochs=epochs, progress=False)["loss"]


def seconds(run: Callable[..., list[float]], made: Made, *arguments: Any) -> float:
    """The time that the processor gave to a run."""
    started = time.process_time()
    run(made, *arguments)
    return time.process_time() - started


def compare(name: str, make: Callable[[], Made], points: int) -> None:
    """Time both by turns, after a check that they compute the same."""
    generator = np.random.default_rng(0)
    x = ag.Tensor(generator.uniform(-1, 1, (points, 2)).astype(np.float32))
    y = ag.Tensor((generator.uniform(size=(points, 1)) > 0.5).astype(np.float32))
    by_turns = [run(make(), x, y, STEPS) for run in (by_hand, by_fit)]
    assert np.allclose(*by_turns, rtol=1e-12)  # (loss n) / n may round
    for epochs in STEPS, 1:
        times = np.array(
            [
                [1e6 * seconds(run, make(), x, y, epochs) / STEPS for run in (by_hand, by_fit)]
                for _ in range(ROUNDS)
            ]
        )
        (hand, fit), least = np.median(times, axis=0), times.min(axis=0)
        ratio = statistics.median(times[:, 1] / times[:, 0])
        print(
            f"{name:20s} {STEPS // epochs:4d} steps an epoch: by hand {hand:7.1f} us a step, by fit"
            f" {fit:7.1f}, ratio {ratio:.3f}; the least {least[0]:7.1f} and {least[1]:7.1f}"
        )


if __name__ == "__main__":
    compare("nothing", nothing, 5)
    compare("spiral, 500 points", network(2, 128, 64, 1), 500)
    compare("network of 5 points", network(2, 64, 1), 5)
