"""The base of schedules: a learning rate as a function of the number of steps."""

from __future__ import annotations

import copy
import weakref
from typing import TYPE_CHECKING, Any

from .optimizer import Optimizer
from .settings import at_least_zero

if TYPE_CHECKING:
    from collections.abc import Mapping


class LRScheduler:
    """The base of schedules, which set the learning rates of an optimizer.

    A schedule is a function: `lr_at(t, base)` is the learning rate after t calls of `step`, where
    the group was given `base` ("initial_lr" in the group). So it begins to act when it is made, is
    exact after any number of steps, and overwrites what is written to a group's "lr".

    One schedule at a time drives an optimizer: the last that was made, or stepped. To have several
    act together or one after another, give them to `ChainedScheduler` or `SequentialLR`.

    A subclass stores its arguments under their own names, checks them in `check`, and writes
    `factor_at` or `lr_at`.

    Args:
        optimizer: the optimizer, of any number of groups; groups that are added later follow too.

    Attributes:
        optimizer: the optimizer.
        last_epoch: the number of steps, t.

    Raises:
        ValueError: when an argument has a bad value.
        TypeError: when `optimizer` is none.

    Example:
        >>> import autograd_lite as ag
        >>> from autograd_lite import optim
        >>> class InverseRoot(optim.LRScheduler):
        ...     def factor_at(self, step):
        ...         return (1 + step) ** -0.5
        >>> optimizer = optim.SGD([ag.zeros(1, requires_grad=True)], lr=0.6)
        >>> schedule = InverseRoot(optimizer)
        >>> for _ in range(3):
        ...     schedule.step()
        >>> optimizer.param_groups[0]["lr"]
        0.3
    """

    def __init__(self, optimizer: Optimizer) -> None:
        if not isinstance(optimizer, Optimizer):
            message = (
                f"{type(self).__name__}: got a {type(optimizer).__name__}; expected an optimizer,"
                " such as SGD(model.parameters())"
            )
            raise TypeError(message)
        self.optimizer = optimizer
        self.last_epoch: float = 0
        self.check()
        self._apply()
        self._drive()

    # ---- what a subclass writes

    def check(self) -> None:
        """Raise a ValueError if an argument has a bad value."""

    def factor_at(self, step: float) -> float:
        """What the learning rate is multiplied by after some steps.

        Args:
            step: how many.
        """
        message = (
            f"{type(self).__name__}: has no factor_at(step); define it, or lr_at, in the class"
        )
        raise NotImplementedError(message)

    def lr_at(self, step: float, base: float, group: int = 0) -> float:  # noqa: ARG002
        """The learning rate after some steps.

        Args:
            step: how many.
            base: the learning rate that the group was given.
            group: the position of the group.
        """
        return base * self.factor_at(step)

    def settings_at(self, step: float, base: float, group: int = 0) -> dict[str, Any]:
        """All settings of a group that the schedule sets: "lr", unless a subclass adds to it."""
        return {"lr": self.lr_at(step, base, group)}

    def wants_metric(self) -> bool:
        """Whether `step` needs a metric."""
        return False

    def advance(self, metric: Any) -> None:  # noqa: ARG002  # for those that want it
        """Count one step."""
        self.last_epoch += 1

    # ---- the loop

    def step(self, metric: Any = None) -> None:
        """Go on by one step: once an epoch or once a batch, after the optimizer's.

        Args:
            metric: what is to become better, such as a validation loss: for `ReduceLROnPlateau`,
                also where it is combined with others.

        Raises:
            ValueError: when a metric is given and not wanted, or wanted and not given; the
                schedule is as it was.
            RuntimeError: when another schedule drives the optimizer now.
        """
        name = type(self).__name__
        driver = self.optimizer.driver() if self.optimizer.driver else None
        if driver not in {None, self}:
            message = (
                f"{name}.step: the learning rate of this optimizer follows"
                f" {type(driver).__name__}, which was made later; to have both, give them to"
                " ChainedScheduler([...]) or SequentialLR([...], milestones)"
            )
            raise RuntimeError(message)
        if (metric is not None) is not self.wants_metric():
            got, expected = ("none", "one") if metric is None else (f"{metric!r}", "none")
            which = "ReduceLROnPlateau looks at a loss, other schedules count"
            message = f"{name}.step: got {got} as metric; expected {expected} ({which})"
            raise ValueError(message)
        before = self.state_dict()
        try:
            self.advance(metric)
            self._apply()
        except Exception:
            self._restore(before)
            raise
        self._drive()

    def get_last_lr(self) -> list[float]:
        """The present learning rate of each group."""
        return [group["lr"] for group in self.optimizer.param_groups]

    def _apply(self) -> None:
        """Set the settings of all groups, or none of them if one would be bad."""
        groups = self.optimizer.param_groups
        new = []
        for i, group in enumerate(groups):
            base = group["initial_lr"] if "initial_lr" in group else group["lr"]
            settings = self.settings_at(self.last_epoch, base, i)
            if not at_least_zero(settings["lr"]):
                message = (
                    f"{type(self).__name__}: got lr={settings['lr']!r} after {self.last_epoch}"
                    " steps; expected a finite number, at least 0"
                )
                raise ValueError(message)
            new.append(settings)
        for group, settings in zip(groups, new, strict=True):
            group.setdefault("initial_lr", group["lr"])
            group.update(settings)

    def _drive(self) -> None:
        self.optimizer.driver = weakref.ref(self)  # no cycle: an optimizer owns no schedule

    # ---- state

    def state_dict(self) -> dict[str, Any]:
        """The arguments, functions apart, and the number of steps: plain numbers and lists.

        Loaded into a schedule of the same kind, after the optimizer's own, it resumes exactly.

        Example:
            >>> import autograd_lite as ag
            >>> from autograd_lite import optim
            >>> optimizer = optim.SGD([ag.zeros(1, requires_grad=True)])
            >>> optim.StepLR(optimizer, step_size=10).state_dict()
            {'step_size': 10, 'gamma': 0.1, 'last_epoch': 0}
        """
        return {key: copy.copy(value) for key, value in vars(self).items() if self._saves(key)}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Take over what `state_dict` gave, and set the learning rates to it.

        Args:
            state: the state of a schedule of the same kind.

        Raises:
            ValueError: when it does not fit; the schedule is as it was.
        """
        name = f"{type(self).__name__}.load_state_dict"
        if wrong := self._misfits(state):
            message = (
                f"{name}: got {'; '.join(wrong)}, as state_dict() of the same kind of schedule gave"
            )
            raise ValueError(message)
        before = self.state_dict()
        try:
            self._restore(state)
            self.check()
            self._apply()
        except Exception as error:
            self._restore(before)
            if isinstance(error, ValueError):
                raise
            message = (
                f"{name}: got a state with bad values ({error}); expected what state_dict gave"
            )
            raise ValueError(message) from error

    def _misfits(self, state: Any) -> list[str]:
        """What is wrong with a state, in words."""
        own = self.state_dict().keys()
        if hasattr(state, "keys") and state.keys() == own:
            return []
        got = sorted(map(str, state)) if hasattr(state, "keys") else type(state).__name__
        return [f"{got}; expected {sorted(own)}"]

    def _saves(self, key: str) -> bool:
        return key != "optimizer"

    def _restore(self, state: Mapping[str, Any]) -> None:
        for key, value in state.items():
            setattr(self, key, copy.copy(value))

    def __repr__(self) -> str:
        state = ", ".join(f"{key}={value!r}" for key, value in self.state_dict().items())
        return f"{type(self).__name__}({state})"
