"""The state of optimizers: it resumes bit for bit, and comes back only where it fits."""

import copy
import pickle
import re
from typing import Any

import numpy as np
import pytest

import autograd_lite as ag
from autograd_lite import nn, optim


def model_and_optimizer(**settings: Any) -> tuple[nn.Module, optim.SGD]:
    """A small model, the same at every call."""
    ag.manual_seed(0)
    model = nn.Sequential(nn.Linear(2, 5), nn.Tanh(), nn.Linear(5, 1), nn.Sigmoid())
    return model, optim.SGD(model.parameters(), lr=0.5, **settings)


def train(model: nn.Module, optimizer: optim.Optimizer, steps: int, seed: int = 0) -> None:
    """Some steps on data that depends on the seed."""
    rng = np.random.default_rng(seed)
    for _ in range(steps):
        x = rng.standard_normal((4, 2))
        optimizer.zero_grad()
        nn.BCELoss()(model(x), (x[:, :1] > 0)).backward()
        optimizer.step()


def same(a: nn.Module, b: nn.Module) -> bool:
    """Whether two models are equal to the last bit."""
    pairs = zip(a.state_dict().values(), b.state_dict().values(), strict=True)
    return all(x.tobytes() == y.tobytes() for x, y in pairs)


@pytest.mark.parametrize("nesterov", [False, True])
def test_training_resumes_bit_for_bit(nesterov: bool) -> None:
    """State saved after some steps, through pickle, continues exactly in a new model."""
    model, optimizer = model_and_optimizer(nesterov=nesterov, weight_decay=0.1)
    train(model, optimizer, 5)
    optimizer.param_groups[0]["lr"] = 0.25
    optimizer.param_groups[0]["initial_lr"] = 0.5  # as a schedule leaves it
    saved = pickle.dumps((model.state_dict(), optimizer.state_dict()))
    train(model, optimizer, 5, seed=1)
    twin, other = model_and_optimizer()
    weights, state = pickle.loads(saved)  # noqa: S301
    twin.load_state_dict(weights)
    other.load_state_dict(state)
    assert other.param_groups[0]["initial_lr"] == 0.5
    train(twin, other, 5, seed=1)
    assert same(model, twin)


def test_state_is_copied_out_and_in() -> None:
    """Neither side of state_dict and load_state_dict shares arrays with the optimizer."""
    model, optimizer = model_and_optimizer()
    train(model, optimizer, 2)
    state = optimizer.state_dict()
    kept = copy.deepcopy(state)
    train(model, optimizer, 1)
    optimizer.load_state_dict(state)
    train(model, optimizer, 1)
    for i, entry in kept["state"].items():
        assert entry["step"] == 2
        np.testing.assert_array_equal(state["state"][i]["velocity"], entry["velocity"])


def test_a_state_that_does_not_fit_is_refused_whole() -> None:
    """Every misfit has its error, and the optimizer stays as it was."""
    model, optimizer = model_and_optimizer()
    train(model, optimizer, 1)
    state = optimizer.state_dict()
    (group,) = state["param_groups"]
    wrong = {0: {"step": 1, "velocity": np.zeros((3, 3))}}
    several = {0: wrong[0], 1: {}, 9: {}, 2: {"step": 1, "velocity": [[1.0], [1.0, 2.0]]}}
    listed = (
        "groups of [4, 4] parameters for [4]; unexpected in group 0: betas; velocity of shape"
        " (3, 3) for parameter 0 of (2, 5); missing for parameter 1: step; state of parameter 9"
        " of 4; velocity of parameter 2 is no array of numbers"
    )
    cases: list[tuple[Any, str]] = [
        ({"weights": 1}, "got something else; expected what state_dict() gave"),
        ({**state, "param_groups": []}, "groups of [] parameters for [4]"),
        ({**state, "param_groups": [{"params": [0, 1, 2, 3]}]}, "missing in group 0: clip_norm,"),
        ({**state, "state": {9: {}}}, "state of parameter 9 of 4"),
        ({**state, "state": wrong}, "velocity of shape (3, 3) for parameter 0 of (2, 5)"),
        ({**state, "param_groups": [{**group, "lr": -1}]}, "SGD: got lr=-1; expected"),
        (
            {"param_groups": [{**group, "betas": (0, 1)}, group], "state": several},
            listed,
        ),
    ]
    for bad, message in cases:
        with pytest.raises(ValueError, match=re.escape(message)):
            optimizer.load_state_dict(bad)
    after = optimizer.state_dict()
    assert after["param_groups"] == state["param_groups"]
    assert after["state"].keys() == state["state"].keys()


@pytest.mark.parametrize(
    "copied",
    [copy.deepcopy, lambda pair: pickle.loads(pickle.dumps(pair))],  # noqa: S301
    ids=["deepcopy", "pickle"],
)
def test_a_model_and_its_optimizer_are_copied_together(copied: Any) -> None:
    """Copied as a pair, the copy trains on as the original does, and apart from it."""
    model, optimizer = model_and_optimizer()
    train(model, optimizer, 3)
    twin, other = copied((model, optimizer))
    train(model, optimizer, 3, seed=1)
    assert not same(model, twin)
    train(twin, other, 3, seed=1)
    assert same(model, twin)


def test_an_optimizer_follows_its_model_to_another_dtype() -> None:
    """After Module.to, the remembered arrays take the new dtype at the next step."""
    model, optimizer = model_and_optimizer()
    train(model, optimizer, 1)
    model.to("float64")
    train(model, optimizer, 1)
    velocities = [entry["velocity"] for entry in optimizer.state.values()]
    assert {velocity.dtype for velocity in velocities} == {np.dtype("f8")}
