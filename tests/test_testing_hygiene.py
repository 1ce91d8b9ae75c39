"""check_hygiene: right functions keep every rule, and each rule catches what breaks just it."""

from __future__ import annotations

import gc
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

import autograd_lite as ag
from autograd_lite.graph import op
from autograd_lite.testing import Findings, GradientError, check_hygiene

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

RULES = {"form", "mutation", "aliasing", "layout", "determinism", "presence", "freedom"}
X = np.array([[0.3, -1.2, 2.1], [1.7, 0.6, -0.4]])
Y = np.array([0.9, 1.4, -0.7])


def found(f: Callable[..., Any], inputs: Any, **options: Any) -> Findings:
    """What is found, without an exception."""
    return check_hygiene(f, inputs, raise_exception=False, **options)


# ---- right functions


@pytest.mark.parametrize(
    ("f", "inputs"),
    [
        (ag.sin, X),
        (lambda x: x, X),
        (lambda x: (x.reshape(-1), x.T, x[0]), X),
        (lambda x, y: x * y, [X, Y]),
        (lambda x, y: x @ y, [X, Y]),
        (lambda x, i: x[i], [Y, np.array([0, 2, 2])]),
        (ag.sign, X),
        (ag.floor, np.arange(3.0)),
        (lambda x: x > 0, X),
        (lambda x, _: x * 2, [X, Y]),
        (lambda x: (ag.sum(x), ag.argsort(x)), Y),
    ],
)
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_right_functions_keep_every_rule(f: Callable[..., Any], inputs: Any, dtype: str) -> None:
    inputs = inputs if isinstance(inputs, list) else [inputs]
    inputs = [a.astype(dtype) if a.dtype.kind == "f" else a for a in inputs]
    assert set(check_hygiene(f, inputs).kept) == RULES


def test_a_plain_function_keeps_all_but_what_is_for_graphs() -> None:
    findings = check_hygiene(
        lambda x, y: (x * y, x.sum()),
        [X, Y],
        vjp=lambda g, x, y: (g[0] * y + g[1], (g[0] * x).sum(0)),
    )
    assert set(findings.kept) == RULES - {"freedom"}
    number = check_hygiene(np.square, 3.0, vjp=lambda g, x: g * 2 * x)
    assert set(number.skipped) == {"layout", "freedom"}


# ---- wrong ones


def double(g: Any, x: Any) -> Any:
    """The gradient of a square."""
    return g * 2 * x


def in_float64(g: Any, x: Any) -> Any:
    """One that leaks float64."""
    return g * 2 * np.asarray(x, np.float64)


def not_summed(g: Any, x: Any, y: Any) -> Any:
    """That of a product, without the sum over broadcast axes."""
    return g * y, g * x


@pytest.mark.parametrize(
    ("f", "inputs", "vjp", "text"),
    [
        (np.square, X.astype("float32"), in_float64, "input 0, (2, 3) float32, has a gradient"),
        (np.square, X, in_float64, "has a gradient (2, 3) float64; expected (2, 3) float32"),
        (np.multiply, [X, Y], not_summed, "input 1, (3,) float64, has a gradient (2, 3) float64"),
        (np.multiply, [X, X, X][:2], lambda g, x, y: (g, x, y), "got 3 gradients; expected 2"),
    ],
)
def test_form(f: Callable[..., Any], inputs: Any, vjp: Callable[..., Any], text: str) -> None:
    findings = found(f, inputs, vjp=vjp)
    assert next(iter(findings.broken)) == "form"
    assert text in str(findings)


def test_mutation() -> None:
    """Of an input by the function, of the cotangent by the rule, of what either has captured."""

    def sorted_in_place(x: Any) -> Any:
        x.sort()
        return x * 1

    def spoiled(g: Any, x: Any) -> Any:
        g *= 2
        return g * x

    @op
    def spoiling(x: Any, /) -> tuple[Any, ...]:
        def vjp(g: Any) -> Any:
            g *= 2
            return g * x

        return x * x, vjp

    weights = np.ones(3)

    def counting(x: Any) -> Any:
        weights[0] += 0 * x[0, 0] + 1
        return x * float(weights[1])

    plain = found(sorted_in_place, X, vjp=lambda g, _: g * 1)
    assert "input 0 of shape (2, 3), entry (" in plain.broken["mutation"][1]
    assert "cotangent 0 of shape (2, 3)" in str(found(np.square, X, vjp=spoiled))
    assert "mutation" in found(spoiling, X).broken
    captured = found(counting, X, vjp=lambda g, _: g * float(weights[1]))
    assert list(captured.broken) == ["mutation"]
    assert "captured array 0 of shape (3,), entry (0,)" in str(captured)


@pytest.mark.parametrize(
    ("f", "inputs", "vjp", "text"),
    [
        (np.positive, X, lambda g, _: g, "input 0 shares memory with cotangent 0"),
        (np.add, [X, X], lambda g, _x, _y: (g + 0,) * 2, "with the gradient of input 1"),
        (lambda x: x * x / 2, X, lambda _g, x: x, "input 0 shares memory with input 0"),
        (lambda x: x[::-1] * 1, X, lambda g, _: g[::-1], "shares memory with cotangent 0"),
    ],
)
def test_aliasing(f: Callable[..., Any], inputs: Any, vjp: Any, text: str) -> None:
    findings = found(f, inputs, vjp=vjp)
    assert list(findings.broken) == ["aliasing"]
    assert text in str(findings)


