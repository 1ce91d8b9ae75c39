"""What to_onnx takes, what it writes, and what it refuses: nothing is frozen without a word."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import numpy as np
import onnx
import pytest

import autograd_lite as ag
from autograd_lite import nn
from autograd_lite.graph import op
from autograd_lite.onnx import check
from tests.onnx_runs import MORE, Applied, X, computed, exported, same, session

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

# ---- what is refused


def by_numpy(x: Any) -> Any:
    """Leaves the ops on the way."""
    return x * np.tanh(x.numpy())


def by_number(x: Any) -> Any:
    """Leaves the ops by a Python number."""
    return x * float(x.max())


def by_chance(x: Any) -> Any:
    """Draws."""
    return x + np.random.default_rng().uniform(size=(1, 4)).astype(np.float32)


def by_value(x: Any) -> Any:
    """Decides on a value."""
    return x * 2 if x.numpy()[0, 0] == X[0, 0] else x.exp()


def by_rows(x: Any) -> Any:
    """Decides on the number of rows."""
    return x * 2 if len(x) == 3 else x + 1


@pytest.mark.parametrize(
    ("function", "message"),
    [
        (by_numpy, r"`mul` in Applied at '0': an array that it takes .* depends on the values.*"),
        (by_number, r"`mul` in Applied at '0': an operand .* depends on the values.*tensors"),
        (by_chance, r"`add` in Applied at '0': an array .*at random"),
        (by_value, r"`mul` in Applied at '0': which op runs \(`mul` or `exp`\).*one path"),
        (by_rows, r"which op runs \(`mul` or `add`\) depends on the number of rows.*dynamic_batch"),
        (lambda x: x / len(x) ** 2, r"`div`.*an operand .*number of rows.*dynamic_batch=False"),
        (lambda x: x + np.arange(len(x), dtype=np.float32)[:, None], r"`add`.*number of rows"),
        (lambda x: x[x > 1], r"`getitem`.*its shape.*depends on the values"),
        (lambda x: x[: len(x) // 2], r"`getitem`.*number of rows"),
        (lambda x: x.reshape(3, 4), r"fails on one that was made.*\(6, 4\).*dynamic_batch=False"),
        (lambda x: ag.roll(x, 1, 0), r"`roll`.*grows with the batch.*dynamic_batch=False"),
        (lambda x: ag.pad(x, ((0, len(x)), (0, 0))), r"`pad`.*grows with the batch"),
        (lambda x: x.argmax(), r"the model returned \(\) int64.*expected a Tensor"),
        (lambda x: ag.tensor(x.numpy()), r"a result .*depends on the values.*frozen"),
        (lambda x: (x, x.sum()) if x.numpy()[0, 0] == X[0, 0] else (x,), r"depends on the values"),
    ],
)
def test_what_the_file_would_get_wrong_is_refused(
    function: Callable[[Any], Any], message: str
) -> None:
    """With the op, the module, the reason and the way out."""
    with pytest.raises((ValueError, TypeError), match=message):
        exported(function)


def test_squeezing_the_batch_away_is_refused() -> None:
    """An example of one row does it; the axis to squeeze must be named."""
    with pytest.raises(ValueError, match=r"`squeeze`.*form of its result.*name the axis"):
        exported(lambda x: x.squeeze(), X[:1])


def test_an_op_of_the_users_is_refused_even_under_a_known_name() -> None:
    """Ops are known by their functions."""

    @op
    def tanh(x: Any, /) -> tuple[Any, ...]:
        return np.tanh(x) / 2, lambda g: g * (1 - 4 * tanh(x) ** 2) / 2

    with pytest.raises(NotImplementedError, match=r"`tanh` in Applied at '0' has no counterpart"):
        exported(tanh)


@pytest.mark.parametrize(
    ("call", "kind", "message"),
    [
        (lambda: ag.to_onnx(3, X), TypeError, r"got model=3; expected a Module"),  # type: ignore[arg-type]
        (lambda: ag.to_onnx(nn.Tanh(), "abc"), TypeError, r"to_onnx: input 0 of the example: got"),
        (lambda: ag.to_onnx(nn.Tanh(), X, 3), TypeError, r"got path=3; expected the path"),  # type: ignore[arg-type]
        (lambda: ag.to_onnx(nn.Tanh(), X, check=X), TypeError, r"got check=.*; expected True or"),  # type: ignore[arg-type]
        (lambda: ag.to_onnx(nn.Tanh(), X, names=[1]), TypeError, r"expected a list of strings"),  # type: ignore[list-item]
        (lambda: ag.to_onnx(nn.Tanh(), X, names=["a", "b"]), ValueError, r"expected 1, each once"),
        (lambda: ag.to_onnx(nn.Linear(2, 1), X), ValueError, r"Linear\(2, 1\).*got x of shape"),
    ],
)
def test_wrong_arguments_are_refused(call: Callable[[], Any], kind: Any, message: str) -> None:
    """What the model itself says of the example is the message."""
    with pytest.raises(kind, match=message):
        call()


# ---- what it leaves as it was


def test_modes_come_back_also_after_an_error() -> None:
    """Each module its own."""
    model = nn.Sequential(nn.Dropout(0.5), nn.Sequential(nn.BatchNorm1d(4)), Applied(by_numpy))
    model[1].eval()
    before = [module.training for module in model.modules()]
    with pytest.raises(ValueError, match="Applied"):
        ag.to_onnx(model, X)
    assert [module.training for module in model.modules()] == before
    ag.to_onnx(model[:2], X)
    assert [module.training for module in model.modules()] == before


class Counter(nn.Module):
    """A module that changes itself also in evaluation mode."""

    calls: ag.Tensor

    def __init__(self) -> None:
        self.register_buffer("calls", [0.0])
        self.scale = nn.Parameter([2.0])

    def forward(self, x: Any) -> Any:
        """Count."""
        self.calls = self.calls + 1
        self.scale.data[...] += 1
        return x * self.scale


def test_a_model_that_changes_itself_is_refused_and_as_it_was() -> None:
    """A file has no state."""
    model = nn.Sequential(Counter())
    with pytest.raises(ValueError, match=r"changes '0.scale', '0.calls' when it runs.*no state"):
        ag.to_onnx(model, X)
    assert {name: a.tolist() for name, a in model.state_dict().items()} == {
        "0.scale": [2.0],
        "0.calls": [0.0],
    }


def test_a_model_that_somebody_looks_at_is_exported() -> None:
    """By their names: parameters whose arrays are held, in a block that is watched."""
    model = nn.Sequential(nn.Linear(4, 2), nn.Tanh())
    held = [parameter.data for parameter in model.parameters()]
    with ag.profile() as report:
        proto = ag.to_onnx(model, X)
    assert {row.name for row in report.rows} == {"linear"}
    assert len(held) == len(proto.graph.initializer) == 2
    held[0][...] = 7
    assert not np.any(onnx.numpy_helper.to_array(proto.graph.initializer[0]) == 7)
    assert (model(X).detach().numpy() != computed(session(proto), [X])[0]).any()


def test_the_example_may_be_a_tensor_that_requires_a_gradient() -> None:
    """No gradient is recorded, and the example is not changed."""
    x = ag.tensor(X, requires_grad=True)
    same(session(ag.to_onnx(nn.SiLU(), x)), nn.SiLU(), [MORE])
    assert x.grad is None
    np.testing.assert_array_equal(x.detach().numpy(), X)


# ---- what it writes


def test_the_file_holds_the_model(tmp_path: Path) -> None:
    """Whole, and nothing else is left in the folder; an error leaves the old one."""
    path = tmp_path / "model.onnx"
    proto = ag.to_onnx(nn.Tanh(), X, path)
    assert onnx.load(path) == proto
    with pytest.raises(ValueError, match="depends on"):
        ag.to_onnx(by_numpy, X, path)
    assert onnx.load(path) == proto
    assert [p.name for p in tmp_path.iterdir()] == ["model.onnx"]
    with pytest.raises(FileNotFoundError):
        ag.to_onnx(nn.Tanh(), X, tmp_path / "missing" / "model.onnx")


def test_nodes_and_values_have_names_to_read() -> None:
    """The path of the module before each node; inputs by `forward`, or as given."""
    model = nn.Sequential(nn.Linear(4, 2), nn.Sequential(nn.Tanh(), nn.Linear(2, 1)))
    graph = ag.to_onnx(model, X).graph
    assert [node.name for node in graph.node] == [
        "0/MatMul",
        "0/Add",
        "1.0/Tanh",
        "1.1/MatMul",
        "1.1/Add",
    ]
    assert [value.name for value in (*graph.input, *graph.output)] == ["x", "output"]
    graph = ag.to_onnx(lambda a: {"left": a * 2, "right": a}, X, names=["pixels"]).graph
    assert [value.name for value in (*graph.input, *graph.output)] == ["pixels", "left", "right"]


def test_float64_into_a_float32_model_is_cast_at_the_door() -> None:
    """In the file as here: the input of the file has the dtype of the example."""
    proto = ag.to_onnx(nn.Linear(4, 2), X.astype(np.float64))
    assert [node.op_type for node in proto.graph.node] == ["Cast", "MatMul", "Add"]


def test_half_precision_is_exported_too() -> None:
    """And compared by what it can tell."""
    model = nn.Sequential(nn.Linear(4, 2), nn.GELU(), nn.LeakyReLU(), nn.ELU()).to("float16")
    proto = ag.to_onnx(model, X.astype(np.float16))
    found = computed(session(proto), [MORE.astype(np.float16)])[0]
    np.testing.assert_allclose(found, model(MORE).detach().numpy(), atol=1e-2)


def test_dtypes_that_nobody_computes_in_are_an_error() -> None:
    """Of onnxruntime's, unless it is not asked for; or of ONNX itself."""
    x = np.ones((2, 2), np.uint16)
    with pytest.raises(RuntimeError, match=r"does not run this model.*check=False"):
        ag.to_onnx(ag.tril, x)
    onnx.checker.check_model(ag.to_onnx(ag.tril, x, check=False), full_check=True)
    with pytest.raises(NotImplementedError, match=r"ReduceMax.*tensor\(uint16\).*astype"):
        ag.to_onnx(lambda x: x.max(), x)


def test_a_file_that_computes_something_else_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    """Unless it is not asked for."""
    proto = ag.to_onnx(nn.Tanh(), X)
    with pytest.raises(RuntimeError, match=r"computes another output of .*a difference of 0.\d+"):
        check.compare(proto, [({"x": X}, [np.sin(X)])])
    with pytest.raises(RuntimeError, match=r"\(3, 4\) float32 for \(4,\) float32"):
        check.compare(proto, [({"x": X}, [X[0]])])
    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    check.compare(proto, [({"x": X}, [np.sin(X)])])  # nothing to compare with


def test_without_onnx_the_error_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    """And the function."""
    monkeypatch.setitem(sys.modules, "onnx", None)
    with pytest.raises(ImportError, match=r'to_onnx.*pip install "autograd-lite\[onnx\]"'):
        ag.to_onnx(nn.Tanh(), X)
