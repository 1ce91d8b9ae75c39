"""The data of results, of detached tensors and of gradients; and data that is assigned."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import autograd_lite as ag


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


def test_the_data_of_a_result_is_read_only() -> None:
    """It is what its inputs make it: neither writing nor assigning goes, and += says so."""
    x = leaf(1.0, 2.0)
    y = x * x
    for array in (y.data, y.numpy(), y.data[:1]):
        with pytest.raises(ValueError, match="read-only"):
            array[...] = 0
    with pytest.raises(ValueError, match="read-only"):
        y.data += 1
    with pytest.raises(TypeError, match=r"data: .* mul.*detach\(\)"):
        y.data = np.zeros(2)
    assert y.numpy().tolist() == [1.0, 4.0]


def test_a_result_without_a_graph_can_be_written_to() -> None:
    """And no operand sees it."""
    x = leaf(1.0, 2.0)
    with ag.no_grad():
        results = [x * 1, x.reshape(2, 1), x[:], x.T, ag.broadcast_to(x, (2, 2)), x.detach()]
    for y in results:
        y.data[...] = 99
        assert (y.numpy() == 99).all()
    assert x.numpy().tolist() == [1.0, 2.0]


def test_detach_does_not_alias() -> None:
    """Neither of a leaf nor of a result; what a graph captured is safe from either side."""
    x = leaf(1.0, 2.0)
    y = x * x
    z = (y * y).sum()
    for source in (x, y):
        d = source.detach()
        assert not d.requires_grad
        d.data[...] = 99
        assert 99 not in source.numpy()
    d = x.detach()
    x.data[...] = 55
    assert d.numpy().tolist() == [1.0, 2.0]
    z.backward()
    assert grad_of(x) == [4.0, 32.0]


def test_a_gradient_may_be_written_to() -> None:
    """Clipping in place; the graph that the gradient has under create_graph does not see it."""
    x = leaf(1.0, 2.0)
    (x**3).sum().backward()
    assert x.grad is not None
    x.grad.data *= 2
    np.clip(x.grad.data, -10, 10, out=x.grad.data)
    assert grad_of(x) == [6.0, 10.0]
    kept = x.grad
    y = (x * kept).sum()
    kept.data[...] = 0
    assert ag.grad(y, x)[0].numpy().tolist() == [6.0, 10.0]


def test_accumulation_does_not_change_what_was_computed_from_a_gradient() -> None:
    """A gradient that is a captured operand grows in another array."""
    x = leaf(1.0, 2.0)
    (x * 3).sum().backward()
    assert x.grad is not None
    y = (x * x.grad).sum()
    (x * 5).sum().backward()
    assert grad_of(x) == [8.0, 8.0]
    assert ag.grad(y, x)[0].numpy().tolist() == [3.0, 3.0]


def test_assigning_data() -> None:
    """Values are copied, of one shape; recorded graphs keep the old ones."""
    x = leaf(1.0, 2.0)
    y = (x * x).sum()
    new = np.array([5.0, 6.0])
    x.data = new
    new[...] = 0
    assert x.numpy().tolist() == [5.0, 6.0]
    y.backward()
    assert grad_of(x) == [2.0, 4.0]
    with pytest.raises(ValueError, match=r"data: got shape \(3,\); expected \(2,\)"):
        x.data = np.zeros(3)
    values: Any = constant(7.0, 8.0)
    x.data = values
    values.data[...] = 0
    assert x.numpy().tolist() == [7.0, 8.0]
