"""check_laws: right functions keep every law, and each law catches what breaks just that one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

import autograd_lite as ag
from autograd_lite.graph import op
from autograd_lite.testing import Findings, GradientError, check_laws

if TYPE_CHECKING:
    from collections.abc import Callable

LAWS = {"transposition", "linearity", "zero", "broadcast", "shared", "symmetry", "modes"}
X = np.array([[0.3, -1.2, 2.1], [1.7, 0.6, -0.4]])
Y = np.array([0.9, 1.4, -0.7])


def found(f: Callable[..., Any], inputs: Any, **options: Any) -> Findings:
    """What is found, without an exception."""
    findings = check_laws(f, inputs, raise_exception=False, **options)
    names = [*findings.kept, *findings.skipped, *findings.broken]
    assert len(names) == len(set(names))
    return findings


# ---- right functions


@pytest.mark.parametrize(
    ("f", "inputs", "skipped"),
    [
        (ag.sin, X, {"broadcast", "shared"}),
        (lambda x, y: ag.exp(x) * y, [X, Y], {"shared"}),
        (lambda x, y: ag.exp(x) * y, [X, X + 1], {"broadcast"}),
        (lambda x, y, z: x * y + z, [X, Y, Y], set()),
        (lambda x, i: x[i], [Y, np.array([0, 2, 2])], {"broadcast", "shared"}),
        (lambda x: (ag.sum(x), x * x), X, {"broadcast", "shared"}),
        (ag.matmul, [X @ X.T, np.ones(2)], {"broadcast", "shared"}),
        (ag.matmul, [X @ X.T, np.ones((3, 2, 2))], {"shared"}),
        (ag.relu, np.array([-1.0, 0.0, 1.0]), {"broadcast", "shared"}),
        (ag.maximum, [Y, Y], {"broadcast"}),
        (lambda x: x * 0, X, {"broadcast", "shared"}),
        (lambda _: ag.tensor(1.0), X, {"broadcast", "shared"}),
    ],
)
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_right_functions_keep_every_law(
    f: Callable[..., Any], inputs: Any, skipped: set[str], dtype: str
) -> None:
    """At kinks too; and what says nothing about a function is listed with its reason."""
    inputs = inputs if isinstance(inputs, list) else [inputs]
    inputs = [a.astype(dtype) if a.dtype.kind == "f" else a for a in inputs]
    findings = check_laws(f, inputs)
    assert findings
    assert set(findings.skipped) == skipped
    assert set(findings.kept) == LAWS - skipped
    assert all(reason in str(findings) for reason in findings.skipped.values())


def test_a_plain_function_with_its_products() -> None:
    """Without second order, and without what its jvp would tell where there is none."""
    vjp, jvp = (lambda g, x: g * np.cos(x)), (lambda t, x: t[0] * np.cos(x))
    assert check_laws(np.sin, X, vjp=vjp, jvp=jvp).kept == ("transposition", "linearity", "zero")
    assert check_laws(np.sin, X, vjp=vjp).skipped["transposition"] == "no jvp was given"
    several = check_laws(
        lambda x, y: (x * y, x + y),
        [X, Y],
        vjp=lambda g, x, y: (g[0] * y + g[1], (g[0] * x + g[1]).sum(0)),
        jvp=lambda t, x, y: (t[0] * y + x * t[1], t[0] + t[1]),
    )
    assert set(several.kept) == {"transposition", "linearity", "zero", "broadcast"}


# ---- wrong ones


@op
def absolute(x: Any, /) -> tuple[Any, ...]:
    """A sum whose rule takes the size of the cotangent."""
    return x * 2, lambda g: ag.abs(g) * 2


@op
def shifted(x: Any, /) -> tuple[Any, ...]:
    """A product whose rule adds a constant, which nothing in gives away alone."""
    return x * 2, lambda g: g * 2 + 1e-6


@op
def one_row(x: Any, y: Any, /) -> tuple[Any, ...]:
    """A product whose rule for a broadcast y gives what one row contributes."""
    return x * y, lambda g: g * y, lambda g: (g * x)[0] if ag.tensor(g).ndim > np.ndim(y) else g * x


@op
def detached(x: Any, y: Any, /) -> tuple[Any, ...]:
    """A product whose rule for x loses that it depends on y."""
    return x * y, lambda g: g * values_of(y), lambda g: g * x


def values_of(x: Any) -> Any:
    """The same values; of a tensor, without its dependence on anything."""
    return x.detach() if isinstance(x, ag.Tensor) else x


def by_identity(x: Any, y: Any) -> Any:
    """A product that takes one object for a square, with the rule of one factor."""
    return x * values_of(y) if x is y else x * y


def test_a_rule_that_is_not_linear_is_caught() -> None:
    findings = found(absolute, X)
    assert "linearity" in findings.broken
    assert "zero" in findings.kept
    assert "input 0 of shape (2, 3), entry (" in str(findings)
    assert "look for what is made of the cotangent beside products" in str(findings)


def test_a_gradient_of_nothing_is_caught() -> None:
    """A nan as well as a small constant."""
    plain = found(np.square, X, vjp=lambda g, x: g * 2 * x + 1e-13)
    assert set(plain.broken) == {"zero"}
    assert "a zero cotangent gives the gradient 1e-13, expected 0" in str(plain)
    nan = found(np.square, X, vjp=lambda g, x: g * g / g * 2 * x)
    assert set(nan.broken) == {"zero"}
    tangent = found(np.square, X, vjp=lambda g, x: g * 2 * x,
                    jvp=lambda t, x: t[0] * 2 * x + 1e-14)  # fmt: skip
    assert set(tangent.broken) == {"zero"}
    assert "zero" in found(shifted, X).broken


def test_products_that_are_no_transposes_are_caught() -> None:
    """In one entry of many; it is named, with both values."""

    def jvp(t: Any, x: Any) -> Any:
        out = t[0] * 2 * x
        out[1, 2] *= 1 + 1e-9
        return out

    findings = found(np.square, X, vjp=lambda g, x: g * 2 * x, jvp=jvp)
    assert set(findings.broken) == {"transposition"}
    text = str(findings)
    assert "input 0 of shape (2, 3), entry (1, 2) -> output 0 of shape (2, 3), entry (1, 2)" in text
    assert "-0.8000000008 by the jvp, -0.8 by the vjp" in text


def test_a_tangent_of_another_shape_is_told() -> None:
    findings = found(np.sum, X, vjp=lambda g, x: g * np.ones_like(x), jvp=lambda t, _: t[0])
    assert "got a tangent (2, 3) float64; expected shape ()" in findings.broken["transposition"][1]


def test_a_gradient_of_another_shape_is_told_alone() -> None:
    findings = found(np.add, [X, Y], vjp=lambda g, _x, _y: (g, g))
    assert list(findings.broken) == ["shapes"]
    assert "input 1: got a gradient (2, 3) float64; expected shape (3,)" in str(findings)


@pytest.mark.parametrize("wrong", [one_row, lambda x, y: one_row(x, y) * 2])
def test_a_missing_sum_over_a_broadcast_axis_is_caught(wrong: Callable[..., Any]) -> None:
    findings = found(wrong, [X, Y], order=1)
    assert set(findings.broken) == {"broadcast"}
    assert "input 1 of shape (3,), entry (" in str(findings)


@pytest.mark.parametrize("dtype", ["f4", "f8"])
def test_what_is_the_same_by_chance_is_no_broadcast(dtype: str) -> None:
    """A sum of zeros is that of their copies, other zeros are left over: not so the gradients."""
    zeros: Any = np.zeros((2, 2, 1), dtype)
    for seed in range(20):
        findings = check_laws(
            lambda x, y: ag.sum(x) + y, [zeros[0, 0], zeros[0, 0].repeat(3)], seed=seed
        )
        assert "broadcast" in findings.skipped
        findings = check_laws(lambda x: ag.delete(x, slice(-3, 0, -1)), zeros, seed=seed)
        assert "broadcast" in findings.skipped


def test_a_shared_operand_that_does_not_accumulate_is_caught() -> None:
    """Also where a plain vjp gives something else for one array twice."""
    findings = found(by_identity, [X, X + 1], order=1)
    assert set(findings.broken) == {"shared"}
    assert "with one array given as inputs 0, 1" in str(findings)
    plain = found(
        np.multiply,
        [X, X + 1],
        vjp=lambda g, x, y: (g * y, g * x) if x is not y else (2 * g * x, 0 * g),
    )
    assert set(plain.broken) == {"shared"}


def test_a_second_derivative_that_is_not_symmetric_is_caught() -> None:
    """With the two entries that differ."""
    findings = found(detached, [X, X + 1])
    assert set(findings.broken) == {"symmetry", "modes"}, "one has H v, the other its transpose"
    text = str(findings)
    assert "the other way round" in text
    assert "H of input" in text
    assert not found(detached, [X, X + 1], order=1).broken


@op
def short_cut(x: Any, /) -> tuple[Any, ...]:
    """A sine whose rule spares itself the work for a zero cotangent."""
    return np.sin(x), lambda g: g * ag.cos(x) if np.any(values_of(g)) else ag.zeros_like(x)


def test_modes_that_disagree_are_caught() -> None:
    """A short cut for zeros has no derivative by what is zero, which forward mode asks for."""
    findings = found(lambda x: short_cut(short_cut(x)), X)
    assert set(findings.broken) == {"transposition", "modes"}
    assert "H v by forward over reverse" in str(findings)


# ---- tolerances, failures and calls


@pytest.mark.parametrize("size", [10, 100_000])
def test_the_tolerance_does_not_grow_with_the_size(size: int) -> None:
    x = np.random.default_rng(0).normal(size=size)
    assert check_laws(ag.sin, x)
    assert check_laws(lambda x: ag.sum(ag.exp(x)), x.astype(np.float32))

    def vjp(g: Any, x: Any) -> Any:
        out = g * 2 * x
        out[size // 2] += 1e-3 * g[size // 2] ** 2
        return out

    assert "linearity" in found(np.square, x, vjp=vjp).broken


def test_an_error_is_raised_with_all_that_is_broken() -> None:
    with pytest.raises(GradientError) as caught:
        check_laws(absolute, X)
    assert str(caught.value) == str(found(absolute, X))


def test_values_that_are_not_finite_say_nothing() -> None:
    with np.errstate(all="ignore"):
        findings = check_laws(ag.log, np.array([0.0, 1.0]))
    assert not findings.kept
    assert set(findings.skipped) == LAWS


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: check_laws(ag.sin, [1]), TypeError, "check_laws: got inputs"),
        (lambda: check_laws(lambda x: x > 0, X), TypeError, "nothing floating; expected an array"),
        (lambda: check_laws(ag.sin, X, order=0), ValueError, "got order=0"),
        (lambda: check_laws(ag.sin, X, rtol=-1.0), ValueError, "rtol=-1.0"),
        (lambda: check_laws(ag.sin, X, jvp=np.cos), TypeError, "a jvp and no vjp"),
    ],
)
def test_wrong_calls_say_what_to_do(
    call: Callable[[], Any], error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        call()
