"""Handwritten digits: scikit-learn's 1797 pictures of 8 x 8 pixels, which need no network.

python examples/digits.py             train on four fifths, test on the rest; two pictures
python examples/digits.py --seeds 5   five seeds: the mean accuracy and the range
"""

from __future__ import annotations

import argparse
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

import autograd_lite as ag
from autograd_lite import nn, optim
from autograd_lite.data import DataLoader

try:
    import matplotlib as mpl
    from sklearn.datasets import load_digits
    from sklearn.metrics import ConfusionMatrixDisplay
    from sklearn.model_selection import train_test_split
    from threadpoolctl import threadpool_limits
except ImportError as error:
    sys.exit(f"digits.py needs {error.name}: pip install 'autograd-lite[examples]'")

from command_line import above

mpl.use("Agg")
import matplotlib.pyplot as plt  # after the choice of a backend that needs no screen

if TYPE_CHECKING:
    from numpy.typing import NDArray

EPOCHS, BATCH_SIZE, LEARNING_RATE, WEIGHT_DECAY = 25, 64, 0.01, 0.01
HIDDEN, DROPOUT = 128, 0.2
SPLIT_SEED = 0  # of which pictures are held out, whatever the seed of the training
SHOWN = 15  # wrong digits in the picture, at most


@dataclass
class Run:
    """What a training run leaves."""

    model: nn.Module
    losses: list[float]
    seconds: float
    predicted: Any = None
    accuracy: float = 0.0


def load() -> tuple[NDArray[Any], ...]:
    """Pixels from 0 to 1 and labels, for training and for the test: a fifth of every digit."""
    digits = load_digits()
    x_train, x_test, y_train, y_test = train_test_split(
        (digits.data / 16).astype(np.float32),
        digits.target,
        test_size=0.2,
        stratify=digits.target,
        random_state=SPLIT_SEED,
    )
    return x_train, y_train, x_test, y_test


def make_model() -> nn.Sequential:
    """64-128-10, which ends with logits."""
    return nn.Sequential(
        nn.Linear(64, HIDDEN, init_method="he"),
        nn.ReLU(),
        nn.Dropout(DROPOUT),
        nn.Linear(HIDDEN, 10),
    )


def train(x: Any, y: Any, seed: int, options: argparse.Namespace) -> Run:
    """One run; its seed draws the weights, the order of the pictures, and what is dropped."""
    ag.manual_seed(seed)
    model = make_model()
    loader = DataLoader((x, y), options.batch_size, shuffle=True)
    optimizer = optim.AdamW(model.parameters(), lr=options.lr, weight_decay=WEIGHT_DECAY)
    history = ag.fit(
        model,
        nn.SoftmaxCrossEntropyLoss(),
        optimizer,
        loader,
        epochs=options.epochs,
        scheduler=optim.CosineAnnealingLR(optimizer, options.epochs * len(loader)),
        scheduler_every="step",
        progress=options.seeds == 1,
    )
    return Run(model, history["loss"], sum(history["seconds"]))


def evaluate(run: Run, x: Any, y: Any) -> None:
    """The likeliest digit for each picture, without dropout, and the share of the right ones."""
    run.model.eval()
    with ag.no_grad():
        run.predicted = run.model(x).numpy().argmax(axis=1)
    run.accuracy = float(np.mean(run.predicted == y))


def draw(run: Run, x: Any, y: Any, path: Path) -> None:
    """The loss, which digit was taken for which, and the wrong ones."""
    figure = plt.figure(figsize=(15, 5), layout="constrained")
    left, middle, right = figure.subfigures(1, 3, squeeze=False, width_ratios=[4, 5, 5])[0]
    ax = left.subplots()
    ax.plot(range(1, len(run.losses) + 1), run.losses, color="tab:blue")
    ax.set(title="loss in training", xlabel="epoch", ylabel="mean cross entropy", yscale="log")
    ax.grid(alpha=0.3, which="both")
    ax = middle.subplots()
    ConfusionMatrixDisplay.from_predictions(
        y, run.predicted, labels=range(10), cmap="Blues", colorbar=False, ax=ax
    )
    ax.set(title="which digit was taken for which", xlabel="taken for", ylabel="digit")
    wrong = np.flatnonzero(run.predicted != y)
    some = f"{SHOWN} of the " if len(wrong) > SHOWN else "the "
    right.suptitle(f"{some}{len(wrong)} wrong ones, and what they were taken for")
    for i, cell in enumerate(right.subplots(3, SHOWN // 3).ravel()):
        cell.axis("off")
        cell.set_box_aspect(1)
        if i < len(wrong):
            cell.imshow(x[wrong[i]].reshape(8, 8), cmap="gray_r")
            cell.set_title(f"{y[wrong[i]]} as {run.predicted[wrong[i]]}", fontsize=10)
    figure.suptitle(f"{run.accuracy:.2%} of {len(y)} held-out digits")
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, dpi=110)
    plt.close(figure)


def parse_arguments(arguments: list[str] | None = None) -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    add = parser.add_argument
    add("--epochs", type=above(0, int), default=EPOCHS, help=f"(default {EPOCHS})")
    add("--batch-size", type=above(0, int), default=BATCH_SIZE, help=f"(default {BATCH_SIZE})")
    add("--lr", type=above(0, float), default=LEARNING_RATE, help="the first learning rate")
    add("--seed", type=above(-1, int), default=0, help="of weights, order and dropout")
    add("--seeds", type=above(0, int), default=1, help="how many runs, each with the next seed")
    add("--out", type=Path, default=Path("outputs"), help="folder of the picture")
    return parser.parse_args(arguments)


def main(arguments: list[str] | None = None) -> None:
    """Train, test, draw."""
    options = parse_arguments(arguments)
    x_train, y_train, x_test, y_test = load()
    runs = []
    for seed in range(options.seed, options.seed + options.seeds):
        with threadpool_limits(1):  # matrices this small only wait for a second thread
            run = train(x_train, y_train, seed, options)
        evaluate(run, x_test, y_test)
        wrong = int(np.sum(run.predicted != y_test))
        print(
            f"seed {seed}: loss {run.losses[0]:.4f} -> {run.losses[-1]:.4f} in {options.epochs}"
            f" epochs and {run.seconds:.1f} s; accuracy {run.accuracy:.2%}, {wrong} of"
            f" {len(y_test)} held-out digits wrong"
        )
        runs.append(run)
    if len(runs) > 1:
        found = [run.accuracy for run in runs]
        print(f"accuracy {np.mean(found):.2%}, from {min(found):.2%} to {max(found):.2%}")
    path = options.out / "digits.png"
    draw(runs[0], x_test, y_test, path)
    print(f"picture {path}")


if __name__ == "__main__":
    main()
