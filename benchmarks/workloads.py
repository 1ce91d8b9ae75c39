"""The workloads by name, for the runner: what they are, without the arrays and without NumPy."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Workload:
    """What one workload measures.

    Attributes:
        title: a line for tables and the chart.
        step: what one timed step does.
        products: whether matrix products are most of it, so that NumPy's own are its floor.
        ops: how many ops a step records, where time is given per op.
    """

    title: str
    step: str
    products: bool = False
    ops: int = 0


WORKLOADS = {
    "a": Workload(
        "MLP, SGD with clipping",
        "784-784-256-128-10, leaky ReLU, batch 128, softmax cross entropy: forward, backward,"
        " gradients clipped to [-1, 1], SGD with averaged momentum",
        products=True,
    ),
    "b": Workload("MLP, Adam", "the network of a: forward, backward, Adam", products=True),
    "c500": Workload(
        "spiral, 500 points",
        "2-128-64-1, leaky ReLU, sigmoid, binary cross entropy of all 500 points: forward,"
        " backward, gradients clipped to [-1, 1], SGD with averaged momentum",
        products=True,
    ),
    "c1000": Workload("spiral, 1,000 points", "as c500, with 1,000 points", products=True),
    "d": Workload(
        "5-point network",
        "2-64-3, ReLU, softmax cross entropy of 5 points: forward, backward, gradient descent",
        products=True,
    ),
    "e": Workload(
        "chain of 1,000 small ops",
        "500 multiplications and 500 additions of 8 x 8, by turns, and a sum: forward, backward",
        ops=1000,
    ),
    "f": Workload(
        "20 elementwise ops",
        "20 ops of 1,000,000 elements, of 11 kinds, and a sum: forward, backward",
    ),
    "g": Workload(
        "attention block",
        "32 sequences of 64 tokens, width 128: projections, one head of attention by batched"
        " products and a softmax, residual, layer norm, mean squared error: forward, backward",
        products=True,
    ),
    "h": Workload("sum of 1,000,000", "the sum of 1,000,000 elements times 3: forward, backward"),
    "i": Workload(
        "Hessian-vector product",
        "the Hessian of the loss of a times a vector, and the product of both",
        products=True,
    ),
    "j": Workload(
        "embedding",
        "4,096 rows of a table of 50,000 x 64, weighted and summed: forward, backward to the"
        " dense gradient of the table",
    ),
}
