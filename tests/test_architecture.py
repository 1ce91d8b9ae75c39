"""The shape of the code: which module may import which, and how long a file may be.

Nothing of the project is imported here: its sources are parsed.
"""

import ast
import re
import sys
from collections.abc import Iterator
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
MAX_LINES = 320

# What each unit imports of the others. A unit is a module or a package of autograd_lite; the
# modules of one package import each other freely, and so do all under `if TYPE_CHECKING`.
BASE = {"dtypes", "errors", "kernels", "memory", "node", "recording", "replay", "rows", "threads"}
CORE = BASE | {"graph", "ops", "engine", "tensor"}
MAY_IMPORT: dict[str, set[str]] = {
    "allocator": set(),
    "dtypes": {"errors"},
    "errors": set(),
    "kernels": set(),
    "memory": set(),
    "node": set(),
    "order": set(),
    "recording": set(),
    "replace": set(),
    "replay": {"memory"},
    "rows": set(),
    "stacks": set(),
    "tables": set(),
    "threads": set(),
    "graph": BASE,
    "ops": BASE | {"graph"},
    "assignment": BASE | {"graph", "ops"},
    "operators": BASE | {"assignment", "graph", "ops"},
    "methods": BASE | {"graph", "ops"},
    "numpy_names": BASE | {"graph", "ops"},
    "numpy_protocol": BASE | {"graph", "numpy_names", "ops"},
    "exchange": {"dtypes", "errors"},
    "fft": BASE | {"graph", "ops", "stacks"},
    "lift": BASE | {"graph"},
    "delivery": BASE | {"graph", "ops"},
    "seeds": BASE | {"graph", "ops"},
    "engine": BASE | {"delivery", "graph", "lift", "ops", "order", "seeds"},
    "tensor_text": BASE | {"tables"},
    "tensor": BASE
    | {"graph", "ops", "operators", "methods", "numpy_protocol", "exchange", "engine"}
    | {"tensor_text"},
    "row_gradient": {"rows", "tensor"},
    "profiler_report": {"tables"},
    "profiler_watch": {"profiler_report", "recording"},
    "profiler": {"errors", "recording", "replace", "profiler_report", "profiler_watch"},
    "anomaly_origin": set(),
    "anomaly_report": {"anomaly_origin", "errors", "node"},
    "anomaly_watch": {"anomaly_origin", "anomaly_report", "recording"},
    "anomaly": {"anomaly_watch", "errors", "recording"},
    "creation": CORE,
    "dlpack": CORE,
    "random_state": {"errors"},
    "data": CORE | {"creation", "random_state"},
    "saving": CORE | {"creation", "random_state", "replace"},
    "func": CORE | {"creation", "lift", "order", "stacks"},
    "linalg": BASE | {"graph", "ops", "stacks"},
    "testing": CORE | {"creation", "func"},
    "nn": CORE | {"creation", "random_state", "tables"},
    "drawing": {"errors", "nn", "node", "replace", "tables", "tensor"},
    "onnx": CORE | {"nn", "replace"},
    "optim": {"errors", "kernels", "memory", "rows", "tables", "tensor"},
    "training": CORE | {"data", "nn", "optim", "saving"},
    "sklearn": CORE | {"creation", "data", "nn", "optim"},
    # The face, which alone knows nn and optim.
    "autograd_lite": CORE
    | {
        "allocator",
        "creation",
        "data",
        "dlpack",
        "fft",
        "func",
        "linalg",
        "nn",
        "onnx",
        "optim",
        "saving",
        "sklearn",
    }
    | {"testing", "training"},
}
# Against that direction, and so after everything else in the module.
LATE = {("graph", "tensor"), ("graph", "row_gradient")}
# Beyond NumPy and the standard library.
THIRD_PARTY = {
    "data": {"sklearn"},
    "kernels": {"numba"},
    "saving": {"safetensors"},
    "sklearn": {"sklearn"},
    "testing": {"hypothesis", "pytest"},
    "training": {"matplotlib", "tensorboardX", "tqdm"},
}
# Not run where the package is: for type checkers, and the alias of a checkout's top-level name.
EXEMPT = {"TYPE_CHECKING", "__name__ == 'nn'", "__name__ == 'optim'"}

Import = ast.Import | ast.ImportFrom


def sources(*folders: str) -> list[str]:
    """The Python files below some folders of the tree, by their path in it."""
    found = (path for folder in folders for path in (ROOT / folder).rglob("*.py"))
    return sorted(path.relative_to(ROOT).as_posix() for path in found)


PACKAGES = sources("autograd_lite", "nn", "optim")
FILES = PACKAGES + sources("docs", "examples", "tests")


def unit_of(path: str) -> str:
    """`autograd_lite/ops/reduce.py` is in ops, `nn/linear.py` in nn."""
    parts = path.removesuffix(".py").removesuffix("/__init__").split("/")
    return parts[1] if parts[0] == "autograd_lite" and len(parts) > 1 else parts[0]


