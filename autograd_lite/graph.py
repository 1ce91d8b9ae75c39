"""The graph: what an op is, and what it records.

An op is one function on plain ndarrays that returns its result and, for each array it takes, a
closure that maps the gradient of the result to the gradient of that array:

    @op
    def mul(x, y, /):
        return x * y, lambda g: g * y, lambda g: g * x

On arrays alone, calling `mul` is calling the function and taking its first result. On tensors it
also leaves a `Node` behind: the nodes of its inputs, and the closures.
"""

from __future__ import annotations

import functools
import inspect
from types import CodeType
from typing import TYPE_CHECKING, Any, Concatenate, ParamSpec, Protocol

import numpy as np

from autograd_lite.dtypes import as_array
from autograd_lite.errors import FAULTS, explain
from autograd_lite.memory import FIXED, PLAIN, private, settled
from autograd_lite.node import Array, Node, Shared, Vjp, forwards, tick
from autograd_lite.recording import USUAL, OpCall, mode

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from numpy.typing import NDArray

    from autograd_lite.rows import Rows

_P = ParamSpec("_P")
_HARMLESS = PLAIN | {slice}  # what nobody can change while a graph holds it
_BROADCAST = "shapes that broadcast: from the right, each size equal or 1 (reshape or expand_dims)"

_new = object.__new__


class Op(Protocol[_P]):
    """An op as its callers see it. Typed for tensors; given arrays alone, it returns an ndarray."""

    __name__: str
    __wrapped__: Callable[..., tuple[Any, ...]]

    def __call__(self, x: Any, /, *args: _P.args, **kwargs: _P.kwargs) -> Tensor:
        """The result; `x` is the first array."""


def op(forward: Callable[Concatenate[Array, _P], tuple[Any, ...]]) -> Op[_P]:
    """Make `forward(*arrays, /, **static) -> (out, *vjps)` an op that records itself on tensors.

    The arrays are the positional-only parameters. A closure is written with operators, methods and
    other ops, so that it runs on arrays and on tensors alike; it ignores broadcasting, which the
    engine undoes, and never writes into its argument. It may capture the arrays, the result under
    the name `out`, and anything that is not an array of floats. None in place of a closure stands
    for an array through which no gradient flows.
    """
    return op_expecting(_BROADCAST)(forward)


def op_expecting(  # noqa: C901, PLR0915  # the two ways of a call capture what a decorator knows
    expects: str,
) -> Callable[[Callable[Concatenate[Array, _P], tuple[Any, ...]]], Op[_P]]:
    """`op` for a function that takes something else than arrays that broadcast.

    Args:
        expects: what the op takes, and the way out: the end of the message of an error.
    """

    def decorate(forward: Callable[..., tuple[Any, ...]]) -> Any:  # noqa: C901, PLR0915  # as above
        name = forward.__name__.lstrip("_")  # _stack is the op of the function stack
        arity = register(forward)

        @functools.wraps(forward)
        def apply(*args: Any, **static: Any) -> Any:  # noqa: C901, PLR0912  # the hot path: a call costs
            for a in args:
                if isinstance(a, Tensor):
                    break
            else:
                try:
                    out = forward(*args, **static)[0]
                    if type(out) not in _SEQUENCES:
                        return out
                except FAULTS as error:
                    if all(isinstance(a, np.ndarray) for a in args[:arity]):
                        raise explain(error, name, args, static, expects) from error
                return _of_arrays(forward, name, args, static, arity, expects)
            arrays: list[Any] = []
            inputs: list[Node | None] = []
            loose = held = False
            for a in args:
                if isinstance(a, Tensor):
                    arrays.append(a._data)
                    inputs.append(a.node)
                    if a._alias is not None:
                        if a._runs is not None:  # many values at once: see func/batch.py
                            return a._runs(apply, forward, args, static)
                        loose = True
                else:
                    arrays.append(a)
                    inputs.append(None)
                    if type(a) not in _HARMLESS:
                        loose = True
            records, watcher = mode.get()
            recorded = records and inputs.count(None) < len(inputs)
            try:
                if loose:
                    held = _secure(args, arrays, arity, recorded=recorded)
                if static and recorded and not FIXED.issuperset(map(type, static.values())):
                    static = {k: v if type(v) in FIXED else settled(v) for k, v in static.items()}
                if watcher is None:
                    out, *vjps = forward(*arrays, **static)
                else:
                    out, *vjps = watcher.forward(OpCall(name, forward, arrays, static, args))
            except FAULTS as error:
                raise explain(error, name, arrays, static, expects) from error
            if held:
                out = _apart(out, arrays, recorded=recorded)
            first = vjps.pop(0).closure if vjps and type(vjps[0]) is Shared else None
            if recorded and _prune(name, arity, inputs, vjps):
                return _recorded(out, inputs, vjps, first)
            return wrap(out)

        if arity != 2 or len(inspect.signature(forward).parameters) != 2:
            return apply

        @functools.wraps(forward)
        def pair(x: Any, y: Any, /) -> Any:
            """What `apply` does with two tensors on the way to a gradient, the commonest call."""
            if isinstance(x, Tensor) and isinstance(y, Tensor) and x._alias is y._alias is None:
                inputs = x.node, y.node
                if None not in inputs and mode.get() is USUAL:
                    try:
                        result = forward(x._data, y._data)
                    except FAULTS as error:
                        arrays = (x._data, y._data)
                        raise explain(error, name, arrays, {}, expects) from error
                    vjps = result[1:]
                    if len(vjps) == 2 and None not in vjps:
                        return _recorded(result[0], inputs, vjps)
            return apply(x, y)

        return pair

    return decorate


