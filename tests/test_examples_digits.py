"""The digits example: its accuracy, its split, and the command line."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from tests.example_files import load, start

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="module")
def example() -> Any:
    """The example as a module."""
    return load("digits")


def test_a_fifth_of_every_digit_is_held_out(example: Any) -> None:
    """360 of 1797 pictures, always the same, 34 to 37 of each digit; pixels from 0 to 1."""
    x_train, y_train, x_test, y_test = example.load()
    assert (x_train.shape, x_test.shape) == ((1437, 64), (360, 64))
    assert (x_train.min(), x_train.max()) == (0, 1)
    assert set(np.bincount(y_test)) <= {34, 35, 36, 37}
    assert len(y_train) == 1437
    np.testing.assert_array_equal(example.load()[2], x_test)


def test_it_is_above_97_percent(example: Any, tmp_path: Path, capsys: Any) -> None:
    """The accuracy of two seeds on the held-out fifth, each in less than ten seconds."""
    example.main(["--seeds", "2", "--out", str(tmp_path)])
    printed = capsys.readouterr().out
    runs = [line for line in printed.splitlines() if line.startswith("seed")]
    assert len(runs) == 2
    for line in runs:
        assert float(line.partition("accuracy ")[2].partition("%")[0]) > 97
        assert float(line.partition("and ")[2].partition(" s;")[0]) < 10
    assert "accuracy 9" in printed.splitlines()[2]
    assert (tmp_path / "digits.png").stat().st_size > 10_000


def test_a_seed_gives_the_same_run_again(example: Any) -> None:
    """Weights, order and dropout come from the seed."""
    x, y, *_ = example.load()
    options = example.parse_arguments(["--epochs", "1"])
    first, again, other = (example.train(x, y, seed, options).losses for seed in (1, 1, 2))
    assert first == again != other


def test_many_wrong_digits_are_drawn(tmp_path: Path) -> None:
    """As a script: one epoch of a low rate leaves more wrong digits than the picture has room."""
    done = start("digits", "--epochs=1", "--lr=1e-5", "--batch-size=500", "--out", str(tmp_path))
    assert done.returncode == 0, done.stderr
    assert "in 1 epochs" in done.stdout
    assert (tmp_path / "digits.png").exists()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--epochs", "0"], "argument --epochs: 0 is not a number above 0"),
        (["--lr", "nan"], "argument --lr: nan is not a number above 0"),
        (["--batch-size", "x"], "argument --batch-size: invalid int value: 'x'"),
        (["--seed", "-1"], "argument --seed: -1 is not a number above -1"),
    ],
)
def test_wrong_arguments_are_named(
    example: Any, capsys: Any, arguments: list[str], message: str
) -> None:
    """A wrong argument ends the program with a message that names it."""
    with pytest.raises(SystemExit, match="2"):
        example.main(arguments)
    assert message in capsys.readouterr().err
