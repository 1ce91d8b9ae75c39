"""SGD against literal transcriptions of the documents' formulas."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import autograd_lite as ag
from autograd_lite import nn, optim

STEPS = 50
TOLERANCE = 1e-12
Vector = Any

rates = st.floats(1e-4, 0.1)
momenta = st.floats(0.0, 0.99)
seeds = st.integers(0, 2**32 - 1)


def function(w: Any) -> Any:
    """A smooth function that is neither quadratic nor convex, of arrays and tensors."""
    return (w**4 / 4 - w * w * 0.5 + 0.3 * ag.sin(w * 3)).sum()


def gradient(w: Vector) -> Vector:
    """The gradient of `function`, by hand."""
    return w**3 - w + 0.9 * np.cos(3 * w)


def trained(start: Vector, steps: int = STEPS, **settings: Any) -> tuple[Vector, Any]:
    """The parameter after some steps of SGD on `function`, and the optimizer."""
    w = ag.tensor(start, requires_grad=True)
    optimizer = optim.SGD([w], **settings)
    for _ in range(steps):
        optimizer.zero_grad()
        function(w).backward()
        optimizer.step()
    return w.detach().numpy(), optimizer


def start_of(seed: int) -> Vector:
    """Where to begin."""
    return np.random.default_rng(seed).uniform(-2, 2, 5)


def literal(start: Vector, step: Callable[[Vector, Vector], tuple[Vector, Vector]]) -> Vector:
    """The parameter after as many steps of `step(w, v) -> (w, v)`, from v = 0."""
    w, v = start, np.zeros_like(start)
    for _ in range(STEPS):
        w, v = step(w, v)
    return w


@given(seeds, rates)
def test_vanilla_is_the_table(seed: int, lr: float) -> None:
    """W <- W - lr g."""
    start = start_of(seed)
    expected = literal(start, lambda w, v: (w - lr * gradient(w), v))
    actual, _ = trained(start, lr=lr, momentum=0, clip_value=None)
    np.testing.assert_allclose(actual, expected, rtol=0, atol=TOLERANCE)


@given(seeds, rates, momenta)
def test_momentum_is_the_average_of_document_1(seed: int, lr: float, mu: float) -> None:
    """By default v <- mu v + (1 - mu) g, W <- W - lr v."""

    def step(w: Vector, v: Vector) -> tuple[Vector, Vector]:
        v = mu * v + (1 - mu) * gradient(w)
        return w - lr * v, v

    start = start_of(seed)
    actual, _ = trained(start, lr=lr, momentum=mu, clip_value=None)
    np.testing.assert_allclose(actual, literal(start, step), rtol=0, atol=TOLERANCE)


@given(seeds, st.floats(1e-4, 0.02), st.floats(0.0, 0.9))
def test_without_dampening_momentum_is_the_classic_one(seed: int, lr: float, mu: float) -> None:
    """With dampening=0, v <- mu v - lr g, W <- W + v."""

    def step(w: Vector, v: Vector) -> tuple[Vector, Vector]:
        v = mu * v - lr * gradient(w)
        return w + v, v

    start = start_of(seed)
    actual, _ = trained(start, lr=lr, momentum=mu, dampening=0, clip_value=None)
    np.testing.assert_allclose(actual, literal(start, step), rtol=0, atol=TOLERANCE)


@given(seeds, st.floats(1e-4, 0.02), st.floats(0.0, 0.9), st.floats(0.0, 1.0))
def test_dampening_scales_what_the_velocity_takes(
    seed: int, lr: float, mu: float, dampening: float
) -> None:
    """v <- mu v + (1 - dampening) g, W <- W - lr v, also where mu is 0."""

    def step(w: Vector, v: Vector) -> tuple[Vector, Vector]:
        v = mu * v + (1 - dampening) * gradient(w)
        return w - lr * v, v

    start = start_of(seed)
    actual, _ = trained(start, lr=lr, momentum=mu, dampening=dampening, clip_value=None)
    np.testing.assert_allclose(actual, literal(start, step), rtol=0, atol=TOLERANCE)


@given(seeds, rates, st.floats(0.01, 0.99), st.booleans())
def test_nesterov_is_the_look_ahead_of_the_table(
    seed: int, lr: float, mu: float, classic: bool
) -> None:
    """v <- mu v + (1 - mu) grad(W - lr mu v), W <- W - lr v, seen at the point W - lr mu v."""
    lr, gain = (lr / 10, 1.0) if classic else (lr, 1 - mu)
    w, v = start_of(seed), np.zeros(5)
    tensor = ag.tensor(w, requires_grad=True)
    dampening = 0 if classic else None
    optimizer = optim.SGD(
        [tensor], lr=lr, momentum=mu, dampening=dampening, nesterov=True, clip_value=None
    )
    for _ in range(STEPS):
        v = mu * v + gain * gradient(w - lr * mu * v)
        w = w - lr * v
        optimizer.zero_grad()
        function(tensor).backward()
        optimizer.step()
        point, velocity = tensor.detach().numpy(), optimizer.state[tensor]["velocity"]
        np.testing.assert_allclose(point, w - lr * mu * v, rtol=0, atol=TOLERANCE)
        np.testing.assert_allclose(point + lr * mu * velocity, w, rtol=0, atol=TOLERANCE)


@given(
    seeds, rates, momenta, st.floats(0, 1), st.floats(0.01, 2), st.floats(0.01, 2), st.booleans()
)
def test_clipping_direction_and_decay_come_before_the_momentum(
    seed: int, lr: float, mu: float, decay: float, value: float, norm: float, maximize: bool
) -> None:
    """By norm, by value, then the sign, then decay, whatever is combined."""

    def step(w: Vector, v: Vector) -> tuple[Vector, Vector]:
        g = -gradient(w) if maximize else gradient(w)
        g = g * min(1, norm / np.sqrt((g**2).sum()))
        g = np.clip(g, -value, value) + decay * w
        v = mu * v + (1 - mu) * g
        return w - lr * v, v

    start = start_of(seed)
    actual, _ = trained(
        start,
        lr=lr,
        momentum=mu,
        weight_decay=decay,
        clip_value=value,
        clip_norm=norm,
        maximize=maximize,
    )
    np.testing.assert_allclose(actual, literal(start, step), rtol=0, atol=TOLERANCE)


def test_the_defaults_are_document_1s() -> None:
    """lr 0.01, momentum 0.9 as an average, clip_value 1."""
    _, optimizer = trained(np.ones(2), steps=1)
    (group,) = optimizer.param_groups
    assert {k: group[k] for k in ("lr", "momentum", "dampening", "clip_value", "clip_norm")} == {
        "lr": 0.01,
        "momentum": 0.9,
        "dampening": None,
        "clip_value": 1.0,
        "clip_norm": None,
    }


@pytest.mark.parametrize(("momentum", "printed"), [(0.0, "-0.060000"), (0.9, "-0.057402")])
def test_the_toy_example_of_document_2(momentum: float, printed: str) -> None:
    """Its seven gradients end where it prints, without momentum and with."""
    w = ag.tensor(np.zeros(1), requires_grad=True)
    optimizer = optim.SGD([w], lr=0.1, momentum=momentum)
    for g in (0.9, 0.5, 0.2, -0.1, -0.3, -0.4, -0.2):
        w.grad = ag.tensor(np.array([g]))
        optimizer.step()
    assert f"{w.item():.6f}" == printed


def test_momentum_may_be_turned_on_later() -> None:
    """A velocity that the first steps did not need begins at zero."""
    w = ag.tensor([1.0], requires_grad=True)
    optimizer = optim.SGD([w], lr=1.0, momentum=0)
    w.grad = ag.tensor([0.5])
    optimizer.step()
    assert optimizer.state[w] == {"step": 1}
    optimizer.param_groups[0]["momentum"] = 0.5
    optimizer.step()
    np.testing.assert_array_equal(optimizer.state[w]["velocity"], [0.25])
    np.testing.assert_array_equal(w.data, [0.25])


@pytest.mark.parametrize(
    ("setting", "value", "expected"),
    [
        ("lr", -0.1, "a finite number, at least 0"),
        ("lr", float("nan"), "a finite number"),
        ("lr", float("inf"), "a finite number"),
        ("lr", "fast", "a finite number"),
        ("lr", True, "a finite number"),
        ("momentum", 1.0, "a number from 0 up to, but not, 1"),
        ("momentum", -0.1, "a number from 0"),
        ("dampening", 1.5, "a number from 0 to 1, or None for the value of momentum"),
        ("nesterov", 1, "True or False"),
        ("weight_decay", -1, "a finite number, at least 0"),
        ("clip_value", 0, "a number above 0, or None for no clipping"),
        ("clip_norm", -1.0, "a number above 0, or None"),
        ("maximize", None, "True or False"),
    ],
)
def test_a_bad_setting_is_quoted(setting: str, value: Any, expected: str) -> None:
    """The error has the name, the value and what is expected, for defaults and for groups."""
    w = ag.zeros(1, requires_grad=True)
    message = f"SGD: got {setting}={value!r}; expected {expected}"
    with pytest.raises(ValueError, match=message):
        optim.SGD([w], **{setting: value})
    with pytest.raises(ValueError, match=message):
        optim.SGD([{"params": w, setting: value}])


def test_a_float32_model_trains_in_float32() -> None:
    """Fed with float64 data and labels, NumPy settings too, no array of a step is float64."""
    model = nn.Sequential(nn.Linear(2, 4), nn.Tanh(), nn.Linear(4, 1), nn.Sigmoid())
    optimizer = optim.SGD(
        model.parameters(),
        lr=np.float64(0.1),
        momentum=np.float64(0.9),
        nesterov=True,
        weight_decay=np.float64(0.01),
        clip_norm=np.float64(1),
    )
    x, y = np.random.default_rng(0).standard_normal((8, 2)), np.ones((8, 1), np.float64)
    for _ in range(2):
        model.zero_grad()
        loss = nn.BCELoss()(model(x), y)
        loss.backward()
        optimizer.step()
        assert loss.dtype == np.float32
        for parameter in model.parameters():
            assert parameter.grad is not None
            velocity = optimizer.state[parameter]["velocity"]
            assert {parameter.dtype, parameter.grad.dtype, velocity.dtype} == {np.dtype("f4")}
    assert {buffer.dtype for buffer in optimizer.scratch.buffers.values()} <= {np.dtype("f4")}
