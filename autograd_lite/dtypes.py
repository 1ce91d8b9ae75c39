"""Which dtype a value takes: arrays keep theirs, lists and fresh tensors take the default."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from autograd_lite.errors import FAULTS, describe

if TYPE_CHECKING:
    from numpy.typing import DTypeLike, NDArray

_default: np.dtype[Any] = np.dtype(np.float32)


def get_default_dtype() -> np.dtype[Any]:
    """The dtype that Python floats in lists, fresh tensors and parameters take: float32 unless set.

    Example:
        >>> import autograd_lite as ag
        >>> ag.get_default_dtype()
        dtype('float32')
    """
    return _default


def set_default_dtype(dtype: DTypeLike) -> None:
    """Set the dtype that Python floats in lists, fresh tensors and parameters take.

    Args:
        dtype: a real floating dtype (float16, float32 or float64).

    Raises:
        TypeError: when `dtype` is not a real floating dtype; the default stays as it was.

    Example:
        >>> import autograd_lite as ag
        >>> ag.set_default_dtype("float64")
        >>> ag.tensor([1.0]).dtype
        dtype('float64')
        >>> ag.set_default_dtype("float32")
    """
    global _default  # noqa: PLW0603  # one default for the process, as in NumPy's own print options
    _default = floating("set_default_dtype", dtype)


def as_dtype(name: str, dtype: DTypeLike) -> np.dtype[Any]:
    """What NumPy calls `dtype`; an error in the name of `name` where there is no such thing."""
    try:
        return np.dtype(dtype)
    except FAULTS as error:
        message = f"{name}: got dtype={describe(dtype)}; expected a dtype, such as 'float32'"
        raise TypeError(message) from error


def floating(name: str, dtype: DTypeLike | None) -> np.dtype[Any]:
    """`dtype`, or the default one for None; an error in the name of `name` unless floating."""
    chosen = _default if dtype is None else as_dtype(name, dtype)
    if chosen.kind != "f":
        message = f"{name}: got dtype {chosen}; expected float16, float32 or float64"
        raise TypeError(message)
    return chosen


def as_array(data: Any, dtype: DTypeLike | None = None) -> NDArray[Any]:
    """`data` as an ndarray: an array keeps its dtype, Python floats take the default one.

    Raises:
        TypeError: when `data` is not numeric (strings, objects, ragged lists).
    """
    if isinstance(data, (np.ndarray, np.generic)) and (dtype is None or data.dtype.kind == "c"):
        array = np.asarray(data)  # complex numbers are not cast, but refused below
    else:
        wanted = None if dtype is None else as_dtype("tensor", dtype)
        try:
            array = np.asarray(data, dtype=wanted)
        except FAULTS as error:
            message = (
                f"tensor: {error}; expected numbers in nested lists of equal length, or an array"
            )
            raise (MemoryError if isinstance(error, MemoryError) else TypeError)(message) from error
        if dtype is None and array.dtype.kind == "f":
            array = array.astype(_default, copy=False)
    if array.dtype.kind not in "fiub":
        message = (
            f"tensor: got dtype {array.dtype}; expected real floating, integer or boolean data"
            " (complex numbers are at home in autograd_lite.fft alone: give x.real and x.imag;"
            " encode strings as integers)"
        )
        raise TypeError(message)
    return array
