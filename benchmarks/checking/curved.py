"""Functions whose gradients depend on where they are taken."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from checking.subject import Array, Subject, normal

if TYPE_CHECKING:
    from numpy.typing import NDArray


def _tanh_vjp(g: Array, x: Array, power: int = 2) -> tuple[Array, ...]:
    return (g * (1 - np.tanh(x) ** power),)


TANH = Subject(
    "tanh",
    np.tanh,
    _tanh_vjp,
    normal((4, 4), (32, 32)),
    {
        "1 - y for 1 - y^2": lambda g, x: _tanh_vjp(g, x, power=1),
        "of y for x": lambda g, x: _tanh_vjp(g, np.tanh(x)),
    },
)


def softmax(x: Array) -> Array:
    """Along the last axis."""
    e = np.exp(x - x.real.max(axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)


def _softmax_vjp(g: Array, x: Array, axis: int = -1) -> tuple[Array, ...]:
    y = softmax(x)
    return (y * (g - (g * y).sum(axis=axis, keepdims=True)),)


SOFTMAX = Subject(
    "softmax",
    softmax,
    _softmax_vjp,
    normal((3, 5), (16, 25)),
    {
        "without the sum": lambda g, x: (softmax(x) * g,),
        "summed over the wrong axis": lambda g, x: _softmax_vjp(g, x, axis=0),
    },
)


def standardize(x: Array) -> Array:
    """Mean 0 and variance 1 along the last axis."""
    centred = x - x.mean(axis=-1, keepdims=True)
    return centred / np.sqrt((centred**2).mean(axis=-1, keepdims=True) + 1e-5)


def _standardize_vjp(g: Array, x: Array, mean: int = 1, variance: int = 1) -> tuple[Array, ...]:
    y = standardize(x)
    scale = np.sqrt(x.var(axis=-1, keepdims=True) + 1e-5)
    through = variance * y * (g * y).mean(axis=-1, keepdims=True)
    return ((g - mean * g.mean(axis=-1, keepdims=True) - through) / scale,)


STANDARDIZE = Subject(
    "layer norm",
    standardize,
    _standardize_vjp,
    normal((3, 5), (16, 25)),
    {
        "mean held constant": lambda g, x: _standardize_vjp(g, x, mean=0),
        "variance held constant": lambda g, x: _standardize_vjp(g, x, variance=0),
    },
)


def _max_vjp(g: Array, x: Array, axis: int = 1) -> tuple[Array, ...]:
    where = x == x.max(axis=axis, keepdims=True)
    return (np.expand_dims(g, axis) * where / where.sum(axis=axis, keepdims=True),)


MAX = Subject(
    "max, axis 1",
    lambda x: x.max(axis=1),
    _max_vjp,
    normal((4, 4), (20, 20)),
    {
        "along the wrong axis": lambda g, x: _max_vjp(g, x, axis=0),
        "spread over the row": lambda g, x: (np.broadcast_to(g[:, None] / len(x), x.shape),),
    },
)


def logsumexp(x: Array) -> Array:
    """Along axis 1."""
    top = x.real.max(axis=1, keepdims=True)
    return np.log(np.exp(x - top).sum(axis=1)) + top[:, 0]


def _logsumexp_vjp(g: Array, x: Array) -> tuple[Array, ...]:
    return (g[:, None] * softmax(x),)


def _not_normalized(g: Array, x: Array) -> tuple[Array, ...]:
    return (g[:, None] * np.exp(x - x.max(axis=1, keepdims=True)),)


LOGSUMEXP = Subject(
    "logsumexp, axis 1",
    logsumexp,
    _logsumexp_vjp,
    normal((4, 4), (20, 20)),
    {
        "weights not normalized": _not_normalized,
        "along the wrong axis": lambda g, x: (g * softmax(x.T).T,),
    },
)


def _cumprod_inputs(random: np.random.Generator, large: bool) -> tuple[NDArray[Any], ...]:
    shape = (10, 40) if large else (3, 5)
    x = random.uniform(0.5, 1.5, shape) * random.choice((-1.0, 1.0), shape)
    x[1, 2] = 0.0
    return (x,)


def _cumprod_vjp(g: Array, x: Array) -> tuple[Array, ...]:
    before = np.ones_like(x)
    before[:, 1:] = np.cumprod(x, axis=1)[:, :-1]
    behind = np.array(g)
    for i in range(x.shape[1] - 2, -1, -1):
        behind[:, i] += x[:, i + 1] * behind[:, i + 1]
    return (before * behind,)


def _cumprod_divided(g: Array, x: Array) -> tuple[Array, ...]:
    later = np.cumsum((g * np.cumprod(x, axis=1))[:, ::-1], axis=1)[:, ::-1]
    return (np.divide(later, x, out=np.zeros_like(later), where=x != 0),)


def _cumprod_forward_sum(g: Array, x: Array) -> tuple[Array, ...]:
    earlier = np.cumsum(g * np.cumprod(x, axis=1), axis=1)
    return (np.divide(earlier, x, out=np.zeros_like(earlier), where=x != 0),)


CUMPROD = Subject(
    "cumprod with a zero",
    lambda x: np.cumprod(x, axis=1),
    _cumprod_vjp,
    _cumprod_inputs,
    {
        "divided by x, 0 where x is 0": _cumprod_divided,
        "summed from the wrong end": _cumprod_forward_sum,
    },
)

LONGEST = 0.5


def _norms(x: Array) -> Array:
    return np.sqrt((x * x).sum(axis=(0, 2), keepdims=True))


def renorm(x: Array) -> Array:
    """Each slice along axis 1 shortened to the norm 1/2, as `torch.renorm(x, 2, 1, 0.5)` does."""
    norm = _norms(x)
    return x * np.where(norm.real > LONGEST, LONGEST / (norm + 1e-7), 1.0)


def _renorm_vjp(
    g: Array, x: Array, axes: tuple[int, ...] = (0, 2), project: int = 1, swap: bool = False
) -> tuple[Array, ...]:
    norm = _norms(x)
    inner = (g * x).sum(axis=axes, keepdims=True)
    inverse = 1 / (norm + 1e-7)
    shortened = LONGEST * inverse * (g - project * inverse * inner * x / norm)
    return (np.where((norm > LONGEST) != swap, shortened, g),)


def _renorm_inputs(random: np.random.Generator, large: bool) -> tuple[NDArray[Any], ...]:
    n = 10 if large else 5
    return (random.uniform(-9.0, 9.0, (n, n, n)),)


RENORM = Subject(
    "renorm",
    renorm,
    _renorm_vjp,
    _renorm_inputs,
    {
        "norm held constant": lambda g, x: _renorm_vjp(g, x, project=0),
        "inner product over the wrong axes": lambda g, x: _renorm_vjp(g, x, axes=(1, 2)),
        "condition the wrong way round": lambda g, x: _renorm_vjp(g, x, swap=True),
    },
)
