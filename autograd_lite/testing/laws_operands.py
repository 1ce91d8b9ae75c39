"""The laws of operands: one that is broadcast, or given twice, gets the sum of the gradients."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from autograd_lite.testing.findings import CannotTryError, Rule, finite, size, unlike, whole
from autograd_lite.testing.subject import subject_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from numpy.typing import NDArray

    from autograd_lite.testing.laws_point import Point

    Arrays = list[NDArray[Any]]


def _broadcast(at: Point) -> Sequence[str]:
    """The gradient of an operand is the sum of that of the expanded one."""
    for shape in _common_shapes(at):
        expanded = [np.array(np.broadcast_to(a, shape)) for a in at.arrays]
        pulled = _pulled(at, expanded, shape)
        if pulled is not None:
            break
    else:
        reason = "no operand broadcasts"
        raise CannotTryError(reason)
    sums = [_sum_to(p, a.shape) for p, a in zip(pulled, at.arrays, strict=True)]
    sizes = [_sum_to(np.abs(p), a.shape) for p, a in zip(pulled, at.arrays, strict=True)]
    names = ("gradient", "sum of the gradient of the expanded operand")
    return unlike("input", names, at.pulled, sums, at.allowed(sizes), at.subject.floating)


def _common_shapes(at: Point) -> Iterator[tuple[int, ...]]:
    """Shapes to which all floating operands broadcast, and not all have."""
    shapes = [a.shape for a in at.arrays]
    for more in ([v.shape for v in at.values], []):
        try:
            shape = np.broadcast_shapes(*shapes, *more)
        except ValueError:
            continue
        if set(shapes) != {shape} and 0 not in shape:
            yield shape


def _pulled(at: Point, expanded: Arrays, shape: tuple[int, ...]) -> Arrays | None:
    """The gradients of expanded operands, if `f` takes them and they change nothing.

    That must be so at a point nearby, too: where all is 0, even a sum of copies is the same.
    """
    moved = [a + _nearby(at, a) for a in at.arrays]
    moved_expanded = [np.array(np.broadcast_to(a, shape)) for a in moved]
    try:
        here = zip(at.values, at.subject.values(expanded), strict=True)
        if not all(_same(a, b) for a, b in here):
            return None
        there = zip(at.subject.values(moved), at.subject.values(moved_expanded), strict=True)
        if not all(_same(a, b) for a, b in there):
            return None
        return whole(at.subject.pull(expanded, at.cotangents), expanded)
    except Exception:  # noqa: BLE001  # whatever the function raises of shapes that it does not take
        return None


def _same(a: NDArray[Any], b: NDArray[Any]) -> bool:
    """Whether they agree in three quarters of the digits: the rest may be rounding."""
    allowed = np.finfo(a.dtype).eps ** 0.75 * (1 + size(a))
    return a.shape == b.shape and bool((np.abs(a - b) <= allowed).all())


def _nearby(at: Point, a: NDArray[Any]) -> NDArray[Any]:
    """A step that is far larger than what counts as the same in single precision."""
    step: NDArray[Any] = at.random.uniform(0.01, 0.03, a.shape) * (1 + np.abs(a))
    return step.astype(a.dtype)


def _sum_to(array: NDArray[Any], shape: tuple[int, ...]) -> NDArray[Any]:
    """What `array` adds up to where `shape` was broadcast."""
    array = array.sum(tuple(range(array.ndim - len(shape))))
    axes = tuple(i for i, n in enumerate(shape) if n == 1 and array.shape[i] != 1)
    return np.asarray(array.sum(axes, keepdims=True))


def _shared(at: Point) -> Sequence[str]:
    """The gradient of x in f(x, x) is the sum of those of f(x, y) at y = x."""
    group = _equals(at.arrays)
    if not group:
        reason = "no two floating inputs have the same shape"
        raise CannotTryError(reason)
    places = [at.subject.floating[i] for i in group]
    f = _given_twice(at.subject.f, places, skip=0)
    vjp = at.subject.vjp and _given_twice(at.subject.vjp, places, skip=1)
    copies = [at.arrays[group[0]] if i in group else a for i, a in enumerate(at.arrays)]
    try:
        values = at.subject.values(copies)
        apart = whole(at.subject.pull(copies, at.cotangents), copies)
    except Exception as error:  # of any library: a point that the function does not take
        reason = "f(x, x) is not defined"
        raise CannotTryError(reason) from error
    if not finite(values, apart) or [v.shape for v in values] != [v.shape for v in at.values]:
        reason = "f(x, x) is not finite"
        raise CannotTryError(reason)
    together = subject_of(f, at.subject.inputs, vjp, caller="check_laws").pull(
        copies, at.cotangents
    )
    got, expected = whole(together, copies), list(apart)
    if vjp is None:
        total = np.sum([apart[i] for i in group], axis=0)
        expected = [np.zeros_like(a) if i in group else a for i, a in enumerate(apart)]
        expected[group[0]] = total.astype(copies[group[0]].dtype)
    allowed = at.allowed(*([apart[i]] * len(apart) for i in group), apart)
    names = (
        f"with one array given as inputs {', '.join(map(str, places))}, gradient",
        "that for copies of it",
    )
    return unlike("input", names, got, expected, allowed, at.subject.floating)


def _equals(arrays: Arrays) -> list[int]:
    """The places of the first arrays of equal shape and dtype."""
    kinds = [(a.shape, a.dtype) for a in arrays]
    for kind in kinds:
        if kinds.count(kind) > 1:
            return [i for i, other in enumerate(kinds) if other == kind]
    return []


def _given_twice(f: Callable[..., Any], places: Sequence[int], skip: int) -> Callable[..., Any]:
    """A function that hands on the first of several arguments for all of them."""

    def g(*given: Any) -> Any:
        arguments = list(given)
        for i in places[1:]:
            arguments[skip + i] = arguments[skip + places[0]]
        return f(*arguments)

    return g


BROADCAST = Rule(
    "broadcast",
    "the gradient of an operand that is broadcast is the sum of that of the expanded one",
    "look for a sum over the broadcast axes that the vjp forgets, or takes over others",
    _broadcast,
)
SHARED = Rule(
    "shared",
    "the gradient of x in f(x, x) is the sum of those for two copies of x",
    "look for a gradient that is assigned where it should be added, or a cache by identity",
    _shared,
)
