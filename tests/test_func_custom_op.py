"""`func.custom_op` and `func.stop_gradient`: users' own rules, at every order and in every mode."""

from __future__ import annotations

import functools
from typing import Any, NamedTuple

import numpy as np
import pytest

import autograd_lite as ag
from autograd_lite.func import Shared, custom_op, jvp, stop_gradient
from autograd_lite.func import grad as gradient_of
from autograd_lite.testing import GradientError, gradcheck

RNG = np.random.default_rng(0)


@custom_op
def scaled_exp(x: Any, y: Any, /, scale: float = 1.0) -> Any:
    """exp(scale x) y."""
    out = np.exp(scale * x) * y
    return out, lambda g: g * out * scale, lambda g: g * ag.exp(scale * x)


@custom_op
def gaussian(x: Any, y: Any, /) -> Any:
    """exp(-x^2 y^2), with a step that both closures share."""
    out = np.exp(-((x * y) ** 2))
    return out, Shared(lambda g: g * out * -2 * x * y), lambda s: s * y, lambda s: s * x


@custom_op
def total(*arrays: Any) -> Any:
    """The sum of the squares of any number of arrays."""
    out = sum(a * a for a in arrays)
    return out, *(lambda g, i=i: g * 2 * arrays[i] for i in range(len(arrays)))


@custom_op
def composed(x: Any, /, power: int = 2) -> Any:
    """A function without a rule."""
    return ag.tanh(x) ** power


@custom_op
def rounded(x: Any, /) -> Any:
    """To the nearest integer; the gradient passes straight through."""
    return np.round(x), lambda g: g


@custom_op
def log1pexp(x: Any, /) -> Any:
    """log(1 + e^x), where the composition overflows."""
    return np.logaddexp(0, x), lambda g: g * ag.sigmoid(x)


def draws(*shapes: tuple[int, ...]) -> list[Any]:
    return [RNG.standard_normal(shape) for shape in shapes]


@pytest.mark.parametrize(
    ("op", "inputs"),
    [
        (scaled_exp, draws((3,), (2, 3))),
        (functools.partial(scaled_exp, scale=0.5), draws((2, 1), (3,))),
        (gaussian, draws((3,), (3,))),
        (total, draws((2,), (2,), (3, 2))),
        (composed, draws((3,))),
        (functools.partial(composed, power=3), draws((2, 2))),
        (log1pexp, draws((4,))),
    ],
)
def test_gradients_of_three_orders_are_those_of_differences(op: Any, inputs: list[Any]) -> None:
    gradcheck(op, inputs, order=3)


@pytest.mark.parametrize("op", [scaled_exp, gaussian, total])
def test_forward_mode_is_the_transpose(op: Any) -> None:
    x, y, s, t, g = draws((3,), (3,), (3,), (3,), (3,))
    _, pushed = jvp(op, (x, y), (s, t))
    pulled = gradient_of(lambda x, y: (op(x, y) * g).sum(), argnums=(0, 1))(x, y)
    forward = (pushed * g).sum().item()
    np.testing.assert_allclose(forward, ((pulled[0] * s).sum() + (pulled[1] * t).sum()).item())


def test_it_takes_what_ops_take() -> None:
    assert isinstance(scaled_exp(np.ones(2), np.ones(2)), np.ndarray)
    np.testing.assert_allclose(scaled_exp([0.0, 0.0], 3.0, 2.0), [3, 3])
    x = ag.ones(2, requires_grad=True)
    assert scaled_exp(x, 2.0).dtype == np.float32
    np.testing.assert_array_equal(composed(np.zeros(2)), [0, 0])
    with ag.no_grad():
        assert not scaled_exp(x, x).requires_grad
    assert scaled_exp.__name__ == "scaled_exp"
    assert scaled_exp.__doc__ == "exp(scale x) y."


