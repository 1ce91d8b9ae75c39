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


def _kernel(function: _F) -> _F:
    """Compile an element-wise loop: its steps are NumPy's, and so are its results, to the bit."""
    return _compiled(function, fastmath=False)


def _summing(function: _F) -> _F:
    """Compile a loop with sums, which may be of several part sums, as NumPy's own are."""
    return _compiled(function, fastmath={"reassoc"})


def _compiled(function: _F, **settings: Any) -> _F:
    try:
        return numba.njit(cache=True, nogil=True, error_model="numpy", **settings)(function)  # type: ignore[no-any-return]
    except RuntimeError:  # no folder for the cache can be written to
        return numba.njit(nogil=True, error_model="numpy", **settings)(function)  # type: ignore[no-any-return]


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
def tanh_gradient(g: Array, y: Array, out: Array) -> None:
    """g (1 - y^2)."""
    one = g.dtype.type(1)
    for i in range(g.size):
        out[i] = g[i] * (one - y[i] * y[i])


@_kernel
def sigmoid_gradient(g: Array, y: Array, out: Array) -> None:
    """g y (1 - y)."""
    one = g.dtype.type(1)
    for i in range(g.size):
        out[i] = g[i] * (y[i] * (one - y[i]))


@_kernel
def sqrt_gradient(g: Array, y: Array, out: Array) -> None:
    """g / (2 y), and 0 where g or y is."""
    zero = g.dtype.type(0)
    for i in range(g.size):
        out[i] = zero if y[i] == 0 or g[i] == 0 else g[i] / (y[i] + y[i])


@_kernel
def divisor_gradient(g: Array, quotient: Array, y: Array, out: Array) -> None:
    """-g quotient / y, and 0 where g is."""
    zero = g.dtype.type(0)
    for i in range(g.size):
        out[i] = zero if g[i] == 0 else -(g[i] / y[i]) * quotient[i]


@_kernel
def add_row(rows: Array, row: Array, slope: float) -> None:
    """Add a row to all rows, and multiply what is not above 0 by slope, in place."""
    zero, one, s = rows.dtype.type(0), rows.dtype.type(1), rows.dtype.type(slope)
    for i in range(rows.shape[0]):
        for j in range(rows.shape[1]):
            z = rows[i, j] + row[j]
            if s == 0:  # -inf becomes 0, which 0 * -inf is not; a nan remains
                rows[i, j] = zero if z <= 0 else z
            else:
                rows[i, j] = z * (one if z > 0 else s)


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
        if d != 0:
            x += d * w[i]
        x *= n
        if m == 0:  # and then `velocity` is w itself
            w[i] -= r * x
        else:
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
        if d != 0:
            x += d * w[i]
        m = b1 * mean[i] + a1 * x
        v = b2 * square[i] + a2 * (x * x)
        mean[i] = m
        square[i] = v
        w[i] = w[i] * f - m / (math.sqrt(v) * k + e) * r


@_summing
def cross_entropy(x: Array, index: Array, out: Array) -> bool:
    """-log softmax(x) of each row, at the index of its class; False where there is none."""
    for i in range(x.shape[0]):
        row = x[i]
        if not 0 <= index[i] < row.size:
            return False
        peak = 0
        for j in range(row.size):
            if row[j] > row[peak] or row[j] != row[j]:
                peak = j
        others = x.dtype.type(0)
        for j in range(row.size):
            if j != peak:
                others += math.exp(row[j] - row[peak])
        out[i] = math.log1p(others) - max(row[index[i]] - row[peak], np.finfo(x.dtype).min)
    return True


@_summing
def class_excess(x: Array, index: Array, g: Array, out: Array) -> bool:
    """(softmax(x) - y) g of each row, y being 1 at the index of its class, else 0; as above."""
    for i in range(x.shape[0]):
        if not 0 <= index[i] < x.shape[1]:
            return False
        peak = x[i].max()
        total = x.dtype.type(0)
        for j in range(x.shape[1]):
            out[i, j] = math.exp(x[i, j] - peak)
            total += out[i, j]
        for j in range(x.shape[1]):
            out[i, j] *= g[i] / total
        out[i, index[i]] -= g[i]
    return True


@_summing
def standardize(x: Array, eps: float, out: Array) -> None:
    """(x - mean) / sqrt(var + eps) of each row."""
    real = x.dtype.type
    count, e = real(x.shape[1]), real(eps)
    for i in range(x.shape[0]):
        level = 0.0  # in float64: a sum of many large numbers
        for j in range(x.shape[1]):
            level += x[i, j]
        mean = real(level / x.shape[1])
        square = real(0)
        for j in range(x.shape[1]):
            d = x[i, j] - mean
            square += d * d
        scale = real(1) / math.sqrt(square / count + e)
        for j in range(x.shape[1]):
            out[i, j] = (x[i, j] - mean) * scale


@_summing
def standardize_gradient(g: Array, x: Array, out: Array, eps: float, result: Array) -> None:
    """(g - mean(g) - out mean(g out)) / sqrt(var(x) + eps) of each row."""
    real = x.dtype.type
    count, e = real(x.shape[1]), real(eps)
    for i in range(x.shape[0]):
        total, product, level = real(0), real(0), 0.0
        for j in range(x.shape[1]):
            total += g[i, j]
            product += g[i, j] * out[i, j]
            level += x[i, j]
        total, product, mean = total / count, product / count, real(level / x.shape[1])
        square = real(0)
        for j in range(x.shape[1]):
            d = x[i, j] - mean
            square += d * d
        scale = real(1) / math.sqrt(square / count + e)
        for j in range(x.shape[1]):
            result[i, j] = (g[i, j] - total - out[i, j] * product) * scale


@_summing
def through_softmax(g: Array, s: Array, out: Array) -> None:
    """The Jacobian of softmax times g: s (g - sum(g s)) of each row."""
    for i in range(s.shape[0]):
        product = s.dtype.type(0)
        for j in range(s.shape[1]):
            product += g[i, j] * s[i, j]
        for j in range(s.shape[1]):
            out[i, j] = s[i, j] * (g[i, j] - product)


@_kernel
def add_rows(rows: Array, index: Array, out: Array) -> bool:
    """Add each row to that row of `out` that its index says; False where there is none."""
    for i in range(index.size):
        k = index[i]
        if not 0 <= k < out.shape[0]:
            return False
        for j in range(rows.shape[1]):
            out[k, j] += rows[i, j]
    return True


@_kernel
def below_peak(x: Array, out: Array) -> None:
    """Each row less its maximum, which a nan is."""
    for i in range(x.shape[0]):
        peak = x[i, 0]
        for j in range(x.shape[1]):
            if not x[i, j] <= peak:
                peak = x[i, j]
        for j in range(x.shape[1]):
            out[i, j] = x[i, j] - peak


@_summing
def to_shares(out: Array) -> None:
    """Each row divided by its sum, in place."""
    for i in range(out.shape[0]):
        total = out.dtype.type(0)
        for j in range(out.shape[1]):
            total += out[i, j]
        for j in range(out.shape[1]):
            out[i, j] /= total
