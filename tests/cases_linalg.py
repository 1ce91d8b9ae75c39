"""Linear algebra: lines of the table of ops, and how these ops complain."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
from hypothesis import strategies as st

import autograd_lite as ag
from autograd_lite import linalg
from autograd_lite.testing.strategies import Domain, arguments, calls, shapes
from tests import strategies as s
from tests import strategies_linalg as sl
from tests.case import LOW, UNIT, Case, full

if TYPE_CHECKING:
    from collections.abc import Callable


def _of(make: Callable[[Any], Any], look: Callable[[Any], Any] = lambda result: result) -> Any:
    """A call with matrices of a kind as its first array, and what is looked at of the result."""
    return lambda f, arrays, static: look(f(make(arrays[0]), *arrays[1:], **static))


def _solve_triangular(a: Any, b: Any, lower: bool) -> Any:
    return np.linalg.solve(np.tril(a) if lower else np.triu(a), b)


def _logabsdet(result: Any) -> Any:
    return ag.stack([*result], -1)


_lower_or_not = arguments(lower=st.booleans())
_triangle = arguments(UPLO=st.sampled_from(["L", "U"]))
_regular, _symmetric = _of(sl.regular), _of(sl.symmetric)
_offset = st.integers(-2, 2)
_orders = st.sampled_from(["fro", 1, -1, np.inf, -np.inf])


def _matrix_rank(x: Any, **static: Any) -> Any:
    """NumPy's, which before 2.1 fails where there is no singular value."""
    return np.linalg.matrix_rank(x, **static) if x.size else np.zeros(x.shape[:-2], np.intp)


CASES = [
    Case(linalg.inv, np.linalg.inv, calls(sl.squares()), (UNIT,), call=_regular),
    Case(linalg.det, np.linalg.det, calls(sl.squares()), (UNIT,)),
    Case(linalg.slogdet, np.linalg.slogdet, calls(sl.squares()), (UNIT,),
         call=_of(sl.regular, _logabsdet)),
    Case(linalg.solve, np.linalg.solve, calls(sl.systems()), (UNIT,), call=_regular),
    Case(linalg.solve_triangular, _solve_triangular, calls(sl.systems(), _lower_or_not), (UNIT,),
         call=_regular),
    Case(linalg.cholesky, np.linalg.cholesky, calls(sl.squares(), upper=st.booleans()),
         (UNIT,), call=_symmetric),
    Case(linalg.qr, np.linalg.qr, calls(sl.matrices()), (UNIT,), call=_of(sl.regular, sl.of_qr)),
    Case(linalg.eigh, np.linalg.eigh, calls(sl.squares(), _triangle), (UNIT,),
         call=_of(sl.symmetric, sl.of_eigh)),
    Case(linalg.eigvalsh, np.linalg.eigvalsh, calls(sl.squares(), _triangle), (UNIT,),
         call=_symmetric),
    Case(linalg.svd, np.linalg.svd, calls(sl.matrices(), full_matrices=st.sampled_from([False])),
         (UNIT,), call=_of(sl.regular, sl.of_svd)),
    Case(linalg.svdvals, np.linalg.svdvals, calls(sl.matrices()), (UNIT,), call=_regular),
    Case(linalg.pinv, np.linalg.pinv, calls(sl.matrices()), (UNIT,), call=_regular),
    Case(linalg.lstsq, np.linalg.lstsq, calls(sl.overdetermined()), (UNIT,),
         call=_of(sl.regular, lambda result: result[0])),
    Case(linalg.matrix_rank, _matrix_rank, calls(sl.matrices()), (UNIT,), 0,
         call=_regular),
    Case(linalg.cond, np.linalg.cond,
         calls(sl.filled(), p=st.sampled_from([None, 2, -2, 1, "fro"])),
         (UNIT,), call=_regular),
    Case(linalg.matrix_power, np.linalg.matrix_power, calls(sl.squares(), n=st.integers(0, 5)),
         (UNIT,)),
    Case(linalg.tensorsolve, np.linalg.tensorsolve, calls(st.just([(2, 2, 4), (2, 2)])),
         (UNIT,), call=lambda f, xs, _: f(xs[0] * 0.1 + np.eye(4).reshape(2, 2, 4)
                                          .astype(xs[0].dtype), xs[1])),
    Case(linalg.tensorinv, np.linalg.tensorinv, calls(st.just([(2, 2, 4)])), (UNIT,),
         call=lambda f, xs, _: f(xs[0] * 0.1 + np.eye(4).reshape(2, 2, 4).astype(xs[0].dtype))),
    Case(linalg.multi_dot, np.linalg.multi_dot, calls(sl.chains()), (UNIT,),
         call=lambda f, xs, _: f(list(xs))),
    Case(linalg.matrix_norm, np.linalg.matrix_norm,
         calls(full(min_dims=2), ord=_orders, keepdims=st.booleans()),
         (Domain(-0.9, 0.9, 0.015),), call=_of(sl.signed)),
    # Far from 0: third derivatives of 0 are made of terms as 1 / x**2 that cancel.
    Case(linalg.vector_norm, np.linalg.vector_norm, calls(full(min_dims=1), s.a_norm), (LOW,)),
    Case(linalg.cross, np.linalg.cross, calls(sl.threes()), (UNIT,)),
    Case(linalg.diagonal, np.linalg.diagonal, calls(sl.matrices(), offset=_offset), (UNIT,)),
    Case(linalg.trace, np.linalg.trace, calls(sl.matrices(), offset=_offset), (UNIT,)),
    Case(linalg.outer, np.linalg.outer, calls(shapes(2, min_dims=1, max_dims=1)), (UNIT,)),
    Case(linalg.vecdot, np.linalg.vecdot, calls(sl.threes()), (UNIT,)),
    Case(linalg.matrix_transpose, np.linalg.matrix_transpose, calls(sl.matrices()), (UNIT,)),
]  # fmt: skip

