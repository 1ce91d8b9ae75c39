"""What measurements come to: quartiles, and whether two contestants computed the same."""

from __future__ import annotations

import math
import statistics
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

    Record = dict[str, Any]

# Five steps in float32 part by some 1e-6; a wrong rule or rate by 1e-3 and more.
TOLERANCE = 1e-4


def quartiles(values: Sequence[float]) -> dict[str, float]:
    """The median and the quartiles, as NumPy interpolates them."""
    if len(values) == 1:
        return {"median": values[0], "lower": values[0], "upper": values[0]}
    lower, median, upper = statistics.quantiles(values, n=4, method="inclusive")
    return {"median": median, "lower": lower, "upper": upper}


def disagreement(reference: Record, other: Record) -> str:
    """How the first steps of a contestant differ from the reference's; nothing if they agree.

    Args:
        reference: "losses" of the first steps, and "gradients", the digests of the last step's.
        other: the same of another contestant.

    Returns:
        The first difference that float32 does not explain, in words.
    """
    losses = list(zip(reference["losses"], other["losses"], strict=True))
    for i, (expected, found) in enumerate(losses):
        if not math.isfinite(found) or abs(found - expected) > TOLERANCE * abs(expected):
            return f"the loss of step {i + 1} is {found:.7g}; expected {expected:.7g}"
    expected_gradients, gradients = reference["gradients"], other["gradients"]
    if len(gradients) != len(expected_gradients):
        return f"{len(gradients)} gradients; expected {len(expected_gradients)}"
    # A gradient that is 0 in exact arithmetic is noise: the largest one says what is small.
    largest = max((gradient["norm"] for gradient in expected_gradients), default=0.0)
    for i, (wanted, got) in enumerate(zip(expected_gradients, gradients, strict=True)):
        allowed = TOLERANCE * (wanted["norm"] + 0.1 * largest)
        for what in ("norm", "along"):
            if not abs(got[what] - wanted[what]) <= allowed:
                named = {"norm": "the norm", "along": "a component"}[what]
                return (
                    f"{named} of gradient {i + 1} is {got[what]:.7g}; expected {wanted[what]:.7g}"
                )
    return ""
