"""A graph of 1,000,000 nodes: time per node, and memory before, with the graph, and after.

python benchmarks/depth.py
"""

from __future__ import annotations

import gc
import time
import tracemalloc

import numpy as np

import autograd_lite as ag


def measure(nodes: int, *, traced: bool) -> str:
    """A chain of `nodes` multiplications; traced, its memory is measured, at the cost of time."""
    gc.collect()
    if traced:
        tracemalloc.start()
    x = ag.ones(2, requires_grad=True)
    before = tracemalloc.get_traced_memory()[0]
    start = time.perf_counter()
    y = x
    for _ in range(nodes):
        y = y * 1.0000001
    middle = time.perf_counter()
    during = tracemalloc.get_traced_memory()[0]
    y.backward(np.ones(2, np.float32))
    end = time.perf_counter()
    assert x.grad is not None
    x.grad = None
    del y
    after = tracemalloc.get_traced_memory()[0]
    if traced:
        tracemalloc.stop()
        kept = (after - before) / 1e6
        return f"{nodes:9,d} nodes: graph {(during - before) / 1e6:8.1f} MB, kept {kept:.3f} MB"
    forward, backward = (middle - start) / nodes * 1e6, (end - middle) / nodes * 1e6
    return f"{nodes:9,d} nodes: forward {forward:5.2f}, backward {backward:5.2f} us a node"


def main() -> None:
    """Time and memory at two sizes."""
    for nodes in (10_000, 1_000_000):
        print(measure(nodes, traced=False))
        print(measure(nodes, traced=True))


if __name__ == "__main__":
    main()
