"""Copies and pickles of everything that a training is made of."""

from __future__ import annotations

import copy
import functools
import pickle
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

import autograd_lite as ag
from autograd_lite import data, nn, optim
from tests.cases_nn import LAYERS
from tests.optim_cases import Rule, closure_of, every_rule, leaves, values

if TYPE_CHECKING:
    from collections.abc import Callable

    Copier = Callable[[Any], Any]


def pickled(thing: Any, protocol: int) -> Any:
    """Through bytes."""
    return pickle.loads(pickle.dumps(thing, protocol))  # noqa: S301  # our own


COPIERS: dict[str, Copier] = {
    "deepcopy": copy.deepcopy,
    **{f"pickle {n}": functools.partial(pickled, protocol=n) for n in range(2, 6)},
}

each_way = pytest.mark.parametrize("copied", COPIERS.values(), ids=COPIERS)
ways = st.sampled_from([*COPIERS.values(), copy.copy])


class Net(nn.Module):
    """Tied weights, a buffer, an op as an attribute, parts in lists and dicts."""

    scale: ag.Tensor

    def __init__(self) -> None:
        self.first = nn.Linear(3, 3)
        self.second = nn.Linear(3, 3)
        self.second.weight = self.first.weight
        self.activation = ag.tanh
        self.parts = {"norm": nn.BatchNorm1d(3), "rest": [nn.Dropout(0.5), nn.Linear(3, 1)]}
        self.register_buffer("scale", [2.0])

    def forward(self, x: Any) -> Any:
        """The output."""
        norm: Any = self.parts["norm"]
        last: Any = self.parts["rest"]
        hidden = norm(self.activation(self.first(x)))
        return last[1](last[0](self.activation(self.second(hidden)))) * self.scale


class Named(ag.Tensor):
    """A tensor with an attribute of its own."""

    note: str


X = np.random.default_rng(0).normal(size=(8, 3)).astype(np.float32)


def train(model: nn.Module, optimizer: optim.Optimizer, steps: int) -> bytes:
    """Where some steps lead."""
    for _ in range(steps):
        ag.manual_seed(steps)
        optimizer.zero_grad()
        (model(X) ** 2).mean().backward()
        optimizer.step()
    return b"".join(array.tobytes() for array in model.state_dict().values())


# ---- tensors


@given(
    array=hnp.arrays(
        st.sampled_from(["float16", "float32", "float64"]),
        hnp.array_shapes(min_dims=0, min_side=0, max_side=3),
        elements=st.floats(-100, 100, width=16),
    ),
    requires_grad=st.booleans(),
    has_grad=st.booleans(),
    copied=ways,
)
def test_a_leaf_is_what_it_was(
    array: Any, requires_grad: bool, has_grad: bool, copied: Copier
) -> None:
    """Values, dtype, shape, gradient, whether it requires one; and it shares no memory."""
    x = ag.tensor(array.T, requires_grad=requires_grad)
    x.grad = ag.tensor(array.T * 2) if has_grad else None
    held: Any = x.data
    twin: Any = copied(x)
    assert type(twin) is ag.Tensor
    assert (twin.dtype, twin.shape, twin.requires_grad) == (x.dtype, x.shape, requires_grad)
    np.testing.assert_array_equal(twin.numpy(), array.T)
    assert (twin.grad is None) is not has_grad
    held[...] = 7
    twin.data[...] = -7
    assert (x.numpy() == 7).all()
    if has_grad:
        gradient: Any = twin.grad
        assert gradient is not x.grad
        np.testing.assert_array_equal(gradient.numpy(), array.T * 2)


@pytest.mark.parametrize("dtype", ["int64", "int8", "uint16", "bool"])
@each_way
def test_integers_and_truths_too(copied: Copier, dtype: str) -> None:
    x = ag.tensor(np.array([0, 1, 3]).astype(dtype))
    assert copied(x).dtype == x.dtype
    assert copied(x).numpy().tolist() == x.numpy().tolist()


@each_way
def test_a_gradient_with_a_graph_is_copied_without_it(copied: Copier) -> None:
    """The graph goes back to the original, which the copy has nothing to do with."""
    x = ag.tensor([2.0], requires_grad=True)
    (x**3).sum().backward(create_graph=True)
    assert x.grad is not None
    assert not x.grad.is_leaf
    twin = copied(x)
    assert twin.grad.is_leaf
    assert twin.grad.item() == 12.0
    assert not x.grad.is_leaf


@each_way
def test_the_result_of_an_op_says_why_not(copied: Copier) -> None:
    y = ag.tensor([2.0], requires_grad=True) * 2
    with pytest.raises(TypeError, match=r"the result of an op cannot be copied.*detach\(\)"):
        copied(y)
    with pytest.raises(TypeError, match=r"detach\(\)"):
        copied({"losses": [y]})
    assert copied(y.detach()).item() == 4.0


@each_way
def test_names_types_attributes_and_sharing_stay(copied: Copier) -> None:
    w = nn.Parameter([1.0], requires_grad=False)
    w.name = "w"
    named = Named([1.0])
    named.note = "kept"
    first, second, other = copied([w, w, named])
    assert first is second
    assert type(first) is nn.Parameter
    assert (first.name, first.requires_grad) == ("w", False)
    assert type(other) is Named
    assert other.note == "kept"


