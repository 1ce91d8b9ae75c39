"""How the kernels are found, loaded, switched and given out; and the steps of optimizers by them.

The kernels of ops are in tests/test_kernels.py.
"""

from __future__ import annotations

import importlib.util
import itertools
import json
import math
import os
import subprocess
import sys
import types
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import autograd_lite as ag
from autograd_lite import kernels, nn, optim
from tests.optim_cases import leaves

numba: Any = pytest.importorskip("numba")

ROOT = Path(__file__).resolve().parent.parent

# Prints what a short training with all that asks for kernels gives, and what was loaded when.
SCRIPT = """
import json, sys, warnings
{first}
with warnings.catch_warnings(record=True) as caught:
    warnings.simplefilter("always")
    import numpy as np
    import autograd_lite as ag
    from autograd_lite import nn, optim
    early = "numba" in sys.modules
    x, y = np.linspace(-1, 1, 12).reshape(4, 3), np.array([0, 1, 1, 0])
    generator = np.random.default_rng(0)
    model = nn.Sequential(nn.Linear(3, 5, generator=generator, dtype="f8"), nn.ReLU())
    optimizer = optim.SGD(model.parameters(), lr=0.1)
    for _ in range(3):
        optimizer.zero_grad()
        loss = (model(x) ** 2).sum()
        loss.backward()
        optimizer.step()
said = [(w.category.__name__, str(w.message)) for w in caught]
print(json.dumps([loss.item(), said, early, "numba" in sys.modules]))
"""


def trained(first: str = "", **environment: str) -> tuple[float, list[tuple[str, str]], bool, bool]:
    """What the script prints: the loss, the warnings, and whether numba was loaded when."""
    inherited = {name: value for name, value in os.environ.items() if name != kernels.VARIABLE}
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT.format(first=first)],
        cwd=ROOT,
        env=inherited | environment,
        capture_output=True,
        text=True,
        check=True,
    )
    loss, said, early, late = json.loads(done.stdout)
    return loss, said, early, late


@pytest.fixture(scope="module")
def loss() -> float:
    """What the training gives without kernels, which never loads numba."""
    loss, said, early, late = trained(AUTOGRAD_LITE_FAST="0")
    assert not said
    assert not early
    assert not late
    return loss


def test_numba_is_loaded_on_first_use_and_its_code_kept(loss: float, tmp_path: Path) -> None:
    found, said, early, late = trained(NUMBA_CACHE_DIR=str(tmp_path))
    assert found == pytest.approx(loss, rel=1e-14)
    assert not said
    assert not early
    assert late
    assert list(tmp_path.rglob("*momentum_step*.nbc"))


BROKEN = {
    "import": "raise ImportError('it needs another NumPy')",
    "compiling": "def njit(**settings): raise TypeError('it needs another NumPy')",
    "result": "def njit(**settings): return lambda function: lambda *args: None",
}


@pytest.mark.parametrize("kind", BROKEN)
def test_a_broken_numba_is_said_once_and_done_without(
    kind: str, loss: float, tmp_path: Path
) -> None:
    (tmp_path / "numba.py").write_text(BROKEN[kind] + "\n")
    paths = os.pathsep.join(filter(None, [str(tmp_path), os.environ.get("PYTHONPATH", "")]))
    found, said, early, _ = trained(PYTHONPATH=paths)
    assert found == loss
    assert not early
    ((category, message),) = said
    assert category == "RuntimeWarning"
    assert "set AUTOGRAD_LITE_FAST=0" in message
    assert ("another NumPy" if kind != "result" else "instead of [0.5, 0.5]") in message


def test_a_missing_numba_is_done_without_a_word(loss: float) -> None:
    found, said, _, _ = trained("sys.modules['numba'] = None")
    assert found == loss
    assert not said


@pytest.fixture
def other_numba(monkeypatch: pytest.MonkeyPatch) -> types.ModuleType:
    """A module in place of numba that does nothing, and kernels that are not loaded yet."""
    module = types.ModuleType("numba")
    module.__spec__ = importlib.util.spec_from_loader("numba", None)
    monkeypatch.setitem(sys.modules, "numba", module)
    monkeypatch.delitem(sys.modules, "autograd_lite.kernels.loops", raising=False)
    monkeypatch.delenv(kernels.VARIABLE, raising=False)
    monkeypatch.setattr(kernels, "_switch", kernels._Switch())
    return module


@pytest.mark.usefixtures("other_numba")
def test_what_did_not_work_is_not_tried_again_when_switched_on() -> None:
    with kernels.switched(on=True), pytest.warns(RuntimeWarning, match="does not work"):
        assert not kernels.available()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert not kernels.available()
        with kernels.switched(on=True):
            assert not kernels.available()


def test_a_module_in_place_of_numba_without_a_spec_is_no_numba(
    other_numba: types.ModuleType,
) -> None:
    """As some tools for documentation put there."""
    other_numba.__spec__ = None
    assert not kernels._Switch().on


