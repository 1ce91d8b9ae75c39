"""Every layer and loss: its value, its gradients, its dtype, its memory and its state.

The functions that they are made of are checked with the ops, in tests/test_ops.py.
"""

from __future__ import annotations

import copy
import inspect
import itertools
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import autograd_lite as ag
from autograd_lite import nn
from autograd_lite.testing import gradcheck
from tests import test_ops
from tests.cases_nn import FUNCTIONS, LAYERS
from tests.strategies import array

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from tests.case import Layer
    from tests.strategies import Draw

each_layer = pytest.mark.parametrize("layer", LAYERS, ids=repr)


def draw_inputs(draw: Draw, layer: Layer, dtype: str) -> list[NDArray[Any]]:
    """The inputs of one example."""
    shapes, _ = draw(layer.inputs)
    domains = itertools.chain(layer.domains, itertools.repeat(layer.domains[-1]))
    prepare: Iterator[Any] = itertools.chain(layer.prepare, itertools.repeat(np.array))
    arrays = [array(draw, shape, np.dtype(dtype), d) for shape, d in zip(shapes, domains)]  # noqa: B905
    return [f(a) for f, a in zip(prepare, arrays)]  # noqa: B905


def made(layer: Layer, dtype: str) -> nn.Module:
    """The module in a dtype, with parameters and averages that are not what they began as."""
    module = layer.make().to(dtype)
    generator = np.random.default_rng(0)
    for tensor in [*module.parameters(), *module.buffers()]:
        if not isinstance(module, nn.Loss):
            tensor.data[...] = generator.uniform(0.5, 1.5, tensor.shape)
    return module


@each_layer
@given(data=st.data())
def test_layers_have_their_references_value(layer: Layer, data: st.DataObject) -> None:
    """In float32 and float64, from arrays and tensors; a layer leaves what it was given."""
    dtype = data.draw(st.sampled_from(["float64", "float32"]))
    inputs = draw_inputs(data.draw, layer, dtype)
    before = copy.deepcopy(inputs)
    module = made(layer, dtype)
    expected = np.asarray(layer.reference(*inputs, **module.state_dict()))
    for given_inputs in (inputs, [ag.tensor(a) for a in inputs]):
        result = copy.deepcopy(module)(*given_inputs)
        assert isinstance(result, ag.Tensor)
        test_ops.same_everywhere(result.detach().numpy(), expected.astype(dtype), dtype)
    for a, b in zip(inputs, before, strict=True):
        np.testing.assert_array_equal(a, b)


@each_layer
@given(data=st.data())
def test_layers_have_gradients_of_orders_one_and_two(layer: Layer, data: st.DataObject) -> None:
    """For their inputs and their parameters, targets included: those of finite differences."""
    inputs = draw_inputs(data.draw, layer, "float64")
    module = made(layer, "float64")
    names = [name for name, _ in module.named_parameters()]

    def run(*tensors: ag.Tensor) -> Any:
        clone = copy.deepcopy(module)
        vars(clone).update(zip(names, tensors, strict=False))
        return clone(*tensors[len(names) :])

    gradcheck(run, [*(p.detach().numpy() for p in module.parameters()), *inputs], order=2)


@each_layer
@given(data=st.data())
def test_a_float32_layer_computes_in_float32(layer: Layer, data: st.DataObject) -> None:
    """Gradients have the dtype of what they are of, and memory of their own; targets lift none."""
    inputs = draw_inputs(data.draw, layer, "float32")
    module = made(layer, "float32")
    first = ag.tensor(inputs[0], requires_grad=inputs[0].dtype.kind == "f")
    others: list[Any] = inputs[1:]
    if isinstance(module, nn.Loss):
        others = [a.astype("float64") for a in others]
    result = module(first, *others)
    assert result.dtype == np.float32
    result.backward(np.ones(result.shape, np.float32))
    leaves = [x for x in (first, *module.parameters()) if x.requires_grad]
    grads = [x.grad.numpy() for x in leaves if x.grad is not None]
    assert len(grads) == len(leaves)
    for x, g in zip(leaves, grads, strict=True):
        assert g.shape == x.shape
        assert g.dtype == np.float32
    for a, b in itertools.combinations([*grads, *inputs], 2):
        assert not np.shares_memory(a, b)


@each_layer
def test_layers_are_copied_shown_and_restored(layer: Layer) -> None:
    """A deep copy has memory of its own, repr the settings, and the state goes to another one."""
    module, other = made(layer, "float32"), layer.make()
    clone = copy.deepcopy(module)
    assert repr(clone) == repr(module)
    assert repr(module).startswith(f"{type(module).__name__}(")
    other.load_state_dict(module.state_dict())
    for copied in (clone, other):
        assert copied.state_dict().keys() == module.state_dict().keys()
        for name, value in module.state_dict().items():
            np.testing.assert_array_equal(copied.state_dict()[name], value)
    for a, b in zip(clone.parameters(), module.parameters(), strict=True):
        assert not np.shares_memory(a._data, b._data)


def test_no_function_is_missing_from_the_table() -> None:
    """Whoever adds a function adds its line."""
    found = inspect.getmembers(nn.functional, inspect.isfunction)
    helpers = {"as_dtype", "as_tensor", "astype", "check_approximate"}
    assert {name for name, _ in found} - helpers == {case.op.__name__ for case in FUNCTIONS}


def test_no_layer_is_missing_from_the_table() -> None:
    """Whoever adds a layer or a loss adds its line."""
    found = inspect.getmembers(nn, inspect.isclass)
    modules = {cls for _, cls in found if issubclass(cls, nn.Module)}
    bases = {nn.Module, nn.Loss, nn.Sequential}
    assert modules - bases == {type(layer.make()) for layer in LAYERS}
