"""`func.functional_call`: a module as a function of its parameters."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import autograd_lite as ag
from autograd_lite import func, nn

X = np.random.default_rng(0).standard_normal((5, 2)).astype(np.float32)


def model() -> nn.Sequential:
    ag.manual_seed(0)
    return nn.Sequential(nn.Linear(2, 3), nn.Tanh(), nn.Linear(3, 1))


def others(module: nn.Module) -> dict[str, ag.Tensor]:
    return {
        name: ag.tensor(p.detach().numpy() * 2 + 1, requires_grad=True)
        for name, p in module.named_parameters()
    }


def test_it_is_the_module_with_these_parameters() -> None:
    module, other = model(), model()
    parameters = others(module)
    other.load_state_dict(parameters)
    before = module.state_dict()
    y = func.functional_call(module, parameters, X)
    np.testing.assert_array_equal(y.detach().numpy(), other(X).detach().numpy())
    y.sum().backward()
    other(X).sum().backward()
    for name, p in other.named_parameters():
        found = parameters[name].grad
        assert found is not None
        assert p.grad is not None
        np.testing.assert_array_equal(found.numpy(), p.grad.numpy())
    assert all(p.grad is None and p.is_leaf and p.requires_grad for p in module.parameters())
    assert all((before[name] == value).all() for name, value in module.state_dict().items())


def test_what_is_not_given_stays() -> None:
    module = model()
    bias = np.full((1, 1), 100.0, np.float32)
    y = func.functional_call(module, {"2.bias": bias}, X)
    np.testing.assert_allclose((y - module(X)).detach().numpy(), 100, rtol=1e-4)
    y.sum().backward()
    assert [p.grad is None for p in module.parameters()] == [False, False, False, True]


def test_transforms_take_the_dict() -> None:
    module = model()
    parameters = {name: p.detach() for name, p in module.named_parameters()}

    def loss(parameters: Any) -> Any:
        return (func.functional_call(module, parameters, X) ** 2).mean()

    gradient = func.grad(loss)(parameters)
    (module(X) ** 2).mean().backward()
    for name, p in module.named_parameters():
        assert p.grad is not None
        np.testing.assert_allclose(gradient[name].numpy(), p.grad.numpy(), rtol=1e-6)
    rows = func.jacobian(lambda p: func.functional_call(module, p, X).reshape(-1))(parameters)
    assert rows["0.weight"].shape == (5, 2, 3)
    step = {name: -0.1 * g for name, g in gradient.items()}
    value, slope = func.jvp(loss, (parameters,), (step,))
    assert value > 0 > slope
    checked = func.checkpoint(lambda p: func.functional_call(module, p, X))
    again = func.grad(lambda p: (checked(p) ** 2).mean())(parameters)
    for name, g in gradient.items():
        np.testing.assert_array_equal(again[name].numpy(), g.numpy())


def test_steps_can_be_differentiated() -> None:
    """The loss after a step of gradient descent, by the learning rate."""
    module = model()

    def after(rate: Any) -> Any:
        start = {name: p.detach() for name, p in module.named_parameters()}

        def loss(parameters: Any) -> Any:
            return (func.functional_call(module, parameters, X) ** 2).mean()

        gradient = func.grad(loss)(start)
        return loss({name: p - rate * gradient[name] for name, p in start.items()})

    rate, h = np.float64(0.1), 1e-2
    slope = func.grad(after)(rate).item()
    numerical = (after(rate + h).item() - after(rate - h).item()) / (2 * h)
    np.testing.assert_allclose(slope, numerical, rtol=1e-2)


class Tied(nn.Module):
    """Two layers with one weight."""

    def __init__(self) -> None:
        self.first = nn.Linear(2, 2, bias=False)
        self.second = nn.Linear(2, 2, bias=False)
        self.second.weight = self.first.weight

    def forward(self, x: Any) -> Any:
        """Both, one after the other."""
        return self.second(self.first(x))


def test_a_shared_parameter_is_replaced_wherever_it_is() -> None:
    module = Tied()
    weight = module.first.weight
    twice = ag.tensor([[2.0, 0.0], [0.0, 2.0]], requires_grad=True)
    y = func.functional_call(module, {"first.weight": twice}, X)
    np.testing.assert_allclose(y.detach().numpy(), 4 * X, rtol=1e-6)
    assert module.first.weight is module.second.weight is weight
    with pytest.raises(ValueError, match=r"unknown names: 'second.weight'"):
        func.functional_call(module, {"second.weight": twice}, X)


def test_buffers_that_are_given_are_as_before() -> None:
    layer = nn.BatchNorm1d(2)
    own = layer.running_mean
    given = {"running_mean": np.ones(2, np.float32), "running_var": np.full(2, 4.0)}
    func.functional_call(layer, given, X)  # in training mode it updates them
    assert layer.running_mean is own
    assert own.numpy().tolist() == [0, 0]
    assert layer.running_var.numpy().tolist() == [1, 1]
    y = func.functional_call(layer.eval(), given, X)
    np.testing.assert_allclose(y.detach().numpy(), (X - 1) / 2, atol=1e-4)
    func.functional_call(layer.train(), {"weight": np.ones(2)}, X)
    assert layer.running_mean.numpy().tolist() != [0, 0]


def test_after_an_error_the_module_is_as_before() -> None:
    module = model()
    before = module.state_dict()
    with pytest.raises(ValueError, match="Linear"):
        func.functional_call(module, others(module), np.ones((5, 7)))
    assert all((before[name] == value).all() for name, value in module.state_dict().items())
    assert all(p.is_leaf and p.requires_grad for p in module.parameters())


def test_calls_nest() -> None:
    class Outer(nn.Module):
        def __init__(self, inner: nn.Module) -> None:
            self.inner = inner

        def forward(self, x: Any) -> Any:
            zeros = {name: p * 0 for name, p in self.inner.named_parameters()}
            return self.inner(x) - func.functional_call(self.inner, zeros, x)

    inner = model()
    module = Outer(inner)
    given = {f"inner.{name}": value for name, value in others(inner).items()}
    y = func.functional_call(module, given, X)
    expected = func.functional_call(inner, others(inner), X)
    np.testing.assert_array_equal(y.detach().numpy(), expected.detach().numpy())


@pytest.mark.parametrize(
    ("parameters", "kind", "message"),
    [
        (
            {"0.weight": np.ones((3, 3)), "w": 1.0},
            ValueError,
            r"unknown names: 'w'; wrong shapes: 0.weight \(3, 3\) for \(2, 3\)\).*: 0.weight, 0.bi",
        ),
        ({"0.weight": np.ones((2, 3), int)}, TypeError, r"got \(2, 3\) int64 for 0.weight"),
        ({"0.weight": "a"}, TypeError, "got 'a' for 0.weight; expected a tensor"),
        ([1], TypeError, r"got \[1\] as the parameters; expected a dict"),
    ],
)
def test_what_does_not_fit_is_refused(parameters: Any, kind: type[Exception], message: str) -> None:
    with pytest.raises(kind, match=message):
        func.functional_call(model(), parameters, X)


@pytest.mark.parametrize("wrong", [None, len, ag.ones(2)])
def test_what_is_no_module_is_refused(wrong: Any) -> None:
    with pytest.raises(TypeError, match="as the module; expected"):
        func.functional_call(wrong, {}, X)
