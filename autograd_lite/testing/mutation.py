"""The mutation score: how many wrong gradients the tests of an op would find."""

from __future__ import annotations

import multiprocessing
import sys
import time
import warnings
from multiprocessing.connection import wait
from typing import TYPE_CHECKING, Any

import numpy as np

from autograd_lite.testing.mutant_targets import Target, targets
from autograd_lite.testing.mutants import Mutant, mutants_of
from autograd_lite.testing.score import Outcome, Score

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Iterable, Mapping, Sequence
    from multiprocessing.connection import Connection

# What finds most comes first, for the first that finds something ends the search.
_ORDER = ("gradient", "laws", "jvp", "hygiene", "dtype", "layout", "value")


class _Found(BaseException):
    """What leaves hypothesis at once, which would look for a smaller example of an Exception."""

    def __init__(self, error: Exception) -> None:
        self.error = error


class _Job:
    """A mutant, and the cases that may find it; none in the place of the mutant: a control."""

    def __init__(self, target: Target | None, mutant: Mutant | None, cases: Sequence[int]) -> None:
        self.target, self.mutant, self.cases = target, mutant, cases


def mutation_score(
    cases: Iterable[Any],
    *,
    functions: Iterable[Callable[..., Any]] = (),
    equivalents: Mapping[str, str] | None = None,
    only: Container[str] | None = None,
    examples: int = 25,
    nearest: int = 6,
    workers: int = 2,
    timeout: float = 60.0,
    progress: bool = True,
) -> Score:
    """Break the closures of ops, one error at a time, and count how many errors the tests find.

    A test that passes says little, unless it would have failed had the gradient been wrong. So the
    closures of every op that the cases lead to, and what these call, are broken in turn: the sign,
    a factor, an operand for another, a sum over the wrong axis, and so on (see `mutants_of`). A
    mutant is killed when an aspect of one of the cases that run it fails. Those of the op itself
    are asked first, then those of the ops that call it.

    It begins with a control: each aspect of each case must pass while nothing is broken.

    Args:
        cases: what `op_case` makes, or anything with `op`, `aspects` and `check(aspect, draw)`.
        functions: functions that are no ops, and part of all gradients, to be broken too.
        equivalents: mutants by name that compute the same as the original, with the reason; they
            are tried all the same, and count only while they survive.
        only: the names of the functions to break; all, if None.
        examples: how many examples hypothesis draws for an aspect.
        nearest: how many cases are asked at most.
        workers: the number of processes; 0 for this one, where nobody ends a mutant that hangs.
        timeout: the seconds after which a mutant counts as one that hangs, and so as found.
        progress: whether to write to stderr how far it is.

    Returns:
        What became of each mutant: the share of those found, the survivors, and tables.

    Raises:
        AssertionError: when a case fails in the control.
        RuntimeError: when there are to be processes, and this platform cannot fork.

    Example:
        >>> import numpy as np
        >>> import autograd_lite as ag
        >>> from autograd_lite.testing import mutation_score, op_case
        >>> case = op_case(ag.tanh, np.tanh)
        >>> score = mutation_score([case], only={"tanh"}, examples=5, workers=0, progress=False)
        >>> score.share
        1.0
    """
    cases = list(cases)
    found = [t for t in targets(cases, functions) if only is None or t.name in only]
    jobs = [
        _Job(target, mutant, target.cases[:nearest])
        for target in found
        for mutant in mutants_of(target.function, target.name, whole=target.whole)
    ]
    asked = sorted({number for job in jobs for number in job.cases})
    controls = [_Job(None, None, [number]) for number in asked]
    run = _Run(cases, examples, timeout, workers, progress)
    for job, outcome in run.of(controls, "control"):
        if outcome.status != "survived":
            message = (
                f"mutation_score: the case {cases[job.cases[0]]!r} fails while nothing is broken:"
                f" {outcome.aspect}, {outcome.message}"
            )
            raise AssertionError(message)
    outcomes = [outcome for _, outcome in run.of(jobs, "mutants")]
    return Score(outcomes, dict(equivalents or {}), examples)


class _Worker:
    """A process, and the job that it has."""

    def __init__(self, process: Any, connection: Connection) -> None:
        self.process, self.connection = process, connection
        self.number, self.begun = 0, 0.0

    def begin(self, number: int) -> None:
        """Give it a job."""
        self.number, self.begun = number, time.perf_counter()
        self.connection.send(number)

    def received(self) -> Outcome | Exception | None:
        """What it sent; None when it is dead."""
        try:
            result: Outcome | Exception = self.connection.recv()
        except EOFError:
            return None
        return result

    def seconds(self) -> float:
        """How long it has had its job."""
        return time.perf_counter() - self.begun

    def end(self) -> None:
        """End it, whatever it does."""
        self.process.kill()
        self.process.join()


