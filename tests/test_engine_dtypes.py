"""Single precision stays single precision, in results and in gradients of every order."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

import autograd_lite as ag
from autograd_lite import engine

if TYPE_CHECKING:
    from collections.abc import Callable

X = np.array([0.5, 0.75, 1.25])


def leaf(dtype: str) -> ag.Tensor:
    """A tensor that requires a gradient."""
    return ag.tensor(X.astype(dtype), requires_grad=True)


KEEP = [
    lambda x: 2 * x + 1 - x / 3,
    lambda x: 1.5 / x,
    lambda x: (1 - x) ** 2,
    lambda x: x**0.5,
    lambda x: 2.0**x,
    lambda x: x**x,
    lambda x: ag.exp(x) * ag.log(x) + ag.log1p(x) * ag.expm1(x),
    lambda x: ag.sin(x) * ag.cos(x) + ag.tan(x),
    lambda x: ag.tanh(x) + ag.sigmoid(x) + ag.softplus(x),
    lambda x: ag.relu(x) + ag.leaky_relu(x, 0.3) * x,
    lambda x: ag.sqrt(x) + ag.abs(x),
    lambda x: ag.maximum(x, 1) * ag.minimum(x, 2.0),
    lambda x: ag.clip(x, 0.7, 2) * ag.where(x > 1, x, 0.0),
    lambda x: x.mean() * x.var() * x.std() * x.sum(),
    lambda x: x.prod() * x.max() * x.min(),
    lambda x: x.cumsum() * ag.norm(x) * ag.norm(x, 3),
    lambda x: ag.softmax(x) * ag.log_softmax(x) * ag.logsumexp(x),
    lambda x: x[[0, 0, 1]] * x[x > 1].sum() * x[::-1],
    lambda x: ag.outer(x, x) @ x,
    lambda x: ag.einsum("i,i,j->j", x, x, x),
    lambda x: ag.tensordot(x, x, 1) * ag.dot(x, x),
    lambda x: ag.concatenate([x, x * x]) * ag.stack([x, x]).reshape(6),
    lambda x: ag.pad(x * x, 1)[2:] * ag.roll(x * x, 1).sum(),
    lambda x: ag.trace(ag.outer(x, x)) * ag.tril(ag.outer(x, x)),
    lambda x: x * np.float16(2) * True,
]


@pytest.mark.parametrize("dtype", ["float32", "float16"])
@pytest.mark.parametrize("f", KEEP)
def test_single_precision_stays_at_every_order(
    f: Callable[[ag.Tensor], ag.Tensor], dtype: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Results and gradients, with Python numbers; no step on the way is taken in another dtype."""

    def refuse(p: Any, wanted: Any) -> Any:
        pytest.fail(f"a rule returned {p.dtype} for {wanted}")

    x = leaf(dtype)
    y = f(x)
    assert y.dtype == dtype
    y = y.sum()
    monkeypatch.setattr(engine, "astype", refuse)
    for _ in range(3):
        (y,) = ag.grad(y, x, np.ones(y.shape, dtype), create_graph=True, allow_unused=True)
        assert y.dtype == dtype
        assert y.shape == x.shape
    monkeypatch.undo()


@pytest.mark.parametrize("create_graph", [False, True])
def test_operands_of_several_dtypes_get_gradients_of_their_own(create_graph: bool) -> None:
    """Each in that of its tensor."""
    half, single, double = leaf("float16"), leaf("float32"), leaf("float64")
    integer = ag.tensor([1, 2, 3])
    y = half * single * double * integer
    assert y.dtype == np.float64
    for x, g in zip(
        (half, single, double),
        ag.grad(y.sum(), [half, single, double], create_graph=create_graph),
        strict=True,
    ):
        assert g.dtype == x.dtype
        assert np.allclose(g.numpy(), X * X * [1, 2, 3], rtol=1e-2)


def test_an_explicit_conversion_converts_the_gradient_back() -> None:
    """From and to single precision; a conversion to integers has none."""
    x = leaf("float32")
    (g,) = ag.grad((x.astype("float64") ** 2).sum(), x)
    assert g.dtype == np.float32
    assert not x.astype("int64").requires_grad
