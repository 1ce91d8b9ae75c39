"""Stochastic gradient descent, with its kinds of momentum."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from .optimizer import Group, Optimizer, State
from .settings import check, fraction, is_bool, optional
from .single_pass import Step, momentum_step, unchanged

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from numpy.typing import NDArray


class SGD(Optimizer):
    r"""Stochastic gradient descent with momentum, as the documents have it.

    With the learning rate lr, the momentum mu and d = dampening, from v = 0:

        v <- mu v + (1 - d) g
        W <- W - lr v

    - `dampening=None`, which stands for d = mu, makes v an average of the gradients: what document
      1 calls the standard form, and the table of document 2.
    - `dampening=0` is the classic heavy ball. Document 1 writes it v <- mu v - lr g, W <- W + v,
      which is the same while lr stays the same. In the long run its steps are 1 / (1 - mu) times
      those of the average.
    - `nesterov=True` takes g at the look-ahead point: v <- mu v + (1 - d) g(W - lr mu v). The
      parameter *is* that point here, P = W - lr mu v: g is its gradient, and the step becomes
      P <- P - lr ((1 - d) g + mu v) with the new v. While lr and mu stay the same, that is exactly
      the rule of the table; its W is P + lr mu v, and the two meet as training settles.
    - `momentum=0` is plain gradient descent.

    Args:
        params: the parameters: an iterable of tensors, or of dicts (groups) with settings.
        lr: the learning rate.
        momentum: mu, from 0 up to, but not, 1.
        dampening: d, from 0 to 1; None stands for `momentum`.
        nesterov: whether the gradient is that of the look-ahead point.
        weight_decay: adds weight_decay W to the gradient.
        clip_value: limits each element of the gradient to [-clip_value, clip_value], unless None.
            1.0, as in document 1, also acts beside a `clip_norm` above 1.
        clip_norm: scales the gradients of all parameters so that their norm together is at most
            this, before `clip_value` acts.
        maximize: whether to ascend.
        check_finite: whether to refuse a step by gradients that hold nan or infinity.
        lazy_rows: whether rows whose gradient is 0 are left as they are, as `Optimizer` says;
            without momentum and decay they are anyway.

    Raises:
        ValueError: when a setting has a bad value, there is no parameter, or one is given twice.
        TypeError: when something else than tensors that can be updated is given.

    Source:
        Document 1 (average, classic, clip_value); document 2, "Common Optimizers"; for P: Bengio,
        Boulanger-Lewandowski and Pascanu, "Advances in optimizing recurrent networks", 2013.

    Example:
        >>> import autograd_lite as ag
        >>> from autograd_lite import optim
        >>> w = ag.tensor([1.0, -2.0], requires_grad=True)
        >>> optimizer = optim.SGD([w], lr=0.1, momentum=0.9)
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
        momentum: float = 0.9,
        *,
        dampening: float | None = None,
        nesterov: bool = False,
        weight_decay: float = 0.0,
        clip_value: float | None = 1.0,
        clip_norm: float | None = None,
        maximize: bool = False,
        check_finite: bool = False,
        lazy_rows: bool = False,
    ) -> None:
        settings = {
            "lr": lr,
            "momentum": momentum,
            "dampening": dampening,
            "nesterov": nesterov,
            "weight_decay": weight_decay,
            "clip_value": clip_value,
            "clip_norm": clip_norm,
            "maximize": maximize,
            "check_finite": check_finite,
            "lazy_rows": lazy_rows,
        }
        super().__init__(params, settings)

    def check(self, settings: Mapping[str, Any]) -> None:
        """Raise a ValueError if a setting has a bad value."""
        super().check(settings)
        name = type(self).__name__
        check(name, settings, "momentum", fraction, "a number from 0 up to, but not, 1")
        limits = "a number from 0 to 1, or None for the value of momentum"
        check(name, settings, "dampening", optional(lambda d: fraction(d) or d == 1), limits)
        check(name, settings, "nesterov", is_bool, "True or False")

    def slots(self, group: Group) -> dict[str, float]:
        """The velocity v, unless there is no momentum."""
        return {"velocity": 0.0} if group["momentum"] else {}

    def idle(self, group: Group) -> bool:
        """Whether there is neither momentum nor decay, and no step of a subclass."""
        return unchanged(self, SGD) and not group["momentum"] and not group["weight_decay"]

    def update(self, array: NDArray[Any], grad: NDArray[Any], state: State, group: Group) -> None:
        """Make one step of one parameter."""
        lr, momentum, dampening = group["lr"], group["momentum"], group["dampening"]
        gain = 1 - (momentum if dampening is None else dampening)
        if gain != 1:
            grad *= gain
        direction = grad
        if momentum:
            velocity = state["velocity"]
            velocity *= momentum
            velocity += grad
            if group["nesterov"]:
                grad += np.multiply(velocity, momentum, out=self.scratch(array, 1))
            else:
                direction = velocity
        array -= np.multiply(direction, lr, out=grad)

    def single_pass(self, step: Step) -> bool:
        """Make the whole step of a parameter with one kernel, where there is one."""
        return unchanged(self, SGD) and momentum_step(step)
