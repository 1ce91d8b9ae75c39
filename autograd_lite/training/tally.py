"""What an epoch adds up to: its loss over all rows, and its metrics."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from autograd_lite.errors import describe
from autograd_lite.tensor import Tensor
from autograd_lite.training.metrics import Metric, compute

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray


class Tally:
    """The sums of an epoch.

    Args:
        loss: the loss; one that adds up (`reduction="sum"`) gives sums, any other means over rows.
        metrics: what is computed of all outputs and targets together.

    Attributes:
        adds_up: whether the loss of a batch is the sum over its rows, and not their mean.
        rows: the number of rows so far.
    """

    def __init__(self, loss: Any, metrics: list[Metric]) -> None:
        self._loss, self._metrics = loss, metrics
        self.adds_up = getattr(loss, "reduction", None) == "sum"
        self.clear()

    def clear(self) -> None:
        """Begin anew."""
        self.total, self.rows = 0.0, 0
        self.outputs: list[NDArray[Any]] = []
        self.targets: list[NDArray[Any]] = []

    def add(self, value: float, rows: int, output: Any, target: Any) -> None:
        """Add a batch: its loss, its number of rows, and if there are metrics the rest."""
        self.total += value if self.adds_up else value * rows
        self.rows += rows
        if self._metrics:
            self.outputs.append(_array(output))
            self.targets.append(_array(target))

    @property
    def mean(self) -> float:
        """The loss so far, as a mean over rows."""
        return self.total / self.rows if self.rows else math.nan

    def results(self) -> dict[str, float]:
        """The loss and the metrics.

        Raises:
            ValueError: when there were no rows.
        """
        if not self.rows:
            message = "fit: got data without a row; expected at least one batch of one row"
            raise ValueError(message)
        found = {"loss": self.mean}
        if self._metrics:
            outputs, targets = np.concatenate(self.outputs), np.concatenate(self.targets)
            found |= compute(self._metrics, self._loss, outputs, targets)
        return found

    def state_dict(self) -> dict[str, Any]:
        """The sums, for a checkpoint in the middle of an epoch."""
        kept = {"total": self.total, "rows": self.rows}
        return {**kept, "outputs": list(self.outputs), "targets": list(self.targets)}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Take over what `state_dict` gave."""
        self.total, self.rows = state["total"], state["rows"]
        self.outputs, self.targets = list(state["outputs"]), list(state["targets"])


def number(value: Any) -> float:
    """The value of a loss.

    Raises:
        ValueError: when it is not one number.
        TypeError: when it is no tensor.
    """
    if not isinstance(value, Tensor):
        message = f"fit: got {describe(value)} as loss; expected a tensor, computed of the output"
        raise TypeError(message)
    if value._data.size != 1:
        message = (
            f"fit: got a loss of shape {value.shape}; expected one number: reduction='mean', or"
            " loss(...).mean()"
        )
        raise ValueError(message)
    return float(value._data.item())


def _array(x: Any) -> NDArray[Any]:
    """An output or a target, as values that nobody will write to."""
    return x.detach()._data if isinstance(x, Tensor) else np.array(x)
