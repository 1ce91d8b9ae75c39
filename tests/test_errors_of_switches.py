"""What is not True or False where a switch is, and what holds itself: an error, and no effect."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

import autograd_lite as ag
from autograd_lite import nn
from autograd_lite.data import DataLoader

if TYPE_CHECKING:
    from collections.abc import Callable


def _output() -> tuple[ag.Tensor, ag.Tensor]:
    x = ag.tensor([1.0, 2.0], requires_grad=True)
    return (x * x).sum(), x


SWITCHES: dict[str, tuple[str, Callable[[Any], object]]] = {
    "Linear": ("bias", lambda value: nn.Linear(2, 2, bias=value)),
    "Bilinear": ("bias", lambda value: nn.Bilinear(2, 2, 2, bias=value)),
    "LayerNorm": ("affine", lambda value: nn.LayerNorm(2, affine=value)),
    "BatchNorm1d": ("affine", lambda value: nn.BatchNorm1d(2, affine=value)),
    "MSELoss": ("check_finite", lambda value: nn.MSELoss(check_finite=value)),
    "DataLoader": ("shuffle", lambda value: DataLoader(np.ones(3), shuffle=value)),
    "backward": ("retain_graph", lambda value: _output()[0].backward(retain_graph=value)),
    "grad": ("allow_unused", lambda value: ag.grad(*_output(), allow_unused=value)),
}


@pytest.mark.parametrize("value", [np.zeros(2), "no", 1, None, ag.tensor([1.0, 0.0])], ids=repr)
@pytest.mark.parametrize("name", SWITCHES)
def test_what_is_not_true_or_false_is_refused_before_anything_is_drawn(
    name: str, value: Any
) -> None:
    setting, call = SWITCHES[name]
    before = ag.get_generator().bit_generator.state
    with pytest.raises(TypeError, match=f"^{name}: got {setting}=.*; expected True or False"):
        call(value)
    assert ag.get_generator().bit_generator.state == before


@pytest.mark.parametrize("name", SWITCHES)
def test_the_booleans_of_numpy_are_booleans(name: str) -> None:
    SWITCHES[name][1](np.bool_(1))


def test_a_setting_that_holds_itself_is_refused() -> None:
    shape: list[Any] = [2]
    shape.append(shape)
    x = ag.tensor([1.0, 2.0], requires_grad=True)
    with pytest.raises(ValueError, match=r"^reshape: .*holds itself"):
        ag.reshape(x, shape)


def test_a_table_says_what_no_initialiser_is() -> None:
    with pytest.raises(ValueError, match=r"^Embedding: got init_method=\(2,\) float64; expected"):
        nn.Embedding(1, 1, init_method=np.zeros(2))  # type: ignore[arg-type]


@pytest.mark.parametrize("gradient", [[[1.0, 2.0], [3.0]], "ab", object()], ids=repr)
def test_what_no_gradient_is_made_of_is_refused(gradient: Any) -> None:
    total, x = _output()
    with pytest.raises(TypeError, match=r"^backward: got the gradient"):
        total.backward(gradient)
    with pytest.raises(TypeError, match=r"^grad: got the gradient"):
        ag.grad(total, x, gradient)
    assert x.grad is None


def test_several_outputs_take_several_gradients() -> None:
    total, x = _output()
    with pytest.raises(TypeError, match=r"^grad: got grad_outputs=0.5; expected 1 of them"):
        ag.grad([total], x, 0.5)
