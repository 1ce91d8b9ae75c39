"""Which ways there are to break a piece of code, as changes of its syntax tree."""

from __future__ import annotations

import ast
import copy
from typing import TYPE_CHECKING, Any

from autograd_lite.testing.mutant_nodes import EDITS, Edit, load, names, untouched, way
from autograd_lite.testing.mutant_ways import NAME

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_LONGEST = 50  # what is longer is shown without its middle

_FACTORS = {"sign": -1.0, "factor": 2.0, "slight factor": 1.001, "zero": 0.0}
_WAYS = {
    "one entry": "one_entry",
    "flipped": "flipped",
    "rolled": "rolled",
    "single precision": "single",
}


def edited(tree: ast.FunctionDef, edit: Edit) -> tuple[ast.FunctionDef, str, str]:
    """A function with one change, in words, and the statement that has it.

    The tree shares with the original all that is not on the way to the change.
    """
    new = ast.fix_missing_locations(ast.copy_location(edit.make(edit.node), edit.node))
    result = _replaced(tree, edit.node, new)
    ((number, changed),) = (
        (i, a) for i, (a, b) in enumerate(zip(result.body, tree.body, strict=True)) if a is not b
    )
    words = f": {_short(edit.node)} -> {_short(new)}" if edit.words is None else edit.words
    return result, words, f"{number}: {ast.unparse(changed)}"


def _replaced(node: Any, target: ast.AST, new: ast.AST) -> Any:
    """A node with another one inside it; the node itself, if `target` is not in it."""
    if node is target:
        return new
    if isinstance(node, list):
        parts = [_replaced(part, target, new) for part in node]
        return node if all(a is b for a, b in zip(parts, node, strict=True)) else parts
    if isinstance(node, ast.AST):
        for field, value in ast.iter_fields(node):
            part = _replaced(value, target, new)
            if part is not value:
                changed = copy.copy(node)
                setattr(changed, field, part)
                return changed
    return node


def _short(code: ast.AST) -> str:
    """A piece of code in one line, without its middle if it is long."""
    text = " ".join(ast.unparse(code).replace(NAME + ".", "").split())
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 12]} ... {text[-7:]}"


def result_edits(
    result: ast.expr, gradient: str, arrays: Sequence[str], own: str | None
) -> Iterator[Edit]:
    """Ways to break what a closure returns.

    Args:
        result: the expression that it returns.
        gradient: the name of its argument.
        arrays: the names of arrays that it captures.
        own: the name of the array that it gives the gradient of, if others broadcast with it.
    """
    zero = isinstance(result, ast.Call) and ast.unparse(result.func) == "zero_of"
    for kind, factor in () if zero else _FACTORS.items():  # zeros are zeros in any order

        def make(n: ast.expr, factor: float = factor) -> ast.expr:
            return way("times", n, ast.Constant(factor))

        yield Edit(kind, result, make, "")
    for kind, name in () if zero else _WAYS.items():

        def broken(n: ast.expr, name: str = name) -> ast.expr:
            return way(name, n)

        yield Edit(kind, result, broken, "")
    if ast.unparse(result) != gradient:
        yield Edit("passed through", result, lambda _: load(gradient), "")
    if own is not None:
        yield Edit("not summed", result, lambda n: way("first_row", n, load(own)), "")
    for array in [gradient, *arrays]:

        def writing(n: ast.expr, array: str = array) -> ast.expr:
            return way("writes", n, load(array))

        yield Edit("writes", result, writing, f" into {array}")


def edits(code: ast.AST, arrays: Sequence[str], without: Sequence[ast.AST] = ()) -> Iterator[Edit]:
    """Ways to break the steps that a piece of code takes.

    Args:
        code: a statement or an expression.
        arrays: names of arrays that can stand for one another.
        without: parts of it that stay as they are.
    """
    if any(code is part for part in without):
        return
    if isinstance(code, (ast.Raise, ast.JoinedStr, ast.Import, ast.ImportFrom)):
        return
    if untouched(code):
        return
    function: Any = EDITS.get(type(code))
    if function is not None:
        yield from function(code)
    if isinstance(code, ast.Name) and isinstance(code.ctx, ast.Load):
        yield from names(code, arrays)
    for child in _children(code):
        yield from edits(child, arrays, without)


def _children(code: ast.AST) -> Iterator[ast.AST]:
    """The parts of a piece of code that are run, without the words about it."""
    if isinstance(code, (ast.FunctionDef, ast.Lambda)):
        body = code.body if isinstance(code.body, list) else [code.body]
        yield from body
    elif isinstance(code, ast.AnnAssign):
        yield from filter(None, [code.value])
    elif isinstance(code, ast.Expr) and isinstance(code.value, ast.Constant):
        return
    else:
        yield from ast.iter_child_nodes(code)
