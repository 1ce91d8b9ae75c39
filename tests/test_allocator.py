"""Freed memory is kept, where the C library can and the variable does not forbid it."""

from __future__ import annotations

import importlib.util
import os
import platform
import subprocess
import sys

import pytest

from autograd_lite import allocator

GLIBC = platform.libc_ver()[0] == "glibc"

# Prints how many pages the system had to clear for two arrays of 4 MB, a hundred times.
SCRIPT = """
import resource
import numpy as np
import autograd_lite

def faults():
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt

def step():
    x = np.ones(1 << 20, np.float32)
    return (x + x)[0]

for _ in range(5):
    step()
before = faults()
for _ in range(100):
    step()
print(faults() - before)
"""


def faults(**environment: str) -> int:
    """What the script prints."""
    inherited = {name: value for name, value in os.environ.items() if name != allocator.VARIABLE}
    command = (sys.executable, "-c", SCRIPT)
    done = subprocess.run(
        command, env=inherited | environment, capture_output=True, text=True, check=True
    )
    return int(done.stdout)


def test_the_variable_forbids_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(allocator.VARIABLE, "0")
    assert allocator.keep_memory() is False


@pytest.mark.skipif(not GLIBC, reason="only the GNU C library can")
@pytest.mark.parametrize("value", [None, "", "1"])
def test_it_is_done_with_the_gnu_library(
    value: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(allocator.VARIABLE, raising=False)
    if value is not None:
        monkeypatch.setenv(allocator.VARIABLE, value)
    assert allocator.keep_memory() is True


@pytest.mark.parametrize("error", [AttributeError, OSError, TypeError])
def test_another_c_library_is_left_alone(
    error: type[Exception], monkeypatch: pytest.MonkeyPatch
) -> None:
    """One without `mallopt`, or that cannot be asked."""

    def library(_: None) -> None:
        raise error

    monkeypatch.delenv(allocator.VARIABLE, raising=False)
    monkeypatch.setattr("ctypes.CDLL", library)
    assert allocator.keep_memory() is False


@pytest.mark.skipif(not GLIBC, reason="only the GNU C library can")
@pytest.mark.skipif(importlib.util.find_spec("resource") is None, reason="no resource module")
def test_large_arrays_are_given_the_memory_of_those_before() -> None:
    usual = faults(**{allocator.VARIABLE: "0", "NUMPY_MADVISE_HUGEPAGE": "0"})
    if usual < 200:
        pytest.skip(f"{usual} page faults by default: this system does not count them")
    assert faults(NUMPY_MADVISE_HUGEPAGE="0") < usual / 10
