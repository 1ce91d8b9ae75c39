"""The benchmarks: the command, what it compares and writes. Nothing here asserts a time."""

from __future__ import annotations

import importlib
import json
import math
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

FOLDER = Path(__file__).parent.parent / "benchmarks"
sys.path.append(str(FOLDER))  # as for Python itself, so that its files import one another

contestants: Any = importlib.import_module("contestants")
measure: Any = importlib.import_module("measure")
problems: Any = importlib.import_module("problems")
report: Any = importlib.import_module("report")
summary: Any = importlib.import_module("summary")
worker: Any = importlib.import_module("worker")
workloads: Any = importlib.import_module("workloads")


def start(script: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """What a script does when a user starts it."""
    command = [sys.executable, str(FOLDER / script), *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def small(workload: str) -> Any:
    """The job of this library."""
    module = importlib.import_module("contestants.ours")
    return getattr(module, contestants.FUNCTIONS[workload])(problems.build(workload))


def test_a_run_writes_its_results(tmp_path: Path) -> None:
    options = ["--workloads", "d", "--steps", "3", "--threads", "1", "--no-chart"]
    done = start("run.py", "--contestants", "autograd_lite", *options, "--out", str(tmp_path))
    assert done.returncode == 0, done.stderr
    content = json.loads((tmp_path / "results.json").read_text())
    assert content["settings"] == {"steps": 3, "threads": 1, "dtype": "float32"}
    assert content["machine"]["versions"]["numpy"] == np.__version__
    record = content["workloads"]["d"]["autograd_lite"]
    assert record["status"] == "timed"
    assert record["steps"] == 3
    assert record["lower"] <= record["median"] <= record["upper"]
    assert len(record["losses"]) == measure.CHECKED
    assert record["losses"][0] == pytest.approx(math.log(3), abs=1e-3)
    assert 0 < record["imported"] <= record["peak"]
    assert len(content["imports"]["autograd_lite"]["seconds"]) >= 5
    assert not (tmp_path / "speed.svg").exists()
    assert list(content["used_by_others"]) == ["d"]
    assert "5-point network" in done.stdout


@pytest.mark.parametrize(
    ("option", "wrong", "known"),
    [("--workloads", "d,z", "c1000"), ("--contestants", "z", "tinygrad"), ("--steps", "0", "1")],
)
def test_a_wrong_argument_is_named(option: str, wrong: str, known: str) -> None:
    done = start("run.py", option, wrong)
    assert done.returncode == 2
    message = done.stderr.splitlines()[-1]
    assert wrong[-1] in message
    assert known in message


@pytest.mark.parametrize("workload", list(workloads.WORKLOADS))
def test_this_library_does_every_workload(workload: str) -> None:
    server = worker.Server(small(workload))
    first = server.check(1)
    assert math.isfinite(first["losses"][0])
    assert all(math.isfinite(g["norm"]) and g["norm"] > 0 for g in first["gradients"])
    assert (len(first["forward"]) == 1) == (workload == "e")


def test_the_losses_go_down_with_the_average_momentum() -> None:
    losses = worker.Server(small("d")).run(50)["losses"]
    assert losses[-1] < losses[0]


def test_a_wrong_loss_is_found() -> None:
    right = {"losses": [2.0, 1.5, 1.0], "gradients": []}
    assert not summary.disagreement(right, {"losses": [2.0, 1.50001, 1.0], "gradients": []})
    found = summary.disagreement(right, {"losses": [2.0, 1.5, 1.01], "gradients": []})
    assert found == "the loss of step 3 is 1.01; expected 1"
    assert "step 1" in summary.disagreement(right, {"losses": [math.nan] * 3, "gradients": []})


def test_a_wrong_gradient_is_found() -> None:
    generator = np.random.default_rng(0)
    gradient = generator.standard_normal((300, 300)).astype(np.float32)
    noise = [np.full(3, scale, np.float32) for scale in (1e-9, -3e-9)]  # of a gradient that is 0

    def record(*gradients: Any) -> dict[str, Any]:
        return {"losses": [1.0], "gradients": worker.digest(list(gradients))}

    right = record(gradient, noise[0])
    assert not summary.disagreement(right, record(gradient * np.float32(1.000001), noise[1]))
    wrong = summary.disagreement(right, record(gradient * np.float32(1.01), noise[1]))
    assert wrong.startswith("the norm of gradient 1")
    moved = summary.disagreement(right, record(gradient[::-1], noise[1]))
    assert moved.startswith("a component of gradient 1")
    assert summary.disagreement(right, record(gradient)) == "1 gradients; expected 2"


def test_who_disagrees_is_not_timed_and_fails_the_run() -> None:
    class Stopped:
        closed = False

        def close(self) -> None:
            self.closed = True

    workers = {"autograd_lite": Stopped(), "torch": Stopped()}
    stopped = workers["torch"]
    records: dict[str, dict[str, Any]] = {
        name: {"status": "begun", "losses": [loss], "gradients": []}
        for name, loss in (("autograd_lite", 1.0), ("torch", 2.0))
    }
    measure.compare(workers, records)
    assert list(workers) == ["autograd_lite"]
    assert stopped.closed
    assert records["torch"]["status"] == "disagrees"
    (fault,) = report.faults({"a": records})
    assert fault == "a: torch disagrees: the loss of step 1 is 2; expected 1 (autograd_lite)"


def test_a_peer_may_fail_and_this_library_may_not() -> None:
    failed = {"status": "failed", "reason": "ImportError: no"}
    absent = {"status": "not installed", "reason": ""}
    assert report.faults({"a": {"torch": failed, "jax": absent}}) == []
    assert len(report.faults({"a": {"autograd_lite": failed}})) == 1


def test_quartiles_of_known_numbers() -> None:
    values = [7.0, 1.0, 3.0, 5.0, 9.0, 2.0]
    lower, median, upper = np.percentile(values, [25, 50, 75])
    expected = {"lower": lower, "median": median, "upper": upper}
    assert summary.quartiles(values) == pytest.approx(expected)
    assert summary.quartiles([4.0]) == {"lower": 4.0, "median": 4.0, "upper": 4.0}


def test_a_slow_step_is_done_less_often() -> None:
    assert measure.goal(0.01, 200) == (200, measure.BLOCK, measure.WARM_UP)
    steps, turn, _ = measure.goal(6.0, 200)
    assert (steps, turn) == (5, 1)
    assert measure.goal(6.0, 3)[0] == 3


def test_the_tables_show_times_and_ratios() -> None:
    timed = {"status": "timed", "lower": 1e-3, "upper": 3e-3, "steps": 3, "first_step": 1.0}
    records = {
        "autograd_lite": {**timed, "median": 1e-3, "peak": 50e6},
        "torch": {**timed, "median": 2e-3, "peak": 300e6},
        "jax": {"status": "not installed", "reason": "jax is not installed"},
    }
    text = report.tables({"a": records}, {}, ["autograd_lite", "torch", "jax"])
    assert "0.50" in text
    assert "300" in text
    assert "jax" not in text
    assert "jax: not installed" in report.block("a", records)


def test_the_chart_needs_a_peer(tmp_path: Path) -> None:
    pytest.importorskip("matplotlib")
    chart = importlib.import_module("chart")
    records = {"autograd_lite": {"status": "timed", "median": 1e-3}}
    content = {
        "machine": {"cpu": "a processor"},
        "settings": {"threads": 1},
        "workloads": {"a": records, "e": {**records, "torch": {"status": "timed", "median": 2e-3}}},
    }
    assert chart.speed(content, tmp_path / "speed.svg")
    assert "20 elementwise" not in (tmp_path / "speed.svg").read_text()
    assert "chain of 1,000 small ops" in (tmp_path / "speed.svg").read_text()
    assert not chart.speed({**content, "workloads": {"a": records}}, tmp_path / "none.svg")
    assert not (tmp_path / "none.svg").exists()


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
def test_the_estimator_makes_the_steps_that_it_is_compared_with() -> None:
    estimator = importlib.import_module("estimator")
    for batch_size in (500, 50):
        by_hand, by_estimator = (
            estimator.seconds(train, batch_size)[1]
            for train in (estimator.by_hand, estimator.by_estimator)
        )
        assert len(by_hand) == len(by_estimator) == 200 * batch_size // 500
        np.testing.assert_allclose(by_estimator, by_hand, rtol=1e-6)


def test_the_jacobians_are_compared_before_they_are_timed() -> None:
    done = start("jacobian.py", "--rounds", "1", "--alone")
    assert done.returncode == 0, done.stderr
    for words in ("jacobian (32, 2, 992)", "hessian (992, 992)", "hvp"):
        assert words in done.stdout
