"""Recompute instead of store: a function that leaves one node in the graph, and is run again."""

from __future__ import annotations

from contextlib import contextmanager
from itertools import accumulate
from typing import TYPE_CHECKING, Any

import numpy as np

from autograd_lite.engine import within
from autograd_lite.errors import describe
from autograd_lite.func.batch import Batch, for_batch
from autograd_lite.func.checks import check_function, named_after
from autograd_lite.func.trace import exchanged, same
from autograd_lite.func.tree import flatten
from autograd_lite.graph import op, wrap
from autograd_lite.lift import freeze, lift
from autograd_lite.memory import private, settled
from autograd_lite.node import Leaf, Shared, tick
from autograd_lite.ops import astype
from autograd_lite.order import behind
from autograd_lite.recording import enable_grad, mode
from autograd_lite.replay import Run
from autograd_lite.tensor import Tensor

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from numpy.typing import NDArray

    from autograd_lite.node import Array, Node

_ROUNDINGS = 1000  # by how many, of the largest value, a second run may differ: see `_difference`
_WAY_OUT = (
    "a checkpointed function must do the same each time: it may use its arguments, tensors and"
    " random numbers of ag.get_generator(), but nothing that is changed before backward() (train()"
    " and eval(), arrays that are written to)"
)


def checkpoint(f: Callable[..., Any]) -> Callable[..., Any]:
    """The same function, of which a graph keeps inputs and results only: `f` runs again backward.

    What lies between is computed a second time when the gradient comes, so memory is paid for with
    about one more forward pass. n equal steps in segments of sqrt(n) steps, each checkpointed, need
    the memory of about 2 sqrt(n).

    The gradient is the same: random numbers are drawn again from where the library's generator (or
    a layer's own) was, parameters have the values of the first time, and buffers such as the
    running averages of a batch norm change once. Where the second run gives something else, that
    is an error. `f` may use tensors besides its arguments, the parameters of a module for example;
    it may itself call checkpointed functions. Without recording it is simply called. With
    `create_graph` it is recorded whole in the backward pass, which then saves nothing.

    Args:
        f: a function of tensors and anything else, in trees; it returns tensors in a tree.

    Returns:
        A function of the same arguments: call `checkpoint(f)(x)`, or decorate `f`.

    Raises:
        TypeError: when `f` cannot be called.
        RuntimeError: in the backward pass, when `f` gives something else the second time.

    Source:
        Griewank and Walther, "Algorithm 799: revolve", 2000; Chen et al., "Training deep nets with
        sublinear memory cost", 2016.

    Example:
        >>> import autograd_lite as ag
        >>> x = ag.tensor([1.0, 2.0], requires_grad=True)
        >>> y = ag.func.checkpoint(lambda x: (x * x).sum())(x)
        >>> y.backward()
        >>> x.grad
        Tensor([2., 4.])
    """
    check_function("checkpoint", f)

    def call(*args: Any, **kwargs: Any) -> Any:
        if not mode.get().records:
            return f(*args, **kwargs)
        return _Segment(f, args, kwargs).first()

    return named_after(f, call)


@op
def _checkpoint(*arrays: Array, segment: _Segment) -> tuple[Any, ...]:
    """The results of a segment, as one array."""
    count = len(arrays)
    return (
        segment.out,
        Shared(lambda g: segment.again(g, arrays)),
        *(lambda gradients, i=i: gradients.of[i] for i in range(count)),
    )


class _Gradients:
    """The gradients for all that a segment rests on, in the place of one array."""

    __slots__ = ("of",)

    def __init__(self, of: list[Array]) -> None:
        self.of = of


