"""What sorts, picks and puts, and statistics: lines of the table, and how these ops complain."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

import autograd_lite as ag
from autograd_lite import ops
from autograd_lite.testing.strategies import Domain, calls, reductions, shapes
from tests import cases_fft
from tests import strategies_pick as p
from tests.case import GRID, KINK, POSITIVE, REAL, ZEROS, Case, full

if TYPE_CHECKING:
    from collections.abc import Callable

_A = ag.ones(2, 3, requires_grad=True)
# Two elements along each axis at least: one of them becomes nan.
_TWO = shapes(min_dims=1, min_side=2)
_FLAT = shapes(min_dims=1, max_dims=2, min_side=2)
_BETWEEN = Domain(-1.5, 4.5, 0.05, 0.026)  # off the places


def _keys(f: Any, arrays: Any, static: dict[str, Any]) -> Any:
    """A call whose settings NumPy's function knows too, but for those that are None."""
    return f(*arrays, **{key: value for key, value in static.items() if value is not None})


def _settled(name: str, f: Any, arrays: Any, static: dict[str, Any]) -> Any:
    """A call with the arrays behind the first under a name."""
    rest = dict(zip(name.split(), arrays[1:]))  # noqa: B905  # as many as were drawn
    return f(arrays[0], **rest, **static)


def _put(name: str, x: Any, values: Any, indices: Any, axis: int | None) -> Any:
    """NumPy's in-place functions on a copy."""
    out = np.array(x, order="C")
    flat = out.reshape(-1) if axis is None else out
    along = 0 if axis is None else axis
    if name == "put":
        np.put_along_axis(flat, indices, values, along)
        return out
    grid = list(np.ogrid[tuple(slice(n) for n in flat.shape)])
    grid[along] = indices
    np.add.at(flat, tuple(grid), values)
    return out


def _before_values(f: Any, arrays: Any, static: dict[str, Any]) -> Any:
    """The order of put_along_axis: the array, the indices, the values, the axis."""
    x, values = arrays
    if f.__module__.startswith("tests"):
        return f(x, values, **static)
    return f(x, static["indices"], values, static["axis"])


def _put_by_numpy(x: Any, values: Any, indices: Any, axis: int | None) -> Any:
    return _put("put", x, values, indices, axis)


def _add_by_numpy(x: Any, values: Any, indices: Any, axis: int | None) -> Any:
    return _put("add", x, values, indices, axis)


def _scatter_along(x: Any, indices: Any, axis: int, shape: Any) -> Any:
    return _put("add", np.zeros(shape, x.dtype), x, indices, axis)


def _topk(x: Any, k: int, axis: int, largest: bool) -> Any:
    rows = np.sort(x, axis)
    return np.take(np.flip(rows, axis) if largest else rows, np.arange(k), axis)


def _values(f: Any, arrays: Any, static: dict[str, Any]) -> Any:
    """What topk found."""
    found = f(*arrays, **static)
    return getattr(found, "values", found)


def _holed(f: Any, arrays: Any, static: dict[str, Any]) -> Any:
    """A call in whose array the first element is nan."""
    x = arrays[0]
    hole = np.zeros(x.shape, bool)
    hole[(0,) * x.ndim] = True
    return f(ag.where(hole, np.nan, x), **static)


def _kept_dtype(f: Callable[..., Any]) -> Callable[..., Any]:
    """A function of NumPy's that computes in float64, in the dtype of its first array."""
    return lambda x, *args, **static: np.asarray(f(x, *args, **static), x.dtype)


def _interpolated(f: Any, arrays: Any, static: dict[str, Any]) -> Any:
    """A call with places in order: one behind another, each by a little more."""
    x, xp, fp, *beyond = arrays
    n = xp.shape[0]
    return f(x, np.arange(n, dtype=xp.dtype) + xp * 0.01, fp, *beyond, **static)


