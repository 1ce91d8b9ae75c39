"""Every op that ONNX has a counterpart of, exported, gives the same in onnxruntime."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

import autograd_lite as ag
from autograd_lite import ops
from autograd_lite.testing.strategies import arrays
from tests import cases_elementwise, cases_form, cases_linalg, cases_pick
from tests.cases import CASES
from tests.onnx_runs import same, session
from tests.strategies_form import masks_of

if TYPE_CHECKING:
    from autograd_lite.testing.case import OpCase

# What gradients alone need: no model calls them.
OF_GRADIENTS = {
    ops.div_or_zero,
    ops.exceeds,
    ops.log_or_zero,
    ops.order_statistics,
    ops.scatter,
    ops.scatter_along,
    ops.shares,
    ops.sum_to,
    ops.times_slope,
}
REFUSED = OF_GRADIENTS.union(
    cases_elementwise.WITHOUT_ONNX,
    cases_form.WITHOUT_ONNX,
    cases_linalg.WITHOUT_ONNX,
    cases_pick.WITHOUT_ONNX,
    cases_pick.MADE_OF,
)
MADE_OF = {**cases_linalg.MADE_OF, **cases_pick.MADE_OF}  # what stops the export of others
TRANSPOSED = {ag.cov, ag.corrcoef}
PRODUCTS = {"MatMul", "Gemm", "Einsum"}

FEWER = settings(max_examples=settings().max_examples // 3)  # an export takes 10 ms
EXPORTED = [case for case in CASES if case.op not in REFUSED]


@pytest.mark.parametrize("case", EXPORTED, ids=repr)
@FEWER
@given(data=st.data())
def test_every_op_gives_the_same_in_onnxruntime(case: OpCase, data: st.DataObject) -> None:
    """On inputs of any shape, with any settings."""
    dtype = np.dtype(data.draw(st.sampled_from(["float32", "float64"])))
    # onnxruntime 1.20 makes x x^T one product, which it has no kernel of in float64.
    assume(case.op not in TRANSPOSED or dtype == np.float32)
    shapes, static = data.draw(case.inputs)
    domains = itertools.chain(case.domains, itertools.repeat(case.domains[-1]))
    assume(all(mask.ndim for mask in masks_of(static.get("index"))))  # that of no axes is refused
    inputs = [np.array(data.draw(arrays(s, dtype, d))) for s, d in zip(shapes, domains)]  # noqa: B905

    def model(*tensors: Any) -> Any:
        return case.call(case.op, list(tensors), static)

    proto = ag.to_onnx(model, tuple(inputs), dynamic_batch=False, check=False)
    # The kernels of onnxruntime 1.20 refuse some products of empty arrays.
    products = any(node.op_type in PRODUCTS for node in proto.graph.node)
    assume(not products or all(a.size for a in inputs))
    same(session(proto), model, inputs)


@pytest.mark.parametrize("case", [c for c in CASES if c.op in REFUSED], ids=repr)
@settings(max_examples=1)
@given(data=st.data())
def test_an_op_without_counterpart_is_refused_by_name(case: OpCase, data: st.DataObject) -> None:
    """With the way out."""
    shapes, static = data.draw(case.inputs)
    name = MADE_OF.get(case.op, case.op.__name__)

    def model(*tensors: Any) -> Any:
        return case.call(case.op, list(tensors), static)

    with pytest.raises(NotImplementedError, match=rf"`{name}` has no counterpart.*write it with"):
        ag.to_onnx(model, tuple(np.ones(shape) for shape in shapes), dynamic_batch=False)


def test_an_einstein_sum_of_nothing_is_written_as_zeros() -> None:
    """The kernel of onnxruntime would end the process."""

    def model(x: Any, y: Any) -> Any:
        return ag.einsum("ij,kj->ik", x, y)

    x, y = np.ones((2, 0), np.float32), np.ones((3, 0), np.float32)
    same(session(ag.to_onnx(model, (x, y), dynamic_batch=False)), model, [x, y])
