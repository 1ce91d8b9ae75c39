"""Broken closures: what breaks them, that tests find it, and that nothing stays broken."""

from __future__ import annotations

import json
import re
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

import autograd_lite as ag
from autograd_lite import func, linalg, nn, ops
from autograd_lite.node import forwards
from autograd_lite.ops import arithmetic
from autograd_lite.testing import mutants_of, mutation_score, op_case
from autograd_lite.testing.mutant_targets import targets
from autograd_lite.testing.mutation import failure
from tests.case import POSITIVE
from tests.mutants_equivalent import EQUIVALENT
from tests.mutation_score import alive, outcomes
from tests.table import TABLE

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from autograd_lite.testing.mutants import Mutant
    from autograd_lite.testing.score import Score


def named(function: Callable[..., Any], name: str) -> Mutant:
    """The mutant of a name."""
    return next(mutant for mutant in mutants_of(function) if mutant.name == name)


def derivatives(f: Callable[[Any], Any], at: float) -> tuple[float, float]:
    """The first and the second."""
    x = ag.tensor(at, dtype="float64", requires_grad=True)
    (first,) = ag.grad(f(x), x, create_graph=True)
    (second,) = ag.grad(first, x)
    return first.item(), second.item()


def test_a_mutant_is_broken_at_every_order_and_mended_afterwards() -> None:
    for _ in range(2):
        assert derivatives(ag.exp, 0.0) == (1, 1)
        with named(ag.exp, "exp[0] factor").applied():
            assert derivatives(ag.exp, 0.0) == (2, 4)
            assert ag.exp(0.0) == 1
    assert derivatives(ag.exp, 0.0) == (1, 1)


def test_what_a_mutant_registers_is_forgotten() -> None:
    before = dict(forwards)
    with named(ag.matmul, "matmul[0] sign").applied():
        pass
    assert forwards == before


def test_a_failure_within_mends_too() -> None:
    with pytest.raises(KeyError), named(ag.exp, "exp[0] zero").applied():
        raise KeyError
    assert derivatives(ag.exp, 0.0) == (1, 1)


def test_the_traceback_of_a_mutant_shows_the_line_of_the_file() -> None:
    mutant = next(m for m in mutants_of(ag.var) if "dropped setting" in m.name)
    code = mutant.code()
    assert code.co_filename == mutant.function.__code__.co_filename
    assert code.co_firstlineno == mutant.function.__code__.co_firstlineno
    assert mutant.line in {line for _, _, line in mutant.inside.co_lines()}


@pytest.mark.parametrize(
    ("function", "name"),
    [
        (ag.matmul, "matmul[0, 1] swapped closures"),
        (ag.matmul, "matmul[0]#2 other array: y -> x"),
        (ag.mul, "mul[1] not summed"),
        (ag.mul, "mul[0] writes into y"),
        (ag.getitem, "getitem[0] dropped duplicate: scattered(g, plain, shape) -> "),
        (ag.var, "var[0] wrong axis: axis -> other_axis(axis)"),
        (ag.var, "var[0] dropped setting: mean(x, axis, keepdims=True) -> mean(x, axis)"),
        (linalg.inv, "inv[0] dropped sign: -(out.mT @ g @ out.mT) -> "),
        (linalg.inv, "inv[0] dropped transpose: out.mT -> out"),
        (nn.functional.linear, "linear[shared] zero"),
        (arithmetic._divisor_gradient, "_divisor_gradient dropped part: g / y -> g"),
    ],
)
def test_every_kind_of_error_is_tried(function: Callable[..., Any], name: str) -> None:
    assert any(mutant.name.startswith(name) for mutant in mutants_of(function))


@pytest.mark.parametrize("function", [ag.matmul, ag.std, linalg.inv, nn.functional.linear])
def test_mutants_differ_from_one_another_and_from_the_original(
    function: Callable[..., Any],
) -> None:
    found = mutants_of(function)
    codes = {mutant.code() for mutant in found}
    assert len(codes) == len(found) == len({mutant.name for mutant in found})
    assert found[0].function.__code__ not in codes
    assert [m.name for m in mutants_of(function)] == [m.name for m in found]


