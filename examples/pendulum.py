"""A pendulum that is too weakly driven to be lifted, swung up by gradient descent on its torques.

python examples/pendulum.py                        seconds; a table and a picture
python examples/pendulum.py --torque 3 --seed 7    a weaker motor, other first torques

The motor has less than half of the torque that would hold the pendulum at the height of its pivot,
so it must swing to and fro. The torque is a number at each of 30 times, a straight line in between.
The simulation is differentiated: the gradient of how far the pendulum is from standing still on its
head, during the last moments, goes back through all steps to these numbers, and Adam changes them.
Several starts run side by side, as columns of the same arrays; the best one is shown.

The steps are taken in segments of about the root of their number, each a `func.checkpoint`, so the
graph of one segment is in memory at a time, and not that of all steps.
"""

from __future__ import annotations

import math
import sys
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

import autograd_lite as ag
from autograd_lite import func, optim

try:
    import matplotlib as mpl
    from threadpoolctl import threadpool_limits
    from tqdm import tqdm
except ImportError as error:
    sys.exit(f"pendulum.py needs {error.name}: pip install 'autograd-lite[examples]'")

from command_line import above, parser_of, save

mpl.use("Agg")
import matplotlib.pyplot as plt  # after the choice of a backend that needs no screen
from matplotlib.collections import LineCollection
from matplotlib.patches import Circle

if TYPE_CHECKING:
    import argparse
    from pathlib import Path

SECONDS, HOLD = 6.0, 1.4  # of the simulation, and at its end those that count
STEPS, KNOTS, STARTS, ITERATIONS = 180, 30, 16, 120
GRAVITY, FRICTION, TORQUE = 9.81, 0.1, 4.0  # for a mass of 1 kg, 1 m from the pivot
DT = SECONDS / STEPS
SEGMENT = round(math.sqrt(STEPS))
GOAL = 20.0  # degrees from upright


@dataclass
class Run:
    """What a descent leaves: for each iteration the losses of all starts; and the best start."""

    torque: float
    losses: list[Any] = field(default_factory=list)
    knots: Any = None
    seconds: float = 0.0

    @property
    def best(self) -> int:
        """The start with the lowest last loss."""
        return int(np.argmin(self.losses[-1]))


def lines() -> Any:
    """The matrix that makes of a torque at each knot one at each step, by straight lines."""
    places = np.linspace(0, KNOTS - 1, STEPS)
    return np.maximum(0, 1 - np.abs(places[:, None] - np.arange(KNOTS)))


def torques(knots: Any, most: float) -> Any:
    """The torque at each step, (steps, starts), never above the motor's."""
    return most * ag.tanh(ag.matmul(lines(), knots))


def step(angle: Any, speed: Any, torque: Any) -> tuple[Any, Any]:
    """The pendulum a moment later (leapfrog); it hangs at 0 and stands at pi."""
    speed = speed + DT * (torque - GRAVITY * ag.sin(angle) - FRICTION * speed)
    return angle + DT * speed, speed


def distance(angle: Any, speed: Any) -> Any:
    """How far it is from standing still on its head."""
    return (1 + ag.cos(angle)) + 0.05 * speed * speed


@func.checkpoint
def segment(angle: Any, speed: Any, torque: Any, weights: Any) -> tuple[Any, Any, Any]:
    """Some steps, and the distances on the way, by their weights."""
    total = 0 * angle
    for i, weight in enumerate(weights):
        angle, speed = step(angle, speed, torque[i])
        if weight:
            total = total + weight * distance(angle, speed)
    return angle, speed, total


def loss_of(knots: Any, most: float) -> Any:
    """The mean distance in the last 1.4 seconds, and a little for the effort, of each start."""
    torque = torques(knots, most)
    weights = (np.arange(STEPS) >= STEPS - round(HOLD / DT)) * (DT / HOLD)
    angle = speed = ag.zeros(knots.shape[1], dtype=knots.dtype)
    total = 0.001 * (torque * torque).mean(axis=0)
    for i in range(0, STEPS, SEGMENT):
        part = slice(i, i + SEGMENT)
        angle, speed, added = segment(angle, speed, torque[part], weights[part].tolist())
        total = total + added
    return total


