"""A Linear and the activation behind it in one op: what it gives, when it is done, and `Shared`."""

from __future__ import annotations

import types
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

import autograd_lite as ag
from autograd_lite import nn
from autograd_lite.graph import op
from autograd_lite.nn import functional as F  # noqa: N812  # as everybody calls it
from autograd_lite.node import Shared
from autograd_lite.testing import gradcheck

if TYPE_CHECKING:
    from collections.abc import Callable

ACTIVATIONS: dict[str, Callable[[], nn.Module]] = {
    "relu": nn.ReLU,
    "leaky": nn.LeakyReLU,
    "leaky 0": lambda: nn.LeakyReLU(0.0),
    "leaky 1.7": lambda: nn.LeakyReLU(1.7),
    "sigmoid": nn.Sigmoid,
    "tanh": nn.Tanh,
}
SHAPES = [(3,), (1, 3), (4, 3), (0, 3), (2, 4, 3), (2, 0, 3)]
each_activation = pytest.mark.parametrize("name", ACTIVATIONS)
each_shape = pytest.mark.parametrize("shape", SHAPES, ids=str)


def pair(
    activation: nn.Module, *, bias: bool = True, dtype: str = "float64"
) -> tuple[nn.Linear, nn.Module]:
    """A layer of some weights, and what comes behind it."""
    rng = np.random.default_rng(0)
    layer = nn.Linear(3, 5, bias=bias, dtype=dtype, generator=rng)
    if layer.bias is not None:
        layer.bias.data = rng.normal(size=(1, 5)).astype(dtype)
    return layer, activation


def inputs(shape: tuple[int, ...], dtype: str = "float64") -> Any:
    """Numbers whose images are away from 0."""
    return np.random.default_rng(1).normal(size=shape).astype(dtype)


def derivatives(function: Callable[[Any], Any], layer: nn.Linear, x: Any) -> list[Any]:
    """The value, the gradients, and the gradients of those."""
    inner = ag.tensor(x, requires_grad=True)
    sources = [inner, *layer.parameters()]
    y = function(inner)
    rng = np.random.default_rng(2)
    seed = ag.tensor(rng.normal(size=y.shape).astype(y.dtype), requires_grad=True)
    plain = ag.grad(y, sources, seed, retain_graph=True)
    first = ag.grad(y, sources, seed, create_graph=True)
    seeds = [ag.tensor(rng.normal(size=g.shape).astype(g.dtype)) for g in first]
    second = ag.grad(first, [seed, *sources], seeds, allow_unused=True)
    return [t.detach().numpy() for t in (y, *plain, *first, *second)]


@each_activation
@each_shape
@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_it_gives_what_the_two_give_in_turn(
    name: str, shape: tuple[int, ...], bias: bool, dtype: str
) -> None:
    """The same value to the bit, and gradients of both orders within 16 roundings."""
    layer, activation = pair(ACTIVATIONS[name](), bias=bias, dtype=dtype)
    x = inputs(shape, dtype)
    found = derivatives(nn.Sequential(layer, activation), layer, x)
    expected = derivatives(lambda x: activation(layer(x)), layer, x)
    assert found[0].tobytes() == expected[0].tobytes()
    for a, b in zip(found, expected, strict=True):
        assert (a.shape, a.dtype) == (b.shape, b.dtype)
        atol = 16 * np.finfo(dtype).eps * np.abs(b).max(initial=1)
        np.testing.assert_allclose(a, b, rtol=0, atol=atol)


@each_activation
@pytest.mark.parametrize("shape", [(3,), (4, 3), (2, 2, 3)], ids=str)
@pytest.mark.parametrize("bias", [True, False])
def test_gradients_are_those_of_finite_differences(
    name: str, shape: tuple[int, ...], bias: bool
) -> None:
    layer, activation = pair(ACTIVATIONS[name](), bias=bias)
    x = inputs(shape)
    assert np.abs(layer(x).detach().numpy()).min() > 1e-3  # no kink is near
    model = nn.Sequential(layer, activation)
    names = [key for key, _ in layer.named_parameters()]

    def run(x: ag.Tensor, *parameters: ag.Tensor) -> ag.Tensor:
        vars(layer).update(zip(names, parameters, strict=True))
        result: ag.Tensor = model(x)
        return result

    gradcheck(run, [x, *(p.detach().numpy() for p in layer.parameters())], order=2)


