"""Schedules that multiply the learning rate: by steps, powers, lines, or any function."""

from __future__ import annotations

from bisect import bisect_right
from numbers import Real
from typing import TYPE_CHECKING

from .schedule import LRScheduler
from .settings import (
    as_list,
    at_least_zero,
    check,
    check_per_group,
    of_group,
    positive,
    whole,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from .optimizer import Optimizer

_FACTOR = "a finite number, at least 0"
_COUNT = "an integer, at least 1"


class LambdaLR(LRScheduler):
    """The learning rate times a function of the number of steps.

        lr(t) = lr(0) lr_lambda(t)

    Args:
        optimizer: the optimizer.
        lr_lambda: a function of t, or a list of one for each group. It is not saved in the state.

    Raises:
        ValueError: when there are not as many functions as groups, or one gives no learning rate.
        TypeError: when `optimizer` is none, or something else than functions is given.

    Example:
        >>> import autograd_lite as ag
        >>> from autograd_lite import optim
        >>> optimizer = optim.SGD([ag.zeros(1, requires_grad=True)], lr=1.0)
        >>> schedule = optim.LambdaLR(optimizer, lambda t: 1 / (1 + t))
        >>> schedule.step()
        >>> schedule.get_last_lr()
        [0.5]
    """

    def __init__(
        self,
        optimizer: Optimizer,
        lr_lambda: Callable[[int], float] | list[Callable[[int], float]],
    ) -> None:
        self.lr_lambda = lr_lambda
        super().__init__(optimizer)

    def check(self) -> None:
        """Raise an error unless there is a function for every group."""
        count, expected = len(self.optimizer.param_groups), "a function"
        check_per_group("LambdaLR", vars(self), "lr_lambda", callable, expected, count)

    def lr_at(self, step: float, base: float, group: int = 0) -> float:
        """The learning rate after some steps."""
        function = of_group(self.lr_lambda, group)
        given = {"lr_lambda(t)": function(step)}
        check("LambdaLR", given, "lr_lambda(t)", lambda v: isinstance(v, Real), "a number")
        return float(base * given["lr_lambda(t)"])

    def _saves(self, key: str) -> bool:
        return key != "lr_lambda" and super()._saves(key)


class StepLR(LRScheduler):
    """Multiplies the learning rate by gamma every `step_size` steps.

        lr(t) = lr(0) gamma^floor(t / step_size)

    Args:
        optimizer: the optimizer.
        step_size: the steps between two changes.
        gamma: the factor.

    Raises:
        ValueError: when an argument has a bad value.
        TypeError: when `optimizer` is none.

    Example:
        >>> import autograd_lite as ag
        >>> from autograd_lite import optim
        >>> optimizer = optim.SGD([ag.zeros(1, requires_grad=True)], lr=1.0)
        >>> schedule = optim.StepLR(optimizer, step_size=10, gamma=0.5)
        >>> [schedule.lr_at(t, 1.0) for t in (9, 10, 20)]
        [1.0, 0.5, 0.25]
    """

    def __init__(self, optimizer: Optimizer, step_size: int, gamma: float = 0.1) -> None:
        self.step_size = step_size
        self.gamma = gamma
        super().__init__(optimizer)

    def check(self) -> None:
        """Raise a ValueError if an argument has a bad value."""
        check("StepLR", vars(self), "step_size", whole(1), _COUNT)
        check("StepLR", vars(self), "gamma", at_least_zero, _FACTOR)

    def factor_at(self, step: float) -> float:
        """gamma^floor(t / step_size)."""
        return float(self.gamma ** (step // self.step_size))


class MultiStepLR(LRScheduler):
    """Multiplies the learning rate by gamma at given steps.

        lr(t) = lr(0) gamma^(the number of milestones up to t)

    Args:
        optimizer: the optimizer.
        milestones: the steps at which it changes, from the smallest to the largest.
        gamma: the factor.

    Raises:
        ValueError: when an argument has a bad value.
        TypeError: when `optimizer` is none.

    Example:
        >>> import autograd_lite as ag
        >>> from autograd_lite import optim
        >>> optimizer = optim.SGD([ag.zeros(1, requires_grad=True)], lr=1.0)
        >>> schedule = optim.MultiStepLR(optimizer, milestones=[30, 80], gamma=0.5)
        >>> [schedule.lr_at(t, 1.0) for t in (29, 30, 80)]
        [1.0, 0.5, 0.25]
    """

    def __init__(self, optimizer: Optimizer, milestones: Iterable[int], gamma: float = 0.1) -> None:
        self.milestones = as_list("MultiStepLR", "milestones", milestones)
        self.gamma = gamma
        super().__init__(optimizer)

    def check(self) -> None:
        """Raise a ValueError if an argument has a bad value."""
        check("MultiStepLR", vars(self), "milestones", ascending, "integers above 0, in order")
        check("MultiStepLR", vars(self), "gamma", at_least_zero, _FACTOR)

    def factor_at(self, step: float) -> float:
        """gamma^(the number of milestones up to t)."""
        return float(self.gamma ** bisect_right(self.milestones, step))


class ExponentialLR(LRScheduler):
    """Multiplies the learning rate by gamma at each step.

        lr(t) = lr(0) gamma^t

    Args:
        optimizer: the optimizer.
        gamma: the factor.

    Raises:
        ValueError: when an argument has a bad value.
        TypeError: when `optimizer` is none.

    Example:
        >>> import autograd_lite as ag
        >>> from autograd_lite import optim
        >>> optimizer = optim.SGD([ag.zeros(1, requires_grad=True)], lr=1.0)
        >>> optim.ExponentialLR(optimizer, gamma=0.5).lr_at(3, 1.0)
        0.125
    """

    def __init__(self, optimizer: Optimizer, gamma: float) -> None:
        self.gamma = gamma
        super().__init__(optimizer)

    def check(self) -> None:
        """Raise a ValueError if an argument has a bad value."""
        check("ExponentialLR", vars(self), "gamma", at_least_zero, _FACTOR)

    def factor_at(self, step: float) -> float:
        """gamma^t."""
        return float(self.gamma**step)


class LinearLR(LRScheduler):
    """Goes on a line from one factor of the learning rate to another: a warm-up by default.

        lr(t) = lr(0) (start_factor + (end_factor - start_factor) min(t / total_iters, 1))

    Args:
        optimizer: the optimizer.
        start_factor: the factor at the beginning.
        end_factor: the factor after `total_iters` steps, which stays.
        total_iters: the length of the line in steps.

    Raises:
        ValueError: when an argument has a bad value.
        TypeError: when `optimizer` is none.

    Example:
        >>> import autograd_lite as ag
        >>> from autograd_lite import optim
        >>> optimizer = optim.SGD([ag.zeros(1, requires_grad=True)], lr=1.0)
        >>> schedule = optim.LinearLR(optimizer, start_factor=0.5, total_iters=4)
        >>> [schedule.lr_at(t, 1.0) for t in range(6)]
        [0.5, 0.625, 0.75, 0.875, 1.0, 1.0]
    """

    def __init__(
        self,
        optimizer: Optimizer,
        start_factor: float = 1 / 3,
        end_factor: float = 1.0,
        total_iters: int = 5,
    ) -> None:
        self.start_factor = start_factor
        self.end_factor = end_factor
        self.total_iters = total_iters
        super().__init__(optimizer)

    def check(self) -> None:
        """Raise a ValueError if an argument has a bad value."""
        check("LinearLR", vars(self), "start_factor", at_least_zero, _FACTOR)
        check("LinearLR", vars(self), "end_factor", at_least_zero, _FACTOR)
        check("LinearLR", vars(self), "total_iters", whole(1), _COUNT)

    def factor_at(self, step: float) -> float:
        """The point of the line."""
        if step >= self.total_iters:
            return self.end_factor
        rise = self.end_factor - self.start_factor
        return self.start_factor + rise * step / self.total_iters


class PolynomialLR(LRScheduler):
    """Lets the learning rate fall to 0 as a power of the steps that are left.

        lr(t) = lr(0) (1 - min(t / total_iters, 1))^power

    Args:
        optimizer: the optimizer.
        total_iters: the steps until it is 0.
        power: the exponent; 1 is a line.

    Raises:
        ValueError: when an argument has a bad value.
        TypeError: when `optimizer` is none.

    Example:
        >>> import autograd_lite as ag
        >>> from autograd_lite import optim
        >>> optimizer = optim.SGD([ag.zeros(1, requires_grad=True)], lr=1.0)
        >>> schedule = optim.PolynomialLR(optimizer, total_iters=4, power=2)
        >>> [schedule.lr_at(t, 1.0) for t in range(6)]
        [1.0, 0.5625, 0.25, 0.0625, 0.0, 0.0]
    """

    def __init__(self, optimizer: Optimizer, total_iters: int = 5, power: float = 1.0) -> None:
        self.total_iters = total_iters
        self.power = power
        super().__init__(optimizer)

    def check(self) -> None:
        """Raise a ValueError if an argument has a bad value."""
        check("PolynomialLR", vars(self), "total_iters", whole(1), _COUNT)
        check("PolynomialLR", vars(self), "power", positive, "a finite number above 0")

    def factor_at(self, step: float) -> float:
        """(1 - min(t / total_iters, 1))^power."""
        return float((1 - min(step / self.total_iters, 1)) ** self.power)


def ascending(milestones: list[int]) -> bool:
    """Whether these are steps in order, without any twice.

    Example:
        >>> ascending([1, 5]), ascending([5, 1]), ascending([0])
        (True, False, False)
    """
    return all(map(whole(1), milestones)) and milestones == sorted(set(milestones))
