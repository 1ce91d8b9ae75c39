"""A Gaussian process whose settings are learned by the marginal likelihood of the data.

python examples/gaussian_process.py            fit 100 points, and draw before and after
python examples/gaussian_process.py --noise 0.5

The covariance is a smooth trend (RBF) plus a wave (periodic) plus noise. Their seven settings are
what is differentiated: -log p(y) goes through a Cholesky factor, so each step of L-BFGS does too.
A scan comes first, for the likelihood has a valley at each period that fits a little.
"""

from __future__ import annotations

import math
import sys
import time
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

import autograd_lite as ag
from autograd_lite import linalg, optim

try:
    import matplotlib as mpl
    from threadpoolctl import threadpool_limits
except ImportError as error:
    sys.exit(f"gaussian_process.py needs {error.name}: pip install 'autograd-lite[examples]'")

from command_line import above, parser_of, save

mpl.use("Agg")
import matplotlib.pyplot as plt  # after the choice of a backend that needs no screen

if TYPE_CHECKING:
    import argparse
    from pathlib import Path

    from matplotlib.axes import Axes
    from numpy.typing import NDArray

POINTS, NOISE, STEPS = 100, 0.25, 40
END, GAP = 10.0, (5.5, 7.0)  # the points lie in [0, END], but for a gap
PERIOD = 1.25
START = {
    "trend": 1.0, "trend length": 2.0,
    "wave": 1.0, "wave length": 1.0, "period": 1.5,
    "noise": 0.5, "mean": 1.0,
}  # fmt: skip
JITTER = 1e-8  # keeps the covariance of two equal points from being singular


class Data(NamedTuple):
    """Points, and the function that they scatter around."""

    x: NDArray[Any]
    y: NDArray[Any]


class Posterior(NamedTuple):
    """What is believed of the function at some places: the mean and the standard deviation."""

    mean: NDArray[Any]
    deviation: NDArray[Any]


def truth(x: NDArray[Any]) -> NDArray[Any]:
    """What is to be found: a slow bend and a wave."""
    bend = np.sin(0.5 * x) + 0.1 * x
    wave: NDArray[Any] = np.sin(2 * np.pi * x / PERIOD)
    return bend + 0.6 * wave + 0.2 * np.cos(4 * np.pi * x / PERIOD)


def make_data(count: int, noise: float, seed: int) -> Data:
    """Points at random places outside of the gap, with normal noise."""
    random = np.random.default_rng(seed)
    width = GAP[1] - GAP[0]
    x = np.sort(random.uniform(0, END - width, count))
    x[x > GAP[0]] += width
    return Data(x, truth(x) + noise * random.standard_normal(count))


def covariance(p: dict[str, Any], x1: NDArray[Any], x2: NDArray[Any]) -> Any:
    """The covariance of the function's values at x1 with those at x2."""
    apart = np.abs(x1[:, None] - x2)
    trend = p["trend"] ** 2 * ag.exp(-0.5 * (apart / p["trend length"]) ** 2)
    half = ag.sin(np.pi * apart / p["period"])
    return trend + p["wave"] ** 2 * ag.exp(-2 * (half / p["wave length"]) ** 2)


def factor(p: dict[str, Any], data: Data) -> tuple[Any, Any]:
    """The Cholesky factor L of the data's covariance, and L^-1 (y - mean)."""
    added = (p["noise"] ** 2 + JITTER) * np.eye(len(data.x))
    lower = linalg.cholesky(covariance(p, data.x, data.x) + added)
    return lower, linalg.solve_triangular(lower, data.y - p["mean"], lower=True)


def loss(p: dict[str, Any], data: Data) -> ag.Tensor:
    """-log p(y), by point: half of y^T K^-1 y + log det K + n log 2 pi, with K = L L^T."""
    lower, white = factor(p, data)
    n = len(data.x)
    total = 0.5 * (white**2).sum() + ag.log(linalg.diagonal(lower)).sum()
    result: ag.Tensor = (total + 0.5 * n * math.log(2 * math.pi)) / n
    return result


def settings(raw: dict[str, ag.Tensor]) -> dict[str, Any]:
    """The settings of the covariance: all but the mean are exponentials, so that they stay > 0."""
    return {name: value if name == "mean" else ag.exp(value) for name, value in raw.items()}


def start() -> dict[str, ag.Tensor]:
    """What is learned, before it is."""
    return {
        name: ag.tensor(np.float64(v if name == "mean" else np.log(v)), requires_grad=True)
        for name, v in START.items()
    }


def scan(raw: dict[str, ag.Tensor], data: Data) -> None:
    """Set the period to the likeliest of some: each has a valley, which no slope leads out of."""
    periods = np.geomspace(0.5, 5, 100)
    with ag.no_grad():
        found = [loss({**settings(raw), "period": period}, data).item() for period in periods]
    raw["period"].data[...] = np.log(periods[int(np.argmin(found))])


