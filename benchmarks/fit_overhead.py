"""What `fit` costs beside the loop that it stands for, on two networks of full batches.

python benchmarks/fit_overhead.py
"""

from __future__ import annotations

import statistics
import time
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
from threadpoolctl import threadpool_limits

import autograd_lite as ag
from autograd_lite import nn, optim

if TYPE_CHECKING:
    from collections.abc import Callable

STEPS, ROUNDS = 200, 41


def network(sizes: list[int]) -> tuple[nn.Module, optim.Optimizer]:
    """A network of leaky layers, as document 1 has them, and its optimizer."""
    ag.manual_seed(0)
    layers: list[nn.Module] = []
    for inputs, outputs in pairwise(sizes[:-1]):
        layers += [nn.Linear(inputs, outputs, init_method="he_leaky"), nn.LeakyReLU(alpha=0.01)]
    layers += [nn.Linear(sizes[-2], sizes[-1], init_method="xavier"), nn.Sigmoid()]
    model = nn.Sequential(layers)
    return model, optim.SGD(model.parameters(), lr=0.1, momentum=0.9, clip_value=1.0)


def by_hand(sizes: list[int], x: Any, y: Any) -> list[float]:
    """The loop that one would write."""
    model, optimizer = network(sizes)
    loss_function = nn.BCELoss(reduction="sum")
    losses = []
    for _ in range(STEPS):
        loss = loss_function(model(x), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item() / len(x))
    return losses


def by_fit(sizes: list[int], x: Any, y: Any, epochs: int = STEPS) -> list[float]:
    """The same by `fit`: an epoch a step, or fewer epochs of more steps."""
    model, optimizer = network(sizes)
    loss, batches = nn.BCELoss(reduction="sum"), [(x, y)] * (STEPS // epochs)
    history = ag.fit(model, loss, optimizer, batches, epochs=epochs, progress=False)
    return history["loss"]


def seconds(run: Callable[..., list[float]], *arguments: Any) -> float:
    """The time that the processor gave to a run, which a busy machine changes less."""
    started = time.process_time()
    run(*arguments)
    return time.process_time() - started


def compare(name: str, sizes: list[int], points: int) -> None:
    """Time both by turns, after a check that they compute the same."""
    generator = np.random.default_rng(0)
    x = ag.Tensor(generator.uniform(-1, 1, (points, sizes[0])).astype(np.float32))
    y = ag.Tensor((generator.uniform(size=(points, 1)) > 0.5).astype(np.float32))
    assert by_hand(sizes, x, y) == by_fit(sizes, x, y)
    for epochs in STEPS, 1:
        times = [
            (seconds(by_hand, sizes, x, y), seconds(by_fit, sizes, x, y, epochs))
            for _ in range(ROUNDS)
        ]
        hand, fit = (1e6 * statistics.median(ts) / STEPS for ts in zip(*times, strict=True))
        ratio = statistics.median(fit / hand for hand, fit in times)
        print(
            f"{name:20s} {STEPS // epochs:4d} steps an epoch: by hand {hand:7.1f} us a step,"
            f" by fit {fit:7.1f}, {fit - hand:5.1f} more: {ratio - 1:+.1%}"
        )


if __name__ == "__main__":
    with threadpool_limits(1):
        compare("spiral, 500 points", [2, 128, 64, 1], 500)
        compare("network of 5 points", [2, 64, 1], 5)
