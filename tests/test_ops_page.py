"""docs/ops.md is what the code and the table of ops say."""

from __future__ import annotations

import pytest

from tests import ops_page
from tests.cases import CASES
from tests.cases_nn import FUNCTIONS


def test_the_page_is_up_to_date() -> None:
    """Whoever adds an op, or changes what is said of one, makes the page anew."""
    kept = ops_page.PAGE.read_text(encoding="utf-8")
    assert kept == ops_page.page(), "docs/ops.md: python -m tests.ops_page"


def test_every_op_is_on_it() -> None:
    """With a first sentence."""
    text = ops_page.PAGE.read_text(encoding="utf-8")
    for case in [*CASES, *FUNCTIONS]:
        assert f"| `{ops_page.named(case)}` | {ops_page.summary(case.op)} | " in text
        assert len(ops_page.summary(case.op)) > 10


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("exp", "| kept; float64; float16 | 1 to 3 | own |"),
        ("equal", "| bool | none | none |"),
        ("prod", "| 1 to 3 | composed |"),
    ],
)
def test_a_line_says_what_the_op_does(name: str, expected: str) -> None:
    """Dtypes, orders and rule of ops that are known."""
    text = ops_page.PAGE.read_text(encoding="utf-8")
    (line,) = [line for line in text.splitlines() if line.startswith(f"| `ag.{name}` |")]
    assert line.endswith(expected)
