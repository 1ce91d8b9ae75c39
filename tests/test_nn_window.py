"""Convolutions and pools: transposes, PyTorch's values, ties, what is too small, and the words."""

from __future__ import annotations

import warnings
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import autograd_lite as ag
from autograd_lite import nn
from autograd_lite.nn import functional as F  # noqa: N812  # as everybody calls it
from autograd_lite.nn import window
from tests.cases_window import FUNCTIONS

if TYPE_CHECKING:
    from collections.abc import Callable

X = np.ones((2, 3, 8, 8), np.float32)


@pytest.mark.parametrize("count", [1, 2, 3])
@given(data=st.data())
def test_a_transposed_convolution_is_the_transpose(count: int, data: st.DataObject) -> None:
    """<v, conv(w)> = <transposed(v), w>."""
    case = next(c for c in FUNCTIONS if c.op.__name__ == f"conv_transpose{count}d")
    (v, weight, _), static = case.draw(data.draw, "float64")
    there = case.op(v, weight, **static)
    w = np.random.default_rng(0).standard_normal(np.shape(there))
    static.pop("output_padding")
    back = np.asarray(getattr(F, f"conv{count}d")(w, weight, **static))
    inside: Any = tuple(map(slice, v.shape[-count:]))  # output_padding may leave room for more
    part = back[..., *inside]
    np.testing.assert_allclose(np.sum(v * part), np.sum(np.asarray(there) * w), atol=1e-9)


@pytest.mark.parametrize("case", FUNCTIONS, ids=repr)
@given(data=st.data())
def test_values_and_gradients_are_those_of_pytorch(case: Any, data: st.DataObject) -> None:
    torch = pytest.importorskip("torch")
    operands, static = case.draw(data.draw, "float64")
    if case.op.__name__ == "avg_pool3d" and static["kernel_size"] != 1:
        return  # PyTorch's wants x as large as the kernel without its padding
    theirs = [torch.tensor(a.copy(), requires_grad=True) for a in operands]
    ours = [ag.tensor(a, requires_grad=True) for a in operands]
    if static.get("stride", 1) is None:
        del static["stride"]
    if static.get("output_size") == (None,):
        static["output_size"] = operands[0].shape[-1]  # PyTorch's knows None of several only
    if any(0 in a.shape for a in operands) and "pool" in case.op.__name__:
        return  # some of PyTorch's refuse an empty batch
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it warns of copies that padding="same" makes
        expected = getattr(torch.nn.functional, case.op.__name__)(*theirs, **static)
    result = case.op(*ours, **static)
    np.testing.assert_allclose(result.detach().numpy(), expected.detach(), atol=1e-10)
    if np.isinf(result.detach().numpy()).any():
        return  # a window of nothing but padding: PyTorch's gradient goes to the first element
    seed = np.random.default_rng(0).standard_normal(result.shape)
    expected.backward(torch.tensor(seed))
    result.backward(seed)
    for a, b in zip(ours, theirs, strict=True):
        assert a.grad is not None
        np.testing.assert_allclose(a.grad.numpy(), b.grad, atol=1e-10)


def test_blocks_of_a_large_picture_are_those_of_one_piece(monkeypatch: pytest.MonkeyPatch) -> None:
    """Cut along the batch and along the rows of windows, the sums are the same."""
    generator = np.random.default_rng(0)
    x, w = generator.standard_normal((3, 4, 9, 7)), generator.standard_normal((6, 2, 3, 2))

    def all_three() -> list[Any]:
        xs = [ag.tensor(a, requires_grad=True) for a in (x, w)]
        out = F.conv2d(xs[0], xs[1], None, (2, 1), 1, (1, 2), 2)
        (out * out).sum().backward()
        return [out.detach().numpy(), *(t.grad.numpy() for t in xs if t.grad is not None)]

    whole = all_three()
    for size in (1, 3_000, 10_000):
        monkeypatch.setattr(window, "_BLOCK", size)
        for a, b in zip(all_three(), whole, strict=True):
            np.testing.assert_allclose(a, b, atol=1e-10)


def test_ties_share_the_gradient_and_nan_takes_none() -> None:
    x = ag.tensor([[[2.0, 2.0, 1.0, 3.0, np.nan, 0.0]]], requires_grad=True)
    F.max_pool1d(x, 2).backward(np.ones((1, 1, 3)))
    np.testing.assert_array_equal(x.grad.numpy(), [[[0.5, 0.5, 0, 1, 0, 0]]])  # type: ignore[union-attr]


