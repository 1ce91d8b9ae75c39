"""Laws of order, places and statistics, and what happens at ties, zeros and nan."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

import autograd_lite as ag
from autograd_lite.testing import gradcheck

ROWS = hnp.arrays(np.float64, hnp.array_shapes(max_dims=2, max_side=5), elements=st.integers(-3, 3))
NAN = float("nan")


def plain(x: Any) -> Any:
    """A tensor as a list."""
    return x.numpy().tolist()


def slope(f: Any, values: Any) -> Any:
    """The gradient of the sum of f at some values."""
    x = ag.tensor(np.array(values, np.float64), requires_grad=True)
    f(x).sum().backward()
    assert x.grad is not None
    return x.grad.numpy().tolist()


@given(x=ROWS)
def test_sorting_twice_is_sorting_once(x: Any) -> None:
    once = ag.sort(ag.tensor(x))
    np.testing.assert_array_equal(ag.sort(once).numpy(), once.numpy())
    picked = ag.take_along_axis(ag.tensor(x), ag.argsort(x))
    np.testing.assert_array_equal(picked.numpy(), once.numpy())


@given(x=ROWS, q=st.floats(0, 1))
def test_quantiles_of_any_share_give_their_weight_away_once(x: Any, q: float) -> None:
    total = np.sum(slope(lambda t: ag.quantile(t, q), x))
    assert total == pytest.approx(1)


@given(x=ROWS)
def test_the_median_is_the_half_quantile_the_50th_percentile_and_numpys(x: Any) -> None:
    t = ag.tensor(x)
    middle = ag.median(t, -1).numpy()
    np.testing.assert_allclose(middle, np.median(x, -1))
    for other in (ag.quantile(t, 0.5, -1), ag.percentile(t, 50, -1), ag.nanmedian(t, -1)):
        np.testing.assert_array_equal(other.numpy(), middle)


@given(x=ROWS)
def test_the_largest_and_the_smallest_quantile_share_as_max_and_min(x: Any) -> None:
    assert slope(lambda t: ag.quantile(t, 1.0), x) == slope(ag.max, x)
    assert slope(lambda t: ag.quantile(t, 0.0), x) == slope(ag.min, x)


def test_shares_of_any_shape_are_the_first_axes() -> None:
    x, q = np.arange(12.0).reshape(3, 4), np.array([[0.2, 0.5], [0.9, 0.4]])
    for f in (ag.quantile, ag.nanquantile):  # NumPy's nanquantile mixes the axes of such shares up
        np.testing.assert_allclose(f(ag.tensor(x), q, 1).numpy(), np.quantile(x, q, 1))


def test_equal_elements_share_the_gradient_of_a_median() -> None:
    assert slope(ag.median, [1, 2, 2]) == [0, 0.5, 0.5]
    assert slope(ag.median, [1, 2, 4, 5]) == [0, 0.5, 0.5, 0]
    assert slope(ag.median, [2, 2, 2, 2]) == [0.25, 0.25, 0.25, 0.25]


def test_infinite_elements_stay_infinite() -> None:
    x = ag.tensor([1.0, np.inf, np.inf])
    assert ag.median(x).item() == np.inf
    assert ag.quantile(x, 0.25).item() == np.inf
    assert ag.quantile(x, 0.0).item() == 1


def test_a_sort_gives_the_gradient_to_the_first_of_equal_elements_first() -> None:
    weights = np.array([10.0, 20.0, 30.0])
    assert slope(lambda t: ag.sort(t) * weights, [2, 1, 2]) == [20, 10, 30]
    assert slope(lambda t: ag.topk(t, 1).values, [2, 1, 2]) == [1, 0, 0]
    assert slope(lambda t: ag.topk(t, 2, largest=False).values * weights[:2], [2, 1, 2]) == [
        20, 10, 0,
    ]  # fmt: skip


def test_topk_takes_nan_for_the_largest_and_gives_integers() -> None:
    values, indices = ag.topk(ag.tensor([1.0, NAN, 3.0]), 2)
    np.testing.assert_array_equal(values.numpy(), [NAN, 3])
    assert indices.numpy().tolist() == [1, 2]
    assert indices.dtype.kind == "i"
    assert not indices.requires_grad


@pytest.mark.parametrize("values", [[0.0, 2, 3], [0.0, 2, 0, 3], [0.0, 0, 0, 2]])
@pytest.mark.parametrize("order", [1, 2, 3])
def test_cumprod_is_exact_with_zeros(values: Any, order: int) -> None:
    gradcheck(ag.cumprod, [np.array(values)], order=order)


@pytest.mark.parametrize("values", [[0.0, 1e30, 1e30], [1e-30, 1e30, 1e30], [1e30, 1e-30, 1e-30]])
def test_cumprod_multiplies_from_the_start_so_that_nothing_overflows(values: Any) -> None:
    """As NumPy: a product of the last two alone would be infinite, or 0, in float32."""
    x = np.array(values, np.float32)
    np.testing.assert_array_equal(ag.cumprod(ag.tensor(x)).numpy(), np.cumprod(x))


def test_the_last_value_put_to_a_place_stays_and_has_the_gradient() -> None:
    x, values = ag.zeros(3, requires_grad=True), ag.tensor([1.0, 2.0, 3.0], requires_grad=True)
    out = ag.put_along_axis(x, [0, 0, 2], values)
    assert out.numpy().tolist() == [2, 0, 3]
    assert x.numpy().tolist() == [0, 0, 0]
    out.sum().backward()
    assert x.grad is not None
    assert values.grad is not None
    assert x.grad.numpy().tolist() == [0, 1, 0]
    assert values.grad.numpy().tolist() == [0, 1, 1]


def test_integers_take_no_fractions() -> None:
    with pytest.raises(TypeError, match=r"^put_along_axis: .*another kind than int64"):
        ag.put_along_axis(np.arange(3), [0], 0.5)


def test_indices_may_be_tensors_and_change_afterwards() -> None:
    x, at = ag.tensor([[1.0, 2.0], [3.0, 4.0]], requires_grad=True), np.array([[1], [0]])
    picked = ag.take_along_axis(x, at, 1)
    also = ag.take_along_axis(x, ag.tensor(at), axis=1)
    at[...] = 0
    (picked + also).sum().backward()
    assert x.grad is not None
    assert x.grad.numpy().tolist() == [[0, 2], [2, 0]]


def test_nan_has_no_gradient_and_gives_none() -> None:
    for f in (ag.nansum, ag.nanmean, ag.nanvar, ag.nanstd, ag.nanmax, ag.nanmin, ag.nanprod):
        gradient = slope(f, [1.0, NAN, 3.0])
        assert gradient[1] == 0
        assert np.isfinite(gradient).all()
    assert slope(ag.median, [1.0, NAN, 3.0]) == [0, 0, 0]
    assert slope(ag.nanmedian, [1.0, NAN, 3.0]) == [0.5, 0, 0.5]


def test_of_nothing_but_nan() -> None:
    x = ag.tensor([NAN, NAN])
    assert (ag.nansum(x).item(), ag.nanprod(x).item()) == (0, 1)
    for f in (ag.nanmax, ag.nanmin, ag.nanmedian):
        assert np.isnan(f(x).item())
    with pytest.warns(RuntimeWarning):
        assert np.isnan(ag.nanmean(x).item())


@pytest.mark.parametrize("name", ["sort", "median", "nanmean", "diff", "cumprod", "ptp", "average"])
def test_numpys_function_goes_to_the_op(name: str) -> None:
    x = ag.tensor([3.0, 1.0, 2.0], requires_grad=True)
    result = getattr(np, name)(x)
    assert isinstance(result, ag.Tensor)
    assert result.requires_grad


def test_methods_are_the_functions() -> None:
    x = ag.tensor([3.0, 1.0, 2.0])
    assert x.argsort().numpy().tolist() == plain(np.argsort(x)) == [1, 2, 0]
    assert x.take([0, 0]).numpy().tolist() == [3, 3]
    assert x.cumprod().numpy().tolist() == [3, 3, 6]
    assert not hasattr(x, "sort")  # ndarray's writes to x


def test_interp_has_gradients_for_places_and_for_what_lies_beyond() -> None:
    x = ag.tensor([-1.0, 0.5, 1.0, 3.0], requires_grad=True)
    left, right = ag.tensor(7.0, requires_grad=True), ag.tensor(8.0, requires_grad=True)
    out = ag.interp(x, [0.0, 1.0, 2.0], [0.0, 4.0, 5.0], left, right)
    assert out.numpy().tolist() == [7, 2, 4, 8]
    out.sum().backward()
    assert x.grad is not None
    assert left.grad is not None
    assert right.grad is not None
    assert x.grad.numpy().tolist() == [0, 4, 1, 0]
    assert (left.grad.item(), right.grad.item()) == (1, 1)


def test_interp_has_finite_gradients_at_infinite_places() -> None:
    fp = ag.tensor([1.0, 4.0], requires_grad=True)
    ag.interp(ag.tensor([-np.inf, np.inf]), [0.0, 1.0], fp).sum().backward()
    assert fp.grad is not None
    assert fp.grad.numpy().tolist() == [1, 1]


def test_interp_refuses_places_that_do_not_increase() -> None:
    with pytest.raises(ValueError, match=r"^interp: xp does not increase"):
        ag.interp(ag.tensor([0.5]), [0.0, 0.0], [1.0, 2.0])


def test_average_refuses_weights_that_add_up_to_nothing() -> None:
    with pytest.raises(ValueError, match=r"^average: the weights add up to 0"):
        ag.average(ag.tensor([1.0, 2.0]), weights=[1.0, -1.0])
