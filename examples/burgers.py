"""A physics-informed network: a differential equation solved by a network, without any data.

python examples/burgers.py                  Burgers' equation, in some seconds; a picture
python examples/burgers.py --viscosity 0.02     a steeper front

The equation u_t + u u_x = nu u_xx, with u(x, 0) = -sin(pi x) and u(-1, t) = u(1, t) = 0, makes a
wave steepen to a front. The network is u(x, t); its loss is the square of what the equation leaves
over, with the derivatives of the network itself, u_xx being one of a derivative. What begins, and
what the ends do, is in the form of u = -sin(pi x) + t (1 - x^2) N(x, t), so that nothing is left to
weigh against the equation. The loss is descended by L-BFGS.
(Raissi, Perdikaris and Karniadakis, "Physics-informed neural networks", 2019.)
"""

from __future__ import annotations

import sys
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

import autograd_lite as ag
from autograd_lite import nn, optim

try:
    import matplotlib as mpl
    from threadpoolctl import threadpool_limits
    from tqdm import tqdm
except ImportError as error:
    sys.exit(f"burgers.py needs {error.name}: pip install 'autograd-lite[examples]'")

from command_line import above, parser_of, save

mpl.use("Agg")
import matplotlib.pyplot as plt  # after the choice of a backend that needs no screen

if TYPE_CHECKING:
    import argparse
    from pathlib import Path

    from numpy.typing import NDArray

VISCOSITY, ITERATIONS, POINTS, WIDTH = 0.03, 250, 900, 24
CHUNK = 10  # iterations between two looks at the error
TIMES = (0.0, 0.25, 0.5, 1.0)


@dataclass
class Run:
    """What a training leaves: the loss and the error at each look."""

    model: nn.Module
    losses: list[float] = field(default_factory=list)
    errors: list[float] = field(default_factory=list)
    seconds: float = 0.0


def make_model() -> nn.Sequential:
    """2-24-24-24-1 with tanh, whose derivatives of any order are smooth; in float64."""
    layers: list[nn.Module] = []
    for inputs, outputs in ((2, WIDTH), (WIDTH, WIDTH), (WIDTH, WIDTH)):
        layers += [nn.Linear(inputs, outputs, "xavier", dtype="float64"), nn.Tanh()]
    return nn.Sequential(*layers, nn.Linear(WIDTH, 1, "xavier", dtype="float64"))


def wave(model: nn.Module, x: Any, t: Any) -> Any:
    """u(x, t), which begins as -sin(pi x) and is 0 at both ends, whatever the network says."""
    inner = model(ag.concatenate([x, 2 * t - 1], axis=1))
    return -ag.sin(np.pi * x) + t * (1 - x * x) * inner


def residual(model: nn.Module, x: Any, t: Any, viscosity: float) -> Any:
    """u_t + u u_x - nu u_xx at points (n, 1): 0 for a solution."""
    u = wave(model, x, t)
    u_x, u_t = ag.grad(u.sum(), [x, t], create_graph=True)
    (u_xx,) = ag.grad(u_x.sum(), x, create_graph=True)
    return u_t + u * u_x - viscosity * u_xx


def exact(x: Any, t: float, viscosity: float) -> NDArray[Any]:
    """The solution, by the formula of Cole and Hopf, with 200 nodes of Gauss and Hermite."""
    if t == 0:
        return np.asarray(-np.sin(np.pi * x))
    nodes, weights = np.polynomial.hermite.hermgauss(200)
    y = x[:, None] - nodes * np.sqrt(4 * viscosity * t)
    exponent = -np.cos(np.pi * y) / (2 * np.pi * viscosity)
    shares = weights * np.exp(exponent - exponent.max(axis=1, keepdims=True))
    return np.asarray(-(shares * np.sin(np.pi * y)).sum(axis=1) / shares.sum(axis=1))


def grid(model: nn.Module, viscosity: float) -> tuple[NDArray[Any], ...]:
    """x, t, and on their grid the network's u and the exact one, (times, places)."""
    x, t = np.linspace(-1, 1, 161), np.linspace(0, 1, 51)
    across, up = (a.reshape(-1, 1) for a in np.meshgrid(x, t))
    with ag.no_grad():
        found = wave(model, ag.tensor(across), ag.tensor(up)).numpy().reshape(len(t), len(x))
    return x, t, found, np.array([exact(x, moment, viscosity) for moment in t])


