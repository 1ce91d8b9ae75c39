"""HIPS autograd: functions of autograd.numpy, value_and_grad, and updates by NumPy in place.

Where it has two ways to say a thing, the one that stays in float32 is taken (`where` for relu,
products for squares): the other would compute in float64.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import autograd.numpy as anp
import numpy as np
from autograd import make_vjp, value_and_grad
from autograd.differential_operators import make_hvp
from autograd.scipy.special import expit, logsumexp
from problems import EPS, LENGTH, SLOPE, Job, elementwise

from contestants.updates import adam, clipped_sgd, descent

if TYPE_CHECKING:
    from collections.abc import Callable

    from problems import Problem

LIBRARY = "autograd"
LEFT_OUT: dict[str, str] = {}


def _leaky(x: Any) -> Any:
    return anp.where(x > 0, x, SLOPE * x)


def _relu(x: Any) -> Any:
    return anp.where(x > 0, x, 0)


def _network(weights: Any, x: Any, activation: Callable[[Any], Any]) -> Any:
    for i in range(0, len(weights) - 2, 2):
        x = activation(anp.dot(x, weights[i]) + weights[i + 1])
    return anp.dot(x, weights[-2]) + weights[-1]


def _cross_entropy(logits: Any, y: Any) -> Any:
    return anp.mean(logsumexp(logits, axis=1) - logits[np.arange(len(y)), y])


def _mlp_loss(weights: Any, x: Any, y: Any) -> Any:
    return _cross_entropy(_network(weights, x, _leaky), y)


def _points_loss(weights: Any, x: Any, y: Any) -> Any:
    return _cross_entropy(_network(weights, x, _relu), y)


def _spiral_loss(weights: Any, x: Any, y: Any) -> Any:
    p = expit(_network(weights, x, _leaky))
    return -anp.sum(y * anp.log(p + EPS) + (1 - y) * anp.log(1 - p + EPS))


def _train(problem: Problem, loss_function: Any, optimizer: Any, lr: float) -> Job:
    differentiate, weights = value_and_grad(loss_function), problem.weights
    update, turns = optimizer(weights, lr), problem.turns(np.asarray)

    def step() -> float:
        loss, gradients = differentiate(weights, *next(turns))
        update(gradients)
        return float(loss)

    return Job(step)


def mlp_sgd(problem: Problem) -> Job:
    """Workload a."""
    return _train(problem, _mlp_loss, clipped_sgd, 0.01)


def mlp_adam(problem: Problem) -> Job:
    """Workload b."""
    return _train(problem, _mlp_loss, adam, 0.001)


def spiral(problem: Problem) -> Job:
    """Workload c."""
    return _train(problem, _spiral_loss, clipped_sgd, 0.1)


def five_points(problem: Problem) -> Job:
    """Workload d."""
    return _train(problem, _points_loss, descent, 0.1)


def _differentiate(problem: Problem, loss_function: Callable[..., Any]) -> Job:
    differentiate, weights = value_and_grad(loss_function), problem.weights
    turns = problem.turns(np.asarray)
    gradients: list[Any] = []

    def step() -> float:
        loss, gradients[:] = differentiate(weights, *next(turns))
        return float(loss)

    return Job(step, lambda: gradients)


def chain(problem: Problem) -> Job:
    """Workload e."""
    gradients: list[Any] = []

    def compute(weights: Any) -> Any:
        x, w = weights
        y = x
        for _ in range(LENGTH // 2):
            y = y * w
            y = y + x
        return anp.sum(y)

    def step() -> tuple[float, float]:
        start = time.perf_counter()
        pull_back, loss = make_vjp(compute)(problem.weights)
        middle = time.perf_counter()
        gradients[:] = pull_back(np.float32(1))
        return float(loss), middle - start

    return Job(step, lambda: gradients)


class _Functions:
    exp, log, sqrt, tanh, sin = anp.exp, anp.log, anp.sqrt, anp.tanh, anp.sin
    sigmoid, relu = expit, staticmethod(_relu)


def elements(problem: Problem) -> Job:
    """Workload f."""
    (c,) = problem.constants
    return _differentiate(problem, lambda weights: anp.sum(elementwise(weights[0], c, _Functions)))


def attention(problem: Problem) -> Job:
    """Workload g."""

    def loss(weights: Any, x: Any, target: Any) -> Any:
        wq, bq, wk, bk, wv, bv, wo, bo, scale, shift = weights
        keys = anp.swapaxes(anp.matmul(x, wk) + bk, 1, 2)
        scores = anp.matmul(anp.matmul(x, wq) + bq, keys) * 128**-0.5
        shares = anp.exp(scores - anp.max(scores, axis=-1, keepdims=True))
        shares = shares / anp.sum(shares, axis=-1, keepdims=True)
        y = x + anp.matmul(anp.matmul(shares, anp.matmul(x, wv) + bv), wo) + bo
        centred = y - anp.mean(y, axis=-1, keepdims=True)
        spread = anp.sqrt(anp.mean(centred * centred, axis=-1, keepdims=True) + 1e-5)
        error = centred / spread * scale + shift - target
        return anp.mean(error * error)

    return _differentiate(problem, loss)


def reduction(problem: Problem) -> Job:
    """Workload h."""
    return _differentiate(problem, lambda weights: anp.sum(weights[0]) * 3)


def curvature(problem: Problem) -> Job:
    """Workload i."""
    turns, vectors = problem.turns(np.asarray), problem.constants
    products: list[Any] = []

    def step() -> float:
        x, y = next(turns)
        multiply, _ = make_hvp(lambda weights: _mlp_loss(weights, x, y))(problem.weights)
        products[:] = multiply(vectors)
        return float(sum(np.vdot(h, v) for h, v in zip(products, vectors, strict=True)))

    return Job(step, lambda: products)


def table(problem: Problem) -> Job:
    """Workload j."""
    (rows,) = problem.constants
    return _differentiate(problem, lambda weights, index: anp.sum(weights[0][index] * rows))
