"""The table of nn: one entry a function, a layer and a loss, as tests/cases.py has one an op."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np
from hypothesis import strategies as st

import autograd_lite as ag
from autograd_lite import nn
from autograd_lite.nn import functional as F  # noqa: N812  # as everybody calls it
from autograd_lite.testing.strategies import (
    Domain,
    arguments,
    axis,
    broadcastable,
    calls,
    shapes,
)
from tests import cases_window
from tests.case import BOOL, GRID, OTHER_GRID, REAL, Case, Layer, a_batch, full, one, two

if TYPE_CHECKING:
    from autograd_lite.testing.strategies import Call, Shape

SHARE = Domain(0.05, 0.95)
LOGARITHM = Domain(-3.0, -0.05)
MILD = Domain(-1.5, 1.5)
WHOLE, HALVES = Domain(-2, 3, 1.0, ties=True), Domain(-3, 3, 1.0, 0.5)  # no sum of them is near 0


@st.composite
def rows(draw: st.DrawFn) -> list[Shape]:
    """Two equal shapes whose last axis holds at least one class."""
    shape = (*draw(st.sampled_from([(), (0,), (1,), (3,), (2, 2)])), draw(st.integers(1, 4)))
    return [shape, shape]


@st.composite
def targeted(draw: st.DrawFn) -> list[Shape]:
    """Rows, and those of their targets: as many, or one for all."""
    (shape, _), lead = draw(rows()), draw(st.sampled_from([3, 3, 1, 0]))
    other = shape if lead == 3 else (*(1,) * min(lead, len(shape) - 1), shape[-1])
    return draw(st.permutations([shape, other]))


@st.composite
def classified(draw: st.DrawFn) -> Call:
    """Logits, and the index of a class for each row."""
    shape, _ = draw(rows())
    numbers = draw(st.lists(st.integers(0, shape[-1] - 1), min_size=12, max_size=12))
    reduction = draw(st.sampled_from(["none", "sum", "mean"] if math.prod(shape) else ["none"]))
    return [shape], {"index": np.resize(np.array(numbers), shape[:-1]), "reduction": reduction}


def class_cross_entropy(x: Any, index: Any, reduction: str) -> Any:
    """The logarithm of the share of one class in each row."""
    losses = -np.log(np.take_along_axis(softmax(x), index[..., None], -1))[..., 0]
    reduced: dict[str, Any] = {"none": np.asarray, "sum": np.sum, "mean": np.mean}
    return reduced[reduction](losses)


@st.composite
def looked_up(draw: st.DrawFn) -> Call:
    """A table, and numbers of its rows."""
    count, dim = draw(st.integers(1, 4)), draw(st.integers(0, 3))
    numbers = draw(st.lists(st.integers(0, count - 1), max_size=4))
    return [(count, dim)], {"index": np.array(numbers, np.intp)}


@st.composite
def affine(draw: st.DrawFn, *activations: Any) -> Call:
    """Rows in one axis or two, a matrix and a bias; and an activation or none."""
    lead = draw(st.sampled_from([(3,), (0,), (1,), (2, 3), (2, 1, 2)]))
    inner, columns = draw(st.integers(0, 3)), draw(st.sampled_from([1, 3, 2, 0]))
    bias = draw(st.sampled_from([(columns,), (1, columns)]))
    activation = draw(st.sampled_from(activations))
    return [(*lead, inner), (inner, columns), bias], {"activation": activation}


def linear(x: Any, w: Any, b: Any, activation: Any) -> Any:
    """In steps."""
    functions: dict[Any, Any] = {
        None: np.asarray,
        ag.tanh: np.tanh,
        ag.sigmoid: sigmoid,
        ag.relu: lambda z: z * (z > 0),
        ag.leaky_relu: lambda z: z * np.where(z > 0, 1, z.dtype.type(0.01)),
    }
    return functions[activation](x @ w + b)


def erf(x: Any) -> Any:
    """The error function, in the dtype of x."""
    return np.vectorize(math.erf, otypes=[np.float64])(x).astype(x.dtype)


def normal_cdf(x: Any) -> Any:
    """Phi, by the error function."""
    return (1 + erf(x / x.dtype.type(2**0.5))) / 2


def gelu(x: Any, approximate: str = "none") -> Any:
    """Both forms of it."""
    if approximate == "none":
        return x * normal_cdf(x)
    return x * (1 + np.tanh((2 / math.pi) ** 0.5 * (x + 0.044715 * x**3))) / 2


def elu(x: Any, alpha: float = 1.0) -> Any:
    """x or alpha (e^x - 1)."""
    return np.where(x > 0, x, alpha * (np.exp(x) - 1)).astype(x.dtype)


def selu(x: Any) -> Any:
    """The constants are those of the paper's text."""
    return np.where(x > 0, 1.0507009873554805 * x, 1.7580993408473766 * (np.exp(x) - 1)).astype(
        x.dtype
    )


