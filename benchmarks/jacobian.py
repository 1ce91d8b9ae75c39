"""Jacobian and Hessian of a network of 992 parameters, beside HIPS autograd and JAX.

python benchmarks/jacobian.py            # what is installed of autograd and jax takes part
python benchmarks/jacobian.py --rounds 3

The network (10-30-20-2, tanh, 32 rows, float64) is a function of one vector, for autograd's
`jacobian` takes no trees. All results are compared first. Then each takes its turn in every round;
medians. JAX is compiled (`jit`) beforehand. Products with the derivative are timed beside the plain
call, ours alone.
"""

from __future__ import annotations

import argparse
import importlib.util
import itertools
import statistics
import time
from typing import TYPE_CHECKING, Any

import numpy as np

import autograd_lite as ag

if TYPE_CHECKING:
    from collections.abc import Callable

SIZES = (10, 30, 20, 2)
ROWS = 32


def problem() -> tuple[Any, Any, Any]:
    """Parameters in one vector, inputs and targets."""
    rng = np.random.default_rng(0)
    count = sum(m * n + n for m, n in itertools.pairwise(SIZES))
    return rng.normal(size=count) / 4, rng.normal(size=(ROWS, 10)), rng.normal(size=(ROWS, 2))


def functions(tanh: Callable[[Any], Any]) -> tuple[Callable[[Any], Any], Callable[[Any], Any]]:
    """The network's outputs, and its loss, of the vector; by the `tanh` of a library."""
    _, x, target = problem()

    def outputs(theta: Any) -> Any:
        at, h = 0, x
        for m, n in itertools.pairwise(SIZES):
            w, b = theta[at : at + m * n].reshape((m, n)), theta[at + m * n : at + m * n + n]
            z = h @ w + b
            at, h = at + m * n + n, tanh(z) if n != SIZES[-1] else z
        return h

    def loss(theta: Any) -> Any:
        return ((outputs(theta) - target) ** 2).sum() / ROWS

    return outputs, loss


def ours() -> dict[str, Callable[[Any], Any]]:
    """What autograd_lite computes."""
    outputs, loss = functions(ag.tanh)
    jacobian, hessian = ag.func.jacobian(outputs), ag.func.hessian(loss)
    return {
        "jacobian": lambda theta: jacobian(theta).numpy(),
        "hessian": lambda theta: hessian(theta).numpy(),
    }


def hips() -> dict[str, Callable[[Any], Any]]:
    """What HIPS autograd computes."""
    import autograd  # a peer, which need not be installed
    import autograd.numpy

    outputs, loss = functions(autograd.numpy.tanh)
    return {"jacobian": autograd.jacobian(outputs), "hessian": autograd.hessian(loss)}


def jax() -> dict[str, Callable[[Any], Any]]:
    """What JAX computes, compiled at the first call."""
    import jax  # a peer, which need not be installed

    jax.config.update("jax_enable_x64", val=True)
    outputs, loss = functions(jax.numpy.tanh)
    jacobian, hessian = jax.jit(jax.jacrev(outputs)), jax.jit(jax.hessian(loss))
    return {
        "jacobian": lambda theta: np.asarray(jacobian(theta)),
        "hessian": lambda theta: np.asarray(hessian(theta)),
    }


def products() -> dict[str, Callable[[Any], Any]]:
    """Calls of ours that cost about a pass each."""
    outputs, loss = functions(ag.tanh)
    theta, *_ = problem()
    v, u = np.ones_like(theta), np.ones((ROWS, SIZES[-1]))

    def recorded(x: Any) -> Any:
        return outputs(ag.tensor(x, requires_grad=True))

    return {
        "call, recorded": recorded,
        "vjp": lambda x: ag.func.vjp(outputs, x)[1](u),
        "jvp": lambda x: ag.func.jvp(outputs, (x,), (v,)),
        "grad": ag.func.grad(loss),
        "hvp": lambda x: ag.func.hvp(loss, (x,), (v,)),
    }


def by_turns(jobs: dict[str, Callable[[Any], Any]], rounds: int) -> dict[str, float]:
    """The median milliseconds of each job."""
    theta, *_ = problem()
    for job in jobs.values():
        job(theta)
    found: dict[str, list[float]] = {name: [] for name in jobs}
    for _ in range(rounds):
        for name, job in jobs.items():
            start = time.perf_counter()
            job(theta)
            found[name].append((time.perf_counter() - start) * 1e3)
    return {name: statistics.median(times) for name, times in found.items()}


def main() -> None:
    """Compare, then time."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--alone", action="store_true", help="without the others")
    options = parser.parse_args()
    rounds = options.rounds
    made = {"autograd_lite": ours()}
    for name, package, make in (("HIPS autograd", "autograd", hips), ("JAX, jit", "jax", jax)):
        if options.alone or importlib.util.find_spec(package) is None:
            print(f"{name}: left out, or not installed")
        else:
            made[name] = make()
    theta, *_ = problem()
    for what in ("jacobian", "hessian"):
        results = {name: jobs[what](theta) for name, jobs in made.items()}
        for result in results.values():
            np.testing.assert_allclose(result, results["autograd_lite"], rtol=1e-9, atol=1e-12)
        times = by_turns({name: jobs[what] for name, jobs in made.items()}, rounds)
        print(f"{what} {results['autograd_lite'].shape}, {rounds} rounds")
        for name, taken in times.items():
            print(f"  {name:14} {taken:9.2f} ms  {taken / times['autograd_lite']:6.2f}")
    print(f"one pass each, {rounds} rounds")
    times = by_turns(products(), rounds)
    for name, taken in times.items():
        print(f"  {name:14} {taken:9.3f} ms  {taken / times['call, recorded']:6.2f}")


if __name__ == "__main__":
    main()
