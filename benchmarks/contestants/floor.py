"""The floor: NumPy's matrix products of a step and nothing else, into arrays that exist already.

Whoever computes with the same BLAS cannot be faster on a workload of matrix products.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
from problems import Job

if TYPE_CHECKING:
    from problems import Problem

LIBRARY = "numpy"
LEFT_OUT: dict[str, str] = {}

Product = tuple[Any, Any, Any]


def _filled(*shape: int) -> Any:
    return np.full(shape, 0.5, np.float32)


def _product(left: Any, right: Any) -> Product:
    """The factors, and where their product goes."""
    return left, right, np.matmul(left, right)


def _dense(x: Any, w: Any, dz: Any, *, repeats: int = 1, inner: bool = True) -> list[Product]:
    """Those of a layer: x W, x^T dz, and dz W^T where x has a gradient (`inner`)."""
    pairs = [(x, w), (x.T, dz), *([(dz, w.T)] if inner else [])]
    return [_product(*pair) for pair in pairs for _ in range(repeats)]


def _run(products: list[Product]) -> Job:
    def step() -> float:
        for left, right, out in products:
            np.matmul(left, right, out=out)
        return float(out.flat[0])

    return Job(step)


def network(problem: Problem, *, twice: bool = False) -> Job:
    """The products of a training step; `twice`, those of a Hessian-vector product.

    That has two more of each kind, for a product x W differentiates to x' W + x W'; in the first
    layer x' is 0, which leaves one more.
    """
    weights = problem.weights[::2]
    batch = len(problem.batches[0][0])
    products = []
    for i, w in enumerate(weights):
        repeats = (3 if i else 2) if twice else 1
        x, dz = _filled(batch, w.shape[0]), _filled(batch, w.shape[1])
        products += _dense(x, w, dz, repeats=repeats, inner=i > 0)
    return _run(products)


def attention(problem: Problem) -> Job:
    """Four projections of all tokens, the scores and the weighted sum, forward and backward."""
    x = problem.batches[0][0]
    batch, tokens, width = x.shape
    flat = x.reshape(batch * tokens, width)
    products = []
    for i, w in enumerate(problem.weights[:8:2]):
        products += _dense(flat, w, flat, inner=i == 3)
    shares, turned = _filled(batch, tokens, tokens), x.swapaxes(1, 2)
    products += 2 * [_product(x, turned)]  # the scores; the gradient of the shares
    products += 2 * [_product(shares, x)]  # the weighted sum; the gradient of q
    products += 2 * [_product(shares.swapaxes(1, 2), x)]  # the gradients of v and of k
    return _run(products)


mlp_sgd = mlp_adam = spiral = five_points = network
curvature = partial(network, twice=True)
