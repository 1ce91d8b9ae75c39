"""Lion: the sign of a momentum."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from .arithmetic import average, shrink, sign
from .optimizer import Group, Optimizer, State
from .settings import check_betas

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from typing import Unpack

    from numpy.typing import NDArray

    from .settings import Common


class Lion(Optimizer):
    """Lion: every element moves by the learning rate, in the direction of a momentum's sign.

        c = beta1 m + (1 - beta1) g
        W <- W - lr (sign(c) + weight_decay W)
        m <- beta2 m + (1 - beta2) g

    Its learning rate is 3 to 10 times smaller than Adam's, and its weight decay as much larger.

    Args:
        params: the parameters: an iterable of tensors, or of dicts (groups) with settings.
        lr: the learning rate.
        betas: beta1 and beta2, from 0 up to, but not, 1.
        weight_decay: the part of the weights that a step with a learning rate of 1 would take away.
        **common: `clip_value`, `clip_norm`, `maximize`, `check_finite` and `lazy_rows`, as
            `Optimizer` describes them.

    Raises:
        ValueError: when a setting has a bad value, there is no parameter, or one is given twice.
        TypeError: when something else than tensors that can be updated is given.

    Source:
        Chen, Liang, Huang, Real, Wang and others, "Symbolic discovery of optimization algorithms",
        2023.

    Example:
        >>> import autograd_lite as ag
        >>> from autograd_lite import optim
        >>> w = ag.tensor([1.0, -100.0], requires_grad=True)
        >>> optimizer = optim.Lion([w], lr=0.5)
        >>> (w * w).sum().backward()
        >>> optimizer.step()
        >>> w.data
        array([  0.5, -99.5], dtype=float32)
    """

    elementwise = True

    def __init__(
        self,
        params: Iterable[Any],
        lr: float = 0.0001,
        betas: tuple[float, float] = (0.9, 0.99),
        weight_decay: float = 0.0,
        **common: Unpack[Common],
    ) -> None:
        settings = {"lr": lr, "betas": betas, "weight_decay": weight_decay}
        super().__init__(params, settings, common)

    def check(self, settings: Mapping[str, Any]) -> None:
        """Raise a ValueError if a setting has a bad value."""
        super().check(settings)
        check_betas(type(self).__name__, settings)

    def slots(self, group: Group) -> dict[str, float]:  # noqa: ARG002  # they are always the same
        """The momentum m."""
        return {"mean": 0.0}

    def decay(self, array: NDArray[Any], grad: NDArray[Any], group: Group) -> None:  # noqa: ARG002
        """W <- (1 - lr weight_decay) W."""
        shrink(array, group)

    def update(self, array: NDArray[Any], grad: NDArray[Any], state: State, group: Group) -> None:
        """Make one step of one parameter."""
        (beta1, beta2), mean = group["betas"], state["mean"]
        direction = np.multiply(mean, beta1 / (1 - beta1), out=self.scratch(array, 1))
        direction += grad
        sign(direction, self.scratch(array, 2), self.scratch(array, 3))
        direction *= group["lr"]
        array -= direction
        average(mean, grad, beta2, grad)
