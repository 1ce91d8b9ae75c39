"""Where NumPy's functions go: to the op of their name, to their own on the values, or nowhere.

What is not known here is refused, so a function that NumPy adds loses no gradient.
"""

from __future__ import annotations

import functools
import importlib
import inspect
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from autograd_lite import ops

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

# NumPy's names for an op that has another one here.
_ALIASES = {
    "absolute": "abs",
    "amax": "max",
    "amin": "min",
    "around": "round",
    "degrees": "rad2deg",
    "divide": "div",
    "multiply": "mul",
    "negative": "neg",
    "power": "pow",
    "radians": "deg2rad",
    "subtract": "sub",
}

# Results that are numbers of elements, positions, truths, texts or shapes, or that have steps:
# constant wherever they have a gradient.
_STEPS = frozenset({
    "all", "allclose", "any", "argmax", "argmin", "argpartition", "argwhere", "array2string",
    "array_equal", "array_equiv", "array_repr", "array_str", "can_cast", "common_type",
    "count_nonzero", "diag_indices_from", "digitize", "einsum_path", "empty_like",
    "flatnonzero", "isclose", "iscomplex", "iscomplexobj", "isfinite", "isin", "isinf", "isnan",
    "isneginf", "isposinf", "isreal", "isrealobj", "lexsort", "logical_and", "logical_not",
    "logical_or", "logical_xor", "may_share_memory", "min_scalar_type", "nanargmax",
    "nanargmin", "ndim", "nonzero", "result_type", "searchsorted", "shape", "shares_memory",
    "signbit", "size", "spacing", "tril_indices_from", "triu_indices_from",
})  # fmt: skip

# Functions that write into their argument, where the op of that name gives a new tensor.
_IN_PLACE = frozenset({"put_along_axis"})

# What to write instead of a function that has no op, where that is short.
_INSTEAD = {
    "apply_along_axis": "ag.stack([f(part) for part in ag.unstack(x)])",
    "bincount": "ag.zeros(length).at[x].add(weights)",
    "conj": "x",
    "conjugate": "x",
    "copyto": "y = x.at[...].set(value)",
    "cumulative_prod": "ag.cumprod(x, axis)",
    "cumulative_sum": "ag.cumsum(x, axis)",
    "ediff1d": "x[1:] - x[:-1]",
    "fabs": "abs(x)",
    "fill_diagonal": "i = np.arange(n); y = x.at[i, i].set(value)",
    "imag": "ag.zeros_like(x)",
    "linalg.eig": "ag.linalg.eigh(x) if x is symmetric",
    "linalg.eigvals": "ag.linalg.eigvalsh(x) if x is symmetric",
    "linspace": "start + (stop - start) * np.linspace(0, 1, n)",
    "modf": "(x - ag.trunc(x), ag.trunc(x))",
    "nancumprod": "ag.cumprod(ag.where(np.isnan(x), 1, x), axis)",
    "nancumsum": "ag.cumsum(ag.where(np.isnan(x), 0, x), axis)",
    "partition": "ag.sort(x, axis)",
    "place": "y = x.at[mask].set(values)",
    "polyfit": "ag.linalg.lstsq(ag.vander(x, degree + 1), y).x",
    "polymul": "ag.convolve(x, y)",
    "polyval": "ag.vander(x, len(p)) @ p",
    "put": "y = x.ravel().at[index].set(values).reshape(x.shape)",
    "put_along_axis": "y = ag.put_along_axis(x, indices, values, axis)",
    "putmask": "y = ag.where(mask, values, x)",
    "real": "x",
    "resize": "ag.tile(x, reps)",
    "rollaxis": "ag.moveaxis(x, axis, start)",
    "unique": "_, i = np.unique(x.numpy(), return_index=True); x[i]",
}

# Keywords of NumPy's that say nothing about the result.
_HARMLESS = frozenset({"device", "optimize", "overwrite_input", "subok"})
# What a ufunc's own keywords are unless somebody says otherwise.
_USUAL = {"casting": "same_kind", "dtype": None, "order": "K", "subok": True, "where": True}
_RENAMED = {"clip": {"a_min": "low", "a_max": "high", "min": "low", "max": "high"}}

