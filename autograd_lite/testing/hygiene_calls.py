"""Calls of what is verified with nothing copied, so that what it does to its arguments is seen."""

from __future__ import annotations

import weakref
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from autograd_lite.engine import grad
from autograd_lite.graph import array_of
from autograd_lite.node import tick
from autograd_lite.recording import enable_grad
from autograd_lite.tensor import Tensor
from autograd_lite.testing.findings import signed, unlike
from autograd_lite.testing.hygiene_watch import Witness, arrays_in, watched
from autograd_lite.testing.subject import as_given, listed, pulled, subject_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from autograd_lite.node import Node

    Arrays = list[NDArray[Any]]


class Called(NamedTuple):
    """What a call left.

    Attributes:
        outputs: the floating outputs, as arrays that share memory with what was returned.
        others: the rest of them.
        gradients: those of the floating inputs, or None.
    """

    outputs: Arrays
    others: Arrays
    gradients: list[NDArray[Any] | None]


class PlainCalls:
    """A function of arrays and its vjp.

    Args:
        f: the function.
        vjp: its vjp.
        inputs: all inputs.
        floating: the positions of those that have gradients.
    """

    def __init__(
        self, f: Callable[..., Any], vjp: Any, inputs: Sequence[Any], floating: Sequence[int]
    ) -> None:
        self.f, self.vjp, self.inputs, self.floating = f, vjp, inputs, floating

    def arguments(self, arrays: Arrays) -> list[Any]:
        """All inputs, with `arrays` themselves in the place of the floating ones."""
        rest = iter(arrays)
        return [next(rest) if i in self.floating else x for i, x in enumerate(self.inputs)]

    def values(self, arrays: Arrays) -> tuple[Arrays, Arrays]:
        """The floating outputs and the others."""
        results = [array_of(v) for v in listed(self.f(*self.arguments(arrays)))]
        return _sorted(results)

    def call(self, arrays: Arrays, cotangents: Arrays) -> Called:
        """The outputs, and the gradients for some cotangents."""
        arguments = self.arguments(arrays)
        result = self.f(*arguments)
        results = [array_of(v) for v in listed(result)]
        gradients = pulled(self.vjp, arguments, result, cotangents, self.floating)
        return Called(*_sorted(results), gradients)

    def captured(self) -> Arrays:
        """The arrays beside the floating inputs that the functions are given, or hold."""
        others = [x for i, x in enumerate(self.inputs) if i not in self.floating]
        return list(arrays_in([others, self.f, self.vjp]))


class TensorCalls(PlainCalls):
    """A function of tensors, and the engine.

    Attributes:
        witness: sees what closures write to, in all passes.
    """

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self.witness = Witness()

    def values(self, arrays: Arrays) -> tuple[Arrays, Arrays]:
        """The floating outputs and the others."""
        return _sorted([v._data for v in self._run(arrays)[1]])

    def call(self, arrays: Arrays, cotangents: Arrays) -> Called:
        """The outputs, and the gradients and the gradients; None where the graph does not lead."""
        leaves, results = self._run(arrays)
        outputs = [v for v in results if v.dtype.kind == "f"]
        reached = nodes_behind(outputs)  # before the pass, which consumes the graph
        with watched(self.witness):
            gradients = grad(outputs, leaves, cotangents, allow_unused=True) if outputs else []
        pairs = zip(leaves, gradients, strict=bool(outputs))
        found = [g._data if x.node in reached else None for x, g in pairs]
        return Called(*_sorted([v._data for v in results]), found or [None] * len(leaves))

    def call_again(self, arrays: Arrays, cotangents: Arrays, random: np.random.Generator) -> None:
        """The pass back through a pass that is recorded, with random cotangents."""
        with watched(self.witness):
            leaves, _, gradients = self._recorded(arrays, cotangents)
            again = signed(random, [g._data for g in gradients])
            if gradients:
                grad(gradients, leaves, again, allow_unused=True)

    def leftovers(self, arrays: Arrays, cotangents: Arrays, order: int) -> int:
        """How much of the graph of a call, whose results are dropped, is still there."""
        since = tick()
        if order == 1:
            results = self._run(arrays)[1]
        else:
            leaves, results, gradients = self._recorded(arrays, cotangents)
            results += gradients
            del leaves, gradients
        young = [node for node in nodes_behind(results) if node.age > since]
        rules = [rule for node in young for rule in (node.first, *(node.vjps or ())) if rule]
        made = [v for v in results if v.node in young]
        parts: list[weakref.ref[Any]] = [weakref.ref(part) for part in (*rules, *made)]
        del results, young, rules, made
        return sum(part() is not None for part in parts)

    def _run(self, arrays: Arrays) -> tuple[list[Tensor], list[Tensor]]:
        leaves = [Tensor(a, requires_grad=True, copy=False) for a in arrays]
        with enable_grad():
            results = listed(self.f(*self.arguments(leaves)))  # type: ignore[arg-type]
        return leaves, [v if isinstance(v, Tensor) else Tensor(v) for v in results]

    def _recorded(
        self, arrays: Arrays, cotangents: Arrays
    ) -> tuple[list[Tensor], list[Tensor], list[Tensor]]:
        """Inputs and cotangents as leaves, the results, and gradients that depend on both."""
        leaves, results = self._run(arrays)
        seeds = [Tensor(c, requires_grad=True, copy=False) for c in cotangents]
        outputs = [v for v in results if v.dtype.kind == "f"]
        if not outputs:
            return leaves, results, []
        gradients = grad(outputs, leaves, seeds, create_graph=True, allow_unused=True)
        return [*leaves, *seeds], results, list(gradients)


