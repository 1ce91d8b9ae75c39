"""What all optimizers share: parameters and groups, and the loop."""

import re
import tracemalloc
from typing import Any

import numpy as np
import pytest

import autograd_lite as ag
from autograd_lite import nn, optim


class Plain(optim.Optimizer):
    """The shortest rule."""

    def __init__(self, params: Any, lr: float = 1.0, **settings: Any) -> None:
        super().__init__(params, {"lr": lr, **settings})

    def update(self, array: Any, grad: Any, state: Any, group: Any) -> None:
        """Descend, and check that the base counts."""
        assert state["step"] >= 1
        array -= group["lr"] * grad


def leaf(*values: float, grad: Any = None) -> ag.Tensor:
    """A float64 tensor, perhaps with a gradient."""
    tensor = ag.tensor(np.array(values), requires_grad=True)
    tensor.grad = None if grad is None else ag.tensor(np.array(grad, np.float64))
    return tensor


def test_a_tensor_an_iterable_and_groups_are_taken() -> None:
    """One tensor, a generator, a group, and a list of groups with settings of their own."""
    a, b = leaf(1.0), leaf(2.0)
    assert Plain(a).param_groups[0]["params"] == [a]
    assert Plain(p for p in (a, b)).param_groups[0]["params"] == [a, b]
    assert Plain({"params": a, "lr": 2.0}).param_groups[0]["lr"] == 2.0
    optimizer = Plain([{"params": [a]}, {"params": iter([b]), "lr": 3.0}], lr=0.5)
    assert [group["lr"] for group in optimizer.param_groups] == [0.5, 3.0]


@pytest.mark.parametrize(
    ("params", "error", "message"),
    [
        ([], ValueError, "Plain: got no parameters; expected at least one (a generator gives"),
        (nn.Linear(1, 1), TypeError, "Plain: got a Linear; expected parameters in a fixed order"),
        (3.0, TypeError, "Plain: got a float; expected parameters in a fixed order, such as"),
        ({leaf(1.0)}, TypeError, "Plain: got a set; expected parameters in a fixed order"),
        ([np.zeros(2)], TypeError, "Plain: got a ndarray as parameter 0; expected tensors of"),
        ([leaf(1.0), leaf(1.0) * 2], TypeError, "got the result of an op as parameter 1; expected"),
        ([ag.tensor([1])], TypeError, "got a tensor of dtype int64 as parameter 0; expected"),
        ([{"lr": 1.0}], TypeError, "got keys ['lr'] as a group; expected a dict such as"),
        ([{"params": leaf(1.0)}, leaf(2.0)], TypeError, "got a Tensor as a group; expected a dict"),
        ([{"params": []}], ValueError, "Plain: got no parameters"),
        (
            [{"params": leaf(1.0), "Lr": 1.0}],
            ValueError,
            "got the settings ['Lr']; expected some of",
        ),
    ],
)
def test_bad_parameters_are_refused(params: Any, error: type[Exception], message: str) -> None:
    """The error says what was given, where, and what to give."""
    with pytest.raises(error, match=re.escape(message)):
        Plain(params)


def test_a_parameter_is_taken_once() -> None:
    """Twice in a group or in two groups is an error that names it, and nothing is added."""
    w = nn.Parameter([1.0])
    w.name = "0.weight"
    with pytest.raises(ValueError, match=r"got the parameter '0.weight' twice, here as number 1"):
        Plain([w, w])
    optimizer = Plain([w])
    with pytest.raises(ValueError, match=r"got the parameter '0.weight' twice, here as number 0"):
        optimizer.add_param_group({"params": w})
    with pytest.raises(ValueError, match="got lr=-1"):
        optimizer.add_param_group({"params": leaf(1.0), "lr": -1})
    assert len(optimizer.param_groups) == 1


def test_parameters_without_gradients_and_frozen_ones_are_passed_over() -> None:
    """No gradient, or none required: no update and no state."""
    a, b, c = leaf(1.0, grad=[1.0]), leaf(1.0), leaf(1.0, grad=[1.0])
    c.requires_grad = False
    optimizer = Plain([a, b, c])
    assert optimizer.step() is None
    assert (a.item(), b.item(), c.item()) == (0.0, 1.0, 1.0)
    assert list(optimizer.state) == [a]