def descend(seed: int, iterations: int, most: float) -> Run:
    """Gradient descent on the torques of all starts."""
    first = 0.5 * np.random.default_rng(seed).standard_normal((KNOTS, STARTS))
    knots = ag.tensor(first, requires_grad=True)
    optimizer = optim.Adam([knots], lr=0.2)
    schedule = optim.CosineAnnealingLR(optimizer, T_max=iterations)
    run, started = Run(most), time.perf_counter()
    for _ in tqdm(range(iterations), desc="pendulum", unit="iteration", leave=False, disable=None):
        loss = loss_of(knots, most)
        optimizer.zero_grad()
        loss.sum().backward()
        run.losses.append(loss.detach().numpy())
        optimizer.step()
        schedule.step()
    with ag.no_grad():
        run.losses.append(loss_of(knots, most).numpy())
    run.knots, run.seconds = knots.detach().numpy(), time.perf_counter() - started
    return run


def trajectory(run: Run, start: int) -> tuple[Any, Any, Any]:
    """Angles, speeds and torques of a start, at each step."""
    torque = np.asarray(torques(run.knots[:, [start]], run.torque))[:, 0]
    angles, speeds = [0.0], [0.0]
    for u in torque:
        angle, speed = step(angles[-1], speeds[-1], u)
        angles.append(float(angle))
        speeds.append(float(speed))
    return np.array(angles), np.array(speeds), torque


def from_upright(angles: Any) -> Any:
    """Degrees between the pendulum and the vertical above its pivot."""
    return np.degrees(np.abs((angles + 2 * np.pi) % (2 * np.pi) - np.pi))


def report(run: Run) -> str:
    """What was reached, in three lines."""
    angles, _, torque = trajectory(run, run.best)
    last = from_upright(angles)[-round(1 / DT) :].max()
    first, final = (losses[run.best] for losses in (run.losses[0], run.losses[-1]))
    count = len(run.losses) - 1
    return (
        f"loss {first:.3f} to {final:.3f} in {count} iterations, {run.seconds:.1f} s\n"
        f"torque at most {np.abs(torque).max():.2f} N m, where lifting takes {GRAVITY:.2f}\n"
        f"in the last second within {last:.1f} degrees of upright:"
        f" {'swung up' if last < GOAL else 'not yet'}"
    )


def draw(run: Run, path: Path) -> None:
    """The pendulum every tenth of a second, its path among lines of equal energy, torque, loss."""
    angles, speeds, torque = trajectory(run, run.best)
    times = np.arange(STEPS + 1) * DT
    colours = mpl.colormaps["viridis"](times / SECONDS)
    figure = plt.figure(figsize=(12, 6.6), layout="constrained")
    axes = figure.subplot_mosaic(
        [["swing", "phase"], ["torque", "phase"], ["loss", "phase"]],
        width_ratios=[1, 1.15],
        height_ratios=[2.4, 1, 1],
    )
    figure.suptitle(
        f"Swung up by gradient descent: a motor of {run.torque:g} N m, where lifting takes"
        f" {GRAVITY:g}"
    )
    draw_swing(axes["swing"], angles, colours)
    draw_phase(axes["phase"], angles, speeds, times)
    ax = axes["torque"]
    ax.fill_between(times[:-1], torque, step="post", color="tab:orange", alpha=0.35)
    ax.step(times[:-1], torque, where="post", color="tab:orange", linewidth=1.2)
    for limit in (-run.torque, run.torque):
        ax.axhline(limit, color="black", linewidth=0.7, linestyle=":")
    ax.set(xlabel="time, s", ylabel="torque, N m", xlim=(0, SECONDS))
    ax.margins(y=0.15)
    ax = axes["loss"]
    losses = np.array(run.losses)
    ax.plot(losses, color="tab:gray", alpha=0.4, linewidth=0.8)
    ax.plot(losses[:, run.best], color="tab:blue", linewidth=1.6, label="the one shown")
    ax.set(xlabel="iteration", ylabel="loss", yscale="log", xlim=(0, len(losses) - 1))
    ax.legend(frameon=False, fontsize="small")
    save(figure, path)
    plt.close(figure)


