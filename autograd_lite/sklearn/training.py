"""The loop: epochs of steps, and when it ends."""

from __future__ import annotations

import math
import warnings
from typing import TYPE_CHECKING, Any

import numpy as np
from sklearn.exceptions import ConvergenceWarning

from autograd_lite.data import DataLoader
from autograd_lite.tensor import Tensor

if TYPE_CHECKING:
    from collections.abc import Callable

    from autograd_lite import nn, optim
    from autograd_lite.sklearn.objective import Objective
    from autograd_lite.sklearn.rows import Rows


class Progress:
    """Whether training still makes progress, as scikit-learn's MLPClassifier sees it.

    Args:
        tol: by how much the best value must be surpassed.
        patience: after more epochs than that which did not, training is over.

    Attributes:
        best: the highest value: of scores, or of losses with the sign changed.
        count: the epochs in a row that did not surpass the best value by `tol`.
    """

    def __init__(self, tol: float, patience: float) -> None:
        self.tol, self.patience = tol, patience
        self.best, self.count = -math.inf, 0

    def better(self, value: float) -> bool:
        """Count an epoch, and tell whether its value is the best one so far; nan is not."""
        self.count = 0 if value >= self.best + self.tol else self.count + 1
        found = value > self.best
        self.best = value if found else self.best
        return found

    def over(self) -> bool:
        """Whether too many epochs in a row were of no use."""
        return self.count > self.patience


class Training:
    """One call of `fit` or `partial_fit`: the epochs that it trains a module for.

    Args:
        name: the estimator, for messages.
        module: what is trained.
        optimizer: by which rule.
        schedule: what changes its learning rate after each epoch, or None.
        objective: the loss.
        rows: the data, in the dtype of the module.
        batch_size: the number of rows of a step.
        shuffle: whether each epoch has an order of its own, if it has several batches.
        source: what draws the orders.
        outputs: the number of columns that the module must give.

    Attributes:
        losses: the mean loss of each epoch.
        scores: the validation score of each epoch.
        progress: the best of them, and how long ago it was.
    """

    def __init__(
        self,
        name: str,
        module: nn.Module,
        optimizer: optim.Optimizer,
        schedule: Any,
        objective: Objective,
        rows: Rows,
        *,
        batch_size: int,
        shuffle: bool,
        source: Any,
        outputs: int,
    ) -> None:
        self.name, self.module, self.optimizer = name, module, optimizer
        self.schedule, self.objective, self.outputs = schedule, objective, outputs
        count = len(rows.x)
        self.total = float(count)
        arrays = [rows.x, rows.y]
        if rows.weight is not None:
            mean = float(rows.weight.mean())
            self.total *= mean if objective.sums else 1.0
            arrays.append((rows.weight / (1.0 if objective.sums else mean)).astype(rows.x.dtype))
        # As tensors, whose slices share memory with them.
        tensors = tuple(Tensor(array, copy=False) for array in arrays)
        self.loader = DataLoader(
            tensors, batch_size, shuffle=shuffle and batch_size < count, generator=source
        )
        self.losses: list[float] = []
        self.scores: list[float] = []
        self.progress = Progress(0.0, math.inf)

    def run(
        self,
        epochs: int,
        progress: Progress,
        score: Callable[[], float] | None,
        *,
        verbose: bool,
    ) -> None:
        """Train until there is no progress, for at most so many epochs.

        With a score, the module has the weights of the best one in the end.

        Args:
            epochs: the limit; reaching it is a ConvergenceWarning.
            progress: tells when it is over.
            score: computes the validation score; without it, the loss is what must fall.
            verbose: whether to print a line for each epoch.
        """
        self.progress, best = progress, None
        try:
            for _ in range(epochs):
                self.epoch()
                if score is not None:
                    self.scores.append(score())
                if verbose:
                    print(self._line())  # noqa: T201  # for `verbose`
                if progress.better(-self.losses[-1] if score is None else self.scores[-1]):
                    best = None if score is None else self.module.state_dict()
                if progress.over():
                    break
            else:
                message = (
                    f"{self.name}: reached max_iter={epochs}, and the training has not converged"
                    " yet; give a larger max_iter or learning_rate_init, or scale the data"
                )
                warnings.warn(message, ConvergenceWarning, stacklevel=5)  # at the call of fit
        except KeyboardInterrupt:
            message = f"{self.name}: interrupted in epoch {len(self.losses) + 1}; kept what it has"
            warnings.warn(message, stacklevel=5)
        if best is not None:
            self.module.load_state_dict(best)

    def epoch(self) -> None:
        """Train on every batch once."""
        total = 0.0
        for x, *targets in self.loader:
            loss = self._step(x, targets)
            total += loss if self.objective.sums else loss * len(x)
        self.losses.append(total / self.total)
        if self.schedule is not None:
            self.schedule.step(self.losses[-1] if self.schedule.wants_metric() else None)

    def _step(self, x: Tensor, targets: list[Tensor]) -> float:
        """One step of the optimizer; the loss before it."""
        values: list[float] = []

        def closure() -> Any:
            self.optimizer.zero_grad()
            outputs = as_columns(self.name, self.module(x), len(x), self.outputs)
            loss = self.objective(outputs, *targets)
            values.append(loss.item())
            if len(values) == 1 and not math.isfinite(values[0]):  # later ones are L-BFGS's trials
                raise ValueError(
                    self._diverged(f"the loss became {values[0]}", len(self.losses) + 1)
                )
            loss.backward()
            return loss

        self.optimizer.step(closure)
        return values[0]

    def check_finite(self) -> None:
        """Refuse parameters that the last step has made infinite.

        Raises:
            ValueError: when there are some.
        """
        if not all(np.isfinite(parameter._data).all() for parameter in self.module.parameters()):
            raise ValueError(self._diverged("parameters became infinite", len(self.losses)))

    def _diverged(self, what: str, epoch: int) -> str:
        return (
            f"{self.name}: {what} in epoch {epoch}; expected numbers that stay"
            " finite: scale the data (StandardScaler, for y TransformedTargetRegressor), or"
            " give a smaller learning_rate_init"
        )

    def _line(self) -> str:
        line = f"Iteration {len(self.losses)}, loss = {self.losses[-1]:.8f}"
        return line + (f", validation score = {self.scores[-1]:.6f}" if self.scores else "")


def as_columns(name: str, outputs: Any, rows: int, count: int) -> Any:
    """The outputs of a module as (rows, count), which those of one output need not be.

    Raises:
        ValueError: when they have another shape.
    """
    shape = getattr(outputs, "shape", None)
    if shape == (rows, count):
        return outputs
    if shape == (rows,) and count == 1:
        return outputs.reshape(-1, 1)
    got = type(outputs).__name__ if shape is None else f"outputs of shape {shape}"
    message = (
        f"{name}: the module returned {got} for {rows} rows; expected ({rows}, {count}), a column"
        " for each output that the targets and the loss need: make its last layer that wide, or"
        " give a function of (n_features, n_outputs)"
    )
    raise ValueError(message)
