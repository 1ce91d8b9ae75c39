"""gradcheck catches every kind of wrong gradient, and names the input and the entry."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

import autograd_lite as ag
from autograd_lite.graph import op
from autograd_lite.testing import GradientError, gradcheck

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

X = np.array([[0.3, -1.2, 2.1], [1.7, 0.6, -0.4]])
Y = np.array([0.9, 1.4, -0.7])


def failure(f: Callable[..., Any], inputs: Any, order: int = 1, **options: Any) -> str:
    """The message with which a check of a wrong gradient fails."""
    with pytest.raises(GradientError) as caught:
        gradcheck(f, inputs, order, **options)
    return str(caught.value)


# ---- ops whose gradients are wrong


@op
def wrong_sign(x: Any, /) -> tuple[Any, ...]:
    """A cosine whose rule forgets the minus."""
    return np.cos(x), lambda g: g * ag.sin(x)


@op
def wrong_factor(x: Any, /) -> tuple[Any, ...]:
    """A square whose rule forgets the 2."""
    return x * x, lambda g: g * x


@op
def one_row(x: Any, y: Any, /) -> tuple[Any, ...]:
    """A sum x + y whose rule for a broadcast y gives what one row contributes, not all rows."""
    return x + y, lambda g: g, lambda g: g[0]


@op
def mean_of_rows(x: Any, y: Any, /) -> tuple[Any, ...]:
    """A sum x + y whose rule for a broadcast y averages over the rows."""
    return x + y, lambda g: g, lambda g: ag.mean(g, 0)


@op
def lost_duplicate(x: Any, /, index: NDArray[Any]) -> tuple[Any, ...]:
    """Indexing whose rule writes each gradient, where it should add it."""
    shape = x.shape

    def vjp(g: Any) -> Any:
        out = np.zeros(shape)
        out[index] = g
        return out

    return x[index], vjp


@op
def wrong_axis(x: Any, /) -> tuple[Any, ...]:
    """A sum over the rows of a square matrix whose rule spreads the gradient along the columns."""
    shape = x.shape
    return np.sum(x, 0), lambda g: ag.broadcast_to(g[:, None], shape)


@op
def wrong_entry(x: Any, /, entry: int, by: float) -> tuple[Any, ...]:
    """A cube whose gradient is off at one entry."""

    def vjp(g: Any) -> Any:
        out = g * 3 * x * x
        out[entry] += by
        return out

    return x**3, vjp


def detached(x: Any) -> Any:
    """The same values; of a tensor, without its dependence on anything."""
    return x.detach() if isinstance(x, ag.Tensor) else x


@op
def wrong_second(x: Any, /) -> tuple[Any, ...]:
    """A sine whose rule is right for arrays, and constant in x for tensors."""
    return np.sin(x), lambda g: g * detached(ag.cos(x))


@op
def wrong_when_recorded(x: Any, /) -> tuple[Any, ...]:
    """A sine whose rule has a sign of its own when it runs on tensors."""
    return np.sin(x), lambda g: g * ag.cos(x) * (-1 if isinstance(g, ag.Tensor) else 1)


@op
def nan_gradient(x: Any, /) -> tuple[Any, ...]:
    """A square root of x squared, whose rule is 0 / 0 at 0."""
    out = np.abs(x)
    return out, lambda g: g * x / out


@op
def single_gradient(x: Any, /) -> tuple[Any, ...]:
    """A sine whose gradient goes through float32."""
    return np.sin(x), lambda g: ag.astype(g * ag.cos(x), "float32")


# ---- they are caught


@pytest.mark.parametrize(
    ("f", "order"),
    [
        (wrong_sign, 1),
        (wrong_factor, 1),
        (lambda x: ag.sin(x.detach()) * x, 1),
        (lambda x: ag.sin(x.detach()), 1),
        (lambda x: np.sin(x.numpy()), 1),
        (wrong_second, 2),
        (lambda x: ag.exp(wrong_second(x)), 2),
        (lambda x: wrong_second(x) ** 2, 2),
        (single_gradient, 1),
    ],
)
def test_a_wrong_gradient_is_caught(f: Callable[..., Any], order: int) -> None:
    """At its order and not below, with what is needed to look for the cause."""
    if order > 1:
        assert gradcheck(f, X, order - 1)
    message = failure(f, X, order)
    assert re.search(
        rf"gradcheck: .*: the gradient of order {order} is wrong\n"
        r"  input 0 of shape \(2, 3\), entry \(\d, \d\) -> [^>]+: analytic \S+, numerical \S+\n"
        r"  relative error \S+, tolerance \S+ ",
        message,
    )


@pytest.mark.parametrize("f", [one_row, mean_of_rows])
def test_a_missing_sum_over_a_broadcast_axis_is_caught(f: Callable[..., Any]) -> None:
    """Also where the shape is right, as for what one row alone contributes."""
    assert "input 1 of shape (3,), entry (" in failure(f, [X, Y])
    assert gradcheck(f, [X[:1], Y]), "with one row there is nothing to sum"


def test_the_input_that_is_wrong_is_named() -> None:
    """By its position among all inputs, also among those that are not differentiated."""
    index = np.array([0, 2])
    assert "wrong\n  input 2 of shape" in failure(
        lambda x, _, y: x * 2 + wrong_sign(y), [Y, index, Y]
    )
    assert "wrong\n  input 0 of shape" in failure(
        lambda x, _, y: y * 2 + wrong_sign(x), [Y, index, Y]
    )


def test_a_lost_duplicate_index_is_caught() -> None:
    """At the element that was picked twice."""
    index = np.array([0, 2, 2])
    message = failure(lambda x: ag.sum(lost_duplicate(x, index) * Y), X[0])
    assert "input 0 of shape (3,), entry (2,): analytic -0.7, numerical 0.7" in message


def test_a_gradient_along_the_wrong_axis_is_caught() -> None:
    """Of a square matrix, where no shape shows it."""
    assert "input 0 of shape (3, 3), entry (" in failure(wrong_axis, np.outer(Y, Y))


@pytest.mark.parametrize("entry", [0, 4321, 9999])
@pytest.mark.parametrize("by", [1.0, 1e-2, -1e-4])
def test_one_wrong_entry_of_ten_thousand_is_found(entry: int, by: float) -> None:
    """Whatever the rest adds up to; its index and both values are named."""
    x = np.random.default_rng(1).normal(size=10_000)
    message = failure(lambda x: ag.sum(wrong_entry(x, entry, by)), x)
    assert f"input 0 of shape (10000,), entry ({entry},)" in message
    values = re.search(r"analytic (\S+), numerical (\S+)", message)
    assert values is not None
    assert float(values[1]) - float(values[2]) == pytest.approx(by, rel=1e-3)


def test_an_entirely_wrong_large_gradient_is_caught() -> None:
    """By projections too, whatever the seed."""
    x = np.random.default_rng(2).normal(size=(50, 40))
    for seed in range(10):
        assert "the gradient of order 1 is wrong" in failure(wrong_factor, x, seed=seed)


def test_the_worst_entry_is_named() -> None:
    """Of several wrong ones, and among several inputs."""

    def f(x: ag.Tensor, y: ag.Tensor) -> ag.Tensor:
        return ag.sum(wrong_entry(wrong_entry(x, 1, 1e-3), 2, 1.0) + wrong_entry(y, 0, 1e-2))

    assert "input 0 of shape (3,), entry (2,)" in failure(f, [Y, Y])


@pytest.mark.parametrize("scale", [1e-6, 1.0, 1e6])
def test_the_tolerance_knows_the_scale_of_f(scale: float) -> None:
    """Wrong gradients of small functions are caught, right ones of large functions pass."""
    assert gradcheck(lambda x: ag.sin(x) * scale, X, 2)
    assert "is wrong" in failure(lambda x: wrong_sign(x) * scale, X)
    assert "is wrong" in failure(lambda x: wrong_factor(x) * scale, X)


def test_a_small_output_beside_a_large_one_is_checked() -> None:
    """What rounding does to the large one excuses nothing in the small one's inputs."""
    assert gradcheck(lambda x, y: (ag.sin(x) * 1e6, ag.sin(y)), [X, Y])
    assert "input 1" in failure(lambda x, y: (ag.sin(x) * 1e6, wrong_factor(y)), [X, Y])


