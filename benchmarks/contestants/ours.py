"""This library, with its own layers, losses and optimizers."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import numpy as np
from problems import LENGTH, SLOPE, Job, elementwise

import autograd_lite as ag
from autograd_lite import nn, optim

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from problems import Problem

LIBRARY = "autograd_lite"
LEFT_OUT: dict[str, str] = {}


def _linears(weights: Sequence[Any]) -> list[nn.Linear]:
    """A layer for each W and b."""
    found = []
    for weight, bias in zip(weights[::2], weights[1::2], strict=True):
        layer = nn.Linear(*weight.shape)
        layer.weight.data[...] = weight
        assert layer.bias is not None
        layer.bias.data[...] = bias
        found.append(layer)
    return found


def _network(weights: Sequence[Any], activation: nn.Module, *last: nn.Module) -> nn.Sequential:
    modules: list[nn.Module] = []
    for layer in _linears(weights):
        modules += [layer, activation]
    return nn.Sequential([*modules[:-1], *last])


def _own(array: Any) -> Any:
    """Numbers become tensors; labels and row numbers stay arrays."""
    return ag.tensor(array) if array.dtype == np.float32 else array


def _train(problem: Problem, model: nn.Module, loss_function: Any, optimizer: Any) -> Job:
    turns = problem.turns(_own)

    def step() -> float:
        x, y = next(turns)
        loss = loss_function(model(x), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        return float(loss.item())

    return Job(step)


def mlp_sgd(problem: Problem) -> Job:
    """Workload a."""
    model = _network(problem.weights, nn.LeakyReLU(alpha=SLOPE))
    optimizer = optim.SGD(model.parameters(), lr=0.01, momentum=0.9, clip_value=1.0)
    return _train(problem, model, nn.SoftmaxCrossEntropyLoss(), optimizer)


def mlp_adam(problem: Problem) -> Job:
    """Workload b."""
    model = _network(problem.weights, nn.LeakyReLU(alpha=SLOPE))
    optimizer = optim.Adam(model.parameters(), lr=0.001)
    return _train(problem, model, nn.SoftmaxCrossEntropyLoss(), optimizer)


def spiral(problem: Problem) -> Job:
    """Workload c."""
    model = _network(problem.weights, nn.LeakyReLU(alpha=SLOPE), nn.Sigmoid())
    optimizer = optim.SGD(model.parameters(), lr=0.1, momentum=0.9, clip_value=1.0)
    return _train(problem, model, nn.BCELoss(reduction="sum"), optimizer)


def five_points(problem: Problem) -> Job:
    """Workload d."""
    model = _network(problem.weights, nn.ReLU())
    optimizer = optim.SGD(model.parameters(), lr=0.1, momentum=0, clip_value=None)
    return _train(problem, model, nn.SoftmaxCrossEntropyLoss(), optimizer)


def _leaves(arrays: Sequence[Any]) -> list[ag.Tensor]:
    return [ag.tensor(array, requires_grad=True) for array in arrays]


def _collect(leaves: Sequence[Any]) -> list[Any]:
    return [leaf.grad.numpy() for leaf in leaves]


def _differentiate(leaves: Sequence[Any], compute: Callable[[], Any]) -> Job:
    """Steps that end with the gradients of the leaves."""

    def step() -> float:
        for leaf in leaves:
            leaf.grad = None
        loss = compute()
        loss.backward()
        return float(loss.item())

    return Job(step, lambda: _collect(leaves))


def chain(problem: Problem) -> Job:
    """Workload e."""
    x, w = _leaves(problem.weights)

    def step() -> tuple[float, float]:
        x.grad = w.grad = None
        start = time.perf_counter()
        y = x
        for _ in range(LENGTH // 2):
            y = y * w
            y = y + x
        loss = y.sum()
        middle = time.perf_counter()
        loss.backward()
        return loss.item(), middle - start

    return Job(step, lambda: _collect([x, w]))


def elements(problem: Problem) -> Job:
    """Workload f."""
    leaves, c = _leaves(problem.weights), ag.tensor(problem.constants[0])
    return _differentiate(leaves, lambda: elementwise(leaves[0], c, ag).sum())


def attention(problem: Problem) -> Job:
    """Workload g."""
    q, k, v, o = _linears(problem.weights[:8])
    norm, softmax = nn.LayerNorm(128), nn.Softmax()
    assert norm.weight is not None
    assert norm.bias is not None
    norm.weight.data[...], norm.bias.data[...] = problem.weights[8:]
    leaves = [p for module in (q, k, v, o, norm) for p in module.parameters()]
    turns, loss_function = problem.turns(ag.tensor), nn.MSELoss()

    def compute() -> Any:
        x, target = next(turns)
        shares = softmax(q(x) @ k(x).swapaxes(1, 2) * 128**-0.5)
        return loss_function(norm(x + o(shares @ v(x))), target)

    return _differentiate(leaves, compute)


def reduction(problem: Problem) -> Job:
    """Workload h."""
    leaves = _leaves(problem.weights)
    return _differentiate(leaves, lambda: leaves[0].sum() * 3)


def curvature(problem: Problem) -> Job:
    """Workload i."""
    model = _network(problem.weights, nn.LeakyReLU(alpha=SLOPE))
    weights, vectors = list(model.parameters()), [ag.tensor(v) for v in problem.constants]
    turns, loss_function = problem.turns(_own), nn.SoftmaxCrossEntropyLoss()
    products: list[Any] = []

    def step() -> float:
        x, y = next(turns)
        gradients = ag.grad(loss_function(model(x), y), weights, create_graph=True)
        products[:] = ag.grad(gradients, weights, vectors)
        pairs = zip(products, vectors, strict=True)
        return float(sum(np.vdot(h.numpy(), v.numpy()) for h, v in pairs))

    return Job(step, lambda: [h.numpy() for h in products])


def table(problem: Problem) -> Job:
    """Workload j."""
    embedding = nn.Embedding(*problem.weights[0].shape)
    embedding.weight.data[...] = problem.weights[0]
    rows, turns = ag.tensor(problem.constants[0]), problem.turns(np.asarray)

    def compute() -> Any:
        (index,) = next(turns)
        return (embedding(index) * rows).sum()

    return _differentiate([embedding.weight], compute)
