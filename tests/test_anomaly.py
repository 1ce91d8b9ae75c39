"""detect_anomaly: what is found, what is blamed for it, and what the error says."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

import autograd_lite as ag
from autograd_lite import nn
from autograd_lite.graph import op
from autograd_lite.node import Shared

if TYPE_CHECKING:
    from collections.abc import Callable


def leaf(*values: float, dtype: str = "float64") -> ag.Tensor:
    """A tensor that requires a gradient."""
    return ag.tensor(list(values), dtype=dtype, requires_grad=True)


def found(function: Callable[[], object], **settings: bool) -> ag.AnomalyError:
    """The error that `function` raises under detection."""
    with pytest.raises(ag.AnomalyError) as caught, ag.detect_anomaly(**settings):
        function()
    return caught.value


def line_of(error: ag.AnomalyError) -> str:
    """The source text at the place that an error names, which is in this file."""
    assert error.place is not None
    assert error.place.file == __file__
    text = Path(__file__).read_text(encoding="utf-8").splitlines()[error.place.line - 1].strip()
    assert f"at {__file__}:{error.place.line}, in {error.place.function}: {text}" in str(error)
    return text


# ---- forward


def test_the_op_that_makes_an_infinity_is_named_with_its_operands_and_the_line() -> None:
    x = ag.tensor([[0.5, 0.0], [1.0, 2.0]])

    def logarithm() -> object:
        return (ag.log(x) + 1).sum()

    error = found(logarithm)
    assert (error.op, error.direction) == ("log", "forward")
    assert line_of(error) == "return (ag.log(x) + 1).sum()"
    assert error.place is not None
    assert error.place.function == "logarithm"
    first, operand, *_ = str(error).splitlines()
    assert first == (
        "detect_anomaly: in the result of log, 1 of 4 values is not finite (1 infinite), the first,"
        " -inf, at (0, 1)"
    )
    assert operand == "  x: (2, 2) float32, from 0 to 2, there 0.0"


def test_operands_that_broadcast_are_shown_at_the_place() -> None:
    x, y = leaf(1.0, 2.0), ag.tensor([[1.0], [0.0]], dtype="float64")
    text = str(found(lambda: x / y))
    assert "2 of 4 values are not finite (2 infinite), the first, inf, at (1, 0)" in text
    assert "x: (2,) float64, from 1 to 2, there 1.0" in text
    assert "y: (2, 1) float64, from 0 to 1, there 0.0" in text


def test_operands_of_a_reduction_are_shown_by_their_range() -> None:
    error = found(lambda: leaf(3e38, 3e38, -1.0, dtype="float32").sum())
    assert error.op == "sum"
    assert "x: (3,) float32, from -1 to 3e+38\n" in str(error)


def test_settings_of_the_op_are_shown() -> None:
    assert "constant_values: () float64, there inf" in str(
        found(lambda: ag.pad(leaf(1.0), (1, 0), constant_values=np.inf))
    )


@pytest.mark.parametrize(
    ("operand", "called"),
    [
        (lambda: ag.tensor([1.0, np.nan]), "argument 1 of mul held bad values before: (2,) float3"),
        (lambda: np.array([1.0, np.nan]), "argument 1 of mul held bad values before: (2,) float64"),
        (lambda: [1.0, np.nan], "argument 1 of mul held bad values before: (2,) float"),
        (lambda: float("nan"), "argument 1 of mul held bad values before: () float64"),
        (lambda: leaf(np.inf, 1.0), "1 of 2 values is not finite (1 infinite), the first, inf, at"),
    ],
)
def test_an_op_that_was_given_a_bad_value_is_not_blamed(
    operand: Callable[[], Any], called: str
) -> None:
    bad = operand()
    error = found(lambda: leaf(1.0, 2.0) * bad)
    assert called in str(error)
    assert line_of(error) == "error = found(lambda: leaf(1.0, 2.0) * bad)"


def test_a_bad_parameter_is_named_and_the_module_that_used_it() -> None:
    model = nn.Sequential(nn.Linear(2, 3), nn.Tanh(), nn.Sequential(nn.Linear(3, 1)))
    assert list(model.parameters())
    model[2][0].weight.data[1] = np.nan  # type: ignore[index]
    text = str(found(lambda: model(np.ones((4, 2)))))
    assert "argument 1 of linear, the parameter '2.0.weight', held bad values before" in text
    assert "in the module Linear(in_features=3, out_features=1, bias=True) (2.0 of Sequenti" in text


def test_bad_values_that_do_not_show_in_a_result_are_no_anomaly() -> None:
    x, bad = leaf(1.0, 2.0), ag.tensor([np.nan, np.inf], dtype="float64")
    with ag.detect_anomaly():
        y = ag.where(np.array([False, False]), bad, x)
        ag.minimum(y, np.inf).sum().backward()
        assert (bad > 0).any()
    assert x.grad is not None
    assert x.grad.numpy().tolist() == [1.0, 1.0]


def test_infinities_pass_on_request_and_what_makes_nan_of_them_is_blamed() -> None:
    logits, mask = leaf(1.0, 2.0, 3.0), np.array([0.0, -np.inf, 0.0])
    with ag.detect_anomaly(inf=False):
        (logits + mask).softmax().max().backward()
    assert logits.grad is not None
    assert np.isfinite(logits.grad.numpy()).all()
    error = found(lambda: (logits + mask) * 0.0, inf=False)
    assert error.op == "mul"
    assert "1 of 3 values is not finite (1 nan), the first, nan, at 1" in str(error)
    assert "there -inf" in str(error)
    assert "argument 1 of add held" in str(found(lambda: logits + mask))


# ---- backward


@pytest.mark.parametrize("create_graph", [False, True])
def test_the_gradient_of_an_op_names_the_line_that_called_the_op(create_graph: bool) -> None:
    x = leaf(1.0, 4.0, 0.0)

    def root(x: ag.Tensor) -> ag.Tensor:
        return x**0.25

    error = found(lambda: root(x).sum().backward(create_graph=create_graph))
    assert (error.op, error.direction) == ("pow", "backward")
    assert line_of(error) == "return x**0.25"
    assert "called at" in str(error)
    assert "root(x).sum().backward(create_graph=create_graph)" in str(error)
    assert "1 of 3 values is not finite (1 infinite), the first, inf, at 2, of the gradi" in str(
        error
    )
    assert "for its argument x\n" in str(error)
    assert "gradient of its result: (3,) float64, from 1 to 1, there 1.0" in str(error)
    assert "  x: (3,) float64, from 0 to 4, there 0.0" in str(error)
    assert x.grad is None


def test_a_second_derivative_names_the_op_of_the_rule_and_the_op_behind_it() -> None:
    """x^1.5 has a second derivative that is infinite at 0; it is that of a pow in pow's rule."""
    x = leaf(0.0, 1.0)

    def twice() -> object:
        y = (x**1.5).sum()
        (g,) = ag.grad(y, x, create_graph=True)
        return ag.grad(g.sum(), x)

    error = found(twice)
    assert (error.op, error.direction) == ("pow", "backward")
    assert line_of(error) == "(g,) = ag.grad(y, x, create_graph=True)"
    assert "in the backward pass of pow, which was recorded" in str(error)
    assert "y = (x**1.5).sum()" in str(error)


