"""`python -m autograd_lite.testing`: verdicts, exit codes, and what it says to wrong arguments."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from autograd_lite.testing import __main__ as command

ROOT = Path(__file__).resolve().parent.parent
MODULE = """
import numpy as np
import autograd_lite as ag

number = 3.0

def softsign(x, /):
    return x / (1 + ag.abs(x))

def product(a, b):
    return a @ b

def detached(x, /):
    return ag.sin(x.detach()) * x

def cube(x):
    return x**3

def cube_vjp(g, x):
    return 3 * g * x**2

def wrong_vjp(g, x):
    return 2 * g * x**2

def passed_on(g, x):
    return g

def text(x):
    return "text"

def of_four(a, b, c, d):
    return a * b + c * d

def picky(x):
    raise RuntimeError("not today")
"""


@pytest.fixture(autouse=True)
def module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "strange.py").write_text(MODULE)
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, "strange", raising=False)


def test_a_module_of_the_current_directory_is_found(tmp_path: Path) -> None:
    def run(function: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "autograd_lite.testing", function, "--inputs", "(2, 3)"],
            cwd=tmp_path,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            capture_output=True,
            text=True,
            check=False,
        )

    right, wrong, unknown = map(run, ("strange:softsign", "strange:detached", "strange:soft"))
    assert (right.returncode, wrong.returncode, unknown.returncode) == (0, 1, 2)
    assert right.stdout.startswith("softsign, inputs (2, 3), seed 0\n  gradient: pass, orders 1 to")
    assert "gradcheck: detached: the gradient of order 1 is wrong" in wrong.stdout
    assert "strange has no soft; did you mean softsign" in unknown.stderr
    assert wrong.stderr == ""


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        ("strange:softsign", 0, ["inputs ()", "inputs (2, 3)", "  laws: pass: transposition"]),
        ("strange:softsign --order 3 --seed 4 --inputs 2", 0, ["inputs (2,), seed 4", "1 to 3"]),
        ("strange:product", 0, ["inputs (2, 3) (3, 4)"]),
        ("strange:of_four", 0, ["inputs (3,) (3,) (3,) (3,)"]),
        ("strange:cube --vjp strange:cube_vjp", 0, ["gradient: pass, order 1, by complex step"]),
        ("strange:cube --vjp strange:wrong_vjp", 1, ["gradient: fail", "oracle"]),
        (
            "numpy:positive --vjp strange:passed_on",
            1,
            ["hygiene: fail", "shares"],
        ),
        ("numpy:log --inputs (3,)", 1, ["log: gives nan", "--between LOW HIGH"]),
        ("numpy:log --inputs (3,) --between 0.5 3", 0, ["gradient: pass"]),
    ],
)
def test_the_verdict_is_printed_and_the_exit_code(
    arguments: str, code: int, says: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert command.main(arguments.split()) == code
    printed = capsys.readouterr().out
    assert [text for text in says if text not in printed] == []


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ([], "function"),
        (["strange"], "got 'strange'; expected module:function"),
        (["nowhere:f"], "cannot import nowhere: No module named 'nowhere'"),
        (["strange:number"], "which is float; expected a function"),
        (["strange:cube", "--vjp", "strange:cub"], "did you mean cube"),
        (["strange:cube", "--inputs", "(2, x)"], "got '(2, x)'; expected a shape, as \"(3, 4)\""),
        (["strange:cube", "--inputs", "(-1,)"], "expected a shape"),
        (["strange:cube", "--order", "0"], "got '0'; expected a whole number from 1"),
        (["strange:cube", "--seed", "a"], "got 'a'; expected a whole number from 0"),
        (["strange:cube", "--between", "0", "inf"], "got 'inf'; expected a number"),
        (["strange:product", "--inputs", "(2,3)", "(2,3)"], "shapes (2, 3) (2, 3) ValueError"),
        (["strange:picky"], "not today; tried (); (3,); (2, 3); (3, 3); give others: --inputs"),
        (["builtins:print"], "give their shapes: --inputs"),
        (["strange:text", "--inputs", "3"], "encode strings as integers"),
    ],
)
def test_wrong_arguments_are_told_with_the_way_out(
    arguments: list[str], says: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        command.main(arguments)
    assert ended.value.code == 2
    assert says in capsys.readouterr().err