def test_without_a_folder_for_the_cache_kernels_are_compiled_all_the_same(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    right, asked = numba.njit, []

    def njit(*, cache: bool = False, **settings: Any) -> Any:
        asked.append(cache)
        if cache:
            message = "cannot cache function: no locator available"
            raise RuntimeError(message)
        return right(**settings)

    monkeypatch.setattr(numba, "njit", njit)
    path = Path(kernels.__file__).with_name("loops.py")
    spec = importlib.util.spec_from_file_location("loops_without_cache", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    module.check()
    assert asked[:2] == [True, False]


@pytest.mark.parametrize("before", [True, False])
def test_switched_restores_what_was_also_after_an_error(before: bool) -> None:
    def fail() -> None:
        with kernels.switched(on=not before):
            assert kernels.available() is not before
            raise ZeroDivisionError

    with kernels.switched(on=before):
        with pytest.raises(ZeroDivisionError):
            fail()
        assert kernels.available() is before


def test_kernels_are_for_plain_arrays_of_one_dtype() -> None:
    x = np.ones((4, 4), np.float32)
    fixed = x.copy()
    fixed.flags.writeable = False
    swapped = x.astype(x.dtype.newbyteorder())
    with kernels.switched(on=True):
        assert kernels.compiled(x, x.copy()) is not None
        others = (x[:, ::2], x.T[1:], x.astype("f8"), x.astype("f2"), x.astype("i4"), swapped)
        for other in (*others, fixed):
            assert kernels.compiled(x, other) is None
    with kernels.switched(on=False):
        assert kernels.compiled(x) is None


@pytest.mark.parametrize("index", [[3, 0], [0, -1], [0, 1, 2]])
def test_no_kernel_is_given_an_index_beyond_its_array(index: list[int]) -> None:
    for on in (True, False):
        with kernels.switched(on=on), pytest.raises((IndexError, ValueError), match="class_cross"):
            nn.functional.class_cross_entropy(np.ones((2, 3)), index=np.array(index))


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_rows_are_added_in_the_order_of_numpys_add_at(dtype: str) -> None:
    rng = np.random.default_rng(0)
    index, g = rng.integers(-4, 4, (50,)), rng.normal(size=(50, 3)).astype(dtype)
    expected = np.zeros((4, 3), dtype)
    np.add.at(expected, index, g)
    w = ag.tensor(np.ones((4, 3), dtype), requires_grad=True)
    with kernels.switched(on=True):
        (found,) = ag.grad(w[index], w, g)
    assert found.numpy().tobytes() == expected.tobytes()


# ---- optimizers

COMMON: list[dict[str, Any]] = [
    {},
    {"clip_value": None, "clip_norm": 1e9},
    {"clip_value": 0.5, "clip_norm": 2.0, "weight_decay": 0.1, "maximize": True},
]
MOMENTA = itertools.product([0, 0.9], [None, 0], [False, True])
SGD = [{"momentum": m, "dampening": d, "nesterov": n, **c} for m, d, n in MOMENTA for c in COMMON]
ADAM = [(rule, c) for rule in (optim.Adam, optim.AdamW) for c in COMMON]
RULES: list[tuple[type[optim.Optimizer], dict[str, Any]]] = [*((optim.SGD, c) for c in SGD), *ADAM]
each_rule = pytest.mark.parametrize(("rule", "chosen"), RULES)


def path(
    rule: type[optim.Optimizer],
    chosen: dict[str, Any],
    dtype: str,
    *,
    ways: tuple[bool, ...],
    factor: float = 1,
) -> list[Any]:
    """The parameters and what is remembered after three steps in each way, by a new optimizer."""
    params, state = leaves((3, 4), (), (0, 2), (300, 300), dtype=dtype), None
    grads = [np.random.default_rng(1).normal(0, 3, p.shape) for p in params]
    grads[0][0, 0] *= factor
    for on in ways:
        optimizer = rule(params, **chosen)
        if state is not None:
            optimizer.load_state_dict(state)
        for t in range(3):
            for param, grad in zip(params, grads, strict=True):
                param.grad = ag.tensor(grad * (t + 1), dtype=dtype)
            with kernels.switched(on=on), np.errstate(invalid="ignore"):
                optimizer.step()
        state = optimizer.state_dict()
    kept = [value for one in (state or {})["state"].values() for value in one.values()]
    return [p.numpy() for p in params] + [np.asarray(value) for value in kept]


def same_bits(got: list[Any], expected: list[Any]) -> None:
    """Assert that arrays are the same to the last bit."""
    for a, b in zip(got, expected, strict=True):
        np.testing.assert_array_equal(a, b)
        assert a.tobytes() == b.tobytes()


def same_steps(rule: Any, chosen: dict[str, Any] | None = None, dtype: str = "float32") -> None:
    """Compare NumPy, the kernel, and one that goes on with what the other remembered."""
    expected = path(rule, chosen or {}, dtype, ways=(False, False))
    for ways in [(True, True), (True, False), (False, True)]:
        same_bits(path(rule, chosen or {}, dtype, ways=ways), expected)


@each_rule
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_steps_are_the_same_to_the_bit(rule: Any, chosen: dict[str, Any], dtype: str) -> None:
    same_steps(rule, chosen, dtype)


@each_rule
def test_steps_by_gradients_that_are_not_finite_are_the_same(
    rule: Any, chosen: dict[str, Any]
) -> None:
    for factor in (math.inf, math.nan):
        fast, plain = (
            path(rule, chosen, "float32", ways=(on,), factor=factor) for on in (True, False)
        )
        for a, b in zip(fast, plain, strict=True):
            np.testing.assert_array_equal(a, b)


@pytest.mark.parametrize("rule", [optim.SGD, optim.Adam, optim.AdamW])
@pytest.mark.parametrize("method", ["update", "decay"])
def test_a_rule_of_ones_own_is_not_passed_over(rule: Any, method: str) -> None:
    calls = []
    own = type("Own", (rule,), {method: lambda *_: calls.append(method)})
    w = ag.ones(3, requires_grad=True)
    w.grad = ag.ones(3)
    with kernels.switched(on=True):
        own([w], weight_decay=0.1).step()
    assert calls == [method]
