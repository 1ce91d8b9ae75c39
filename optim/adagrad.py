"""AdaGrad: learning rates from the sum of all past squared gradients."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from .arithmetic import root_of
from .optimizer import Group, Optimizer, State
from .settings import at_least_zero, check, check_eps
from .single_pass import unchanged

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from typing import Unpack

    from numpy.typing import NDArray

    from .settings import Common


class AdaGrad(Optimizer):
    """AdaGrad: each element's learning rate falls with the sum of its squared gradients.

        G <- G + g^2
        W <- W - lr / sqrt(G + eps) g

    As in the table of document 2, eps stands inside the root; PyTorch's Adagrad has it outside, so
    an eps there is like eps^2 here.

    Args:
        params: the parameters: an iterable of tensors, or of dicts (groups) with settings.
        lr: the learning rate.
        eps: keeps the root above 0.
        initial_accumulator_value: the G before the first step.
        weight_decay: adds weight_decay W to the gradient.
        **common: `clip_value`, `clip_norm`, `maximize`, `check_finite` and `lazy_rows`, as
            `Optimizer` describes them.

    Raises:
        ValueError: when a setting has a bad value, there is no parameter, or one is given twice.
        TypeError: when something else than tensors that can be updated is given.

    Source:
        Document 2, "Common Optimizers"; Duchi, Hazan and Singer, "Adaptive subgradient methods for
        online learning and stochastic optimization", 2011.

    Example:
        >>> import autograd_lite as ag
        >>> from autograd_lite import optim
        >>> w = ag.tensor([1.0, -100.0], requires_grad=True)
        >>> optimizer = optim.AdaGrad([w], lr=0.5)
        >>> (w * w).sum().backward()
        >>> optimizer.step()
        >>> w.data  # the first step is as long for a large gradient as for a small one
        array([  0.5, -99.5], dtype=float32)
    """

    elementwise = True

    def __init__(
        self,
        params: Iterable[Any],
        lr: float = 0.01,
        eps: float = 1e-8,
        initial_accumulator_value: float = 0.0,
        weight_decay: float = 0.0,
        **common: Unpack[Common],
    ) -> None:
        settings = {
            "lr": lr,
            "eps": eps,
            "initial_accumulator_value": initial_accumulator_value,
            "weight_decay": weight_decay,
        }
        super().__init__(params, settings, common)

    def check(self, settings: Mapping[str, Any]) -> None:
        """Raise a ValueError if a setting has a bad value."""
        super().check(settings)
        name, first = type(self).__name__, "initial_accumulator_value"
        check_eps(name, settings)
        check(name, settings, first, at_least_zero, "a finite number, at least 0")

    def slots(self, group: Group) -> dict[str, float]:
        """The sum G of squared gradients."""
        return {"sum": group["initial_accumulator_value"]}

    def idle(self, group: Group) -> bool:
        """Whether there is no decay, and no step of a subclass: the sum G does not change by 0."""
        return unchanged(self, AdaGrad) and not group["weight_decay"]

    def update(self, array: NDArray[Any], grad: NDArray[Any], state: State, group: Group) -> None:
        """Make one step of one parameter."""
        total, scratch = state["sum"], self.scratch(array, 1)
        total += np.multiply(grad, grad, out=scratch)
        grad /= root_of(total, group["eps"], out=scratch)
        grad *= group["lr"]
        array -= grad
