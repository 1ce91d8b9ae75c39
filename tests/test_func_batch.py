"""Many gradients as one: an op of Batch is the op of each row, and Jacobians are made of that."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import autograd_lite as ag
from autograd_lite import nn
from autograd_lite.func import batch, hessian, jacobian
from autograd_lite.func.batch import Batch
from autograd_lite.func.batch_rules import RULES
from tests.cases import CASES
from tests.table import few

if TYPE_CHECKING:
    from collections.abc import Callable

LOOPS = {"getitem", "scatter", "tril", "triu"}  # where an index is odd, or a vector is a matrix


@pytest.fixture
def looped(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of what was called row by row."""
    names: list[str] = []
    original: Callable[..., Batch] = batch.each

    def noting(function: Any, args: Any, options: Any) -> Batch:
        names.append(getattr(function, "__name__", str(function)))
        return original(function, args, options)

    monkeypatch.setattr(batch, "each", noting)
    return names


# They look at the values before any op is called, for ranks or places; so no rule calls them.
LOOKING = {ag.nanmedian, ag.nanquantile, ag.nanpercentile, ag.topk, ag.interp}


@pytest.mark.parametrize("case", [c for c in CASES if c.op not in LOOKING], ids=repr)
@few
@given(data=st.data())
def test_an_op_of_rows_is_the_op_of_each_row(case: Any, data: st.DataObject) -> None:
    """Whichever operand is many, and whether the op has a rule or not."""
    operands, static = case.draw(data.draw, "float64")
    place = data.draw(st.integers(0, len(operands) - 1))
    many = np.stack(
        [
            operands[place],
            operands[place][..., ::-1] if operands[place].ndim else operands[place] + 1,
        ]
    )
    if many.dtype == bool:
        many = np.stack([operands[place], ~operands[place]])
    separate = [[*operands[:place], row, *operands[place + 1 :]] for row in many]
    together: list[Any] = [*operands[:place], Batch(many), *operands[place + 1 :]]
    with np.errstate(all="ignore"):
        expected = np.stack([np.asarray(case.call(case.op, given, static)) for given in separate])
        got = case.call(case.op, together, static)
    if not isinstance(got, Batch):  # of no gradients, but places, or the dtype alone
        pytest.skip(f"{case} gives no array that depends on its operands")
    assert got.shape == expected.shape[1:]
    assert got.dtype == expected.dtype
    np.testing.assert_allclose(got._data, expected, rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize(
    "case", [c for c in CASES if getattr(c.op, "__wrapped__", None) in RULES], ids=repr
)
def test_an_op_with_a_rule_takes_all_rows_at_once(case: Any, looped: list[str]) -> None:
    @few
    @given(data=st.data())
    def check(data: st.DataObject) -> None:
        operands, static = case.draw(data.draw, "float64")
        for i, operand in enumerate(operands):
            if operand.dtype.kind == "f":
                many = Batch(np.stack([operand, operand]))
                case.call(case.op, [*operands[:i], many, *operands[i + 1 :]], static)

    check()
    assert set(looped) <= LOOPS


def network() -> tuple[Callable[..., Any], list[Any]]:
    """The loss of a small network, and its parameters."""
    rng = np.random.default_rng(0)
    x, target = rng.normal(size=(5, 3)), np.array([0, 1, 1, 0, 1])

    def loss(w: Any, b: Any, v: Any) -> Any:
        hidden = nn.functional.linear(x, w, b, activation=ag.tanh)
        return nn.functional.class_cross_entropy(ag.log_softmax(hidden @ v), target).mean()

    return loss, [rng.normal(size=(3, 4)), rng.normal(size=4), rng.normal(size=(4, 2))]


def test_a_network_is_differentiated_without_a_loop_over_rows(looped: list[str]) -> None:
    loss, parameters = network()
    for transform in (hessian(loss, argnums=(0, 1, 2)), jacobian(loss, (0, 1, 2), mode="forward")):
        transform(*parameters)
    assert not looped


@pytest.mark.parametrize(
    "function",
    [
        lambda x: ag.linalg.solve(ag.outer(x, x) + np.eye(4), x),
        lambda x: ag.linalg.solve_triangular(ag.outer(x, x) + np.eye(4), x, lower=True),
        lambda x: ag.linalg.inv(ag.outer(x, x) + np.eye(4)),
        lambda x: ag.fft.irfft(ag.fft.rfft(x) * ag.fft.fft(x)[:3]),
        lambda x: ag.fft.ifft(ag.fft.fft(x)).real,
        lambda x: ag.sort(x) * ag.take_along_axis(x, [0, 0, 3], 0).sum(),
        lambda x: ag.log(x) / x + ag.sqrt(x) + x**1.5 + x**x + ag.floor(x),
    ],
    ids=["solve", "triangle", "inverse", "real fft", "fft", "sort", "poles"],
)
def test_what_takes_stacks_or_has_poles_takes_all_rows_at_once(
    function: Callable[..., Any], looped: list[str]
) -> None:
    x = np.array([0.5, 2.5, 1.5, 3.5])
    apart = [jacobian(function, mode=mode, chunk_size=1)(x) for mode in ("forward", "reverse")]
    looped.clear()
    for mode, expected in zip(("forward", "reverse"), apart, strict=True):
        result = jacobian(function, mode=mode)(x)
        np.testing.assert_allclose(result.numpy(), expected.numpy(), rtol=1e-9, atol=1e-12)
    assert not looped


@pytest.mark.parametrize("chunk_size", [1, 2, 7, 1000, None])
def test_chunks_change_nothing(chunk_size: int | None) -> None:
    loss, parameters = network()
    whole = hessian(loss, argnums=(0, 1, 2))(*parameters)
    parts = hessian(loss, argnums=(0, 1, 2), chunk_size=chunk_size)(*parameters)
    for left, right in zip(whole, parts, strict=True):
        for a, b in zip(left, right, strict=True):
            np.testing.assert_allclose(a.numpy(), b.numpy(), rtol=1e-12, atol=1e-15)
    with pytest.raises(ValueError, match="hessian: got chunk_size=0"):
        hessian(loss, chunk_size=0)


def test_the_graph_is_walked_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """And the function is run once."""
    calls, passes = [], []
    original = jacobian.__globals__["through"]

    def counting(*args: Any, **settings: Any) -> Any:
        passes.append(1)
        return original(*args, **settings)

    monkeypatch.setitem(jacobian.__globals__, "through", counting)

    def f(x: Any) -> Any:
        calls.append(1)
        return ag.sin(x) * x.sum()

    assert jacobian(f)(np.ones(50)).shape == (50, 50)
    assert (len(calls), len(passes)) == (1, 1)


def test_a_rule_that_no_op_wrote_is_called_with_one_row_at_a_time() -> None:
    """What it does with its argument is its own affair: NumPy, conditions, anything."""
    x = ag.tensor([1.0, 2.0, 3.0], dtype="float64")

    def f(v: Any) -> Any:
        y = v * 1
        rule = y.node.vjps[0]
        y.node.vjps = [lambda g: np.asarray(np.where(np.abs(g) > 0.5, rule(g), 0.0)), None]
        return y * y

    np.testing.assert_allclose(jacobian(f)(x).numpy(), np.diag([2.0, 4.0, 6.0]))


def test_hooks_and_watchers_see_one_gradient_at_a_time() -> None:
    seen: list[Any] = []

    def f(x: Any) -> Any:
        y = x * 2
        y.register_hook(lambda g: seen.append(g.numpy().tolist()))
        return y * y

    x = ag.tensor([1.0, 2.0], dtype="float64")
    expected = np.diag([8.0, 16.0])
    np.testing.assert_allclose(jacobian(f)(x).numpy(), expected)
    assert seen == [[4.0, 0.0], [0.0, 8.0]]
    with ag.profile() as profile, ag.detect_anomaly():
        result = jacobian(lambda v: (v * 2) ** 2)(x)
    np.testing.assert_allclose(result.numpy(), expected)
    assert "pow" in str(profile)
    with ag.detect_anomaly(), pytest.raises(ag.AnomalyError), np.errstate(all="ignore"):
        jacobian(ag.log)(ag.tensor([0.0, 1.0]))


def test_what_does_not_depend_on_the_input_is_zero() -> None:
    x = ag.tensor([1.0, 2.0])
    for mode in ("forward", "reverse", None):
        out = jacobian(lambda v: {"c": ag.ones(3), "e": v[:0], "t": (v.sum(), None)}, mode=mode)(x)
        assert out["c"].numpy().tolist() == [[0.0, 0.0]] * 3
        assert out["e"].shape == (0, 2)
        assert out["t"][0].numpy().tolist() == [1.0, 1.0]
        assert jacobian(ag.sin, mode=mode)(np.zeros((0, 2))).shape == (0, 2, 0, 2)


def test_numpys_functions_of_rows_are_those_of_each_row() -> None:
    """What a closure should not use of NumPy is right all the same."""
    array = np.arange(6.0).reshape(2, 3) + 1
    many = Batch(array)
    assert (np.shape(many), np.ndim(many), np.size(many), len(many)) == ((3,), 1, 3, 3)
    assert np.result_type(many) == np.float64
    expected: list[tuple[Any, Any]] = [(np.exp, np.exp(array)), (np.cumprod, np.cumprod(array, 1))]
    for function, result in expected:
        np.testing.assert_allclose(function(many)._data, result)
    joined: Any = np.concatenate([many, many])
    np.testing.assert_allclose(joined._data, np.concatenate([array] * 2, 1))
    product: Any = array[0] * many
    np.testing.assert_allclose(product._data, array[0] * array)
    assert [part._data.tolist() for part in many] == array.T.tolist()
