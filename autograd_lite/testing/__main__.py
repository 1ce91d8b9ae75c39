"""A quick verdict on a gradient: `python -m autograd_lite.testing module:function`.

It prints what was checked, with what, and what came out, and ends with exit code 0 where all is
well, 1 where something is wrong, and 2 where it could not be called like that.
"""

from __future__ import annotations

import argparse
import ast
import difflib
import importlib
import inspect
import math
import sys
from typing import TYPE_CHECKING, Any

import numpy as np

from autograd_lite.tensor import Tensor
from autograd_lite.testing.gradcheck import gradcheck
from autograd_lite.testing.hygiene import check_hygiene
from autograd_lite.testing.laws import check_laws
from autograd_lite.testing.report import GradientError, failure

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

Shape = tuple[int, ...]

# What is tried for so many arrays, if nothing is said: what any function of arrays takes, then
# rows, and matrices that fit one another's product.
_USUAL: dict[int, list[list[Shape]]] = {
    1: [[()], [(3,)], [(2, 3)], [(3, 3)]],
    2: [[(), ()], [(3,), (3,)], [(2, 3), (3,)], [(2, 3), (3, 4)]],
    3: [[(), (), ()], [(3,), (3,), (3,)], [(2, 3), (3, 4), (4,)]],
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Check what the arguments name.

    Args:
        arguments: those of the command line, unless given.

    Returns:
        0 where the gradient is acceptable, 1 where it is not. (Wrong arguments end the process
        with 2.)

    Example:
        >>> code = main(["numpy:sin", "--inputs", "(2, 3)"])
        sin, inputs (2, 3), seed 0
          gradient: pass, orders 1 to 2, by complex step (its own error ...
          laws: pass: transposition, linearity, zero, symmetry, modes
          hygiene: pass: form, mutation, aliasing, layout, determinism, presence, freedom
        >>> code
        0
    """
    parser = _parser()
    options = parser.parse_args(arguments)
    try:
        f = _function(options.function)
        vjp = _function(options.vjp) if options.vjp else None
        tried = [options.inputs] if options.inputs else _usual(f)
        calls = [_arrays(shapes, options) for shapes in tried]
        fitting = _fitting(f, calls, plain=vjp is not None, must=bool(options.inputs))
        order = 1 if vjp else options.order
        return max(_verdict(f, vjp, arrays, order, options.seed) for arrays in fitting)
    except _UsageError as error:
        parser.error(str(error))


class _UsageError(Exception):
    """The arguments do not fit; the message says why."""


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m autograd_lite.testing",
        description="Check the gradient of a function: against differences or a complex step, by"
        " laws that need none, and by rules of hygiene. The exit code is 0 where all is well, 1"
        " where something is wrong, 2 where the arguments do not fit.",
    )
    parser.add_argument(
        "function",
        help="module:function, a function of tensors; with --vjp, a plain function of arrays",
    )
    parser.add_argument(
        "--inputs",
        nargs="+",
        type=_shape,
        metavar="SHAPE",
        help='the shapes of its arrays, as "(3, 4)" "(4,)" "()"; a few usual ones by default',
    )
    parser.add_argument(
        "--between",
        nargs=2,
        type=_number,
        default=(-3.0, 3.0),
        metavar=("LOW", "HIGH"),
        help="where the values lie (default: -3 3)",
    )
    parser.add_argument(
        "--order", type=_order, default=2, help="the highest order of gradients (default: 2)"
    )
    parser.add_argument("--seed", type=_seed, default=0, help="of the random values (default: 0)")
    parser.add_argument(
        "--vjp",
        metavar="module:function",
        help="the gradient to check: vjp(g, *arrays) gives the gradient, or a tuple of them",
    )
    return parser


def _whole(text: str, least: int) -> int:
    if not text.isdecimal() or int(text) < least:
        message = f"got {text!r}; expected a whole number from {least}"
        raise argparse.ArgumentTypeError(message)
    return int(text)


def _order(text: str) -> int:
    return _whole(text, 1)


def _seed(text: str) -> int:
    return _whole(text, 0)


def _number(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        message = f"got {text!r}; expected a number"
        raise argparse.ArgumentTypeError(message)
    return value


def _shape(text: str) -> Shape:
    """A shape as it is written: "(3, 4)", "3,4", "5", "()"."""
    try:
        value = ast.literal_eval(text)
    except (SyntaxError, ValueError):
        value = None
    sizes = value if isinstance(value, tuple) else (value,)
    if not all(type(n) is int and n >= 0 for n in sizes):
        message = f'got {text!r}; expected a shape, as "(3, 4)", "(4,)" or "()"'
        raise argparse.ArgumentTypeError(message)
    return sizes


def _function(name: str) -> Callable[..., Any]:
    """The function of that name, from a module that Python finds here."""
    module_name, colon, path = name.partition(":")
    if not colon or not module_name or not path:
        message = f"got {name!r}; expected module:function, as mypackage.ops:softsign"
        raise _UsageError(message)
    try:
        value: Any = importlib.import_module(module_name)
    except ImportError as error:
        message = f"got {name!r}, but cannot import {module_name}: {error}"
        raise _UsageError(message) from error
    for part in path.split("."):
        if not hasattr(value, part):
            close = difflib.get_close_matches(part, dir(value))
            hint = f"; did you mean {', '.join(close)}?" if close else ""
            message = f"got {name!r}, but {getattr(value, '__name__', value)} has no {part}{hint}"
            raise _UsageError(message)
        value = getattr(value, part)
    if not callable(value):
        message = f"got {name!r}, which is {type(value).__name__}; expected a function"
        raise _UsageError(message)
    return value  # type: ignore[no-any-return]  # it is callable


def _usual(f: Callable[..., Any]) -> list[list[Shape]]:
    """A few shapes for as many arrays as a function takes by position, without a default."""
    try:
        parameters = list(inspect.signature(f).parameters.values())
    except (TypeError, ValueError):  # of a function in C
        parameters = []
    positions = {inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD}
    count = sum(p.kind in positions and p.default is p.empty for p in parameters)
    count = count or getattr(f, "nin", 0)
    if not count:
        message = (
            'cannot tell how many arrays it takes; give their shapes: --inputs "(2, 3)" "(3,)"'
        )
        raise _UsageError(message)
    return _USUAL.get(count) or [[shape] * count for shape in ((), (3,), (2, 3))]


def _arrays(shapes: Sequence[Shape], options: argparse.Namespace) -> list[Any]:
    random = np.random.default_rng(options.seed)
    low, high = sorted(options.between)
    return [np.asarray(random.uniform(low, high, shape)) for shape in shapes]


def _fitting(
    f: Callable[..., Any], calls: list[list[Any]], *, plain: bool, must: bool
) -> list[list[Any]]:
    """Those arrays that a function can be called with."""
    fitting, wrong = [], ""
    for arrays in calls:
        try:
            with np.errstate(all="ignore"):
                f(*([a.copy() for a in arrays] if plain else map(Tensor, arrays)))
        except Exception as error:  # noqa: BLE001  # whatever a stranger's function raises
            wrong = f"{_shapes(arrays)} {type(error).__name__}: {error}"
        else:
            fitting.append(arrays)
    if not fitting:
        tried = "" if must else f"; tried {'; '.join(map(_shapes, calls))}; give others: --inputs"
        message = f"cannot be called with inputs of shapes {wrong}{tried}"
        raise _UsageError(message)
    return fitting


def _shapes(arrays: Sequence[Any]) -> str:
    return " ".join(str(a.shape) for a in arrays)


def _verdict(
    f: Callable[..., Any], vjp: Callable[..., Any] | None, arrays: list[Any], order: int, seed: int
) -> int:
    """Check a function at one point, and say what came out."""
    print(f"{getattr(f, '__name__', f)}, inputs {_shapes(arrays)}, seed {seed}")
    settings: dict[str, Any] = {"vjp": vjp, "seed": seed, "raise_exception": False}
    try:
        report = gradcheck(f, arrays, order, **settings)
        if not report and report.excess == np.inf and not report.kinks:
            raise failure(report)
        laws = check_laws(f, arrays, order=min(order, 2), **settings)
        hygiene = check_hygiene(f, arrays, order=min(order, 2), **settings)
    except GradientError as error:  # there is nothing to compare
        print(f"{error}\n  (values lie where --between LOW HIGH says)")
        return 1
    except (TypeError, ValueError) as error:
        raise _UsageError(str(error)) from error
    orders = f"orders 1 to {report.order}" if report.order > 1 else "order 1"
    print(
        f"  gradient: {report.verdict}, {orders}, by {report.oracle} (its own error"
        f" {report.error:.1e}), discrepancy {report.excess:.2g} of what is allowed"
    )
    for name, found in (("laws", laws), ("hygiene", hygiene)):
        print(f"  {name}: {'pass' if found else 'fail'}: {', '.join(found.kept)}")
    wrong = [str(found) for found in (report, laws, hygiene) if not found]
    print(*wrong, sep="\n", end="\n" if wrong else "")
    return int(bool(wrong))


if __name__ == "__main__":
    sys.exit(main())