def sigmoid(x: Any) -> Any:
    """1 / (1 + e^-x)."""
    return 1 / (1 + np.exp(-x))


def bce(p: Any, y: Any, w: float = 1.0) -> Any:
    """-(w y log p + (1 - y) log(1 - p))."""
    return -(w * y * np.log(p) + (1 - y) * np.log(1 - p))


def huber(x: Any, y: Any, delta: float = 1.0) -> Any:
    """A square or a straight line."""
    d = np.abs(x - y)
    return np.where(d <= delta, d * d / 2, delta * (d - delta / 2)).astype(d.dtype)


def softmax(x: Any) -> Any:
    """Along the last axis."""
    return np.exp(x) / np.sum(np.exp(x), axis=-1, keepdims=True)


def cross_entropy(p: Any, y: Any) -> Any:
    """Of rows."""
    return -np.sum(y * np.log(p), axis=-1)


def standardize(x: Any, axis: Any, eps: float) -> Any:
    """To mean 0 and variance 1."""
    return (x - np.mean(x, axis, keepdims=True)) / np.sqrt(np.var(x, axis, keepdims=True) + eps)


ALPHAS = arguments(alpha=st.sampled_from([1.0, 0.3, 1.7]))
FORMS = arguments(approximate=st.sampled_from(["none", "tanh"]))

FUNCTIONS = [
    Case(F.elu, elu, calls(shapes(), ALPHAS), (GRID,)),
    Case(F.selu, selu, one, (GRID,)),
    Case(F.silu, lambda x: x * sigmoid(x), one),
    Case(F.gelu, gelu, calls(shapes(), FORMS)),
    Case(F.normal_cdf, normal_cdf, one),
    Case(F.linear, linear, affine(None, ag.tanh, ag.sigmoid), (MILD,)),
    Case(F.linear, linear, affine(ag.relu, ag.leaky_relu), (WHOLE, WHOLE, HALVES),
         name="linear, with a kink"),
    Case(F.dropout, lambda x, keep, p: np.where(keep, x / x.dtype.type(1 - p), 0).astype(x.dtype),
         calls(broadcastable(2), p=st.sampled_from([0.0, 0.2, 0.9])), (REAL, BOOL)),
    Case(F.standardize, standardize, calls(
        full(min_dims=1), axis=axis, eps=st.sampled_from([0.1, 1.0]))),
    Case(F.embedding, lambda w, index: w[index], looked_up()),
    Case(F.squared_error, lambda x, y: (x - y) ** 2, two),
    Case(F.absolute_error, lambda x, y: np.abs(x - y), two, (GRID, OTHER_GRID)),
    Case(F.huber, huber, calls(broadcastable(2), delta=st.sampled_from([1.0, 0.5])),
         (GRID, OTHER_GRID)),
    # With eps = 0 document 1's rule is the derivative; with 1e-7 they differ by about that, and
    # tests/test_nn_loss.py holds the value and the rule to the document.
    Case(F.binary_cross_entropy, lambda p, y, eps: bce(p, y),  # noqa: ARG005
         calls(broadcastable(2), eps=st.just(0.0)), (SHARE,)),
    Case(F.binary_cross_entropy_with_logits, lambda x, y, w: bce(sigmoid(x), y, w),
         calls(broadcastable(2), w=st.sampled_from([1.0, 2.5])), (REAL, SHARE),
         call=lambda f, arrays, static: f(*arrays, np.array(static["w"], arrays[0].dtype))),
    Case(F.cross_entropy, cross_entropy, calls(targeted()), (SHARE,)),
    Case(F.softmax_cross_entropy, lambda x, y: cross_entropy(softmax(x), y), calls(targeted()),
         (REAL, SHARE)),
    Case(F.class_cross_entropy, class_cross_entropy, classified()),
    Case(F.nll, lambda x, y: -np.sum(x * y, axis=-1), calls(targeted()), (LOGARITHM, SHARE)),
    Case(F.kl_divergence, lambda x, y: np.sum(y * (np.log(y) - x), axis=-1), calls(targeted()),
         (LOGARITHM, SHARE)),
    Case(F.brier_score, lambda p, y: np.sum((p - y) ** 2, axis=-1) / 2, calls(targeted()),
         (SHARE,)),
    *cases_window.FUNCTIONS,
]  # fmt: skip


