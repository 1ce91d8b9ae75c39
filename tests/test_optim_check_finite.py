"""check_finite: a poisoned step is refused, and nothing is changed by it."""

from __future__ import annotations

import math
import pickle
import re
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import autograd_lite as ag
from autograd_lite import nn, optim
from autograd_lite.optim.finite import is_finite
from tests.optim_cases import RULES, Rule, closure_of, every_rule, leaves, values

stepwise = pytest.mark.parametrize(
    "rule", [rule for rule in RULES if not rule.joint], ids=lambda rule: rule.name
)


def with_grad(*gradients: list[float]) -> list[ag.Tensor]:
    """Tensors of zeros with gradients."""
    tensors = [ag.zeros(len(gradient), requires_grad=True) for gradient in gradients]
    for tensor, gradient in zip(tensors, gradients, strict=True):
        tensor.grad = ag.tensor(gradient)
    return tensors


def everything(optimizer: optim.Optimizer, params: list[Any]) -> bytes:
    """The parameters, their gradients and the state, to compare."""
    grads = [None if p.grad is None else p.grad.numpy().copy() for p in params]
    return pickle.dumps((optimizer.state_dict(), [p.numpy().copy() for p in params], grads))


@stepwise
@pytest.mark.parametrize("bad", [math.nan, math.inf, -math.inf])
@pytest.mark.parametrize("clip", [{}, {"clip_norm": 1.0}, {"clip_value": 1.0}])
def test_a_poisoned_step_changes_nothing(rule: Rule, bad: float, clip: dict[str, float]) -> None:
    """Neither at the first step, nor later; the next step goes on as if it had not been."""
    params, twins = leaves((3,), (2, 2)), leaves((3,), (2, 2))
    optimizer = rule.make(params, check_finite=True, **clip)
    undisturbed = rule.make(twins, **clip)
    for _ in range(3):
        closure_of(params)()
        assert params[1].grad is not None
        params[1].grad.data[1, 0] = bad
        before = everything(optimizer, params)
        with pytest.raises(FloatingPointError, match=rf"{rule.name}\.step: got . nan and . inf"):
            optimizer.step()
        assert everything(optimizer, params) == before
        optimizer.step(closure_of(params))
        undisturbed.step(closure_of(twins))
    assert values(params) == values(twins)


def test_the_error_names_the_parameter_the_place_and_the_way_out() -> None:
    model = nn.Sequential(nn.Linear(2, 3), nn.Tanh(), nn.Linear(3, 1))
    optimizer = optim.Adam(model.parameters(), check_finite=True)
    model(np.ones((4, 2))).sum().backward()
    for name, parameter in model.named_parameters():
        if name.startswith("2"):
            assert parameter.grad is not None
            parameter.grad.data[0, 0] = np.nan
    expected = (
        "Adam.step: got 1 nan and 0 infinite among the 3 values of the gradient of the parameter"
        " '2.weight', (3, 1) float32, number 2 of those that have one (and in 1 more): the first,"
        " nan, at (0, 0); expected numbers only, and changed nothing: leave this step out (except"
        " FloatingPointError: zero_grad()), lower lr, or find what made it with detect_anomaly()"
    )
    with pytest.raises(FloatingPointError, match=re.escape(expected)):
        optimizer.step()


def test_without_a_name_the_number_tells_which() -> None:
    tensors = with_grad([1.0], [1.0, np.inf])
    with pytest.raises(FloatingPointError, match=r"of a parameter, .2,. float32, number 1 of"):
        optim.SGD(tensors, check_finite=True).step()


def test_it_is_off_unless_given_and_a_setting_of_groups() -> None:
    a, b = with_grad([np.nan], [np.nan])
    optimizer = optim.SGD([{"params": [a], "check_finite": False}, {"params": [b]}])
    optimizer.step()
    assert np.isnan([*a.numpy(), *b.numpy()]).all()
    optimizer.param_groups[1]["check_finite"] = True
    with pytest.raises(FloatingPointError, match=r"SGD.step: got 1 nan"):
        optimizer.step()
    b.grad = ag.ones(1)
    optimizer.step()
    assert optimizer.state_dict()["param_groups"][1]["check_finite"] is True
    with pytest.raises(ValueError, match="SGD: got check_finite='yes'; expected True or False"):
        optim.SGD([a], check_finite="yes")  # type: ignore[arg-type]


def test_the_closure_runs_before_the_step_is_refused() -> None:
    """Its gradients are there to look at."""
    (w,) = with_grad([1.0])
    optimizer = optim.SGD([w], check_finite=True)

    def closure() -> ag.Tensor:
        optimizer.zero_grad()
        loss = (w * np.float32(np.nan)).sum()
        loss.backward()
        return loss

    with pytest.raises(FloatingPointError):
        optimizer.step(closure)
    assert w.grad is not None
    assert np.isnan(w.grad.numpy()).all()
    assert w.numpy().tolist() == [0.0]


@every_rule
def test_on_sound_gradients_it_changes_nothing(rule: Rule) -> None:
    params, twins = leaves((3,), (2, 2)), leaves((3,), (2, 2))
    checked, plain = rule.make(params, check_finite=True), rule.make(twins)
    for _ in range(4):
        checked.step(closure_of(params))
        plain.step(closure_of(twins))
    assert values(params) == values(twins)


