"""The same wrong gradients given to the checkers of PyTorch, JAX and HIPS autograd, and to ours.

python benchmarks/checkers.py
python benchmarks/checkers.py --seeds 1 --checkers "PyTorch fast,ours"

Eleven common functions in NumPy come with their gradient and with wrong ones. A mutant is caught
when its checker, with its default settings, complains. Each is tried at a few inputs (seeds) of two
sizes; who draws random directions from a seed gets the same seed. The right gradients are checked
as well: a complaint about one is a false alarm. The report is Markdown. What is not installed is
left out.
"""

from __future__ import annotations

import argparse
import functools
import importlib.metadata
import importlib.util
import itertools
import multiprocessing
import statistics
import sys
import time
import warnings
from collections import defaultdict
from typing import Any

import numpy as np
from checking.adapters import CHECKERS
from checking.functions import SUBJECTS
from checking.kinks import KINKS, constant_vjp
from checking.mutants import SINGLE, every_mutant

SIZES = {"small": False, "large": True}
Counts = dict[tuple[str, str, str], list[bool]]
Seconds = dict[tuple[str, str], list[float]]


def main() -> None:
    """Run what the command line asks for, and print the tables."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--seeds", type=int, default=2, help="how many inputs of each size")
    parser.add_argument("--processes", type=int, default=2, help="how many work at a time")
    parser.add_argument("--checkers", default=",".join(CHECKERS), help="separated by commas")
    parser.add_argument("--sizes", default=",".join(SIZES), help="separated by commas")
    options = parser.parse_args()
    asked = options.checkers.split(",")
    sizes = options.sizes.split(",")
    if min(options.seeds, options.processes) < 1:
        parser.error("expected seeds and processes from 1")
    if not set(asked) <= set(CHECKERS) or not set(sizes) <= set(SIZES):
        parser.error(f"expected checkers of {', '.join(CHECKERS)}; sizes of {', '.join(SIZES)}")
    names = [n for n in asked if importlib.util.find_spec(CHECKERS[n][0])]
    caught, alarms, seconds = run(names, sizes, options.seeds, options.processes)
    print(f"{versions(names)}; inputs of each size: {options.seeds}\n")
    print_control(names, sizes, alarms, seconds)
    print_totals(names, sizes, caught)
    print_mutants(names, sizes, caught)
    print_kinks(names)


def run(
    names: list[str], sizes: list[str], seeds: int, processes: int
) -> tuple[Counts, Counts, Seconds]:
    """What each checker says of each mutant (was it caught) and of the right gradients, when."""
    caught, alarms, seconds = {}, {}, defaultdict(list)
    # Not forked: JAX and PyTorch have threads.
    with multiprocessing.get_context("spawn").Pool(processes) as pool:
        work = functools.partial(check_subject, names=names, sizes=sizes, seeds=seeds)
        for found in pool.imap(work, range(len(SUBJECTS)), chunksize=1):
            caught |= found[0]
            alarms |= found[1]
            for key, each in found[2].items():
                seconds[key] += each
    return caught, alarms, seconds


def check_subject(
    number: int, names: list[str], sizes: list[str], seeds: int
) -> tuple[Counts, Counts, Seconds]:
    """The same of one function."""
    warnings.simplefilter("ignore")  # PyTorch warns of each gradient that does not vanish with g
    subject = SUBJECTS[number]
    caught, alarms, seconds = defaultdict(list), defaultdict(list), defaultdict(list)
    for size, seed in itertools.product(sizes, range(seeds)):
        print(f"{subject.name}, {size}, seed {seed}", file=sys.stderr, flush=True)
        inputs = subject.draw(np.random.default_rng(seed), SIZES[size])
        mutants = every_mutant(subject, inputs)
        for name in names:
            accepts = CHECKERS[name][1]
            accepts(subject.forward, subject.vjp, inputs, seed)  # loads what is loaded at first use
            start = time.perf_counter()
            alarm = not accepts(subject.forward, subject.vjp, inputs, seed)
            seconds[name, size].append(time.perf_counter() - start)
            alarms[subject.name, size, name].append(alarm)
            for mutant, vjp in mutants.items():
                if (name, mutant) != ("JAX float32", SINGLE):
                    found = not accepts(subject.forward, vjp, inputs, seed)
                    caught[f"{subject.name}: {mutant}", size, name].append(found)
    return caught, alarms, seconds


def versions(names: list[str]) -> str:
    """The releases that were compared."""
    modules = dict.fromkeys(["numpy", *(CHECKERS[n][0] for n in names)])
    packages = [m for m in modules if m != "autograd_lite"]  # ours may be a tree, not installed
    return ", ".join(f"{p} {importlib.metadata.version(p)}" for p in packages)


def table(head: list[str], rows: list[list[Any]]) -> None:
    """Print rows as Markdown."""
    for row in [head, ["---"] * len(head), *rows]:
        print("| " + " | ".join(map(str, row)) + " |")
    print()


def print_control(names: list[str], sizes: list[str], alarms: Counts, seconds: Seconds) -> None:
    """The right gradients: false alarms, and the time of a check."""
    print("### Right gradients\n")
    rows = []
    for name in names:
        wrong = [(s, size) for (s, size, n), found in alarms.items() if n == name and any(found)]
        runs = [found for (_, _, n), each in alarms.items() if n == name for found in each]
        times = [f"{1e3 * statistics.median(seconds[name, size]):.2g} ms" for size in sizes]
        where = "; ".join(f"{subject}, {size}" for subject, size in wrong) or "none"
        rows.append([name, f"{sum(runs)} of {len(runs)}", where, *times])
    table(["checker", "false alarms", "of", *(f"median, {size}" for size in sizes)], rows)


def print_totals(names: list[str], sizes: list[str], caught: Counts) -> None:
    """How many mutants are caught at each size: at all inputs, or at some."""
    print("### Mutants caught\n")
    rows = []
    for name in names:
        row: list[Any] = [name]
        for size in sizes:
            found = [each for (_, s, n), each in caught.items() if (s, n) == (size, name)]
            always, sometimes = sum(map(all, found)), sum(map(any, found)) - sum(map(all, found))
            row += [f"{always} of {len(found)} ({always / len(found):.0%})", sometimes]
        rows.append(row)
    heads = [h for size in sizes for h in (f"{size}: at all inputs", "at some")]
    table(["checker", *heads], rows)


def print_mutants(names: list[str], sizes: list[str], caught: Counts) -> None:
    """Each mutant that someone misses: in how many of the runs it was caught, small / large."""
    print(f"### Mutants that somebody misses (runs that caught it: {', '.join(sizes)})\n")
    rows, unanimous = [], 0
    for mutant in dict.fromkeys(mutant for mutant, _, _ in caught):
        cells = []
        for name in names:
            both = [caught.get((mutant, size, name)) for size in sizes]
            cells.append(", ".join(f"{sum(f)}/{len(f)}" for f in both if f) or "exact here")
        if all(all(found) for (m, _, _), found in caught.items() if m == mutant):
            unanimous += 1
        else:
            rows.append([mutant, *cells])
    table(["mutant", *names], rows)
    print(f"The other {unanimous} mutants are caught by all of them in every run.\n")


def print_kinks(names: list[str]) -> None:
    """What each checker says of values between the one-sided derivatives, and of others."""
    print("### At kinks\n")
    rows = []
    for kink in KINKS:
        cases = [(True, v) for v in kink.inside] + [(False, v) for v in kink.outside]
        for right, value in cases:
            shown = ", ".join(f"{v:g}" for v in value)
            row = [kink.name, shown, "between" if right else "outside"]
            for name in names:
                accepts = CHECKERS[name][1]
                ok = accepts(kink.forward, constant_vjp(value), (kink.point,), 0)
                row.append(("accepted" if ok else "failed") + (" (!)" if ok != right else ""))
            rows.append(row)
    table(["point", "gradient given", "the sides", *names], rows)


if __name__ == "__main__":
    main()
