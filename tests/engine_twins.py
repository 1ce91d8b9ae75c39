"""Tensors that are made, used and written to: what `test_engine_machine.py` adds passes to."""

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
from tests.naive_engine import Op, Value

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

LARGEST = 6  # elements
WIDEST = 20.0  # values, so that those of products stay comparable
FEWEST, MOST = 2, 9  # tensors
SHAPES = [(), (2,), (3,), (2, 3), (1, 3), (2, 1)]
DTYPES = ["float64", "float64", "float32"]
INDICES: list[Any] = [0, -1, slice(None, None, -1), slice(1, None), [0, 0], [1, 0, 1], (..., 0),
                      (slice(None), 1), None]  # fmt: skip
CURVED, LINEAR = ((0,),), ((),)

UNARY: dict[str, tuple[Callable[[Any], Any], Op]] = {
    "neg": (lambda x: -x, Op(lambda x: -x, LINEAR)),
    "sin": (ag.sin, Op(np.sin, CURVED)),
    "exp": (ag.exp, Op(np.exp, LINEAR, by_result=True)),
    "half": (lambda x: 0.5 * x, Op(lambda x: x * 0.5, LINEAR)),
    "sum": (lambda x: x.sum(), Op(np.sum, LINEAR)),
    "sum over columns": (lambda x: x.sum(-1), Op(lambda x: np.sum(x, -1), LINEAR)),
    "mean": (lambda x: x.mean(0), Op(lambda x: np.mean(x, 0), LINEAR)),
    "transpose": (lambda x: x.T, Op(np.transpose, LINEAR)),
    "flat": (lambda x: x.reshape(-1), Op(lambda x: x.reshape(-1), LINEAR)),
    "column": (lambda x: x.reshape(-1, 1), Op(lambda x: x.reshape(-1, 1), LINEAR)),
    "spread": (lambda x: ag.broadcast_to(x, (2, *x.shape)),
               Op(lambda x: np.broadcast_to(x, (2, *x.shape)).copy(), LINEAR)),
}  # fmt: skip
BINARY: dict[str, tuple[Callable[[Any, Any], Any], Op]] = {
    "add": (lambda x, y: x + y, naive.ADD),
    "sub": (lambda x, y: x - y, Op(lambda x, y: x - y, ((), ()))),
    "mul": (lambda x, y: x * y, naive.MUL),
    "matmul": (lambda x, y: x @ y, Op(np.matmul, ((1,), (0,)))),
}


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
        self.handed: list[NDArray[Any]] = []  # to the library, which has no business in them now
        self.given: list[ag.Tensor] = []  # by the library: gradients
        self.scale = 1.0
        self.exact = True  # whether all are of double precision

    pick = st.integers(0, MOST - 1) | st.integers(0, 2)

    def at(self, i: int) -> Twin:
        """One of the tensors, counted from the last one."""
        return self.twins[-1 - i % len(self.twins)]

    def add(self, tensor: ag.Tensor, value: Value) -> None:
        """One more; when there are too many, one that was between the first and the last goes."""
        self.twins.append(Twin(tensor, value))
        if len(self.twins) > MOST:
            del self.twins[2]

    # ---- tensors come and go

    @initialize(shape=st.sampled_from(SHAPES), dtype=st.sampled_from(DTYPES))
    def begin(self, shape: tuple[int, ...], dtype: str) -> None:
        """Two leaves that most of the rules meet in."""
        self.create(shape, dtype, 1, requires_grad=True)
        self.create(shape, "float64", -1, requires_grad=True)

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
        self.handed.append(array)

    @rule(i=pick, change=st.sampled_from(["detach", "delete", "freeze", "thaw", "thaw"]))
    def change(self, i: int, change: str) -> None:
        """What a tensor is in the graph."""
        x = self.at(i)
        if change == "detach":
            self.add(x.tensor.detach(), Value(x.value.array.copy()))
        elif change == "delete" and len(self.twins) > FEWEST:
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

    def call(self, ours: Callable[[], Any], op: Op, *inputs: Value, records: bool) -> None:
        """Add a result to the tensors, unless it is too large to follow."""
        try:
            with np.errstate(all="ignore"):
                value = naive.apply(op, *inputs, records=records)
        except ValueError:
            with pytest.raises(ValueError, match=r": (got|expected)|: "):
                ours()
            return
        small = 0 < value.array.size <= LARGEST and value.array.ndim <= 3
        if small and np.abs(value.array).max() <= WIDEST:
            with ag.enable_grad() if records else ag.no_grad():
                self.add(ours(), value)

    @rule(
        steps=st.lists(
            st.tuples(pick, pick, st.sampled_from([*UNARY, *INDICES, *4 * [*BINARY]])),
            min_size=2,
            max_size=6,
        ),
        form=st.sampled_from(["tensor", "tensor", "tensor", "array"]),
        records=st.sampled_from([True, True, True, False]),
    )
    def compute(self, steps: list[tuple[int, int, Any]], form: str, records: bool) -> None:
        """Elementwise ops, reductions, views, parts and products, one after another."""
        for i, j, how in steps:
            if not isinstance(how, str):
                self.index(self.at(i), how, records=records)
            elif how in UNARY:
                self.unary(self.at(i), how, records=records)
            else:
                self.binary(self.at(i), self.at(j), how, form, records=records)

    def unary(self, x: Twin, name: str, *, records: bool) -> None:
        """An op of one tensor."""
        if x.value.array.ndim or name not in {"mean", "sum over columns"}:
            ours, op = UNARY[name]
            self.call(lambda: ours(x.tensor), op, x.value, records=records)

    def binary(self, x: Twin, y: Twin, name: str, form: str, *, records: bool) -> None:
        """An op of two tensors, which may be one, or of a tensor and an array."""
        ours, op = BINARY[name]
        operand: Any = y.tensor
        value = y.value if form == "tensor" else Value(y.value.array.copy())
        if form == "array":
            operand = value.array.copy()
            self.handed.append(operand)
        if name != "matmul" or (x.value.array.ndim and value.array.ndim):
            self.call(lambda: ours(x.tensor, operand), op, x.value, value, records=records)

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

    # ---- writing

    @rule(
        i=pick,
        number=st.integers(-3, 3),
        way=st.sampled_from(["data[...]", "data +=", "data =", "handle", "handle", "last handle"]),
        view=st.sampled_from([lambda a: a, lambda a: a.T, lambda a: a.reshape(-1)[::-1]]),
    )
    def write(self, i: int, number: int, way: str, view: Callable[[Any], Any]) -> None:
        """To the values of a leaf, also by what was taken from it long ago."""
        leaves = [x for x in self.twins if x.is_leaf and i < MOST - 1]
        x = leaves[i % len(leaves)] if leaves else self.at(i)
        if not x.is_leaf:
            with pytest.raises(ValueError, match="read-only"):
                x.tensor.data[...] = number
            return
        array = np.full_like(x.value.array, number)
        if "handle" in way and not x.handles:
            x.handles.append(view(x.tensor.data))
            return
        if way == "data[...]":
            x.tensor.data[...] = number
        elif way == "data +=":
            x.tensor.data += number
            array += x.value.array
        elif way == "data =":
            x.tensor.data = array
        else:
            x.handles[0][...] = number
        if way in {"data =", "last handle"}:
            x.handles.clear()
        self.handed.append(array)
        x.value = Value(array.copy(), x.value.node)

    @rule()
    def write_to_all_that_was_handed_over(self) -> None:
        """Which nobody sees: arrays that the library was given, and gradients that it gave."""
        for array in (*self.handed, *(g.data for g in self.given if not g.requires_grad)):
            array[...] = 77
        self.handed, self.given = [], []

    @rule(
        i=pick,
        j=pick,
        index=st.sampled_from(INDICES[:-1]),
        number=st.none() | st.integers(-2, 2),
        records=st.sampled_from([True, True, False]),
    )
    def assign(self, i: int, j: int, index: Any, number: int | None, records: bool) -> None:
        """To items: a result moves on in the graph, and a constant may become a result."""
        x, y = self.at(i), self.at(j)
        value = y.value if number is None else Value(np.array(float(number)))
        if x.value.array.dtype.kind == "i":
            return
        parts = index if isinstance(index, tuple) else (index,)
        place = parts if ... in parts else (*parts, ...)  # so that it never picks a lone object

        def put(array: Any, values: Any) -> Any:
            array[place] = values
            return array

        def ours() -> None:
            with ag.enable_grad() if records else ag.no_grad():
                x.tensor[index] = y.tensor if number is None else number

        try:
            x.value.array.copy()[index] = value.array
        except (ValueError, TypeError, IndexError, DeprecationWarning) as error:
            with pytest.raises((type(error), TypeError)):
                ours()
            return
        new = naive.apply(Op(put, ((), ())), x.value, value, records=records)
        if x.value.node is not None and records == x.is_leaf:
            with pytest.raises(TypeError, match=r"requires a gradient|is the result of an op"):
                ours()
            return
        try:
            ours()
        except TypeError as error:
            if "memory" not in str(error):  # that somebody else sees, who would not see this
                raise
        else:
            x.value = Value(new.array, new.node or x.value.node)

    @rule(i=pick, j=pick, name=st.sampled_from(["add", "sub", "mul"]))
    def in_place(self, i: int, j: int, name: str) -> None:
        """x += y, which makes a new tensor of the name: the old one may be gone."""
        x, y = self.at(i), self.at(j)
        ours = getattr(operator, f"i{name}")
        last = self.twins[-1]
        self.call(lambda: ours(x.tensor, y.tensor), BINARY[name][1], x.value, y.value, records=True)
        if self.twins[-1] is not last and x in self.twins:
            self.twins[self.twins.index(x)] = self.twins.pop()

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
