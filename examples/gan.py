"""A generator and a critic with a gradient penalty: training through the gradient of a gradient.

python examples/gan.py            eight clouds on a ring, in some seconds; a picture

The critic c scores points, high for real ones and low for generated ones; the generator makes
points of noise that it scores high. The difference of the mean scores measures how far apart the
two distributions are, if c is nowhere steeper than 1. So its loss has the penalty
(|dc/dx| - 1)^2 at points between real and generated ones: the gradient of c for its input, which
is differentiated again for c's weights.
(Gulrajani et al., "Improved training of Wasserstein GANs", 2017.)
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
    sys.exit(f"gan.py needs {error.name}: pip install 'autograd-lite[examples]'")

from command_line import above, parser_of, save

mpl.use("Agg")
import matplotlib.pyplot as plt  # after the choice of a backend that needs no screen

if TYPE_CHECKING:
    import argparse
    from pathlib import Path

    from numpy.typing import NDArray

CLOUDS, RADIUS, SPREAD = 8, 1.0, 0.05
STEPS, BATCH_SIZE, NOISE, WIDTH = 1500, 128, 4, 64
CRITIC_STEPS, PENALTY = 3, 1.0  # a penalty of 10 is for images; this ring is small
LEARNING_RATE, BETAS = 5e-3, (0.5, 0.9)


@dataclass
class Run:
    """What a training leaves: by step, the distance that the critic sees, and its steepness."""

    generator: nn.Module
    critic: nn.Module
    distances: list[float] = field(default_factory=list)
    slopes: list[float] = field(default_factory=list)
    seconds: float = 0.0


def network(inputs: int, outputs: int) -> nn.Sequential:
    """Two hidden layers with leaky ReLU."""
    return nn.Sequential(
        nn.Linear(inputs, WIDTH, "he_leaky"),
        nn.LeakyReLU(0.1),
        nn.Linear(WIDTH, WIDTH, "he_leaky"),
        nn.LeakyReLU(0.1),
        nn.Linear(WIDTH, outputs),
    )


def real(count: int, generator: np.random.Generator) -> NDArray[Any]:
    """Points of the clouds, (count, 2)."""
    angles = generator.integers(CLOUDS, size=count) * (2 * np.pi / CLOUDS)
    centres = RADIUS * np.column_stack([np.cos(angles), np.sin(angles)])
    return (centres + SPREAD * generator.standard_normal((count, 2))).astype(np.float32)


def noise(count: int, generator: np.random.Generator) -> Any:
    """What the generator makes points of."""
    return generator.standard_normal((count, NOISE), dtype=np.float32)


def steepness(critic: nn.Module, points: Any) -> Any:
    """|dc/dx| at each point, as something to be differentiated again."""
    x = ag.tensor(points, requires_grad=True)
    (slope,) = ag.grad(critic(x).sum(), x, create_graph=True)
    return ag.norm(slope, axis=1)


def train(options: argparse.Namespace) -> Run:
    """A few steps of the critic, then one of the generator, and so on."""
    ag.manual_seed(options.seed)
    random = np.random.default_rng(options.seed)
    run = Run(network(NOISE, 2), network(2, 1))
    judge = optim.Adam(run.critic.parameters(), lr=LEARNING_RATE, betas=BETAS)
    maker = optim.Adam(run.generator.parameters(), lr=LEARNING_RATE, betas=BETAS)
    schedules = [optim.LinearLR(o, 1.0, 0.05, total_iters=options.steps) for o in (judge, maker)]
    started = time.perf_counter()
    with tqdm(range(options.steps), desc="training", unit="step", disable=None) as bar:
        for _ in bar:
            for _ in range(CRITIC_STEPS):
                distance, slope = improve_critic(run, judge, options.penalty, random)
            improve_generator(run, maker, random)
            for schedule in schedules:
                schedule.step()
            run.distances.append(distance)
            run.slopes.append(slope)
            bar.set_postfix(distance=f"{distance:.3f}", slope=f"{slope:.2f}", refresh=False)
    run.seconds = time.perf_counter() - started
    return run


def improve_critic(
    run: Run, optimizer: optim.Optimizer, penalty: float, random: np.random.Generator
) -> tuple[float, float]:
    """One step of the critic: the distance that it sees, and its mean steepness."""
    truth = real(BATCH_SIZE, random)
    with ag.no_grad():
        made = run.generator(noise(BATCH_SIZE, random)).numpy()
    share = random.random((BATCH_SIZE, 1), dtype=np.float32)
    slopes = steepness(run.critic, share * truth + (1 - share) * made)
    distance = run.critic(truth).mean() - run.critic(made).mean()
    loss = penalty * ((slopes - 1) ** 2).mean() - distance
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    return distance.item(), slopes.mean().item()


def improve_generator(run: Run, optimizer: optim.Optimizer, random: np.random.Generator) -> None:
    """One step of the generator towards what the critic scores high."""
    loss = -run.critic(run.generator(noise(BATCH_SIZE, random))).mean()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()


def sample(run: Run, count: int, seed: int) -> NDArray[Any]:
    """Generated points."""
    with ag.no_grad():
        points: NDArray[Any] = run.generator(noise(count, np.random.default_rng(seed))).numpy()
    return points


def quality(points: NDArray[Any]) -> tuple[int, float]:
    """How many clouds got at least half of their due, and the share of points within 4 spreads."""
    angles = np.arange(CLOUDS) * (2 * np.pi / CLOUDS)
    centres = RADIUS * np.column_stack([np.cos(angles), np.sin(angles)])
    distances = np.linalg.norm(points[:, None] - centres, axis=2)
    close = distances.min(axis=1) < 4 * SPREAD
    found = np.bincount(distances.argmin(axis=1)[close], minlength=CLOUDS)
    return int(np.sum(found >= len(points) / CLOUDS / 2)), float(close.mean())


def draw(run: Run, options: argparse.Namespace, path: Path) -> None:
    """Real and generated points on the critic's scores, its steepness, and the training."""
    figure, (left, middle, right) = plt.subplots(1, 3, figsize=(15, 4.7), layout="constrained")
    side = np.linspace(-1.6, 1.6, 121, dtype=np.float32)
    across, up = np.meshgrid(side, side)
    points = np.column_stack([across.ravel(), up.ravel()])
    with ag.no_grad():
        scores = run.critic(points).numpy().reshape(across.shape)
    left.contourf(across, up, scores, levels=24, cmap="PuOr", alpha=0.7)
    truth, made = real(600, np.random.default_rng(1)), sample(run, 600, 2)
    left.scatter(*truth.T, s=6, color="tab:blue", label="real", alpha=0.6)
    left.scatter(*made.T, s=6, color="black", label="generated")
    left.legend(loc="upper right", fontsize="small")
    left.set(title="points on the critic's scores", aspect="equal", xlim=(-1.6, 1.6))
    slopes = steepness(run.critic, points).numpy().reshape(across.shape)
    image = middle.pcolormesh(across, up, slopes, cmap="viridis", vmin=0, vmax=2, shading="gouraud")
    figure.colorbar(image, ax=middle)
    middle.set(title="how steep the critic is: |dc/dx|", aspect="equal")
    right.plot(run.distances, color="tab:blue", linewidth=0.8, label="distance that it sees")
    right.plot(run.slopes, color="tab:green", linewidth=0.8, label="mean steepness")
    right.axhline(1, color="black", linewidth=0.8, linestyle=":")
    right.set(title="the training", xlabel="step of the generator")
    right.grid(alpha=0.3)
    right.legend(frameon=False)
    modes, share = quality(sample(run, 4000, 3))
    figure.suptitle(
        f"Gradient penalty {options.penalty:g}: {modes} of {CLOUDS} clouds, {share:.0%} of the"
        f" generated points in one, after {run.seconds:.1f} s"
    )
    save(figure, path)
    plt.close(figure)


def parse_arguments(arguments: list[str] | None = None) -> argparse.Namespace:
    """The command line."""
    parser = parser_of(__doc__)
    add = parser.add_argument
    add("--steps", type=above(0, int), default=STEPS, help=f"of the generator (default {STEPS})")
    add("--penalty", type=above(0, float), default=PENALTY, help=f"its weight (default {PENALTY})")
    return parser.parse_args(arguments)


def main(arguments: list[str] | None = None) -> None:
    """Train, count, draw."""
    options = parse_arguments(arguments)
    with threadpool_limits(1):  # matrices this small only wait for a second thread
        run = train(options)
    modes, share = quality(sample(run, 4000, 3))
    print(
        f"{options.steps} steps in {run.seconds:.1f} s: {modes} of {CLOUDS} clouds, {share:.1%} of"
        f" the generated points in one; mean steepness {np.mean(run.slopes[-100:]):.2f}"
    )
    draw(run, options, options.out / "gan.png")


if __name__ == "__main__":
    main()
