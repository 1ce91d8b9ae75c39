"""Microseconds per op, forward and backward, on a chain of 8x8 mul and add, beside PyTorch eager.

    python benchmarks/chain.py

Both run in one process, by turns, in float32; what is printed are medians. Without PyTorch it
times this library alone.
"""

from __future__ import annotations

import statistics
import time
from typing import Any

import numpy as np

import autograd_lite as ag

LENGTH, ROUNDS, WARM_UP = 1000, 300, 20


def chain(x: Any, w: Any, seed: Any) -> tuple[float, float]:
    """Microseconds per op of one pass forward and one backward."""
    start = time.perf_counter()
    y = x
    for _ in range(LENGTH // 2):
        y = y * w
        y = y + x
    middle = time.perf_counter()
    y.backward(seed)
    end = time.perf_counter()
    return (middle - start) / LENGTH * 1e6, (end - middle) / LENGTH * 1e6


def ours() -> tuple[float, float]:
    """One pass of this library."""
    x = ag.ones(8, 8, requires_grad=True)
    return chain(x, ag.full((8, 8), 1.0001, requires_grad=True), np.ones((8, 8), np.float32))


def main() -> None:
    """Time all, by turns, and print the medians."""
    runs = {"autograd_lite": ours}
    try:
        import torch
    except ImportError:
        print("PyTorch is not installed: nothing to compare with")
    else:

        def theirs() -> tuple[float, float]:
            x = torch.ones(8, 8, requires_grad=True)
            return chain(x, torch.full((8, 8), 1.0001, requires_grad=True), torch.ones(8, 8))

        runs[f"torch {torch.__version__}"] = theirs
    times: dict[str, list[tuple[float, float]]] = {name: [] for name in runs}
    for i in range(WARM_UP + ROUNDS):
        for name, run in runs.items():
            measured = run()
            if i >= WARM_UP:
                times[name].append(measured)
    sums = {}
    print(f"{'us per op':20s} forward backward      sum")
    for name, rows in times.items():
        forward, backward = (statistics.median(column) for column in zip(*rows, strict=True))
        sums[name] = statistics.median(a + b for a, b in rows)
        print(f"{name:20s} {forward:7.2f} {backward:8.2f} {sums[name]:8.2f}")
    if len(sums) == 2:
        mine, other = sums.values()
        print(f"ratio of the sums {mine / other:.2f}")


if __name__ == "__main__":
    main()
