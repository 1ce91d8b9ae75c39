"""Memory shared with other libraries: zero-copy both ways, and no graph sees what they write.

NumPy stands for the other library, for it speaks the protocol as PyTorch and JAX do; those two are
tried where they are installed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

import autograd_lite as ag
from autograd_lite import nn, optim
from autograd_lite.data import DataLoader

if TYPE_CHECKING:
    from collections.abc import Callable

protocol_1 = pytest.mark.skipif(
    np.lib.NumpyVersion(np.__version__) < "2.1.0",
    reason="NumPy 2.0 speaks DLPack 0.8: without copy=, and what it takes comes read-only",
)

DTYPES = ["float16", "float32", "float64", "int8", "uint16", "int32", "int64", "bool"]
arrays = st.sampled_from(DTYPES).flatmap(
    lambda dtype: hnp.arrays(dtype, hnp.array_shapes(min_dims=0, max_dims=3, min_side=0))
)


class Foreign:
    """An array of a library of which nothing is known but the protocol."""

    def __init__(self, array: Any) -> None:
        self.array = array

    def __dlpack__(self, **options: Any) -> Any:
        """NumPy's own."""
        return self.array.__dlpack__(**options)

    def __dlpack_device__(self) -> Any:
        """NumPy's own."""
        return self.array.__dlpack_device__()


# ---- out


@given(arrays)
def test_another_library_has_the_values_without_a_copy(values: Any) -> None:
    """In any shape and dtype, the empty ones and numbers too."""
    x = ag.tensor(values)
    taken = np.from_dlpack(x)
    assert taken.dtype == x.dtype
    np.testing.assert_array_equal(taken, values)
    assert values.size == 0 or np.shares_memory(taken, x.data)


@protocol_1
def test_what_another_library_writes_is_seen_and_the_other_way_round() -> None:
    """As long as either holds the memory."""
    x = ag.tensor([1.0, 2.0])
    taken = np.from_dlpack(x)
    taken[0] = 5
    assert x.numpy().tolist() == [5.0, 2.0]
    x.data[1] = 7
    assert taken.tolist() == [5.0, 7.0]


@protocol_1
def test_a_graph_does_not_see_what_another_library_writes() -> None:
    """Whether it was recorded before the memory was handed out, or after."""
    x, w = ag.tensor([2.0, 3.0]), ag.tensor([1.0, 1.0], requires_grad=True)
    before = (x * w).sum()
    taken = np.from_dlpack(x)
    after = (x * w).sum()
    taken[...] = 99
    again = (x * w).sum()
    taken[...] = -1
    assert [ag.grad(y, w)[0].numpy().tolist() for y in (before, after, again)] == [
        [2.0, 3.0],
        [2.0, 3.0],
        [99.0, 99.0],
    ]


def test_a_graph_copies_nothing_once_the_other_library_has_let_go() -> None:
    """The capsule holds what was handed out, and nothing else does."""
    x, w = ag.tensor([2.0, 3.0]), ag.tensor([1.0, 1.0], requires_grad=True)
    taken = np.from_dlpack(x)[1:]
    assert not np.shares_memory(captured(x, w), x.numpy())
    del taken
    assert np.shares_memory(captured(x, w), x._data)


def captured(x: ag.Tensor, w: ag.Tensor) -> Any:
    """The array of x that the graph of a product keeps."""
    node: Any = (x * w).node
    cells = [cell.cell_contents for cell in node.vjps[1].__closure__]
    return next(a for a in cells if isinstance(a, np.ndarray))


@protocol_1
def test_a_copy_is_one() -> None:
    """`copy=True` shares nothing, and `copy=False` never copies."""
    x = ag.tensor([1.0, 2.0])
    assert not np.shares_memory(np.from_dlpack(x, copy=True), x.data)
    assert np.shares_memory(np.from_dlpack(x, copy=False), x.data)
    assert x.__dlpack_device__() == np.ones(1).__dlpack_device__()


@protocol_1
@pytest.mark.parametrize("take", [np.from_dlpack, ag.from_dlpack])
def test_a_tensor_that_requires_a_gradient_is_refused(take: Callable[[Any], Any]) -> None:
    """A leaf and a result; detached, or as an array, it may go."""
    leaf = ag.tensor([1.0, 2.0], requires_grad=True)
    for x in (leaf, leaf * 2):
        with pytest.raises(BufferError, match=r"\(2,\) float32 that requires a gradient.*detach"):
            take(x)
        assert take(x.detach()).shape == (2,)
    np.from_dlpack(leaf.numpy())[0] = 9
    assert leaf.detach().numpy().tolist() == [9.0, 2.0]


@protocol_1
def test_another_device_and_a_stream_are_refused() -> None:
    """By NumPy, in the words of the protocol."""
    x = ag.tensor([1.0])
    with pytest.raises(BufferError, match="device"):
        x.__dlpack__(dl_device=(2, 0))
    with pytest.raises(RuntimeError, match="stream"):
        x.__dlpack__(stream=1)


# ---- in


@protocol_1
@given(arrays, st.sampled_from([None, False, True]))
def test_a_tensor_has_the_memory_of_another_library(values: Any, copy: bool | None) -> None:
    """Unless a copy is asked for."""
    foreign = values.copy()
    x = ag.from_dlpack(Foreign(foreign), copy=copy)
    assert type(x) is ag.Tensor
    assert x.dtype == values.dtype
    np.testing.assert_array_equal(x.numpy(), values)
    assert not x.requires_grad
    shares = np.shares_memory(x._data, foreign)
    assert shares == (not copy and values.size > 0)
    assert np.shares_memory(x.numpy(), foreign) == shares


