"""The example of backpropagation by hand: document 2's figures, and the engine beside them."""

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
    return load("backprop_by_hand")


@pytest.fixture(scope="module")
def trainings(example: Any) -> tuple[Any, Any]:
    """The network, trained by hand and by the engine."""
    return example.train_by_hand(example.EPOCHS), example.train_by_engine(example.EPOCHS)


@pytest.mark.parametrize("seed", range(5))
def test_the_derived_gradients_are_the_engines(example: Any, seed: int) -> None:
    """dW, dB and dX have the printed shapes, and agree to 1e-12."""
    found = example.dense_layer(seed)
    shapes = {name: engine.shape for name, (_, engine) in found.items()}
    assert shapes == {"dW": (3, 2), "dB": (1, 2), "dX": (4, 3)}
    for hand, engine in found.values():
        np.testing.assert_allclose(engine, hand, rtol=0, atol=1e-12)


@pytest.mark.parametrize(("beta", "printed"), [(0.0, "-0.060000"), (0.9, "-0.057402")])
def test_the_momentum_example_is_as_printed(example: Any, beta: float, printed: str) -> None:
    """The document's loop and optim.SGD agree at every step, and end at the printed figure."""
    hand, engine = example.momentum_by_hand(beta), example.momentum_by_engine(beta)
    np.testing.assert_allclose(engine, hand, rtol=0, atol=1e-15)
    assert f"{hand[-1]:.6f}" == f"{engine[-1]:.6f}" == printed


def test_the_network_is_as_printed(example: Any, trainings: tuple[Any, Any]) -> None:
    """Every printed digit of loss and accuracy, by hand and by the engine."""
    assert list(example.PUBLISHED) == list(range(0, 1001, 100))
    for run in trainings:
        for epoch, printed in example.PUBLISHED.items():
            assert (f"{run.losses[epoch]:.3f}", f"{run.accuracies[epoch]:.3f}") == printed


def test_both_trainings_stay_together(trainings: tuple[Any, Any]) -> None:
    """Losses and weights after 1001 steps agree to 1e-12."""
    hand, engine = trainings
    np.testing.assert_allclose(engine.losses, hand.losses, rtol=0, atol=1e-12)
    for one, other in zip(engine.weights, hand.weights, strict=True):
        np.testing.assert_allclose(one, other, rtol=0, atol=1e-12)


def test_a_line_that_differs_is_marked(example: Any) -> None:
    """A loss or an accuracy that is not the printed one, of either training."""
    right = example.Training([1.0986], [0.4], [np.zeros(1)])
    wrong = example.Training([1.0986], [0.6], [np.zeros(1)])
    assert "1 of 1 lines agree" in example.network_report(right, right)
    report = example.network_report(right, wrong)
    assert "differs" in report
    assert "0 of 1 lines agree" in report


def test_it_prints_all_three_and_draws(example: Any, tmp_path: Path, capsys: Any) -> None:
    """The whole program: no line of it differs from what the document prints."""
    example.main(["--out", str(tmp_path)])
    printed = capsys.readouterr().out
    assert "differs" not in printed
    assert "11 of 11 lines agree in every printed digit" in printed
    assert "dX shape: (4, 3)" in printed
    assert (tmp_path / "backprop_by_hand.png").stat().st_size > 10_000


def test_it_starts_as_a_script(tmp_path: Path) -> None:
    """A short run, and the folder is made."""
    done = start("backprop_by_hand", "--epochs", "1", "--out", str(tmp_path / "new"))
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "new" / "backprop_by_hand.png").exists()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--epochs", "0"], "argument --epochs: 0 is below 1"),
        (["--epochs", "many"], "argument --epochs: invalid int value: 'many'"),
        (["--seed", "-1"], "argument --seed: -1 is below 0"),
        (["--speed", "1"], "unrecognized arguments: --speed"),
    ],
)
def test_wrong_arguments_are_named(
    example: Any, capsys: Any, arguments: list[str], message: str
) -> None:
    """A wrong argument ends the program with a message that names it."""
    with pytest.raises(SystemExit, match="2"):
        example.main(arguments)
    assert message in capsys.readouterr().err