@given(
    st.lists(st.floats(width=32), max_size=6),
    st.sampled_from(["float16", "float32", "float64"]),
)
def test_what_is_finite(numbers: list[float], dtype: str) -> None:
    """Numbers whose squares overflow are, of every dtype."""
    with np.errstate(over="ignore"):
        array = np.array(numbers).astype(dtype)
    assert is_finite(array) == np.isfinite(array).all()
    assert is_finite(array[::2]) == np.isfinite(array[::2]).all()


# ---- LBFGS


def quadratic(optimizer: optim.Optimizer, w: ag.Tensor, poison: float | None = None) -> Any:
    """A closure of sum (w - 1)^2 + w^4, whose gradient is nan where |w| is above `poison`."""

    def closure() -> ag.Tensor:
        optimizer.zero_grad()
        loss = ((w - 1) ** 2 + w**4).sum()
        if poison is not None and np.abs(w.numpy()).max() > poison:
            loss = loss * np.float32(np.nan)
        loss.backward()
        return loss

    return closure


@pytest.mark.parametrize("search", ["strong_wolfe", None])
def test_lbfgs_names_the_parameter_of_the_first_gradient(search: str | None) -> None:
    w = nn.Parameter([3.0, 3.0])
    w.name = "w"
    optimizer = optim.LBFGS([w], line_search_fn=search, check_finite=True)
    optimizer.step(quadratic(optimizer, w))
    before = pickle.dumps((optimizer.state_dict(), w.numpy()))
    with pytest.raises(FloatingPointError, match=r"LBFGS.step: got 2 nan .* the parameter 'w'"):
        optimizer.step(quadratic(optimizer, w, poison=0.0))
    assert pickle.dumps((optimizer.state_dict(), w.numpy())) == before


def test_lbfgs_without_a_search_gives_the_whole_call_back() -> None:
    w = ag.tensor([0.5, 0.5], requires_grad=True)
    optimizer = optim.LBFGS([w], lr=40.0, line_search_fn=None, check_finite=True)
    before = pickle.dumps((optimizer.state_dict(), w.numpy()))
    with pytest.raises(FloatingPointError, match=r"LBFGS.step: got 2 nan"):
        optimizer.step(quadratic(optimizer, w, poison=5.0))
    assert w.numpy().tolist() == [0.5, 0.5]
    state, values = pickle.loads(before)  # noqa: S301  # our own
    assert optimizer.state_dict().keys() >= state.keys()
    assert w.numpy().tolist() == values.tolist()
    optimizer.param_groups[0]["lr"] = 0.1
    first = quadratic(optimizer, w)().item()
    optimizer.step(quadratic(optimizer, w))
    assert quadratic(optimizer, w)().item() < first


def test_lbfgs_without_a_search_refuses_a_loss_that_is_not_finite() -> None:
    w = ag.tensor([1e15], requires_grad=True)
    optimizer = optim.LBFGS([w], lr=1.0, line_search_fn=None, check_finite=True)
    calls = []

    def closure() -> ag.Tensor:
        optimizer.zero_grad()
        loss = (w * 1.0).sum()
        loss.backward()
        calls.append(w.item())
        return loss if len(calls) == 1 else ag.tensor(np.inf)

    with pytest.raises(FloatingPointError, match=r"LBFGS.step: got a loss of inf after a step"):
        optimizer.step(closure)
    assert len(calls) == 2
    assert w.numpy().tolist() == [np.float32(1e15)]


def test_lbfgs_may_try_points_that_are_not_finite_while_it_searches() -> None:
    w = ag.tensor([0.5, 0.5], requires_grad=True)
    optimizer = optim.LBFGS([w], lr=40.0, check_finite=True)
    first = quadratic(optimizer, w)().item()
    optimizer.step(quadratic(optimizer, w, poison=5.0))
    assert quadratic(optimizer, w)().item() < first


# ---- clipping


@pytest.mark.parametrize("bad", [math.nan, math.inf])
@pytest.mark.parametrize(
    "clip",
    [
        lambda params, **settings: optim.clip_grad_norm_(params, 1.0, **settings),
        lambda params, **settings: optim.clip_grad_norm_(params, 1.0, 1, **settings),
        lambda params, **settings: optim.clip_grad_norm_(params, 1.0, math.inf, **settings),
        lambda params, **settings: optim.clip_grad_value_(params, 1.0, **settings),
    ],
)
def test_clipping_can_refuse_gradients_that_are_not_finite(clip: Any, bad: float) -> None:
    tensors = with_grad([3.0, 4.0], [2.0, bad])
    message = "number 1 of those that have one: the first, .*, at .1,.; expected numbers only"
    with pytest.raises(FloatingPointError, match=message):
        clip(tensors, check_finite=True)
    for tensor, expected in zip(tensors, [[3.0, 4.0], [2.0, bad]], strict=True):
        assert tensor.grad is not None
        np.testing.assert_equal(tensor.grad.numpy(), np.array(expected, np.float32))
    with np.errstate(invalid="ignore"):
        clip(tensors)
    with pytest.raises(ValueError, match="got check_finite=1; expected True or False"):
        clip(tensors, check_finite=1)
