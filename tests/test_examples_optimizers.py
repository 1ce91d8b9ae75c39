"""The example of optimizers: the rules of document 2's table, their races, and the command line."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

import autograd_lite as ag
from autograd_lite import optim
from tests.example_files import load, start

if TYPE_CHECKING:
    from pathlib import Path

PICTURES = ["optimizers_ravine.png", "optimizers_spiral.png"]


@pytest.fixture(scope="module")
def example() -> Any:
    """The example as a module."""
    return load("optimizers")


def test_the_table_is_document_2s(example: Any) -> None:
    """Six rows, in the table's order; momentum and Nesterov as averages, nothing clipped."""
    made = {
        name: rule.make([ag.zeros(1, requires_grad=True)], lr=rule.ravine_lr, **rule.settings)
        for name, rule in example.RULES.items()
    }
    assert {name: type(optimizer) for name, optimizer in made.items()} == {
        "sgd": optim.SGD,
        "momentum": optim.SGD,
        "nesterov": optim.SGD,
        "adagrad": optim.AdaGrad,
        "rmsprop": optim.RMSProp,
        "adam": optim.Adam,
    }
    settings = {name: optimizer.param_groups[0] for name, optimizer in made.items()}
    assert all(group["clip_value"] is None for group in settings.values())
    kinds = [(settings[n]["momentum"], settings[n]["nesterov"]) for n in list(settings)[:3]]
    assert kinds == [(0, False), (0.9, False), (0.9, True)]
    assert all(settings[n]["dampening"] is None for n in list(settings)[:3])


def test_the_ravine_curves_as_it_says(example: Any) -> None:
    """Its Hessian has the eigenvalues 1 and 50, and neither direction is an axis."""
    w = ag.tensor(np.array(example.START), requires_grad=True)
    (first,) = ag.grad(example.ravine(w), w, create_graph=True)
    rows = [ag.grad(first[i], w, retain_graph=True)[0].numpy() for i in range(2)]
    np.testing.assert_allclose(np.linalg.eigvalsh(rows), [1, 50], rtol=1e-12)
    assert abs(rows[0][1]) > 1


@pytest.mark.parametrize("name", ["sgd", "momentum", "nesterov", "adagrad", "rmsprop", "adam"])
def test_a_path_leads_down_the_ravine(example: Any, name: str) -> None:
    """It begins at the start, and has a loss for each point; the loss falls a thousandfold."""
    run = example.descend_ravine(example.RULES[name], example.STEPS)
    assert len(run.path) == len(run.losses) == example.STEPS + 1
    assert tuple(run.path[0]) == example.START
    losses = [float(example.ravine(point)) for point in run.path]
    np.testing.assert_allclose(run.losses, losses, rtol=1e-12)
    assert run.losses[-1] < run.losses[0] / 1000
    reached = int(run.steps_to(example.RAVINE_GOAL))
    assert run.losses[reached] < example.RAVINE_GOAL <= min(run.losses[:reached])


def test_vanilla_descends_as_the_formula(example: Any) -> None:
    """Along u and v, each step multiplies by 1 - lr and 1 - 50 lr."""
    rule = example.RULES["sgd"]
    path = np.array(example.descend_ravine(rule, 20).path)
    turn = np.array(
        [[math.cos(a), math.sin(a)] for a in (example.TURN, example.TURN + math.pi / 2)]
    )
    shrinking = (1 - rule.ravine_lr * np.array([1.0, 50.0])) ** np.arange(21)[:, None]
    np.testing.assert_allclose(path @ turn.T, turn @ path[0] * shrinking, atol=1e-12)


def test_every_rule_starts_the_spiral_from_the_same_weights(example: Any) -> None:
    """The first loss is one number; more steps make it smaller."""
    x, y = example.make_spiral(np.random.RandomState(example.DATA_SEED))
    runs = [example.descend_spiral(rule, 10, 3, x, y) for rule in example.RULES.values()]
    assert len({run.losses[0] for run in runs}) == 1
    assert all(len(run.losses) == 11 for run in runs)
    assert all(min(run.losses) < run.losses[0] for run in runs)


def test_it_prints_both_tables_and_draws(tmp_path: Path) -> None:
    """As a script, which imports the spiral's: two rules, in the order given, each once."""
    chosen = [f"--optimizer={name}" for name in ("adam", "sgd", "adam")]
    done = start("optimizers", *chosen, "--steps=3", "--epochs=2", "--out", str(tmp_path))
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert "steps to 0.01    seconds" in done.stdout
    names = [line.split()[0] for line in lines if line.startswith(("Adam", "SGD"))]
    assert names == ["Adam", "SGD"] * 2
    assert all((tmp_path / name).stat().st_size > 10_000 for name in PICTURES)


def test_all_six_are_drawn(example: Any, tmp_path: Path, capsys: Any) -> None:
    """By default every rule of the table."""
    example.main(["--steps", "2", "--epochs", "1", "--out", str(tmp_path)])
    printed = capsys.readouterr().out
    assert all(printed.count(rule.title) == 2 for rule in example.RULES.values())
    assert all((tmp_path / name).exists() for name in PICTURES)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--optimizer", "lbfgs"], "argument --optimizer: invalid choice: 'lbfgs'"),
        (["--steps", "0"], "argument --steps: 0 is below 1"),
        (["--epochs", "1.5"], "argument --epochs: invalid int value: '1.5'"),
        (["--seed", "-2"], "argument --seed: -2 is below 0"),
    ],
)
def test_wrong_arguments_are_named(
    example: Any, capsys: Any, arguments: list[str], message: str
) -> None:
    """A wrong argument ends the program with a message that names it."""
    with pytest.raises(SystemExit, match="2"):
        example.main(arguments)
    assert message in capsys.readouterr().err
