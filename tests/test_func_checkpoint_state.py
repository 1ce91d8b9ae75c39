"""`func.checkpoint` and what a function does beside its result: it is done once, or refused."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

import autograd_lite as ag
from autograd_lite import nn, optim
from autograd_lite.creation import drawing_from
from autograd_lite.func import checkpoint

if TYPE_CHECKING:
    from collections.abc import Callable

X = np.random.default_rng(0).standard_normal((6, 3)).astype(np.float32)


def leaf(*values: float) -> ag.Tensor:
    return ag.tensor(np.array(values), requires_grad=True)


def gradients(model: nn.Module, run: Callable[[Any], Any]) -> list[Any]:
    """After two calls and one backward pass: gradients, buffers, and what is drawn next."""
    ag.manual_seed(5)
    (run(X).sum() * run(X * 2).sum()).backward()
    found = [p.grad for p in model.parameters()] + list(model.buffers())
    return [np.array(t.numpy() if t is not None else 0) for t in found] + [ag.rand(3).numpy()]


def stateful() -> nn.Sequential:
    ag.manual_seed(0)
    own = nn.Dropout(0.3, generator=np.random.default_rng(3))
    layers = [nn.Linear(3, 4), nn.BatchNorm1d(4), nn.Dropout(0.5), own, nn.Linear(4, 2)]
    return nn.Sequential(*layers)


@pytest.mark.parametrize("depth", [1, 2])
def test_masks_and_averages_are_those_of_one_run(depth: int) -> None:
    plain = stateful()
    again = copy.deepcopy(plain)
    run: Callable[[Any], Any] = again
    for _ in range(depth):
        run = checkpoint(run)
    for a, b in zip(gradients(plain, plain), gradients(again, run), strict=True):
        np.testing.assert_array_equal(a, b)
    drawn = [
        vars(part)["generator"].random()
        for m in (plain, again)
        for part in m.modules()
        if getattr(part, "generator", None)
    ]
    assert len(drawn) == 2
    assert drawn[0] == drawn[1]


def test_a_seed_inside_is_set_once() -> None:
    def f(x: Any) -> Any:
        ag.manual_seed(3)
        return x * ag.rand(2, dtype="float64")

    x = leaf(1.0, 1.0)
    y = checkpoint(f)(x)
    following = ag.rand(3)
    ag.manual_seed(3)
    ag.rand(2, dtype="float64")
    np.testing.assert_array_equal(following.numpy(), ag.rand(3).numpy())
    expected = ag.rand(1).numpy()
    ag.manual_seed(3)
    ag.rand(2, dtype="float64")
    ag.rand(3)
    y.sum().backward()
    np.testing.assert_array_equal(ag.rand(1).numpy(), expected)
    assert x.grad is not None
    np.testing.assert_array_equal(x.grad.numpy(), y.numpy())


def test_the_generator_of_the_forward_pass_counts() -> None:
    """An estimator draws from its own, and backward may come when that is over."""
    x = leaf(1.0, 1.0)
    with drawing_from(np.random.RandomState(1)):
        y = checkpoint(lambda x: x * ag.randn(2, dtype="float64"))(x)
    y.sum().backward()
    assert x.grad is not None
    np.testing.assert_array_equal(x.grad.numpy(), y.numpy())


class Counting(nn.Module):
    """A module that counts its calls, multiplies by the count, and keeps what it made."""

    def __init__(self) -> None:
        self.calls = 0
        self.last: Any = None

    def forward(self, x: Any) -> Any:
        """The argument times the number of the call."""
        self.calls += 1
        self.last = x * self.calls
        return self.last


def test_attributes_of_modules_change_once() -> None:
    module, x = Counting(), leaf(1.0)
    first = checkpoint(module)(x)
    second = checkpoint(module)(x)
    last = module.last
    assert module.calls == 2
    (first + second).backward()
    assert module.calls == 2
    assert module.last is last
    assert x.grad is not None
    assert x.grad.item() == 3


def test_a_layer_that_makes_its_weight_when_it_is_called() -> None:
    class Lazy(nn.Module):
        weight: Any = None

        def forward(self, x: Any) -> Any:
            if self.weight is None:
                self.weight = nn.Parameter([2.0, 3.0], dtype="float64")
            return x * self.weight

    module, x = Lazy(), leaf(1.0, 10.0)
    checkpoint(lambda x: module(x) * 1)(x).sum().backward()
    np.testing.assert_array_equal(module.weight.grad.numpy(), [1, 10])


def test_a_step_of_the_optimizer_between_changes_no_gradient() -> None:
    model = nn.Linear(3, 2)
    optimizer = optim.SGD(model.parameters(), lr=10.0, clip_value=None)
    y = checkpoint(lambda x: ag.exp(model(x)))(ag.tensor(X)).sum()
    y.backward(retain_graph=True)
    before = [p.grad.numpy().copy() for p in model.parameters() if p.grad is not None]
    optimizer.step()
    moved = model.state_dict()
    model.zero_grad()
    y.backward()
    for p, expected in zip(model.parameters(), before, strict=True):
        assert p.grad is not None
        np.testing.assert_array_equal(p.grad.numpy(), expected)
    assert all((moved[name] == value).all() for name, value in model.state_dict().items())


def test_arguments_that_are_written_to_keep_their_old_values() -> None:
    x, constant, array = leaf(1.0, 2.0), ag.tensor(np.array([3.0, 4.0])), np.array([5.0, 6.0])
    y = checkpoint(lambda x, c, a: x * x * c * a)(x, constant, array)
    x.data[...] = constant.data[...] = array[...] = 100.0
    y.sum().backward()
    assert x.grad is not None
    np.testing.assert_array_equal(x.grad.numpy(), [30, 96])


def test_a_frozen_parameter_is_as_it_was_for_the_second_run() -> None:
    w, x = leaf(2.0), leaf(3.0)
    y = checkpoint(lambda x: x * w)(x)
    w.requires_grad = False
    y.backward()
    assert x.grad is not None
    assert x.grad.item() == 2
    assert w.grad is None
    assert not w.requires_grad


def test_hooks_that_it_adds_count_once() -> None:
    w = leaf(2.0)

    def f(x: Any) -> Any:
        x.register_hook(lambda g: g * 10)
        w.register_hook(lambda g: g * 100)
        return x * w

    x = leaf(3.0)
    checkpoint(f)(x).backward()
    assert (x.grad, w.grad) != (None, None)
    assert x.grad is not None
    assert w.grad is not None
    assert (x.grad.item(), w.grad.item()) == (20, 300)


def refused(f: Callable[[Any], Any], change: Callable[[], Any], message: str) -> None:
    """The second run, after a change, is refused, and nothing is delivered."""
    x = ag.tensor(np.array([1.0, 2.0]), requires_grad=True)
    y = checkpoint(f)(x)
    change()
    with pytest.raises(RuntimeError, match=message):
        y.sum().backward()
    assert x.grad is None


def test_what_differs_the_second_time_is_refused() -> None:
    factor = np.array([1.0, 1.0])
    refused(lambda x: x * factor, lambda: factor.fill(2.0), r"f?.*lambda.*, run again .* 2 as")
    refused(lambda x: x * factor, lambda: factor.fill(np.nan), "its result 0; a checkpointed")
    shapes = [2]
    refused(
        lambda x: x[: shapes[0]], lambda: shapes.__setitem__(0, 1), r"\(1,\) float64, not \(2,\)"
    )
    kinds: list[Any] = [np.float64]
    refused(
        lambda x: x.astype(kinds[0]), lambda: kinds.__setitem__(0, "f4"), "float32, not .*float64"
    )
    counts = [2]
    refused(lambda x: sum([x] * 2) if counts else [x, x], counts.clear, "2 results")
    others = [leaf(1.0, 1.0), leaf(1.0, 1.0)]
    refused(lambda x: x * others[0], others.reverse, "rests on other tensors")
    dropout = nn.Dropout(0.5)
    refused(lambda x: dropout(x) + 1, dropout.eval, "train")


def test_rounding_is_no_difference() -> None:
    x, terms = leaf(1.0, 2.0), [0.1, 0.2, 0.3]
    y = checkpoint(lambda x: x * sum(terms))(x)
    terms.reverse()
    assert sum(terms) != 0.1 + 0.2 + 0.3
    y.sum().backward()
    assert x.grad is not None


def test_an_error_inside_goes_out_and_leaves_all_as_it_was() -> None:
    w, faults = leaf(2.0), [False]
    module = Counting()

    def f(x: Any) -> Any:
        if faults[0]:
            message = "of the user's"
            raise KeyError(message)
        return module(x * w)

    x = leaf(3.0)
    faults[0] = True
    with pytest.raises(KeyError, match="of the user's"):
        checkpoint(f)(x)
    faults[0] = False
    y = checkpoint(f)(x)
    w.data[...] = 5.0
    faults[0] = True
    with pytest.raises(KeyError, match="of the user's"):
        y.backward()
    assert (x.grad, w.grad, w.item(), module.calls) == (None, None, 5, 1)
    faults[0] = False
    y.backward()
    assert x.grad is not None
    assert x.grad.item() == 2


def test_a_watched_pass_shows_what_runs_inside() -> None:
    x = leaf(1.0, 2.0)
    with ag.profile() as profiled:
        checkpoint(lambda x: (ag.exp(x), ag.sin(x)))(x)[0].sum().backward()
    assert "checkpoint" in str(profiled)
    with (
        ag.detect_anomaly(),
        pytest.raises(ag.AnomalyError, match="log"),
        np.errstate(all="ignore"),
    ):
        checkpoint(lambda x: ag.sqrt(ag.log(x * 0 - 1)))(x).sum().backward()
    with ag.detect_anomaly():
        checkpoint(lambda x: (ag.exp(x), ag.sin(x)))(x)[0].sum().backward()


def test_a_drawing_shows_one_box() -> None:
    x = leaf(1.0)
    text = ag.draw_graph(checkpoint(lambda x: ag.exp(ag.sin(x)))(x)).dot
    assert "checkpoint" in text
    assert "sin" not in text


@pytest.mark.parametrize("wrong", [None, 3, "f"])
def test_what_cannot_be_called_is_refused(wrong: Any) -> None:
    with pytest.raises(TypeError, match="checkpoint: got"):
        checkpoint(wrong)
