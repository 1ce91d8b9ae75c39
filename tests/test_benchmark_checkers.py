"""What the checkers are compared on: right references, mutants that are wrong, our verdicts."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from autograd_lite.testing import gradcheck

FOLDER = Path(__file__).parent.parent / "benchmarks"
sys.path.append(str(FOLDER))  # as for Python itself, so that its files import one another

functions: Any = importlib.import_module("checking.functions")
kinks: Any = importlib.import_module("checking.kinks")
mutants: Any = importlib.import_module("checking.mutants")

TRIED = ("one entry 1% off", "computed in float32")  # of those of every function

of_each_subject = pytest.mark.parametrize("subject", functions.SUBJECTS, ids=lambda s: s.name)


def drawn(subject: Any, *, large: bool = False) -> tuple[Any, ...]:
    """Inputs and a cotangent."""
    random = np.random.default_rng(1)
    inputs = subject.draw(random, large)
    return inputs, random.standard_normal(subject.forward(*inputs).shape)


def along(gradients: Any, directions: Any) -> float:
    """The sum of the products; None is no gradient."""
    pairs = zip(gradients, directions, strict=True)
    return sum(float(np.vdot(g, d)) for g, d in pairs if g is not None)


@of_each_subject
@pytest.mark.parametrize("large", [False, True])
def test_the_reference_gradient_is_the_complex_step(subject: Any, large: bool) -> None:
    inputs, cotangent = drawn(subject, large=large)
    directions = [np.random.default_rng(2).standard_normal(x.shape) for x in inputs]
    moved = [x + 1e-30j * d for x, d in zip(inputs, directions, strict=True)]
    expected = float(np.vdot(cotangent, subject.forward(*moved).imag / 1e-30))
    assert along(subject.vjp(cotangent, *inputs), directions) == pytest.approx(expected, rel=1e-9)


@of_each_subject
@pytest.mark.parametrize("large", [False, True])
def test_every_mutant_is_wrong(subject: Any, large: bool) -> None:
    inputs, cotangent = drawn(subject, large=large)
    right = subject.vjp(cotangent, *inputs)
    for name, vjp in mutants.every_mutant(subject, inputs).items():
        pairs = zip(vjp(cotangent, *inputs), right, strict=True)
        wrong = [0.0 if a is None else np.abs(a - b).max() / np.abs(b).max() for a, b in pairs]
        missing = any(a is None for a in vjp(cotangent, *inputs))
        assert missing or max(wrong) > 1e-9, name


@of_each_subject
def test_gradcheck_tells_right_from_wrong(subject: Any) -> None:
    inputs, _ = drawn(subject)
    assert gradcheck(subject.forward, inputs, vjp=subject.vjp)
    wrong = mutants.every_mutant(subject, inputs)
    for name in (*TRIED, *subject.mutants):
        report = gradcheck(subject.forward, inputs, vjp=wrong[name], raise_exception=False)
        assert not report, name


@pytest.mark.parametrize("name", ["one entry zero", "one entry 1% off"])
def test_gradcheck_finds_one_wrong_entry_among_a_thousand(name: str) -> None:
    (subject,) = [s for s in functions.SUBJECTS if s.name == "tanh"]
    inputs, cotangent = drawn(subject, large=True)
    vjp = mutants.every_mutant(subject, inputs)[name]
    assert inputs[0].size > 1000
    assert np.sum(vjp(cotangent, *inputs)[0] != subject.vjp(cotangent, *inputs)[0]) == 1
    assert gradcheck(subject.forward, inputs, vjp=subject.vjp)
    assert not gradcheck(subject.forward, inputs, vjp=vjp, raise_exception=False)


@pytest.mark.parametrize("kink", kinks.KINKS, ids=lambda k: k.name)
def test_gradcheck_accepts_what_lies_between_the_sides_alone(kink: Any) -> None:
    def accepted(value: tuple[float, ...]) -> bool:
        vjp = kinks.constant_vjp(value)
        return bool(gradcheck(kink.forward, kink.point, vjp=vjp, raise_exception=False))

    assert all(map(accepted, kink.inside))
    assert not any(map(accepted, kink.outside))
