"""The optional kernels: what some ops and optimizers compute, compiled to one pass over the memory.

They are there where Numba is (the extra `fast`), and change nothing but the
time, and the last digits that a sum in another order rounds differently. An op asks for them with
the arrays that it has:

    fast = compiled(x, y)
    if fast is None: ...  # the same in NumPy

Numba is loaded when the first op asks, which takes about half a second; the compiled code is kept
on disk for later processes. The environment variable AUTOGRAD_LITE_FAST=0 switches them off.
"""

from __future__ import annotations

import contextlib
import importlib
import importlib.util
import os
import threading
import warnings
from typing import TYPE_CHECKING, Any, Final

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator

VARIABLE: Final = "AUTOGRAD_LITE_FAST"

_LARGE = 16_384  # elements; below, NumPy's passes stay in the cache and a kernel gains little
_FLOATS = frozenset({np.dtype(np.float32), np.dtype(np.float64)})


def _installed() -> bool:
    try:
        return importlib.util.find_spec("numba") is not None
    except ValueError:  # something else stands in its place
        return False


class _Switch:
    """Whether the kernels are wanted, and what loading them gave.

    Attributes:
        on: whether an op may ask for them.
        module: the kernels, once they are loaded and checked.
        broken: whether that has failed, and is not to be tried again.
    """

    def __init__(self) -> None:
        self.on = os.environ.get(VARIABLE) != "0" and _installed()
        self.module: Any = None
        self.broken = False
        self.lock = threading.Lock()

    def load(self) -> Any:
        """The kernels, or None where Numba does not work: said once, and never tried again."""
        with self.lock:
            if self.module is None and not self.broken:
                try:
                    module = importlib.import_module("autograd_lite.kernels.loops")
                    module.check()
                    self.module = module
                except Exception as error:  # noqa: BLE001  # whatever is wrong, we can do without
                    self.on, self.broken = False, True
                    message = (
                        f"autograd_lite: Numba is installed but does not work ({error!r}); going on"
                        f" without it. Repair it, or set {VARIABLE}=0 to be rid of this warning"
                    )
                    warnings.warn(message, RuntimeWarning, stacklevel=4)
        return self.module

    def unlock(self) -> None:
        """Make a new lock: in a child, whose parent's other thread may have held the old one."""
        self.lock = threading.Lock()


_switch = _Switch()

if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_switch.unlock)


def compiled(*arrays: Any) -> Any:
    """The module of the kernels, or None: where they are off, or not made for these arrays.

    They take arrays of one dtype, float32 or float64, in the order of C, that may be written to.

    Args:
        *arrays: all that a kernel is to be given.
    """
    if not _switch.on:
        return None
    first = arrays[0].dtype
    if first not in _FLOATS:
        return None
    for array in arrays:
        if array.dtype != first or not array.flags.carray:
            return None
    return _switch.module or _switch.load()


def in_one_pass(name: str, *arrays: Any, numbers: tuple[float, ...] = ()) -> Any:
    """The result of an element-wise kernel of large arrays of one shape; None where there is none.

    Args:
        name: the kernel's.
        *arrays: what it is given; a Tensor among them makes it None, for it records.
        numbers: what it is given after them.
    """
    shape = arrays[0].shape
    for array in arrays:
        if not isinstance(array, np.ndarray) or array.shape != shape or array.size < _LARGE:
            return None
    fast = compiled(*arrays)
    if fast is None:
        return None
    out = np.empty_like(arrays[0])
    getattr(fast, name)(*(array.reshape(-1) for array in arrays), *numbers, out.reshape(-1))
    return out


def available() -> bool:
    """Whether the kernels are on and work; loads them.

    Example:
        >>> from autograd_lite import kernels
        >>> with kernels.switched(on=False):
        ...     kernels.available()
        False
    """
    return _switch.on and (_switch.module or _switch.load()) is not None


@contextlib.contextmanager
def switched(*, on: bool) -> Iterator[None]:
    """Switch the kernels on or off inside, for all threads: to compare the two.

    Args:
        on: whether they are used; where Numba is missing, they are not in any case.
    """
    before = _switch.on
    _switch.on = on and _installed() and not _switch.broken
    try:
        yield
    finally:
        _switch.on = before and not _switch.broken
