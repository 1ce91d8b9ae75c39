"""The rules of `check_hygiene`, each with what it finds."""

from __future__ import annotations

import gc
from typing import TYPE_CHECKING, Any

import numpy as np

from autograd_lite.errors import describe
from autograd_lite.testing.findings import CannotTryError, Rule, coarsest, signed, size, unlike
from autograd_lite.testing.hygiene_calls import Called, Session, TensorCalls, copies

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from numpy.typing import NDArray

    Arrays = list[NDArray[Any]]

_ULPS = 2.0**13  # what another order of the same sums may change
_NEARLY_HALF = 0.1, 0.75  # how much of a change is left over half of a step, if it is no jump


def _form(at: Session) -> Sequence[str]:
    """Shapes and dtypes, as given and in float32."""
    wrong = _unlike_inputs(at, at.first, at.arrays)
    single = [a.astype(np.float32) for a in at.arrays]
    if wrong or all(a.dtype == np.float32 for a in at.arrays):
        return wrong
    try:
        outputs, _ = at.calls.values(copies(single))
        called = at.calls.call(single, signed(at.random, outputs))
    except Exception:  # noqa: BLE001  # whatever a function raises that is for float64 only
        return []
    return _unlike_inputs(at, called, single)


def _unlike_inputs(at: Session, called: Called, arrays: Arrays) -> list[str]:
    if len(called.gradients) != len(arrays):
        got, inputs = len(called.gradients), len(at.inputs)
        return [f"got {got} gradients; expected {inputs}, or {len(arrays)}, of floating inputs"]
    return [
        f"input {i}, {describe(a)}, has a gradient {describe(g)}; expected {describe(a)}"
        for i, g, a in zip(at.floating, called.gradients, arrays, strict=True)
        if g is not None and (g.shape, g.dtype) != (a.shape, a.dtype)
    ]


def is_fitting(at: Session) -> bool:
    """Whether there is a gradient for each input, of its shape, so that it can be compared."""
    gradients = at.first.gradients
    return len(gradients) == len(at.arrays) and all(
        g is None or g.shape == a.shape for g, a in zip(gradients, at.arrays, strict=True)
    )


def _mutation(at: Session) -> Sequence[str]:
    """What a call changed, and what closures did that the engine calls."""
    calls = at.calls
    if not isinstance(calls, TensorCalls):
        return at.changed
    if at.order > 1:
        calls.call_again(copies(at.arrays), copies(at.cotangents), at.random)
    return [*at.changed, *calls.witness.written]


def _aliasing(at: Session) -> Sequence[str]:
    """What a gradient shares memory with."""
    gradients = [
        (f"the gradient of input {i}", g)
        for i, g in zip(at.floating, at.first.gradients, strict=True)
        if g is not None
    ]
    others = [
        *((f"input {i}", a) for i, a in zip(at.floating, at.used[0], strict=True)),
        *((f"cotangent {i}", a) for i, a in enumerate(at.used[1])),
        *((f"output {i}", a) for i, a in enumerate(at.first.outputs)),
    ]
    return [
        f"{name} shares memory with {other}"
        for k, (name, g) in enumerate(gradients)
        for other, a in (*gradients[k + 1 :], *others)
        if np.may_share_memory(g, a) and np.shares_memory(g, a)
    ]


def _determinism(at: Session) -> Sequence[str]:
    """What differs between two calls."""
    again = at.again()
    pairs = [*zip(at.first.outputs + at.first.others, again.outputs + again.others, strict=False)]
    if len(pairs) != len(again.outputs + again.others):
        return ["another number of outputs in a second call"]
    names = ("first", "in a second call")
    first, second = ([pair[k] for pair in pairs] for k in (0, 1))
    one, two = at.gradients(at.first), at.gradients(again)
    return [
        *unlike("output", names, first, second, [0.0] * len(pairs)),
        *unlike("the gradient of input", names, one, two, [0.0] * len(one), at.floating),
    ]


def _layout(at: Session) -> Sequence[str]:
    """What differs for arrays that lie otherwise in memory."""
    if all(a.size < 2 for a in (*at.arrays, *at.cotangents)):  # elements
        reason = "no array has two elements"
        raise CannotTryError(reason)
    rounding = _ULPS * coarsest(*at.arrays, *at.first.outputs)
    gradients = at.gradients(at.first)
    lines: list[str] = []
    for name, lay in LAYOUTS.items():
        called = at.calls.call([lay(a) for a in at.arrays], [lay(c) for c in at.cotangents])
        names = (f"of {name} arrays", "of contiguous ones")
        for what, got, expected, positions in (
            ("output", called.outputs, at.first.outputs, None),
            ("the gradient of input", at.gradients(called), gradients, at.floating),
        ):
            allowed = [rounding * (1 + size(a)) for a in expected]
            lines += unlike(what, names, got, expected, allowed, positions)
    return lines


