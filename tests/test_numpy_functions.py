"""Every public function of NumPy, called with a tensor, loses no gradient in silence."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

import autograd_lite as ag
from autograd_lite.numpy_names import way_of
from tests.numpy_calls import calls, flat, functions, leaf, matrix, values, vector

if TYPE_CHECKING:
    from collections.abc import Callable

FUNCTIONS = functions()
X: Any = np.ones(3)
SUM: Any = np.sum  # whose stubs know not all that they take
VECDOT: Any = np.vecdot


def outcome(name: str, function: Any) -> tuple[tuple[Any, ...], Any]:
    """The first arguments that a function takes, and its result, or its refusal."""
    for args in calls(name):
        try:
            return args, function(*args)
        except TypeError as error:
            if str(error).startswith(f"np.{way_of(function).name}: records no gradient"):
                return args, error
        except (ValueError, IndexError, np.linalg.LinAlgError, AttributeError, RuntimeError):
            continue
    return pytest.fail(f"no call fits np.{name}")


@pytest.mark.parametrize("name", FUNCTIONS)
@pytest.mark.filterwarnings("ignore")  # NumPy's own, of what it is about to remove
def test_a_function_records_or_has_no_derivative_or_says_so(name: str) -> None:
    """The op's result is NumPy's; the error names the function, and an op that there is."""
    function = FUNCTIONS[name]
    way = way_of(function)
    args, result = outcome(name, function)
    if isinstance(result, TypeError):
        assert way.op is None or f"autograd_lite.{way.path}" in str(result)
        assert way.instead in str(result)
        assert not way.is_step
    elif way.op is None:
        assert way.is_step
    else:
        found = flat(result)
        assert all(isinstance(part, ag.Tensor) for part in found)
        expected = flat(function(*values(args)))
        for got, array in zip(found, expected, strict=True):
            np.testing.assert_allclose(got.numpy(), array, rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize(
    ("call", "expected"),
    [
        (lambda x: SUM(x, 0, None, None, 1), [[0.8, 0.75, 0.95]]),
        (lambda x: np.sum(a=x, axis=1, keepdims=np._NoValue), [0.8, 0.75, 0.95]),
        (lambda x: np.var(x, 0, ddof=1, where=np._NoValue), None),
        (lambda x: np.std(x, axis=0, dtype=None, ddof=1), None),
        (lambda x: np.clip(x, 0.2, 0.5), None),
        (lambda x: np.clip(x, min=0.2), None),
        (lambda x: np.clip(x, a_max=0.5, a_min=None), None),
        (lambda x: np.pad(x, 1, mode="constant"), None),
        (lambda x: np.pad(x, 1, "constant", constant_values=2.0), None),
        (lambda x: np.ravel(x, order="C"), None),
        (lambda x: np.einsum("ij->j", x, optimize=True), None),
        (lambda x: np.meshgrid(x[0], x[1], indexing="ij")[0], None),
        (lambda x: np.concatenate((x, x), axis=None, out=None), None),
        (lambda x: np.add(x, 1, where=True, casting="same_kind"), None),
        (lambda x: np.cross(x, x * x, axis=0), None),
        (lambda x: VECDOT(x, x, axis=0), None),
        (lambda x: np.full_like(x, 2.0 * x), None),
        (lambda x: np.insert(arr=x, obj=1, values=x[0], axis=0), None),
        (np.add.reduce, None),
        (lambda x: np.add.reduce(x, axis=(0, 1), keepdims=True), None),
        (lambda x: np.multiply.reduce(x, axis=None), None),
        (lambda x: np.maximum.reduce(x, 1), None),
        (lambda x: np.add.accumulate(x, axis=1), None),
        (lambda x: np.multiply.outer(x, x[0]), None),
        (lambda x: np.subtract.outer(x[0], np.ones(2)), None),
    ],
)
def test_arguments_mean_what_they_mean_to_numpy(call: Callable[[Any], Any], expected: Any) -> None:
    """By position and by name, with NumPy's names and its defaults."""
    x = matrix()
    result = call(x)
    assert result.requires_grad
    np.testing.assert_allclose(result.numpy(), call(x.numpy()))
    if expected is not None:
        np.testing.assert_allclose(result.numpy(), expected)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda x: np.sum(x, dtype="float32"), r"np\.sum: .* dtype='float32'.*autograd_lite\.sum"),
        (lambda x: np.sum(x, 0, np.float32), r"np\.sum: .* dtype"),
        (lambda x: np.mean(x, where=x > 0), r"np\.mean: .* where="),
        (lambda x: np.exp(x, where=np.ones(3, bool)), r"np\.exp: .* where=\(3,\) bool"),
        (lambda x: np.add(x, 1, out=np.empty((3, 3))), r"np\.add: .* out="),
        (lambda x: np.add(x, 1, dtype="float32"), r"np\.add: .* dtype="),
        (lambda x: np.pad(x, 1, "edge"), r"np\.pad: .* mode"),
        (lambda x: np.ravel(x, "F"), r"np\.ravel: .* order"),
        (lambda x: np.add.reduce(x, initial=1.0), r"np\.add\.reduce: "),
        (lambda x: np.add.reduceat(x, [0, 1]), r"np\.add\.reduceat: "),
        (lambda x: np.add.at(np.ones(3), [0], x[0, 0]), r"np\.add\.at: "),
        (lambda x: np.add.at(x, [0], 1.0), r"np\.add\.at: .*x\.at\[index\]"),
        (lambda x: np.fill_diagonal(x, 1.0), r"np\.fill_diagonal: .*x\.at\[i, i\]"),
        (lambda x: np.linspace(x[0, 0], 1, 3), r"np\.linspace: .*np\.linspace\(0, 1, n\)"),
        (lambda x: np.full_like(np.ones(3), x[0]), r"np\.copyto: "),
        (lambda x: np.copyto(np.zeros((3, 3)), x), r"np\.copyto: .*x\.at\[\.\.\.\]"),
    ],
)
def test_what_an_op_does_not_know_is_refused_by_name(
    call: Callable[[Any], Any], message: str
) -> None:
    """A keyword that it lacks, or NumPy's writing into something."""
    with pytest.raises(TypeError, match=message):
        call(matrix())


