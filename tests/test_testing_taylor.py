"""taylor_test fits the order of the remainder, with no step to choose and no false alarm."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

import autograd_lite as ag
from autograd_lite.graph import op
from autograd_lite.testing import GradientError, taylor_test
from autograd_lite.testing.findings import signed

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

X = np.array([[0.3, -1.2, 2.1], [1.7, 0.6, -0.4]])

# For each of the many functions below a third: together they draw hundreds.
few = settings(max_examples=max(settings().max_examples // 3, 5))

# Smooth wherever they are defined: what they are, and the values that they take.
SMOOTH: dict[str, tuple[Callable[[Any], Any], float, float]] = {
    "exp": (ag.exp, -20, 20),
    "log": (ag.log, 1e-6, 1e6),
    "sqrt": (ag.sqrt, 1e-3, 1e4),
    "reciprocal": (lambda x: 1 / x, 1e-2, 1e2),
    "sin of many periods": (lambda x: ag.sin(50 * x), -3, 3),
    "tanh": (ag.tanh, -30, 30),
    "softmax": (lambda x: ag.softmax(ag.ravel(x)), -5, 5),
    "sum": (ag.sum, -1e3, 1e3),
    "square": (lambda x: x * x, -1e3, 1e3),
    "cube": (lambda x: x**3, -3, 3),
    "small": (lambda x: 1e-9 * ag.sin(x), -3, 3),
    "large": (lambda x: 1e9 * ag.sin(x), -3, 3),
    "cancelling": (lambda x: (1e6 + ag.cos(x)) - 1e6, -3, 3),
    "single inside": (
        # Near 0 float32 is off by a share of each step, which is what a wrong gradient is off by.
        lambda x: ag.astype(ag.sin(ag.astype(x, "float32")), "float64"), 0.1, 3),
    "norm": (lambda x: ag.sqrt(ag.sum(x * x) + 1), -10, 10),
    "constant": (lambda x: 0 * x + 2, -3, 3),
    "several": (lambda x: (ag.sin(x), ag.sum(x * x)), -3, 3),
}  # fmt: skip


def values(low: float, high: float) -> st.SearchStrategy[NDArray[Any]]:
    """Arrays of a few numbers."""
    shapes = hnp.array_shapes(min_dims=0, max_dims=2, max_side=4)
    return hnp.arrays(np.float64, shapes, elements=st.floats(low, high, allow_subnormal=False))


@pytest.mark.parametrize("name", SMOOTH)
@pytest.mark.parametrize("order", [1, 2])
@few
@given(data=st.data())
def test_a_right_derivative_is_never_found_wrong(
    name: str, order: int, data: st.DataObject
) -> None:
    f, low, high = SMOOTH[name]
    report = taylor_test(f, data.draw(values(low, high)), order, seed=data.draw(st.integers(0, 9)))
    assert report
    assert report.slope > report.expected - 0.5


@op
def off_by(x: Any, /, factor: float) -> tuple[Any, ...]:
    """An exponential whose gradient is off by a factor."""
    return np.exp(x), lambda g: g * factor * ag.exp(x)


@op
def second_off_by(x: Any, /, factor: float) -> tuple[Any, ...]:
    """An exponential whose gradient is right, and the derivative of that off by a factor."""
    return np.exp(x), lambda g: g * (ag.exp(detached(x)) + (factor - 1) * like(x))


def detached(x: Any) -> Any:
    """The values of x."""
    return x.detach() if isinstance(x, ag.Tensor) else x


def like(x: Any) -> Any:
    """exp of x less its value: 0, with the derivative of exp."""
    return ag.exp(x) - ag.exp(detached(x))


@pytest.mark.parametrize("factor", [1 + 1e-3, 1 - 1e-3, 2.0, 0.0, -1.0])
@few
@given(x=values(-3, 3), seed=st.integers(0, 9))
def test_a_wrong_gradient_leaves_order_one(factor: float, x: NDArray[Any], seed: int) -> None:
    with pytest.raises(GradientError, match=r"gradient is wrong: the remainder is of order [01]"):
        taylor_test(lambda x: off_by(x, factor), x, seed=seed)
    report = taylor_test(
        np.exp, x, vjp=lambda g, x: g * factor * np.exp(x), seed=seed, raise_exception=False
    )
    assert not report
    if x.size == 1:  # where nothing cancels along the direction
        assert report.slope == pytest.approx(1, abs=0.2)


@few
@given(x=st.floats(-3, 3), seed=st.integers(0, 9))
def test_an_error_of_a_hundred_thousandth_is_seen_where_nothing_cancels_it(
    x: float, seed: int
) -> None:
    """One direction alone is tried: in several entries, errors along it may cancel."""

    def vjp(g: Any, x: Any) -> Any:
        return g * (1 + 1e-5) * np.exp(x)

    assert not taylor_test(np.exp, x, vjp=vjp, seed=seed, raise_exception=False)


@pytest.mark.parametrize("factor", [1 + 1e-2, 0.0, 2.0, -1.0])
def test_a_wrong_hessian_leaves_order_two(factor: float) -> None:
    """Where the gradient is right, and passes."""

    def f(x: Any) -> Any:
        return ag.sum(second_off_by(x, factor + 1))

    assert taylor_test(f, X)
    report = taylor_test(f, X, 2, raise_exception=False)
    assert not report
    assert report.slope == pytest.approx(2, abs=0.1)
    with pytest.raises(GradientError, match=r"Hessian is wrong: .* order 2\.0\d; expected 3"):
        taylor_test(f, X, 2)


def test_one_wrong_entry_of_ten_thousand_is_seen() -> None:
    x = np.linspace(0.5, 1.5, 10_000)

    def vjp(g: Any, x: Any) -> Any:
        gradient = g * 3 * x**2
        gradient[1234] *= 1 + 1e-3
        return gradient

    assert taylor_test(lambda x: x**3, x, vjp=lambda g, x: g * 3 * x**2)
    assert not taylor_test(lambda x: x**3, x, vjp=vjp, raise_exception=False)


def test_remainders_that_are_only_rounding_are_told() -> None:
    """Those of a linear function, and at order 2 of a quadratic one."""
    linear = taylor_test(lambda x: 3 * x + 1, X)
    assert linear.is_exact
    assert linear.slope == np.inf
    assert "no remainder beyond rounding" in str(linear)
    assert taylor_test(lambda x: x * x, X, 2).is_exact
    assert not taylor_test(lambda x: x * x, X).is_exact


def test_steps_out_of_the_domain_are_left_out() -> None:
    """And where one side is out of it, the other is taken."""
    report = taylor_test(ag.log, np.array([1e-5, 2.0]))
    assert report.slope == pytest.approx(2, abs=0.1)
    assert np.isnan(report.remainders[0]) or np.isfinite(report.remainders[0])
    edge = 1 - 1e-13
    for seed in range(4):
        assert taylor_test(lambda x: ag.exp(ag.sqrt(edge - x) * 0 + x), [0.5], seed=seed)


def test_the_report_is_a_table() -> None:
    report = taylor_test(ag.exp, X)
    lines = str(report).splitlines()
    assert lines[0].startswith("taylor_test: exp: the gradient is right: the remainder is of order")
    assert lines[1].split() == ["step", "remainder", "rounding", "slope"]
    assert report.used.sum() == 6
    assert len(report.steps) == len(report.remainders) == len(report.used)
    assert any(line.endswith("*") for line in lines)


def test_at_a_kink_and_at_a_jump_it_says_wrong() -> None:
    """A gradient there is not what it can judge, and the message names what can."""
    with pytest.raises(GradientError, match="at a kink"):
        taylor_test(ag.abs, np.array([0.0, 1.0]))

    def floor(seed: int) -> float:
        return taylor_test(
            np.floor, np.array([1.0]), vjp=lambda g, _: 0 * g, raise_exception=False, seed=seed
        ).slope

    assert {floor(seed) for seed in range(8)} == {0.0, np.inf}, "on one side there is a jump"


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: taylor_test(ag.exp, X, 3), ValueError, "got order=3; expected 1"),
        (lambda: taylor_test(np.exp, X, 2, vjp=lambda g, _: g), ValueError, "with a vjp"),
        (lambda: taylor_test(ag.exp, X, seed=-1), ValueError, "seed=-1"),
        (lambda: taylor_test(ag.exp, [1]), TypeError, "expected a floating one"),
        (lambda: taylor_test(lambda x: x > 0, X), TypeError, "nothing floating; expected an array"),
        (lambda: taylor_test(None, X), TypeError, "expected a function"),  # type: ignore[arg-type]
        (lambda: taylor_test(ag.log, [-1.0]), GradientError, "not finite; move the inputs"),
    ],
)
def test_wrong_calls_say_what_to_do(
    call: Callable[[], Any], error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message), np.errstate(all="ignore"):
        call()


def test_errors_that_cancel_along_one_direction_do_not_along_the_other() -> None:
    """Of a gradient that is right along the first, in all seeds."""
    for seed in range(5):
        (along,) = signed(np.random.default_rng((seed, 0)), [np.ones(2)])
        across = np.array([along[1], -along[0]])
        report = taylor_test(
            lambda x: (x * x).sum(),
            np.ones(2),
            vjp=lambda g, x, across=across: g * (2 * x + 0.01 * across),
            seed=seed,
            raise_exception=False,
        )
        assert not report