@pytest.mark.parametrize("values", [[0.0, -0.0], [np.nan, np.inf], [-np.inf, 1e-320]], ids=str)
@each_activation
def test_special_numbers_pass_as_through_the_two(name: str, values: list[float]) -> None:
    layer, activation = nn.Linear(1, 1, dtype="float64"), ACTIVATIONS[name]()
    layer.weight.data = np.ones((1, 1))
    x = np.array(values)[:, None]
    with np.errstate(all="ignore"):
        found = derivatives(nn.Sequential(layer, activation), layer, x)
        expected = derivatives(lambda x: activation(layer(x)), layer, x)
    for a, b in zip(found, expected, strict=True):
        np.testing.assert_array_equal(a, b)


# ---- when it is done


def nodes(x: ag.Tensor) -> list[str]:
    """The names of the ops that made a value."""
    found: dict[Any, None] = {}
    stack = [x.node]
    while stack:
        node = stack.pop()
        if node is not None and node not in found and node.vjps:
            found[node] = None
            stack.extend(node.inputs)
    return [node.name for node in found]


@each_activation
def test_a_layer_and_its_activation_record_one_node(name: str) -> None:
    activation = ACTIVATIONS[name]()
    middle, last = nn.Linear(5, 5, dtype="float64"), nn.Linear(5, 2, dtype="float64")
    layers = [*pair(activation), middle, activation, last]
    assert nodes(nn.Sequential(layers)(inputs((4, 3)))) == ["linear"] * 3


def test_a_negative_slope_is_applied_in_a_step_of_its_own() -> None:
    """The sign of the result does not tell that of the argument."""
    layer, activation = pair(nn.LeakyReLU(-0.5))
    x = inputs((4, 3))
    model = nn.Sequential(layer, activation)
    assert nodes(model(x)) == ["leaky_relu", "linear"]
    y = layer(x).detach().numpy()
    np.testing.assert_array_equal(model(x).detach().numpy(), np.where(y > 0, y, -0.5 * y))
    _, (slope,) = ag.grad(model(x).sum(), list(layer.parameters()))
    np.testing.assert_allclose(slope.numpy(), np.where(y > 0, 1, -0.5).sum(axis=0))


def test_what_else_may_stand_there_runs_on_its_own() -> None:
    """Activations first, in a row, or apart from the layer, and layers of another kind."""
    layer, activation = pair(nn.ReLU())
    x = inputs((4, 3))
    for others, expected in [
        ([activation, layer], ["linear"]),  # of x, which needs no gradient
        ([layer, activation, activation], ["relu", "linear"]),
        ([layer, nn.Identity(), activation], ["relu", "linear"]),
        ([layer, nn.ELU()], ["elu", "linear"]),
    ]:
        assert nodes(nn.Sequential(others)(x)) == expected


def doubled(layer: nn.Linear, x: Any) -> ag.Tensor:
    """A `forward` that knows of no activation."""
    return nn.Linear.forward(layer, x) * 2


def shifted(activation: nn.ReLU, x: Any) -> ag.Tensor:
    """A `forward` of an activation."""
    return nn.ReLU.forward(activation, x) + 1


class Called(nn.Tanh):
    """An activation that is called in another way."""

    def __call__(self, x: Any) -> Any:
        """One less."""
        return super().__call__(x) - 1


@pytest.mark.parametrize("kind", ["classes", "instances"])
def test_a_forward_of_ones_own_is_respected(kind: str) -> None:
    x = inputs((4, 3))
    plain, _ = pair(nn.ReLU())
    y = x @ plain.weight.numpy() + (0 if plain.bias is None else plain.bias.numpy())
    if kind == "classes":
        layer: Any = type("Doubled", (nn.Linear,), {"forward": doubled})(3, 5, dtype="float64")
        layer.load_state_dict(plain.state_dict())
        activation: Any = type("Shifted", (nn.ReLU,), {"forward": shifted})()
    else:
        (layer, _), activation = pair(nn.ReLU()), nn.ReLU()
        layer.forward = types.MethodType(doubled, layer)
        activation.forward = types.MethodType(shifted, activation)
    for model, expected in [
        (nn.Sequential(layer, nn.ReLU()), np.maximum(2 * y, 0)),
        (nn.Sequential(plain, activation), np.maximum(y, 0) + 1),
        (nn.Sequential(layer, activation), np.maximum(2 * y, 0) + 1),
        (nn.Sequential(plain, Called()), np.tanh(y) - 1),
    ]:
        np.testing.assert_allclose(model(x).detach().numpy(), expected, rtol=1e-14)


# ---- its node