def error_of(model: nn.Module, viscosity: float) -> float:
    """The root mean square of the error, as a share of that of the solution."""
    *_, found, true = grid(model, viscosity)
    return float(np.linalg.norm(found - true) / np.linalg.norm(true))


def train(options: argparse.Namespace) -> Run:
    """Descend the mean square of the residual at fixed points."""
    ag.manual_seed(options.seed)
    generator = np.random.default_rng(options.seed)
    model = make_model()
    x = ag.tensor(generator.uniform(-1, 1, (options.points, 1)), requires_grad=True)
    t = ag.tensor(generator.uniform(0, 1, (options.points, 1)), requires_grad=True)
    optimizer = optim.LBFGS(model.parameters(), max_iter=CHUNK, history_size=50)
    run = Run(model)

    def closure() -> Any:
        optimizer.zero_grad()
        loss = (residual(model, x, t, options.viscosity) ** 2).mean()
        loss.backward()
        return loss

    started = time.perf_counter()
    looks = range(0, options.iterations, CHUNK)
    with tqdm(looks, desc="descending", unit=f"{CHUNK} iterations", disable=None) as bar:
        for _ in bar:
            run.losses.append(optimizer.step(closure).item())
            run.errors.append(error_of(model, options.viscosity))
            bar.set_postfix(loss=f"{run.losses[-1]:.2e}", error=f"{run.errors[-1]:.2%}")
    run.seconds = time.perf_counter() - started
    return run


def draw(run: Run, options: argparse.Namespace, path: Path) -> None:
    """The wave in space and time, at some moments beside the exact one, and the way there."""
    x, t, found, true = grid(run.model, options.viscosity)
    figure, (left, middle, right) = plt.subplots(1, 3, figsize=(15, 4.4), layout="constrained")
    image = left.pcolormesh(t, x, found.T, cmap="RdBu_r", vmin=-1, vmax=1, shading="gouraud")
    figure.colorbar(image, ax=left, label="u")
    left.set(title="the network u(x, t)", xlabel="t", ylabel="x")
    for moment, colour in zip(TIMES, plt.get_cmap("viridis")([0.0, 0.3, 0.6, 0.9]), strict=True):
        row = int(np.abs(t - moment).argmin())
        middle.plot(x, true[row], color="0.75", linewidth=5)
        middle.plot(x, found[row], color=colour, linewidth=1.5, label=f"t = {moment:g}")
    middle.set(
        title="at some moments; grey: exact", xlabel="x", ylabel="u", xticks=(-1, -0.5, 0, 0.5, 1)
    )
    middle.legend(frameon=False, fontsize="small")
    steps = CHUNK * np.arange(1, len(run.losses) + 1)
    right.plot(steps, run.losses, color="tab:blue", label="mean square of the residual")
    right.plot(steps, run.errors, color="tab:red", label="error of u, relative")
    right.set(title="the descent", xlabel="iteration of L-BFGS", yscale="log")
    right.grid(alpha=0.3)
    right.legend(frameon=False, fontsize="small")
    figure.suptitle(
        f"Burgers' equation, nu = {options.viscosity:g}, solved by a network: error"
        f" {run.errors[-1]:.2%} after {run.seconds:.1f} s"
    )
    save(figure, path)
    plt.close(figure)


def parse_arguments(arguments: list[str] | None = None) -> argparse.Namespace:
    """The command line."""
    parser = parser_of(__doc__)
    add = parser.add_argument
    add("--viscosity", type=above(0, float), default=VISCOSITY, help=f"nu (default {VISCOSITY})")
    add("--iterations", type=above(0, int), default=ITERATIONS, help="of L-BFGS")
    add("--points", type=above(0, int), default=POINTS, help="where the equation is asked for")
    return parser.parse_args(arguments)


def main(arguments: list[str] | None = None) -> None:
    """Solve the equation, compare, draw."""
    options = parse_arguments(arguments)
    with threadpool_limits(1):  # matrices this small only wait for a second thread
        run = train(options)
    print(
        f"loss {run.losses[0]:.2e} -> {run.losses[-1]:.2e}, error of u {run.errors[-1]:.2%}"
        f" after {CHUNK * len(run.losses)} iterations and {run.seconds:.1f} s"
    )
    draw(run, options, options.out / "burgers.png")


if __name__ == "__main__":
    main()
