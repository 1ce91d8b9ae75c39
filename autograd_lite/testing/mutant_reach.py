"""Which code a test runs: what is broken elsewhere, it cannot find."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator
    from types import CodeType, FrameType

    from autograd_lite.testing.mutants import Mutant


class Reach:
    """The lines of some code that are run.

    Args:
        codes: the code to watch.

    Example:
        >>> def f(x):
        ...     return -x if x else x
        >>> reach = Reach([f.__code__])
        >>> with reach.watched():
        ...     _ = f(1)
        >>> [len(lines) for lines in reach.lines.values()]
        [1]
    """

    def __init__(self, codes: Collection[CodeType]) -> None:
        self.lines: dict[CodeType, set[int]] = {}
        self._codes = frozenset(codes)

    @contextmanager
    def watched(self) -> Iterator[None]:
        """Take note of what runs in a `with` block, in this thread."""
        before = sys.gettrace()
        sys.settrace(self._called)
        try:
            yield
        finally:
            sys.settrace(before)

    def reaches(self, mutant: Mutant) -> bool:
        """Whether what is broken in a mutant was run; in doubt it was."""
        lines = self.lines.get(mutant.inside)
        if lines is None:
            return False
        known = {line for _, _, line in mutant.inside.co_lines()}
        return mutant.line in lines or mutant.line not in known

    def _called(self, frame: FrameType, _event: str, _argument: Any) -> Any:
        code = frame.f_code
        if code not in self._codes:
            return None
        lines = self.lines.setdefault(code, set())

        def step(inner: FrameType, _event: str, _argument: Any) -> Any:
            lines.add(inner.f_lineno)
            return step

        return step