@pytest.mark.parametrize("size", [10, 1_000, 30_000])
def test_the_tolerance_does_not_grow_with_the_size(size: int) -> None:
    """A small error of one entry is caught in an array of any size."""
    x = np.random.default_rng(3).uniform(0.5, 1.5, size)
    assert gradcheck(lambda x: ag.sum(x**3), x)
    assert gradcheck(lambda x: x**3, x)
    assert f"entry ({size // 2},)" in failure(lambda x: ag.sum(wrong_entry(x, size // 2, 1e-3)), x)
    assert f"entry ({size // 2},)" in failure(lambda x: wrong_entry(x, size // 2, 1e-4), x)


def test_what_differs_under_create_graph_is_caught() -> None:
    """A rule is run on arrays and on tensors, and must give the same."""
    message = failure(wrong_when_recorded, X, 2)
    assert "the gradient of order 1 changes under create_graph=True" in message
    assert "input 0 of shape (2, 3), entry (" in message


def test_a_nan_gradient_is_a_failure_of_its_own() -> None:
    """It names the entry, and no difference is needed to see it."""
    message = failure(nan_gradient, np.array([1.0, 0.0, 2.0]))
    assert "the gradient of order 1 is nan" in message
    assert "input 0 of shape (3,), entry (1,): analytic nan" in message


def test_a_nan_output_is_a_failure_of_its_own() -> None:
    """It names the output."""
    message = failure(lambda x: (x * 2, ag.sqrt(x)), np.array([1.0, 4.0, -1.0]))
    assert "gives nan\n  output 1 of shape (3,), entry (2,)" in message


def test_float32_inside_is_named() -> None:
    """With how certain the oracle can be; what is wrong by more than that still fails."""
    report = gradcheck(lambda x: ag.sin(ag.astype(x, "float32")), X)
    assert "float32 inside" in str(report)
    assert 1e-8 < report.error < 1e-3
    assert "is wrong" in failure(lambda x: wrong_sign(ag.astype(x, "float32")), X)
    assert "f gives float32" in failure(lambda x: wrong_sign(ag.astype(x, "float32")), X)


def test_a_function_that_is_not_deterministic_is_reported() -> None:
    """As that, and not as a wrong gradient."""
    random = np.random.default_rng(0)
    message = failure(lambda x: (x, x * random.uniform()), X)
    assert "is not deterministic\n  output 1 differs" in message
    shapes = iter(range(1, 9))
    assert "is not deterministic" in failure(lambda x: x.sum() * np.ones(next(shapes)), X)


def test_the_result_follows_the_seed_alone() -> None:
    """A failure can be repeated."""
    messages = {failure(wrong_second, X, 2, seed=3) for _ in range(2)}
    assert len(messages) == 1
    assert failure(wrong_second, X, 2, seed=4) not in messages


def test_tolerances_can_be_set() -> None:
    """In relation to the gradient, and absolutely."""
    assert gradcheck(single_gradient, X, rtol=1e-6)
    assert gradcheck(single_gradient, X, atol=1e-6)
    assert gradcheck(wrong_second, X)
