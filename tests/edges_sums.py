"""Gradients that are gathered from many places, under conditions that the table seldom meets."""

from __future__ import annotations

from typing import Any

import numpy as np
from hypothesis import strategies as st

import autograd_lite as ag
from autograd_lite.nn import functional as F  # noqa: N812  # as everybody calls it
from tests.beside import in_blocks
from tests.case_edge import random_of, slope
from tests.strategies_rows import SIZE, few, index_arrays, tails


def rows_in_any_order(draw: Any) -> None:
    """Rows of a large table get the sums of what their places were given, with or without twins."""
    random, tail = random_of(draw), draw(tails)
    distinct = st.permutations(range(SIZE)).map(lambda numbers: np.array(numbers[:4]))
    numbers = draw(distinct | index_arrays)
    x, g = random.normal(size=(SIZE, *tail)), random.normal(size=(*numbers.shape, *tail))
    expected = np.zeros_like(x)
    np.add.at(expected, numbers, g)
    with few():
        leaf = ag.tensor(x, requires_grad=True)
        (leaf[numbers] * g).sum().backward()
    assert leaf.grad is not None
    np.testing.assert_allclose(leaf.grad.numpy(), expected, rtol=1e-14, atol=1e-15)


def windows_in_blocks(draw: Any) -> None:
    """The last of several blocks of windows may be smaller than the others."""
    random, most = random_of(draw), draw(st.integers(1, 5))
    stride, dilation = draw(st.integers(1, 2)), draw(st.integers(1, 2))
    x, w = random.normal(size=(2, 1, 11)), random.normal(size=(2, 1, 3))
    bytes_of_a_window = 3 * x.itemsize

    def gradients() -> list[Any]:
        def f(x: Any, w: Any) -> Any:
            return F.conv1d(x, w, stride=stride, dilation=dilation) ** 2

        return [slope(lambda x: f(x, w), x), slope(lambda w: f(x, w), w)]

    expected = gradients()
    with in_blocks(most * bytes_of_a_window):
        found = gradients()
    for a, b in zip(found, expected, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-12, atol=1e-12)


def windows_of_padding_alone(draw: Any) -> None:
    """They give the bias, and no gradient."""
    random, padding = random_of(draw), draw(st.integers(1, 4))
    x, w = random.normal(size=(2, 1, 3)), random.normal(size=(2, 1, padding))

    def f(x: Any) -> Any:
        return F.conv1d(x, w, np.ones(2), stride=20, padding=padding) ** 2

    np.testing.assert_array_equal(f(x), np.ones((2, 2, 1)))
    np.testing.assert_array_equal(slope(f, x), np.zeros_like(x))


def windows_of_what_is_not_contiguous(draw: Any) -> None:
    """They are those of a copy, also where nothing is padded, and no graph keeps a copy."""
    random, step = random_of(draw), draw(st.sampled_from([-2, -1, 2, 3]))
    x, w = random.normal(size=(2, 2, 12))[..., ::step], random.normal(size=(2, 2, 2))
    np.testing.assert_array_equal(F.conv1d(x, w), F.conv1d(x.copy(), w))
