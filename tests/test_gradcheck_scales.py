"""gradcheck at tiny and huge arguments, beside poles, and beside kinks that are not quite here."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from autograd_lite.testing import GradientError, gradcheck

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    Array = NDArray[Any]


def size(x: Array) -> Array:
    """The root of the sum of squares."""
    return np.asarray(np.sqrt((x * x).sum()))


def verdict(
    f: Callable[..., Any], x: Any, vjp: Callable[..., Any], factor: float = 1.0, **options: Any
) -> str:
    """What `gradcheck` says, of a gradient that is off by a factor."""
    report = gradcheck(f, x, vjp=lambda g, x: factor * vjp(g, x), raise_exception=False, **options)
    return str(report.verdict)


FUNCTIONS: dict[str, tuple[Callable[[Array], Any], Callable[[Array, Array], Array]]] = {
    "reciprocal": (lambda x: 1 / x, lambda g, x: -g / x**2),
    "log": (np.log, lambda g, x: g / x),
    "sqrt": (np.sqrt, lambda g, x: g / 2 / np.sqrt(x)),
    "size": (size, lambda g, x: g * x / size(x)),
}


@pytest.mark.parametrize("scale", [1e-100, 1e-20, 1e-8, 1e-6, 1.0, 1e3])
@pytest.mark.parametrize("name", FUNCTIONS)
def test_the_scale_of_the_argument_does_not_matter(name: str, scale: float) -> None:
    """The root of these squares once was 0 or had a kink, and 1 / x a wrong gradient."""
    f, vjp = FUNCTIONS[name]
    x = scale * np.array([1.0, 2.0, 3.0])
    assert verdict(f, x, vjp) == "pass"
    assert verdict(f, x, vjp, 1.01) == "fail"


def test_squares_that_overflow_are_no_excuse() -> None:
    x = 1e100 * np.array([1.0, -2.0])
    assert verdict(np.square, x, lambda g, x: 2 * g * x) == "pass"
    assert verdict(np.square, x, lambda g, x: 2 * g * x, 1.001) == "fail"


@pytest.mark.parametrize("gap", [1e-4, 1e-6, -1e-6])
def test_a_pole_beside_the_point_is_not_stepped_over(gap: float) -> None:
    x = np.array([1 + gap, 2.0])
    assert verdict(lambda x: 1 / (x - 1), x, lambda g, x: -g / (x - 1) ** 2) == "pass"
    assert verdict(lambda x: 1 / (x - 1), x, lambda g, x: -g / (x - 1) ** 2, 1.01) == "fail"


@pytest.mark.parametrize("gap", [1e-3, 1e-5, 1e-7, 1e-9])
def test_a_kink_beside_the_point_is_none(gap: float) -> None:
    def f(x: Array) -> Array:
        return abs(x - 1)

    def vjp(g: Array, x: Array) -> Any:
        return g * np.sign(x - 1)

    for x in (1 + gap, 1 - gap):  # numbers of Python are not rounded to float32
        assert verdict(f, x, vjp) == "pass"
        assert verdict(f, x, vjp, -1) == "fail"
        assert verdict(f, x, vjp, 0) == "fail"


def test_a_kink_is_one_where_small_steps_do_not_move_the_values() -> None:
    """Of a function that computes in float32, which takes x + 1e-9 for x."""

    def f(x: Array) -> Array:
        return abs(x.astype(np.float32) - 1).astype(float)

    for slope, expected in ((0.0, "not smooth"), (1.0, "not smooth"), (1.5, "fail")):
        assert verdict(f, 1.0, lambda g, _, slope=slope: g * slope) == expected


def test_a_second_derivative_that_jumps_is_no_kink() -> None:
    assert verdict(lambda x: x * abs(x), [0.0], lambda g, x: 2 * g * abs(x), smooth=True) == "pass"


def test_an_edge_of_the_domain_may_be_kept_with_any_error() -> None:
    class OutsideError(Exception):
        pass

    def root(x: Array) -> Any:
        if not (x >= 0).all():
            raise OutsideError
        return np.sqrt(x)

    x = np.array([0.001, 1.0])
    assert gradcheck(root, x, vjp=lambda g, x: g / 2 / np.sqrt(x))
    with pytest.raises(OutsideError):
        gradcheck(root, -x, vjp=lambda g, x: g / 2 / np.sqrt(x))
    with pytest.raises(GradientError):
        gradcheck(root, x, vjp=lambda g, x: g / np.sqrt(x))
