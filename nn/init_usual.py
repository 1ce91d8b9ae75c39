"""The usual initialisers beside the documents': Glorot's, Kaiming's, and orthogonal matrices."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from autograd_lite.errors import composite

from .drawing import EXPECTS, inputs, randn, uniformly

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from autograd_lite.creation import Generator


@composite(EXPECTS)
def glorot_uniform(
    shape: Sequence[int],
    *,
    generator: Generator | None = None,
    fan_in: int | None = None,
    fan_out: int | None = None,
) -> NDArray[np.float64]:
    """Uniform with std sqrt(2 / (n + m)), n inputs to a unit and m outputs: Glorot's own.

    It keeps the variance forwards and backwards as well as one number can; the documents' `xavier`
    keeps it forwards.

    Args:
        shape: the shape to draw.
        generator: what draws; the library's own unless given (see `autograd_lite.manual_seed`).
        fan_in: n; unless given the first size of `shape`, for weights are (in, out).
        fan_out: m; unless given the last size of `shape`.

    Source:
        Glorot and Bengio, "Understanding the difficulty of training deep feedforward neural
        networks", 2010, equation 16.

    Example:
        >>> import numpy as np
        >>> from autograd_lite import nn
        >>> w = nn.init.glorot_uniform((300, 300), generator=np.random.default_rng(0))
        >>> float(abs(w).max().round(3))
        0.1
    """
    return _uniform(shape, _both_ways(shape, fan_in, fan_out), generator)


@composite(EXPECTS)
def glorot_normal(
    shape: Sequence[int],
    *,
    generator: Generator | None = None,
    fan_in: int | None = None,
    fan_out: int | None = None,
) -> NDArray[np.float64]:
    """Normal with std sqrt(2 / (n + m)), n inputs to a unit and m outputs.

    Args:
        shape: the shape to draw.
        generator: what draws; the library's own unless given (see `autograd_lite.manual_seed`).
        fan_in: n; unless given the first size of `shape`, for weights are (in, out).
        fan_out: m; unless given the last size of `shape`.

    Source:
        Glorot and Bengio, 2010, equation 12.

    Example:
        >>> import numpy as np
        >>> from autograd_lite import nn
        >>> nn.init.glorot_normal((50, 150), generator=np.random.default_rng(0)).std().round(2)
        np.float64(0.1)
    """
    return randn(shape, _both_ways(shape, fan_in, fan_out), generator)


@composite(EXPECTS)
def kaiming_uniform(
    shape: Sequence[int],
    *,
    generator: Generator | None = None,
    fan_in: int | None = None,
    alpha: float = 0.0,
) -> NDArray[np.float64]:
    """Uniform with std sqrt(2 / ((1 + alpha^2) n)), n inputs to a unit.

    Args:
        shape: the shape to draw.
        generator: what draws; the library's own unless given (see `autograd_lite.manual_seed`).
        fan_in: n; unless given the first size of `shape`, for weights are (in, out).
        alpha: the slope of the LeakyReLU that follows; 0 for ReLU.

    Source:
        He et al., "Delving deep into rectifiers", 2015, equation 15.

    Example:
        >>> import numpy as np
        >>> from autograd_lite import nn
        >>> w = nn.init.kaiming_uniform((600, 100), generator=np.random.default_rng(0))
        >>> float(abs(w).max().round(3))
        0.1
    """
    return _uniform(shape, _for_rectifier(shape, fan_in, alpha), generator)


@composite(EXPECTS)
def kaiming_normal(
    shape: Sequence[int],
    *,
    generator: Generator | None = None,
    fan_in: int | None = None,
    alpha: float = 0.0,
) -> NDArray[np.float64]:
    """Normal with std sqrt(2 / ((1 + alpha^2) n)): `he` at alpha = 0, else `he_leaky`.

    Args:
        shape: the shape to draw.
        generator: what draws; the library's own unless given (see `autograd_lite.manual_seed`).
        fan_in: n; unless given the first size of `shape`, for weights are (in, out).
        alpha: the slope of the LeakyReLU that follows; 0 for ReLU.

    Source:
        He et al., "Delving deep into rectifiers", 2015, equation 15.

    Example:
        >>> import numpy as np
        >>> from autograd_lite import nn
        >>> nn.init.kaiming_normal((200, 100), generator=np.random.default_rng(0)).std().round(2)
        np.float64(0.1)
    """
    return randn(shape, _for_rectifier(shape, fan_in, alpha), generator)


@composite(EXPECTS)
def orthogonal(
    shape: Sequence[int],
    *,
    generator: Generator | None = None,
    fan_in: int | None = None,  # noqa: ARG001  # as the others
    gain: float = 1.0,
) -> NDArray[np.float64]:
    """A random matrix with orthonormal rows or columns, whichever are fewer: lengths are kept.

    Drawn evenly from all such matrices. More than two axes are a matrix of the last one and of all
    others together.

    Args:
        shape: the shape to draw, of at least two axes.
        generator: what draws; the library's own unless given (see `autograd_lite.manual_seed`).
        fan_in: not used.
        gain: what the matrix is multiplied by.

    Raises:
        ValueError: when `shape` has fewer than two axes.

    Source:
        Saxe et al., "Exact solutions to the nonlinear dynamics of learning in deep linear neural
        networks", 2013.

    Example:
        >>> import numpy as np
        >>> from autograd_lite import nn
        >>> w = nn.init.orthogonal((3, 2))
        >>> np.allclose(w.T @ w, np.eye(2))
        True
    """
    if len(shape) < 2:
        message = f"orthogonal: got shape {tuple(shape)}; expected at least two axes: (in, out)"
        raise ValueError(message)
    scale = float(gain)  # before anything is drawn, for it may be none
    rows, columns = math.prod(shape[:-1]), shape[-1]
    tall = (max(rows, columns), min(rows, columns))
    q, r = np.linalg.qr(randn(tall, 1.0, generator))
    q = q * np.where(np.diagonal(r) < 0, -1.0, 1.0)  # or the signs would not be even
    matrix = q if rows >= columns else q.T
    return np.asarray(matrix * scale, np.float64).reshape(tuple(shape))


def _both_ways(shape: Sequence[int], fan_in: int | None, fan_out: int | None) -> float:
    outputs = shape[-1] if fan_out is None else fan_out
    return math.sqrt(2 / (inputs(shape, fan_in) + outputs))


def _for_rectifier(shape: Sequence[int], fan_in: int | None, alpha: float) -> float:
    return math.sqrt(2 / ((1 + alpha**2) * inputs(shape, fan_in)))


def _uniform(shape: Sequence[int], std: float, generator: Generator | None) -> NDArray[np.float64]:
    return uniformly(shape, math.sqrt(3) * std, generator)
