"""Modules: what they find among their attributes, their state, their modes, their text."""

import copy
import pickle
import re
from typing import Any

import numpy as np
import pytest

import autograd_lite as ag
from autograd_lite import nn


class Block(nn.Module):
    """A part, a parameter and a buffer."""

    def __init__(self) -> None:
        self.linear = nn.Linear(2, 3)
        self.scale = nn.Parameter([1.0, 2.0, 3.0])
        self.register_buffer("seen", np.zeros(3))

    def forward(self, x: Any) -> ag.Tensor:
        """Scale what the part gives."""
        y: ag.Tensor = self.linear(x) * self.scale
        return y


class Nest(nn.Module):
    """Parts in a list, a tuple and a dict."""

    def __init__(self) -> None:
        self.layers = [nn.Linear(1, 1), (nn.Tanh(), nn.Linear(1, 1))]
        self.heads = {"a": nn.Linear(1, 1), "b": nn.Parameter(0.0)}
        self.settings = {"alpha": 1.0, "sizes": [1, 2, 3]}


def names(module: nn.Module) -> list[str]:
    """The names of all parameters."""
    return [name for name, _ in module.named_parameters()]


def test_assigned_parameters_and_parts_are_found_without_a_call_of_super() -> None:
    """A subclass that never calls super().__init__() has all its parameters."""
    block = Block()
    assert names(block) == ["scale", "linear.weight", "linear.bias"]
    assert [name for name, _ in block.named_modules()] == ["", "linear"]
    assert list(block.children()) == [block.linear]
    assert [name for name, _ in block.named_buffers()] == ["seen"]
    assert block.training


def test_parts_in_lists_tuples_and_dicts_are_found() -> None:
    """A module in a plain Python container is not lost."""
    assert names(Nest()) == [
        "heads.b",
        "layers.0.weight",
        "layers.0.bias",
        "layers.1.1.weight",
        "layers.1.1.bias",
        "heads.a.weight",
        "heads.a.bias",
    ]


def test_a_part_added_later_is_found() -> None:
    """There is no registry that an append could miss."""
    nest = Nest()
    nest.layers.append(nn.Linear(1, 1, bias=False))
    assert "layers.2.weight" in names(nest)
    del nest.heads
    assert not any(name.startswith("heads") for name in names(nest))


def test_a_shared_parameter_and_a_shared_part_come_once() -> None:
    """What is found twice has its first name only, in the state as well."""
    first, second = nn.Linear(2, 2), nn.Linear(2, 2)
    second.weight = first.weight
    model = nn.Sequential(first, second, first)
    assert names(model) == ["0.weight", "0.bias", "1.bias"]
    assert list(model.state_dict()) == names(model)
    assert len(list(model.modules())) == 3


def test_a_cycle_of_modules_is_walked_once() -> None:
    """A part that refers to its owner does not make the walk endless."""
    block = Block()
    vars(block.linear)["owner"] = block
    assert len(names(block)) == 3
    assert "..." in repr(block)


def test_two_tensors_of_one_name_are_refused() -> None:
    """A state in which one tensor would hide another is an error."""
    module = nn.Module()
    vars(module)["parts"] = {0: nn.Parameter(1.0), "0": nn.Parameter(2.0)}
    with pytest.raises(ValueError, match=r"Module: got the name 'parts.0' for two tensors"):
        module.state_dict()


def test_a_parameter_is_not_replaced_by_a_plain_array() -> None:
    """An assignment that would take a parameter out of training is an error with the way out."""
    linear = nn.Linear(2, 3)
    weight = linear.weight
    expected = r"Linear: got \(2, 3\) float64 for the parameter 'weight'; .*Parameter\(value\)"
    with pytest.raises(TypeError, match=expected):
        linear.weight = np.zeros((2, 3))  # type: ignore[assignment]
    with pytest.raises(TypeError, match="expected a Parameter"):
        linear.weight = linear.weight - 1.0  # type: ignore[assignment]
    assert linear.weight is weight
    linear.bias = None
    assert names(linear) == ["weight"]


