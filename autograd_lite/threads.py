"""Transcendental functions of large arrays, on all cores.

NumPy computes an exponential of a million numbers in one thread, and lets go of the interpreter's
lock meanwhile, so other threads can take a share. That pays for functions that compute more than
they read and write; sums and products wait for the memory however many ask it. The threads wait
for work asleep, so they do not disturb those of the matrix products.

The number of threads is that of the cores this process may use, or by the environment variables
AUTOGRAD_LITE_THREADS or OMP_NUM_THREADS.
"""

from __future__ import annotations

import contextvars
import functools
import os
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable
    from concurrent.futures import Executor

VARIABLE = "AUTOGRAD_LITE_THREADS"
LARGE = 131_072  # the elements from which the time saved exceeds that of waking a thread
_SHARES = 2  # for each thread: who comes late takes less


def on_all_cores(function: Callable[..., Any], x: Any) -> Any:
    """`function(x)`, in several threads where x is large.

    Args:
        function: a ufunc of one array and the array to write to.
        x: an array.

    Example:
        >>> on_all_cores(np.exp, np.zeros(2))
        array([1., 1.])
    """
    if not isinstance(x, np.ndarray) or x.size < LARGE or x.dtype.kind != "f":
        return function(x)
    if threads() == 1 or not x.flags.c_contiguous:
        return function(x)
    out = np.empty_like(x)
    source, target = x.reshape(-1), out.reshape(-1)
    share = -(-x.size // (_SHARES * threads()))
    shares = iter(range(0, x.size, share))

    def work() -> None:
        for start in shares:
            part = slice(start, start + share)
            function(source[part], target[part])

    context = contextvars.copy_context  # which holds what np.errstate has set
    helpers = [_pool().submit(context().run, work) for _ in range(threads() - 1)]
    try:
        work()
    finally:
        for helper in helpers:
            if not helper.cancel():  # it has begun
                helper.result()
    return out


@functools.cache
def threads() -> int:
    """How many threads share the work on large arrays.

    Example:
        >>> threads() >= 1
        True
    """
    for name in (VARIABLE, "OMP_NUM_THREADS"):
        given = os.environ.get(name, "")
        if given.isdecimal() and int(given) > 0:
            return int(given)
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


@functools.cache
def _pool() -> Executor:
    """The threads beside the one that asks."""
    from concurrent.futures import ThreadPoolExecutor  # noqa: PLC0415  # only for large arrays

    return ThreadPoolExecutor(threads() - 1, thread_name_prefix="autograd_lite")


if hasattr(os, "register_at_fork"):  # a child has none of its parent's threads
    os.register_at_fork(after_in_child=_pool.cache_clear)
