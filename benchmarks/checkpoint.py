"""The gradient of a pendulum's last state after 10,000 steps: memory and time, with checkpoint.

python benchmarks/checkpoint.py

The state is integrated by the leapfrog method; the gradient is for the first state and the
parameters (length, friction). `plain` records every step; `segments` checkpoints segments of about
the root of their number; `nested` does so in two levels. Bytes are the peak that tracemalloc sees,
and how much the resident memory of a process of its own grows. Seconds are the median of several
such processes, without tracemalloc.
"""

from __future__ import annotations

import argparse
import json
import resource
import statistics
import subprocess
import sys
import time
import tracemalloc
from typing import TYPE_CHECKING, Any

import numpy as np

import autograd_lite as ag
from autograd_lite.func import checkpoint

if TYPE_CHECKING:
    from collections.abc import Callable

STEPS, DT = 10_000, 0.001
KINDS = ("plain", "segments", "nested")


def step(angle: Any, speed: Any, length: Any, friction: Any) -> tuple[Any, Any]:
    """The pendulum a moment later."""
    speed = speed - DT * (9.81 / length * ag.sin(angle) + friction * speed)
    return angle + DT * speed, speed


def steps(count: int) -> Callable[..., tuple[Any, Any]]:
    """The pendulum after so many steps."""

    def run(angle: Any, speed: Any, length: Any, friction: Any) -> tuple[Any, Any]:
        for _ in range(count):
            angle, speed = step(angle, speed, length, friction)
        return angle, speed

    return run


def segments(count: int, levels: int) -> Callable[..., tuple[Any, Any]]:
    """The same in checkpointed segments, and these in smaller ones, so many levels deep."""
    if levels == 0:
        return steps(count)
    size = max(1, round(count ** (levels / (levels + 1))))
    sizes = [size] * (count // size) + [count % size] * (count % size > 0)
    parts = {n: checkpoint(segments(n, levels - 1)) for n in set(sizes)}

    def run(angle: Any, speed: Any, length: Any, friction: Any) -> tuple[Any, Any]:
        for n in sizes:
            angle, speed = parts[n](angle, speed, length, friction)
        return angle, speed

    return run


def gradient(kind: str, count: int) -> list[float]:
    """Of the last state, for the first one and the parameters."""
    inputs = [ag.tensor(np.array(v), requires_grad=True) for v in (2.0, 0.0, 1.0, 0.1)]
    angle, speed = segments(count, KINDS.index(kind))(*inputs)
    return [g.item() for g in ag.grad(angle + speed, inputs)]


def resident() -> int:
    """The most bytes of memory that this process has had."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def measure(kind: str, count: int, *, traced: bool) -> dict[str, Any]:
    """One gradient, in this process."""
    gradient(kind, 100)  # what is made once is made now
    if traced:
        tracemalloc.start()
    before, start = resident(), time.perf_counter()
    found = gradient(kind, count)
    record = {"seconds": time.perf_counter() - start, "resident": resident() - before}
    if traced:
        record["traced"] = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
    return {"gradient": found, **record}


def in_process(kind: str, count: int, *, traced: bool) -> dict[str, Any]:
    """One gradient, in a process of its own."""
    command = [sys.executable, __file__, "--kind", kind, "--steps", str(count)]
    command += ["--traced"] if traced else []
    done = subprocess.run(command, capture_output=True, text=True, check=True)  # noqa: S603  # this file itself
    record: dict[str, Any] = json.loads(done.stdout)
    return record


def main(arguments: list[str] | None = None) -> None:
    """All kinds, by turns, or one of them in this process."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--steps", type=int, default=STEPS, help=f"of the pendulum ({STEPS})")
    parser.add_argument("--rounds", type=int, default=5, help="processes of each kind (5)")
    parser.add_argument("--kind", choices=KINDS, help="one gradient, here, as JSON")
    parser.add_argument("--traced", action="store_true", help="with tracemalloc; for --kind")
    options = parser.parse_args(arguments)
    if options.steps < 1 or options.rounds < 1:
        parser.error(f"got --steps {options.steps} --rounds {options.rounds}; expected at least 1")
    if options.kind:
        print(json.dumps(measure(options.kind, options.steps, traced=options.traced)))
        return
    print(f"{options.steps:,} steps        traced MB     resident MB    seconds")
    rounds = range(options.rounds)
    turns = [{k: in_process(k, options.steps, traced=False) for k in KINDS} for _ in rounds]
    first: dict[str, float] = {}
    for kind in KINDS:
        traced = in_process(kind, options.steps, traced=True)
        row = {
            "traced": traced["traced"] / 1e6,
            "resident": statistics.median(turn[kind]["resident"] for turn in turns) / 1e6,
            "seconds": statistics.median(turn[kind]["seconds"] for turn in turns),
        }
        first = first or row
        np.testing.assert_allclose(traced["gradient"], turns[0]["plain"]["gradient"], rtol=1e-9)
        cells = [f"{row[key]:8.2f} ({row[key] / (first[key] or 1):.3f})" for key in row]
        print(f"{kind:12s}  {'  '.join(cells)}")


if __name__ == "__main__":
    main()
