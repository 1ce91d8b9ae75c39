"""The mutation score: how many wrong gradients the tests of an op would find."""

from __future__ import annotations

import sys
import time
import warnings
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from autograd_lite.errors import composite, describe, flag, is_whole
from autograd_lite.testing.mutant_reach import Reach
from autograd_lite.testing.mutant_targets import targets
from autograd_lite.testing.mutants import Mutant, mutants_of
from autograd_lite.testing.processes import Ended, each
from autograd_lite.testing.score import Outcome, Score

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
    from types import CodeType

# What finds most comes first, for the first that finds something ends the search.
_ORDER = ("gradient", "laws", "jvp", "hygiene", "dtype", "layout", "value")
_PATIENCE = 20  # times the timeout: the control runs all aspects, and is watched


class _Found(BaseException):
    """What leaves hypothesis at once, which would look for a smaller example of an Exception."""

    def __init__(self, error: BaseException) -> None:
        self.error = error


class _Job(NamedTuple):
    """A mutant of a function, and what may find it: the numbers of cases, the nearest first."""

    function: str
    mutant: Mutant
    cases: Sequence[int]


@composite(
    "cases that op_case made, names of functions, whole numbers (workers may be 0), and a timeout"
    " in seconds"
)
def mutation_score(
    cases: Iterable[Any],
    *,
    functions: Iterable[Callable[..., Any]] = (),
    equivalents: Mapping[str, str] | None = None,
    only: Container[str] | None = None,
    examples: int = 25,
    nearest: int = 4,
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

    It begins with a control: each aspect of each case must pass while nothing is broken. That run
    also tells which lines an aspect runs: it is not asked for what is broken elsewhere, for it
    would draw the same examples and pass again.

    Args:
        cases: what `op_case` makes, or anything with `op`, `aspects` and `check(aspect, draw)`.
        functions: functions that are no ops, and part of all gradients, to be broken too.
        equivalents: mutants by name that compute the same as the original, with the reason; they
            are tried all the same, and count only while they survive.
        only: the names of the functions to break, and of single mutants; all, if None.
        examples: how many examples hypothesis draws for an aspect.
        nearest: how many of the cases that run what is broken are asked at most.
        workers: the number of processes; 0 for this one, where nobody ends a mutant that hangs.
        timeout: the seconds after which a mutant counts as one that hangs, and so as found.
        progress: whether to write to stderr how far it is.

    Returns:
        What became of each mutant: the share of those found, the survivors, and tables.

    Raises:
        AssertionError: when a case fails, hangs or crashes in the control.
        RuntimeError: when there are to be processes, and this platform cannot fork.
        TypeError: when a case is none, or a switch is not True or False.
        ValueError: when a number is not above 0 (`workers`: below it).

    Example:
        >>> import numpy as np
        >>> import autograd_lite as ag
        >>> from autograd_lite.testing import mutation_score, op_case
        >>> case = op_case(ag.tanh, np.tanh)
        >>> score = mutation_score([case], only={"tanh"}, examples=25, workers=0, progress=False)
        >>> score.share > 0.9
        True
    """
    for what, number, least in (
        ("examples", examples, 1),
        ("nearest", nearest, 1),
        ("workers", workers, 0),
    ):
        if not is_whole(number, least):
            message = f"{what}={describe(number)}"
            raise ValueError(message)
    if not (np.isreal(timeout) and np.ndim(timeout) == 0 and timeout > 0):
        message = f"timeout={describe(timeout)}"
        raise ValueError(message)
    progress = flag("mutation_score", "progress", progress)
    plan = _Plan(_checked(cases), examples, nearest)
    plan.add(targets(plan.cases, functions), only)

    def run(function: Callable[[int], Any], count: int, what: str, patience: float) -> list[Any]:
        calls = each(function, count, workers=workers, timeout=patience)
        return _in_order(calls, count, what if progress else "")

    plan.learn(run(plan.control, len(plan.asked), "control", timeout * _PATIENCE))
    outcomes = run(plan.outcome, len(plan.jobs), "mutants", timeout)
    for number, outcome in enumerate(outcomes):
        if isinstance(outcome, Ended):
            outcomes[number] = plan.told(number, outcome.how, seconds=timeout)
    return Score(outcomes, dict(equivalents or {}), examples)


def _checked(cases: Iterable[Any]) -> list[Any]:
    """The cases, if they are some."""
    found = list(cases)
    for case in found:
        if not all(hasattr(case, name) for name in ("op", "aspects", "check")):
            message = f"{describe(case)} among the cases"
            raise TypeError(message)
    return found


def _in_order(calls: Iterator[tuple[int, Any]], count: int, what: str) -> list[Any]:
    """The results of calls in the order of their numbers, with a line now and then about them."""
    begun = shown = time.perf_counter()
    results: dict[int, Any] = {}
    for number, result in calls:
        results[number] = result
        now = time.perf_counter()
        if what and (now - shown > 10 or len(results) == count):
            shown = now
            alive = sum(getattr(r, "status", "") == "survived" for r in results.values())
            text = f"{what}: {len(results)} of {count}, {now - begun:.0f} s"
            sys.stderr.write(f"{text}, {alive} survived\n" if alive else f"{text}\n")
            sys.stderr.flush()
    return [results[number] for number in range(count)]


class _Plan:
    """What is to be broken, and which tests are to find it."""

    def __init__(self, cases: Sequence[Any], examples: int, nearest: int) -> None:
        self.cases, self.examples, self.nearest = cases, examples, nearest
        self.jobs: list[_Job] = []
        self.asked: list[int] = []
        self._codes: list[CodeType] = []
        self._reached: dict[tuple[int, str], Reach] = {}

    def add(self, found: Iterable[Any], only: Container[str] | None) -> None:
        """Break some functions."""
        for target in found:
            name, near = target.name, target.cases[: 3 * self.nearest]  # not all run all of it
            for mutant in mutants_of(target.function, name, whole=target.whole):
                if only is None or name in only or mutant.name in only:
                    self.jobs.append(_Job(name, mutant, near))
        self.asked = sorted({number for job in self.jobs for number in job.cases})
        self._codes = list(dict.fromkeys(job.mutant.inside for job in self.jobs))

    def control(self, place: int) -> list[tuple[str, str, dict[int, list[int]]]]:
        """For each aspect of a case: its error, if any, and which lines of which code it runs."""
        case = self.cases[self.asked[place]]
        results = []
        for aspect in case.aspects:
            reach = Reach(self._codes)
            with reach.watched():
                error = failure(case, aspect, self.examples)
            lines = {i: sorted(reach.lines.get(code, ())) for i, code in enumerate(self._codes)}
            told = "" if error is None else _short(error)
            results.append((aspect, told, {i: run for i, run in lines.items() if run}))
        return results

    def learn(self, controls: Sequence[Any]) -> None:
        """Take note of what controls have shown.

        Raises:
            AssertionError: when one failed.
        """
        wrong = []
        for number, control in zip(self.asked, controls, strict=True):
            name = repr(self.cases[number])
            if isinstance(control, Ended):
                wrong.append(f"{name} {control.how}")
                continue
            for aspect, error, lines in control:
                if error:
                    wrong.append(f"{name}, {aspect}: {error}")
                reach = self._reached[number, aspect] = Reach(self._codes)
                reach.lines = {self._codes[i]: set(numbers) for i, numbers in lines.items()}
        if wrong:
            message = "mutation_score: tests fail while nothing is broken:\n  " + "\n  ".join(wrong)
            raise AssertionError(message)

    def _tests(self, job: _Job) -> Iterator[tuple[Any, str]]:
        """What runs that which is broken: cases with an aspect, those of the nearest first."""
        near = 0
        for number in job.cases:
            case = self.cases[number]
            aspects = [a for a in case.aspects if self._reached[number, a].reaches(job.mutant)]
            near += bool(aspects)
            for aspect in sorted(aspects, key=_rank):
                yield case, aspect
            if near == self.nearest:
                return

    def outcome(self, number: int) -> Outcome:
        """What becomes of a mutant."""
        begun = time.perf_counter()
        job = self.jobs[number]
        status = "unreached"
        with job.mutant.applied():
            for case, aspect in self._tests(job):
                status = "survived"
                error = failure(case, aspect, self.examples)
                if error is not None:
                    seconds = time.perf_counter() - begun
                    return self.told(number, "killed", aspect, repr(case), _short(error), seconds)
        return self.told(number, status, seconds=time.perf_counter() - begun)

    def told(
        self,
        number: int,
        status: str,
        aspect: str = "",
        case: str = "",
        message: str = "",
        seconds: float = 0.0,
    ) -> Outcome:
        """An outcome with what is known of its mutant."""
        function, mutant, _ = self.jobs[number]
        return Outcome(
            mutant.name, mutant.kind, function, mutant.line, status, aspect, case, message, seconds
        )


def _rank(aspect: str) -> int:
    return _ORDER.index(aspect) if aspect in _ORDER else len(_ORDER)


def _short(error: BaseException) -> str:
    return f"{type(error).__name__}: {' '.join(str(error).split())[:200]}"


def failure(case: Any, aspect: str, examples: int) -> BaseException | None:
    """The first error that some examples of an aspect raise, always the same ones; or None.

    Args:
        case: what `op_case` makes.
        aspect: one of its aspects.
        examples: how many examples to draw.
    """
    import hypothesis  # noqa: PLC0415  # the extra testing
    from hypothesis import errors  # noqa: PLC0415  # the same
    from hypothesis import strategies as st  # noqa: PLC0415  # the same

    def check(data: Any) -> None:
        try:
            case.check(aspect, data.draw)
        except (errors.HypothesisException, errors.StopTest, KeyboardInterrupt):
            raise  # an example that does not count, or the user's wish to end
        except BaseException as error:  # noqa: BLE001  # pytest.raises raises no Exception either
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
