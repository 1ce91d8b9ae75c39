"""Which ways there are to break a piece of code, as changes of its syntax tree."""

from __future__ import annotations

import ast
import copy
from typing import TYPE_CHECKING, Any, NamedTuple

from autograd_lite.testing.mutant_ways import NAME

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

_OTHER: dict[type[ast.operator], ast.operator] = {
    ast.Add: ast.Sub(),
    ast.Sub: ast.Add(),
    ast.Mult: ast.Div(),
    ast.Div: ast.Mult(),
    ast.Pow: ast.Mult(),
    ast.FloorDiv: ast.Mult(),
    ast.Mod: ast.FloorDiv(),
}
_COMPARISONS: dict[type[ast.cmpop], list[ast.cmpop]] = {
    ast.Lt: [ast.LtE(), ast.GtE()],
    ast.LtE: [ast.Lt(), ast.Gt()],
    ast.Gt: [ast.GtE(), ast.LtE()],
    ast.GtE: [ast.Gt(), ast.Lt()],
    ast.Eq: [ast.NotEq()],
    ast.NotEq: [ast.Eq()],
    ast.In: [ast.NotIn()],
    ast.NotIn: [ast.In()],
}
_PAIRS = [("tril", "triu"), ("sin", "cos"), ("sinh", "cosh"), ("minimum", "maximum"), ("max", "min")]
_TWINS = dict(_PAIRS) | {b: a for a, b in _PAIRS} | {"sum": "mean"}
_SCATTERS = {"scatter": "assigned", "scattered": "assigned", "scatter_along": "assigned_along"}
_LONGEST = 50
# What asks which of two equal ways is the faster, and how an error is worded.
_UNTOUCHED = {"isinstance", "in_one_pass", "compiled", "type", "errstate"}
_COMMUTE = {"add", "both_zero", "equal", "maximum", "minimum", "mul", "multiply", "times"}


class Edit(NamedTuple):
    """One change: `make` of (a copy of) `node` takes its place.

    Attributes:
        kind: what sort of error it is.
        node: what is replaced.
        make: what makes the replacement.
        words: the change in words; None for the two pieces of code.
    """

    kind: str
    node: ast.AST
    make: Callable[[Any], ast.AST]
    words: str | None = None


class _Replace(ast.NodeTransformer):
    def __init__(self, target: ast.AST, new: ast.AST) -> None:
        self.target, self.new = target, new

    def visit(self, node: ast.AST) -> Any:
        """What stands in the place of a node."""
        return self.new if node is self.target else self.generic_visit(node)


def edited(tree: ast.FunctionDef, edit: Edit) -> tuple[ast.FunctionDef, str]:
    """A copy of a function with one change, and that change in words."""
    memo: dict[int, Any] = {}
    changed = copy.deepcopy(tree, memo)
    target = memo[id(edit.node)]
    before = _short(target)
    new = ast.copy_location(edit.make(target), target)
    result = _Replace(target, new).visit(changed)
    ast.fix_missing_locations(result)
    return result, f": {before} -> {_short(new)}" if edit.words is None else edit.words


def _short(code: ast.AST) -> str:
    """A piece of code in one line, without its middle if it is long."""
    text = " ".join(ast.unparse(code).replace(NAME + ".", "").split())
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 12]} ... {text[-7:]}"


def _way(name: str, *arguments: ast.expr) -> ast.Call:
    function = ast.Attribute(ast.Name(NAME, ast.Load()), name, ast.Load())
    return ast.Call(function, [*arguments], [])


def _load(name: str) -> ast.Name:
    return ast.Name(name, ast.Load())


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
    for kind, factor in {"sign": -1.0, "factor": 2.0, "slight factor": 1.001, "zero": 0.0}.items():

        def make(n: ast.expr, factor: float = factor) -> ast.expr:
            return _way("times", n, ast.Constant(factor))

        yield Edit(kind, result, make, "")
    for kind, way in {
        "one entry": "one_entry",
        "flipped": "flipped",
        "rolled": "rolled",
        "single precision": "single",
    }.items():
        yield Edit(kind, result, lambda n, way=way: _way(way, n), "")
    if ast.unparse(result) != gradient:
        yield Edit("passed through", result, lambda _: _load(gradient), "")
    if own is not None:
        yield Edit("not summed", result, lambda n: _way("first_row", n, _load(own)), "")
    for name in [gradient, *arrays]:
        yield Edit(
            "writes", result, lambda n, name=name: _way("writes", n, _load(name)), f" into {name}"
        )


