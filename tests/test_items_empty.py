"""Indices that pick nothing: what they give is zero, not an error."""

from __future__ import annotations

import pytest

import autograd_lite as ag


@pytest.mark.parametrize("name", ["set", "add", "multiply", "divide", "power", "min", "max"])
def test_a_mask_that_picks_nothing_still_gives_the_value_a_gradient(name: str) -> None:
    """It is zero, and no error that comes and goes with the numbers in the mask."""
    x, value = ag.ones(3, requires_grad=True), ag.tensor(2.0, requires_grad=True)
    changed = getattr(x.at[x > 5], name)(value)
    gradients = ag.grad(changed.sum(), [x, value])
    assert [g.numpy().tolist() for g in gradients] == [[1, 1, 1], 0]