CASES = [
    # order
    Case(ag.sort, np.sort, calls(shapes(min_dims=1), axis=p.axis_or_none), (GRID,)),
    Case(ag.argsort, np.argsort, calls(shapes(min_dims=1), axis=p.axis_or_none), (GRID,), order=0),
    Case(ag.topk, _topk, calls(shapes(min_dims=1), p.a_topk), (GRID,), call=_values),
    Case(ops.order_statistics, lambda x, ranks: np.sort(x, -1)[..., ranks],
         calls(full(min_dims=1), p.ranks), (GRID,)),
    Case(ag.median, np.median, calls(full(), reductions), (GRID,)),
    Case(ag.median, np.median, calls(full(), reductions), (KINK,), order=1, name="median of ties"),
    Case(ag.sort, np.sort, calls(shapes(min_dims=1), axis=p.axis_or_none), (KINK,), order=1,
         name="sort of ties"),
    Case(ag.quantile, _kept_dtype(np.quantile), calls(full(), p.a_quantile), (GRID,)),
    Case(ag.percentile, _kept_dtype(np.percentile), calls(full(), p.a_percentile), (GRID,)),
    # places
    Case(ag.take, np.take, calls(full(min_dims=1), p.a_take)),
    Case(ag.take_along_axis, np.take_along_axis, calls(full(min_dims=1), p.taken_along)),
    Case(ag.put_along_axis, _put_by_numpy, p.put_along(), call=_before_values),
    Case(ag.scatter_add, _add_by_numpy, p.put_along(), call=_before_values),
    Case(ops.scatter_along, _scatter_along, p.scattered()),
    # without nan
    Case(ag.nansum, np.nansum, calls(_TWO, p.filled), call=_holed),
    Case(ag.nanprod, np.nanprod, calls(_FLAT, p.filled), (ZEROS,),
         call=_holed),
    Case(ag.nanmean, np.nanmean, calls(_TWO, p.filled), call=_holed),
    Case(ag.nanvar, np.nanvar, calls(_FLAT, p.a_variance), call=_holed),
    Case(ag.nanstd, np.nanstd, calls(shapes(min_dims=1, max_dims=2, min_side=3), p.a_variance),
         (GRID,), call=_holed),
    Case(ag.nanmax, np.nanmax, calls(_TWO, p.filled), (GRID,), call=_holed),
    Case(ag.nanmin, np.nanmin, calls(_TWO, p.filled), (GRID,), call=_holed),
    Case(ag.nanmedian, np.nanmedian, calls(_FLAT, p.filled), (GRID,),
         call=_holed),
    Case(ag.nanquantile, _kept_dtype(np.nanquantile), calls(_TWO, p.a_quantile),
         (GRID,), call=_holed),
    Case(ag.nanpercentile, _kept_dtype(np.nanpercentile),
         calls(_TWO, p.a_percentile), (GRID,), call=_holed),
    # statistics
    Case(ag.average, np.average, p.weighted(), (REAL, POSITIVE), call=partial(_settled, "weights")),
    Case(ag.ptp, np.ptp, calls(full(), reductions), (GRID,)),
    Case(ag.cov, _kept_dtype(np.cov), p.a_covariance(), call=_keys),
    Case(ag.corrcoef, _kept_dtype(np.corrcoef), p.observed(), (GRID,)),
    # from element to element
    Case(ag.cumprod, np.cumprod, calls(shapes(min_dims=1), axis=p.axis_or_none), (ZEROS,)),
    Case(ag.diff, np.diff, p.a_difference(), call=partial(_settled, "prepend append")),
    Case(ag.trapezoid, np.trapezoid, p.integrated(), call=partial(_settled, "x")),
    Case(ag.convolve, np.convolve, p.signals()),
    Case(ag.correlate, np.correlate, p.signals()),
    Case(ag.interp, _kept_dtype(np.interp), p.points(), (_BETWEEN, REAL), call=_interpolated),
    *cases_fft.CASES,
]  # fmt: skip

# For tests/test_op_errors.py: a call that cannot be, by the op's name, and a shape that it quotes.
WRONG: dict[str, tuple[Callable[[], Any], Any]] = {
    **{
        f.__name__: (partial(f, _A, axis=7), (2, 3))
        for f in (
            ag.sort, ag.argsort, ag.median, ag.nansum, ag.nanprod, ag.nanmean, ag.nanvar, ag.nanstd,
            ag.nanmax, ag.nanmin, ag.nanmedian, ag.average, ag.ptp, ag.cumprod, ag.diff,
            ag.trapezoid,
        )
    },
    **{
        f.__name__: (partial(f, _A, 2e3), (2, 3))
        for f in (ag.quantile, ag.percentile, ag.nanquantile, ag.nanpercentile)
    },
    "topk": (lambda: ag.topk(_A, 4), (2, 3)),
    "order_statistics": (lambda: ops.order_statistics(_A, [7]), (2, 3)),
    "take": (lambda: ag.take(_A, [7]), (2, 3)),
    "take_along_axis": (lambda: ag.take_along_axis(_A, [[0], [7]]), (2, 3)),
    "put_along_axis": (lambda: ag.put_along_axis(_A, [[0], [7]], 1), (2, 3)),
    "scatter_add": (lambda: ag.scatter_add(_A, [0], 1), (2, 3)),
    "scatter_along": (lambda: ops.scatter_along(_A, np.array([0]), 0, (4, 5)), (2, 3)),
    "cov": (lambda: ag.cov(_A, ag.ones(4, 5)), (2, 3)),
    "corrcoef": (lambda: ag.corrcoef(_A, ag.ones(4, 5)), (2, 3)),
    "convolve": (lambda: ag.convolve(_A, _A), (2, 3)),
    "correlate": (lambda: ag.correlate(_A, _A), (2, 3)),
    "interp": (lambda: ag.interp(_A, [0.0, 1.0], [0.0]), (2, 3)),
    **cases_fft.WRONG,
}  # fmt: skip
# Of one array of any shape: nothing can mismatch.
CANNOT_MISMATCH: set[str] = set()
# Ops that ONNX has no counterpart of, or none that is written yet: `to_onnx` refuses them by name.
WITHOUT_ONNX: set[Callable[..., Any]] = {
    ag.argsort, ag.convolve, ag.cumprod, ag.interp, ag.put_along_axis, ag.sort, ag.take_along_axis,
    ag.topk,
    *cases_fft.WITHOUT_ONNX,
}  # fmt: skip
# The same for functions made of others: with the name of what they are made of.
MADE_OF: dict[Callable[..., Any], str] = {
    ag.correlate: "convolve",
    **dict.fromkeys([ag.median, ag.quantile, ag.percentile], "order_statistics"),
    **dict.fromkeys([ag.nanmedian, ag.nanquantile, ag.nanpercentile], "order_statistics"),
    ag.scatter_add: "scatter_along",
    **cases_fft.MADE_OF,
}