def test_a_step_leaves_gradients_alone() -> None:
    """Clipping, decay and direction happen to a copy."""
    w = leaf(1.0, 2.0, grad=[3.0, -4.0])
    settings = {"clip_value": 1.0, "clip_norm": 2.0, "weight_decay": 0.1, "maximize": True}
    for optimizer in (Plain([w], **settings), Plain([w]), optim.SGD([w])):
        optimizer.step()
        assert w.grad is not None
        np.testing.assert_array_equal(w.grad.numpy(), [3, -4])


def test_a_step_changes_no_recorded_gradient() -> None:
    """A graph recorded before the step has the gradient of the old values."""
    w, x = leaf(2.0, grad=[1.0]), leaf(3.0)
    y = (w * x).sum()
    Plain([w]).step()
    y.backward()
    assert x.grad is not None
    assert (w.item(), x.grad.item()) == (1.0, 2.0)


def test_a_step_writes_in_place() -> None:
    """An array that the user holds through `data` sees the update."""
    w = leaf(2.0, grad=[1.0])
    held = w.data
    Plain([w]).step()
    assert held[0] == 1.0


def test_the_norm_is_taken_over_all_groups() -> None:
    """Gradients (3,) and (4,) in two groups have the norm 5; a group may go without clipping."""
    a, b = leaf(0.0, grad=[3.0]), leaf(0.0, grad=[4.0])
    Plain([{"params": a}, {"params": b, "clip_norm": None}], clip_norm=1.0).step()
    np.testing.assert_allclose([a.item(), b.item()], [-0.6, -4.0])


def test_a_closure_computes_the_loss_first() -> None:
    """Its value is returned, and the step takes its gradients."""
    w = leaf(3.0)
    optimizer = Plain([w], lr=0.5)

    def closure() -> ag.Tensor:
        optimizer.zero_grad()
        loss = (w * w).sum()
        loss.backward()
        return loss

    assert optimizer.step(closure).item() == 9.0
    assert w.item() == 0.0


def test_the_documents_step_of_a_model_is_explained() -> None:
    """step(model) says where the parameters go."""
    model = nn.Linear(1, 1)
    with pytest.raises(TypeError, match=r"Plain.step: got a Linear; expected no argument: .*given"):
        Plain(model.parameters()).step(model)


def test_a_gradient_of_another_shape_is_refused_before_any_update() -> None:
    """The error names the parameter and both shapes, and no parameter has moved."""
    a, b = leaf(1.0, grad=[1.0]), nn.Parameter([1.0])
    b.name, b.grad = "1.bias", ag.ones(2)
    message = r"a gradient of shape \(2,\) for the parameter '1.bias' of shape \(1,\); expected the"
    with pytest.raises(ValueError, match=message):
        Plain([a, b]).step()
    assert a.item() == 1.0


def test_a_gradient_of_another_dtype_is_cast() -> None:
    """A float64 gradient does not make a float32 parameter float64."""
    w = nn.Parameter([1.0])
    w.grad = leaf(0.5).detach()
    optim.SGD([w], lr=1.0, momentum=0).step()
    assert w.dtype == np.float32
    assert w.item() == 0.5


def test_a_step_makes_no_garbage() -> None:
    """From the second step on, no array is allocated."""
    w = nn.Parameter(np.zeros(100_000))
    w.grad = ag.ones(100_000)
    optimizer = optim.SGD([w], weight_decay=0.1, nesterov=True, clip_norm=1.0)
    optimizer.step()
    tracemalloc.start()
    optimizer.step()
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 20_000


def test_zero_grad_forgets_all_gradients() -> None:
    """After zero_grad no parameter has a gradient."""
    a, b = leaf(1.0, grad=[1.0]), leaf(1.0, grad=[1.0])
    Plain([{"params": a}, {"params": b}]).zero_grad()
    assert a.grad is None
    assert b.grad is None


def test_a_rule_without_update_says_so() -> None:
    """A subclass that defines no update is named in the error."""
    w = leaf(1.0, grad=[1.0])
    with pytest.raises(NotImplementedError, match=r"Optimizer: has no update\(\); define"):
        optim.Optimizer([w], {"lr": 1.0}).step()


def test_repr_shows_the_groups() -> None:
    """The text has the size and the settings of every group, the usual ones of all rules apart."""
    assert repr(Plain([{"params": leaf(1.0), "lr": 0.5}])) == (
        "Plain(\n  (0): 1 parameter of 1 element, lr=0.5\n)"
    )
