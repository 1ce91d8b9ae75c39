"""L-BFGS and its line search."""

import math
import pickle
import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

import autograd_lite as ag
from autograd_lite import optim
from autograd_lite.optim.lbfgs_history import History
from autograd_lite.optim.line_search import FLAT, SUFFICIENT, Point, strong_wolfe
from tests.optim_formulas import Vector

seeds = st.integers(0, 2**32 - 1)


def rosenbrock(w: Any) -> Any:
    """The curved valley, in any number of dimensions; lowest at (1, 1, ...)."""
    return (100 * (w[1:] - w[:-1] ** 2) ** 2 + (1 - w[:-1]) ** 2).sum()


def valley(w: Vector) -> Vector:
    """Its gradient, by hand."""
    rise = 200 * (w[1:] - w[:-1] ** 2)
    gradient = np.zeros_like(w)
    gradient[1:] += rise
    gradient[:-1] -= 2 * w[:-1] * rise + 2 * (1 - w[:-1])
    return gradient


def closure_of(
    optimizer: optim.Optimizer, w: ag.Tensor, function: Callable[[Any], Any], calls: list[float]
) -> Callable[[], ag.Tensor]:
    """The function as a closure, which notes the losses."""

    def closure() -> ag.Tensor:
        optimizer.zero_grad()
        loss: ag.Tensor = function(w)
        loss.backward()
        calls.append(loss.item())
        return loss

    return closure


# ---- the line search


@given(
    st.floats(-3, 3),
    st.floats(-3, 3),
    st.floats(0.1, 3),
    st.floats(0.01, 100),
)
def test_a_found_step_satisfies_the_conditions(a: float, b: float, c: float, step: float) -> None:
    """On waves in a bowl, from any first step, within 25 calls."""

    def function(t: float) -> tuple[float, float]:
        value = a * math.sin(b * t) + c * (t - 1) ** 2
        return value, a * b * math.cos(b * t) + 2 * c * (t - 1)

    start = Point(0.0, *function(0.0))
    assume(start.slope < -1e-3)
    found, calls = strong_wolfe(function, start, step)
    assert calls <= 25
    assert (found.value, found.slope) == function(found.step)
    assert found.value <= start.value + SUFFICIENT * found.step * start.slope
    assert abs(found.slope) <= FLAT * abs(start.slope)


def test_a_step_that_is_good_is_taken_at_once() -> None:
    """One call."""
    found, calls = strong_wolfe(lambda t: ((t - 1) ** 2, 2 * (t - 1)), Point(0, 1, -2), 1.0)
    assert (found, calls) == (Point(1, 0, 0), 1)


@pytest.mark.parametrize("bad", [math.inf, math.nan, -math.inf])
def test_values_that_are_not_finite_are_too_high(bad: float) -> None:
    """Where the function ends at 1, a step is found before that."""

    def function(t: float) -> tuple[float, float]:
        return (-t, -1 + t) if t < 1 else (bad, 0.0)

    found, _ = strong_wolfe(function, Point(0, 0, -1), 8.0)
    assert 0 < found.step < 1


def test_a_search_gives_up() -> None:
    """Where every value is higher, or the function falls for ever, it ends with what it has."""
    start = Point(0.0, 0.0, -1.0)
    assert strong_wolfe(lambda _: (1.0, -1.0), start, 1.0, most=7) == (start, 7)
    found, calls = strong_wolfe(lambda t: (-t, -1.0), start, 1.0, most=3)
    assert calls == 3
    assert found.value < -1


# ---- the direction


@given(seeds, st.integers(1, 5), st.integers(1, 8))
def test_the_direction_is_that_of_the_dense_inverse(seed: int, most: int, count: int) -> None:
    """H <- (I - r s y') H (I - r y s') + r s s' over the last pairs, from s y / y y I."""
    rng = np.random.default_rng(seed)
    root = rng.standard_normal((6, 6))
    hessian = root @ root.T + np.eye(6)
    history, pairs = History(most, 6, float), []
    for _ in range(count):
        step = rng.standard_normal(6)
        assert history.push(step, hessian @ step)
        pairs.append((step, hessian @ step))
    step, change = pairs[-1]
    inverse = step @ change / (change @ change) * np.eye(6)
    for step, change in pairs[-most:]:
        r = 1 / (step @ change)
        left = np.eye(6) - r * np.outer(step, change)
        inverse = left @ inverse @ left.T + r * np.outer(step, step)
    gradient = rng.standard_normal(6)
    np.testing.assert_allclose(
        history.direction(gradient, np.empty(6)), -inverse @ gradient, rtol=1e-7, atol=1e-9
    )


