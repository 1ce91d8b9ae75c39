"""What to_onnx takes, what it writes, and what it refuses: nothing is frozen without a word."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import numpy as np
import onnx
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

import autograd_lite as ag
from autograd_lite import nn
from autograd_lite.graph import op
from autograd_lite.onnx import check
from tests.onnx_runs import computed, same, session
from tests.strategies import an_index

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

X = np.random.default_rng(0).uniform(0.5, 2.0, (3, 4)).astype(np.float32)
MORE = np.random.default_rng(1).uniform(0.5, 2.0, (8, 4)).astype(np.float32)


class Applied(nn.Module):
    """A module of one function."""

    def __init__(self, function: Callable[..., Any]) -> None:
        self.function = function

    def forward(self, x: Any) -> Any:
        """The function."""
        return self.function(x)


def exported(function: Callable[..., Any], example: Any = X, **options: Any) -> Any:
    """A session of a model around a function."""
    return session(ag.to_onnx(nn.Sequential(Applied(function)), example, **options))


# ---- other numbers of rows

POSITIONS = nn.Embedding(4, 2)

GROWING: list[Callable[[Any], Any]] = [
    lambda x: x.reshape(-1),
    lambda x: x.reshape(x.shape[0], 2, 2),
    lambda x: x.reshape(len(x) * 2, 2),
    lambda x: x.reshape(2 * len(x), -1).sum(axis=1).reshape(len(x), 2),
    lambda x: x.reshape(1, len(x), 2, 2).transpose(1, 0, 3, 2),
    lambda x: x.mean(axis=0) + x,
    lambda x: x - x.mean(),
    lambda x: x.var(axis=0, ddof=1) + x.std(ddof=1),
    lambda x: x @ x.T,
    lambda x: ag.einsum("ij,kj->ik", x, x),
    lambda x: x[-1] + x[0] + x[:, 1:3].sum(),
    lambda x: x[1:] - x[:-1],
    lambda x: x[::-1, ::2],
    lambda x: x[: len(x) - 1] + x[len(x) - 1],
    lambda x: x[0 : len(x)],
    lambda x: ag.concatenate([x, x * 2], 0),
    lambda x: ag.concatenate([x, np.zeros((1, 4), np.float32)], 0),
    lambda x: ag.concatenate([x, ag.zeros(len(x), 3)], 1),
    lambda x: x + np.broadcast_to(np.arange(4, dtype=np.float32), x.shape),
    lambda x: x[..., None] + POSITIONS(np.broadcast_to(np.arange(4), x.shape)),
    lambda x: ag.broadcast_to(x[:1], x.shape) * x,
    lambda x: ag.pad(x, ((1, 0), (0, 2))),
    lambda x: ag.flip(x, 0) + ag.roll(x, 1, 1),
    lambda x: ag.stack([x, x], 0),
    lambda x: ag.cumsum(x, 0),
    ag.cumsum,
    lambda x: x.sum(axis=0) / len(x) + (x > len(x)),
    lambda x: x.reshape(len(x), 2, 2).diagonal(0, 1, 2),
    lambda x: x.expand_dims(0).squeeze(0),
    lambda x: ag.where(x > 1, x, 0.0) + (x * 2 > 3) * x,
    lambda x: x[:, [0, 2, 2]] + x[:, np.array([True, False, True, True])],
    lambda x: x.reshape(-1, 2, 2)[:, [0, 1], [1, 0]],
    lambda x: (x * 100).astype("int64") // 7 % 5,
    lambda x: x.detach() * x.max(axis=0),
    lambda x: ag.maximum(x, 1) ** 2 / np.float32(3) - 1 / x,
    lambda x: np.exp(-x) + np.sum(x, axis=1, keepdims=True),
]


@pytest.mark.parametrize("function", GROWING, ids=range(len(GROWING)))
@pytest.mark.parametrize("rows", [1, 3])
def test_a_model_takes_other_numbers_of_rows(function: Callable[[Any], Any], rows: int) -> None:
    """Whatever it does with the batch, also from an example of one row."""
    model = Applied(function)
    if rows == 1:
        try:
            function(ag.tensor(X[:1]))
        except (ValueError, IndexError, RuntimeWarning):
            pytest.skip("takes no single row")
    with np.errstate(all="ignore"):
        running = exported(function, X[:rows])
        same(running, model, [MORE])
        same(running, model, [X[:2]])


def test_a_model_of_one_size_takes_no_other() -> None:
    """With `dynamic_batch=False`, and inputs that have no batch."""
    proto = ag.to_onnx(nn.Linear(4, 2), X, dynamic_batch=False)
    sizes = [size.dim_value for size in proto.graph.input[0].type.tensor_type.shape.dim]
    assert sizes == [3, 4]
    model = nn.Linear(4, 2)
    same(session(ag.to_onnx(model, X[0], dynamic_batch=False)), model, [MORE[0]])


def test_inputs_of_another_length_have_no_batch() -> None:
    """Here a table beside a batch of numbers, and a scale."""

    def model(index: Any, table: Any, scale: Any) -> Any:
        return table[index] * scale

    index, scale = np.array([1, 0, 4]), np.array(2.0, np.float32)
    proto = ag.to_onnx(model, (index, MORE[:5], scale))
    first = [i.type.tensor_type.shape.dim[0].dim_param for i in proto.graph.input[:2]]
    assert first == ["batch", ""]
    same(session(proto), model, [np.array([4, 4, 0, 1, 2, 3]), MORE[:5], scale])


@settings(max_examples=40)
@given(data=st.data())
def test_any_index_picks_the_same(data: st.DataObject) -> None:
    """Beside the axis of the batch."""
    index = an_index(data.draw, [(2, 3, 4)])["index"]
    beside = index if isinstance(index, tuple) else (index,)
    assume(all(np.ndim(part) or not isinstance(part, np.ndarray) for part in beside))
    model = Applied(lambda x: x[:, *beside])
    x = np.arange(72, dtype=np.float32).reshape(3, 2, 3, 4)
    running = session(ag.to_onnx(model, x))
    np.testing.assert_array_equal(computed(running, [x])[0], x[:, *beside])
    more = np.arange(120, dtype=np.float32).reshape(5, 2, 3, 4)
    np.testing.assert_array_equal(computed(running, [more])[0], more[:, *beside])


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
        (lambda: ag.to_onnx(3, X), TypeError, r"got 3; expected a Module"),  # type: ignore[arg-type]
        (lambda: ag.to_onnx(nn.Tanh(), "abc"), TypeError, r"to_onnx: input 0 of the example: got"),
        (lambda: ag.to_onnx(nn.Tanh(), X, 3), TypeError, r"got path=3; expected the path"),  # type: ignore[arg-type]
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
