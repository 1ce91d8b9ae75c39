"""Schedules made of schedules: together, or one after another."""

from __future__ import annotations

from bisect import bisect_right
from typing import TYPE_CHECKING, Any

from .schedule import LRScheduler
from .schedule_decay import ascending
from .settings import as_list, check

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from .optimizer import Optimizer


class Combined(LRScheduler):
    """The base of schedules made of schedules, of which this one alone is stepped.

    Args:
        optimizer: the optimizer of all of them.
        schedulers: the schedules, at least one.

    Raises:
        ValueError: when there is none, or one is of another optimizer.
        TypeError: when something else than schedules is given.
    """

    def __init__(self, optimizer: Optimizer, schedulers: Iterable[LRScheduler]) -> None:
        self.schedulers = as_list(type(self).__name__, "schedulers", schedulers)
        self.optimizer = optimizer
        Combined.check(self)  # before there may be no optimizer to ask
        super().__init__(optimizer)

    def check(self) -> None:
        """Raise an error if an argument has a bad value, or one of a schedule's."""
        name = type(self).__name__
        if not self.schedulers:
            message = f"{name}: got no schedules; expected at least one"
            raise ValueError(message)
        for i, schedule in enumerate(self.schedulers):
            if not isinstance(schedule, LRScheduler):
                message = (
                    f"{name}: got a {type(schedule).__name__} as number {i}; expected a schedule"
                )
                raise TypeError(message)
            if schedule.optimizer is not self.optimizer:
                message = f"{name}: number {i} is of another optimizer; expected one for all"
                raise ValueError(message)
            schedule.check()

    def wants_metric(self) -> bool:
        """Whether one of the schedules does."""
        return any(schedule.wants_metric() for schedule in self.schedulers)

    def state_dict(self) -> dict[str, Any]:
        """The state of the combination, with those of its schedules."""
        return {**super().state_dict(), "schedulers": [s.state_dict() for s in self.schedulers]}

    def _misfits(self, state: Any) -> list[str]:
        wrong = super()._misfits(state)
        if wrong:
            return wrong
        given, count = state["schedulers"], len(self.schedulers)
        if not isinstance(given, (list, tuple)) or len(given) != count:
            return [f"{type(given).__name__} as schedulers; expected the states of {count}"]
        return [
            f"{text} in schedulers[{i}]"
            for i, schedule in enumerate(self.schedulers)
            for text in schedule._misfits(given[i])
        ]

    def _restore(self, state: Mapping[str, Any]) -> None:
        super()._restore({key: value for key, value in state.items() if key != "schedulers"})
        for schedule, its in zip(self.schedulers, state["schedulers"], strict=True):
            schedule._restore(its)


class ChainedScheduler(Combined):
    """Several schedules at once: each is given the learning rate that the one before it gives.

    Factors multiply: a warm-up and a decay make a warm-up that decays.

    Args:
        schedulers: the schedules, of one optimizer, at least one. Step this one in their place.

    Raises:
        ValueError: when there is none, or they are of several optimizers.
        TypeError: when something else than schedules is given.

    Example:
        >>> import autograd_lite as ag
        >>> from autograd_lite import optim
        >>> optimizer = optim.SGD([ag.zeros(1, requires_grad=True)], lr=1.0)
        >>> warm_up = optim.LinearLR(optimizer, start_factor=0.5, total_iters=2)
        >>> halves = optim.StepLR(optimizer, step_size=3, gamma=0.5)
        >>> schedule = optim.ChainedScheduler([warm_up, halves])
        >>> [schedule.lr_at(t, 1.0) for t in range(5)]
        [0.5, 0.75, 1.0, 0.5, 0.5]
    """

    def __init__(self, schedulers: Iterable[LRScheduler]) -> None:
        schedulers = as_list("ChainedScheduler", "schedulers", schedulers)
        optimizer: Any = getattr(schedulers[0], "optimizer", None) if schedulers else None
        super().__init__(optimizer, schedulers)

    def settings_at(self, step: float, base: float, group: int = 0) -> dict[str, Any]:
        """What the schedules set one after another."""
        settings = {"lr": base}
        for schedule in self.schedulers:
            settings.update(schedule.settings_at(step, settings["lr"], group))
        return settings

    def lr_at(self, step: float, base: float, group: int = 0) -> float:
        """The learning rate after some steps."""
        lr: float = self.settings_at(step, base, group)["lr"]
        return lr

    def advance(self, metric: Any) -> None:
        """Count one step of each schedule."""
        super().advance(metric)
        for schedule in self.schedulers:
            schedule.advance(metric)


class SequentialLR(Combined):
    """Several schedules one after another.

    Args:
        optimizer: the optimizer of all of them.
        schedulers: the schedules, at least one. Step this one in their place.
        milestones: for each but the first, the step at which it takes over, as at its own step 0.

    Raises:
        ValueError: when there is no schedule, one is of another optimizer, or the milestones are
            not as many as that, or not in order.
        TypeError: when something else than schedules is given.

    Example:
        >>> import autograd_lite as ag
        >>> from autograd_lite import optim
        >>> optimizer = optim.SGD([ag.zeros(1, requires_grad=True)], lr=1.0)
        >>> warm_up = optim.LinearLR(optimizer, start_factor=0.5, total_iters=2)
        >>> decay = optim.PolynomialLR(optimizer, total_iters=4)
        >>> schedule = optim.SequentialLR(optimizer, [warm_up, decay], milestones=[2])
        >>> [schedule.lr_at(t, 1.0) for t in range(7)]
        [0.5, 0.75, 1.0, 0.75, 0.5, 0.25, 0.0]
    """

    def __init__(
        self, optimizer: Optimizer, schedulers: Iterable[LRScheduler], milestones: Iterable[int]
    ) -> None:
        self.milestones = as_list("SequentialLR", "milestones", milestones)
        super().__init__(optimizer, schedulers)

    def check(self) -> None:
        """Raise an error if an argument has a bad value, or one of a schedule's."""
        super().check()
        count = len(self.schedulers) - 1
        expected = f"{count} integers above 0, in order: one less than schedules"
        settings = vars(self)
        check("SequentialLR", settings, "milestones", lambda v: len(v) == count, expected)
        check("SequentialLR", settings, "milestones", ascending, expected)

    def settings_at(self, step: float, base: float, group: int = 0) -> dict[str, Any]:
        """What the schedule whose turn it is sets."""
        schedule, own = self._turn(step)
        return schedule.settings_at(own, base, group)

    def lr_at(self, step: float, base: float, group: int = 0) -> float:
        """The learning rate after some steps."""
        schedule, own = self._turn(step)
        return schedule.lr_at(own, base, group)

    def advance(self, metric: Any) -> None:
        """Count one step of the schedule whose turn it is; the one that takes over is at its 0."""
        super().advance(metric)
        schedule, own = self._turn(self.last_epoch)
        if own:
            schedule.advance(metric)

    def _turn(self, step: float) -> tuple[LRScheduler, float]:
        """Whose turn it is at a step, and at which step of its own it is."""
        i = bisect_right(self.milestones, step)
        return self.schedulers[i], step - (self.milestones[i - 1] if i else 0)