def draw_swing(ax: Any, angles: Any, colours: Any) -> None:
    """The pendulum at many times, dark at first and bright at last."""
    x, y = np.sin(angles), -np.cos(angles)
    ax.add_patch(Circle((0, 0), 1, fill=False, color="black", linewidth=0.5, alpha=0.3))
    for i in range(0, len(angles), max(1, round(0.1 / DT))):
        ax.plot([0, x[i]], [0, y[i]], color=colours[i], linewidth=1.2, alpha=0.55, zorder=2)
        ax.scatter(x[i], y[i], color=colours[i], s=46, zorder=3, edgecolor="white", linewidth=0.5)
    ax.scatter(0, 0, color="black", s=22, zorder=4)
    ax.annotate("start", (0, -1), (0, -14), textcoords="offset points", ha="center", va="top")
    ax.annotate("end", (x[-1], y[-1]), (0, 8), textcoords="offset points", ha="center")
    ax.set(xlim=(-1.9, 1.9), ylim=(-1.32, 1.32), aspect="equal", xticks=[], yticks=[])
    for side in ax.spines.values():
        side.set_visible(False)


def draw_phase(ax: Any, angles: Any, speeds: Any, times: Any) -> None:
    """The path through angle and speed; where no torque acts, it follows the lines."""
    reach = max(3.5, 1.05 * np.abs(angles).max()), 1.15 * np.abs(speeds).max()
    grid = np.meshgrid(np.linspace(-reach[0], reach[0], 200), np.linspace(-reach[1], reach[1], 200))
    energy = grid[1] ** 2 / 2 - GRAVITY * np.cos(grid[0])
    ax.contour(
        *grid, energy, levels=14, colors="black", linewidths=0.4, linestyles="solid", alpha=0.25
    )
    ax.contour(*grid, energy, levels=[GRAVITY], colors="tab:red", linewidths=0.9, alpha=0.7)
    points = np.stack([angles, speeds], axis=1)
    pieces: Any = np.stack([points[:-1], points[1:]], axis=1)
    path = LineCollection(pieces, linewidths=2.4)
    path.set_array(times[:-1])
    ax.add_collection(path)
    ax.plot(angles[0], speeds[0], "o", color="black", markersize=6)
    ax.plot(angles[-1], speeds[-1], "*", color="gold", markeredgecolor="black", markersize=16)
    turns = [turn for turn in (-1, 0, 1) if abs(turn) * np.pi <= reach[0]]
    names = {-1: "upright", 0: "hanging", 1: "upright"}
    ax.set_xticks([turn * np.pi for turn in turns], [names[turn] for turn in turns])
    ax.set(xlim=(-reach[0], reach[0]), ylim=(-reach[1], reach[1]))
    ax.set(xlabel="angle", ylabel="speed, 1/s")
    ax.set_title(
        "from \u25cf to \u2605; in red the energy that it needs to stand", fontsize="medium"
    )
    ax.figure.colorbar(path, ax=ax, label="time, s", shrink=0.7)


def parse_arguments(arguments: list[str] | None = None) -> argparse.Namespace:
    """The command line."""
    parser = parser_of(__doc__)
    add = parser.add_argument
    add(
        "--iterations",
        type=above(0, int),
        default=ITERATIONS,
        help=f"of Adam (default {ITERATIONS})",
    )
    add("--torque", type=above(0, float), default=TORQUE, help=f"of the motor (default {TORQUE:g})")
    return parser.parse_args(arguments)


def main(arguments: list[str] | None = None) -> None:
    """Descend, report, draw."""
    options = parse_arguments(arguments)
    with threadpool_limits(1):  # arrays this small only wait for a second thread
        run = descend(options.seed, options.iterations, options.torque)
    print(report(run))
    draw(run, options.out / "pendulum.png")


if __name__ == "__main__":
    main()