# The ops that the methods of a ufunc are.
METHODS = {
    ("add", "reduce"): "sum",
    ("multiply", "reduce"): "prod",
    ("maximum", "reduce"): "max",
    ("minimum", "reduce"): "min",
    ("logaddexp", "reduce"): "logsumexp",
    ("add", "accumulate"): "cumsum",
    ("multiply", "accumulate"): "cumprod",
}


class Way(NamedTuple):
    """What becomes of a call of a function of NumPy's with tensors.

    Attributes:
        name: the function's, as in `np.linalg.norm` without the `np.`.
        op: ours of the same meaning, or None.
        path: where that is: `linalg.norm` of autograd_lite.
        is_step: whether its own result has no gradient by its nature.
        instead: what to write where there is no op, or nothing.
    """

    name: str
    op: Callable[..., Any] | None = None
    path: str = ""
    is_step: bool = False
    instead: str = ""


@functools.cache
def way_of(function: Any) -> Way:
    """Where calls of a function of NumPy's go."""
    module = getattr(function, "__module__", None) or "numpy"  # old ufuncs have none
    inner = module.removeprefix("numpy").lstrip(".")
    name = f"{inner}.{function.__name__}" if inner else function.__name__
    op, path = _op(inner, function.__name__)
    is_step = op is None and name in _STEPS
    return Way(name, op, path, is_step, _INSTEAD.get(name, ""))


def op_named(name: str) -> Callable[..., Any] | None:
    """The op of a name, if there is one."""
    op = vars(ops).get(name)
    return op if inspect.isfunction(op) else None


def _op(inner: str, name: str) -> tuple[Callable[..., Any] | None, str]:
    """Our function for one of numpy, numpy.linalg or numpy.fft, and its path."""
    if inner in {"linalg", "fft"}:
        ours = vars(importlib.import_module(f"autograd_lite.{inner}")).get(name)
        return ours, f"{inner}.{name}"
    if inner or name in _IN_PLACE:
        return None, ""
    alias = _ALIASES.get(name, name)
    return op_named(alias), alias


def arguments(
    way: Way, function: Any, args: Sequence[Any], options: Mapping[str, Any]
) -> tuple[list[Any], dict[str, Any]] | str:
    """The arguments of a call as our function takes them, or what it does not know."""
    ours, theirs = _signature(way.op), _signature(function)
    if theirs is None or any(p.kind is p.VAR_POSITIONAL for p in theirs.values()):
        names, defaults = [], dict(_USUAL)
    else:
        names = list(theirs)
        defaults = {name: p.default for name, p in theirs.items()}
    own = list(ours or ())
    arrays = [name for name in own if name not in names]  # they have names of their own here
    given: dict[str, Any] = {}
    rest: list[Any] = []
    named = {**dict(zip(names, args, strict=False)), **options} if names else dict(options)
    if not names:
        rest = list(args)
    for name, value in named.items():
        default = defaults.get(name, inspect.Parameter.empty)
        place = names.index(name) if name in names else len(own)
        target = _RENAMED.get(way.name, {}).get(name, name)
        if target not in own and place < len(own) and default is inspect.Parameter.empty:
            target = own[place] if own[place] in arrays else target
        if value is np._NoValue:
            continue
        if target in own:
            given[target] = value
        elif name not in _HARMLESS and not _is(value, default):
            return name
    return _called(ours or {}, rest, given)


def _called(
    ours: Mapping[str, inspect.Parameter], rest: list[Any], given: dict[str, Any]
) -> tuple[list[Any], dict[str, Any]]:
    """Positional and named arguments: what our function takes by position alone goes there."""
    first = [name for name, p in ours.items() if p.kind is p.POSITIONAL_ONLY and name in given]
    if first and not rest:
        for name, parameter in ours.items():
            rest.append(given.pop(name, parameter.default))
            if name == first[-1]:
                break
    return rest, given


def _is(value: Any, default: Any) -> bool:
    """Whether an argument is a default."""
    return value is default or (isinstance(value, (str, bool)) and value == default)


@functools.cache
def _signature(function: Any) -> dict[str, inspect.Parameter] | None:
    """The parameters of a function by name, or None where Python cannot tell."""
    try:
        return dict(inspect.signature(function).parameters)
    except (TypeError, ValueError):
        return None
