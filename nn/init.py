"""Initialisers: how the weights of a layer are drawn before training.

Those of the documents are here, normal by the number of inputs; the usual ones of other libraries
are in `init_usual`, and have their names here too.

Each draws in float64, so a seed gives the same weights, rounded, at every dtype. From
`generator=np.random.RandomState(1)` come the numbers of `np.random.seed(1); np.random.randn(...)`.
"""

from __future__ import annotations

import math
from functools import partial
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from autograd_lite.creation import source_of
from autograd_lite.errors import composite, describe, is_one_of

from .drawing import EXPECTS, inputs, randn, uniformly
from .init_usual import glorot_normal as glorot_normal
from .init_usual import glorot_uniform as glorot_uniform
from .init_usual import kaiming_normal as kaiming_normal
from .init_usual import kaiming_uniform as kaiming_uniform
from .init_usual import orthogonal as orthogonal

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from autograd_lite.creation import Generator

# A name in METHODS, or a function like those below: of a shape, and of a `generator` by keyword.
Init: TypeAlias = "str | Callable[..., Any]"


@composite(EXPECTS)
def xavier(
    shape: Sequence[int], *, generator: Generator | None = None, fan_in: int | None = None
) -> NDArray[np.float64]:
    """Normal with std sqrt(1 / n), n inputs to a unit: keeps the variance through linear layers.

    Args:
        shape: the shape to draw.
        generator: what draws; the library's own unless given (see `autograd_lite.manual_seed`).
        fan_in: n; unless given the first size of `shape`, for weights are (in, out).

    Source:
        Document 1; Glorot and Bengio, "Understanding the difficulty of training deep feedforward
        neural networks", 2010, with the inputs alone.

    Example:
        >>> import numpy as np
        >>> from autograd_lite import nn
        >>> nn.init.xavier((100, 100), generator=np.random.default_rng(0)).std().round(2)
        np.float64(0.1)
    """
    return randn(shape, math.sqrt(1 / inputs(shape, fan_in)), generator)


@composite(EXPECTS)
def he(
    shape: Sequence[int], *, generator: Generator | None = None, fan_in: int | None = None
) -> NDArray[np.float64]:
    """Normal with std sqrt(2 / n), n inputs to a unit: keeps the variance through ReLU layers.

    Args:
        shape: the shape to draw.
        generator: what draws; the library's own unless given (see `autograd_lite.manual_seed`).
        fan_in: n; unless given the first size of `shape`, for weights are (in, out).

    Source:
        He et al., "Delving deep into rectifiers", 2015, equation 10.

    Example:
        >>> import numpy as np
        >>> from autograd_lite import nn
        >>> nn.init.he((200, 100), generator=np.random.default_rng(0)).std().round(2)
        np.float64(0.1)
    """
    return randn(shape, math.sqrt(2 / inputs(shape, fan_in)), generator)


@composite(EXPECTS)
def he_leaky(
    shape: Sequence[int],
    *,
    generator: Generator | None = None,
    fan_in: int | None = None,
    alpha: float = 0.01,
) -> NDArray[np.float64]:
    """Normal with std sqrt(2 / ((1 + alpha^2) n)): keeps the variance through LeakyReLU layers.

    Args:
        shape: the shape to draw.
        generator: what draws; the library's own unless given (see `autograd_lite.manual_seed`).
        fan_in: n; unless given the first size of `shape`, for weights are (in, out).
        alpha: the slope of the LeakyReLU that follows.

    Source:
        Document 1; He et al., "Delving deep into rectifiers", 2015, equation 15.

    Example:
        >>> import numpy as np
        >>> from autograd_lite import nn
        >>> nn.init.he_leaky((200, 100), generator=np.random.default_rng(0)).std().round(2)
        np.float64(0.1)
    """
    variance = 2 / ((1 + alpha**2) * inputs(shape, fan_in))
    return randn(shape, math.sqrt(variance), generator)


@composite(EXPECTS)
def normal(
    shape: Sequence[int],
    *,
    generator: Generator | None = None,
    fan_in: int | None = None,  # noqa: ARG001  # as the others
    std: float = 0.01,
) -> NDArray[np.float64]:
    """Normal with a given standard deviation, whatever the number of inputs.

    Args:
        shape: the shape to draw.
        generator: what draws; the library's own unless given (see `autograd_lite.manual_seed`).
        fan_in: not used.
        std: the standard deviation.

    Source:
        Document 2: `0.01 * np.random.randn(n_inputs, n_neurons)`.

    Example:
        >>> import numpy as np
        >>> from autograd_lite import nn
        >>> nn.init.normal((2, 1), generator=np.random.RandomState(42))
        array([[ 0.00496714],
               [-0.00138264]])
    """
    return randn(shape, std, generator)


@composite(EXPECTS)
def uniform(
    shape: Sequence[int],
    *,
    generator: Generator | None = None,
    fan_in: int | None = None,
    limit: float | None = None,
) -> NDArray[np.float64]:
    """Uniform between -limit and limit.

    Args:
        shape: the shape to draw.
        generator: what draws; the library's own unless given (see `autograd_lite.manual_seed`).
        fan_in: n; unless given the first size of `shape`, for weights are (in, out).
        limit: the largest magnitude; sqrt(1 / n) unless given.

    Example:
        >>> import numpy as np
        >>> from autograd_lite import nn
        >>> w = nn.init.uniform((100, 100), generator=np.random.default_rng(0))
        >>> float(abs(w).max().round(3))
        0.1
    """
    bound = math.sqrt(1 / inputs(shape, fan_in)) if limit is None else limit
    return uniformly(shape, bound, generator)


_DOCUMENTS = (xavier, he, he_leaky, normal, uniform)
_USUAL = (glorot_uniform, glorot_normal, kaiming_uniform, kaiming_normal, orthogonal)

METHODS: dict[str, Callable[..., NDArray[np.float64]]] = {
    method.__name__: method for method in (*_DOCUMENTS, *_USUAL)
}


def draw(
    name: str,
    method: Init,
    shape: tuple[int, ...],
    *,
    fan_in: int,
    generator: Generator | None = None,
) -> NDArray[Any]:
    """The first weights of a layer.

    Args:
        name: the layer, for the error message.
        method: a name in `METHODS`, or a function of a shape and of `generator` by keyword.
        shape: the shape of the weights.
        fan_in: the number of inputs to a unit.
        generator: what draws; the library's own unless given.

    Raises:
        ValueError: when there is no such method, or the function returns another shape.
        TypeError: when `generator` is not one of NumPy's.

    Example:
        >>> from autograd_lite import nn
        >>> nn.init.draw("Linear", lambda shape, generator: np.zeros(shape), (1, 2), fan_in=1)
        array([[0., 0.]])
    """
    source = source_of(name, generator)
    if callable(method):
        function = method
    elif is_one_of(method, METHODS):
        function = partial(METHODS[str(method)], fan_in=fan_in)
    else:
        message = (
            f"{name}: got init_method={describe(method)}; expected one of {', '.join(METHODS)},"
            " or a function of a shape and a generator"
        )
        raise ValueError(message)
    drawn = np.asarray(function(shape, generator=source))
    if drawn.shape != shape:
        message = f"{name}: init_method gave shape {drawn.shape}; expected {shape}, as asked for"
        raise ValueError(message)
    return drawn
