"""Every layer and loss: the tests of ops, for its inputs and parameters; its dtype and its state.

The functions that they are made of are in the table of ops.
"""

from __future__ import annotations

import copy
import inspect
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograd_lite import nn
from tests.cases_nn import FUNCTIONS, LAYERS

if TYPE_CHECKING:
    from tests.case import Layer

each_layer = pytest.mark.parametrize("layer", LAYERS, ids=repr)
losses = [layer for layer in LAYERS if isinstance(layer.make(), nn.Loss)]

test_layers = [layer.case for layer in LAYERS]


@pytest.mark.parametrize("layer", losses, ids=repr)
@given(data=st.data())
def test_targets_in_float64_do_not_lift_a_float32_loss(layer: Layer, data: st.DataObject) -> None:
    prediction, *targets = layer.draw(data.draw, "float32")
    result = layer.made("float32")(prediction, *(y.astype("float64") for y in targets))
    assert result.dtype == np.float32


@each_layer
def test_layers_are_copied_shown_and_restored(layer: Layer) -> None:
    """A deep copy has memory of its own, repr the settings, and the state goes to another one."""
    module, other = layer.made("float32"), layer.make()
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
