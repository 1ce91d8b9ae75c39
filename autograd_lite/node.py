"""What a graph is made of: a node for each value on the way to a gradient."""

from __future__ import annotations

import itertools
import weakref
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from types import CodeType

    import numpy as np

    from autograd_lite.tensor import Tensor

# An ndarray in the forward pass and at first order, a Tensor in a gradient to differentiate again.
Array: TypeAlias = Any
Vjp: TypeAlias = "Callable[[Array], Array] | None"

# A closure's code -> the code of the op that it is written in, whose names tell what it captured.
forwards: dict[CodeType, CodeType] = {}

tick = itertools.count().__next__  # the clock that tells nodes their age


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
        first: what the gradient goes through before all of them, or None; see `Shared`.
        out: `id` of the op's result, by which a closure that captured it is recognised.
        hooks: what wants to see the gradient of this value, or None.
        call: the outermost call of a module that returned this value, or None.
    """

    __slots__ = ("age", "call", "dtype", "first", "hooks", "inputs", "out", "shape", "vjps")

    age: int
    shape: tuple[int, ...]
    dtype: np.dtype[Any]
    inputs: Sequence[Node | None]
    vjps: Sequence[Vjp] | None
    first: Vjp
    out: int
    hooks: Hooks | None
    call: Call | None

    @property
    def name(self) -> str:
        """The name of the op that made this value."""
        rule: Any = next((vjp for vjp in self.vjps or () if vjp is not None), None)
        if rule is None:
            return "consumed"
        code: CodeType = forwards.get(rule.__code__, rule.__code__)
        return code.co_name.lstrip("_")


class Call(NamedTuple):
    """A call of a module: all nodes that its result depends on and that are younger than its start.

    Attributes:
        start: the age at which it began.
        module: the module, weakly, for the graph must not own it.
        kind: the class of the module, for when that is gone.
        inner: the call inside it that returned the same value, or None.
    """

    start: int
    module: weakref.ref[Any]
    kind: type[Any]
    inner: Call | None


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
        self.age, self.shape, self.dtype = tick(), tensor.shape, tensor.dtype
        self.inputs, self.vjps, self.first, self.out = (), (), None, 0
        self.hooks = self.call = None
        self.tensor = weakref.ref(tensor)  # weakly: a tensor owns its node, not the other way round

    @property
    def name(self) -> str:
        """A leaf was made by no op."""
        return "leaf"


class Shared:
    """Marks the first closure of an op as a step that all the others share.

    It maps the gradient of the result to what the others are given. So

        return out, Shared(lambda g: g * slope(out)), lambda g: g @ y.mT, lambda g: x.mT @ g

    multiplies by the slope once.

    Args:
        closure: the step; what holds for other closures holds for it.
    """

    __slots__ = ("closure",)

    def __init__(self, closure: Callable[[Array], Array]) -> None:
        self.closure = closure
