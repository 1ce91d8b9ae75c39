"""The spiral of document 1: train its model, look at the boundary, replay its four published runs.

python examples/spiral.py            train, and draw the decision boundary beside the loss
python examples/spiral.py --run B    replay a published run, its losses beside the printed ones
python examples/spiral.py --run all  replay all four, and print a table of them
"""

from __future__ import annotations

import argparse
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

import autograd_lite as ag
from autograd_lite import nn, optim

try:
    import matplotlib as mpl
    from tqdm import tqdm
except ImportError as error:
    sys.exit(f"spiral.py needs {error.name}: pip install 'autograd-lite[examples]'")

from command_line import above

mpl.use("Agg")
import matplotlib.pyplot as plt  # after the choice of a backend that needs no screen

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from numpy.typing import NDArray

POINTS, NOISE, DATA_SEED = 500, 1.2, 1
EPOCHS, LEARNING_RATE, MOMENTUM, CLIP = 200, 0.1, 0.9, 1.0


@dataclass(frozen=True)
class Run:
    """A published run: its setting, which draw of the weights it starts from, what was printed."""

    title: str
    draw: int
    epochs: int
    printed: dict[int, float]
    optimizer: dict[str, Any]
    note: str = ""


def _from_zero(*losses: float) -> dict[int, float]:
    return dict(enumerate(losses))


RUNS = {
    "A": Run(
        "classic momentum, lr 0.01: the epic fail",
        draw=2,
        epochs=500,
        printed=_from_zero(
            0.6892, 1.9551, 4.4117, 3.7495, 1.0243, 0.7010, 2.5385, 3.0514, 3.6277, 2.2218, 8.0590
        )
        | dict.fromkeys([77, 78, 94, 95, 498, 499], 8.0590),
        optimizer={"lr": 0.01, "momentum": 0.9, "dampening": 0, "clip_value": None},
        note="stuck at 8.0590, half of -ln 1e-7: it calls every point by one arm's name",
    ),
    "B": Run(
        "average momentum, lr 0.01",
        draw=4,
        epochs=500,
        printed=_from_zero(
            0.7023, 0.6343, 0.6479, 0.6560, 0.6377, 0.6282, 0.6342, 0.6373, 0.6352, 0.6288
        )
        | dict.fromkeys([497, 498, 499], 0.0027),
        optimizer={"lr": 0.01, "momentum": 0.9, "clip_value": None},
    ),
    "C": Run(
        "average momentum, lr 0.1: the explosion",
        draw=3,
        epochs=500,
        printed=_from_zero(0.6846, 2.3613, 4.6792, 2.0382, 1.3863, 1.6400, 6.8190, 2.9502)
        | dict.fromkeys([87, 88, 89, 90, 496, 497, 498, 499], 6.6729),
        optimizer={"lr": 0.1, "momentum": 0.9, "clip_value": None},
        note="the gradient explodes, and nothing moves afterwards",
    ),
    "D": Run(
        "average momentum, lr 0.1, clip_value 1.0",
        draw=5,
        epochs=200,
        printed=_from_zero(0.6648, 0.6432, 0.6413, 0.6532, 0.6473, 0.6478)
        | {196: 0.0234, 197: 0.0205, 198: 0.0223, 199: 0.0195},
        optimizer={"lr": 0.1, "momentum": 0.9, "clip_value": 1.0},
        note="the same start; the printed tail is of another run, and a worse one",
    ),
}


@dataclass
class History:
    """What a training run leaves: the model, and the mean loss before each step."""

    model: nn.Module
    losses: list[float] = field(default_factory=list)


