"""The schedule that looks at a metric: lower the learning rate when it stops becoming better."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .schedule import LRScheduler
from .settings import at_least_zero, check, check_per_group, fraction, number, of_group, whole

if TYPE_CHECKING:
    from .optimizer import Optimizer


class ReduceLROnPlateau(LRScheduler):
    """Multiplies the learning rate by `factor` when a metric has not become better for a while.

        lr = max(lr(0) factor^(the number of reductions), min_lr)

    A metric is better if it is below best - threshold |best|, or in the other modes above, or by
    threshold itself; nan is never better. After more than `patience` steps in a row without a
    better one comes a reduction, and then `cooldown` steps that are not counted.

    Args:
        optimizer: the optimizer.
        mode: "min", where a smaller metric is better, or "max".
        factor: what the learning rate is multiplied by, from 0 up to, but not, 1.
        patience: the steps without a better metric that are borne.
        threshold: by how much a metric must be better than the best to count.
        threshold_mode: "rel", where that is a part of the best metric, or "abs".
        cooldown: the steps after a reduction that are not counted.
        min_lr: the lowest learning rate, or a list of one for each group.

    Attributes:
        best: the best metric.
        num_bad_epochs: the steps in a row without a better one.
        cooldown_counter: the steps that are still not counted.
        reductions: how often the learning rate was reduced.

    Raises:
        ValueError: when an argument has a bad value.
        TypeError: when `optimizer` is none.

    Example:
        >>> import autograd_lite as ag
        >>> from autograd_lite import optim
        >>> optimizer = optim.SGD([ag.zeros(1, requires_grad=True)], lr=1.0)
        >>> schedule = optim.ReduceLROnPlateau(optimizer, factor=0.5, patience=1)
        >>> for loss in (3.0, 2.0, 2.0, 2.0):
        ...     schedule.step(loss)
        >>> schedule.get_last_lr()
        [0.5]
    """

    def __init__(
        self,
        optimizer: Optimizer,
        mode: str = "min",
        factor: float = 0.1,
        patience: int = 10,
        threshold: float = 1e-4,
        threshold_mode: str = "rel",
        cooldown: int = 0,
        min_lr: float | list[float] = 0.0,
    ) -> None:
        self.mode = mode
        self.factor = factor
        self.patience = patience
        self.threshold = threshold
        self.threshold_mode = threshold_mode
        self.cooldown = cooldown
        self.min_lr = min_lr
        self.best: float | None = None
        self.num_bad_epochs = 0
        self.cooldown_counter = 0
        self.reductions = 0
        super().__init__(optimizer)

    def check(self) -> None:
        """Raise a ValueError if an argument has a bad value."""
        limits = "a finite number, at least 0"
        count = len(self.optimizer.param_groups)
        check_per_group("ReduceLROnPlateau", vars(self), "min_lr", at_least_zero, limits, count)
        for key, valid, expected in [
            ("mode", lambda v: v in {"min", "max"}, "'min' or 'max'"),
            ("factor", fraction, "a number from 0 up to, but not, 1"),
            ("patience", whole(0), "an integer, at least 0"),
            ("threshold", at_least_zero, limits),
            ("threshold_mode", lambda v: v in {"rel", "abs"}, "'rel' or 'abs'"),
            ("cooldown", whole(0), "an integer, at least 0"),
        ]:
            check("ReduceLROnPlateau", vars(self), key, valid, expected)

    def wants_metric(self) -> bool:
        """It does."""
        return True

    def lr_at(self, step: float, base: float, group: int = 0) -> float:  # noqa: ARG002
        """The learning rate after the reductions so far, whatever the step."""
        lowest: float = min(base, of_group(self.min_lr, group))
        return max(base * float(self.factor**self.reductions), lowest)

    def advance(self, metric: Any) -> None:
        """Look at the metric, and count."""
        super().advance(metric)
        value = number("ReduceLROnPlateau.step", metric)
        if self._is_better(value):
            self.best = value
            self.num_bad_epochs = 0
        else:
            self.num_bad_epochs += 1
        if self.cooldown_counter > 0:
            self.cooldown_counter -= 1
            self.num_bad_epochs = 0
        if self.num_bad_epochs > self.patience:
            self.reductions += 1
            self.cooldown_counter = self.cooldown
            self.num_bad_epochs = 0

    def _is_better(self, value: float) -> bool:
        if self.best is None:
            return value == value  # noqa: PLR0124  # a nan is not
        margin = self.threshold * (abs(self.best) if self.threshold_mode == "rel" else 1)
        return value < self.best - margin if self.mode == "min" else value > self.best + margin
