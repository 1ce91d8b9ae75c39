"""Sequential: a list of modules."""

import re

import numpy as np
import pytest

import autograd_lite as ag
from autograd_lite import nn


def test_layers_are_applied_in_order() -> None:
    """A Sequential computes what its modules compute one after another."""
    a, b, c = nn.Linear(2, 3), nn.Tanh(), nn.Linear(3, 1)
    x = ag.randn(5, 2)
    np.testing.assert_array_equal(nn.Sequential(a, b, c)(x).numpy(), c(b(a(x))).numpy())


def test_a_list_and_arguments_mean_the_same() -> None:
    """The documents' list, arguments, and any other iterable give the same modules."""
    layers = [nn.Linear(2, 3), nn.Tanh()]
    for model in (nn.Sequential(layers), nn.Sequential(*layers), nn.Sequential(iter(layers))):
        assert list(model) == layers
        assert [name for name, _ in model.named_parameters()] == ["0.weight", "0.bias"]


def test_an_empty_sequential_is_the_identity() -> None:
    """With no module the input comes back."""
    x = ag.ones(2)
    for model in (nn.Sequential(), nn.Sequential([])):
        assert model(x) is x
        assert len(model) == 0


def test_a_sequential_is_indexed_and_sliced_like_a_list() -> None:
    """Positions from both ends, slices that share the modules, iteration and length."""
    model = nn.Sequential(nn.Linear(2, 3), nn.Tanh(), nn.Linear(3, 1))
    first, middle, last = model
    assert len(model) == 3
    assert model[0] is first
    assert model[-1] is last
    assert list(model[1:]) == [middle, last]
    assert list(model[::-1]) == [last, middle, first]
    for index in (3, -4):
        with pytest.raises(IndexError, match=rf"Sequential: got index {index}; expected -3 to 2"):
            model[index]


def test_layers_are_replaced_and_appended() -> None:
    """Setting a position and appending keep the order."""
    model = nn.Sequential(nn.Linear(2, 3), nn.Tanh())
    relu, last = nn.ReLU(), nn.Linear(3, 1)
    model[-1] = relu
    assert model.append(last) is model
    assert list(model)[1:] == [relu, last]


@pytest.mark.parametrize(
    ("layers", "message"),
    [
        ((nn.ReLU,), "as layer 0; expected a module, such as ReLU()"),
        ((nn.Tanh(), 3), "got 3 as layer 1; expected a module, such as a subclass of nn.Module"),
        (([nn.Tanh(), "relu"],), "got 'relu' as layer 1"),
        ((3,), "got 3 as layer 0"),
    ],
)
def test_what_is_no_module_is_refused(layers: tuple[nn.Module, ...], message: str) -> None:
    """The error says which layer it is, and what a class was meant to be."""
    with pytest.raises(TypeError, match=re.escape(message)):
        nn.Sequential(*layers)