class _Run:
    """Jobs in processes, each with one at a time: who hangs or crashes is ended and replaced."""

    def __init__(
        self, cases: Sequence[Any], examples: int, timeout: float, workers: int, progress: bool
    ) -> None:
        self.cases, self.examples, self.timeout = cases, examples, timeout
        self.workers, self.progress = workers, progress
        if workers and "fork" not in multiprocessing.get_all_start_methods():
            message = "mutation_score: this platform cannot fork processes; give workers=0"
            raise RuntimeError(message)

    def of(self, jobs: Sequence[_Job], what: str) -> list[tuple[_Job, Outcome]]:
        """The outcomes of jobs, in their order."""
        begun, shown = time.perf_counter(), 0.0
        outcomes: dict[int, Outcome] = {}
        survived = 0
        for number, outcome in self._here(jobs) if not self.workers else self._there(jobs):
            outcomes[number] = outcome
            survived += outcome.status == "survived"
            now = time.perf_counter()
            if self.progress and (now - shown > 10 or len(outcomes) == len(jobs)):
                shown = now
                alive = "passed" if what == "control" else "survived"
                text = f"{what}: {len(outcomes)} of {len(jobs)}, {survived} {alive}"
                sys.stderr.write(f"{text}, {now - begun:.0f} s\n")
                sys.stderr.flush()
        return [(job, outcomes[number]) for number, job in enumerate(jobs)]

    def _here(self, jobs: Sequence[_Job]) -> Iterable[tuple[int, Outcome]]:
        for number, job in enumerate(jobs):
            yield number, self.outcome(job)

    def _there(self, jobs: Sequence[_Job]) -> Iterable[tuple[int, Outcome]]:
        todo = list(range(len(jobs)))[::-1]
        idle = [self._started(jobs) for _ in range(min(self.workers, len(jobs)))]
        busy: list[_Worker] = []
        while todo or busy:
            while idle and todo:
                worker = idle.pop()
                worker.begin(todo.pop())
                busy.append(worker)
            ready = wait([worker.connection for worker in busy], timeout=1)
            late = [worker for worker in busy if worker.seconds() > self.timeout]
            for worker in {*late, *(worker for worker in busy if worker.connection in ready)}:
                busy.remove(worker)
                outcome = worker.received() if worker.connection in ready else None
                if isinstance(outcome, Exception):  # of the runner: it found nothing
                    raise outcome
                if outcome is None:
                    worker.end()
                    status = "hung" if worker in late else "crashed"
                    outcome = _outcome(jobs[worker.number], status, seconds=worker.seconds())
                idle.append(worker if worker.process.is_alive() else self._started(jobs))
                yield worker.number, outcome
        for worker in idle:
            worker.connection.send(None)

    def _started(self, jobs: Sequence[_Job]) -> _Worker:
        context = multiprocessing.get_context("fork")  # cases hold lambdas, which do not pickle
        here, there = context.Pipe()
        process = context.Process(target=self._serve, args=(there, jobs), daemon=True)
        process.start()
        there.close()
        return _Worker(process, here)

    def _serve(self, connection: Connection, jobs: Sequence[_Job]) -> None:
        """What a process does."""
        while (number := connection.recv()) is not None:
            try:
                connection.send(self.outcome(jobs[number]))
            except Exception as error:  # noqa: BLE001  # raised again where it is received
                connection.send(error)

    def outcome(self, job: _Job) -> Outcome:
        """What becomes of a mutant, or of a control."""
        begun = time.perf_counter()
        if job.mutant is None:
            verdict = self._first_failure(job.cases)
        else:
            with job.mutant.applied():
                verdict = self._first_failure(job.cases)
        status = "survived" if verdict is None else "killed"
        aspect, case, message = verdict or ("", "", "")
        return _outcome(job, status, aspect, case, message, time.perf_counter() - begun)

    def _first_failure(self, numbers: Sequence[int]) -> tuple[str, str, str] | None:
        for number in numbers:
            case = self.cases[number]
            for aspect in sorted(case.aspects, key=_rank):
                error = failure(case, aspect, self.examples)
                if error is not None:
                    text = " ".join(str(error).split())[:200]
                    return aspect, repr(case), f"{type(error).__name__}: {text}"
        return None


def _rank(aspect: str) -> int:
    return _ORDER.index(aspect) if aspect in _ORDER else len(_ORDER)


def _outcome(
    job: _Job, status: str, aspect: str = "", case: str = "", message: str = "", seconds: float = 0
) -> Outcome:
    if job.mutant is None or job.target is None:
        return Outcome("", "", "", 0, status, aspect, case, message, seconds)
    m = job.mutant
    return Outcome(m.name, m.kind, job.target.name, m.line, status, aspect, case, message, seconds)


def failure(case: Any, aspect: str, examples: int) -> Exception | None:
    """The first error that some examples of an aspect raise, always the same ones; or None.

    Args:
        case: what `op_case` makes.
        aspect: one of its aspects.
        examples: how many examples to draw.
    """
    import hypothesis  # noqa: PLC0415  # the extra testing
    from hypothesis import strategies as st  # noqa: PLC0415  # the same

    def check(data: Any) -> None:
        try:
            case.check(aspect, data.draw)
        except hypothesis.errors.HypothesisException:  # an example that does not count
            raise
        except Exception as error:  # noqa: BLE001  # whatever it is, it was found
            raise _Found(error) from None

    settings = hypothesis.settings(
        max_examples=examples,
        derandomize=True,
        database=None,
        deadline=None,
        phases=[hypothesis.Phase.generate],
        suppress_health_check=list(hypothesis.HealthCheck),
    )
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        try:
            settings(hypothesis.given(data=st.data())(check))()
        except _Found as found:
            return found.error
    return None
