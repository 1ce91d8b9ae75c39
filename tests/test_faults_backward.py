"""Exceptions in the middle of a pass: nothing is half done, and the next step is as if none was."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

import autograd_lite as ag
from autograd_lite import nn, optim
from autograd_lite.data import DataLoader, TensorDataset
from autograd_lite.graph import op
from autograd_lite.recording import USUAL, mode

if TYPE_CHECKING:
    from collections.abc import Callable

X = np.linspace(-1, 1, 24, dtype=np.float32).reshape(8, 3)
Y = X.sum(axis=1, keepdims=True) > 0


class Refusal(Exception):  # noqa: N818  # what a user's own code raises, of no usual kind
    """What a hook or a callback raises."""


def refuse(*_: Any) -> Any:
    """Raise, whatever comes."""
    raise Refusal


@op
def breaks_backward(x: Any, /) -> tuple[Any, ...]:
    """x, whose gradient cannot be computed."""
    return x * 1, lambda g: refuse(g * 1)


@op
def breaks_forward(x: Any, /) -> tuple[Any, ...]:
    """What cannot be computed."""
    return refuse(x), lambda g: g


class Break(nn.Module):
    """Passes x on through a function that may be replaced."""

    function: Callable[[Any], Any] | None = None

    def forward(self, x: Any) -> Any:
        """Apply the function, if there is one."""
        return x if self.function is None else self.function(x)


def network() -> tuple[nn.Sequential, optim.Optimizer]:
    """The same network each time, with state of all kinds, and its optimizer."""
    draw = np.random.default_rng(0)
    model = nn.Sequential(
        nn.Linear(3, 5, generator=draw), nn.BatchNorm1d(5), Break(), nn.Tanh(), nn.Linear(5, 1)
    )
    list(model.parameters())[-2].data[...] = 0.3
    return model, optim.Adam(model.parameters(), lr=0.1)


def step(model: nn.Sequential, optimizer: optim.Optimizer) -> None:
    """One step of training."""
    optimizer.zero_grad()
    nn.BCEWithLogitsLoss()(model(X), Y).backward()
    optimizer.step()


def bits(model: nn.Sequential, optimizer: optim.Optimizer) -> list[Any]:
    """All that training changes."""
    remembered = [v for s in optimizer.state_dict()["state"].values() for v in s.values()]
    return [np.asarray(v).tobytes() for v in (*model.state_dict().values(), *remembered)]


def in_hook_of_value(model: nn.Sequential) -> None:
    """A hook of a result on the way raises."""

    def hooked(x: Any) -> Any:
        x.register_hook(refuse)
        return x

    model[2].function = hooked


def in_hook_of_leaf(model: nn.Sequential) -> None:
    """A hook of a parameter raises."""
    next(model.parameters()).register_hook(refuse)


def in_rule(model: nn.Sequential) -> None:
    """The gradient of a custom op raises."""
    model[2].function = breaks_backward


def in_op(model: nn.Sequential) -> None:
    """A custom op raises."""
    model[2].function = breaks_forward


def in_module(model: nn.Sequential) -> None:
    """The forward of a module raises."""
    model[2].function = refuse


FAULTS = [in_hook_of_value, in_hook_of_leaf, in_rule, in_op, in_module]


@pytest.mark.parametrize("fault", FAULTS, ids=lambda f: f.__name__)
@pytest.mark.parametrize("watched", [False, True])
def test_a_step_that_failed_leaves_the_next_one_as_it_was(fault: Any, watched: bool) -> None:
    """Batch norm has seen the batch: that alone a failed step leaves, and only behind its layer."""
    model, optimizer = network()
    twin, other = network()
    step(model, optimizer)
    step(twin, other)
    fault(model)
    grads = [p.grad for p in model.parameters()]
    kept = [None if g is None else g.numpy().copy() for g in grads]
    running = {name: array for name, array in model.state_dict().items() if "running" in name}
    with pytest.raises(Refusal), ag.profile() if watched else contextlib.nullcontext():
        nn.BCEWithLogitsLoss()(model(X), Y).backward()
    assert mode.get() is USUAL
    for parameter, grad, before in zip(model.parameters(), grads, kept, strict=True):
        assert parameter.grad is grad is not None
        np.testing.assert_array_equal(grad.numpy(), before)
    vars(model[2]).pop("function", None)
    next(model.parameters()).node.hooks = None  # type: ignore[union-attr]  # a leaf has a node
    model.load_state_dict(running, strict=False)
    for _ in range(2):
        step(model, optimizer)
        step(twin, other)
    assert bits(model, optimizer) == bits(twin, other)


@pytest.mark.parametrize("create_graph", [False, True])
@pytest.mark.parametrize("place", range(4))
def test_gradients_are_delivered_all_or_none(place: int, create_graph: bool) -> None:
    """Wherever the hook is that raises, and to results that retain their gradient as well."""
    x, w = (ag.tensor([1.0, 2.0], requires_grad=True) for _ in range(2))
    y = x * w
    z = y * y
    for value in (y, z):
        value.retain_grad()
    values = [x, w, y, z]
    remove = values[place].register_hook(refuse)
    with pytest.raises(Refusal):
        z.sum().backward(create_graph=create_graph, retain_graph=True)
    assert [value.grad for value in values] == [None] * 4
    remove()
    z.sum().backward()
    assert x.grad is not None
    assert y.grad is not None
    assert x.grad.numpy().tolist() == [2.0, 16.0]
    assert y.grad.numpy().tolist() == [2.0, 8.0]


@pytest.mark.parametrize("wrong", [np.zeros(3), "grad", 1.0, [1.0, 2.0]])
def test_a_grad_that_is_no_tensor_is_refused_before_any_is_delivered(wrong: Any) -> None:
    """The error says whose, and what to assign instead."""
    x, w = (ag.tensor([1.0, 2.0], requires_grad=True) for _ in range(2))
    w.grad = wrong
    with pytest.raises(TypeError, match=r"^backward: .* as grad .*; expected a Tensor"):
        (x * w).sum().backward()
    assert x.grad is None
    assert w.grad is wrong


def test_a_grad_of_another_shape_is_refused_before_any_is_delivered() -> None:
    x, w = (ag.tensor([1.0, 2.0], requires_grad=True) for _ in range(2))
    w.grad = ag.zeros(3)
    with pytest.raises(ValueError, match=r"^backward: .*\(3,\).*\(2,\)"):
        (x * w).sum().backward()
    assert x.grad is None
    assert w.grad.numpy().tolist() == [0.0, 0.0, 0.0]


def closure_of(net: nn.Sequential, owner: optim.Optimizer, fails: int | None) -> Any:
    """A closure of which one call raises, after it has computed the gradients."""
    calls = iter(range(1000))

    def closure() -> Any:
        owner.zero_grad()
        loss = nn.MSELoss()(net[0](X), np.ones((8, 5), np.float32))
        loss.backward()
        if next(calls) == fails:
            raise Refusal
        return loss

    return closure


CLOSURES = [(optim.SGD, 0), (optim.Adam, 0), (optim.RMSProp, 0), (optim.LBFGS, 0), (optim.LBFGS, 1)]


@pytest.mark.parametrize(("make", "call"), CLOSURES)
def test_a_closure_that_raises_leaves_parameters_and_state(make: Any, call: int) -> None:
    """At its first call, or for LBFGS at one within the search: all is as the step began."""
    (model, _), (twin, _) = network(), network()
    optimizer, other = make(model.parameters(), lr=0.1), make(twin.parameters(), lr=0.1)
    if call == 0:
        for net, owner in ((model, optimizer), (twin, other)):
            owner.step(closure_of(net, owner, None))
    before = bits(model, optimizer)
    with pytest.raises(Refusal):
        optimizer.step(closure_of(model, optimizer, call))
    assert bits(model, optimizer) == before
    for net, owner in ((model, optimizer), (twin, other)):
        owner.step(closure_of(net, owner, None))
    assert bits(model, optimizer) == bits(twin, other)


def test_a_dataset_that_raises_ends_the_epoch_and_not_the_next() -> None:
    """The orders that the generator draws go on as if nothing had been."""

    class Flaky(TensorDataset):
        fails = False

        def __getitem__(self, rows: Any) -> Any:
            if self.fails and 3 in np.atleast_1d(rows):
                raise Refusal
            return super().__getitem__(rows)

    def loaded() -> tuple[Flaky, DataLoader]:
        dataset = Flaky(np.arange(8.0))
        return dataset, DataLoader(
            dataset, batch_size=2, shuffle=True, generator=np.random.default_rng(0)
        )

    dataset, loader = loaded()
    _, twin = loaded()
    dataset.fails = True
    with pytest.raises(Refusal):
        list(loader)
    list(twin)
    dataset.fails = False
    found = [batch[0].numpy().tolist() for batch in loader]
    assert found == [batch[0].numpy().tolist() for batch in twin]


def test_a_callback_of_a_profile_or_a_switch_that_raises_restores_the_mode() -> None:
    """Also nested in one another, and in functions that they decorate."""

    @ag.no_grad()
    def decorated() -> None:
        with ag.enable_grad(), ag.profile() as report, report.span("part"):
            refuse()

    with pytest.raises(Refusal):
        decorated()
    assert mode.get() is USUAL
    x = ag.tensor(2.0, requires_grad=True)
    (x * x).backward()
    assert x.grad is not None
    assert x.grad.item() == 4.0
