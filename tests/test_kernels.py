"""Each kernel against the same in NumPy, and against its composition of primitive ops.

A tolerance is a number of roundings (`np.finfo(dtype).eps`) of the largest number of an array. The
kernels without sums compute the same to the bit, so theirs is 0.
"""

from __future__ import annotations

import functools
import math
import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import HealthCheck, Phase, errors, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

import autograd_lite as ag
from autograd_lite import kernels, optim
from autograd_lite.nn import functional as F  # noqa: N812  # as everybody calls it
from autograd_lite.testing.strategies import Domain, arrays, calls, shapes
from tests.cases_nn import affine, classified, looked_up, softmax, standardize
from tests.strategies import same_but
from tests.test_kernels_loading import same_steps

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from autograd_lite.testing.strategies import Call, Shape

loops: Any = pytest.importorskip("autograd_lite.kernels.loops", reason="needs Numba")

SLOPES = [0.0, 0.01, 1.0, 1.7, -0.5]
DTYPES = ["float32", "float64"]
REAL, ABOVE = Domain(-3, 3), Domain(0.25, 3)
QUARTERS = Domain(-3, 3, grid=0.25)  # whose products are not rounded


@dataclass(frozen=True)
class Case:
    """An op with a kernel, and the same in steps."""

    op: Callable[..., Any]
    steps: Callable[..., Any]
    inputs: st.SearchStrategy[Call]
    uses: str  # the kernels
    roundings: int = 0  # between the two ways of the op
    off: int = 64  # between the op and the steps, which are in float64
    domain: Domain = REAL

    def __repr__(self) -> str:
        return str(self.op.__name__)


# ---- the same in steps


def leaky(x: Any, alpha: float = 0.0) -> Any:
    """x or alpha x."""
    return ag.where(x > 0, x, x * alpha)


def one_hot(index: Any, count: int) -> Any:
    """1 at the index, else 0."""
    return np.equal(index[..., None] % count, np.arange(count)).astype(np.float64)


def class_cross_entropy(x: Any, index: Any, reduction: str = "none") -> Any:
    """-sum y log softmax(x)."""
    losses = -ag.sum(ag.log(softmax(x)) * one_hot(index, x.shape[-1]), -1)
    return losses if reduction == "none" else getattr(ag, reduction)(losses)


def rows_of(x: Any, index: Any) -> Any:
    """A product with a matrix of zeros and ones."""
    count, columns = len(x), math.prod(x.shape[1:])
    picked = one_hot(index.reshape(-1), count) @ ag.reshape(x, (count, columns))
    return ag.reshape(picked, (*index.shape, *x.shape[1:]))


def embedding(x: Any, index: Any, padding_idx: int | None) -> Any:
    """The same, with a row that is a constant."""
    used = np.not_equal(np.arange(len(x)), -1 if padding_idx is None else padding_idx)[:, None]
    return rows_of(x * used + x.detach() * ~used, index)


def linear(x: Any, w: Any, b: Any, activation: Any, alpha: float = 0.0) -> Any:
    """One step after another."""
    assert alpha == 0 or activation is ag.leaky_relu
    return leaky(x @ w + b, alpha)


# ---- what hypothesis draws


def trailing_axes(shape: Shape) -> st.SearchStrategy[Any]:
    """The last axis, the last two, or another one, which has no kernel."""
    more = [(-2, -1), (-1, -2), len(shape) - 1, 0] if len(shape) > 1 else []
    return st.sampled_from([-1, (-1,), *more])


@st.composite
def picked(draw: st.DrawFn) -> Call:
    """Rows by numbers, from either end and more than once."""
    shape = (draw(st.integers(1, 3)), *draw(st.sampled_from([(), (0,), (1,), (3,), (2, 2)])))
    numbers = st.integers(-shape[0], shape[0] - 1)
    size = draw(hnp.array_shapes(min_dims=0, max_dims=2, min_side=0, max_side=4))
    kind = draw(st.sampled_from([np.int64, np.int8]))
    return [shape], {"index": draw(hnp.arrays(kind, size, elements=numbers))}


@st.composite
def activated(draw: st.DrawFn) -> Call:
    """Rows, a matrix, a bias, and an activation with a kink."""
    leaky = {"activation": ag.leaky_relu, "alpha": draw(st.sampled_from(SLOPES[:-1]))}
    return draw(affine(None))[0], draw(st.sampled_from([{"activation": ag.relu}, leaky]))


