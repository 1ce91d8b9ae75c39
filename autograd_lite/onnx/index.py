"""Indexing, as nodes: slices first, then one Gather for all arrays of integers together."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd_lite import ops
from autograd_lite.onnx.graph import Graph, Value, fixed
from autograd_lite.onnx.merge import Growing
from autograd_lite.onnx.shape import FIRST, LAST, permuted, sliced
from autograd_lite.onnx.table import writes

_INT = np.dtype(np.int64)
_BOOL = np.dtype(bool)


@writes(ops.getitem, growing=True)
def getitem(g: Graph, out: Value, x: Value, index: Any) -> str:
    """What brackets pick."""
    given = [part for i in _listed(index) for part in _unmasked(g, i)]
    parts = _expanded(given, len(x.shape))
    along = [i for i, part in enumerate(parts) if part is not None]  # where x has an axis
    slices = {n: _bounds(parts[i]) for n, i in enumerate(along) if isinstance(parts[i], slice)}
    name = sliced(g, x.name, {n: bounds for n, bounds in slices.items() if bounds != _WHOLE})
    new = [i for i, part in enumerate(parts) if part is None]
    if new:
        name = g.node("Unsqueeze", name, g.ints(new))
    picked = [i for i, part in enumerate(parts) if _picks(part)]
    if len(picked) == 1 or all(isinstance(parts[i], (int, Growing)) for i in picked):
        for i in reversed(picked):
            name = g.node("Gather", name, _places(g, parts[i]), axis=i)
        return name
    at = [i for i, part in enumerate(given) if _picks(part)]
    front = picked[0] if at == list(range(at[0], at[-1] + 1)) else 0  # as NumPy has it
    rest = [i for i in range(len(parts)) if i not in picked]
    if picked[-1] >= len(picked):
        name = permuted(g, name, [*picked, *rest])
    name = _gathered(g, name, [_places(g, parts[i]) for i in picked])
    ndim = len(out.shape)
    count = ndim - len(rest)
    order = [*range(count, count + front), *range(count), *range(count + front, ndim)]
    return permuted(g, name, order) if front else name


def _picks(part: Any) -> bool:
    return part is not None and part is not Ellipsis and not isinstance(part, slice)


def _listed(index: Any) -> tuple[Any, ...]:
    return index if type(index) is tuple else (index,)


_WHOLE = (0, LAST, 1)


def _bounds(part: slice) -> tuple[Any, Any, Any]:
    """Start, stop and step of a slice as ONNX has them."""
    (step,) = fixed("getitem", [1 if part.step is None else part.step])
    start: Any = (0 if step > 0 else LAST) if part.start is None else part.start
    stop: Any = (LAST if step > 0 else FIRST) if part.stop is None else part.stop
    return start, stop, step


def _expanded(parts: list[Any], n: int) -> list[Any]:
    """`parts` with a slice for each axis of `n` that they do not name."""
    rest = [slice(None)] * (n - sum(p is not None and p is not Ellipsis for p in parts))
    at = next((i for i, part in enumerate(parts) if part is Ellipsis), len(parts))
    return [*parts[:at], *rest, *parts[at + 1 :]]


def _unmasked(g: Graph, part: Any) -> list[Any]:
    """A part of an index, with the places that hold in place of a mask."""
    if isinstance(part, (bool, list)):
        constant: Any = np.array(part, None if part or part is False else _INT)
    elif isinstance(part, Value):
        constant = g.constants.get(part.name)
    else:
        return [part]
    is_mask = (part if constant is None else constant).dtype == _BOOL
    if is_mask and (constant is None or not constant.ndim):
        message = (
            "to_onnx: `getitem`: got a mask that is computed from the input, or has no axes, so"
            " that values decide the shape; use where(mask, x, 0), or index outside of the model"
        )
        raise ValueError(message)
    if is_mask:
        return [places.astype(_INT) for places in np.nonzero(constant)]
    if constant is None:
        return [part]
    return [constant.astype(_INT) if constant.ndim else int(constant)]


def _places(g: Graph, part: Any) -> str:
    """The number or numbers that pick from an axis."""
    if isinstance(part, Growing):
        return g.reshape(g.sizes([part]), ())
    return g.array(part) if isinstance(part, np.ndarray) else g.cast(part, _INT)


def _gathered(g: Graph, name: str, places: list[str]) -> str:
    """The elements at places in the first axes, which broadcast, in the first axes."""
    none = g.number(0, _INT)
    zeros = g.node("Mul", places[0], none)
    for other in places[1:]:
        zeros = g.node("Add", zeros, g.node("Mul", other, none))
    columns = [g.node("Unsqueeze", g.node("Add", column, zeros), g.ints([-1])) for column in places]
    return g.node("GatherND", name, g.node("Concat", *columns, axis=-1))
