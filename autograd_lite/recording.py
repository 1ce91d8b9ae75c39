"""The recording switch: whether ops on tensors that require gradients build a graph."""

from __future__ import annotations

import functools
import inspect
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

_P = ParamSpec("_P")
_R = TypeVar("_R")

# A context variable belongs to its thread and to its asyncio task: neither sees the other's switch.
recording: ContextVar[bool] = ContextVar("recording", default=True)


# What the switches around set: also of the context, so that one object may serve many at once.
_outer: ContextVar[tuple[bool, ...]] = ContextVar("outer", default=())


class _Switch:
    """A context manager and decorator that sets the recording switch, and sets it back."""

    _value: bool

    def __enter__(self) -> None:
        _outer.set((*_outer.get(), recording.get()))
        recording.set(self._value)

    def __exit__(self, *exc_info: object) -> None:
        *outer, before = _outer.get()
        _outer.set(tuple(outer))
        recording.set(before)

    def __call__(self, function: Callable[_P, _R]) -> Callable[_P, _R]:
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


class no_grad(_Switch):  # noqa: N801  # PyTorch's name: it reads as a statement
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


class enable_grad(_Switch):  # noqa: N801  # as no_grad
    """Record inside, also within a `no_grad` around it.

    Example:
        >>> import autograd_lite as ag
        >>> x = ag.tensor([1.0, 2.0], requires_grad=True)
        >>> with ag.no_grad(), ag.enable_grad():
        ...     (x * 2).requires_grad
        True
    """

    _value = True
