"""Fashion-MNIST by document 1: its pictures, its model, its published run, and a better recipe.

python examples/fashion_mnist.py                     train; a table and pictures of how it does
python examples/fashion_mnist.py --recipe published  replay the published run beside what it printed
python examples/fashion_mnist.py --seeds 3           three seeds: the mean and the range
"""

from __future__ import annotations

import argparse
import sys
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

import autograd_lite as ag
from autograd_lite import nn, optim
from autograd_lite.data import FASHION_MNIST_LABELS as NAMES
from autograd_lite.data import DataLoader, fashion_mnist, one_hot

try:
    import matplotlib as mpl
    from sklearn import metrics
    from sklearn.model_selection import train_test_split
    from sklearn.preprocessing import MinMaxScaler
    from tqdm import tqdm
except ImportError as error:
    sys.exit(f"fashion_mnist.py needs {error.name}: pip install 'autograd-lite[examples]'")

from command_line import above

mpl.use("Agg")
import matplotlib.pyplot as plt  # after the choice of a backend that needs no screen

if TYPE_CHECKING:
    from numpy.typing import NDArray

# What document 1 prints: the loss after each epoch, and the accuracy on its 14,000 test pictures.
PUBLISHED = (
    *(0.5885, 0.4156, 0.3807, 0.3570, 0.3370, 0.3236, 0.3089, 0.3052, 0.2970, 0.2837),
    *(0.2757, 0.2712, 0.2636, 0.2608, 0.2513, 0.2448, 0.2438, 0.2357, 0.2325, 0.2311),
)
PUBLISHED_ACCURACY = 0.8994

# The losses. The first two take probabilities, so that the model ends with Softmax.
LOSSES = {
    "brier": nn.BrierLoss,
    "cross_entropy": nn.CrossEntropyLoss,
    "softmax_cross_entropy": nn.SoftmaxCrossEntropyLoss,
}
OPTIMIZERS = {
    rule.__name__.lower(): rule
    for rule in (
        *(optim.SGD, optim.AdaGrad, optim.RMSProp, optim.Adam, optim.AdamW, optim.NAdam),
        *(optim.RAdam, optim.Adamax, optim.AdaDelta, optim.Lion, optim.LAMB),
    )
}


@dataclass(frozen=True)
class Recipe:
    """How the model is trained; `settings` are the optimizer's, which has defaults for the rest."""

    loss: str
    reduction: str
    optimizer: str
    settings: dict[str, Any]
    one_cycle: bool
    epochs: int = 20
    batch_size: int = 128


RECIPES = {
    # The true cross entropy, and a learning rate that rises, then falls to nothing. The settings
    # are those that did best on a quarter of the training part that was held out for choosing them.
    "corrected": Recipe(
        loss="softmax_cross_entropy",
        reduction="mean",
        optimizer="adamw",
        settings={"lr": 0.002, "weight_decay": 0.05},
        one_cycle=True,
    ),
    # Document 1 prints the cross entropy, but what it sends back, S - y, is already the gradient
    # at the logits, and goes through the softmax once more. What descends is 1/2 ||S - y||^2.
    "published": Recipe(
        loss="brier",
        reduction="sum",
        optimizer="sgd",
        settings={"lr": 0.01, "momentum": 0.9, "clip_value": 1.0},
        one_cycle=False,
    ),
}


@dataclass
class Run:
    """What a training run leaves."""

    seed: int
    model: nn.Module
    losses: list[float] = field(default_factory=list)
    predicted: Any = None
    accuracy: float = 0.0


def split_and_scale(pixels: Any, labels: Any) -> tuple[NDArray[Any], ...]:
    """The document's preparation: a fifth for the test, each pixel scaled by the training part."""
    x_train, x_test, y_train, y_test = train_test_split(
        pixels, labels, test_size=0.2, random_state=42
    )
    scaler = MinMaxScaler()
    x_train = scaler.fit_transform(x_train.astype(np.float32))
    return x_train, y_train, scaler.transform(x_test.astype(np.float32)), y_test


def make_model(*, logits: bool) -> nn.Sequential:
    """The document's model, 784-784-256-128-10; for a loss on logits, without its Softmax."""
    layers: list[nn.Module] = []
    for inputs, outputs in ((784, 784), (784, 256), (256, 128)):
        layers += [nn.Linear(inputs, outputs, init_method="he_leaky"), nn.LeakyReLU(alpha=0.01)]
    layers.append(nn.Linear(128, 10, init_method="xavier"))
    return nn.Sequential(layers if logits else [*layers, nn.Softmax()])


