"""The pytest plugin in a project of its own: what it collects, and how a failure reads."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
CONFTEST = """
from hypothesis import settings
pytest_plugins = ["autograd_lite.testing.plugin"]
settings.register_profile(
    "here", max_examples=20, derandomize=True, database=None, deadline=None, print_blob=True
)
settings.register_profile("night", settings.get_profile("here"), max_examples=1000)
settings.load_profile("here")
"""
MODULE = """
import numpy as np
import autograd_lite as ag
from autograd_lite.func import custom_op
from autograd_lite.testing import op_case

@custom_op
def right(x, y, /):
    return np.sin(x) * y, lambda g: g * ag.cos(x) * y, lambda g: g * ag.sin(x)

@custom_op
def sign(x, /):
    return np.sin(x), lambda g: -g * ag.cos(x)

@custom_op
def wide(x, /):
    return np.sin(x.astype(float)), lambda g: g * ag.cos(x)

@ag.graph.op
def writing(x, /):
    x *= 2
    return np.sin(x / 2), lambda g: g * ag.cos(x / 2)

@custom_op
def second(x, /):
    return np.sin(x), lambda g: g * ag.func.stop_gradient(ag.cos(x))

@custom_op
def value(x, /):
    return np.sin(x) + 1e-6, lambda g: g * ag.cos(x)

def broken(x, /):
    return ag.sin(x).nothing

test_alone = op_case(right, lambda x, y: np.sin(x) * y)
test_unreferenced = op_case(right)
test_order_0 = op_case(ag.sign, np.sign, order=0)
test_ops = [
    op_case(sign), op_case(wide), op_case(writing), op_case(second), op_case(value, np.sin),
    op_case(broken), op_case(sign),
]
no_test = op_case(right)
test_numbers = [1, 2, 3]
"""


def run(folder: Path, *options: str) -> str:
    """What pytest prints."""
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", *options],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stderr == ""
    return done.stdout


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the ops above, and an empty configuration so that no other is found."""
    folder = tmp_path_factory.mktemp("project")
    (folder / "pytest.ini").write_text("[pytest]\n")
    (folder / "conftest.py").write_text(CONFTEST)
    (folder / "test_mine.py").write_text(MODULE)
    return folder


@pytest.fixture(scope="module")
def printed(project: Path) -> str:
    """What a run of the whole project prints."""
    return run(project, "-v")


def failed(printed: str, name: str) -> set[str]:
    """The aspects of an op that failed."""
    pattern = rf"^FAILED test_mine\.py::test_ops\[{name}-(\w+)\]"
    return set(re.findall(pattern, printed, re.MULTILINE))


def block_of(printed: str, item: str) -> str:
    """What is printed of the failure of an item."""
    pattern = rf"^_+ {re.escape(item)} _+\n(.*?)^_{{9}}"
    found = re.search(pattern, printed, re.MULTILINE | re.DOTALL)
    assert found is not None
    return found[1]


def test_a_right_op_passes_one_test_for_each_aspect(printed: str) -> None:
    def passed(name: str) -> list[str]:
        return re.findall(rf"^test_mine\.py::{name}\[(\w+)\] PASSED", printed, re.MULTILINE)

    aspects = ["value", "gradient", "jvp", "laws", "dtype", "layout", "hygiene"]
    assert passed("test_alone") == aspects
    assert passed("test_unreferenced") == aspects[1:]
    assert passed("test_order_0") == ["value", "dtype", "layout", "hygiene"]
    assert "no_test" not in printed
    assert "test_numbers" not in printed


def test_a_wrong_op_fails_where_it_is_wrong(printed: str) -> None:
    assert failed(printed, "sign") == {"gradient"}
    assert failed(printed, "value") == {"value"}
    assert failed(printed, "wide") >= {"dtype"}
    assert "gradient" not in failed(printed, "wide")
    assert "hygiene" in failed(printed, "writing")
    assert "gradient" in failed(printed, "second")
    assert not failed(printed, "second") & {"value", "jvp", "dtype", "layout", "hygiene"}
    assert failed(printed, "sign_2") == {"gradient"}


def test_a_failure_shows_the_verdict_and_the_smallest_example(printed: str) -> None:
    text = block_of(printed, "test_ops[sign-gradient]")
    assert text.startswith("gradcheck: sign: the gradient of order 1 is wrong\n  input 0 of shape")
    assert "from test_mine import sign as f" in text
    assert "\nAspect: gradient\n" in text
    assert "example=sign(array(" in text
    again = r"again: hypothesis\.reproduce_failure\(.+\)\(test_ops\[0\]\.test\('gradient'\)\)\(\)\n"
    assert re.search(again, text)
    assert "autograd_lite/testing" not in text
    assert " at 0x" not in text


def test_an_error_in_the_op_shows_where_that_is(printed: str) -> None:
    text = block_of(printed, "test_ops[broken-gradient]")
    assert "return ag.sin(x).nothing" in text
    assert "AttributeError" in text
    assert "example=broken(array(" in text
    assert len(text.splitlines()) < 20


def test_an_example_is_run_again_from_what_is_printed(printed: str, project: Path) -> None:
    text = block_of(printed, "test_ops[sign-gradient]")
    again = re.search(r"again: (.+)$", text, re.MULTILINE)
    assert again is not None
    command = f"import hypothesis; from test_mine import test_ops; {again[1]}"
    done = subprocess.run(
        [sys.executable, "-c", command],
        cwd=project,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert "GradientError: gradcheck: sign: the gradient of order 1 is wrong" in done.stderr


def test_items_are_selected_by_name_and_shared_among_workers(project: Path) -> None:
    text = run(project, "-q", "-n", "2", "-k", "(sign or alone) and jvp")
    assert re.search(r"^3 passed", text, re.MULTILINE)


def test_many_examples_are_drawn_once_for_all_aspects(project: Path) -> None:
    text = run(project, "-q", "--collect-only", "--hypothesis-profile=night", "-k", "alone or wide")
    assert "test_mine.py::test_alone[value-gradient-jvp-laws-dtype-layout-hygiene]" in text
    assert "test_mine.py::test_ops[wide-gradient-jvp-laws-dtype-layout-hygiene]" in text
    assert "2/14 tests" not in text


def test_a_list_of_cases_and_other_things_is_refused(tmp_path: Path) -> None:
    (tmp_path / "pytest.ini").write_text("[pytest]\n")
    (tmp_path / "conftest.py").write_text(CONFTEST)
    (tmp_path / "test_mixed.py").write_text(
        "import autograd_lite as ag\nfrom autograd_lite.testing import op_case\n"
        "test_ops = [op_case(ag.sin), ag.cos]\n"
    )
    text = run(tmp_path)
    assert "test_ops: entry 1 is <function cos" in text
    assert "expected OpCases alone" in text
