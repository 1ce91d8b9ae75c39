"""A step that uses 100 rows of a table of 1,000,000 x 64: time and memory, beside PyTorch's.

python benchmarks/sparse_rows.py

Forward, backward and step, in microseconds (medians), and the most memory that a step takes beside
what was there: of NumPy's arrays for this library (tracemalloc), of the process for PyTorch. Arrays
are what there is without `lazy_rows`; PyTorch needs `sparse=True` and optimizers that know it.
"""

from __future__ import annotations

import gc
import resource
import statistics
import subprocess
import sys
import time
import tracemalloc
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

    Step = tuple[Callable[[], Any], Callable[[Any], None], Callable[[], None], Callable[[], None]]

SIZE, WIDTH, USED = 1_000_000, 64, 100
ROUNDS, FEWER = 200, 10  # steps of rows, and of arrays


def table() -> Any:
    """The table, float32."""
    return np.random.default_rng(0).standard_normal((SIZE, WIDTH), dtype=np.float32)


def index() -> Any:
    """The rows of a step."""
    return np.random.default_rng(1).integers(0, SIZE, USED)


def ours(rule: str, **settings: Any) -> Step:
    """A step of this library: the lookup, the gradient, the update, and how to begin anew."""
    from autograd_lite import nn, optim

    model = nn.Embedding(SIZE, WIDTH, init_method=lambda _, **__: table())
    optimizer = getattr(optim, rule)(model.parameters(), **settings)
    rows = index()
    return (
        lambda: model(rows),
        lambda loss: loss.backward(),
        optimizer.step,
        optimizer.zero_grad,
    )


def theirs(rule: str, *, sparse: bool, **settings: Any) -> Step:
    """The same of PyTorch."""
    import torch

    torch.set_num_threads(1)
    model = torch.nn.Embedding.from_pretrained(
        torch.from_numpy(table()), freeze=False, sparse=sparse
    )
    optimizer = getattr(torch.optim, rule)(model.parameters(), **settings)
    rows = torch.from_numpy(index())
    return (
        lambda: model(rows),
        lambda loss: loss.backward(),
        optimizer.step,
        optimizer.zero_grad,
    )


CASES: dict[str, tuple[Callable[[], Step], int]] = {
    "SGD": (lambda: ours("SGD", momentum=0.0, clip_value=None), ROUNDS),
    "AdaGrad": (lambda: ours("AdaGrad"), ROUNDS),
    "SGD with momentum, lazy_rows": (lambda: ours("SGD", lazy_rows=True), ROUNDS),
    "Adam, lazy_rows": (lambda: ours("Adam", lazy_rows=True), ROUNDS),
    "Adam": (lambda: ours("Adam"), FEWER),
    "PyTorch: SGD, sparse": (lambda: theirs("SGD", sparse=True, lr=0.01), ROUNDS),
    "PyTorch: Adagrad, sparse": (lambda: theirs("Adagrad", sparse=True), ROUNDS),
    "PyTorch: SparseAdam, sparse": (lambda: theirs("SparseAdam", sparse=True), ROUNDS),
    "PyTorch: Adam": (lambda: theirs("Adam", sparse=False), FEWER),
}


def measure(name: str) -> str:
    """A line of the table, in a process of its own."""
    make, rounds = CASES[name]
    compute, differentiate, update, forget = make()
    times: list[tuple[float, ...]] = []

    def step() -> None:
        clock = [time.perf_counter()]
        loss = (compute() ** 2).sum()
        clock.append(time.perf_counter())
        differentiate(loss)
        clock.append(time.perf_counter())
        update()
        clock.append(time.perf_counter())
        forget()
        times.append(tuple(b - a for a, b in pairwise(clock)))

    step()
    gc.collect()
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    tracemalloc.start()
    step()
    peak = tracemalloc.get_traced_memory()[1] / 1e6
    tracemalloc.stop()
    if name.startswith("PyTorch"):
        peak = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1e3
    times.clear()
    for _ in range(rounds):
        step()
    parts = [statistics.median(column) * 1e6 for column in zip(*times, strict=True)]
    numbers = "".join(f"{part:10,.0f}" for part in (*parts, sum(parts)))
    return f"{name:30}{numbers}{peak:12.2f}"


def main() -> None:
    """All lines, each in a process of its own."""
    print(f"{'':30}{'forward':>10}{'backward':>10}{'step':>10}{'all (us)':>10}{'peak (MB)':>12}")
    for name in CASES:
        run = subprocess.run(  # noqa: S603  # this very file
            [sys.executable, __file__, name], capture_output=True, text=True, check=False
        )
        print(run.stdout.rstrip() or f"{name:30}{run.stderr.strip().splitlines()[-1]}", flush=True)


if __name__ == "__main__":
    print(measure(sys.argv[1])) if sys.argv[1:] else main()
