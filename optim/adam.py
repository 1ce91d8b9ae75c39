"""Adam, and AdamW, which decays the weights apart from the gradient."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from .arithmetic import shrink
from .moments import Moments, corrected_root
from .single_pass import Step, adam_step, unchanged

if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Unpack

    from numpy.typing import NDArray

    from .optimizer import Group, State
    from .settings import Common


class Adam(Moments):
    """Adam: momentum, scaled by the root of a running average of squared gradients.

        m <- beta1 m + (1 - beta1) g
        v <- beta2 v + (1 - beta2) g^2
        W <- W - lr (m / (1 - beta1^t)) / (sqrt(v / (1 - beta2^t)) + eps)

    Args:
        params: the parameters: an iterable of tensors, or of dicts (groups) with settings.
        lr: the learning rate.
        betas: beta1 and beta2, from 0 up to, but not, 1.
        eps: keeps the divisor above 0.
        weight_decay: adds weight_decay W to the gradient.
        **common: `clip_value`, `clip_norm`, `maximize`, `check_finite` and `lazy_rows`, as
            `Optimizer` describes them.

    Raises:
        ValueError: when a setting has a bad value, there is no parameter, or one is given twice.
        TypeError: when something else than tensors that can be updated is given.

    Source:
        Document 2, "Common Optimizers"; Kingma and Ba, "Adam: a method for stochastic
        optimization", 2015.

    Example:
        >>> import autograd_lite as ag
        >>> from autograd_lite import optim
        >>> w = ag.tensor([1.0, -2.0], requires_grad=True)
        >>> optimizer = optim.Adam([w], lr=0.1)
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
        lr: float = 0.001,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0.0,
        **common: Unpack[Common],
    ) -> None:
        settings = {"lr": lr, "betas": betas, "eps": eps, "weight_decay": weight_decay}
        super().__init__(params, settings, common)

    def update(self, array: NDArray[Any], grad: NDArray[Any], state: State, group: Group) -> None:
        """Make one step of one parameter."""
        mean, square = self.averages(grad, state, group)
        root = corrected_root(square, state, group, out=grad)
        step = np.divide(mean, root, out=grad)
        step *= group["lr"] / (1 - group["betas"][0] ** state["step"])
        array -= step

    def single_pass(self, step: Step) -> bool:
        """Make the whole step of a parameter with one kernel, where there is one."""
        return unchanged(self, Adam) and adam_step(step, apart=False)


class AdamW(Adam):
    """Adam with weight decay apart from the gradient, so that no average sees it.

        W <- (1 - lr weight_decay) W
        W <- W - (the step of Adam)

    Args:
        params: the parameters: an iterable of tensors, or of dicts (groups) with settings.
        lr: the learning rate.
        betas: beta1 and beta2, from 0 up to, but not, 1.
        eps: keeps the divisor above 0.
        weight_decay: the part of the weights that a step with a learning rate of 1 would take away.
        **common: `clip_value`, `clip_norm`, `maximize`, `check_finite` and `lazy_rows`, as
            `Optimizer` describes them.

    Raises:
        ValueError: when a setting has a bad value, there is no parameter, or one is given twice.
        TypeError: when something else than tensors that can be updated is given.

    Source:
        Loshchilov and Hutter, "Decoupled weight decay regularization", 2019.

    Example:
        >>> import autograd_lite as ag
        >>> from autograd_lite import optim
        >>> w = ag.tensor([2.0], requires_grad=True)
        >>> optimizer = optim.AdamW([w], lr=0.5, weight_decay=0.5)
        >>> (w * 0).sum().backward()
        >>> optimizer.step()
        >>> w.data  # the decay alone
        array([1.5], dtype=float32)
    """

    def __init__(
        self,
        params: Iterable[Any],
        lr: float = 0.001,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0.01,
        **common: Unpack[Common],
    ) -> None:
        super().__init__(params, lr, betas, eps, weight_decay, **common)

    def decay(self, array: NDArray[Any], grad: NDArray[Any], group: Group) -> None:  # noqa: ARG002
        """W <- (1 - lr weight_decay) W."""
        shrink(array, group)

    def single_pass(self, step: Step) -> bool:
        """Make the whole step of a parameter with one kernel, where there is one."""
        return unchanged(self, AdamW) and adam_step(step, apart=True)
