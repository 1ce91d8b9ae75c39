"""A graph of 1,000,000 nodes: time per node beside that of 10,000, and memory.

python benchmarks/depth.py

The small graph is built and differentiated 45 times, the large one 3 times, by turns; the ratio
is that of the medians of forward and backward together.
"""

from __future__ import annotations

import gc
import statistics
import time
import tracemalloc

import numpy as np

import autograd_lite as ag

SMALL, LARGE = 10_000, 1_000_000
ROUNDS, SMALL_IN_ROUND = 3, 15


def build(x: ag.Tensor, nodes: int) -> ag.Tensor:
    """A chain of multiplications."""
    y = x
    for _ in range(nodes):
        y = y * 1.0000001
    return y


def seconds(nodes: int) -> tuple[float, float]:
    """Seconds a node, of the forward pass and of the backward pass."""
    gc.collect()
    x = ag.ones(2, requires_grad=True)
    seed = np.ones(2, np.float32)
    start = time.perf_counter()
    y = build(x, nodes)
    middle = time.perf_counter()
    y.backward(seed)
    end = time.perf_counter()
    assert x.grad is not None
    return (middle - start) / nodes, (end - middle) / nodes


def memory(nodes: int) -> str:
    """What the graph takes, and what stays when it is gone."""
    gc.collect()
    tracemalloc.start()
    x = ag.ones(2, requires_grad=True)
    before = tracemalloc.get_traced_memory()[0]
    y = build(x, nodes)
    during = tracemalloc.get_traced_memory()[0]
    y.backward(np.ones(2, np.float32))
    x.grad = None
    del y
    after = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    graph, kept = (during - before) / 1e6, (after - before) / 1e6
    return f"{nodes:9,d} nodes: graph {graph:8.1f} MB, kept {kept:.3f} MB"


def main() -> None:
    """Time and memory at two sizes."""
    passes: dict[int, list[tuple[float, float]]] = {SMALL: [], LARGE: []}
    seconds(SMALL)
    for _ in range(ROUNDS):
        passes[SMALL] += [seconds(SMALL) for _ in range(SMALL_IN_ROUND)]
        passes[LARGE].append(seconds(LARGE))
    both = {}
    for nodes, found in passes.items():
        forward, backward = (statistics.median(column) * 1e6 for column in zip(*found, strict=True))
        both[nodes] = statistics.median(sum(pair) for pair in found) * 1e6
        print(
            f"{nodes:9,d} nodes: forward {forward:5.2f}, backward {backward:5.2f},"
            f" both {both[nodes]:5.2f} us a node ({len(found)} times)"
        )
    print(f"a node of {LARGE:,} by one of {SMALL:,}: {both[LARGE] / both[SMALL]:.2f}")
    for nodes in (SMALL, LARGE):
        print(memory(nodes))


if __name__ == "__main__":
    main()