def _transposed(a: NDArray[Any]) -> NDArray[Any]:
    return np.array(a.T, order="C").T


def _strided(a: NDArray[Any]) -> NDArray[Any]:
    room = np.zeros((*a.shape, 2), a.dtype)
    room[..., 0] = a
    return room[..., 0]


def _reversed(a: NDArray[Any]) -> NDArray[Any]:
    return np.array(np.flip(a), order="C")[(slice(None, None, -1),) * a.ndim]


LAYOUTS: dict[str, Callable[[NDArray[Any]], NDArray[Any]]] = {
    "transposed": _transposed,
    "strided": _strided,
    "reversed": _reversed,
}


def _presence(at: Session) -> Sequence[str]:
    """Inputs without a gradient with which the values change."""
    return [
        f"input {at.floating[k]}, {describe(at.arrays[k])}, has no gradient; but the values change"
        f" by {change:.3g} where it moves by {step:.3g}"
        for k, g in enumerate(at.first.gradients)
        if g is None
        for step, change in _changes(at, k)
    ]


def _changes(at: Session, k: int) -> Iterator[tuple[float, float]]:
    """A step of input `k` and how much the values change over it, if they do, and by no jump."""
    array = at.arrays[k]
    if not array.size or not at.first.outputs:
        return
    (direction,) = signed(at.random, [array])
    step = np.sqrt(np.finfo(array.dtype).eps) * (1 + np.abs(array)) * direction
    whole, half = (
        max(map(size, _moved(at, k, (array + part * step).astype(array.dtype))))
        for part in (1.0, 0.5)
    )
    least, most = _NEARLY_HALF
    if least * whole <= half <= most * whole and whole > 0:
        yield size(step), whole


def _moved(at: Session, k: int, array: NDArray[Any]) -> Arrays:
    """How much the outputs change if input `k` is `array`."""
    arrays = copies(at.arrays)
    arrays[k] = array
    outputs, _ = at.calls.values(arrays)
    return [a - b for a, b in zip(outputs, at.first.outputs, strict=True)]


def _freedom(at: Session) -> Sequence[str]:
    """What is left of a graph that nobody needs."""
    calls = at.calls
    if not isinstance(calls, TensorCalls):
        reason = "f is no function of tensors"
        raise CannotTryError(reason)
    was_on = gc.isenabled()
    gc.disable()
    try:
        left = calls.leftovers(copies(at.arrays), copies(at.cotangents), at.order)
    finally:
        if was_on:
            gc.enable()
    if not left:
        return []
    return [f"{left} rules and results of the graph outlive the last reference to the results"]


FORM = Rule(
    "form",
    "a gradient has the shape and the dtype of its input",
    "look for a broadcast that is not undone, float64 constants, gradients in another order than"
    " the inputs",
    _form,
)
RULES = (
    FORM,
    Rule(
        "mutation",
        "inputs, cotangents and captured arrays are left as they are",
        "look for +=, out=, and assignments to items; copy the array first",
        _mutation,
    ),
    Rule(
        "aliasing",
        "a gradient shares memory with nothing else",
        "return a copy, for whoever adds to a gradient in place would change the other array",
        _aliasing,
    ),
    Rule(
        "layout",
        "what lies otherwise in memory gives the same",
        "look for strides, raw buffers, reshape() of what should be copied, and order='K' or 'A'",
        _layout,
    ),
    Rule(
        "determinism",
        "two calls with the same inputs agree exactly",
        "draw random numbers outside and pass them in; leave out what counts calls",
        _determinism,
    ),
    Rule(
        "presence",
        "an input has a gradient if the values change with it",
        "look for detach(), no_grad(), NumPy inside f, or None in the vjp; return zeros where the"
        " derivative is meant to be zero",
        _presence,
    ),
    Rule(
        "freedom",
        "a graph dies with the last reference to its results, without the garbage collector",
        "look for a cycle of references (a hook that holds its tensor), and for results that f"
        " keeps in a list or an attribute",
        _freedom,
    ),
)
