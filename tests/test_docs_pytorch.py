"""docs/from_pytorch.md: its tables name what exists, here and in PyTorch, and leave nothing out."""

from __future__ import annotations

import ast
import functools
import importlib
import importlib.util
import inspect
import re
from typing import Any, NamedTuple

import pytest

import autograd_lite as ag
from tests.doc_pages import text_of
from tests.test_docs_api import api_pages

HAS_TORCH = importlib.util.find_spec("torch") is not None
# Where PyTorch has what a module here has.
COUNTERPARTS = {
    "autograd_lite": ["torch"],
    "autograd_lite.nn": ["torch.nn"],
    "autograd_lite.nn.functional": ["torch.nn.functional"],
    "autograd_lite.nn.init": ["torch.nn.init"],
    "autograd_lite.optim": ["torch.optim", "torch.optim.lr_scheduler", "torch.nn.utils"],
    "autograd_lite.data": ["torch.utils.data"],
    "autograd_lite.func": ["torch.func"],
}
# What has no counterpart and is not to be compared: data sets, and the machinery of this library.
OWN = {
    "FASHION_MNIST_LABELS",
    "Init",
    "Loss",
    "METHODS",
    "Shared",
    "as_tensor",
    "check_approximate",
    "check_finite",
    "draw",
    "fashion_mnist",
    "read_idx",
}


class Row(NamedTuple):
    """A row of a table: what it has in backticks on the left, and in the middle."""

    left: tuple[str, ...]
    middle: tuple[str, ...]


def rows(heading: str) -> list[Row]:
    """The rows of the tables whose first column has a heading."""
    found, inside = [], False
    for line in text_of("from_pytorch.md").splitlines():
        cells = [cell.strip() for cell in line.split("|")[1:-1]]
        if not cells:
            inside = False
        elif cells[0] == heading:
            inside = True
        elif inside and not set(cells[0]) <= {"-"}:
            left, middle = (tuple(re.findall(r"`([^`]+)`", cell)) for cell in cells[:2])
            found.append(Row(left, middle))
    return found


SHARED, MISSING = rows("here"), rows("not here")
HERE = sorted({name for row in SHARED for name in row.left})
THERE = sorted({name for row in SHARED for name in row.middle})
ABSENT = sorted({name for row in MISSING for name in row.left})


def resolve(dotted: str) -> Any:
    """What a name stands for: `nn.Linear`, `Tensor.numpy`, `torch.optim.SGD`."""
    first, *rest = dotted.split(".")
    if first in {"ag", "torch"}:
        found: Any = ag if first == "ag" else importlib.import_module("torch")
    elif first == "Tensor":
        found = ag.Tensor
    else:
        found = importlib.import_module(f"autograd_lite.{first}")
    for part in rest:
        if inspect.ismodule(found) and not hasattr(found, part):
            importlib.import_module(f"{found.__name__}.{part}")
        found = getattr(found, part)
    return found


def check(written: str) -> None:
    """A name exists; where it is written as a call, its keywords and their defaults hold."""
    node = ast.parse(written, mode="eval").body
    if not isinstance(node, ast.Call):
        resolve(written)
        return
    found = resolve(ast.unparse(node.func))
    parameters = settings(found)
    if parameters is None:
        return  # one of PyTorch's that is written in C: it exists
    for keyword in node.keywords:
        assert keyword.arg in parameters, written
        assert parameters[keyword.arg] == ast.literal_eval(keyword.value), written


def settings(function: Any) -> dict[str, Any] | None:
    """The parameters of a function or a class with their defaults; None if it does not tell."""
    try:
        signature = inspect.signature(function)
    except ValueError:
        return None
    return {name: parameter.default for name, parameter in signature.parameters.items()}


@pytest.mark.parametrize("written", HERE)
def test_what_the_page_says_of_this_library_holds(written: str) -> None:
    check(written)


@pytest.mark.skipif(not HAS_TORCH, reason="PyTorch is not installed")
@pytest.mark.parametrize("written", THERE)
@pytest.mark.filterwarnings("default")
def test_what_the_page_says_of_pytorch_holds(written: str) -> None:
    check(written)


@pytest.mark.parametrize("written", ABSENT)
def test_what_is_not_here_is_not_here(written: str) -> None:
    here = re.sub(r"^torch\.(Tensor|nn|optim)\b", r"\1", written).replace("torch.", "ag.")
    here = here.replace("optim.lr_scheduler.", "optim.")
    with pytest.raises((AttributeError, ModuleNotFoundError)):
        resolve(here)


@pytest.mark.skipif(not HAS_TORCH, reason="PyTorch is not installed")
@pytest.mark.parametrize("written", ABSENT)
@pytest.mark.filterwarnings("default")
def test_what_is_not_here_is_there(written: str) -> None:
    resolve(written)


@functools.cache
def compared() -> frozenset[str]:
    """The last parts of the names in the first columns."""
    return frozenset(name.partition("(")[0].rpartition(".")[2] for name in HERE)


@pytest.mark.skipif(not HAS_TORCH, reason="PyTorch is not installed")
@pytest.mark.parametrize("module", COUNTERPARTS)
@pytest.mark.filterwarnings("default")
def test_every_name_that_differs_is_on_the_page(module: str) -> None:
    """A name that PyTorch has not, or whose settings it has not, or with other defaults."""
    theirs = [importlib.import_module(name) for name in COUNTERPARTS[module]]
    left_out = []
    for name in api_pages.public_names(module):
        there = next((getattr(m, name) for m in theirs if hasattr(m, name)), None)
        if name not in compared() | OWN and differs(
            getattr(importlib.import_module(module), name), there
        ):
            left_out.append(name)
    assert left_out == []


def differs(here: Any, there: Any) -> bool:
    """Whether PyTorch has no such name, or not a setting of it, or with another default."""
    if there is None:
        return True
    ours, theirs = settings(here), settings(there)
    if ours is None or theirs is None:
        return False
    ours.pop("check_finite", None)  # that all losses have it is said above their table
    keywords = {name: value for name, value in ours.items() if value is not inspect.Parameter.empty}
    return any(name not in theirs or theirs[name] != value for name, value in keywords.items())
