"""Rules of one's own: ops that users write, and values that no gradient passes."""

from __future__ import annotations

import functools
import inspect
from types import CodeType, FunctionType
from typing import TYPE_CHECKING, Any, overload

import numpy as np

from autograd_lite.errors import composite, describe
from autograd_lite.func.tree import flatten
from autograd_lite.graph import op_expecting
from autograd_lite.lift import lift
from autograd_lite.memory import read_only
from autograd_lite.node import Node, Shared, forwards
from autograd_lite.replay import Run
from autograd_lite.tensor import Tensor

if TYPE_CHECKING:
    from collections.abc import Callable

    from autograd_lite.graph import Op

_EXPECTS = "arrays that it can compute with, and settings behind them"


@overload
def custom_op(function: Callable[..., Any], /) -> Op[...]: ...
@overload
def custom_op(*, expects: str = ...) -> Callable[[Callable[..., Any]], Op[...]]: ...
def custom_op(function: Any = None, /, *, expects: str = _EXPECTS) -> Any:
    """Make a function of arrays an op: with a gradient rule of its own, or that of what it calls.

    The arrays are the parameters before the slash; settings follow. A function that has a rule
    returns its result, and for each array a closure that maps the gradient of the result to that of
    the array, or None where none flows:

        @func.custom_op
        def log1pexp(x, /):
            return np.logaddexp(0, x), lambda g: g * ag.sigmoid(x)

    It runs on plain arrays, so NumPy, Numba or C may compute the value. A closure is linear in g.
    It is written inside the function, with operators, methods and functions of this package, which
    run on arrays and on tensors: so it is itself differentiated, and the one rule serves gradients
    of every order, forward mode and batches. It may capture the arrays by their names, the result
    by the name `out`, and anything that is no array of floats; what else it needs, it computes. It
    ignores broadcasting, which is undone for it, and writes into nothing. What several closures
    begin with may stand in front of them, as `Shared(lambda g: g * out)`.

    A function that returns its result alone, computed with functions of this package, is
    differentiated through those. Its errors have its name.

    Args:
        function: the function.
        expects: what the op takes, and the way out: the end of the message of an error.

    Returns:
        The op: a function of tensors, arrays, numbers and lists, which gives an array for arrays
        and a tensor as soon as there is one among them.

    Raises:
        TypeError: when it is no Python function, or has no arrays; at the first call, when what it
            returns is no result with a closure for each array, or a closure captures an array of
            floats that is neither an argument nor `out`.

    Example:
        A step whose gradient passes as if it were not there (straight through):

        >>> import autograd_lite as ag
        >>> @ag.func.custom_op
        ... def rounded(x, /):
        ...     return np.round(x), lambda g: g
        >>> x = ag.tensor([0.4, 1.7], requires_grad=True)
        >>> (rounded(x) ** 2).sum().backward()
        >>> x.grad
        Tensor([0., 4.])
    """
    if function is None:
        return functools.partial(_made, expects=expects)
    return _made(function, expects)


def _made(function: Any, expects: str) -> Any:
    """The op of a function."""
    count = _arrays(function)
    checked: set[CodeType] = set()
    is_rule: bool | None = None  # unknown until it has been called

    @functools.wraps(function)
    def forward(*args: Any, **static: Any) -> tuple[Any, ...]:
        shut = [read_only(a) if type(a) is np.ndarray else a for a in args[:count]]
        result: tuple[Any, ...] = function(*shut, *args[len(shut) :], **static)
        if not _has_rule(result):
            raise _NoRule(result)
        try:
            _check(function, result, len(args) if count is None else count, checked)
        except TypeError as error:
            raise _BadRule(error) from error
        return result

    rule = op_expecting(expects)(forward)
    composed = composite(expects)(function)

    @functools.wraps(function)
    def call(*args: Any, **static: Any) -> Any:
        nonlocal is_rule
        try:
            if is_rule is not None:
                return (rule if is_rule else composed)(*args, **static)
            with Run() as first:
                try:
                    result, is_rule = rule(*args, **static), True
                except _NoRule:
                    with Run(first):  # so that nothing is drawn, or counted, twice
                        result, is_rule = composed(*args, **static), False
        except _BadRule as error:
            raise error.reason from None
        except _NoRule as error:
            message = (
                f"{function.__name__}: got {describe(error.result)} from the function, without"
                " closures, though an earlier call returned some; expected them in every call"
            )
            raise TypeError(message) from None
        else:
            return result

    return call


