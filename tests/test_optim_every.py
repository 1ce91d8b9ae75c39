"""What is checked of every optimizer in tests/optim_cases.py, beside its formula."""

import math
import re
import tracemalloc
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import autograd_lite as ag
from autograd_lite import nn, optim
from autograd_lite.optim import scratch
from tests.optim_cases import RULES, Rule, closure_of, every_rule, leaves, values

seeds = st.integers(0, 2**32 - 1)


@every_rule
def test_it_descends(rule: Rule) -> None:
    """200 steps bring a sum of squares down, and a model's loss."""
    params = leaves((3,), (2, 2))
    optimizer, closure = rule.make(params, lr=1.0 if rule.name == "AdaDelta" else 0.02), None
    closure = closure_of(params)
    first = closure().item()
    for _ in range(200):
        optimizer.step(closure)
    assert closure().item() < first / 2


@every_rule
def test_to_ascend_is_to_descend_the_negative(rule: Rule) -> None:
    """`maximize` of -f takes the steps of f, decay included."""
    params, twins = leaves((3,)), leaves((3,))
    plain = rule.make(params, weight_decay=0.1)
    mirrored = rule.make(twins, weight_decay=0.1, maximize=True)
    for _ in range(5):
        plain.step(closure_of(params))
        mirrored.step(closure_of(twins, sign=-1.0))
    assert values(params) == values(twins)


@every_rule
@given(seed=seeds, lr=st.floats(1e-3, 0.1), decay=st.floats(0, 0.5))
def test_groups_have_settings_of_their_own(rule: Rule, seed: int, lr: float, decay: float) -> None:
    """Two groups are two optimizers; of one that searches all together, they differ in decay."""
    own = {"weight_decay": decay} if rule.joint else {"weight_decay": decay, "lr": lr}
    a, b = leaves((3,), (2,), seed=seed)
    c, d = leaves((3,), (2,), seed=seed)
    grouped = rule.make([{"params": [a], **own}, {"params": b}])
    if rule.joint:

        def closure() -> ag.Tensor:
            loss = closure_of([c, d])()
            assert c.grad is not None
            c.grad.data[...] += decay * c.numpy()  # what the other does by itself
            return loss

        separate = [(rule.make([c, d]), closure)]
    else:
        separate = [
            (rule.make([c], **own), closure_of([c])),
            (rule.make([d]), closure_of([d])),
        ]
    for _ in range(3):
        grouped.step(closure_of([a, b]))
        for optimizer, closure in separate:
            optimizer.step(closure)
    if rule.joint:
        np.testing.assert_allclose(a.numpy(), c.numpy(), rtol=1e-12)
    else:
        assert values([a, b]) == values([c, d])


@every_rule
def test_a_group_may_be_added_on_the_way(rule: Rule) -> None:
    """Its parameters are updated from then on."""
    a, b = leaves((3,), (2,))
    optimizer = rule.make([a], lr=0.1)
    optimizer.step(closure_of([a, b]))
    before = values([a, b])
    optimizer.add_param_group({"params": b})
    optimizer.step(closure_of([a, b]))
    assert all(x != y for x, y in zip(values([a, b]), before, strict=True))


@every_rule
def test_float32_stays_float32(rule: Rule) -> None:
    """With NumPy's float64 numbers as settings, no array that a step touches is float64."""
    params = leaves((3,), (2, 2), dtype="f4")
    optimizer = rule.make(params, lr=np.float64(0.1), weight_decay=np.float64(0.01))
    group = optimizer.param_groups[0]
    if "betas" in group:
        group["betas"] = tuple(map(np.float64, group["betas"]))
    for _ in range(3):
        optimizer.step(closure_of(params))
    arrays = [v for entry in optimizer.state.values() for v in entry.values() if np.ndim(v)]
    arrays += [*optimizer.scratch.buffers.values(), *(param.numpy() for param in params)]
    if isinstance(optimizer, optim.LBFGS):
        assert optimizer.memory is not None
        flat, history = optimizer.memory
        arrays += [flat.point, flat.direction, history.steps, history.changes]
    assert {array.dtype for array in arrays} == {np.dtype("f4")}


@every_rule
def test_the_state_follows_the_parameter_to_another_dtype(rule: Rule) -> None:
    """After Module.to, training goes on in the new one."""
    model = nn.Linear(3, 2)
    optimizer = rule.make(model.parameters())
    params = list(model.parameters())
    optimizer.step(closure_of(params))
    model.to("float64")
    for _ in range(2):
        optimizer.step(closure_of(params))
    kept = [v for entry in optimizer.state.values() for v in entry.values() if np.ndim(v)]
    assert {array.dtype for array in [*kept, *(p.numpy() for p in params)]} == {np.dtype("f8")}


