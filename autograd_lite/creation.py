"""Tensors from nothing: filled, counted, and drawn at random."""

from __future__ import annotations

from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from autograd_lite.dtypes import as_array, get_default_dtype
from autograd_lite.errors import describe
from autograd_lite.memory import share
from autograd_lite.tensor import Tensor

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import DTypeLike, NDArray

# What draws random numbers: NumPy's generator, or its legacy one, whose streams older work quotes.
Generator: TypeAlias = "np.random.Generator | np.random.RandomState"

# In the place of the library's generator, in one thread or task: see `drawing_from`.
_instead: ContextVar[Generator | None] = ContextVar("generator", default=None)
_generator: Generator | None = None  # made when it is first used: importing np.random takes time


def manual_seed(seed: int) -> None:
    """Start the library's generator anew: initial weights, `randn`, `rand` and shuffling follow it.

    Args:
        seed: a non-negative integer; the same one gives the same numbers.

    Example:
        >>> import autograd_lite as ag
        >>> ag.manual_seed(0)
        >>> a = ag.randn(3)
        >>> ag.manual_seed(0)
        >>> (a == ag.randn(3)).all()
        True
    """
    global _generator  # noqa: PLW0603  # one generator for the process, as the seed is
    _generator = np.random.default_rng(seed)


def get_generator() -> Generator:
    """The library's generator, which `manual_seed` replaces; within `drawing_from`, that one.

    Example:
        >>> import autograd_lite as ag
        >>> ag.manual_seed(0)
        >>> round(ag.get_generator().uniform(), 3)
        0.637
    """
    global _generator  # noqa: PLW0603  # as in manual_seed
    instead = _instead.get()
    if instead is not None:
        return instead
    if _generator is None:
        _generator = np.random.default_rng()
    return _generator


@contextmanager
def drawing_from(generator: Generator) -> Iterator[None]:
    """Draw from `generator` whatever would come from the library's own, in this thread or task.

    Example:
        >>> import numpy as np
        >>> import autograd_lite as ag
        >>> from autograd_lite.creation import drawing_from
        >>> with drawing_from(np.random.RandomState(1)):
        ...     ag.randn(2)
        Tensor([ 1.6243454, -0.6117564])
    """
    token = _instead.set(generator)
    try:
        yield
    finally:
        _instead.reset(token)


def tensor(data: Any, *, dtype: DTypeLike | None = None, requires_grad: bool = False) -> Tensor:
    """A tensor of a copy of `data`.

    Args:
        data: an array (its dtype is kept), a number, or nested lists (floats take the default
            dtype).
        dtype: the dtype to convert to.
        requires_grad: whether gradients flow to it; its dtype must be floating then.

    Raises:
        TypeError: when `data` is not numeric, or a gradient is asked of integers or booleans.

    Example:
        >>> import autograd_lite as ag
        >>> ag.tensor([1.0, 2.0], requires_grad=True)
        Tensor([1., 2.], requires_grad=True)
    """
    return Tensor(data, requires_grad, dtype)


def from_dlpack(x: Any, /, *, device: str | None = None, copy: bool | None = None) -> Tensor:
    """A tensor that shares the memory of an array of another library: PyTorch, JAX, NumPy, ...

    Writing to either is seen by the other, but not by a graph: it records copies of such memory,
    which cost time. `autograd_lite.tensor` of the result has memory of its own. What comes
    read-only (from JAX, whose arrays never change; with NumPy 2.0 from everywhere) is read-only in
    `data` too, and moves to a copy when an optimizer writes to it.

    Args:
        x: what has the methods `__dlpack__` and `__dlpack_device__`, in the memory of the CPU.
        device: "cpu" or None; with "cpu", another library may copy what it has elsewhere.
        copy: True for memory of its own, False for an error where sharing is impossible, None to
            copy only if it must.

    Raises:
        TypeError: when `x` has no such methods, or its dtype is not real floating, integer or
            boolean.
        BufferError: when the other library or NumPy refuses; the message says why.

    Example:
        >>> import numpy as np
        >>> import autograd_lite as ag
        >>> array = np.array([1.0, 2.0])
        >>> x = ag.from_dlpack(array)
        >>> array[0] = 5.0
        >>> x
        Tensor([5., 2.], dtype=float64)
    """
    if not hasattr(x, "__dlpack__") or not hasattr(x, "__dlpack_device__"):
        message = (
            f"from_dlpack: got {describe(x)}, which has no __dlpack__; expected an array of another"
            " library: give numbers and lists to autograd_lite.tensor"
        )
        raise TypeError(message)
    given = {"device": device, "copy": None if copy else copy}
    options: dict[str, Any] = {name: value for name, value in given.items() if value is not None}
    try:
        array = np.from_dlpack(x, **options)
    except (BufferError, RuntimeError, TypeError, ValueError) as error:
        message = (
            f"from_dlpack: got {describe(x)}: {error}; expected an array of floats, integers or"
            " booleans on the CPU without a gradient (PyTorch: x.detach().cpu()), or convert it to"
            " an ndarray and give that to autograd_lite.tensor"
        )
        raise BufferError(message) from error
    tensor = Tensor(as_array(array), copy=bool(copy))
    if not copy:
        share(tensor)
    return tensor


