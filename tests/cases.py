"""THE table: one line an op, with NumPy's function, the values it takes, and the shapes."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
from hypothesis import strategies as st

import autograd_lite as ag
from autograd_lite import ops
from autograd_lite.testing.strategies import (
    Domain,
    axes,
    axis,
    broadcastable,
    calls,
    einsums,
    indices,
    reductions,
    shapes,
)
from tests import cases_elementwise, cases_form, cases_linalg, cases_pick
from tests import strategies as s
from tests.case import (
    BOOL,
    GRID,
    HIGH,
    KINK,
    LOW,
    OTHER_GRID,
    POSITIVE,
    POSITIVE_GRID,
    REAL,
    UNIT,
    ZEROS,
    Case,
    bare,
    first,
    full,
    listed,
    one,
    three,
    two,
)  # fmt: skip
from tests.cases_elementwise import NO_MULTIPLES
from tests.strategies_pick import axis_or_none

if TYPE_CHECKING:
    from autograd_lite.testing.strategies import Call


def _softmax(x: Any, axis: int = -1) -> Any:
    return np.exp(x) / np.sum(np.exp(x), axis=axis, keepdims=True)


def _leaky_relu(x: Any, alpha: Any) -> Any:
    return np.where(x > 0, x, x * x.dtype.type(alpha))


def _put(x: Any, index: Any, shape: Any) -> Any:
    out = np.zeros(shape, x.dtype)
    np.add.at(out, index, x)
    return out


def _index(numbers: Any) -> Any:
    """Numbers of rows as an array, and one number as it is."""
    return numbers if isinstance(numbers, int) else np.array(numbers, np.intp)


@st.composite
def _put_inputs(draw: st.DrawFn) -> Call:
    (shape,) = draw(shapes(min_dims=1))
    index = draw(indices(shape))
    if isinstance(index, tuple):  # `scatter` takes an index as getitem prepares it
        index = tuple(np.array(i) if isinstance(i, list) else i for i in index)
    return [np.empty(shape)[index].shape], {"index": index, "shape": shape}


def _on_diagonal(x: Any, shape: Any, offset: int, axis1: int, axis2: int) -> Any:
    out = np.zeros(shape, x.dtype)
    for at in np.ndindex(x.shape[:-1]):
        matrix = np.moveaxis(out, (axis1, axis2), (-2, -1))[at]
        for i, value in enumerate(x[at]):
            matrix[i - min(offset, 0), i + max(offset, 0)] = value
    return out


@st.composite
def _on_diagonal_inputs(draw: st.DrawFn) -> Call:
    (shape,) = draw(shapes(min_dims=2, min_side=1))
    static = draw(s.two_axes(shape))
    picked = np.diagonal(np.empty(shape), **static)
    return [picked.shape], {"shape": shape, **static}


def _sum_to(x: Any, shape: Any) -> Any:
    out = np.sum(x, axis=tuple(range(x.ndim - len(shape))))
    axes = tuple(i for i, n in enumerate(shape) if n == 1)
    return np.sum(out, axis=axes, keepdims=True)


def _norm(x: Any, ord: Any = None, axis: Any = None, keepdims: bool = False) -> Any:
    # NumPy's own takes no axis None with keepdims for more than two axes.
    if ord is None and axis is None:
        return np.sqrt(np.sum(x * x, keepdims=keepdims))
    return np.linalg.norm(x, ord, axis, keepdims)


def _shares(x: Any, y: Any, axis: Any) -> Any:
    equal = (x == y).astype(x.dtype)
    return equal / np.maximum(equal.sum(axis=axis, keepdims=True), 1)


CASES = [
    # arithmetic
    Case(ag.add, np.add, two),
    Case(ag.sub, np.subtract, two),
    Case(ag.mul, np.multiply, two),
    Case(ag.div, np.divide, two, (REAL, POSITIVE)),
    Case(ag.div, np.divide, calls(shapes(), y=st.sampled_from([2, -0.5, 3.0])), call=bare,
         name="div by a number"),
    Case(ag.neg, np.negative, one),
    Case(ag.pow, np.power, two, (POSITIVE, REAL)),
    Case(ag.pow, np.power, calls(shapes(), y=st.sampled_from([0, 1, 2, 3.0, 0.5, -1.5])),
         (POSITIVE,), call=bare, name="pow to a number"),
    Case(ag.pow, np.power, calls(shapes(), x=st.sampled_from([2, 0.5])),
         call=partial(first, "x"), name="pow of a number"),
    Case(ag.pow, np.power, calls(shapes(), y=st.sampled_from([0.0, 1.0, 2.0, 3.0]).map(np.array)),
         (ZEROS,), call=bare, name="pow of zeros"),
    Case(ag.abs, np.abs, one, (GRID,)),
    Case(ag.sqrt, np.sqrt, one, (POSITIVE,)),
    Case(ag.sign, np.sign, one, (GRID,)),
    Case(ag.floor_divide, np.floor_divide, two,
         (NO_MULTIPLES, Domain(2.7, 2.9, 0.001))),
    Case(ag.remainder, np.remainder, two, (NO_MULTIPLES, Domain(2.7, 2.9, 0.001))),
    Case(ag.maximum, np.maximum, two, (GRID, OTHER_GRID)),
    Case(ag.minimum, np.minimum, two, (GRID, OTHER_GRID)),
    Case(ag.where, np.where, three, (BOOL, REAL, REAL)),
    Case(ag.clip, np.clip, three, (Domain(-5, 5, 0.05, 0.02), LOW, HIGH)),
    Case(ag.astype, lambda x, dtype: x.astype(dtype), calls(
        shapes(), dtype=st.sampled_from(["float64", np.float64]))),
    Case(ops.div_or_zero, np.divide, two, (REAL, POSITIVE)),
    Case(ops.exceeds, lambda x, y: np.heaviside(x - y, 0.5), two, (ZEROS,), order=0),
    Case(ops.log_or_zero, np.log, one, (POSITIVE,)),
    # at kinks and ties
    Case(ag.abs, np.abs, one, (KINK,), order=1, name="abs at its kink"),
    Case(ag.relu, lambda x: np.where(x > 0, x, x.dtype.type(0)), one, (KINK,), order=1,
         name="relu at its kink"),
    Case(ag.maximum, np.maximum, two, (KINK, KINK), order=1, name="maximum at ties"),
    Case(ag.minimum, np.minimum, two, (KINK, KINK), order=1, name="minimum at ties"),
    Case(ag.max, np.max, calls(full(), reductions), (KINK,), order=1, name="max of ties"),
    Case(ag.min, np.min, calls(full(), reductions), (KINK,), order=1, name="min of ties"),
    # comparisons
    Case(ag.equal, np.equal, two, (ZEROS,), order=0),
    Case(ag.not_equal, np.not_equal, two, (ZEROS,), order=0),
    Case(ag.less, np.less, two, (ZEROS,), order=0),
    Case(ag.less_equal, np.less_equal, two, (ZEROS,), order=0),
    Case(ag.greater, np.greater, two, (ZEROS,), order=0),
    Case(ag.greater_equal, np.greater_equal, two, (ZEROS,), order=0),
    Case(ag.bitwise_and, np.bitwise_and, two, (BOOL,), order=0),
    Case(ag.bitwise_or, np.bitwise_or, two, (BOOL,), order=0),
    Case(ag.bitwise_xor, np.bitwise_xor, two, (BOOL,), order=0),
    Case(ag.invert, np.invert, one, (BOOL,), order=0),
    # functions of one array
    Case(ag.exp, np.exp, one),
    Case(ag.expm1, np.expm1, one),
    Case(ag.log, np.log, one, (POSITIVE,)),
    Case(ag.log1p, np.log1p, one, (Domain(-0.5, 3.0),)),
    Case(ag.sin, np.sin, one),
    Case(ag.cos, np.cos, one),
    Case(ag.tan, np.tan, one, (UNIT,)),
    Case(ag.tanh, np.tanh, one),
    Case(ag.sigmoid, lambda x: 1 / (1 + np.exp(-x)), one),
    Case(ag.relu, lambda x: np.where(x > 0, x, x.dtype.type(0)), one, (GRID,)),
    Case(ag.leaky_relu, _leaky_relu, calls(
        shapes(), alpha=st.sampled_from([0.01, 0.3, 0, 1.7])), (GRID,)),
    Case(ag.leaky_relu, _leaky_relu, calls(
        shapes(), alpha=st.just(-0.5)), (GRID,), name="leaky_relu of a falling slope"),
    Case(ops.times_slope, lambda x, y, slope: np.where(y > 0, x, x * x.dtype.type(slope)), calls(
        broadcastable(2), slope=st.sampled_from([0.01, 0.3, 0, -0.5, 1.7])), (REAL, BOOL)),
    Case(ag.softplus, lambda x: np.log(1 + np.exp(x)), one),
    # along an axis
    Case(ag.softmax, _softmax, calls(full(min_dims=1), axis=axis)),
    Case(ag.log_softmax, lambda x, axis: np.log(_softmax(x, axis)),
         calls(full(min_dims=1), axis=axis)),
    Case(ag.logsumexp, lambda x, axis, keepdims: np.log(np.sum(np.exp(x), axis, keepdims=keepdims)),
         calls(full(), reductions), call=bare),
    Case(ag.cumsum, np.cumsum, calls(shapes(min_dims=1), axis=axis_or_none)),
    # reductions
    Case(ag.sum, np.sum, calls(shapes(), reductions)),
    Case(ag.sum, np.sum, calls(st.just([()]), axis=st.sampled_from([0, -1])),
         name="sum of a number along an axis"),
    Case(ag.mean, np.mean, calls(full(), reductions)),
    Case(ag.var, np.var, calls(full(), reductions)),
    Case(ag.std, np.std, calls(shapes(min_side=2), reductions), (GRID,)),
    Case(ag.max, np.max, calls(full(), reductions), (GRID,)),
    Case(ag.min, np.min, calls(full(), reductions), (GRID,)),
    Case(ag.prod, np.prod, calls(shapes(), reductions), (Domain(-2, 2, 0.0625),)),
    Case(ag.norm, _norm, calls(full(min_dims=1), s.a_norm), (POSITIVE_GRID,)),
    Case(ops.shares, _shares, calls(st.integers(1, 3).map(lambda n: [(n, 2), (1, 2)]),
         axis=st.just(0)), (ZEROS,), order=0),
    # shapes
    Case(ag.reshape, np.reshape, calls(shapes(), s.a_new_shape), call=bare),
    Case(ag.transpose, np.transpose, calls(shapes(), s.a_permutation)),
    Case(ag.swapaxes, np.swapaxes, calls(shapes(min_dims=1), s.any_two_axes)),
    Case(ag.squeeze, np.squeeze, calls(shapes(max_side=2), s.axes_of_one)),
    Case(ag.expand_dims, np.expand_dims, calls(shapes(), s.new_axis)),
    Case(ag.broadcast_to, np.broadcast_to, calls(shapes(), s.a_wider_shape)),
    Case(ops.sum_to, _sum_to, calls(shapes(), s.a_narrower_shape)),
    Case(ag.concatenate, np.concatenate, calls(s.same_but(3, vary=True), axis=st.just(-1)),
         call=listed),
    Case(ag.stack, np.stack, calls(s.same_but(2, vary=False), lambda x, _: s.new_axis(x)),
         call=listed),
    Case(ag.split, lambda x, parts, axis: np.concatenate(np.split(x, parts, axis), axis),
         calls(shapes(min_dims=1), s.cuts),
         call=lambda f, xs, kw: ag.concatenate(f(*xs, **kw), kw["axis"]) if f is ag.split
         else bare(f, xs, kw)),
    Case(ag.pad, np.pad, calls(shapes(), s.pad_widths)),
    Case(ag.flip, np.flip, calls(shapes(), axis=axes)),
    Case(ag.roll, np.roll, calls(shapes(), s.a_shift)),
    Case(ag.getitem, lambda x, index: x[index], calls(shapes(), index=indices)),
    Case(ag.getitem, lambda x, index: x[index], calls(shapes(min_dims=1, min_side=2),
         index=st.sampled_from([[1, 0, 1, 1], [-1, 0, -1], [[1, 0], [1, -2]], [], -1]).map(_index)),
         name="getitem of rows"),
    Case(ops.scatter, _put, _put_inputs()),
    # matrices
    Case(ag.matmul, np.matmul,
         calls(broadcastable(signature="(m?,k),(k,n?)->(m?,n?)", max_dims=2))),
    Case(ag.outer, np.outer, calls(shapes(2, max_dims=2))),
    Case(ag.dot, np.dot, calls(s.dotted())),
    Case(ag.tensordot, np.tensordot, calls(s.contracted(), s.contracted_axes)),
    Case(ag.einsum, np.einsum, einsums(), call=partial(first, "subscripts")),
    Case(ag.diagonal, np.diagonal, calls(shapes(min_dims=2), s.two_axes)),
    Case(ops.on_diagonal, _on_diagonal, _on_diagonal_inputs()),
    Case(ag.trace, np.trace, calls(shapes(min_dims=2), s.two_axes)),
    Case(ag.tril, np.tril, calls(shapes(min_dims=2), k=st.integers(-2, 2))),
    Case(ag.triu, np.triu, calls(shapes(min_dims=2), k=st.integers(-2, 2))),
    *cases_elementwise.CASES,
    *cases_form.CASES,
    *cases_linalg.CASES,
    *cases_pick.CASES,
]  # fmt: skip
