"""The watcher behind a profile: it runs the functions of ops, and looks at the clock."""

from __future__ import annotations

from collections import defaultdict, deque
from contextlib import contextmanager
from threading import get_ident
from time import perf_counter_ns
from typing import TYPE_CHECKING, Any

from autograd_lite.profiler_report import DIRECTIONS
from autograd_lite.recording import Watcher

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from autograd_lite.node import Node
    from autograd_lite.profiler_report import Event
    from autograd_lite.recording import OpCall


class Tally:
    """What is counted of one op in one direction, or of one span; times in nanoseconds."""

    __slots__ = ("began", "bytes", "calls", "depth", "inclusive", "own")

    def __init__(self) -> None:
        self.began = self.bytes = self.calls = self.depth = self.inclusive = self.own = 0


class _Span:
    """A span that has begun and not ended, and the tally that was running before it."""

    __slots__ = ("before", "began", "name", "tally")

    def __init__(self, name: str, tally: Tally, before: Tally, began: int) -> None:
        self.name, self.tally, self.before, self.began = name, tally, before, began


class Watch(Watcher):
    """The watcher behind a profile: one clock, whose time always goes to one tally."""

    def __init__(self, max_events: int | None) -> None:
        super().__init__()
        self.tallies: dict[str, defaultdict[str, Tally]] = {
            direction: defaultdict(Tally) for direction in DIRECTIONS
        }
        self.events: deque[Event] = deque(maxlen=max_events)
        self._forward, self._backward, self._span = self.tallies.values()
        self._outside = Tally()
        self._current = self._outside  # the tally that the time goes to now
        self._since = 0  # until when it was given out
        self._thread: int | None = None  # None when nothing is measured
        self._spans: list[_Span] = []
        self._keeps = max_events != 0
        self._zero = 0  # where the trace begins
        self._began = self._before = 0  # when this block began, and how long those before took

    def begin(self, around: Watcher | None) -> None:
        """Measure the calling thread, and let what watched so far watch too."""
        if self._thread is not None:
            message = (
                "profile: this profile is being taken already; leave it first, or take another one"
                " inside: with profile() as inner"
            )
            raise RuntimeError(message)
        self._thread, self.around = get_ident(), around
        self._began = self._since = perf_counter_ns()
        self._zero = self._zero or self._began

    def end(self) -> None:
        """Measure nothing more; a span that is still open ends too."""
        while self._spans:
            self._shut(self._spans[-1])
        self._before = self.lasted()
        self._thread = self.around = None

    def lasted(self) -> int:
        """The nanoseconds of all blocks."""
        running = 0 if self._thread is None else perf_counter_ns() - self._began
        return self._before + running

    def all(self) -> list[Tally]:
        """Every tally of a row."""
        return [tally for tallies in self.tallies.values() for tally in tallies.values()]

    def forward(self, call: OpCall) -> tuple[Any, ...]:
        """The result of an op and its closures, measured."""
        if get_ident() != self._thread:
            return super().forward(call)
        tally, before = self._forward[call.name], self._current
        began = self._start(tally)
        out = None
        try:
            results = super().forward(call)
            out = results[0]
            return results
        finally:
            now = self._stop(tally, before)
            tally.bytes += getattr(out, "nbytes", 0)
            if self._keeps:
                self._note(call.name, "forward", began, now, call.arrays, out)

    def backward(self, name: str, function: Callable[[Any], Any], gradient: Any, node: Node) -> Any:
        """What `function` returns, the gradient of an operand, measured."""
        if get_ident() != self._thread:
            return super().backward(name, function, gradient, node)
        tally, before = self._backward[name], self._current
        began = self._start(tally)
        out = None
        try:
            out = super().backward(name, function, gradient, node)
            return out
        finally:
            now = self._stop(tally, before)
            tally.bytes += getattr(out, "nbytes", 0)
            if self._keeps:
                self._note(name, "backward", began, now, (gradient,), out)

    @contextmanager
    def span(self, name: str) -> Iterator[None]:
        """Measure what runs inside, in the thread that is measured."""
        if get_ident() != self._thread:
            yield
            return
        before = self._current
        tally = self._span[name]
        opened = _Span(name, tally, before, self._start(tally))
        self._spans.append(opened)
        try:
            yield
        finally:
            if opened in self._spans:  # else the profile has ended before it, and ended it
                self._shut(opened)

    def _shut(self, opened: _Span) -> None:
        """End a span: the last one that was opened, unless asyncio tasks take turns."""
        at = self._spans.index(opened)
        later = self._spans[at + 1 :]
        del self._spans[at]
        if later:
            later[0].before = opened.before
            self._stop(opened.tally, self._current)
            return
        now = self._stop(opened.tally, opened.before)
        if self._keeps:
            self._note(opened.name, "span", opened.began, now)

    def _start(self, tally: Tally) -> int:
        """Give `tally` the time from now on, and return what time it is."""
        now = perf_counter_ns()
        self._current.own += now - self._since
        self._since = now
        self._current = tally
        tally.calls += 1
        if not tally.depth:  # what runs inside itself has one beginning and one end
            tally.began = now
        tally.depth += 1
        return now

    def _stop(self, tally: Tally, before: Tally) -> int:
        """Give `before` the time from now on, and return what time it is."""
        now = perf_counter_ns()
        self._current.own += now - self._since
        self._since = now
        self._current = before
        tally.depth -= 1
        if not tally.depth:
            tally.inclusive += now - tally.began
        return now

    def _note(
        self, name: str, direction: str, began: int, now: int, operands: Any = (), out: Any = None
    ) -> None:
        """Keep a call for the trace: of the arrays what describes them, not the arrays."""
        shapes = [x.shape for x in operands if hasattr(x, "shape")]
        shape, dtype = getattr(out, "shape", None), getattr(out, "dtype", None)
        began, now, size = began - self._zero, now - self._zero, getattr(out, "nbytes", 0)
        self.events.append((name, direction, began, now, shapes, shape, dtype, size))
