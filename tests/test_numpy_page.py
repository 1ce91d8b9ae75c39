"""The page on NumPy's functions says what becomes of each."""

from __future__ import annotations

import importlib.util
import re
from typing import Any

import numpy as np
import pytest

from tests.doc_pages import DOCS, text_of
from tests.numpy_calls import functions

TITLES = {
    "same": "### Recorded, by the op of the same name",
    "other": "### Recorded, by an op of another name",
    "values": "### Computed by NumPy: there is no derivative",
    "instead": "### Refused, with what to write instead",
    "refused": "### Refused: there is no op",
}


def load() -> Any:
    """What makes the tables, which is no module of a package."""
    spec = importlib.util.spec_from_file_location("numpy_page", DOCS / "numpy_page.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


numpy_page = load()
FATES: dict[str, str] = numpy_page.fates()


def section(title: str) -> str:
    """The text under a title."""
    return text_of("numpy.md").partition(f"{title}\n")[2].partition("\n#")[0]


def made_with() -> str:
    """The version of NumPy whose functions the page lists."""
    found = re.search(r"The functions of NumPy (\d+\.\d+)", text_of("numpy.md"))
    assert found
    return found[1]


@pytest.mark.parametrize("name", FATES)
def test_a_function_is_where_it_belongs(name: str) -> None:
    """If the page is of a NumPy that has it: `python docs/numpy_page.py` writes it anew."""
    fate, page = FATES[name], text_of("numpy.md")
    if f"`np.{name}`" not in numpy_page.MADE.search(page)[0]:
        assert not np.__version__.startswith(f"{made_with()}.")
    elif fate == f"`ag.{name}`":
        assert f"`np.{name}`" in section(TITLES["same"])
    elif fate == "NumPy's":
        assert f"`np.{name}`" in section(TITLES["values"])
    elif fate == "refused":
        assert f"`np.{name}`" in section(TITLES["refused"])
    else:
        kind = "instead" if fate.startswith("refused") else "other"
        row = f"| `np.{name}` | {fate.removeprefix('refused: ')} |"
        assert row in section(TITLES[kind])


def test_the_page_has_all_functions() -> None:
    """Those that ask a tensor; a name that starts with an underscore is nobody's."""
    assert FATES.keys() == functions().keys()
