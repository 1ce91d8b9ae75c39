"""The oracle of gradcheck: how far it is right, and whether it knows; and plain functions."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import autograd_lite as ag
import nn
from autograd_lite.testing import GradientError, gradcheck
from autograd_lite.testing.oracle import Oracle
from autograd_lite.testing.subject import row, subject_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from autograd_lite.testing.slope import Slope

# Functions with their derivatives, steep and flat, with poles nearby and with cancellation.
KNOWN: dict[str, tuple[Callable[[Any], Any], Callable[[Any], Any]]] = {
    "sin": (np.sin, np.cos),
    "exp": (lambda x: np.exp(3 * x), lambda x: 3 * np.exp(3 * x)),
    "tanh": (lambda x: np.tanh(20 * x), lambda x: 20 / np.cosh(20 * x) ** 2),
    "log": (np.log, lambda x: 1 / x),
    "power": (lambda x: x**7.5, lambda x: 7.5 * x**6.5),
    "pole": (lambda x: 1 / (x - 2.001), lambda x: -1 / (x - 2.001) ** 2),
    "cancels": (lambda x: (1e6 + x) - 1e6, lambda x: 0 * x + 1),
    "fast": (lambda x: np.sin(50 * x), lambda x: 50 * np.cos(50 * x)),
    "constant": (lambda x: 0 * x + 1e6, lambda x: 0 * x),
    "float32": (lambda x: np.sin(x.astype(np.float32)).astype(float), np.cos),
}


def slope_at(f: Callable[..., Any], x: float, share: float = 0.0) -> Slope:
    """What differences find, of which an error of `share` of the slope is small enough."""
    subject = subject_of(f, [np.array([x])], vjp=lambda g, x: g * x)
    oracle = Oracle(subject, row(subject.values(subject.point)))
    with np.errstate(all="ignore"):
        return oracle.by_differences(
            0, np.ones(1), lambda s: bool((s.error <= share * np.abs(s.value)).all())
        )


@given(
    x=st.floats(0.05, 2.0), name=st.sampled_from(sorted(KNOWN)), share=st.sampled_from([0, 1e-9])
)
def test_the_error_of_differences_is_inside_their_own_estimate(
    x: float, name: str, share: float
) -> None:
    """Whatever the function: an error bar that is too small would fail right gradients."""
    f, derivative = KNOWN[name]
    slope = slope_at(f, x, share)
    with np.errstate(all="ignore"):
        right = float(derivative(np.array([x]))[0])
    assert abs(slope.value[0] - right) <= slope.error[0] + 1e-13 * abs(right)


@pytest.mark.parametrize("name", ["sin", "exp", "log", "power"])
def test_differences_are_precise_where_the_function_is(name: str) -> None:
    """An error bar that is too large would hide wrong gradients."""
    f, derivative = KNOWN[name]
    slope = slope_at(f, 0.7)
    assert slope.error[0] < 1e-9 * abs(derivative(0.7))


def test_a_complex_step_is_taken_where_it_is_right() -> None:
    """Of analytic functions; not of those that do something else with complex numbers."""
    x = np.array([0.3, -1.2, 2.1, 0.4, 0.9])
    assert gradcheck(ag.tanh, x).oracle == "complex step"
    plain: list[tuple[Any, Any]] = [
        (np.abs, lambda g, x: g * np.sign(x)),
        (lambda x: np.real(x) ** 2, lambda g, x: 2 * g * x),
        (lambda x: x * np.conj(x), lambda g, x: 2 * g * x),
        (lambda x: np.array([float(v) ** 2 for v in x]), lambda g, x: 2 * g * x),
    ]
    for f, vjp in plain:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", np.exceptions.ComplexWarning)
            assert gradcheck(f, x, vjp=vjp).oracle == "differences"


def test_a_complex_step_sees_what_differences_cannot() -> None:
    """An error of 1e-9, relatively, with a tolerance to match."""
    x = np.array([0.3, -1.2, 2.1])
    assert gradcheck(np.sin, x, vjp=lambda g, x: g * np.cos(x), rtol=1e-13)
    with pytest.raises(GradientError, match="is wrong"):
        gradcheck(np.sin, x, vjp=lambda g, x: g * np.cos(x) * (1 + 1e-7), rtol=1e-9)


def test_a_plain_function_of_several_inputs_and_outputs_is_checked() -> None:
    """The vjp gets a tuple, and gives one; integer inputs have no gradient."""

    def f(x: Any, n: Any, y: Any) -> Any:
        return x * y, np.sum(x**n), n

    def vjp(g: Any, x: Any, n: Any, y: Any) -> Any:
        return g[0] * y + g[1] * n * x ** (n - 1), g[0] * x

    inputs = [np.array([1.0, 2.0]), np.array([2, 3]), np.array([0.5, -1.0])]
    assert gradcheck(f, inputs, vjp=vjp).verdict == "pass"
    with pytest.raises(GradientError, match="input 2 of shape"):
        gradcheck(f, inputs, vjp=lambda g, *x: (vjp(g, *x)[0], None, 2 * vjp(g, *x)[1]))
    with pytest.raises(GradientError, match="another shape or dtype"):
        gradcheck(f, inputs, vjp=lambda g, *x: (vjp(g, *x)[0], vjp(g, *x)[1][:1]))
    with pytest.raises(TypeError, match="gives 1 gradients; expected"):
        gradcheck(f, inputs, vjp=lambda g, *x: vjp(g, *x)[0])


def test_what_cancels_is_not_differentiated() -> None:
    """The mean of equal numbers has no gradient in its weights but the last digit of its terms.

    That once was 0 along large steps, and along a small one a slope of 6e-11 that seemed certain.
    """
    equal, generator = np.full((1, 3), np.log(1 / 3)), np.random.default_rng(0)
    loss = nn.NLLLoss(weight=np.array([1.0, 2.0, 0.5]))
    for _ in range(25):
        shares = generator.dirichlet(np.ones(3))[None]
        assert gradcheck(loss, [equal, shares], order=2).verdict == "pass"


def test_a_gradient_of_none_is_zero() -> None:
    """And so wrong, where the function moves."""
    with pytest.raises(GradientError, match="analytic 0, numerical 2"):
        gradcheck(lambda x: 2 * x, 1.5, vjp=lambda g, x: None)  # noqa: ARG005
    assert gradcheck(lambda x: 0 * x + 1, 1.5, vjp=lambda g, x: None)  # noqa: ARG005


def test_a_report_instead_of_an_exception_is_given_for_every_failure() -> None:
    """Also where there is nothing to compare with."""
    x = np.array([1.0, 0.0])
    with np.errstate(all="ignore"):
        for f, vjp, words in [
            (np.log, lambda g, x: g / x, "gives -inf"),
            (np.abs, lambda g, x: g * x / np.abs(x), "the gradient of order 1 is nan"),
            (np.abs, lambda g, _: g[:1], "another shape"),
            (np.square, lambda g, x: g * x, "is wrong"),
        ]:
            report = gradcheck(f, x, vjp=vjp, raise_exception=False)
            assert not report
            assert report.verdict == "fail"
            assert words in str(report)


def test_senseless_functions_are_refused() -> None:
    """With what was given, and what is expected."""
    with pytest.raises(TypeError, match="got 3 as vjp; expected a function"):
        gradcheck(np.sin, 1.0, vjp=3)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="got order=2 with a vjp; expected order 1"):
        gradcheck(np.sin, 1.0, 2, vjp=lambda g, x: g * np.cos(x))


def double(x: Any) -> Any:
    """A function of tensors with a wrong gradient, which can be imported by name."""
    return x * 2 + (x * x).detach()


def plain(x: Any) -> Any:
    """A plain one."""
    return x * x


def plain_vjp(g: Any, x: Any) -> Any:
    """Its vjp without the 2."""
    return g * x


@pytest.mark.parametrize(("f", "vjp"), [(double, None), (plain, plain_vjp)])
def test_the_snippet_runs_and_shows_both_numbers(
    f: Any, vjp: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    """As it stands, in a fresh namespace."""
    with pytest.raises(GradientError) as caught:
        gradcheck(f, [np.array([1.5, -2.5])], vjp=vjp)
    message = str(caught.value)
    lines = message.partition("to reproduce:\n")[2].splitlines()
    exec("\n".join(line[4:] for line in lines), {})  # noqa: S102  # what a reader would run
    analytic, numerical = (float(line.split()[-1]) for line in capsys.readouterr().out.splitlines())
    assert f"analytic {analytic:.6g}" in message
    assert numerical == pytest.approx(
        float(message.partition("numerical ")[2].partition("\n")[0]), rel=1e-6
    )
