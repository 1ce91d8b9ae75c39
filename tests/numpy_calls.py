"""The public functions of NumPy that know of tensors, found by looking; and calls of each."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

import autograd_lite as ag

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import ModuleType

MODULES: dict[str, ModuleType] = {"": np, "linalg.": np.linalg, "fft.": np.fft}
_DISPATCHER: type = type(np.sum)


def functions() -> dict[str, Any]:
    """What dispatches, by name: `exp`, `linalg.inv`."""
    found = {}
    for prefix, module in MODULES.items():
        for name in sorted(dir(module)):
            value = getattr(module, name)
            if not name.startswith("_") and isinstance(value, (np.ufunc, _DISPATCHER)):
                found[prefix + name] = value
    return found


def leaf(values: Any) -> Any:
    """A tensor in float64 that requires a gradient."""
    return ag.tensor(np.asarray(values, "float64"), requires_grad=True)


def matrix() -> Any:
    """A matrix that has all that matrices may have: symmetric, positive definite, of norm < 1."""
    return leaf([[0.5, 0.1, 0.2], [0.1, 0.6, 0.05], [0.2, 0.05, 0.7]])


def vector() -> Any:
    """A vector of numbers between 0 and 1."""
    return leaf([0.3, 0.2, 0.7])


# Calls that fit a function which none of those below fits.
SPECIAL: dict[str, Callable[[Any, Any], tuple[Any, ...]]] = {
    "apply_along_axis": lambda m, _: (np.sum, 0, m),
    "apply_over_axes": lambda m, _: (np.sum, m, [0]),
    "arccosh": lambda m, _: (m + 1,),
    "acosh": lambda m, _: (m + 1,),
    "astype": lambda m, _: (m, "float32"),
    "broadcast_to": lambda _, v: (v, (2, 3)),
    "can_cast": lambda _, v: (v, "float64"),
    "clip": lambda _, v: (v, 0.25, 0.5),
    "digitize": lambda _, v: (v, [0.1, 0.5]),
    "tile": lambda _, v: (v, 2),
    "bincount": lambda _, v: (np.array([0, 1, 1]), v),
    "choose": lambda _, v: (np.array([0, 1, 0]), [v, v]),
    "compress": lambda _, v: ([True, False, True], v),
    "copyto": lambda _, v: (np.zeros(3), v),
    "einsum": lambda m, v: ("ij,j->i", m, v),
    "einsum_path": lambda m, v: ("ij,j->i", m, v),
    "extract": lambda _, v: (v > 0.25, v),
    "insert": lambda _, v: (v, 1, 0.5),
    "interp": lambda _, v: (v, np.arange(3.0), np.arange(3.0)),
    "ldexp": lambda _, v: (v, 2),
    "moveaxis": lambda m, _: (m, 0, 1),
    "piecewise": lambda _, v: (v, [v > 0.25], [lambda x: x * x, 0.0]),
    "place": lambda _, v: (np.zeros(3), np.array([True, False, True]), v),
    "put": lambda _, v: (np.zeros(3), [0, 1, 2], v),
    "putmask": lambda _, v: (np.zeros(3), np.array([True, False, True]), v),
    "put_along_axis": lambda _, v: (np.zeros(3), np.array([0, 1]), v[:2], 0),
    "rollaxis": lambda m, _: (m, 1),
    "select": lambda _, v: ([v > 0.25], [v]),
    "split": lambda m, _: (m, 3),
    "array_split": lambda m, _: (m, 2),
    "dsplit": lambda m, _: (m.reshape(1, 3, 3), 3),
    "hsplit": lambda m, _: (m, 3),
    "vsplit": lambda m, _: (m, 3),
    "swapaxes": lambda m, _: (m, 0, 1),
    "take_along_axis": lambda m, _: (m, np.argsort(m.numpy(), 0), 0),
    "where": lambda _, v: (v > 0.25, v, 0.0),
    "linalg.matrix_power": lambda m, _: (m, 2),
    "linalg.multi_dot": lambda m, _: ([m, m],),
    "linalg.tensorsolve": lambda m, v: (m, v),
    "linalg.cross": lambda _, v: (v, v),
    "linalg.outer": lambda _, v: (v, v),
    "linalg.tensorinv": lambda m, _: (m, 1),
}


def calls(name: str) -> Iterator[tuple[Any, ...]]:
    """Arguments that a function may fit, with new tensors that require gradients."""
    if name in SPECIAL:
        yield SPECIAL[name](matrix(), vector())
    yield (matrix(),)
    yield (vector(),)
    yield (matrix(), matrix())
    yield (vector(), vector())
    yield (matrix(), 1)
    yield ([vector(), vector()],)
    yield (matrix(), vector())
    yield (vector(), vector(), vector())
    yield ("file", matrix())


def values(argument: Any) -> Any:
    """An argument with arrays in place of tensors."""
    if isinstance(argument, (list, tuple)):
        return type(argument)(map(values, argument))
    return argument.numpy() if isinstance(argument, ag.Tensor) else argument


def flat(result: Any) -> list[Any]:
    """The real arrays or tensors in a result."""
    if isinstance(result, (list, tuple)):
        return [part for r in result for part in flat(r)]
    if isinstance(result, ag.fft.Spectrum) or np.iscomplexobj(result):
        return [result.real, result.imag]
    return [result]
