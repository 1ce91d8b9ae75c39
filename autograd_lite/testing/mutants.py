"""Broken versions of an op's closures, one error in each, to see whether a test finds it."""

from __future__ import annotations

import ast
import itertools
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from autograd_lite.errors import flag
from autograd_lite.graph import _inner, register
from autograd_lite.node import forwards
from autograd_lite.testing import mutant_ways
from autograd_lite.testing.mutant_nodes import Edit
from autograd_lite.testing.mutant_source import (
    Closure,
    closures,
    compiled,
    is_op,
    tree_of,
    written,
)
from autograd_lite.testing.mutant_syntax import edited, edits, result_edits

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import CodeType, FunctionType


@dataclass(frozen=True)
class Mutant:
    """A function with one error in a closure.

    Attributes:
        name: the closure and the error, such as `matmul[0] sign`: the same at every run.
        kind: the sort of error.
        function: the function, as it was written: below all decorators.
        line: the line of its file that has the error.
        tree: the syntax tree of the function with the error.
        inside: the code that has the error while there is none: of a closure, or of the function.
    """

    name: str
    kind: str
    function: FunctionType
    line: int
    tree: ast.FunctionDef
    inside: CodeType

    def __repr__(self) -> str:
        return self.name

    def code(self) -> CodeType:
        """The code of the function with the error; it finds `mutant_ways` among its globals."""
        return compiled(self.function, self.tree)

    @contextmanager
    def applied(self) -> Iterator[None]:
        """Put the error in for the time of a `with` block, for all who call the function.

        Gradients of gradients go through the broken closure too. Not for several threads: they
        would all get the broken function.
        """
        function, original = self.function, self.function.__code__
        has_closures = is_op(function)
        broken = self.code()
        function.__globals__[mutant_ways.NAME] = mutant_ways
        function.__code__ = broken
        try:
            if has_closures:
                register(function)
            yield
        finally:
            function.__code__ = original
            function.__globals__.pop(mutant_ways.NAME, None)
            if has_closures:
                for inner in _inner(broken):
                    forwards.pop(inner, None)
                register(function)


def mutants_of(
    function: Callable[..., Any], name: str | None = None, *, whole: bool = False
) -> list[Mutant]:
    """All mutants of an op: of its closures; or of all of a function that is no op.

    Args:
        function: an op, as its callers know it, or a function that closures call.
        name: how the names of the mutants begin; the name of the function by default.
        whole: break an op anywhere but in its closures, for one that only closures call.

    Returns:
        The mutants in the order of the code, none twice, and none that is the same code.

    Raises:
        TypeError: when the source of the function is not known.

    Example:
        >>> from autograd_lite import ops
        >>> [str(mutant) for mutant in mutants_of(ops.neg)][:3]
        ['neg[0] sign', 'neg[0] factor', 'neg[0] slight factor']
    """
    whole = flag("mutants_of", "whole", whole)
    plain = written(function)
    tree = tree_of(plain)
    label = plain.__name__ if name is None else str(name)
    found: dict[str, Mutant] = {}
    seen = {f"{i}: {ast.unparse(statement)}" for i, statement in enumerate(tree.body)}
    for place, edit, inside in _edits(plain, tree, whole=whole):
        broken, words, text = edited(tree, edit)
        if text in seen:
            continue
        seen.add(text)
        full = f"{label}{place} {edit.kind}{words}"
        count = 1
        while full in found:
            count += 1
            full = f"{label}{place} {edit.kind}{words} #{count}"
        line = getattr(edit.node, "lineno", tree.lineno)
        found[full] = Mutant(full, edit.kind, plain, line, broken, inside)
    return list(found.values())


def _edits(
    function: FunctionType, tree: ast.FunctionDef, *, whole: bool
) -> Iterator[tuple[str, Edit, CodeType]]:
    """The errors in a function, with the closure that each is in."""
    code = function.__code__
    arrays = [a.arg for a in tree.args.posonlyargs]
    inside = closures(tree) if is_op(function) else []
    if whole or not inside:
        names = arrays + [a.arg for a in tree.args.args if not inside]
        for statement in tree.body:
            for edit in edits(statement, names, [closure.tree for closure in inside]):
                yield "", edit, code
        return
    named = [node for node in ast.walk(tree) if isinstance(node, ast.Name)]
    stored = {node.id for node in named if isinstance(node.ctx, ast.Store)}
    captured = [*arrays, *({"out"} & stored)]
    for closure in inside:
        inner = _code_of(closure.tree, code)
        yield from ((closure.place, e, inner) for e in _of_closure(closure, arrays, captured))
    for node in ast.walk(tree):
        if isinstance(node, ast.Return) and isinstance(node.value, ast.Tuple):
            yield from ((place, edit, code) for place, edit in _of_return(node.value))


def _of_closure(closure: Closure, arrays: list[str], captured: list[str]) -> Iterator[Edit]:
    """The errors in one closure."""
    tree = closure.tree
    gradient = (tree.args.posonlyargs + tree.args.args)[0].arg
    place = closure.place.strip("[]").split("]")[0]
    own = arrays[int(place)] if place.isdigit() and 1 < len(arrays) > int(place) else None
    names = {n.id for n in ast.walk(tree) if isinstance(n, ast.Name)}
    used = [name for name in captured if name in names]
    body = [tree] if isinstance(tree, ast.Lambda) else tree.body
    results = [tree.body] if isinstance(tree, ast.Lambda) else _returned(tree)
    for result in results:
        yield from result_edits(result, gradient, used, own)
    for part in body:
        yield from edits(part, captured)


def _code_of(tree: ast.Lambda | ast.FunctionDef, around: CodeType) -> CodeType:
    """The code of a closure in that of its op; if it is not found, that of its op."""
    for code in _inner(around):
        if isinstance(tree, ast.FunctionDef):
            if (code.co_name, code.co_firstlineno) == (tree.name, tree.lineno):
                return code
        else:
            body = tree.body
            place = body.lineno, body.end_lineno, body.col_offset, body.end_col_offset
            if list(code.co_positions())[-1] == place:  # that of what it returns
                return code
    return around


def _returned(tree: ast.FunctionDef) -> list[ast.expr]:
    values = (node.value for node in ast.walk(tree) if isinstance(node, ast.Return))
    return [value for value in values if value is not None]


def _of_return(results: ast.Tuple) -> Iterator[tuple[str, Edit]]:
    """Closures that are given for one another's arrays, or left out."""
    places = [i for i, r in enumerate(results.elts) if i and isinstance(r, ast.Lambda)]
    for i, j in itertools.pairwise(places):

        def swap(n: ast.Tuple, i: int = i, j: int = j) -> ast.Tuple:
            elements = list(n.elts)
            elements[i], elements[j] = elements[j], elements[i]
            return ast.Tuple(elements, n.ctx)

        at = f"[{i - places[0]}, {j - places[0]}]"
        yield at, Edit("swapped closures", results, swap, "")
    for i in places:

        def drop(n: ast.Tuple, i: int = i) -> ast.Tuple:
            elements = list(n.elts)
            elements[i] = ast.Constant(None)
            return ast.Tuple(elements, n.ctx)

        yield f"[{i - places[0]}]", Edit("no closure", results, drop, "")
