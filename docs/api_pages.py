"""A hook of MkDocs: the API reference is made from the code, so that nothing public is missing.

A page of the reference has a few groups of public names. What is public is what the faces of the
packages say: `from .linear import Linear as Linear`, and names without an underscore that a listed
module defines itself. Pages also link to files outside `docs/`, which the site then has copies of.
"""

from __future__ import annotations

import ast
import functools
import importlib
import inspect
import re
import sys
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mkdocs.config.defaults import MkDocsConfig
    from mkdocs.structure.files import Files
    from mkdocs.structure.pages import Page

ROOT = Path(__file__).resolve().parent.parent
OUTSIDE = re.compile(r"\]\(\.\./([\w./-]+)\)")  # a link from a page to a file beside docs/


class Module(NamedTuple):
    """A page of the reference: a public module, and which of its names stand under which title."""

    title: str
    about: str
    groups: Mapping[str, str] = MappingProxyType({})  # title -> what names of it match wholly
    only: str = ".*"  # a pattern of the names that this page has, if not all


# The public modules. All other modules are internal: tests/test_docs_api.py holds them to that.
MODULES = {
    "autograd_lite": Module(
        "autograd_lite",
        "The tensor, the functions that record, and what computes gradients. Arrays have NumPy's"
        " names: `axis`, `keepdims`.",
        {
            "Tensors": "Tensor|tensor|(?:zeros|ones|full)(?:_like)?|arange|randn|rand"
            "|[gs]et_default_dtype|manual_seed|get_generator",
            "Gradients": "grad|no_grad|enable_grad",
            "Training": "fit|save|load|Checkpoint|LoadError",
            "Watching": "profile|detect_anomaly|AnomalyError|draw_graph",
            "Exchange": "from_dlpack|to_onnx",
            "Elementwise": "abs|add|cbrt|clip|copysign|div|exp[2m1]*|float_power|fmax|fmin|hypot"
            "|ldexp|leaky_relu|log(?:1p|2|10)?|logaddexp2?|maximum|minimum|mul|nan_to_num|neg"
            "|positive|pow|reciprocal|relu|sigmoid|softplus|sqrt|square|sub|where",
            "Angles": "(?:arc)?(?:sin|cos|tan)h?|arctan2|deg2rad|rad2deg|sinc",
            "Steps and remainders": "ceil|divmod|fix|floor.*|fmod|heaviside|remainder|r.*nd|rint"
            "|sign|trunc",
            "Special functions": "erf|erfc|erfinv|lgamma|digamma|polygamma",
            "Reductions": "cumprod|cumsum|log_softmax|logsumexp|max|mean|min|norm|prod|softmax|std"
            "|sum|var",
            "Order and places": "argsort|put_along_axis|scatter_add|sort|take.*|topk",
            "Statistics": "average|corrcoef|cov|median|nanm.*|nan[^_]*|percentile|ptp|quantile",
            "Sequences": "convolve|correlate|diff|interp|trapezoid",
            "Products of matrices": "cross|dot|einsum|inner|kron|mat(?:mul|vec)|outer|tensordot"
            "|trace|tri.|vander|vdot|vec.*",
            "Shapes and axes": "atleast_.*|broadcast_.*|copy|diag.*|expand_dims|flip.*"
            "|matrix_transpose|meshgrid|moveaxis|pad|ravel|repeat|reshape|roll|rot90|squeeze"
            "|swapaxes|tile|transpose",
            "Joining and cutting": "append|block|concatenate|.*split|.*stack",
            "Items and choices": "choose|compress|delete|extract|.etitem|insert|piecewise|select",
            "Types, comparisons and bits": "astype|bitwise_.*|equal|greater.*|invert|less.*"
            "|not_equal",
        },
    ),
    "autograd_lite.nn": Module(
        "autograd_lite.nn",
        "Layers, activations and losses: classes, whose objects are called with arrays or tensors.",
        {
            "Modules": "Module|Parameter|Sequential",
            "Layers": "Linear|Bilinear|Embedding|Dropout|Flatten|Identity|LayerNorm|BatchNorm.d",
            "Convolutions and pools": "Conv.*|.*Pool.d",
            "Activations": ".*LU|Hardtanh|Sigmoid|Softplus|Tanh|(?:Log)?Softmax",
            "Losses": ".*Loss",
            "Checks": "check_.*",
        },
    ),
    "autograd_lite.nn.functional": Module(
        "autograd_lite.nn.functional", "What layers and losses are made of, as functions."
    ),
    "autograd_lite.nn.init": Module("autograd_lite.nn.init", "What `init_method` may say."),
    "autograd_lite.optim": Module(
        "autograd_lite.optim",
        "Rules that update parameters, schedules of the learning rate, clipping and averages.",
        {
            "Optimizers": "Optimizer|SGD|Ada.*|LAMB|LBFGS|Lion|.Adam|R[MSP]*[Pp]rop",
            "Schedules": ".*LR|.*Scheduler|.*WarmRestarts|.*Plateau",
            "Clipping and averages": "clip_.*|ExponentialMovingAverage",
        },
    ),
    "autograd_lite.func": Module(
        "autograd_lite.func",
        "Transforms of functions: what they take and give are trees (dicts, lists, tuples,"
        " dataclasses) of tensors.",
    ),
    "autograd_lite.linalg": Module(
        "autograd_lite.linalg",
        "Linear algebra under numpy.linalg's names. Functions take stacks of matrices (..., m, n);"
        " results of several arrays are named tuples.",
        {
            "Equations and inverses": "inv|lstsq|pinv|solve.*|tensorinv|tensorsolve",
            "Determinants and powers": "det|slogdet|matrix_power",
            "Factorizations": "cholesky|qr|eigh|eigvalsh|svd|svdvals",
            "Norms and numbers": "cond|matrix_norm|matrix_rank|norm|vector_norm",
            "Products and parts": "cross|diagonal|matmul|matrix_transpose|multi_dot|outer|tensordot"
            "|trace|vecdot",
            "Results and errors": ".*Result|DegenerateError",
        },
    ),
    "autograd_lite.fft": Module(
        "autograd_lite.fft",
        "Fourier transforms with NumPy's names. No tensor is complex: a spectrum is two of them.",
        {
            "Spectra": "Spectrum",
            "One axis": "i?r?fft",
            "Several axes": "i?r?fft[2n]",
            "Order of the frequencies": "i?fftshift",
        },
    ),
    "autograd_lite.data": Module(
        "autograd_lite.data", "Batches of arrays, one-hot labels, and Fashion-MNIST."
    ),
    "autograd_lite.training": Module(
        "autograd_lite.training",
        "Beside [`fit`][autograd_lite.fit]: its history, and callbacks.",
        only="(?!fit$).*",
    ),
    "autograd_lite.saving": Module(
        "autograd_lite.saving",
        "Beside [`save`][autograd_lite.save], [`load`][autograd_lite.load] and"
        " [`Checkpoint`][autograd_lite.Checkpoint].",
        only="Progress",
    ),
    "autograd_lite.sklearn": Module(
        "autograd_lite.sklearn",
        "Networks as estimators of scikit-learn: `pip install 'autograd-lite[sklearn]'`.",
    ),
    "autograd_lite.drawing": Module(
        "autograd_lite.drawing",
        "What [`draw_graph`][autograd_lite.draw_graph] returns.",
        only="Drawing",
    ),
    "autograd_lite.testing": Module("autograd_lite.testing", "Gradients, verified."),
    "autograd_lite.testing.strategies": Module(
        "autograd_lite.testing.strategies", "What Hypothesis draws.", only="(?!Call$|Shape$).*"
    ),
}
REST = "More"  # the group of names that no pattern matches