def edits(
    code: ast.AST, arrays: Sequence[str], without: Sequence[ast.AST] = ()
) -> Iterator[Edit]:
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
    if isinstance(code, ast.expr) and _untouched(code):
        return
    function: Any = _EDITS.get(type(code))
    if function is not None:
        yield from function(code)
    if isinstance(code, ast.Name) and isinstance(code.ctx, ast.Load):
        yield from _names(code, arrays)
    for child in _children(code):
        yield from edits(child, arrays, without)


def _untouched(code: ast.expr) -> bool:
    """Whether it asks for types or kernels: what depends on it is the same value, sooner or later.

    Calls of kernels have results None where these are off, so `is None` is such a question too.
    """
    if isinstance(code, ast.Call):
        return _name(code.func) in _UNTOUCHED
    return isinstance(code, ast.Compare) and isinstance(code.ops[0], (ast.Is, ast.IsNot))


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


def _binary(code: ast.BinOp) -> Iterator[Edit]:
    if isinstance(code.op, ast.MatMult):
        yield Edit("swapped operands", code, lambda n: ast.BinOp(n.right, n.op, n.left))
        return
    other = _OTHER.get(type(code.op))
    if other is not None:
        yield Edit("operator", code, lambda n: ast.BinOp(n.left, other, n.right))
    if isinstance(code.op, (ast.Sub, ast.Div, ast.Pow, ast.FloorDiv, ast.Mod)):
        yield Edit("swapped operands", code, lambda n: ast.BinOp(n.right, n.op, n.left))
    yield Edit("dropped part", code, lambda n: n.left)
    yield Edit("dropped part", code, lambda n: n.right)


def _unary(code: ast.UnaryOp) -> Iterator[Edit]:
    yield Edit("dropped sign", code, lambda n: n.operand)


def _constant(code: ast.Constant) -> Iterator[Edit]:
    value = code.value
    if isinstance(value, bool):
        yield Edit("constant", code, lambda _: ast.Constant(not value))
    elif isinstance(value, int):
        yield Edit("constant", code, lambda _: ast.Constant(value + 1))
    elif isinstance(value, float):
        yield Edit("constant", code, lambda _: ast.Constant(value * 1.01 if value else 0.01))


def _compare(code: ast.Compare) -> Iterator[Edit]:
    for i, op in enumerate(code.ops):
        for new in _COMPARISONS.get(type(op), ()):

            def make(n: ast.Compare, i: int = i, new: ast.cmpop = new) -> ast.Compare:
                return ast.Compare(n.left, [*n.ops[:i], new, *n.ops[i + 1 :]], n.comparators)

            yield Edit("comparison", code, make)


def _both(code: ast.BoolOp) -> Iterator[Edit]:
    other = ast.Or() if isinstance(code.op, ast.And) else ast.And()
    yield Edit("condition", code, lambda n: ast.BoolOp(other, n.values))


def _choice(code: ast.IfExp) -> Iterator[Edit]:
    if not _untouched(code.test):
        yield Edit("condition", code, lambda n: n.body)
        yield Edit("condition", code, lambda n: n.orelse)


def _branch(code: ast.If) -> Iterator[Edit]:
    if _untouched(code.test) or isinstance(code.body[-1], ast.Raise):
        return
    yield Edit(
        "condition", code, lambda n: ast.If(ast.UnaryOp(ast.Not(), n.test), n.body, n.orelse)
    )


def _attribute(code: ast.Attribute) -> Iterator[Edit]:
    if code.attr in {"mT", "T"}:
        yield Edit("dropped transpose", code, lambda n: n.value)


def _subscript(code: ast.Subscript) -> Iterator[Edit]:
    if isinstance(code.ctx, ast.Load):
        yield Edit("dropped index", code, lambda n: n.value)