def test_settings_of_an_op_that_a_function_around_it_gave_are_kept() -> None:
    factor = 3.0

    @func.custom_op
    def scaled(x: Any, /) -> Any:
        return x * factor, lambda g: g * factor

    assert derivatives(lambda x: scaled(x) * x, 1.0)[0] == 6
    with named(scaled, "scaled[0] sign").applied():
        assert derivatives(lambda x: scaled(x) * x, 1.0)[0] == 0
    assert derivatives(lambda x: scaled(x) * x, 1.0)[0] == 6


def test_a_function_without_a_def_has_no_mutants() -> None:
    with pytest.raises(TypeError, match="expected an op, or another function"):
        mutants_of(lambda x: x)


def test_gradients_of_the_library_are_made_of_all_these() -> None:
    """Private ops, what closures call, and ops of layers are found from the table."""
    names = {target.name for target in targets(TABLE)}
    assert {"matmul", "_svd_gradient", "_to_maxima", "_add_rows", "_through_standardize"} <= names
    files = [(code.co_name, code.co_filename) for code in forwards.values()]
    # Examples in docstrings, which other tests run, have no file.
    with_closures = {n for n, file in files if "autograd_lite" in file and file[0] != "<"}
    reached = {target.function.__name__ for target in targets(TABLE)}
    assert with_closures - reached == {"_checkpoint", "same"}  # of func, whose tests are their own


@func.custom_op
def cube(x: Any, /) -> Any:
    """A stranger's op."""
    return x * x * x, lambda g: g * (3 * x * x)


def test_a_strangers_op_has_a_score() -> None:
    score = mutation_score(
        [op_case(cube, lambda x: x**3, domains=POSITIVE)], workers=0, progress=False
    )
    assert score.share == 1
    assert len(score.outcomes) > 15
    assert {outcome.function for outcome in score.outcomes} == {"cube"}


def weak(check: Callable[[Any], None]) -> Any:
    """A case of exp with one aspect."""

    def checked(_aspect: str, _draw: Any) -> None:
        check(ag.exp)

    return SimpleNamespace(op=ag.exp, aspects=("weak",), check=checked)


def test_a_test_that_finds_nothing_leaves_survivors() -> None:
    """And what it does not run it is not asked for."""

    def looks_at_nothing(f: Any) -> None:
        derivatives(f, 0.0)

    score = mutation_score([weak(looks_at_nothing)], examples=1, workers=0, progress=False)
    assert score.share < 0.2
    assert {o.status for o in score.survivors} == {"survived"}
    score = mutation_score([weak(lambda _: None)], examples=1, workers=0, progress=False)
    assert {o.status for o in score.survivors} == {"unreached"}
    assert score.share == 0
    assert "exp[0] sign (line" in str(score)


def test_equivalents_are_set_apart_and_refuted_when_killed() -> None:
    def first_order(f: Any) -> None:
        assert derivatives(f, 0.0)[0] > 0

    score = mutation_score(
        [weak(first_order)],
        equivalents={"exp[0] factor": "a positive one", "exp[0] sign": "it is not"},
        examples=1,
        workers=0,
        progress=False,
    )
    assert [o.mutant for o in score.equivalent] == ["exp[0] factor"]
    assert [o.mutant for o in score.refuted] == ["exp[0] sign"]
    assert "not equivalent: exp[0] sign" in str(score)


def test_single_mutants_can_be_broken_again(tmp_path: Path) -> None:
    """What survived by a file, as the command does with --again."""

    def first_order(f: Any) -> None:
        assert derivatives(f, 0.0)[0] > 0

    settings: Any = {"examples": 1, "workers": 0, "progress": False}
    found = mutation_score([weak(first_order)], **settings)
    (file := tmp_path / "found.json").write_text(json.dumps([o._asdict() for o in found.outcomes]))
    names = [o.mutant for o in found.outcomes]
    assert not outcomes([file], ["exp[0] one that is gone"])
    known = outcomes([file], names)
    left = alive(known)
    assert list(known.values()) == found.outcomes
    assert left == {o.mutant for o in found.survivors}
    again = mutation_score([weak(first_order)], only=left, **settings)
    assert [o.mutant for o in again.outcomes] == [o.mutant for o in found.survivors]


