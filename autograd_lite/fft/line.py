"""Fourier transforms along one axis, each an op of real numbers whose transpose is another."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.lib.array_utils import normalize_axis_index

from autograd_lite.errors import composite, describe, is_one_of, is_whole
from autograd_lite.fft.spectrum import Spectrum, as_spectrum, parts_of
from autograd_lite.graph import op_expecting
from autograd_lite.ops import getitem, pad, stack, swapaxes
from autograd_lite.stacks import stacked

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from autograd_lite.node import Array
    from autograd_lite.tensor import Tensor

_LINE = (
    "an axis from -ndim to ndim - 1, a length n of at least 1, and norm 'backward', 'ortho' or"
    " 'forward'"
)
_REAL = "a real array, " + _LINE
_GRID = "different axes from -ndim to ndim - 1, a length for each, and a norm as in fft"
# The transposed transform has no conjugate's factor, or all of it.
_ADJOINT = {"backward": "forward", "forward": "backward", "ortho": "ortho"}


# ---- the ops: along the last axis (of pairs: the last but one), without change of the length


def _complex(pairs: Array) -> NDArray[Any]:
    """Pairs (real, imaginary) in the last axis as complex numbers."""
    dtype = np.result_type(pairs.dtype, np.float32)
    return np.ascontiguousarray(pairs, dtype).view(np.result_type(dtype, np.complex64))[..., 0]


def _pairs(numbers: NDArray[Any]) -> NDArray[Any]:
    """Complex numbers as pairs in a further axis, in the same memory."""
    return np.ascontiguousarray(numbers)[..., None].view(numbers.real.dtype)


@op_expecting(_LINE)
@stacked
def _fft(x: Array, /, norm: str) -> tuple[Any, ...]:
    """The transform of pairs. Its transpose is the inverse one, without or with all of the 1/n."""
    return _pairs(np.fft.fft(_complex(x), norm=norm)), lambda g: _ifft(g, _ADJOINT[norm])  # type: ignore[arg-type]  # any string


@op_expecting(_LINE)
@stacked
def _ifft(x: Array, /, norm: str) -> tuple[Any, ...]:
    """The inverse transform of pairs, whose transpose is the transform."""
    return _pairs(np.fft.ifft(_complex(x), norm=norm)), lambda g: _fft(g, _ADJOINT[norm])  # type: ignore[arg-type]  # any string


@op_expecting(_REAL)
@stacked
def _rfft(x: Array, /, norm: str) -> tuple[Any, ...]:
    """The transform of real numbers; its transpose counts once what `irfft` counts twice."""
    n = x.shape[-1]
    return (
        _pairs(np.fft.rfft(x, norm=norm)),  # type: ignore[arg-type]  # any string
        lambda g: _irfft(_counted(g, n, 0.5), n, _ADJOINT[norm]),
    )


@op_expecting(_LINE)
@stacked
def _irfft(x: Array, /, n: int, norm: str) -> tuple[Any, ...]:
    """n real numbers of the pairs of their transform: those between the ends count twice."""
    return (
        np.fft.irfft(_complex(x), n, norm=norm),  # type: ignore[arg-type]  # any string
        lambda g: _counted(_rfft(g, _ADJOINT[norm]), n, 2.0),
    )


def _counted(pairs: Any, n: int, factor: float) -> Any:
    """Pairs of n real numbers, times `factor` where a frequency stands for its conjugate too."""
    weights = np.full((pairs.shape[-2], 1), factor, pairs.dtype)
    weights[0] = 1
    if n % 2 == 0:
        weights[-1] = 1
    return pairs * weights


# ---- one axis


def _run(transform: Callable[..., Any], x: Any, n: int | None, axis: int, **static: Any) -> Any:
    """A transform of pairs along an axis, which is cut or filled with zeros to n first."""
    axis = normalize_axis_index(axis, x.ndim - 1)
    last = x.ndim - 2
    return swapaxes(transform(_resized(swapaxes(x, axis, last), n, 2), **static), axis, last)


def _resized(x: Any, n: int | None, lasts: int) -> Any:
    """x with n elements along its last axis, or the last but one: cut, or filled with zeros."""
    size = x.shape[-lasts]
    _check_length(size if n is None else n)
    if n is None or n == size:
        return x
    if n > size:
        widths = [(0, 0)] * x.ndim
        widths[-lasts] = (0, n - size)
        return pad(x, widths)
    return getitem(x, (..., slice(n), *(slice(None),) * (lasts - 1)))


def _check_length(n: Any) -> None:
    if not is_whole(n, 1):
        message = f"a transform of n={describe(n)} elements"
        raise ValueError(message)


def _norm(norm: str | None) -> str:
    chosen = "backward" if norm is None else norm
    if not is_one_of(chosen, _ADJOINT):
        message = f"norm={describe(norm)}"
        raise ValueError(message)
    return chosen


def _joined(name: str, x: Any) -> Any:
    """What is to be transformed, as an array of pairs."""
    s = as_spectrum(name, x)
    return stack([s.real, s.imag], -1)


def _parted(pairs: Any) -> Spectrum:
    """An array of pairs as a Spectrum."""
    return Spectrum(getitem(pairs, (..., 0)), getitem(pairs, (..., 1)))


@composite(_LINE)
def fft(x: Any, n: int | None = None, axis: int = -1, norm: str | None = None) -> Spectrum:
    """The discrete Fourier transform, X_k = sum_j x_j e^(-2 pi i j k / n).

    Args:
        x: a Spectrum, a real array or tensor, or a complex ndarray.
        n: the length to which x is cut, or filled up with zeros; None for that of the axis.
        axis: the axis to transform.
        norm: where the factor 1/n stands: `backward` (and None) has it in the inverse, `forward`
            here, `ortho` its root in both.

    Raises:
        ValueError: when there is nothing to transform, or a setting is another.

    Source:
        Cooley and Tukey, "An algorithm for the machine calculation of complex Fourier series",
        1965; the transpose of the transform is its conjugate.

    Example:
        >>> import autograd_lite as ag
        >>> ag.fft.fft(ag.tensor([1.0, 0.0, 0.0]))
        Spectrum([1.+0.j, 1.+0.j, 1.+0.j])
    """
    return _parted(_run(_fft, _joined("fft", x), n, axis, norm=_norm(norm)))


@composite(_LINE)
def ifft(x: Any, n: int | None = None, axis: int = -1, norm: str | None = None) -> Spectrum:
    """The inverse of `fft`, x_j = 1/n sum_k X_k e^(2 pi i j k / n).

    Args:
        x: a Spectrum, a real array or tensor, or a complex ndarray.
        n: the length to which x is cut, or filled up with zeros; None for that of the axis.
        axis: the axis to transform.
        norm: as in `fft`.

    Example:
        >>> import autograd_lite as ag
        >>> ag.fft.ifft(ag.fft.fft(ag.tensor([1.0, 2.0]))).real
        Tensor([1., 2.])
    """
    return _parted(_run(_ifft, _joined("ifft", x), n, axis, norm=_norm(norm)))


@composite(_REAL)
def rfft(x: Any, n: int | None = None, axis: int = -1, norm: str | None = None) -> Spectrum:
    """The frequencies 0 to n // 2 of `fft` of real numbers; the others are their conjugates.

    Args:
        x: a real array or tensor.
        n: the length to which x is cut, or filled up with zeros; None for that of the axis.
        axis: the axis to transform.
        norm: as in `fft`.

    Raises:
        TypeError: when x is complex.

    Example:
        >>> import autograd_lite as ag
        >>> ag.fft.rfft(ag.tensor([1.0, 2.0, 1.0, 0.0]))
        Spectrum([4.+0.j, 0.-2.j, 0.+0.j])
    """
    real, imag = parts_of("rfft", x)
    if imag is not None:
        message = "complex numbers, whose negative frequencies are no conjugates: use fft"
        raise TypeError(message)
    ndim = np.ndim(real)
    axis = normalize_axis_index(axis, ndim)
    line = _resized(swapaxes(real, axis, ndim - 1), n, 1)
    return _parted(swapaxes(_rfft(line, _norm(norm)), axis, ndim - 1))


@composite(_LINE)
def irfft(x: Any, n: int | None = None, axis: int = -1, norm: str | None = None) -> Tensor:
    """The inverse of `rfft`: n real numbers of the frequencies 0 to n // 2.

    The imaginary parts of the frequency 0, and of n / 2 for even n, are left out of account, as
    NumPy leaves them: their gradient is 0.

    Args:
        x: a Spectrum, a real array or tensor, or a complex ndarray.
        n: the length of the result; None for 2 (m - 1), with m frequencies, which is even.
        axis: the axis to transform.
        norm: as in `fft`.

    Example:
        >>> import autograd_lite as ag
        >>> ag.fft.irfft(ag.fft.rfft(ag.tensor([1.0, 2.0, 4.0])), 3)
        Tensor([1., 2., 4.])
    """
    pairs = _joined("irfft", x)
    axis = normalize_axis_index(axis, pairs.ndim - 1)
    length = 2 * (pairs.shape[axis] - 1) if n is None else n
    _check_length(length)
    line = _resized(swapaxes(pairs, axis, pairs.ndim - 2), length // 2 + 1, 2)
    return swapaxes(_irfft(line, length, _norm(norm)), axis, pairs.ndim - 2)
