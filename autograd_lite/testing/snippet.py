"""A few lines of Python that show one wrong entry without any checker."""

from __future__ import annotations

import inspect
import sys
from typing import TYPE_CHECKING, Any

from autograd_lite.testing.subject import OfTensors

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from autograd_lite.testing.report import Place
    from autograd_lite.testing.subject import Subject

_WRITTEN = 200  # elements of all inputs, up to which their values are written out

_OF_TENSORS = """\
def values(*x):
    out = f(*x)
    return [y for y in (out if isinstance(out, (list, tuple)) else [out]) if y.dtype.kind == "f"]
def moved(t, requires_grad=False):
    x = [np.array(a) for a in inputs]
    x[k][i] += t
    return [ag.tensor(a, requires_grad=requires_grad and a.dtype.kind == "f") for a in x]
def y(t):
    return values(*moved(t))[o][j].item()
leaves = moved(0.0, requires_grad=True)
values(*leaves)[o][j].backward()
print("analytic ", leaves[k].grad[i].item())
print("numerical", (y(h) - y(-h)) / (2 * h))"""

_PLAIN = """\
def values(x):
    out = f(*x)
    return [np.asarray(y) for y in (out if isinstance(out, (list, tuple)) else [out])]
def moved(t):
    x = [np.array(a) for a in inputs]
    x[k][i] += t
    return x
cotangents = [np.zeros_like(y) for y in values(inputs)]
cotangents[o][j] = 1.0
several = isinstance(f(*inputs), (list, tuple))
gradients = vjp(tuple(cotangents) if several else cotangents[o], *inputs)
print("analytic ", (gradients if isinstance(gradients, (list, tuple)) else [gradients])[k][i])
print("numerical", (values(moved(h))[o][j] - values(moved(-h))[o][j]) / (2 * h))"""


def snippet(subject: Subject, order: int, output: Place, entry: Place, seed: int) -> list[str]:
    """The lines of a script that prints one entry of a Jacobian, analytic and numerical.

    What cannot be imported or written out is left to the reader: a function that was made inside
    another one, large inputs, and the weights of a higher order, which `gradcheck` draws again.
    """
    of_tensors = isinstance(subject, OfTensors)
    lines = ["import numpy as np"]
    if of_tensors:
        lines.append("import autograd_lite as ag")
    lines += _origin(subject.f, "f")
    if subject.vjp is not None:
        lines += _origin(subject.vjp, "vjp")
    lines.append(_written(subject.arrays))
    if order > 1:
        lines.append("from autograd_lite.testing import gradcheck")
        return [*lines, f"gradcheck(f, inputs, order={order}, seed={seed})"]
    # Positions among all inputs, and among the floating outputs of a function of tensors.
    lines.append(f"k, i, o, j, h = {entry.array}, {entry.at}, {output.array}, {output.at}, 1e-5")
    return [*lines, *(_OF_TENSORS if of_tensors else _PLAIN).splitlines()]


def _origin(function: Any, name: str) -> list[str]:
    """How to come by a function: an import of it where that gives the same one, else a remark."""
    module = sys.modules.get(getattr(function, "__module__", None) or "")
    qualname = getattr(function, "__qualname__", "")
    if module is not None and getattr(module, qualname, None) is function:
        source = module.__name__
        if source != "__main__":
            return [f"from {source} import {qualname} as {name}"]
    try:
        where = f"line {inspect.getsourcelines(function)[1]} of {inspect.getsourcefile(function)}"
    except (TypeError, OSError):
        where = repr(function)
    return [f"{name} = ...  # as given: {where}"]


def _written(arrays: list[NDArray[Any]]) -> str:
    if sum(a.size for a in arrays) > _WRITTEN:
        shapes = ", ".join(f"{a.shape} {a.dtype}" for a in arrays)
        return f"inputs = [...]  # as given: {shapes}"
    return f"inputs = [{', '.join(map(_literal, arrays))}]"


def _literal(a: NDArray[Any]) -> str:
    if a.size == 0:
        return f"np.empty({a.shape}, np.{a.dtype})"
    return f"np.array({a.tolist()!r})"
