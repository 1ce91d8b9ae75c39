"""gradcheck of large arrays with more kinks than can be looked at one by one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from autograd_lite.testing import gradcheck

if TYPE_CHECKING:
    from collections.abc import Callable

ZEROS = np.zeros(100)
WHOLE = np.random.default_rng(0).integers(-2, 3, 12_000).astype(float)


def relu(x: Any) -> Any:
    """The larger of x and 0."""
    return np.maximum(x, 0)


def all_at(x: Any, entry: int) -> Any:
    """Ones, with 0 at one entry."""
    return np.arange(x.size) != entry


@pytest.mark.parametrize(
    ("f", "x", "vjp"),
    [
        (relu, ZEROS, lambda g, x: g * (x > 0)),
        (relu, ZEROS, lambda g, x: g * (x >= 0)),
        (np.max, ZEROS, lambda g, x: g * np.ones(x.size) / x.size),
        (relu, WHOLE, lambda g, x: g * (x > 0)),
    ],
)
def test_a_gradient_between_the_slopes_is_accepted(
    f: Callable[..., Any], x: Any, vjp: Callable[..., Any]
) -> None:
    report = gradcheck(f, x, vjp=vjp, directions=1)
    assert report.verdict == "not smooth"
    assert "along random directions the gradient lies between" in str(report)
    assert not gradcheck(f, x, vjp=vjp, directions=1, smooth=True, raise_exception=False)


@pytest.mark.parametrize(
    ("f", "x", "vjp"),
    [
        (relu, ZEROS, lambda g, x: g * np.where(all_at(x, 22), 0, 1.5)),
        (np.max, ZEROS, lambda g, x: g * np.ones(x.size)),
        (relu, WHOLE, lambda g, x: g * (x > 0) * all_at(x, int(np.argmax(x)))),
    ],
)
def test_one_that_is_outside_or_wrong_is_not(
    f: Callable[..., Any], x: Any, vjp: Callable[..., Any]
) -> None:
    assert gradcheck(f, x, vjp=vjp, directions=1, raise_exception=False).verdict == "fail"


def test_the_wrong_entry_of_a_large_array_is_found_among_kinks() -> None:
    report = gradcheck(
        relu, WHOLE, vjp=lambda g, x: g * (x > 0) * (x != 2), directions=1, raise_exception=False
    )
    assert "analytic 0, numerical 1" in str(report)