padded = st.builds(  # rows of a table, one of which may take no gradient
    lambda call, row: (call[0], {**call[1], "padding_idx": row}),
    looked_up(), st.sampled_from([None, 0]),
)  # fmt: skip
one, two = calls(shapes()), calls(same_but(2, vary=False))
filled = shapes(min_dims=1, min_side=1)
CASES = [
    Case(ag.relu, leaky, one, "times_slope"),
    Case(ag.leaky_relu, leaky, calls(shapes(), alpha=st.sampled_from(SLOPES)),
         "times_slope"),
    Case(ag.tanh, lambda x: 1 - 2 / (1 + ag.exp(2 * x)), one, "tanh_gradient"),
    Case(ag.sigmoid, lambda x: 1 / (1 + ag.exp(-x)), one, "sigmoid_gradient"),
    Case(ag.sqrt, lambda x: ag.exp(ag.log(x) / 2), one, "sqrt_gradient", domain=ABOVE),
    Case(ag.div, lambda x, y: x * ag.exp(-ag.log(y)), two, "divisor_gradient", domain=ABOVE),
    Case(ag.softmax, softmax, calls(filled), "below_peak to_shares through_softmax", 16),
    Case(F.class_cross_entropy, class_cross_entropy, classified(),
         "cross_entropy class_excess", 16),
    Case(F.standardize, standardize, calls(
        filled, axis=trailing_axes, eps=st.sampled_from([0.1, 1.0])),
         "standardize standardize_gradient", 512, 512),
    Case(ag.getitem, rows_of, picked(), "add_rows", 16),
    Case(F.embedding, embedding, padded, "add_rows", 16),
    Case(F.linear, linear, activated(), "add_row times_slope", domain=QUARTERS),
]  # fmt: skip
each_case = pytest.mark.parametrize("case", CASES, ids=repr)


# ---- how they are compared


