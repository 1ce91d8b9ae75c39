"""Functions that are linear in each input: their gradients add up, broadcast and scatter."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from checking.subject import Array, Subject, normal

if TYPE_CHECKING:
    from numpy.typing import NDArray


def _bias_inputs(random: np.random.Generator, large: bool) -> tuple[NDArray[Any], ...]:
    n = 20 if large else 4
    return random.standard_normal((n, n)), random.standard_normal(n)


BIAS = Subject(
    "x + bias",
    lambda x, b: x + b,
    lambda g, _x, _b: (g, g.sum(axis=0)),
    _bias_inputs,
    {
        "bias: one row for the sum": lambda g, _x, _b: (g, g[0]),
        "bias: the mean for the sum": lambda g, _x, _b: (g, g.mean(axis=0)),
        "bias: summed over the wrong axis": lambda g, _x, _b: (g, g.sum(axis=1)),
    },
)


def _matmul_inputs(random: np.random.Generator, large: bool) -> tuple[NDArray[Any], ...]:
    n = 20 if large else 4
    return random.standard_normal((n, n)), random.standard_normal((n, n))


MATMUL = Subject(
    "a @ b",
    lambda a, b: a @ b,
    lambda g, a, b: (g @ b.T, a.T @ g),
    _matmul_inputs,
    {
        "b not transposed": lambda g, a, b: (g @ b, a.T @ g),
        "operands swapped": lambda g, a, b: (b.T @ g, a.T @ g),
        "each gets the other's": lambda g, a, b: (a.T @ g, g @ b.T),
    },
)


def rows(x: Array) -> NDArray[Any]:
    """The rows to take: a third of them twice, the last one never."""
    n = len(x) - 1
    return np.concatenate([np.arange(n), np.arange(0, n, 3)])


def _take_vjp(g: Array, x: Array) -> tuple[Array, ...]:
    gradient = np.zeros_like(x)
    np.add.at(gradient, rows(x), g)
    return (gradient,)


def _take_last(g: Array, x: Array) -> tuple[Array, ...]:
    gradient = np.zeros_like(x)
    gradient[rows(x)] = g
    return (gradient,)


def _take_shifted(g: Array, x: Array) -> tuple[Array, ...]:
    return (np.roll(_take_vjp(g, x)[0], 1, axis=0),)


TAKE = Subject(
    "x[index]",
    lambda x: x[rows(x)],
    _take_vjp,
    normal((5, 3), (40, 10)),
    {"last of the duplicates only": _take_last, "rows off by one": _take_shifted},
)


def conv1d(x: Array, w: Array) -> Array:
    """Signals (N, C, L) and kernels (O, C, K) to (N, O, L - K + 1)."""
    windows = np.lib.stride_tricks.sliding_window_view(x, w.shape[2], axis=2)
    return np.einsum("nclk,ock->nol", windows, w)


def _conv1d_vjp(g: Array, x: Array, w: Array, taps: slice = slice(None)) -> tuple[Array, ...]:
    windows = np.lib.stride_tricks.sliding_window_view(x, w.shape[2], axis=2)
    gradient = np.zeros_like(x)
    for k in range(w.shape[2])[taps]:
        gradient[:, :, k : k + g.shape[2]] += np.einsum("nol,oc->ncl", g, w[:, :, k])
    return gradient, np.einsum("nol,nclk->ock", g, windows)


def _conv1d_inputs(random: np.random.Generator, large: bool) -> tuple[NDArray[Any], ...]:
    n, length = (5, 20) if large else (2, 6)
    return random.standard_normal((n, n, length)), random.standard_normal((n, n, 3))


CONV1D = Subject(
    "conv1d",
    conv1d,
    _conv1d_vjp,
    _conv1d_inputs,
    {
        "kernel the wrong way round": lambda g, x, w: (
            _conv1d_vjp(g, x, w[:, :, ::-1])[0],
            _conv1d_vjp(g, x, w)[1],
        ),
        "last tap dropped": lambda g, x, w: _conv1d_vjp(g, x, w, taps=slice(-1)),
        "channels swapped": lambda g, x, w: (
            _conv1d_vjp(g, x, w.transpose(1, 0, 2))[0],
            _conv1d_vjp(g, x, w)[1],
        ),
    },
)
