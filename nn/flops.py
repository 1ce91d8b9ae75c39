"""How many operations on numbers an op takes: a rule for each kind of op."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

# What moves numbers, or picks them, and computes none.
_MOVES = frozenset(
    [
        "astype",
        "broadcast_to",
        "concatenate",
        "diagonal",
        "embedding",
        "expand_dims",
        "flip",
        "getitem",
        "on_diagonal",
        "pad",
        "reshape",
        "roll",
        "squeeze",
        "stack",
        "swapaxes",
        "transpose",
        "tril",
        "triu",
    ]
)
# What passes over its numbers more than once: how often.
_PASSES = {
    "norm": 2,  # a square, a sum
    "var": 4,  # a sum, a difference, a square, a sum
    "std": 4,
    "logsumexp": 4,  # a maximum, a difference, an exponential, a sum
    "softmax": 5,  # the same, and a quotient
    "log_softmax": 5,
    "softmax_cross_entropy": 5,
    "class_cross_entropy": 5,
    "standardize": 5,  # those of a variance, and a quotient
}


def flops(name: str, arrays: Sequence[Any], static: Mapping[str, Any], out: Any) -> int:
    """The operations on numbers that an op takes, forward, by its definition.

    - matmul, (m, k) by (k, n): 2 m n k, a product and a sum for each; for each matrix of a stack.
    - linear: the same, and 1 for each element of the result for the bias and for an activation.
    - conv, conv_transpose: 2, a product and a sum, for each element of the weight at each place of
      a window, and 1 for each element of the result for the bias of a conv.
    - max_pool, sum_pool: 1 for each element of each window.
    - einsum of n operands: n for each combination of its labels' values.
    - what moves numbers or picks them (reshape, indexing, concatenate, embedding, astype): 0.
    - norm 2; var, std, logsumexp 4; softmax, log_softmax, the cross-entropies of logits, and
      standardize 5 for each element read.
    - every other op: 1 for each element of its result or of its largest operand, what is more: so a
      sum and an exponential are 1 for each.

    Args:
        name: the name of the op.
        arrays: what it was given by position.
        static: what it was given by name.
        out: its result.

    Example:
        >>> x, w = np.ones((5, 2)), np.ones((2, 3))
        >>> flops("matmul", [x, w], {}, x @ w), flops("exp", [x], {}, np.exp(x))
        (60, 10)
    """
    size = int(np.size(out))
    if name in _MOVES:
        return 0
    if name == "matmul":
        return 2 * size * int(np.shape(arrays[0])[-1])
    if name == "linear":
        has_bias = len(arrays) > 2 and arrays[2] is not None
        activates = len(arrays) > 3 or static.get("activation") is not None
        return size * (2 * int(arrays[1].shape[0]) + has_bias + activates)
    if name in {"conv", "conv_transpose", "max_pool", "sum_pool"}:
        return _of_windows(name, arrays, static, size)
    if name == "einsum" and len(arrays) > 1:
        sizes: dict[int, int] = {
            label: length
            for x, labels in zip(arrays, static["labels"], strict=True)
            for label, length in zip(labels, np.shape(x), strict=True)
        }
        return len(arrays) * math.prod(sizes.values())
    largest = max([size, *(int(x.size) for x in arrays if isinstance(x, np.ndarray))])
    return _PASSES.get(name, 1) * largest


def _of_windows(name: str, arrays: Sequence[Any], static: Mapping[str, Any], size: int) -> int:
    """The operations of a convolution or a pool whose result has that size."""
    if not name.startswith("conv"):
        kernel: tuple[int, ...] = static["kernel"]
        return size * math.prod(kernel)
    has_bias = len(arrays) > 2 and arrays[2] is not None
    windows = size if name == "conv" else int(np.size(arrays[0]))
    inner: tuple[int, ...] = arrays[1].shape[1:]
    return 2 * windows * math.prod(inner) + size * has_bias
