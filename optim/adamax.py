"""Adamax: Adam with a maximum in place of a root."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from .arithmetic import average
from .moments import Moments

if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Unpack

    from numpy.typing import NDArray

    from .optimizer import Group, State
    from .settings import Common


class Adamax(Moments):
    """Adamax: Adam with a decaying maximum of |g| in place of the root.

        m <- beta1 m + (1 - beta1) g
        u <- max(beta2 u, |g| + eps)
        W <- W - lr / (1 - beta1^t) m / u

    The paper has no eps, and divides 0 by 0 where a gradient was always 0.

    Args:
        params: the parameters: an iterable of tensors, or of dicts (groups) with settings.
        lr: the learning rate.
        betas: beta1 and beta2, from 0 up to, but not, 1.
        eps: keeps u above 0.
        weight_decay: adds weight_decay W to the gradient.
        **common: `clip_value`, `clip_norm`, `maximize`, `check_finite` and `lazy_rows`, as
            `Optimizer` describes them.

    Raises:
        ValueError: when a setting has a bad value, there is no parameter, or one is given twice.
        TypeError: when something else than tensors that can be updated is given.

    Source:
        Kingma and Ba, "Adam: a method for stochastic optimization", 2015, section 7.

    Example:
        >>> import autograd_lite as ag
        >>> from autograd_lite import optim
        >>> w = ag.tensor([1.0, -100.0], requires_grad=True)
        >>> optimizer = optim.Adamax([w], lr=0.5)
        >>> (w * w).sum().backward()
        >>> optimizer.step()
        >>> w.data
        array([  0.5, -99.5], dtype=float32)
    """

    def __init__(
        self,
        params: Iterable[Any],
        lr: float = 0.002,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0.0,
        **common: Unpack[Common],
    ) -> None:
        settings = {"lr": lr, "betas": betas, "eps": eps, "weight_decay": weight_decay}
        super().__init__(params, settings, common)

    def slots(self, group: Group) -> dict[str, float]:  # noqa: ARG002  # they are always the same
        """The average m and the maximum u."""
        return {"mean": 0.0, "maximum": 0.0}

    def update(self, array: NDArray[Any], grad: NDArray[Any], state: State, group: Group) -> None:
        """Make one step of one parameter."""
        beta1, beta2 = group["betas"]
        mean = average(state["mean"], grad, beta1, self.scratch(array, 1))
        maximum = state["maximum"]
        maximum *= beta2
        size = np.abs(grad, out=grad)
        size += group["eps"]
        np.maximum(maximum, size, out=maximum)
        step = np.divide(mean, maximum, out=grad)
        step *= group["lr"] / (1 - beta1 ** state["step"])
        array -= step