def test_a_straight_through_step() -> None:
    x = ag.tensor([0.4, 1.7], requires_grad=True)
    (first,) = ag.grad((rounded(x) ** 2).sum(), x, create_graph=True)
    assert first.detach().numpy().tolist() == [0, 4]
    (second,) = ag.grad(first.sum(), x)
    assert second.numpy().tolist() == [2, 2]
    with pytest.raises(GradientError, match="rounded"):
        gradcheck(rounded, [np.array([0.4])])


def test_a_rule_of_its_own_is_finite_where_the_composition_is_not() -> None:
    x = ag.tensor(np.array([-1000.0, 0.0, 1000.0]), requires_grad=True)
    (first,) = ag.grad(log1pexp(x).sum(), x, create_graph=True)
    assert first.detach().numpy().tolist() == [0, 0.5, 1]
    assert ag.grad(first.sum(), x)[0].numpy().tolist() == [0, 0.25, 0]


def test_no_gradient_where_the_closure_is_none() -> None:
    @custom_op
    def picked(x: Any, where: Any, /) -> Any:
        return x * where, lambda g: g * where, None

    x, where = ag.ones(2, requires_grad=True), ag.tensor([1.0, 0.0], requires_grad=True)
    found = ag.grad(picked(x, where).sum(), [x, where], allow_unused=True)
    assert [g.numpy().tolist() for g in found] == [[1, 0], [0, 0]]


def test_the_first_call_draws_once() -> None:
    @custom_op
    def noisy(x: Any, /) -> Any:
        return x * ag.rand(3, dtype="float64")

    ag.manual_seed(0)
    first, second = noisy(np.ones(3)), noisy(np.ones(3))
    ag.manual_seed(0)
    for found in (first, second):
        np.testing.assert_array_equal(found, ag.rand(3, dtype="float64").numpy())


def test_a_tuple_of_results_is_a_composition() -> None:
    class Pair(NamedTuple):
        a: Any
        b: Any

    @custom_op
    def both(x: Any, /) -> Pair:
        return Pair(ag.sin(x), ag.cos(x))

    x = ag.tensor(np.array(0.5), requires_grad=True)
    found: Any = both(x)
    np.testing.assert_allclose(ag.grad(found.a * found.b, x)[0].item(), np.cos(1.0))


@pytest.mark.parametrize(
    ("function", "message"),
    [
        (np.exp, "a Python function"),
        (3, "custom_op: got 3"),
        (lambda x: x, r"got <lambda>\(x\); expected a slash"),
        (lambda x, /, *_: x, "any number of arrays"),
        (lambda: 1, "a slash"),
    ],
)
def test_what_is_no_function_of_arrays_is_refused(function: Any, message: str) -> None:
    with pytest.raises(TypeError, match=message):
        custom_op(function)


def too_few(x: Any, y: Any, /) -> Any:
    return x * y, lambda g: g * y


def too_many(x: Any, /) -> Any:
    return x * 2, lambda g: g * 2, lambda g: g


def captures_a_float_array(x: Any, /) -> Any:
    e = np.exp(x)
    return e + 1, lambda g: g * e


def captures_one_below(x: Any, /) -> Any:
    e = [np.exp(x)]
    return e[0] + 1, lambda g: g * e[0]


def assigns_to_its_argument(x: Any, /) -> Any:
    x = np.asarray(x) * 2
    return x * x, lambda g: g * 2 * x


def integers(x: Any, /) -> Any:
    return np.round(x).astype(int), lambda g: g


def complexes(x: Any, /) -> Any:
    return x * 1j, lambda g: g


def several(x: Any, /) -> Any:
    return [x, x], lambda g: g


def a_partial(x: Any, /) -> Any:
    return x * 2, functools.partial(ag.mul, 2)


def written_outside(x: Any, /) -> Any:
    return x * 2, ag.exp