def test_a_buffer_stays_a_tensor_without_a_graph() -> None:
    """What is assigned to a buffer is detached, so that it keeps no history alive."""
    block = Block()
    block.seen = block(np.ones((1, 2))).mean(axis=0)
    (buffer,) = block.buffers()
    assert type(buffer) is ag.Tensor
    assert not buffer.requires_grad
    block.seen = [1.0, 2.0, 3.0]
    np.testing.assert_array_equal(block.state_dict()["seen"], [1, 2, 3])
    block.seen = None
    assert "seen" not in block.state_dict()


@pytest.mark.parametrize("name", ["scale", "linear", "forward", "a.b", ""])
def test_a_buffer_needs_a_free_name(name: str) -> None:
    """A buffer cannot take the name of a parameter, a part or a method."""
    with pytest.raises(ValueError, match=f"register_buffer: got the name {name!r}; expected"):
        Block().register_buffer(name, 0.0)


def test_a_parameter_in_a_buffer_is_a_plain_tensor() -> None:
    """A buffer is not trained, whatever it was made of."""
    module = nn.Module()
    module.register_buffer("mean", nn.Parameter([1.0]))
    assert names(module) == []
    assert list(module.state_dict()) == ["mean"]


def test_state_dict_copies() -> None:
    """The state does not follow later changes of the module, nor the other way round."""
    block = Block()
    state = block.state_dict()
    state["scale"][:] = 7
    np.testing.assert_array_equal(block.scale.data, [1, 2, 3])
    block.scale.data[:] = 5
    np.testing.assert_array_equal(state["scale"], 7)


def test_state_goes_from_module_to_module() -> None:
    """After loading, a module computes what the other does, in its own dtype and objects."""
    source, target = Block(), Block().to("float64")
    parameters = list(target.parameters())
    target.load_state_dict(source.state_dict())
    x = np.ones((1, 2), np.float32)
    np.testing.assert_allclose(target(x).numpy(), source(x).numpy(), rtol=1e-6)
    assert all(a is b for a, b in zip(parameters, target.parameters(), strict=True))
    assert target.scale.dtype == np.float64


def test_loading_does_not_change_a_recorded_gradient() -> None:
    """A graph recorded before the values were loaded keeps the old ones."""
    linear = nn.Linear(1, 1, bias=False)
    linear.load_state_dict({"weight": [[2.0]]})
    x = ag.tensor([[1.0]], requires_grad=True)
    y = linear(x).sum()
    linear.load_state_dict({"weight": [[5.0]]})
    y.backward()
    assert x.grad is not None
    assert x.grad.item() == 2.0


def test_a_state_that_does_not_fit_is_refused_whole() -> None:
    """The error lists every missing, unexpected and mis-shaped name, and nothing was written."""
    block = Block()
    before = block.state_dict()
    bad = {"linear.weight": np.ones((2, 3)), "scale": np.ones(2), "other": 1.0, "more": 2.0}
    message = (
        "Block.load_state_dict: got a state that does not fit (missing: linear.bias, seen;"
        " unexpected: other, more; wrong shape: scale (2,) for (3,)); build the module that the"
        " state was saved from, or give strict=False to pass over missing and unexpected names"
    )
    with pytest.raises(ValueError, match=re.escape(message)):
        block.load_state_dict(bad)
    with pytest.raises(ValueError, match=r"not fit \(wrong shape: scale \(2,\) for \(3,\)\)"):
        block.load_state_dict(bad, strict=False)
    with pytest.raises(TypeError, match=r"Block.load_state_dict: scale: .*expected real floating"):
        block.load_state_dict({**before, "linear.weight": np.ones((2, 3)), "scale": "abc"})
    after = block.state_dict()
    assert all((before[name] == after[name]).all() for name in before)


def test_a_state_may_be_loaded_in_part() -> None:
    """Without strict, the names that only one side has are returned."""
    block = Block()
    unmatched = block.load_state_dict({"scale": [4.0, 5.0, 6.0], "other": 1.0}, strict=False)
    assert unmatched.missing == ["linear.weight", "linear.bias", "seen"]
    assert unmatched.unexpected == ["other"]
    np.testing.assert_array_equal(block.scale.data, [4, 5, 6])


