"""A machine that does to tensors what users do, next to an engine that is naive on purpose.

After each step all values and all gradients are those of `tests/naive_engine.py`, where an array is
copied wherever it is touched, and a graph is what was called. So whatever the real engine does to
be quick, by sharing memory, adding in place, walking in an order and freeing on the way, is held to
what it should be, in the company of everything else that it does. A wrong order, a lost write, one
that a graph or a detached tensor sees, gradients that overwrite each other, hooks in another order
or after the gradient is retained, a graph that is not consumed: each of these, put into the engine
on purpose, was found within twelve examples by each of three seeds. A gradient that keeps too wide
a dtype took up to 74; a recorded pass whose start is not recorded under `no_grad` was missed in a
hundred by one seed, and a retained gradient that does not follow a tensor whose items are assigned
by all. Who may see a write is what `test_engine_mutation_machine.py` is sharper at.
"""

from __future__ import annotations

from functools import partial
from operator import mul
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import invariant, rule

import autograd_lite as ag
from tests import naive_engine as naive
from tests.engine_ops import UNARY
from tests.engine_twins import MOST, Twin
from tests.engine_writes import Writes
from tests.naive_engine import Value
from tests.naive_ops import ADD, MUL, SAME

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

HIGHEST = 1  # order of the graphs that a recorded pass may go through
HOOKS: dict[str, tuple[Callable[[Any], Any], Callable[[Value], Any]]] = {
    "look": (lambda _: None, lambda _: None),
    "triple": (lambda g: g * 3.0, lambda g: naive.apply(MUL, g, Value(np.array(3.0)))),
    "sin": (ag.sin, lambda g: naive.apply(UNARY["sin"][1], g)),
    "another": (lambda g: np.full(g.shape, 2), lambda g: Value(np.full(g.array.shape, 2.0))),
}  # fmt: skip
WATCHES = [*HOOKS, *HOOKS, "retain", "retain", "remove"]


def order_of(value: Value) -> int:
    """The highest order of derivatives that a graph holds."""
    return max((node.op.order for node in naive.places([value]) if node.op), default=0)


def consumed(outputs: list[Value], wanted: list[naive.Node] | None = None) -> bool:
    """Whether a pass needs a graph that one before it has used up."""
    return any(node.consumed for node in naive.places(outputs, wanted))


def start(value: Value, seed: int) -> NDArray[Any]:
    """A gradient to start with, whose entries differ."""
    return (np.arange(value.array.size) + seed).astype(value.array.dtype).reshape(value.array.shape)


