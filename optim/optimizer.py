"""The base of optimizers: the loop over parameters, and everything that all rules share."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from autograd_lite.memory import writable
from autograd_lite.rows import Rows

from .groups import as_groups, completed, refuse_module
from .rows import update_rows
from .scratch import PART, Scratch, parts
from .settings import COMMON, check, check_common, check_known
from .shown import as_html, as_text
from .single_pass import Step
from .state import Unlocked, dump, restore
from .work import gathered, scale_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from numpy.typing import NDArray

    from autograd_lite.tensor import Tensor


Group = dict[str, Any]
State = dict[str, Any]


class Optimizer(Unlocked):
    """The base of optimizers.

    A rule is a subclass with two methods: `slots`, what it remembers of a parameter, and `update`,
    one step on plain arrays. The rest is done here. A step of all parameters that require a
    gradient and have one:

    0. `check_finite`: gradients with nan or infinity are refused, and nothing is changed;
    1. `clip_norm`: g <- g min(1, clip_norm / ||g||), the norm taken over all gradients of the
       optimizer;
    2. `clip_value`: g <- clip(g, -clip_value, clip_value);
    3. `maximize`: g <- -g;
    4. `weight_decay`: g <- g + weight_decay W, unless the rule has a `decay` of its own;
    5. `update`.

    Neither `grad` nor a graph that was recorded before sees any of it.

    With `lazy_rows`, rows (along axis 0) whose gradient is 0 throughout stay as they are, and so
    does what is remembered of them: nothing decays. Steps are counted for the whole parameter.

    Args:
        params: the parameters: an iterable of tensors, as `model.parameters()` is one, or of dicts
            (groups), each with "params" and with settings of its own.
        settings: the settings of groups that have none of their own: "lr" and what the subclass
            adds.
        common: of the settings that every optimizer takes, those that were given
            (weight_decay=0, clip_value=None, clip_norm=None, maximize=False, check_finite=False,
            lazy_rows=False).

    Attributes:
        param_groups: a dict for each group: "params", and settings, which may be changed any time.
        defaults: the settings of groups that have none of their own.
        state: for each parameter, once it was updated, what the rule remembers: "step", the number
            of its updates, and the arrays of `slots`.
        scratch: gives arrays for passing results, which steps use again and again: number 0 holds
            `grad` during an update, 1 is free then, and so is every higher one.
        elementwise: of a subclass: whether its update treats each element by itself; a large
            parameter is then updated in parts that fit into a cache.

    Raises:
        ValueError: when a setting has a bad value, there is no parameter, or one is given twice.
        TypeError: when something else than tensors that can be updated is given, or an unknown
            setting.

    Example:
        >>> import numpy as np
        >>> import autograd_lite as ag
        >>> from autograd_lite.optim import Optimizer
        >>> class SignDescent(Optimizer):
        ...     def __init__(self, params, lr=0.1, **settings):
        ...         super().__init__(params, {"lr": lr}, settings)
        ...
        ...     def update(self, array, grad, state, group):
        ...         array -= group["lr"] * np.sign(grad)
        >>> w = ag.tensor([1.0, -2.0], requires_grad=True)
        >>> optimizer = SignDescent([w])
        >>> (w * w).sum().backward()
        >>> optimizer.step()
        >>> w
        Tensor([ 0.9, -1.9], requires_grad=True)
    """

    elementwise: ClassVar[bool] = False

    def __init__(
        self,
        params: Iterable[Any],
        settings: Mapping[str, Any],
        common: Mapping[str, Any] | None = None,
    ) -> None:
        name, common = type(self).__name__, {} if common is None else common
        check_known(name, settings, common)
        self.defaults: Group = {**COMMON, **settings, **common}
        self.state: dict[Tensor, State] = {}
        self.param_groups: list[Group] = []
        self.scratch = Scratch()
        self.driver: Callable[[], Any] | None = None  # a weak reference to its schedule
        self.check(self.defaults)
        for group in as_groups(name, params):
            self.add_param_group(group)

    # ---- what a subclass writes

    def check(self, settings: Mapping[str, Any]) -> None:
        """Raise a ValueError if a setting has a bad value: a subclass adds its own settings."""
        name = type(self).__name__
        check_common(name, settings)
        if settings["lazy_rows"] and not self.elementwise:
            expected = "False, for its rule treats a parameter as a whole (see elementwise)"
            check(name, settings, "lazy_rows", lambda _: False, expected)

    def slots(self, group: Group) -> dict[str, float]:  # noqa: ARG002  # for subclasses
        """What to remember of a parameter: arrays of its shape, by name, each with its first value.

        Args:
            group: the settings of its group.
        """
        return {}

    def begin(self, state: State, group: Group) -> None:
        """Count what is one number for a whole parameter, once a step, before `update`.

        Args:
            state: what is remembered, to change in place: "step" is 1 at the first update.
            group: the settings of its group.
        """

    def idle(self, group: Group) -> bool:  # noqa: ARG002  # for subclasses
        """Whether a gradient of 0 changes neither an element nor what is remembered of it.

        Then of a gradient that consists of rows, these rows alone are updated.
        """
        return False

    def decay(self, array: NDArray[Any], grad: NDArray[Any], group: Group) -> None:
        """Apply weight_decay, which is not 0, before `update`: g <- g + weight_decay W."""
        grad += np.multiply(array, group["weight_decay"], out=self.scratch(array, 1))

    def update(self, array: NDArray[Any], grad: NDArray[Any], state: State, group: Group) -> None:
        """Make one step of one parameter, or where `elementwise` of a part of it.

        Args:
            array: the values of the parameter, to change in place.
            grad: the gradient, clipped and decayed, of the same shape and dtype: a scratch array,
                which may be written to and is not kept.
            state: the arrays of `slots`, to change in place, and numbers, to read.
            group: the settings of its group.
        """
        message = (
            f"{type(self).__name__}: has no update(); define"
            " `def update(self, array, grad, state, group)` in the class, which changes `array`"
        )
        raise NotImplementedError(message)

    def single_pass(self, step: Step) -> bool:  # noqa: ARG002  # for subclasses
        """Make the whole step of a parameter with one kernel, clipping and decay included.

        Returns:
            Whether that was done; else `update` is called.
        """
        return False

    # ---- the loop

    def step(self, closure: Callable[[], Any] | None = None) -> Any:
        """Update every parameter that requires a gradient and has one; pass the others over.

        Args:
            closure: a function that computes the loss anew, with its gradients, before the step.

        Returns:
            What `closure` returned, or None.

        Raises:
            ValueError: when a gradient has another shape than its parameter; nothing is changed.
            FloatingPointError: when `check_finite` refuses a gradient; nothing is changed.
        """
        refuse_module(type(self).__name__, closure)
        loss = None if closure is None else closure()
        work, norm = gathered(self)
        for param, grad, group in work:
            array = writable(param)
            state = self._state_of(param, array, group)
            make = partial(self._make, scale=scale_of(group, norm), group=group)
            if isinstance(grad, Rows):
                update_rows(array, grad, state, make)
            else:
                make(array, grad, state)
        return loss

    def _make(
        self, array: NDArray[Any], grad: NDArray[Any], state: State, *, scale: float, group: Group
    ) -> None:
        """Make a step of the arrays of one parameter, with one kernel or in parts."""
        step = Step(array, grad, state, scale, group)
        if not self.single_pass(step):
            large = self.elementwise and array.size > PART
            for a, g, s in parts(*step[:3]) if large else [step[:3]]:
                self.update(a, self._prepared(a, g, scale, group), s, group)

    def zero_grad(self) -> None:
        """Forget the gradients of all parameters: `grad` becomes None."""
        for group in self.param_groups:
            for param in group["params"]:
                param.grad = None

    def _prepared(
        self, array: NDArray[Any], grad: NDArray[Any], scale: float, group: Group
    ) -> NDArray[Any]:
        """The gradient that `update` is given, in a scratch array."""
        out, source, bound = self.scratch(array, 0), grad, group["clip_value"]
        if scale != 1:
            source = np.multiply(source, scale, out=out, casting="unsafe")
        if bound is not None:
            source = np.clip(source, -bound, bound, out=out, casting="unsafe")
        if source is not out:
            np.copyto(out, source, casting="unsafe")
        if group["weight_decay"]:
            self.decay(array, out, group)
        return out

    def _state_of(self, param: Tensor, array: NDArray[Any], group: Group) -> State:
        """What is remembered of `param`, in its present dtype, with one more step counted."""
        state = self.state.setdefault(param, {"step": 0})
        for key, first in self.slots(group).items():
            kept = state.get(key)
            if kept is None:
                state[key] = np.full(array.shape, first, array.dtype)
            elif not isinstance(kept, np.ndarray) or kept.dtype != array.dtype:
                state[key] = np.asarray(kept, array.dtype)
        state["step"] += 1
        self.begin(state, group)
        return state

    # ---- groups

    def add_param_group(self, group: Mapping[str, Any]) -> None:
        """Add parameters with settings of their own.

        Args:
            group: "params", and settings; those that it has not are the optimizer's.

        Raises:
            ValueError: when a setting is unknown or bad, or a parameter is here already.
            TypeError: when something else than tensors that can be updated is given.

        Example:
            >>> import autograd_lite as ag
            >>> from autograd_lite import optim
            >>> optimizer = optim.SGD([ag.zeros(2, requires_grad=True)], lr=0.1)
            >>> optimizer.add_param_group({"params": ag.zeros(3, requires_grad=True), "lr": 0.01})
            >>> [group["lr"] for group in optimizer.param_groups]
            [0.1, 0.01]
        """
        new = completed(type(self).__name__, group, self.defaults, self.param_groups)
        self.check(new)
        self.param_groups.append(new)

    # ---- state

    def state_dict(self) -> dict[str, Any]:
        """The settings and all that is remembered, as copies: plain dicts, lists, numbers, arrays.

        Loaded into an optimizer of the same parameters, it resumes bit for bit.

        Returns:
            "param_groups": the groups, with the positions of their parameters for "params";
            "state": what is remembered, by position.

        Example:
            >>> import autograd_lite as ag
            >>> from autograd_lite import optim
            >>> w = ag.ones(2, requires_grad=True)
            >>> optimizer = optim.SGD([w], lr=0.5)
            >>> w.sum().backward()
            >>> optimizer.step()
            >>> optimizer.state_dict()["state"]
            {0: {'step': 1, 'velocity': array([0.1, 0.1], dtype=float32)}}
        """
        return dump(self.param_groups, self.state)

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Take over the settings and what is remembered from a `state_dict`.

        Args:
            state: as `state_dict` gave it, of an optimizer of as many parameters, in the same
                order and of the same shapes.

        Raises:
            ValueError: when it does not fit; the optimizer is as it was.
        """
        name = type(self).__name__
        groups, remembered = restore(name, self.param_groups, state, self.defaults)
        for group in groups:
            self.check(group)
        self.param_groups[:], self.state = groups, remembered

    def __getstate__(self) -> dict[str, Any]:
        return {**vars(self), "driver": None}

    def __repr__(self) -> str:
        return as_text(self)

    def _repr_html_(self) -> str:
        return as_html(self)
