"""The physics-informed network: its equation, the exact solution, and how near it comes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

import autograd_lite as ag
from tests.example_files import load, start

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="module")
def example() -> Any:
    """The example as a module."""
    return load("burgers")


def test_the_exact_solution_solves_the_equation(example: Any) -> None:
    """By central differences of the formula of Cole and Hopf."""
    x, h, nu = np.linspace(-0.9, 0.9, 19), 1e-4, 0.05
    u, before, after = (example.exact(x, t, nu) for t in (0.4, 0.4 - h, 0.4 + h))
    left, right = example.exact(x - h, 0.4, nu), example.exact(x + h, 0.4, nu)
    leftover = (after - before) / (2 * h) + u * (right - left) / (2 * h)
    np.testing.assert_allclose(leftover, nu * (right - 2 * u + left) / h**2, atol=1e-4)
    np.testing.assert_allclose(example.exact(x, 1e-9, nu), example.exact(x, 0, nu), atol=1e-4)


def test_the_residual_is_what_the_equation_leaves(example: Any) -> None:
    """Of the network's own wave, by differences."""
    ag.manual_seed(0)
    model, nu, h = example.make_model(), 0.03, 1e-4
    x = ag.tensor(np.linspace(-0.8, 0.8, 5)[:, None], requires_grad=True)
    t = ag.tensor(np.full((5, 1), 0.5), requires_grad=True)

    def u(dx: float, dt: float) -> Any:
        with ag.no_grad():
            return example.wave(model, x + dx, t + dt).numpy()

    slope = (u(h, 0) - u(-h, 0)) / (2 * h)
    curvature = (u(h, 0) - 2 * u(0, 0) + u(-h, 0)) / h**2
    expected = (u(0, h) - u(0, -h)) / (2 * h) + u(0, 0) * slope - nu * curvature
    np.testing.assert_allclose(example.residual(model, x, t, nu).detach(), expected, atol=1e-5)


def test_beginning_and_ends_are_right_before_any_training(example: Any) -> None:
    """They are in the form of the wave."""
    model = example.make_model()
    x, _, found, true = example.grid(model, 0.05)
    np.testing.assert_allclose(found[0], true[0], atol=1e-12)
    np.testing.assert_allclose(found[:, [0, -1]], 0, atol=1e-12)
    assert (x[0], x[-1]) == (-1, 1)


def test_it_solves_the_equation_in_some_steps(example: Any, tmp_path: Path, capsys: Any) -> None:
    """A milder front than the default one, within a twentieth."""
    example.main(["--viscosity=0.1", "--iterations=120", "--points=200", f"--out={tmp_path}"])
    printed = capsys.readouterr().out
    assert float(printed.partition("error of u ")[2].partition("%")[0]) < 5
    assert (tmp_path / "burgers.png").stat().st_size > 10_000


def test_a_seed_gives_the_same_run_again(example: Any) -> None:
    """Points and weights come from the seed."""
    runs = [
        example.train(
            example.parse_arguments([f"--seed={seed}", "--iterations=10", "--points=50"])
        ).losses
        for seed in (1, 1, 2)
    ]
    assert runs[0] == runs[1] != runs[2]


def test_wrong_arguments_are_named() -> None:
    done = start("burgers", "--viscosity=0")
    assert done.returncode == 2
    assert "argument --viscosity: 0 is not a number above 0" in done.stderr
