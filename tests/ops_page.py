"""docs/ops.md: all ops, with what is known of each, made from the code and from the table of ops.

python -m tests.ops_page            write docs/ops.md anew

What an op computes, and the source of its rule, are in its docstring. The orders up to which its
gradients are compared with finite differences are in its line of the table of ops. The dtypes of
its results are asked of the op itself: it is called with operands of each kind.
"""

from __future__ import annotations

import inspect
import itertools
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from hypothesis import Phase, find, settings

import autograd_lite as ag
from autograd_lite import ops
from autograd_lite.node import forwards
from tests.cases import CASES
from tests.cases_nn import FUNCTIONS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from autograd_lite.testing.case import OpCase

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "ops.md"
KINDS = ("float32", "float64", "int64", "bool")
HEAD = """# The ops

Made by `python -m tests.ops_page` from the code and from the table of ops in `tests/`; a test
compares it with them.

- **Dtypes**: the dtype of the result, for operands of floats; of int64; of bool. "kept" is that of
  the operands, and stands alone where it holds for all; "-" is a refusal. Operands that are
  conditions or positions have the dtype of such.
- **Orders**: up to which order gradients are compared with finite differences, in property tests
  over shapes, memory layouts and values. A rule is written with ops, so it has gradients of any
  order where the function is smooth; "none" is a function that has no gradient.
- **Rule**: *own* is a closure beside the value, in the file that the section names; *composed* is
  a function made of other ops; *none*, no gradient. What follows
  is where the formula is from, unless school calculus.
"""


def named(case: OpCase) -> str:
    """How a user writes the op: `ag.exp`, `nn.functional.linear`."""
    module, name = case.op.__module__, case.op.__name__
    faces = {"ag": ag, "ag.linalg": ag.linalg, "ag.fft": ag.fft, "ag.ops": ops}
    for written, face in faces.items():
        if getattr(face, name, None) is case.op:
            return f"{written}.{name}"
    module = re.sub(r"^autograd_lite\.|(?<=functional)_.+", "", module)
    return f"{module}.{name}"


def example(case: OpCase) -> tuple[list[tuple[int, ...]], dict[str, Any]]:
    """Shapes and settings that an op takes, without an empty array; always the same."""
    quiet = settings(database=None, derandomize=True, max_examples=200, phases=[Phase.generate])

    def filled(call: Any) -> bool:
        return all(np.prod(shape) for shape in call[0])

    found: tuple[list[tuple[int, ...]], dict[str, Any]] = find(case.inputs, filled, settings=quiet)
    return found


def operands(case: OpCase, shapes: Iterable[tuple[int, ...]], dtype: str) -> list[Any]:
    """Operands of a dtype: values in the middle of what each operand takes."""
    domains = itertools.chain(case.domains, itertools.repeat(case.domains[-1]))
    arrays = []
    for shape, domain in zip(shapes, domains, strict=False):
        size = int(np.prod(shape))
        low, high = (0.0, 1.0) if domain.boolean else (domain.low, domain.high)
        values = np.linspace(low, high, size + 2)[1:-1].reshape(shape)
        arrays.append(values > 0.5 if domain.boolean else np.asarray(values).astype(dtype))
    return arrays


def dtypes(case: OpCase) -> str:
    """What an op gives for operands of each kind."""
    shapes, static = example(case)
    results = []
    for dtype in KINDS:
        try:
            with np.errstate(all="ignore"):
                out = case.call(case.op, operands(case, shapes, dtype), static)
            results.append(str(np.asarray(out).dtype))
        except (TypeError, ValueError):
            results.append("-")
    if results == list(KINDS):
        return "kept"
    if len(set(results)) == 1:
        return results[0]
    floats = "kept" if results[:2] == list(KINDS[:2]) else " ".join(results[:2])
    return f"{floats}; {results[2]}; {results[3]}"


def summary(function: Callable[..., Any]) -> str:
    """The first sentence of its docstring."""
    text = (inspect.getdoc(function) or "").split("\n\n")[0].replace("\n", " ")
    return text.replace("|", "\\|")


def source(function: Callable[..., Any]) -> str:
    """What its docstring says under `Source:`."""
    found = re.search(r"^Source:\n((?:    .*\n?)+)", inspect.getdoc(function) or "", re.MULTILINE)
    return re.sub(r"\s+", " ", found[1]).strip().rstrip(".").replace("|", "\\|") if found else ""


def rule(function: Callable[..., Any], cases: Iterable[OpCase]) -> str:
    """Whether it has closures of its own, and where they are from."""
    own = inspect.unwrap(function).__code__ in forwards.values()
    kind = "own" if own else "composed" if any(case.order for case in cases) else "none"
    return f"{kind}: {source(function)}" if source(function) else kind


def orders(cases: Iterable[OpCase]) -> str:
    """Up to which order its gradients are checked."""
    most = max(case.order for case in cases)
    return f"1 to {most}" if most > 1 else str(most or "none")


def page() -> str:
    """The page as it should be."""
    rooms: dict[str, dict[str, list[OpCase]]] = {}
    for case in [*CASES, *FUNCTIONS]:
        room = rooms.setdefault(case.op.__module__, {})
        room.setdefault(named(case), []).append(case)
    lines = [HEAD]
    for module, named_cases in sorted(rooms.items()):
        about = (inspect.getdoc(sys.modules[module]) or "").split("\n")[0]
        path = inspect.getsourcefile(sys.modules[module]) or ""
        file = Path(path).resolve().relative_to(ROOT)
        lines += [f"## [{file}](../{file})", "", about, ""]
        lines += ["| op | what it computes | dtypes | orders | rule |", "|---|---|---|---|---|"]
        for name, cases in sorted(named_cases.items(), key=lambda item: item[0].lower()):
            function = cases[0].op
            cells = [f"`{name}`", summary(function), dtypes(cases[0]), orders(cases)]
            lines.append(f"| {' | '.join([*cells, rule(function, cases)])} |")
        lines.append("")
    count = len({named(case) for case in [*CASES, *FUNCTIONS]})
    lines.append(f"{count} ops and functions.")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
