"""Ops as the library has them, each beside what the naive engine makes of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

import autograd_lite as ag
from tests.naive_ops import ADD, BILINEAR, CURVED, LINEAR, MUL, Op

if TYPE_CHECKING:
    from collections.abc import Callable

INDICES: list[Any] = [0, -1, slice(None, None, -1), slice(1, None), [0, 0], [1, 0, 1], (..., 0),
                      (slice(None), 1), None]  # fmt: skip

UNARY: dict[str, tuple[Callable[[Any], Any], Op]] = {
    "neg": (lambda x: -x, Op(lambda x: -x, LINEAR)),
    "sin": (ag.sin, Op(np.sin, CURVED)),
    "exp": (ag.exp, Op(np.exp, LINEAR, by_result=True)),
    "half": (lambda x: 0.5 * x, Op(lambda x: x * 0.5, LINEAR)),
    "sum": (lambda x: x.sum(), Op(np.sum, LINEAR)),
    "sum over columns": (lambda x: x.sum(-1), Op(lambda x: np.sum(x, -1), LINEAR)),
    "mean": (lambda x: x.mean(0), Op(lambda x: np.mean(x, 0), LINEAR)),
    "transpose": (lambda x: x.T, Op(np.transpose, LINEAR)),
    "flat": (lambda x: x.reshape(-1), Op(lambda x: x.reshape(-1), LINEAR)),
    "column": (lambda x: x.reshape(-1, 1), Op(lambda x: x.reshape(-1, 1), LINEAR)),
    "spread": (lambda x: ag.broadcast_to(x, (2, *x.shape)),
               Op(lambda x: np.broadcast_to(x, (2, *x.shape)).copy(), LINEAR)),
}  # fmt: skip
BINARY: dict[str, tuple[Callable[[Any, Any], Any], Op]] = {
    "add": (lambda x, y: x + y, ADD),
    "sub": (lambda x, y: x - y, Op(lambda x, y: x - y, ((), ()))),
    "mul": (lambda x, y: x * y, MUL),
    "matmul": (lambda x, y: x @ y, Op(np.matmul, BILINEAR)),
}
