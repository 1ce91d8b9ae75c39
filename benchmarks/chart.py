"""The chart of a run: how the peers' times compare with this library's, for each workload."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import matplotlib as mpl
import report
from contestants import FLOOR
from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter
from workloads import WORKLOADS

mpl.use("svg")
import matplotlib.pyplot as plt  # after the choice of a backend that needs no screen

if TYPE_CHECKING:
    from pathlib import Path

# Colours that also differ in lightness, and markers, for readers who see no colours.
STYLES = {
    "autograd_lite": ("#000000", "|", "autograd_lite, NumPy alone"),
    "torch": ("#d95f02", "o", "PyTorch, eager"),
    "jax": ("#1b4f9c", "s", "JAX, compiled step"),
    "autograd": ("#7fbc41", "^", "HIPS autograd"),
    "mygrad": ("#c51b7d", "v", "MyGrad"),
    "tinygrad": ("#8073ac", "D", "tinygrad, TinyJit"),
    FLOOR: ("#737373", "x", "NumPy's matrix products alone"),
}


def speed(content: dict[str, Any], path: Path) -> bool:
    """Draw a row for each workload, with each peer's time by ours as a mark on a log axis.

    Returns:
        Whether there was anything to draw.
    """
    results = content["workloads"]
    timed = {name for rs in results.values() for name, r in rs.items() if r["status"] == "timed"}
    ours = next((name for name in reversed(report.OURS) if name in timed), "")
    rows = [w for w, records in results.items() if records.get(ours, {}).get("median")]
    shown = [name for name in STYLES if name in timed and name != ours]
    if not rows or not shown:
        return False
    settings: dict[Any, Any] = {
        "font.family": "DejaVu Sans",
        "svg.fonttype": "none",
        "svg.hashsalt": "speed",
    }
    with mpl.rc_context(settings):
        figure, axes = plt.subplots(
            figsize=(9, 2.0 + 0.4 * len(rows)), layout="constrained", facecolor="white"
        )
        for name in shown:
            _marks(axes, results, rows, ours, name)
        _frame(axes, results, rows, ours)
        figure.legend(loc="outside lower center", ncols=4, frameon=False, fontsize=9)
        about = content["machine"]
        threads = content["settings"]["threads"]
        figure.suptitle(f"Time of a step, relative to {ours}", fontsize=13)
        axes.set_title(
            f"{about['cpu']}, {threads} thread{'s' * (threads > 1)}, float32: medians",
            fontsize=9,
            color="#555555",
        )
        figure.savefig(path, metadata={"Date": None})
        plt.close(figure)
    return True


def _marks(axes: Any, results: Any, rows: list[str], ours: str, name: str) -> None:
    """The marks of one contestant."""
    colour, marker, label = STYLES[name]
    points = [
        (1 / value, i)
        for i, w in enumerate(rows)
        if (value := report.ratio(results[w], ours, name))
    ]
    size = 130 if marker == "|" else 46
    x, y = zip(*points, strict=True) if points else ((), ())
    axes.scatter(x, y, s=size, color=colour, marker=marker, label=label, zorder=3, linewidths=1.8)


def _frame(axes: Any, results: Any, rows: list[str], ours: str) -> None:
    """The line of equal times, the shade where peers are slower, and the labels."""
    axes.set_xscale("log")
    low, high = axes.get_xlim()
    low, high = min(low, 0.5), max(high, 2.0)
    axes.axvspan(1, high, color="#e8f3e8", zorder=0)
    axes.axvline(1, color="#333333", linewidth=1.2, zorder=2)
    axes.set(xlim=(low, high), ylim=(len(rows) - 0.5, -0.5))
    labels = []
    for workload in rows:
        factor, unit = report.scale(workload)
        median = results[workload][ours]["median"] * factor
        labels.append(f"{WORKLOADS[workload].title}  ({report.digits(median)} {unit})")
    axes.set_yticks(range(len(rows)), labels)
    axes.xaxis.set_major_locator(LogLocator(subs=(1.0, 2.0, 5.0)))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}x"))
    axes.xaxis.set_minor_formatter(NullFormatter())
    axes.tick_params(axis="y", length=0)
    axes.tick_params(axis="x", labelsize=8.5)
    axes.grid(axis="x", color="#d0d0d0", linewidth=0.6, zorder=1)
    axes.grid(axis="y", color="#eeeeee", linewidth=0.8, zorder=1)
    for side in ("top", "right", "left"):
        axes.spines[side].set_visible(False)
    axes.set_xlabel(f"left of 1: faster than {ours}; right of it (shaded): slower", fontsize=9.5)
