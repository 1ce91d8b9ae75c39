"""docs/from_the_documents.md: what it names exists, and it names every check."""

from __future__ import annotations

import importlib
import re
from pathlib import Path
from typing import Any

import pytest

import autograd_lite as ag

ROOT = Path(__file__).parent.parent
PAGE = (ROOT / "docs" / "from_the_documents.md").read_text(encoding="utf-8")
CHECKS = sorted((ROOT / "tests").glob("test_from_the_documents*.py"))


def names(pattern: str) -> list[str]:
    """What the page has in backticks, where it fits a pattern."""
    found = re.findall(rf"`({pattern})(?:\([^`]*\))?`", PAGE)
    assert found, pattern
    return sorted(set(found))


@pytest.mark.parametrize("name", names(r"(?:nn|optim|data|ag|testing)\.[A-Za-z_.0-9]+"))
def test_every_name_on_the_page_exists(name: str) -> None:
    """Classes and functions of the library."""
    first, *rest = name.split(".")
    found: Any = ag if first == "ag" else importlib.import_module(f"autograd_lite.{first}")
    for part in rest:
        found = getattr(found, part)


@pytest.mark.parametrize("path", names(r"(?:[a-z_]+/)+[a-z_0-9]+\.(?:py|md)"))
def test_every_file_on_the_page_exists(path: str) -> None:
    """Code, tests and pages."""
    assert (ROOT / path).is_file()


@pytest.mark.parametrize("name", names(r"test_[a-z_0-9]+"))
def test_every_check_on_the_page_exists(name: str) -> None:
    """The page names tests of CHECKS, or of files that it names."""
    files = [*CHECKS, *(ROOT / path for path in names(r"tests/[a-z_0-9]+\.py"))]
    assert any(f"def {name}(" in file.read_text(encoding="utf-8") for file in files)


def test_the_page_names_every_check() -> None:
    """No test of a correction is left out of it."""
    assert len(CHECKS) == 2
    written = [
        name
        for file in CHECKS
        for name in re.findall(r"^def (test_\w+)", file.read_text(encoding="utf-8"), re.MULTILINE)
    ]
    assert not [name for name in written if f"`{name}`" not in PAGE]
