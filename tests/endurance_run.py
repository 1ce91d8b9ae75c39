"""Trainings to repeat: their bits in a line, from this process, a thread, a child or a new process.

python -m tests.endurance_run                 the digest of each training, in a line
python -m tests.endurance_run memory 20000    the memory while one trains for as many steps
"""

from __future__ import annotations

import gc
import hashlib
import itertools
import sys
import tracemalloc
from pathlib import Path
from typing import Any

import numpy as np

import autograd_lite as ag
from autograd_lite import nn, optim
from autograd_lite.data import DataLoader


def spiral(seed: int, steps: int = 40) -> str:
    """Momentum, weight decay and clipping, on all points at once, by the library's generator."""
    ag.manual_seed(seed)
    turns = np.linspace(0.0, 2.0, 120, dtype=np.float32)
    angle = 6 * turns + np.arange(120) % 2 * np.pi
    x = np.stack([turns * np.cos(angle), turns * np.sin(angle)], axis=1).astype(np.float32)
    y = (np.arange(120) % 2)[:, None]
    model = nn.Sequential(nn.Linear(2, 32), nn.LeakyReLU(), nn.Linear(32, 1), nn.Sigmoid())
    optimizer = optim.SGD(model.parameters(), lr=0.1, momentum=0.9, clip_norm=1.0)
    for _ in range(steps):
        optimizer.zero_grad()
        nn.BCELoss()(model(x), y).backward()
        optimizer.step()
    return digest(model)


def digits(seed: int, steps: int = 40) -> str:
    """Adam, batch norm, dropout and a loader that shuffles, by a generator of its own."""
    draw = np.random.default_rng(seed)
    model, optimizer = network(draw)
    x, y = draw.random((300, 64), np.float32), draw.integers(0, 10, 300)
    loader = DataLoader((x, y), batch_size=50, shuffle=True, generator=draw)
    train(model, optimizer, loader, steps)
    return digest(model)


def network(draw: Any) -> tuple[nn.Sequential, optim.Optimizer]:
    """A network of all kinds of layers with a state, and Adam."""
    model = nn.Sequential(
        nn.Linear(64, 48, generator=draw),
        nn.BatchNorm1d(48),
        nn.ReLU(),
        nn.Dropout(0.2, generator=draw),
        nn.Linear(48, 10, generator=draw),
    )
    return model, optim.Adam(model.parameters(), lr=0.01)


def train(model: nn.Module, optimizer: optim.Optimizer, loader: DataLoader, steps: int) -> None:
    """So many steps, epoch after epoch."""
    loss = nn.SoftmaxCrossEntropyLoss()
    epochs = itertools.chain.from_iterable(itertools.repeat(loader))
    for x, y in itertools.islice(epochs, steps):
        optimizer.zero_grad()
        loss(model(x), y).backward()
        optimizer.step()


def digest(model: nn.Module) -> str:
    """All values of a model in a word."""
    found = hashlib.sha256()
    for array in model.state_dict().values():
        found.update(array.tobytes())
    return found.hexdigest()


def resident() -> int:
    """The bytes of this process that are in memory."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096


def memory(steps: int) -> None:
    """Print the resident bytes and the objects after a warm-up and at the end, then the traced."""
    draw = np.random.default_rng(0)
    model, optimizer = network(draw)
    data = draw.random((300, 64), np.float32), draw.integers(0, 10, 300)
    loader = DataLoader(data, batch_size=20, shuffle=True, generator=draw)
    other = optim.SGD(model.parameters(), lr=0.01, momentum=0.9, clip_norm=1.0)

    def measured(count: int) -> tuple[int, int]:
        train(model, optimizer, loader, count // 2)
        train(model, other, loader, count // 2)
        gc.collect()
        return resident(), len(gc.get_objects())

    measured(steps // 10)
    print(*measured(2), *measured(steps))
    traced = []
    tracemalloc.start()
    for _ in range(3):
        train(model, optimizer, loader, 45)  # whole epochs
        gc.collect()
        traced.append(tracemalloc.get_traced_memory()[0])
    print(traced[-1] - traced[1])


if __name__ == "__main__":
    if sys.argv[1:2] == ["memory"]:
        memory(int(sys.argv[2]))
    else:
        print(spiral(1), digits(1))
