"""The history on disk while it grows: as CSV, and for TensorBoard."""

from __future__ import annotations

import csv
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from autograd_lite.errors import describe
from autograd_lite.training.callback import Callback

if TYPE_CHECKING:
    from autograd_lite.training.run import Run


class CSVLogger(Callback):
    """Writes the history to a CSV file, a line an epoch, each on disk when the epoch is over.

    The file is that of one run: `fit` begins it anew. A resumed run writes the epochs that it was
    restored with first, so the file always is the history, no line twice.

    Args:
        path: the file; its folder is made if there is none.

    Raises:
        TypeError: when `path` is not a path.
        OSError: when the file cannot be written.

    Example:
        >>> import tempfile
        >>> from pathlib import Path
        >>> import autograd_lite as ag
        >>> from autograd_lite import nn, optim
        >>> model = nn.Linear(1, 1)
        >>> model.weight.data[...] = 0
        >>> optimizer = optim.SGD(model.parameters(), lr=0.1)
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     path = Path(folder) / "log.csv"
        ...     log = ag.training.CSVLogger(path)
        ...     _ = ag.fit(
        ...         model,
        ...         nn.MSELoss(),
        ...         optimizer,
        ...         [([[1.0]], [[2.0]])],
        ...         epochs=2,
        ...         callbacks=[log],
        ...         progress=False,
        ...     )
        ...     path.read_text().partition(",lr,")[0]
        'epoch,loss'
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self.path = _path("CSVLogger", path)
        self._file: Any = None
        self._writer: Any = None

    def on_fit_begin(self, run: Run) -> None:
        """Begin the file, with the epochs that there are."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self._file = self.path.open("w", newline="", encoding="utf-8")
        self._writer = None
        for position in range(run.history.epochs):
            self._write(run.history.row(position))

    def on_epoch_end(self, run: Run) -> None:
        """Add a line."""
        self._write(run.logs)

    def _write(self, row: dict[str, Any]) -> None:
        if self._writer is None:
            self._writer = csv.DictWriter(self._file, list(row))
            self._writer.writeheader()
        self._writer.writerow(row)
        self._file.flush()

    def on_fit_end(self, run: Run) -> None:  # noqa: ARG002  # what a hook is given
        """Close the file."""
        self._file.close()
        self._file = self._writer = None


class TensorBoardLogger(Callback):
    """Writes the history for TensorBoard, each column as a curve over the epochs.

    Needs tensorboardX (`pip install "autograd-lite[logs]"`); look at it with
    `tensorboard --logdir folder`. In a resumed run, what was written of later epochs is hidden.

    Args:
        folder: the folder of this run; those of several runs side by side are compared.

    Raises:
        TypeError: when `folder` is not a path.
        ImportError: when tensorboardX is not installed, as the training begins.
    """

    def __init__(self, folder: str | os.PathLike[str]) -> None:
        self.folder = _path("TensorBoardLogger", folder)
        self._writer: Any = None

    def on_fit_begin(self, run: Run) -> None:
        """Begin a file in the folder."""
        try:
            from tensorboardX import SummaryWriter  # noqa: PLC0415  # optional
        except ImportError as error:
            message = (
                "TensorBoardLogger: needs tensorboardX, which is not installed:"
                ' pip install "autograd-lite[logs]"'
            )
            raise ImportError(message) from error
        purge = run.history.epochs + 1 if run.resumed else None
        self._writer = SummaryWriter(str(self.folder), purge_step=purge)

    def on_epoch_end(self, run: Run) -> None:
        """Add a point to each curve."""
        for name, value in run.logs.items():
            if name != "epoch":
                self._writer.add_scalar(name, value, run.epoch)
        self._writer.flush()

    def on_fit_end(self, run: Run) -> None:  # noqa: ARG002  # what a hook is given
        """Close the file."""
        self._writer.close()
        self._writer = None


def _path(name: str, path: Any) -> Path:
    if not isinstance(path, (str, os.PathLike)):
        message = f"{name}: got {describe(path)}; expected a path"
        raise TypeError(message)
    return Path(path)
