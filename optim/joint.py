"""The base of rules that treat all parameters as one vector, and evaluate a closure at will."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from .clip import global_norm
from .optimizer import Optimizer
from .settings import check, number
from .work import gathered, scale_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from .flat import Flat


class Joint(Optimizer):
    """The base of rules that treat all parameters as one vector.

    A subclass writes `step`. The arguments are those of `Optimizer`.

    Attributes:
        shared: of a subclass: the settings that are one for all groups.

    Example:
        >>> from autograd_lite import optim
        >>> issubclass(optim.LBFGS, Joint)
        True
    """

    shared: ClassVar[tuple[str, ...]] = ()

    def add_param_group(self, group: Mapping[str, Any]) -> None:
        """Add parameters, as the base does; what is one for all groups is the optimizer's."""
        for key in self.shared:
            if isinstance(group, dict) and key in group and group[key] != self.defaults[key]:
                expected = f"{self.defaults[key]!r}, as the optimizer has, which is one search"
                check(type(self).__name__, group, key, lambda _: False, expected)
        super().add_param_group(group)

    def checked(self, closure: Any) -> Callable[[], Any]:
        """The closure that `step` was given, unless it is none.

        Raises:
            TypeError: when it is not.
        """
        if not callable(closure) or hasattr(closure, "parameters"):
            got = "no closure" if closure is None else f"a {type(closure).__name__}"
            message = (
                f"{type(self).__name__}.step: got {got}; expected a function that clears the"
                " gradients, computes the loss, calls its backward(), and returns it"
            )
            raise TypeError(message)
        function: Callable[[], Any] = closure
        return function

    def tried(self, closure: Callable[[], Any], flat: Flat, length: float) -> float:
        """The value after a move, with its gradient; after an error there is no move."""
        try:
            flat.move(length)
            return self.evaluated(closure, flat)[1]
        except BaseException:
            flat.move(0.0)
            raise

    def evaluated(self, closure: Callable[[], Any], flat: Flat) -> tuple[Any, float]:
        """What the closure returns, and the number that is to fall; sets the gradient of that."""
        loss = closure()
        value = number(f"{type(self).__name__}.step", loss)
        work, norm = gathered(self, check=False)  # a search may try points that are too far
        value = -value if self.param_groups[0]["maximize"] else value
        grads = {id(param): (grad, group) for param, grad, group in work}
        for param, part in flat.parts():
            if id(param) not in grads:
                flat.grad[part] = 0
                continue
            grad, group = grads[id(param)]
            array, scale = param._data, scale_of(group, norm)
            flat.grad[part] = self._prepared(array, np.asarray(grad), scale, group).reshape(-1)
            if group["weight_decay"]:
                value += group["weight_decay"] / 2 * global_norm([array]) ** 2
        return loss, value
