"""Every op names itself, what it got, what it expected and the way out, in each error."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

import autograd_lite as ag
from tests import cases_elementwise, cases_form, cases_linalg, cases_pick
from tests.cases import CASES

if TYPE_CHECKING:
    from collections.abc import Callable

A = ag.ones(2, 3, requires_grad=True)
B = ag.ones(4, 5)

BROADCASTING: list[Any] = [
    ag.add, ag.sub, ag.mul, ag.div, ag.floor_divide, ag.remainder, ag.pow, ag.maximum, ag.minimum,
    ag.equal, ag.not_equal, ag.less, ag.less_equal, ag.greater, ag.greater_equal, ag.clip,
    ag.bitwise_and, ag.bitwise_or, ag.bitwise_xor, ag.matmul, ag.dot, ag.ops.div_or_zero,
    ag.ops.exceeds, ag.ops.shares,
]  # fmt: skip
OF_AN_AXIS: list[Any] = [
    ag.sum, ag.mean, ag.var, ag.std, ag.max, ag.min, ag.prod, ag.cumsum, ag.logsumexp, ag.softmax,
    ag.log_softmax, ag.flip, ag.squeeze, ag.expand_dims,
]  # fmt: skip

CALLS: dict[str, tuple[Callable[[], Any], Any]] = {
    **{f.__name__: (partial(f, A, B), (2, 3)) for f in BROADCASTING},
    **{f.__name__: (partial(f, A, 7), (2, 3)) for f in OF_AN_AXIS},
    "where": (lambda: ag.where(A > 0, A, B), (4, 5)),
    "astype": (lambda: ag.astype(A, "no dtype"), (2, 3)),
    "norm": (lambda: ag.norm(A, 1, 7), (2, 3)),
    "reshape": (lambda: ag.reshape(A, (4, 5)), (2, 3)),
    "transpose": (lambda: ag.transpose(A, (0, 0)), (2, 3)),
    "swapaxes": (lambda: ag.swapaxes(A, 0, 7), (2, 3)),
    "broadcast_to": (lambda: ag.broadcast_to(A, (4, 5)), (2, 3)),
    "sum_to": (lambda: ag.ops.sum_to(A, (4, 5)), (2, 3)),
    "concatenate": (lambda: ag.concatenate([A, B]), (4, 5)),
    "stack": (lambda: ag.stack([A, B]), (4, 5)),
    "split": (lambda: ag.split(A, 5), (2, 3)),
    "pad": (lambda: ag.pad(A, ((1, 1), (1, 1), (1, 1))), (2, 3)),
    "roll": (lambda: ag.roll(A, 1, 7), (2, 3)),
    "getitem": (lambda: A[7], (2, 3)),
    "scatter": (lambda: ag.ops.scatter(A, 7, (4, 5)), (2, 3)),
    "tensordot": (lambda: ag.tensordot(A, B, 1), (4, 5)),
    "einsum": (lambda: ag.einsum("ij,jk", A, B), (4, 5)),
    "diagonal": (lambda: ag.diagonal(A, 0, 0, 0), (2, 3)),
    "on_diagonal": (lambda: ag.ops.on_diagonal(A, (4, 5), 0, 0, 0), (2, 3)),
    "trace": (lambda: ag.trace(A, 0, 0, 7), (2, 3)),
    "tril": (lambda: ag.tril(ag.ones(3)[0]), ()),
    "triu": (lambda: ag.triu(ag.ones(3)[0]), ()),
    **cases_elementwise.WRONG,
    **cases_form.WRONG,
    **cases_linalg.WRONG,
    **cases_pick.WRONG,
}
# Of one array of any shape: nothing can mismatch.
CANNOT_MISMATCH = {
    "neg", "abs", "sqrt", "sign", "log_or_zero", "invert", "exp", "expm1", "log", "log1p", "sin",
    "cos", "tan", "tanh", "sigmoid", "relu", "leaky_relu", "times_slope", "softplus", "outer",
    *cases_elementwise.CANNOT_MISMATCH, *cases_form.CANNOT_MISMATCH, *cases_linalg.CANNOT_MISMATCH,
    *cases_pick.CANNOT_MISMATCH,
}  # fmt: skip


@pytest.mark.parametrize("name", CALLS)
def test_a_mismatch_is_told_with_name_shapes_and_way_out(name: str) -> None:
    """The message begins with the op, quotes the operands, and says what was expected."""
    call, shape = CALLS[name]
    with pytest.raises((ValueError, TypeError, IndexError)) as caught:
        call()
    message = str(caught.value)
    assert message.startswith(f"{name}: ")
    assert str(shape) in message
    assert "; expected " in message
    assert "float32" in message


def test_every_op_of_the_table_is_here() -> None:
    """Whoever adds an op says how it complains."""
    assert {case.op.__name__ for case in CASES} == set(CALLS) | CANNOT_MISMATCH


def test_an_operand_that_is_no_number_is_named() -> None:
    """What cannot be an array is refused in the name of the op."""
    with pytest.raises(TypeError, match=r"add: .*'abc'.*expected"):
        ag.add(A, "abc")


def test_numpys_kind_of_error_is_kept() -> None:
    """Who catches NumPy's AxisError or IndexError catches ours."""
    with pytest.raises(np.exceptions.AxisError):
        A.sum(7)
    with pytest.raises(IndexError):
        A[7]


@pytest.mark.parametrize("shape", [(3,), (1, 3), (2, 3)])
def test_an_array_of_more_axes_is_not_broadcast_to_fewer(shape: tuple[int, ...]) -> None:
    """NumPy's assignment would drop axes of size 1, its broadcasting does not."""
    with pytest.raises(ValueError, match="broadcast_to"):
        ag.broadcast_to(ag.ones(1, 1, 3), shape)
