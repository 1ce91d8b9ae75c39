"""grad, value_and_grad and vjp: gradients of functions of nested data."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import pytest

import autograd_lite as ag
from autograd_lite import nn
from autograd_lite.func import grad, value_and_grad, vjp


class Pair(NamedTuple):
    """Two parameters."""

    w: Any
    b: Any


@dataclass(frozen=True)
class Frozen:
    """Two parameters."""

    w: Any
    b: Any


def wide(*values: float) -> ag.Tensor:
    """A tensor in float64 that requires no gradient."""
    return ag.tensor(list(values), dtype="float64")


def plain(tree: Any) -> Any:
    """A tree with numbers and lists for its tensors."""
    from autograd_lite.func.tree import flatten  # noqa: PLC0415  # internal: for this test alone

    leaves, build = flatten(tree)
    assert all(type(x) is ag.Tensor for x in leaves)
    return build([x.numpy().tolist() for x in leaves])


def affine(p: Any, x: Any) -> Any:
    """A loss of two parameters in a tree of any kind."""
    w, b = (p["w"], p["b"]) if isinstance(p, dict) else (p.w, p.b) if hasattr(p, "w") else p
    return ((w * x + b) ** 2).sum()


@pytest.mark.parametrize(
    "tree", [{"w": 1.0, "b": 0.5}, [1.0, 0.5], (1.0, 0.5), Pair(1.0, 0.5), Frozen(1.0, 0.5)]
)
def test_the_gradient_is_a_tree_like_the_argument(tree: Any) -> None:
    result = plain(grad(affine)(tree, wide(1.0, 2.0)))
    assert type(result) is type(tree)
    w, b = (
        result.values()
        if isinstance(result, dict)
        else (result.w, result.b)
        if hasattr(result, "w")
        else result
    )
    assert (w, b) == (13.0, 8.0)


def test_the_argument_may_be_a_tensor_an_array_or_a_number() -> None:
    for x in (ag.tensor(3.0), np.float32(3.0), 3.0, nn.Parameter(ag.tensor(3.0))):
        result = grad(lambda x: x * x)(x)
        assert type(result) is ag.Tensor
        assert result.requires_grad is isinstance(x, nn.Parameter)  # by which it may be asked
        assert result.dtype == np.float32
        assert result.item() == 6.0
    assert grad(lambda x: (x * x).sum())(np.ones(2)).dtype == np.float64


def test_argnums_says_for_which_arguments() -> None:
    def f(x: Any, y: Any, *, power: int = 1) -> Any:
        return (x * y**power).sum()

    assert plain(grad(f)(2.0, 3.0)) == 3.0
    assert plain(grad(f, argnums=1)(2.0, 3.0, power=2)) == 12.0
    assert plain(grad(f, argnums=-1)(2.0, 3.0)) == 2.0
    assert plain(grad(f, argnums=(1, 0))(2.0, 3.0)) == (2.0, 3.0)
    assert plain(grad(f, argnums=(1,))(2.0, 3.0)) == (2.0,)
    assert plain(grad(f, argnums=1)(2, 3.0)) == 2.0  # what is not differentiated may be anything


def test_aux_is_passed_on() -> None:
    def f(x: Any) -> Any:
        y = x * x
        return y, {"square": y, "note": "as it is", "n": 3}

    gradient, aux = grad(f, has_aux=True)(3.0)
    assert plain(gradient) == 6.0
    assert (aux["square"].item(), aux["note"], aux["n"]) == (9.0, "as it is", 3)
    assert not aux["square"].requires_grad
    (value, aux), gradient = value_and_grad(f, has_aux=True)(3.0)
    assert (value.item(), aux["square"].item(), gradient.item()) == (9.0, 9.0, 6.0)
    out, pullback, aux = vjp(f, 3.0, has_aux=True)
    assert (out.item(), aux["n"], plain(pullback(1.0))) == (9.0, 3, (6.0,))


def test_no_grad_attribute_is_touched_and_the_callers_graph_is_left() -> None:
    w = ag.tensor([1.0, 2.0], requires_grad=True)
    square = w * w
    gradient = grad(lambda v: (v * square).sum())(w)
    assert w.grad is None
    assert gradient.requires_grad  # by the closed-over square
    gradient.sum().backward(retain_graph=True)
    square.sum().backward()  # whose graph is still there
    assert w.grad is not None
    assert plain(w.grad) == [4.0, 8.0]


def test_the_same_tensor_twice_gives_the_gradient_of_each_use() -> None:
    x = ag.tensor(3.0, requires_grad=True)
    assert [g.item() for g in grad(lambda a, b: a * a * b, argnums=(0, 1))(x, x)] == [18.0, 9.0]
    assert grad(lambda a: a * x)(x).item() == 3.0  # by the argument alone, not by x


def test_an_input_without_influence_has_a_zero_gradient() -> None:
    assert plain(grad(lambda _, y: y, argnums=(0, 1))(wide(1.0, 2.0), 3.0)) == ([0.0, 0.0], 1.0)
    assert plain(grad(lambda _: ag.tensor(1.0))(2.0)) == 0.0


def test_kinks_have_the_subgradients_of_backward() -> None:
    for f in (ag.abs, ag.sqrt, ag.relu):
        assert grad(f)(0.0).item() == 0.0


def test_a_pullback_may_be_called_again_and_takes_trees() -> None:
    def f(p: Any) -> Any:
        return {"product": p["a"] * p["b"], "count": (p["a"] > 0), "same": p["a"]}

    out, pullback = vjp(f, {"a": wide(1.0, 2.0), "b": 3.0})
    assert plain(out["product"]) == [3.0, 6.0]
    for scale in (1.0, 10.0):
        (p,) = pullback({"product": wide(scale, 0), "count": np.zeros(2), "same": wide(0, 1)})
        assert plain(p) == {"a": [3.0 * scale, 1.0], "b": scale}


def test_hooks_see_and_change_inner_gradients() -> None:
    def f(x: Any) -> Any:
        y = x * 2
        y.register_hook(lambda g: g * 10)
        return y * y

    assert grad(f)(3.0).item() == 240.0


def test_under_no_grad_the_result_is_plain() -> None:
    w = ag.tensor(3.0, requires_grad=True)
    with ag.no_grad():
        value, gradient = value_and_grad(lambda x: x * x * w)(2.0)
    assert (value.item(), gradient.item()) == (12.0, 12.0)
    assert not value.requires_grad
    assert not gradient.requires_grad


def test_values_are_the_callers_own() -> None:
    """Writing to an input, an output or a gradient afterwards changes nothing else."""
    x = np.array([1.0, 2.0])
    out, pullback = vjp(lambda a: (a, a * a), x)
    x[:] = 100.0
    out[0].data[:] = 50.0
    out[1].data[:] = 50.0
    (g,) = pullback((wide(0.0, 0.0), wide(1.0, 1.0)))
    g.data[:] = 9.0
    assert plain(pullback((wide(0.0, 0.0), wide(1.0, 1.0)))[0]) == [2.0, 4.0]