def train(recipe: Recipe, x_train: Any, y_train: Any, seed: int, *, compare: bool) -> Run:
    """One run: its seed draws the weights and shuffles the batches."""
    ag.manual_seed(seed)
    logits = recipe.loss == "softmax_cross_entropy"
    run = Run(seed, make_model(logits=logits))
    loss_function = LOSSES[recipe.loss](reduction=recipe.reduction)
    printed_loss = nn.CrossEntropyLoss()
    optimizer = OPTIMIZERS[recipe.optimizer](run.model.parameters(), **recipe.settings)
    pairs = (ag.Tensor(x_train, copy=False), one_hot(y_train, len(NAMES)))
    loader = DataLoader(pairs, recipe.batch_size, shuffle=True)
    steps = recipe.epochs * len(loader)
    schedule = None
    if recipe.one_cycle:
        peak = optimizer.param_groups[0]["lr"]
        schedule = optim.OneCycleLR(optimizer, peak, steps, cycle_momentum=False)
    print(f"seed {seed}\nepoch    loss" + "   published" * compare)
    with tqdm(total=steps, unit="batch", leave=False, disable=None) as bar:
        for epoch in range(recipe.epochs):
            total = 0.0
            for x, y in loader:
                output = run.model(x)
                loss = loss_function(output, y)
                optimizer.zero_grad()
                loss.backward()
                optimizer.step()
                if schedule is not None:
                    schedule.step()
                p = ag.softmax(output.detach(), axis=1) if logits else output.detach()
                total += printed_loss(p, y).item()  # whatever is descended
                bar.update()
            # As the document has it: over the number of full batches, though the last one counts.
            run.losses.append(total / max(1, len(x_train) // recipe.batch_size))
            bar.write(epoch_line(epoch, run.losses[-1], compare=compare), file=sys.stdout)
    return run


def epoch_line(epoch: int, loss: float, *, compare: bool) -> str:
    """The loss of an epoch, and how far it is from the published one."""
    line = f"{epoch + 1:5d}  {loss:.4f}"
    if compare and epoch < len(PUBLISHED):
        line += f"      {PUBLISHED[epoch]:.4f}  {loss / PUBLISHED[epoch] - 1:+.1%}"
    return line


def evaluate(run: Run, x: Any, y: Any) -> None:
    """The most probable class of each test picture, and the share of those that are right."""
    with ag.no_grad():
        parts = [run.model(batch).numpy().argmax(axis=1) for batch in DataLoader(x, 1000)]
    run.predicted = np.concatenate(parts)
    run.accuracy = float(np.mean(run.predicted == y))


def table(run: Run, y: Any) -> str:
    """Precision, recall and F1 of each class."""
    scores = metrics.precision_recall_fscore_support(
        y, run.predicted, labels=range(len(NAMES)), zero_division=0
    )
    lines = ["class         precision   recall       F1  pictures"]
    for name, *row, number in zip(NAMES, *scores, strict=True):
        lines.append(f"{name:14s}" + "".join(f"{x:9.4f}" for x in row) + f"  {number:8.0f}")
    return "\n".join(lines)


def summary(runs: list[Run]) -> str:
    """The accuracy of each run, and of all."""
    lines = [f"seed {run.seed}: loss {run.losses[-1]:.4f}, {run.accuracy:.2%}" for run in runs]
    found = [run.accuracy for run in runs]
    spread = f", {min(found):.2%} to {max(found):.2%} over {len(runs)} seeds"
    lines.append(
        f"accuracy {np.mean(found):.2%}{spread if len(runs) > 1 else ''}"
        f" (published: {PUBLISHED_ACCURACY:.2%})"
    )
    return "\n".join(lines if len(runs) > 1 else lines[-1:])


def draw_samples(pixels: Any, labels: Any, path: Path) -> None:
    """The first fifteen pictures, with the names of their classes."""
    figure, axes = plt.subplots(3, 5, figsize=(10, 6), layout="constrained")
    for ax, picture, label in zip(axes.ravel(), pixels, labels, strict=False):
        ax.imshow(picture.reshape(28, 28), cmap="gray")
        ax.set_title(NAMES[label])
        ax.axis("off")
    save(figure, path)


def draw_confusion(run: Run, y: Any, path: Path) -> None:
    """How often each class was taken for which."""
    figure, ax = plt.subplots(figsize=(8, 7), layout="constrained")
    matrix = metrics.confusion_matrix(y, run.predicted, labels=range(len(NAMES)))
    display = metrics.ConfusionMatrixDisplay(matrix, display_labels=NAMES)
    display.plot(ax=ax, cmap="Blues", xticks_rotation=45, colorbar=False)
    ax.set_title(f"{run.accuracy:.2%} of {len(y):,} pictures")
    save(figure, path)


def draw_losses(runs: list[Run], title: str, path: Path, *, compare: bool) -> None:
    """The loss over the epochs, with the published one on it."""
    figure, ax = plt.subplots(figsize=(7, 4.5), layout="constrained")
    epochs = range(1, len(runs[0].losses) + 1)
    for run in runs:
        ax.plot(epochs, run.losses, label=f"seed {run.seed}", linewidth=1.2)
    if compare:
        shown = PUBLISHED[: len(epochs)]
        ax.plot(epochs[: len(shown)], shown, "o", color="black", label="published", ms=4)
    ax.set(xlabel="epoch", ylabel="mean cross entropy in training", title=title)
    ax.set_xticks(epochs[:: -(-len(epochs) // 20)])
    ax.grid(alpha=0.3)
    ax.legend()
    save(figure, path)


def save(figure: Any, path: Path) -> None:
    """Write a picture."""
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, dpi=120)
    plt.close(figure)
    print(f"picture {path}")


def parse_arguments(arguments: list[str] | None = None) -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    add = parser.add_argument
    add("--recipe", choices=RECIPES, default="corrected", help="what the following change")
    add("--loss", choices=LOSSES, help="what is descended")
    add("--optimizer", choices=OPTIMIZERS, help="by what rule, with its own settings")
    add("--lr", type=above(0, float), help="learning rate; with the corrected recipe its peak")
    add("--epochs", type=above(0, int), help="how many times through the training part")
    add("--batch-size", type=above(0, int), help="pictures a step")
    add(
        "--seed",
        type=above(-1, int),
        default=0,
        help="of the weights and the order of the pictures",
    )
    add("--seeds", type=above(0, int), default=1, help="how many runs, each with the next seed")
    add("--data", type=Path, help="folder of the four published files (default: the usual places)")
    add("--out", type=Path, default=Path("outputs"), help="folder of the pictures")
    return parser.parse_args(arguments)


def chosen_recipe(options: argparse.Namespace) -> Recipe:
    """The recipe, with what the command line changes."""
    recipe = RECIPES[options.recipe]
    if options.optimizer not in {None, recipe.optimizer}:
        recipe = replace(recipe, settings={})
    if options.lr:
        recipe = replace(recipe, settings={**recipe.settings, "lr": options.lr})
    names = ("loss", "optimizer", "epochs", "batch_size")
    changes = {name: getattr(options, name) for name in names if getattr(options, name)}
    return replace(recipe, **changes)


def main(arguments: list[str] | None = None) -> None:
    """Train, evaluate, draw."""
    options = parse_arguments(arguments)
    recipe, compare = chosen_recipe(options), options.recipe == "published"
    try:
        pixels, labels = fashion_mnist(options.data)
    except (FileNotFoundError, ValueError) as error:
        sys.exit(str(error))
    draw_samples(pixels, labels, options.out / "fashion_mnist_samples.png")
    x_train, y_train, x_test, y_test = split_and_scale(pixels, labels)
    runs = []
    for seed in range(options.seed, options.seed + options.seeds):
        runs.append(train(recipe, x_train, y_train, seed, compare=compare))
        evaluate(runs[-1], x_test, y_test)
    print(table(runs[0], y_test), summary(runs), sep="\n\n")
    title = f"{options.recipe} recipe: {recipe.loss} by {recipe.optimizer}"
    draw_losses(runs, title, options.out / "fashion_mnist_loss.png", compare=compare)
    draw_confusion(runs[0], y_test, options.out / "fashion_mnist_confusion.png")


if __name__ == "__main__":
    main()
