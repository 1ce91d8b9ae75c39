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
import itertools
import weakref
from types import CodeType
from typing import TYPE_CHECKING, Any, Concatenate, ParamSpec, Protocol, TypeAlias

import numpy as np

from autograd_lite.dtypes import as_array
from autograd_lite.errors import explain
from autograd_lite.memory import private
from autograd_lite.recording import recording

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

# An ndarray in the forward pass and at first order, a Tensor in a gradient to differentiate again.
Array: TypeAlias = Any
Vjp: TypeAlias = "Callable[[Array], Array] | None"

_P = ParamSpec("_P")
_BROADCAST = "shapes that broadcast: from the right, each size equal or 1 (reshape or expand_dims)"

_clock = itertools.count()
_new = object.__new__


class Node:
    """Where a value came from: the nodes of its inputs, and closures for those that need gradients.

    A node points at older nodes only and never at a tensor, so a graph has no cycle: it dies with
    the last tensor that needs it, without the garbage collector.

    Attributes:
        age: creation time; a node is younger than all its inputs, so age is a topological order.
        shape: the shape of the value, which its gradient has too.
        dtype: the dtype of the value, which its gradient has too.
        inputs: the inputs' nodes by position, None for an input that needs no gradient.
        vjps: the closures by position; None once a backward pass has consumed the node.
        out: `id` of the op's result, by which a closure that captured it is recognised.
        hooks: what wants to see the gradient of this value, or None.
    """

    __slots__ = ("age", "dtype", "hooks", "inputs", "out", "shape", "vjps")

    age: int
    shape: tuple[int, ...]
    dtype: np.dtype[Any]
    inputs: Sequence[Node | None]
    vjps: Sequence[Vjp] | None
    out: int
    hooks: Hooks | None

    @property
    def name(self) -> str:
        """The name of the op that made this value."""
        rule = next((vjp for vjp in self.vjps or () if vjp is not None), None)
        return "consumed" if rule is None else rule.__qualname__.split(".", 1)[0].lstrip("_")


class Hooks(dict[object, "Callable[[Tensor], Any]"]):
    """Functions of a gradient, in order, by a key that removes them; and who keeps the result.

    Attributes:
        keeper: the tensor to whose `grad` the gradient is added after all functions; weakly, for
            the graph must not own a tensor.
    """

    keeper: weakref.ref[Tensor] | None = None


class Leaf(Node):
    """The node of a tensor that the user made: where gradients are delivered, not passed on."""

    __slots__ = ("tensor",)

    def __init__(self, tensor: Tensor) -> None:
        self.age, self.shape, self.dtype = next(_clock), tensor.shape, tensor.dtype
        self.inputs, self.vjps, self.out, self.hooks = (), (), 0, None
        self.tensor = weakref.ref(tensor)  # weakly: a tensor owns its node, not the other way round

    @property
    def name(self) -> str:
        """A leaf was made by no op."""
        return "leaf"


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


def op_expecting(  # noqa: C901  # the hot path, in one place: each further call costs
    expects: str,
) -> Callable[[Callable[Concatenate[Array, _P], tuple[Any, ...]]], Op[_P]]:
    """`op` for a function that takes something else than arrays that broadcast.

    Args:
        expects: what the op takes, and the way out: the end of the message of an error.
    """

    def decorate(forward: Callable[..., tuple[Any, ...]]) -> Any:  # noqa: C901  # as above
        name = forward.__name__.lstrip("_")  # _stack is the op of the function stack
        arity = register(forward)

        @functools.wraps(forward)
        def apply(*args: Any, **static: Any) -> Any:  # noqa: C901  # as above
            arrays = list(args)
            inputs: list[Node | None] = [None] * len(arrays)
            lifted = recorded = loose = False
            for i, a in enumerate(args):
                if isinstance(a, Tensor):
                    lifted = True
                    arrays[i] = a._data
                    if a.node is not None:
                        inputs[i] = a.node
                        recorded = True
                    if a._alias is not None:
                        loose = True
                elif type(a) not in _PLAIN:
                    loose = True
            try:
                if not lifted:
                    return forward(*args, **static)[0]
                recorded = recorded and recording.get()
                if loose:
                    _secure(args, arrays, arity, recorded=recorded)
                out, *vjps = forward(*arrays, **static)
            except (ValueError, TypeError, IndexError) as error:
                raise explain(error, name, arrays, static, expects) from error
            result = _new(Tensor)
            result._data = out if type(out) is np.ndarray else np.asarray(out)
            if loose and not recorded and result._data.base is not None:
                result._data = result._data.copy()  # or it would change with an operand
            result.grad = result._alias = result.node = None
            if recorded and _prune(name, arity, inputs, vjps):
                result.node = node = Node()
                node.age, node.shape, node.dtype = next(_clock), out.shape, out.dtype
                node.inputs, node.vjps, node.out, node.hooks = inputs, vjps, id(out), None
            return result

        return apply

    return decorate


# What nobody can write to: the rest is secured before a graph may capture it.
_PLAIN = frozenset({int, float, bool, type(None), np.float64, np.float32, np.int64, np.bool_})


def _secure(args: Sequence[Any], arrays: list[Any], arity: int, *, recorded: bool) -> None:
    """Make `arrays` the op's own where somebody outside could change what a closure captures."""
    for i, a in enumerate(args[:arity]):
        if isinstance(a, Tensor):
            if recorded:
                arrays[i] = private(a)
        elif isinstance(a, np.ndarray):
            arrays[i] = np.array(a) if recorded else a
        elif type(a) not in _PLAIN and not isinstance(a, np.generic):
            arrays[i] = as_array(a).copy()  # a list, or what else NumPy takes for an array


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


forwards: dict[CodeType, CodeType] = {}  # a closure's code -> the code of the op it is written in


def register(forward: Callable[..., Any]) -> int:
    """Note which closures are written inside `forward`; return how many arrays it takes."""
    code = forward.__code__
    for inner in _inner(code):
        forwards[inner] = code
    return 1_000_000 if code.co_flags & inspect.CO_VARARGS else code.co_posonlyargcount


def _inner(code: CodeType) -> Iterator[CodeType]:
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield constant
            yield from _inner(constant)


# Last, for a Tensor's methods are ops: each of the two modules needs the other, this one at calls.
from autograd_lite.tensor import Tensor  # noqa: E402