def test_aliasing_with_an_output() -> None:
    out = np.zeros_like(X)
    findings = found(lambda x: np.exp(x, out=out), X, vjp=lambda _g, _x: out)
    assert "shares memory with output 0" in str(findings)


def test_layout() -> None:
    """Of inputs as well as of cotangents: what reads raw memory is lost in another order."""

    def raw(a: NDArray[Any]) -> NDArray[Any]:
        return np.ravel(a, "K").reshape(a.shape)

    by_value = found(lambda x: raw(x) * 2, X, vjp=lambda g, _: g * 2)
    assert list(by_value.broken) == ["layout"]
    assert "output 0 of shape (2, 3), entry (" in str(by_value)
    assert "of transposed arrays" in str(by_value)
    by_cotangent = found(lambda x: x * 2, X, vjp=lambda g, _: raw(g) * 2)
    assert list(by_cotangent.broken) == ["layout"]
    assert "the gradient of input 0 of shape (2, 3), entry (" in str(by_cotangent)

    @op
    def raw_op(x: Any, /) -> tuple[Any, ...]:
        return raw(x) * 1, lambda g: g

    assert "layout" in found(raw_op, X).broken


def test_determinism() -> None:
    random = np.random.default_rng(0)
    value = found(lambda x: x + random.uniform(), X, vjp=lambda g, _: g * 1)
    assert "determinism" in value.broken
    gradient = found(np.square, X, vjp=lambda g, x: double(g, x) * (1 + 1e-13 * random.uniform()))
    assert list(gradient.broken) == ["determinism"]
    assert "the gradient of input 0" in str(gradient)


@pytest.mark.parametrize(
    "f",
    [
        lambda x, y: ag.sin(x.detach()) * y,
        lambda x, y: np.sin(x.numpy()) * y,
        lambda x, y: ag.tensor(np.square(x.numpy())) + y,
        lambda x, y: (y * 2, ag.tensor(x.numpy() * 2)),
    ],
)
def test_presence(f: Callable[..., Any]) -> None:
    findings = found(f, [X, X])
    assert list(findings.broken) == ["presence"]
    assert "input 0, (2, 3) float64, has no gradient; but the values change by" in str(findings)
    assert "return zeros where the derivative is meant to be zero" in str(findings)


def test_presence_of_a_plain_gradient() -> None:
    findings = found(np.multiply, [X, X], vjp=lambda g, x, _y: (None, g * x))
    assert list(findings.broken) == ["presence"]
    assert check_hygiene(lambda x, _: x * 2, [X, X], vjp=lambda g, _x, _y: (g * 2, None))


def test_freedom() -> None:
    """Of cycles, and of results that somebody keeps."""
    kept: list[Any] = []

    def keeping(x: Any) -> Any:
        kept.append(ag.sin(x))
        return kept[-1] * 2

    def cyclic(x: Any) -> Any:
        y = ag.sin(x)

        def again(n: int) -> Any:
            return y if n == 0 else again(n - 1)

        return again(2)

    assert list(found(keeping, X).broken) == ["freedom"]
    assert list(found(cyclic, X).broken) == ["freedom"]
    assert gc.isenabled()


def test_a_product_of_many_matrices_leaves_no_cycle() -> None:
    """Its recursion once held its factors until the collector came."""
    assert check_hygiene(lambda *m: ag.linalg.multi_dot(m), [Y[:2], X, X.T]).kept


# ---- failures and calls


def test_an_error_is_raised_with_all_that_is_broken() -> None:
    with pytest.raises(GradientError) as caught:
        check_hygiene(np.positive, X, vjp=lambda g, _: g)
    assert str(caught.value) == str(found(np.positive, X, vjp=lambda g, _: g))


def test_inputs_are_as_before() -> None:
    """Whatever the function does to what it is given."""
    x = X.copy()
    with pytest.raises(GradientError):
        check_hygiene(lambda x: np.multiply(x, 2, out=x), x, vjp=lambda g, _: g * 2)
    np.testing.assert_array_equal(x, X)


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: check_hygiene(ag.sin, [1]), TypeError, "check_hygiene: got inputs"),
        (lambda: check_hygiene(ag.sin, X, seed=-1), ValueError, "got order=2, seed=-1"),
        (lambda: check_hygiene(ag.sin, X, order=0), ValueError, "expected order from 1"),
        (lambda: check_hygiene(np.fft.fft, X, vjp=double), TypeError, "expected arrays of real"),
        (lambda: check_hygiene(lambda _: None, X, vjp=double), TypeError, r"gives \[None\]"),
        (lambda: check_hygiene(None, X), TypeError, "expected a function"),  # type: ignore[arg-type]
    ],
)
def test_wrong_calls_say_what_to_do(
    call: Callable[[], Any], error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        call()
