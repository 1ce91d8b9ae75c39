"""L-BFGS: steps along an estimate of the inverse Hessian, of a length that a search finds."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from autograd_lite.memory import writable

from .flat import Flat
from .groups import parameters
from .joint import Joint
from .lbfgs_history import History, ready, restored
from .line_search import Point, strong_wolfe
from .settings import at_least_zero, check, optional, plain, whole
from .work import gathered

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from typing import Unpack

    from .optimizer import Group
    from .settings import Common


class LBFGS(Joint):
    """L-BFGS: Newton's method with an inverse Hessian H that is made of the last gradients.

        W <- W - t H g

    H is that of BFGS from the last `history_size` pairs of a step and the change of the gradient
    that it made. The length t is `lr` where that satisfies the strong Wolfe conditions, else a
    search finds one that does; at first, before there is a pair, lr min(1, 1 / sum |g|) is tried.
    With `line_search_fn=None`, t is not searched for.

    For functions without noise: `step` needs a closure, which it calls several times, and which
    must clear the gradients, compute the loss, call `backward`, and return the loss. All
    parameters are searched together, so that groups may differ in `weight_decay` (and `clip_value`,
    without a search) alone. The search is of the loss + weight_decay / 2 ||W||^2.

    PyTorch's searches only when told, and keeps 100 pairs.

    Args:
        params: the parameters: an iterable of tensors, or of dicts (groups) with settings.
        lr: the first length that is tried.
        max_iter: the iterations of one call of `step`.
        max_eval: the calls of the closure in one call of `step`, about; 5/4 of `max_iter` for None.
        tolerance_grad: ends a step when no element of the gradient is larger.
        tolerance_change: ends a step when no parameter, or the loss, has changed by more.
        history_size: the pairs that are kept; they take twice as many times the parameters' memory.
        line_search_fn: "strong_wolfe", or None.
        weight_decay: adds weight_decay W to the gradient, weight_decay / 2 ||W||^2 to the loss.
        **common: `maximize`, as `Optimizer` describes it; without a search, also `clip_value` and
            `clip_norm`. `check_finite` names the parameter where the first gradient is not finite,
            and without a search refuses the whole call of `step` if it gets to such a point.

    Raises:
        ValueError: when a setting has a bad value, there is no parameter, or one is given twice.
        TypeError: when something else than tensors that can be updated is given.

    Source:
        Liu and Nocedal, "On the limited memory BFGS method for large scale optimization", 1989;
        Nocedal and Wright, "Numerical optimization", 2006, algorithms 7.4 and 7.5.

    Example:
        >>> import autograd_lite as ag
        >>> from autograd_lite import optim
        >>> w = ag.tensor([-1.2, 1.0], requires_grad=True)
        >>> optimizer = optim.LBFGS([w], max_iter=100)
        >>> def closure():
        ...     optimizer.zero_grad()
        ...     loss = 100 * (w[1] - w[0] ** 2) ** 2 + (1 - w[0]) ** 2  # Rosenbrock's valley
        ...     loss.backward()
        ...     return loss
        >>> _ = optimizer.step(closure)
        >>> w.data.round(2)
        array([1., 1.], dtype=float32)
    """

    shared = (
        "lr", "max_iter", "max_eval", "tolerance_grad", "tolerance_change", "history_size",
        "line_search_fn", "maximize", "check_finite",
    )  # fmt: skip

    def __init__(
        self,
        params: Iterable[Any],
        lr: float = 1.0,
        max_iter: int = 20,
        max_eval: int | None = None,
        tolerance_grad: float = 1e-7,
        tolerance_change: float = 1e-9,
        history_size: int = 10,
        line_search_fn: str | None = "strong_wolfe",
        weight_decay: float = 0.0,
        **common: Unpack[Common],
    ) -> None:
        settings = {
            "lr": lr,
            "max_iter": max_iter,
            "max_eval": max_eval,
            "tolerance_grad": tolerance_grad,
            "tolerance_change": tolerance_change,
            "history_size": history_size,
            "line_search_fn": line_search_fn,
            "weight_decay": weight_decay,
        }
        self.memory: tuple[Flat, History] | None = None
        self.pending = False  # whether the change of the gradient by the last step is not yet known
        super().__init__(params, settings, common)

    def check(self, settings: Mapping[str, Any]) -> None:
        """Raise a ValueError if a setting has a bad value, or is a group's and should be all's."""
        super().check(settings)
        count, limit = "an integer, at least 1", "a finite number, at least 0"
        for key, valid, expected in [
            ("max_iter", whole(1), count),
            ("max_eval", optional(whole(1)), f"{count}, or None for 5/4 of max_iter"),
            ("tolerance_grad", at_least_zero, limit),
            ("tolerance_change", at_least_zero, limit),
            ("history_size", whole(1), count),
            ("line_search_fn", lambda v: v in ("strong_wolfe", None), "'strong_wolfe' or None"),
        ]:
            check("LBFGS", settings, key, valid, expected)
        if settings["line_search_fn"]:
            expected = "None, for the search needs the gradient as it is; or line_search_fn=None"
            check("LBFGS", settings, "clip_value", lambda v: v is None, expected)
            check("LBFGS", settings, "clip_norm", lambda v: v is None, expected)

    # ---- the step

    def step(self, closure: Callable[[], Any] | None = None) -> Any:
        """Go on until a tolerance or a limit is reached.

        Args:
            closure: a function that clears the gradients, computes the loss, calls its `backward`,
                and returns it; called again for each point that is tried.

        Returns:
            What `closure` returned at first.

        Raises:
            TypeError: when there is no closure, or it returns something else than one number.
            ValueError: when the first loss or its gradient is not finite, or a gradient has another
                shape than its parameter. After any error, the parameters are where an iteration
                began.
            FloatingPointError: when `check_finite` refuses a gradient; parameters and state are as
                before.
        """
        closure = self.checked(closure)
        settings = plain(self.param_groups[0])
        if not settings["check_finite"]:
            return self._descend(closure, settings)
        params = parameters(self.param_groups)
        state, values = self.state_dict(), [param._data.copy() for param in params]
        try:
            return self._descend(closure, settings)
        except FloatingPointError:
            self.load_state_dict(state)
            for param, array in zip(params, values, strict=True):
                np.copyto(writable(param), array)
            raise

    def _descend(self, closure: Callable[[], Any], settings: Group) -> Any:
        """Go on until a tolerance or a limit is reached; what the closure returned at first."""
        flat, history = self._ready()
        loss, value = self.evaluated(closure, flat)
        if not math.isfinite(value + flat.largest(flat.grad)):
            gathered(self)  # which names the parameter, if it is to check
            message = (
                f"LBFGS.step: got a loss of {value} and a gradient of {flat.largest(flat.grad)} at"
                " most; expected finite numbers: start elsewhere, or with a smaller lr"
            )
            raise ValueError(message)
        if self.pending:
            self.pending = False
            self._learn(flat, history)
        left, calls = settings["max_iter"], 1
        most = settings["max_eval"] or left * 5 // 4
        change = settings["tolerance_change"]
        while left and flat.largest(flat.grad) > settings["tolerance_grad"]:
            left -= 1
            slope = self._aim(flat, history)
            if -slope <= change:
                break
            before = Point(0.0, value, slope)
            last = not left or calls >= most
            value, count = self._advance(closure, before, settings, last=last)
            calls += count
            still = min(flat.largest(flat.direction), abs(value - before.value)) <= change
            if settings["check_finite"] and not settings["line_search_fn"]:
                self._refuse(value)
            if last or still or calls >= most or not math.isfinite(value):
                break
        return loss

    def _refuse(self, value: float) -> None:
        """Raise an error if the point of a step without a search is not finite."""
        if not self.pending:  # else nothing is known of it yet
            gathered(self)
            if not math.isfinite(value):
                message = (
                    f"LBFGS.step: got a loss of {value} after a step; expected finite numbers, and"
                    " changed nothing: give a smaller lr, or line_search_fn='strong_wolfe'"
                )
                raise FloatingPointError(message)

    def _ready(self) -> tuple[Flat, History]:
        """The vectors and the history, made for the parameters and the settings as they are."""
        most = int(self.param_groups[0]["history_size"])
        old = self.memory
        self.memory = flat, history = ready(old, parameters(self.param_groups), most)
        self.pending = self.pending and old is not None and old[0].size == flat.size
        return flat, history

    def _aim(self, flat: Flat, history: History) -> float:
        """Set the direction; its slope, which is below 0 unless the gradient is 0."""
        slope = 0.0
        for _ in range(2):
            history.direction(flat.grad, out=flat.direction)
            for param, part in flat.parts():
                if not param.requires_grad:
                    flat.direction[part] = 0
            slope = float(flat.direction @ flat.grad)
            if slope < 0:
                break
            history.clear()  # by rounding, H is not positive
        return slope

    def _advance(
        self, closure: Callable[[], Any], start: Point, settings: Group, *, last: bool
    ) -> tuple[float, int]:
        """Make a step and remember it: the value after it, and the calls that it took."""
        flat, history = self._ready()
        length, value, calls = settings["lr"], start.value, 0
        if not history.count:
            length *= min(1.0, 1 / float(np.abs(flat.grad, out=flat.scratch).sum()))
        flat.keep()
        if settings["line_search_fn"]:
            found, calls = self._searched(closure, start, length)
            length, value = found.step, found.value
        elif last:  # the gradient there is the first of the next call of step
            flat.move(length)
            self.pending = True
        else:
            value, calls = self.tried(closure, flat, length), 1
        flat.direction *= length
        if not self.pending:
            self._learn(flat, history)
        return value, calls

    def _learn(self, flat: Flat, history: History) -> None:
        """Remember the step, which `direction` has become, and the change of the gradient."""
        history.push(flat.direction, np.subtract(flat.grad, flat.previous, out=flat.scratch))

    def _searched(
        self, closure: Callable[[], Any], start: Point, length: float
    ) -> tuple[Point, int]:
        """Where the search ends, and the parameters are then; and the calls that it took."""
        flat, history = self._ready()
        last = start

        def along(step: float) -> tuple[float, float]:
            nonlocal last
            value = self.tried(closure, flat, step)
            last = Point(step, value, float(flat.direction @ flat.grad))
            return last.value, last.slope

        found, calls = strong_wolfe(along, start, length)
        if found.step == 0:
            flat.move(0.0)
            np.copyto(flat.grad, flat.previous)
            history.clear()  # a bad direction: the next one is that of the gradient
        elif found != last:
            along(found.step)
            calls += 1
        return found, calls

    # ---- state

    def state_dict(self) -> dict[str, Any]:
        """The settings, as of the base, and as "history" the pairs and the step that is pending."""
        state = super().state_dict()
        if self.memory is not None:
            flat, history = self.memory
            state["history"] = history.pairs()
            if self.pending:
                state["history"] |= {"step": flat.direction.copy(), "grad": flat.previous.copy()}
        return state

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Take over the settings and the history from a `state_dict`.

        Args:
            state: as `state_dict` gave it, of an optimizer of the same parameters.

        Raises:
            ValueError: when it does not fit; the optimizer is as it was.
        """
        name, memory, pending = "LBFGS.load_state_dict", None, False
        if isinstance(state, dict) and "history" in state:
            flat = Flat(parameters(self.param_groups))
            history, pending = restored(name, state["history"], flat)
            memory = flat, history
        super().load_state_dict(state)
        self.memory, self.pending = memory, pending
