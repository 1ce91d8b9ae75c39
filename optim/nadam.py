"""NAdam: Adam with Nesterov's momentum."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from .moments import Moments, corrected_root
from .settings import at_least_zero, check

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from typing import Unpack

    from numpy.typing import NDArray

    from .optimizer import Group, State
    from .settings import Common


class NAdam(Moments):
    """NAdam: Adam with Nesterov's momentum, which looks one step ahead.

    With the momentum mu_t = beta1 (1 - 0.96^(t momentum_decay) / 2) of step t, and m and v of Adam:

        m^ = mu_(t+1) / (1 - mu_1 ... mu_(t+1)) m + (1 - mu_t) / (1 - mu_1 ... mu_t) g
        W <- W - lr m^ / (sqrt(v / (1 - beta2^t)) + eps)

    Args:
        params: the parameters: an iterable of tensors, or of dicts (groups) with settings.
        lr: the learning rate.
        betas: beta1 and beta2, from 0 up to, but not, 1.
        eps: keeps the divisor above 0.
        weight_decay: adds weight_decay W to the gradient.
        momentum_decay: how fast the momentum grows from beta1 / 2 to beta1.
        **common: `clip_value`, `clip_norm`, `maximize`, `check_finite` and `lazy_rows`, as
            `Optimizer` describes them.

    Raises:
        ValueError: when a setting has a bad value, there is no parameter, or one is given twice.
        TypeError: when something else than tensors that can be updated is given.

    Source:
        Dozat, "Incorporating Nesterov momentum into Adam", 2016.

    Example:
        >>> import autograd_lite as ag
        >>> from autograd_lite import optim
        >>> w = ag.tensor([1.0, -2.0], requires_grad=True)
        >>> optimizer = optim.NAdam([w], lr=0.1)
        >>> for _ in range(200):
        ...     optimizer.zero_grad()
        ...     loss = (w * w).sum()
        ...     loss.backward()
        ...     optimizer.step()
        >>> bool(loss < 1e-3)
        True
    """

    def __init__(
        self,
        params: Iterable[Any],
        lr: float = 0.002,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0.0,
        momentum_decay: float = 0.004,
        **common: Unpack[Common],
    ) -> None:
        settings = {
            "lr": lr,
            "betas": betas,
            "eps": eps,
            "momentum_decay": momentum_decay,
            "weight_decay": weight_decay,
        }
        super().__init__(params, settings, common)

    def check(self, settings: Mapping[str, Any]) -> None:
        """Raise a ValueError if a setting has a bad value."""
        super().check(settings)
        name, expected = type(self).__name__, "a finite number, at least 0"
        check(name, settings, "momentum_decay", at_least_zero, expected)

    def begin(self, state: State, group: Group) -> None:
        """Multiply the momentum of this step to those before."""
        state["product"] = state.get("product", 1.0) * _momentum(state["step"], group)

    def update(self, array: NDArray[Any], grad: NDArray[Any], state: State, group: Group) -> None:
        """Make one step of one parameter."""
        step, product = state["step"], state["product"]
        now, ahead = _momentum(step, group), _momentum(step + 1, group)
        mean, square = self.averages(grad, state, group)
        grad *= (1 - now) / (1 - product)
        grad += np.multiply(mean, ahead / (1 - product * ahead), out=self.scratch(array, 1))
        grad /= corrected_root(square, state, group, out=self.scratch(array, 1))
        grad *= group["lr"]
        array -= grad


def _momentum(step: int, group: Group) -> float:
    """NAdam's mu at a step."""
    momentum: float = group["betas"][0] * (1 - 0.5 * 0.96 ** (step * group["momentum_decay"]))
    return momentum