@each_activation
def test_hooks_and_retain_grad_see_the_gradient_of_the_result(name: str) -> None:
    """As it is before the activation, and a hook changes what goes on."""
    layer, activation = pair(ACTIVATIONS[name]())
    seen, x = [], inputs((4, 3))

    def double(g: ag.Tensor) -> ag.Tensor:
        seen.append(g.numpy().copy())
        return g * 2

    y = nn.Sequential(layer, activation)(x)
    y.register_hook(double)
    y.retain_grad()
    y.backward(np.ones((4, 5)))
    (expected,) = ag.grad(activation(layer(x)), layer.weight, np.full((4, 5), 2.0))
    np.testing.assert_array_equal(seen, np.ones((1, 4, 5)))
    for tensor, values in [(y, np.full((4, 5), 2.0)), (layer.weight, expected.numpy())]:
        assert tensor.grad is not None
        np.testing.assert_allclose(tensor.grad.numpy(), values, rtol=1e-14, atol=1e-14)


def test_a_graph_can_be_passed_as_often_as_it_is_kept() -> None:
    layer, activation = pair(nn.Tanh())
    y = nn.Sequential(layer, activation)(inputs((4, 3)))
    seed = np.ones((4, 5))
    once = ag.grad(y, layer.weight, seed, retain_graph=True)[0].numpy()
    for keep in (True, False):
        np.testing.assert_array_equal(
            ag.grad(y, layer.weight, seed, retain_graph=keep)[0].numpy(), once
        )
    with pytest.raises(RuntimeError, match="consumed"):
        y.backward(seed)


calls: list[str] = []


def half() -> float:
    """0.5, counted."""
    calls.append("shared")
    return 0.5


@op
def half_product(x: Any, y: Any, /) -> tuple[Any, ...]:
    """The half of x y, whose gradient is halved once."""
    return x * y / 2, Shared(lambda g: g * half()), lambda g: g * y, lambda g: g * x


def test_the_shared_step_runs_once_a_pass() -> None:
    """Whatever the number of inputs that it leads to, and not where it leads to none."""
    x, y = (ag.tensor(inputs((3,)) + i, requires_grad=True) for i in range(2))
    for pairs, runs in [((x, y), 1), ((x, x), 1), ((x, y.detach()), 1), ((2.0, y), 1)]:
        calls.clear()
        half_product(*pairs).sum().backward()
        assert len(calls) == runs
    z = half_product(x, y)
    calls.clear()
    ag.grad(z.sum(), x, retain_graph=True)
    ag.grad(z.sum(), [x, y], create_graph=True)
    assert len(calls) == 2
    gradcheck(half_product, [x.detach(), y.detach()], order=2)
    gradcheck(lambda x: half_product(x, x), [x.detach()], order=2)


# ---- what `linear` refuses


@op
def squared(z: Any, /) -> tuple[Any, ...]:
    """An op whose gradient needs its argument, by another name than x."""
    return z * z, lambda g: g * 2 * z


@op
def cubed(x: Any, /) -> tuple[Any, ...]:
    """One whose gradient needs it by way of another function."""

    def slope() -> Any:
        return 3 * x * x

    return x * x * x, lambda g: g * slope()


@pytest.mark.parametrize("function", [ag.sin, ag.softplus, ag.abs, F.elu, squared, cubed])
def test_an_activation_that_needs_its_argument_is_refused(function: Any) -> None:
    w = ag.tensor(np.ones((3, 2)), requires_grad=True)
    with pytest.raises(ValueError, match=r"linear: .* gradient needs its argument"):
        F.linear(np.ones((1, 3)), w, activation=function)


def test_an_activation_by_its_result_may_be_any_op() -> None:
    x, w = inputs((4, 3)), inputs((3, 2))
    for function in (ag.exp, ag.tan, ag.sigmoid, ag.softmax):
        gradcheck(lambda x, w, f=function: F.linear(x, w, activation=f), [x, w], order=2)


BAD_SHAPES: list[list[tuple[int, ...]]] = [
    [(3,), (3, 2)], [(), (3, 2)], [(1, 3), (3,)], [(1, 3), (2, 2)],
    [(1, 3), (3, 2), (3,)], [(1, 3), (3, 2), (3, 2)], [(2, 1, 3), (3, 2), (4,)],
]  # fmt: skip


@pytest.mark.parametrize("shapes", BAD_SHAPES, ids=str)
def test_errors_of_shapes_name_linear(shapes: list[tuple[int, ...]]) -> None:
    for make in (np.ones, ag.ones):
        with pytest.raises(
            ValueError, match=r"^linear: .* expected x \(\.\.\., in\), w \(in, out\)"
        ):
            F.linear(*(make(shape) for shape in shapes))
