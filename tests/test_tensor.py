"""A Tensor feels like an ndarray, and says why where it does not."""

from __future__ import annotations

import copy
import pickle
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

import autograd_lite as ag

if TYPE_CHECKING:
    from collections.abc import Callable

X = np.array([[1.5, -2.0, 3.0], [0.5, 4.0, -1.0]])


def leaf(values: Any = X) -> ag.Tensor:
    """A tensor that requires a gradient."""
    return ag.tensor(values, requires_grad=True)


def pickled(t: ag.Tensor) -> ag.Tensor:
    """What comes back from a file."""
    loaded: ag.Tensor = pickle.loads(pickle.dumps(t))  # noqa: S301  # our own bytes
    return loaded


# ---- construction


@pytest.mark.parametrize(
    ("data", "dtype"),
    [
        (1, "int64"),
        (1.0, "float32"),
        (True, "bool"),
        ([1, 2], "int64"),
        ([1, 2.5], "float32"),
        ([[True], [False]], "bool"),
        ((1.0, 2.0), "float32"),
        ([], "float32"),
        (range(3), "int64"),
        (np.float64(1), "float64"),
        (np.array(1.0), "float64"),
        (np.array([1.0], np.float16), "float16"),
        (np.array([1], np.uint8), "uint8"),
        ([np.array([1.0, 2.0])], "float32"),
    ],
)
def test_arrays_keep_their_dtype_and_lists_take_the_default(data: Any, dtype: str) -> None:
    """Python floats are float32, integers and booleans what NumPy makes of them."""
    t = ag.tensor(data)
    assert t.dtype == dtype
    assert t.shape == np.shape(data)
    assert np.array_equal(t.numpy(), np.asarray(data))
    assert ag.Tensor(data).dtype == dtype
    assert ag.tensor(data, dtype="float64").dtype == np.float64


@pytest.mark.parametrize(
    "data", ["text", ["a"], None, [None], {1: 2}, [[1, 2], [3]], 1j, np.array([1j]), object()]
)
def test_what_is_not_numeric_is_refused(data: Any) -> None:
    """The message says what is expected."""
    with pytest.raises(TypeError, match=r"^tensor: .*expected"):
        ag.tensor(data)


def test_a_list_of_tensors_is_no_silent_constant() -> None:
    """Where they require gradients the way out is stack(); plain ones become an array."""
    scalars = [leaf(1.0), leaf(2.0)]
    for tensors in (scalars, [scalars], [1.0, scalars[0]], [leaf(), leaf()]):
        with pytest.raises(TypeError, match="requires a gradient"):
            ag.tensor(tensors)
    assert ag.tensor([ag.tensor(1.0), ag.tensor(2.0)]).numpy().tolist() == [1.0, 2.0]


def test_properties_are_those_of_the_array() -> None:
    """Shape, ndim, size, dtype, nbytes, T, mT, len."""
    t = leaf()
    assert (t.shape, t.ndim, t.size, t.nbytes) == ((2, 3), 2, 6, 48)
    assert t.dtype == np.float64
    assert t.T.shape == t.mT.shape == (3, 2)
    assert ag.zeros(2, 3, 4).mT.shape == (2, 4, 3)
    assert len(t) == 2
    assert t.is_leaf
    assert not (t * 2).is_leaf
    assert (t.requires_grad, t.grad) == (True, None)


def test_requires_grad_can_be_set_on_leaves() -> None:
    """And withdrawn; a result's is what its operands make it."""
    t = ag.tensor([1.0])
    t.requires_grad = True
    t.requires_grad = True
    y = t * 2
    y.requires_grad = True
    with pytest.raises(TypeError, match=r"requires_grad: .* mul .*detach\(\)"):
        y.requires_grad = False
    t.requires_grad = False
    assert not (t * 2).requires_grad
    assert y.requires_grad


# ---- repr


def test_repr_reads_like_the_code_that_makes_it() -> None:
    """With what is not obvious: another dtype, a shape that does not show, a graph."""
    assert repr(ag.tensor([1.0, 2.5])) == "Tensor([1. , 2.5])"
    assert repr(ag.tensor([1, 2])) == "Tensor([1, 2])"
    assert repr(ag.tensor([True])) == "Tensor([ True])"
    assert repr(ag.tensor(3.0)) == "Tensor(3.)"
    assert repr(leaf([1.0])) == "Tensor([1.], requires_grad=True)"
    assert repr(leaf(np.array([1.0]))) == "Tensor([1.], dtype=float64, requires_grad=True)"
    assert repr(leaf([1.0]) * 2) == "Tensor([2.], op=mul)"
    assert repr(leaf([1.0]).reshape(1, 1)) == "Tensor([[1.]], op=reshape)"
    assert repr(ag.stack([leaf(1.0)])) == "Tensor([1.], op=stack)"
    assert repr(ag.zeros(0, 3)) == "Tensor([], shape=(0, 3))"
    assert repr(ag.zeros(2, 2)) == "Tensor([[0., 0.],\n        [0., 0.]])"
    assert "..." in repr(ag.zeros(100, 100))
    assert str(ag.tensor(1.5)) == "Tensor(1.5)"


