"""Fourier transforms along several axes, and the order of their frequencies."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from autograd_lite.errors import composite
from autograd_lite.fft.line import fft, ifft, irfft, rfft
from autograd_lite.fft.spectrum import Spectrum, as_spectrum
from autograd_lite.ops import roll

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from autograd_lite.tensor import Tensor

    _Line = tuple[int | None, int]

_GRID = "different axes from -ndim to ndim - 1, at least one, a length for each, a norm as in fft"
_SHIFT = "axes from -ndim to ndim - 1, or None for all"


def _lines(x: Any, s: Sequence[int] | None, axes: Sequence[int] | None) -> list[_Line]:
    """Each length (None for the axis's own) with its axis."""
    if axes is None:
        if s is not None:  # its meaning is about to change in NumPy
            message = "lengths s without axes"
            raise ValueError(message)
        axes = range(len(np.shape(x)))
    if len({*axes}) < len(axes) or not axes:
        message = f"axes {tuple(axes)}"
        raise ValueError(message)
    return list(zip([None] * len(axes) if s is None else s, axes, strict=True))


def _along(
    transform: Callable[..., Spectrum], x: Spectrum, lines: Iterable[_Line], norm: str | None
) -> Spectrum:
    """x transformed along one axis after the other."""
    for n, axis in lines:
        x = transform(x, n, axis, norm)
    return x


@composite(_GRID)
def fftn(
    x: Any,
    s: Sequence[int] | None = None,
    axes: Sequence[int] | None = None,
    norm: str | None = None,
) -> Spectrum:
    """`fft` along several axes, by default all.

    Args:
        x: a Spectrum, a real array or tensor, or a complex ndarray.
        s: the length for each of `axes`.
        axes: the axes, each once.
        norm: as in `fft`.

    Example:
        >>> import autograd_lite as ag
        >>> ag.fft.fftn(ag.ones(2, 2)).real
        Tensor([[4., 0.],
                [0., 0.]])
    """
    out = as_spectrum("fftn", x)
    return _along(fft, out, reversed(_lines(out, s, axes)), norm)


@composite(_GRID)
def ifftn(
    x: Any,
    s: Sequence[int] | None = None,
    axes: Sequence[int] | None = None,
    norm: str | None = None,
) -> Spectrum:
    """The inverse of `fftn`.

    Args:
        x: a Spectrum, a real array or tensor, or a complex ndarray.
        s: the length for each of `axes`.
        axes: the axes, each once.
        norm: as in `fft`.

    Example:
        >>> import autograd_lite as ag
        >>> ag.fft.ifftn(ag.fft.fftn(ag.ones(2, 2))).real
        Tensor([[1., 1.],
                [1., 1.]])
    """
    out = as_spectrum("ifftn", x)
    return _along(ifft, out, reversed(_lines(out, s, axes)), norm)


@composite(_GRID)
def rfftn(
    x: Any,
    s: Sequence[int] | None = None,
    axes: Sequence[int] | None = None,
    norm: str | None = None,
) -> Spectrum:
    """`rfft` along the last of several axes, then `fft` along the others.

    Args:
        x: a real array or tensor.
        s: the length for each of `axes`.
        axes: the axes, each once.
        norm: as in `fft`.

    Example:
        >>> import autograd_lite as ag
        >>> ag.fft.rfftn(ag.ones(2, 4)).shape
        (2, 3)
    """
    *others, (n, axis) = _lines(x, s, axes)
    return _along(fft, rfft(x, n, axis, norm), reversed(others), norm)


@composite(_GRID)
def irfftn(
    x: Any,
    s: Sequence[int] | None = None,
    axes: Sequence[int] | None = None,
    norm: str | None = None,
) -> Tensor:
    """The inverse of `rfftn`.

    Args:
        x: a Spectrum, a real array or tensor, or a complex ndarray.
        s: the length of the result along each of `axes`; by default that of the last is even.
        axes: the axes, each once.
        norm: as in `fft`.

    Example:
        >>> import autograd_lite as ag
        >>> ag.fft.irfftn(ag.fft.rfftn(ag.ones(2, 2)))
        Tensor([[1., 1.],
                [1., 1.]])
    """
    out = as_spectrum("irfftn", x)
    *others, (n, axis) = _lines(out, s, axes)
    return irfft(_along(ifft, out, others, norm), n, axis, norm)


@composite(_GRID)
def fft2(
    x: Any, s: Sequence[int] | None = None, axes: Sequence[int] = (-2, -1), norm: str | None = None
) -> Spectrum:
    """`fftn` along the last two axes: of pictures.

    Example:
        >>> import autograd_lite as ag
        >>> ag.fft.fft2(ag.ones(3, 2, 2)).shape
        (3, 2, 2)
    """
    return fftn(x, s, axes, norm)


@composite(_GRID)
def ifft2(
    x: Any, s: Sequence[int] | None = None, axes: Sequence[int] = (-2, -1), norm: str | None = None
) -> Spectrum:
    """The inverse of `fft2`.

    Example:
        >>> import autograd_lite as ag
        >>> ag.fft.ifft2(ag.fft.fft2(ag.ones(2, 2))).real
        Tensor([[1., 1.],
                [1., 1.]])
    """
    return ifftn(x, s, axes, norm)


@composite(_GRID)
def rfft2(
    x: Any, s: Sequence[int] | None = None, axes: Sequence[int] = (-2, -1), norm: str | None = None
) -> Spectrum:
    """`rfftn` along the last two axes.

    Example:
        >>> import autograd_lite as ag
        >>> ag.fft.rfft2(ag.ones(3, 2, 4)).shape
        (3, 2, 3)
    """
    return rfftn(x, s, axes, norm)


@composite(_GRID)
def irfft2(
    x: Any, s: Sequence[int] | None = None, axes: Sequence[int] = (-2, -1), norm: str | None = None
) -> Tensor:
    """The inverse of `rfft2`.

    Example:
        >>> import autograd_lite as ag
        >>> ag.fft.irfft2(ag.fft.rfft2(ag.ones(2, 2)))
        Tensor([[1., 1.],
                [1., 1.]])
    """
    return irfftn(x, s, axes, norm)


@composite(_SHIFT)
def fftshift(x: Any, axes: int | Sequence[int] | None = None) -> Any:
    """The frequency 0 moved from the front of each axis to the middle, of a Spectrum or an array.

    Example:
        >>> import autograd_lite as ag
        >>> ag.fft.fftshift(ag.tensor([0.0, 1.0, 2.0, -2.0, -1.0]))
        Tensor([-2., -1.,  0.,  1.,  2.])
    """
    return _shifted(x, axes, 1)


@composite(_SHIFT)
def ifftshift(x: Any, axes: int | Sequence[int] | None = None) -> Any:
    """The inverse of `fftshift`: the middle of each axis moved to the front.

    Example:
        >>> import autograd_lite as ag
        >>> ag.fft.ifftshift(ag.tensor([-2.0, -1.0, 0.0, 1.0, 2.0]))
        Tensor([ 0.,  1.,  2., -2., -1.])
    """
    return _shifted(x, axes, -1)


def _shifted(x: Any, axes: int | Sequence[int] | None, sign: int) -> Any:
    """x rolled along axes by half of their sizes, forwards or back."""
    if isinstance(x, Spectrum):
        return Spectrum(_shifted(x.real, axes, sign), _shifted(x.imag, axes, sign))
    shape = np.shape(x)
    chosen = [axes] if isinstance(axes, int) else [*(range(len(shape)) if axes is None else axes)]
    return roll(x, [sign * (shape[axis] // 2) for axis in chosen], chosen)
