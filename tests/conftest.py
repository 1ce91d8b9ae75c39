"""Hypothesis profiles, chosen by the environment variable HYPOTHESIS_PROFILE."""

import os

from hypothesis import settings

for profile, examples in {"dev": 25, "ci": 60, "nightly": 1000}.items():
    settings.register_profile(
        profile,
        max_examples=examples,
        deadline=None,  # a loaded machine is not a failing test
        derandomize=profile == "ci",  # a change is judged by what it changed, not by the draw
        print_blob=True,  # so that anyone can replay a failure
    )
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "dev"))
