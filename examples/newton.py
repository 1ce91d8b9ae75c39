"""Newton's method by Hessian-vector products, against BFGS and L-BFGS.

python examples/newton.py        Rosenbrock's valley in 100 dimensions, a classifier; a picture

Newton's step solves H p = -g. Conjugate gradients solve it without the matrix H: they need H v, a
derivative of the gradient along v, which costs about as much as the gradient itself. The gradient's
graph is recorded once an iteration, and every product is a walk through it (`func.linearize`).
BFGS, of SciPy, learns the inverse of H from the gradients that it meets; L-BFGS from the last ten.
All get the same gradients. A gradient counts 1, and so does a product.
(Nocedal and Wright, "Numerical optimization", 2006, algorithm 7.1.)
"""

from __future__ import annotations

import sys
import time
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

import autograd_lite as ag
from autograd_lite import func

try:
    import matplotlib as mpl
    from scipy.optimize import minimize
    from sklearn.datasets import load_digits
    from threadpoolctl import threadpool_limits
    from tqdm import tqdm
except ImportError as error:
    sys.exit(f"newton.py needs {error.name}: pip install 'autograd-lite[examples]'")

from command_line import above, parser_of, save

mpl.use("Agg")
import matplotlib.pyplot as plt  # after the choice of a backend that needs no screen

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable
    from pathlib import Path

    from numpy.typing import NDArray

DIMENSIONS, MOST = 100, 1000  # MOST iterations of a method
GOAL = 1e-6  # the largest element of the gradient at which a method stops
RIDGE = 1e-3
COLOURS = {"Newton-CG": "black", "BFGS": "tab:orange", "L-BFGS": "tab:blue"}


@dataclass
class Run:
    """The way of a method: after each iteration the work so far, and the largest |g|."""

    method: str
    work: list[int] = field(default_factory=list)
    norms: list[float] = field(default_factory=list)
    seconds: float = 0.0
    loss: float = 0.0


@dataclass
class Problem:
    """A function to minimise, of a vector, and where to begin."""

    title: str
    loss: Callable[[Any], Any]
    start: NDArray[Any]


def rosenbrock(dimensions: int, seed: int) -> Problem:
    """A curved valley with its lowest point at (1, ..., 1), from a random point near the origin."""

    def loss(w: Any) -> Any:
        return (100 * (w[1:] - w[:-1] ** 2) ** 2 + (1 - w[:-1]) ** 2).sum()

    start = np.random.default_rng(seed).uniform(-1, 1, dimensions)
    return Problem(f"Rosenbrock's valley, {dimensions} dimensions", loss, start)


def classifier() -> Problem:
    """Multinomial logistic regression of scikit-learn's digits, with a small ridge: convex."""
    digits = load_digits()
    x = np.column_stack([digits.data / 16, np.ones(len(digits.data))])
    rows, y = np.arange(len(x)), digits.target

    def loss(w: Any) -> Any:
        logits = ag.matmul(x, w.reshape(-1, 10))
        return -ag.log_softmax(logits)[rows, y].mean() + RIDGE / 2 * (w * w).sum()

    size = 10 * x.shape[1]
    return Problem(f"logistic regression of digits, {size} weights", loss, np.zeros(size))


def newton(problem: Problem) -> Run:
    """Newton's method, whose linear systems conjugate gradients solve as well as it pays."""
    run, w, work = Run("Newton-CG"), problem.start.copy(), 0
    slope = func.grad(problem.loss)
    for _ in range(MOST):
        gradient, product = func.linearize(slope, ag.tensor(w))
        g, work = gradient.numpy(), work + 1
        run.work.append(work)
        run.norms.append(float(np.abs(g).max()))
        if run.norms[-1] < GOAL:
            break
        step, products = conjugate_gradients(partial(_multiplied, product), g)
        w, work = w + length(problem.loss, w, step, g) * step, work + products
    run.loss = problem.loss(ag.tensor(w)).item()
    return run


def _multiplied(product: Callable[[Any], Any], v: NDArray[Any]) -> NDArray[Any]:
    """H v, as an array of an array."""
    found: NDArray[Any] = product(ag.tensor(v)).numpy()
    return found


def conjugate_gradients(
    product: Callable[[NDArray[Any]], NDArray[Any]], g: NDArray[Any]
) -> tuple[NDArray[Any], int]:
    """About -H^-1 g, by products with H, and how many; -g where H curves downward from there.

    It is enough to be as exact as the gradient is small: the last iterations are then quadratic.
    """
    size = np.linalg.norm(g)
    p, r = np.zeros_like(g), g.copy()
    d, enough = -r, min(0.5, np.sqrt(size)) * size
    for n in range(1, 2 * len(g)):
        h = product(d)
        curvature = d @ h
        if curvature <= 0:
            return (d if n == 1 else p), n
        alpha = (r @ r) / curvature
        p, before, r = p + alpha * d, r, r + alpha * h
        if np.linalg.norm(r) < enough:
            return p, n
        d = -r + (r @ r) / (before @ before) * d
    return p, n


