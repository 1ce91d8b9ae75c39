"""The watcher behind `detect_anomaly`: it looks at what ops make, and notes who called them."""

from __future__ import annotations

import weakref
from contextvars import ContextVar
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from autograd_lite.anomaly_origin import Origin
from autograd_lite.anomaly_report import held, made, made_backward, summed, values_of
from autograd_lite.recording import Watcher

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from autograd_lite.anomaly_report import AnomalyError
    from autograd_lite.node import Node
    from autograd_lite.recording import OpCall

# Where an op was called, by each of the closures that it recorded: for the error of a later pass.
_origins: weakref.WeakKeyDictionary[Callable[..., Any], Origin] = weakref.WeakKeyDictionary()

# The op whose gradient is being computed from tensors: what its rule does on the way is its own.
_rule_of: ContextVar[Origin | None] = ContextVar("rule_of", default=None)

# The innermost of several detectors, while those around it run what it looks at itself.
_innermost: ContextVar[Detector | None] = ContextVar("innermost", default=None)


class Detector(Watcher):
    """What looks at the results of ops and of their closures.

    Args:
        around: what watched so far, and goes on.
        inf: whether infinities are errors, as nan is.
    """

    def __init__(self, around: Watcher | None, *, inf: bool) -> None:
        super().__init__(around)
        self._inf = inf

    def forward(self, call: OpCall) -> tuple[Any, ...]:
        """The result of an op and its closures, if it is sound."""
        results: tuple[Any, ...] = self._run(partial(super().forward, call))
        if self._looks():
            origin = Origin(call.name, _rule_of.get())
            for closure in results[1:]:
                function_of = getattr(closure, "closure", closure)  # of a step that all share
                if function_of is not None:
                    _origins[function_of] = origin
            if origin.rule_of is None:  # else the rule's own result is looked at
                wrong = self._wrong(results[0])
                if wrong is not None:
                    given = self._given(origin, call.arrays, call.operands)
                    settings = call.arrays, call.static
                    raise given or made(origin, call.function, *settings, results[0], wrong)
        return results

    def backward(self, name: str, function: Callable[[Any], Any], gradient: Any, node: Node) -> Any:
        """What `function` returns, if it is sound."""
        run = partial(super().backward, name, function, gradient, node)
        if not self._looks():
            return run()
        origin = _origin_of(node)
        before = _rule_of.set(origin or Origin(name))
        try:
            result = self._run(run)
        finally:
            _rule_of.reset(before)
        wrong = self._wrong(values_of(result))
        if wrong is not None:
            raise made_backward(name, function, gradient, node, origin, result, wrong)
        return result

    def complete(self, node: Node, gradient: Any) -> None:
        """Look at a gradient that ops have made soundly, and others may have changed."""
        wrong = self._wrong(values_of(gradient)) if self._looks() else None
        if wrong is not None:
            raise summed(node, _origin_of(node), values_of(gradient), wrong)
        self._run(partial(super().complete, node, gradient))

    def _looks(self) -> bool:
        """Whether this is the innermost detector."""
        return _innermost.get() in {None, self}

    def _run(self, run: Callable[[], Any]) -> Any:
        """`run()`, without NumPy's warnings, and without a detector around this one looking too."""
        before = _innermost.set(self) if self._looks() else None
        try:
            with np.errstate(all="ignore"):
                return run()
        finally:
            if before is not None:
                _innermost.reset(before)

    def _wrong(self, value: Any) -> Any:
        """Where `value` is not as it should be, or None if it is."""
        array = np.asarray(value)
        if array.dtype.kind != "f":
            return None
        wrong = ~np.isfinite(array) if self._inf else np.isnan(array)
        return wrong if wrong.any() else None

    def _given(
        self, origin: Origin, arrays: Sequence[Any], operands: Sequence[Any]
    ) -> AnomalyError | None:
        """The error that an operand was bad before, if one was."""
        for i, array in enumerate(arrays):
            if not isinstance(array, (np.ndarray, np.generic, float, list)):
                continue
            wrong = self._wrong(array)
            if wrong is not None:
                return held(origin, i, operands[i], np.asarray(array), wrong)
        return None


def _origin_of(node: Node) -> Origin | None:
    rule = next((vjp for vjp in node.vjps or () if vjp is not None), None)
    return None if rule is None else _origins.get(rule)
