"""Twenty thousand steps (one thousand by default) take no more memory than the first ones."""

from __future__ import annotations

import os
import sys

import pytest

from tests.test_endurance_repeat import run

STEPS = 20_000 if os.environ.get("HYPOTHESIS_PROFILE") == "nightly" else 1_000


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_the_memory_of_a_long_training_is_flat() -> None:
    """To 1% what is resident, to an object what the collector sees, to 4 KiB what Python holds."""
    before, objects, after, objects_after, traced = map(int, run("memory", str(STEPS), fast=False))
    assert after < before * 1.01
    assert objects_after <= objects
    assert traced < 4096