def zeros(
    *shape: int | Sequence[int], dtype: DTypeLike | None = None, requires_grad: bool = False
) -> Tensor:
    """A tensor of zeros.

    Args:
        *shape: the sizes, as numbers or as one tuple.
        dtype: the dtype; the default one unless given.
        requires_grad: whether gradients flow to it.

    Example:
        >>> import autograd_lite as ag
        >>> ag.zeros(2, 3).shape
        (2, 3)
    """
    return _made(np.zeros(_sizes(shape), dtype), dtype, requires_grad)


def ones(
    *shape: int | Sequence[int], dtype: DTypeLike | None = None, requires_grad: bool = False
) -> Tensor:
    """A tensor of ones.

    Args:
        *shape: the sizes, as numbers or as one tuple.
        dtype: the dtype; the default one unless given.
        requires_grad: whether gradients flow to it.

    Example:
        >>> import autograd_lite as ag
        >>> ag.ones((2,))
        Tensor([1., 1.])
    """
    return _made(np.ones(_sizes(shape), dtype), dtype, requires_grad)


def full(
    shape: int | Sequence[int],
    fill_value: float,
    *,
    dtype: DTypeLike | None = None,
    requires_grad: bool = False,
) -> Tensor:
    """A tensor of one value.

    Args:
        shape: the sizes.
        fill_value: the value.
        dtype: the dtype; unless given the default one for a float, NumPy's for others.
        requires_grad: whether gradients flow to it.

    Example:
        >>> import autograd_lite as ag
        >>> ag.full((2,), 0.5)
        Tensor([0.5, 0.5])
    """
    return _made(np.full(shape, fill_value, dtype), dtype, requires_grad)


def arange(
    start: float,
    stop: float | None = None,
    step: float = 1,
    *,
    dtype: DTypeLike | None = None,
    requires_grad: bool = False,
) -> Tensor:
    """The numbers from `start` up to `stop`, without it: `arange(stop)` or `arange(start, stop)`.

    Args:
        start: the first number; with no `stop`, the end of a count from 0.
        stop: the end, which is not included.
        step: the distance.
        dtype: the dtype; unless given the default one for floats, int64 for integers.
        requires_grad: whether gradients flow to it.

    Example:
        >>> import autograd_lite as ag
        >>> ag.arange(3)
        Tensor([0, 1, 2])
        >>> ag.arange(1.0, 2.0, 0.5)
        Tensor([1. , 1.5])
    """
    first, end = (0, start) if stop is None else (start, stop)
    return _made(np.arange(first, end, step), dtype, requires_grad)


def randn(
    *shape: int | Sequence[int],
    dtype: DTypeLike | None = None,
    requires_grad: bool = False,
    generator: Generator | None = None,
) -> Tensor:
    """A tensor drawn from the standard normal distribution.

    Args:
        *shape: the sizes, as numbers or as one tuple.
        dtype: the dtype; the default one unless given. The numbers are drawn in float64.
        requires_grad: whether gradients flow to it.
        generator: what draws; the library's own unless given (see `manual_seed`).

    Example:
        >>> import autograd_lite as ag
        >>> ag.randn(2, 3).shape
        (2, 3)
    """
    drawn = (generator or get_generator()).standard_normal(_sizes(shape))
    return _made(np.asarray(drawn), dtype, requires_grad)


def rand(
    *shape: int | Sequence[int],
    dtype: DTypeLike | None = None,
    requires_grad: bool = False,
    generator: Generator | None = None,
) -> Tensor:
    """A tensor drawn uniformly from [0, 1).

    Args:
        *shape: the sizes, as numbers or as one tuple.
        dtype: the dtype; the default one unless given.
        requires_grad: whether gradients flow to it.
        generator: what draws; the library's own unless given (see `manual_seed`).

    Example:
        >>> import autograd_lite as ag
        >>> ag.rand(2, 3).shape
        (2, 3)
    """
    drawn = (generator or get_generator()).uniform(size=_sizes(shape))
    return _made(np.asarray(drawn), dtype, requires_grad)


def _sizes(shape: tuple[Any, ...]) -> Any:
    """`zeros(2, 3)` and `zeros((2, 3))` mean the same."""
    return shape[0] if len(shape) == 1 else shape


def _made(array: NDArray[Any], dtype: DTypeLike | None, requires_grad: bool) -> Tensor:
    """A tensor of a fresh array: floats in the default dtype unless another is asked for."""
    if dtype is None and array.dtype == np.float64:
        dtype = get_default_dtype()
    return Tensor(
        array if dtype is None else array.astype(dtype, copy=False), requires_grad, copy=False
    )
