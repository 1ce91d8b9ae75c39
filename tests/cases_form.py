"""Shapes, copies and products of arrays: lines of the table of ops, and how these ops complain."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

import autograd_lite as ag
from autograd_lite.testing.strategies import arguments, axis, broadcastable, calls, shapes
from tests import strategies as s
from tests import strategies_form as f
from tests.case import BOOL, POSITIVE, REAL, Case, full, listed, two

if TYPE_CHECKING:
    from collections.abc import Callable


def _setitem(x: Any, index: Any, value: Any) -> Any:
    out = np.array(x, order="C")
    out[index] = value
    return out


def _assigned(op: Any, arrays: Any, static: dict[str, Any]) -> Any:
    return op(arrays[0], static["index"], arrays[1])


def _joined(op: Any, arrays: Any, static: dict[str, Any], axis: int | None = None) -> Any:
    """The results of a function that has several, as one array."""
    parts = op(*arrays, **static)
    parts = list(parts) if isinstance(parts, (tuple, list)) else [parts]
    join = ag.concatenate if op.__module__.startswith("autograd_lite") else np.concatenate
    axis = static.get("axis") if axis is None else axis
    if axis is None:
        parts, axis = [part.reshape(-1) for part in parts], 0
    return join(parts, axis)


def _cut(axis: int) -> Callable[..., Any]:
    return lambda op, arrays, static: _joined(op, arrays, static, axis)


def _flat(op: Any, arrays: Any, static: dict[str, Any]) -> Any:
    return _joined(op, arrays, {k: v for k, v in static.items() if k != "axis"})


def _unstacked(op: Any, arrays: Any, static: dict[str, Any]) -> Any:
    ours = op.__module__.startswith("autograd_lite")
    return (ag.stack if ours else np.stack)(op(*arrays, **static), static["axis"])


def _choices(op: Any, arrays: Any, static: dict[str, Any]) -> Any:
    return op(*static.values(), list(arrays))


def _pieces(op: Any, arrays: Any, static: dict[str, Any]) -> Any:
    return op(*arrays, *static.values(), [lambda x: x * x, 2.5, lambda x: 1 / x])


def _blocks(op: Any, arrays: Any, _: Any) -> Any:
    a, b = arrays
    return op([[a, b], [b, a]])


def _append(op: Any, arrays: Any, static: dict[str, Any]) -> Any:
    return op(*arrays, **static)


def _like(x: Any, fill_value: Any, dtype: Any = None) -> Any:
    return np.full_like(x, fill_value, dtype, order="C")


def _vander(x: Any, **settings: Any) -> Any:
    return np.vander(x, **settings).astype(x.dtype)


def _cross(x: Any, y: Any, axis: int) -> Any:
    return np.cross(x, y, axis=axis)


def _vecdot(x: Any, y: Any, axis: int) -> Any:
    return np.sum(np.moveaxis(x, axis, -1) * np.moveaxis(y, axis, -1), axis=-1)


_dtypes = arguments(dtype=st.sampled_from(["float64", np.int32, bool]))
_rows = arguments(indices_or_sections=st.sampled_from([[1], [0, 2], 1]))

CASES = [
    Case(ag.copy, np.copy, calls(shapes())),
    Case(ag.ravel, np.ravel, calls(shapes())),
    Case(ag.repeat, np.repeat, calls(shapes(), f.repeats)),
    Case(ag.tile, np.tile, calls(shapes(), f.reps)),
    Case(ag.moveaxis, np.moveaxis, calls(shapes(), f.moves)),
    Case(ag.matrix_transpose, lambda x: np.swapaxes(x, -1, -2), calls(shapes(min_dims=2))),
    Case(ag.rot90, np.rot90, calls(shapes(min_dims=2), f.turns)),
    Case(ag.fliplr, np.fliplr, calls(shapes(min_dims=2))),
    Case(ag.flipud, np.flipud, calls(shapes(min_dims=1))),
    Case(ag.diag, np.diag, calls(shapes(min_dims=1, max_dims=2), k=st.integers(-2, 2))),
    Case(ag.diagflat, np.diagflat, calls(shapes(min_dims=1), k=st.integers(-2, 2))),
    Case(ag.vander, _vander, calls(
        shapes(min_dims=1, max_dims=1), N=st.none() | st.integers(0, 4), increasing=st.booleans())),
    Case(ag.zeros_like, np.zeros_like, calls(shapes(), _dtypes), order=0),
    Case(ag.ones_like, np.ones_like, calls(shapes(), _dtypes), order=0),
    Case(ag.full_like, _like, calls(st.tuples(
        st.sampled_from([(2, 3), (0, 3), (1, 3)]), st.sampled_from([(), (3,), (1, 1)])).map(list),
        dtype=st.just("float64")), (BOOL, REAL)),
    Case(ag.full_like, _like, calls(st.sampled_from([[(3,), (3,)], [(2, 3), (2, 1)]]),
                                    dtype=st.just("float64")), (BOOL, REAL),
         name="full_like by rows"),
    # joined and cut
    Case(ag.atleast_1d, np.atleast_1d, calls(shapes())),
    Case(ag.atleast_2d, np.atleast_2d, calls(shapes())),
    Case(ag.atleast_3d, np.atleast_3d, calls(shapes())),
    Case(ag.hstack, np.hstack, calls(f.stacked(1)), call=listed),
    Case(ag.vstack, np.vstack, calls(f.stacked(0)), call=listed),
    Case(ag.dstack, np.dstack, calls(f.stacked(2)), call=listed),
    Case(ag.column_stack, np.column_stack, calls(f.columns()), call=listed),
    Case(ag.block, np.block, calls(s.same_but(2, vary=False)), call=_blocks),
    Case(ag.append, np.append, calls(s.same_but(2, vary=True), axis=st.sampled_from([None, -1]))),
    Case(ag.array_split, np.array_split, calls(shapes(min_dims=1), f.sections), call=_joined),
    Case(ag.hsplit, np.hsplit, calls(shapes(min_dims=2), _rows), call=_cut(1)),
    Case(ag.vsplit, np.vsplit, calls(shapes(min_dims=2), _rows), call=_cut(0)),
    Case(ag.dsplit, np.dsplit, calls(shapes(min_dims=3), _rows), call=_cut(2)),
    Case(ag.unstack, lambda x, axis: [*np.moveaxis(x, axis, 0)], calls(full(min_dims=1), axis=axis),
         call=_unstacked),
    Case(ag.broadcast_arrays, np.broadcast_arrays, two, call=_flat),
    Case(ag.meshgrid, np.meshgrid, f.grids(), call=_joined),
    Case(ag.delete, np.delete, calls(shapes(min_dims=1), f.deletions)),
    Case(ag.insert, lambda x, values, obj, axis: np.insert(x, obj, values, axis), f.insertions(),
         call=lambda op, xs, kw: op(xs[0], kw["obj"], xs[1], kw["axis"]) if op is ag.insert
         else op(*xs, **kw)),
    # products
    Case(ag.inner, np.inner, calls(f.inner())),
    Case(ag.vdot, np.vdot, calls(f.as_many())),
    Case(ag.vecdot, _vecdot, f.products()),
    Case(ag.matvec, lambda x, y: np.matmul(x, y[..., None])[..., 0],
         calls(broadcastable(signature="(m,n),(n)->(m)", max_dims=2))),
    Case(ag.vecmat, lambda x, y: np.matmul(x[..., None, :], y)[..., 0, :],
         calls(broadcastable(signature="(m),(m,n)->(n)", max_dims=2))),
    Case(ag.cross, _cross, f.turned()),
    Case(ag.kron, np.kron, calls(shapes(2, max_dims=2))),
    # assigned, and picked by conditions
    Case(ag.setitem, _setitem, f.items(), call=_assigned),
    Case(ag.setitem, _setitem, calls(st.sampled_from([[(2, 3), (1, 1, 3)], [(2, 1), (1, 1, 1)]]),
                                     index=st.just(0)), call=_assigned,
         name="setitem of too many axes"),
    Case(ag.compress, np.compress, f.masked(),
         call=lambda op, xs, kw: op(kw["condition"], *xs, axis=kw["axis"])),
    Case(ag.extract, np.extract, calls(
        st.just([(2, 3)]), condition=hnp.arrays(bool, 6)),
         call=lambda op, xs, kw: op(kw["condition"], *xs)),
    Case(ag.select, np.select, f.conditions(),
         call=lambda op, xs, kw: op(kw["condlist"], list(xs))),
    Case(ag.choose, np.choose, f.numbered(), call=_choices),
    Case(ag.piecewise, np.piecewise, f.pieces(), (POSITIVE,), call=_pieces),
]  # fmt: skip

A = ag.ones(2, 3, requires_grad=True)
B = ag.ones(4, 5)

# For tests/test_op_errors.py: a call that cannot be, by the op's name, and a shape that it quotes.
WRONG: dict[str, tuple[Callable[[], Any], Any]] = {
    "repeat": (lambda: ag.repeat(A, -1), (2, 3)),
    "tile": (lambda: ag.tile(A, -1), (2, 3)),
    "moveaxis": (lambda: ag.moveaxis(A, 0, 7), (2, 3)),
    "matrix_transpose": (lambda: ag.matrix_transpose(ag.ones(3)), (3,)),
    "rot90": (lambda: ag.rot90(A, 1, (0, 0)), (2, 3)),
    "fliplr": (lambda: ag.fliplr(ag.ones(3)), (3,)),
    "flipud": (lambda: ag.flipud(ag.ones(3)[0]), ()),
    "diag": (lambda: ag.diag(ag.ones(2, 3, 4)), (2, 3, 4)),
    "diagflat": (lambda: ag.diagflat(A, 0.5), (2, 3)),  # type: ignore[arg-type]
    "vander": (lambda: ag.vander(A), (2, 3)),
    "zeros_like": (lambda: ag.zeros_like(A, "no dtype"), (2, 3)),
    "ones_like": (lambda: ag.ones_like(A, "no dtype"), (2, 3)),
    "full_like": (lambda: ag.full_like(A, B), (4, 5)),
    "hstack": (lambda: ag.hstack([A, B]), (2, 3)),
    "vstack": (lambda: ag.vstack([A, B]), (2, 3)),
    "dstack": (lambda: ag.dstack([A, B]), (2, 3)),
    "column_stack": (lambda: ag.column_stack([A, B]), (2, 3)),
    "block": (lambda: ag.block([[A, B]]), (2, 3)),
    "append": (lambda: ag.append(A, B, 0), (4, 5)),
    "array_split": (lambda: ag.array_split(A, 0), (2, 3)),
    "hsplit": (lambda: ag.hsplit(A, 2), (2, 3)),
    "vsplit": (lambda: ag.vsplit(A, 3), (2, 3)),
    "dsplit": (lambda: ag.dsplit(A, 3), (2, 3)),
    "unstack": (lambda: ag.unstack(A, 7), (2, 3)),
    "broadcast_arrays": (lambda: ag.broadcast_arrays(A, B), (4, 5)),
    "meshgrid": (lambda: ag.meshgrid(A, B), (2, 3)),
    "delete": (lambda: ag.delete(A, 7, 0), (2, 3)),
    "insert": (lambda: ag.insert(A, 7, 1.0, 0), (2, 3)),
    "inner": (lambda: ag.inner(A, B), (4, 5)),
    "vdot": (lambda: ag.vdot(A, B), (4, 5)),
    "vecdot": (lambda: ag.vecdot(A, B), (4, 5)),
    "matvec": (lambda: ag.matvec(A, B), (4, 5)),
    "vecmat": (lambda: ag.vecmat(A, B), (4, 5)),
    "cross": (lambda: ag.cross(A, B), (4, 5)),
    "setitem": (lambda: ag.setitem(A, 0, B), (4, 5)),
    "compress": (lambda: ag.compress([False] * 2 + [True] * 2, A, 0), (2, 3)),
    "extract": (lambda: ag.extract([True] * 7, A), (2, 3)),
    "select": (lambda: ag.select([A > 0, True], [A, B]), (2, 3)),
    "choose": (lambda: ag.choose(A, [A, A]), (2, 3)),
    "piecewise": (lambda: ag.piecewise(A, [A > 0], [ag.exp, 0, 0]), (2, 3)),
}
# Of one array of any shape: nothing can mismatch.
CANNOT_MISMATCH: set[str] = {"copy", "ravel", "atleast_1d", "atleast_2d", "atleast_3d", "kron"}
# Ops that ONNX has no counterpart of, or none that is written yet: `to_onnx` refuses them by name.
WITHOUT_ONNX: set[Callable[..., Any]] = set()
