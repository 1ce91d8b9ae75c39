"""A step of a few rows takes no memory for the table, however large that is."""

from __future__ import annotations

import tracemalloc
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

import autograd_lite as ag
from autograd_lite import nn, optim
from autograd_lite.rows import are_few, rows_of

if TYPE_CHECKING:
    from collections.abc import Callable

OPTIMIZERS: dict[str, Callable[[nn.Embedding], optim.Optimizer]] = {
    "SGD": lambda m: optim.SGD(m.parameters(), momentum=0.0, clip_norm=1.0, check_finite=True),
    "momentum": lambda m: optim.SGD(m.parameters(), lazy_rows=True),
    "AdaGrad": lambda m: optim.AdaGrad(m.parameters()),
    "Adam": lambda m: optim.Adam(m.parameters(), lazy_rows=True, check_finite=True),
    "NAdam": lambda m: optim.NAdam(m.parameters(), lazy_rows=True, weight_decay=0.1),
}


def _ones(shape: tuple[int, ...], generator: object) -> np.ndarray[Any, Any]:  # noqa: ARG001  # as Init has it
    return np.ones(shape)


def peak(make: Callable[[nn.Embedding], optim.Optimizer], size: int) -> int:
    """The bytes that a second step takes beside what is there."""
    model = nn.Embedding(size, 8, init_method=_ones, padding_idx=0)
    optimizer = make(model)
    index = np.arange(0, 4096, 64)

    def step() -> None:
        optimizer.zero_grad()
        for _ in range(2):
            (model(index) ** 2).sum().backward()
        optim.clip_grad_value_(model.parameters(), 1.0)
        optimizer.step()

    step()
    tracemalloc.start()
    try:
        before = tracemalloc.get_traced_memory()[0]
        step()
        return tracemalloc.get_traced_memory()[1] - before
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("make", OPTIMIZERS.values(), ids=OPTIMIZERS)
def test_memory_of_a_step_does_not_grow_with_the_table(
    make: Callable[[nn.Embedding], optim.Optimizer],
) -> None:
    small, large = peak(make, 65_536), peak(make, 262_144)
    assert small < 65_536 * 8 * 4 / 8  # far less than the table
    assert large < small + 4096


def test_large_tables_alone_are_worth_it() -> None:
    assert are_few(100, (1_000_000, 64))
    assert not are_few(100, (1000, 64))
    assert not are_few(50_000, (1_000_000, 64))


def test_a_large_table_has_rows_for_a_gradient_without_being_asked() -> None:
    large, small = ag.zeros(10_000, 64, requires_grad=True), ag.zeros(100, 64, requires_grad=True)
    for w in (large, small):
        w[[3, 4]].sum().backward()
    assert rows_of(large.grad) is not None
    assert rows_of(small.grad) is None