def test_a_pair_that_curves_downwards_is_not_kept() -> None:
    """s y must be positive."""
    history = History(3, 2, float)
    assert not history.push(np.ones(2), -np.ones(2))
    assert not history.push(np.ones(2), np.zeros(2))
    assert not history.push(np.ones(2), np.full(2, np.nan))
    np.testing.assert_array_equal(history.direction(np.ones(2), np.empty(2)), -np.ones(2))


# ---- the optimizer


@pytest.mark.parametrize("size", [2, 10])
def test_rosenbrocks_valley_is_crossed(size: int) -> None:
    """From the classic start, to 1e-6 in one call of step and under 150 of the closure."""
    w = ag.tensor(np.tile([-1.2, 1.0], size // 2), requires_grad=True)
    optimizer = optim.LBFGS([w], max_iter=150, tolerance_grad=1e-9, tolerance_change=0)
    calls: list[float] = []
    first = optimizer.step(closure_of(optimizer, w, rosenbrock, calls))
    assert first.item() == calls[0]
    assert len(calls) < 150
    np.testing.assert_allclose(w.numpy(), np.ones(size), atol=1e-6)


@given(seeds)
def test_a_quadratic_takes_few_iterations(seed: int) -> None:
    """Of 8 unknowns, to 1e-6 within 30 iterations."""
    rng = np.random.default_rng(seed)
    root = rng.standard_normal((8, 8))
    matrix, target = root @ root.T / 8 + np.eye(8), rng.standard_normal(8)
    w = ag.tensor(np.zeros(8), requires_grad=True)
    optimizer = optim.LBFGS([w], max_iter=30, tolerance_change=0)
    optimizer.step(
        closure_of(optimizer, w, lambda w: (w @ matrix @ w) / 2 - (w * target).sum(), [])
    )
    np.testing.assert_allclose(w.numpy(), np.linalg.solve(matrix, target), atol=1e-6)


def test_accepted_steps_satisfy_the_strong_wolfe_conditions() -> None:
    """Each iteration in the valley, seen from outside."""
    w = ag.tensor(np.array([-1.2, 1.0]), requires_grad=True)
    optimizer = optim.LBFGS([w], max_iter=1, max_eval=30)
    steps = 0
    while rosenbrock(w.numpy()) > 1e-9:
        old, steps = w.numpy().copy(), steps + 1
        optimizer.step(closure_of(optimizer, w, rosenbrock, []))
        step, slope = w.numpy() - old, valley(old) @ (w.numpy() - old)
        assert slope < 0
        assert rosenbrock(w.numpy()) <= rosenbrock(old) + SUFFICIENT * slope
        assert abs(valley(w.numpy()) @ step) <= FLAT * abs(slope) * (1 + 1e-9)
    assert steps < 45


def test_one_call_of_many_iterations_is_many_calls_of_one() -> None:
    """What is remembered passes from call to call, with a search and without."""
    for search, lr in (("strong_wolfe", 1.0), (None, 0.01)):
        one, many = (ag.tensor(np.array([0.5, 1.0]), requires_grad=True) for _ in range(2))
        settings: dict[str, Any] = {"lr": lr, "line_search_fn": search, "tolerance_change": 0}
        first = optim.LBFGS([one], max_iter=8, max_eval=100, **settings)
        first.step(closure_of(first, one, rosenbrock, []))
        second = optim.LBFGS([many], max_iter=1, max_eval=100, **settings)
        for _ in range(8):
            second.step(closure_of(second, many, rosenbrock, []))
        np.testing.assert_array_equal(one.numpy(), many.numpy())


def test_it_stops_at_the_limits() -> None:
    """At max_eval, about, and where the gradient is as small as is asked for."""
    w = ag.tensor(np.array([-1.2, 1.0]), requires_grad=True)
    optimizer = optim.LBFGS([w], max_iter=100, max_eval=10)
    calls: list[float] = []
    optimizer.step(closure_of(optimizer, w, rosenbrock, calls))
    assert 10 <= len(calls) <= 10 + 25
    w = ag.tensor(np.ones(2), requires_grad=True)
    optimizer, calls = optim.LBFGS([w]), []
    optimizer.step(closure_of(optimizer, w, rosenbrock, calls))
    assert calls == [0.0]


def test_decay_is_part_of_what_is_searched() -> None:
    """With weight_decay 2, (w - 3)^2 + w^2 is lowest at 1.5; ascending, so is the negative."""
    for sign in (1.0, -1.0):
        w = ag.tensor(np.zeros(3), requires_grad=True)
        optimizer = optim.LBFGS([w], weight_decay=2.0, maximize=sign < 0)

        def bowl(w: ag.Tensor, sign: float = sign) -> ag.Tensor:
            return sign * ((w - 3) ** 2).sum()

        optimizer.step(closure_of(optimizer, w, bowl, []))
        np.testing.assert_allclose(w.numpy(), np.full(3, 1.5), rtol=1e-6)


def test_frozen_parameters_stay() -> None:
    """One that requires no gradient, also from the middle of training on, does not move."""
    a, b = (ag.tensor(np.array([2.0, 3.0]), requires_grad=True) for _ in range(2))
    optimizer = optim.LBFGS([a, b], max_iter=2)

    def closure() -> ag.Tensor:
        optimizer.zero_grad()
        loss = (a**4).sum() + (a * b).sum() ** 2
        loss.backward()
        return loss

    optimizer.step(closure)
    b.requires_grad = False
    kept = b.numpy().copy()
    for _ in range(10):
        optimizer.step(closure)
    np.testing.assert_array_equal(b.numpy(), kept)
    np.testing.assert_allclose(a.numpy(), np.zeros(2), atol=0.1)


def test_a_closure_that_fails_leaves_the_parameters() -> None:
    """An error in the middle of a search puts them back to where the iteration began."""
    w = ag.tensor(np.array([-1.2, 1.0]), requires_grad=True)
    optimizer = optim.LBFGS([w])
    calls: list[float] = []
    inner = closure_of(optimizer, w, rosenbrock, calls)

    def closure() -> ag.Tensor:
        if len(calls) == 1:
            raise KeyboardInterrupt
        return inner()

    with pytest.raises(KeyboardInterrupt):
        optimizer.step(closure)
    np.testing.assert_array_equal(w.numpy(), [-1.2, 1.0])


def test_wrong_use_is_explained() -> None:
    """No closure, or one without a loss; a loss of nan; clipping in a search; a group's own lr."""
    w, v = (ag.tensor([1.0], requires_grad=True) for _ in range(2))
    optimizer = optim.LBFGS([w])
    with pytest.raises(TypeError, match=r"LBFGS.step: got no closure; expected a function that"):
        optimizer.step()
    with pytest.raises(TypeError, match=r"LBFGS.step: got None; expected a loss, which is one"):
        optimizer.step(lambda: None)
    with pytest.raises(ValueError, match=r"LBFGS.step: got a loss of nan and a gradient of .*lr"):
        optimizer.step(lambda: math.nan)
    message = "LBFGS: got clip_norm=1.0; expected None, for the search needs the gradient as it is"
    with pytest.raises(ValueError, match=message):
        optim.LBFGS([w], clip_norm=1.0)
    with pytest.raises(ValueError, match=r"LBFGS: got lr=0.1; expected 1.0, as the optimizer has"):
        optimizer.add_param_group({"params": v, "lr": 0.1})
    assert len(optimizer.param_groups) == 1


def test_a_history_that_does_not_fit_is_refused() -> None:
    """Of another number of parameters, or without its curvatures; nothing changes."""
    w = ag.tensor(np.array([-1.2, 1.0]), requires_grad=True)
    optimizer = optim.LBFGS([w], max_iter=3)
    optimizer.step(closure_of(optimizer, w, rosenbrock, []))
    state, before = optimizer.state_dict(), pickle.dumps(optimizer.state_dict())
    for history in ({"steps": np.ones((1, 2))}, {**state["history"], "steps": np.ones((9, 7))}):
        with pytest.raises(ValueError, match=re.escape("LBFGS.load_state_dict: got a history")):
            optimizer.load_state_dict({**state, "history": history})
    assert pickle.dumps(optimizer.state_dict()) == before


def test_the_history_may_be_made_longer_or_shorter() -> None:
    """The newest pairs stay."""
    w = ag.tensor(np.array([-1.2, 1.0]), requires_grad=True)
    optimizer = optim.LBFGS([w], max_iter=6)
    optimizer.step(closure_of(optimizer, w, rosenbrock, []))
    newest = optimizer.state_dict()["history"]["steps"][-2:]
    optimizer.param_groups[0]["history_size"] = 2
    optimizer.param_groups[0]["tolerance_grad"] = 1e9  # nothing moves
    optimizer.step(closure_of(optimizer, w, rosenbrock, []))
    np.testing.assert_array_equal(optimizer.state_dict()["history"]["steps"], newest)
