"""tinygrad: the whole step is captured by TinyJit, with nn.optim's optimizers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from problems import LENGTH, SLOPE, Job, elementwise
from tinygrad import Tensor, TinyJit
from tinygrad.nn import Embedding
from tinygrad.nn.optim import SGD, Adam

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from problems import Problem

LIBRARY = "tinygrad"
LEFT_OUT: dict[str, str] = {}


def _tensor(array: Any) -> Any:
    """A tensor with a buffer of its own; labels and row numbers as tinygrad's own ints."""
    narrow = array.astype(np.int32) if array.dtype == np.int64 else array
    return Tensor(narrow.copy()).contiguous().realize()


def _network(weights: Any, x: Any, activation: Callable[[Any], Any]) -> Any:
    for i in range(0, len(weights) - 2, 2):
        x = activation(x.linear(weights[i], weights[i + 1]))
    return x.linear(weights[-2], weights[-1])


def _leaky(x: Any) -> Any:
    return x.leaky_relu(SLOPE)


def _mlp_loss(weights: Any, x: Any, y: Any) -> Any:
    return _network(weights, x, _leaky).sparse_categorical_crossentropy(y)


def _points_loss(weights: Any, x: Any, y: Any) -> Any:
    return _network(weights, x, Tensor.relu).sparse_categorical_crossentropy(y)


def _spiral_loss(weights: Any, x: Any, y: Any) -> Any:
    p = _network(weights, x, _leaky).sigmoid()
    return p.binary_crossentropy(y, reduction="sum")


def _train(problem: Problem, loss_function: Any, optimizer: Any, *, clip: bool = False) -> Job:
    weights = [_tensor(w) for w in problem.weights]
    stepper, turns = optimizer(weights), problem.turns(_tensor)

    @TinyJit
    def captured(x: Any, y: Any) -> Any:
        stepper.zero_grad()
        loss = loss_function(weights, x, y)
        loss.backward()
        if clip:
            for w in weights:
                w.grad = w.grad.clip(-1, 1)
        return loss.realize(*stepper.schedule_step())

    return Job(lambda: float(captured(*next(turns)).item()))


def _averaged(lr: float) -> Callable[[Any], Any]:
    """Averaged momentum: tinygrad's b <- 0.9 b + g with 0.1 lr makes the same steps."""
    return lambda weights: SGD(weights, lr=0.1 * lr, momentum=0.9)


def mlp_sgd(problem: Problem) -> Job:
    """Workload a."""
    return _train(problem, _mlp_loss, _averaged(0.01), clip=True)


def mlp_adam(problem: Problem) -> Job:
    """Workload b."""
    return _train(problem, _mlp_loss, lambda weights: Adam(weights, lr=0.001))


def spiral(problem: Problem) -> Job:
    """Workload c."""
    return _train(problem, _spiral_loss, _averaged(0.1), clip=True)


def five_points(problem: Problem) -> Job:
    """Workload d."""
    return _train(problem, _points_loss, lambda weights: SGD(weights, lr=0.1))


def _captured(problem: Problem, compute: Callable[..., tuple[Any, Sequence[Any]]]) -> Job:
    """Steps that end with a loss and gradients, captured as one."""
    weights, constants = ([_tensor(a) for a in s] for s in (problem.weights, problem.constants))
    turns = problem.turns(_tensor)
    last: list[Any] = []

    @TinyJit
    def captured(*batch: Any) -> Any:
        loss, gradients = compute(weights, *batch)
        Tensor.realize(loss, *gradients)
        return loss, *gradients

    def step() -> float:
        loss, *last[:] = captured(*next(turns), *constants)
        return float(loss.item())

    return Job(step, lambda: [g.numpy() for g in last])


def _differentiate(problem: Problem, loss_function: Callable[..., Any]) -> Job:
    def compute(weights: Any, *batch: Any) -> tuple[Any, Sequence[Any]]:
        loss = loss_function(weights, *batch)
        return loss, loss.gradient(*weights)

    return _captured(problem, compute)


def chain(problem: Problem) -> Job:
    """Workload e: captured as a whole, so the passes cannot be told apart.

    In kernels of 40 ops: the C of one kernel of 1,000 is nested more deeply than clang accepts.
    """

    def loss(weights: Any) -> Any:
        x, w = weights
        y = x
        for i in range(LENGTH // 2):
            y = y * w
            y = y + x
            if i % 20 == 19:
                y = y.contiguous()
        return y.sum()

    return _differentiate(problem, loss)


def elements(problem: Problem) -> Job:
    """Workload f."""
    return _differentiate(problem, lambda weights, c: elementwise(weights[0], c, Tensor).sum())


def attention(problem: Problem) -> Job:
    """Workload g."""

    def loss(weights: Any, x: Any, target: Any) -> Any:
        wq, bq, wk, bk, wv, bv, wo, bo, scale, shift = weights
        scores = x.linear(wq, bq) @ x.linear(wk, bk).transpose(1, 2) * 128**-0.5
        y = x + (scores.softmax() @ x.linear(wv, bv)).linear(wo, bo)
        return (y.layernorm() * scale + shift - target).square().mean()

    return _differentiate(problem, loss)


def reduction(problem: Problem) -> Job:
    """Workload h."""
    return _differentiate(problem, lambda weights: weights[0].sum() * 3)


def curvature(problem: Problem) -> Job:
    """Workload i: the gradient of gradient . v."""

    def dot(arrays: Sequence[Any], vectors: Sequence[Any]) -> Any:
        first, *others = ((a * v).sum() for a, v in zip(arrays, vectors, strict=True))
        return sum(others, first)

    def compute(weights: Any, x: Any, y: Any, *vectors: Any) -> tuple[Any, Sequence[Any]]:
        gradients = _mlp_loss(weights, x, y).gradient(*weights)
        products = dot(gradients, vectors).gradient(*weights)
        return dot(products, vectors), products

    return _captured(problem, compute)


def table(problem: Problem) -> Job:
    """Workload j."""
    embedding = Embedding(*problem.weights[0].shape)

    def loss(weights: Any, index: Any, rows: Any) -> Any:
        (embedding.weight,) = weights
        return (embedding(index) * rows).sum()

    return _differentiate(problem, loss)