def distributions(x: Any) -> Any:
    """Rows of numbers as distributions."""
    return softmax(x).astype(x.dtype)


def logarithms(x: Any) -> Any:
    """Rows of numbers as the logarithms of distributions."""
    return np.log(softmax(x)).astype(x.dtype)


def weighted_mean(losses: Any, y: Any, weight: Any) -> Any:
    """The sum of losses that have their weights, by the weights."""
    return np.sum(losses) / np.sum(y * weight)


def batch_norm(x: Any, weight: Any, bias: Any, **_: Any) -> Any:
    """By the batch's own moments."""
    row = (-1,) + (1,) * (x.ndim - 2)
    axes = (0, *range(2, x.ndim))
    return standardize(x, axes, 0.5) * weight.reshape(row) + bias.reshape(row)


def dropped(x: Any) -> Any:
    """What the generator of the table's Dropout leaves."""
    keep = np.random.default_rng(0).random(x.shape, np.float32) >= 0.4
    return np.where(keep, x / x.dtype.type(0.6), 0).astype(x.dtype)


def smooth_cross_entropy(x: Any, y: Any, weight: Any) -> Any:
    """Label smoothing of 0.2 and class weights, before the reduction."""
    return -np.sum(weight * (0.8 * y + 0.2 / 3) * logarithms(x), axis=-1)


def numbers(x: Any) -> Any:
    """As integers, which look rows up."""
    return np.abs(x).astype(np.intp)


some_rows = calls(st.integers(1, 3).map(lambda n: [(n, 3)] * 2))
pairs = calls(st.integers(1, 3).map(lambda n: [(n, 2)] * 2))