class _NoRule(Exception):  # noqa: N818  # no error: a function of the other kind
    """A function has returned no closures; past `op`, which has words for errors only."""

    def __init__(self, result: Any) -> None:
        super().__init__()
        self.result = result


class _BadRule(Exception):  # noqa: N818  # it carries the error
    """What a function has returned is no rule; past `op`, which would add its own words."""

    def __init__(self, reason: TypeError) -> None:
        super().__init__()
        self.reason = reason


def _arrays(function: Any) -> int | None:
    """How many arrays a function takes, None for any number; an error if it is none for an op."""
    if not isinstance(function, FunctionType):
        message = (
            f"custom_op: got {describe(function)}; expected a Python function: def f(x, /): return"
            " out, lambda g: ..."
        )
        raise TypeError(message)
    code = function.__code__
    if code.co_flags & inspect.CO_VARARGS and not code.co_argcount:
        return None
    if not code.co_posonlyargcount or code.co_flags & inspect.CO_VARARGS:
        message = (
            f"custom_op: got {function.__name__}{inspect.signature(function)}; expected a slash"
            " that ends the arrays, before the settings: def f(x, y, /, setting=1.0), or any number"
            " of arrays: def f(*arrays)"
        )
        raise TypeError(message)
    return code.co_posonlyargcount


def _has_rule(result: Any) -> bool:
    """Whether a function has returned a result and closures."""
    return type(result) is tuple and all(
        part is None or callable(part) or isinstance(part, Shared) for part in result[1:]
    )


def _check(
    function: FunctionType, result: tuple[Any, ...], count: int, checked: set[CodeType]
) -> None:
    """Refuse what an op cannot be made of; closures that have been seen are not looked at again."""
    name, out = function.__name__, result[0] if result else None
    closures = [getattr(part, "closure", part) for part in result[1:]]
    given = len(closures) - (len(result) > 1 and isinstance(result[1], Shared))
    if given != count:
        message = (
            f"{name}: got {given} closures from the function, for {count} arrays; expected one for"
            " each, or None where no gradient flows (settings stand behind the slash)"
        )
        raise TypeError(message)
    kinds = "f" if any(closures) else "fiub"
    if not isinstance(out, (np.ndarray, np.generic)) or out.dtype.kind not in kinds:
        message = (
            f"{name}: got {describe(out)} as the result of the function; expected one array of"
            f" {'floats, for it has a gradient' if any(closures) else 'real numbers'} (of several"
            " results, return one flat array, and cut it outside)"
        )
        raise TypeError(message)
    probe = Node()
    probe.inputs, probe.vjps, probe.out = (None,) * count, closures[-count:], id(out)
    for closure in closures:
        code = getattr(closure, "__code__", None)
        if closure is None or code in checked:
            continue
        if not isinstance(closure, FunctionType) or forwards.get(closure.__code__) is None:
            message = (
                f"{name}: got the closure {describe(closure)}; expected a lambda or a function that"
                " is written inside the op: lambda g: ..."
            )
            raise TypeError(message)
        lift(closure, probe)
        checked.add(closure.__code__)


def stop_gradient(tree: Any) -> Any:
    """The same values, through which no gradient flows.

    Args:
        tree: a tensor, or nested data with tensors; anything else in it is passed on.

    Returns:
        A tree like it, of new tensors that require no gradient.

    Example:
        >>> import autograd_lite as ag
        >>> x = ag.tensor(3.0, requires_grad=True)
        >>> ag.grad(x * ag.func.stop_gradient(x), x)
        (Tensor(3.),)
    """
    leaves, build = flatten(tree)
    return build([leaf.detach() if isinstance(leaf, Tensor) else leaf for leaf in leaves])
