"""Which ways there are to break each sort of expression and statement."""

from __future__ import annotations

import ast
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
_PAIRS = [
    ("tril", "triu"),
    ("sin", "cos"),
    ("sinh", "cosh"),
    ("minimum", "maximum"),
    ("max", "min"),
]
_TWINS = dict(_PAIRS) | {b: a for a, b in _PAIRS} | {"sum": "mean"}
_SCATTERS = {"scatter": "assigned", "scattered": "assigned", "scatter_along": "assigned_along"}
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


def untouched(code: ast.AST) -> bool:
    """Whether it asks for types or kernels: what depends on it is the same value, sooner or later.

    Calls of kernels have results None where these are off, so `is None` is such a question too.
    """
    if isinstance(code, ast.keyword):
        return code.arg == "strict"
    if isinstance(code, ast.Call):
        return _name(code.func) in _UNTOUCHED
    return isinstance(code, ast.Compare) and isinstance(code.ops[0], (ast.Is, ast.IsNot))


def way(name: str, *arguments: ast.expr) -> ast.Call:
    """A call of a function of `mutant_ways`."""
    function = ast.Attribute(ast.Name(NAME, ast.Load()), name, ast.Load())
    return ast.Call(function, [*arguments], [])


def load(name: str) -> ast.Name:
    """The value of a variable."""
    return ast.Name(name, ast.Load())


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
    if not untouched(code.test):
        yield Edit("condition", code, lambda n: n.body)
        yield Edit("condition", code, lambda n: n.orelse)


def _branch(code: ast.If) -> Iterator[Edit]:
    if untouched(code.test) or isinstance(code.body[-1], ast.Raise):
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
                kept = (None if p == part else getattr(n, p) for p in ("lower", "upper", "step"))
                return ast.Slice(*kept)

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
    for i, keyword in enumerate(code.keywords):
        if keyword.arg == "strict":  # of zip: sizes that differ are an error elsewhere
            continue

        def make(n: ast.Call, i: int = i) -> ast.Call:
            return ast.Call(n.func, n.args, n.keywords[:i] + n.keywords[i + 1 :])

        yield Edit("dropped setting", code, make)
    if name in _TWINS:
        yield Edit("other function", code.func, lambda n: _renamed(n, _TWINS[name]))
    if name in _SCATTERS and isinstance(code.func, ast.Name):
        other = _SCATTERS[name]
        yield Edit("dropped duplicate", code, lambda n: way(other, *n.args))


def _name(function: ast.expr) -> str:
    """The last part of a function's name."""
    return str(getattr(function, "id", getattr(function, "attr", "")))


def _renamed(function: ast.expr, name: str) -> ast.expr:
    if isinstance(function, ast.Attribute):
        return ast.Attribute(function.value, name, function.ctx)
    return way("function", ast.Constant(name))


def names(code: ast.Name, arrays: Sequence[str]) -> Iterator[Edit]:
    """Ways to break the use of a variable: others of `arrays`, or another axis."""
    if code.id in arrays:
        for name in arrays:
            if name != code.id:

                def make(_: ast.Name, name: str = name) -> ast.Name:
                    return load(name)

                yield Edit("other array", code, make)
    if code.id in {"axis", "axes", "axis1", "axis2", "along"}:
        yield Edit("wrong axis", code, lambda n: way("other_axis", n))


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


EDITS: dict[type[ast.AST], Callable[[Any], Iterator[Edit]]] = {
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
