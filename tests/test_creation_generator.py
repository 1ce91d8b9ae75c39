"""What draws in the place of the library's generator."""

from __future__ import annotations

import threading

import numpy as np
import pytest

import autograd_lite as ag
from autograd_lite import nn
from autograd_lite.creation import drawing_from


def test_all_that_the_library_draws_comes_from_it() -> None:
    expected = np.random.RandomState(3)
    with drawing_from(np.random.RandomState(3)):
        np.testing.assert_array_equal(ag.rand(4).numpy(), expected.uniform(size=4).astype("f4"))
        weight = nn.Linear(2, 3, dtype="float64").weight.numpy()
        np.testing.assert_allclose(weight, expected.standard_normal((2, 3)) * np.sqrt(1 / 2))
        kept = nn.Dropout(0.5)(np.ones(9)).numpy() > 0
        np.testing.assert_array_equal(kept, expected.random_sample(9) >= 0.5)


def test_the_librarys_own_goes_on_afterwards() -> None:
    ag.manual_seed(1)
    first, second = ag.rand(2), ag.rand(2)
    ag.manual_seed(1)
    inner, outer = np.random.default_rng(5), np.random.default_rng(6)
    assert (ag.rand(2) == first).all()
    with drawing_from(outer):
        with drawing_from(inner):
            assert ag.get_generator() is inner
        assert ag.get_generator() is outer
    with pytest.raises(ValueError, match="negative"), drawing_from(outer):
        ag.zeros(-1)
    assert (ag.rand(2) == second).all()


def test_other_threads_do_not_see_it() -> None:
    mine, seen = np.random.default_rng(0), []
    with drawing_from(mine):
        thread = threading.Thread(target=lambda: seen.append(ag.get_generator()))
        thread.start()
        thread.join()
    assert seen
    assert seen[0] is not mine
