"""The history: columns, text, picture, and back from what was saved."""

from __future__ import annotations

import builtins
import copy
import json
import pickle
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest

import autograd_lite as ag
from autograd_lite.training import History

if TYPE_CHECKING:
    from pathlib import Path


def made(epochs: int = 30) -> History:
    """A history with all kinds of columns."""
    history = History()
    for i in range(epochs):
        row = {"epoch": i + 1, "loss": 2.0**-i, "accuracy": i / epochs}
        history.append(
            {**row, "val_loss": 0.1 + (i - 20) ** 2, "val_accuracy": 0.5, "lr": 0.1, "seconds": 2.0}
        )
    return history


def test_it_is_a_dict_of_lists(tmp_path: Path) -> None:
    """JSON, pandas, pickle, copies and `save` take it as it is."""
    history = made(3)
    assert History(json.loads(json.dumps(history))) == history
    assert list(pd.DataFrame(history).columns) == list(history)
    assert pickle.loads(pickle.dumps(history)) == history  # noqa: S301
    ag.save(tmp_path / "history.npz", dict(history))
    assert History(ag.load(tmp_path / "history.npz")) == history
    twin = copy.deepcopy(history)
    twin.append(twin.row(-1))
    assert (history.epochs, twin.epochs) == (3, 4)
    assert history.row(-1)["epoch"] == 3


def test_it_shows_the_first_and_the_last_rows_and_the_best() -> None:
    lines = repr(made()).splitlines()
    assert lines[0] == "History of 30 epochs, 60.0 s"
    assert lines[1].split() == list(made())
    shown = " ".join(line.split()[0] for line in lines[2:-1])
    assert shown == "1 2 3 ... 24 25 26 27 28 29 30"
    assert lines[-1] == "best val_loss 0.1000 in epoch 21"
    assert len({len(line) for line in lines[1:-1]}) == 1
    assert repr(History()) == "History of 0 epochs"


def test_a_notebook_shows_a_table() -> None:
    history = History({"epoch": [1], "loss": [0.5], "<b>": [float("nan")]})
    history.interrupted = True
    html = history._repr_html_()
    assert "<th>&lt;b&gt;</th>" in html
    assert "<td>0.5000</td>" in html
    assert "History of 1 epoch, interrupted" in html
    assert "<table>" in History()._repr_html_()


def test_rows_have_the_same_names() -> None:
    history = made(2)
    with pytest.raises(ValueError, match=r"History.append: got \['loss'\] for the columns"):
        history.append({"loss": 1.0})
    assert history == made(2)
    with pytest.raises(ValueError, match="expected one length"):
        History({"epoch": [1, 2], "loss": [1.0]})


def test_the_picture_has_a_panel_for_each_quantity(tmp_path: Path) -> None:
    """With the validation beside the training; the rate if it changes; nan is left out."""
    history = made()
    history["lr"] = np.linspace(0.1, 0, 30).tolist()
    history["loss"][3] = float("nan")
    path = tmp_path / "history.png"
    axes = history.plot(path)
    assert [ax.get_title() for ax in axes] == ["loss", "accuracy", "learning rate"]
    assert [len(ax.lines) for ax in axes] == [2, 2, 1]
    assert axes[0].get_yscale() == "log"
    np.testing.assert_array_equal(axes[1].lines[1].get_ydata(), history["val_accuracy"])
    assert path.stat().st_size > 10_000
    assert len(History({"epoch": [1], "loss": [1.0], "lr": [0.1]}).plot(tmp_path / "one.svg")) == 1


def test_without_a_path_it_is_pyplots(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MPLBACKEND", "Agg")
    from matplotlib import pyplot as plt  # noqa: PLC0415  # after the choice of a backend

    (ax, _) = made(2).plot()
    assert plt.gcf() is ax.figure
    plt.close(ax.figure)


def test_what_cannot_be_drawn_says_why(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="expected at least one epoch"):
        History().plot()
    real = builtins.__import__

    def without(name: str, *args: Any, **kwargs: Any) -> Any:
        if name.startswith("matplotlib"):
            raise ImportError(name)
        return real(name, *args, **kwargs)

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(ImportError, match=r'pip install "autograd-lite\[examples\]"'):
        made().plot(tmp_path / "history.png")


def test_columns_without_epochs_are_numbered(tmp_path: Path) -> None:
    """Whoever makes a history by hand need not write them."""
    history = History({"loss": [0.5, 0.25]})
    assert repr(history).endswith("best loss 0.2500 in epoch 2")
    (panel,) = history.plot(tmp_path / "loss.png")
    assert panel.lines[0].get_xdata().tolist() == [1, 2]


@pytest.mark.parametrize(
    ("columns", "path", "error", "message"),
    [
        ({"loss": [0.5]}, True, TypeError, "History.plot: got path=True; expected a path"),
        ({"loss": [0.5]}, "loss.xyz", ValueError, "History.plot: .*'xyz'"),
        ({"epoch": [1]}, "loss.png", ValueError, "History.plot: got the columns .*expected a loss"),
    ],
)
def test_what_a_picture_needs_is_said(
    columns: Any, path: Any, error: type[Exception], message: str, tmp_path: Path
) -> None:
    """And nothing is written."""
    with pytest.raises(error, match=message):
        History(columns).plot(tmp_path / path if isinstance(path, str) else path)
    assert not list(tmp_path.iterdir())