def test_a_control_that_fails_is_no_kill() -> None:
    def wrong(_f: Any) -> None:
        raise ValueError("broken before")  # noqa: EM101, TRY003  # short

    with pytest.raises(AssertionError, match="weak: ValueError: broken before"):
        mutation_score([weak(wrong)], examples=1, workers=0, progress=False)


def test_what_pytest_raises_is_found_like_any_error() -> None:
    """`pytest.raises` and `pytest.fail` end a test with what is no Exception."""

    def refuses(f: Any) -> None:
        with pytest.raises(ZeroDivisionError):
            f(1.0)

    error = failure(weak(refuses), "weak", 1)
    assert type(error).__name__ == "Failed"
    assert "DID NOT RAISE" in str(error)


# A reduction, and a helper that only closures call.
SAMPLE = ("sum", "_divisor_gradient")


@pytest.fixture(scope="module")
def sample() -> Score:
    """The score of a few functions; of all, by `python -m tests.mutation_score`."""
    return mutation_score(
        TABLE,
        equivalents=EQUIVALENT,
        only=SAMPLE,
        examples=15,
        nearest=1,
        workers=0,
        progress=False,
    )


def test_the_tests_of_the_table_kill_the_mutants_of_a_sample(sample: Score) -> None:
    assert not sample.survivors
    assert not sample.refuted
    assert {outcome.function for outcome in sample.outcomes} == set(SAMPLE)


def test_a_score_is_shown_as_tables(sample: Score) -> None:
    assert str(sample).splitlines()[0].split()[0] == "function"
    assert "**100.00%** of" in sample.markdown()
    assert "| sum | 12 | 12 |" in sample.markdown()


def test_mutants_that_are_listed_as_equivalent_exist_and_survive() -> None:
    """So that the list does not outlive the code, and no reason is wrong; all of it for `div`."""
    everything = {target.name: target for target in targets(TABLE)}
    functions = {name: re.split(r"[ [#]", name)[0] for name in EQUIVALENT}
    found: set[str] = set()
    for function in set(functions.values()):
        target = everything[function]
        found |= {m.name for m in mutants_of(target.function, function)}
        found |= {m.name for m in mutants_of(target.function, function, whole=True)}
    assert set(EQUIVALENT) <= found
    listed = [name for name, function in functions.items() if function == "div"]
    case = next(case for case in TABLE if case.op is ag.div)
    for name in listed:
        with named(ag.div, name).applied():
            assert failure(case, "gradient", 10) is None


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_ways_to_break_a_gradient_are_linear_and_keep_the_dtype(dtype: str) -> None:
    """So that a mutant is found for its error, and not for another that came with it."""
    from autograd_lite.testing import mutant_ways as ways  # noqa: PLC0415  # named by mutants only

    g = np.arange(6, dtype=dtype).reshape(2, 3)
    for way in (ways.one_entry, ways.flipped, ways.rolled, ways.single):
        assert way(g).dtype == dtype
        assert way(g).shape == g.shape
        np.testing.assert_array_equal(way(2 * g), 2 * way(g))
        np.testing.assert_array_equal(way(ag.tensor(g)).numpy(), way(g))
    index = np.array([1, 1, 0])
    np.testing.assert_array_equal(ways.assigned(np.ones(3), index, (3,)), [1, 1, 0])
    np.testing.assert_array_equal(ops.scatter(np.ones(3), index, (3,)), [1, 2, 0])
    np.testing.assert_array_equal(ways.assigned_along(np.ones(3), index, 0, (3,)), [1, 1, 0])