@functools.cache
def public_names(name: str) -> list[str]:
    """The public names of a module: what it exports as itself, and what it defines."""
    source = Path(inspect.getsourcefile(importlib.import_module(name)) or "")
    body = ast.parse(source.read_text(encoding="utf-8")).body
    for node in body:
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
            body = [*body, *node.body]  # what the face imports when it is first used
    found = {found for node in body for found in _names(node)}
    module, only = importlib.import_module(name), MODULES[name].only
    return sorted(
        (n for n in found if re.fullmatch(only, n) and not inspect.ismodule(getattr(module, n))),
        key=lambda n: (n.lower(), n),
    )


def _names(node: ast.stmt) -> list[str]:
    """The public names that a statement of a module makes."""
    if isinstance(node, ast.ImportFrom):
        return [alias.name for alias in node.names if alias.asname == alias.name]
    if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
        names = [node.name]
    elif isinstance(node, (ast.Assign, ast.AnnAssign)):
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        names = [target.id for target in targets if isinstance(target, ast.Name)]
    else:
        names = []
    return [name for name in names if not name.startswith("_")]


def grouped(name: str) -> dict[str, list[str]]:
    """The public names of a module by the group that they stand in, in the order of the groups."""
    groups: dict[str, list[str]] = {title: [] for title in (*MODULES[name].groups, REST)}
    for public in public_names(name):
        patterns = MODULES[name].groups.items()
        title = next((t for t, pattern in patterns if re.fullmatch(pattern, public)), REST)
        groups[title].append(public)
    return {title: names for title, names in groups.items() if names}


