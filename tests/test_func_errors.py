"""What transforms say to what they cannot use; and that nothing is changed by it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

import autograd_lite as ag
from autograd_lite import nn
from autograd_lite.func import grad, hessian, hvp, jacobian, jvp, linearize, value_and_grad, vjp

if TYPE_CHECKING:
    from collections.abc import Callable

x = ag.tensor([1.0, 2.0], requires_grad=True)


WRONG: list[tuple[Callable[[], Any], type[Exception], str]] = [
    (lambda: grad(3), TypeError, "grad: got 3 as the function"),  # type: ignore[arg-type]
    (lambda: grad(ag.sum)(axis=0), ValueError, "grad: got argnums=.* below 0"),
    (lambda: grad(ag.sum, argnums=2)(x), ValueError, "grad: got argnums=.* below 1"),
    (lambda: grad(ag.sum, argnums=(0, -1))(x), ValueError, "each argument once"),
    (lambda: grad(ag.sum, argnums=()), TypeError, "grad: got argnums="),
    (lambda: grad(ag.sum, argnums=True), TypeError, "grad: got argnums=True"),
    (lambda: grad(ag.sum, has_aux=1), TypeError, "grad: got has_aux=1"),  # type: ignore[arg-type]
    (lambda: value_and_grad(lambda v: v)(x), ValueError, r"value_and_grad: .*\(2,\).*one element"),
    (lambda: grad(lambda _: 3.0)(x), TypeError, "grad: the function returned 3.0"),
    (lambda: grad(lambda v: v.numpy().sum())(x), TypeError, "has lost its derivative"),
    (lambda: grad(lambda v: (v > 0).sum())(x), TypeError, "grad: .*int64, which has no derivative"),
    (lambda: grad(lambda v: v.sum(), has_aux=True)(x), TypeError, "expected a pair"),
    (lambda: grad(ag.sum)([1, 2]), TypeError, "grad: got the input 1, of dtype int64"),
    (lambda: grad(ag.sum)("abc"), TypeError, "grad: got 'abc' as an input"),
    (lambda: grad(ag.sum)(nn.Linear(2, 2)), TypeError, r"grad: got Linear\(.* as an input"),
    (lambda: vjp(ag.sin, x)[1](ag.ones(3)), ValueError, r"vjp: got \(3,\) .* \(2,\) float32"),
    (lambda: vjp(ag.sin, x)[1]((x,)), ValueError, "vjp: got a tuple of 1 as the cotangents"),
    (lambda: jvp(ag.sin, x, x), TypeError, "jvp: got primals=.*expected a tuple"),
    (lambda: jvp(ag.sin, (x,), (x, x)), ValueError, "jvp: got a tuple of 2 as the tangents"),
    (lambda: jvp(ag.sin, (x,), (1.0,)), ValueError, "jvp: got 1.0 in the tangents"),
    (lambda: jvp(ag.sin, (x,), (np.ones(2) * 1j,)), TypeError, "jvp: .*complex128.*real numbers"),
    (lambda: jvp(ag.sin, ({"a": x},), ({"b": x},)), ValueError, r"keys \['b'\].*keys \['a'\]"),
    (lambda: linearize(ag.sin, x)[1](x, x), ValueError, "linearize: got a tuple of 2"),
    (lambda: jacobian(ag.sin, mode="up"), ValueError, "jacobian: got mode='up'"),
    (lambda: jacobian(lambda v: v > 0)(x), TypeError, "jacobian: .*bool.*no derivative"),
    (lambda: hessian(ag.sin)(x), ValueError, "hessian: .*one element"),
    (lambda: hvp(ag.sum, (x,), (None,)), ValueError, "hvp: got None"),
]


@pytest.mark.parametrize(("call", "kind", "words"), WRONG)
def test_an_error_names_the_transform_what_it_got_and_what_it_expected(
    call: Callable[[], Any], kind: type[Exception], words: str
) -> None:
    with pytest.raises(kind, match=words):
        call()
    assert x.grad is None
    assert x.numpy().tolist() == [1.0, 2.0]
    with pytest.raises(kind, match=words):  # the second time as the first: nothing has stayed
        call()


@pytest.mark.parametrize("transform", [jvp, hvp])
def test_tangents_are_checked_before_the_function_runs(transform: Any) -> None:
    def never(_: Any) -> Any:
        raise AssertionError

    with pytest.raises(ValueError, match="tangents"):
        transform(never, (x,), (1.0,))


def test_an_error_inside_the_function_is_the_functions_own() -> None:
    def failing(_: Any) -> Any:
        message = "no idea"
        raise KeyError(message)

    for transform in (grad, vjp, jacobian):
        with pytest.raises(KeyError, match="no idea"):
            vjp(failing, x) if transform is vjp else transform(failing)(x)
    assert (x * 2).requires_grad
