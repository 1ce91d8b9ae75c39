"""THE table of optimizers: one line a rule, with its formula of tests/optim_formulas.py."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import strategies as st

import autograd_lite as ag
from autograd_lite import optim
from tests import optim_formulas as formulas

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tests.optim_formulas import Formula, Vector

rates = st.floats(1e-4, 0.1)
decays = st.floats(0.0, 0.99)
epsilons = st.floats(1e-8, 1e-2)
betas = st.tuples(st.floats(0, 0.99), st.floats(0.5, 0.9999))


@dataclass(frozen=True)
class Rule:
    """An optimizer, its formula, and the settings that hypothesis draws."""

    optimizer: type[optim.Optimizer]
    formula: Formula
    settings: dict[str, st.SearchStrategy[Any]]
    bad: list[tuple[str, Any, str]]  # a setting, a value, and what the error says is expected
    fixed: dict[str, Any] = field(default_factory=dict)
    decays: bool = True  # whether the gradient is decayed before the formula
    joint: bool = False  # whether all parameters are one vector

    @property
    def name(self) -> str:
        """The class's name."""
        return self.optimizer.__name__

    def make(self, params: Any, **settings: Any) -> optim.Optimizer:
        """An optimizer with some settings."""
        return self.optimizer(params, **{**self.fixed, **settings})


FRACTION = "a number from 0 up to, but not, 1"
TWO = "two numbers from 0 up to, but not, 1"
BETAS = [("betas", (0.9, 1.0), TWO), ("betas", 0.9, TWO)]
EPS = [("eps", 0.0, "a finite number above 0"), ("eps", 1e-60, "below which it is 0 in float32")]
ADAM = {"lr": rates, "betas": betas, "eps": epsilons}
NO_CLIP = {"clip_value": None}

RULES = [
    Rule(
        optim.SGD,
        formulas.sgd,
        {"lr": rates, "momentum": decays},
        [("momentum", 1, FRACTION)],
        NO_CLIP,
    ),
    Rule(
        optim.AdaGrad,
        formulas.adagrad,
        {"lr": rates, "eps": epsilons, "initial_accumulator_value": st.floats(0, 1)},
        [*EPS, ("initial_accumulator_value", -1, "a finite number, at least 0")],
    ),
    Rule(
        optim.RMSProp,
        formulas.rmsprop,
        {
            "lr": rates,
            "alpha": st.floats(0.1, 0.99),
            "eps": epsilons,
            "momentum": decays,
            "centered": st.booleans(),
        },
        [*EPS, ("alpha", 1.0, FRACTION), ("momentum", -1, FRACTION), ("centered", 1, "True or")],
    ),
    Rule(optim.Adam, formulas.adam, ADAM, [*EPS, *BETAS]),
    Rule(optim.AdamW, formulas.adamw, ADAM, [*EPS, *BETAS], decays=False),
    Rule(optim.Adamax, formulas.adamax, ADAM, [*EPS, *BETAS]),
    Rule(
        optim.NAdam,
        formulas.nadam,
        {**ADAM, "momentum_decay": st.floats(0, 0.1)},
        [*EPS, *BETAS, ("momentum_decay", -1, "a finite number, at least 0")],
    ),
    Rule(optim.RAdam, formulas.radam, ADAM, [*EPS, *BETAS]),
    Rule(
        optim.AdaDelta,
        formulas.adadelta,
        {"lr": st.floats(0.1, 2), "rho": decays, "eps": epsilons},
        [*EPS, ("rho", "much", FRACTION)],
    ),
    Rule(optim.Lion, formulas.lion, {"lr": rates, "betas": betas}, BETAS, decays=False),
    Rule(optim.LAMB, formulas.lamb, ADAM, [*EPS, *BETAS], decays=False),
    Rule(
        optim.Rprop,
        formulas.rprop,
        {
            "lr": rates,
            "etas": st.tuples(st.floats(0.1, 0.9), st.floats(1.1, 1.5)),
            "step_sizes": st.tuples(st.floats(1e-6, 1e-4), st.floats(0.1, 1)),
        },
        [
            ("etas", (1.0, 1.2), "one number between 0 and 1, and one above 1"),
            ("etas", 0.5, "one number"),
            ("step_sizes", (2.0, 1.0), "two finite numbers, the smaller first"),
        ],
    ),
    Rule(
        optim.LBFGS,
        formulas.lbfgs,
        {"lr": st.floats(0.1, 1.0), "history_size": st.integers(1, 6)},
        [
            ("history_size", 0, "an integer, at least 1"),
            ("max_iter", 1.5, "an integer, at least 1"),
            ("max_eval", 0, "an integer, at least 1, or None for 5/4 of max_iter"),
            ("tolerance_grad", -1, "a finite number, at least 0"),
            ("tolerance_change", None, "a finite number, at least 0"),
            ("line_search_fn", "armijo", "'strong_wolfe' or None"),
        ],
        {"line_search_fn": None, "max_iter": 1, "tolerance_grad": 0, "tolerance_change": 0},
        joint=True,
    ),
]


def prepared(g: Vector, w: Vector, settings: dict[str, Any], *, decays: bool) -> Vector:
    """What a rule is given of a gradient: by norm, by value, then the sign, then decay."""
    if settings["clip_norm"] is not None:
        g = g * min(1, settings["clip_norm"] / np.sqrt((g**2).sum()))
    if settings["clip_value"] is not None:
        g = np.clip(g, -settings["clip_value"], settings["clip_value"])
    g = -g if settings["maximize"] else g
    return g + settings["weight_decay"] * w if decays else g


def path(
    rule: Rule, start: Vector, gradient: Callable[[Vector, int], Vector], steps: int, **given: Any
) -> Vector:
    """Where a rule's formula is after each of some steps."""
    common = {"clip_norm": None, "clip_value": None, "maximize": False, "weight_decay": 0.0}
    settings = {**common, **given}
    w, s, points = start, defaultdict[str, Any](float), []
    for t in range(1, steps + 1):
        g = prepared(gradient(w, t), w, settings, decays=rule.decays)
        w = rule.formula(w, g, s, t=t, **settings)
        points.append(w)
    return np.array(points)


every_rule = pytest.mark.parametrize("rule", RULES, ids=[rule.name for rule in RULES])


# ---- what to try them on


def leaves(*shapes: tuple[int, ...], dtype: str = "f8", seed: int = 0) -> list[ag.Tensor]:
    """Parameters with some values."""
    rng = np.random.default_rng(seed)
    return [ag.tensor(rng.uniform(-2, 2, s).astype(dtype), requires_grad=True) for s in shapes]


def closure_of(params: Sequence[ag.Tensor], *, sign: float = 1.0) -> Callable[[], ag.Tensor]:
    """The loss sum w^2 of all parameters, with its gradients."""

    def closure() -> ag.Tensor:
        for param in params:
            param.grad = None
        loss: Any = sum(sign * (param * param).sum() for param in params)
        loss.backward()
        return ag.tensor(loss.item())

    return closure


def values(params: Sequence[ag.Tensor]) -> list[bytes]:
    """The parameters to the last bit."""
    return [param.numpy().tobytes() for param in params]
