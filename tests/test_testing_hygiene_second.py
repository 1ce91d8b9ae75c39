"""check_hygiene of gradients of gradients: what no first-order pass runs is watched, too."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

import autograd_lite as ag
from autograd_lite import nn
from autograd_lite.graph import op
from autograd_lite.testing import GradientError, check_hygiene, mutants_of
from nn.functional_conv import _conv_weight
from nn.functional_pool import _to_windows

if TYPE_CHECKING:
    from collections.abc import Callable

X = np.array([[0.3, -1.2, 2.1], [1.7, 0.6, -0.4]])


def spoiled(a: Any) -> Any:
    """An array, or what a tensor holds, after it has been written to."""
    array = a if isinstance(a, np.ndarray) else a._data
    array *= 2
    return a


def found(f: Callable[..., Any], inputs: Any = X, **options: Any) -> dict[str, Any]:
    """The rules that are broken."""
    return dict(check_hygiene(f, inputs, raise_exception=False, **options).broken)


@op
def doubled(g: Any, /) -> tuple[Any, ...]:
    """2 g, whose closure writes into its cotangent."""
    return g * 2, lambda h: spoiled(h) * 1


@op
def line(x: Any, /) -> tuple[Any, ...]:
    """4 x, whose closure is right, and that closure's is not."""
    return x * 4, lambda g: doubled(g) * 2


@op
def product(g: Any, x: Any, /) -> tuple[Any, ...]:
    """2 g x, whose closures write into what they have captured."""
    return 2 * g * x, lambda h: h * spoiled(x) * 2, lambda h: h * g * 2


@op
def square(x: Any, /) -> tuple[Any, ...]:
    """The square of x, likewise."""
    return x * x, lambda g: product(g, x)


@op
def spoiling(x: Any, /) -> tuple[Any, ...]:
    """The square of x, whose closure writes into its cotangent."""
    return x * x, lambda g: 2 * spoiled(g) * x


@op
def cyclic(g: Any, /) -> tuple[Any, ...]:
    """2 g, whose closure holds itself."""

    def vjp(h: Any, n: int = 1) -> Any:
        return h * 2 if n == 0 else vjp(h, n - 1)

    return g * 2, vjp


@op
def around(x: Any, /) -> tuple[Any, ...]:
    """4 x, whose closure is right, and that closure's is not."""
    return x * 4, lambda g: cyclic(g) * 2


@pytest.mark.parametrize(
    ("f", "text"),
    [
        (line, "a closure of doubled writes into the gradient that it was given, (2, 3) float64"),
        (square, "a closure of product writes into x, which it captured, (2, 3) float64"),
    ],
)
def test_a_closure_of_a_closure_that_writes_in_place_is_found(
    f: Callable[..., Any], text: str
) -> None:
    broken = found(f)
    assert list(broken) == ["mutation"]
    assert text in "\n".join(broken["mutation"])
    assert not found(f, order=1)


def test_a_closure_within_a_function_is_found_where_nobody_gave_it_its_cotangent() -> None:
    """What it spoils is the sum that another op passed on."""
    broken = found(lambda x: ag.sin(spoiling(x) * x), order=1)
    assert "a closure of spoiling writes into the gradient" in str(broken["mutation"])


@pytest.mark.parametrize(
    ("inner", "name", "f", "shapes"),
    [
        (_to_windows, "_to_windows[0] writes", nn.functional.avg_pool1d, [(1, 1, 4)]),
        (_conv_weight, "_conv_weight[1] writes", nn.functional.conv1d, [(1, 1, 4), (1, 1, 2)]),
    ],
)
def test_errors_in_ops_that_only_gradients_call_are_found(
    inner: Callable[..., Any], name: str, f: Callable[..., Any], shapes: list[tuple[int, ...]]
) -> None:
    arrays = [np.linspace(-1, 2, int(np.prod(shape))).reshape(shape) for shape in shapes]
    call = (lambda x: f(x, 2)) if len(shapes) == 1 else f
    assert check_hygiene(call, arrays)
    mutants = [mutant for mutant in mutants_of(inner) if mutant.name.startswith(name)]
    assert mutants
    for mutant in mutants:
        with mutant.applied(), pytest.raises(GradientError, match="mutation"):
            check_hygiene(call, arrays)


def test_a_cycle_in_the_graph_of_a_gradient_is_found() -> None:
    """Of a closure that holds itself, which the pass that is recorded makes."""
    assert list(found(around)) == ["freedom"]
    assert not found(around, order=1)


def test_what_has_no_second_derivative_keeps_the_rules() -> None:
    for f in (ag.sign, ag.floor, lambda x: x > 0, lambda x: x * 2):
        assert check_hygiene(f, X)
    assert check_hygiene(np.square, X, vjp=lambda g, x: g * 2 * x)
