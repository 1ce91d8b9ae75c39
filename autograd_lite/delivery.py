"""What becomes of a gradient that is complete: the hooks see it, and tensors take it as `grad`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from autograd_lite.dtypes import as_array
from autograd_lite.errors import describe
from autograd_lite.graph import wrap
from autograd_lite.memory import private, writable
from autograd_lite.ops import astype
from autograd_lite.rows import Rows, rows_of

if TYPE_CHECKING:
    from autograd_lite.node import Array, Node
    from autograd_lite.tensor import Tensor


def check_grad(tensor: Tensor, grad: Any) -> None:
    """Refuse a `grad` that nothing can be added to: of another kind or shape than a gradient's."""
    if not hasattr(grad, "node") or grad.dtype.kind != "f" or grad.shape != tensor.shape:
        kind = ValueError if hasattr(grad, "node") else TypeError
        message = (
            f"backward: got {describe(grad)} as grad of a tensor {describe(tensor)}; expected a"
            f" Tensor of floats of shape {tensor.shape}, to add to, or None: x.grad = None"
        )
        raise kind(message)


def accumulate(tensor: Tensor, gradient: Tensor) -> None:
    """Add `gradient` to `tensor.grad`, in place where neither has a graph."""
    if tensor.grad is None:
        tensor.grad = gradient
    elif tensor.grad.node is None and gradient.node is None:
        rows = rows_of(gradient)
        if rows is not None and rows_of(tensor.grad) is not None:
            tensor.grad.join(rows)  # type: ignore[attr-defined]  # of a RowGradient
        else:
            total = writable(tensor.grad)
            total += gradient._data if rows is None else rows
    else:
        tensor.grad = tensor.grad + gradient


def keep_gradient(tensor: Tensor | None, g: Array) -> list[tuple[Tensor, Tensor]]:
    """The result of an op, and for its `grad` a copy of a gradient that is passed on as well."""
    if tensor is None:
        return []
    return [(tensor, wrap(g._data, g.node) if hasattr(g, "node") else wrap(np.array(g)))]


def through_hooks(node: Node, g: Array) -> Array:
    """`g` after the hooks of `node`: each may replace it by a tensor of its shape."""
    if not node.hooks:
        return g
    if type(g) is Rows:
        g = np.asarray(g)  # for a hook that was added since they came here
    live = hasattr(g, "node")
    gradient = g if live else wrap(g)
    for hook in tuple(node.hooks.values()):
        new = hook(gradient)
        if new is not None:
            if np.shape(new) != node.shape:
                message = (
                    f"register_hook: a hook returned shape {np.shape(new)}; expected {node.shape},"
                    " the gradient's own, or None to leave it"
                )
                raise ValueError(message)
            new = new if hasattr(new, "node") else wrap(as_array(new, node.dtype).copy())
            gradient = new if new.dtype == node.dtype else astype(new, node.dtype)
    array = private(gradient)  # for a hook may keep what `data` gave it
    return wrap(array, gradient.node) if live else array
