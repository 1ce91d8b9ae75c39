"""NumPy's functions on tensors: `np.exp(x)` and `array * x` record, or say why they cannot.

What NumPy computes from the bare values of a tensor that requires a gradient would silently have
none. So a function goes to the op of its name; where there is no such op, NumPy's own runs if it
has no derivative (`np.argmax`), or if no operand requires a gradient.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from autograd_lite import ops
from autograd_lite.memory import read_only

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from autograd_lite.node import Node

# NumPy's names for an op that has another one here.
_ALIASES = {
    "absolute": "abs",
    "amax": "max",
    "amin": "min",
    "divide": "div",
    "multiply": "mul",
    "negative": "neg",
    "power": "pow",
    "subtract": "sub",
}

# Results that are numbers of elements, positions or truths: constant wherever they have a gradient.
_STEPS = frozenset(
    {
        "all",
        "allclose",
        "any",
        "argmax",
        "argmin",
        "array2string",
        "array_equal",
        "array_repr",
        "array_str",
        "ceil",
        "count_nonzero",
        "digitize",
        "floor",
        "isclose",
        "isfinite",
        "isinf",
        "isnan",
        "logical_and",
        "logical_not",
        "logical_or",
        "logical_xor",
        "may_share_memory",
        "ndim",
        "nonzero",
        "result_type",
        "rint",
        "searchsorted",
        "shape",
        "shares_memory",
        "signbit",
        "size",
    }
)

# The functions of numpy.linalg that mean what the op of their name does (diagonal, say, does not).
_SAME_IN_LINALG = frozenset({"matmul", "norm", "outer", "tensordot"})


class NumPyProtocol:
    """How NumPy's functions treat a Tensor."""

    __slots__ = ()

    _data: NDArray[Any]
    node: Node | None

    def __array_ufunc__(self, ufunc: Any, method: str, *operands: Any, **options: Any) -> Any:
        """`np.exp(x)`, `array * x`: elementwise functions."""
        if method == "__call__":
            return _call(ufunc.__name__, ufunc, operands, options, recorded=not options)
        name = f"{ufunc.__name__}.{method}"
        if method == "at" and isinstance(operands[0], NumPyProtocol):
            raise _no_place(name)  # NumPy itself writes to what is read-only
        return _call(name, getattr(ufunc, method), operands, options, recorded=False)

    def __array_function__(
        self, function: Any, types: Any, args: tuple[Any, ...], options: dict[str, Any]
    ) -> Any:
        """`np.sum(x, axis=0)`: all other functions."""
        name, module = function.__name__, function.__module__
        if module == "numpy.fft":
            from autograd_lite import fft  # noqa: PLC0415  # imported when it is first used

            if hasattr(fft, name):
                return getattr(fft, name)(*args, **options)
        same = module == "numpy" or name in _SAME_IN_LINALG
        return _call(name, function, args, options, recorded=same)


def _call(
    name: str, function: Callable[..., Any], args: Any, options: Any, *, recorded: bool
) -> Any:
    """The op called `name` if `recorded`, else NumPy's `function` of the values if that is safe."""
    ours = getattr(ops, _ALIASES.get(name, name), None) if recorded and name not in _STEPS else None
    if ours is not None and "out" not in options:
        return ours(*args, **options)
    if name not in _STEPS and _requires_grad([*args, *options.values()]):
        message = (
            f"np.{name}: records no gradient, and an operand requires one; use a function of"
            " autograd_lite, or x.detach() or x.numpy() for the values alone"
        )
        raise TypeError(message)
    out = options.get("out")
    if any(isinstance(array, NumPyProtocol) for array in (out if type(out) is tuple else (out,))):
        raise _no_place(name)  # NumPy 2.0.0's cumsum writes to what is read-only
    try:
        return function(*_values(args), **{key: _values(value) for key, value in options.items()})
    except ValueError as error:
        if "read-only" not in str(error):
            raise
        raise _no_place(name) from error


def _no_place(name: str) -> TypeError:
    """The error that a function would write into a tensor."""
    message = (
        f"np.{name}: got a Tensor to write into, which a graph may hold; expected an ndarray:"
        " give x.data, which changes x and no graph, or an array of its own"
    )
    return TypeError(message)


def _requires_grad(value: Any) -> bool:
    if isinstance(value, (list, tuple)):
        return any(map(_requires_grad, value))
    return isinstance(value, NumPyProtocol) and value.node is not None


def _values(value: Any) -> Any:
    """`value` with the arrays of the tensors in it, to be read and not to be written to."""
    if isinstance(value, (list, tuple)):
        return type(value)(map(_values, value))
    return read_only(value._data) if isinstance(value, NumPyProtocol) else value
