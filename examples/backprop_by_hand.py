"""Backpropagation by hand, as document 2 derives it, beside the engine: every printed figure again.

python examples/backprop_by_hand.py   the dense layer, the momentum example, the 5-point network

1. The dense layer: dW = X^T dZ, dB = sum dZ, dX = dZ W^T, and the gradients that the engine finds.
2. Momentum on seven given gradients: the document's loops, and optim.SGD.
3. The network: 5 points, 2-64-3, ReLU, softmax cross entropy, classic momentum; trained twice, by
   hand and by the engine, beside what the document prints.
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
except ImportError as error:
    sys.exit(f"backprop_by_hand.py needs {error.name}: pip install 'autograd-lite[examples]'")

mpl.use("Agg")
import matplotlib.pyplot as plt  # after the choice of a backend that needs no screen
from matplotlib.colors import ListedColormap

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from numpy.typing import NDArray

# The momentum example.
GRADIENTS = (0.9, 0.5, 0.2, -0.1, -0.3, -0.4, -0.2)
ETA, BETA = 0.1, 0.9

# The network. What the document prints: (loss, accuracy) by epoch.
DATA_SEED, HIDDEN, LEARNING_RATE, MOMENTUM, EPOCHS = 42, 64, 0.1, 0.9, 1001
LABELS = np.array([0, 1, 2, 1, 0])
PUBLISHED = {
    0: ("1.099", "0.400"),
    100: ("0.019", "1.000"),
    200: ("0.004", "1.000"),
    300: ("0.002", "1.000"),
    **dict.fromkeys(range(400, 900, 100), ("0.001", "1.000")),
    **dict.fromkeys((900, 1000), ("0.000", "1.000")),
}


@dataclass
class Training:
    """What training leaves: the loss and the accuracy before each step, and the weights."""

    losses: list[float] = field(default_factory=list)
    accuracies: list[float] = field(default_factory=list)
    weights: list[NDArray[Any]] = field(default_factory=list)


# ---- 1. the dense layer


def dense_layer(seed: int) -> dict[str, tuple[NDArray[Any], NDArray[Any]]]:
    """The three gradients of a dense layer: by the document's formulas, and by the engine."""
    generator = np.random.default_rng(seed)
    x, w, dz = (generator.standard_normal(shape) for shape in ((4, 3), (3, 2), (4, 2)))
    layer = nn.Linear(3, 2, init_method=lambda shape, generator: w, dtype="float64")  # noqa: ARG005
    inputs = ag.tensor(x, requires_grad=True)
    layer(inputs).backward(dz)  # dZ, the upstream gradient, comes from the next layer
    by_hand = {"dW": x.T @ dz, "dB": dz.sum(axis=0, keepdims=True), "dX": dz @ w.T}
    by_engine = [np.asarray(tensor.grad) for tensor in (*layer.parameters(), inputs)]
    return dict(zip(by_hand, zip(by_hand.values(), by_engine, strict=True), strict=True))


# ---- 2. momentum


def momentum_by_hand(beta: float) -> list[float]:
    """The document's loop; beta = 0 is its loop without momentum."""
    path, v = [0.0], 0.0
    for g in GRADIENTS:
        v = beta * v + (1 - beta) * g
        path.append(path[-1] - ETA * v)
    return path


def momentum_by_engine(beta: float) -> list[float]:
    """The same by optim.SGD, which is given the gradients."""
    w = ag.tensor(0.0, requires_grad=True, dtype="float64")
    optimizer = optim.SGD([w], lr=ETA, momentum=beta, clip_value=None)
    path = [w.item()]
    for g in GRADIENTS:
        optimizer.zero_grad()
        (g * w).backward()
        optimizer.step()
        path.append(w.item())
    return path


# ---- 3. the network


def make_data() -> tuple[NDArray[np.float64], np.random.RandomState]:
    """The points, and the stream of random numbers from which the weights are drawn next."""
    generator = np.random.RandomState(DATA_SEED)
    return generator.randn(len(LABELS), 2), generator


def forward(x: Any, w1: Any, b1: Any, w2: Any, b2: Any) -> tuple[Any, Any, Any]:
    """The document's forward pass: Z of the hidden layer, its ReLU, and the probabilities."""
    z = x @ w1 + b1
    active = np.maximum(0, z)
    logits = active @ w2 + b2
    shares = np.exp(logits - logits.max(axis=1, keepdims=True))
    return z, active, shares / shares.sum(axis=1, keepdims=True)


