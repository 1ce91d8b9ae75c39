"""gradcheck at points that are not smooth: what lies between the slopes passes, else it fails."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import autograd_lite as ag
from autograd_lite.testing import GradientError, Report, Verdict, gradcheck

if TYPE_CHECKING:
    from collections.abc import Callable

AT_ZERO = np.array([1.3, 0.0, -0.7])


def scaled(slope: float, f: Callable[..., Any], right: Callable[..., Any]) -> Report:
    """The report on `f` with a vjp that is right off 0, and gives `slope` there."""
    return gradcheck(
        f,
        AT_ZERO,
        vjp=lambda g, x: g * np.where(x == 0, slope, right(x)),
        raise_exception=False,
    )


def relu(x: Any) -> Any:
    """As a plain function."""
    return np.maximum(x, 0)


@pytest.mark.parametrize("slope", [0.0, 0.25, 0.5, 1.0])
def test_any_slope_between_the_two_is_accepted(slope: float) -> None:
    """It is said that the function is not smooth, where, and what the slopes are."""
    report = scaled(slope, relu, lambda x: x > 0)
    assert report
    assert report.verdict is Verdict.NOT_SMOOTH
    (kink,) = report.kinks
    assert (kink.input.at, kink.output.at) == ((1,), (1,))
    assert (kink.left, kink.right) == pytest.approx((0.0, 1.0), abs=1e-9)
    assert kink.gradient == slope
    assert "slopes 0 to the left and 1 to the right" in str(report)


@pytest.mark.parametrize("slope", [-0.01, 1.01, -1.0, 2.0, 1e6])
def test_a_slope_outside_fails(slope: float) -> None:
    """With both slopes and the value."""
    report = scaled(slope, relu, lambda x: x > 0)
    assert not report
    assert report.verdict is Verdict.FAIL
    assert f"the gradient {slope:.6g} does not lie between" in str(report)


@pytest.mark.parametrize("slope", [-1.0, 0.0, 1.0])
def test_abs_is_accepted_between_minus_one_and_one(slope: float) -> None:
    assert scaled(slope, np.abs, np.sign)
    assert not scaled(slope + 2.5, np.abs, np.sign)


def test_a_wrong_gradient_beside_a_kink_still_fails() -> None:
    """At another entry, of a small input and of a large one."""
    for size in (5, 500):
        x = np.linspace(-1, 1, size)
        x[size // 2] = 0.0

        def vjp(g: Any, x: Any) -> Any:
            out = g * (x > 0)
            out[-1] *= 1.01
            return out

        assert gradcheck(relu, x, vjp=lambda g, x: g * (x > 0)).verdict == "not smooth"
        report = gradcheck(relu, x, vjp=vjp, raise_exception=False)
        assert report.verdict == "fail"
        assert f"entry ({size - 1},)" in str(report)


def test_smooth_asks_for_a_smooth_point() -> None:
    """For tests whose inputs are drawn away from kinks."""
    with pytest.raises(GradientError, match="not smooth here") as caught:
        gradcheck(ag.relu, AT_ZERO, smooth=True)
    assert caught.value.report is not None
    assert caught.value.report.verdict == "not smooth"
    assert gradcheck(ag.relu, AT_ZERO[[0, 2]], smooth=True).verdict == "pass"


@pytest.mark.parametrize(
    ("shares", "accepted"),
    [((1, 0), True), ((0, 1), True), ((0.5, 0.5), True), ((1, 1), False), ((0, 0), False)],
)
def test_shares_of_a_tie_are_judged_together(shares: Any, accepted: bool) -> None:
    """Each of two gradients of 1 lies between the slopes, but the maximum moves once."""
    one, two = shares
    report = gradcheck(
        np.maximum, [2.0, 2.0], vjp=lambda g, *_: (g * one, g * two), raise_exception=False
    )
    assert bool(report) is accepted
    if not accepted:
        assert "not together" in str(report)


@pytest.mark.parametrize("scale", [1e-9, 1.0, 1e13, 1e30])
def test_a_tie_of_large_numbers_is_one(scale: float) -> None:
    """A step that is lost beside them shows no slopes."""
    for share in (0.5, 1.0):
        vjp = lambda g, *_, s=share: (g * s, g * s)  # noqa: E731  # a gradient in one line
        report = gradcheck(np.maximum, [scale, scale], vjp=vjp, raise_exception=False)
        assert bool(report) is (share == 0.5)  # as in the line above


@given(st.integers(3, 7), st.integers(0, 1000), st.sampled_from([0.5, 0.9, 1.0, 1.1, 3.0]))
def test_shares_of_a_tie_of_many_add_up(n: int, seed: int, total: float) -> None:
    """In no plane of two are all of them: each pair of small shares may be right."""
    shares = np.random.default_rng(seed).dirichlet(np.ones(n)) * total
    x = np.array([*np.ones(n), 0.3])
    report = gradcheck(
        np.max, x, vjp=lambda g, _: g * np.array([*shares, 0.0]), raise_exception=False
    )
    assert bool(report) is (total == 1.0)  # the maximum moves once


@given(st.integers(3, 7), st.integers(0, 1000))
def test_slopes_of_many_kinks_are_chosen_freely(n: int, seed: int) -> None:
    """Where each entry has a kink of its own: of 2^n gradients each is right, and none beyond."""
    generator = np.random.default_rng(seed)
    weights = generator.uniform(-2, 2, n)
    slopes = weights * generator.choice([0.1, 1.0], n)

    def f(x: Any) -> Any:
        return (weights * np.where(x > 0, x, 0.1 * x)).sum()

    assert gradcheck(f, np.zeros(n), vjp=lambda g, _: g * slopes).verdict == "not smooth"


@pytest.mark.parametrize("shares", [(0,), (1,), (0.5, 0.5), (1, 1), (0.2,) * 5, (0.4,) * 5])
@pytest.mark.parametrize("first", range(5))
def test_of_equals_none_moves_the_median_alone(first: int, shares: tuple[float, ...]) -> None:
    """Its slopes along the axes are 0. Close by it is one of the five, and moves with that."""
    gradient = np.roll([*shares, *np.zeros(5 - len(shares))], first)
    report = gradcheck(np.median, np.ones(5), vjp=lambda g, _: g * gradient, raise_exception=False)
    assert report.verdict == ("not smooth" if sum(shares) == 1 else "fail")


@pytest.mark.parametrize("shape", [(24,), (3, 3, 2), (40,)])
def test_one_of_many_equals_is_any_of_the_sorted(shape: tuple[int, ...]) -> None:
    """A point where it is the second, say, is found, though few of those nearby are such."""
    assert gradcheck(lambda x: ag.sort(x, axis=None), np.zeros(shape)).verdict == "not smooth"

    def twice(g: Any, x: Any) -> Any:
        return np.broadcast_to(g[:1] + g[1:2], x.shape) / 1.0

    wrong = gradcheck(lambda x: np.sort(x.ravel()), np.zeros(shape), vjp=twice,
                      raise_exception=False)  # fmt: skip
    assert wrong.verdict == "fail"


@pytest.mark.parametrize("tiny", [0.0, 1e-300, 1e-20, 1e-12])
def test_a_tie_beside_a_tiny_number_is_one(tiny: float) -> None:
    """Steps of its size are lost beside the values: what is near is a matter of the kink."""
    x, y = np.array([tiny, 0.0, 0.0]), np.array([-0.5, 0.0, 0.5, 0.5, 0.5])
    assert gradcheck(lambda x, y: ag.sum(ag.relu(x)) + ag.max(y), [x, y]).verdict == "not smooth"
    for share in (1 / 3, 1 / 2):
        shares = share * (y == y.max())
        report = gradcheck(
            lambda x, y: np.maximum(x, 0).sum() + y.max(),
            [x, y],
            vjp=lambda g, x, _, s=shares: (g * (x > 0), g * s),
            raise_exception=False,
        )
        assert report.verdict == ("not smooth" if share < 1 / 2 else "fail")


def test_what_is_smooth_beside_a_kink_has_one_gradient() -> None:
    """The slopes of the other side are none here, however near that is."""
    for away in (1e-2, 1e-4, 1e-6, 1e-8):
        x = np.array([1.0, 1.0 + away, 1.0 + 2 * away])
        middle = np.array([0.0, 1.0, 0.0])
        assert gradcheck(np.median, x, vjp=lambda g, _, s=middle: g * s).verdict == "pass"
        shares = np.full(3, 1 / 3)
        wrong = gradcheck(np.median, x, vjp=lambda g, _, s=shares: g * s, raise_exception=False)
        assert wrong.verdict == "fail"


@pytest.mark.parametrize(
    ("f", "slope"),
    [
        (lambda x: np.sin(1e4 * x), lambda x: 1e4 * np.cos(1e4 * x)),
        (lambda x: np.exp(40 * x), lambda x: 40 * np.exp(40 * x)),
        (lambda x: 1 / (x - 0.999), lambda x: -1 / (x - 0.999) ** 2),
        (lambda x: np.tanh(1e6 * (x - 1)), lambda x: 1e6 / np.cosh(1e6 * (x - 1)) ** 2),
        (lambda x: x**3 + 1e8, lambda x: 3 * x**2),
    ],
)
def test_a_steep_function_is_no_kink(f: Callable[..., Any], slope: Callable[..., Any]) -> None:
    """Its slopes change much nearby, but have a limit."""
    x = np.array([1.0, 1.001])
    assert gradcheck(f, x, vjp=lambda g, x: g * slope(x), rtol=1e-6, raise_exception=False)
    for factor in (0.5, 0.99, -1.0):
        report = gradcheck(
            f, x, vjp=lambda g, x, c=factor: c * g * slope(x), rtol=1e-6, raise_exception=False
        )
        assert report.verdict == "fail"
        assert not report.kinks


@pytest.mark.parametrize(
    "f",
    [ag.relu, ag.abs, lambda x: ag.maximum(x, 0 * x), lambda x: ag.clip(x, -0.7, 1.3), ag.max,
     lambda x: ag.leaky_relu(x, 0.1), lambda x: ag.norm(0 * x + x * (x > 5)), ag.sqrt,
     lambda x: ag.norm(x[1:2]), lambda x: ag.sort(x * x[1])],
)  # fmt: skip
def test_the_documented_slopes_of_the_library_are_accepted(f: Callable[..., Any]) -> None:
    """Also at order 2, where the gradient jumps."""
    x = np.abs(AT_ZERO) if f is ag.sqrt else AT_ZERO
    report = gradcheck(f, x)
    assert report
    if f is ag.relu or f is ag.abs:
        assert gradcheck(f, x, 2).verdict == "not smooth"


def test_at_a_jump_the_slopes_of_both_pieces_count() -> None:
    """A function of steps has slope 0 on both sides, and no other."""
    assert scaled(0.0, np.sign, lambda x: 0 * x).verdict == "not smooth"
    assert not scaled(1.0, np.sign, lambda x: 0 * x)


def test_at_an_edge_of_the_domain_the_side_that_exists_counts() -> None:
    """From its slope to none at all."""

    def root(x: Any) -> Any:
        return np.sqrt(x) ** 3

    with np.errstate(all="ignore"):
        assert gradcheck(root, [0.0], vjp=lambda g, _: g * 0.0).verdict == "not smooth"
        bad = gradcheck(root, [0.0], vjp=lambda g, _: g * 1.0, raise_exception=False)
    assert bad.verdict == "fail"


def test_a_kink_nearby_is_not_one_here() -> None:
    """Steps become smaller than the distance."""
    for near in (1e-2, 1e-4, -1e-4):
        x = np.array([near])
        assert gradcheck(relu, x, vjp=lambda g, x: g * (x > 0)).verdict == "pass"
        assert not gradcheck(relu, x, vjp=lambda g, _: g * 0.5, raise_exception=False)


def test_noise_has_no_derivative() -> None:
    """Where differences agree on neither side nothing can be said, and nothing is accepted."""

    def noise(x: Any) -> Any:
        return np.sin(1e9 * x) * 1e-2 + x

    report = gradcheck(noise, AT_ZERO, vjp=lambda g, _: g, raise_exception=False)
    assert not report


def test_many_kinks_in_a_large_input_are_found_each() -> None:
    x = np.linspace(-1, 1, 1000)
    x[::100] = 0.0
    report = gradcheck(ag.relu, x)
    assert report.verdict == "not smooth"
    assert sorted(kink.input.at[0] for kink in report.kinks) == list(range(0, 1000, 100))


def test_a_function_that_refuses_what_is_out_of_its_domain_is_followed_inside() -> None:
    """By smaller steps."""

    def logit(p: Any) -> Any:
        if not ((p > 0) & (p < 1)).all():
            message = "no probability"
            raise ValueError(message)
        return np.log(p / (1 - p))

    def vjp(g: Any, p: Any) -> Any:
        return g / (p * (1 - p))

    assert gradcheck(logit, np.array([1e-3, 0.5, 1 - 1e-4]), vjp=vjp).verdict == "pass"
    assert not gradcheck(logit, 1e-3, vjp=lambda g, p: g / p, raise_exception=False)