class Engines(Writes):
    """Hooks and passes, in both engines."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: list[tuple[list[Any], list[Any]]] = []  # by hooks
        self.removals: list[tuple[Callable[[], None], list[Any], Any]] = []

    pick = Writes.pick

    def recorded(self, i: int) -> Twin:
        """A tensor with a graph, most often, counted from the last one."""
        with_graph = [x for x in self.twins if x.value.node and i < MOST - 1]
        return (with_graph or self.twins)[-1 - i % len(with_graph or self.twins)]

    # ---- hooks

    @rule(i=pick, whats=st.lists(st.sampled_from(WATCHES), min_size=1, max_size=3))
    def watch(self, i: int, whats: list[str]) -> None:
        """Register hooks, which note what they see; or remove one; or have a gradient kept."""
        x = self.recorded(i)
        for what in whats:
            if what == "remove":
                self.remove(i)
            elif x.value.node is None:
                with pytest.raises(RuntimeError, match="requires no gradient"):
                    x.tensor.register_hook(ag.sin)
            elif what == "retain":
                x.tensor.retain_grad()
                x.keeps = not x.is_leaf
            else:
                self.register(x, x.value.node.hooks, what)

    def register(self, x: Twin, hooks: list[Any], what: str) -> None:
        """A hook in both engines."""
        ours: list[Any] = []
        theirs: list[Any] = []
        replace, naive_replace = HOOKS[what]

        def hook(g: ag.Tensor) -> Any:
            ours.append(g._data.copy())
            self.keep(g)
            return replace(g)

        def naive_hook(g: Value) -> Any:
            theirs.append(g.array)
            return naive_replace(g)

        self.removals.append((x.tensor.register_hook(hook), hooks, naive_hook))
        hooks.append(naive_hook)
        self.seen.append((ours, theirs))

    def remove(self, i: int) -> None:
        """One that is there, twice, which is as good as once."""
        if self.removals:
            remove, hooks, naive_hook = self.removals.pop(i % len(self.removals))
            remove()
            remove()
            hooks.remove(naive_hook)

    # ---- passes

    @rule(
        i=pick,
        seed=st.integers(-2, 2),
        retain=st.sampled_from([True, True, False]),
        create=st.booleans(),
        quiet=st.sampled_from([False, False, False, True]),
    )
    def backward(self, i: int, seed: int, retain: bool, create: bool, quiet: bool) -> None:
        """From a result, or from a leaf, which is its own gradient's way."""
        self.backward_from(self.recorded(i), seed, retain=retain, create=create, quiet=quiet)

    def backward_from(self, x: Twin, seed: int, *, retain: bool, create: bool, quiet: bool) -> None:
        """To all leaves, and to results that keep theirs."""
        create &= order_of(x.value) <= HIGHEST
        array = start(x.value, seed)

        def ours() -> None:
            with ag.no_grad() if quiet else ag.enable_grad():
                x.tensor.backward(array, retain_graph=retain, create_graph=create)

        if x.value.node is None:
            with pytest.raises(RuntimeError, match="no graph"):
                ours()
            return
        if consumed([x.value]):
            with pytest.raises(RuntimeError, match="consumed"):
                ours()
            return
        seeds = [(x.value, Value(array.copy()))]
        found = naive.gradients(seeds, retain=retain or create, records=create)
        ours()
        self.hand_over(array)
        for twin in self.twins:
            if (twin.is_leaf or twin.keeps) and twin.value.node in found:
                before, g = twin.grad, found[twin.value.node]
                both = create or not quiet
                twin.grad = g if before is None else naive.apply(ADD, before, g, records=both)

    @rule(
        outputs=st.lists(pick, min_size=1, max_size=2),
        inputs=st.lists(pick, min_size=1, max_size=2),
        seed=st.integers(-2, 2) | pick.map(str),
        retain=st.sampled_from([True, True, False]),
        create=st.booleans(),
        allow_unused=st.sampled_from([True, True, False]),
        quiet=st.sampled_from([False, False, False, True]),
    )
    def grad(self, outputs: list[int], inputs: list[int], seed: Any, **how: bool) -> None:
        """Of some tensors for others, by arrays or a tensor to start with; no `grad` changes."""
        xs, ys = [self.recorded(-i) for i in inputs], [self.recorded(i) for i in outputs]
        how["create"] &= all(order_of(y.value) <= HIGHEST for y in ys)
        starts: list[Any] = [start(y.value, 1 if isinstance(seed, str) else seed) for y in ys]
        values = [Value(array.copy()) for array in starts]
        for array in starts:
            self.hand_over(array)
        tensor = self.at(int(seed)) if isinstance(seed, str) else None
        if tensor is not None and tensor.value.array.shape == ys[0].value.array.shape:
            how["create"] &= order_of(tensor.value) <= HIGHEST
            starts[0], values[0] = tensor.tensor, tensor.value
        self.pass_to(xs, ys, starts, values, **how)

    def pass_to(
        self,
        xs: list[Twin],
        ys: list[Twin],
        starts: list[Any],
        values: list[Value],
        *,
        retain: bool,
        create: bool,
        allow_unused: bool,
        quiet: bool,
    ) -> None:
        """What `grad` gives, in both engines; recorded gradients join the tensors."""

        def ours() -> tuple[ag.Tensor, ...]:
            with ag.no_grad() if quiet else ag.enable_grad():
                return ag.grad(
                    [y.tensor for y in ys],
                    [x.tensor for x in xs],
                    starts,
                    retain_graph=retain,
                    create_graph=create,
                    allow_unused=allow_unused,
                )

        outputs, wanted = [y.value for y in ys], [x.value.node for x in xs if x.value.node]
        if not allow_unused and any(y.node is None for y in outputs):
            fault = "no graph"
        elif consumed(outputs, wanted):
            fault = "consumed"
        elif not allow_unused and any(
            x.value.node not in naive.places(outputs, wanted) for x in xs
        ):
            fault = "inputs"
        else:
            fault = ""
        if fault:
            with pytest.raises(RuntimeError, match=fault):
                ours()
            return
        seeds = [
            (y, naive.apply(SAME, value, dtype=y.array.dtype, records=create))
            for y, value in zip(outputs, values, strict=True)
        ]
        found = naive.gradients(seeds, wanted, retain=retain or create, records=create)
        for x, g in zip(xs, ours(), strict=True):
            expected = (found.get(x.value.node) if x.value.node else None) or Value(
                np.zeros_like(x.value.array)
            )
            self.compare(g, expected)
            if create:
                self.call(partial(mul, 0.5, g), UNARY["half"][1], expected, records=True)
            else:
                self.keep(g)

    # ---- what must hold

    @invariant()
    def hooks_saw_the_same(self) -> None:
        """As often, and in the same order."""
        for ours, theirs in self.seen:
            assert len(ours) == len(theirs)
            for got, expected in zip(ours, theirs, strict=True):
                self.same(got, expected)

    def teardown(self) -> None:
        """All graphs give what they should, whatever happened since."""
        for y in [y for y in self.twins if y.value.node]:
            self.backward_from(y, 1, retain=True, create=False, quiet=False)
            self.engines_agree()
        self.hooks_saw_the_same()


Engines.TestCase.settings = settings(settings.default, stateful_step_count=60)
TestEngines = Engines.TestCase
