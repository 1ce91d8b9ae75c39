"""A spectrum: what a Fourier transform gives and takes, as two real arrays."""

from __future__ import annotations

import operator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from autograd_lite import ops
from autograd_lite.dtypes import as_array
from autograd_lite.errors import FAULTS, describe
from autograd_lite.graph import array_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import DTypeLike, NDArray


@dataclass(frozen=True, eq=False)
class Spectrum:
    """Complex numbers as two real tensors, or two arrays, of one shape.

    It is what `autograd_lite.fft` returns, for no tensor is complex. It adds, subtracts,
    multiplies and divides with spectra, real arrays, tensors and numbers, and complex ndarrays and
    numbers. As a dataclass of two tensors it is nested data to the transforms of
    `autograd_lite.func`.

    Args:
        real: the real parts.
        imag: the imaginary parts.

    Raises:
        ValueError: when the shapes differ.

    Example:
        >>> import autograd_lite as ag
        >>> x = ag.tensor([1.0, 2.0, 3.0, 4.0])
        >>> ag.fft.rfft(x)
        Spectrum([10.+0.j, -2.+2.j, -2.+0.j])
        >>> ag.fft.irfft(ag.fft.rfft(x) * 2)
        Tensor([2., 4., 6., 8.])
    """

    _leads: ClassVar[bool] = True  # to it a tensor leaves the operators that fail

    real: Any
    imag: Any

    __hash__ = object.__hash__

    def __post_init__(self) -> None:
        for name in ("real", "imag"):
            if isinstance(part := getattr(self, name), (int, float)):  # which fits no uint8, say
                object.__setattr__(self, name, np.asarray(part))
        if np.shape(self.real) != np.shape(self.imag):
            got = f"{describe(self.real)} and {describe(self.imag)}"
            message = f"Spectrum: got parts {got}; expected real arrays of one shape"
            raise ValueError(message)

    # ---- what it is

    @property
    def shape(self) -> tuple[int, ...]:
        """The sizes of its axes."""
        return np.shape(self.real)

    @property
    def ndim(self) -> int:
        """The number of axes."""
        return len(self.shape)

    @property
    def dtype(self) -> np.dtype[Any]:
        """NumPy's complex dtype for parts of this precision."""
        return np.result_type(array_of(self.real).dtype, array_of(self.imag).dtype, np.complex64)

    def numpy(self) -> NDArray[Any]:
        """A complex ndarray of the values."""
        out = np.empty(self.shape, self.dtype)
        out.real, out.imag = array_of(self.real), array_of(self.imag)
        return out

    def __array__(self, dtype: DTypeLike | None = None, copy: bool | None = None) -> NDArray[Any]:
        if any(getattr(part, "requires_grad", False) for part in (self.real, self.imag)):
            message = (
                "np.asarray: this Spectrum requires a gradient, and what NumPy computes from it"
                " would silently have none; use autograd_lite.fft and operators, or s.numpy()"
            )
            raise TypeError(message)
        if copy is False:
            message = "np.asarray: a Spectrum is two arrays; expected copy=True or None"
            raise ValueError(message)
        return np.asarray(self.numpy(), dtype)

    def __array_ufunc__(self, ufunc: Any, method: str, *operands: Any, **options: Any) -> Any:
        """`np.abs(s)`, `array * s`: what operators are for."""
        name = ufunc.__name__
        function = _OPERATORS.get(name)
        if function is None or method != "__call__" or options:
            raise _refused(name)
        return function(as_spectrum(name, operands[0]), *operands[1:])

    def __array_function__(
        self, function: Any, types: Any, args: tuple[Any, ...], options: dict[str, Any]
    ) -> Any:
        from autograd_lite import fft  # noqa: PLC0415  # which imports this module

        name = function.__name__
        if name in {"shape", "ndim"}:
            return getattr(self, name)
        if function.__module__ == "numpy.fft" and hasattr(fft, name):
            return getattr(fft, name)(*args, **options)
        raise _refused(name)

    def __repr__(self) -> str:
        text = np.array2string(self.numpy(), separator=", ", prefix="Spectrum(")
        return f"Spectrum({text})"

    # ---- parts of it

    def __getitem__(self, index: Any) -> Spectrum:
        return Spectrum(ops.getitem(self.real, index), ops.getitem(self.imag, index))

    def reshape(self, *shape: Any) -> Spectrum:
        """The same numbers in another shape; see `autograd_lite.reshape`."""
        sizes = shape[0] if len(shape) == 1 else shape
        return Spectrum(ops.reshape(self.real, sizes), ops.reshape(self.imag, sizes))

    def __abs__(self) -> Any:
        """The moduli, sqrt(real^2 + imag^2), whose gradient at 0 is 0."""
        return ops.sqrt(self.real * self.real + self.imag * self.imag)

    def abs(self) -> Any:
        """The moduli, sqrt(real^2 + imag^2), whose gradient at 0 is 0."""
        return abs(self)

    def conj(self) -> Spectrum:
        """The complex conjugates."""
        return Spectrum(self.real, -self.imag)

    # ---- arithmetic

    def __neg__(self) -> Spectrum:
        return Spectrum(-self.real, -self.imag)

    def __pos__(self) -> Spectrum:
        return self

    def __add__(self, other: Any) -> Spectrum:
        real, imag = parts_of("add", other)
        if imag is None:  # the shape of the sum is that of both
            return Spectrum(self.real + real, self.imag + ops.mul(real, 0))
        return Spectrum(self.real + real, self.imag + imag)

    __radd__ = __add__

    def __sub__(self, other: Any) -> Spectrum:
        return self + -as_spectrum("sub", other)

    def __rsub__(self, other: Any) -> Spectrum:
        return as_spectrum("sub", other) - self

    def __mul__(self, other: Any) -> Spectrum:
        real, imag = parts_of("mul", other)
        if imag is None:
            return Spectrum(self.real * real, self.imag * real)
        return Spectrum(
            self.real * real - self.imag * imag,
            self.real * imag + self.imag * real,
        )

    __rmul__ = __mul__

    def __truediv__(self, other: Any) -> Spectrum:
        real, imag = parts_of("truediv", other)
        if imag is None:
            return Spectrum(self.real / real, self.imag / real)
        product = self * Spectrum(real, -imag)
        size = real * real + imag * imag
        return Spectrum(product.real / size, product.imag / size)

    def __rtruediv__(self, other: Any) -> Spectrum:
        return as_spectrum("truediv", other).__truediv__(self)


