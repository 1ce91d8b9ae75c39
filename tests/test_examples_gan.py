"""The gradient-penalty training: the penalty, the clouds that are found, the command line."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

import autograd_lite as ag
from autograd_lite.testing import gradcheck
from tests.example_files import load, start

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="module")
def example() -> Any:
    """The example as a module."""
    return load("gan")


def test_the_steepness_is_the_gradient_and_has_one_itself(example: Any) -> None:
    """Of a critic that is known: c(x) = x^T w + |x|^2."""

    def penalty(w: Any) -> Any:
        return ((example.steepness(lambda x: x @ w + (x * x).sum(axis=1), points) - 1) ** 2).sum()

    points = np.array([[0.3, -0.4], [1.0, 0.2]])
    w = ag.tensor(np.array([0.5, 2.0]), requires_grad=True)
    expected = np.linalg.norm(w.numpy() + 2 * points, axis=1)
    found = example.steepness(lambda x: x @ w + (x * x).sum(axis=1), points)
    np.testing.assert_allclose(found.detach(), expected)
    gradcheck(penalty, [w])


def test_the_quality_counts_clouds(example: Any) -> None:
    """Real points are in all clouds, one place in one, the middle in none."""
    assert example.quality(example.real(4000, np.random.default_rng(0))) == (8, 1.0)
    assert example.quality(np.tile([[1.0, 0.0]], (80, 1))) == (1, 1.0)
    assert example.quality(np.zeros((80, 2))) == (0, 0.0)


def test_it_finds_the_clouds(example: Any, tmp_path: Path, capsys: Any) -> None:
    """Most of them after a part of the training, with a critic that is about as steep as 1."""
    example.main(["--steps", "700", "--out", str(tmp_path)])
    printed = capsys.readouterr().out
    assert int(printed.partition(" s: ")[2].partition(" of")[0]) >= 6
    assert 0.8 < float(printed.partition("mean steepness ")[2].split()[0]) < 1.3
    assert (tmp_path / "gan.png").stat().st_size > 10_000


def test_a_seed_gives_the_same_run_again(example: Any) -> None:
    """Weights, noise and points come from the seed."""
    runs = [
        example.train(example.parse_arguments([f"--seed={seed}", "--steps=5"])).distances
        for seed in (1, 1, 2)
    ]
    assert runs[0] == runs[1] != runs[2]


def test_wrong_arguments_are_named() -> None:
    done = start("gan", "--penalty=-1")
    assert done.returncode == 2
    assert "argument --penalty: -1 is not a number above 0" in done.stderr
