"""What NetClassifier costs beside a loop that is written by hand, on the spiral.

python benchmarks/estimator.py

Both train document 1's model with the same data, loss, optimizer and number of steps, by turns, and
must come to the same losses; the ratio is that of the medians, of processor time on one core, so
that what else the machine does counts little. It needs scikit-learn, matplotlib and tqdm:
pip install "autograd-lite[examples,sklearn]"
"""

from __future__ import annotations

import os
import statistics
import sys
import time
import warnings
from functools import partial
from pathlib import Path
from typing import Any

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # before NumPy, which reads it once

import numpy as np

from autograd_lite import nn, optim
from autograd_lite.data import DataLoader
from autograd_lite.sklearn import NetClassifier

sys.path.append(str(Path(__file__).parent.parent / "examples"))
import spiral

ROUNDS, STEPS = 15, 200
RULE = partial(optim.SGD, lr=0.01, momentum=0.9, clip_value=1.0)


def data() -> tuple[Any, Any]:
    """The document's 500 points in float32, and their labels."""
    x, y = spiral.make_spiral(np.random.RandomState(1))
    return x.astype(np.float32), y.astype(np.float32)


def by_hand(model: nn.Module, x: Any, y: Any, batch_size: int, epochs: int) -> list[float]:
    """The loop as one writes it: the mean loss of each epoch."""
    optimizer, criterion = RULE(model.parameters()), nn.BCELoss(reduction="sum")
    loader = DataLoader((x, y), batch_size, shuffle=batch_size < len(x), generator=orders())
    losses = []
    for _ in range(epochs):
        total = 0.0
        for xb, yb in loader:
            loss = criterion(model(xb), yb)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            total += loss.item()
        losses.append(total / len(x))
    return losses


def by_estimator(model: nn.Module, x: Any, y: Any, batch_size: int, epochs: int) -> list[float]:
    """The same with the estimator, data checks and the copy of the model included."""
    net = NetClassifier(
        model,
        loss=nn.BCELoss(reduction="sum"),
        optimizer=RULE,
        batch_size=batch_size,
        max_iter=epochs,
        n_iter_no_change=np.inf,
        random_state=orders(),
    )
    losses: list[float] = net.fit(x, y[:, 0]).loss_curve_
    return losses


def orders() -> np.random.RandomState:
    """What draws the order of the rows."""
    return np.random.RandomState(0)


def seconds(train: Any, batch_size: int) -> tuple[float, list[float]]:
    """How long a training took, and its losses."""
    x, y = data()
    model = spiral.make_model("float32", np.random.RandomState(2))
    start = time.process_time()
    losses = train(model, x, y, batch_size, STEPS * batch_size // len(x))
    return time.process_time() - start, losses


def main() -> None:
    """The ratio for the full batch, and for small ones."""
    warnings.simplefilter("ignore")  # that it has not converged
    for batch_size in (500, 50):
        times: dict[Any, list[float]] = {by_hand: [], by_estimator: []}
        losses = {train: seconds(train, batch_size)[1] for train in times}  # warms up, too
        np.testing.assert_allclose(losses[by_hand], losses[by_estimator], rtol=1e-6)
        for _ in range(ROUNDS):
            for train, found in times.items():
                found.append(seconds(train, batch_size)[0])
        hand, estimator = (statistics.median(found) for found in times.values())
        print(
            f"batches of {batch_size:3d}: by hand {hand / STEPS * 1e6:6.1f} us a step,"
            f" NetClassifier {estimator / STEPS * 1e6:6.1f}, ratio {estimator / hand:.3f}"
            f" ({ROUNDS} times {STEPS} steps)"
        )


if __name__ == "__main__":
    main()
