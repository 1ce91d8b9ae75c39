"""The graph that is being written: its nodes, its constants, and their names."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from autograd_lite.onnx.merge import Growing

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from autograd_lite.onnx.merge import Size


class Value(NamedTuple):
    """An array in the graph."""

    name: str
    dtype: np.dtype[Any]
    shape: tuple[Size, ...]


def load() -> Any:
    """The package onnx.

    Raises:
        ImportError: when it is not installed.
    """
    try:
        return importlib.import_module("onnx")
    except ImportError as error:
        message = (
            "to_onnx: needs the package onnx, which is not installed;"
            ' pip install "autograd-lite[onnx]"'
        )
        raise ImportError(message) from error


def fixed(name: str, sizes: Sequence[Size]) -> list[int]:
    """`sizes`, which the op called `name` must know.

    Raises:
        ValueError: when one grows with the batch.
    """
    known = [size for size in sizes if not isinstance(size, Growing)]
    if len(known) < len(sizes):
        message = (
            f"to_onnx: `{name}`: a size or step that it must know grows with the batch; give"
            " dynamic_batch=False for a model of one size"
        )
        raise ValueError(message)
    return known


class Graph:
    """Nodes and constants, in order.

    Attributes:
        nodes: the nodes.
        initializers: parameters, buffers and constants.
        place: the path of the module that is being written: what the names of nodes begin with.
        constants: arrays that are the same in all runs, by name.
        batch: the input whose first axis is the batch, or None.
    """

    def __init__(self) -> None:
        self._onnx = load()
        self.nodes: list[Any] = []
        self.initializers: list[Any] = []
        self.place = ""
        self.constants: dict[str, NDArray[Any]] = {}
        self.batch: Value | None = None
        self._taken: set[str] = set()
        self._constants: dict[Any, str] = {}
        self._rows: str | None = None

    def unique(self, name: str) -> str:
        """`name`, or with a number behind it if it is taken."""
        free, count = name, 1
        while free in self._taken:
            count += 1
            free = f"{name}_{count}"
        self._taken.add(free)
        return free

    def node(self, kind: str, *inputs: str, **attributes: Any) -> str:
        """Add a node of one result, and return the name of that."""
        name = self.unique(f"{self.place}/{kind}".lstrip("/"))
        make = self._onnx.helper.make_node
        self.nodes.append(make(kind, list(inputs), [name], name=name, **attributes))
        return name

    def rename(self, old: str, new: str) -> None:
        """Give the result of a node another name."""
        for node in self.nodes:
            for names in (node.input, node.output):
                for i, name in enumerate(names):
                    if name == old:
                        names[i] = new

    def array(self, array: Any, name: str = "constant") -> str:
        """Add a constant; small ones that were added before are used again."""
        given = np.asarray(array)
        key = (name, given.dtype.str, given.shape, given.tobytes()) if given.size <= 16 else None
        if key is None or key not in self._constants:
            found = self.unique(name)
            self.initializers.append(self._onnx.numpy_helper.from_array(_plain(given), found))
            self._constants[key] = found
        return self._constants[key]

    def ints(self, numbers: Sequence[int] | NDArray[Any]) -> str:
        """A vector of int64."""
        return self.array(np.array(numbers, np.int64))

    def number(self, value: Any, dtype: np.dtype[Any]) -> str:
        """A number of a dtype."""
        return self.array(np.array(value, dtype))

    def cast(self, operand: Any, dtype: np.dtype[Any]) -> str:
        """An operand in a dtype: a number becomes a constant, or follows the batch."""
        if isinstance(operand, Growing):
            return self.to(self.reshape(self.sizes([operand]), ()), dtype)
        if not isinstance(operand, Value):
            return self.number(operand, dtype)
        return operand.name if operand.dtype == dtype else self.to(operand.name, dtype)

    def to(self, name: str, dtype: np.dtype[Any]) -> str:
        """An array in another dtype."""
        return self.node("Cast", name, to=self._onnx.helper.np_dtype_to_tensor_dtype(dtype))

    # ---- what grows with the batch

    def sizes(self, shape: Sequence[Size]) -> str:
        """A vector of int64, of which some grow with the batch."""
        if not any(isinstance(size, Growing) for size in shape):
            return self.ints([size for size in shape if not isinstance(size, Growing)])
        parts = [
            self._grown(size) if isinstance(size, Growing) else self.ints([size]) for size in shape
        ]
        return parts[0] if len(parts) == 1 else self.node("Concat", *parts, axis=0)

    def _grown(self, size: Growing) -> str:
        if self._rows is None:
            assert self.batch is not None  # noqa: S101  # nothing grows without a batch
            self._rows = self.node("Shape", self.batch.name, start=0, end=1)
        grown = self._rows
        if size.per != 1:
            grown = self.node("Mul", grown, self.ints([size.per]))
        return self.node("Add", grown, self.ints([size.plus])) if size.plus else grown

    def reshape(self, name: str, shape: Sequence[Size]) -> str:
        """An array in another shape."""
        growing = sum(isinstance(size, Growing) for size in shape)
        if growing == 1 and 0 not in shape:
            target = self.ints([-1 if isinstance(size, Growing) else size for size in shape])
        else:
            target = self.sizes(shape)
        return self.node("Reshape", name, target, allowzero=int(0 in shape))


def _plain(array: NDArray[Any]) -> NDArray[Any]:
    """In the order of C and of this machine's bytes, a number remaining one."""
    return array.astype(array.dtype.newbyteorder("="), order="C")
