"""Schedules from half cosine waves: annealing, with restarts, and one cycle up and down."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from .schedule import LRScheduler
from .settings import (
    at_least_zero,
    check,
    check_per_group,
    fraction,
    is_bool,
    of_group,
    positive,
    whole,
)

if TYPE_CHECKING:
    from .optimizer import Optimizer

_RATE = "a finite number, at least 0"
_COUNT = "an integer, at least 1"


def blend(start: float, end: float, part: float) -> float:
    """The half cosine wave from `start`, at part 0, to `end`, at part 1.

    Example:
        >>> blend(1.0, 0.0, 0.0), round(blend(1.0, 0.0, 0.5), 12), blend(1.0, 0.0, 1.0)
        (1.0, 0.5, 0.0)
    """
    return end + (start - end) * (1 + math.cos(math.pi * part)) / 2


class CosineAnnealingLR(LRScheduler):
    """Lets the learning rate fall along half a cosine wave.

        lr(t) = eta_min + (lr(0) - eta_min) (1 + cos(pi t / T_max)) / 2

    After T_max steps it rises again, as PyTorch's does: stop there, or give `SequentialLR`
    something else to go on with.

    Args:
        optimizer: the optimizer.
        T_max: the steps until it is `eta_min`.
        eta_min: the lowest learning rate.

    Raises:
        ValueError: when an argument has a bad value.
        TypeError: when `optimizer` is none.

    Source:
        Loshchilov and Hutter, "SGDR: stochastic gradient descent with warm restarts", 2017, without
        the restarts.

    Example:
        >>> import autograd_lite as ag
        >>> from autograd_lite import optim
        >>> optimizer = optim.SGD([ag.zeros(1, requires_grad=True)], lr=1.0)
        >>> schedule = optim.CosineAnnealingLR(optimizer, T_max=4)
        >>> [round(schedule.lr_at(t, 1.0), 3) for t in range(5)]
        [1.0, 0.854, 0.5, 0.146, 0.0]
    """

    def __init__(self, optimizer: Optimizer, T_max: int, eta_min: float = 0.0) -> None:  # noqa: N803  # PyTorch's name
        self.T_max = T_max
        self.eta_min = eta_min
        super().__init__(optimizer)

    def check(self) -> None:
        """Raise a ValueError if an argument has a bad value."""
        check("CosineAnnealingLR", vars(self), "T_max", whole(1), _COUNT)
        check("CosineAnnealingLR", vars(self), "eta_min", at_least_zero, _RATE)

    def lr_at(self, step: float, base: float, group: int = 0) -> float:  # noqa: ARG002
        """The learning rate after some steps."""
        return blend(base, self.eta_min, step / self.T_max)


class CosineAnnealingWarmRestarts(LRScheduler):
    """Lets the learning rate fall along half a cosine wave, again and again.

        lr(t) = eta_min + (lr(0) - eta_min) (1 + cos(pi t' / T)) / 2

    where T is the length of the present cycle, T_0 T_mult^i for number i, and t' the steps in it.

    Args:
        optimizer: the optimizer.
        T_0: the steps of the first cycle.
        T_mult: how many times as long each cycle is as the one before.
        eta_min: the lowest learning rate.

    Raises:
        ValueError: when an argument has a bad value.
        TypeError: when `optimizer` is none.

    Source:
        Loshchilov and Hutter, "SGDR: stochastic gradient descent with warm restarts", 2017.

    Example:
        >>> import autograd_lite as ag
        >>> from autograd_lite import optim
        >>> optimizer = optim.SGD([ag.zeros(1, requires_grad=True)], lr=1.0)
        >>> schedule = optim.CosineAnnealingWarmRestarts(optimizer, T_0=2, T_mult=2)
        >>> [round(schedule.lr_at(t, 1.0), 3) for t in range(7)]
        [1.0, 0.5, 1.0, 0.854, 0.5, 0.146, 1.0]
    """

    def __init__(
        self,
        optimizer: Optimizer,
        T_0: int,  # noqa: N803  # PyTorch's name
        T_mult: int = 1,  # noqa: N803
        eta_min: float = 0.0,
    ) -> None:
        self.T_0 = T_0
        self.T_mult = T_mult
        self.eta_min = eta_min
        super().__init__(optimizer)

    def check(self) -> None:
        """Raise a ValueError if an argument has a bad value."""
        name = type(self).__name__
        check(name, vars(self), "T_0", whole(1), _COUNT)
        check(name, vars(self), "T_mult", whole(1), _COUNT)
        check(name, vars(self), "eta_min", at_least_zero, _RATE)

    def lr_at(self, step: float, base: float, group: int = 0) -> float:  # noqa: ARG002
        """The learning rate after some steps."""
        length = self.T_0
        if self.T_mult == 1:
            step %= length
        while step >= length:
            step -= length
            length *= self.T_mult
        return blend(base, self.eta_min, step / length)


class OneCycleLR(LRScheduler):
    """Raises the learning rate to a maximum, and lets it fall to almost 0, in one run.

    From max_lr / div_factor to max_lr in the first `pct_start` of the steps, then down to
    max_lr / (div_factor final_div_factor) at the last; each way is half a cosine wave, or a line.
    With `three_phase`, it comes down as long as it went up, to where it began, and only then to the
    end. The learning rate that the optimizer was given has no part in it.

    Momentum (beta1 of rules with betas) goes the opposite way, between `max_momentum` and
    `base_momentum`, unless `cycle_momentum` is False.

    Args:
        optimizer: the optimizer.
        max_lr: the highest learning rate, or a list of one for each group.
        total_steps: the steps of the run; or give `epochs` and `steps_per_epoch`.
        epochs: the epochs of the run.
        steps_per_epoch: the steps of each: batches, when `step` is called after each batch.
        pct_start: the part of the steps that goes up.
        anneal_strategy: "cos" or "linear".
        cycle_momentum: whether the momentum is set too.
        base_momentum: the lowest momentum.
        max_momentum: the highest momentum.
        div_factor: the highest learning rate over the first.
        final_div_factor: the first learning rate over the last.
        three_phase: whether the way down is made of two.

    Raises:
        ValueError: when an argument has a bad value, or the optimizer has no momentum to cycle.
        TypeError: when `optimizer` is none.

    Source:
        Smith and Topin, "Super-convergence: very fast training of neural networks using large
        learning rates", 2019; the two phases are fastai's.

    Example:
        >>> import autograd_lite as ag
        >>> from autograd_lite import optim
        >>> optimizer = optim.SGD([ag.zeros(1, requires_grad=True)])
        >>> schedule = optim.OneCycleLR(optimizer, max_lr=1.0, total_steps=10)
        >>> [round(schedule.lr_at(t, 0.0), 3) for t in range(10)]
        [0.04, 0.52, 1.0, 0.95, 0.812, 0.611, 0.389, 0.188, 0.05, 0.0]
    """

    def __init__(
        self,
        optimizer: Optimizer,
        max_lr: float | list[float],
        total_steps: int | None = None,
        epochs: int | None = None,
        steps_per_epoch: int | None = None,
        pct_start: float = 0.3,
        anneal_strategy: str = "cos",
        cycle_momentum: bool = True,
        base_momentum: float = 0.85,
        max_momentum: float = 0.95,
        div_factor: float = 25.0,
        final_div_factor: float = 1e4,
        three_phase: bool = False,
    ) -> None:
        if total_steps is None:
            given = {"epochs": epochs, "steps_per_epoch": steps_per_epoch}
            for key in given:
                check("OneCycleLR", given, key, whole(1), f"{_COUNT}, or give total_steps")
            total_steps = (epochs or 0) * (steps_per_epoch or 0)
        self.max_lr = max_lr
        self.total_steps = total_steps
        self.pct_start = pct_start
        self.anneal_strategy = anneal_strategy
        self.cycle_momentum = cycle_momentum
        self.base_momentum = base_momentum
        self.max_momentum = max_momentum
        self.div_factor = div_factor
        self.final_div_factor = final_div_factor
        self.three_phase = three_phase
        super().__init__(optimizer)

    def check(self) -> None:
        """Raise a ValueError if an argument has a bad value."""
        groups = self.optimizer.param_groups
        check_per_group("OneCycleLR", vars(self), "max_lr", at_least_zero, _RATE, len(groups))
        momentum = "a number from 0 up to, but not, 1"
        for key, valid, expected in [
            ("total_steps", whole(1), _COUNT),
            ("pct_start", lambda v: fraction(v) or v == 1, "a number from 0 to 1"),
            ("anneal_strategy", lambda v: v in {"cos", "linear"}, "'cos' or 'linear'"),
            ("cycle_momentum", is_bool, "True or False"),
            ("base_momentum", fraction, momentum),
            ("max_momentum", fraction, momentum),
            ("div_factor", positive, "a finite number above 0"),
            ("final_div_factor", positive, "a finite number above 0"),
            ("three_phase", is_bool, "True or False"),
        ]:
            check("OneCycleLR", vars(self), key, valid, expected)
        groups = self.optimizer.param_groups
        if self.cycle_momentum and not all(
            {"momentum", "betas"} & group.keys() for group in groups
        ):
            message = (
                f"OneCycleLR: got {type(self.optimizer).__name__}, which has no momentum to cycle;"
                " give cycle_momentum=False"
            )
            raise ValueError(message)

    def lr_at(self, step: float, base: float, group: int = 0) -> float:  # noqa: ARG002
        """The learning rate after some steps."""
        highest = of_group(self.max_lr, group)
        first = highest / self.div_factor
        return self._on_the_way(step, first, highest, first / self.final_div_factor)

    def settings_at(self, step: float, base: float, group: int = 0) -> dict[str, Any]:
        """The learning rate and the momentum after some steps."""
        settings = super().settings_at(step, base, group)
        if self.cycle_momentum:
            high, low = self.max_momentum, self.base_momentum
            momentum = self._on_the_way(step, high, low, high)
            present = self.optimizer.param_groups[group]
            if "momentum" in present:
                settings["momentum"] = momentum
            else:
                settings["betas"] = (momentum, present["betas"][1])
        return settings

    def _on_the_way(self, step: float, first: float, middle: float, last: float) -> float:
        """The value at a step of what goes from `first` to `middle` and on to `last`."""
        if step > self.total_steps:
            message = (
                f"OneCycleLR: got {step} steps; expected at most total_steps={self.total_steps}"
                " (step once for each of them)"
            )
            raise ValueError(message)
        top, end = self.pct_start * self.total_steps - 1, self.total_steps - 1
        legs = [(top, middle), (end, last)]
        if self.three_phase:
            legs.insert(1, (2 * top, first))
        start, value = 0.0, first
        for stop, goal in legs:
            if start <= step < stop:
                part = (step - start) / (stop - start)
                cosine = self.anneal_strategy == "cos"
                return blend(value, goal, part) if cosine else value + (goal - value) * part
            start, value = max(start, stop), goal
        return last