@each_way
def test_hooks_stay_behind(copied: Copier) -> None:
    """They are functions of the program that registered them; the original keeps them."""
    x = ag.tensor([1.0], requires_grad=True)
    x.register_hook(lambda g: g * 10)
    twin = copied(x)
    for tensor, expected in ((x, 10.0), (twin, 1.0)):
        tensor.sum().backward()
        assert tensor.grad is not None
        assert tensor.grad.item() == expected


# ---- modules


@pytest.mark.parametrize("layer", LAYERS, ids=repr)
def test_every_layer_and_loss_can_be_pickled(layer: Any) -> None:
    module = layer.make()
    twin = pickled(module, 5)
    assert repr(twin) == repr(module)
    assert twin.training == module.training
    for (name, array), (other, again) in zip(
        module.state_dict().items(), twin.state_dict().items(), strict=True
    ):
        assert name == other
        assert array.tobytes() == again.tobytes()


@each_way
def test_a_model_and_all_that_trains_it_go_on_as_the_originals_do(copied: Copier) -> None:
    """The optimizer, the schedule and the average belong to the copied model; ties are kept."""
    model = Net()
    optimizer = optim.Adam(model.parameters(), lr=0.01)
    schedule = optim.CosineAnnealingLR(optimizer, 10)
    average = optim.ExponentialMovingAverage(model.parameters(), decay=0.5)
    train(model, optimizer, 2)
    schedule.step()
    average.update()
    both = (model, optimizer, schedule, average)
    twin, other, again, mean = copied(both)
    assert twin.second.weight is twin.first.weight
    assert twin.activation is ag.tanh
    assert [id(p) for p in other.param_groups[0]["params"]] == [id(p) for p in twin.parameters()]
    assert set(other.state) == set(twin.parameters())
    assert again.optimizer is other
    assert mean.params[0] is next(twin.parameters())
    before = train(model.eval().train(), optimizer, 1)
    assert train(twin, other, 1) == before
    again.step()
    schedule.step()
    assert again.get_last_lr() == schedule.get_last_lr()
    mean.update()
    average.update()
    for a, b in zip(mean.averages, average.averages, strict=True):
        assert a.tobytes() == b.tobytes()
    assert train(twin, other, 2) == train(model, optimizer, 2)


@each_way
def test_modes_and_frozen_parameters_stay(copied: Copier) -> None:
    model = Net().eval()
    model.first.bias.requires_grad = False  # type: ignore[union-attr]
    twin = copied(model)
    assert not any(module.training for module in twin.modules())
    assert not twin.first.bias.requires_grad
    assert twin(X).detach().numpy().tobytes() == model(X).detach().numpy().tobytes()


def test_a_shallow_copy_of_a_model_has_its_parameters() -> None:
    """As Python's copy has the parts of any object; a deep one has its own."""
    model = Net()
    assert copy.copy(model).first is model.first
    assert copy.deepcopy(model).first.weight is not model.first.weight


# ---- optimizers and data


@every_rule
@pytest.mark.parametrize("copied", [copy.deepcopy, functools.partial(pickled, protocol=5)])
def test_every_optimizer_goes_on(rule: Rule, copied: Copier) -> None:
    params = leaves((3,), (2, 2))
    optimizer = rule.make(params, weight_decay=0.01)
    for _ in range(2):
        optimizer.step(closure_of(params))
    twins, other = copied((params, optimizer))
    for _ in range(3):
        optimizer.step(closure_of(params))
        other.step(closure_of(twins))
    assert values(twins) == values(params)


@every_rule
def test_an_optimizer_whose_arrays_came_back_read_only_goes_on(rule: Rule) -> None:
    """As joblib hands large arrays over."""
    params = leaves((3,), (2, 2))
    optimizer, average = rule.make(params), optim.ExponentialMovingAverage(params)
    optimizer.step(closure_of(params))
    buffers: list[pickle.PickleBuffer] = []
    content = pickle.dumps((params, optimizer, average), 5, buffer_callback=buffers.append)
    frozen = [bytes(buffer.raw()) for buffer in buffers]
    assert frozen
    twins, other, mean = pickle.loads(content, buffers=frozen)  # noqa: S301  # our own
    optimizer.step(closure_of(params))
    other.step(closure_of(twins))
    average.update()
    mean.update()
    assert values(twins) == values(params)


@each_way
def test_data_go_on_in_the_order_that_they_had(copied: Copier) -> None:
    x, y = np.arange(10.0).reshape(5, 2), np.arange(5)
    for given_data in ((x, y), {"x": x, "y": ag.tensor(y)}, data.TensorDataset(x, y), x):
        loader = data.DataLoader(
            given_data, batch_size=2, shuffle=True, generator=np.random.default_rng(1)
        )
        next(iter(loader))
        twin = copied(loader)
        for batch, again in zip(loader, twin, strict=True):
            parts = batch.values() if isinstance(batch, dict) else batch
            others = again.values() if isinstance(again, dict) else again
            for one, other in zip(parts, others, strict=True):
                assert one.numpy().tobytes() == other.numpy().tobytes()


def test_functions_travel_by_their_names() -> None:
    for function in (ag.exp, ag.add, ag.concatenate, nn.functional.linear, ag.log_softmax):
        assert pickled(function, 5) is function
