"""What is tested of an op: a function for each aspect, of one example."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any

import hypothesis
import numpy as np
from hypothesis.errors import InvalidArgument

from autograd_lite.engine import grad
from autograd_lite.func import jacobian, jvp, vjp
from autograd_lite.tensor import Tensor
from autograd_lite.testing.gradcheck import gradcheck
from autograd_lite.testing.hygiene import check_hygiene
from autograd_lite.testing.laws import check_laws
from autograd_lite.testing.report import GradientError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from autograd_lite.testing.example import Example

_PRODUCTS = {8: 1e-9, 4: 2e-3, 2: 2e-1}  # of sums of products with derivatives, by the float's size


def value(example: Example) -> None:
    """The value is that of the reference, of tensors and of arrays, which are left alone."""
    before = [a.copy() for a in example.arrays]
    expected = list(map(np.asarray, example.results(before, example.case.reference)))
    for kind, arrays in (("tensors", example.tensors()), ("arrays", example.arrays)):
        results = example.results(arrays)
        if len(results) != len(expected):
            example.fail(f"gives {len(results)} results of {kind}, the reference {len(expected)}")
        for result, right in zip(results, expected, strict=True):
            if isinstance(result, Tensor) != (kind == "tensors"):
                example.fail(
                    f"gives {type(result).__name__} of {kind}",
                    "an op gives a Tensor of tensors and an array of arrays: write it with"
                    " functions of autograd_lite, or with @func.custom_op",
                )
            got = result._data if isinstance(result, Tensor) else np.asarray(result)
            example.same(f"the result of {kind}", got, right)
    _untouched(example, example.arrays, before)


def gradient(example: Example) -> None:
    """The gradients are those of differences, or of a complex step; at a kink between slopes."""
    smooth = not any(domain.kinks for domain in example.case.domains)
    try:
        report = gradcheck(example.function(), example.arrays, example.order, smooth=smooth)
    except GradientError as error:
        if error.report is not None:
            _climb(error.report.excess)
        raise
    _climb(report.excess)


def products(example: Example) -> None:
    """<v, J w> = <J^T v, w>, and the Jacobian in both modes is all the single products."""
    f, inputs = example.of_floats(), [example.arrays[i] for i in example.floating]
    directions = _random(inputs, 1)
    with np.errstate(all="ignore"):  # of entries that no product uses
        out, pullback = vjp(f, *inputs)
        same, tangent = jvp(f, tuple(inputs), tuple(directions))
        outs, sames, tangents = map(_arrays, (out, same, tangent))
        for a, b, t in zip(outs, sames, tangents, strict=True):
            example.same("the value that jvp gives", b, a, 0.0)
            example.like("the tangent", t, a)
        cotangents = _random(outs, 2)
        pulled = _arrays(pullback(_as(out, cotangents)))
        for i, (x, g) in enumerate(zip(inputs, pulled, strict=True)):
            example.like(f"the product with the transpose, for input {i},", g, x)
        forward, reverse = _inner(cotangents, tangents), _inner(pulled, directions)
        scale = 1 + sum(float(np.abs(a).sum()) for a in (*pulled, *tangents))
        if not abs(forward - reverse) <= _tolerance(inputs) * scale:
            example.fail(
                "forward and reverse mode disagree: <v, J w> is not <J^T v, w>",
                f"<v, J w> = {forward:.10g}, <J^T v, w> = {reverse:.10g}",
            )
        if len(outs) == 1:
            _whole(example, f, inputs, (outs[0], pullback))


def _whole(example: Example, f: Any, inputs: Any, reverse: tuple[Any, Any]) -> None:
    """Many rows at once, in both modes, are what one pullback at a time gives."""
    out, pullback = reverse
    units = np.eye(out.size, dtype=out.dtype).reshape(out.size, *out.shape)
    rows = [_arrays(pullback(unit)) for unit in units]
    for mode in ("reverse", "forward"):
        blocks = jacobian(f, argnums=tuple(range(len(inputs))), mode=mode)(*inputs)
        for i, (x, got) in enumerate(zip(inputs, blocks, strict=True)):
            stack = np.stack([row[i] for row in rows]) if rows else np.zeros(0, x.dtype)
            expected = stack.reshape((*out.shape, *x.shape))
            what = f"the Jacobian for input {i}, {mode} mode, all rows at once,"
            example.same(what, got._data, expected, _tolerance(inputs))


def dtype(example: Example) -> None:
    """Results, and gradients of orders 1 and 2, have the dtype and the shape they should have."""
    inputs = example.tensors()
    results = example.results(inputs)
    for kind, plain in zip(results, example.results(example.arrays), strict=True):
        example.like("the result of arrays, beside that of tensors,", np.asarray(plain), kind)
    if not example.order:
        return
    leaves = [x for x in inputs if x.requires_grad]
    outs = _recorded(example, results)
    if example.case.reference is None:
        wanted = np.result_type(*(x.dtype for x in leaves))
        for out in outs:
            example.like("the result", out, np.empty(out.shape, wanted))
    ones = [np.ones(out.shape, out.dtype) for out in outs]
    first = grad(outs, leaves, ones, create_graph=True)
    _of_inputs(example, 1, leaves, first)
    total: Any = sum((g * g).sum() for g in first)
    if total.requires_grad:
        _of_inputs(example, 2, leaves, grad(total, leaves, allow_unused=True))


def _of_inputs(example: Example, order: int, leaves: list[Tensor], gradients: Any) -> None:
    for i, x, g in zip(example.floating, leaves, gradients, strict=True):
        example.like(f"the gradient of order {order} for input {i}", g, x)


def layout(example: Example) -> None:
    """Values and gradients do not depend on how arrays lie in memory."""
    expected = _outcome(example, [np.array(a, order="C") for a in example.arrays], np.asarray)
    for way, arrays in (("drawn", example.arrays), ("odd", list(map(_odd, example.arrays)))):
        for (what, right), (_, got) in zip(expected, _outcome(example, arrays, _odd), strict=True):
            strides = [a.strides for a in arrays]
            example.same(f"{what}, of arrays in {way} layouts of strides {strides},", got, right)


def _outcome(
    example: Example, arrays: list[NDArray[Any]], lay: Callable[[Any], Any]
) -> list[tuple[str, NDArray[Any]]]:
    """Results and gradients, with what they are called."""
    inputs = [Tensor(a, requires_grad=a.dtype.kind == "f", copy=False) for a in arrays]
    results = example.results(inputs)
    found = [("the result", r._data) for r in results]
    if example.order:
        outs = _recorded(example, results)
        leaves = [x for x in inputs if x.requires_grad]
        seeds = [lay(g) for g in _random([out._data for out in outs], 3)]
        gradients = grad(outs, leaves, seeds, allow_unused=True)
        found += [
            (f"the gradient for input {i}", g._data)
            for i, g in zip(example.floating, gradients, strict=True)
        ]
    return found


def _odd(array: NDArray[Any]) -> NDArray[Any]:
    """The same numbers in memory that is transposed, runs backwards, and has gaps."""
    wide = np.empty([2 * n for n in array.shape[::-1]], array.dtype)
    places: Any = (..., *(slice(None, None, -2),) * array.ndim)
    odd: NDArray[Any] = wide.T[places]
    odd[...] = array
    return odd


def laws(example: Example) -> None:
    """What holds of every right gradient holds of this one."""
    check_laws(example.function(), example.arrays, order=min(example.order, 2))


def hygiene(example: Example) -> None:
    """Nothing is written to or shared, none is missing, and the same comes out twice."""
    if example.order:
        check_hygiene(example.function(), example.arrays, order=min(example.order, 2))
        return
    before = [a.copy() for a in example.arrays]
    inputs = example.tensors()
    once, twice = example.results(inputs), example.results(inputs)
    for a, b in zip(once, twice, strict=True):
        example.same("the result of a second call", b._data, a._data, 0.0)
    _untouched(example, [x._data for x in inputs], before)


def _recorded(example: Example, results: Sequence[Any]) -> list[Tensor]:
    """The results that gradients begin at."""
    outs = [r for r in results if isinstance(r, Tensor) and r.requires_grad]
    if not outs:
        example.fail(
            "gives no result that gradients pass",
            "it must be a Tensor that depends on the inputs: look for detach() or NumPy in the op,"
            " or declare that it has no gradient: order=0",
        )
    return outs


def _untouched(example: Example, after: Sequence[Any], before: Sequence[Any]) -> None:
    for i, (a, b) in enumerate(zip(after, before, strict=True)):
        if not np.array_equal(a, b, equal_nan=a.dtype.kind == "f"):
            example.fail(f"writes to input {i}", "an op leaves what it was given as it was")


def _climb(excess: float) -> None:
    """Tell hypothesis, if it is there, where the search for the worst case should go on."""
    if hypothesis.currently_in_test_context() and np.isfinite(excess):
        with contextlib.suppress(InvalidArgument):  # a second one in one test
            hypothesis.target(float(excess), label="discrepancy in units of the tolerance")


def _random(arrays: Sequence[NDArray[Any]], seed: int) -> list[NDArray[Any]]:
    """Random numbers in the shapes and dtypes of some arrays."""
    rng = np.random.default_rng(seed)
    return [rng.uniform(-1, 1, a.shape).astype(a.dtype) for a in arrays]


def _inner(left: Sequence[Any], right: Sequence[Any]) -> float:
    """The sum of the products of the elements of two lists of arrays."""
    pairs = zip(left, right, strict=True)
    return float(sum(np.multiply(a, b, dtype=np.float64).sum() for a, b in pairs))


def _tolerance(inputs: Sequence[NDArray[Any]]) -> float:
    return max((_PRODUCTS[a.dtype.itemsize] for a in inputs), default=0.0)


def _arrays(results: Any) -> list[NDArray[Any]]:
    """The arrays of one tensor or of several."""
    several = results if isinstance(results, (tuple, list)) else [results]
    return [t._data for t in several]


def _as(out: Any, cotangents: list[Any]) -> Any:
    """Cotangents in the form of what they are of."""
    return type(out)(cotangents) if isinstance(out, (tuple, list)) else cotangents[0]


# By name, in the order in which a failure says most.
CHECKS: dict[str, Callable[[Example], None]] = {
    "value": value,
    "gradient": gradient,
    "jvp": products,
    "laws": laws,
    "dtype": dtype,
    "layout": layout,
    "hygiene": hygiene,
}
OF_GRADIENTS = {"gradient", "jvp", "laws"}  # not of an op without
IN_FLOAT64 = {"gradient", "laws"}
SLOW = {"jvp", "laws", "layout", "hygiene"}  # slower than to draw the example
