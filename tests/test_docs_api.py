"""The API reference: every public name is on a page of it, in a group, with a first sentence."""

from __future__ import annotations

import importlib
import importlib.util
import inspect
import pkgutil
import sys
from typing import Any

import pytest

import autograd_lite as ag
from tests.doc_pages import DOCS

# Modules that are no faces: what is public in them, a face exports.
INTERNAL = {
    "allocator",
    "anomaly",
    "anomaly_origin",
    "anomaly_report",
    "anomaly_watch",
    "assignment",
    "creation",
    "dlpack",
    "delivery",
    "dtypes",
    "engine",
    "errors",
    "exchange",
    "graph",  # what users need of it for ops of their own is func.custom_op
    "kernels",
    "lift",
    "memory",
    "methods",
    "numpy_names",
    "node",
    "numpy_protocol",
    "onnx",
    "operators",
    "order",
    "ops",  # its public functions are those of the package; the rest is for gradients alone
    "profiler",
    "profiler_report",
    "profiler_watch",
    "random_state",
    "recording",
    "replace",
    "replay",
    "row_gradient",
    "rows",
    "seeds",
    "stacks",
    "tables",
    "tensor",
    "tensor_text",
    "threads",
}


def load() -> Any:
    """The hook of MkDocs, which is no module of a package."""
    spec = importlib.util.spec_from_file_location("api_pages", DOCS / "api_pages.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["api_pages"] = module
    spec.loader.exec_module(module)
    return module


api_pages = load()
PUBLIC = [(module, name) for module in api_pages.MODULES for name in api_pages.public_names(module)]


def test_every_module_is_public_or_internal() -> None:
    listed = {name.split(".")[1] for name in api_pages.MODULES if "." in name}
    found = {found.name for found in pkgutil.iter_modules(ag.__path__)} | {"nn", "optim"}
    assert listed | INTERNAL == found
    assert not listed & INTERNAL


def test_the_names_that_a_user_types_are_public() -> None:
    """`dir` of the package and of its faces, but for modules and what Python puts there."""
    hidden = {"TYPE_CHECKING", "annotations", "keep_memory"}
    for module in (
        "autograd_lite",
        "autograd_lite.nn",
        "autograd_lite.optim",
        "autograd_lite.data",
        "autograd_lite.func",
        "autograd_lite.linalg",
    ):
        face = importlib.import_module(module)
        typed = {name for name in dir(face) if not name.startswith("_")} - hidden
        names = {name for name in typed if not inspect.ismodule(getattr(face, name))}
        assert names == set(api_pages.public_names(module))


@pytest.mark.parametrize(("module", "name"), PUBLIC)
def test_a_public_name_is_in_the_reference(module: str, name: str) -> None:
    page = api_pages.pages()[api_pages.address(module)]
    assert f"\n::: {api_pages.path_of(module, name)}\n" in page
    assert f"| {api_pages.link(module, name)} | " in page
    assert len(api_pages.summary(getattr(importlib.import_module(module), name))) > 10
    assert api_pages.link(module, name) in api_pages.index()


@pytest.mark.parametrize("module", [m for m in api_pages.MODULES if api_pages.MODULES[m].groups])
def test_no_name_is_left_without_a_group(module: str) -> None:
    groups = api_pages.grouped(module)
    assert api_pages.REST not in groups
    assert groups.keys() == api_pages.MODULES[module].groups.keys()


def test_the_methods_of_a_tensor_are_in_the_reference() -> None:
    entry = api_pages.entry("autograd_lite.Tensor", ag.Tensor)
    names = [n for n in dir(ag.Tensor) if not n.startswith("_") and n not in {"grad", "node"}]
    assert [name for name in names if f"'{name}'" not in entry] == []


def test_links_to_files_beside_the_pages_lead_somewhere() -> None:
    linked = [
        path
        for page in DOCS.glob("*.md")
        for path in api_pages.outside(page.read_text(encoding="utf-8"))
    ]
    assert linked
    assert [path for path in linked if not (DOCS.parent / path).is_file()] == []
