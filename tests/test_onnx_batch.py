"""An exported model takes another number of rows than the example, and picks by any index."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

import autograd_lite as ag
from autograd_lite import nn
from autograd_lite.testing.strategies import indices
from tests.onnx_runs import MORE, Applied, X, computed, exported, same, session

if TYPE_CHECKING:
    from collections.abc import Callable

POSITIONS = nn.Embedding(4, 2)

GROWING: list[Callable[[Any], Any]] = [
    lambda x: x.reshape(-1),
    lambda x: x.reshape(x.shape[0], 2, 2),
    lambda x: x.reshape(len(x) * 2, 2),
    lambda x: x.reshape(2 * len(x), -1).sum(axis=1).reshape(len(x), 2),
    lambda x: x.reshape(1, len(x), 2, 2).transpose(1, 0, 3, 2),
    lambda x: x.mean(axis=0) + x,
    lambda x: x - x.mean(),
    lambda x: x @ x.T,
    lambda x: ag.einsum("ij,kj->ik", x, x),
    lambda x: x[-1] + x[0] + x[:, 1:3].sum(),
    lambda x: x[1:] - x[:-1],
    lambda x: x[::-1, ::2],
    lambda x: x[: len(x) - 1] + x[len(x) - 1],
    lambda x: x[0 : len(x)],
    lambda x: ag.concatenate([x, x * 2], 0),
    lambda x: ag.concatenate([x, np.zeros((1, 4), np.float32)], 0),
    lambda x: ag.concatenate([x, ag.zeros(len(x), 3)], 1),
    lambda x: x + np.broadcast_to(np.arange(4, dtype=np.float32), x.shape),
    lambda x: x[..., None] + POSITIONS(np.broadcast_to(np.arange(4), x.shape)),
    lambda x: ag.broadcast_to(x[:1], x.shape) * x,
    lambda x: ag.pad(x, ((1, 0), (0, 2))),
    lambda x: ag.flip(x, 0) + ag.roll(x, 1, 1),
    lambda x: ag.stack([x, x], 0),
    lambda x: ag.cumsum(x, 0),
    ag.cumsum,
    lambda x: x.sum(axis=0) / len(x) + (x > len(x)),
    lambda x: x.reshape(len(x), 2, 2).diagonal(0, 1, 2),
    lambda x: x.expand_dims(0).squeeze(0),
    lambda x: ag.where(x > 1, x, 0.0) + (x * 2 > 3) * x,
    lambda x: x[:, [0, 2, 2]] + x[:, np.array([True, False, True, True])],
    lambda x: x.reshape(-1, 2, 2)[:, [0, 1], [1, 0]],
    lambda x: (x * 100).astype("int64") // 7 % 5,
    lambda x: x.detach() * x.max(axis=0),
    lambda x: ag.maximum(x, 1) ** 2 / np.float32(3) - 1 / x,
    lambda x: np.exp(-x) + np.sum(x, axis=1, keepdims=True),
]


@pytest.mark.parametrize("function", GROWING, ids=range(len(GROWING)))
@pytest.mark.parametrize("rows", [1, 3])
def test_a_model_takes_other_numbers_of_rows(function: Callable[[Any], Any], rows: int) -> None:
    """Whatever it does with the batch, also from an example of one row."""
    model = Applied(function)
    running = exported(function, X[:rows])
    same(running, model, [MORE])
    same(running, model, [X[:2]])


def test_the_unbiased_variance_counts_the_rows_that_there_are() -> None:
    """Along the batch, and of everything."""
    model = Applied(lambda x: x.var(axis=0, ddof=1) + x.std(ddof=1))
    same(exported(model, X), model, [MORE])


def test_a_model_of_one_size_takes_no_other() -> None:
    """With `dynamic_batch=False`, and inputs that have no batch."""
    proto = ag.to_onnx(nn.Linear(4, 2), X, dynamic_batch=False)
    sizes = [size.dim_value for size in proto.graph.input[0].type.tensor_type.shape.dim]
    assert sizes == [3, 4]
    model = nn.Linear(4, 2)
    same(session(ag.to_onnx(model, X[0], dynamic_batch=False)), model, [MORE[0]])


def test_inputs_of_another_length_have_no_batch() -> None:
    """Here a table beside a batch of numbers, and a scale."""

    def model(index: Any, table: Any, scale: Any) -> Any:
        return table[index] * scale

    index, scale = np.array([1, 0, 4]), np.array(2.0, np.float32)
    proto = ag.to_onnx(model, (index, MORE[:5], scale))
    first = [i.type.tensor_type.shape.dim[0].dim_param for i in proto.graph.input[:2]]
    assert first == ["batch", ""]
    same(session(proto), model, [np.array([4, 4, 0, 1, 2, 3]), MORE[:5], scale])


@settings(max_examples=40)
@given(data=st.data())
def test_any_index_picks_the_same(data: st.DataObject) -> None:
    """Beside the axis of the batch."""
    index = data.draw(indices((2, 3, 4)))
    beside = index if isinstance(index, tuple) else (index,)
    assume(all(np.ndim(part) or not isinstance(part, np.ndarray) for part in beside))
    model = Applied(lambda x: x[:, *beside])
    x = np.arange(72, dtype=np.float32).reshape(3, 2, 3, 4)
    running = session(ag.to_onnx(model, x))
    np.testing.assert_array_equal(computed(running, [x])[0], x[:, *beside])
    more = np.arange(120, dtype=np.float32).reshape(5, 2, 3, 4)
    np.testing.assert_array_equal(computed(running, [more])[0], more[:, *beside])
