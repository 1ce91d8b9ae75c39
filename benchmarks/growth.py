"""Does the cost of a training step grow linearly, without a cliff? In layers, and in the batch.

python benchmarks/growth.py

1 to 16 layers of width 256 with batch 128, and batches of 1 to 8,192 for the network of workload a;
PyTorch beside it if it is installed. It prints tables, and writes growth.json and growth.svg.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import measure
import report
from processes import FOLDER
from run import cores, machine, positive, several

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    Series = dict[int, dict[str, dict[str, Any]]]

SIZES = {
    "layers": [2**i for i in range(5)],
    "batch": [2**i for i in range(14)],
}
TITLES = {
    "layers": "hidden layers of width 256, batch 128",
    "batch": "batch, network 784-784-256-128-10",
}
COLOURS = {"autograd_lite": "#000000", "autograd_lite[fast]": "#1b7837", "torch": "#d95f02"}


def measure_series(kind: str, sizes: Sequence[int], names: Sequence[str], options: Any) -> Series:
    """The records of all contestants at each size."""
    series: Series = {}
    for size in sizes:
        series[size], others = measure.run(f"{kind}:{size}", names, options.threads, options.steps)
        if report.busy(others):
            measure.say(f"{kind}:{size}: {report.busy(others)}")
    return series


def table(kind: str, series: Series, names: Sequence[str]) -> str:
    """The medians, each with its ratio to that of the size before."""
    rows = [[kind]]
    for name in names:
        rows[0] += [f"{name} ms", "growth"]
    before: Mapping[str, Any] = {}
    for size, records in series.items():
        row = [f"{size:,}"]
        for name in names:
            median = records[name].get("median")
            last = before.get(name, {}).get("median")
            row += [report.digits(median * 1e3) if median else records[name]["status"]]
            row += [f"{median / last:.2f}" if median and last else ""]
        rows.append(row)
        before = records
    return f"{TITLES[kind]}; growth is by the size above\n{report.align(rows, left=0)}\n"


def timed(series: Series, names: Sequence[str]) -> list[str]:
    """The contestants that have a time at some size."""
    return [name for name in names if any("median" in r.get(name, {}) for r in series.values())]


def draw(all_series: Mapping[str, Series], path: Path) -> None:
    """Milliseconds by size, on log axes, with lines of proportional growth to the largest size."""
    import matplotlib as mpl

    mpl.use("svg")
    import matplotlib.pyplot as plt

    settings: dict[Any, Any] = {"svg.fonttype": "none", "svg.hashsalt": "growth"}
    with mpl.rc_context(settings):
        count = len(all_series)
        figure, panels = plt.subplots(
            1, count, figsize=(5.5 * count, 4.2), layout="constrained", squeeze=False
        )
        for axes, (kind, series) in zip(panels[0], all_series.items(), strict=True):
            for name in timed(series, list(COLOURS)):
                plot(axes, series, name)
            axes.set(xscale="log", yscale="log", xlabel=TITLES[kind], ylabel="ms a step")
            every = -(-len(series) // 7)  # more labels than 7 would touch one another
            ticks = list(series)[::every]
            axes.set_xticks(ticks, [f"{size:,}" for size in ticks])
            axes.minorticks_off()
            axes.grid(alpha=0.3)
            axes.legend(frameon=False)
        figure.suptitle("The cost of a training step")
        figure.savefig(path)
        plt.close(figure)


def plot(axes: Any, series: Series, name: str) -> None:
    """One contestant's line, and dotted what proportional growth would be."""
    points = {n: r[name]["median"] * 1e3 for n, r in series.items() if "median" in r.get(name, {})}
    sizes, values = list(points), list(points.values())
    axes.plot(sizes, values, "o-", ms=4, color=COLOURS[name], label=name)
    half = sizes[len(sizes) // 2 :]  # below, the cost of the calls hides it
    proportional = [values[-1] * n / sizes[-1] for n in half]
    axes.plot(half, proportional, ":", color=COLOURS[name], linewidth=1, alpha=0.7)


def parse_arguments(arguments: Sequence[str] | None = None) -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    names, kinds = list(COLOURS), list(SIZES)
    parser.add_argument(
        "--kinds", type=several("kind", kinds), default=kinds, help="layers, batch (default: both)"
    )
    parser.add_argument("--largest", type=positive, default=8192, help="size (default 8192)")
    parser.add_argument(
        "--contestants",
        type=several("contestant", names),
        default=names,
        help=f"some of {','.join(names)} (default: all that are installed)",
    )
    parser.add_argument("--steps", type=positive, default=50, help="at each size (default 50)")
    parser.add_argument(
        "--threads", type=positive, default=cores(), help="of each (default: the cores)"
    )
    parser.add_argument("--out", type=Path, default=FOLDER / "results", help="folder of the files")
    parser.add_argument("--no-chart", action="store_true", help="draw nothing")
    return parser.parse_args(arguments)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run, print, write; the exit status is 1 if somebody disagrees or this library fails."""
    options = parse_arguments(arguments)
    all_series: dict[str, Series] = {}
    faults = []
    for kind in options.kinds:
        sizes = [size for size in SIZES[kind] if size <= options.largest]
        series = measure_series(kind, sizes, options.contestants, options)
        all_series[kind] = series
        print(table(kind, series, timed(series, options.contestants)), flush=True)
        faults += report.faults({f"{kind}:{size}": records for size, records in series.items()})
    settings = {"steps": options.steps, "threads": options.threads, "dtype": "float32"}
    content = {"machine": machine(), "settings": settings, "series": all_series}
    options.out.mkdir(parents=True, exist_ok=True)
    (options.out / "growth.json").write_text(json.dumps(content, indent=1) + "\n")
    print(f"written {options.out / 'growth.json'}")
    if not options.no_chart:
        try:
            draw(all_series, options.out / "growth.svg")
        except ImportError as error:
            print(f"no chart: {error.name} is not installed; install it, or give --no-chart")
        else:
            print(f"written {options.out / 'growth.svg'}")
    for fault in faults:
        print(fault, file=sys.stderr)
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
