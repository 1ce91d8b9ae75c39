"""What `fit` shows: lines, a bar on a terminal, or nothing."""

from __future__ import annotations

import builtins
import io
import re
import sys
from typing import Any

import pytest

import autograd_lite as ag
from autograd_lite import nn
from tests.training_problems import network, regression, sgd


class Terminal(io.StringIO):
    """A stream that says that it is a terminal."""

    def isatty(self) -> bool:
        """It does."""
        return True


def train(epochs: int = 3, **settings: Any) -> Any:
    model = network()
    settings = {"validation": regression(9), **settings}
    return ag.fit(model, nn.MSELoss(), sgd(model), regression(), epochs=epochs, **settings)


def test_lines_have_the_numbers_of_each_epoch(capsys: Any) -> None:
    history = train()
    out, err = capsys.readouterr()
    lines = out.splitlines()
    assert err == ""
    assert len(lines) == 3
    for line, loss, validated in zip(lines, history["loss"], history["val_loss"], strict=True):
        assert f"loss {loss:.4f}, val_loss {validated:.4f}, lr 0.1, " in line
    assert [line[:9] for line in lines] == ["epoch 1/3", "epoch 2/3", "epoch 3/3"]


@pytest.mark.parametrize(("epochs", "count"), [(50, 50), (200, 51), (1001, 49)])
def test_many_epochs_do_not_flood(capsys: Any, epochs: int, count: int) -> None:
    """Some fifty lines, the first and the last among them."""
    train(epochs, validation=None, batch_size=40)
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == count
    assert lines[0].split()[1] == f"1/{epochs}"
    assert lines[-1].split()[1] == f"{epochs}/{epochs}"


def test_silence_is_silent(capsys: Any) -> None:
    train(progress=False)
    assert capsys.readouterr() == ("", "")


@pytest.mark.parametrize("loader", [True, False], ids=["known", "unknown"])
def test_a_terminal_has_one_bar(monkeypatch: pytest.MonkeyPatch, capsys: Any, loader: bool) -> None:
    """Over all steps, with the last epoch's numbers when it is over; also of unknown length."""
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)

    class Stream:
        def __iter__(self) -> Any:
            return iter([regression(20), regression(20)])

    model = network()
    history = ag.fit(
        model,
        nn.MSELoss(),
        sgd(model),
        [*Stream()] if loader else Stream(),
        epochs=3,
        validation=regression(9),
    )
    last = re.split(r"[\r\n]+", terminal.getvalue().strip())[-1]
    assert last.startswith("epoch 3/3: ")
    assert ("6/6 [" if loader else "6step [") in last
    assert f"loss {history['loss'][-1]:.4f}, val_loss {history['val_loss'][-1]:.4f}, lr 0.1" in last
    assert terminal.getvalue().endswith("\n")
    assert capsys.readouterr().out == ""


def test_the_bar_is_closed_after_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    with pytest.raises(TypeError, match="as batch"):
        train(validation=[3])
    assert terminal.getvalue().endswith("\n")


def test_without_tqdm_a_terminal_has_lines(monkeypatch: pytest.MonkeyPatch, capsys: Any) -> None:
    monkeypatch.setattr(sys, "stderr", Terminal())
    real = builtins.__import__

    def without(name: str, *args: Any, **kwargs: Any) -> Any:
        if name == "tqdm":
            raise ImportError(name)
        return real(name, *args, **kwargs)

    monkeypatch.setattr(builtins, "__import__", without)
    train()
    assert len(capsys.readouterr().out.splitlines()) == 3


def test_a_program_without_streams_trains(monkeypatch: pytest.MonkeyPatch) -> None:
    """As Windows starts some: `sys.stderr` is None there."""
    monkeypatch.setattr(sys, "stderr", None)
    monkeypatch.setattr(sys, "stdout", None)
    assert train().epochs == 3
