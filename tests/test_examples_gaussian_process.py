"""The Gaussian process example: what it learns, its gradient, and the command line."""

from __future__ import annotations

import itertools
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
    return load("gaussian_process")


def test_the_likelihood_is_that_of_a_normal_distribution(example: Any) -> None:
    """Its density, written down, with the inverse and the determinant of the covariance."""
    data = example.make_data(6, 0.25, 0)
    p = {name: ag.tensor(np.float64(value)) for name, value in example.START.items()}
    k = example.covariance(p, data.x, data.x).numpy()
    k += (p["noise"].item() ** 2 + example.JITTER) * np.eye(6)
    away = data.y - p["mean"].item()
    expected = away @ np.linalg.inv(k) @ away + np.log(np.linalg.det(2 * np.pi * k))
    assert example.loss(p, data).item() == pytest.approx(expected / 2 / 6)


def test_the_gradient_of_the_likelihood(example: Any) -> None:
    """In all settings, up to order 2."""
    data, names = example.make_data(8, 0.25, 0), list(example.START)
    raw = [np.float64(value.item()) for value in example.start().values()]

    def of_settings(*values: ag.Tensor) -> Any:
        return example.loss(example.settings(dict(zip(names, values, strict=True))), data)

    gradcheck(of_settings, raw, order=2)


def test_points_lie_outside_of_the_gap(example: Any) -> None:
    """The same for the same seed."""
    data, again, other = (example.make_data(50, 0.25, seed) for seed in (0, 0, 1))
    low, high = example.GAP
    assert not ((data.x > low) & (data.x < high)).any()
    assert 0 <= data.x.min() <= data.x.max() <= example.END
    np.testing.assert_array_equal(data.y, again.y)
    assert (data.y != other.y).all()


@pytest.mark.parametrize("noise", [0.15, 0.25])
def test_the_noise_is_recovered_and_the_likelihood_rises(example: Any, noise: float) -> None:
    """The noise to a fifth, the truth within the believed deviations, also in the gap."""
    data, raw = example.make_data(100, noise, 0), example.start()
    example.scan(raw, data)
    losses = example.train(raw, data, 25)
    assert losses[-1] < losses[0] - 0.2
    assert all(after <= before for before, after in itertools.pairwise(losses))
    p = example.settings(raw)
    assert p["noise"].item() == pytest.approx(noise, rel=0.2)
    x = np.linspace(example.GAP[0], example.GAP[1], 50)
    found = example.predict(p, data, x)
    assert np.mean(np.abs(found.mean - example.truth(x)) < 2 * found.deviation + 0.05) > 0.9
    before = example.predict(example.settings(example.start()), data, x)
    assert found.deviation.mean() < before.deviation.mean()


def test_it_prints_and_draws(tmp_path: Path) -> None:
    """As a script."""
    done = start("gaussian_process", "--steps=2", "--points=20", "--out", str(tmp_path))
    assert done.returncode == 0, done.stderr
    assert "the noise is 0.25, and " in done.stdout
    assert (tmp_path / "gaussian_process.png").stat().st_size > 10_000


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--points", "0"], "argument --points: 0 is not a number above 0"),
        (["--noise", "nan"], "argument --noise: nan is not a number above 0"),
        (["--steps", "x"], "argument --steps: invalid int value: 'x'"),
    ],
)
def test_wrong_arguments_are_named(
    example: Any, capsys: Any, arguments: list[str], message: str
) -> None:
    """A wrong argument ends the program with a message that names it."""
    with pytest.raises(SystemExit, match="2"):
        example.main(arguments)
    assert message in capsys.readouterr().err
