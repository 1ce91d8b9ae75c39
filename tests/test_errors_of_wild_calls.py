"""Errors that wild calls have shown to be missing: each names the function, and has no effect."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

import autograd_lite as ag
from autograd_lite import nn, optim
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
    ag.manual_seed(0)
    with pytest.raises(TypeError, match=f"^{name}: got {setting}=.*; expected True or False"):
        call(value)
    assert ag.get_generator().uniform() == np.random.default_rng(0).uniform()


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


@pytest.mark.parametrize(
    "gradient", [[[1.0, 2.0], [3.0]], "ab", object()], ids=["ragged", "text", "object"]
)
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


@pytest.mark.parametrize("given", [None, "a", np.ones(2), -1.0])
def test_what_a_lambda_gives_is_checked(given: Any) -> None:
    optimizer = optim.SGD([ag.zeros(1, requires_grad=True)], lr=0.5)
    with pytest.raises(ValueError, match=r"^LambdaLR: got lr"):
        optim.LambdaLR(optimizer, lambda _: given)
    assert optimizer.param_groups[0]["lr"] == 0.5


def test_an_optimizer_without_a_learning_rate_is_refused() -> None:
    with pytest.raises(TypeError, match=r"^Optimizer: got the settings \[\]; expected lr"):
        optim.Optimizer([ag.zeros(1, requires_grad=True)], {})


def test_a_masked_position_to_cut_at_is_refused() -> None:
    cuts: Any = np.ma.masked_array([1, 2], [True, False])
    with pytest.raises(TypeError, match=r"^split: "):
        ag.split(ag.ones(3), cuts)


@pytest.mark.parametrize("layer", [nn.BatchNorm1d, nn.LayerNorm])
def test_a_layer_too_large_for_the_memory_names_itself(layer: Callable[[int], object]) -> None:
    with pytest.raises(MemoryError, match=r"^(BatchNorm1d|LayerNorm): no memory"):
        layer(2**60)
