"""Hypothesis profiles, chosen by the environment variable HYPOTHESIS_PROFILE."""

import os

# One thread of linear algebra a worker: on small matrices the threads of two workers fight, and a
# training that takes a second takes forty. Before NumPy is imported, which reads it once.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

from hypothesis import settings

for profile, examples in {"dev": 25, "ci": 50, "nightly": 1000}.items():
    settings.register_profile(
        profile,
        max_examples=examples,
        deadline=None,  # a loaded machine is not a failing test
        derandomize=profile == "ci",  # a change is judged by what it changed, not by the draw
        print_blob=True,  # so that anyone can replay a failure
    )
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "dev"))

# No entry point of the package: that would import NumPy before the line above, and in every run of
# pytest wherever the package is installed.
pytest_plugins = ["autograd_lite.testing.plugin"]