def test_train_and_eval_reach_every_part() -> None:
    """The mode is set everywhere, and the module is returned."""
    model = nn.Sequential(Block(), nn.Tanh())
    assert model.eval() is model
    assert not any(module.training for module in model.modules())
    assert all(module.training for module in model.train().modules())


def test_zero_grad_forgets_all_gradients() -> None:
    """After zero_grad no parameter has a gradient."""
    block = Block()
    block(np.ones((1, 2))).sum().backward()
    assert all(parameter.grad is not None for parameter in block.parameters())
    block.zero_grad()
    assert all(parameter.grad is None for parameter in block.parameters())


def test_to_converts_parameters_gradients_and_floating_buffers() -> None:
    """Every float changes its dtype, integers do not, and the next gradient has the new one."""
    block = Block()
    block.register_buffer("count", np.array(3))
    weight = block.linear.weight
    block(np.ones((1, 2))).sum().backward()
    block.to("float64")
    assert block.linear.weight is weight
    assert weight.requires_grad
    assert weight.grad is not None
    assert {str(a.dtype) for a in block.state_dict().values()} == {"float64", "int64"}
    assert weight.grad.dtype == np.float64
    block(np.ones((1, 2))).sum().backward()
    assert weight.grad.dtype == np.float64
    with pytest.raises(TypeError, match=r"Block.to: got dtype int32"):
        block.to("int32")


def test_apply_reaches_every_module_once() -> None:
    """Apply calls its function with the module and all parts, and returns the module."""
    seen: list[nn.Module] = []
    model = nn.Sequential(nn.Tanh(), Block())
    assert model.apply(seen.append) is model
    assert seen == list(model.modules())


def test_a_module_without_forward_says_so() -> None:
    """Calling a module that defines no forward names its class and the way out."""

    class Empty(nn.Module):
        pass

    with pytest.raises(NotImplementedError, match=r"Empty: has no forward\(\); define `def"):
        Empty()(1)


def test_repr_nests_and_counts_parameters() -> None:
    """The text shows every part on its own line, and the number of parameters once."""
    model = nn.Sequential(nn.Linear(2, 3, bias=False), nn.Sequential(nn.Sigmoid()))
    assert repr(model) == (
        "Sequential(\n"
        "  (0): Linear(in_features=2, out_features=3, bias=False)\n"
        "  (1): Sequential(\n"
        "    (0): Sigmoid()\n"
        "  )\n"
        ")  # 6 parameters"
    )
    assert repr(nn.BCELoss()) == "BCELoss(reduction='mean', eps=1e-07)"


@pytest.mark.parametrize(
    "copied",
    [copy.deepcopy, lambda module: pickle.loads(pickle.dumps(module))],  # noqa: S301
)
def test_copies_are_whole_and_independent(copied: Any) -> None:
    """A deep copy and a pickle keep values, names, gradients, sharing and modes, but no memory."""
    model = nn.Sequential(Block(), Block()).eval()
    first, second = model
    assert isinstance(first, Block)
    assert isinstance(second, Block)
    second.scale = first.scale
    assert names(model)[0] == "0.scale"
    first(np.ones((1, 2))).sum().backward()
    gradient = first.scale.grad
    assert gradient is not None
    twin = copied(model)
    assert repr(twin) == repr(model)
    assert twin[1].scale is twin[0].scale
    assert type(twin[0].scale) is nn.Parameter
    assert twin[0].scale.requires_grad
    assert twin[0].scale.name == "0.scale"
    copied_gradient: Any = twin[0].scale.grad
    np.testing.assert_array_equal(copied_gradient.data, gradient.data)
    assert not twin[0].training
    twin[0].scale.data[:] = 9
    np.testing.assert_array_equal(first.scale.data, [1, 2, 3])
    twin[0].seen = [1.0, 1.0, 1.0]
    assert len(list(twin.buffers())) == 2
