"""One contestant on one workload, in a process of its own; the runner starts it and asks.

python benchmarks/worker.py WORKLOAD CONTESTANT

It reads commands from standard input and answers on standard output, in lines of JSON. What a
library prints goes to standard error.
"""

from __future__ import annotations

import importlib
import json
import os
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from problems import Job

Answer = dict[str, Any]


def limit_cores(threads: int) -> None:
    """Leave this process as many cores as it may have threads, for libraries without a setting."""
    if hasattr(os, "sched_setaffinity"):
        cores = sorted(os.sched_getaffinity(0))
        os.sched_setaffinity(0, cores[:threads])


def peak_memory() -> int:
    """The largest resident size so far, in bytes.

    Linux's `ru_maxrss` begins with that of the process which started this one, `VmHWM` does not.
    """
    status = Path("/proc/self/status")
    if status.exists():
        fields = dict(line.split(":", 1) for line in status.read_text().splitlines() if ":" in line)
        return int(fields["VmHWM"].split()[0]) * 1024
    import resource

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (
        1 if sys.platform == "darwin" else 1024
    )


def digest(gradients: list[Any]) -> list[dict[str, float]]:
    """The norm of each gradient, and its component along a fixed direction, in float64.

    In parts, so that large gradients do not show in the memory.
    """
    import numpy as np

    found = []
    for gradient in gradients:
        flat = np.asarray(gradient).ravel()
        squares = along = 0.0
        for start in range(0, flat.size, 65_536):
            part = flat[start : start + 65_536].astype(np.float64)
            squares += float(part @ part)
            along += float(part @ np.cos(np.arange(start, start + part.size)))
        found.append({"norm": squares**0.5, "along": along})
    return found


class Server:
    """Answers the commands."""

    def __init__(self, job: Job) -> None:
        self.job = job

    def run(self, steps: int) -> Answer:
        """Do steps; their losses and seconds, and of each the forward pass's if it is told."""
        losses, seconds, forward = [], [], []
        for _ in range(steps):
            start = time.perf_counter()
            result = self.job.step()
            seconds.append(time.perf_counter() - start)
            loss, ahead = result if isinstance(result, tuple) else (result, None)
            losses.append(loss)
            if ahead is not None:
                forward.append(ahead)
        return {"losses": losses, "seconds": seconds, "forward": forward}

    def check(self, steps: int) -> Answer:
        """The first steps: their losses, the seconds, and the gradients of the last."""
        answer = self.run(steps)
        gradients = self.job.gradients
        return {**answer, "gradients": [] if gradients is None else digest(gradients())}

    def time(self, steps: int, warm_up: int) -> Answer:
        """Steps that count, after some that do not."""
        self.run(warm_up)
        return self.run(steps)

    def usage(self) -> Answer:
        """The peak of memory so far, and the CPU seconds of all threads."""
        return {"peak": peak_memory(), "cpu": time.process_time()}


def prepare(workload: str, contestant: str) -> tuple[Answer, Server | None]:
    """The first answer, and what answers the commands, unless there is nothing to be asked."""
    import contestants
    import problems

    module = importlib.import_module(f"contestants.{contestants.CONTESTANTS[contestant].module}")
    imported = peak_memory()
    name = workload.partition(":")[0]
    if name in module.LEFT_OUT:
        return {"left_out": module.LEFT_OUT[name]}, None
    start = time.perf_counter()
    job = getattr(module, contestants.FUNCTIONS[name])(problems.build(workload))
    return {"imported": imported, "setup": time.perf_counter() - start}, Server(job)


def last_line(error: Exception) -> str:
    """An exception as its traceback's last line, at most 300 characters of it."""
    return f"{type(error).__name__}: {error}".strip().splitlines()[0][:300]


def main() -> None:
    """Prepare, then answer until standard input ends."""
    answers = os.fdopen(os.dup(1), "w", buffering=1)
    os.dup2(2, 1)
    limit_cores(int(os.environ["OMP_NUM_THREADS"]))

    def answer(content: Answer) -> None:
        answers.write(json.dumps(content) + "\n")

    try:
        first, server = prepare(*sys.argv[1:])
        answer(first)
        for line in sys.stdin:
            command = json.loads(line)
            answer(getattr(server, command.pop("do"))(**command))
    except Exception as error:  # noqa: BLE001  # whatever a library raises is for the report
        answer({"error": last_line(error)})


if __name__ == "__main__":
    main()