_WIDE = ag.ones(2, 3, requires_grad=True)
_NOT_SQUARE: list[Any] = [
    linalg.inv, linalg.det, linalg.slogdet, linalg.cholesky, linalg.eigh, linalg.eigvalsh,
]  # fmt: skip
_VECTOR = ag.ones(7, requires_grad=True)
_A_VECTOR: list[Any] = [
    linalg.qr, linalg.svd, linalg.svdvals, linalg.pinv, linalg.cond, linalg.tensorinv,
    linalg.matrix_norm, linalg.diagonal, linalg.trace, linalg.matrix_transpose,
]  # fmt: skip
_TWO: list[Any] = [
    linalg.solve, linalg.solve_triangular, linalg.lstsq, linalg.cross, linalg.vecdot, linalg.outer,
]  # fmt: skip

# For tests/test_op_errors.py: a call that cannot be, by the op's name, and a shape that it quotes.
WRONG: dict[str, tuple[Callable[[], Any], Any]] = {
    **{f.__name__: (partial(f, _WIDE), (2, 3)) for f in _NOT_SQUARE},
    **{f.__name__: (partial(f, _VECTOR), (7,)) for f in _A_VECTOR},
    **{f.__name__: (partial(f, _WIDE, ag.ones(5, 4)), (2, 3)) for f in _TWO},
    "matrix_power": (lambda: linalg.matrix_power(_WIDE, 2), (2, 3)),
    "tensorsolve": (lambda: linalg.tensorsolve(_WIDE, ag.ones(2)), (2, 3)),
    "multi_dot": (lambda: linalg.multi_dot([_WIDE, _WIDE]), (2, 3)),
    "vector_norm": (lambda: linalg.vector_norm(_WIDE, axis=7), (2, 3)),
}
# Of one array of any shape: nothing can mismatch.
CANNOT_MISMATCH = {"matrix_rank"}
# Ops that ONNX has no counterpart of, or none that is written yet: `to_onnx` refuses them by name.
WITHOUT_ONNX: set[Callable[..., Any]] = {
    linalg.inv, linalg.det, linalg.slogdet, linalg.solve, linalg.solve_triangular, linalg.cholesky,
    linalg.qr, linalg.eigh, linalg.eigvalsh, linalg.svd, linalg.svdvals, linalg.pinv, linalg.lstsq,
    linalg.cond, linalg.tensorsolve, linalg.tensorinv, linalg.matrix_rank,
}  # fmt: skip
# What they are made of, which the refusal names.
MADE_OF: dict[Callable[..., Any], str] = {
    ag.linalg.cond: "(svdvals|inv)",
    ag.linalg.tensorsolve: "solve",
    ag.linalg.tensorinv: "inv",
}
