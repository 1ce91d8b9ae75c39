"""A gradient that would be wrong is an error that says what to do, and leaves nothing half done."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

import autograd_lite as ag

if TYPE_CHECKING:
    from collections.abc import Callable


def leaf(*values: float) -> ag.Tensor:
    """A tensor in float64 that requires a gradient."""
    return ag.tensor(list(values), dtype="float64", requires_grad=True)


def message(kind: type[Exception], call: Callable[[], Any]) -> str:
    """What an error says."""
    with pytest.raises(kind) as caught:
        call()
    return str(caught.value)


def test_a_second_backward_is_an_error() -> None:
    """It would find half of a graph; the way out is retain_graph."""
    x = leaf(3.0)
    y = x * x
    z = y * 2
    z.backward()
    for call in (z.backward, y.backward, (y + 1).backward, lambda: ag.grad(y, x)):
        said = message(RuntimeError, call)
        assert "consumed" in said
        assert "retain_graph=True" in said
    assert x.grad is not None
    assert x.grad.item() == 12.0


def test_a_graph_that_was_consumed_below_leaves_the_rest_whole() -> None:
    """The error comes before anything is computed."""
    x, w = leaf(3.0), leaf(5.0)
    y = x * x
    y.backward()
    v = w * w
    total = y + v
    assert "consumed" in message(RuntimeError, total.backward)
    assert w.grad is None
    v.backward()
    assert w.grad is not None
    assert w.grad.item() == 10.0


@pytest.mark.parametrize("data", [[1, 2], [True, False], np.array([1], np.uint8)])
def test_an_integer_tensor_that_is_asked_for_a_gradient(data: Any) -> None:
    """At construction and later; the message shows how to write floats."""
    tensor = ag.tensor(data)

    def later() -> None:
        tensor.requires_grad = True

    for call in (later, lambda: ag.tensor(data, requires_grad=True)):
        said = message(TypeError, call)
        assert f"got dtype {tensor.dtype}" in said
        assert "1.0" in said
    assert not tensor.requires_grad


def test_an_output_of_several_elements_without_a_gradient() -> None:
    """The way out is a reduction, or a gradient of that shape."""
    x = leaf(1.0, 2.0)
    y = x * x
    for call, name in ((y.backward, "backward"), (lambda: ag.grad(y, x), "grad")):
        said = message(ValueError, call)
        assert said.startswith(f"{name}: got ")
        assert "(2,)" in said
        assert "sum()" in said
    y.sum().backward()
    assert x.grad is not None
    assert x.grad.numpy().tolist() == [2.0, 4.0]


@pytest.mark.parametrize("gradient", [1.0, [1.0], [[1.0, 1.0]], np.ones(3), ag.ones(2, 1)])
def test_a_gradient_of_another_shape_is_not_broadcast(gradient: Any) -> None:
    """The message has both shapes, and the graph is still good."""
    x = leaf(1.0, 2.0)
    y = x * x
    for call, name in (
        (lambda: y.backward(gradient), "backward"),
        (lambda: ag.grad(y, x, gradient), "grad"),
    ):
        said = message(ValueError, call)
        assert said.startswith(f"{name}: got a gradient of shape {np.shape(gradient)}")
        assert "expected (2,)" in said
    y.backward([1.0, 1.0])
    assert x.grad is not None


def test_backward_without_a_graph() -> None:
    """Of a constant, under no_grad, and of a detached result."""
    x = leaf(1.0)
    with ag.no_grad():
        unrecorded = x * x
    for y in (ag.tensor(1.0), unrecorded, (x * x).detach(), x > 0):
        said = message(RuntimeError, y.backward)
        assert said.startswith("backward: the output has no graph")
        assert "requires_grad=True" in said
        assert "no_grad()" in said


def test_a_failed_grad_leaves_the_graph_whole() -> None:
    """An input that is not used, a wrong number of grad_outputs."""
    x, other = leaf(3.0), leaf(1.0)
    y = x * x
    said = message(RuntimeError, lambda: ag.grad(y, [x, other]))
    assert "inputs[1]" in said
    assert "allow_unused=True" in said
    assert "inputs[0]" in message(RuntimeError, lambda: ag.grad(y, [ag.tensor(1.0)]))
    assert "give one each" in message(ValueError, lambda: ag.grad([y, y], x, [None]))
    assert ag.grad(y, x)[0].item() == 6.0


def test_grad_of_what_is_no_tensor() -> None:
    """A number, an array: the message says what is expected."""
    x = leaf(3.0)
    y = x * x
    outputs: Any = 9.0
    assert "Tensor" in message(TypeError, lambda: ag.grad(outputs, x))
    inputs: Any = np.array([3.0])
    assert "Tensor" in message(TypeError, lambda: ag.grad(y, inputs))
    assert "Tensor" in message(TypeError, lambda: ag.grad(y, [x, inputs]))
    assert ag.grad(y, x)[0].item() == 6.0


@pytest.mark.parametrize(
    ("name", "call", "got"),
    [
        ("add", lambda x: x + np.ones(4), "(2, 3) float64, (4,) float64"),
        ("mul", lambda x: [1, 2] * x, "(2, 3) float64"),
        ("matmul", lambda x: x @ x, "(2, 3) float64, (2, 3) float64"),
        ("pow", lambda x: x ** ag.ones(2, 2), "(2, 3) float64, (2, 2) float32"),
        ("maximum", lambda x: ag.maximum(x, np.ones(2)), "(2, 3) float64, (2,) float64"),
        ("where", lambda x: ag.where(np.ones(5) > 0, x, 0), "(5,) bool, (2, 3) float64, 0"),
        ("reshape", lambda x: x.reshape(4), "(2, 3) float64"),
        ("sum", lambda x: x.sum(2), "(2, 3) float64"),
        ("softmax", lambda x: ag.softmax(x, 5), "(2, 3) float64"),
        ("transpose", lambda x: x.transpose(0, 0), "(2, 3) float64"),
        ("squeeze", lambda x: x.squeeze(1), "(2, 3) float64"),
        ("broadcast_to", lambda x: x.broadcast_to((2, 2)), "(2, 3) float64"),
        ("concatenate", lambda x: ag.concatenate([x, x.T]), "(2, 3) float64, (3, 2) float64"),
        ("stack", lambda x: ag.stack([x, x.T]), "(2, 3) float64, (3, 2) float64"),
        ("split", lambda x: x.split(4), "(2, 3) float64"),
        ("getitem", lambda x: x[5], "(2, 3) float64"),
        ("getitem", lambda x: x[0, 0, 0], "(2, 3) float64"),
        ("getitem", lambda x: x["a"], "(2, 3) float64"),
        ("getitem", lambda x: x[[0.5]], "(2, 3) float64"),
        ("einsum", lambda x: ag.einsum("ij,ij,i", x, x), "(2, 3) float64, (2, 3) float64"),
        ("tensordot", lambda x: ag.tensordot(x, x, 1), "(2, 3) float64, (2, 3) float64"),
        ("dot", lambda x: ag.dot(x, x), "(2, 3) float64, (2, 3) float64"),
        ("diagonal", lambda x: ag.diagonal(x[0]), "(3,) float64"),
        ("max", lambda x: x[:, :0].max(), "(2, 0) float64"),
        ("add", lambda x: x + "a", "(2, 3) float64, 'a'"),
        ("mul", lambda x: x * None, "(2, 3) float64, None"),
    ],
)
def test_an_op_that_cannot_names_itself_and_what_it_got(
    name: str, call: Callable[[ag.Tensor], Any], got: str
) -> None:
    """The message says what was expected, too, and the operand is none the worse."""
    x = ag.tensor(np.ones((2, 3)), requires_grad=True)
    said = message(Exception, lambda: call(x))
    assert said.startswith(f"{name}: ")
    assert got in said
    assert "expected" in said
    x.sum().backward()
    assert x.grad is not None
    assert (x.grad == 1).all()


def test_a_hook_on_a_tensor_without_gradient() -> None:
    """There will be no gradient to see."""
    for call in (lambda t: t.register_hook(print), lambda t: t.retain_grad()):
        assert "requires_grad=True" in message(RuntimeError, lambda call=call: call(ag.tensor(1.0)))  # type: ignore[misc]


@pytest.mark.parametrize("create_graph", [False, True])
def test_a_hook_that_returns_another_shape(create_graph: bool) -> None:
    """The message has both shapes; no gradient is delivered to any leaf."""
    x, w = leaf(1.0, 2.0), leaf(3.0, 4.0)
    for broken in (w, x):
        remove = broken.register_hook(lambda g: g.sum())
        y = (x * w).sum()
        said = message(ValueError, lambda y=y: y.backward(create_graph=create_graph))  # type: ignore[misc]
        assert "shape ()" in said
        assert "expected (2,)" in said
        assert x.grad is None
        assert w.grad is None
        remove()


def test_a_hook_that_returns_another_shape_on_the_way() -> None:
    """No gradient is delivered to any leaf."""
    x, w = leaf(1.0, 2.0), leaf(3.0, 4.0)
    y = x * x
    y.register_hook(lambda g: g.sum())
    z = (y + w).sum()
    assert "hook" in message(ValueError, lambda: z.backward(retain_graph=True))
    assert x.grad is None
    assert w.grad is None


def test_an_error_in_a_rule_delivers_nothing_and_leaves_the_switch() -> None:
    """Also under create_graph, where the pass itself records."""

    def fail(_: ag.Tensor) -> None:
        raise KeyError

    x, w = leaf(1.0), leaf(2.0)
    y = x * x
    y.register_hook(fail)
    z = w * y
    with ag.no_grad():
        for create_graph in (False, True):
            with pytest.raises(KeyError):
                z.backward(retain_graph=True, create_graph=create_graph)
            assert not (x * 2).requires_grad
    assert (x * 2).requires_grad
    assert x.grad is None
    assert w.grad is None


def test_an_argument_without_gradient_is_an_error() -> None:
    """A tensor that requires one where an op takes a plain value."""
    x = leaf(1.0, 2.0)
    index = leaf(1.0)
    with pytest.raises((TypeError, IndexError)):
        x[index]
