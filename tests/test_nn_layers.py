"""Linear and the activations."""

import re
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import autograd_lite as ag
from autograd_lite import nn

ACTIVATIONS: list[tuple[nn.Module, Any]] = [
    (nn.ReLU(), lambda x: np.where(x > 0, x, 0)),
    (nn.LeakyReLU(), lambda x: np.where(x > 0, x, 0.01 * x)),
    (nn.LeakyReLU(alpha=0.3), lambda x: np.where(x > 0, x, 0.3 * x)),
    (nn.Sigmoid(), lambda x: 1 / (1 + np.exp(-x))),
    (nn.Tanh(), np.tanh),
]


@given(
    batch=st.lists(st.integers(0, 3), max_size=3),
    sizes=st.tuples(st.integers(1, 4), st.integers(1, 4)),
    bias=st.booleans(),
)
def test_linear_is_the_affine_map(batch: list[int], sizes: tuple[int, int], bias: bool) -> None:
    """Linear gives x W + b along the last axis, and keeps every leading axis."""
    layer = nn.Linear(*sizes, bias=bias, dtype="float64")
    if layer.bias is not None:
        layer.bias.data[:] = np.arange(sizes[1])
    x = np.random.default_rng(0).standard_normal((*batch, sizes[0]))
    expected = x @ layer.weight.numpy() + (np.arange(sizes[1]) if bias else 0)
    y = layer(x)
    assert y.shape == (*batch, sizes[1])
    np.testing.assert_allclose(y.numpy(), expected, atol=1e-14)


def test_linear_has_the_gradients_of_document_2() -> None:
    """dW = X^T dZ, db = sum of dZ over the batch, dX = dZ W^T."""
    layer = nn.Linear(3, 2, dtype="float64")
    x = ag.randn(5, 3, dtype="float64", requires_grad=True)
    dz = np.random.default_rng(0).standard_normal((5, 2))
    layer(x).backward(dz)
    assert layer.bias is not None
    assert layer.weight.grad is not None
    assert layer.bias.grad is not None
    assert x.grad is not None
    np.testing.assert_allclose(layer.weight.grad.numpy(), x.detach().numpy().T @ dz)
    np.testing.assert_allclose(layer.bias.grad.numpy(), dz.sum(axis=0, keepdims=True))
    np.testing.assert_allclose(x.grad.numpy(), dz @ layer.weight.detach().numpy().T)


def test_linear_begins_with_the_documents_shapes() -> None:
    """The weight is (in, out), the bias a row of zeros."""
    layer = nn.Linear(2, 3)
    assert layer.weight.shape == (2, 3)
    assert layer.bias is not None
    assert layer.bias.shape == (1, 3)
    assert not layer.bias.any()
    assert nn.Linear(2, 3, bias=False).bias is None


@pytest.mark.parametrize("dtype", ["float16", "float64", "int64", "uint8", "bool"])
def test_data_is_cast_at_the_door(dtype: str) -> None:
    """Whatever comes in, a float32 layer computes in float32, and a tensor's gradient goes back."""
    layer = nn.Linear(2, 3)
    assert layer(np.ones((4, 2), dtype)).dtype == np.float32
    x = ag.tensor(np.ones((4, 2), dtype))
    x.requires_grad = x.dtype.kind == "f"
    y = layer(x)
    assert y.dtype == np.float32
    y.sum().backward()
    if x.requires_grad:
        assert x.grad is not None
        assert x.grad.dtype == x.dtype


@pytest.mark.parametrize(
    ("shape", "got"), [((5, 3), "3 features"), ((2, 1), "1 features"), ((), "no axis of features")]
)
def test_a_wrong_feature_count_is_refused(shape: tuple[int, ...], got: str) -> None:
    """The error names the layer, where it is in the model, and both sizes."""
    model = nn.Sequential(nn.Tanh(), nn.Linear(2, 7))
    names = [name for name, _ in model.named_parameters()]
    assert names == ["1.weight", "1.bias"]
    message = f"Linear(2, 7) at '1': got x of shape {shape}, {got}; expected (..., 2)"
    with pytest.raises(ValueError, match=re.escape(message)):
        model(np.zeros(shape))


@pytest.mark.parametrize("size", [0, -1, 2.0, True, "3"])
def test_a_size_is_a_positive_integer(size: Any) -> None:
    """The error quotes the size."""
    with pytest.raises(ValueError, match=rf"Linear: got in_features={size!r}; expected an integer"):
        nn.Linear(size, 1)
    with pytest.raises(
        ValueError, match=rf"Linear: got out_features={size!r}; expected an integer"
    ):
        nn.Linear(1, size)


def test_linear_takes_its_dtype() -> None:
    """The given dtype holds for both parameters, and an integer one is refused."""
    assert {p.dtype for p in nn.Linear(2, 3, dtype="float64").parameters()} == {np.dtype("f8")}
    with pytest.raises(TypeError, match="Linear: got dtype int32; expected float16, float32"):
        nn.Linear(2, 3, dtype=np.int32)


@pytest.mark.parametrize(
    ("module", "reference"),
    ACTIVATIONS,
    ids=lambda v: repr(v) if isinstance(v, nn.Module) else v.__name__,
)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_activations_agree_with_numpy(module: nn.Module, reference: Any, dtype: Any) -> None:
    """Arrays and tensors give a tensor of the reference's values, in the input's dtype."""
    x = np.linspace(-3, 3, 12, dtype=dtype).reshape(3, 4)
    for given_x in (x, ag.tensor(x)):
        y = module(given_x)
        assert isinstance(y, ag.Tensor)
        assert y.dtype == dtype
        np.testing.assert_allclose(y.numpy(), reference(x), rtol=1e-5)


def test_the_slope_at_zero_is_alpha() -> None:
    """LeakyReLU takes its lower slope at x = 0, as document 1 does; ReLU takes 0."""
    for module, slope in ((nn.LeakyReLU(alpha=0.25), 0.25), (nn.ReLU(), 0.0)):
        x = ag.tensor(0.0, requires_grad=True)
        module(x).backward()
        assert x.grad is not None
        assert x.grad.item() == slope
