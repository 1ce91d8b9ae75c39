"""The whole table of ops, for tests that try something on each of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import settings

import autograd_lite as ag
from tests.cases import CASES
from tests.cases_nn import FUNCTIONS

if TYPE_CHECKING:
    from numpy.typing import NDArray

TABLE = [*CASES, *FUNCTIONS]

# For what takes ten times as long as a call, of hundreds of ops: a third, but at night all.
EXAMPLES = settings().max_examples
few = settings(max_examples=EXAMPLES if EXAMPLES >= 1000 else max(EXAMPLES // 3, 5))

each_op = pytest.mark.parametrize("case", TABLE, ids=repr)
differentiable = pytest.mark.parametrize("case", [c for c in TABLE if c.order], ids=repr)


def tensors(operands: list[NDArray[Any]]) -> list[ag.Tensor]:
    """The operands as tensors that require gradients where they can."""
    return [ag.tensor(a, requires_grad=a.dtype.kind == "f") for a in operands]
