"""Tensors from nothing: filled, counted, and drawn at random."""

from __future__ import annotations

from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from autograd_lite.dtypes import get_default_dtype
from autograd_lite.errors import composite, describe, is_whole
from autograd_lite.replay import current
from autograd_lite.tensor import Tensor

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import DTypeLike, NDArray

# What draws random numbers: NumPy's generator, or its legacy one, whose streams older work quotes.
Generator: TypeAlias = "np.random.Generator | np.random.RandomState"

# In the place of the library's generator, in one thread or task: see `drawing_from`.
_instead: ContextVar[Generator | None] = ContextVar("generator", default=None)
_FILLED = "sizes from 0 that fit into the memory, as numbers or as one tuple, and a dtype"

_generator: Generator | None = None  # made when it is first used: importing np.random takes time


def manual_seed(seed: int) -> None:
    """Start the library's generator anew: initial weights, `randn`, `rand` and shuffling follow it.

    Args:
        seed: a non-negative integer; the same one gives the same numbers.

    Raises:
        ValueError: when `seed` is something else; the generator is as it was.

    Example:
        >>> import autograd_lite as ag
        >>> ag.manual_seed(0)
        >>> a = ag.randn(3)
        >>> ag.manual_seed(0)
        >>> (a == ag.randn(3)).all()
        True
    """
    global _generator  # noqa: PLW0603  # one generator for the process, as the seed is
    if not is_whole(seed, 0):
        message = f"manual_seed: got seed={describe(seed)}; expected an integer of at least 0"
        raise ValueError(message)
    generator, run = np.random.default_rng(int(seed)), current.get()
    if run is None or not run.seeds(generator):
        _generator = generator


def get_generator() -> Generator:
    """The library's generator, which `manual_seed` replaces; within `drawing_from`, that one.

    Example:
        >>> import autograd_lite as ag
        >>> ag.manual_seed(0)
        >>> round(ag.get_generator().uniform(), 3)
        0.637
    """
    global _generator  # noqa: PLW0603  # as in manual_seed
    generator, run = _instead.get(), current.get()
    if generator is None:
        if _generator is None:
            _generator = np.random.default_rng()
        generator = _generator
    return generator if run is None else run.generator(None, generator)


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


def source_of(name: str, generator: Generator | None) -> Generator:
    """What draws: the library's own generator for None; an error in the name of `name` else."""
    if generator is None:
        return get_generator()
    if not isinstance(generator, (np.random.Generator, np.random.RandomState)):
        message = (
            f"{name}: got generator={describe(generator)}; expected one of NumPy's:"
            " np.random.default_rng(0), np.random.RandomState(0), or None for the library's own"
        )
        raise TypeError(message)
    run = current.get()
    return generator if run is None else run.generator(id(generator), generator)


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


@composite(_FILLED)
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
    return _made(np.zeros(_sizes(shape), _wanted(dtype)), dtype, requires_grad)


@composite(_FILLED)
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
    return _made(np.ones(_sizes(shape), _wanted(dtype)), dtype, requires_grad)


@composite("sizes from 0 that fit into the memory, one number, and a dtype")
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


@composite("real numbers whose range fits into the memory, and a dtype")
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


@composite(_FILLED)
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
    _made(np.empty(0), dtype, requires_grad)  # bad settings fail before anything is drawn
    drawn = source_of("randn", generator).standard_normal(_sizes(shape))
    return _made(np.asarray(drawn), dtype, requires_grad)


@composite(_FILLED)
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
    _made(np.empty(0), dtype, requires_grad)  # bad settings fail before anything is drawn
    drawn = source_of("rand", generator).uniform(size=_sizes(shape))
    return _made(np.asarray(drawn), dtype, requires_grad)


def _sizes(shape: tuple[Any, ...]) -> Any:
    """`zeros(2, 3)` and `zeros((2, 3))` mean the same."""
    return shape[0] if len(shape) == 1 else shape


def _wanted(dtype: DTypeLike | None) -> DTypeLike:
    return get_default_dtype() if dtype is None else dtype


def _made(array: NDArray[Any], dtype: DTypeLike | None, requires_grad: bool) -> Tensor:
    """A tensor of a fresh array: floats in the default dtype unless another is asked for."""
    if dtype is None and array.dtype == np.float64:
        dtype = get_default_dtype()
    return Tensor(
        array if dtype is None else array.astype(dtype, copy=False), requires_grad, copy=False
    )