def test_format_formats_one_element() -> None:
    """As a number; without a specification, any tensor as repr does."""
    assert f"{leaf(np.array([3.14159])):.2f}" == "3.14"
    assert f"{ag.tensor(7):03d}" == "007"
    assert f"{ag.tensor([1.0, 2.0])}" == "Tensor([1., 2.])"
    with pytest.raises(ValueError, match=r"^format: got .*\(2, 3\)"):
        f"{leaf():.2f}"  # it is the formatting that fails


# ---- conversions


def test_one_element_converts_to_a_number() -> None:
    """float, int, bool, item; of any shape of one element."""
    for t in (leaf(2.5), leaf([[2.5]])):
        assert (float(t), int(t), bool(t), t.item()) == (2.5, 2, True, 2.5)
    assert type(ag.tensor(3).item()) is int
    assert type(ag.tensor([True]).item()) is bool
    assert not ag.tensor(0.0)
    assert [10, 20, 30][ag.tensor(1)] == 20
    assert list(range(ag.tensor([2]))) == [0, 1]


@pytest.mark.parametrize("convert", [float, int, bool, lambda t: t.item(), lambda t: f"{t:.1f}"])
@pytest.mark.parametrize("shape", [(2,), (0,), (2, 3)])
def test_several_elements_or_none_do_not(
    convert: Callable[[ag.Tensor], Any], shape: tuple[int, ...]
) -> None:
    """The message has the shape and a way out."""
    with pytest.raises(ValueError, match=r"got .*\(.*reduce") as caught:
        convert(ag.zeros(shape))
    assert str(shape) in str(caught.value)


def test_only_integers_index() -> None:
    """A float does not, even a whole one."""
    with pytest.raises(TypeError, match=r"index: .* float32; expected integers"):
        [1, 2][ag.tensor(1.0)]


def test_iteration_gives_rows_with_gradients() -> None:
    """Unpacking, too; a 0-d tensor has none, and no length."""
    t = leaf()
    first, second = t
    assert np.array_equal(first.numpy(), X[0])
    (g,) = ag.grad(sum(row.sum() * i for i, row in enumerate(t)), t)  # type: ignore[arg-type]
    assert g.numpy().tolist() == [[0.0] * 3, [1.0] * 3]
    assert second.requires_grad
    for function in (len, iter, list):
        with pytest.raises(TypeError, match="0-d"):
            function(leaf(1.0))


def test_containment_is_elementwise_equality() -> None:
    """As in NumPy."""
    assert 4.0 in leaf()
    assert 7 not in leaf()


# ---- copies


@pytest.mark.parametrize("how", [copy.copy, copy.deepcopy, pickled])
def test_a_leaf_can_be_copied(how: Callable[[ag.Tensor], ag.Tensor]) -> None:
    """With its gradient; the copy shares nothing with it."""
    t = leaf()
    (t * t).sum().backward()
    held = t.data
    other = how(t)
    assert other.requires_grad
    assert other.grad is not None
    assert np.array_equal(other.grad.numpy(), 2 * X)
    held[...] = 0
    (t * 5).sum().backward()
    assert np.array_equal(other.numpy(), X)
    assert np.array_equal(other.grad.numpy(), 2 * X)
    (other * 1).sum().backward()
    assert np.array_equal(other.grad.numpy(), 2 * X + 1)
    assert t.grad is not None
    assert np.array_equal(t.grad.numpy(), 2 * X + 5)


def test_a_result_cannot_be_copied_with_its_graph() -> None:
    """The message says to detach it, whose copy works."""
    y = leaf() * 2
    for how in (copy.copy, copy.deepcopy, pickle.dumps):
        with pytest.raises(TypeError, match=r"result of an op.*detach\(\)"):
            how(y)
    assert np.array_equal(copy.deepcopy(y.detach()).numpy(), 2 * X)


def test_shared_tensors_stay_shared_in_a_deep_copy() -> None:
    """As for any object."""
    t = leaf()
    first, second = copy.deepcopy([t, t])
    assert first is second
