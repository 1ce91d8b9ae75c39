"""The pendulum: its simulation, what the descent reaches, and the command line."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

import autograd_lite as ag
from autograd_lite import func
from tests.example_files import load, start

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="module")
def example() -> Any:
    """The example as a module."""
    return load("pendulum")


def test_without_a_motor_it_keeps_its_energy_but_for_friction(example: Any) -> None:
    angle, speed = 2.0, 0.0
    energies = []
    for _ in range(example.STEPS):
        energies.append(speed**2 / 2 - example.GRAVITY * np.cos(angle))
        angle, speed = (float(v) for v in example.step(angle, speed, 0.0))
    assert example.GRAVITY * -1 < energies[-1] < energies[0]
    assert energies[-1] > energies[0] - 6 * example.FRICTION * 30  # power is friction x speed^2


def test_checkpoints_change_no_gradient(example: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    knots = ag.tensor(np.random.default_rng(0).standard_normal((30, 2)))
    found = func.grad(lambda k: example.loss_of(k, 4.0).sum())(knots)
    monkeypatch.setattr(example, "segment", example.segment.__wrapped__)
    expected = func.grad(lambda k: example.loss_of(k, 4.0).sum())(knots)
    np.testing.assert_allclose(found.numpy(), expected.numpy(), rtol=1e-9, atol=1e-12)


def test_the_motor_is_never_stronger_than_it_is(example: Any) -> None:
    knots = np.random.default_rng(0).standard_normal((30, 2)) * 100
    torque = np.asarray(example.torques(knots, 2.5))
    assert torque.shape == (example.STEPS, 2)
    assert np.abs(torque).max() <= 2.5


def test_it_is_swung_up(example: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Within the goal during the last second, with less than half of the torque to lift it."""
    example.main(["--out", str(tmp_path), "--seed", "1"])
    printed = capsys.readouterr().out
    assert "swung up" in printed
    lines = printed.splitlines()
    assert float(lines[1].split()[3]) <= example.TORQUE < example.GRAVITY / 2
    assert float(lines[2].split()[5]) < example.GOAL
    assert (tmp_path / "pendulum.png").stat().st_size > 30_000


def test_a_seed_gives_the_same_run_again(example: Any) -> None:
    first, again, other = (example.descend(seed, 2, 4.0) for seed in (3, 3, 4))
    np.testing.assert_array_equal(first.losses, again.losses)
    np.testing.assert_array_equal(first.knots, again.knots)
    assert not np.array_equal(first.losses, other.losses)


def test_it_runs_as_a_script(tmp_path: Path) -> None:
    done = start("pendulum", "--iterations=1", "--torque=3", "--out", str(tmp_path))
    assert done.returncode == 0, done.stderr
    assert "not yet" in done.stdout
    assert (tmp_path / "pendulum.png").exists()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--iterations", "0"], "argument --iterations: 0 is not a number above 0"),
        (["--torque", "nan"], "argument --torque: nan is not a number above 0"),
        (["--torque", "x"], "argument --torque: invalid float value: 'x'"),
        (["--seed", "-1"], "argument --seed: -1 is not a number above -1"),
    ],
)
def test_wrong_arguments_are_named(
    example: Any, capsys: Any, arguments: list[str], message: str
) -> None:
    with pytest.raises(SystemExit, match="2"):
        example.main(arguments)
    assert message in capsys.readouterr().err
