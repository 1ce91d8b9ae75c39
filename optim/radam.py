"""RAdam: Adam that begins as plain momentum."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from .moments import Moments

if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Unpack

    from numpy.typing import NDArray

    from .optimizer import Group, State
    from .settings import Common


class RAdam(Moments):
    """RAdam: Adam that scales by the root of v only once v has seen enough gradients.

    With m and v of Adam, R = 2 / (1 - beta2) - 1 and r = R - 2 t beta2^t / (1 - beta2^t):

        W <- W - lr m / (1 - beta1^t)                                           while r <= 5
        W <- W - lr m / (1 - beta1^t) sqrt(1 - beta2^t) / (sqrt(v) + eps) c     after
        c = sqrt((r - 4) (r - 2) R / ((R - 4) (R - 2) r))

    The paper switches at 4; 5 is what its authors' code has, and PyTorch's.

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
        Liu, Jiang, He, Chen, Liu, Gao and Han, "On the variance of the adaptive learning rate and
        beyond", 2020.

    Example:
        >>> import autograd_lite as ag
        >>> from autograd_lite import optim
        >>> w = ag.tensor([1.0, -2.0], requires_grad=True)
        >>> optimizer = optim.RAdam([w], lr=0.1)
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
        (beta1, beta2), t = group["betas"], state["step"]
        mean, square = self.averages(grad, state, group)
        rate, seen = group["lr"] / (1 - beta1**t), 1 - beta2**t
        most = 2 / (1 - beta2) - 1
        length = most - 2 * t * (1 - seen) / seen
        if length > 5:
            root = np.sqrt(square, out=grad)
            root += group["eps"]
            mean = np.divide(mean, root, out=grad)
            ratio = (length - 4) * (length - 2) * most / ((most - 4) * (most - 2) * length)
            rate *= math.sqrt(ratio * seen)
        array -= np.multiply(mean, rate, out=grad)
