"""LAMB: Adam with steps in proportion to the size of each parameter."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from .clip import global_norm
from .moments import Moments, corrected_root

if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Unpack

    from numpy.typing import NDArray

    from .optimizer import Group, State
    from .settings import Common


class LAMB(Moments):
    """LAMB: Adam's step, scaled for each parameter to the norm of its weights, for large batches.

    With m and v of Adam:

        u = (m / (1 - beta1^t)) / (sqrt(v / (1 - beta2^t)) + eps) + weight_decay W
        W <- W - lr ||W|| / ||u|| u

    Where either norm is 0, the ratio is 1.

    Args:
        params: the parameters: an iterable of tensors, or of dicts (groups) with settings.
        lr: the learning rate: the part of its norm by which a parameter moves.
        betas: beta1 and beta2, from 0 up to, but not, 1.
        eps: keeps the divisor above 0.
        weight_decay: adds weight_decay W to u; the gradient's averages do not see it.
        **common: `clip_value`, `clip_norm`, `maximize` and `check_finite`, as `Optimizer`
            describes them.

    Raises:
        ValueError: when a setting has a bad value, there is no parameter, or one is given twice.
        TypeError: when something else than tensors that can be updated is given.

    Source:
        You, Li, Reddi, Hseu, Kumar and others, "Large batch optimization for deep learning:
        training BERT in 76 minutes", 2020.

    Example:
        >>> import autograd_lite as ag
        >>> from autograd_lite import optim
        >>> w = ag.tensor([30.0, -40.0], requires_grad=True)
        >>> optimizer = optim.LAMB([w], lr=0.1, weight_decay=0)
        >>> (w * w).sum().backward()
        >>> optimizer.step()
        >>> w.data.round(3)  # moved by 5, a tenth of 50
        array([ 26.464, -36.464], dtype=float32)
    """

    elementwise = False

    def __init__(
        self,
        params: Iterable[Any],
        lr: float = 0.001,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-6,
        weight_decay: float = 0.01,
        **common: Unpack[Common],
    ) -> None:
        settings = {"lr": lr, "betas": betas, "eps": eps, "weight_decay": weight_decay}
        super().__init__(params, settings, common)

    def decay(self, array: NDArray[Any], grad: NDArray[Any], group: Group) -> None:
        """Nothing: `update` adds it."""

    def update(self, array: NDArray[Any], grad: NDArray[Any], state: State, group: Group) -> None:
        """Make one step of one parameter."""
        mean, square = self.averages(grad, state, group)
        root = corrected_root(square, state, group, out=grad)
        step = np.divide(mean, root, out=grad)
        step *= 1 / (1 - group["betas"][0] ** state["step"])
        if group["weight_decay"]:
            step += np.multiply(array, group["weight_decay"], out=self.scratch(array, 1))
        weights, length = global_norm([array]), global_norm([step])
        step *= group["lr"] * (weights / length if weights and length else 1.0)
        array -= step