def back(x: Any, z: Any, active: Any, p: Any, w2: Any) -> list[NDArray[Any]]:
    """The document's backward pass: the gradients of the mean loss for W1, b1, W2, b2."""
    dlogits = (p - np.eye(3)[LABELS]) / len(x)
    dz = (dlogits @ w2.T) * (z > 0)
    db1, db2 = (d.sum(axis=0, keepdims=True) for d in (dz, dlogits))
    return [x.T @ dz, db1, active.T @ dlogits, db2]


def train_by_hand(epochs: int) -> Training:
    """The document's training loop."""
    x, generator = make_data()
    w1, w2 = (0.01 * generator.randn(*shape) for shape in ((2, HIDDEN), (HIDDEN, 3)))
    weights = [w1, np.zeros((1, HIDDEN)), w2, np.zeros((1, 3))]
    velocities = [np.zeros_like(w) for w in weights]
    run = Training(weights=weights)
    for _ in range(epochs):
        z, active, p = forward(x, *weights)
        gradients = back(x, z, active, p, weights[2])
        confidences = np.clip(p[range(len(x)), LABELS], 1e-7, 1 - 1e-7)
        run.losses.append(float(-np.log(confidences).mean()))
        run.accuracies.append(float(np.mean(p.argmax(axis=1) == LABELS)))
        for i, gradient in enumerate(gradients):
            velocities[i] = MOMENTUM * velocities[i] - LEARNING_RATE * gradient
            weights[i] += velocities[i]
    return run


def train_by_engine(epochs: int) -> Training:
    """The same network and the same steps, with gradients that nobody derived."""
    x, generator = make_data()
    options: dict[str, Any] = {"dtype": "float64", "generator": generator}
    model = nn.Sequential(
        nn.Linear(2, HIDDEN, init_method="normal", **options),  # 0.01 * randn
        nn.ReLU(),
        nn.Linear(HIDDEN, 3, init_method="normal", **options),
    )
    loss_function = nn.SoftmaxCrossEntropyLoss()
    # dampening=0 is the classic form, v <- mu v - lr g, that the document's code has.
    optimizer = optim.SGD(
        model.parameters(), lr=LEARNING_RATE, momentum=MOMENTUM, dampening=0, clip_value=None
    )
    run = Training()
    for _ in range(epochs):
        logits = model(x)
        loss = loss_function(logits, LABELS)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        run.losses.append(float(loss.item()))
        run.accuracies.append(float(np.mean(logits.numpy().argmax(axis=1) == LABELS)))
    run.weights = [p.detach().numpy() for p in model.parameters()]
    return run


# ---- what is shown


def distance(one: Any, other: Any) -> str:
    """The largest difference of two arrays."""
    return f"{np.max(np.abs(np.subtract(one, other))):.1e}"


def dense_report(found: dict[str, tuple[NDArray[Any], NDArray[Any]]]) -> str:
    """The gradients of the dense layer side by side."""
    lines = ["1. dense layer                    by hand               by the engine"]
    for name, (hand, engine) in found.items():
        for i, rows in enumerate(zip(hand, engine, strict=True)):
            numbers = (" ".join(f"{value:7.4f}" for value in row) for row in rows)
            title = "" if i else f"{name} shape: {engine.shape}"
            lines.append(f"{title:17s}" + "".join(f"{row:>27s}" for row in numbers))
        lines.append(f"{'':20s}largest difference {distance(hand, engine)}")
    return "\n".join(lines)


def momentum_report() -> str:
    """The final parameters side by side."""
    lines = ["2. momentum        published     by hand   by optim.SGD"]
    for name, beta, published in (("without", 0.0, "-0.060000"), ("with", BETA, "-0.057402")):
        hand, engine = (f"{f(beta)[-1]:.6f}" for f in (momentum_by_hand, momentum_by_engine))
        mark = "" if hand == engine == published else "   differs"
        lines.append(f"{name:16s} {published:>11s} {hand:>11s}    {engine:>11s}{mark}")
    return "\n".join(lines)


