"""Layers that act in training only."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from autograd_lite.creation import source_of
from autograd_lite.errors import describe
from autograd_lite.tensor import Tensor

from .checks import as_floats, share
from .functional import dropout
from .module import Module

if TYPE_CHECKING:
    from autograd_lite.creation import Generator


class Dropout(Module):
    """In training, each element becomes 0 with probability p, and the others grow by 1 / (1 - p).

    So the mean is as it was, and in evaluation mode (`model.eval()`) the layer does nothing.

    Args:
        p: the probability, from 0 to less than 1.
        generator: what draws; the library's own unless given (see `autograd_lite.manual_seed`).

    Raises:
        ValueError: when `p` is out of range.
        TypeError: when `generator` is not one of NumPy's.

    Source:
        Srivastava et al., "Dropout: a simple way to prevent neural networks from overfitting",
        2014; the scaling in training ("inverted") from its section 10.

    Example:
        >>> import numpy as np
        >>> from autograd_lite import nn
        >>> layer = nn.Dropout(0.5, generator=np.random.default_rng(0))
        >>> layer(np.ones(5))
        Tensor([2., 2., 2., 0., 0.], dtype=float64)
        >>> layer.eval()(np.ones(5))
        Tensor([1., 1., 1., 1., 1.], dtype=float64)
    """

    def __init__(self, p: float = 0.5, *, generator: Generator | None = None) -> None:
        self.p = share("Dropout", "p", p)
        if self.p == 1:
            message = f"Dropout: got p={describe(p)}, which leaves nothing; expected less than 1"
            raise ValueError(message)
        if generator is not None:
            source_of("Dropout", generator)
        self.generator = generator

    def forward(self, x: Any) -> Tensor:
        """Drop elements of `x`, of any shape, and scale the rest; in evaluation mode return `x`."""
        given = as_floats(x)
        if not self.training or self.p == 0:
            return given
        return dropout(given, self._keep(given.shape), p=self.p)

    def _keep(self, shape: tuple[int, ...]) -> Tensor:
        source = source_of("Dropout", self.generator)
        drawn: Any
        if isinstance(source, np.random.Generator):
            drawn = source.random(shape, np.float32)  # half the time of float64
        else:
            drawn = source.random_sample(shape)
        return Tensor(np.asarray(drawn >= self.p), copy=False)

    def extra_repr(self) -> str:
        """The probability."""
        return f"p={self.p}"
