"""A step of a whole parameter in one pass over its memory, by a kernel; see `Optimizer.update`."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, NamedTuple

from autograd_lite.kernels import compiled

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from .optimizer import Optimizer


class Step(NamedTuple):
    """What a step of a parameter is made with.

    Attributes:
        array: the values of the parameter, to change in place.
        grad: its gradient as it came, not to be written to.
        state: arrays of the same shape, to change in place, and numbers.
        scale: what to multiply the gradient by first.
        group: the settings.
    """

    array: NDArray[Any]
    grad: NDArray[Any]
    state: dict[str, Any]
    scale: float
    group: dict[str, Any]

    @property
    def bound(self) -> float:
        """What elements are limited to, infinity if they are not."""
        bound = self.group["clip_value"]
        return math.inf if bound is None else float(bound)


def unchanged(optimizer: Optimizer, rule: type[Optimizer]) -> bool:
    """Whether an optimizer computes what `rule` does: no subclass has a step of its own."""
    own, changed = type(optimizer), vars(optimizer).keys() & {"update", "decay"}
    return own.update is rule.update and own.decay is rule.decay and not changed


def momentum_step(step: Step) -> bool:
    """Make a step of `SGD`, if there is a kernel for these arrays; tell whether there was."""
    array, group = step.array, step.group
    velocity = step.state.get("velocity", array)  # which the kernel leaves alone without momentum
    fast = compiled(array, step.grad, velocity)
    if fast is None:
        return False
    momentum, dampening = float(group["momentum"]), group["dampening"]
    fast.momentum_step(
        step.grad.reshape(-1),
        step.scale,
        step.bound,
        float(group["weight_decay"]),
        momentum,
        1.0 - (momentum if dampening is None else dampening),
        bool(group["nesterov"]),
        float(group["lr"]),
        velocity.reshape(-1),
        array.reshape(-1),
    )
    return True


def adam_step(step: Step, *, apart: bool) -> bool:
    """Make a step of `Adam`, as above.

    Args:
        step: what it is made with.
        apart: whether the decay is apart from the gradient, as in `AdamW`.
    """
    group, mean, square = step.group, step.state["mean"], step.state["square"]
    fast = compiled(step.array, step.grad, mean, square)
    if fast is None:
        return False
    (beta1, beta2), t = group["betas"], step.state["step"]
    lr, decay = float(group["lr"]), float(group["weight_decay"])
    fast.adam_step(
        step.grad.reshape(-1),
        step.scale,
        step.bound,
        0.0 if apart else decay,
        1.0 - lr * decay if apart else 1.0,
        float(beta1),
        float(beta2),
        1.0 / math.sqrt(1 - beta2**t),
        float(group["eps"]),
        lr / (1 - beta1**t),
        mean.reshape(-1),
        square.reshape(-1),
        step.array.reshape(-1),
    )
    return True
