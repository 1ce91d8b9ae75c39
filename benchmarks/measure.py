"""One workload: start its workers, compare their first steps, time them by turns."""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from contestants import FLOOR
from processes import LeftOutError, Worker, WorkerError, missing
from summary import disagreement, quartiles

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    Record = dict[str, Any]

CHECKED = 5  # steps that are compared before anything is timed
BLOCK, WARM_UP = 10, 2  # steps of one turn, and those before them that do not count
PAUSE = 0.1  # seconds between turns: pools of threads spin for a while before they sleep
SLOW, BUDGET, LEAST = 0.5, 30.0, 5  # a step slower than SLOW s: as many as fit, but LEAST


def say(*words: object) -> None:
    """Progress, on standard error."""
    print(*words, file=sys.stderr, flush=True)


def start(
    workload: str, names: Iterable[str], threads: int
) -> tuple[dict[str, Worker], dict[str, Record]]:
    """Start a worker for each contestant and let it do its first steps.

    Returns:
        The workers that can go on, and a record for each contestant, also for the others.
    """
    workers: dict[str, Worker] = {}
    records: dict[str, Record] = {}
    for name in names:
        absent = missing(name)
        if absent:
            records[name] = {"status": "not installed", "reason": f"{absent} is not installed"}
            continue
        say(f"{workload}: {name} begins")
        try:
            worker = Worker(workload, name, threads)
        except LeftOutError as error:
            records[name] = {"status": "left out", "reason": str(error)}
            continue
        except WorkerError as error:
            records[name] = {"status": "failed", "reason": str(error)}
            continue
        workers[name], records[name] = worker, {"imported": worker.started["imported"]}
        first = ask(workers, records, name, "check", steps=CHECKED)
        if first is not None:
            records[name] |= {
                "status": "begun",
                "losses": first["losses"],
                "gradients": first["gradients"],
                "first_step": first["seconds"][0],
                "expected_step": min(first["seconds"][2:]),
            }
    return workers, records


def ask(
    workers: dict[str, Worker], records: dict[str, Record], name: str, do: str, **arguments: int
) -> Record | None:
    """A worker's answer; None if it fails, which is recorded and is the end of it."""
    try:
        return workers[name].ask(do, **arguments)
    except WorkerError as error:
        records[name] |= {"status": "failed", "reason": str(error)}
        workers.pop(name).close()
        return None


def compare(workers: dict[str, Worker], records: dict[str, Record]) -> None:
    """Stop those whose first steps differ from the first contestant's; the floor has no loss."""
    begun = [name for name in workers if name != FLOOR]
    for name in begun[1:]:
        difference = disagreement(records[begun[0]], records[name])
        if difference:
            records[name] |= {"status": "disagrees", "reason": f"{difference} ({begun[0]})"}
            workers.pop(name).close()


def busy_seconds() -> float | None:
    """CPU seconds of all processes since the machine started, where the system tells."""
    stat = Path("/proc/stat")
    if not stat.exists():
        return None
    user, nice, system, _idle, _wait, irq, soft_irq, steal = map(int, stat.read_text().split()[1:9])
    return (user + nice + system + irq + soft_irq + steal) / os.sysconf("SC_CLK_TCK")


def _cpu_seconds(worker: Worker) -> float:
    """Those of one worker; of one that has ended nothing is known."""
    try:
        return float(worker.ask("usage")["cpu"])
    except WorkerError:
        return 0.0


class Others:
    """How much of the machine others use meanwhile: they lengthen times, and not all alike."""

    def __init__(self, workers: dict[str, Worker]) -> None:
        self.workers = dict(workers)
        self.at_start = self._state()

    def _state(self) -> tuple[float, float | None, float]:
        ours = sum(map(_cpu_seconds, self.workers.values()))
        return time.perf_counter(), busy_seconds(), ours + time.process_time()

    def share(self) -> float | None:
        """Their CPU time by that of all cores; None where the system does not tell."""
        (start, before, ours_before), (end, after, ours) = self.at_start, self._state()
        if before is None or after is None:
            return None
        theirs = (after - before) - (ours - ours_before)
        return max(0.0, theirs / ((end - start) * (os.cpu_count() or 1)))


def goal(expected: float, steps: int) -> tuple[int, int, int]:
    """How many steps to time, in turns of how many, and how many come before each turn."""
    if expected <= SLOW:
        return steps, min(BLOCK, steps), WARM_UP
    return min(steps, max(LEAST, int(BUDGET / expected))), 1, 0


def interleave(
    workload: str, workers: dict[str, Worker], records: dict[str, Record], steps: int
) -> None:
    """Time all by turns, another one first in each round, until each has done its steps."""
    seconds: dict[str, list[float]] = {name: [] for name in workers}
    forward: dict[str, list[float]] = {name: [] for name in workers}
    plans = {name: goal(records[name]["expected_step"], steps) for name in workers}
    turn = 0
    while any(len(seconds[name]) < plans[name][0] for name in workers):
        names = list(workers)
        say(f"{workload}: {min(map(len, seconds.values()))} of {steps} steps")
        for name in names[turn % len(names) :] + names[: turn % len(names)]:
            left = plans[name][0] - len(seconds[name])
            if left <= 0:
                continue
            time.sleep(PAUSE)
            _, block, warm_up = plans[name]
            answer = ask(workers, records, name, "time", steps=min(left, block), warm_up=warm_up)
            if answer is not None:
                seconds[name] += answer["seconds"]
                forward[name] += answer["forward"]
        turn += 1
    for name in list(workers):
        usage = ask(workers, records, name, "usage")
        if usage is not None:
            records[name] |= summarise(seconds[name], forward[name])
            records[name] |= {"status": "timed", "peak": usage["peak"]}


def summarise(seconds: Sequence[float], forward: Sequence[float]) -> Record:
    """Quartiles of the steps, and of the two passes where they were told apart."""
    record: Record = {**quartiles(seconds), "steps": len(seconds)}
    if forward:
        backward = [whole - part for whole, part in zip(seconds, forward, strict=True)]
        record |= {"forward": quartiles(forward), "backward": quartiles(backward)}
    return record


def run(
    workload: str, names: Sequence[str], threads: int, steps: int
) -> tuple[dict[str, Record], float | None]:
    """All of one workload: a record for each contestant, and what share of the machine others had.

    The share is None where the system does not tell, or where a worker ended on the way.
    """
    workers, records = start(workload, names, threads)
    try:
        compare(workers, records)
        others, began = Others(workers), len(workers)
        interleave(workload, workers, records, steps)
        return records, others.share() if len(workers) == began else None
    finally:
        for worker in workers.values():
            worker.close()
