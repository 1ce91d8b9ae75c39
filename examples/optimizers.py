"""The optimizers of document 2's table, side by side: on a ravine, and on the spiral of document 1.

python examples/optimizers.py                                     all six, two tables, two pictures
python examples/optimizers.py --optimizer momentum --optimizer adam    these two

All start from the same point, or the same weights, and make the same number of steps. The ravine is
f(w) = (u^2 + 50 v^2) / 2, with (u, v) the coordinates of w turned by 25 degrees: it curves fifty
times as much across as along, and does not run along an axis, which would suit the rules that scale
each coordinate. On the spiral, each step descends the mean loss of all 500 points.
"""

from __future__ import annotations

import argparse
import math
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

import autograd_lite as ag
from autograd_lite import nn, optim

try:
    import matplotlib as mpl
    from threadpoolctl import threadpool_limits
    from tqdm import tqdm
except ImportError as error:
    sys.exit(f"optimizers.py needs {error.name}: pip install 'autograd-lite[examples]'")

from spiral import DATA_SEED, accuracy, boundary, make_model, make_spiral

mpl.use("Agg")
import matplotlib.pyplot as plt  # after the choice of a backend that needs no screen

if TYPE_CHECKING:
    from collections.abc import Callable

    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from numpy.typing import NDArray

STEPS, EPOCHS = 200, 300
RAVINE_GOAL, SPIRAL_GOAL = 0.01, 0.1  # the losses to reach
START, TURN, STEEPNESS = (-4.0, 0.5), math.radians(25), 50.0


@dataclass(frozen=True)
class Rule:
    """An optimizer of the table, with its learning rates.

    These are the best of 1, 2 and 5 times powers of 10: on the ravine by the highest of the last 50
    of 200 losses, for some oscillate; on the spiral by the loss after 300 epochs, in the mean of
    the seeds 0, 1 and 2.
    """

    title: str
    make: Callable[..., optim.Optimizer]
    ravine_lr: float
    spiral_lr: float
    colour: str
    settings: dict[str, Any] = field(default_factory=dict)


# SGD clips by default, as in document 1; the table does not.
PLAIN = {"momentum": 0.0, "clip_value": None}
AVERAGE = {"momentum": 0.9, "clip_value": None}
RULES = {
    "sgd": Rule("SGD (vanilla)", optim.SGD, 0.02, 2.0, "tab:gray", PLAIN),
    "momentum": Rule("SGD + momentum", optim.SGD, 0.05, 2.0, "tab:blue", AVERAGE),
    "nesterov": Rule(
        "Nesterov momentum", optim.SGD, 0.2, 2.0, "tab:cyan", {**AVERAGE, "nesterov": True}
    ),
    "adagrad": Rule("AdaGrad", optim.AdaGrad, 5.0, 0.2, "tab:green"),
    "rmsprop": Rule("RMSProp", optim.RMSProp, 0.05, 0.02, "tab:orange", {"alpha": 0.9}),
    "adam": Rule("Adam", optim.Adam, 1.0, 0.05, "tab:red"),
}


@dataclass
class Run:
    """What a run of a rule leaves: the loss before each step and after the last, and the time."""

    rule: Rule
    lr: float
    losses: list[float] = field(default_factory=list)
    seconds: float = 0.0
    path: list[NDArray[Any]] = field(default_factory=list)
    model: Any = None

    def steps_to(self, goal: float) -> str:
        """The number of steps after which the loss is below `goal` for the first time."""
        return next((str(i) for i, loss in enumerate(self.losses) if loss < goal), "-")


def ravine(w: Any) -> Any:
    """The loss of points w, (..., 2)."""
    u = math.cos(TURN) * w[..., 0] + math.sin(TURN) * w[..., 1]
    v = math.cos(TURN) * w[..., 1] - math.sin(TURN) * w[..., 0]
    return (u * u + STEEPNESS * v * v) * 0.5


def descend_ravine(rule: Rule, steps: int) -> Run:
    """The path of a rule. That of Nesterov is of the look-ahead points, which the parameter is."""
    w = ag.tensor(np.array(START), requires_grad=True)
    run = Run(rule, rule.ravine_lr)
    optimizer = rule.make([w], lr=run.lr, **rule.settings)
    started = time.perf_counter()
    for _ in range(steps):
        loss = ravine(w)
        optimizer.zero_grad()
        loss.backward()
        run.losses.append(loss.item())
        run.path.append(w.detach().numpy().copy())
        optimizer.step()
    run.seconds = time.perf_counter() - started
    run.path.append(w.detach().numpy().copy())
    run.losses.append(float(ravine(run.path[-1])))
    return run


def descend_spiral(rule: Rule, epochs: int, seed: int, x: Any, y: Any) -> Run:
    """The training of document 1's model by a rule, from the weights that the seed draws."""
    ag.manual_seed(seed)
    model = make_model("float32")
    run = Run(rule, rule.spiral_lr, model=model)
    loss_function = nn.BCELoss()
    x, y = ag.tensor(x, dtype="float32"), ag.tensor(y, dtype="float32")
    optimizer = rule.make(model.parameters(), lr=run.lr, **rule.settings)
    started = time.perf_counter()
    for _ in tqdm(range(epochs), desc=rule.title, unit="epoch", leave=False, disable=None):
        loss = loss_function(model(x), y)
        optimizer.zero_grad()
        loss.backward()
        run.losses.append(loss.item())
        optimizer.step()
    run.seconds = time.perf_counter() - started
    with ag.no_grad():
        run.losses.append(loss_function(model(x), y).item())
    return run


