"""The mode of ops: whether they record a graph, and who watches them."""

from __future__ import annotations

import functools
import inspect
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any, NamedTuple, ParamSpec, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from autograd_lite.node import Node

_P = ParamSpec("_P")
_R = TypeVar("_R")


class OpCall(NamedTuple):
    """A call of an op.

    Attributes:
        name: the name of the op.
        function: its function, which returns the result and the closures.
        arrays: what the function takes: the values of the operands.
        static: its settings, by name.
        operands: what the caller gave the op, tensors among them.
    """

    name: str
    function: Callable[..., tuple[Any, ...]]
    arrays: Sequence[Any]
    static: Mapping[str, Any]
    operands: Sequence[Any]


class Watcher:
    """What runs the functions of ops while it is set, so that it sees what goes in and out.

    A subclass looks at what it wants to, and leaves the rest to this class, which lets those around
    it watch too.

    Args:
        around: what watched so far, and goes on.
    """

    def __init__(self, around: Watcher | None = None) -> None:
        self.around = around

    def forward(self, call: OpCall) -> tuple[Any, ...]:
        """The result of an op, and its closures."""
        around = self.around  # once, for another thread may end a watch
        if around is not None:
            return around.forward(call)
        return call.function(*call.arrays, **call.static)

    def backward(self, name: str, function: Callable[[Any], Any], gradient: Any, node: Node) -> Any:
        """`function(gradient)`, what a closure of the op `name` makes of a gradient.

        `node` is where the op's result is in the graph. The op `sum_to` is the engine's own: it
        undoes a broadcast of that result's operands.
        """
        around = self.around
        if around is not None:
            return around.backward(name, function, gradient, node)
        return function(gradient)

    def complete(self, node: Node, gradient: Any) -> None:
        """See the gradient of the value of `node`, added up and changed by hooks."""
        around = self.around
        if around is not None:
            around.complete(node, gradient)


class Mode(NamedTuple):
    """How ops run.

    Attributes:
        records: whether ops on tensors that require gradients build a graph.
        watcher: what watches them, or None.
    """

    records: bool
    watcher: Watcher | None


USUAL = Mode(records=True, watcher=None)  # an op that finds this very object need not look further
_SILENT = Mode(records=False, watcher=None)

# A context variable belongs to its thread and to its asyncio task: neither sees the other's mode.
mode: ContextVar[Mode] = ContextVar("mode", default=USUAL)


# What the switches around set: also of the context, so that one object may serve many at once.
_outer: ContextVar[tuple[Mode, ...]] = ContextVar("outer", default=())


def enter(new: Mode) -> None:
    """Set a mode, until `leave`; after an interrupt in between there is none to leave."""
    outer, before = _outer.get(), mode.get()
    try:
        _outer.set((*outer, before))
        mode.set(new)
    except BaseException:
        _outer.set(outer)
        mode.set(before)
        raise


def leave(*_: object) -> None:
    """Set the mode that was set before the last `enter`, also at an interrupt."""
    stack: tuple[Mode, ...] = ()
    try:
        stack = _outer.get()
        mode.set(stack[-1])
        _outer.set(stack[:-1])
    except BaseException:  # an interrupt, wherever it was: what has been set is set again
        stack = stack or _outer.get()
        mode.set(stack[-1])
        _outer.set(stack[:-1])
        raise


class Switch:
    """A context manager and decorator that sets a mode, and sets back what was before."""

    def changed(self, before: Mode) -> Mode:
        """The mode to set: for the subclass to define."""
        raise NotImplementedError

    def __enter__(self) -> None:
        enter(self.changed(mode.get()))

    __exit__ = staticmethod(leave)  # itself, for a call in between is where an interrupt comes

    def __call__(self, function: Callable[_P, _R]) -> Callable[_P, _R]:
        """`function`, or a coroutine function, with the mode set while it runs."""
        if inspect.isgeneratorfunction(function) or inspect.isasyncgenfunction(function):
            name = type(self).__name__
            message = (
                f"{name}: {function.__qualname__} is a generator, which would carry the switch to "
                f"its caller between two yields; write `with {name}():` around the steps inside it"
            )
            raise TypeError(message)
        if inspect.iscoroutinefunction(function):

            @functools.wraps(function)
            async def run_async(*args: Any, **kwargs: Any) -> Any:
                with self:
                    return await function(*args, **kwargs)

            return run_async  # type: ignore[return-value]  # a coroutine function in, one out

        @functools.wraps(function)
        def run(*args: _P.args, **kwargs: _P.kwargs) -> _R:
            with self:
                return function(*args, **kwargs)

        return run


class _Recording(Switch):
    """Switches recording on or off, and leaves what watches."""

    _value: bool

    def changed(self, before: Mode) -> Mode:
        usual = USUAL if self._value else _SILENT
        return usual if before.watcher is None else Mode(self._value, before.watcher)


class no_grad(_Recording):  # noqa: N801  # PyTorch's name: it reads as a statement
    """Record nothing inside: results need no gradient and hold no graph.

    A context manager and a decorator (of functions and coroutine functions), of the calling thread
    and asyncio task alone.

    Raises:
        TypeError: when it decorates a generator function.

    Example:
        >>> import autograd_lite as ag
        >>> x = ag.tensor([1.0, 2.0], requires_grad=True)
        >>> with ag.no_grad():
        ...     y = x * 2
        >>> y.requires_grad
        False
    """

    _value = False


class enable_grad(_Recording):  # noqa: N801  # as no_grad
    """Record inside, also within a `no_grad` around it.

    Example:
        >>> import autograd_lite as ag
        >>> x = ag.tensor([1.0, 2.0], requires_grad=True)
        >>> with ag.no_grad(), ag.enable_grad():
        ...     (x * 2).requires_grad
        True
    """

    _value = True
