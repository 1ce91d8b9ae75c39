"""The pytest plugin: an `OpCase`, or a list of them, is collected as a test of each aspect.

It is enabled in the `conftest.py` at the root of the tests:

    pytest_plugins = ["autograd_lite.testing.plugin"]

What a test module binds to a name that begins with `test` becomes tests such as
`test_ops[matmul-gradient]`. They run under hypothesis, with its profiles, options and seeds.
"""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

import hypothesis
import pytest

from autograd_lite.errors import describe
from autograd_lite.testing.case import MANY, OpCase

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_TOOLKIT = Path(__file__).parent
_BLOB = re.compile(r"@(reproduce_failure\(.*\)) as a decorator", re.DOTALL)


def pytest_pycollect_makeitem(
    collector: pytest.Module | pytest.Class, name: str, obj: object
) -> list[pytest.Item] | None:
    """Collect a case, or a list or tuple of cases."""
    if not name.startswith("test"):
        return None
    if isinstance(obj, OpCase):
        return list(_of_case(collector, obj, f"{name}[", name))
    if not isinstance(obj, (list, tuple)) or not any(isinstance(case, OpCase) for case in obj):
        return None
    for i, case in enumerate(obj):
        if not isinstance(case, OpCase):
            message = f"{name}: entry {i} is {describe(case)}; expected OpCases alone"
            raise collector.CollectError(message)
    return list(_items(collector, name, obj))


def _items(
    collector: pytest.Module | pytest.Class, name: str, cases: Sequence[OpCase]
) -> Iterator[OpItem]:
    seen: Counter[str] = Counter()
    for i, case in enumerate(cases):
        seen[case.name] += 1
        again = f"_{seen[case.name]}" if seen[case.name] > 1 else ""
        yield from _of_case(collector, case, f"{name}[{case.name}{again}-", f"{name}[{i}]")


def _of_case(
    collector: pytest.Module | pytest.Class, case: OpCase, begin: str, where: str
) -> Iterator[OpItem]:
    """A test of each aspect; one of all, where to draw examples for each would take hours."""
    whole = hypothesis.settings().max_examples >= MANY
    for aspects in [case.aspects] if whole else [(aspect,) for aspect in case.aspects]:
        title = f"{begin}{'-'.join(aspects)}]"
        item = OpItem.from_parent(collector, name=title, callobj=case.test(*aspects))
        item.where = f"{where}.test({', '.join(map(repr, aspects))})"
        yield item


class OpItem(pytest.Function):
    """A test of an op.

    Attributes:
        where: what makes its test in its module.
    """

    where: str

    def reportinfo(self) -> tuple[Path, None, str]:
        """Where it is declared, which is not where its function is from."""
        return self.path, None, self.name

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException]) -> Any:  # type: ignore[override]  # as the documentation has it
        """The verdict and the smallest example; of an error in the op, also where that is."""
        if self.config.getoption("fulltrace", default=False):
            return super().repr_failure(excinfo)
        error, entries = excinfo.value, excinfo.traceback
        error.__notes__ = list(_notes(error, self.where))
        if not isinstance(error, AssertionError) or not _is_ours(entries[-1]):
            return excinfo.getrepr(style="short", chain=False, tbfilter=_of_the_op)
        text = excinfo.getrepr(style="value", chain=False)
        text.addsection("smallest example", "\n".join(error.__notes__))
        return text


def _is_ours(entry: Any) -> bool:
    return _TOOLKIT in Path(entry.path).parents


def _of_the_op(excinfo: pytest.ExceptionInfo[BaseException]) -> Any:
    """What a traceback has behind the last place in the toolkit."""
    entries = excinfo.traceback
    last = max((i for i, entry in enumerate(entries) if _is_ours(entry)), default=-1)
    return type(entries)(entries[last + 1 :] or entries[last:])


def _notes(error: BaseException, where: str) -> Iterator[str]:
    """What hypothesis notes, and how to run the example again."""
    for note in getattr(error, "__notes__", ()):
        blob = _BLOB.search(note)
        if blob:
            yield f"To run it again: hypothesis.{blob[1]}({where})()"
        elif not note.startswith("Highest target score"):
            yield note.rstrip()
