"""Convolutions, pooling: lines of the table of ops, and how these ops complain."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.case import Case  # noqa: TC001  # the lines below make some

if TYPE_CHECKING:
    from collections.abc import Callable

CASES: list[Case] = []

# For tests/test_op_errors.py: a call that cannot be, by the op's name, and a shape that it quotes.
WRONG: dict[str, tuple[Callable[[], Any], Any]] = {}
# Of one array of any shape: nothing can mismatch.
CANNOT_MISMATCH: set[str] = set()
# Ops that ONNX has no counterpart of, or none that is written yet: `to_onnx` refuses them by name.
WITHOUT_ONNX: set[Callable[..., Any]] = set()
