"""Rprop: step sizes from the signs of gradients alone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from .arithmetic import sign
from .optimizer import Group, Optimizer, State
from .settings import at_least_zero, check, pair

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from typing import Unpack

    from numpy.typing import NDArray

    from .settings import Common


class Rprop(Optimizer):
    """Rprop: each element has a step size, which grows while the gradient keeps its sign.

    With s the sign of the present gradient and s' that of the one before, 0 at first:

        size <- clip(size eta+, step_sizes)             where s s' > 0
        size <- clip(size eta-, step_sizes), s <- 0     where s s' < 0
        W <- W - size s,  s' <- s

    This is the form that takes no step where the sign has changed (iRprop-). For the gradients of
    all the data: those of small batches have signs of their own.

    Args:
        params: the parameters: an iterable of tensors, or of dicts (groups) with settings.
        lr: the first step size; later changes have no effect.
        etas: eta-, between 0 and 1, and eta+, above 1.
        step_sizes: the smallest and the largest size.
        weight_decay: adds weight_decay W to the gradient.
        **common: `clip_value`, `clip_norm`, `maximize`, `check_finite` and `lazy_rows`, as
            `Optimizer` describes them.

    Raises:
        ValueError: when a setting has a bad value, there is no parameter, or one is given twice.
        TypeError: when something else than tensors that can be updated is given.

    Source:
        Riedmiller and Braun, "A direct adaptive method for faster backpropagation learning: the
        RPROP algorithm", 1993; Igel and Hüsken, "Improving the Rprop learning algorithm", 2000.

    Example:
        >>> import autograd_lite as ag
        >>> from autograd_lite import optim
        >>> w = ag.tensor([1.0, -100.0], requires_grad=True)
        >>> optimizer = optim.Rprop([w], lr=0.1)
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
        lr: float = 0.01,
        etas: tuple[float, float] = (0.5, 1.2),
        step_sizes: tuple[float, float] = (1e-6, 50.0),
        weight_decay: float = 0.0,
        **common: Unpack[Common],
    ) -> None:
        settings = {"lr": lr, "etas": etas, "step_sizes": step_sizes, "weight_decay": weight_decay}
        super().__init__(params, settings, common)

    def check(self, settings: Mapping[str, Any]) -> None:
        """Raise a ValueError if a setting has a bad value."""
        super().check(settings)
        name, two = type(self).__name__, pair(at_least_zero)
        etas, sizes = (
            "one number between 0 and 1, and one above 1",
            "two finite numbers, the smaller first",
        )
        check(name, settings, "etas", lambda v: two(v) and 0 < v[0] < 1 < v[1], etas)
        check(name, settings, "step_sizes", lambda v: two(v) and v[0] <= v[1], sizes)

    def slots(self, group: Group) -> dict[str, float]:
        """The sizes of the steps, and the signs of the last ones."""
        return {"size": group["lr"], "sign": 0.0}

    def update(self, array: NDArray[Any], grad: NDArray[Any], state: State, group: Group) -> None:
        """Make one step of one parameter."""
        (shorter, longer), (smallest, largest) = group["etas"], group["step_sizes"]
        size, before, scratch = state["size"], state["sign"], self.scratch(array, 1)
        signs = sign(grad, scratch, self.scratch(array, 2))
        before *= signs  # 1 where it is kept, -1 where it changed, else 0
        factor = np.clip(before, 0, 1, out=scratch)
        factor *= longer - 1
        factor += 1
        changed = np.clip(before, -1, 0, out=before)
        changed += 1  # 0 where the sign changed, else 1
        signs *= changed
        changed *= 1 - shorter
        changed += shorter
        factor *= changed
        size *= factor
        np.clip(size, smallest, largest, out=size)
        np.copyto(before, signs)
        array -= np.multiply(signs, size, out=signs)