LAYERS = [
    Layer(nn.ReLU, lambda x: np.where(x > 0, x, 0 * x), one, (GRID,)),
    Layer(nn.LeakyReLU, lambda x: np.where(x > 0, x, x.dtype.type(0.01) * x), one, (GRID,)),
    Layer(nn.ELU, elu, one, (GRID,)),
    Layer(nn.SELU, selu, one, (GRID,)),
    Layer(nn.GELU, gelu, one),
    Layer(lambda: nn.GELU("tanh"), lambda x: gelu(x, "tanh"), one),
    Layer(nn.SiLU, lambda x: x * sigmoid(x), one),
    Layer(nn.Softplus, lambda x: np.log(1 + np.exp(x)), one),
    Layer(lambda: nn.Softplus(2.0), lambda x: np.log(1 + np.exp(2 * x)) / 2, one),
    Layer(nn.Tanh, np.tanh, one),
    Layer(nn.Sigmoid, sigmoid, one),
    Layer(nn.Hardtanh, lambda x: np.clip(x, -1, 1), one, (GRID,)),
    Layer(nn.Softmax, softmax, calls(full(min_dims=1))),
    Layer(lambda: nn.Softmax(0), lambda x: softmax(x.T).T, calls(full(min_dims=1))),
    Layer(nn.LogSoftmax, lambda x: np.log(softmax(x)), calls(full(min_dims=1))),
    Layer(nn.Identity, lambda x: x, one),
    Layer(nn.Flatten, lambda x: x.reshape(len(x), -1), a_batch(2, 3, least=1)),
    Layer(lambda: nn.Dropout(0.4, generator=np.random.default_rng(0)), dropped, one),
    Layer(lambda: nn.Embedding(4, 2), lambda i, weight: weight[i], one, (REAL,), (numbers,)),
    Layer(lambda: nn.Linear(3, 2), lambda x, weight, bias: x @ weight + bias, a_batch(3)),
    Layer(lambda: nn.Bilinear(2, 3, 2),
          lambda x, z, weight, bias: np.einsum("...i,ijk,...j", x, weight, z) + bias,
          calls(st.integers(0, 3).map(lambda n: [(n, 2), (n, 3)]))),
    Layer(lambda: nn.LayerNorm((2, 3), eps=0.5),
          lambda x, weight, bias: standardize(x, (-2, -1), 0.5) * weight + bias, a_batch(2, 3)),
    Layer(lambda: nn.BatchNorm1d(2, eps=0.5), batch_norm, a_batch(2, least=2)),
    Layer(lambda: nn.BatchNorm1d(2, eps=0.5), batch_norm, a_batch(2, 3, least=1)),
    Layer(lambda: nn.BatchNorm2d(2, eps=0.5), batch_norm, a_batch(2, 2, 3, least=1)),
    Layer(lambda: nn.BatchNorm3d(2, eps=0.5), batch_norm, a_batch(2, 2, 1, 2, least=1)),
    Layer(lambda: nn.BatchNorm1d(2, eps=0.5).eval(),
          lambda x, weight, bias, running_mean, running_var:
          (x - running_mean) / np.sqrt(running_var + 0.5) * weight + bias, a_batch(2)),
    Layer(nn.MSELoss, lambda p, y: np.mean((p - y) ** 2), pairs),
    Layer(nn.L1Loss, lambda p, y: np.mean(np.abs(p - y)), pairs, (GRID, OTHER_GRID)),
    Layer(lambda: nn.HuberLoss("sum", delta=0.5), lambda p, y: np.sum(huber(p, y, 0.5)), pairs,
          (GRID, OTHER_GRID)),
    Layer(lambda: nn.BCELoss(eps=0.0), lambda p, y: np.mean(bce(p, y)), pairs, (SHARE,)),
    Layer(lambda: nn.BCEWithLogitsLoss(pos_weight=[2.0, 0.5]),
          lambda x, y, pos_weight: np.mean(bce(sigmoid(x), y, pos_weight)), pairs, (REAL, SHARE)),
    Layer(nn.CrossEntropyLoss, lambda p, y: np.mean(cross_entropy(p, y)), some_rows, (MILD,),
          (distributions, distributions)),
    Layer(lambda: nn.SoftmaxCrossEntropyLoss("none"),
          lambda x, y: cross_entropy(softmax(x), y), some_rows, (REAL,), (np.array, distributions)),
    Layer(lambda: nn.SoftmaxCrossEntropyLoss(weight=[1.0, 2.0, 0.5], label_smoothing=0.2),
          lambda x, y, weight: weighted_mean(smooth_cross_entropy(x, y, weight), y, weight),
          some_rows, (REAL,), (np.array, distributions)),
    Layer(lambda: nn.NLLLoss(weight=[1.0, 2.0, 0.5]),
          lambda x, y, weight: weighted_mean(-np.sum(weight * x * y, axis=-1), y, weight),
          some_rows, (REAL,), (logarithms, distributions)),
    Layer(nn.KLDivLoss, lambda x, y: np.mean(np.sum(y * (np.log(y) - x), axis=-1)), some_rows,
          (MILD,), (logarithms, distributions)),
    Layer(nn.BrierLoss, lambda p, y: np.mean(np.sum((p - y) ** 2, axis=-1)) / 2, some_rows,
          (MILD,), (distributions, distributions)),
    *cases_window.LAYERS,
]  # fmt: skip
