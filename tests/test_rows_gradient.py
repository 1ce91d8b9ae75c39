"""Gradients that consist of rows: nobody can tell them from arrays, but by time and memory."""

from __future__ import annotations

import copy
import pickle
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import autograd_lite as ag
from autograd_lite import nn, optim
from autograd_lite.rows import Rows, rows_of
from autograd_lite.testing import gradcheck
from tests.strategies_rows import SIZE, dtypes, few, indices, lookups, never, numbers, tails

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


@pytest.fixture(autouse=True, scope="module")
def rows_everywhere() -> Iterator[None]:
    """Tables of a few rows are treated as those of a million."""
    with few():
        yield


def table(dtype: str = "f8", tail: tuple[int, ...] = (3,)) -> ag.Tensor:
    """A leaf to look up rows of."""
    return ag.tensor(numbers((SIZE, *tail), dtype), requires_grad=True)


def used(w: ag.Tensor, picked: list[Any], *, whole: bool = False) -> ag.Tensor:
    """A loss of some lookups, and of the whole table if asked for, that weighs each element."""
    losses: list[Any] = []
    for i, index in enumerate(picked):
        out: Any = w[index]
        losses.append((out * numbers(out.shape, w.dtype, i) * out).sum())
    if whole:
        losses.insert(len(losses) // 2, (w * w * w).sum())
    total = losses[0]
    for loss in losses[1:]:
        total = total + loss
    return total  # type: ignore[no-any-return]


def both(dtype: str, tail: tuple[int, ...], run: Callable[[ag.Tensor], Any]) -> tuple[Any, Any]:
    """What `run` gives of a table with gradients of rows, and with arrays."""
    first = run(table(dtype, tail))
    with never():
        return first, run(table(dtype, tail))


@given(lookups, tails, dtypes, st.booleans(), st.integers(1, 3))
def test_the_gradient_is_that_of_arrays_to_the_bit(
    picked: list[Any], tail: tuple[int, ...], dtype: str, whole: bool, times: int
) -> None:
    def run(w: ag.Tensor) -> Any:
        for _ in range(times):
            used(w, picked, whole=whole).backward()
        assert w.grad is not None
        assert (w.grad.shape, w.grad.dtype) == (w.shape, w.dtype)
        return w.grad.numpy()

    of_rows, of_arrays = both(dtype, tail, run)
    assert np.array_equal(of_rows, of_arrays)


@given(indices, tails, dtypes)
def test_grad_returns_it_for_every_mention_of_the_table(
    index: Any, tail: tuple[int, ...], dtype: str
) -> None:
    def run(w: ag.Tensor) -> Any:
        first, second = ag.grad(used(w, [index]), [w, w])
        first.data[...] += 1  # which the other does not see
        return np.stack([first.numpy(), second.numpy()])

    of_rows, of_arrays = both(dtype, tail, run)
    assert np.array_equal(of_rows, of_arrays)


def test_it_stays_rows_until_somebody_looks() -> None:
    w = table()
    used(w, [np.array([5, 1, 5])]).backward()
    used(w, [np.array([2])]).backward()
    assert w.grad is not None
    _ = w.grad.shape, w.grad.ndim, w.grad.dtype, w.grad.requires_grad
    rows = rows_of(w.grad)
    assert rows is not None
    assert rows.numbers.tolist() == [1, 2, 5]
    assert isinstance(w.grad, ag.Tensor)
    _ = repr(w.grad)
    assert rows_of(w.grad) is None


def test_what_is_written_into_it_counts() -> None:
    w = table()
    used(w, [np.array([1])]).backward()
    assert w.grad is not None
    w.grad.data[0] = 7.0
    used(w, [np.array([1])]).backward()
    w.grad.data[2] += 1.0
    assert w.grad.numpy()[0].tolist() == [7.0] * 3
    assert w.grad.numpy()[2].tolist() == [1.0] * 3
    before = w.numpy().copy()
    optim.SGD([w], lr=1.0, momentum=0.0, clip_value=None).step()
    assert np.array_equal(w.numpy(), before - w.grad.numpy())


@pytest.mark.parametrize(
    "index",
    [slice(1, 3), np.arange(SIZE) > 3, (np.array([1, 1]), np.array([0, 2])), ..., True],
    ids=["slice", "mask", "elements", "ellipsis", "bool"],
)
def test_other_indices_have_arrays_for_gradients(index: Any) -> None:
    w = table()
    w[index].sum().backward()
    assert w.grad is not None
    assert rows_of(w.grad) is None


def test_what_is_no_leaf_gets_an_array() -> None:
    w = table()
    y = w * 2.0
    y.retain_grad()
    seen: list[Any] = []
    y.register_hook(lambda g: seen.append(type(g)))
    y[np.array([1, 1])].sum().backward()
    assert seen == [ag.Tensor]
    assert type(y.grad) is type(w.grad) is ag.Tensor


@given(indices)
def test_hooks_see_the_whole(index: Any) -> None:
    def run(w: ag.Tensor) -> Any:
        w.register_hook(lambda g: g * 2.0 + 1.0)
        used(w, [index]).backward()
        assert w.grad is not None
        return w.grad.numpy()

    of_rows, of_arrays = both("f8", (3,), run)
    assert np.array_equal(of_rows, of_arrays)


def test_a_hook_that_is_added_in_the_pass_sees_the_whole() -> None:
    w, seen = table(), []
    early = w[np.array([1])]

    def late(_: ag.Tensor) -> None:
        w.register_hook(lambda g: seen.append(g.numpy().copy()))

    early.register_hook(late)
    (early * w[np.array([2])]).sum().backward()
    assert w.grad is not None
    assert np.array_equal(seen[0], w.grad.numpy())


@given(lookups)
def test_gradients_of_gradients_are_those_of_arrays(picked: list[Any]) -> None:
    def run(w: ag.Tensor) -> Any:
        (first,) = ag.grad(used(w, picked), [w], create_graph=True)
        (first * first).sum().backward()
        assert w.grad is not None
        return w.grad.numpy()

    of_rows, of_arrays = both("f8", (3,), run)
    assert np.array_equal(of_rows, of_arrays)


def test_the_gradient_is_right() -> None:
    assert gradcheck(lambda w: used(w, [np.array([1, -1, 1]), 3], whole=True), [table()])
    assert gradcheck(lambda w: used(w, [np.array([[1, -1, 1]])]), [table()])


def test_an_embedding_whose_table_is_the_output_matrix_too() -> None:
    def run(w: ag.Tensor) -> Any:
        layer = nn.Embedding(SIZE, 3, padding_idx=0, dtype="f8")
        layer.weight.data[...] = w.numpy()
        (layer([[1, 0, 1], [2, 0, 0]]) @ layer.weight.mT).sum().backward()
        assert layer.weight.grad is not None
        return layer.weight.grad.numpy()

    of_rows, of_arrays = both("f8", (3,), run)
    assert np.array_equal(of_rows, of_arrays)


def test_no_gradient_flows_to_the_padding() -> None:
    layer = nn.Embedding(SIZE, 3, padding_idx=2)
    layer([2, 1, 2]).sum().backward()
    grad = layer.weight.grad
    assert grad is not None
    assert rows_of(grad) is not None
    assert grad.numpy().tolist() == [[0.0] * 3, [1.0] * 3, *[[0.0] * 3] * 5]


def test_it_shares_no_memory_with_the_pass() -> None:
    w = table()
    seed = np.ones((2, 3))
    out = w[np.array([1, 2])]
    out.backward(seed, retain_graph=True)
    optim.clip_grad_value_([w], 0.5)
    assert seed.tolist() == [[1.0] * 3] * 2
    out.backward(seed)
    assert w.grad is not None
    assert w.grad.numpy()[1].tolist() == [1.5] * 3


def _pickled(g: Any) -> Any:
    return pickle.loads(pickle.dumps(g))  # noqa: S301  # our own


@pytest.mark.parametrize("copied", [copy.copy, copy.deepcopy, _pickled])
def test_a_copy_is_an_ordinary_tensor(copied: Callable[[Any], Any]) -> None:
    w = table()
    w[np.array([1])].sum().backward()
    g, of_param = copied(w.grad), copied(w).grad
    assert type(g) is type(of_param) is ag.Tensor
    assert w.grad is not None
    assert g.numpy().tolist() == of_param.numpy().tolist() == w.grad.numpy().tolist()


def test_it_is_a_tensor_to_functions_and_operators() -> None:
    w = table()
    w[np.array([1])].sum().backward()
    w.grad, g = None, w.grad
    assert g is not None
    expected = np.zeros((SIZE, 3))
    expected[1] = 1.0
    for made in (g + g, g * 2.0, ag.tensor(g) * 2.0, np.multiply(g, 2.0), g.detach() * 2.0):
        assert np.array_equal(np.asarray(made), 2 * expected)
    w.grad = g
    (w * g).sum().backward()
    assert np.array_equal(w.grad.numpy(), 2 * expected)


def test_threads_that_look_at_once_are_given_one_array() -> None:
    for _ in range(20):
        w = table()
        w[np.array([1])].sum().backward()
        grad: Any = w.grad
        with ThreadPoolExecutor(4) as pool:
            arrays = list(pool.map(lambda _, g=grad: g._data, range(4)))
        assert len({id(array) for array in arrays}) == 1


def test_many_lookups_become_an_array_in_time() -> None:
    w = table()
    used(w, [np.array([0, 1])] * 4).backward()
    assert w.grad is not None
    assert rows_of(w.grad) is None
    for _ in range(3):
        w.grad = None
        used(w, [np.array([0])]).backward()
        assert rows_of(w.grad) is not None
    for _ in range(5):
        used(w, [np.array([0])]).backward()
    assert w.grad is not None
    assert rows_of(w.grad) is not None  # of one row, as often as it may be added
    total = w.grad.numpy()
    (once,) = ag.grad(used(w, [np.array([0])]), w)
    assert np.allclose(6 * once.numpy(), total)


def test_who_watches_sees_rows_and_whole() -> None:
    w = table()
    with ag.profile() as report:
        w[np.array([1])].sum().backward()
    assert "getitem" in str(report)
    with ag.detect_anomaly():
        w[np.array([2])].sum().backward()
    assert w.grad is not None
    assert w.grad.numpy().sum() == 6.0


def test_a_nan_in_the_rows_is_placed_in_the_table() -> None:
    w = table()
    with ag.detect_anomaly(), pytest.raises(ag.AnomalyError) as caught:
        w[np.array([4])].backward(np.array([[1.0, np.nan, 1.0]]))
    assert "nan" in str(caught.value)


def test_rows_are_no_array_without_a_copy() -> None:
    rows = Rows([(np.array([1]), np.ones((1, 2)))], (3, 2))
    with pytest.raises(ValueError, match="always a new one"):
        np.asarray(rows, copy=False)
    with pytest.raises(TypeError):
        np.multiply(np.ones((3, 2)), rows)