def test_no_gradient_no_error() -> None:
    """Where no operand requires a gradient, NumPy's keywords are NumPy's."""
    x = ag.tensor([1.0, 2.0])
    assert np.sum(x, dtype="float64") == 3.0
    assert np.exp(x, where=np.array([True, False]), out=np.zeros(2)).shape == (2,)
    assert np.where(x > 1)[0].tolist() == [1]


# ---- conversions


@pytest.mark.parametrize(
    "convert",
    [
        np.asarray,
        lambda x: np.array(x[0]),
        lambda x: np.array([x, x]),
        lambda x: np.array([x[0], x[1]]),
        lambda x: np.array([x], dtype=object),
        lambda x: np.add(X, [x[0], x[1], x[2]]),
        lambda x: np.exp([x[0], x[1]]),
        lambda x: np.zeros(3).__setitem__(slice(None), x),
        lambda x: np.zeros(3).__setitem__([0], x[0]),
        np.float32,
        lambda x: np.full(3, x[0]),
        lambda x: np.arange(x[0]),
        lambda x: np.random.default_rng(0).normal(x),
        np.vectorize(lambda t: t * 2),
        X.dot,
        lambda x: np.r_[x, x],
        np.ma.array,
        np.polynomial.Polynomial,
        np.nditer,
    ],
)
def test_what_makes_an_array_of_a_tensor_is_refused(convert: Callable[[Any], Any]) -> None:
    """If the tensor requires a gradient."""
    with pytest.raises(TypeError, match=r"np\.asarray: this tensor requires a gradient|Iterator"):
        convert(vector())


def test_what_python_makes_a_number_of_has_no_gradient() -> None:
    """By the language's design; NumPy asks for it too, where it stores one number."""
    x = leaf(0.5)
    array = np.zeros(3)
    array[0] = x
    array[1:].fill(x)
    assert array.tolist() == [0.5, 0.5, 0.5]
    assert type(np.float64(x)) is np.float64
    assert [float(x), math.sin(x), f"{x:.2f}"] == [0.5, math.sin(0.5), "0.50"]
    assert np.fromiter([x], float).tolist() == [0.5]


def test_python_and_numpy_may_work_with_tensors_as_numbers() -> None:
    """What only adds and compares records."""
    x = vector()
    assert sum([x[0], x[1]]).requires_grad
    assert max(x[0], x[1]).requires_grad
    made: Any = np.fromfunction(lambda i: i * x[0], (2,))
    assert made.requires_grad
    assert X.clip(0, x).requires_grad


@pytest.mark.parametrize(
    ("function", "names", "call"),
    [
        (np.conj, {}, np.conj),
        (np.modf, {}, np.modf),
        (np.nancumprod, {"axis": 0}, lambda x: np.nancumprod(x, 0)),
        (np.nancumsum, {"axis": 0}, lambda x: np.nancumsum(x, 0)),
        (np.cumulative_prod, {"axis": 0}, lambda x: np.cumulative_prod(x, axis=0)),
        (
            np.polyfit,
            {"y": np.array([1.0, 4.0, 2.0]), "degree": 1},
            lambda x: np.polyfit(x, [1, 4, 2], 1),
        ),
        (np.polymul, {"y": np.array([1.0, 4.0])}, lambda x: np.polymul(x, [1, 4])),
        (np.polyval, {"p": [1.0, 4.0]}, lambda x: np.polyval([1, 4], x)),
    ],
)
def test_what_is_written_instead_computes_the_same(
    function: Any, names: dict[str, Any], call: Callable[[Any], Any]
) -> None:
    """And records a gradient."""
    array = np.array([1.5, np.nan if "nan" in function.__name__ else -2.5, 3.0])
    x = ag.tensor(array, requires_grad=True)
    found = flat(eval(way_of(function).instead, {"ag": ag, "np": np, "x": x, **names}))  # noqa: S307  # text of ours
    for got, expected in zip(found, flat(call(array)), strict=True):
        np.testing.assert_allclose(got.detach().numpy(), expected, rtol=1e-6)
        assert got.requires_grad
