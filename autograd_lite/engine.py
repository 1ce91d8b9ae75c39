"""The engine: one loop over the graph, newest node first.

A node is younger than everything it was computed from, so when the loop reaches a node, every node
that depends on it has been dealt with and its gradient is complete. (docs/design.md shows what goes
wrong in another order.)
"""

from __future__ import annotations

import math
from contextlib import nullcontext
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from autograd_lite.delivery import accumulate, check_grad, keep_gradient, through_hooks
from autograd_lite.errors import flag
from autograd_lite.graph import wrap, wrap_rows
from autograd_lite.lift import lift
from autograd_lite.memory import own
from autograd_lite.node import Leaf
from autograd_lite.ops import astype, sum_to
from autograd_lite.order import newest_first
from autograd_lite.recording import enable_grad, mode
from autograd_lite.rows import Rows
from autograd_lite.seeds import as_list, check_tensors, seed, seeds, wrong_gradient

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Iterable, Sequence
    from typing import TypeAlias

    from autograd_lite.node import Array, Node, Vjp
    from autograd_lite.recording import Watcher
    from autograd_lite.tensor import Tensor

    Rule: TypeAlias = Callable[[Callable[[Array], Array], Node], Callable[[Array], Array]]


def backward(
    output: Tensor, gradient: Any = None, *, retain_graph: bool = False, create_graph: bool = False
) -> None:
    """Add the gradient of `output` to the leaves that it depends on; see `Tensor.backward`."""
    check_tensors("backward", "outputs", [output])
    create_graph = flag("backward", "create_graph", create_graph)
    retain_graph = flag("backward", "retain_graph", retain_graph) or create_graph
    with enable_grad() if create_graph else nullcontext():  # from the seed to the last sum
        _deliver(output, gradient, retain_graph=retain_graph, create_graph=create_graph)


def _deliver(output: Tensor, gradient: Any, *, retain_graph: bool, create_graph: bool) -> None:
    """Pass the gradient of `output` down, and add what arrives to the `grad` of each leaf."""
    grads: dict[Any, Array] = {}
    grads[output.node] = seed(output, gradient, "backward", create_graph=create_graph)
    order, _ = newest_first(grads, "backward")
    kept: list[tuple[Tensor, Tensor]] = []
    rule = lift if create_graph else None
    _run(order, grads, rule=rule, retain_graph=retain_graph, kept=kept)
    hooked = [leaf for leaf in grads if leaf.hooks is not None]  # what is left belongs to leaves
    for leaf in hooked:  # before any delivery, for a hook may raise
        grads[leaf] = through_hooks(leaf, grads[leaf])
    if mode.get().watcher is not None:
        _watch_complete(grads)
    delivered = [(tensor, leaf) for leaf in grads if (tensor := leaf.tensor()) is not None]
    for tensor, _ in (*kept, *delivered) if kept else delivered:
        if tensor.grad is not None:
            check_grad(tensor, tensor.grad)  # before any delivery, as above
    for result, g in kept:
        accumulate(result, g)
    for tensor, leaf in delivered:
        g = grads.pop(leaf)  # so that nobody else refers to it
        if tensor.node is leaf:
            if type(g) is Rows:
                gradient = wrap_rows(g)
            else:
                gradient = wrap(g._data, g.node) if create_graph else wrap(own(g))
            accumulate(tensor, gradient)