# NumPy's ufuncs that operators and methods of a Spectrum stand for, by name.
_OPERATORS: dict[str, Callable[..., Any]] = {
    "absolute": operator.abs,
    "add": operator.add,
    "conjugate": Spectrum.conj,
    "divide": operator.truediv,
    "multiply": operator.mul,
    "negative": operator.neg,
    "positive": operator.pos,
    "square": lambda s: s * s,
    "subtract": operator.sub,
}


def _refused(name: str) -> TypeError:
    """The error of a function of NumPy's that takes no Spectrum."""
    message = (
        f"np.{name}: got a Spectrum, which operators and autograd_lite.fft alone take; give"
        " s.real, s.imag or abs(s), which are tensors, or s.numpy() for the values"
    )
    return TypeError(message)


def parts_of(name: str, other: Any) -> tuple[Any, Any]:
    """The real and imaginary parts of an operand, None for those of real numbers."""
    if isinstance(other, Spectrum):
        return other.real, other.imag
    if isinstance(other, (int, float)) or hasattr(other, "_data"):  # a number, a tensor
        return other, None
    if isinstance(other, complex) and not isinstance(other, np.generic):
        return other.real, other.imag  # Python's numbers leave float32 as it is
    try:
        array = np.asarray(other)
        if array.dtype.kind == "c":
            return array.real.copy(), array.imag.copy()
        return as_array(other), None
    except FAULTS as error:
        message = (
            f"{name}: got {describe(other)}; expected a Spectrum, a tensor, or an array of real or"
            " complex numbers"
        )
        raise TypeError(message) from error


def as_spectrum(name: str, x: Any) -> Spectrum:
    """x as a Spectrum: one itself, complex numbers, or real ones."""
    real, imag = parts_of(name, x)
    return Spectrum(real, ops.mul(real, 0) if imag is None else imag)
