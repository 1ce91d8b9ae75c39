"""A function run once on inputs of its own: what every transform starts with."""

from __future__ import annotations

from contextlib import contextmanager
from operator import attrgetter
from typing import TYPE_CHECKING, Any, NamedTuple

from autograd_lite.dtypes import as_array
from autograd_lite.engine import through
from autograd_lite.errors import FAULTS, describe
from autograd_lite.func.tree import flatten
from autograd_lite.graph import op, wrap
from autograd_lite.lift import freeze, lift
from autograd_lite.memory import private
from autograd_lite.node import Leaf, tick
from autograd_lite.recording import enable_grad, mode
from autograd_lite.tensor import Tensor

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence

    from autograd_lite.node import Array, Node

_age = attrgetter("age")


@op
def same(x: Array, /) -> tuple[Any, ...]:
    """x itself, as a value of its own in the graph: hooks at it are its own too."""
    return x[...], lambda g: g


@contextmanager
def exchanged(those: Sequence[tuple[Tensor, Array, Node | None]]) -> Iterator[None]:
    """Tensors with other arrays and places in the graph, which have their own again behind."""
    before = [(tensor, tensor._data, tensor._alias, tensor.node) for tensor, _, _ in those]
    try:
        for tensor, array, node in those:
            tensor._data, tensor._alias, tensor.node = array, None, node
        yield
    finally:
        for tensor, array, alias, node in before:
            tensor._data, tensor._alias, tensor.node = array, alias, node


class Trace(NamedTuple):
    """What a run of a function left.

    Attributes:
        name: the transform, for messages.
        since: the age at which the run began.
        inputs: the tensors that the function got for the leaves of its inputs.
        outputs: the tensors that it returned.
        output: the tree of them.
        aux: what it returned beside them.
        build: what makes a tree like `output` of other leaves.
        live: whether the caller records, and may differentiate by something behind this run.
    """

    name: str
    since: int
    inputs: list[Tensor]
    outputs: list[Tensor]
    output: Any
    aux: Any
    build: Callable[[Sequence[Any]], Any]
    live: bool

    def pull(
        self,
        outputs: Sequence[Tensor],
        inputs: Sequence[Tensor],
        gradients: Sequence[Tensor],
        *,
        retain_graph: bool = True,
    ) -> list[Tensor]:
        """The gradients of `outputs` for each of `inputs`, as tensors for the caller.

        They can be differentiated again where that leads out of this run.
        """
        live = mode.get().records and (self.live or any(g.node is not None for g in gradients))
        rule = (lift if self.live else freeze) if live else None
        results = through(
            starts(outputs, gradients, recorded=live),
            inputs,
            rule,
            retain_graph=retain_graph or live,
        )
        return settled(results, self.since, gradients) if live else results

    def settled(self, tree: Any) -> Any:
        """`tree`, its tensors without a graph that leads to this run's own inputs only."""
        leaves, build = flatten(tree)
        if self.live:
            return build(settled(leaves, self.since))
        return build([wrap(private(x)) if isinstance(x, Tensor) else x for x in leaves])