def make_spiral(
    generator: np.random.RandomState, points: int = POINTS, noise: float = NOISE
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The document's data: two noisy arms in [-1, 1], (points, 2), and labels, (points, 1)."""
    arm = points // 2
    first, second = (np.sqrt(generator.rand(arm)) * 4 * np.pi for _ in range(2))
    out, back = 2 * first + np.pi, -2 * second - np.pi
    x = np.concatenate(
        [
            np.column_stack([out * np.cos(first), out * np.sin(first)]),
            np.column_stack([back * np.cos(second), back * np.sin(second)]),
        ]
    )
    x += noise * generator.randn(2 * arm, 2)
    low, high = x.min(axis=0), x.max(axis=0)
    y = np.repeat([0.0, 1.0], arm)[:, None]
    return 2 * (x - low) / (high - low) - 1, y


def make_model(dtype: str, generator: Any = None) -> nn.Sequential:
    """The document's model, 2-128-64-1."""
    options = {"dtype": dtype, "generator": generator}
    return nn.Sequential(
        [
            nn.Linear(2, 128, init_method="he_leaky", **options),
            nn.LeakyReLU(alpha=0.01),
            nn.Linear(128, 64, init_method="he_leaky", **options),
            nn.LeakyReLU(alpha=0.01),
            nn.Linear(64, 1, init_method="xavier", **options),
            nn.Sigmoid(),
        ]
    )


def train(
    model: nn.Module, optimizer: optim.Optimizer, x: Any, y: Any, epochs: int, name: str
) -> History:
    """Full-batch training as in the document, which prints the mean loss and descends the sum."""
    loss_function = nn.BCELoss(reduction="sum")
    history = History(model)
    for _ in (bar := tqdm(range(epochs), desc=name, unit="epoch", leave=False)):
        loss = loss_function(model(x), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        history.losses.append(loss.item() / len(x))
        bar.set_postfix(loss=f"{history.losses[-1]:.4f}")
    return history


def replay(name: str, epochs: int | None = None) -> History:
    """A published run again: in float64, from the same stream of random numbers."""
    run = RUNS[name]
    generator = np.random.RandomState(DATA_SEED)
    x, y = make_spiral(generator)
    for _ in range(run.draw):
        model = make_model("float64", generator)
    optimizer = optim.SGD(model.parameters(), **run.optimizer)
    return train(model, optimizer, x, y, min(epochs or run.epochs, run.epochs), f"run {name}")


def compare(name: str, history: History) -> str:
    """Each printed loss beside the one computed here."""
    run = RUNS[name]
    lines = [f"run {name}: {run.title} (draw {run.draw} of the weights)", "epoch  printed     here"]
    for epoch, printed in run.printed.items():
        if epoch < len(history.losses):
            here = history.losses[epoch]
            mark = "" if f"{here:.4f}" == f"{printed:.4f}" else "   differs"
            lines.append(f"{epoch:5d}   {printed:.4f}   {here:.4f}{mark}")
    return "\n".join([*lines, run.note]).rstrip() + "\n"


def summary(name: str, history: History) -> str:
    """A line of the table of runs."""
    run = RUNS[name]
    epochs = [epoch for epoch in run.printed if epoch < len(history.losses)]
    agree = [f"{history.losses[e]:.4f}" == f"{run.printed[e]:.4f}" for e in epochs]
    in_a_row = agree.index(False) if False in agree else len(agree)
    end = epochs[-1]
    return (
        f"{name}    {run.title:42s} {sum(agree):2d} of {len(agree):2d}   first {in_a_row:2d}"
        f"   {run.printed[end]:7.4f} {history.losses[end]:7.4f}"
    )


def accuracy(model: nn.Module, x: Any, y: Any) -> float:
    """The share of points on the right side of the boundary."""
    with ag.no_grad():
        return float(np.mean((model(x).numpy() > 0.5) == (y > 0.5)))


def draw(history: History, x: Any, y: Any, title: str, path: Path, run: Run | None = None) -> None:
    """The decision boundary with the points, beside the loss over the epochs."""
    figure, (left, right) = plt.subplots(1, 2, figsize=(11, 5), layout="constrained")
    boundary(left, history.model, x, y)
    right.plot(history.losses, color="tab:blue", linewidth=1.2, label="here")
    if run is not None:
        shown = {e: v for e, v in run.printed.items() if e < len(history.losses)}
        right.plot(list(shown), list(shown.values()), "o", color="tab:red", label="published", ms=4)
        right.legend()
        right.set_xscale("symlog", linthresh=10)  # most of what was printed is of the start
    right.set(xlabel="epoch", ylabel="mean binary cross entropy", yscale="log", title="loss")
    right.grid(alpha=0.3, which="both")
    figure.suptitle(f"{title}: {accuracy(history.model, x, y):.1%} of the points")
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, dpi=120)
    plt.close(figure)


def boundary(axes: Axes, model: nn.Module, x: Any, y: Any) -> None:
    """The model's probability over the square as colour, with the points on it."""
    ticks = np.linspace(-1.1, 1.1, 300)
    across, up = np.meshgrid(ticks, ticks)
    grid = np.column_stack([across.ravel(), up.ravel()])
    with ag.no_grad():
        p = model(grid).numpy().reshape(across.shape)
    axes.contourf(across, up, p, levels=np.linspace(0, 1, 21), cmap="RdBu_r", alpha=0.4)
    if p.min() < 0.5 < p.max():
        axes.contour(across, up, p, levels=[0.5], colors="black", linewidths=1)
    for label, colour in enumerate(["tab:blue", "tab:red"]):
        arm = x[y.ravel() == label]
        axes.scatter(arm[:, 0], arm[:, 1], color=colour, edgecolors="white", linewidths=0.5, s=20)
    axes.set(title="decision boundary", xlim=(-1.1, 1.1), ylim=(-1.1, 1.1), aspect="equal")


def parse_arguments(arguments: list[str] | None = None) -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--run", choices=[*RUNS, "all"], help="replay a published run, or all")
    parser.add_argument(
        "--epochs", type=above(0, int), help=f"how many (default {EPOCHS}, or the run's)"
    )
    parser.add_argument("--lr", type=above(0, float), default=LEARNING_RATE, help="learning rate")
    parser.add_argument(
        "--momentum", type=float, default=MOMENTUM, help="share of the old velocity"
    )
    parser.add_argument(
        "--clip", type=float, default=CLIP, help="limit of each gradient entry; 0 for none"
    )
    parser.add_argument("--seed", type=above(-1, int), default=2, help="of the initial weights")
    parser.add_argument("--out", type=Path, default=Path("outputs"), help="folder of the pictures")
    return parser.parse_args(arguments)


def main(arguments: list[str] | None = None) -> None:
    """Train, or replay."""
    options = parse_arguments(arguments)
    x, y = make_spiral(np.random.RandomState(DATA_SEED))
    names = list(RUNS) if options.run == "all" else [options.run] if options.run else []
    table = [
        "run  setting                                    agreeing   in a row     end: printed, here"
    ]
    for name in names:
        history = replay(name, options.epochs)
        path = options.out / f"spiral_{name}.png"
        draw(history, x, y, f"run {name}, {RUNS[name].title}", path, RUNS[name])
        table.append(summary(name, history))
        print(compare(name, history) if options.run != "all" else f"run {name}: {path}")
    if options.run == "all":
        print("\n" + "\n".join(table))
    if names:
        return
    ag.manual_seed(options.seed)
    model = make_model("float32")
    optimizer = optim.SGD(
        model.parameters(),
        lr=options.lr,
        momentum=options.momentum,
        clip_value=options.clip or None,
    )
    history = train(model, optimizer, x, y, options.epochs or EPOCHS, "spiral")
    path = options.out / "spiral.png"
    draw(history, x, y, "spiral", path)
    print(
        f"loss {history.losses[0]:.4f} -> {history.losses[-1]:.4f} in {len(history.losses)} epochs"
    )
    print(f"accuracy {accuracy(model, x, y):.1%}")
    print(f"picture {path}")


if __name__ == "__main__":
    main()
