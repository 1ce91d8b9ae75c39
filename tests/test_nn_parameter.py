"""Parameters: their dtype, their memory, their names."""

import numpy as np
import pytest

import autograd_lite as ag
from autograd_lite import nn


def test_names_are_those_of_the_outermost_module() -> None:
    """Asking a part for its parameters does not shorten the names that the model gave."""
    model = nn.Sequential(nn.Linear(2, 2), nn.Linear(2, 1))
    second = model[1]
    assert isinstance(second, nn.Linear)
    assert second.weight.name == "weight"
    list(model.parameters())
    list(second.parameters())
    assert second.weight.name == "1.weight"
    list(nn.Sequential(second).parameters())
    assert second.weight.name == "0.weight"


def test_parameters_take_the_default_dtype_unless_told() -> None:
    """A float64 array becomes a float32 parameter, unless a dtype is given."""
    assert nn.Parameter(np.zeros(2)).dtype == np.float32
    assert nn.Parameter([1, 2]).dtype == np.float32
    assert nn.Parameter(ag.tensor(np.zeros(2))).dtype == np.float32
    assert nn.Parameter(np.zeros(2), dtype="float64").dtype == np.float64
    assert not nn.Parameter([1.0], requires_grad=False).requires_grad
    with pytest.raises(TypeError, match="Parameter: got dtype int64; expected float16"):
        nn.Parameter([1, 2], dtype=np.int64)


def test_a_parameter_shares_no_memory_with_its_data() -> None:
    """Writing to the array that a parameter was made of does not change the parameter."""
    array = np.zeros(2, np.float32)
    parameter = nn.Parameter(array)
    array[:] = 1
    assert not parameter.any()
