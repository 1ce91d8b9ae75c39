"""Newton's method by Hessian-vector products: its system, its way down, the command line."""

from __future__ import annotations

from types import SimpleNamespace
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
    return load("newton")


def test_conjugate_gradients_solve_the_system(example: Any) -> None:
    """Of a positive definite H, as exactly as a small gradient asks for."""
    a = np.random.default_rng(0).standard_normal((6, 6))
    h, g = a @ a.T + np.eye(6), np.full(6, 1e-8)
    step, products = example.conjugate_gradients(lambda v: h @ v, g)
    np.testing.assert_allclose(step, np.linalg.solve(h, -g), rtol=1e-3)
    assert products <= 8


def test_they_stop_where_the_function_curves_downward(example: Any) -> None:
    """And give the way down."""
    g = np.array([1.0, 2.0])
    step, products = example.conjugate_gradients(lambda v: -v, g)
    np.testing.assert_array_equal(step, -g)
    assert products == 1


def test_the_products_are_those_of_the_hessian(example: Any) -> None:
    """Of both problems, at their start."""
    for problem in (example.rosenbrock(5, 0), example.classifier()):
        w = ag.tensor(problem.start)
        v = np.random.default_rng(1).standard_normal(w.shape)
        gradient, product = func.linearize(func.grad(problem.loss), w)
        h = 1e-5
        after, before = (func.grad(problem.loss)(w + s * v).numpy() for s in (h, -h))
        np.testing.assert_allclose(product(ag.tensor(v)), (after - before) / (2 * h), atol=1e-5)
        np.testing.assert_allclose(gradient, func.grad(problem.loss)(w))


def test_all_methods_arrive_and_newton_needs_the_fewest_iterations(
    example: Any, tmp_path: Path, capsys: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """At the lowest point of a valley of ten dimensions, and of a convex loss of some pixels."""
    digits = example.load_digits()
    some = SimpleNamespace(data=digits.data[:400, 18:30], target=digits.target[:400])
    monkeypatch.setattr(example, "load_digits", lambda: some)
    example.main(["--dimensions", "10", "--out", str(tmp_path)])
    printed = capsys.readouterr().out
    valley = example.compare(example.rosenbrock(10, 0))
    assert all(run.loss < 1e-9 for run in valley)
    for run in valley:
        assert run.norms[-1] < example.GOAL * 2
        assert len(run.norms) == len(run.work)
        assert (np.diff(run.work) > 0).all()
    lines = [
        line.split() for line in printed.splitlines() if line.startswith(tuple(example.COLOURS))
    ]
    iterations = {(i // 3, line[0]): int(line[1]) for i, line in enumerate(lines)}
    for problem in (0, 1):
        assert iterations[problem, "Newton-CG"] < iterations[problem, "BFGS"]
    assert len({line[4] for line in lines[3:]}) == 1  # the convex loss has one lowest value
    assert (tmp_path / "newton.png").stat().st_size > 10_000


def test_wrong_arguments_are_named() -> None:
    done = start("newton", "--dimensions=1")
    assert done.returncode == 2
    assert "argument --dimensions: 1 is not a number above 1" in done.stderr
