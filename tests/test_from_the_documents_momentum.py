"""What docs/from_the_documents.md says of momentum and optimizers, shown."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from threadpoolctl import threadpool_limits

import autograd_lite as ag
from autograd_lite import nn, optim
from tests.example_files import load


def descend(steps: int, lr: float, **settings: Any) -> list[float]:
    """Points on the way of SGD down a function that is neither quadratic nor convex."""
    w = ag.tensor(np.array([1.7, -0.3]), requires_grad=True)
    optimizer = optim.SGD([w], lr=lr, clip_value=None, **settings)
    points = []
    for _ in range(steps):
        optimizer.zero_grad()
        (w**4 / 4 - w * w * 0.5 + 0.3 * ag.sin(w * 3)).sum().backward()
        optimizer.step()
        points.extend(w.detach().numpy().tolist())
    return points


@given(st.floats(1e-3, 0.1), st.floats(0.0, 0.99))
def test_average_momentum_is_the_classic_one_with_a_smaller_step(lr: float, mu: float) -> None:
    """The average with lr a and the classic form with lr a (1 - mu) make the same steps."""
    average = descend(30, lr, momentum=mu)
    classic = descend(30, lr * (1 - mu), momentum=mu, dampening=0)
    np.testing.assert_allclose(average, classic, rtol=0, atol=1e-12)


@pytest.fixture
def spiral(monkeypatch: pytest.MonkeyPatch) -> Any:
    """The spiral example, with a table of runs to add to."""
    example = load("spiral")
    monkeypatch.setattr(example, "RUNS", dict(example.RUNS))
    return example


def replay(example: Any, name: str, epochs: int) -> list[float]:
    """The losses of a run. One thread: these matrices only wait for a second."""
    with threadpool_limits(1):
        return list(example.replay(name, epochs).losses)


def test_the_failing_run_and_the_corrected_one_are_one_rule(spiral: Any) -> None:
    """Run A, "classic", with run C's optimizer, "correct", prints the same losses."""
    spiral.RUNS["A by C"] = replace(spiral.RUNS["A"], optimizer=spiral.RUNS["C"].optimizer)
    found = replay(spiral, "A by C", 11)
    np.testing.assert_allclose(found, replay(spiral, "A", 11), rtol=0, atol=1e-9)
    assert [f"{loss:.4f}" for loss in found] == [
        f"{loss:.4f}" for loss in list(spiral.RUNS["A"].printed.values())[:11]
    ]


def test_the_stable_run_is_the_classic_form_at_a_tenth(spiral: Any) -> None:
    """Run B by v = mu v - lr g, the form that "epically failed", with lr 0.001."""
    settings = {"lr": 0.001, "momentum": 0.9, "dampening": 0, "clip_value": None}
    spiral.RUNS["B classic"] = replace(spiral.RUNS["B"], optimizer=settings)
    found = replay(spiral, "B classic", 30)
    np.testing.assert_allclose(found, replay(spiral, "B", 30), rtol=0, atol=1e-9)


def test_run_d_ends_better_than_printed(spiral: Any) -> None:
    """Its first six losses are the printed ones; after 200 epochs it is far below 0.0195."""
    losses = replay(spiral, "D", 200)
    assert [f"{loss:.4f}" for loss in losses[:6]] == [
        f"{spiral.RUNS['D'].printed[epoch]:.4f}" for epoch in range(6)
    ]
    assert losses[-1] < 0.002


@given(st.lists(st.floats(-1e3, 1e3), min_size=1, max_size=50), st.floats(0.0, 0.99))
def test_average_momentum_amplifies_nothing(gradients: list[float], mu: float) -> None:
    """The velocity never exceeds the largest gradient so far; the classic one can, 1 / (1 - mu)."""
    w = ag.tensor(0.0, requires_grad=True, dtype="float64")
    optimizer = optim.SGD([w], lr=1.0, momentum=mu, clip_value=None)
    for g in gradients:
        before = w.item()
        optimizer.zero_grad()
        (g * w).backward()
        optimizer.step()
        assert abs(w.item() - before) <= max(map(abs, gradients)) * (1 + 1e-9) + 1e-9