class _Segment:
    """A call of a checkpointed function, and what it takes to repeat it.

    It refers to nodes older than its own only, as a node does.

    Attributes:
        out: the results that have a gradient, as one array.
    """

    out: NDArray[Any]

    def __init__(self, f: Callable[..., Any], args: Sequence[Any], kwargs: dict[str, Any]) -> None:
        self._f = f
        self._given = [*args, *kwargs.values()]
        self._names = list(kwargs)
        self._run = Run()
        self._results: list[NDArray[Any]] = []
        self._behind: list[Node] = []  # what it rests on, oldest first
        self._values: dict[Leaf, NDArray[Any]] = {}  # those of leaves, as they were

    def first(self) -> Any:
        """The result of the call, its gradients those of one op."""
        since = tick()
        trees = [flatten(tree) for tree in self._given]
        kept = [[_kept(leaf) for leaf in leaves] for leaves, _ in trees]
        for i, (leaves, build) in enumerate(trees):
            if any(isinstance(leaf, Tensor) for leaf in leaves):  # else it is passed as it is
                mixed = zip(leaves, kept[i], strict=True)
                self._given[i] = build([k if isinstance(x, Tensor) else x for x, k in mixed])
        with self._run:
            leaves, build = flatten(self._call())
        self._given = [build_tree(k) for (_, build_tree), k in zip(trees, kept, strict=True)]
        places = [i for i, x in enumerate(leaves) if isinstance(x, Tensor) and x.node is not None]
        if not places:
            return build(leaves)
        reached = behind([leaves[i].node for i in places], "checkpoint", since)
        self._results = [_apart(leaves[i]) for i in places]
        for i in places:
            leaves[i] = None  # and with it the graph
        self._behind = _outlasting(reached, since)
        for i, result in zip(places, self._recorded(), strict=True):
            leaves[i] = result
        return build(leaves)

    def _recorded(self) -> list[Tensor]:
        """The results as those of one op."""
        if not self._behind:
            return [wrap(array) for array in self._results]
        arrays = {}
        for leaf in flatten(self._given)[0]:
            if isinstance(leaf, Tensor) and leaf.node is not None:
                arrays[leaf.node] = leaf._data
        for node in self._behind:
            tensor = node.tensor() if isinstance(node, Leaf) else None
            if node not in arrays and tensor is not None:
                arrays[node] = private(tensor)
            if isinstance(node, Leaf) and node in arrays:
                self._values[node] = arrays[node]
        # Of other results that f uses, the values are not known here, and nobody asks for them.
        inputs = [wrap(arrays[n] if n in arrays else _blank(n), n) for n in self._behind]
        if len(self._results) == 1:
            (self.out,) = self._results
            return [_checkpoint(*inputs, segment=self)]
        self.out = np.concatenate([array.reshape(-1) for array in self._results])
        out = _checkpoint(*inputs, segment=self)
        return self._formed(_cut(out, [array.size for array in self._results]))

    def again(self, g: Array, arrays: Sequence[Array]) -> _Gradients:
        """The gradients for all that the segment rests on, given that of `out`.

        Where the pass is recorded, `arrays` are tensors in their places in the graph.
        """
        live = any(getattr(array, "node", None) is not None for array in arrays)
        since = tick()
        with enable_grad(), self._as_before(), Run(self._run):
            leaves, _ = flatten(self._call())
        roots = [x for x in leaves if isinstance(x, Tensor) and x.node is not None]
        self._check(roots)
        grads: dict[Any, Array] = {}
        for root, part in zip(roots, self._parts(g), strict=True):
            grads[root.node] = grads[root.node] + part if root.node in grads else part
        if _outlasting(behind(grads, "checkpoint", since), since) != self._behind:
            self._refuse("rests on other tensors that require gradients")
        del leaves, roots, root, part  # so that the graph is freed while it is consumed
        rule = lift if live else for_batch if isinstance(g, Batch) else freeze
        within(grads, since, rule if hasattr(g, "node") else None, retain_graph=live)
        return _Gradients([grads.pop(node) for node in self._behind])

    def _call(self) -> Any:
        """What the function returns for the arguments, which enter its graph as its own values."""
        given = [_entered(tree) for tree in self._given]
        count = len(given) - len(self._names)
        return self._f(*given[:count], **dict(zip(self._names, given[count:], strict=True)))

    @contextmanager
    def _as_before(self) -> Iterator[None]:
        """Leaves with the values that they had, also after an optimizer's step.

        The hooks that the function adds to them are there since the first run.
        """
        changed = [
            (tensor, array, leaf)
            for leaf, array in self._values.items()
            if (tensor := leaf.tensor()) is not None
            and (tensor.node is not leaf or tensor._data is not array)
        ]
        hooks = [(node, node.hooks, dict(node.hooks or {})) for node in self._behind]
        try:
            with exchanged(changed):
                yield
        finally:
            for node, held, functions in hooks:
                node.hooks = held
                if held is not None:
                    held.clear()
                    held.update(functions)

    def _parts(self, g: Array) -> list[Array]:
        """The gradients of the results."""
        if len(self._results) == 1:
            return [g]
        ends = list(accumulate(array.size for array in self._results))
        return self._formed([g[a:b] for a, b in zip([0, *ends], ends, strict=False)])

    def _formed(self, parts: Sequence[Array]) -> list[Any]:
        """Flat parts in the shapes and dtypes of the results."""
        return [
            astype(part.reshape(array.shape), array.dtype)
            for part, array in zip(parts, self._results, strict=True)
        ]

    def _check(self, roots: Sequence[Tensor]) -> None:
        """Refuse results that are not those of the first run."""
        if len(roots) != len(self._results):
            self._refuse(f"returned {len(roots)} results with a gradient, not {len(self._results)}")
        for i, (root, array) in enumerate(zip(roots, self._results, strict=True)):
            wrong = _difference(root._data, array)
            if wrong:
                self._refuse(f"returned {wrong} as its result {i}")

    def _refuse(self, what: str) -> None:
        name = getattr(self._f, "__qualname__", type(self._f).__name__)
        message = f"checkpoint: {name}, run again for its gradient, {what}; {_WAY_OUT}"
        raise RuntimeError(message)


