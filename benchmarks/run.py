"""Time this library beside its peers: the same data, the same start, the same threads, by turns.

python benchmarks/run.py                        everything that is installed
python benchmarks/run.py --workloads a,c500 --contestants autograd_lite,torch --steps 50

Each contestant runs each workload in a process of its own. Its first losses and gradients must
agree with this library's before it is timed. benchmarks/requirements.txt lists the peers.
"""

from __future__ import annotations

import argparse
import importlib.metadata
import json
import os
import platform
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import measure
import report
from contestants import CONTESTANTS, FLOOR
from processes import FOLDER, WorkerError, import_seconds, missing
from summary import quartiles
from workloads import WORKLOADS

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    Record = dict[str, Any]

IMPORTS = 7  # fresh processes for the time of an import; the first one fills the file cache
PACKAGES = (
    "autograd-lite",
    "numpy",
    "numba",
    "torch",
    "jax",
    "jaxlib",
    "autograd",
    "mygrad",
    "tinygrad",
)


def cores() -> int:
    """How many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def machine() -> Record:
    """What the numbers depend on."""
    info = Path("/proc/cpuinfo")
    lines = info.read_text().splitlines() if info.exists() else []
    models = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    versions = {}
    for package in PACKAGES:
        try:
            versions[package] = importlib.metadata.version(package)
        except importlib.metadata.PackageNotFoundError:
            continue
    return {
        "cpu": models[0] if models else platform.processor(),
        "cores": cores(),
        "system": " ".join([platform.system(), platform.machine(), *platform.libc_ver()]).strip(),
        "python": platform.python_version(),
        "versions": versions,
    }


def measure_imports(names: Sequence[str], threads: int) -> dict[str, Record]:
    """Quartiles of the time that each import takes, the contestants by turns."""
    names = [name for name in names if CONTESTANTS[name].imports and not missing(name)]
    seconds: dict[str, list[float]] = {name: [] for name in names}
    failures: dict[str, Record] = {}
    for i in range(IMPORTS):
        measure.say(f"imports: {i + 1} of {IMPORTS}")
        for name in (name for name in names if name not in failures):
            try:
                seconds[name].append(import_seconds(name, threads))
            except WorkerError as error:
                failures[name] = {"reason": str(error)}
    return {
        name: failures.get(name) or {**quartiles(seconds[name][1:]), "seconds": seconds[name][1:]}
        for name in names
    }


def several(kind: str, known: Sequence[str]) -> Callable[[str], list[str]]:
    """An argument that lists some of `known`, with commas between."""

    def parse(text: str) -> list[str]:
        names = [name.strip() for name in text.split(",") if name.strip()]
        wrong = [name for name in names if name not in known]
        if wrong or not names:
            got = ", ".join(wrong) or "nothing"
            message = f"{got} is no {kind}; choose from {', '.join(known)}, with commas between"
            raise argparse.ArgumentTypeError(message)
        return [name for name in known if name in names]

    return parse


def positive(text: str) -> int:
    """An argument that is a whole number from 1."""
    if not text.isdecimal() or int(text) < 1:
        message = f"{text} is not a whole number from 1"
        raise argparse.ArgumentTypeError(message)
    return int(text)


def parse_arguments(arguments: Sequence[str] | None = None) -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    workloads, contestants = list(WORKLOADS), list(CONTESTANTS)
    parser.add_argument(
        "--workloads",
        type=several("workload", workloads),
        default=workloads,
        help=f"some of {','.join(workloads)} (default: all)",
    )
    parser.add_argument(
        "--contestants",
        type=several("contestant", contestants),
        default=contestants,
        help=f"some of {','.join(contestants)} (default: all that are installed)",
    )
    parser.add_argument("--steps", type=positive, default=200, help="of each (default 200)")
    parser.add_argument(
        "--threads", type=positive, default=cores(), help="of each (default: the cores)"
    )
    parser.add_argument(
        "--out", type=Path, default=FOLDER / "results", help="folder of results.json and speed.svg"
    )
    parser.add_argument("--no-chart", action="store_true", help="draw nothing")
    return parser.parse_args(arguments)


def take_part(workload: str, contestants: Sequence[str]) -> list[str]:
    """Who takes part in a workload: the floor only where there are matrix products."""
    products = WORKLOADS[workload].products
    return [name for name in contestants if name != FLOOR or products]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run, print, write; the exit status is 1 if somebody disagrees or this library fails."""
    options = parse_arguments(arguments)
    content: Record = {
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
        "machine": machine(),
        "settings": {"steps": options.steps, "threads": options.threads, "dtype": "float32"},
    }
    results: dict[str, dict[str, Record]] = {}
    others: dict[str, float | None] = {}
    for workload in options.workloads:
        names = take_part(workload, options.contestants)
        results[workload], others[workload] = measure.run(
            workload, names, options.threads, options.steps
        )
        print(report.block(workload, results[workload], others[workload]), flush=True)
    imports = measure_imports(options.contestants, options.threads)
    print(report.tables(results, imports, options.contestants))
    for workload, share in others.items():
        if report.busy(share):
            print(f"{workload}: {report.busy(share)}")
    for name in report.absent(results):
        print(f"{name}: not installed ({missing(name)}); see benchmarks/requirements.txt")
    content |= {"workloads": results, "imports": imports, "used_by_others": others}
    options.out.mkdir(parents=True, exist_ok=True)
    path = options.out / "results.json"
    path.write_text(json.dumps(content, indent=1) + "\n")
    print(f"written {path}")
    if not options.no_chart:
        draw(content, options.out / "speed.svg")
    faults = report.faults(results)
    for fault in faults:
        print(fault, file=sys.stderr)
    return 1 if faults else 0


def draw(content: Record, path: Path) -> None:
    """The chart, if matplotlib is installed."""
    try:
        import chart
    except ImportError as error:
        print(f"no chart: {error.name} is not installed; install it, or give --no-chart")
        return
    if chart.speed(content, path):
        print(f"written {path}")
    else:
        print("no chart: no peer was timed beside this library")


if __name__ == "__main__":
    sys.exit(main())
