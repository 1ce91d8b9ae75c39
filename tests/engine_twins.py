"""Tensors that are made and used, in two engines: what `engine_writes.py` writes to."""

from __future__ import annotations

import operator
import weakref
from dataclasses import dataclass, field
from operator import itemgetter
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

import autograd_lite as ag
from tests import naive_engine as naive
from tests.engine_ops import BINARY, INDICES, UNARY
from tests.naive_engine import Value
from tests.naive_ops import LINEAR, Op

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

LARGEST = 6  # elements
WIDEST = 20.0  # values, so that those of products stay comparable
FEWEST, MOST = 2, 9  # tensors
SHAPES = [(), (2,), (3,), (2, 3), (1, 3), (2, 1)]
HOWS = [*3 * ["detach"], *UNARY, *INDICES, *4 * [*BINARY]]  # to make a tensor of others
DTYPES = ["float64", "float64", "float32"]


@dataclass(eq=False)
class Twin:
    """A tensor, and what the naive engine has for it."""

    tensor: ag.Tensor
    value: Value
    grad: Value | None = None
    keeps: bool = False  # the gradient, though it is a result
    handles: list[NDArray[Any]] = field(default_factory=list)

    @property
    def is_leaf(self) -> bool:
        """Whether no recorded op made it."""
        return self.value.node is None or self.value.node.op is None


