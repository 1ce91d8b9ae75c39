"""The pages of docs/: their Python runs, prints what they say, and draws their pictures."""

from __future__ import annotations

import json
import re
import sys
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree as ET

import numpy as np
import pytest

from tests import doc_pages
from tests.doc_pages import DOCS, PAGES, PICTURES, blocks, pictures, text_of

if TYPE_CHECKING:
    from pathlib import Path

RESULTS = DOCS.parent / "benchmarks" / "results"
MAX_PICTURE_BYTES = 60_000
RUN = [page for page in PAGES if any(b.language == "python" for b in blocks(text_of(page)))]


def raster(path: Path) -> Any:
    """The pixels of a PNG, which must differ among themselves."""
    from matplotlib.image import imread  # noqa: PLC0415  # it takes long, and few tests need it

    pixels = imread(path)
    assert np.ptp(pixels[..., :3]) > 0.5, f"{path} is empty"
    return pixels


def check_picture(made: Path, kept: Path) -> None:
    """What the page has drawn is a picture, and of the kind of the one that is kept in docs/."""
    for path in (made, kept):
        assert path.is_file(), f"{path} is missing: python tests/doc_pages.py"
        assert path.stat().st_size < MAX_PICTURE_BYTES
    if kept.suffix == ".svg":
        counts = [len(list(ET.parse(path).iter())) for path in (made, kept)]  # noqa: S314  # our own file
        assert min(counts) > 10
        return
    assert raster(made).shape == raster(kept).shape


@pytest.mark.parametrize("page", RUN)
def test_the_python_of_a_page_runs(page: str, tmp_path: Path) -> None:
    done = doc_pages.run(page, tmp_path)
    assert done.returncode == 0, done.stderr
    drawn = sorted(path.name for path in tmp_path.iterdir() if path.suffix in {".png", ".svg"})
    assert drawn == pictures(text_of(page))
    for picture in drawn:
        check_picture(tmp_path / picture, PICTURES / picture)


@pytest.mark.parametrize("page", PAGES)
def test_blocks_are_marked_for_what_they_are(page: str) -> None:
    text = text_of(page)
    found = blocks(text)
    assert text.count("```") == 2 * len(found), "a block is indented, or not closed"
    assert {block.language for block in found} <= {"python", "text", "bash"}
    assert "text" not in [block.language for block in found[:1]]
    prose = doc_pages.FENCE.sub("", text)
    assert not re.search(r"^ {4,}(?:@|import |from \w+ import |def )", prose, re.MULTILINE)


def test_no_picture_is_left_over() -> None:
    shown = {picture for page in PAGES for picture in pictures(text_of(page))}
    assert {path.name for path in PICTURES.iterdir()} == shown


def test_all_pages_are_in_the_navigation() -> None:
    navigation = (DOCS.parent / "mkdocs.yml").read_text(encoding="utf-8")
    assert sorted(re.findall(r"\b\w+\.md\b", navigation)) == PAGES


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("```python\nprint(1 + 1)\n```\nis\n```text\n2\n```\n", None),
        ("```python\nx = 2\n```\n```python\nprint(x, 1)\n```\n```text\n2 ...\n```\n", None),
        ("```python\nprint(1 + 1)\n```\n```text\n3\n```\n", r"page\.md:2 printed\n2"),
        ("```python\n1 / 0\n```\n", "division"),
    ],
)
def test_what_a_block_prints_is_compared(
    text: str, wrong: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "__main__", sys.modules["__main__"])
    if wrong is None:
        doc_pages.run_here("page.md", text)
        return
    with pytest.raises((AssertionError, ZeroDivisionError), match=wrong):
        doc_pages.run_here("page.md", text)


def test_the_times_on_the_page_are_those_that_were_measured() -> None:
    """The table of docs/performance.md is of benchmarks/results/results.json."""
    results = json.loads((RESULTS / "results.json").read_text(encoding="utf-8"))["workloads"]
    columns = ["NumPy GEMM", "autograd_lite", "autograd_lite[fast]", "torch", "jax"]
    measured = [
        [f"{run[name]['median'] * 1e3:.2f}" if name in run else "" for name in columns]
        for run in results.values()
    ]
    table = text_of("performance.md").partition("its matrix products alone")[2].partition("\n\n")[0]
    rows = re.findall(r"^\| .* \| [\d.]+ \|$", table, re.MULTILINE)
    assert [[cell.strip() for cell in row.split("|")[2:-1]] for row in rows] == measured
