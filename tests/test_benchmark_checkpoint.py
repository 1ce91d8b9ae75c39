"""The benchmark of `checkpoint`: all kinds give one gradient, at a fraction of the memory."""

from __future__ import annotations

import importlib
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

FOLDER = Path(__file__).parent.parent / "benchmarks"
sys.path.append(str(FOLDER))  # as for Python itself

benchmark: Any = importlib.import_module("checkpoint")


@pytest.mark.parametrize("count", [1, 7, 100])
def test_the_kinds_agree(count: int) -> None:
    expected = benchmark.gradient("plain", count)
    for kind in benchmark.KINDS:
        np.testing.assert_allclose(benchmark.gradient(kind, count), expected, rtol=1e-9)


def test_segments_need_at_most_a_tenth_of_the_memory() -> None:
    traced = [benchmark.measure(k, 1000, traced=True)["traced"] for k in benchmark.KINDS]
    plain, segments, nested = traced
    assert segments < plain / 10
    assert nested < segments


def test_it_prints_a_line_for_each_kind() -> None:
    command = [sys.executable, str(FOLDER / "checkpoint.py"), "--steps", "50"]
    done = subprocess.run([*command, "--rounds", "1"], capture_output=True, text=True, check=True)
    assert [line.split()[0] for line in done.stdout.splitlines()] == ["50", *benchmark.KINDS]
    one = subprocess.run([*command, "--kind", "nested"], capture_output=True, text=True, check=True)
    assert json.loads(one.stdout).keys() == {"gradient", "seconds", "resident"}
    wrong = subprocess.run([*command, "--rounds", "0"], capture_output=True, text=True, check=False)
    assert "--rounds 0; expected at least 1" in wrong.stderr
