"""MyGrad: its tensors, activations and losses, and updates by NumPy in place.

Its guard against writes is off, as its documentation advises for speed.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import mygrad as mg
import numpy as np
from mygrad.nnet.activations import leaky_relu, relu, sigmoid, softmax
from mygrad.nnet.losses import softmax_crossentropy
from problems import EPS, LENGTH, SLOPE, Job, elementwise

from contestants.updates import adam, clipped_sgd, descent

if TYPE_CHECKING:
    from collections.abc import Callable

    from problems import Problem

LIBRARY = "mygrad"
LEFT_OUT = {"i": "MyGrad has no gradients of gradients"}
mg.turn_memory_guarding_off()


def _leaky(x: Any) -> Any:
    return leaky_relu(x, SLOPE)


def _network(weights: Any, x: Any, activation: Callable[[Any], Any]) -> Any:
    for i in range(0, len(weights) - 2, 2):
        x = activation(x @ weights[i] + weights[i + 1])
    return x @ weights[-2] + weights[-1]


def _mlp_loss(weights: Any, x: Any, y: Any) -> Any:
    return softmax_crossentropy(_network(weights, x, _leaky), y)


def _points_loss(weights: Any, x: Any, y: Any) -> Any:
    return softmax_crossentropy(_network(weights, x, relu), y)


def _spiral_loss(weights: Any, x: Any, y: Any) -> Any:
    p = sigmoid(_network(weights, x, _leaky))
    return -(y * mg.log(p + EPS) + (1 - y) * mg.log(1 - p + EPS)).sum()


def _train(problem: Problem, loss_function: Any, optimizer: Any, lr: float) -> Job:
    weights, turns = [mg.tensor(w) for w in problem.weights], problem.turns(np.asarray)
    update = optimizer([w.data for w in weights], lr)

    def step() -> float:
        loss = loss_function(weights, *next(turns))
        loss.backward()
        update([w.grad for w in weights])
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
    weights, turns = [mg.tensor(w) for w in problem.weights], problem.turns(np.asarray)

    def step() -> float:
        loss = loss_function(weights, *next(turns))
        loss.backward()
        return float(loss)

    return Job(step, lambda: [w.grad for w in weights])


def chain(problem: Problem) -> Job:
    """Workload e."""
    x, w = (mg.tensor(array) for array in problem.weights)

    def step() -> tuple[float, float]:
        start = time.perf_counter()
        y = x
        for _ in range(LENGTH // 2):
            y = y * w
            y = y + x
        loss = y.sum()
        middle = time.perf_counter()
        loss.backward()
        return float(loss), middle - start

    return Job(step, lambda: [x.grad, w.grad])


class _Functions:
    exp, log, sqrt, tanh, sin = mg.exp, mg.log, mg.sqrt, mg.tanh, mg.sin
    sigmoid, relu = sigmoid, staticmethod(relu)


def elements(problem: Problem) -> Job:
    """Workload f."""
    (c,) = problem.constants
    return _differentiate(problem, lambda weights: elementwise(weights[0], c, _Functions).sum())


def attention(problem: Problem) -> Job:
    """Workload g."""

    def loss(weights: Any, x: Any, target: Any) -> Any:
        wq, bq, wk, bk, wv, bv, wo, bo, scale, shift = weights
        scores = (x @ wq + bq) @ mg.swapaxes(x @ wk + bk, 1, 2) * 128**-0.5
        y = x + softmax(scores) @ (x @ wv + bv) @ wo + bo
        centred = y - y.mean(axis=-1, keepdims=True)
        spread = mg.sqrt(mg.mean(centred * centred, axis=-1, keepdims=True) + 1e-5)
        error = centred / spread * scale + shift - target
        return mg.mean(error * error)

    return _differentiate(problem, loss)


def reduction(problem: Problem) -> Job:
    """Workload h."""
    return _differentiate(problem, lambda weights: weights[0].sum() * 3)


def table(problem: Problem) -> Job:
    """Workload j."""
    (rows,) = problem.constants
    return _differentiate(problem, lambda weights, index: (weights[0][index] * rows).sum())
