"""PyTorch, eager: nn.Linear, the losses of torch.nn.functional, torch.optim as it comes."""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING, Any

import torch
import torch.nn.functional as F  # noqa: N812  # its users' name for it
from problems import LENGTH, SLOPE, Job, elementwise
from torch import nn

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from problems import Problem

LIBRARY = "torch"
LEFT_OUT: dict[str, str] = {}
torch.set_num_threads(int(os.environ["OMP_NUM_THREADS"]))


def _linears(weights: Sequence[Any]) -> list[nn.Linear]:
    """A layer for each W and b; PyTorch keeps W transposed."""
    found = []
    for weight, bias in zip(weights[::2], weights[1::2], strict=True):
        layer = nn.Linear(*weight.shape)
        with torch.no_grad():
            layer.weight.copy_(torch.from_numpy(weight.T))
            layer.bias.copy_(torch.from_numpy(bias[0]))
        found.append(layer)
    return found


def _network(weights: Sequence[Any], activation: nn.Module, *last: nn.Module) -> nn.Sequential:
    modules: list[nn.Module] = []
    for layer in _linears(weights):
        modules += [layer, activation]
    return nn.Sequential(*modules[:-1], *last)


def _train(
    problem: Problem, model: nn.Module, loss_function: Any, optimizer: Any, *, clip: bool = False
) -> Job:
    turns, weights = problem.turns(torch.from_numpy), list(model.parameters())

    def step() -> float:
        x, y = next(turns)
        loss = loss_function(model(x), y)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        if clip:
            nn.utils.clip_grad_value_(weights, 1.0)
        optimizer.step()
        return float(loss.item())

    return Job(step)


def _sgd(model: nn.Module, lr: float) -> torch.optim.Optimizer:
    """Averaged momentum: v <- 0.9 v + 0.1 g, w <- w - lr v.

    PyTorch's plain momentum is b <- 0.9 b + g, w <- w - rate b. With rate = 0.1 lr the steps are
    the same; `dampening=0.9` would leave the first gradient undamped and cost another pass.
    """
    return torch.optim.SGD(model.parameters(), lr=0.1 * lr, momentum=0.9)


def mlp_sgd(problem: Problem) -> Job:
    """Workload a."""
    model = _network(problem.weights, nn.LeakyReLU(SLOPE))
    return _train(problem, model, F.cross_entropy, _sgd(model, 0.01), clip=True)


def mlp_adam(problem: Problem) -> Job:
    """Workload b."""
    model = _network(problem.weights, nn.LeakyReLU(SLOPE))
    return _train(problem, model, F.cross_entropy, torch.optim.Adam(model.parameters(), lr=0.001))


def spiral(problem: Problem) -> Job:
    """Workload c."""
    model = _network(problem.weights, nn.LeakyReLU(SLOPE), nn.Sigmoid())
    loss_function = nn.BCELoss(reduction="sum")
    return _train(problem, model, loss_function, _sgd(model, 0.1), clip=True)


def five_points(problem: Problem) -> Job:
    """Workload d."""
    model = _network(problem.weights, nn.ReLU())
    return _train(problem, model, F.cross_entropy, torch.optim.SGD(model.parameters(), lr=0.1))


def _leaves(arrays: Sequence[Any]) -> list[torch.Tensor]:
    return [torch.tensor(array, requires_grad=True) for array in arrays]


def _collect(leaves: Sequence[Any]) -> list[Any]:
    return [leaf.grad.numpy() for leaf in leaves]


def _differentiate(leaves: Sequence[Any], compute: Callable[[], Any]) -> Job:
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
    leaves, c = _leaves(problem.weights), torch.from_numpy(problem.constants[0])
    return _differentiate(leaves, lambda: elementwise(leaves[0], c, torch).sum())


def attention(problem: Problem) -> Job:
    """Workload g."""
    q, k, v, o = _linears(problem.weights[:8])
    leaves = [p for module in (q, k, v, o) for p in module.parameters()]
    scale, shift = _leaves(problem.weights[8:])
    turns = problem.turns(torch.from_numpy)

    def compute() -> Any:
        x, target = next(turns)
        shares = torch.softmax(q(x) @ k(x).transpose(1, 2) * 128**-0.5, dim=-1)
        return F.mse_loss(F.layer_norm(x + o(shares @ v(x)), (128,), scale, shift), target)

    job = _differentiate([*leaves, scale, shift], compute)
    # As ours: W is (inputs, outputs).
    job.gradients = lambda: [*(g.T for g in _collect(leaves)), *_collect([scale, shift])]
    return job


def reduction(problem: Problem) -> Job:
    """Workload h."""
    leaves = _leaves(problem.weights)
    return _differentiate(leaves, lambda: leaves[0].sum() * 3)


def curvature(problem: Problem) -> Job:
    """Workload i."""
    model = _network(problem.weights, nn.LeakyReLU(SLOPE))
    weights = list(model.parameters())
    vectors = [
        torch.from_numpy(v.T.copy().reshape(w.shape))
        for v, w in zip(problem.constants, weights, strict=True)
    ]
    turns = problem.turns(torch.from_numpy)
    products: list[Any] = []

    def step() -> float:
        x, y = next(turns)
        loss = F.cross_entropy(model(x), y)
        gradients = torch.autograd.grad(loss, weights, create_graph=True)
        products[:] = torch.autograd.grad(gradients, weights, vectors)
        pairs = zip(products, vectors, strict=True)
        return float(sum(torch.vdot(h.view(-1), v.view(-1)) for h, v in pairs))

    return Job(step, lambda: [h.numpy().T for h in products])


def table(problem: Problem) -> Job:
    """Workload j."""
    leaves, rows = _leaves(problem.weights), torch.from_numpy(problem.constants[0])
    turns = problem.turns(torch.from_numpy)

    def compute() -> Any:
        (index,) = next(turns)
        return (F.embedding(index, leaves[0]) * rows).sum()

    return _differentiate(leaves, compute)