def _recorded(
    out: Any, inputs: Sequence[Node | None], vjps: Sequence[Vjp], first: Vjp = None
) -> Tensor:
    """The result of an op as a Tensor with a node."""
    result = _new(Tensor)
    result._data = out if type(out) is np.ndarray else np.asarray(out)
    result.grad = result._alias = None
    result.node = node = Node()
    node.age = tick()
    node.shape = out.shape
    node.dtype = out.dtype
    node.inputs = inputs
    node.vjps = vjps
    node.first = first
    node.out = id(out)
    node.hooks = node.call = None
    return result


# What adds and multiplies in its own way: [1] + [2] is not [3].
_SEQUENCES = frozenset({list, tuple, str, bytes, np.matrix})


def _of_arrays(
    forward: Callable[..., tuple[Any, ...]],
    name: str,
    args: Sequence[Any],
    static: Mapping[str, Any],
    arity: int,
    expects: str,
) -> Any:
    """The result of an op on lists and numbers that it cannot take as they are: on their arrays."""
    try:
        arrays = [a if a is None else as_array(a) for a in args[:arity]]
        return forward(*arrays, *args[arity:], **static)[0]
    except FAULTS as error:
        raise explain(error, name, args, static, expects) from error


def _secure(args: Sequence[Any], arrays: list[Any], arity: int, *, recorded: bool) -> bool:
    """Make `arrays` the op's own where somebody outside could change what a closure captures.

    Returns:
        Whether somebody outside may write to an operand.
    """
    held = False
    for i, a in enumerate(args):
        if isinstance(a, Tensor):
            if recorded:
                arrays[i] = private(a)
            alias = a._alias
            if alias is not None and alias() is not None:
                held = True
        elif i >= arity:  # a setting that is given by position
            if recorded:
                arrays[i] = settled(a)
        elif isinstance(a, np.ndarray) and a.dtype.kind != "c":
            arrays[i] = np.array(a) if recorded else np.asarray(a)
            held = True
        elif type(a) not in PLAIN and not (isinstance(a, np.generic) and a.dtype.kind != "c"):
            arrays[i] = as_array(a).copy()  # a list, or what else NumPy takes for an array
    return held


def _apart(out: Any, arrays: Sequence[Any], *, recorded: bool) -> Any:
    """`out`, copied if it would change with an operand that somebody outside may write to.

    It is not the part of that operand that it would be in NumPy. So it is marked as read-only, by
    which an assignment to its items knows that somebody would not see it.
    """
    if type(out) is not np.ndarray or (out.base is None and id(out) not in map(id, arrays)):
        return out
    if not recorded:
        out = out.copy()
    out.flags.writeable = False
    return out


def _prune(name: str, arity: int, inputs: list[Node | None], vjps: list[Vjp]) -> bool:
    """Drop closures that nobody needs, with the memory they captured; tell whether one is left."""
    if len(inputs) == len(vjps) and None not in inputs and None not in vjps:
        return True
    needed = False
    for i, node in enumerate(inputs):
        if i >= len(vjps):
            if node is None or i < arity:
                inputs[i] = None
                continue
            message = (
                f"{name}: argument {i} is a Tensor that requires a gradient, and {name} has no"
                " gradient for it; give a plain value (x.detach(), x.item())"
            )
            raise TypeError(message)
        if node is None:
            vjps[i] = None
        elif vjps[i] is None:
            inputs[i] = None
        else:
            needed = True
    return needed


def wrap(array: Array, node: Node | None = None) -> Tensor:
    """`array` as a Tensor in the place of `node` in the graph, without a copy or a check."""
    result = _new(Tensor)
    result._data = array if type(array) is np.ndarray else np.asarray(array)
    result.node = node
    result.grad = result._alias = None
    return result


def array_of(x: Any) -> NDArray[Any]:
    """The array of a tensor, or of what NumPy takes for one."""
    return x._data if isinstance(x, Tensor) else np.asarray(x)


def register(forward: Callable[..., Any]) -> int:
    """Note which closures are written inside `forward`; return how many arrays it takes.

    What wraps another function takes what that takes, and its closures are that one's.
    """
    code = inspect.unwrap(forward).__code__
    for inner in _inner(code):
        forwards[inner] = code
    return 1_000_000 if code.co_flags & inspect.CO_VARARGS else code.co_posonlyargcount


def _inner(code: CodeType) -> Iterator[CodeType]:
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield constant
            yield from _inner(constant)


def wrap_rows(rows: Rows) -> Tensor:
    """Rows as the Tensor that they are a gradient for, which is made when somebody looks."""
    return RowGradient(rows)


# Last, for a Tensor's methods are ops: each of the two modules needs the other, this one at calls.
from autograd_lite.row_gradient import RowGradient  # noqa: E402
from autograd_lite.tensor import Tensor  # noqa: E402
