"""The Fashion-MNIST example: its pipeline on a tiny stand-in, its recipes, its command line."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

import autograd_lite as ag
from autograd_lite import nn
from tests.example_files import load, start
from tests.fashion_files import StandIn

if TYPE_CHECKING:
    from pathlib import Path

PICTURES = ["confusion", "loss", "samples"]


@pytest.fixture(scope="module")
def example() -> Any:
    """The example as a module."""
    return load("fashion_mnist")


@pytest.fixture
def stand(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> StandIn:
    """80 pictures of noise: 64 in the training part, 16 in the test part."""
    made = StandIn(tmp_path, monkeypatch, 60, 20)
    made.write(made.folder)
    return made


def call(example: Any, stand: StandIn, *arguments: str) -> None:
    """Run the example on the stand-in."""
    out = stand.folder.parent / "out"
    example.main(["--data", str(stand.folder), "--out", str(out), "--batch-size=20", *arguments])


# ---- the whole


@pytest.mark.parametrize("recipe", ["corrected", "published"])
def test_it_trains_evaluates_and_draws(
    example: Any, stand: StandIn, capsys: Any, recipe: str
) -> None:
    """The losses, beside the published ones for that recipe; a table; three pictures."""
    call(example, stand, "--recipe", recipe, "--epochs", "2")
    lines = capsys.readouterr().out.splitlines()
    epochs = [line.split() for line in lines if line.strip()[:2] in {"1 ", "2 "}]
    assert [float(words[1]) > 0 for words in epochs] == [True, True]
    printed = [words[2:3] for words in epochs]
    assert printed == ([["0.5885"], ["0.4156"]] if recipe == "published" else [[], []])
    (scores,) = (line.split() for line in lines if line.startswith("Ankle boot"))
    assert len(scores) == 6
    assert any(line.endswith("(published: 89.94%)") for line in lines)
    for name in PICTURES:
        assert (stand.folder.parent / f"out/fashion_mnist_{name}.png").stat().st_size > 10_000


def test_several_seeds_give_a_mean_and_a_range(example: Any, stand: StandIn, capsys: Any) -> None:
    call(example, stand, "--epochs", "1", "--seeds", "2", "--seed", "7")
    out = capsys.readouterr().out
    assert "seed 7: loss" in out
    assert "seed 8: loss" in out
    assert "over 2 seeds" in out


def test_a_seed_decides_the_run(example: Any, stand: StandIn) -> None:
    x, y, *_ = example.split_and_scale(stand.pixels, stand.labels)
    recipe = example.replace(example.RECIPES["corrected"], epochs=2, batch_size=20)
    runs = [example.train(recipe, x, y, seed, compare=False) for seed in (1, 1, 2)]
    assert runs[0].losses == runs[1].losses != runs[2].losses


@pytest.mark.parametrize("loss", ["brier", "cross_entropy", "softmax_cross_entropy"])
def test_every_loss_trains(example: Any, stand: StandIn, loss: str) -> None:
    """The printed cross entropy falls, whichever loss is descended."""
    x, y, *_ = example.split_and_scale(stand.pixels, stand.labels)
    options = example.parse_arguments(["--loss", loss, "--epochs", "6", "--batch-size", "16"])
    losses = example.train(example.chosen_recipe(options), x, y, 0, compare=False).losses
    assert losses[-1] < losses[0]


def test_every_optimizer_trains(example: Any, stand: StandIn) -> None:
    x, y, *_ = example.split_and_scale(stand.pixels, stand.labels)
    for name in example.OPTIMIZERS:
        options = example.parse_arguments(["--optimizer", name, "--epochs", "1"])
        (loss,) = example.train(example.chosen_recipe(options), x, y, 0, compare=False).losses
        assert np.isfinite(loss), name


# ---- the document's parts


def test_the_split_is_the_documents(example: Any) -> None:
    """A fifth is held out, and the pixels are scaled by the training part alone."""
    pixels = np.arange(10, dtype=np.uint8)[:, None].repeat(784, axis=1)
    x_train, y_train, x_test, y_test = example.split_and_scale(pixels, np.arange(10))
    assert y_test.tolist() == [8, 1]  # of random_state=42
    assert x_train.dtype == x_test.dtype == np.float32
    np.testing.assert_allclose(x_train[:, 0], y_train / 9, rtol=1e-6)
    np.testing.assert_allclose(x_test[:, 0], y_test / 9, rtol=1e-6)


def test_the_model_is_the_documents(example: Any) -> None:
    model = example.make_model(logits=False)
    assert sum(parameter.size for parameter in model.parameters()) == 850_586
    names = [type(layer).__name__ for layer in model.children()]
    assert names == ["Linear", "LeakyReLU"] * 3 + ["Linear", "Softmax"]
    p = model(np.ones((3, 784), np.float32)).numpy()
    np.testing.assert_allclose(p.sum(axis=1), 1, rtol=1e-5)
    assert not isinstance(list(example.make_model(logits=True).children())[-1], nn.Softmax)


def test_the_published_recipe_is_the_documents_rule(example: Any) -> None:
    """One step of it is the document's: S - y through the softmax, clipped, averaged, times lr."""
    recipe = example.replace(example.RECIPES["published"], epochs=1, batch_size=6)
    generator = np.random.default_rng(0)
    x, y = generator.uniform(size=(6, 784)).astype(np.float32), np.arange(6)
    ag.manual_seed(3)
    before = example.make_model(logits=False)
    after = example.train(recipe, x, y, 3, compare=False).model
    *hidden, last, _ = before.children()
    with ag.no_grad():
        h: Any = x
        for layer in hidden:
            h = layer(h)
        s = before(x).numpy()
    d = s - np.eye(10, dtype=np.float32)[y]
    d = s * (d - np.sum(d * s, axis=1, keepdims=True))
    gradient = np.clip(h.numpy().T @ d, -1, 1)
    expected = last.weight.numpy() - 0.01 * 0.1 * gradient
    np.testing.assert_allclose(list(after.children())[-2].weight.numpy(), expected, atol=1e-6)


