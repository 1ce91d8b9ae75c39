"""What a training run was like: a row an epoch, as columns, as text, and as a picture."""

from __future__ import annotations

import operator
import os
from html import escape
from typing import TYPE_CHECKING, Any

from autograd_lite.errors import describe

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_SHOWN_FIRST, _SHOWN_LAST = 3, 7


class History(dict[str, list[Any]]):
    """What `fit` wrote down: a dict of columns, each a list with one number an epoch.

    The columns: "epoch", from 1; "loss", the mean over all rows of the epoch; the metrics; "val_"
    with those names, of the validation data; "lr", the learning rate of the optimizer's first group
    at the epoch's last step; "seconds"; and what callbacks added. Loss and metrics of the training
    data are of what the model gave in training, each batch before its step and with dropout, so
    they lag behind those of the validation data.

    It is a dict of lists: `json.dumps`, `pandas.DataFrame` and `ag.save` take it as it is, and
    `History(columns)` makes one of what they saved.

    Args:
        columns: lists of one length, by name.

    Attributes:
        interrupted: whether Ctrl-C ended the run.

    Raises:
        TypeError: when `columns` is no dict of lists.
        ValueError: when the lists are not of one length.

    Example:
        >>> import autograd_lite as ag
        >>> history = ag.training.History({"epoch": [1, 2], "loss": [0.5, 0.25]})
        >>> history["loss"][-1]
        0.25
        >>> history
        History of 2 epochs
        epoch    loss
            1  0.5000
            2  0.2500
        best loss 0.2500 in epoch 2
    """

    def __init__(self, columns: Mapping[str, Iterable[Any]] | None = None) -> None:
        try:
            given = {} if columns is None else {name: list(c) for name, c in columns.items()}
        except (AttributeError, TypeError) as error:
            message = f"History: got {describe(columns)}; expected a dict of lists"
            raise TypeError(message) from error
        super().__init__(given)
        self.interrupted = False
        lengths = {name: len(column) for name, column in self.items()}
        if len(set(lengths.values())) > 1:
            message = f"History: got columns of lengths {lengths}; expected one length"
            raise ValueError(message)

    @property
    def epochs(self) -> int:
        """How many epochs there are."""
        return len(next(iter(self.values()), ()))

    @property
    def numbers(self) -> list[Any]:
        """The numbers of the epochs: the column "epoch", or from 1 where there is none."""
        return self.get("epoch", list(range(1, self.epochs + 1)))

    def row(self, position: int) -> dict[str, Any]:
        """The numbers of one epoch by name; position 0 is the first, -1 the last.

        Raises:
            IndexError: when there is no such epoch.
        """
        try:
            return {name: column[operator.index(position)] for name, column in self.items()}
        except (IndexError, TypeError) as error:
            count = self.epochs
            message = f"History.row: got {describe(position)}; expected {-count} to {count - 1}"
            raise IndexError(message) from error

    def append(self, row: Mapping[str, Any]) -> None:
        """Add an epoch.

        Args:
            row: a number for each column; the first row says which columns there are.

        Raises:
            TypeError: when it is no dict.
            ValueError: when it has other names than the rows before it.
        """
        if not hasattr(row, "items"):
            message = f"History.append: got {describe(row)}; expected a dict of numbers"
            raise TypeError(message)
        if self and row.keys() != self.keys():
            message = (
                f"History.append: got {sorted(row)} for the columns {sorted(self)};"
                " expected the same names in every epoch"
            )
            raise ValueError(message)
        for name, value in row.items():
            self.setdefault(name, []).append(value)

    # ---- as text

    def __repr__(self) -> str:
        if not self.epochs:
            return "History of 0 epochs"
        lines = [list(self), *self._cells()]
        widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
        text = [
            "  ".join(cell.rjust(width) for cell, width in zip(line, widths, strict=True))
            for line in lines
        ]
        return "\n".join([self._title(), *text, *self._best()])

    def _repr_html_(self) -> str:
        """As a notebook shows it."""
        head = "".join(f"<th>{escape(name)}</th>" for name in self)
        rows = "".join(
            "<tr>" + "".join(f"<td>{cell}</td>" for cell in line) + "</tr>"
            for line in (self._cells() if self.epochs else ())
        )
        best = "".join(f"<br>{escape(line)}" for line in self._best())
        return (
            f"<p>{self._title()}{best}</p>"
            f"<table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>"
        )

    def _title(self) -> str:
        count = f"{self.epochs} epoch{'s' * (self.epochs != 1)}"
        time = f", {sum(self['seconds']):.1f} s" if "seconds" in self else ""
        return f"History of {count}{time}{', interrupted' * self.interrupted}"

    def _cells(self) -> list[list[str]]:
        """The rows as text; of many, the first and the last."""
        count = self.epochs
        shown = list(range(count))
        if count > _SHOWN_FIRST + _SHOWN_LAST:
            shown[_SHOWN_FIRST:-_SHOWN_LAST] = [-1]
        lines = ((self.row(i) if i >= 0 else dict.fromkeys(self, "...")) for i in shown)
        return [[in_short(name, value) for name, value in line.items()] for line in lines]

    def _best(self) -> list[str]:
        """A line about the epoch with the least loss."""
        name = "val_loss" if "val_loss" in self else "loss"
        finite = [value for value in self.get(name, ()) if value == value]  # noqa: PLR0124  # no nan
        if not finite:
            return []
        least = min(finite)
        position = self[name].index(least)
        return [f"best {name} {in_short(name, least)} in epoch {self.numbers[position]}"]

    # ---- as a picture

    def plot(self, path: str | os.PathLike[str] | None = None) -> list[Any]:
        """Draw the loss, each metric, and the learning rate if it changes, over the epochs.

        Needs matplotlib (`pip install "autograd-lite[examples]"`).

        Args:
            path: where to write the picture; its ending says which format. Without a path, the
                picture is a figure of pyplot, which notebooks show, and scripts by `plt.show()`.

        Returns:
            The axes, one for each panel, for whoever wants to change something.

        Raises:
            ImportError: when matplotlib is not installed.
            TypeError: when `path` is not a path.
            ValueError: when there is nothing to draw, or the ending is of no format.
            OSError: when the file cannot be written.
        """
        if path is not None and not isinstance(path, (str, os.PathLike)):
            message = f"History.plot: got path={describe(path)}; expected a path, or None"
            raise TypeError(message)
        from autograd_lite.training.plot import draw  # noqa: PLC0415  # it is seldom wanted

        if not self.epochs:
            message = f"History.plot: got {describe(self)}; expected at least one epoch"
            raise ValueError(message)
        return draw(self, path)


def in_short(name: str, value: Any) -> str:
    """A number as a table or a line shows it.

    >>> in_short("loss", 0.123456), in_short("loss", 1234.5), in_short("lr", 3e-05)
    ('0.1235', '1.23e+03', '3e-05')
    >>> in_short("epoch", 3), in_short("seconds", 1.25)
    ('3', '1.2')
    """
    if isinstance(value, (str, int)):
        return str(value)
    if name == "lr":
        return f"{value:.3g}"
    if name == "seconds":
        return f"{value:.1f}" if value >= 1 else f"{value:.2g}"
    return f"{value:.4f}" if value == 0 or 1e-3 <= abs(value) < 1e3 else f"{value:.3g}"
