"""gradcheck lets right gradients pass, whatever the function, its inputs and the order."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

import autograd_lite as ag
from autograd_lite.testing import GradientError, gradcheck

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

X = np.array([[0.3, -1.2, 2.1], [1.7, 0.6, -0.4]])
Y = np.array([0.9, 1.4, -0.7])


@pytest.mark.parametrize("order", [1, 2, 3])
@pytest.mark.parametrize(
    "f",
    [
        ag.sin,
        ag.exp,
        lambda x: x * 3,  # linear: no graph at order 2
        lambda x: x,
        lambda x: x.sum(),
        lambda _: ag.tensor(np.ones(3)),  # no graph at all
        lambda x: (x - x.mean()).sum(),  # zero but for rounding
        lambda x: ag.softmax(x, -1).sum(),
        lambda x: ag.tanh(x * 20),  # saturated
        lambda x: (x + 1e4) ** 2 - x**2,
        lambda x: x @ x.T,
        lambda x: x[[0, 1, 0, 0]] ** 3,
        lambda x: [x**2, ag.cos(x).sum(), x[:, :0]],
    ],
)
def test_right_gradients_pass(f: Callable[..., Any], order: int) -> None:
    """At every order, also where a derivative is zero or has no graph."""
    assert gradcheck(f, X, order)


def test_several_inputs_of_any_kind_pass() -> None:
    """Tensors and arrays, float32 and integer, 0-d and empty."""
    index, count = ag.tensor([2, 0, 0]), np.array([1, 2, 3])

    def f(a: ag.Tensor, b: ag.Tensor, i: ag.Tensor, n: Any, c: ag.Tensor, empty: ag.Tensor) -> Any:
        assert {t.dtype for t in (a, b, c, empty)} == {np.dtype(np.float64)}
        assert type(n) is np.ndarray
        assert i.dtype == np.int64
        return a[:, i] * n * ag.sin(b), c * b.sum(), empty * 2, i * 2

    inputs = [X.astype(np.float32), ag.tensor(Y), index, count, np.array(1.5), np.zeros((0, 2))]
    assert gradcheck(f, inputs, 2)


def test_an_empty_input_alone_passes() -> None:
    """There is nothing to compare."""
    assert gradcheck(lambda x: x * 2, np.zeros((0, 3)), 3)
    assert gradcheck(lambda x: x.sum(), np.zeros((0, 3)), 3)


def test_the_same_tensor_twice_passes() -> None:
    """As an output, and as an operand."""

    def f(x: ag.Tensor) -> tuple[ag.Tensor, ...]:
        y = x * x
        return y, y, x

    assert gradcheck(f, X, 2)


def test_the_inputs_are_not_touched() -> None:
    """Neither their values nor their gradients, nor does one call of f see what another wrote."""
    x, n = ag.tensor(Y, requires_grad=True), np.array([1, 2, 3])

    def f(x: ag.Tensor, n: NDArray[Any]) -> ag.Tensor:
        y = ag.sin(x * n)
        x.data[...] = 0
        n[...] = 0
        return y

    assert gradcheck(f, [x, n], 2)
    assert x.grad is None
    assert np.array_equal(x.numpy(), Y)
    assert n.tolist() == [1, 2, 3]


def test_it_works_inside_no_grad_and_on_shared_graphs() -> None:
    """The switch of the caller is not f's, and a graph that f shares survives."""
    w = ag.tensor(Y, requires_grad=True)
    shared = w * 2
    with ag.no_grad():
        assert gradcheck(lambda x: ag.sin(x * shared), X, 2)
    shared.sum().backward()
    assert w.grad is not None


@pytest.mark.parametrize(
    "options",
    [{"order": 0}, {"rtol": -1.0}, {"atol": float("nan")}, {"directions": 0}, {"seed": -1}],
)
def test_a_senseless_setting_is_refused(options: dict[str, Any]) -> None:
    """With the value that was given."""
    (name, value), *_ = options.items()
    with pytest.raises(ValueError, match=f"{name}={value}"):
        gradcheck(ag.sin, X, **options)


def test_a_point_close_to_the_edge_of_the_domain_passes() -> None:
    """Steps become as small as they must."""
    x = np.array([1.0, 1e-7, 1e-12])
    assert gradcheck(ag.log, x, rtol=1e-4).verdict == "pass"


def test_what_cannot_be_differentiated_is_refused() -> None:
    """An input or output that is floating is needed."""
    with pytest.raises(TypeError, match="int64; expected a floating one"):
        gradcheck(ag.sin, np.arange(3))
    with pytest.raises(TypeError, match="nothing floating; expected an array"):
        gradcheck(lambda x: x > 0, X)


@pytest.mark.parametrize(
    ("f", "inputs", "message"),
    [
        (np.fft.fft, np.ones(3), "gives .* complex128.*; expected real values: return the real"),
        (lambda x: (x, x * 1j), np.ones(3), "expected real values: return the real"),
        (lambda _: None, np.ones(3), r"gives \[None\], nothing floating"),
        (lambda x: {"loss": x}, np.ones(3), "'loss'.*, nothing floating"),
        (np.square, [np.ones(3), None], "gradcheck: input 1: got dtype object"),
        (np.square, "text", "gradcheck: input 0: got dtype <U4"),
    ],
)
def test_what_is_no_array_of_floats_is_named(f: Any, inputs: Any, message: str) -> None:
    """A complex value beside a real one was left out without a word."""
    with pytest.raises(TypeError, match=message):
        gradcheck(f, inputs, vjp=lambda g, *_: g)


def test_gradients_that_are_no_floats_are_called_so() -> None:
    with pytest.raises(GradientError, match="look for integers, and for a cast"):
        gradcheck(np.floor, [0.5], vjp=lambda _g, x: np.zeros(x.shape, int))


def test_numbers_of_python_are_taken_as_they_are() -> None:
    """And not as float32, which is the default of tensors: 1 + 1e-9 is none there."""
    seen: list[Any] = []

    def f(x: Any) -> Any:
        seen.append(float(x))
        return x * 2

    assert gradcheck(f, 1 + 1e-9, vjp=lambda g, _: g * 2)
    assert seen[0] == 1 + 1e-9
