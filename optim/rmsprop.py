"""RMSProp: learning rates from a running average of squared gradients."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from .arithmetic import average, average_square, root_of
from .optimizer import Group, Optimizer, State
from .settings import check, check_eps, check_fraction, is_bool

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from typing import Unpack

    from numpy.typing import NDArray

    from .settings import Common


class RMSProp(Optimizer):
    """RMSProp: divides the gradient by the root of a running average of its square.

        E[g^2] <- alpha E[g^2] + (1 - alpha) g^2
        W <- W - lr / sqrt(E[g^2] + eps) g

    - As in the table of document 2, whose beta is alpha here, eps stands inside the root;
      PyTorch's RMSprop has it outside, so an eps there is like eps^2 here.
    - `centered=True` divides by the root of the variance, E[g^2] - E[g]^2 + eps. The variance is
      averaged as such, alpha (V + (1 - alpha) (g - E[g])^2), which is the same number: the
      difference of the two averages can fall below 0 by rounding, and its root be nan.
    - With a `momentum` mu, v <- mu v + g / sqrt(...) and W <- W - lr v.

    Args:
        params: the parameters: an iterable of tensors, or of dicts (groups) with settings.
        lr: the learning rate.
        alpha: how much of the averages stays, from 0 up to, but not, 1.
        eps: keeps the root above 0.
        momentum: mu, from 0 up to, but not, 1.
        centered: whether to divide by the root of the variance.
        weight_decay: adds weight_decay W to the gradient.
        **common: `clip_value`, `clip_norm`, `maximize`, `check_finite` and `lazy_rows`, as
            `Optimizer` describes them.

    Raises:
        ValueError: when a setting has a bad value, there is no parameter, or one is given twice.
        TypeError: when something else than tensors that can be updated is given.

    Source:
        Document 2, "Common Optimizers"; Hinton, lecture 6e of "Neural networks for machine
        learning", 2012; centred, with momentum: Graves, "Generating sequences with recurrent
        neural networks", 2013.

    Example:
        >>> import autograd_lite as ag
        >>> from autograd_lite import optim
        >>> w = ag.tensor([1.0, -2.0], requires_grad=True)
        >>> optimizer = optim.RMSProp([w], lr=0.05)
        >>> for _ in range(200):
        ...     optimizer.zero_grad()
        ...     loss = (w * w).sum()
        ...     loss.backward()
        ...     optimizer.step()
        >>> bool(loss < 1e-3)
        True
    """

    elementwise = True

    def __init__(
        self,
        params: Iterable[Any],
        lr: float = 0.01,
        alpha: float = 0.99,
        eps: float = 1e-8,
        weight_decay: float = 0.0,
        momentum: float = 0.0,
        centered: bool = False,
        **common: Unpack[Common],
    ) -> None:
        settings = {
            "lr": lr,
            "alpha": alpha,
            "eps": eps,
            "momentum": momentum,
            "centered": centered,
            "weight_decay": weight_decay,
        }
        super().__init__(params, settings, common)

    def check(self, settings: Mapping[str, Any]) -> None:
        """Raise a ValueError if a setting has a bad value."""
        super().check(settings)
        name = type(self).__name__
        check_fraction(name, settings, "alpha")
        check_eps(name, settings)
        check_fraction(name, settings, "momentum")
        check(name, settings, "centered", is_bool, "True or False")

    def slots(self, group: Group) -> dict[str, float]:
        """The average square, or mean and variance; the velocity, if there is momentum."""
        averages = ("mean", "variance") if group["centered"] else ("square",)
        return dict.fromkeys((*averages, "velocity") if group["momentum"] else averages, 0.0)

    def update(self, array: NDArray[Any], grad: NDArray[Any], state: State, group: Group) -> None:
        """Make one step of one parameter."""
        alpha, scratch = group["alpha"], self.scratch(array, 1)
        if group["centered"]:
            square, mean = state["variance"], state["mean"]
            distance = np.subtract(grad, mean, out=scratch)
            distance *= distance
            distance *= 1 - alpha
            square += distance
            square *= alpha
            average(mean, grad, alpha, scratch)
        else:
            square = average_square(state["square"], grad, alpha, scratch)
        grad /= root_of(square, group["eps"], out=scratch)
        if group["momentum"]:
            velocity = state["velocity"]
            velocity *= group["momentum"]
            velocity += grad
            grad = velocity
        array -= np.multiply(grad, group["lr"], out=scratch)
