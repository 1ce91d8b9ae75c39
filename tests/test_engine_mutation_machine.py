"""A machine that records, writes in every way that it knows, and looks at all gradients again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    consumes,
    initialize,
    invariant,
    multiple,
    precondition,
    rule,
)

import autograd_lite as ag
from autograd_lite import nn, optim
from tests.mutation_ways import BINARY, HANDLES, UNARY

if TYPE_CHECKING:
    from numpy.typing import NDArray

SIZE = 3
MOST = 4  # tensors, so that rules meet in the same ones


class Writes(RuleBasedStateMachine):
    """Tensors, graphs of them, and arrays that share memory with them."""

    def __init__(self) -> None:
        super().__init__()
        self.graphs: list[tuple[ag.Tensor, list[ag.Tensor], list[list[bytes]]]] = []
        self.results: list[tuple[ag.Tensor, bytes]] = []
        self.live = False  # whether the next look at gradients is a recorded one
        self.values: dict[int, tuple[ag.Tensor, NDArray[Any]]] = {}  # what each should hold

    tensors = Bundle("tensors")
    arrays = Bundle("arrays")  # the caller's own
    handles = Bundle("handles")  # of the memory of tensors, each with its tensor

    # ---- things

    @initialize(target=tensors)
    def begin(self) -> Any:
        """Two tensors that most of the rules meet in."""
        return multiple(
            self.make_tensor(requires_grad=True, start=1),
            self.make_tensor(requires_grad=False, start=2),
        )

    @rule(target=tensors, requires_grad=st.booleans(), start=st.integers(-3, 3))
    @precondition(lambda self: len(self.values) < MOST)
    def make_tensor(self, requires_grad: bool, start: int) -> ag.Tensor:
        """A tensor."""
        x = ag.tensor(np.arange(SIZE) + start + 0.5, requires_grad=requires_grad)
        self.values[id(x)] = x, x._data.copy()
        return x

    @rule(target=arrays, start=st.integers(-3, 3))
    def make_array(self, start: int) -> NDArray[Any]:
        """An array of the caller's."""
        return np.arange(SIZE) + start + 0.25

    @rule(target=tensors, array=arrays)
    @precondition(lambda self: len(self.values) < MOST)
    def make_tensor_of_an_array(self, array: NDArray[Any]) -> ag.Tensor:
        """A copy, as a tensor."""
        x = ag.tensor(array)
        self.values[id(x)] = x, array.copy()
        return x

    @rule(target=tensors, x=tensors)
    @precondition(lambda self: len(self.values) < MOST)
    def detach(self, x: ag.Tensor) -> ag.Tensor:
        """A tensor that may share memory with another one until one of them is written to."""
        y = x.detach()
        self.values[id(y)] = y, self.values[id(x)][1].copy()
        return y

    @rule(target=handles, x=tensors, kind=st.sampled_from(sorted(HANDLES)))
    def take(self, x: ag.Tensor, kind: str) -> tuple[ag.Tensor, NDArray[Any]]:
        """Something to write to a tensor through, which lives until it is let go."""
        return x, HANDLES[kind](x.data)

    @rule(target=handles, x=tensors)
    def take_as_numpy_does(self, x: ag.Tensor) -> Any:
        """The same, by NumPy's own function."""
        return (x, np.asarray(x)) if not x.requires_grad else multiple()

    @rule(held=consumes(handles))
    def let_go(self, held: Any) -> None:
        """Forget it."""
        del held

    # ---- graphs

    def keep(self, y: ag.Tensor, given: list[Any], *, second: bool) -> None:
        """Remember a graph with what it gives now."""
        leaves = [x for x in given if isinstance(x, ag.Tensor) and x.requires_grad]
        self.results.append((y, y.numpy().tobytes()))
        if not leaves or not y.requires_grad:
            return
        first = ag.grad(y.sum(), leaves, create_graph=True) if second else ()
        for graph in (y, *(g for g in first if g.requires_grad)):
            both = [self.gradients(graph, leaves, live=live) for live in (False, True)]
            self.graphs.append((graph, leaves, both))

    @staticmethod
    def gradients(y: ag.Tensor, leaves: list[ag.Tensor], *, live: bool) -> list[bytes]:
        """What a graph gives, to the bit, by a pass that is recorded or not."""
        seed = np.ones(y.shape)
        grads = ag.grad(y, leaves, seed, retain_graph=True, create_graph=live, allow_unused=True)
        return [g.detach().numpy().tobytes() for g in grads]

    @rule(x=tensors, name=st.sampled_from(sorted(UNARY)), second=st.booleans())
    def record(self, x: ag.Tensor, name: str, second: bool) -> None:
        """A graph of one tensor."""
        self.keep(UNARY[name](x), [x], second=second)

    @rule(x=tensors, y=tensors | arrays, name=st.sampled_from(sorted(BINARY)), second=st.booleans())
    def record_two(self, x: ag.Tensor, y: Any, name: str, second: bool) -> None:
        """A graph of two tensors, or of a tensor and an array."""
        self.keep(BINARY[name](x, y), [x, y], second=second)

    @rule(x=tensors, index=st.lists(st.integers(0, SIZE - 1), min_size=1, max_size=4))
    def record_an_index(self, x: ag.Tensor, index: list[int]) -> None:
        """A graph with an array of integers, which is changed at once."""
        places = np.array(index)
        self.keep(x[places] * nn.functional.embedding(x.reshape(-1, 1), index=places)[:, 0], [x],
                  second=False)  # fmt: skip
        places[...] = 0
        index[0] = 0

    # ---- writing

    def wrote(self, x: ag.Tensor, values: NDArray[Any]) -> None:
        """Note what a tensor should hold now."""
        self.values[id(x)] = x, values.copy()

    @rule(held=handles, number=st.integers(-9, 9))
    def write_to_a_handle(self, held: tuple[ag.Tensor, NDArray[Any]], number: int) -> None:
        """Through what was taken."""
        x, array = held
        if array.flags.writeable:
            array[...] = number
        self.wrote(x, x._data)  # whether it is still the tensor's: `data` may have been assigned

    @rule(array=arrays, number=st.integers(-9, 9))
    def write_to_an_array(self, array: NDArray[Any], number: int) -> None:
        """To what a graph or a tensor was made of."""
        array[...] = number

    @rule(x=tensors, number=st.integers(-9, 9), way=st.sampled_from(["brackets", "in place", "="]))
    def write_to_data(self, x: ag.Tensor, number: int, way: str) -> None:
        """By the property, in its three ways."""
        if way == "brackets":
            x.data[1:] = number
            expected = np.concatenate([self.values[id(x)][1][:1], [number] * (SIZE - 1)])
        elif way == "in place":
            x.data += number
            expected = self.values[id(x)][1] + number
        else:
            expected = np.full(SIZE, float(number))
            x.data = expected
        self.wrote(x, expected)

    @rule(x=tensors, number=st.integers(-9, 9), index=st.sampled_from([0, slice(1, None), [2, 0]]))
    def write_to_items(self, x: ag.Tensor, number: int, index: Any) -> None:
        """By an assignment, which a leaf that requires a gradient takes under no_grad alone."""
        expected = self.values[id(x)][1].copy()
        expected[index] = number
        with ag.no_grad():
            x[index] = number
        self.wrote(x, expected)
        if x.requires_grad:
            with pytest.raises(TypeError, match="setitem: "):
                x[index] = 99
        else:
            x[index] = number

    @rule(x=tensors, y=tensors, index=st.sampled_from([slice(1, None), [2, 0], [1, 1]]))
    def assign_to_a_result(self, x: ag.Tensor, y: ag.Tensor, index: Any) -> None:
        """Which moves on in the graph, and leaves what was made of it before."""
        z = x * 2.0
        before = z * z
        z[index] = y[1:]
        z[2] += y[0]
        self.keep(before, [x], second=True)
        for result in (z, z * z):
            self.keep(result, [x] if x is y else [x, y], second=True)

    @rule(x=tensors, y=tensors)
    def assign_to_a_part(self, x: ag.Tensor, y: ag.Tensor) -> None:
        """Which is refused, for x would not see it."""
        part = x[1:]
        with pytest.raises(TypeError, match="part of another"):
            part[0] = y[0]

    @rule(x=tensors, kind=st.sampled_from([optim.SGD, optim.Adam, optim.Rprop]))
    def step(self, x: ag.Tensor, kind: Any) -> None:
        """By an optimizer."""
        if x.requires_grad:
            x.grad = ag.tensor(np.ones(SIZE))
            kind([x], lr=0.5).step()
            self.wrote(x, x._data)

    @rule(x=tensors)
    def average(self, x: ag.Tensor) -> None:
        """By an average of weights."""
        if x.requires_grad:
            average = optim.ExponentialMovingAverage([x], decay=0.5)
            x.data -= 1.0
            average.update()
            average.copy_to()
            self.wrote(x, x._data)

    @rule(x=tensors)
    def load(self, x: ag.Tensor) -> None:
        """By the state of a module."""
        module = nn.Module()
        module.register_buffer("x", [0.0])
        vars(module)["x"] = x
        module.load_state_dict({"x": np.full(SIZE, 7.0)})
        self.wrote(x, np.full(SIZE, 7.0))

    @rule(x=tensors)
    def write_to_gradients(self, x: ag.Tensor) -> None:
        """Through `grad`, and through what a hook is given, in a pass and afterwards."""
        if not x.requires_grad:
            return
        kept: list[Any] = []
        y = x * x
        z = y + x

        def write(_: ag.Tensor | None = None) -> None:
            for array in kept:
                array[...] = 99

        z.register_hook(lambda g: kept.append(g.data))
        y.register_hook(write)  # runs later: `z` is made of `y`
        x.grad = None
        z.sum().backward()
        write()
        gradient: Any = x.grad
        np.testing.assert_allclose(gradient.numpy(), 2 * x._data + 1)
        self.keep(x * gradient, [x], second=False)
        gradient.data[...] = 5

    @rule(x=tensors)
    def write_by_numpy(self, x: ag.Tensor) -> None:
        """Which is refused."""
        target: Any = x
        for write in (lambda: np.add(1, 2, out=target), lambda: np.copyto(target, 1)):
            with pytest.raises(TypeError, match=r"to write into|requires one"):
                write()

    # ---- what must hold

    @invariant()
    def tensors_hold_what_was_written(self) -> None:
        """And nothing else."""
        for x, expected in self.values.values():
            np.testing.assert_array_equal(x._data, expected)  # asking for `data` may move it

    @invariant()
    def results_are_as_they_were(self) -> None:
        """Whatever was written to."""
        for y, value in self.results:
            assert y._data.tobytes() == value

    @invariant()
    def graphs_give_what_they_gave(self) -> None:
        """To the bit, recorded or not."""
        for y, leaves, expected in self.graphs:
            self.live = not self.live
            assert self.gradients(y, leaves, live=self.live) == expected[self.live]


Writes.TestCase.settings = settings(settings.default, stateful_step_count=40)
TestWrites = Writes.TestCase