@pytest.fixture(autouse=True, scope="module")
def small_arrays() -> Iterator[None]:
    """Kernels that are for large arrays alone are for small ones here."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(kernels, "_LARGE", 0)
        yield


def close(got: list[Any], expected: list[Any], roundings: int) -> None:
    """Assert that arrays differ by so many roundings of the largest number, or of 1."""
    for a, b in zip(got, expected, strict=True):
        assert a.shape == b.shape
        largest = np.abs(b[np.isfinite(b)]).max(initial=1)
        np.testing.assert_allclose(a, b, rtol=0, atol=roundings * np.finfo(a.dtype).eps * largest)


def derivatives(function: Callable[..., Any], arrays: list[Any]) -> list[Any]:
    """The value, the gradients, the same by a pass that is recorded, and those of order two."""
    rng = np.random.default_rng(0)

    def weights(x: ag.Tensor) -> ag.Tensor:
        return ag.tensor(rng.uniform(-2, 2, x.shape).astype(x.dtype), requires_grad=True)

    xs = [ag.tensor(a, requires_grad=True) for a in arrays]
    y = function(*xs)
    seed = weights(y)
    plain = ag.grad(y, xs, seed, retain_graph=True)
    first = ag.grad(y, xs, seed, create_graph=True)
    second = ag.grad(first, [seed, *xs], [weights(g) for g in first], allow_unused=True)
    results = [y, *plain, *first, *second]
    assert all(r.dtype == arrays[0].dtype for r in results)
    return [r.detach().numpy() for r in results]


def check(case: Case, data: st.DataObject) -> None:
    """Assert that an op gives the same in both ways, and in steps."""
    shapes, chosen = data.draw(case.inputs)
    dtype = data.draw(st.sampled_from(DTYPES))
    operands = [data.draw(arrays(shape, dtype, case.domain)) for shape in shapes]
    with_gaps = data.draw(st.sampled_from([False, False, True]))

    def call(function: Callable[..., Any], *xs: Any) -> Any:
        if with_gaps:  # arrays that no kernel takes
            xs = tuple(ag.getitem(ag.stack([x, x], -1), (..., 0)) for x in xs)
        if case.op is ag.getitem:
            return function(*xs, chosen["index"])
        return function(*xs, **chosen)

    with kernels.switched(on=True):
        fast = derivatives(functools.partial(call, case.op), operands)
    with kernels.switched(on=False):
        plain = derivatives(functools.partial(call, case.op), operands)
        doubles = [np.array(a, np.float64) for a in operands]
        steps = derivatives(functools.partial(call, case.steps), doubles)
    close(fast, plain, case.roundings)
    close(fast, steps, case.off)


def some_examples(case: Case) -> None:
    """`check` outside a test of hypothesis: to fail at once if it fails."""
    plain = settings(database=None, derandomize=True, suppress_health_check=list(HealthCheck))
    few = settings(plain, max_examples=50, phases=[Phase.generate])
    few(given(data=st.data())(lambda data: check(case, data)))()


@each_case
@given(data=st.data())
def test_a_kernel_gives_what_numpy_does_and_what_its_steps_do(
    case: Case, data: st.DataObject
) -> None:
    check(case, data)


# ---- extremes

INF, NAN = math.inf, math.nan
EXTREMES = [
    [NAN, 1, 2], [0, NAN, INF], [INF, 0, 1], [0, INF, INF], [-INF, 0, 1], [1, 2, -INF],
    [-INF, -INF, -INF], [INF, -INF, NAN], [1e4, -1e4, 0], [3e38, -3e38, 0], [-0.0, 0, 1e-38],
]  # fmt: skip
FUNCTIONS: dict[str, Callable[..., Any]] = {
    "relu": ag.relu,
    **{f"leaky {s}": functools.partial(ag.leaky_relu, alpha=s) for s in SLOPES},
    **{f.__name__: f for f in (ag.tanh, ag.sigmoid, ag.sqrt, ag.softmax)},
    "div": lambda x: ag.div(x, x * x),
    "standardize": functools.partial(F.standardize, axis=-1),
    "standardize all": functools.partial(F.standardize, axis=(0, 1)),
    "class 0": lambda x: F.class_cross_entropy(x, index=np.zeros(len(x), int)),
}


def outcome(name: str, x: Any, *, on: bool) -> Any:
    """What a function gives, or the kind of error."""
    with kernels.switched(on=on), np.errstate(all="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of means of nothing
        try:
            return derivatives(FUNCTIONS[name], [x])
        except (ValueError, IndexError) as error:
            return type(error)


@pytest.mark.parametrize("name", FUNCTIONS)
@pytest.mark.parametrize("dtype", DTYPES)
def test_extremes_are_the_same(name: str, dtype: str) -> None:
    """Infinite, huge and missing numbers, rows of one class, and arrays without elements."""
    rows = np.array(EXTREMES, dtype)
    for x in [*(rows[i : i + 1] for i in range(len(rows))), rows[:, :1].copy()]:
        close(outcome(name, x, on=True), outcome(name, x, on=False), 16)
    for x in (np.zeros(shape, dtype) for shape in [(0, 3), (2, 0), (0, 0)]):
        fast, plain = (outcome(name, x, on=on) for on in (True, False))
        if fast is not plain:
            close(fast, plain, 0)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("columns", [100, 4096])
def test_long_rows_lose_no_more_than_numpys(columns: int, dtype: str) -> None:
    """Sums of many numbers, in another order than NumPy's."""
    x = np.random.default_rng(0).normal(10, 3, (3, columns)).astype(dtype)
    for name in ("softmax", "class 0", "standardize"):
        close(outcome(name, x, on=True), outcome(name, x, on=False), 256)


# ---- the tests themselves


NAMES = [name for name, value in vars(loops).items() if hasattr(value, "py_func")]
COMPARISONS: list[tuple[set[str], Callable[[], None]]] = [
    *((set(case.uses.split()), functools.partial(some_examples, case)) for case in CASES),
    ({"momentum_step"}, functools.partial(same_steps, optim.SGD)),
    ({"adam_step"}, functools.partial(same_steps, optim.Adam)),
]


def test_every_kernel_is_used_by_a_comparison(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever adds a kernel adds a line to the table."""
    called: set[str] = set()

    def noted(name: str, kernel: Any, *args: Any) -> Any:
        called.add(name)
        return kernel(*args)

    for name in NAMES:
        kernel = getattr(loops, name)
        monkeypatch.setattr(loops, name, functools.partial(noted, name, kernel))
    for uses, comparison in COMPARISONS:
        called.clear()
        comparison()
        assert uses <= called
    assert set[str]().union(*(uses for uses, _ in COMPARISONS)) == set(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_a_wrong_kernel_is_noticed(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    right = getattr(loops, name)

    def wrong(*args: Any) -> Any:
        arrays = [a for a in args if isinstance(a, np.ndarray)]
        before = [a.copy() for a in arrays]
        result = right(*args)
        for i, old in enumerate(before):
            if not np.array_equal(arrays[i], old):
                arrays[i] *= 1.01
        return result

    monkeypatch.setattr(loops, name, wrong)
    comparison = next(comparison for uses, comparison in COMPARISONS if name in uses)
    with pytest.raises((AssertionError, errors.Flaky)):  # memory may hold the result
        comparison()
