"""The kernels themselves, for Numba. Each is one loop; what it computes is said by who calls it.

All arrays are vectors or matrices in the order of C, of one dtype; the last arguments are written
to. Numbers come as floats and are brought to the dtype first, for float32 times float64 is neither
as fast nor what NumPy computes.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, TypeVar

import numba
import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    Array = NDArray[Any]

_F = TypeVar("_F", bound="Callable[..., Any]")

# A product and a sum may be one instruction, and a sum may be of several part sums.
_ROUNDING = {"contract", "reassoc"}


def _kernel(function: _F) -> _F:
    settings: dict[str, Any] = {"nogil": True, "fastmath": _ROUNDING, "error_model": "numpy"}
    try:
        return numba.njit(cache=True, **settings)(function)  # type: ignore[no-any-return]
    except RuntimeError:  # no folder for the cache can be written to
        return numba.njit(**settings)(function)  # type: ignore[no-any-return]


def check() -> None:
    """Compile and run one kernel, so that a Numba that does not work is found out.

    Raises:
        RuntimeError: when it gives a wrong result; whatever Numba raises when it fails.
    """
    one, out = np.ones(2, np.float32), np.zeros(2, np.float32)
    times_slope(one, -one, 0.5, out)
    if out.tolist() != [0.5, 0.5]:
        message = f"a kernel gave {out.tolist()} instead of [0.5, 0.5]"
        raise RuntimeError(message)


@_kernel
def times_slope(g: Array, x: Array, slope: float, out: Array) -> None:
    """Compute g where x > 0, else slope g."""
    one, s = g.dtype.type(1), g.dtype.type(slope)
    for i in range(g.size):
        out[i] = g[i] * (one if x[i] > 0 else s)


@_kernel
def add_row(rows: Array, row: Array, slope: float) -> None:
    """Add a row to all rows in place; then multiply what is not above 0 by slope."""
    s = rows.dtype.type(slope)
    for i in range(rows.shape[0]):
        for j in range(rows.shape[1]):
            z = rows[i, j] + row[j]
            rows[i, j] = z if z > 0 else z * s


@_kernel
def momentum_step(
    g: Array,
    scale: float,
    bound: float,
    decay: float,
    momentum: float,
    gain: float,
    nesterov: bool,
    lr: float,
    velocity: Array,
    w: Array,
) -> None:
    """One step of `optim.SGD`."""
    real = w.dtype.type
    c, b, d, m, n, r = (
        real(scale),
        real(bound),
        real(decay),
        real(momentum),
        real(gain),
        real(lr),
    )
    for i in range(w.size):
        x = g[i] * c
        if x > b:
            x = b
        elif x < -b:
            x = -b
        x = (x + d * w[i]) * n
        v = m * velocity[i] + x
        velocity[i] = v
        w[i] -= r * (x + m * v if nesterov else v)


@_kernel
def adam_step(
    g: Array,
    scale: float,
    bound: float,
    decay: float,
    shrink: float,
    beta1: float,
    beta2: float,
    root: float,
    eps: float,
    lr: float,
    mean: Array,
    square: Array,
    w: Array,
) -> None:
    """One step of `optim.Adam` or `optim.AdamW`; `root` and `lr` hold the corrections."""
    real = w.dtype.type
    c, b, d, f = real(scale), real(bound), real(decay), real(shrink)
    b1, b2, a1, a2 = real(beta1), real(beta2), real(1 - beta1), real(1 - beta2)
    k, e, r = real(root), real(eps), real(lr)
    for i in range(w.size):
        x = g[i] * c
        if x > b:
            x = b
        elif x < -b:
            x = -b
        x += d * w[i]
        m = b1 * mean[i] + a1 * x
        v = b2 * square[i] + a2 * (x * x)
        mean[i] = m
        square[i] = v
        w[i] = w[i] * f - r * (m / (math.sqrt(v) * k + e))
