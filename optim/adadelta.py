"""AdaDelta: steps in the units of the parameter."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .arithmetic import average_square, root_of
from .optimizer import Group, Optimizer, State
from .settings import check_eps, check_fraction

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from typing import Unpack

    from numpy.typing import NDArray

    from .settings import Common


class AdaDelta(Optimizer):
    """AdaDelta: steps in the units of the parameter, from averages of squared steps and gradients.

        E[g^2] <- rho E[g^2] + (1 - rho) g^2
        d = sqrt(E[d^2] + eps) / sqrt(E[g^2] + eps) g
        E[d^2] <- rho E[d^2] + (1 - rho) d^2
        W <- W - lr d

    Args:
        params: the parameters: an iterable of tensors, or of dicts (groups) with settings.
        lr: the learning rate; the paper has none, which is 1.
        rho: how much of the averages stays, from 0 up to, but not, 1.
        eps: what steps begin from.
        weight_decay: adds weight_decay W to the gradient.
        **common: `clip_value`, `clip_norm`, `maximize`, `check_finite` and `lazy_rows`, as
            `Optimizer` describes them.

    Raises:
        ValueError: when a setting has a bad value, there is no parameter, or one is given twice.
        TypeError: when something else than tensors that can be updated is given.

    Source:
        Zeiler, "ADADELTA: an adaptive learning rate method", 2012.

    Example:
        >>> import autograd_lite as ag
        >>> from autograd_lite import optim
        >>> w = ag.tensor([1.0, -2.0], requires_grad=True)
        >>> optimizer = optim.AdaDelta([w], rho=0.9, eps=1e-3)
        >>> for _ in range(100):
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
        lr: float = 1.0,
        rho: float = 0.9,
        eps: float = 1e-6,
        weight_decay: float = 0.0,
        **common: Unpack[Common],
    ) -> None:
        settings = {"lr": lr, "rho": rho, "eps": eps, "weight_decay": weight_decay}
        super().__init__(params, settings, common)

    def check(self, settings: Mapping[str, Any]) -> None:
        """Raise a ValueError if a setting has a bad value."""
        super().check(settings)
        check_fraction(type(self).__name__, settings, "rho")
        check_eps(type(self).__name__, settings)

    def slots(self, group: Group) -> dict[str, float]:  # noqa: ARG002  # they are always the same
        """The averages E[g^2] and E[d^2]."""
        return {"square": 0.0, "step_square": 0.0}

    def update(self, array: NDArray[Any], grad: NDArray[Any], state: State, group: Group) -> None:
        """Make one step of one parameter."""
        rho, eps, scratch = group["rho"], group["eps"], self.scratch(array, 1)
        average_square(state["square"], grad, rho, scratch)
        grad /= root_of(state["square"], eps, out=scratch)
        grad *= root_of(state["step_square"], eps, out=scratch)
        average_square(state["step_square"], grad, rho, scratch)
        grad *= group["lr"]
        array -= grad
