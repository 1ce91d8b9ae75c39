"""NumPy's functions, hooks and settings as ways to write to what a graph keeps."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

import autograd_lite as ag
from autograd_lite import nn
from autograd_lite.graph import op

if TYPE_CHECKING:
    from collections.abc import Callable


def leaf(*values: float) -> ag.Tensor:
    """A tensor in float64 that requires a gradient."""
    return ag.tensor(list(values), dtype="float64", requires_grad=True)


def constant(*values: float) -> ag.Tensor:
    """A tensor in float64 that requires none."""
    return ag.tensor(list(values), dtype="float64")


# ---- NumPy's functions that write into an operand


@pytest.mark.parametrize(
    ("name", "write"),
    [
        ("add", lambda c: np.add(1.0, 2.0, out=c)),
        ("add", lambda c: np.add(c, 2.0, c)),
        ("exp", lambda c: np.exp(c, out=(c,))),
        ("sum", lambda c: np.sum(np.ones((3, 2)), axis=0, out=c)),
        ("clip", lambda c: np.clip(c, 0, 1, out=c)),
        ("matmul", lambda c: np.matmul(np.ones((2, 2)), np.ones(2), out=c)),
        ("add.accumulate", lambda c: np.add.accumulate(c, out=c)),
        ("add.at", lambda c: np.add.at(c, [0, 1], 9.0)),
        ("copyto", lambda c: np.copyto(c, 9.0)),
        ("put", lambda c: np.put(c, [0], 9.0)),
        ("place", lambda c: np.place(c, [True, False], 9.0)),
        ("putmask", lambda c: np.putmask(c, [True, False], 9.0)),
        ("put_along_axis", lambda c: np.put_along_axis(c, np.array([0]), 9.0, 0)),
        ("nan_to_num", lambda c: np.nan_to_num(c, copy=False, nan=0.0)),
        ("cumsum", lambda c: np.cumsum(np.ones(2), out=c)),
    ],
)
@pytest.mark.parametrize("requires_grad", [False, True])
def test_a_tensor_is_no_place_for_numpy_to_write_to(
    name: str, write: Callable[[ag.Tensor], object], requires_grad: bool
) -> None:
    x, c = leaf(2.0, 3.0), constant(np.nan if name == "nan_to_num" else 5.0, 7.0)
    c.requires_grad = requires_grad
    before = c.numpy().copy()
    y = x * c
    with pytest.raises((TypeError, ValueError), match=rf"^np\.{name}: "):
        write(c)
    np.testing.assert_array_equal(c.numpy(), before)
    np.testing.assert_array_equal(ag.grad(y.sum(), x)[0].numpy(), before)


def test_the_error_says_where_to_write() -> None:
    with pytest.raises(TypeError, match=r"np\.add: got a Tensor to write into.* give x\.data"):
        np.add(1.0, 2.0, out=constant(1.0, 2.0))  # type: ignore[call-overload]


@pytest.mark.parametrize(
    "view",
    [np.flipud, np.atleast_2d, np.rot90, lambda c: np.moveaxis(c, 0, 0), np.real],
)
def test_what_numpy_makes_of_a_constant_writes_into_no_graph(
    view: Callable[[Any], Any],
) -> None:
    x, c = leaf(2.0, 3.0), constant(5.0, 7.0)
    matrix = c.reshape(2, 1) if view is np.rot90 else c
    y = (x * c + (x.reshape(2, 1) * matrix).sum()).sum()
    expected = ag.grad(y, x, retain_graph=True)[0].numpy().tobytes()
    seen = view(matrix)
    with pytest.raises((ValueError, TypeError), match=r"read-only|part of another"):
        seen[...] = 99
    assert ag.grad(y, x)[0].numpy().tobytes() == expected


def test_an_array_may_be_written_to_with_a_tensor() -> None:
    out, c = np.zeros(2), constant(5.0, 7.0)
    np.add(c, 1.0, out=out)
    out += c
    np.copyto(out, out * 2)
    assert out.tolist() == [22.0, 30.0]


def test_the_values_of_a_result_cannot_be_made_writable() -> None:
    x = leaf(2.0, 3.0)
    y = ag.exp(x)
    with pytest.raises(ValueError, match="WRITEABLE"):
        y.data.flags.writeable = True
    with pytest.raises(ValueError, match="read-only"):
        y.data[...] = 1
    with pytest.raises((ValueError, TypeError), match="read-only"):
        np.asarray(y.data.base)[...] = 1


# ---- hooks


@pytest.mark.parametrize("create_graph", [False, True])
@pytest.mark.parametrize("returns", [False, True])
def test_a_gradient_that_a_hook_keeps_is_no_way_into_others(
    create_graph: bool, returns: bool
) -> None:
    """Neither later in the pass, where another hook writes, nor after it."""
    kept: list[Any] = []
    x, w = leaf(1.0, 2.0), leaf(3.0, 4.0)
    first = x * 1.0
    y = first + w

    def keep(g: ag.Tensor) -> ag.Tensor | None:
        given = ag.tensor(g.detach()) if returns else g
        kept.append(given.data)
        return given if returns else None

    def write(_: ag.Tensor) -> None:
        for array in kept:
            if array.flags.writeable:
                array[...] = 99

    y.register_hook(keep)
    first.register_hook(write)
    y.sum().backward(create_graph=create_graph)
    write(y)
    for tensor in (x, w):
        assert tensor.grad is not None
        assert tensor.grad.numpy().tolist() == [1.0, 1.0]


def test_a_hook_that_writes_changes_the_gradient_that_it_was_given_alone() -> None:
    x, w = leaf(1.0, 2.0), leaf(3.0, 4.0)
    x.register_hook(lambda g: g.data.fill(7.0))
    (x + w).sum().backward()
    assert x.grad is not None
    assert w.grad is not None
    assert x.grad.numpy().tolist() == [7.0, 7.0]
    assert w.grad.numpy().tolist() == [1.0, 1.0]


@pytest.mark.parametrize("create_graph", [False, True])
def test_a_gradient_that_was_given_may_be_changed_afterwards(create_graph: bool) -> None:
    """The array that backward() began with, as an array and as a tensor."""
    kinds: list[Callable[[Any], Any]] = [np.asarray, ag.tensor, memoryview]
    uses: list[Callable[[Any], Any]] = [lambda x: x, lambda x: x + 0, lambda x: x.reshape(2)]
    for kind in kinds:
        for use in uses:
            x = leaf(1.0, 2.0)
            array = np.array([5.0, 6.0])
            seed: Any = kind(array)
            held = seed.data if isinstance(seed, ag.Tensor) else array
            use(x).backward(seed, create_graph=create_graph)
            held[...] = 99
            assert x.grad is not None
            assert x.grad.numpy().tolist() == [5.0, 6.0]


# ---- settings, and ops of the user's


def test_indices_given_to_functions_may_be_changed() -> None:
    """By name and by position, of arrays, lists and tensors."""
    table = ag.tensor(np.arange(6.0).reshape(3, 2), requires_grad=True)
    kinds: list[Callable[[Any], Any]] = [np.array, ag.tensor]
    for kind in kinds:
        index: Any = kind([0, 2])
        held = index.data if isinstance(index, ag.Tensor) else index
        y = nn.functional.embedding(table, index).sum()
        z = nn.functional.embedding(table, index=index).sum()
        loss = nn.functional.class_cross_entropy(table[:2], index=kind([0, 1]) * 1)
        held[...] = 1
        for result in (y, z):
            (g,) = ag.grad(result, table)
            assert g.numpy().tolist() == [[1.0, 1.0], [0.0, 0.0], [1.0, 1.0]]
        assert loss.shape == (2,)
    axes = [0, 1]
    y = (ag.roll(table, [1, 0], axes) * np.arange(6.0).reshape(3, 2)).sum()
    expected = ag.grad(y, table, retain_graph=True)[0].numpy().tobytes()
    axes[0] = 1
    assert ag.grad(y, table)[0].numpy().tobytes() == expected


def test_class_indices_given_to_a_loss_may_be_changed() -> None:
    for loss in (nn.SoftmaxCrossEntropyLoss(), nn.CrossEntropyLoss()):
        x = ag.tensor(np.array([[0.2, 0.8], [0.5, 0.5]]), requires_grad=True)
        classes = np.array([0, 1])
        value = loss(x, classes)
        expected = ag.grad(value, x, retain_graph=True)[0].numpy().tobytes()
        classes[...] = 0
        assert ag.grad(value, x)[0].numpy().tobytes() == expected


@op
def same(x: Any, /, extra: Any = None) -> tuple[Any, ...]:
    """An op that returns its argument itself."""
    return x, lambda g: g if extra is None else g * extra["factor"][0]


@pytest.mark.parametrize("before", [False, True])
@pytest.mark.parametrize("requires_grad", [False, True])
def test_an_op_may_return_its_argument_itself(before: bool, requires_grad: bool) -> None:
    c = constant(1.0, 2.0)
    c.requires_grad = requires_grad
    held = c.data if before else None
    y = same(c)
    (c.data if held is None else held)[...] = 99
    assert y.numpy().tolist() == [1.0, 2.0]
    if not requires_grad:
        y.data[...] = 5
        assert c.numpy().tolist() == [99.0, 99.0]


def test_settings_in_dicts_may_be_changed() -> None:
    x, settings = leaf(1.0), {"factor": [3.0]}
    y = same(x, settings)
    z = same(x, extra=settings)
    settings["factor"][0] = 99
    assert ag.grad(y, x)[0].item() == 3.0
    settings.clear()
    assert ag.grad(z, x)[0].item() == 3.0
