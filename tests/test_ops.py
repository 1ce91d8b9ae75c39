"""Every op of the table: its value is NumPy's, and its gradients those of finite differences."""

from __future__ import annotations

import inspect
import itertools
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import autograd_lite as ag
from autograd_lite import ops
from autograd_lite.testing import gradcheck
from tests.cases import CASES
from tests.cases_nn import FUNCTIONS
from tests.strategies import array

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from tests.case import Case
    from tests.strategies import Draw

# For what takes ten times as long as a call, of hundreds of ops: a third, but at night all.
EXAMPLES = settings().max_examples
few = settings(max_examples=EXAMPLES if EXAMPLES >= 1000 else max(EXAMPLES // 3, 5))
TOLERANCE = {"float64": 1e-10, "float32": 2e-4}

TABLE = [*CASES, *FUNCTIONS]

each_op = pytest.mark.parametrize("case", TABLE, ids=repr)
thrice_differentiable = pytest.mark.parametrize("case", [c for c in TABLE if c.order > 2], ids=repr)
differentiable = pytest.mark.parametrize("case", [c for c in TABLE if c.order], ids=repr)


def draw_call(draw: Draw, case: Case, dtype: str) -> tuple[list[NDArray[Any]], dict[str, Any]]:
    """The operands and static arguments of one example."""
    shapes, static = draw(case.inputs)
    domains = itertools.chain(case.domains, itertools.repeat(case.domains[-1]))
    operands = [array(draw, shape, np.dtype(dtype), d) for shape, d in zip(shapes, domains)]  # noqa: B905
    return operands, static


def tensors(operands: list[NDArray[Any]]) -> list[ag.Tensor]:
    """The operands as tensors that require gradients where they can."""
    return [ag.tensor(a, requires_grad=a.dtype.kind == "f") for a in operands]


def same_everywhere(got: Any, expected: Any, dtype: str) -> None:
    """Assert equality up to rounding, of values, shape and dtype."""
    assert got.shape == expected.shape
    assert got.dtype == expected.dtype
    tolerance = TOLERANCE[dtype]
    np.testing.assert_allclose(got, expected, rtol=tolerance, atol=tolerance)


@each_op
@given(data=st.data())
def test_value_is_numpys_on_tensors_and_on_arrays(case: Case, data: st.DataObject) -> None:
    """An op computes what NumPy does, in any dtype and memory layout, and leaves its inputs."""
    dtype = data.draw(st.sampled_from(["float64", "float32"]))
    operands, static = draw_call(data.draw, case, dtype)
    before = [a.copy() for a in operands]
    expected = np.asarray(case.call(case.reference, operands, static))
    result = case.call(case.op, tensors(operands), static)
    assert isinstance(result, ag.Tensor)
    same_everywhere(result.numpy(), expected, dtype)
    plain = case.call(case.op, operands, static)
    assert not isinstance(plain, ag.Tensor)
    same_everywhere(np.asarray(plain), expected, dtype)
    for a, b in zip(operands, before, strict=True):
        np.testing.assert_array_equal(a, b)


@differentiable
@given(data=st.data())
def test_gradients_of_orders_one_and_two(case: Case, data: st.DataObject) -> None:
    """The gradients of orders 1 and 2 are those of finite differences."""
    operands, static = draw_call(data.draw, case, "float64")
    gradcheck(lambda *xs: case.call(case.op, xs, static), operands, order=min(case.order, 2))


@thrice_differentiable
@few
@given(data=st.data())
def test_gradients_up_to_order_three(case: Case, data: st.DataObject) -> None:
    """Those of order 3, too."""
    operands, static = draw_call(data.draw, case, "float64")
    gradcheck(lambda *xs: case.call(case.op, xs, static), operands, order=3)


@differentiable
@given(data=st.data())
def test_gradients_have_shape_dtype_and_memory_of_their_own(
    case: Case, data: st.DataObject
) -> None:
    """A gradient has its input's shape and dtype at orders 1 and 2, and memory of its own."""
    dtype = data.draw(st.sampled_from(["float64", "float32"]))
    operands, static = draw_call(data.draw, case, dtype)
    inputs = tensors(operands)
    values = [x._data.copy() for x in inputs]
    result = case.call(case.op, inputs, static)
    seed = np.ones(result.shape, result.dtype)
    result.backward(seed, create_graph=True)
    leaves = [x for x in inputs if x.requires_grad]
    first = [x.grad for x in leaves]
    total: Any = 0
    for x, g in zip(leaves, first, strict=True):
        assert g is not None
        assert (g.shape, g.dtype) == (x.shape, x.dtype)
        total = total + (g * g).sum()
    seconds = ag.grad(total, leaves, allow_unused=True)
    for x, g in zip(leaves, seconds, strict=True):
        assert (g.shape, g.dtype) == (x.shape, x.dtype)
    for x in leaves:
        x.grad = None
    case.call(case.op, inputs, static).backward(seed)
    arrays = [x.grad.numpy() for x in leaves if x.grad is not None]
    for a, b in itertools.combinations([*arrays, *values, seed, *operands], 2):
        assert a is b or not np.shares_memory(a, b) or any(b is o for o in operands)
    for x, value in zip(inputs, values, strict=True):
        np.testing.assert_array_equal(x._data, value)
    np.testing.assert_array_equal(seed, np.ones(seed.shape))


def ops_of(namespace: Any) -> dict[str, Callable[..., Any]]:
    """The public functions of a namespace that are ops, or named as one in their errors."""
    found = inspect.getmembers(namespace, inspect.isfunction)
    return {name: f for name, f in found if f.__module__.startswith("autograd_lite.ops")}


@pytest.mark.parametrize("namespace", [ops, ag], ids=["ops", "face"])
def test_no_op_is_missing_from_the_table(namespace: Any) -> None:
    """Whoever adds an op adds its line to the table."""
    assert set(ops_of(namespace).values()) <= {case.op for case in CASES}


def test_face_offers_every_op_but_those_that_only_gradients_use() -> None:
    """What a user may want is a function of the package."""
    inner = {"both_zero", "div_or_zero", "exceeds", "log_or_zero", "times_slope", "over"}
    inner |= {
        "sign_of",
        "sinc_slope",
        "times",
        "zero_of",
        "on_diagonal",
        "order_statistics",
        "scatter",
        "scatter_along",
        "shares",
        "sum_to",
    }
    assert set(ops_of(ops)) - set(ops_of(ag)) == inner
