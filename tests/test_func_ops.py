"""Every op of the table: products with its derivative and with the transposed one agree."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograd_lite.func import jacobian, jvp, vjp
from tests.cases import CASES
from tests.cases_nn import FUNCTIONS
from tests.test_ops import draw_call, few

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from tests.case import Case

TABLE = [case for case in [*CASES, *FUNCTIONS] if case.order]
each_op = pytest.mark.parametrize("case", TABLE, ids=repr)

TOLERANCE = {"float64": 1e-9, "float32": 2e-3}


def of_floats(
    case: Case, operands: list[NDArray[Any]], static: dict[str, Any]
) -> tuple[Callable[..., Any], list[NDArray[Any]]]:
    """An op as a function of those operands that have gradients, and these."""
    places = [i for i, a in enumerate(operands) if a.dtype.kind == "f"]

    def f(*floats: Any) -> Any:
        given: list[Any] = list(operands)
        for i, value in zip(places, floats, strict=True):
            given[i] = value
        return case.call(case.op, given, static)

    return f, [operands[i] for i in places]


def like(arrays: list[NDArray[Any]], seed: int) -> list[NDArray[Any]]:
    """Random numbers in the shapes and dtypes of some arrays."""
    rng = np.random.default_rng(seed)
    return [rng.uniform(-1, 1, a.shape).astype(a.dtype) for a in arrays]


def inner(left: Any, right: Any) -> float:
    """The sum of the products of the elements of two lists of arrays."""
    pairs = zip(left, right, strict=True)
    return float(sum((np.float64(a) * np.float64(b)).sum() for a, b in pairs))


def values(tensors: Any) -> list[NDArray[Any]]:
    """The arrays of some tensors."""
    return [t.numpy() for t in tensors]


@each_op
@few
@given(data=st.data())
def test_forward_and_reverse_are_transposes(case: Case, data: st.DataObject) -> None:
    """<v, J w> = <J^T v, w>, in shape and dtype like the output and the inputs."""
    dtype = data.draw(st.sampled_from(["float64", "float32"]))
    f, inputs = of_floats(case, *draw_call(data.draw, case, dtype))
    directions = like(inputs, 1)
    with np.errstate(all="ignore"):
        out, pullback = vjp(f, *inputs)
        same, tangent = jvp(f, tuple(inputs), tuple(directions))
    np.testing.assert_array_equal(out.numpy(), same.numpy())
    assert (tangent.shape, tangent.dtype) == (out.shape, out.dtype)
    (cotangent,) = like([out.numpy()], 2)
    pulled = values(pullback(cotangent))
    assert [(p.shape, p.dtype) for p in pulled] == [(a.shape, a.dtype) for a in inputs]
    forward, reverse = inner([cotangent], values([tangent])), inner(pulled, directions)
    scale = sum(np.abs(p).sum() for p in pulled) + np.abs(tangent.numpy()).sum() + 1
    assert forward == pytest.approx(reverse, abs=TOLERANCE[dtype] * float(scale))


def block(out: Any, x: NDArray[Any], rows: list[NDArray[Any]]) -> NDArray[Any]:
    """The rows of a Jacobian in its shape."""
    return np.reshape(np.stack(rows) if rows else np.zeros(0), (*out.shape, *x.shape))


@each_op
@few
@given(data=st.data())
def test_a_jacobian_is_all_the_single_products(case: Case, data: st.DataObject) -> None:
    """Many rows at once, in both modes, are what one pullback at a time gives."""
    dtype = data.draw(st.sampled_from(["float64", "float32"]))
    f, inputs = of_floats(case, *draw_call(data.draw, case, dtype))
    with np.errstate(all="ignore"):
        out, pullback = vjp(f, *inputs)
        units = np.eye(out.size, dtype=out.dtype).reshape(out.size, *out.shape)
        rows = [values(pullback(unit)) for unit in units]
        argnums = tuple(range(len(inputs)))
        for mode in ("reverse", "forward"):
            blocks = jacobian(f, argnums=argnums, mode=mode)(*inputs)
            for i, (x, got) in enumerate(zip(inputs, blocks, strict=True)):
                expected = block(out, x, [row[i] for row in rows])
                assert (got.shape, got.dtype) == (expected.shape, x.dtype)
                np.testing.assert_allclose(
                    got.numpy(), expected, rtol=TOLERANCE[dtype], atol=TOLERANCE[dtype]
                )
