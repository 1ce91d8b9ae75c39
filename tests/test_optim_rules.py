"""Every optimizer against its formula, as tests/optim_cases.py has it written out."""

import inspect
import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import autograd_lite as ag
from autograd_lite import optim
from autograd_lite.optim.joint import Joint
from autograd_lite.optim.moments import Moments
from tests.optim_cases import RULES, Rule, every_rule, path
from tests.optim_formulas import Vector

STEPS = 50
TOLERANCE = 1e-12

common = st.fixed_dictionaries(
    {
        "weight_decay": st.just(0.0) | st.floats(0, 0.5),
        "clip_value": st.none() | st.floats(0.1, 2),
        "clip_norm": st.none() | st.floats(0.1, 2),
        "maximize": st.booleans(),
    }
)


def test_every_optimizer_is_in_the_table() -> None:
    """What the face exports, bases apart, is tested; no class is there twice."""
    exported = {
        value
        for value in vars(optim).values()
        if inspect.isclass(value) and issubclass(value, optim.Optimizer)
    }
    assert exported - {optim.Optimizer, Joint, Moments} == {rule.optimizer for rule in RULES}
    assert len(RULES) == len({rule.optimizer for rule in RULES})


def walked(rule: Rule, start: Vector, gradient: Any, settings: dict[str, Any]) -> Vector:
    """Where the optimizer is after each of STEPS steps."""
    w = ag.tensor(start, requires_grad=True)
    optimizer = rule.make([w], **settings)
    points = []
    for t in range(1, STEPS + 1):

        def closure(t: int = t) -> float:
            w.grad = ag.tensor(gradient(w.numpy(), t))
            return 0.0

        optimizer.step(closure)
        points.append(w.numpy().copy())
    return np.array(points)


@every_rule
@given(data=st.data(), seed=st.integers(0, 2**32 - 1), shared=common)
def test_a_rule_is_its_formula(rule: Rule, data: Any, seed: int, shared: dict[str, Any]) -> None:
    """Over 50 steps to 1e-12, at any settings; gradients depend on the parameter, and on noise."""
    settings = {**data.draw(st.fixed_dictionaries(rule.settings)), **shared}
    rng = np.random.default_rng(seed)
    start = rng.uniform(-2, 2, 5)
    noise = rng.standard_normal((STEPS + 1, 5)) * rng.integers(0, 2, (STEPS + 1, 5))
    curve = np.array([1.0, 1.2, 1.4, 1.6, 1.8])

    def gradient(w: Vector, t: int) -> Vector:
        if rule.joint:  # a convex function: where curvature is near 0, rounding errors grow
            return -curve * w if settings["maximize"] else curve * w
        return 0.3 * np.tanh(w) + noise[t]

    if rule.joint:
        settings |= {"clip_value": None, "clip_norm": None}
    expected = path(rule, start, gradient, STEPS, **{**rule.fixed, **settings})
    np.testing.assert_allclose(
        walked(rule, start, gradient, settings), expected, rtol=TOLERANCE, atol=TOLERANCE
    )


def test_the_defaults_of_the_documents_rules() -> None:
    """lr, and the constants of the papers, beside eps inside the root or outside."""
    w = ag.zeros(1, requires_grad=True)
    assert optim.AdaGrad([w]).defaults.items() >= {"lr": 0.01, "eps": 1e-8}.items()
    assert optim.RMSProp([w]).defaults.items() >= {"lr": 0.01, "alpha": 0.99}.items()
    expected = {"lr": 0.001, "betas": (0.9, 0.999), "eps": 1e-8, "weight_decay": 0.0}
    assert optim.Adam([w]).defaults.items() >= expected.items()
    assert optim.AdamW([w]).defaults["weight_decay"] == 0.01


@pytest.mark.parametrize(
    ("rule", "divisor"),
    [
        (optim.AdaGrad, math.sqrt(9 + 7)),
        (optim.RMSProp, math.sqrt(0.5 * 9 + 7)),
        (optim.Adam, 3 + 7),
    ],
)
def test_eps_is_where_the_table_has_it(rule: Any, divisor: float) -> None:
    """With g = 3 and eps = 7, the first step tells inside the root from outside."""
    w = ag.tensor(np.zeros(1), requires_grad=True)
    w.grad = ag.tensor(np.array([3.0]))
    more = {"alpha": 0.5} if rule is optim.RMSProp else {}
    rule([w], lr=1.0, eps=7.0, **more).step()
    np.testing.assert_allclose(w.item(), -3 / divisor, rtol=1e-12)


def test_the_variance_is_the_difference_of_the_averages() -> None:
    """E[g^2] - E[g]^2, to the digits that the difference has."""
    rng = np.random.default_rng(0)
    w = ag.tensor(np.zeros(5), requires_grad=True)
    optimizer = optim.RMSProp([w], alpha=0.9, centered=True)
    square = mean = np.zeros(5)
    for g in rng.standard_normal((50, 5)):
        w.grad = ag.tensor(g)
        optimizer.step()
        square, mean = 0.9 * square + 0.1 * g**2, 0.9 * mean + 0.1 * g
        np.testing.assert_allclose(optimizer.state[w]["variance"], square - mean**2, rtol=1e-10)


def test_a_centred_root_is_never_of_a_negative_number() -> None:
    """Equal gradients in float32, whose average square less squared average rounds below 0."""
    w = ag.zeros(1, requires_grad=True)
    optimizer = optim.RMSProp([w], centered=True, alpha=0.9, eps=1e-8)
    for _ in range(500):
        w.grad = ag.tensor([1234.567])
        optimizer.step()
    assert np.isfinite(w.item())
    assert w.item() < 0


def test_rprop_sees_signs_alone() -> None:
    """Gradients whose product float32 cannot hold still have equal signs."""
    w = ag.zeros(1, requires_grad=True)
    optimizer = optim.Rprop([w], lr=1.0, etas=(0.5, 2.0))
    for _ in range(3):
        w.grad = ag.tensor([1e-30])
        optimizer.step()
    assert w.item() == -7.0


def test_lamb_treats_every_parameter_by_itself() -> None:
    """Each moves by lr times its own norm, where its weights have one."""
    big, small, none = (ag.tensor(np.full(4, v), requires_grad=True) for v in (100.0, 1.0, 0.0))
    for w in (big, small, none):
        w.grad = ag.tensor(np.ones(4))
    optim.LAMB([big, small, none], lr=0.1, weight_decay=0, eps=1e-12).step()
    for w, expected in ((big, 90), (small, 0.9), (none, -0.1)):
        np.testing.assert_allclose(w.numpy(), np.full(4, expected))


@pytest.mark.parametrize("settings", [{"momentum": 0.5}, {"centered": True}], ids=str)
def test_rmsprops_kinds_may_change_on_the_way(settings: dict[str, Any]) -> None:
    """What was not remembered so far begins at zero."""
    w = ag.tensor([1.0], requires_grad=True)
    w.grad = ag.tensor([0.5])
    optimizer = optim.RMSProp([w])
    optimizer.step()
    optimizer.param_groups[0].update(settings)
    optimizer.step()
    assert set(optimizer.state[w]) > {"step", "square"}
    assert np.isfinite(w.item())
