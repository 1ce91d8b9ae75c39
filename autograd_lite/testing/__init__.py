"""Tools that verify gradients: of this library, of ops on top of it, and of anybody else's."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

from autograd_lite.testing.findings import Findings as Findings
from autograd_lite.testing.gradcheck import gradcheck as gradcheck
from autograd_lite.testing.hygiene import check_hygiene as check_hygiene
from autograd_lite.testing.laws import check_laws as check_laws
from autograd_lite.testing.report import GradientError as GradientError
from autograd_lite.testing.report import Kink as Kink
from autograd_lite.testing.report import Place as Place
from autograd_lite.testing.report import Report as Report
from autograd_lite.testing.report import Verdict as Verdict
from autograd_lite.testing.taylor import TaylorReport as TaylorReport
from autograd_lite.testing.taylor import taylor_test as taylor_test

if TYPE_CHECKING:
    from typing import Any

    from autograd_lite.testing.case import OpCase as OpCase
    from autograd_lite.testing.case import op_case as op_case
    from autograd_lite.testing.mutants import mutants_of as mutants_of
    from autograd_lite.testing.mutation import mutation_score as mutation_score

# What needs hypothesis is imported when it is first used.
_LATE = {
    "OpCase": "case",
    "mutants_of": "mutants",
    "mutation_score": "mutation",
    "op_case": "case",
}


def __getattr__(name: str) -> Any:
    """`op_case` and its like."""
    if name in _LATE:
        try:
            module = importlib.import_module(f"autograd_lite.testing.{_LATE[name]}")
        except ModuleNotFoundError as error:
            message = (
                f"autograd_lite.testing.{name} needs the package {error.name}, which cannot be"
                ' imported: pip install "autograd-lite[testing]"'
            )
            raise ImportError(message) from error
        return getattr(module, name)
    message = f"module 'autograd_lite.testing' has no attribute {name!r}"
    raise AttributeError(message)


def __dir__() -> list[str]:
    return sorted({*globals(), *_LATE})
