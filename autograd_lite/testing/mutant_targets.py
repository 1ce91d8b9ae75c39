"""Which functions the gradient of an op is made of, and whose tests could find them broken."""

from __future__ import annotations

import ast
import inspect
from collections import deque
from types import FunctionType, ModuleType
from typing import TYPE_CHECKING, Any, NamedTuple

from autograd_lite.testing.mutant_source import closures, is_op, tree_of, written

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence


class Target(NamedTuple):
    """A function that gradients are made by.

    Attributes:
        name: that of the function; with its module, where others have the name too.
        function: the function, below all decorators.
        whole: whether all of it is about gradients, as of a function that only closures call.
        cases: the numbers of the cases that run it, the nearest first.
    """

    name: str
    function: FunctionType
    whole: bool
    cases: list[int]


class _Calls(NamedTuple):
    """The functions that a function calls itself, and those that its closures call."""

    value: list[FunctionType]
    gradient: list[FunctionType]


def targets(cases: Sequence[Any], functions: Iterable[Callable[..., Any]] = ()) -> list[Target]:
    """The functions that the gradients of some ops are made by.

    These are the ops that an op calls, those that their closures call, and so on; and what is no
    op, but called by closures of ops in its own package.

    Args:
        cases: what tests the ops; each has one as `op`.
        functions: others, all of whose code is about gradients, and which any case may find broken.

    Returns:
        In the order of the cases, those of one after the other.
    """
    calls: dict[FunctionType, _Calls] = {}
    own = {written(case.op): i for i, case in reversed(list(enumerate(cases)))}
    distances: dict[FunctionType, list[tuple[int, int]]] = {}
    called_by_values: set[FunctionType] = set()
    for number, case in enumerate(cases):
        start = written(case.op)
        called_by_values |= _reached(start, calls, gradients=False).keys()
        for function, distance in _reached(start, calls, gradients=True).items():
            distances.setdefault(function, []).append((distance, number))
    inner = {f for f in distances if f not in called_by_values and f not in own}
    helpers = _in_gradients(calls, inner)
    packages = {_package(f) for f in distances if is_op(f)}
    found: list[Target] = []
    for function, near in distances.items():
        order = [number for _, number in sorted(near)]
        if is_op(function):
            found.append(Target("", function, whole=False, cases=order))
            if function in inner:
                found.append(Target("", function, whole=True, cases=order))
        elif _package(function) in packages and function in helpers - own.keys():
            found.append(Target("", function, whole=True, cases=order))
    every = list(range(len(cases)))
    found += [Target("", written(f), whole=True, cases=every) for f in functions]
    return _named(found)


def _in_gradients(calls: dict[FunctionType, _Calls], inner: set[FunctionType]) -> set[FunctionType]:
    """What closures call, and what is called on from there, by `inner` ops or what is no op."""
    reached: set[FunctionType] = set()
    todo = [f for c in calls.values() for f in c.gradient]
    while todo:
        f = todo.pop()
        if f not in reached:
            reached.add(f)
            if f in inner or not is_op(f):
                todo += [g for g in _calls(f, calls).value if g in inner or not is_op(f)]
    return reached


def _named(found: Sequence[Target]) -> list[Target]:
    names = [t.function.__name__ for t in found]
    kinds = {(t.function.__name__, t.function) for t in found}
    several = {name for name in names if sum(n == name for n, _ in kinds) > 1}
    result = []
    for t in found:
        name = t.function.__name__
        if name in several:
            name = f"{t.function.__module__.rpartition('.')[2]}.{name}"
        result.append(t._replace(name=name))
    return result


def _package(function: FunctionType) -> str:
    return function.__module__.rpartition(".")[0]


def _reached(
    start: FunctionType, calls: dict[FunctionType, _Calls], *, gradients: bool
) -> dict[FunctionType, int]:
    """The functions that one leads to, in how many calls; through closures too, or not."""
    distance = {start: 0}
    todo = deque([start])
    while todo:
        function = todo.popleft()
        value, gradient = _calls(function, calls)
        for called in (*value, *gradient) if gradients else value:
            if called not in distance:
                distance[called] = distance[function] + 1
                todo.append(called)
    return distance


def _calls(function: FunctionType, known: dict[FunctionType, _Calls]) -> _Calls:
    if function not in known:
        known[function] = _Calls([], [])
        try:
            tree = tree_of(function)
        except TypeError:  # made by exec, or in a shell
            return known[function]
        inside = [closure.tree for closure in closures(tree)] if is_op(function) else []
        gradient = [f for closure in inside for f in _named_in(closure, function)]
        value = list(_named_in(tree, function, inside))
        known[function] = _Calls(value, gradient)
    return known[function]


def _named_in(
    tree: ast.AST, function: FunctionType, without: Sequence[ast.AST] = ()
) -> Iterator[FunctionType]:
    """The functions of the same library that a piece of code names."""
    if any(tree is w for w in without):
        return
    value: Any = None
    if isinstance(tree, ast.Name):
        value = function.__globals__.get(tree.id)
    elif isinstance(tree, ast.Attribute) and isinstance(tree.value, ast.Name):
        module = function.__globals__.get(tree.value.id)
        value = getattr(module, tree.attr, None) if isinstance(module, ModuleType) else None
    if callable(value):
        plain = inspect.unwrap(value)
        if isinstance(plain, FunctionType) and _root(plain) == _root(function):
            yield plain
    for child in ast.iter_child_nodes(tree):
        yield from _named_in(child, function, without)


def _root(function: FunctionType) -> str:
    return function.__module__.partition(".")[0]
