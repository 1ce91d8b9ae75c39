"""What a backward pass starts with: the gradients of its outputs, checked against them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from autograd_lite.dtypes import as_array
from autograd_lite.errors import describe
from autograd_lite.graph import wrap
from autograd_lite.ops import astype

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from autograd_lite.node import Array, Node
    from autograd_lite.tensor import Tensor


def seeds(
    outputs: Tensor | Sequence[Tensor], given: Any, *, create_graph: bool, allow_unused: bool
) -> dict[Any, Array]:
    """The gradients that `grad` starts with, by node."""
    gradients = given if isinstance(outputs, (list, tuple)) else [given]
    outputs = as_list(outputs)
    check_tensors("grad", "outputs", outputs)
    try:
        gradients = [None] * len(outputs) if gradients is None else list(gradients)
    except TypeError as error:
        message = (
            f"grad: got grad_outputs={describe(given)}; expected {len(outputs)} of them, one for"
            " each output"
        )
        raise TypeError(message) from error
    if len(gradients) != len(outputs):
        message = f"grad: got {len(gradients)} grad_outputs, {len(outputs)} outputs; give one each"
        raise ValueError(message)
    grads: dict[Any, Array] = {}
    for output, gradient in zip(outputs, gradients, strict=True):
        if output.node is not None or not allow_unused:
            started = seed(output, gradient, "grad", create_graph=create_graph)
            grads[output.node] = grads[output.node] + started if output.node in grads else started
    return grads


def seed(output: Tensor, gradient: Any, name: str, *, create_graph: bool) -> Array:
    """The gradient that a pass starts with, checked against `output`."""
    if output.node is None:
        message = (
            f"{name}: the output has no graph: nothing it was computed from requires a gradient,"
            " or it was computed under no_grad(); set requires_grad=True on an input first"
        )
        raise RuntimeError(message)
    if gradient is None:
        if output.size != 1:
            message = (
                f"{name}: got shape {output.shape} and no gradient; expected one element"
                " (reduce it with sum() or mean()), or give a gradient of that shape"
            )
            raise ValueError(message)
        ones = np.ones(output.shape, output.dtype)
        return wrap(ones) if create_graph else ones
    array = _as_array(name, gradient, output)
    if array.shape != output.shape:
        message = (
            f"{name}: got a gradient of shape {array.shape}; expected {output.shape}, the output's"
            " shape (see broadcast_to)"
        )
        raise ValueError(message)
    if hasattr(gradient, "node"):
        return astype(gradient, output.dtype) if create_graph else array.astype(output.dtype)
    return wrap(array.copy()) if create_graph else array  # a graph keeps it: the caller may not


def _as_array(name: str, gradient: Any, output: Tensor) -> NDArray[Any]:
    """What a gradient holds: that of a tensor as it is, anything else in the output's dtype."""
    if hasattr(gradient, "node"):
        return gradient._data  # type: ignore[no-any-return]
    try:
        return as_array(gradient, output.dtype)
    except TypeError as error:
        message = f"{name}: got the gradient {describe(gradient)}, which is no array: {error}"
        raise TypeError(message) from error


def check_tensors(name: str, kind: str, given: Sequence[Any]) -> None:
    """Refuse what is no tensor among the outputs or the inputs of a pass."""
    for i, x in enumerate(given):
        if not hasattr(x, "node"):
            message = f"{name}: {kind}[{i}] is {describe(x)}; expected a Tensor that was recorded"
            raise TypeError(message)


def wrong_gradient(error: Exception, gradient: Any, node: Node, parent: Node) -> Exception:
    """`error`, at what a closure of `node` returned, said of the op."""
    message = (
        f"{node.name}: its vjp for argument {list(node.inputs).index(parent)} returned"
        f" {describe(gradient)}, for the gradient of a result {node.shape} {node.dtype}; expected"
        f" floats of the argument's shape, {parent.shape}, or of one that it was broadcast to"
    )
    return (ValueError if isinstance(error, ValueError) else TypeError)(message)


def as_list(tensors: Tensor | Sequence[Tensor]) -> list[Tensor]:
    """One tensor or several, as a list."""
    return list(tensors) if isinstance(tensors, (list, tuple)) else [tensors]  # type: ignore[list-item]