def _slice(code: ast.Slice) -> Iterator[Edit]:
    for part in ("lower", "upper", "step"):
        if getattr(code, part) is not None:

            def make(n: ast.Slice, part: str = part) -> ast.Slice:
                parts = {"lower": n.lower, "upper": n.upper, "step": n.step} | {part: None}
                return ast.Slice(**parts)

            yield Edit("dropped index", code, make)


def _call(code: ast.Call) -> Iterator[Edit]:
    name, args = _name(code.func), code.args
    if args and not isinstance(args[0], (ast.Starred, ast.Constant)):
        yield Edit("dropped call", code, lambda n: n.args[0])
    elif not args and isinstance(code.func, ast.Attribute):
        yield Edit("dropped call", code, lambda n: n.func.value)
    fixed = (ast.Starred, ast.Constant, ast.Tuple)
    if len(args) > 1 and name not in _COMMUTE and not any(isinstance(a, fixed) for a in args[:2]):
        yield Edit(
            "swapped operands",
            code,
            lambda n: ast.Call(n.func, [n.args[1], n.args[0], *n.args[2:]], n.keywords),
        )
    for i in range(len(code.keywords)):

        def make(n: ast.Call, i: int = i) -> ast.Call:
            return ast.Call(n.func, n.args, n.keywords[:i] + n.keywords[i + 1 :])

        yield Edit("dropped setting", code, make)
    if name in _TWINS:
        yield Edit("other function", code.func, lambda n: _renamed(n, _TWINS[name]))
    if name in _SCATTERS and isinstance(code.func, ast.Name):
        way = _SCATTERS[name]
        yield Edit("dropped duplicate", code, lambda n: _way(way, *n.args))


def _name(function: ast.expr) -> str:
    """The last part of a function's name."""
    return str(getattr(function, "id", getattr(function, "attr", "")))


def _renamed(function: ast.expr, name: str) -> ast.expr:
    if isinstance(function, ast.Attribute):
        return ast.Attribute(function.value, name, function.ctx)
    return _way("function", ast.Constant(name))


def _names(code: ast.Name, arrays: Sequence[str]) -> Iterator[Edit]:
    if code.id in arrays:
        for name in arrays:
            if name != code.id:
                yield Edit("other array", code, lambda _, name=name: _load(name))
    if code.id in {"axis", "axes", "axis1", "axis2", "along"}:
        yield Edit("wrong axis", code, lambda n: _way("other_axis", n))


def _statement(code: ast.Expr) -> Iterator[Edit]:
    call = code.value
    if not isinstance(call, ast.Call):
        return
    yield Edit("dropped statement", code, lambda _: ast.Pass())
    if ast.unparse(call.func) == "np.add.at":

        def make(n: ast.Expr) -> ast.Assign:
            into, index, values = n.value.args  # type: ignore[attr-defined]  # a call, as above
            return ast.Assign([ast.Subscript(into, index, ast.Store())], values)

        yield Edit("dropped duplicate", code, make)


def _assignment(code: ast.Assign) -> Iterator[Edit]:
    if isinstance(code.targets[0], ast.Subscript):
        yield Edit("dropped statement", code, lambda _: ast.Pass())


def _augmented(code: ast.AugAssign) -> Iterator[Edit]:
    yield Edit("dropped statement", code, lambda _: ast.Pass())
    other = _OTHER.get(type(code.op))
    if other is not None:
        yield Edit("operator", code, lambda n: ast.AugAssign(n.target, other, n.value))


_EDITS: dict[type[ast.AST], Callable[[Any], Iterator[Edit]]] = {
    ast.BinOp: _binary,
    ast.UnaryOp: _unary,
    ast.Constant: _constant,
    ast.Compare: _compare,
    ast.BoolOp: _both,
    ast.IfExp: _choice,
    ast.If: _branch,
    ast.Attribute: _attribute,
    ast.Subscript: _subscript,
    ast.Slice: _slice,
    ast.Call: _call,
    ast.Expr: _statement,
    ast.Assign: _assignment,
    ast.AugAssign: _augmented,
}