def nodes_behind(outputs: Sequence[Tensor]) -> set[Node]:
    """All nodes that some tensors depend on."""
    stack = [v.node for v in outputs if v.node is not None]
    seen: set[Any] = set(stack)
    while stack:
        for node in stack.pop().inputs:
            if node is not None and node not in seen:
                seen.add(node)
                stack.append(node)
    return seen


def _sorted(results: Arrays) -> tuple[Arrays, Arrays]:
    floating = [v for v in results if v.dtype.kind == "f"]
    return floating, [v for v in results if v.dtype.kind != "f"]


class Session:
    """A function at its inputs, and a first call of it.

    Attributes:
        calls: how it is called.
        order: of the gradients to look at, 1 or more.
        arrays: the floating inputs, contiguous.
        cotangents: random ones, of the floating outputs.
        used: the arrays and cotangents that the first call got.
        first: what it left.
        changed: what that call changed of its arguments, in words.
    """

    def __init__(
        self,
        f: Callable[..., Any],
        inputs: Any,
        vjp: Callable[..., Any] | None,
        order: int,
        seed: int,
    ) -> None:
        subject = subject_of(f, inputs, vjp, caller="check_hygiene")
        self.order = order
        self.name, self.floating = subject.name, subject.floating
        self.inputs = listed(inputs)
        kind = TensorCalls if vjp is None else PlainCalls
        self.calls = kind(f, vjp, self.inputs, self.floating)
        given = [as_given(self.inputs[i]) for i in self.floating]
        self.random = np.random.default_rng(seed)
        outputs, others = self.calls.values(copies(given))
        if any(v.dtype.kind not in "iub" for v in others):
            message = (
                f"check_hygiene: {self.name} gives {subject.described()}; expected arrays of real"
                " numbers: of complex ones, return the real and the imaginary part"
            )
            raise TypeError(message)
        self.cotangents = signed(self.random, outputs)
        self.arrays = copies(given)
        self._call_watched()

    def _call_watched(self) -> None:
        captured = self.calls.captured()
        self.used = self.arrays, self.cotangents
        watched = [*self.used, captured]
        before = [copies(arrays) for arrays in watched]
        self.first: Called = self.calls.call(self.arrays, self.cotangents)
        names = ("input", "cotangent", "captured array")
        positions = (self.floating, None, None)
        self.changed: list[str] = []
        for name, now, then, at in zip(names, watched, before, positions, strict=True):
            words = ("after the call", "before")
            self.changed += unlike(name, words, now, then, [0.0] * len(now), at)
        self.arrays, self.cotangents = before[0], before[1]  # what was used may have been changed

    def again(self) -> Called:
        """Another call, with copies."""
        return self.calls.call(copies(self.arrays), copies(self.cotangents))

    def gradients(self, called: Called) -> Arrays:
        """The gradients of a call, zeros where there is none."""
        pairs = zip(called.gradients, self.arrays, strict=True)
        return [np.zeros_like(a) if g is None else g for g, a in pairs]


def copies(arrays: Sequence[NDArray[Any]]) -> Arrays:
    """Contiguous copies."""
    return [np.array(a, order="C") for a in arrays]