def run(
    name: str,
    f: Callable[..., Any],
    args: Sequence[Any],
    settings: Mapping[str, Any] | None = None,
    argnums: Iterable[int] | None = None,
    *,
    has_aux: bool = False,
) -> Trace:
    """Call `f` with the differentiated ones of its arguments as tensors of their own.

    So the gradient is that of these uses alone, whatever else the same tensor is used for. A tensor
    that is already in a graph stays behind its copy in it, so that transforms nest.

    Args:
        name: the transform, for messages.
        f: the function.
        args: its positional arguments.
        settings: its arguments by name, which are passed on.
        argnums: which of `args` are differentiated; None for all.
        has_aux: whether `f` returns a pair, of outputs and of what is passed on.

    Raises:
        TypeError: when an input is not of floats, or `f` returns something else than tensors.
    """
    chosen = range(len(args)) if argnums is None else list(argnums)
    leaves, build = flatten([args[i] for i in chosen])
    records, since = mode.get().records, tick()
    inputs = [_entered(name, leaf, records=records) for leaf in leaves]
    given = list(args)
    for i, tree in zip(chosen, build(inputs), strict=True):
        given[i] = tree
    with enable_grad():
        output = f(*given, **(settings or {}))
    aux = None
    if has_aux:
        if not isinstance(output, tuple) or len(output) != 2:  # a pair
            message = (
                f"{name}: the function returned {describe(output)}; with has_aux=True, expected a"
                " pair: the output, and what is passed on as it is"
            )
            raise TypeError(message)
        output, aux = output
    outputs, rebuild = flatten(output)
    for leaf in outputs:
        if not isinstance(leaf, Tensor):
            message = (
                f"{name}: the function returned {describe(leaf)}; expected tensors, for a plain"
                " value has lost its derivative (return ag.tensor(...) for a constant, and what is"
                " not to be differentiated by has_aux=True)"
            )
            raise TypeError(message)
    others = [x for x in flatten(aux)[0] if isinstance(x, Tensor)]
    live = records and not outer([*outputs, *others], since).isdisjoint(
        x.node for x in (*outputs, *others)
    )
    return Trace(name, since, inputs, outputs, output, aux, rebuild, live)


def _entered(name: str, leaf: Any, *, records: bool) -> Tensor:
    """A tensor of its own for a leaf of the inputs: a leaf of the graph, or a copy of its place."""
    try:
        dtype = leaf.dtype if isinstance(leaf, Tensor) else as_array(leaf).dtype
    except FAULTS as error:
        message = f"{name}: got {describe(leaf)} as an input; expected tensors, arrays and numbers"
        raise TypeError(message) from error
    if dtype.kind != "f":
        message = (
            f"{name}: got the input {describe(leaf)}, of dtype {dtype}, which has no derivative;"
            " expected floats (write 1.0 for 1; leave what is not differentiated to argnums, or to"
            " the function itself)"
        )
        raise TypeError(message)
    if records and isinstance(leaf, Tensor) and leaf.node is not None:
        return same(leaf)
    tensor = wrap(private(leaf)) if isinstance(leaf, Tensor) else Tensor(leaf)
    tensor.node = Leaf(tensor)
    return tensor


def outer(
    tensors: Iterable[Tensor], since: int, ends: Container[Node | None] = ()
) -> set[Node | None]:
    """The nodes behind `tensors` that depend on one older than `since`, or on one of `ends`."""
    stack: list[Any] = list({x.node for x in tensors} - {None})
    seen: set[Node | None] = {None, *stack}
    young: list[Node] = []
    found: set[Node | None] = set()
    while stack:
        node = stack.pop()
        if node.age < since or node in ends:
            found.add(node)
            continue
        young.append(node)
        for parent in node.inputs:
            if parent not in seen:
                seen.add(parent)
                stack.append(parent)
    young.sort(key=_age)
    for node in young:
        if not found.isdisjoint(node.inputs):
            found.add(node)
    return found


def settled(leaves: Sequence[Any], since: int, others: Iterable[Tensor] = ()) -> list[Any]:
    """`leaves`, of which tensors keep their graph if it leads out of a run, or to `others`."""
    tensors = [x for x in leaves if isinstance(x, Tensor)]
    found = outer(tensors, since, {x.node for x in others} - {None})
    return [
        wrap(private(x)) if isinstance(x, Tensor) and x.node not in found else x for x in leaves
    ]


def starts(
    outputs: Sequence[Tensor], gradients: Sequence[Tensor], *, recorded: bool
) -> dict[Any, Array]:
    """What a pass starts with: the gradients of outputs that have a graph, by node."""
    grads: dict[Any, Array] = {}
    for output, gradient in zip(outputs, gradients, strict=True):
        if output.node is not None:
            g = gradient if recorded else gradient._data
            grads[output.node] = grads[output.node] + g if output.node in grads else g
    return grads