@protocol_1
def test_writing_to_either_changes_both() -> None:
    """And the memory may go on to a third library, or back."""
    foreign = np.array([1.0, 2.0])
    x = ag.from_dlpack(foreign, device="cpu")
    foreign[0] = 5
    assert x.numpy().tolist() == [5.0, 2.0]
    x.data[1] = 7
    assert foreign.tolist() == [5.0, 7.0]
    assert np.shares_memory(np.from_dlpack(x), foreign)
    assert np.shares_memory(np.asarray(x), foreign)
    x.data = [3.0, 3.0]  # values of its own from now on
    assert foreign.tolist() == [5.0, 7.0]
    assert not np.shares_memory(x.numpy(), foreign)


@pytest.mark.parametrize("order", [1, 2])
def test_a_gradient_does_not_see_what_the_other_library_writes(order: int) -> None:
    """The memory as a constant, as a leaf, and as the gradient that is passed in."""
    foreign = np.array([2.0, 3.0])
    x, w = ag.from_dlpack(foreign), ag.tensor([1.0, 1.0], requires_grad=True)
    leaf = ag.from_dlpack(foreign)
    leaf.requires_grad = True
    ys = [x * w * w, w * w @ x, ag.where(x > 0, x, w) * w * w, x[1:] * w * w, x.T * w * w]
    ys += [nn.functional.linear(x.reshape(1, 2), w.reshape(2, 1) * w.reshape(2, 1))]
    total = sum(y.sum() for y in ys)
    square = (leaf * leaf * leaf).sum()
    expected = gradients(sum_of(np.array([2.0, 3.0])), order)
    foreign[...] = -99
    assert gradients((total, w), order) == expected
    power = {1: [12.0, 27.0], 2: [12.0, 18.0]}
    assert gradients((square, leaf), order) == power[order]


def sum_of(values: Any) -> tuple[Any, ag.Tensor]:
    """The same as in the test above, from memory that nobody else has."""
    x, w = ag.tensor(values), ag.tensor([1.0, 1.0], requires_grad=True)
    ys = [x * w * w, w * w @ x, ag.where(x > 0, x, w) * w * w, x[1:] * w * w, x.T * w * w]
    ys += [nn.functional.linear(x.reshape(1, 2), w.reshape(2, 1) * w.reshape(2, 1))]
    return sum(y.sum() for y in ys), w


def gradients(function: tuple[Any, ag.Tensor], order: int) -> Any:
    """The gradient, or that of its sum."""
    y, x = function
    for _ in range(order):
        (y,) = ag.grad(y.sum(), x, create_graph=True)
    return y.detach().numpy().tolist()


@pytest.mark.parametrize(
    "view",
    [
        lambda x: x.detach(),
        lambda x: x[:],
        lambda x: x.reshape(2, 1),
        lambda x: x.T,
        lambda x: next(iter(DataLoader(x, batch_size=2))),
        ag.tensor,
        nn.Parameter,
    ],
)
def test_what_is_made_of_it_has_memory_of_its_own(view: Callable[[Any], ag.Tensor]) -> None:
    """Only the tensor itself shares."""
    foreign = np.array([2.0, 3.0], np.float32)
    made = view(ag.from_dlpack(foreign))
    foreign[...] = 99
    assert made.detach().numpy().ravel().tolist() == [2.0, 3.0]


@protocol_1
def test_an_optimizer_writes_into_the_memory_that_is_shared() -> None:
    """As another library's would."""
    foreign = np.array([1.0, 2.0])
    x = ag.from_dlpack(foreign)
    x.requires_grad = True
    (x * x).sum().backward()
    optim.SGD([x], lr=0.25).step()
    assert foreign.tolist() == x.detach().numpy().tolist() != [1.0, 2.0]


@protocol_1
def test_what_comes_read_only_stays_so_until_an_optimizer_writes() -> None:
    """Which it does to a copy: the other library counts on what it has."""
    foreign = np.array([1.0, 2.0])
    foreign.flags.writeable = False
    x = ag.from_dlpack(foreign)
    assert np.shares_memory(x.data, foreign)
    assert not x.data.flags.writeable
    x.requires_grad = True
    (x * x).sum().backward()
    optim.SGD([x], lr=0.25).step()
    assert foreign.tolist() == [1.0, 2.0]
    assert x.detach().numpy().tolist() != [1.0, 2.0]
    x.data[...] = 5


@protocol_1
@pytest.mark.parametrize(
    ("given_", "kind", "message"),
    [
        (3.0, TypeError, r"got 3.0, which has no __dlpack__.*autograd_lite.tensor"),
        ([1.0], TypeError, r"which has no __dlpack__"),
        (Foreign(np.ones(2, complex)), TypeError, "complex128"),
        (Foreign(np.ones(2, ">f8")), BufferError, "from_dlpack.*byte order.*expected an array"),
        (Foreign(np.array(["a"])), BufferError, "from_dlpack"),
    ],
)
def test_what_cannot_be_shared_is_refused(given_: Any, kind: Any, message: str) -> None:
    """With the reason, and the way out."""
    with pytest.raises(kind, match=message):
        ag.from_dlpack(given_)
    with pytest.raises(BufferError, match=r"from_dlpack.*cuda"):
        ag.from_dlpack(np.ones(2), device="cuda")
