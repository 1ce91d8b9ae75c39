"""Dropout, Embedding, Bilinear, Flatten, and the settings of activations."""

import copy
import math
import re
from typing import Any

import numpy as np
import pytest

import autograd_lite as ag
from autograd_lite import nn

# ---- Dropout


def test_dropout_keeps_the_mean_and_drops_a_share() -> None:
    """Of a million ones, a share p becomes 0 and the others 1 / (1 - p)."""
    ag.manual_seed(0)
    y = nn.Dropout(0.3)(ag.ones(1000, 1000)).numpy()
    assert y.dtype == np.float32
    np.testing.assert_allclose(np.unique(y), [0, 1 / 0.7], rtol=1e-6)
    assert abs((y == 0).mean() - 0.3) < 6 * np.sqrt(0.21 / 1e6)


def test_dropout_passes_gradients_where_it_passes_values() -> None:
    """The same mask, the same scale."""
    x = ag.ones(50, requires_grad=True)
    y = nn.Dropout(0.5)(x)
    y.sum().backward()
    assert x.grad is not None
    np.testing.assert_array_equal(x.grad.numpy(), y.numpy())


def test_dropout_is_the_identity_in_evaluation_and_at_zero() -> None:
    """Nothing is drawn either: the generator stays where it is."""
    x = ag.ones(5)
    ag.manual_seed(1)
    assert nn.Dropout(0.5).eval()(x) is x
    assert nn.Dropout(0)(x) is x
    first = ag.rand(1).item()
    ag.manual_seed(1)
    assert ag.rand(1).item() == first


def test_the_seed_decides_what_is_dropped() -> None:
    """The library's, or that of a generator of its own, old or new, which a copy takes along."""
    layer = nn.Dropout(0.5)
    results = []
    for _ in range(2):
        ag.manual_seed(3)
        results.append(layer(ag.ones(20)).numpy())
    np.testing.assert_array_equal(*results)
    assert not np.array_equal(results[0], layer(ag.ones(20)).numpy())
    for generator in (np.random.default_rng(0), np.random.RandomState(0)):
        own = nn.Dropout(0.5, generator=generator)
        clone = copy.deepcopy(own)
        np.testing.assert_array_equal(own(ag.ones(20)).numpy(), clone(ag.ones(20)).numpy())


@pytest.mark.parametrize("p", [-0.1, 1, 1.5, float("nan"), "a", None])
def test_a_bad_probability_is_refused(p: Any) -> None:
    """At 1 nothing would be left; the error quotes it."""
    with pytest.raises(ValueError, match=f"Dropout: got p={p!r}[;,] .*expected"):
        nn.Dropout(p)


# ---- Embedding


def test_a_row_that_is_looked_up_twice_gets_both_gradients() -> None:
    """And one that is not looked up gets none."""
    table = nn.Embedding(3, 2)
    table([[0, 2], [2, 2]]).sum().backward()
    assert table.weight.grad is not None
    np.testing.assert_array_equal(table.weight.grad.numpy(), [[1, 1], [0, 0], [3, 3]])


def test_padding_is_zero_and_stays_so() -> None:
    """Its row begins at 0 and gets no gradient, at any order."""
    for padding in (1, -2):
        table = nn.Embedding(3, 2, padding_idx=padding, dtype="float64")
        assert table.padding_idx == 1
        assert not table([1]).any()
        y = table([0, 1, 1])
        (first,) = ag.grad((y * y + y).sum(), table.weight, create_graph=True)
        (second,) = ag.grad((first * first).sum(), table.weight)
        assert first[0].all()
        assert second[0].all()
        assert not first[1:].any()
        assert not second[1:].any()


def test_the_caller_may_reuse_his_indices() -> None:
    """What was looked up is what gets the gradient."""
    table, index = nn.Embedding(3, 1), np.array([0, 1])
    y = table(index).sum()
    index[:] = 2
    y.backward()
    assert table.weight.grad is not None
    assert table.weight.grad.numpy().ravel().tolist() == [1, 1, 0]


def test_an_index_out_of_range_is_refused() -> None:
    """The error has the index, its position, and the number of rows; a negative one is no index."""
    table = nn.Embedding(3, 2)
    message = r"Embedding\(3, 2\): got index 3 at position \(0, 1\); expected 0 to 2, for there are"
    with pytest.raises(IndexError, match=message):
        table([[0, 3]])
    with pytest.raises(IndexError, match="got index -1 at position 0"):
        table([-1])
    with pytest.raises(TypeError, match="got index of dtype float32; expected integers"):
        table([0.0])
    for padding in (3, -4):
        with pytest.raises(ValueError, match=f"Embedding: got padding_idx={padding}; expected a"):
            nn.Embedding(3, 2, padding_idx=padding)
    with pytest.raises(ValueError, match="Embedding: got num_embeddings=0; expected an integer"):
        nn.Embedding(0, 2)


def test_the_table_is_standard_normal_unless_told_otherwise() -> None:
    """From the generator given, or by a method's name."""
    drawn = nn.Embedding(4, 3, generator=np.random.RandomState(0), dtype="float64").weight
    np.testing.assert_array_equal(drawn.numpy(), np.random.RandomState(0).randn(4, 3))
    small = nn.Embedding(50, 40, init_method="normal").weight.numpy()
    assert 0.009 < small.std() < 0.011