def length(loss: Any, w: NDArray[Any], step: NDArray[Any], g: NDArray[Any]) -> float:
    """Halved from 1 until the loss falls by a share of what the gradient promises (Armijo)."""
    here, promise, t = loss(w), 1e-4 * (g @ step), 1.0
    while loss(w + t * step) > here + t * promise and t > 1e-10:
        t /= 2
    return t


def scipys(problem: Problem, method: str, options: dict[str, Any]) -> Run:
    """A quasi-Newton method of SciPy with our gradients."""
    run, work = Run(method), 0
    last: NDArray[Any] = np.zeros(0)
    both = func.value_and_grad(problem.loss)

    def evaluate(w: NDArray[Any]) -> tuple[float, NDArray[Any]]:
        nonlocal work, last
        value, gradient = both(ag.tensor(w))
        work, last = work + 1, gradient.numpy()
        return value.item(), last

    def note(_: NDArray[Any]) -> None:
        run.work.append(work)
        run.norms.append(float(np.abs(last).max()))

    name = method.replace("L-BFGS", "L-BFGS-B")  # without bounds it is the same
    found = minimize(evaluate, problem.start, jac=True, method=name, callback=note, options=options)
    run.loss = float(found.fun)
    return run


METHODS: dict[str, Callable[[Problem], Run]] = {
    "Newton-CG": newton,
    "BFGS": lambda problem: scipys(problem, "BFGS", {"gtol": GOAL, "maxiter": MOST}),
    "L-BFGS": lambda problem: scipys(problem, "L-BFGS", {"gtol": GOAL, "ftol": 0, "maxiter": MOST}),
}


def compare(problem: Problem) -> list[Run]:
    """All methods on one problem."""
    runs = []
    for name in tqdm(METHODS, desc=problem.title, leave=False, disable=None):
        started = time.perf_counter()
        run = METHODS[name](problem)
        run.seconds = time.perf_counter() - started
        runs.append(run)
    return runs


def table(problem: Problem, runs: list[Run]) -> str:
    """A line for each run."""
    lines = [problem.title, "method      iterations   gradients + products   largest |g|   loss"]
    lines += [
        f"{run.method:10s}  {len(run.norms):10d}   {run.work[-1]:20d}   {run.norms[-1]:11.1e}"
        f"   {run.loss:.6g}   {run.seconds:.2f} s"
        for run in runs
    ]
    return "\n".join(lines)


def draw(results: list[tuple[Problem, list[Run]]], path: Path) -> None:
    """The largest element of the gradient, by iterations and by work."""
    figure, axes = plt.subplots(2, len(results), figsize=(12, 7.5), layout="constrained")
    for (upper, lower), (problem, runs) in zip(np.transpose(axes), results, strict=True):
        for run in runs:
            colour = COLOURS[run.method]
            upper.plot(run.norms, ".-", color=colour, label=run.method, linewidth=1, markersize=4)
            lower.plot(run.work, run.norms, ".-", color=colour, linewidth=1, markersize=4)
        upper.set(title=problem.title, xlabel="iterations")
        lower.set(xlabel="gradients and Hessian-vector products")
        for ax in (upper, lower):
            ax.axhline(GOAL, color="black", linewidth=0.8, linestyle=":")
            ax.set(ylabel="largest |g|", yscale="log")
            ax.grid(alpha=0.3)
        upper.legend(frameon=False)
    figure.suptitle("Newton's method by Hessian-vector products, against BFGS and L-BFGS")
    save(figure, path)
    plt.close(figure)


def parse_arguments(arguments: list[str] | None = None) -> argparse.Namespace:
    """The command line."""
    parser = parser_of(__doc__)
    parser.add_argument(
        "--dimensions", type=above(1, int), default=DIMENSIONS, help="of Rosenbrock's valley"
    )
    return parser.parse_args(arguments)


def main(arguments: list[str] | None = None) -> None:
    """Compare the methods on both problems."""
    options = parse_arguments(arguments)
    results = []
    with threadpool_limits(1):  # matrices this small only wait for a second thread
        for problem in (rosenbrock(options.dimensions, options.seed), classifier()):
            results.append((problem, compare(problem)))
            print(table(*results[-1]), end="\n\n")
    draw(results, options.out / "newton.png")


if __name__ == "__main__":
    main()