def grad(
    outputs: Tensor | Sequence[Tensor],
    inputs: Tensor | Sequence[Tensor],
    grad_outputs: Any = None,
    *,
    retain_graph: bool = False,
    create_graph: bool = False,
    allow_unused: bool = False,
) -> tuple[Tensor, ...]:
    """The gradients of `outputs`, added up, for each of `inputs`; no `grad` is touched.

    Args:
        outputs: a tensor or a sequence of them.
        inputs: a tensor or a sequence of them: leaves, or results on the way.
        grad_outputs: the gradient of what comes after: for one output a tensor or array of its
            shape, for several a sequence of such; None stands for 1 at an output of one element.
        retain_graph: keep the graph for another pass, instead of freeing it.
        create_graph: record the pass itself, so that the gradients can be differentiated again;
            implies `retain_graph`.
        allow_unused: give zeros for an input that no output depends on, instead of an error.

    Returns:
        A tensor for each input, of its shape and dtype.

    Raises:
        RuntimeError: when an output has no graph or a consumed one, or none depends on an input.
        ValueError: when one of `grad_outputs` is missing or of another shape.
        TypeError: when a switch is not True or False.

    Example:
        >>> import autograd_lite as ag
        >>> x = ag.tensor(2.0, requires_grad=True)
        >>> (first,) = ag.grad(x**3, x, create_graph=True)
        >>> (second,) = ag.grad(first, x)
        >>> first.item(), second.item()
        (12.0, 12.0)
    """
    inputs = as_list(inputs)
    check_tensors("grad", "inputs", inputs)
    create_graph = flag("grad", "create_graph", create_graph)
    retain_graph = flag("grad", "retain_graph", retain_graph) or create_graph
    allow_unused = flag("grad", "allow_unused", allow_unused)
    how = {"retain_graph": retain_graph, "allow_unused": allow_unused}
    with enable_grad() if create_graph else nullcontext():  # from the seeds to the hooks of leaves
        grads = seeds(outputs, grad_outputs, create_graph=create_graph, allow_unused=allow_unused)
        return tuple(through(grads, inputs, lift if create_graph else None, **how))


def through(
    grads: dict[Any, Array],
    inputs: Sequence[Tensor],
    rule: Rule | None = None,
    *,
    retain_graph: bool,
    allow_unused: bool = True,
) -> list[Tensor]:
    """Pass gradients of outputs down to `inputs`, and return theirs.

    Nothing that is older than all inputs can depend on one, and none of it is looked at or
    consumed: an inner gradient costs what lies between, however long the graph behind it is.

    Args:
        grads: the gradients of the outputs, by node; arrays, or tensors where the pass is recorded.
        inputs: the tensors whose gradients are wanted.
        rule: what makes of a node's closure one that is recorded; None to record nothing.
        retain_graph: keep the graph for another pass, instead of freeing it.
        allow_unused: give zeros for an input that no output depends on, instead of an error.

    Raises:
        RuntimeError: when the graph is consumed, or no output depends on an input.
    """
    targets: set[Any] = {x.node for x in inputs} - {None}
    oldest = min((node.age for node in targets), default=math.inf)
    order, seen = newest_first(grads, "grad", oldest)
    if not allow_unused:
        _check_used(inputs, seen)
    wanted = set(targets)
    for node in reversed(order):  # only what leads to a wanted input is worth computing
        if not wanted.isdisjoint(node.inputs):
            wanted.add(node)
    for node in grads.keys() - wanted:  # of an output: a part alone, which no hook should see
        del grads[node]
    _run(order, grads, targets, wanted, rule=rule, retain_graph=retain_graph)
    results: dict[Any, Tensor] = {}
    return [_result(x, grads, results, create_graph=rule is not None) for x in inputs]


def within(
    grads: dict[Any, Array], since: int, rule: Rule | None = None, *, retain_graph: bool
) -> None:
    """Pass gradients through the nodes younger than `since`, and leave those of what is behind."""
    order, _ = newest_first(grads, "checkpoint", since)
    _run(order, grads, rule=rule, retain_graph=retain_graph)


def _result(
    x: Tensor, grads: dict[Any, Array], results: dict[Any, Tensor], *, create_graph: bool
) -> Tensor:
    """The gradient of `x`, taken out of `grads`, or copied from the one that `x` got before."""
    if x.node in results:
        before = results[x.node]
        return wrap(before._data, before.node) if create_graph else wrap(before._data.copy())
    g = grads.pop(x.node, None)
    if g is None:
        return wrap(np.zeros(x.shape, x.dtype))
    if x.node is not None and x.is_leaf:  # the hooks of other nodes have seen it
        g = through_hooks(x.node, g)
        _watch_complete({x.node: g})
    if type(g) is Rows:
        result = wrap_rows(g)
    else:
        result = wrap(g._data, g.node) if create_graph else wrap(own(g))
    results[x.node] = result
    return result


