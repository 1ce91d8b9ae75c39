"""The source of a function: its syntax tree, its closures, and code made of a changed tree."""

from __future__ import annotations
import __future__

import ast
import functools
import inspect
from dataclasses import dataclass
from types import CodeType, FunctionType
from typing import TYPE_CHECKING, Any

from autograd_lite.errors import describe
from autograd_lite.graph import _inner
from autograd_lite.node import forwards

if TYPE_CHECKING:
    from collections.abc import Callable

_FLAGS = functools.reduce(
    lambda flags, name: flags | getattr(__future__, name).compiler_flag,
    __future__.all_feature_names,
    0,
)


@dataclass(frozen=True)
class Closure:
    """A closure in the syntax tree of an op.

    Attributes:
        place: which array it gives the gradient of: its position, `*` for several, or `shared`.
        tree: the lambda or the inner function.
    """

    place: str
    tree: ast.Lambda | ast.FunctionDef


def written(function: Callable[..., Any]) -> FunctionType:
    """The Python function below all decorators.

    Raises:
        TypeError: when there is none.
    """
    plain = inspect.unwrap(function)
    if not isinstance(plain, FunctionType) or plain.__name__ == "<lambda>":
        message = (
            f"mutants_of: got {describe(function)}; expected an op, or another function whose"
            " source can be read: one that a `def` made"
        )
        raise TypeError(message)
    return plain


def closures(tree: ast.FunctionDef) -> list[Closure]:  # noqa: C901  # a case for each form
    """The closures of an op: what functions it writes, but for those that it hands to others."""
    found: list[Closure] = []
    counts: dict[str, int] = {}

    def add(place: str, closure: ast.Lambda | ast.FunctionDef) -> None:
        if all(closure is not c.tree for c in found):
            counts[place] = counts.get(place, 0) + 1
            ordinal = f"#{counts[place]}" if counts[place] > 1 else ""
            found.append(Closure(f"[{place}]{ordinal}", closure))

    def search(node: ast.AST, place: str) -> None:
        if isinstance(node, (ast.Lambda, ast.FunctionDef)):
            add(place, node)
        elif isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Shared":
            search(node.args[0], "shared")
        elif isinstance(node, ast.Return) and isinstance(node.value, ast.Tuple):
            position = 0
            for result in node.value.elts[1:]:
                several = isinstance(result, ast.Starred)
                search(result, "*" if several else str(position))
                position += not isinstance(result, (ast.Call, ast.Starred))  # Shared has no array
        elif not isinstance(node, ast.Call):
            for child in ast.iter_child_nodes(node):
                search(child, place)

    for statement in tree.body:
        search(statement, "*")
    return found


def is_op(function: FunctionType) -> bool:
    """Whether closures that are written in a function are known as such."""
    return any(forwards.get(inner) == function.__code__ for inner in _inner(function.__code__))


def tree_of(function: FunctionType) -> ast.FunctionDef:
    """The syntax tree of a function, with the lines of its file.

    Raises:
        TypeError: when its source is not known.
    """
    code = function.__code__
    try:
        lines, _ = inspect.findsource(function)
        for node in ast.walk(_parsed("".join(lines))):
            if isinstance(node, ast.FunctionDef) and node.name == code.co_name:
                first = min([node.lineno, *(d.lineno for d in node.decorator_list)])
                if first == code.co_firstlineno:
                    return node
    except (OSError, SyntaxError) as error:
        message = f"mutants_of: the source of {function.__qualname__} cannot be read ({error})"
        raise TypeError(message) from None  # all of it is in the message
    message = (
        f"mutants_of: {code.co_filename} has no function {code.co_name} in line"
        f" {code.co_firstlineno}; import it again, if the file has changed"
    )
    raise TypeError(message)


@functools.lru_cache(maxsize=64)
def _parsed(source: str) -> ast.Module:
    return ast.parse(source)


def compiled(function: FunctionType, tree: ast.FunctionDef) -> CodeType:
    """The code of a tree in the place of that of a function, with the same free variables."""
    original = function.__code__
    bare = ast.FunctionDef(tree.name, tree.args, tree.body, [])  # the decorators have run
    definition = ast.copy_location(bare, tree)
    if original.co_freevars:  # a function around it has them, and it names all
        names: list[ast.expr] = [ast.Name(name, ast.Load()) for name in original.co_freevars]
        known = ast.If(ast.Constant(0), [ast.Expr(ast.Tuple(names, ast.Load()))], [])
        bare.body = [known, *tree.body]
        stores = [ast.Name(name, ast.Store()) for name in original.co_freevars]
        assign = ast.Assign(list(stores), ast.Constant(None))
        definition = ast.FunctionDef("around", _no_arguments(), [assign, bare], [])
    module = ast.fix_missing_locations(ast.Module([definition], []))
    flags = original.co_flags & _FLAGS
    code: CodeType = compile(module, original.co_filename, "exec", flags, dont_inherit=True)
    for _ in range(2 if original.co_freevars else 1):
        code = next(c for c in code.co_consts if isinstance(c, CodeType))
    return code.replace(co_qualname=original.co_qualname, co_firstlineno=original.co_firstlineno)


def _no_arguments() -> ast.arguments:
    return ast.arguments([], [], None, [], [], None, [])
