"""Items of tensors assigned, in place and in copies: values, gradients, and what is refused."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import autograd_lite as ag
from autograd_lite.testing import gradcheck
from autograd_lite.testing.strategies import Domain, arrays
from tests.strategies_form import items

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

GRID, OTHER_GRID = Domain(-3, 3, 0.05, 0.02), Domain(-3, 3, 0.05, 0.035)
FLOAT = np.dtype("float64")

# What `x.at[index]` does, and the ufunc that does it in place, twice where an index is repeated.
CHANGES: dict[str, np.ufunc] = {
    "add": np.add,
    "subtract": np.subtract,
    "multiply": np.multiply,
    "divide": np.divide,
    "min": np.minimum,
    "max": np.maximum,
}


def leaf(*values: float) -> ag.Tensor:
    """A tensor in float64 that requires a gradient."""
    return ag.tensor(list(values), dtype="float64", requires_grad=True)


def drawn(data: st.DataObject) -> tuple[NDArray[Any], Any, NDArray[Any]]:
    """An array, an index, and a value that fits."""
    shapes, static = data.draw(items())
    x = data.draw(arrays(shapes[0], domain=GRID))
    value = data.draw(arrays(shapes[1], domain=OTHER_GRID))
    return x, static["index"], value


@given(data=st.data(), recorded=st.booleans())
def test_an_assignment_is_numpys(data: st.DataObject, recorded: bool) -> None:
    """With and without a graph."""
    array, index, value = drawn(data)
    expected = array.copy()
    expected[index] = value
    x: Any = ag.tensor(array, requires_grad=recorded)
    y = x * 1.0
    y[index] = ag.tensor(value) if data.draw(st.booleans()) else value
    np.testing.assert_array_equal(y.numpy(), expected)
    np.testing.assert_array_equal(x.numpy(), array)
    assert y.requires_grad is recorded


@given(data=st.data())
def test_its_gradients_are_those_of_where(data: st.DataObject) -> None:
    """What was replaced gets none, and of the value only what is there afterwards gets any."""
    array, index, value = drawn(data)
    x, v = (ag.tensor(a, requires_grad=True) for a in (array, value))
    y = x * 1.0
    y[index] = v
    seed = np.cos(np.arange(array.size)).reshape(array.shape)
    got = ag.grad((y * y * seed).sum(), [x, v], allow_unused=True)
    last = np.full(array.shape, -1)  # which element of the value is where, by NumPy
    picked = last[index].shape
    last[index] = np.arange(last[index].size).reshape(picked)
    one_hot = (last.reshape(-1, 1) == np.arange(int(np.prod(picked)))).astype(float)
    wide = ag.broadcast_to(ag.reshape(v, v.shape[max(0, v.ndim - len(picked)) :]), picked)
    spread = ag.reshape(ag.tensor(one_hot) @ ag.reshape(wide, -1), array.shape)
    other = ag.where(last >= 0, spread, x)
    np.testing.assert_array_equal(other.numpy(), y.numpy())
    expected = ag.grad((other * other * seed).sum(), [x, v], allow_unused=True)
    for a, b in zip(got, expected, strict=True):
        np.testing.assert_allclose(a.numpy(), b.numpy(), rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("name", CHANGES)
@given(data=st.data())
def test_changes_in_a_copy_are_those_of_a_ufunc_in_place(name: str, data: st.DataObject) -> None:
    """Twice where the index picks an element twice; x stays as it was."""
    array, index, value = drawn(data)
    x = ag.tensor(array)
    result = getattr(x.at[index], name)(value)
    expected = array.copy()
    picked = expected[index].shape
    CHANGES[name].at(expected, index, np.broadcast_to(value.reshape(
        value.shape[max(0, value.ndim - len(picked)):]), picked))  # fmt: skip
    np.testing.assert_allclose(result.numpy(), expected, rtol=1e-12, atol=1e-12)
    np.testing.assert_array_equal(x.numpy(), array)


@pytest.mark.parametrize("name", [*CHANGES, "set", "power"])
@pytest.mark.parametrize(
    "index", [[0, 2, 0], slice(1, None), (slice(None), [1, 1]), np.eye(3, dtype=bool), 1, ...]
)
def test_their_gradients_are_right_to_the_third_order(name: str, index: Any) -> None:
    """For the tensor and for the value, and where the index repeats itself."""
    x = np.linspace(0.5, 2.0, 9).reshape(3, 3)
    v = np.linspace(0.7, 1.9, x[index].size).reshape(x[index].shape)
    gradcheck(lambda a, b: getattr(a.at[index], name)(b), [x, v], order=3)


def test_the_items_themselves() -> None:
    x = leaf(1.0, 2.0, 3.0)
    assert x.at[1:].get().numpy().tolist() == [2.0, 3.0]


# ---- a tensor is a value


def test_what_was_computed_before_keeps_its_values_and_its_gradient() -> None:
    w = leaf(1.0, 2.0)
    x = w * 3.0
    before = x * x
    x[0] = w[1]
    after = x * x
    assert before.numpy().tolist() == [9.0, 36.0]
    assert after.numpy().tolist() == [4.0, 36.0]
    assert ag.grad(before.sum(), w, retain_graph=True)[0].numpy().tolist() == [18.0, 36.0]
    assert ag.grad(after.sum(), w)[0].numpy().tolist() == [0.0, 40.0]


def test_a_loop_fills_a_tensor() -> None:
    """Augmented assignment included, on a tensor that began without a gradient."""
    w = leaf(2.0)
    x = ag.zeros(4, dtype="float64")
    x[0] = 1.0
    for i in range(1, 4):
        x[i] = x[i - 1] * w[0]
        x[i] += 1.0
    assert x.numpy().tolist() == [1.0, 3.0, 7.0, 15.0]
    assert ag.grad(x[3], w)[0].item() == 3 * 2.0**2 + 2 * 2.0 + 1


def test_without_a_gradient_it_is_written_in_place() -> None:
    x = ag.zeros(3)
    address = x._data.ctypes.data
    x[1] = 5.0
    x[[0, 0]] = ag.tensor([1.0, 2.0])
    x[1:] += x[:-1].copy()
    assert x._data.ctypes.data == address
    assert x.numpy().tolist() == [2.0, 7.0, 5.0]


def test_an_array_that_was_handed_out_sees_it() -> None:
    x = ag.zeros(2)
    held = x.data
    x[0] = 5.0
    assert held.tolist() == [5.0, 0.0]


def test_a_graph_that_holds_the_memory_does_not() -> None:
    c, w = ag.ones(2), leaf(1.0, 2.0)
    y = c * w
    c[0] = 7.0
    assert c.numpy().tolist() == [7.0, 1.0]
    assert ag.grad(y.sum(), w)[0].numpy().tolist() == [1.0, 1.0]


def test_overlapping_parts() -> None:
    x = ag.arange(4.0)
    x[1:] = x[:-1]
    assert x.numpy().tolist() == [0.0, 0.0, 1.0, 2.0]
    w = leaf(1.0, 2.0, 3.0)
    y = w * 1.0
    y[1:] = y[:-1]
    assert y.numpy().tolist() == [1.0, 1.0, 2.0]
    assert ag.grad(y.sum(), w)[0].numpy().tolist() == [2.0, 1.0, 0.0]


# ---- under no_grad


def test_a_leaf_is_written_to_under_no_grad() -> None:
    """Its values change, and no gradient that was recorded."""
    w = leaf(1.0, 2.0)
    y = (w * w).sum()
    with ag.no_grad():
        w[0] = w[1] * 5.0
    assert w.numpy().tolist() == [10.0, 2.0]
    assert w.is_leaf
    assert w.requires_grad
    assert ag.grad(y, w)[0].numpy().tolist() == [2.0, 4.0]


def test_a_value_that_requires_a_gradient_is_a_number_under_no_grad() -> None:
    x = ag.zeros(2, dtype="float64")
    with ag.no_grad():
        x[0] = leaf(3.0)[0]
    assert x.numpy().tolist() == [3.0, 0.0]
    assert not x.requires_grad


# ---- hooks


def test_hooks_see_the_gradient_of_the_value_that_they_were_registered_on() -> None:
    """And a tensor that retains its gradient retains that of what it is."""
    w, seen = leaf(1.0, 2.0), []
    x = w * 3.0
    x.register_hook(lambda g: seen.append(g.numpy().tolist()))
    x.retain_grad()
    x[0] = 5.0
    (x * x).sum().backward()
    assert seen == [[0.0, 12.0]]
    assert x.grad is not None
    assert x.grad.numpy().tolist() == [10.0, 12.0]


# ---- refusals: nothing is changed


def refused(assign: Callable[[], object], message: str, *tensors: ag.Tensor) -> None:
    """Assert that an assignment is an error, and leaves all as it was."""
    before = [(x._data.copy(), x.node) for x in tensors]  # asking for `data` may move it
    with pytest.raises((TypeError, ValueError, IndexError), match=rf"^setitem: .*{message}"):
        assign()
    for x, (value, node) in zip(tensors, before, strict=True):
        np.testing.assert_array_equal(x._data, value)
        assert x.node is node


def test_a_leaf_that_requires_a_gradient() -> None:
    w = leaf(1.0, 2.0)
    refused(lambda: w.__setitem__(0, 5.0), r"x\.at\[index\]\.set\(value\).*no_grad", w)


def test_a_result_under_no_grad() -> None:
    y = leaf(1.0, 2.0) * 2.0
    with ag.no_grad():
        refused(lambda: y.__setitem__(0, 5.0), r"outside of no_grad\(\)", y)


@pytest.mark.parametrize("held", [False, True])
@pytest.mark.parametrize(
    "part",
    [
        lambda x: x[0], lambda x: x[0:1, 0:2], lambda x: x[np.int64(0)], lambda x: x.T,
        lambda x: x.reshape(-1), lambda x: x.transpose((1, 0)), np.flipud,
        lambda x: x.ravel(), lambda x: ag.split(x, 3)[0], ag.diagonal,
        lambda x: ag.broadcast_to(x[:1, :1], (100, 100)), lambda x: x.expand_dims(0),
        lambda x: x.squeeze(),
    ],
)  # fmt: skip
@pytest.mark.parametrize("requires_grad", [False, True])
def test_a_part_of_another_tensor(
    part: Callable[[Any], Any], requires_grad: bool, held: bool
) -> None:
    """`x[0][1] = 5` would change x in NumPy: so it does not silently leave it as it is."""
    x = ag.tensor(np.ones((3, 3)), requires_grad=requires_grad)
    array = x.data if held else None
    y = part(x)
    refused(lambda: y.__setitem__(0, 5.0), r"x\[0, 1\] = value for x\[0\]\[1\] = value", x, y)
    assert array is None or (array == 1).all()


def test_a_part_that_nobody_else_has_is_a_tensor_like_others() -> None:
    x = ag.zeros(2, 3).reshape(3, 2)
    x[0] = 1.0
    row = ag.ones(3, 3)[1]
    row[0] = 5.0
    y = ag.ones(2, 2)
    copy = y[0].copy()
    copy[0] = 7.0
    assert x.numpy().sum() == 2.0
    assert row.numpy().tolist() == [5.0, 1.0, 1.0]
    assert y.numpy().sum() == 4.0


def test_an_array_that_is_held_would_not_see_a_recorded_assignment() -> None:
    x, w = ag.zeros(2, dtype="float64"), leaf(1.0)
    held = x.data
    refused(lambda: x.__setitem__(0, w[0]), "let go of it", x)
    del held
    x[0] = w[0]
    assert x.requires_grad


@pytest.mark.parametrize("requires_grad", [False, True])
@pytest.mark.parametrize(
    ("index", "value", "message"),
    [
        (5, 1.0, r"\(3,\) float64"),
        ("a", 1.0, "index"),
        (slice(2), [1.0, 2.0, 3.0], r"broadcast.*\(3,\)"),
        (0, "one", "would be cut"),
        (0, None, "would be cut"),
        (0, 1j, "would be cut"),
        (np.ones(2, bool), 1.0, "bool"),
    ],
)
def test_what_does_not_fit(index: Any, value: Any, message: str, requires_grad: bool) -> None:
    x = leaf(1.0, 2.0, 3.0) * 1.0 if requires_grad else ag.tensor(np.arange(3.0))
    refused(lambda: x.__setitem__(index, value), message, x)


def test_floats_are_not_cut_to_integers() -> None:
    """NumPy does so without a word."""
    x = ag.tensor([1, 2, 3])
    refused(lambda: x.__setitem__(0, 1.5), "values of float64 would be cut to int64", x)
    refused(lambda: x.__setitem__(0, leaf(1.0)[0]), "would be cut to int64", x)
    x[0] = 7
    assert x.numpy().tolist() == [7, 2, 3]


def test_lists_are_not_rounded_on_the_way() -> None:
    """To the default dtype, which lists take otherwise."""
    x, y = ag.zeros(2, dtype="float64"), leaf(1.0, 2.0) * 1.0
    x[:] = [0.1, 0.2]
    y[:] = [0.1, 0.2]
    assert x.numpy().tolist() == y.numpy().tolist() == [0.1, 0.2]
