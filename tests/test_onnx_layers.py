"""Every layer of nn, exported, computes in onnxruntime what it computes here.

The layers are those of tests/cases_nn.py, which a test there holds to be all.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import onnx
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

import autograd_lite as ag
from autograd_lite import nn
from tests.cases_nn import LAYERS
from tests.onnx_runs import same, session

if TYPE_CHECKING:
    from tests.case import Layer

FEWER = settings(max_examples=settings().max_examples // 3)  # an export takes 10 ms
EXPORTED = [layer for layer in LAYERS if not isinstance(layer.make(), nn.Loss)]

DTYPES = st.sampled_from(["float32", "float64"])
SHAPES = st.sampled_from([(1,), (2,), (4, 1), (3, 2), (1, 2, 2)])


def a_batch(shape: tuple[int, ...], dtype: str, seed: int) -> Any:
    """Values around 0."""
    return np.random.default_rng(seed).uniform(-3, 3, shape).astype(dtype)


@pytest.mark.parametrize("layer", EXPORTED, ids=repr)
@FEWER
@given(data=st.data())
def test_every_layer_gives_the_same_in_onnxruntime(layer: Layer, data: st.DataObject) -> None:
    """On the drawn example, and on other numbers of rows."""
    dtype = data.draw(DTYPES)
    example = [np.asarray(array) for array in layer.draw(data.draw, dtype)]
    model = layer.made(dtype)
    training = model.training
    proto = ag.to_onnx(model, tuple(example), check=False)
    assert model.training == training
    onnx.checker.check_model(proto, full_check=True)
    sums = any(node.op_type == "Einsum" for node in proto.graph.node)
    assume(not sums or all(array.size for array in example))  # which ends onnxruntime
    running = session(proto)
    model.eval()
    same(running, model, example)
    if all(array.ndim and len(array) for array in example):
        rows = data.draw(st.integers(1, 5))
        same(running, model, [np.resize(array, (rows, *array.shape[1:])) for array in example])


@given(shape=SHAPES, dtype=DTYPES, rows=st.integers(0, 4), seed=st.integers(0, 99))
def test_layers_of_features_take_any_axes_before_them(
    shape: tuple[int, ...], dtype: str, rows: int, seed: int
) -> None:
    """A network of those that work on the last axis."""
    ag.manual_seed(seed)
    model = nn.Sequential(
        nn.Linear(3, 4),
        nn.LayerNorm(4),
        nn.Sequential(nn.Linear(4, 5, bias=False), nn.LeakyReLU(0.1)),
        nn.Sequential(nn.Linear(5, 2), nn.LeakyReLU(-0.1), nn.Softplus(2.0)),
        nn.Softmax(),
    ).to(dtype)
    proto = ag.to_onnx(model, a_batch((*shape, 3), dtype, seed))
    running = session(proto)
    same(running, model, [a_batch((*shape, 3), dtype, seed + 1)])
    same(running, model, [a_batch((rows, *shape[1:], 3), dtype, seed + 2)])


@given(rows=st.integers(0, 4), dtype=DTYPES, seed=st.integers(0, 99))
def test_a_whole_network_takes_any_number_of_rows(rows: int, dtype: str, seed: int) -> None:
    """Numbers in, through a table, normalised, flattened; its averages are used, not changed."""
    ag.manual_seed(seed)
    model = nn.Sequential(
        nn.Embedding(7, 3, padding_idx=0),
        nn.BatchNorm1d(5),
        nn.Flatten(),
        nn.Dropout(0.5),
        nn.Linear(15, 6, init_method="he"),
        nn.BatchNorm1d(6),
        nn.GELU(),
        nn.Linear(6, 2),
        nn.LogSoftmax(),
    ).to(dtype)
    generator = np.random.default_rng(seed)
    for _ in range(3):
        model(generator.integers(0, 7, (4, 5)))
    before = model.state_dict()
    proto = ag.to_onnx(model, generator.integers(0, 7, (2, 5)))
    for name, value in model.state_dict().items():
        np.testing.assert_array_equal(value, before[name])
    same(session(proto), model.eval(), [generator.integers(0, 7, (rows, 5))])


def test_a_module_that_is_used_twice_has_its_parameters_once() -> None:
    """By the name that `named_parameters` gives them."""
    shared = nn.Linear(3, 3)
    model = nn.Sequential(shared, nn.Tanh(), shared, nn.Sequential(nn.ReLU(), shared))
    proto = ag.to_onnx(model, np.ones((2, 3), np.float32))
    assert [array.name for array in proto.graph.initializer] == ["0.weight", "0.bias"]
    same(session(proto), model, [a_batch((5, 3), "float32", 0)])


class Two(nn.Module):
    """Two inputs, two results."""

    def __init__(self) -> None:
        self.mix = nn.Bilinear(2, 3, 4)
        self.heads = {"mean": nn.Linear(4, 1), "scale": nn.Linear(4, 1)}

    def forward(self, x: Any, z: Any) -> Any:
        """The results of both heads, and what they share."""
        y = self.mix(x, z).tanh()
        return self.heads["mean"](y), self.heads["scale"](y).exp(), y, x


def test_several_inputs_and_outputs_have_names() -> None:
    """Those of the arguments, and numbers; a result that is another's operand stays one."""
    model = Two()
    proto = ag.to_onnx(model, (np.ones((2, 2), np.float32), np.ones((2, 3), np.float32)))
    assert [i.name for i in proto.graph.input] == ["x", "z"]
    assert [o.name for o in proto.graph.output] == [f"output_{i}" for i in range(4)]
    assert {"mix.weight", "heads.mean.bias"} < {i.name for i in proto.graph.initializer}
    same(session(proto), model, [a_batch((5, 2), "float32", 0), a_batch((5, 3), "float32", 1)])