def network_report(hand: Training, engine: Training) -> str:
    """The published losses and accuracies beside both trainings, and how far these are apart."""
    lines = ["3. network   published       by hand         by the engine"]
    lines.append("epoch" + "      loss    acc" * 3)
    epochs = [epoch for epoch in PUBLISHED if epoch < len(hand.losses)]
    agree = 0
    for epoch in epochs:
        found = [(f"{r.losses[epoch]:.3f}", f"{r.accuracies[epoch]:.3f}") for r in (hand, engine)]
        same = found == [PUBLISHED[epoch]] * 2
        agree += same
        row = "".join(f"     {loss}  {acc}" for loss, acc in (PUBLISHED[epoch], *found))
        lines.append(f"{epoch:5d}{row}{'' if same else '   differs'}")
    weights = [np.concatenate([w.ravel() for w in run.weights]) for run in (hand, engine)]
    lines.append(
        f"{agree} of {len(epochs)} lines agree in every printed digit\n"
        f"largest difference by hand and by the engine after {len(hand.losses)} steps:"
        f" loss {distance(hand.losses, engine.losses)}, weights {distance(*weights)}"
    )
    return "\n".join(lines)


def draw(run: Training, path: Path) -> None:
    """The momentum example, the network's regions, and its loss."""
    figure, (left, middle, right) = plt.subplots(1, 3, figsize=(14, 4.4), layout="constrained")
    for beta, colour, name in ((0.0, "tab:orange", "without"), (BETA, "tab:blue", "with")):
        values = momentum_by_engine(beta)
        left.plot(values, "o-", color=colour, label=f"{name} momentum: {values[-1]:.6f}")
    left.set(title="momentum on seven gradients", xlabel="step", ylabel="parameter")
    left.grid(alpha=0.3)
    left.legend(loc="upper right")
    draw_regions(middle, run)
    right.plot(run.losses, color="tab:blue", label="by the engine", linewidth=1.4)
    shown = {e: float(loss) for e, (loss, _) in PUBLISHED.items() if e < len(run.losses)}
    points, losses = zip(*shown.items(), strict=True)
    label = "published, to 0.001"  # the bars show what the rounding leaves open
    right.errorbar(points, losses, 0.0005, fmt="o", color="tab:red", label=label, ms=5, capsize=3)
    right.set(title="loss of the network", xlabel="epoch", ylabel="mean cross entropy")
    right.set(yscale="log", ylim=(2e-4, 2))
    right.grid(alpha=0.3)
    right.legend(loc="upper right")
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, dpi=120)
    plt.close(figure)
    print(f"picture {path}")


def draw_regions(axes: Axes, run: Training) -> None:
    """Which class the network gives each point of the plane, and the five points."""
    x, _ = make_data()
    low, high = x.min(axis=0) - 0.8, x.max(axis=0) + 0.8
    across, up = np.meshgrid(*np.linspace(low, high, 300).T)
    *_, p = forward(np.column_stack([across.ravel(), up.ravel()]), *run.weights)
    colours = ["tab:blue", "tab:orange", "tab:green"]
    classes = p.argmax(axis=1).reshape(across.shape)
    axes.pcolormesh(across, up, classes, cmap=ListedColormap(colours), vmin=0, vmax=2, alpha=0.25)
    for label, colour in enumerate(colours):
        x1, x2 = x[label == LABELS].T
        axes.scatter(x1, x2, color=colour, edgecolors="black", s=70, label=f"class {label}")
    axes.set(title=f"the network after {len(run.losses)} steps", xlabel="$x_1$", ylabel="$x_2$")
    axes.legend(loc="upper right")


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
    parser.add_argument(
        "--epochs", type=whole(1), default=EPOCHS, help=f"of the network (default {EPOCHS})"
    )
    parser.add_argument("--seed", type=whole(0), default=0, help="of the dense layer's numbers")
    parser.add_argument("--out", type=Path, default=Path("outputs"), help="folder of the picture")
    return parser.parse_args(arguments)


def main(arguments: list[str] | None = None) -> None:
    """All three, beside what the document prints."""
    options = parse_arguments(arguments)
    hand, engine = train_by_hand(options.epochs), train_by_engine(options.epochs)
    print(dense_report(dense_layer(options.seed)), end="\n\n")
    print(momentum_report(), end="\n\n")
    print(network_report(hand, engine))
    draw(engine, options.out / "backprop_by_hand.png")


if __name__ == "__main__":
    main()