def test_integers_are_pooled_as_numbers() -> None:
    x = np.array([[[1, 4, -3, -5]]])
    assert np.asarray(F.max_pool1d(x, 2, padding=1)).tolist() == [[[1, 4, -5]]]
    assert np.asarray(F.avg_pool1d(x, 2)).tolist() == [[[2.5, -4.0]]]


def test_glorots_weights_count_the_filters_of_a_convolution() -> None:
    """The first weights are drawn as the matrix that they are."""
    generator = np.random.default_rng(0)
    layer = nn.Conv2d(30, 60, 5, init_method="glorot_normal", generator=generator)
    assert layer.weight.detach().numpy().std() == pytest.approx((2 / (750 + 60)) ** 0.5, rel=0.02)
    transposed = nn.ConvTranspose2d(60, 30, 4, stride=2, generator=generator)
    assert transposed.weight.detach().numpy().std() == pytest.approx((2 / 240) ** 0.5, rel=0.02)


SMALL = np.ones((2, 3, 2, 2), np.float32)

WRONG: list[tuple[Callable[[], Any], str]] = [
    (partial(nn.Conv2d(1, 4, 3), X), r"Conv2d\(1, 4, 3\): got x of shape \(2, 3, 8, 8\).*channels"),
    (partial(nn.Conv2d(3, 4, 3), X[0, 0]), r"Conv2d\(3, 4, 3\): got x of shape \(8, 8\); expected"),
    (partial(nn.Conv2d(3, 4, 3), SMALL), r"Conv2d\(3, 4, 3\): conv2d: .*\(3, 3\) does not fit"),
    (partial(nn.MaxPool2d(3), SMALL), r"MaxPool2d\(3\): max_pool2d: .*\(3, 3\) does not fit"),
    (partial(nn.AvgPool1d(2), X), r"AvgPool1d\(2\): avg_pool1d: 4 axes.*expected x"),
    (partial(nn.AdaptiveAvgPool2d(2), X[0, 0]), r"AdaptiveAvgPool2d.*2 axes"),
    (partial(nn.Conv2d, 3, 4, (3, 3, 3)), r"Conv2d: got kernel_size=\(3, 3, 3\); expected an int"),
    (partial(nn.Conv2d, 3, 4, 3, 0), r"Conv2d: got stride=0; expected an integer of at least 1"),
    (partial(nn.Conv2d, 3, 4, 3, groups=2), r"Conv2d: got groups=2.*expected a divisor of both"),
    (partial(nn.Conv2d, 3, 4, 3, 2, "same"), r"Conv2d: padding=.same. with a stride"),
    (partial(nn.Conv2d, 3, 4, 3, padding="full"), r"Conv2d: padding='full' is neither"),
    (partial(nn.Conv2d, 3, 4, 3, padding_mode="reflect"), r"padding_mode='reflect'.*pad x before"),
    (partial(nn.ConvTranspose1d, 3, 4, 3, output_padding=1), r"output_padding=1; expected less"),
    (partial(nn.AdaptiveMaxPool2d, (1, 2, 3)), r"AdaptiveMaxPool2d: got output_size=\(1, 2, 3\)"),
    (partial(nn.BatchNorm2d(3), X[0]), r"BatchNorm2d\(3\): got x of shape.*\(batch, 3, height"),
    (partial(F.conv2d, X, np.ones((4, 1, 3, 3)), np.ones(3)), r"conv2d: a bias of shape \(3,\)"),
    (partial(F.conv2d, X, np.ones((4, 1, 3))), r"conv2d: 4 axes of x and 3 of the weight"),
    (partial(F.conv2d, X, np.ones((4, 0, 3, 3))), r"conv2d: a weight of shape .* no elements"),
    (partial(F.max_pool2d, X, 2, padding=2), r"max_pool2d: padding=2 is more than half"),
    (partial(F.conv_transpose2d, X, np.ones((3, 1, 1, 1)), padding=4), r"conv_transpose2d.*would"),
]  # fmt: skip


@pytest.mark.parametrize(("call", "words"), WRONG)
def test_what_does_not_fit_is_told(call: Callable[[], Any], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        call()


def test_a_layer_inside_a_model_says_where_it_is() -> None:
    model = nn.Sequential(nn.Conv2d(3, 4, 3), nn.ReLU(), nn.Conv2d(8, 4, 3))
    list(model.named_parameters())
    with pytest.raises(
        ValueError, match=r"Conv2d\(8, 4, 3\) at '2': got x of shape \(2, 4, 6, 6\)"
    ):
        model(X)
