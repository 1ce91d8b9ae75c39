"""What a rule captures is a live tensor when it is differentiated again, or is refused."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

import autograd_lite as ag
from autograd_lite.graph import op, op_expecting
from autograd_lite.testing import gradcheck

if TYPE_CHECKING:
    from collections.abc import Callable

X = np.array([0.3, -1.2, 2.1])
POSITIVE = np.array([0.5, 1.5, 2.5])


def leaf(values: Any = X) -> ag.Tensor:
    """A tensor that requires a gradient."""
    return ag.tensor(values, requires_grad=True)


# ---- what a closure may capture


@op
def float_capture(x: Any, /) -> tuple[Any, ...]:
    """A sine whose rule captures an array that it could not differentiate."""
    slope = np.cos(x)
    return np.sin(x), lambda g: g * slope


@op
def float_in_tuple(x: Any, /) -> tuple[Any, ...]:
    """The same, in a tuple of a list."""
    slopes = (1, [np.cos(x)])
    return np.sin(x), lambda g: g * slopes[1][0]


@op
def float_in_dict(x: Any, /) -> tuple[Any, ...]:
    """The same, in a dict."""
    slopes = {"cos": np.cos(x)}
    return np.sin(x), lambda g: g * slopes["cos"]


@op
def float_default(x: Any, /) -> tuple[Any, ...]:
    """The same, as a default of the closure."""
    return np.sin(x), lambda g, slope=np.cos(x): g * slope  # noqa: B008


@op
def float_keyword_default(x: Any, /) -> tuple[Any, ...]:
    """The same, as a keyword-only default of the closure."""
    return np.sin(x), lambda g, *, slope=np.cos(x): g * slope  # noqa: B008


@op
def float_in_helper(x: Any, /) -> tuple[Any, ...]:
    """The same, captured by a function that the closure captures."""
    slope = np.cos(x)

    def times_slope(g: Any) -> Any:
        return g * slope

    return np.sin(x), lambda g: times_slope(g)  # noqa: PLW0108  # the helper is captured


@op
def float_scalar(x: Any, /) -> tuple[Any, ...]:
    """A norm whose rule captures the square of its result under another name."""
    square = np.sum(x * x)
    return np.sqrt(square), lambda g: g * x / ag.sqrt(square)


@op
def rebound_argument(x: Any, /) -> tuple[Any, ...]:
    """A rule that captures the name of an argument, but not the argument."""
    x = np.cos(x)
    return x, lambda g: g * x


@op
def other_out(x: Any, /) -> tuple[Any, ...]:
    """A rule that captures an `out` which is not the result."""
    out = np.cos(x)
    return np.sin(x), lambda g: g * out


def outside(x: Any) -> Callable[[Any], Any]:
    """A rule written outside of any op."""
    return lambda g: g * np.cos(x)


@op
def rule_from_outside(x: Any, /) -> tuple[Any, ...]:
    """An op that borrows its rule."""
    return np.sin(x), outside(x)


@pytest.mark.parametrize(
    ("f", "says"),
    [
        (float_capture, "float_capture: a vjp captures an array of floats"),
        (float_in_tuple, "float_in_tuple: a vjp captures an array of floats"),
        (float_in_dict, "float_in_dict: a vjp captures"),
        (float_default, "float_default: a vjp captures an array of floats"),
        (float_keyword_default, "float_keyword_default: a vjp captures an array of floats"),
        (float_in_helper, "float_in_helper: a vjp captures an array of floats"),
        (float_scalar, "float_scalar: a vjp captures an array of floats"),
        (
            rebound_argument,
            "rebound_argument: its vjp captures .*x.*, which the op assigns to; give",
        ),
        (other_out, "other_out: a vjp captures an array of floats"),
        (rule_from_outside, "outside.* must be written inside its op"),
    ],
)
def test_a_rule_that_would_lose_a_dependence_is_refused(f: Any, says: str) -> None:
    """At second order, with a message that names the op; first derivatives are not affected."""
    x = leaf()
    y = f(x).sum()
    y.backward(retain_graph=True)
    assert x.grad is not None
    with pytest.raises(TypeError, match=says):
        ag.grad(y, x, create_graph=True)
    assert np.array_equal(ag.grad(y, x)[0].numpy(), x.grad.numpy())


@op
def integer_capture(x: Any, /, axis: int = 0) -> tuple[Any, ...]:
    """Masks, indices, shapes and numbers are constants of a rule."""
    mask, order, shape = x > 0, np.argsort(x), x.shape
    scale = (2.0, [3.0])
    return (
        np.where(mask, x**3, 0.0) * 6.0,
        lambda g: (
            ag.reshape(g * mask * 3 * x * x, shape) * scale[0] * scale[1][0]
            + 0 * g[order].sum(axis)
        ),
    )


@op
def result_capture(x: Any, /) -> tuple[Any, ...]:
    """A rule by its result, through a helper function."""
    out = np.exp(x)

    def rule(g: Any) -> Any:
        def times_out(h: Any) -> Any:
            return h * out

        return times_out(g)

    return out, rule


@op
def branching(x: Any, y: Any, /, swap: bool = False) -> tuple[Any, ...]:
    """Rules that are written in branches, with names for the closures."""
    if swap:

        def left(g: Any) -> Any:
            return g * y

        def right(g: Any) -> Any:
            return g * x

        return y * x, left, right
    return x * y, lambda g: g * y, lambda g: g * x


@op
def many(*arrays: Any) -> tuple[Any, ...]:
    """The product of any number of arrays."""
    out = arrays[0]
    for a in arrays[1:]:
        out = out * a

    def rule(i: int) -> Callable[[Any], Any]:
        def vjp(g: Any) -> Any:
            for j, a in enumerate(arrays):
                if j != i:
                    g = g * a
            return g

        return vjp

    return out, *(rule(i) for i in range(len(arrays)))


@op
def defaults(x: Any, /, power: int = 3) -> tuple[Any, ...]:
    """A rule with defaults, positional and keyword-only."""
    return x**power, lambda g, n=power, *, less=1: g * n * x ** (n - less)


@op
def second_of_two(x: Any, scale: Any, /) -> tuple[Any, ...]:
    """An op with a gradient for one of its arrays alone."""
    return x * x * scale, lambda g: g * 2 * x * scale, None


@pytest.mark.parametrize("order", [1, 2, 3])
@pytest.mark.parametrize(
    ("f", "inputs"),
    [
        (integer_capture, [X]),
        (result_capture, [X]),
        (branching, [X, POSITIVE]),
        (lambda x, y: branching(x, y, swap=True) * x, [X, POSITIVE]),
        (lambda x: branching(x, x), [X]),
        (many, [X, POSITIVE, X]),
        (defaults, [X]),
        (lambda x: many(x, x, 2.0, x), [X]),
        (lambda x: many(x, POSITIVE, x), [X]),
        (lambda x: second_of_two(x, POSITIVE), [X]),
    ],
)
def test_rules_may_capture_arguments_results_and_constants(
    f: Callable[..., Any], inputs: list[Any], order: int
) -> None:
    """Also in functions within the rule, and in the tuple of all arguments."""
    assert gradcheck(f, inputs, order)


def test_an_argument_without_a_rule_is_constant() -> None:
    """A None among the closures says so."""
    x, scale = leaf(), leaf(POSITIVE)
    y = second_of_two(x, scale).sum()
    g, zero = ag.grad(y, [x, scale], allow_unused=True)
    assert np.allclose(g.numpy(), 2 * X * POSITIVE)
    assert not zero.numpy().any()


def test_values_are_constants_at_every_order() -> None:
    """x * x.data is linear in x: its second derivative is 0."""
    constants: list[Callable[[ag.Tensor], Any]] = [
        lambda x: x.numpy().copy(),
        lambda x: x.data,
        lambda x: x.detach(),
    ]
    for constant in constants:
        x = leaf()
        y = (x * constant(x)).sum()
        (g,) = ag.grad(y, x, create_graph=True)
        assert np.array_equal(g.numpy(), X)
        assert not ag.grad(g.sum(), x, allow_unused=True)[0].numpy().any()


def test_two_tensors_on_one_array_are_not_confused() -> None:
    """Who a captured array belongs to is known by its position, not by its identity."""
    x = leaf()
    c = ag.Tensor(x._data, copy=False)
    for y in (x * c, c * x, many(c, x), branching(x, c), branching(c, x)):
        (g,) = ag.grad(y.sum(), x, create_graph=True)
        assert np.array_equal(g.numpy(), X)
        assert not ag.grad(g.sum(), x, allow_unused=True)[0].numpy().any()


def test_an_op_names_itself_in_errors_of_numpy() -> None:
    """With what it got and what it says it expects."""

    @op_expecting("two matching friends")
    def meet(x: Any, y: Any, /) -> tuple[Any, ...]:
        return x + y, lambda g: g, lambda g: g

    with pytest.raises(ValueError, match=r"^meet: .*\(3,\) float64, \(2,\).*two matching friends"):
        meet(leaf(), np.ones(2))
