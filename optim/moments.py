"""What Adam's family shares: averages of the gradient and of its square."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from .arithmetic import average, average_square
from .optimizer import Group, Optimizer, State
from .settings import check_betas, check_eps

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray


class Moments(Optimizer):
    """The base of rules with the averages m of g and v of g^2, and the settings betas and eps.

        m <- beta1 m + (1 - beta1) g
        v <- beta2 v + (1 - beta2) g^2

    A subclass writes `update`, and calls `averages` there. The arguments are those of `Optimizer`.

    Example:
        >>> import autograd_lite as ag
        >>> from autograd_lite import optim
        >>> issubclass(optim.Adam, Moments)
        True
    """

    elementwise = True

    def check(self, settings: Mapping[str, Any]) -> None:
        """Raise a ValueError if a setting has a bad value."""
        super().check(settings)
        check_betas(type(self).__name__, settings)
        check_eps(type(self).__name__, settings)

    def slots(self, group: Group) -> dict[str, float]:  # noqa: ARG002  # they are always the same
        """The averages m and v."""
        return {"mean": 0.0, "square": 0.0}

    def averages(
        self, grad: NDArray[Any], state: State, group: Group
    ) -> tuple[NDArray[Any], NDArray[Any]]:
        """Move m and v to the gradient, which stays as it is, and return them."""
        (beta1, beta2), scratch = group["betas"], self.scratch(grad, 1)
        return (
            average(state["mean"], grad, beta1, scratch),
            average_square(state["square"], grad, beta2, scratch),
        )


def corrected_root(
    square: NDArray[Any], state: State, group: Group, out: NDArray[Any]
) -> NDArray[Any]:
    """sqrt(v / (1 - beta2^t)) + eps: v without the bias of its beginning at 0, and eps outside.

    Args:
        square: the average v.
        state: with t, as "step".
        group: with betas and eps.
        out: where to write.

    Example:
        >>> corrected_root(np.array([1.0]), {"step": 1}, {"betas": (0, 0.75), "eps": 1}, np.ones(1))
        array([3.])
    """
    np.sqrt(square, out=out)
    out *= 1 / math.sqrt(1 - group["betas"][1] ** state["step"])
    out += group["eps"]
    return out
