"""The Python on the pages of `docs/`: run as a reader would, page by page.

python tests/doc_pages.py            run all pages, and write their pictures to docs/pictures/
python tests/doc_pages.py PAGE ...   only these, such as recipes.md

The blocks of a page run in order, in one namespace, in a process and a folder of their own, with
warnings as errors. A block marked `text` that follows is what the block before has printed; `...`
in it stands for anything.
"""

from __future__ import annotations

import contextlib
import doctest
import io
import os
import re
import shutil
import subprocess
import sys
import tempfile
import types
import warnings
from pathlib import Path
from typing import NamedTuple

DOCS = Path(__file__).resolve().parent.parent / "docs"
PICTURES = DOCS / "pictures"
PAGES = sorted(page.name for page in DOCS.glob("*.md"))
FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
PICTURE = re.compile(r"!\[[^]]*\]\(pictures/([\w.]+)\)")
COMPARED = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE


class Block(NamedTuple):
    """A block of a page: what it is marked as, the line where its text begins, and the text."""

    language: str
    line: int
    text: str


def text_of(page: str) -> str:
    """The page as it is written."""
    return (DOCS / page).read_text(encoding="utf-8")


def blocks(text: str) -> list[Block]:
    """The blocks of a page, in order."""
    return [
        Block(found[1], text.count("\n", 0, found.start(2)) + 1, found[2])
        for found in FENCE.finditer(text)
    ]


def pictures(text: str) -> list[str]:
    """The pictures that a page shows, by the name under which its code writes them."""
    return sorted(set(PICTURE.findall(text)))


def run_here(page: str, text: str) -> None:
    """Run the blocks of a page in this process.

    Raises:
        AssertionError: when a block prints something else than the block behind it has.
    """
    module = types.ModuleType("__main__")  # what is pickled on a page belongs to the page
    sys.modules["__main__"] = module
    printed, where = "", "the beginning"
    for language, line, content in blocks(text):
        if language == "python":
            stream, where = io.StringIO(), f"{page}:{line}"
            code = "\n" * (line - 1) + content  # so that a traceback names the line of the page
            with contextlib.redirect_stdout(stream):
                exec(compile(code, page, "exec"), vars(module))  # noqa: S102  # as a reader would
            printed = stream.getvalue()
        elif language == "text" and not doctest.OutputChecker().check_output(
            content, printed, COMPARED
        ):
            message = f"{where} printed\n{printed}\nand the page has\n{content}"
            raise AssertionError(message)


def run(page: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """Run a page in a process of its own, in `folder`."""
    command = [sys.executable, "-W", "error", __file__, "--here", page]
    return subprocess.run(
        command,
        cwd=folder,
        env={**os.environ, "MPLBACKEND": "Agg"},
        capture_output=True,
        text=True,
        check=False,
    )


def refresh(page: str) -> str | None:
    """Run a page and keep the pictures that it shows; what went wrong, if anything did."""
    with tempfile.TemporaryDirectory() as name:
        done = run(page, Path(name))
        if done.returncode:
            return done.stderr
        for picture in pictures(text_of(page)):
            shutil.copy(Path(name) / picture, PICTURES)
    return None


def main(arguments: list[str]) -> None:
    """Run pages, here or each in a process of its own."""
    if arguments[:1] == ["--here"]:
        warnings.simplefilter("error")
        run_here(arguments[1], text_of(arguments[1]))
        return
    wrong = {page: refresh(page) for page in arguments or PAGES}
    sys.exit("\n".join(f"{page}:\n{error}" for page, error in wrong.items() if error) or None)


if __name__ == "__main__":
    main(sys.argv[1:])
