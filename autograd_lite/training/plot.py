"""The picture of a history."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from autograd_lite.training.history import History

_NOT_DRAWN = {"epoch", "seconds", "lr"}


def draw(history: History, path: str | os.PathLike[str] | None) -> list[Any]:
    """Draw a panel for the loss, for each metric, and for a learning rate that changes.

    Args:
        history: the columns.
        path: where to write it, or None for a figure of pyplot.

    Returns:
        The axes.

    Raises:
        ImportError: when matplotlib is not installed.
        ValueError: when there is no such column, or the ending of the path is of no format.
    """
    panels = [name for name in history if _is_panel(name, history)]
    if len(set(history.get("lr", ()))) > 1:
        panels.append("lr")
    if not panels:
        message = f"History.plot: got the columns {sorted(history)}; expected a loss or a metric"
        raise ValueError(message)
    figure = _figure(path, width=min(4.5 * len(panels), 18), rows=-(-len(panels) // 4))
    grid = figure.subplots(-(-len(panels) // 4), min(len(panels), 4), squeeze=False)
    axes = list(grid.ravel())
    for ax, name in zip(axes, panels, strict=False):
        _panel(ax, name, history)
    for ax in axes[len(panels) :]:
        ax.remove()
    if path is not None:
        try:
            figure.savefig(path, dpi=120)
        except ValueError as error:  # of an ending that is of no format
            message = f"History.plot: {error}; got path={os.fspath(path)!r}"
            raise ValueError(message) from error
    return axes[: len(panels)]


def _is_panel(name: str, history: Mapping[str, list[Any]]) -> bool:
    """Whether a column has a panel of its own: not if it is drawn beside another one."""
    beside = name.startswith("val_") and name.removeprefix("val_") in history
    return name not in _NOT_DRAWN and not beside


def _figure(path: str | os.PathLike[str] | None, width: float, rows: int) -> Any:
    """A figure: pyplot's if it is to be shown, else one that needs no screen and is not kept."""
    options: dict[str, Any] = {"figsize": (width, 3.6 * rows), "layout": "constrained"}
    try:
        if path is None:
            from matplotlib import pyplot as plt  # noqa: PLC0415  # optional

            return plt.figure(**options)
        from matplotlib.figure import Figure  # noqa: PLC0415  # optional
    except ImportError as error:
        message = (
            "History.plot: needs matplotlib, which is not installed:"
            ' pip install "autograd-lite[examples]"'
        )
        raise ImportError(message) from error
    return Figure(**options)


def _panel(ax: Any, name: str, history: History) -> None:
    """One quantity over the epochs, of the training and of the validation data."""
    epochs = history.numbers
    lines = {"training": history[name]}
    if f"val_{name}" in history:
        lines["validation"] = history[f"val_{name}"]
    style = ".-" if len(epochs) <= 40 else "-"
    for label, values in lines.items():
        ax.plot(epochs, values, style, label=label, linewidth=1.4)
    numbers = [value for values in lines.values() for value in values if value == value]  # noqa: PLR0124  # no nan
    if name == "loss" and numbers and 0 < 10 * min(numbers) < max(numbers):
        ax.set_yscale("log")  # else what comes after the first epochs is a flat line
    ax.set(title="learning rate" if name == "lr" else name, xlabel="epoch")
    ax.xaxis.get_major_locator().set_params(integer=True)
    ax.grid(alpha=0.3, which="both")
    if len(lines) > 1:
        ax.legend()
