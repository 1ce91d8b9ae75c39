"""`op_case`: each aspect finds what it is for, and wrong declarations are refused."""

from __future__ import annotations

import dataclasses
import os
import subprocess
import sys
from typing import Any

import hypothesis
import numpy as np
import pytest
from hypothesis import strategies as st

import autograd_lite as ag
from autograd_lite.func import custom_op
from autograd_lite.testing import GradientError, OpCase, op_case
from autograd_lite.testing.example import Example
from autograd_lite.testing.strategies import Domain

QUICK: dict[str, Any] = {"max_examples": 15, "derandomize": True, "database": None}


@custom_op
def right(x: Any, y: Any, /) -> Any:
    """sin(x) y."""
    return np.sin(x) * y, lambda g: g * ag.cos(x) * y, lambda g: g * ag.sin(x)


@custom_op
def shifted(x: Any, /) -> Any:
    """The value is a little off."""
    return np.sin(x) + 1e-6, lambda g: g * ag.cos(x)


@custom_op
def turned(x: Any, /) -> Any:
    """The gradient has the wrong sign."""
    return np.sin(x), lambda g: -g * ag.cos(x)


@custom_op
def once(x: Any, /) -> Any:
    """The second gradient is lost."""
    return np.sin(x), lambda g: g * ag.func.stop_gradient(ag.cos(x))


@custom_op
def bent(x: Any, /) -> Any:
    """The rule is not linear in g."""
    return np.sin(x), lambda g: ag.abs(g) * ag.cos(x)


@custom_op
def widened(x: Any, /) -> Any:
    """float32 comes out as float64."""
    return np.sin(x.astype(np.float64)), lambda g: g * ag.cos(x)


calls: list[int] = []


def counting(x: Any, /) -> Any:
    """Another result each time."""
    calls.append(1)
    return ag.sin(x) * len(calls)


def of_memory(x: Any, /) -> Any:
    """What lies in memory, not what is at a place."""
    array = x if isinstance(x, np.ndarray) else x._data
    return x * (1.0 if array.flags.c_contiguous else 2.0)


@custom_op
def unreachable(x: Any, y: Any, /) -> Any:
    """The second array has no gradient."""
    return np.sin(x) + 0 * y, lambda g: g * ag.cos(x), None


def cut(x: Any, /) -> Any:
    """No graph."""
    return ag.sin(x.detach()) if isinstance(x, ag.Tensor) else np.sin(x)


def test_a_right_op_passes_all_aspects() -> None:
    case = op_case(right, lambda x, y: np.sin(x) * y, order=3)
    assert case.aspects == OpCase.ASPECTS
    case.run(max_examples=10)
    for aspect in OpCase.ASPECTS:
        case.run(aspect, max_examples=5)


@pytest.mark.parametrize(
    ("op", "aspect", "says"),
    [
        (shifted, "value", "shifted: the result of tensors has the wrong value"),
        (ag.func.custom_op(lambda x, /: ag.tensor(1.0) * x), "value", "shape|value|Tensor"),
        (turned, "gradient", "gradcheck: turned: the gradient of order 1 is wrong"),
        (once, "gradient", "gradcheck: once: the gradient of order 2 is wrong"),
        (bent, "laws", "check_laws: bent: broken"),
        (widened, "dtype", "widened: the result has the wrong dtype"),
        (of_memory, "layout", "of_memory: the .*, of arrays in .* layouts .* has the wrong value"),
        (counting, "hygiene", "determinis"),
        (cut, "dtype", "cut: gives no result that gradients pass"),
    ],
)
def test_each_aspect_finds_what_it_is_for(op: Any, aspect: str, says: str) -> None:
    reference = np.sin if aspect == "value" else None
    with pytest.raises(AssertionError, match=says) as caught:
        op_case(op, reference).run(aspect, **QUICK)
    assert caught.value.__notes__[0] == f"Aspect: {aspect}"
    assert any("example=" in note for note in caught.value.__notes__)


def test_an_input_without_a_gradient_is_found() -> None:
    with pytest.raises((AssertionError, ValueError, RuntimeError), match="input"):
        op_case(unreachable).run("dtype", **QUICK)


def test_an_aspect_is_checked_with_one_example_and_any_draw() -> None:
    @hypothesis.settings(max_examples=5, database=None)
    @hypothesis.given(st.data())
    def test(data: st.DataObject) -> None:
        op_case(right).check("gradient", data.draw)
        with pytest.raises(GradientError):
            op_case(turned, domains=Domain(0.1, 1.0), inputs=st.just(([(2,)], {}))).check(
                "gradient", data.draw
            )

    test()


