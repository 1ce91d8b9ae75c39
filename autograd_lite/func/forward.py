"""Products with the derivative, made of the same rules as gradients.

A vjp is linear in the gradient that it is given. So the pass back through a function, recorded
with a variable u as the gradient of its output, is a graph of J^T u, whose own derivative by u is
J^T. The pass back through *that* graph multiplies with (J^T)^T = J.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from autograd_lite.engine import through
from autograd_lite.errors import describe, flag
from autograd_lite.func.checks import check_function, directions
from autograd_lite.func.trace import Trace, run, starts
from autograd_lite.func.tree import flatten
from autograd_lite.graph import wrap
from autograd_lite.lift import freeze, lift
from autograd_lite.node import Leaf
from autograd_lite.recording import enable_grad

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from autograd_lite.tensor import Tensor


class Linear:
    """The derivative of a run, as a graph of its own that tangents are pushed through.

    Args:
        trace: the run, whose graph it consumes unless the caller may differentiate by it.
    """

    def __init__(self, trace: Trace) -> None:
        self.trace = trace
        self.dummies = [_dummy(output) for output in trace.outputs]
        with (
            enable_grad(),
            np.errstate(all="ignore"),
        ):  # the values mean nothing, the graph is what is wanted
            self.pulled = through(
                starts(trace.outputs, self.dummies, recorded=True),
                trace.inputs,
                lift if trace.live else freeze,
                retain_graph=trace.live,
            )

    def push(self, tangents: Sequence[Tensor], *, retain_graph: bool) -> list[Tensor]:
        """J t for each output, as tensors for the caller."""
        return self.trace.pull(self.pulled, self.dummies, tangents, retain_graph=retain_graph)


def _dummy(output: Tensor) -> Tensor:
    """What stands for the gradient of an output."""
    u = wrap(np.zeros(output.shape, output.dtype))
    if output.dtype.kind == "f":
        u.node = Leaf(u)
    return u


def jvp(f: Callable[..., Any], primals: Any, tangents: Any, has_aux: bool = False) -> Any:
    """The value of `f`, and the product of its derivative with a vector: J t.

    That is how fast the output changes where the input moves with speed t.

    Args:
        f: a function that returns tensors, in a tree.
        primals: a tuple of its arguments: trees of tensors, arrays and numbers.
        tangents: the vector t: a tuple of trees like those.
        has_aux: whether `f` returns a pair `(output, aux)`, of which `aux` is passed on.

    Returns:
        A pair `(output, tangent)`, of trees like what `f` returns, or `(output, tangent, aux)`. The
        tangent of an output of integers is 0.

    Raises:
        TypeError: when an input is not of floats, or `f` returns something else than tensors.
        ValueError: when `tangents` is built otherwise than `primals`.

    Example:
        >>> import autograd_lite as ag
        >>> ag.func.jvp(lambda x: x**2, (ag.tensor([1.0, 2.0]),), (ag.tensor([1.0, 10.0]),))
        (Tensor([1., 4.]), Tensor([ 2., 40.]))
    """
    check_function("jvp", f)
    has_aux = flag("jvp", "has_aux", has_aux)
    primals = arguments("jvp", "primals", primals)
    tangents = arguments("jvp", "tangents", tangents)
    given = directions("jvp", "the tangents", primals, tangents, "the primals")
    trace = run("jvp", f, primals, has_aux=has_aux)
    pushed = trace.build(Linear(trace).push(given, retain_graph=False))
    if has_aux:
        output, aux = trace.settled((trace.output, trace.aux))
        return output, pushed, aux
    return trace.settled(trace.output), pushed


def linearize(f: Callable[..., Any], *primals: Any, has_aux: bool = False) -> Any:
    """The value of `f`, and the function that multiplies with its derivative: t to J t.

    `f` is run once; each call of `push` after that costs about a backward pass.

    Args:
        f: a function that returns tensors, in a tree.
        *primals: its arguments: trees of tensors, arrays and numbers.
        has_aux: whether `f` returns a pair `(output, aux)`, of which `aux` is passed on.

    Returns:
        A pair `(output, push)`, or `(output, push, aux)`. `push` takes a tree for each of
        `primals`, like it, and gives one like the output.

    Raises:
        TypeError: when an input is not of floats, or `f` returns something else than tensors.
        ValueError: at the call of `push`, when a tangent is built otherwise than its primal.

    Example:
        >>> import autograd_lite as ag
        >>> y, push = ag.func.linearize(lambda x: x**2, ag.tensor([1.0, 2.0]))
        >>> push(ag.tensor([1.0, 0.0])), push(ag.tensor([0.0, 1.0]))
        (Tensor([2., 0.]), Tensor([0., 4.]))
    """
    check_function("linearize", f)
    has_aux = flag("linearize", "has_aux", has_aux)
    trace = run("linearize", f, primals, has_aux=has_aux)
    linear = Linear(trace)
    places = flatten(primals)[1](trace.inputs)

    def push(*tangents: Any) -> Any:
        """J t."""
        given = directions("linearize", "the tangents", places, tangents, "the primals")
        return trace.build(linear.push(given, retain_graph=True))

    if has_aux:
        output, aux = trace.settled((trace.output, trace.aux))
        return output, push, aux
    return trace.settled(trace.output), push


def arguments(name: str, what: str, given: Any) -> tuple[Any, ...]:
    """The arguments of a function as a tuple."""
    if not isinstance(given, (tuple, list)) or hasattr(given, "_fields"):
        message = (
            f"{name}: got {what}={describe(given)}; expected a tuple, of one tree for each"
            " argument: (x,)"
        )
        raise TypeError(message)
    return tuple(given)
