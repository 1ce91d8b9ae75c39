"""The way from a model to an ONNX file: run it, compare the runs, write the nodes, check them."""

from __future__ import annotations

import os
from contextlib import contextmanager, nullcontext
from typing import TYPE_CHECKING, Any

import numpy as np

from autograd_lite.errors import describe
from autograd_lite.nn import Module
from autograd_lite.nn.state import kept_modes
from autograd_lite.onnx.check import compare
from autograd_lite.onnx.examples import arrays_of, batched, input_names, varied
from autograd_lite.onnx.graph import load
from autograd_lite.onnx.merge import Run, merge
from autograd_lite.onnx.trace import Place, Trace
from autograd_lite.onnx.write import write
from autograd_lite.replace import replacing
from autograd_lite.tensor import Tensor

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from autograd_lite.onnx.examples import Arrays


def to_onnx(
    model: Callable[..., Any],
    example: Any,
    path: str | os.PathLike[str] | None = None,
    *,
    dynamic_batch: bool = True,
    names: Sequence[str] | None = None,
    check: bool = True,
) -> Any:
    """Write a model in evaluation mode as ONNX (opset 20, for onnxruntime 1.17 and later).

    The model runs on the example and on others that are made of it, with other values and other
    numbers of rows; the ops that it calls become nodes. So any module made of autograd_lite's
    functions can be written. What would make the file compute something else is an error: a path
    that depends on values, a number that was computed from the input by NumPy. Parameters and
    buffers keep their dotted names. A model in training mode is put in evaluation mode, and back.

    Args:
        model: a Module, or a function of tensors.
        example: what it is called with: an array or a tensor, a tuple of them for several. The file
            takes inputs of its dtype and shape. Varied values find more mistakes than zeros.
        path: the file to write, whole or not at all; None to write none.
        dynamic_batch: whether the first axis may have any size in the file: that of the first
            input that has axes, and of all inputs that are as long as it.
        names: the names of the inputs; those of the arguments of `forward` unless given.
        check: whether to run the file in onnxruntime, where that is installed, and compare the
            results of all examples.

    Returns:
        The `onnx.ModelProto`.

    Raises:
        ImportError: when the package onnx is not installed.
        TypeError: when the model returns anything but tensors, the example is not numeric, or an
            argument is of another kind.
        ValueError: when the result would depend on more than the values of the inputs.
        NotImplementedError: when an op has no counterpart, or not in its dtype.
        RuntimeError: when onnxruntime computes something else.

    Example:
        >>> import numpy as np
        >>> import autograd_lite as ag
        >>> from autograd_lite import nn
        >>> model = nn.Sequential(nn.Linear(2, 3), nn.Tanh(), nn.Linear(3, 1))
        >>> proto = ag.to_onnx(model, np.ones((4, 2), "float32"))
        >>> [node.op_type for node in proto.graph.node]
        ['MatMul', 'Add', 'Tanh', 'MatMul', 'Add']
        >>> sorted(array.name for array in proto.graph.initializer)
        ['0.bias', '0.weight', '2.bias', '2.weight']
    """
    load()
    _check("model", model, callable(model), "a Module, or a function of tensors")
    is_path = path is None or isinstance(path, (str, os.PathLike))
    _check("path", path, is_path, "the path of a file, or None")
    for name, switch in (("dynamic_batch", dynamic_batch), ("check", check)):
        _check(name, switch, isinstance(switch, (bool, np.bool_)), "True or False")
    listed = isinstance(names, (list, tuple)) and all(isinstance(name, str) for name in names)
    _check("names", names, names is None or listed, "a list of strings, or None")
    arrays = arrays_of(example)
    given = list(input_names(model, len(arrays)) if names is None else names)
    if len(set(given)) != len(given) or len(given) != len(arrays):
        message = f"to_onnx: got names={given}; expected {len(arrays)}, each once: one an input"
        raise ValueError(message)
    batch = batched(arrays) if dynamic_batch else [False] * len(arrays)
    modes = kept_modes(model) if isinstance(model, Module) else nullcontext()
    with modes, _unchanged(model):
        if isinstance(model, Module):
            model.eval()
        runs = _runs(model, arrays, batch)
    program = merge(runs[:2])  # of other values
    if any(batch):
        program = merge([runs[0], *runs[2:]])  # of other numbers of rows
    proto = write(_state(model), program, arrays, given, batch)
    _check_valid(proto)
    if check:
        compare(proto, [(dict(zip(given, run.inputs, strict=True)), run.results) for run in runs])
    if path is not None:
        with replacing(path) as file:
            file.write(proto.SerializeToString())
    return proto


def _check(name: str, value: Any, is_right: bool, expected: str) -> None:
    if not is_right:
        message = f"to_onnx: got {name}={describe(value)}; expected {expected}"
        raise TypeError(message)


@contextmanager
def _unchanged(model: Any) -> Iterator[None]:
    """Refuse a model whose parameters or buffers change inside, and restore them."""
    before = {name: tensor._data for name, tensor in _state(model).items()}
    try:
        yield
    finally:
        changed = [
            repr(name)
            for name, tensor in _state(model).items()
            if not (tensor._data is before[name] or np.array_equal(tensor._data, before[name]))
        ]
        if changed:
            model.load_state_dict(before)
    if changed:
        message = (
            f"to_onnx: the model changes {', '.join(changed)} when it runs in evaluation mode, and"
            " a file has no state: do so `if self.training`, or give and return it"
        )
        raise ValueError(message)


def _state(model: Any) -> dict[str, Tensor]:
    """The parameters and buffers by name."""
    if not isinstance(model, Module):
        return {}
    return {**dict(model.named_parameters()), **dict(model.named_buffers())}


def _runs(model: Callable[..., Any], arrays: Arrays, batch: Sequence[bool]) -> list[Run]:
    """Runs of the example, of other values, and of two other numbers of rows."""
    rows = next((len(array) for array in arrays if array.ndim), 0)
    runs = [_run(model, arrays, rows)]
    for seed, count in enumerate([rows, rows + 3, rows + 7] if any(batch) else [rows]):
        example = varied(arrays, batch, count, seed)
        try:
            runs.append(_run(model, example, count))
        except Exception as error:
            shapes = ", ".join(describe(array) for array in example)
            hint = (
                "give an example with other values"
                if count == rows
                else "the first axis must take any size, or give dynamic_batch=False"
            )
            message = (
                f"to_onnx: the model takes the example, and fails on one that was made of it,"
                f" {shapes}: {error}; {hint}"
            )
            raise ValueError(message) from error
    return runs


def _run(model: Callable[..., Any], arrays: Arrays, rows: int) -> Run:
    """One run, written down."""
    tensors = [Tensor(array) for array in arrays]
    places = {}
    if isinstance(model, Module):
        places = {id(m): Place(name, type(m).__name__) for name, m in model.named_modules()}
    trace = Trace([tensor._data for tensor in tensors], _state(model), places)
    with np.errstate(all="ignore"):  # a made-up example may leave the domain of a logarithm
        outputs = trace.run(model, tensors)
    refs = {name: trace.ref(tensor._data) for name, tensor in outputs.items()}
    return Run(rows, arrays, trace, refs, [tensor._data for tensor in outputs.values()])


def _check_valid(proto: Any) -> None:
    onnx = load()
    try:
        onnx.checker.check_model(proto, full_check=True)
    except (onnx.checker.ValidationError, onnx.shape_inference.InferenceError) as error:
        message = (
            f"to_onnx: the model is none that ONNX knows: {error}; expected dtypes that its ops"
            " have, as float32 and int64: convert by astype()"
        )
        raise NotImplementedError(message) from error