def test_orders_above_two_are_checked_in_some_examples() -> None:
    orders = set()

    @hypothesis.settings(max_examples=50, database=None, derandomize=True)
    @hypothesis.given(st.data())
    def test(data: st.DataObject) -> None:
        orders.add(op_case(right, order=4).example(data.draw, "gradient").order)

    test()
    assert orders == {2, 4}


def test_slow_aspects_draw_a_third_of_the_examples(monkeypatch: pytest.MonkeyPatch) -> None:
    drawn = {}
    monkeypatch.setattr(OpCase, "example", lambda *_: Example(op_case(right), [], {}, 0))

    def count(aspect: str, examples: int) -> int:
        hypothesis.settings.register_profile("here", max_examples=examples, database=None)
        profile = os.environ.get("HYPOTHESIS_PROFILE", "dev")  # as tests/conftest.py has it
        hypothesis.settings.load_profile("here")
        try:
            test: Any = op_case(right).test(aspect)
        finally:
            hypothesis.settings.load_profile(profile)
        return int(test._hypothesis_internal_use_settings.max_examples)

    for aspect in ("gradient", "laws"):
        drawn[aspect] = [count(aspect, examples) for examples in (9, 60, 1000)]
    assert drawn == {"gradient": [9, 60, 1000], "laws": [5, 20, 1000]}


def test_the_search_climbs_towards_the_largest_discrepancy() -> None:
    seen: list[float] = []

    @hypothesis.settings(max_examples=3, database=None, derandomize=True)
    @hypothesis.given(st.data())
    def test(data: st.DataObject) -> None:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(hypothesis, "target", lambda value, **_: seen.append(value))
            op_case(right).check("gradient", data.draw)

    test()
    assert seen
    assert all(0 <= value < 1 for value in seen)


def test_an_example_is_written_as_a_call() -> None:
    case = op_case(ag.sum, np.sum, st.just(([(2,)], {"axis": 0})))
    arrays = [np.arange(4.0, dtype=np.float32)[::2]]
    assert repr(Example(case, arrays, {"axis": 0}, 1)) == (
        "sum(array([0., 2.], dtype=float32), axis=0)  # input 0 has strides (8,)"
    )


@pytest.mark.parametrize(
    ("arguments", "settings", "error", "says"),
    [
        ((3,), {}, TypeError, "got 3 as op; expected a function"),
        ((right, 3), {}, TypeError, "got 3 as reference"),
        ((right, None, 3), {}, TypeError, "got 3 as inputs; expected a strategy of pairs"),
        ((right, None, lambda _: 3), {}, TypeError, "as inputs; expected a strategy"),
        ((right,), {"domains": ()}, ValueError, r"got domains=\(\); expected a Domain for each"),
        ((right,), {"domains": (1, 2)}, TypeError, r"got domains=\(1, 2\); expected a Domain"),
        ((right,), {"domains": 3}, TypeError, r"got domains=\(3,\); expected a Domain"),
        ((right,), {"order": -1}, ValueError, "got order=-1; expected 0, 1, 2 or more"),
        ((right,), {"order": 1.5}, ValueError, "got order=1.5"),
        ((right,), {"call": "f"}, TypeError, "got 'f' as call"),
        ((right,), {"name": 3}, TypeError, "got 3 as name; expected a string"),
        ((lambda x: x,), {}, TypeError, "no parameters before a slash.*give inputs"),
        ((print,), {"name": "p"}, TypeError, "op_case: p has no parameters before a slash"),
    ],
)
def test_a_wrong_declaration_is_refused(
    arguments: tuple[Any, ...], settings: dict[str, Any], error: type[Exception], says: str
) -> None:
    with pytest.raises(
        error, match=f"^op_case: .*{says}|^op_case: {says.removeprefix('op_case: ')}"
    ):
        op_case(*arguments, **settings)


def test_an_unknown_aspect_is_refused() -> None:
    for method in (op_case(right).run, op_case(right).test):
        with pytest.raises(ValueError, match="got the aspect 'speed'; expected one of value, grad"):
            method("speed")


def test_a_case_does_not_change() -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        op_case(right).order = 3  # type: ignore[misc]


def test_gradcheck_needs_no_hypothesis_and_op_case_says_so() -> None:
    lines = [
        "import sys",
        "sys.modules['hypothesis'] = sys.modules['pytest'] = None",
        "from autograd_lite.testing import gradcheck",
        "assert gradcheck(lambda x: x * x, 3.0)",
        "import autograd_lite.testing",
        "autograd_lite.testing.op_case",
    ]
    done = subprocess.run(
        [sys.executable, "-c", "\n".join(lines)], capture_output=True, text=True, check=False
    )
    assert done.stderr.splitlines()[-1] == (
        "ImportError: autograd_lite.testing.op_case needs the package hypothesis, which cannot be"
        ' imported: pip install "autograd-lite[testing]"'
    )