def _run(  # noqa: C901, PLR0912  # the loop over all edges: a call for each would cost a third
    order: Iterable[Node],
    grads: dict[Any, Array],
    targets: Container[Node] = (),
    wanted: Container[Node] | None = None,
    *,
    rule: Rule | None,
    retain_graph: bool,
    kept: list[tuple[Tensor, Tensor]] | None = None,
) -> None:
    """Pass the gradients in `grads` down to the leaves, and leave theirs and those of `targets`.

    What tensors want to keep of gradients that are passed on is added to `kept`. A `rule` records
    the pass itself: it makes of each closure one that takes tensors.
    """
    summed: set[Node] = set()  # nodes whose gradient is a sum made here, which may grow in place
    with nullcontext() if rule is None else enable_grad():
        watcher = mode.get().watcher
        for node in order:
            g = grads.pop(node, None)
            if g is not None:
                if node.hooks is not None:
                    g = through_hooks(node, g)
                    if kept is not None and node.hooks.keeper is not None:
                        kept += keep_gradient(node.hooks.keeper(), g)
                if node in targets:
                    grads[node] = g
                first, vjps = node.first, node.vjps or ()
                if rule is not None or watcher is not None:
                    first, *vjps = _closures(node, g, watcher, rule)
                if first is not None:
                    g = first(g)
                for parent, vjp in zip(node.inputs, vjps):  # noqa: B905  # inputs may end in static arguments
                    if vjp is None or parent is None:
                        continue
                    if wanted is not None and parent not in wanted:
                        continue
                    p = vjp(g)
                    try:
                        if p.shape != parent.shape:
                            p = _fitted(p, parent, node, watcher)
                        if p.dtype is not parent.dtype and p.dtype != parent.dtype:
                            p = _converted(p, parent.dtype)
                    except (AttributeError, TypeError, ValueError) as error:
                        raise wrong_gradient(error, p, node, parent) from error
                    before = grads.get(parent)
                    if before is None:
                        grads[parent] = p
                    elif parent in summed:
                        before += p
                    else:
                        grads[parent] = total = before + p
                        if type(total) is np.ndarray or getattr(total, "_runs", None):
                            summed.add(parent)
            if not retain_graph:
                node.inputs, node.vjps, node.first = (), None, None


def _fitted(p: Array, parent: Node, node: Node, watcher: Watcher | None) -> Array:
    """A gradient in the shape of `parent`: broadcasting is undone here and nowhere else.

    Rows stay rows on the way to a leaf without hooks: nobody else knows them.
    """
    if type(p) is Rows:
        return p if type(parent) is Leaf and parent.hooks is None else np.asarray(p)
    shape = parent.shape
    if watcher is None or hasattr(p, "node"):  # under create_graph it is watched as an op
        return sum_to(p, shape)
    return watcher.backward("sum_to", partial(sum_to, shape=shape), p, node)


def _converted(p: Array, dtype: np.dtype[Any]) -> Array:
    """A gradient in the dtype of the value, which a promotion widened."""
    if p.dtype.kind != "f":
        message = f"a gradient of dtype {p.dtype}"
        raise TypeError(message)
    return astype(p, dtype)


def _closures(node: Node, g: Array, watcher: Watcher | None, rule: Rule | None) -> list[Vjp]:
    """`first` and the vjps of a node, as `rule` makes them if there is one, and watched."""
    closures: list[Vjp] = [node.first, *(node.vjps or ())]
    if rule is not None:
        closures = [vjp and rule(vjp, node) for vjp in closures]
    if watcher is not None:
        watcher.complete(node, g)
        name = node.name
        closures = [vjp and partial(watcher.backward, name, vjp, node=node) for vjp in closures]
    return closures


def _watch_complete(grads: dict[Any, Array]) -> None:
    """Show who watches the gradients that leaves are about to get."""
    watcher = mode.get().watcher
    if watcher is not None:
        for leaf, g in grads.items():
            watcher.complete(leaf, g)


def _check_used(inputs: Sequence[Tensor], seen: Container[Node | None]) -> None:
    for i, x in enumerate(inputs):
        if x.node is None or x.node not in seen:
            why = "requires no gradient" if x.node is None else "is not what any output depends on"
            message = (
                f"grad: inputs[{i}], {tuple(x.shape)} {x.dtype}, {why}; give the very tensor that"
                " the outputs were computed from, or allow_unused=True for zeros"
            )
            raise RuntimeError(message)
