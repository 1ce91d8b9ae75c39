"""Many calls in processes, of which some may hang or crash."""

from __future__ import annotations

import multiprocessing
import time
import warnings
from multiprocessing.connection import wait
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from multiprocessing.connection import Connection


class Ended:
    """What stands for the result of a call whose process ended, or was ended.

    Attributes:
        how: `hung` or `crashed`.
    """

    def __init__(self, how: str) -> None:
        self.how = how


def each(
    function: Callable[[int], Any], count: int, *, workers: int, timeout: float
) -> Iterator[tuple[int, Any]]:
    """The numbers below `count` with what a function gives for them, in the order of their ends.

    Args:
        function: what is called; it need not pickle, what it gives must.
        count: how many calls there are.
        workers: the number of processes; 0 for none but this one, where nobody ends what hangs.
        timeout: the seconds after which a call is ended.

    Raises:
        RuntimeError: when there are to be processes, and this platform cannot fork.
        Exception: what a call raises.

    Example:
        >>> list(each(lambda n: n * n, 3, workers=0, timeout=1.0))
        [(0, 0), (1, 1), (2, 4)]
    """
    if not workers:
        for number in range(count):
            yield number, function(number)
        return
    if "fork" not in multiprocessing.get_all_start_methods():
        message = "mutation_score: this platform cannot fork processes; give workers=0"
        raise RuntimeError(message)
    todo = list(range(count))[::-1]
    idle = [_Worker(function) for _ in range(min(workers, count))]
    busy: list[_Worker] = []
    try:
        while todo or busy:
            while idle and todo:
                busy.append(idle.pop())
                busy[-1].begin(todo.pop())
            ready = wait([worker.connection for worker in busy], timeout=1)
            done = [w for w in busy if w.connection in ready or w.seconds() > timeout]
            for worker in done:
                busy.remove(worker)
                result = worker.result(late=worker.connection not in ready)
                if isinstance(result, Exception):
                    raise result
                ended = isinstance(result, Ended)
                idle.append(_Worker(function) if ended else worker)
                if ended and result.how == "crashed" and worker.calls > 1:
                    todo.append(worker.number)  # an earlier call may have spoilt the memory
                else:
                    yield worker.number, result
    finally:
        for worker in (*idle, *busy):
            worker.end()


class _Worker:
    """A process, and the call that it is at."""

    def __init__(self, function: Callable[[int], Any]) -> None:
        context = multiprocessing.get_context("fork")
        self.connection, there = context.Pipe()
        self._process = context.Process(target=_serve, args=(there, function), daemon=True)
        with warnings.catch_warnings():  # that threads do not survive: those of BLAS start anew
            warnings.simplefilter("ignore", DeprecationWarning)
            self._process.start()
        there.close()
        self.number, self.calls, self._begun = 0, 0, 0.0

    def begin(self, number: int) -> None:
        """Start a call."""
        self.number, self.calls, self._begun = number, self.calls + 1, time.perf_counter()
        self.connection.send(number)

    def seconds(self) -> float:
        """How long the call has taken."""
        return time.perf_counter() - self._begun

    def result(self, *, late: bool) -> Any:
        """What the call gave; or `Ended`, when it is too late, or the process is dead."""
        if not late:
            try:
                return self.connection.recv()
            except EOFError:
                pass
        self.end()
        return Ended("hung" if late else "crashed")

    def end(self) -> None:
        """End the process, whatever it does."""
        self._process.kill()
        self._process.join()
        self.connection.close()


def _serve(connection: Connection, function: Callable[[int], Any]) -> None:
    """What a process does."""
    while True:
        number = connection.recv()
        try:
            connection.send(function(number))
        except Exception as error:  # noqa: BLE001  # raised again where it is received
            connection.send(error)
