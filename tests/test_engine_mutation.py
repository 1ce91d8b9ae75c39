"""Whoever writes to an array, and when: gradients are those of the values computed with."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

import autograd_lite as ag
from autograd_lite.memory import writable

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray


class Subclass(np.ndarray[Any, np.dtype[Any]]):
    """An ndarray of another class, as memmap is one."""


def leaf(*values: float) -> ag.Tensor:
    """A tensor in float64 that requires a gradient."""
    return ag.tensor(list(values), dtype="float64", requires_grad=True)


def constant(*values: float) -> ag.Tensor:
    """A tensor in float64 that requires none."""
    return ag.tensor(list(values), dtype="float64")


def grad_of(x: ag.Tensor) -> list[float]:
    """The gradient that was delivered."""
    assert x.grad is not None
    values: list[float] = x.grad.numpy().tolist()
    return values


# ---- writing through data


@pytest.mark.parametrize(
    "f",
    [
        lambda x: x * x,
        lambda x: x**3,
        lambda x: ag.exp(x) * x,
        lambda x: x.reshape(2, 1) * x,
        lambda x: x[::-1] * x[:],
        lambda x: ag.sum(x) * x,
        lambda x: x.T @ x,
        lambda x: (x + 0) * x.squeeze(),
    ],
)
@pytest.mark.parametrize("create_graph", [False, True])
def test_writing_after_the_forward_changes_no_gradient(
    f: Callable[[ag.Tensor], ag.Tensor], create_graph: bool
) -> None:
    """Neither the first nor the second derivative, whether data was taken before or after."""
    values = (1.5, 2.5)
    x = leaf(*values)
    (g,) = ag.grad(f(x).sum(), x, create_graph=True)
    (h,) = ag.grad(g.sum(), x)
    for before in (False, True):
        for part in (slice(None), slice(1, None)):
            x = leaf(*values)
            held = x.data[part] if before else None
            y = f(x).sum()
            (x.data[part] if held is None else held)[...] = 99
            (g1,) = ag.grad(y, x, create_graph=create_graph)
            assert np.array_equal(g1.numpy(), g.numpy())
            if create_graph:
                x.data[...] = -7
                assert np.array_equal(ag.grad(g1.sum(), x)[0].numpy(), h.numpy())


def test_an_alias_is_one_with_its_tensor() -> None:
    """Taken before or after ops, and after steps in place: each sees what the other does."""
    x = leaf(1.0, 2.0)
    a = x.data
    y = x * x
    b = x.data
    part = x.data[1:]
    a[0] = 10
    assert x.numpy().tolist() == b.tolist() == [10.0, 2.0]
    x.data -= 1
    assert x.numpy().tolist() == a.tolist() == [9.0, 1.0]
    part[...] = 5
    assert x.numpy().tolist() == [9.0, 5.0]
    writable(x)[...] = 3
    assert a.tolist() == [3.0, 3.0]
    y.sum().backward()
    assert grad_of(x) == [2.0, 4.0]
    assert (x * x).numpy().tolist() == [9.0, 9.0]


def test_a_slice_of_data_keeps_the_graph_on_its_guard() -> None:
    """Also when the slice is all that is left of what was handed out, or a slice of a slice."""
    for part in (
        lambda x: x.data[1:],
        lambda x: x.data[:][1:][::-1],
        lambda x: x.data.reshape(2, 1).T,
        lambda x: np.asarray(memoryview(x.data)),
        lambda x: np.asarray(x.numpy()),
    ):
        x = leaf(1.0, 2.0)
        held: Any = part(x)
        y = (x * x).sum()
        held.flat[-1] = 99
        assert 99 in x.numpy()
        y.backward()
        assert grad_of(x) == [2.0, 4.0]


def test_an_optimizers_step_on_a_retained_graph() -> None:
    """The second pass uses the values of the forward, as the first one did."""
    x = leaf(1.0, 2.0)
    y = (x * x * x).sum()
    for n in (1, 2, 3):
        y.backward(retain_graph=True)
        assert grad_of(x) == [3.0 * n, 12.0 * n]
        writable(x)[...] -= 0.1
        x.data[...] -= 0.1
        x.data -= 0.1
        assert x.numpy() == pytest.approx([1 - 0.3 * n, 2 - 0.3 * n])


def test_steps_in_place_write_in_place() -> None:
    """Once no graph needs the old values: the array stays the same."""
    x = leaf(1.0, 2.0)
    (x * x).sum().backward()
    address = x._data.ctypes.data
    writable(x)[...] = 3
    x.data -= 1
    assert x._data.ctypes.data == address
    assert x.numpy().tolist() == [2.0, 2.0]


def test_writing_to_a_constant_changes_no_gradient() -> None:
    """A tensor that requires none is captured by rules, too."""
    x = leaf(3.0)
    for before in (False, True):
        c = constant(2.0)
        held = c.data if before else None
        y = x * c
        (c.data if held is None else held)[...] = 99
        (g,) = ag.grad(y, x)
        assert g.item() == 2.0


@pytest.mark.parametrize(
    "view",
    [
        lambda c: c.reshape(2, 1),
        lambda c: c.T,
        lambda c: c[:],
        lambda c: c[::-1],
        lambda c: ag.expand_dims(c, 0),
        lambda c: ag.broadcast_to(c, (2, 2)),
        ag.squeeze,
        lambda c: ag.split(c, 2)[0],
        lambda c: c.detach(),
        ag.tensor,
    ],
)
def test_a_view_of_a_constant_is_a_tensor_of_its_own(
    view: Callable[[ag.Tensor], ag.Tensor],
) -> None:
    """Writing to either changes neither the other, nor what was computed from the other."""
    for before in (False, True):
        w = leaf(1.0, 1.0)
        c = constant(2.0, 2.0)
        held = c.data if before else None
        v = view(c)
        y = (v * w).sum()
        (g,) = ag.grad(y, w, retain_graph=True)
        (c.data if held is None else held)[...] = 99
        assert (v.numpy() == 2).all()
        assert ag.grad(y, w, retain_graph=True)[0].numpy().tolist() == g.numpy().tolist()
        v.data[...] = 55
        assert c.numpy().tolist() == [99.0, 99.0]
        assert ag.grad(y, w)[0].numpy().tolist() == g.numpy().tolist()


# ---- arrays of the caller's


@pytest.mark.parametrize("kind", [np.asarray, lambda a: a.view(Subclass), memoryview])
def test_a_raw_operand_may_be_changed_by_its_owner(
    kind: Callable[[NDArray[Any]], Any],
) -> None:
    """The graph has what it was, at every order; of an ndarray or what behaves like one."""
    x = leaf(2.0, 3.0)
    array = np.array([5.0, 7.0])
    y = (x * x * kind(array) + ag.maximum(x, kind(array)) + ag.where(x > 0, kind(array), x)).sum()
    z = x @ kind(array)
    array[...] = -99
    (g,) = ag.grad(y, x, create_graph=True)
    assert g.numpy().tolist() == [20.0, 42.0]
    assert ag.grad(g.sum(), x)[0].numpy().tolist() == [10.0, 14.0]
    assert ag.grad(z, x)[0].numpy().tolist() == [5.0, 7.0]


def test_raw_index_arrays_may_be_changed_by_their_owner() -> None:
    """Of integers, booleans, and lists."""
    x = leaf(2.0, 3.0, 4.0)
    integers, booleans, numbers = np.array([0, 0]), np.array([True, False, True]), [1]
    y = x[integers].sum() + 10 * x[booleans].sum() + 100 * x[numbers].sum()
    z = ag.stack([x, x])[integers, 1:].sum()
    integers[...] = 2
    booleans[...] = True
    numbers[0] = 0
    assert ag.grad(y, x)[0].numpy().tolist() == [12.0, 100.0, 10.0]
    assert ag.grad(z, x)[0].numpy().tolist() == [0.0, 2.0, 2.0]


def test_a_tensor_shares_no_memory_with_what_it_was_made_of() -> None:
    """An array, a view of one, another tensor; and numpy() of a constant is its own."""
    array = np.array([1.0, 2.0, 3.0])
    made: list[ag.Tensor] = [ag.tensor(array), ag.tensor(array[::2]), ag.Tensor(array.T)]
    made += [ag.tensor(made[0]), made[0].detach()]
    before = [t.numpy().tolist() for t in made]
    array[...] = 99
    for i, t in enumerate(made):
        t.data[...] = -i
        before[i] = t.numpy().tolist()
    assert [t.numpy().tolist() for t in made] == before
    assert array.tolist() == [99.0] * 3
