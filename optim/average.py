"""Averages of the weights over the course of training."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import numpy as np

from autograd_lite.errors import describe
from autograd_lite.memory import writable

from . import arithmetic
from .groups import as_tensors, completed
from .scratch import Scratch
from .settings import at_least_zero, check, check_fraction, is_bool, whole
from .state import Unlocked

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from numpy.typing import NDArray

    from autograd_lite.tensor import Tensor


class ExponentialMovingAverage(Unlocked):
    """A running average of parameters, which often generalises better than their last values.

        A <- d A + (1 - d) W

    beginning with A = W as it is when the average is made. The beginning weighs long: after t
    updates decay^t of A is still the first W. Two ways against that:

    - `warmup=True`: d = min(decay, (1 + t) / (10 + t)), a short average at first;
    - `bias_correction=True`: the first W has no part in it; A is divided by 1 - d_1 d_2 ... d_t, as
      in Adam.

    Buffers, such as a batch normalisation's, are no parameters, and are not averaged.

    Args:
        params: the parameters, an iterable of tensors, as `model.parameters()` is one.
        decay: d, from 0 up to, but not, 1: the average is over about 1 / (1 - d) updates.
        bias_correction: whether the first values have no part in it.
        warmup: whether the average is short at first.

    Attributes:
        updates: the number of updates, t.

    Raises:
        ValueError: when a setting has a bad value, there is no parameter, or one is given twice.
        TypeError: when something else than tensors of floats is given.

    Source:
        Polyak and Juditsky, "Acceleration of stochastic approximation by averaging", 1992, for
        averages of iterates.

    Example:
        >>> import autograd_lite as ag
        >>> from autograd_lite import optim
        >>> w = ag.tensor([0.0], requires_grad=True)
        >>> average = optim.ExponentialMovingAverage([w], decay=0.75)
        >>> w.data[...] = 4.0
        >>> average.update()
        >>> with average.average_parameters():
        ...     print(w.item())
        1.0
        >>> w.item()
        4.0
    """

    def __init__(
        self,
        params: Iterable[Any],
        decay: float = 0.999,
        *,
        bias_correction: bool = False,
        warmup: bool = False,
    ) -> None:
        name = type(self).__name__
        group = {"params": as_tensors(name, params)}
        self.params: list[Tensor] = completed(name, group, {}, [])["params"]
        self.decay = decay
        self.bias_correction = bias_correction
        self.warmup = warmup
        self.updates = 0
        self.remainder = 1.0  # d_1 d_2 ... d_t, the part that the beginning still has
        self._check(vars(self))
        begun = np.zeros_like if bias_correction else np.copy
        self.averages: list[NDArray[Any]] = [begun(param._data) for param in self.params]
        self._scratch = Scratch()
        self._swapped = False

    def update(self) -> None:
        """Take the present values into the average, as after each step of the optimizer.

        Raises:
            RuntimeError: when the parameters hold their averages now.
        """
        self._refuse_while_swapped("update")
        self.updates += 1
        t = self.updates
        decay = min(float(self.decay), (1 + t) / (10 + t)) if self.warmup else float(self.decay)
        self.remainder *= decay
        for i, param in enumerate(self.params):
            self.averages[i] = self.averages[i].astype(param.dtype, copy=False)
            arithmetic.average(self.averages[i], param._data, decay, self._scratch(param._data, 0))

    def copy_to(self, params: Iterable[Any] | None = None) -> None:
        """Write the averages into parameters.

        Args:
            params: as many tensors, of the same shapes; None for those that are averaged.

        Raises:
            ValueError: when they are not; nothing is changed.
        """
        name = "ExponentialMovingAverage.copy_to"
        targets = self.params if params is None else as_tensors(name, params)
        targets = completed(name, {"params": targets}, {}, [])["params"]
        shapes, expected = [p.shape for p in targets], [p.shape for p in self.params]
        if shapes != expected:
            message = (
                f"{name}: got shapes {shapes}; expected {expected},"
                " those of the parameters that are averaged"
            )
            raise ValueError(message)
        if self.bias_correction and not self.updates:
            message = (
                "ExponentialMovingAverage: there is no average yet; call update() first, or give"
                " bias_correction=False"
            )
            raise ValueError(message)
        weight = 1 - self.remainder if self.bias_correction else 1.0
        for param, average in zip(targets, self.averages, strict=True):
            np.divide(average, weight, out=writable(param), casting="same_kind")

    @contextmanager
    def average_parameters(self) -> Iterator[None]:
        """A context in which the parameters hold their averages, and have their values back after.

        Example:
            >>> import autograd_lite as ag
            >>> from autograd_lite import nn, optim
            >>> model = nn.Linear(2, 1)
            >>> average = optim.ExponentialMovingAverage(model.parameters())
            >>> with average.average_parameters():
            ...     prediction = model(ag.ones(1, 2))
        """
        if self._swapped:
            yield  # they hold them already
            return
        kept = [param._data.copy() for param in self.params]
        self.copy_to()
        self._swapped = True
        try:
            yield
        finally:
            self._swapped = False
            for param, values in zip(self.params, kept, strict=True):
                np.copyto(writable(param), values)

    def state_dict(self) -> dict[str, Any]:
        """The settings, the number of updates and the averages, as copies.

        Loaded into an average of the same parameters, it resumes bit for bit.

        Raises:
            RuntimeError: when the parameters hold their averages now: their own values, which
                belong to the same moment, would be lost to whoever saves both.
        """
        self._refuse_while_swapped("state_dict")
        return {
            "decay": self.decay,
            "bias_correction": self.bias_correction,
            "warmup": self.warmup,
            "updates": self.updates,
            "remainder": self.remainder,
            "averages": [average.copy() for average in self.averages],
        }

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Take over what `state_dict` gave.

        Args:
            state: the state of an average of parameters of the same shapes.

        Raises:
            ValueError: when it does not fit; the average is as it was.
            TypeError: when it is no dict.
            RuntimeError: when the parameters hold their averages now.
        """
        self._refuse_while_swapped("load_state_dict")
        own = self.state_dict()
        if not isinstance(state, dict):
            message = (
                f"ExponentialMovingAverage.load_state_dict: got {describe(state)}; expected a dict,"
                " as state_dict() gives it"
            )
            raise TypeError(message)
        shapes = [param.shape for param in self.params]
        named = dict(state)
        got = _shapes(named.get("averages", ()))
        if named.keys() != own.keys() or got != shapes:
            message = (
                f"ExponentialMovingAverage.load_state_dict: got {sorted(named)} with averages of"
                f" shapes {got}; expected {sorted(own)}, and {shapes}"
            )
            raise ValueError(message)
        self._check(named)
        check("ExponentialMovingAverage", named, "updates", whole(0), "an integer, at least 0")
        check("ExponentialMovingAverage", named, "remainder", at_least_zero, "a number, at least 0")
        averages = [
            np.array(average, param.dtype)
            for average, param in zip(named["averages"], self.params, strict=True)
        ]
        vars(self).update({**named, "averages": averages})

    def _refuse_while_swapped(self, method: str) -> None:
        if self._swapped:
            message = (
                f"ExponentialMovingAverage.{method}: the parameters hold their averages now; call"
                " it after average_parameters() has ended"
            )
            raise RuntimeError(message)

    def _check(self, settings: Mapping[str, Any]) -> None:
        name = type(self).__name__
        check_fraction(name, settings, "decay")
        check(name, settings, "bias_correction", is_bool, "True or False")
        check(name, settings, "warmup", is_bool, "True or False")


def _shapes(averages: Any) -> list[Any]:
    """The shapes of arrays of numbers; None for what is none."""
    try:
        arrays = [np.asarray(average, float) for average in averages]
    except (TypeError, ValueError):
        return [None]
    return [array.shape for array in arrays]