def train(raw: dict[str, ag.Tensor], data: Data, steps: int) -> list[float]:
    """Learn, and return the loss before each step and at the end."""
    optimizer = optim.LBFGS(list(raw.values()), max_iter=1)

    def closure() -> ag.Tensor:
        optimizer.zero_grad()
        value = loss(settings(raw), data)
        value.backward()
        return value

    losses: list[float] = []
    for step in range(steps):
        value: Any = optimizer.step(closure)
        losses.append(float(value.item()))
        if sys.stdout.isatty():
            print(f"\rstep {step + 1} of {steps}: -log p(y) = {losses[-1]:.4f}", end="")
    if sys.stdout.isatty():
        print()
    with ag.no_grad():
        losses.append(loss(settings(raw), data).item())
    return losses


def predict(p: dict[str, Any], data: Data, x: NDArray[Any]) -> Posterior:
    """The function at x, given the data."""
    with ag.no_grad():
        lower, white = factor(p, data)
        across = linalg.solve_triangular(lower, covariance(p, data.x, x), lower=True)
        mean = (p["mean"] + across.mT @ white).numpy()
        prior = (p["trend"] ** 2 + p["wave"] ** 2).item()
        variance = prior - (across**2).sum(0).numpy()
    return Posterior(mean, np.sqrt(np.maximum(variance, 0)))


def show(axes: Axes, data: Data, x: NDArray[Any], found: Posterior, title: str) -> None:
    """The points, the truth, and what is believed of it."""
    axes.axvspan(*GAP, color="0.95", linewidth=0)
    axes.axvspan(END, x[-1], color="0.95", linewidth=0)
    for width, strength in ((2, 0.18), (1, 0.22)):
        low, high = (found.mean + sign * width * found.deviation for sign in (-1, 1))
        label = "mean and 1, 2 deviations" if width == 1 else None
        axes.fill_between(x, low, high, color="tab:blue", alpha=strength, lw=0, label=label)
    axes.plot(x, found.mean, color="tab:blue", linewidth=1.8)
    axes.plot(x, truth(x), color="black", linewidth=1, linestyle=(0, (4, 2)), label="truth")
    axes.plot(data.x, data.y, ".", color="tab:red", markersize=5, label="data")
    axes.set(title=title, xlim=(x[0], x[-1]), ylim=(-2.6, 3.6))
    axes.grid(alpha=0.25)


def draw(data: Data, parts: list[tuple[Posterior, str]], losses: list[float], path: Path) -> None:
    """What is believed before and after, and the way there."""
    figure = plt.figure(figsize=(13, 7), layout="constrained")
    grid = figure.add_gridspec(2, 2, width_ratios=[3, 1])
    x = places()
    for row, (found, title) in enumerate(parts):
        axes = figure.add_subplot(grid[row, 0])
        show(axes, data, x, found, title)
    axes.set_xlabel("x; grey: where there are no data")
    figure.axes[0].legend(loc="lower left", ncols=3, framealpha=0.9)
    right = figure.add_subplot(grid[:, 1])
    right.plot(losses, color="tab:blue", linewidth=1.8)
    right.set(title="negative log likelihood", xlabel="step of L-BFGS", ylabel="for each point")
    right.grid(alpha=0.25)
    save(figure, path)
    plt.close(figure)


def places() -> NDArray[Any]:
    """Where the function is drawn: also beyond the data."""
    return np.linspace(0, 1.3 * END, 600)


def parse_arguments(arguments: list[str] | None = None) -> argparse.Namespace:
    """The command line."""
    parser = parser_of(__doc__)
    add = parser.add_argument
    add("--points", type=above(0, int), default=POINTS, help=f"(default {POINTS})")
    add("--noise", type=above(0, float), default=NOISE, help=f"its deviation (default {NOISE})")
    add("--steps", type=above(0, int), default=STEPS, help=f"of L-BFGS (default {STEPS})")
    return parser.parse_args(arguments)


def main(arguments: list[str] | None = None) -> None:
    """Make data, learn, draw."""
    options = parse_arguments(arguments)
    data, raw, x = make_data(options.points, options.noise, options.seed), start(), places()
    before = predict(settings(raw), data, x)
    began = time.perf_counter()
    with threadpool_limits(1):  # matrices this small only wait for a second thread
        scan(raw, data)
        losses = train(raw, data, options.steps)
    seconds = time.perf_counter() - began
    found = {name: value.item() for name, value in settings(raw).items()}
    print(f"-log p(y) for each point {losses[0]:.4f} -> {losses[-1]:.4f} in {seconds:.1f} s")
    print(", ".join(f"{name} {value:.3g}" for name, value in found.items()))
    print(f"the noise is {options.noise:g}, and {found['noise']:.3f} was found; period {PERIOD:g}")
    learned = (
        f"After {len(losses) - 1} steps: noise {found['noise']:.2f} (true {options.noise:g}),"
        f" period {found['period']:.2f} (true {PERIOD:g})"
    )
    parts = [
        (before, f"Before: a guess. The noise is taken for {START['noise']:g}"),
        (predict(settings(raw), data, x), learned),
    ]
    draw(data, parts, losses, options.out / "gaussian_process.png")


if __name__ == "__main__":
    main()