def test_a_sum_over_a_broadcast_may_overflow() -> None:
    x = ag.tensor(np.ones(1, np.float32), requires_grad=True)
    y = x + np.zeros((4, 1), np.float32)
    error = found(lambda: y.backward(np.full((4, 1), 1e38, np.float32)))
    assert error.op == "add"
    assert "(1 infinite), the first, inf, at 0, in the sum that undoes a broadcast\n" in str(error)


def test_what_was_recorded_outside_is_told_so() -> None:
    x = leaf(0.0)
    y = x**0.5
    y = x**0.25 + y
    error = found(y.backward)
    assert error.op == "pow"
    assert error.place is None
    assert "recorded outside of the block" in str(error)


def test_the_backward_pass_may_have_a_block_of_its_own() -> None:
    x = leaf(0.0)
    with ag.detect_anomaly():
        y = x**0.25
    assert line_of(found(y.backward)) == "y = x**0.25"


@pytest.mark.parametrize(
    "use",
    [
        lambda x: (x * 2).backward(np.array([np.nan, 1.0])),
        lambda x: x.backward(np.array([np.nan, 1.0])),
        lambda x: ag.grad(x * 2, x, np.array([np.nan, 1.0])),
        lambda x: ag.grad([x, x], x, [np.array([np.nan, 1.0]), np.ones(2)]),
    ],
)
def test_a_bad_gradient_that_is_given_is_blamed_on_no_op(use: Callable[[Any], object]) -> None:
    x = leaf(1.0, 2.0)
    text = str(found(lambda: use(x)))
    assert "1 of 2 values is not finite (1 nan), the first, nan, at 0" in text
    assert "No op made it: it is what backward() or grad() was given" in text
    assert x.grad is None


@pytest.mark.parametrize("on_the_way", [False, True])
@pytest.mark.parametrize("create_graph", [False, True])
def test_a_hook_that_returns_nan_is_found(on_the_way: bool, create_graph: bool) -> None:
    x = leaf(1.0, 2.0)
    y = x * 3
    (y if on_the_way else x).register_hook(lambda _: ag.tensor([np.nan, 1.0], dtype="float64"))
    z = y.sum()
    text = str(found(lambda: z.backward(create_graph=create_graph)))
    assert "what a hook of this tensor returned" in text
    assert ("result of mul" if on_the_way else "gradient of a leaf") in text
    assert x.grad is None


def test_an_op_inside_a_hook_is_found_at_its_line() -> None:
    x = leaf(1.0, 2.0)
    x.register_hook(lambda g: ag.log(g - 1))
    error = found(lambda: x.sum().backward())
    assert (error.op, error.direction) == ("log", "forward")
    assert line_of(error) == "x.register_hook(lambda g: ag.log(g - 1))"


def test_gradients_that_add_up_to_infinity_are_found_at_the_parameter() -> None:
    weight = nn.Parameter(np.ones(1), dtype="float32")
    weight.name = "weight"

    def overflow() -> None:
        (weight * 1e38 + weight * 3e38).backward()

    weight.data[...] = 0.1
    with np.errstate(over="ignore"):
        text = str(found(overflow))
    assert "in the gradient of the parameter 'weight', (1,) float32, 1 of 1 values" in text
    assert weight.grad is None


def test_a_shared_step_and_an_op_of_any_number_of_arrays_are_named_too() -> None:
    @op
    def odd(x: Any, y: Any, /) -> tuple[Any, ...]:
        return x + y, Shared(lambda g: g / 0.0), lambda g: g, lambda g: g

    x = leaf(1.0)
    error = found(lambda: odd(x, x).backward())
    assert (error.op, error.direction) == ("odd", "backward")
    assert line_of(error) == "error = found(lambda: odd(x, x).backward())"
    y = ag.stack([x, x * 2])
    hooked = found(lambda: y.backward(np.array([[np.inf], [1.0]])))
    assert "in the gradient of the result of stack" in str(hooked)
