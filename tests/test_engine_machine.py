"""A machine that does to tensors what users do, next to an engine that is naive on purpose.

After each step all values and all gradients are those of `tests/naive_engine.py`, where an array is
copied wherever it is touched, and a graph is what was called. So whatever the real engine does to
be quick, by sharing memory, adding in place, walking in an order and freeing on the way, is held to
what it should be, in the company of everything else that it does. A wrong order, a lost write,
gradients that overwrite each other, hooks in another order, a graph that is not consumed: each of
these, put into the engine on purpose, is found within the fifty examples of a usual run. Who may
see a write is what `test_engine_mutation_machine.py` is sharper at.
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
from tests.engine_twins import MOST, UNARY, Twin, Twins
from tests.naive_engine import Value

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

HIGHEST = 1  # order of the graphs that a recorded pass may go through
HOOKS: dict[str, tuple[Callable[[Any], Any], Callable[[Value], Any]]] = {
    "look": (lambda _: None, lambda _: None),
    "triple": (lambda g: g * 3.0, lambda g: naive.apply(naive.MUL, g, Value(np.array(3.0)))),
    "sin": (ag.sin, lambda g: naive.apply(UNARY["sin"][1], g)),
    "another": (lambda g: np.full(g.shape, 2), lambda g: Value(np.full(g.array.shape, 2.0))),
}  # fmt: skip


def order_of(value: Value) -> int:
    """The highest order of derivatives that a graph holds."""
    places = naive.reached([value])
    return max((node.op.order for node in places if node.op), default=0)


def start(value: Value, seed: int) -> NDArray[Any]:
    """A gradient to start with, whose entries differ."""
    return (np.arange(value.array.size) + seed).astype(value.array.dtype).reshape(value.array.shape)


class Engines(Twins):
    """Hooks and passes, in both engines."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: list[tuple[list[Any], list[Any]]] = []  # by hooks
        self.removals: list[tuple[Callable[[], None], list[Any], Any]] = []

    pick = Twins.pick

    def recorded(self, i: int) -> Twin:
        """A tensor with a graph, most often, counted from the last one."""
        with_graph = [x for x in self.twins if x.value.node and i < MOST - 1]
        return (with_graph or self.twins)[-1 - i % len(with_graph or self.twins)]

    # ---- hooks

    @rule(i=pick, what=st.sampled_from([*HOOKS, *HOOKS, "retain", "retain", "remove"]))
    def watch(self, i: int, what: str) -> None:
        """Register a hook, which notes what it sees; or remove one; or have a gradient kept."""
        x = self.recorded(i)
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
            ours.append(g.detach().numpy())
            self.given.append(g)
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

    @rule(i=pick, number=st.none() | st.integers(-2, 2))
    def touch_grad(self, i: int, number: int | None) -> None:
        """Forget a gradient, or write into it, which nothing else is concerned with."""
        x = self.at(i)
        if number is None or x.grad is None:
            x.tensor.grad = x.grad = None
        elif x.tensor.grad is not None and x.grad.node is None:
            x.tensor.grad.data[...] = number
            x.grad = Value(np.full_like(x.grad.array, number))

    # ---- passes

    @rule(
        i=pick,
        seed=st.integers(-2, 2),
        retain=st.booleans(),
        create=st.booleans(),
        quiet=st.sampled_from([False, False, False, True]),
    )
    def backward(self, i: int, seed: int, retain: bool, create: bool, quiet: bool) -> None:
        """To all leaves, and to results that keep theirs."""
        x = self.recorded(i)
        create &= order_of(x.value) <= HIGHEST
        array = start(x.value, seed)

        def ours() -> None:
            with ag.no_grad() if quiet else ag.enable_grad():
                x.tensor.backward(array, retain_graph=retain, create_graph=create)

        if x.value.node is None:
            with pytest.raises(RuntimeError, match="no graph"):
                ours()
            return
        seeds = [(x.value, Value(array.copy()))]
        try:
            found = naive.gradients(seeds, retain=retain or create, records=create)
        except naive.ConsumedError:
            with pytest.raises(RuntimeError, match="consumed"):
                ours()
            return
        ours()
        self.handed.append(array)
        for twin in self.twins:
            if (twin.is_leaf or twin.keeps) and twin.value.node in found:
                before, g = twin.grad, found[twin.value.node]
                both = create or not quiet
                twin.grad = g if before is None else naive.apply(naive.ADD, before, g, records=both)

    @rule(
        outputs=st.lists(pick, min_size=1, max_size=2),
        inputs=st.lists(pick, min_size=1, max_size=2),
        seed=st.integers(-2, 2) | pick.map(str),
        retain=st.booleans(),
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
        self.handed += starts
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

        wanted = [x.value.node for x in xs if x.value.node]
        seeds = [
            (y.value, naive.apply(naive.SAME, value, dtype=y.value.array.dtype, records=create))
            for y, value in zip(ys, values, strict=True)
        ]
        try:
            if not allow_unused and any(y.value.node is None for y in ys):
                raise LookupError  # noqa: TRY301  # what the naive engine need not know
            places = naive.places(seeds, wanted)
            if not allow_unused and any(x.value.node not in places for x in xs):
                raise LookupError  # noqa: TRY301  # as above
            found = naive.gradients(seeds, wanted, retain=retain or create, records=create)
        except (naive.ConsumedError, LookupError) as error:
            consumed = isinstance(error, naive.ConsumedError)
            with pytest.raises(RuntimeError, match="consumed" if consumed else "no graph|inputs"):
                ours()
            return
        for x, g in zip(xs, ours(), strict=True):
            expected = (found.get(x.value.node) if x.value.node else None) or Value(
                np.zeros_like(x.value.array)
            )
            self.compare(g, expected)
            if create:
                self.call(partial(mul, 0.5, g), UNARY["half"][1], expected, records=True)
            else:
                self.given.append(g)

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
        leaves = [x for x in self.twins if x.is_leaf and x.value.node]
        for y in [y for y in self.twins if y.value.node]:
            array = start(y.value, 1)
            how = {"retain": True, "create": False, "allow_unused": True, "quiet": False}
            self.pass_to(leaves, [y], [array], [Value(array.copy())], **how)
            self.engines_agree()


Engines.TestCase.settings = settings(settings.default, stateful_step_count=60)
TestEngines = Engines.TestCase