class Twins(RuleBasedStateMachine):
    """Tensors of the library, each beside what the naive engine has for it."""

    def __init__(self) -> None:
        super().__init__()
        self.twins: list[Twin] = []
        # What only the caller may change: arrays that the library was given, and gradients that it
        # gave; each with the values that it had.
        self.handed: list[tuple[NDArray[Any], NDArray[Any]]] = []
        self.given: list[tuple[ag.Tensor, NDArray[Any]]] = []
        self.scale = 1.0
        self.exact = True  # whether all are of double precision

    pick = st.integers(0, MOST - 1) | st.integers(0, 2)
    steps = st.lists(
        st.tuples(pick, pick, st.sampled_from(HOWS)),
        min_size=2,
        max_size=6,
    )

    def at(self, i: int) -> Twin:
        """One of the tensors, counted from the last one."""
        return self.twins[-1 - i % len(self.twins)]

    def add(self, tensor: ag.Tensor, value: Value) -> None:
        """One more; of too many, one between the first and the last goes, first of all a leaf."""
        self.twins.append(Twin(tensor, value))
        if len(self.twins) > MOST:
            del self.twins[next((k for k in range(2, MOST) if self.twins[k].is_leaf), 2)]

    def hand_over(self, array: NDArray[Any]) -> None:
        """Note an array of the caller's, which the library has no business in from now on."""
        self.handed.append((array, array.copy()))

    def keep(self, g: ag.Tensor) -> None:
        """Note a gradient, which the caller holds from now on."""
        self.given.append((g, g._data.copy()))

    # ---- tensors come and go

    @initialize(
        shape=st.sampled_from(SHAPES),
        dtype=st.sampled_from(["float64", "float32"]),
        steps=steps,
        held=st.sampled_from([0, -1, 1]),
    )
    def begin(
        self, shape: tuple[int, ...], dtype: str, steps: list[tuple[int, int, Any]], held: int
    ) -> None:
        """Two leaves that most of the rules meet in, and results: some examples compute no more."""
        self.create(shape, dtype, 1, requires_grad=True)
        self.create(shape, "float64", -1, requires_grad=True)
        self.compute(steps, "tensor", records=True, held=held)

    @rule(
        shape=st.sampled_from(SHAPES),
        dtype=st.sampled_from([*DTYPES, "int64"]),
        first=st.integers(-2, 2),
        requires_grad=st.booleans(),
    )
    def create(self, shape: tuple[int, ...], dtype: str, first: int, requires_grad: bool) -> None:
        """A leaf or a constant, of an array that the caller keeps."""
        requires_grad &= dtype != "int64"
        self.exact &= dtype != "float32"
        numbers = 0.75 * np.arange(first, first + np.prod(shape, dtype=int))
        array = numbers.astype(dtype).reshape(shape)
        node = naive.Node(array.copy()) if requires_grad else None
        self.add(ag.tensor(array, requires_grad=requires_grad), Value(array.copy(), node))
        self.hand_over(array)

    @rule(i=pick, change=st.sampled_from(["delete", "freeze", "thaw", "thaw", "thaw"]))
    def change(self, i: int, change: str) -> None:
        """What a tensor is in the graph."""
        x = self.at(i)
        if change == "delete" and len(self.twins) > FEWEST:
            self.twins.remove(x)
            dying = weakref.ref(x.tensor)
            del x
            assert dying() is None
        elif not x.is_leaf or x.value.array.dtype.kind == "i":
            with pytest.raises(TypeError, match="requires_grad: "):
                x.tensor.requires_grad = x.is_leaf
        else:
            x.tensor.requires_grad = change == "thaw"
            node = x.value.node or naive.Node(x.value.array.copy())
            x.value = Value(x.value.array, node if change == "thaw" else None)

    # ---- ops

    def call(self, ours: Callable[[], Any], op: Op, *inputs: Value, records: bool) -> bool:
        """Add a result to the tensors, unless it is too large to follow; tell whether it was."""
        try:
            with np.errstate(all="ignore"):
                value = naive.apply(op, *inputs, records=records)
        except ValueError:
            with pytest.raises(ValueError, match=r": (got|expected)|: "):
                ours()
            return False
        small = 0 < value.array.size <= LARGEST and value.array.ndim <= 3
        if not small or np.abs(value.array).max() > WIDEST:
            return False
        with ag.enable_grad() if records else ag.no_grad():
            self.add(ours(), value)
        return True

    @rule(
        steps=steps,
        form=st.sampled_from(["tensor", "tensor", "array", "in place"]),
        records=st.sampled_from([True, True, True, False]),
        held=st.sampled_from([0, 0, -1, 1]),
    )
    def compute(
        self, steps: list[tuple[int, int, Any]], form: str, records: bool, held: int
    ) -> None:
        """Elementwise ops, reductions, views, parts and products, one after another.

        Perhaps while somebody holds the arrays of all leaves, and writes to them in the end.
        """
        handles = [(x, x.tensor.data) for x in self.twins if held and x.is_leaf]
        for i, j, how in steps:
            if how == "detach":
                self.add(self.at(i).tensor.detach(), Value(self.at(i).value.array.copy()))
            elif not isinstance(how, str):
                self.index(self.at(i), how, records=records)
            elif how in UNARY:
                self.unary(self.at(i), how, records=records)
            else:
                self.binary(self.at(i), self.at(j), how, form, records=records)
        for x, handle in handles:
            array = x.value.array.copy()
            for a in (handle, array):
                a[...] += held
            x.value = Value(array, x.value.node)

    def unary(self, x: Twin, name: str, *, records: bool) -> None:
        """An op of one tensor."""
        if x.value.array.ndim or name not in {"mean", "sum over columns"}:
            ours, op = UNARY[name]
            self.call(lambda: ours(x.tensor), op, x.value, records=records)

    def binary(self, x: Twin, y: Twin, name: str, form: str, *, records: bool) -> None:
        """An op of two tensors, which may be one, or of a tensor and an array.

        In place, x += y makes a new tensor of the name: the old one may be gone.
        """
        if name == "matmul" and not (x.value.array.ndim and y.value.array.ndim):
            return
        ours, op = BINARY[name]
        operand: Any = y.tensor
        value = y.value
        if form == "array":
            operand, value = y.value.array.copy(), Value(y.value.array.copy())
            self.hand_over(operand)
        elif form == "in place":
            ours = getattr(operator, f"i{name}")
        added = self.call(lambda: ours(x.tensor, operand), op, x.value, value, records=records)
        if added and form == "in place" and x in self.twins:
            self.twins[self.twins.index(x)] = self.twins.pop()

    def index(self, x: Twin, index: Any, *, records: bool) -> None:
        """A part of a tensor, perhaps with repetitions; an array is changed once it was used."""
        try:
            x.value.array[index]
        except IndexError:
            with pytest.raises(IndexError, match="getitem: "):
                x.tensor[index]
            return
        own = np.array(index) if isinstance(index, list) else index
        self.call(lambda: x.tensor[own], Op(itemgetter(index), LINEAR), x.value, records=records)
        if isinstance(own, np.ndarray):
            own[...] = 0

    # ---- what must hold

    def compare(self, tensor: ag.Tensor | None, value: Value | None) -> None:
        """One tensor, or none."""
        assert (tensor is None) == (value is None)
        if tensor is not None and value is not None:
            assert tensor.requires_grad == (value.node is not None)
            self.same(tensor._data, value.array)  # asking for `data` may move it

    def same(self, got: NDArray[Any], expected: NDArray[Any]) -> None:
        """Up to rounding, of the largest number that came along."""
        assert (got.shape, got.dtype) == (expected.shape, expected.dtype)
        self.scale = max(self.scale, np.abs(expected).max(initial=0.0))
        tolerance = (1e-12 if self.exact else 1e-5) * self.scale
        np.testing.assert_allclose(got, expected, rtol=0, atol=tolerance)

    @invariant()
    def engines_agree(self) -> None:
        """On all values and all gradients."""
        for x in self.twins:
            self.compare(x.tensor, x.value)
            self.compare(x.tensor.grad, x.grad)
            assert x.tensor.is_leaf == x.is_leaf
