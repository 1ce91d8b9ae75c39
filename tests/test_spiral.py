"""The spiral example: the documents' data, the published runs, and the command line."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from tests.example_files import load, start

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="module")
def spiral() -> Any:
    """The example as a module."""
    return load("spiral")


def test_data_follow_the_legacy_stream(spiral: Any) -> None:
    """Two arms of 250 points in [-1, 1], drawn as np.random.seed(1) draws them."""
    x, y = spiral.make_spiral(np.random.RandomState(1))
    assert x.shape == (500, 2)
    assert x.min() == -1
    assert x.max() == 1
    np.testing.assert_array_equal(y.ravel(), np.repeat([0, 1], 250))


@pytest.mark.parametrize("name", ["A", "B", "C", "D"])
def test_published_runs_start_as_printed(spiral: Any, name: str) -> None:
    """The first losses of each run agree with every printed digit (D: its first six)."""
    run = spiral.RUNS[name]
    history = spiral.replay(name, epochs=20)
    printed = {epoch: loss for epoch, loss in run.printed.items() if epoch < 20}
    here = {epoch: round(history.losses[epoch], 4) for epoch in printed}
    assert here == printed


def test_comparison_marks_what_differs(spiral: Any) -> None:
    """A loss that is not the printed one is marked."""
    history = spiral.History(None, [0.6648, 0.6432, 0.5])
    lines = spiral.compare("D", history).splitlines()
    assert [line.endswith("differs") for line in lines[2:5]] == [False, False, True]
    assert "2 of  3   first  2" in spiral.summary("D", history)


def test_it_trains_and_draws(tmp_path: Path) -> None:
    """A short run prints its losses and writes the picture."""
    done = start("spiral", "--epochs", "3", "--out", str(tmp_path))
    assert done.returncode == 0, done.stderr
    assert "in 3 epochs" in done.stdout
    assert (tmp_path / "spiral.png").stat().st_size > 10_000


def test_a_replay_prints_both_and_draws(tmp_path: Path) -> None:
    """A replay prints the published losses beside its own, and writes its picture."""
    done = start("spiral", "--run", "C", "--epochs", "3", "--out", str(tmp_path))
    assert done.returncode == 0, done.stderr
    assert "2   4.6792   4.6792" in done.stdout
    assert (tmp_path / "spiral_C.png").exists()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--run", "E"], "invalid choice: 'E'"),
        (["--epochs", "0"], "0 is not a number above 0"),
        (["--seed", "-3"], "argument --seed: -3 is not a number above -1"),
        (["--lr", "fast"], "invalid float value: 'fast'"),
    ],
)
def test_wrong_arguments_are_named(arguments: list[str], message: str) -> None:
    """A wrong argument ends the program with a message that names it."""
    done = start("spiral", *arguments)
    assert done.returncode == 2
    assert message in done.stderr