def test_what_the_command_line_gives_overrides_the_recipe(example: Any) -> None:
    """An optimizer of another kind begins with its own settings."""
    chosen = [
        example.chosen_recipe(example.parse_arguments(arguments.split()))
        for arguments in (
            "--recipe published",
            "--recipe published --lr 0.5 --epochs 3 --batch-size 7 --loss cross_entropy",
            "--recipe published --optimizer adam --lr 0.002",
            "--recipe published --optimizer sgd",
        )
    ]
    assert chosen[0] == chosen[3] == example.RECIPES["published"]
    assert chosen[1].settings == {**chosen[0].settings, "lr": 0.5}
    assert (chosen[1].epochs, chosen[1].batch_size, chosen[1].loss) == (3, 7, "cross_entropy")
    assert chosen[2].settings == {"lr": 0.002}
    assert chosen[2].reduction == "sum"


# ---- the command line


def test_missing_data_say_how_to_get_them(tmp_path: Path) -> None:
    """In one line, without a traceback."""
    done = start("fashion_mnist", "--data", str(tmp_path), "--out", str(tmp_path))
    assert done.returncode == 1
    assert "apt-get install dataset-fashion-mnist" in done.stderr
    assert len(done.stderr.splitlines()) == 1


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--recipe", "secret"], "invalid choice: 'secret'"),
        (["--loss", "mse"], "invalid choice: 'mse'"),
        (["--optimizer", "lbfgs"], "invalid choice: 'lbfgs'"),
        (["--epochs", "0"], "0 is not a number above 0"),
        (["--batch-size", "2.5"], "invalid int value: '2.5'"),
        (["--seed", "-1"], "-1 is not a number above -1"),
        (["--lr", "-1"], "-1 is not a number above 0"),
        (["--lr", "fast"], "invalid float value: 'fast'"),
    ],
)
def test_wrong_arguments_are_named(
    example: Any, capsys: Any, arguments: list[str], message: str
) -> None:
    with pytest.raises(SystemExit) as stopped:
        example.parse_arguments(arguments)
    assert stopped.value.code == 2
    assert message in capsys.readouterr().err
