"""A program as a graph: each of its steps by what writes the op, and the frame around them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from autograd_lite.onnx import elementwise, form, functions, index, layers, reduce, shape, windows
from autograd_lite.onnx.graph import Graph, Value, load
from autograd_lite.onnx.merge import Growing, Program, Repeated
from autograd_lite.onnx.table import takes_growing, writer
from autograd_lite.onnx.trace import Ref, Step

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from autograd_lite.onnx.merge import Size
    from autograd_lite.tensor import Tensor

OPSET = 20
WRITERS = (elementwise, form, functions, index, layers, reduce, shape, windows)
IR_VERSION = 9  # the oldest that has this opset: a runtime refuses files that are newer than it


def write(
    state: dict[str, Tensor],
    program: Program,
    arrays: Sequence[NDArray[Any]],
    names: Sequence[str],
    batch: Sequence[bool],
) -> Any:
    """The model as an `onnx.ModelProto`."""
    helper = load().helper
    writing = _Writing(state, program)
    graph = writing.graph
    inputs = []
    for i, (name, array) in enumerate(zip(names, arrays, strict=True)):
        value = Value(graph.unique(name), array.dtype, program.inputs[i])
        writing.values[Ref("input", i)] = value
        if batch[i] and graph.batch is None:
            graph.batch = value
        inputs.append(_declared(helper, value))
    for i, step in enumerate(program.steps):
        writing.values[Ref("step", i)] = writing.step(step)
    graph.place = ""
    outputs = []
    renamed: dict[str, str] = {}
    for name, ref in program.outputs.items():
        value = writing.value(ref)
        result = value._replace(name=graph.unique(name))
        source = renamed.get(value.name, value.name)
        if source == value.name and any(source in node.output for node in graph.nodes):
            graph.rename(source, result.name)
            renamed[source] = result.name
        else:
            graph.nodes.append(helper.make_node("Identity", [source], [result.name]))
        outputs.append(_declared(helper, result))
    whole = helper.make_graph(graph.nodes, "model", inputs, outputs, graph.initializers)
    opset = helper.make_opsetid("", OPSET)
    return helper.make_model(
        whole, opset_imports=[opset], ir_version=IR_VERSION, producer_name="autograd_lite"
    )


class _Writing:
    """What is known while a program is written.

    Attributes:
        graph: the graph so far.
        values: the arrays in it, by where they came from.
    """

    def __init__(self, state: dict[str, Tensor], program: Program) -> None:
        self.graph = Graph()
        self.values: dict[Ref, Value] = {}
        self._state, self._program = state, program

    def step(self, step: Step) -> Value:
        """Write one op."""
        write_op = writer(step.function)
        if write_op is None:
            raise NotImplementedError(_missing(step))
        settings = self._live(step.settings)
        if not takes_growing(write_op) and _grows(settings):
            message = (
                f"to_onnx: `{step.name}`{step.place}: a setting grows with the batch, {settings};"
                " give dynamic_batch=False for a model of one size"
            )
            raise ValueError(message)
        self.graph.place = step.place.name
        out = Value("", step.dtype, step.shape)
        name = write_op(self.graph, out, *map(self._live, step.operands), **settings)
        return out._replace(name=name)

    def value(self, ref: Ref) -> Value:
        """The array that came from `ref`, which enters the graph when it is first asked for."""
        if ref not in self.values:
            self.values[ref] = self._entered(ref)
        return self.values[ref]

    def _entered(self, ref: Ref) -> Value:
        graph = self.graph
        if ref.kind == "state":
            array = self._state[str(ref.key)]._data
            return Value(graph.array(array, str(ref.key)), array.dtype, array.shape)
        constant = self._program.constants[int(ref.key)]
        if isinstance(constant, Repeated):
            core = graph.array(constant.core)
            name = graph.node("Expand", core, graph.sizes(constant.shape))
            return Value(name, constant.core.dtype, constant.shape)
        name = graph.array(constant)
        graph.constants[name] = constant
        return Value(name, constant.dtype, constant.shape)

    def _live(self, value: Any) -> Any:
        """`value` with the arrays that it refers to."""
        if isinstance(value, Ref):
            return self.value(value)
        if type(value) in {tuple, list}:
            return type(value)(map(self._live, value))
        if isinstance(value, dict):
            return {key: self._live(v) for key, v in value.items()}
        return value


def _missing(step: Step) -> str:
    return (
        f"to_onnx: `{step.name}`{step.place} has no counterpart in ONNX here; compute it outside of"
        " the model, or write it with other functions of autograd_lite"
    )


def _grows(value: Any) -> bool:
    if isinstance(value, dict):
        return any(map(_grows, value.values()))
    if type(value) in {tuple, list}:
        return any(map(_grows, value))
    return isinstance(value, Growing)


def _declared(helper: Any, value: Value) -> Any:
    """The type of an input or output, in which the axis of the batch has a name."""
    kind = helper.np_dtype_to_tensor_dtype(np.dtype(value.dtype))
    return helper.make_tensor_value_info(value.name, kind, [_size(size) for size in value.shape])


def _size(size: Size) -> int | str:
    if not isinstance(size, Growing):
        return size
    if size == Growing(1, 0):
        return "batch"
    times = f"{size.per}*batch" if size.per != 1 else "batch"
    return f"{times}{size.plus:+}" if size.plus else times
