"""JAX: the whole step is one compiled function, whose parameters and state are donated."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import jax
import jax.numpy as jnp
import numpy as np
from problems import EPS, LENGTH, SLOPE, Job, elementwise

if TYPE_CHECKING:
    from collections.abc import Callable

    from problems import Problem

LIBRARY = "jax"
LEFT_OUT: dict[str, str] = {}


def _network(weights: list[Any], x: Any, activation: Callable[[Any], Any]) -> Any:
    for i in range(0, len(weights) - 2, 2):
        x = activation(x @ weights[i] + weights[i + 1])
    return x @ weights[-2] + weights[-1]


_leaky = partial(jax.nn.leaky_relu, negative_slope=SLOPE)


def _cross_entropy(logits: Any, y: Any) -> Any:
    chosen = jnp.take_along_axis(jax.nn.log_softmax(logits), y[:, None], axis=1)
    return -jnp.mean(chosen)


def _mlp_loss(weights: list[Any], x: Any, y: Any) -> Any:
    return _cross_entropy(_network(weights, x, _leaky), y)


def _points_loss(weights: list[Any], x: Any, y: Any) -> Any:
    return _cross_entropy(_network(weights, x, jax.nn.relu), y)


def _spiral_loss(weights: list[Any], x: Any, y: Any) -> Any:
    p = jax.nn.sigmoid(_network(weights, x, _leaky))
    return -jnp.sum(y * jnp.log(p + EPS) + (1 - y) * jnp.log(1 - p + EPS))


def _clipped_sgd(lr: float, weights: Any, state: Any, gradients: Any) -> tuple[Any, Any]:
    """Averaged momentum on clipped gradients."""
    state = [0.9 * v + 0.1 * jnp.clip(g, -1, 1) for v, g in zip(state, gradients, strict=True)]
    return [w - lr * v for w, v in zip(weights, state, strict=True)], state


def _descent(lr: float, weights: Any, state: Any, gradients: Any) -> tuple[Any, Any]:
    return [w - lr * g for w, g in zip(weights, gradients, strict=True)], state


def _adam(lr: float, weights: Any, state: Any, gradients: Any) -> tuple[Any, Any]:
    t, first, second = state
    t = t + 1
    first = [0.9 * m + 0.1 * g for m, g in zip(first, gradients, strict=True)]
    second = [0.999 * v + 0.001 * g * g for v, g in zip(second, gradients, strict=True)]
    rows = zip(weights, first, second, strict=True)
    new = [w - lr * (m / (1 - 0.9**t)) / (jnp.sqrt(v / (1 - 0.999**t)) + 1e-8) for w, m, v in rows]
    return new, (t, first, second)


def _train(
    problem: Problem, loss_function: Any, update: Callable[..., Any], *, adam: bool = False
) -> Job:
    @partial(jax.jit, donate_argnums=(0, 1))
    def compiled(weights: Any, state: Any, x: Any, y: Any) -> Any:
        loss, gradients = jax.value_and_grad(loss_function)(weights, x, y)
        return loss, *update(weights, state, gradients)

    weights = [jnp.array(w) for w in problem.weights]
    zeros = [[jnp.zeros_like(w) for w in weights] for _ in range(2)]
    state: Any = (jnp.zeros(()), *zeros) if adam else zeros[0]
    turns = problem.turns(jnp.array)

    def step() -> float:
        nonlocal weights, state
        loss, weights, state = compiled(weights, state, *next(turns))
        jax.block_until_ready((weights, state))
        return float(loss)

    return Job(step)


def mlp_sgd(problem: Problem) -> Job:
    """Workload a."""
    return _train(problem, _mlp_loss, partial(_clipped_sgd, 0.01))


def mlp_adam(problem: Problem) -> Job:
    """Workload b."""
    return _train(problem, _mlp_loss, partial(_adam, 0.001), adam=True)


def spiral(problem: Problem) -> Job:
    """Workload c."""
    return _train(problem, _spiral_loss, partial(_clipped_sgd, 0.1))


def five_points(problem: Problem) -> Job:
    """Workload d."""
    return _train(problem, _points_loss, partial(_descent, 0.1))


def _differentiate(problem: Problem, loss_function: Callable[..., Any]) -> Job:
    """Steps that end with the loss and the gradients, compiled as one function."""
    compiled = jax.jit(jax.value_and_grad(loss_function))
    weights, constants = ([jnp.array(a) for a in s] for s in (problem.weights, problem.constants))
    turns = problem.turns(jnp.array)
    gradients: list[Any] = []

    def step() -> float:
        loss, gradients[:] = compiled(weights, *next(turns), *constants)
        jax.block_until_ready(gradients)
        return float(loss)

    return Job(step, lambda: [np.asarray(g) for g in gradients])


def chain(problem: Problem) -> Job:
    """Workload e: compiled as a whole, so the passes cannot be told apart."""

    def loss(weights: Any) -> Any:
        x, w = weights
        y = x
        for _ in range(LENGTH // 2):
            y = y * w
            y = y + x
        return y.sum()

    return _differentiate(problem, loss)


class _Functions:
    exp, log, sqrt, tanh, sin = jnp.exp, jnp.log, jnp.sqrt, jnp.tanh, jnp.sin
    sigmoid, relu = jax.nn.sigmoid, jax.nn.relu


def elements(problem: Problem) -> Job:
    """Workload f."""
    return _differentiate(problem, lambda w, c: elementwise(w[0], c, _Functions).sum())


def attention(problem: Problem) -> Job:
    """Workload g."""

    def loss(weights: Any, x: Any, target: Any) -> Any:
        wq, bq, wk, bk, wv, bv, wo, bo, scale, shift = weights
        scores = (x @ wq + bq) @ (x @ wk + bk).swapaxes(1, 2) * 128**-0.5
        y = x + jax.nn.softmax(scores) @ (x @ wv + bv) @ wo + bo
        normal = jax.nn.standardize(y, axis=-1, epsilon=1e-5)
        return jnp.mean((normal * scale + shift - target) ** 2)

    return _differentiate(problem, loss)


def reduction(problem: Problem) -> Job:
    """Workload h."""
    return _differentiate(problem, lambda weights: weights[0].sum() * 3)


def curvature(problem: Problem) -> Job:
    """Workload i: forward over reverse, as JAX's documentation advises."""

    @jax.jit
    def compiled(weights: Any, vectors: Any, x: Any, y: Any) -> Any:
        gradient = partial(jax.grad(_mlp_loss), x=x, y=y)
        products = jax.jvp(gradient, (weights,), (vectors,))[1]
        return products, sum(jnp.vdot(h, v) for h, v in zip(products, vectors, strict=True))

    weights, vectors = ([jnp.array(w) for w in ws] for ws in (problem.weights, problem.constants))
    turns = problem.turns(jnp.array)
    products: list[Any] = []

    def step() -> float:
        products[:], along = compiled(weights, vectors, *next(turns))
        jax.block_until_ready(products)
        return float(along)

    return Job(step, lambda: [np.asarray(h) for h in products])


def table(problem: Problem) -> Job:
    """Workload j."""
    return _differentiate(problem, lambda w, index, rows: (w[0][index] * rows).sum())
