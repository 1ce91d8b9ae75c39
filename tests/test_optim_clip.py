"""Clipping: its arithmetic, and the functions that clip the gradients of tensors."""

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

import autograd_lite as ag
from autograd_lite import nn, optim
from autograd_lite.optim.clip import global_norm, norm_scale

finite = hnp.arrays(
    st.sampled_from([np.float16, np.float32, np.float64]),
    hnp.array_shapes(min_dims=0, min_side=0),
    elements=st.floats(-1e4, 1e4, width=16),
)


@given(st.lists(finite, max_size=4))
def test_the_norm_is_that_of_all_elements_together(arrays: list[Any]) -> None:
    """The arrays' elements in one float64 vector have the same norm, empty ones included."""
    together = np.concatenate([np.zeros(0), *(a.astype(np.float64).ravel() for a in arrays)])
    np.testing.assert_allclose(global_norm(arrays), np.linalg.norm(together), rtol=1e-5)


@pytest.mark.parametrize(
    ("values", "dtype"),
    [([3e30, 4e30], "f4"), ([3e-30, 4e-30], "f4"), ([3e200, 4e200], "f8"), ([300, 400], "f2")],
)
def test_squares_neither_overflow_nor_vanish(values: list[float], dtype: str) -> None:
    """The norm of (3, 4) times anything is 5 times that."""
    array = np.array(values, dtype)
    np.testing.assert_allclose(global_norm([array]), values[0] / 3 * 5, rtol=1e-3)


def test_non_finite_gradients_show_in_the_norm() -> None:
    """An infinite element makes the norm infinite, a nan makes it nan."""
    assert global_norm([np.array([1.0, np.inf], np.float32)]) == math.inf
    assert math.isnan(global_norm([np.array([1.0, np.nan])]))


def test_a_norm_within_the_limit_is_left_alone() -> None:
    """The scale is 1 up to the limit, then limit / norm; a nan is not scaled."""
    assert norm_scale(1.0, 1.0) == 1.0
    assert norm_scale(0.0, 1.0) == 1.0
    assert norm_scale(4.0, 1.0) == 0.25
    assert norm_scale(math.inf, 1.0) == 0.0
    assert norm_scale(math.nan, 1.0) == 1.0


@given(st.lists(finite, max_size=4), st.sampled_from([0.5, 1.0, 3.0, math.inf]))
def test_the_norm_of_any_order_is_that_of_all_elements_together(
    arrays: list[Any], order: float
) -> None:
    """As of one float64 vector, written out."""
    together = np.concatenate([np.zeros(0), *(a.astype(np.float64).ravel() for a in arrays)])
    sizes = np.abs(together)
    expected = sizes.max(initial=0) if order == math.inf else (sizes**order).sum() ** (1 / order)
    np.testing.assert_allclose(global_norm(arrays, order), expected, rtol=1e-7)


def with_gradients(*gradients: Any) -> list[ag.Tensor]:
    """Tensors of zeros with gradients; None for none."""
    tensors = []
    for gradient in gradients:
        array = np.zeros(2) if gradient is None else np.array(gradient)
        tensor = ag.tensor(np.zeros_like(array), requires_grad=True)
        tensor.grad = None if gradient is None else ag.tensor(array)
        tensors.append(tensor)
    return tensors


def gradients(tensors: list[ag.Tensor]) -> list[Any]:
    """The gradients as lists."""
    return [None if t.grad is None else t.grad.numpy().tolist() for t in tensors]


def test_values_are_limited_in_place() -> None:
    """Each by itself, whoever has none is passed over, and a nan stays."""
    tensors = with_gradients([3.0, -0.5], None, [[-4.0, math.nan]])
    held = tensors[0].grad
    optim.clip_grad_value_(tensors, 1.0)
    np.testing.assert_equal(gradients(tensors), [[1.0, -0.5], None, [[-1.0, math.nan]]])
    assert tensors[0].grad is held


def test_the_norm_is_limited_over_all_together() -> None:
    """The norm before is returned; gradients within the limit stay to the last bit."""
    tensors = with_gradients([3.0], None, [[4.0]])
    assert optim.clip_grad_norm_(iter(tensors), 10.0) == 5.0
    assert gradients(tensors) == [[3.0], None, [[4.0]]]
    assert optim.clip_grad_norm_(tensors, 2.5) == 5.0
    assert gradients(tensors) == [[1.5], None, [[2.0]]]
    assert optim.clip_grad_norm_(tensors, 1.0, norm_type=math.inf) == 2.0
    assert gradients(tensors) == [[0.75], None, [[1.0]]]
    assert optim.clip_grad_norm_(tensors, 7.0, norm_type=1) == 1.75
    assert optim.clip_grad_norm_(with_gradients(None), 1.0) == 0.0


@pytest.mark.parametrize("bad", [math.inf, math.nan])
def test_an_infinite_norm_scales_by_0_and_nan_by_1(bad: float) -> None:
    tensors = with_gradients([3.0, bad], [4.0])
    with np.errstate(invalid="ignore"):
        np.testing.assert_equal(optim.clip_grad_norm_(tensors, 1.0), bad)
    kept = 0.0 if bad == math.inf else 1.0
    np.testing.assert_equal(gradients(tensors), [[3.0 * kept, math.nan], [4.0 * kept]])


def test_a_gradient_with_a_graph_is_replaced_by_its_values() -> None:
    """What was recorded under create_graph keeps what it was computed from."""
    w = ag.tensor([1.0, 2.0], requires_grad=True)
    (w**3).sum().backward(create_graph=True)
    first: Any = w.grad
    optim.clip_grad_value_(w, 5.0)
    assert gradients([w]) == [[3.0, 5.0]]
    w.grad = None
    first.sum().backward()
    assert gradients([w]) == [[6.0, 12.0]]


def test_bad_arguments_are_quoted() -> None:
    """And nothing is clipped."""
    (w,) = tensors = with_gradients([3.0])
    with pytest.raises(ValueError, match="clip_grad_value_: got clip_value=0; expected a number"):
        optim.clip_grad_value_(tensors, 0)
    with pytest.raises(ValueError, match="clip_grad_norm_: got max_norm=-1; expected a number"):
        optim.clip_grad_norm_(tensors, -1)
    with pytest.raises(ValueError, match="clip_grad_norm_: got norm_type='l2'; expected a number"):
        optim.clip_grad_norm_(tensors, 1, norm_type="l2")  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="clip_grad_norm_: got a Linear; expected parameters"):
        optim.clip_grad_norm_(nn.Linear(1, 1), 1)
    w.grad = ag.ones(3)
    with pytest.raises(ValueError, match=r"clip_grad_value_: got a gradient of shape \(3,\) for"):
        optim.clip_grad_value_(tensors, 1)
    assert gradients(tensors) == [[1.0, 1.0, 1.0]]
