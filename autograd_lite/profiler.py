"""Where a step spends its time: each op forward and backward, as a table and as a trace."""

from __future__ import annotations

import os
import sys
from numbers import Integral
from typing import TYPE_CHECKING

from autograd_lite.errors import describe
from autograd_lite.profiler_report import Row, table, trace
from autograd_lite.profiler_watch import Watch
from autograd_lite.recording import Mode, enter, leave, mode
from autograd_lite.replace import replacing

if TYPE_CHECKING:
    from contextlib import AbstractContextManager
    from typing import Self


class profile:  # noqa: N801  # as no_grad: it reads as a statement
    """Measure where the time inside goes: calls, time and bytes of each op, forward and backward.

    The times of the rows are exclusive: what runs inside an op or a span is counted once, for
    itself. They add up, with the time `outside` of all rows, to the time in the block. Outside is
    Python, an optimizer's step, data loading, and the adding up of gradients; `span` names such
    parts. The row `sum_to` is the engine's own, where the gradient of a broadcast is summed.

    It sees ops on tensors, inside `no_grad` too, in the thread that entered it, and there in the
    asyncio tasks that the block starts, while it lasts: what watches ops is a context variable.
    Profiles nest, and both see the ops inside. One profile may be entered again after it was left:
    it then adds to what it has.

    A call costs a few microseconds more while it is measured, most of which are counted as outside.
    Results are what they are without, to the last bit.

    Args:
        max_events: how many calls are kept for `save_trace`, about 500 bytes each: the latest ones.
            0 keeps none and costs a little less, None keeps all. The rows count all calls anyway.

    Raises:
        TypeError: when `max_events` is not an integer or None.
        ValueError: when it is negative.
        RuntimeError: when it is entered before it was left.

    Example:
        >>> import autograd_lite as ag
        >>> x = ag.tensor([1.0, 2.0], requires_grad=True)
        >>> with ag.profile() as report:
        ...     for _ in range(10):
        ...         loss = (x * x).sum()
        ...         loss.backward()
        ...         with report.span("update"):
        ...             x.data -= 0.1 * x.grad.numpy()
        >>> [row[:3] for row in sorted(report.rows)]  # print(report) shows all that there is
        [('mul', 'backward', 20), ('mul', 'forward', 10), ('sum', 'backward', 10),
         ('sum', 'forward', 10), ('update', 'span', 10)]
    """

    def __init__(self, *, max_events: int | None = 100_000) -> None:
        if max_events is not None:
            expected = "expected an integer, 0 or more, or None to keep all calls"
            message = f"profile: got max_events={describe(max_events)}; {expected}"
            if not isinstance(max_events, Integral) or isinstance(max_events, bool):
                raise TypeError(message)
            if max_events < 0:
                raise ValueError(message)
            max_events = min(int(max_events), sys.maxsize)  # of which there is memory for fewer
        self._watch = Watch(max_events)

    def __enter__(self) -> Self:
        records, around = mode.get()
        self._watch.begin(around)
        enter(Mode(records, self._watch))
        return self

    def __exit__(self, *exc_info: object) -> None:
        self._watch.end()
        leave()

    def span(self, name: str) -> AbstractContextManager[None]:
        """A context manager that makes what runs inside it a row and an event of that name.

        Where nothing is measured, outside of the block or in another thread, it does nothing. Where
        asyncio tasks that take turns have spans open at once, the time is that of the one opened
        last, and a span that ends before one opened after it is not in the trace.

        Raises:
            TypeError: when `name` is not a string.

        Example:
            >>> import autograd_lite as ag
            >>> report = ag.profile()
            >>> with report, report.span("data"):
            ...     rows = list(range(1000))
            >>> report.rows[0].name, report.rows[0].direction, report.rows[0].calls
            ('data', 'span', 1)
        """
        if not isinstance(name, str):
            message = f"profile.span: got {describe(name)}; expected a name, as in span('data')"
            raise TypeError(message)
        return self._watch.span(name)

    @property
    def rows(self) -> tuple[Row, ...]:
        """What was measured so far, the longest time first."""
        rows = [
            Row(name, direction, t.calls, t.own / 1e9, t.inclusive / 1e9, t.bytes)
            for direction, tallies in self._watch.tallies.items()
            for name, t in tallies.items()
        ]
        return tuple(sorted(rows, key=lambda row: (-row.seconds, row)))

    @property
    def seconds(self) -> float:
        """The time in the block so far, or in all blocks."""
        return self._watch.lasted() / 1e9

    @property
    def outside(self) -> float:
        """The time in the block that no row accounts for."""
        return (self._watch.lasted() - sum(t.own for t in self._watch.all())) / 1e9

    def __repr__(self) -> str:
        return table(self.rows, self.outside, self.seconds)

    def save_trace(self, path: str | os.PathLike[str]) -> None:
        """Write the latest calls as a Chrome trace, for chrome://tracing or ui.perfetto.dev.

        Each call is an event with its time, category ("forward", "backward" or "span"), the
        `shapes` of its operands, and `result` (a shape), `dtype` and `bytes`. The file is written
        whole or not at all.

        Args:
            path: the file, which is replaced if there is one.

        Raises:
            TypeError: when `path` is not a path.
            RuntimeError: when the profile keeps no calls.
            OSError: when the file cannot be written.
        """
        if not isinstance(path, (str, os.PathLike)):
            message = f"profile.save_trace: got {describe(path)}; expected the path of a file"
            raise TypeError(message)
        watch = self._watch
        if watch.events.maxlen == 0:
            message = (
                "profile.save_trace: got a profile that keeps no calls, by max_events=0; expected"
                " one that keeps some: profile(max_events=100_000)"
            )
            raise RuntimeError(message)
        content = trace(watch.events, sum(t.calls for t in watch.all()) - len(watch.events))
        with replacing(path) as file:
            file.write(content.encode("utf-8"))
