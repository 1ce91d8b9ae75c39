"""A table of vectors, by number."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from autograd_lite.dtypes import floating
from autograd_lite.errors import describe, is_whole
from autograd_lite.ops import astype

from .checks import indices
from .functional import as_tensor, embedding
from .init import Init, draw
from .module import Module
from .parameter import Parameter, whole

if TYPE_CHECKING:
    from numpy.typing import DTypeLike

    from autograd_lite.creation import Generator
    from autograd_lite.tensor import Tensor


class Embedding(Module):
    """A vector for each of n things: a table whose rows are looked up by number, and learnt.

    Of a large table the gradient is kept as the rows that were used; `SGD` without momentum and
    `AdaGrad` update these alone, and other optimizers with `lazy_rows=True`.

    Args:
        num_embeddings: n.
        embedding_dim: the size of a vector.
        padding_idx: a number that stands for nothing: its row is 0, and stays so, for no gradient
            flows to it. A negative one counts from the end.
        init_method: how the table is drawn, as for `Linear`; standard normal unless given.
        dtype: the dtype of the table; the default one unless given.
        generator: what draws; the library's own unless given (see `autograd_lite.manual_seed`).

    Attributes:
        weight: the table, (num_embeddings, embedding_dim).

    Raises:
        ValueError: when a size is not a positive integer, `padding_idx` is out of range, or there
            is no such `init_method`.
        TypeError: when `dtype` is not floating, or `generator` not one of NumPy's.

    Example:
        >>> from autograd_lite import nn
        >>> table = nn.Embedding(10, 3, padding_idx=0)
        >>> table([[1, 2, 0], [9, 1, 1]]).shape
        (2, 3, 3)
        >>> table([0]).detach()
        Tensor([[0., 0., 0.]])
    """

    weight: Parameter

    def __init__(
        self,
        num_embeddings: int,
        embedding_dim: int,
        padding_idx: int | None = None,
        *,
        init_method: Init | None = None,
        dtype: DTypeLike | None = None,
        generator: Generator | None = None,
    ) -> None:
        self.num_embeddings = n = whole("Embedding", "num_embeddings", num_embeddings)
        self.embedding_dim = whole("Embedding", "embedding_dim", embedding_dim)
        if padding_idx is not None and not (is_whole(padding_idx, -n) and padding_idx < n):
            message = (
                f"Embedding: got padding_idx={describe(padding_idx)}; expected a row of the table,"
                f" from {-n} to {n - 1}, or None"
            )
            raise ValueError(message)
        self.padding_idx = None if padding_idx is None else padding_idx % n
        chosen, shape = floating("Embedding", dtype), (n, self.embedding_dim)
        method = _normal if init_method is None else init_method
        drawn = draw("Embedding", method, shape, fan_in=n, generator=generator)
        if self.padding_idx is not None:
            drawn[self.padding_idx] = 0
        self.weight = Parameter(drawn, dtype=chosen)

    def forward(self, index: Any) -> Tensor:
        """Look up rows.

        Args:
            index: integers from 0 to num_embeddings - 1, of any shape.

        Returns:
            (*index.shape, embedding_dim).

        Raises:
            TypeError: when `index` is not of integers.
            IndexError: when one is out of range.
        """
        name = f"Embedding({self.num_embeddings}, {self.embedding_dim})"
        given = as_tensor(index)
        indices(name, "index", given, self.num_embeddings, "embeddings")
        rows = astype(given, np.intp)  # by an op, so that who watches the ops sees where it is from
        return embedding(self.weight, rows, padding_idx=self.padding_idx)

    def extra_repr(self) -> str:
        """The sizes, and the padding."""
        sizes = f"num_embeddings={self.num_embeddings}, embedding_dim={self.embedding_dim}"
        return sizes if self.padding_idx is None else f"{sizes}, padding_idx={self.padding_idx}"


def _normal(shape: tuple[int, ...], generator: Generator) -> Any:
    return generator.standard_normal(shape)
