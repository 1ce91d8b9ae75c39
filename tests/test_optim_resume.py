"""The state of every optimizer: saved as bytes, JSON or a file, it continues to the last bit."""

import json
import pickle
from pathlib import Path

import pytest

import autograd_lite as ag
from tests.optim_cases import Rule, closure_of, every_rule, leaves, values


@every_rule
@pytest.mark.parametrize("through", ["pickle", "json", "npz", "safetensors"])
def test_it_resumes_bit_for_bit(rule: Rule, through: str, tmp_path: Path) -> None:
    """State that was saved, as bytes, JSON's lists and strings or a file, continues exactly."""
    shapes: list[tuple[int, ...]] = [(3,), (), (0, 2), (2, 2)]
    params = leaves(*shapes, dtype="f4")
    settings = {"weight_decay": 0.01}
    optimizer = rule.make(params, **settings)
    for _ in range(4):
        optimizer.step(closure_of(params))
    state = optimizer.state_dict()
    if through == "pickle":
        state = pickle.loads(pickle.dumps(state))  # noqa: S301
    elif through == "json":
        state = json.loads(json.dumps(state, default=lambda array: array.tolist()))
    else:
        ag.save(tmp_path / f"state.{through}", state)
        state = ag.load(tmp_path / f"state.{through}")
    twins = [ag.tensor(param, requires_grad=True) for param in params]
    other = rule.make(twins)
    other.load_state_dict(state)
    for _ in range(4):
        optimizer.step(closure_of(params))
        other.step(closure_of(twins))
    assert values(params) == values(twins)


@every_rule
def test_a_pickled_optimizer_goes_on(rule: Rule) -> None:
    """With its parameters in one pickle, a copy does what the original does."""
    params = leaves((3,))
    optimizer = rule.make(params)
    optimizer.step(closure_of(params))
    twins, other = pickle.loads(pickle.dumps((params, optimizer)))  # noqa: S301
    for _ in range(3):
        optimizer.step(closure_of(params))
        other.step(closure_of(twins))
    assert values(params) == values(twins)


@every_rule
def test_the_state_is_a_copy(rule: Rule) -> None:
    """Further steps change nothing in it."""
    params = leaves((3,))
    optimizer = rule.make(params)
    optimizer.step(closure_of(params))
    state = optimizer.state_dict()
    kept = pickle.dumps(state)
    optimizer.step(closure_of(params))
    assert pickle.dumps(state) == kept


@every_rule
def test_another_rules_state_is_refused(rule: Rule) -> None:
    """The error names the settings that it lacks, and nothing changes."""
    (param,) = leaves((2,))
    optimizer = rule.make([param])
    optimizer.step(closure_of([param]))
    before = pickle.dumps(optimizer.state_dict())
    state = optimizer.state_dict()
    del state["param_groups"][0]["lr"]
    with pytest.raises(ValueError, match=r"does not fit \(missing in group 0: lr\); expected"):
        optimizer.load_state_dict(state)
    assert pickle.dumps(optimizer.state_dict()) == before