def _kept(leaf: Any) -> Any:
    """A leaf of the arguments as it is now, whatever happens to it."""
    return wrap(private(leaf), leaf.node) if isinstance(leaf, Tensor) else settled(leaf)


def _entered(tree: Any) -> Any:
    """An argument as the function gets it: the very object, if there is no tensor in it."""
    leaves, build = flatten(tree)
    tensors = {i: x for i, x in enumerate(leaves) if isinstance(x, Tensor)}
    if not tensors:
        return tree
    for i, x in tensors.items():
        leaves[i] = wrap(x._data) if x.node is None else same(x)
    return build(leaves)


def _outlasting(reached: set[Node], since: int) -> list[Node]:
    """Without the leaves that the function made and forgot; oldest first."""
    lasting = {
        n for n in reached if n.age < since or (isinstance(n, Leaf) and n.tensor() is not None)
    }
    return sorted(lasting, key=lambda node: node.age)


def _apart(result: Tensor) -> NDArray[Any]:
    """The values of a result, which keep no larger array alive."""
    array = private(result)
    return array if array.base is None else array.copy(order="K")


def _blank(node: Node) -> NDArray[Any]:
    """An array of a node's shape and dtype that takes no memory."""
    return np.broadcast_to(np.zeros((), node.dtype), node.shape)


def _cut(flat: Tensor, sizes: Sequence[int]) -> list[Tensor]:
    """`flat` in parts of some sizes, halved again and again.

    The gradient of a part is an array as long as what it was cut from: one by one, n parts would
    take n times the length of all.
    """
    if len(sizes) == 1:
        return [flat]
    half = len(sizes) // 2
    place = sum(sizes[:half])
    return [*_cut(flat[:place], sizes[:half]), *_cut(flat[place:], sizes[half:])]


def _difference(new: NDArray[Any], old: NDArray[Any]) -> str:
    """In what two arrays differ by more than rounding, or nothing.

    The second run takes the same steps, so it is the same to the bit. But for those that compiled
    kernels took over in between, which add in another order.
    """
    if new.shape != old.shape or new.dtype != old.dtype:
        return f"{describe(new)}, not {describe(old)},"
    if np.array_equal(new, old, equal_nan=True):
        return ""
    size = np.max(np.abs(old), initial=0, where=np.isfinite(old))
    bound = _ROUNDINGS * float(np.finfo(old.dtype).eps) * float(size)
    if np.allclose(new, old, rtol=0, atol=bound, equal_nan=True):
        return ""
    with np.errstate(all="ignore"):
        most = np.nanmax(np.abs(new - old), initial=0)
    return f"values that differ by up to {most:.3g}"
