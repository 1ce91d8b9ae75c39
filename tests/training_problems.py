"""Small things to train, for the tests of `fit`."""

from __future__ import annotations

from typing import Any

import numpy as np

import autograd_lite as ag
from autograd_lite import nn, optim
from autograd_lite.training import Callback

ROWS = 40


def regression(rows: int = ROWS, dtype: str = "float32") -> tuple[Any, Any]:
    """Points and the numbers that belong to them."""
    generator = np.random.default_rng(1)
    x = generator.normal(size=(rows, 3)).astype(dtype)
    return x, np.tanh(x.sum(axis=1, keepdims=True))


def classes(rows: int = ROWS, count: int = 3) -> tuple[Any, Any]:
    """Points and the classes that they belong to."""
    x, _ = regression(rows)
    return x, np.argmax(x[:, :count], axis=1)


def network(outputs: int = 1, dtype: str = "float32", dropout: float = 0.0) -> nn.Sequential:
    """3-8-outputs, always with the same weights."""
    ag.manual_seed(3)
    layers: list[nn.Module] = [nn.Linear(3, 8, dtype=dtype), nn.Tanh()]
    if dropout:
        layers.append(nn.Dropout(dropout))
    return nn.Sequential([*layers, nn.Linear(8, outputs, dtype=dtype)])


def sgd(model: nn.Module, **settings: Any) -> optim.SGD:
    """Gradient descent without clipping, unless told otherwise."""
    return optim.SGD(model.parameters(), **{"lr": 0.1, "clip_value": None, **settings})


def weights(model: nn.Module) -> dict[str, list[Any]]:
    """All values of a model, for comparison by ==."""
    return {name: array.tolist() for name, array in model.state_dict().items()}


def without_seconds(history: dict[str, list[Any]]) -> dict[str, list[Any]]:
    """The columns that the same run gives again."""
    return {name: column for name, column in history.items() if name != "seconds"}


class StopAfter(Callback):
    """Stops after some steps, as Ctrl-C does, or asks for a checkpoint then and fails later."""

    def __init__(self, steps: int | None, *, crash: bool = False) -> None:
        self.left, self.crash = steps, crash

    def on_step_end(self, run: Any) -> None:
        """Count."""
        if self.left is None:
            return
        self.left -= 1
        if self.left == 0 and self.crash:
            run.save()
        elif self.left == 0:
            run.stop = True
        elif self.left == -2:
            message = "the power went off"
            raise RuntimeError(message)