def summary(value: Any) -> str:
    """The first sentence of the docstring of a function or a class."""
    described = inspect.isclass(value) or callable(value)
    text = (inspect.getdoc(value) or "") if described else f"`{value!r}`"
    return text.split("\n\n")[0].replace("\n", " ").replace("|", "\\|")


def path_of(module: str, name: str) -> str:
    """Under what path the name is found in the sources: a module of that name would hide it."""
    value = getattr(importlib.import_module(module), name)
    hidden = f"{module}.{name}" in sys.modules
    return f"{value.__module__ if hidden else module}.{name}"


def link(module: str, name: str) -> str:
    """A link to what the reference says of a name."""
    return f"[`{name}`][{path_of(module, name)}]"


def address(name: str) -> str:
    """Where the page of a module is."""
    return f"api/{name}.md"


def page_of(name: str) -> str:
    """The page of a module, in Markdown: a table of each group, then what the docstrings say."""
    module, groups = importlib.import_module(name), grouped(name)
    lines = [f"# {MODULES[name].title}", "", MODULES[name].about, ""]
    for title, names in groups.items():
        if len(groups) > 1:
            lines += [f"**{title}**", ""]
        lines += ["| name | what it does |", "|---|---|"]
        lines += [f"| {link(name, n)} | {summary(getattr(module, n))} |" for n in names]
        lines.append("")
    for names in groups.values():
        lines += [entry(path_of(name, n), getattr(module, n)) for n in names]
    return "\n".join(lines)


def entry(path: str, value: Any) -> str:
    """What MkDocs is told to insert: the docstring, and those of the methods that say something.

    A subclass overrides many methods that its base describes; one with a docstring of a line, such
    as `update` of an optimizer, adds nothing for a reader. Bases that have no entry of their own
    are told of with the class.
    """
    if not inspect.isclass(value):
        return f"::: {path}\n"
    public = [base for base in value.__mro__[1:] if base.__name__ in all_names()]
    described = {base for ancestor in public for base in ancestor.__mro__}
    own = [base for base in value.__mro__ if base not in described]
    parts = [base for base in own if base.__module__.startswith("autograd_lite.")]
    mixins = [part for part in parts[1:] if part.__bases__ == (object,)]
    inherited = {name for base in value.__mro__[1:] if base not in mixins for name in vars(base)}
    members = {
        name: None
        for part in parts
        for name, member in vars(part).items()
        if not name.startswith("_")
        and (inspect.isroutine(member) or isinstance(member, property))
        and (name not in inherited or "\n" in (inspect.getdoc(member) or ""))
    }
    options = [f"members: {list(members) or 'false'}"]
    if members and parts[1:]:
        options.append("inherited_members: true")
    return "\n      ".join([f"::: {path}\n    options:", *options]) + "\n"


@functools.cache
def all_names() -> frozenset[str]:
    """The public names of all modules."""
    return frozenset(name for module in MODULES for name in public_names(module))


@functools.cache
def index() -> str:
    """The first page of the reference."""
    lines = ["# API reference", ""]
    for name, module in MODULES.items():
        lines += [f"## [{name}]({name}.md)", "", module.about, ""]
        for title, names in grouped(name).items():
            listed = ", ".join(link(name, n) for n in names)
            lines += [f"{title}: {listed}" if len(grouped(name)) > 1 else listed, ""]
    return "\n".join(lines)


@functools.cache
def pages() -> dict[str, str]:
    """All pages of the reference, by their address."""
    return {"api/index.md": index()} | {address(name): page_of(name) for name in MODULES}


# ---- what MkDocs calls


def on_config(config: MkDocsConfig) -> None:
    """Append the reference to the navigation."""
    (config.nav or []).append({"API reference": list(pages())})


def on_files(files: Files, config: MkDocsConfig) -> None:
    """Add the pages of the reference, and copies of what pages link to outside of `docs/`."""
    from mkdocs.structure.files import File  # noqa: PLC0415  # the tests run where it is not

    linked = {path for file in files.documentation_pages() for path in outside(file.content_string)}
    for path in sorted(linked):
        files.append(File.generated(config, path, abs_src_path=str(ROOT / path)))
    for path, content in pages().items():
        files.append(File.generated(config, path, content=content))


def outside(markdown: str) -> list[str]:
    """The files outside of `docs/` that a page links to, by their path in the tree."""
    return OUTSIDE.findall(markdown)


def on_page_markdown(markdown: str, *, page: Page, config: MkDocsConfig, files: Files) -> str:  # noqa: ARG001  # as MkDocs calls it
    """Link to the copies."""
    return OUTSIDE.sub(r"](\1)", markdown)