def imports(tree: ast.AST) -> Iterator[Import]:
    """The imports that run, at the top of a module or inside a function."""
    if isinstance(tree, ast.If) and ast.unparse(tree.test) in EXEMPT:
        return
    if isinstance(tree, Import):
        yield tree
    for child in ast.iter_child_nodes(tree):
        yield from imports(child)


def targets(node: Import) -> list[str]:
    """The dotted names that an absolute import imports, with what it takes from the face."""
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    if node.module == "autograd_lite":
        return [f"autograd_lite.{alias.name}" for alias in node.names]
    return [node.module or ""]


def complaint(node: Import, unit: str, *, late: bool) -> str | None:
    """What is wrong with an import in `unit`, if anything is."""
    layered = unit in {"nn", "optim"}
    if isinstance(node, ast.ImportFrom) and node.level:
        return (
            None if layered and node.level == 1 else "relative, and not of a sibling in nn or optim"
        )
    for name in targets(node):
        top, _, rest = name.partition(".")
        target = rest.split(".")[0] or top
        if top != "autograd_lite":
            if top not in {"numpy", *sys.stdlib_module_names, *THIRD_PARTY.get(unit, ())}:
                return f"{top} is neither NumPy nor the standard library"
        elif (unit, target) in LATE:
            if not late:
                return "this one comes after everything else in its module"
        elif target == unit:
            if layered:
                return "a sibling is imported relatively"
        elif target not in MAY_IMPORT[unit]:
            return f"{unit} may not import {target}"
    return None


def violations(path: str, source: str) -> list[str]:
    """The imports in a file of the packages that break the rules above."""
    unit = unit_of(path)
    if unit not in MAY_IMPORT:
        return [f"{path}: {unit} has no line in MAY_IMPORT"]
    tree = ast.parse(source)
    end = max((node.lineno for node in tree.body if not isinstance(node, Import)), default=0)
    found = []
    for node in imports(tree):
        wrong = complaint(node, unit, late=node.lineno > end)
        if wrong:
            found.append(f"{path}:{node.lineno}: {ast.unparse(node)}: {wrong}")
    return found


def test_the_directions_have_no_cycle() -> None:
    assert set(TopologicalSorter(MAY_IMPORT).static_order()) == set(MAY_IMPORT)


@pytest.mark.parametrize("path", PACKAGES)
def test_imports_point_one_way(path: str) -> None:
    assert violations(path, (ROOT / path).read_text()) == []


@pytest.mark.parametrize(
    ("path", "source", "expected"),
    [
        ("autograd_lite/ops/reduce.py", "from autograd_lite.tensor import Tensor", "ops may not"),
        ("autograd_lite/engine.py", "from autograd_lite import nn", "engine may not import nn"),
        (
            "autograd_lite/engine.py",
            "def f():\n    import autograd_lite.optim",
            "may not import optim",
        ),
        ("autograd_lite/engine.py", "from .graph import Node", "relative"),
        ("autograd_lite/graph.py", "from autograd_lite.tensor import Tensor\nx = 1", "after"),
        ("autograd_lite/graph.py", "import scipy.special", "scipy is neither"),
        ("autograd_lite/newcomer.py", "", "no line in MAY_IMPORT"),
        ("nn/linear.py", "from autograd_lite.optim import SGD", "nn may not import optim"),
        ("nn/linear.py", "from autograd_lite.nn.module import Module", "relatively"),
        ("nn/linear.py", "from ..optim import SGD", "relative"),
        ("nn/linear.py", "import optim", "optim is neither"),
        ("optim/sgd.py", "import numpy as np\nfrom autograd_lite.ops import exp", "optim may not"),
        ("optim/sgd.py", "import autograd_lite", "optim may not import autograd_lite"),
    ],
)
def test_a_wrong_import_is_reported(path: str, source: str, expected: str) -> None:
    (found,) = violations(path, source)
    assert expected in found


@pytest.mark.parametrize(
    ("path", "source"),
    [
        ("autograd_lite/__init__.py", "from autograd_lite import nn as nn, optim as optim"),
        ("autograd_lite/graph.py", "x = 1\nfrom autograd_lite.tensor import Tensor"),
        (
            "autograd_lite/ops/reduce.py",
            "if TYPE_CHECKING:\n    from autograd_lite.nn import Module",
        ),
        ("autograd_lite/ops/reduce.py", "from autograd_lite.ops.shape import reshape\nimport math"),
        (
            "nn/__init__.py",
            "if __name__ == 'nn':\n    import autograd_lite.nn\nfrom .a import A as A",
        ),
        (
            "optim/sgd.py",
            "from autograd_lite.tensor import Tensor\nfrom .optimizer import Optimizer",
        ),
    ],
)
def test_a_right_import_is_not_reported(path: str, source: str) -> None:
    assert violations(path, source) == []


@pytest.mark.parametrize("path", FILES)
def test_a_file_is_short_documented_and_finished(path: str) -> None:
    text = (ROOT / path).read_text()
    assert len(text.splitlines()) <= MAX_LINES
    assert ast.get_docstring(ast.parse(text)), "the module has no docstring"
    assert re.findall(r"\b(?:TO[D]O|FIXM[E])\b", text) == []
