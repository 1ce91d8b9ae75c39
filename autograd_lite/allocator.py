"""Freed memory is kept for the next step, instead of being given back to the system and got again.

By default, the C library of Linux gives large arrays back when they are freed, and the system
clears their pages when they come again, at every step. That takes as long as to compute what is in
them: twenty element-wise ops on 4 MB each, forward and backward, take 65 ms by default and 32 so.
"""

from __future__ import annotations

import ctypes
import os

VARIABLE = "AUTOGRAD_LITE_KEEP_MEMORY"

# What `mallopt` of the GNU C library calls its settings, and our values of them.
_TRIM_THRESHOLD, _MMAP_THRESHOLD = -1, -3
_KEPT = 1 << 30  # so much free memory stays with the process
_MAPPED = 1 << 25  # arrays above this are still mapped each: the largest value that is allowed


def keep_memory() -> bool:
    """Ask the C library to keep freed memory, up to 1 GiB, for the next allocation.

    It concerns the whole process. The environment variable AUTOGRAD_LITE_KEEP_MEMORY=0 forbids it.

    Returns:
        Whether it was done: only the GNU C library can.
    """
    if os.environ.get(VARIABLE) == "0":
        return False
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except (AttributeError, OSError, TypeError):  # another C library, or Windows
        return False
    return bool(mallopt(_MMAP_THRESHOLD, _MAPPED) and mallopt(_TRIM_THRESHOLD, _KEPT))
