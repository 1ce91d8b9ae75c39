"""Ways to write to the memory of a tensor, and functions whose graphs must not see it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

import autograd_lite as ag
from autograd_lite import nn

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

# What is handed out of a tensor, or made of that, to write to: each as an array.
HANDLES: dict[str, Callable[[NDArray[Any]], Any]] = {
    "itself": lambda a: a,
    "slice": lambda a: a[1:],
    "reversed": lambda a: a[::-1],
    "column": lambda a: a.reshape(-1, 1),
    "bytes": lambda a: a.view(np.int64),
    "memoryview": lambda a: np.asarray(memoryview(a)[:2]),  # type: ignore[arg-type]
    "buffer": lambda a: np.frombuffer(a, a.dtype),
    "interface": lambda a: np.asarray(Interface(a)),
    "ctypes": lambda a: np.ctypeslib.as_array(np.ctypeslib.as_ctypes(a)),
    "dlpack": np.from_dlpack,
    "strided": lambda a: np.lib.stride_tricks.as_strided(a, (2,), (8,)),
    "diagonal": lambda a: np.atleast_2d(a).T[:, 0],
}  # fmt: skip


class Interface:
    """An array seen through its interface, as other libraries see it."""

    def __init__(self, array: NDArray[Any]) -> None:
        self.array = array
        self.__array_interface__ = array.__array_interface__


UNARY: dict[str, Callable[[Any], Any]] = {
    "square": lambda x: x * x,
    "power": lambda x: (x * x + 1) ** 1.5,
    "exp": lambda x: ag.exp(x * 0.1),
    "views": lambda x: x[::-1].reshape(-1, 1).T[0] * x,
    "again": lambda x: x.reshape(3, 1) @ x.reshape(1, 3),
    "sigmoid": lambda x: ag.sigmoid(x) * x[1:2],
    "sorted out": lambda x: x.max() * x + ag.cumsum(x),
    "scaled": lambda x: nn.functional.standardize(x, 0) * x,
}

BINARY: dict[str, Callable[[Any, Any], Any]] = {
    "mul": lambda x, y: x * y,
    "div": lambda x, y: x / (y * y + 1),
    "dot": lambda x, y: x @ y,
    "where": lambda x, y: ag.where(x > y, x * y, x - y),
    "maximum": lambda x, y: ag.maximum(x, y) * x,
    "stack": lambda x, y: ag.stack([x, y]) * ag.concatenate([x, y]).reshape(2, 3),
    "linear": lambda x, y: nn.functional.linear(
        ag.reshape(x, (1, 3)), ag.reshape(y, (3, 1)), activation=ag.tanh
    ),
    "einsum": lambda x, y: ag.einsum("i,j->ij", x, y) * x,
    "set": lambda x, y: (x * 1.0).at[[0, 0]].set(y[1:]) * x,
}