@pytest.mark.parametrize(
    ("function", "message"),
    [
        (too_few, "too_few: got 1 closures from the function, for 2 arrays"),
        (too_many, "too_many: got 2 closures"),
        (captures_a_float_array, "captures_a_float_array: a vjp captures an array of floats"),
        (captures_one_below, "captures_one_below: a vjp captures an array of floats"),
        (assigns_to_its_argument, "which the op assigns to"),
        (integers, r"integers: got \(2,\) int64 as the result"),
        (complexes, r"complexes: got \(2,\) complex"),
        (several, "one array"),
        (a_partial, "a_partial: got the closure functools.partial"),
        (written_outside, "written_outside: got the closure"),
    ],
)
@pytest.mark.parametrize("recorded", [True, False])
def test_what_is_no_rule_is_refused_at_the_first_call(
    function: Any, message: str, recorded: bool
) -> None:
    op = custom_op(function)
    x = ag.tensor(np.ones(2), requires_grad=recorded)
    operands = (x, x) if function is too_few else (x,)
    for given in (operands, tuple(t.detach().numpy() for t in operands)):
        with pytest.raises(TypeError, match=message):
            op(*given)


def test_a_function_that_writes_into_its_argument_is_refused() -> None:
    @custom_op
    def doubled(x: Any, /) -> Any:
        x *= 2
        return x, lambda g: g * 2

    x = ag.ones(2, requires_grad=True)
    with pytest.raises(ValueError, match=r"doubled: .*read-only"):
        doubled(x)
    assert x.detach().numpy().tolist() == [1, 1]


def test_a_rule_that_comes_and_goes_is_refused() -> None:
    @custom_op
    def fickle(x: Any, /, *, rule: bool) -> Any:
        return (x * 2, lambda g: g * 2) if rule else x * 2

    assert fickle(np.ones(1), rule=True) == 2
    with pytest.raises(TypeError, match=r"fickle: got \(1,\) float64 from the function, without"):
        fickle(np.ones(1), rule=False)


def transposed(x: Any, /) -> Any:
    return x * 2, lambda g: g.T * 2


def flattened(x: Any, /) -> Any:
    return x * 2, lambda g: g.reshape(-1) * 2


def a_number(x: Any, /) -> Any:
    return x * 2, lambda _: 2.0


def nothing(x: Any, /) -> Any:
    return x * 2, lambda _: None


def booleans(x: Any, /) -> Any:
    return x * 2, lambda g: g > 0


@pytest.mark.parametrize("function", [transposed, flattened, a_number, nothing, booleans])
@pytest.mark.parametrize("create_graph", [False, True])
def test_what_is_no_gradient_is_refused_with_both_shapes(function: Any, create_graph: bool) -> None:
    x = ag.ones(2, 3, requires_grad=True)
    y = custom_op(function)(x).sum()
    message = rf"{function.__name__}: its vjp for argument 0 returned .* of the argument's shape, "
    with pytest.raises((TypeError, ValueError), match=message + r"\(2, 3\)"):
        y.backward(create_graph=create_graph)
    assert x.grad is None


def test_an_error_says_what_the_op_takes() -> None:
    @custom_op(expects="vectors of 7")
    def strict(x: Any, /) -> Any:
        return x @ np.ones(7), lambda g: g * np.ones(7)

    @custom_op(expects="vectors of 7")
    def loose(x: Any, /) -> Any:
        return ag.matmul(x, np.ones(7))

    for op in (strict, loose):
        for _ in range(2):
            with pytest.raises(ValueError, match=rf"{op.__name__}: .*expected vectors of 7"):
                op(ag.ones(3))


def test_stop_gradient_is_the_identity_without_a_gradient() -> None:
    x = ag.tensor([1.0, 2.0], requires_grad=True)
    y = x * 2
    stopped = stop_gradient({"y": y, "others": [x, 3, None], "array": np.ones(2)})
    assert stopped["y"].numpy().tolist() == y.detach().numpy().tolist()
    assert not stopped["y"].requires_grad
    assert not stopped["others"][0].requires_grad
    assert stopped["others"][1:] == [3, None]
    assert x.requires_grad
    (g,) = ag.grad((y * stopped["y"]).sum(), x)
    assert g.numpy().tolist() == [4, 8]