@every_rule
def test_scalars_and_empty_parameters_are_updated(rule: Rule) -> None:
    """A 0-d parameter moves as its only element would in a vector; one without any stays."""
    scalar, empty = leaves((), (0, 3))
    (vector,) = leaves((1,))
    optimizer, other = rule.make([scalar, empty], lr=0.1), rule.make([vector], lr=0.1)
    for _ in range(3):
        optimizer.step(closure_of([scalar, empty]))
        other.step(closure_of([vector]))
    assert (scalar.shape, empty.shape) == ((), (0, 3))
    np.testing.assert_allclose(scalar.item(), vector.item(), rtol=1e-12)


@every_rule
@pytest.mark.parametrize("dtype", ["f4", "f8"])
def test_zero_gradients_move_nothing(rule: Rule, dtype: str) -> None:
    """From the first step on, and without a division of 0 by 0."""
    (param,) = leaves((3,), dtype=dtype)
    before = values([param])
    optimizer = rule.make([param], weight_decay=0)
    for _ in range(3):
        param.grad = ag.tensor(np.zeros(3, dtype))
        optimizer.step(lambda: 0.0)
    assert values([param]) == before


@every_rule
def test_a_step_leaves_gradients_and_graphs_alone(rule: Rule) -> None:
    """Neither `grad` nor what was recorded before the step sees it."""
    (w,), x = leaves((2,)), ag.tensor(np.ones(2), requires_grad=True)
    optimizer = rule.make([w], lr=0.1, weight_decay=0.1, maximize=True)
    y = (w * x).sum()
    old = w.numpy().copy()
    w.grad = ag.tensor(np.array([3.0, -4.0]))
    optimizer.step(lambda: 0.0)
    y.backward()
    assert w.grad is not None
    assert x.grad is not None
    np.testing.assert_array_equal(x.grad.numpy(), old)
    np.testing.assert_array_equal(w.grad.numpy(), np.array([3.0, -4.0]) + 1)


@every_rule
def test_a_step_makes_no_garbage(rule: Rule) -> None:
    """From the second step on, no array is allocated; large parameters are updated in place."""
    params = leaves((100_000,), (200, 200), dtype="f4")
    for param in params:
        param.grad = ag.tensor(param)
    clip = {} if rule.joint else {"clip_value": 1.0, "clip_norm": 10.0}
    optimizer = rule.make(params, weight_decay=0.1, maximize=True, **clip)
    optimizer.step(lambda: 0.0)
    optimizer.step(lambda: 0.0)
    homes = [param._data.ctypes.data for param in params]
    tracemalloc.start()
    optimizer.step(lambda: 0.0)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 20_000
    assert [param._data.ctypes.data for param in params] == homes


@every_rule
def test_parts_and_the_whole_are_the_same(rule: Rule, monkeypatch: pytest.MonkeyPatch) -> None:
    """A parameter that is updated in parts, the last one short, is as if it were small."""
    wholes, split = leaves((7, 11)), leaves((7, 11))
    one, other = rule.make(wholes, weight_decay=0.1), rule.make(split, weight_decay=0.1)
    for _ in range(4):
        one.step(closure_of(wholes))
    monkeypatch.setattr(scratch, "PART", 10)
    for _ in range(4):
        other.step(closure_of(split))
    assert values(wholes) == values(split)


@pytest.mark.parametrize(
    ("rule", "setting", "value", "expected"),
    [(rule, *bad) for rule in RULES for bad in [*rule.bad, ("lr", -0.5, "a finite number, at")]],
)
def test_a_bad_setting_is_quoted(rule: Rule, setting: str, value: Any, expected: str) -> None:
    """The error has the rule, the setting, its value and what is expected, of groups too."""
    w = ag.zeros(1, requires_grad=True)
    start = re.escape(f"{rule.name}: got {setting}={value!r}; expected ")
    with pytest.raises(ValueError, match=f"{start}.*{re.escape(expected)}"):
        rule.make([w], **{setting: value})
    if not rule.joint:
        with pytest.raises(ValueError, match=start):
            rule.make([{"params": w, setting: value}])


@every_rule
def test_an_unknown_setting_is_refused(rule: Rule) -> None:
    """The error names it."""
    with pytest.raises(TypeError, match="learning_rate"):
        rule.make([ag.zeros(1, requires_grad=True)], learning_rate=0.1)


@every_rule
def test_the_docstring_has_formula_source_and_example(rule: Rule) -> None:
    """Whoever asks for help finds what is computed, by whom it was found, and a start."""
    doc = rule.optimizer.__doc__ or ""
    for part in ("    W <- ", "Args:", "Source:", "Example:", "**common", "weight_decay"):
        assert part in doc or (rule.name == "SGD" and part == "**common")


def test_eps_that_a_dtype_cannot_hold_is_refused() -> None:
    """In float16, 1e-8 is 0, and the first zero gradient would make a nan."""
    w = ag.tensor(np.zeros(1, "f2"), requires_grad=True)
    with pytest.raises(ValueError, match=r"got eps=1e-08; expected at least 6\.0e-08, below which"):
        optim.Adam([w])
    optimizer = optim.Adam([w], eps=1e-4)
    w.grad = ag.tensor(np.zeros(1, "f2"))
    optimizer.step()
    assert not math.isnan(w.item())
