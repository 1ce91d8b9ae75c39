"""Every public function, class and method, called wrongly: it answers, or its error names it."""

from __future__ import annotations

import inspect
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, Phase, find, given, reject, settings
from hypothesis import strategies as st

import autograd_lite as ag
from autograd_lite import creation, kernels
from autograd_lite.recording import USUAL, mode
from tests import surface
from tests.fitting import calls
from tests.hostile import tensors

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.surface import Target

FUNCTIONS, METHODS = surface.functions(), surface.methods()
ABSTRACT = {"optim.LRScheduler", "data.read_idx", "data.fashion_mnist"}  # they need more than that
GIB = 2**30

# A target gets a third of the examples that a property has: there are hundreds of them.
few = settings(
    derandomize=os.environ.get("HYPOTHESIS_PROFILE") != "nightly",  # which is there to find more
    max_examples=max(settings.default.max_examples // 4, 5) if settings.default else 6,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)


@pytest.fixture(scope="module", autouse=True)
def limited() -> Iterator[None]:
    """So little memory that a huge size fails at once, and takes nothing else down."""
    resource = pytest.importorskip("resource")
    kernels.available()  # whose libraries are large, and are loaded once
    before = resource.getrlimit(resource.RLIMIT_AS)
    used = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (used + 2 * GIB, before[1]))
    yield
    resource.setrlimit(resource.RLIMIT_AS, before)


@pytest.fixture(autouse=True)
def as_before(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """What all calls share, put back; and a folder for what is written by the name of a string."""
    monkeypatch.chdir(tmp_path)
    dtype, generator = ag.get_default_dtype(), creation._generator
    yield
    ag.set_default_dtype(dtype)
    creation._generator = generator
    mode.set(USUAL)


def instance(draw: Callable[[Any], Any], owner: Any) -> Any:
    """An object of a class, made of arguments that fit."""
    if owner is ag.Tensor:
        return draw(tensors)
    label = next(target.label for target in FUNCTIONS if target.value is owner)
    for _ in range(8):
        args, named = draw(calls(inspect.signature(owner), label, good=True))
        try:
            with surface.silence():
                return owner(*args, **named)
        except (TypeError, ValueError):
            continue
    return reject()


def attempt(draw: Callable[[Any], Any], target: Target) -> None:
    """Call `target`; fail where the call did what it may not do."""
    call = target.value
    if target.owner is not None:
        call = getattr(instance(draw, target.owner), target.value.__name__)
    args, named = draw(calls(target.signature, target.label))
    _, wrong = surface.outcome(target, call, args, named)
    ag.set_default_dtype("float32")
    mode.set(USUAL)
    assert wrong is None, f"{wrong}\n{args!r:.500} {named!r:.500}"


@pytest.mark.parametrize("target", FUNCTIONS, ids=repr)
def test_a_function_answers_or_names_itself(target: Target) -> None:
    few(given(st.data())(lambda data: attempt(data.draw, target)))()


@pytest.mark.parametrize("target", METHODS, ids=repr)
def test_a_method_answers_or_names_itself(target: Target) -> None:
    few(given(st.data())(lambda data: attempt(data.draw, target)))()


@pytest.mark.parametrize("target", [t for t in FUNCTIONS if t.label not in ABSTRACT], ids=repr)
def test_the_fuzzer_gets_past_the_checks_of_every_function(target: Target) -> None:
    """So a new name needs no line anywhere, unless its arguments must fit one another."""
    good = calls(target.signature, target.label, good=True)

    def answers(call: Any) -> bool:
        result, _ = surface.outcome(target, target.value, *call)
        return not isinstance(result, BaseException)

    seek = settings(max_examples=500, database=None, derandomize=True, phases=[Phase.generate])
    find(good, answers, settings=seek)
