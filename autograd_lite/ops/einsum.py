"""Einstein sums: any number of operands, repeated and omitted indices, ellipsis, broadcasting."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING, Any

import numpy as np

from autograd_lite.errors import composite
from autograd_lite.graph import op_expecting
from autograd_lite.ops.matrix import diagonal
from autograd_lite.ops.reduce import sum
from autograd_lite.ops.shape import reshape

if TYPE_CHECKING:
    from collections.abc import Sequence

    from autograd_lite.node import Array
    from autograd_lite.tensor import Tensor

_SUBSCRIPTS = (
    "subscripts such as 'ij,jk->ik' that name each axis of each operand, of one size a name"
)


@composite(_SUBSCRIPTS)
def einsum(subscripts: str, *operands: Any) -> Tensor:
    """The Einstein sum: the product of the operands, summed over the indices that the result lacks.

    Args:
        subscripts: a letter for each axis of each operand, and of the result after '->'; a letter
            may be repeated (a diagonal), '...' stands for the axes not named. Without '->' the
            result has the letters that occur once, in the order of the alphabet.
        *operands: one or more arrays.

    Raises:
        ValueError: when the subscripts do not fit the operands.

    Example:
        >>> import autograd_lite as ag
        >>> ag.einsum("ij,j->i", ag.tensor([[1.0, 2.0], [3.0, 4.0]]), ag.tensor([1.0, 1.0]))
        Tensor([3., 7.])
    """
    labels, output = _parse(subscripts, [np.ndim(x) for x in operands])
    return contract(operands, labels, output)


def _parse(subscripts: str, ndims: Sequence[int]) -> tuple[list[list[int]], list[int]]:
    """A label for each axis of operands and result; those of an ellipsis are negative."""
    text = subscripts.replace(" ", "")
    match = re.fullmatch(r"([A-Za-z.,]*)(?:->([A-Za-z.]*))?", text)
    terms = match[1].split(",") if match else []
    if match is None or any(re.fullmatch(r"[A-Za-z]*(\.\.\.)?[A-Za-z]*", t) is None for t in terms):
        message = f"cannot read {subscripts!r}"
        raise ValueError(message)
    if len(terms) != len(ndims):
        message = f"{subscripts!r} names {len(terms)} operands, and {len(ndims)} are given"
        raise ValueError(message)
    labels = [_labels(term, ndim) for term, ndim in zip(terms, ndims, strict=True)]
    ellipsis = sorted({label for term in labels for label in term if label < 0})
    if match[2] is None:
        count = Counter(label for term in labels for label in term)
        return labels, ellipsis + sorted(i for i, n in count.items() if n == 1 and i >= 0)
    output = _labels(match[2], len(match[2].replace("...", "")) + len(ellipsis))
    if ellipsis and "..." not in match[2]:
        message = (
            f"{subscripts!r}: the operands' '...' is missing from the result; sum it beforehand"
        )
        raise ValueError(message)
    if unknown := set(output) - {label for term in labels for label in term}:
        message = f"{subscripts!r}: {sorted(map(chr, unknown))} are in no operand"
        raise ValueError(message)
    if len(set(output)) != len(output):
        message = f"{subscripts!r}: an index is repeated in the result"
        raise ValueError(message)
    return labels, output


def _labels(term: str, ndim: int) -> list[int]:
    before, dots, after = term.partition("...")
    extra = ndim - len(before) - len(after)
    if extra < 0 or (extra > 0 and not dots):
        message = f"{term!r} names {len(before) + len(after)} axes of an operand that has {ndim}"
        raise ValueError(message)
    return [*map(ord, before), *range(-extra, 0), *map(ord, after)]


def contract(  # noqa: C901
    operands: Sequence[Any], labels: Sequence[list[int]], output: list[int]
) -> Tensor:
    """The Einstein sum with a list of labels for each operand and for the result.

    What only one operand is concerned with is done to it first, by ops of its own: a repeated label
    is a diagonal, a size of 1 that broadcasts is dropped, an axis in nothing else is summed.
    What is left is a product whose gradients are products of the same kind.
    """
    operands, labels = list(operands), [list(term) for term in labels]
    for n, term in enumerate(labels):
        while (repeated := next((i for i in term if term.count(i) > 1), None)) is not None:
            first = term.index(repeated)
            second = term.index(repeated, first + 1)
            if np.shape(operands[n])[first] != np.shape(operands[n])[second]:
                message = f"a repeated index names axes of two sizes in {np.shape(operands[n])}"
                raise ValueError(message)
            operands[n] = diagonal(operands[n], 0, first, second)
            del term[second], term[first]
            term.append(repeated)
    sizes: dict[int, int] = {}
    for x, term in zip(operands, labels, strict=True):
        for label, size in zip(term, np.shape(x), strict=True):
            if sizes.setdefault(label, size) == 1:
                sizes[label] = size
            elif size not in {1, sizes[label]}:
                message = f"an index names axes of sizes {sizes[label]} and {size}"
                raise ValueError(message)
    for n, (x, term) in enumerate(zip(operands, labels, strict=True)):
        shape = np.shape(x)
        stretched = [i for i, label in enumerate(term) if shape[i] == 1 != sizes[label]]
        if stretched:
            operands[n] = reshape(x, [s for i, s in enumerate(shape) if i not in stretched])
            labels[n] = [label for i, label in enumerate(term) if i not in stretched]
    count = Counter(output) + Counter(label for term in labels for label in term)
    for n, term in enumerate(labels):
        alone = tuple(i for i, label in enumerate(term) if count[label] == 1)
        if alone:
            operands[n] = sum(operands[n], alone)
            labels[n] = [label for label in term if count[label] > 1]
    return _einsum(*operands, labels=tuple(map(tuple, labels)), output=tuple(output))


@op_expecting("labels that each name axes of one size")
def _einsum(
    *operands: Array, labels: tuple[tuple[int, ...], ...], output: tuple[int, ...]
) -> tuple[Any, ...]:
    """The Einstein sum where each label is in two of the terms at least, the result being one."""
    number = {label: i for i, label in enumerate(sorted({*output}.union(*labels)))}
    terms: list[Any] = []
    for x, term in zip(operands, labels, strict=True):
        terms += [x, [number[label] for label in term]]
    out = np.einsum(*terms, [number[label] for label in output], optimize=len(operands) > 1)
    return out, *(
        lambda g, i=i: _einsum(
            g,
            *operands[:i],
            *operands[i + 1 :],
            labels=(output, *labels[:i], *labels[i + 1 :]),
            output=labels[i],
        )
        for i in range(len(operands))
    )
