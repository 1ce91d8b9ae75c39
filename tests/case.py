"""A line of the table of ops, an op with NumPy's function, and one of the table of layers."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from functools import partial
from itertools import repeat
from typing import TYPE_CHECKING, Any

import numpy as np
from hypothesis import strategies as st

import autograd_lite as ag
from autograd_lite import nn
from autograd_lite.testing.case import OpCase, op_case
from autograd_lite.testing.strategies import Domain, broadcastable, calls, shapes

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from numpy.typing import NDArray

    from autograd_lite.testing.strategies import Call

REAL = Domain()
POSITIVE = Domain(0.5, 3.0)
UNIT = Domain(-0.9, 0.9)
BOOL = Domain(boolean=True)
# Distinct, off 0, and off one another's points: nothing that a kink could be hit with.
GRID, LOW, HIGH = Domain(-3, 3, 0.05, 0.02), Domain(-3, -1, 0.02, 0.003), Domain(1, 3, 0.02, 0.007)
OTHER_GRID = Domain(-3, 3, 0.05, 0.035)
POSITIVE_GRID = Domain(0.5, 3, 0.02)
KINK = Domain(-2, 2, 0.5, kinks=(0.0,))  # what is no kink lies 0.5 from it
ZEROS = Domain(-2, 2, 0.5, ties=True)  # has 0 among its values


def Case(  # noqa: N802  # it makes one
    op: Callable[..., Any],
    reference: Callable[..., Any],
    inputs: st.SearchStrategy[Call],
    domains: tuple[Domain, ...] = (REAL,),
    order: int = 3,
    **settings: Any,
) -> OpCase:
    """An op of the library: gradients are checked up to order 3 unless it says otherwise."""
    return op_case(op, reference, inputs, domains, order, **settings)


@dataclass(frozen=True)
class Layer:
    """A module, and how to test it."""

    make: Callable[[], nn.Module]
    reference: Callable[..., Any]  # of the inputs, and by keyword of the module's state
    inputs: st.SearchStrategy[Call]
    domains: tuple[Domain, ...] = (REAL,)
    prepare: tuple[Callable[[Any], Any], ...] = ()  # what is done to each input first

    def __repr__(self) -> str:
        return repr(self.make())

    def made(self, dtype: str) -> nn.Module:
        """The module in a dtype, with parameters and averages that are not what they began as."""
        module = self.make().to(dtype)
        generator = np.random.default_rng(0)
        for tensor in [*module.parameters(), *module.buffers()]:
            if not isinstance(module, nn.Loss):
                tensor.data[...] = generator.uniform(0.5, 1.5, tensor.shape)
        return module

    def draw(self, draw: Any, dtype: str) -> list[NDArray[Any]]:
        """The inputs of one example."""
        case = op_case(self.make, None, self.inputs, self.domains)
        arrays, _ = case.draw(draw, dtype)
        prepare: Iterator[Callable[[Any], Any]] = itertools.chain(self.prepare, repeat(np.asarray))
        return [f(a) for f, a in zip(prepare, arrays, strict=False)]

    @property
    def case(self) -> LayerCase:
        """The layer as an op of its parameters and its inputs."""
        case = op_case(self._run, self._refer, self.inputs, self.domains, name=repr(self))
        return LayerCase(**vars(case), layer=self)

    def _run(self, *arrays: Any) -> Any:
        module, parameters, inputs = self._given(arrays)
        vars(module).update(parameters)
        result = module(*inputs)
        return result if any(isinstance(a, ag.Tensor) for a in arrays) else np.asarray(result)

    def _refer(self, *arrays: Any) -> Any:
        module, parameters, inputs = self._given(arrays)
        result = self.reference(*inputs, **{**module.state_dict(), **parameters})
        return np.asarray(result).astype(_dtype(arrays))

    def _given(self, arrays: Any) -> tuple[nn.Module, dict[str, Any], Any]:
        module = self.made(_dtype(arrays))
        names = [name for name, _ in module.named_parameters()]
        return module, dict(zip(names, arrays, strict=False)), arrays[len(names) :]


def _dtype(arrays: Any) -> str:
    return str(np.result_type(*(a.dtype for a in arrays if a.dtype.kind == "f")))


@dataclass(frozen=True, repr=False)
class LayerCase(OpCase):
    """A case whose arrays are the parameters of a layer, and its inputs."""

    layer: Layer

    def draw(self, draw: Any, dtype: str = "float64") -> tuple[list[NDArray[Any]], dict[str, Any]]:
        """The parameters as they are made, and inputs that are prepared."""
        parameters = [p.detach().numpy() for p in self.layer.made(dtype).parameters()]
        return [*parameters, *self.layer.draw(draw, dtype)], {}


def a_batch(*sizes: int, least: int = 0) -> st.SearchStrategy[Call]:
    """One array with axes before those of `sizes`, as many as a drawn batch has."""
    return calls(st.integers(least, 3).map(lambda n: [(n, *sizes)]))


def first(name: str, f: Any, arrays: Any, static: dict[str, Any]) -> Any:
    """A call with the static argument `name` before the arrays."""
    rest = {key: value for key, value in static.items() if key != name}
    return f(static[name], *arrays, **rest)


def listed(f: Any, arrays: Any, static: dict[str, Any]) -> Any:
    """A call with the arrays in a list."""
    return f(list(arrays), **static)


def bare(f: Any, arrays: Any, static: dict[str, Any]) -> Any:
    """A call with the static arguments by position, where the reference names them otherwise."""
    return f(*arrays, *static.values())


one, two, three = (calls(broadcastable(n)) for n in (1, 2, 3))
full = partial(shapes, min_side=1)