# ---- Bilinear


def test_bilinear_begins_like_linear() -> None:
    """W has the variance of one in all its inputs, the bias is a row of zeros or None."""
    layer = nn.Bilinear(20, 30, 40)
    assert layer.weight.shape == (20, 30, 40)
    assert abs(layer.weight.numpy().std() * np.sqrt(600) - 1) < 0.05
    assert layer.bias is not None
    assert layer.bias.shape == (1, 40)
    assert nn.Bilinear(2, 3, 4, bias=False).bias is None
    assert layer(np.zeros(20), np.zeros(30)).shape == (40,)
    assert layer(np.zeros((2, 5, 20)), np.zeros((2, 5, 30), int)).dtype == np.float32


@pytest.mark.parametrize(
    ("x", "z"), [((5, 3), (5, 3)), ((5, 2), (5, 2)), ((5, 2), (4, 3)), ((), (3,)), ((2,), (5, 3))]
)
def test_bilinear_refuses_other_sizes(x: tuple[int, ...], z: tuple[int, ...]) -> None:
    """The error has both shapes, and both that it expected."""
    message = f"Bilinear(2, 3, 4): got x of shape {x} and z of shape {z}; expected (..., 2) and"
    with pytest.raises(ValueError, match=re.escape(message)):
        nn.Bilinear(2, 3, 4)(np.zeros(x), np.zeros(z))


# ---- shapes and activations


@pytest.mark.parametrize(
    ("axes", "shape", "flat"),
    [
        ((1, -1), (2, 3, 4), (2, 12)),
        ((1, -1), (0, 3, 4), (0, 12)),
        ((1, -1), (2, 3), (2, 3)),
        ((0, -1), (2, 3, 4), (24,)),
        ((-2, -1), (2, 3, 4, 5), (2, 3, 20)),
        ((1, 2), (2, 3, 4, 5), (2, 12, 5)),
    ],
)
def test_flatten_joins_axes(axes: Any, shape: Any, flat: Any) -> None:
    """In the order of C, from one axis to another."""
    x = np.arange(np.prod(shape)).reshape(shape)
    np.testing.assert_array_equal(nn.Flatten(*axes)(x).numpy(), x.reshape(flat))


@pytest.mark.parametrize(("axes", "shape"), [((1, -1), (3,)), ((2, 1), (2, 3, 4)), ((0, 3), (2,))])
def test_flatten_refuses_axes_that_are_not_there(axes: Any, shape: Any) -> None:
    """The error has the axes and the shape."""
    message = rf"Flatten\(start_axis={axes[0]}, end_axis={axes[1]}\): got x of shape"
    with pytest.raises(ValueError, match=message):
        nn.Flatten(*axes)(np.zeros(shape))


def test_settings_that_make_no_sense_are_refused() -> None:
    """The errors quote them."""
    with pytest.raises(ValueError, match="GELU: got approximate='erf'; expected 'none' or 'tanh'"):
        nn.GELU("erf")
    with pytest.raises(ValueError, match="Softplus: got beta=0; expected a number above 0"):
        nn.Softplus(0)
    with pytest.raises(ValueError, match="Hardtanh: got min_val=1 and max_val=1; expected the"):
        nn.Hardtanh(1, 1)


def test_slopes_at_kinks() -> None:
    """ELU and SELU take their lower slope at 0, Hardtanh that of the inside on its bounds."""
    for module, x, slope in (
        (nn.ELU(0.5), 0.0, 0.5),
        (nn.SELU(), 0.0, 1.7580993),
        (nn.Hardtanh(), 1.0, 1.0),
        (nn.Hardtanh(), -1.0, 1.0),
    ):
        tensor = ag.tensor(x, requires_grad=True)
        module(tensor).backward()
        assert tensor.grad is not None
        np.testing.assert_allclose(tensor.grad.item(), slope, rtol=1e-6)


def test_phi_is_accurate_in_both_precisions() -> None:
    """To 1e-15 in float64, and in the lower tail relatively; to 2e-7 in float32."""
    x = np.linspace(-37, 9, 4601)
    for dtype in (np.float64, np.float32):
        z = x.astype(dtype)
        exact = np.array([0.5 * math.erfc(-v / math.sqrt(2)) for v in z.astype(float).tolist()])
        got = nn.functional.normal_cdf(ag.tensor(z)).numpy()
        assert got.dtype == dtype
        error = np.abs(got.astype(float) - exact)
        assert error.max() < (1e-15 if dtype is np.float64 else 2e-7)
        relative = error[x > -12] / exact[x > -12]
        assert relative.max() < (5e-14 if dtype is np.float64 else 1e-5)


def test_gelu_s_forms_are_close() -> None:
    """The paper's approximation is within 5e-4."""
    x = np.linspace(-6, 6, 1201)
    difference = nn.GELU()(x).numpy() - nn.GELU("tanh")(x).numpy()
    assert 1e-4 < np.abs(difference).max() < 5e-4