def test_the_printed_sign_would_climb() -> None:
    """0.1 (0.9 v - 0.1 g), as document 1 has it once, goes uphill from rest; with + it descends."""

    def end(sign: float) -> float:
        x, v = 1.0, 0.0
        for _ in range(50):
            v = 0.9 * v + sign * 0.1 * 2 * x  # of x^2
            x -= 0.1 * v
        return abs(x)

    assert end(-1) > 2
    assert end(+1) < 0.5


def test_clipping_by_value_turns_the_step() -> None:
    """The document's clip changes the direction of a gradient; clip_norm keeps it."""
    stepped = {}
    for setting in ("clip_value", "clip_norm"):
        w = ag.tensor(np.zeros(2), requires_grad=True)
        settings: dict[str, Any] = {"clip_value": None, setting: 1.0}
        optimizer = optim.SGD([w], lr=1.0, momentum=0.0, **settings)
        (w * np.array([30.0, 0.4])).sum().backward()
        optimizer.step()
        assert w.grad is not None
        np.testing.assert_array_equal(w.grad.numpy(), [30, 0.4])  # the backward pass is as it was
        stepped[setting] = -w.detach().numpy()
    np.testing.assert_array_equal(stepped["clip_value"], [1, 0.4])
    np.testing.assert_allclose(stepped["clip_norm"], np.array([30, 0.4]) / np.hypot(30, 0.4))


def test_the_network_of_document_2_needs_its_classic_form() -> None:
    """By the average of its own table, with the same lr, it has hardly begun after 100 epochs."""
    example = load("backprop_by_hand")
    classic = example.train_by_engine(101).losses[100]
    x, generator = example.make_data()
    options: dict[str, Any] = {"dtype": "float64", "generator": generator}
    model = nn.Sequential(
        nn.Linear(2, 64, "normal", **options), nn.ReLU(), nn.Linear(64, 3, "normal", **options)
    )
    optimizer = optim.SGD(model.parameters(), lr=0.1, momentum=0.9, clip_value=None)
    for _ in range(101):
        loss = nn.SoftmaxCrossEntropyLoss()(model(x), example.LABELS)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    assert f"{classic:.3f}" == "0.019"
    assert f"{loss.item():.3f}" == "0.931"


# ---- optimizers


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        (lambda w: optim.AdaGrad([w], lr=1.0, eps=1e-8), 1e-4 / np.sqrt(1e-8 + 1e-8)),
        (lambda w: optim.RMSProp([w], lr=1.0, alpha=0.0, eps=1e-8), 1e-4 / np.sqrt(2e-8)),
        (lambda w: optim.Adam([w], lr=1.0, eps=1e-8), 1e-4 / (1e-4 + 1e-8)),
    ],
    ids=["AdaGrad", "RMSProp", "Adam"],
)
def test_eps_is_inside_the_root_but_for_adam(rule: Any, expected: float) -> None:
    """The first step for a gradient of 1e-4, whose square is eps: 0.71 of lr, and 1 for Adam."""
    w = ag.tensor(np.zeros(1), requires_grad=True)
    (w * 1e-4).sum().backward()
    rule(w).step()
    assert -w.item() == pytest.approx(expected, rel=1e-9)


def test_a_velocity_belongs_to_its_parameter() -> None:
    """Two parameters of one name have two velocities; document 1 keys them by name."""
    first, second = nn.Parameter([0.0, 0.0]), nn.Parameter([0.0])
    first.name = second.name = "weight"
    optimizer = optim.SGD([first, second], lr=1.0)
    (first.sum() + second.sum()).backward()
    optimizer.step()
    assert [state["velocity"].shape for state in optimizer.state.values()] == [(2,), (1,)]