def table(title: str, runs: list[Run], goal: float, shares: list[float] | None = None) -> str:
    """A line for each run: its loss at the end, and how soon it was below the goal."""
    lines = [title, f"optimizer               lr   final loss   steps to {goal:<5g}   seconds"]
    lines[1] += "   accuracy" if shares else ""
    for i, run in enumerate(runs):
        lines.append(
            f"{run.rule.title:18s} {run.lr:7g}   {run.losses[-1]:10.3g}   {run.steps_to(goal):>14s}"
            f"   {run.seconds:7.2f}" + (f"   {shares[i]:8.1%}" if shares else "")
        )
    return "\n".join(lines)


def panels(runs: list[Run]) -> tuple[Figure, list[Axes], Axes]:
    """A picture with a square for each run, and room for the losses beside them."""
    columns = min(3, len(runs))
    rows = -(-len(runs) // columns)
    figure = plt.figure(figsize=(3.4 * columns + 5.5, max(3.6 * rows, 4.2)), layout="constrained")
    left, right = figure.subfigures(1, 2, squeeze=False, width_ratios=[3.4 * columns, 5.5])[0]
    squares = np.ravel(left.subplots(rows, columns, squeeze=False))
    for unused in squares[len(runs) :]:
        unused.set_visible(False)
    return figure, list(squares[: len(runs)]), right.subplots()


def draw_ravine(runs: list[Run], path: Path) -> None:
    """The path of each run on the contour lines of the ravine, and the losses."""
    figure, squares, side = panels(runs)
    across, up = np.meshgrid(np.linspace(-5, 3, 200), np.linspace(-5, 3, 200))
    heights = ravine(np.stack([across, up], axis=-1))
    for ax, run in zip(squares, runs, strict=True):
        ax.contour(
            across, up, heights, levels=np.geomspace(0.05, 800, 12), cmap="Greys_r", alpha=0.6
        )
        xs, ys = np.transpose(run.path)
        ax.plot(xs, ys, ".-", color=run.rule.colour, linewidth=1.2, markersize=4)
        ax.plot(*START, "o", color="black", markersize=6)
        ax.plot(0, 0, "*", color="gold", markeredgecolor="black", markersize=12)
        ax.set(title=f"{run.rule.title}, lr {run.lr:g}", xlim=(-5, 3), ylim=(-5, 3), aspect="equal")
    title = (
        f"A ravine that curves {STEEPNESS:g} times as much across as along, from \u25cf to \u2605"
    )
    finish(figure, side, runs, title, RAVINE_GOAL, path)


def draw_spiral(runs: list[Run], shares: list[float], x: Any, y: Any, path: Path) -> None:
    """The boundary that each run found, and the losses."""
    figure, squares, side = panels(runs)
    for ax, run, share in zip(squares, runs, shares, strict=True):
        boundary(ax, run.model, x, y)
        ax.set(title=f"{run.rule.title}, lr {run.lr:g}: {share:.1%}")
    title = f"The spiral after {len(runs[0].losses) - 1} epochs, from the same weights"
    finish(figure, side, runs, title, SPIRAL_GOAL, path)


def finish(
    figure: Figure, side: Axes, runs: list[Run], title: str, goal: float, path: Path
) -> None:
    """Draw the losses, and write the picture."""
    for run in runs:
        side.plot(run.losses, color=run.rule.colour, label=run.rule.title, linewidth=1.3)
    side.axhline(goal, color="black", linewidth=0.8, linestyle=":", label=f"the goal, {goal:g}")
    side.set(title="loss", xlabel="step", yscale="log")
    side.grid(alpha=0.3)
    side.legend(fontsize="small", loc="upper right")
    figure.suptitle(title)
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, dpi=110)
    plt.close(figure)
    print(f"picture {path}\n")


def whole(least: int) -> Any:
    """An argument that must be a whole number from `least`."""

    def parse(text: str) -> int:
        if int(text) < least:
            message = f"{text} is below {least}"
            raise argparse.ArgumentTypeError(message)
        return int(text)

    parse.__name__ = "int"
    return parse


def parse_arguments(arguments: list[str] | None = None) -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    add = parser.add_argument
    add(
        "--optimizer",
        action="append",
        choices=RULES,
        help="one of the table; may be repeated (default: all)",
    )
    add("--steps", type=whole(1), default=STEPS, help=f"on the ravine (default {STEPS})")
    add("--epochs", type=whole(1), default=EPOCHS, help=f"on the spiral (default {EPOCHS})")
    add("--seed", type=whole(0), default=0, help="of the first weights (default 0)")
    add("--out", type=Path, default=Path("outputs"), help="folder of the pictures")
    return parser.parse_args(arguments)


def main(arguments: list[str] | None = None) -> None:
    """Both comparisons."""
    options = parse_arguments(arguments)
    rules = [RULES[name] for name in dict.fromkeys(options.optimizer or RULES)]

    runs = [descend_ravine(rule, options.steps) for rule in rules]
    print(table(f"ravine, {options.steps} steps", runs, RAVINE_GOAL))
    draw_ravine(runs, options.out / "optimizers_ravine.png")

    x, y = make_spiral(np.random.RandomState(DATA_SEED))
    with threadpool_limits(1):  # matrices this small only wait for a second thread
        runs = [descend_spiral(rule, options.epochs, options.seed, x, y) for rule in rules]
    shares = [accuracy(run.model, x, y) for run in runs]
    print(table(f"spiral, {options.epochs} epochs", runs, SPIRAL_GOAL, shares))
    draw_spiral(runs, shares, x, y, options.out / "optimizers_spiral.png")


if __name__ == "__main__":
    main()
