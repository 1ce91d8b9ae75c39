"""The public strategies: all that they draw is valid, and they reach what they promise."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from hypothesis.errors import InvalidArgument

import autograd_lite as ag
from autograd_lite.testing import strategies as s

if TYPE_CHECKING:
    from collections.abc import Callable

FLOATS = ["float16", "float32", "float64"]
quiet = settings(database=None, derandomize=True, max_examples=200, phases=[Phase.generate])


def drawn(strategy: st.SearchStrategy[Any], count: int = 200) -> list[Any]:
    """Hundreds of examples, always the same."""
    found = []

    @settings(quiet, max_examples=count)
    @given(strategy)
    def collect(example: Any) -> None:
        found.append(example)

    collect()
    return found


def reaches(strategy: st.SearchStrategy[Any], *conditions: Callable[[Any], bool]) -> None:
    """Assert that each of some conditions is met by something that is drawn."""
    examples = drawn(strategy)
    for number, condition in enumerate(conditions):
        assert any(condition(example) for example in examples), number


# ---- values


@given(data=st.data())
def test_floats_of_any_dtype_stay_in_the_domain(data: st.DataObject) -> None:
    low = data.draw(st.floats(-2, 2))
    domain = s.Domain(low, low + data.draw(st.floats(0.01, 2)))
    value = data.draw(domain.elements(dtype := data.draw(st.sampled_from(FLOATS))))
    assert domain.low <= value <= domain.high
    assert float(np.dtype(dtype).type(value)) == value


@given(data=st.data())
def test_a_grid_keeps_its_distance(data: st.DataObject) -> None:
    """From a kink at 0, from itself, and from the grid of another operand."""
    x = data.draw(s.arrays((2, 3), domain=s.Domain(-3, 3, grid=0.05, offset=0.02)))
    y = data.draw(s.arrays((5,), domain=s.Domain(-3, 3, grid=0.05, offset=0.035)))
    both = np.sort(np.concatenate([x.reshape(-1), y, [0.0]]))
    assert np.diff(both).min() > 0.0149


def test_kinks_and_ties_are_reached() -> None:
    on_kinks = s.Domain(-3, 3, grid=0.05, offset=0.02, kinks=(0.0, 1.0))
    tied = s.Domain(-1, 1, grid=0.5, ties=True)
    reaches(
        s.arrays((4,), domain=on_kinks),
        lambda x: set(x) == {0.0, 1.0},
        lambda x: 0.0 in x and abs(x).max() > 1,
        lambda x: not {0.0, 1.0} & set(x),
    )
    reaches(s.arrays((4,), domain=tied), lambda x: np.sum(x == x.max()) == 3)
    reaches(
        st.tuples(*[s.arrays((), domain=tied)] * 2),
        lambda pair: pair[0] == pair[1] != 0,
    )


def test_a_boolean_domain_draws_booleans() -> None:
    domain = s.Domain(boolean=True)
    reaches(s.arrays((2,), "float32", domain), lambda x: x.dtype == bool and x[0] and not x[1])


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"low": 2, "high": 1}, "low=2, high=1; expected finite numbers"),
        ({"high": np.inf}, "high=inf; expected finite"),
        ({"low": np.nan}, "low=nan"),
        ({"grid": 0}, "grid=0 from -3.0 to 3.0; expected a positive"),
        ({"grid": 7}, "no longer than the interval"),
    ],
)
def test_a_domain_without_values_is_refused(settings: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        s.Domain(**settings)


# ---- arrays and tensors

IS_LAID_OUT: dict[str, Callable[[Any], bool]] = {
    "contiguous": lambda x: x.flags.c_contiguous,
    "transposed": lambda x: x.flags.f_contiguous and not x.flags.c_contiguous,
    "reversed": lambda x: x.strides == (-24, -8),
    "gaps": lambda x: x.strides == (48, 16) and np.isnan(x.base).sum() == 6,
    "unaligned": lambda x: not x.flags.aligned,
    "read-only": lambda x: not x.flags.writeable,
    "broadcast": lambda x: x.strides == (0, 8),
}


@pytest.mark.parametrize("layout", s.LAYOUTS)
def test_a_layout_is_what_its_name_says(layout: str) -> None:
    """And changes neither shape nor dtype nor, but for stride 0, values."""
    x = np.arange(6.0).reshape(2, 3)
    laid = s.lay_out(x, layout)
    assert IS_LAID_OUT[layout](laid)
    np.testing.assert_array_equal(laid, x[:1].repeat(2, 0) if layout == "broadcast" else x)
    for given_array in (np.array(2.0), np.zeros((0, 3)), np.ones((2, 1), bool), np.arange(3)):
        other = s.lay_out(given_array, layout)
        assert isinstance(other, np.ndarray)
        assert (other.shape, other.dtype) == (given_array.shape, given_array.dtype)


def test_arrays_have_every_layout() -> None:
    reaches(s.arrays((2, 3)), *IS_LAID_OUT.values())


def test_distinct_values_are_never_repeated_by_a_layout() -> None:
    domain = s.Domain(-3, 3, grid=0.05)
    assert all(len(set(x.reshape(-1))) == 6 for x in drawn(s.arrays((3, 2), domain=domain)))


def test_shapes_and_dtypes_may_be_drawn() -> None:
    shape = s.shapes().map(lambda several: several[0])
    reaches(
        s.arrays(shape, st.sampled_from(["float32", "float64"])),
        lambda x: x.shape == () and x.dtype == np.float32,
        lambda x: x.ndim == 3 and x.size == 0,
        lambda x: x.size > 8 and x.dtype == np.float64,
    )


@given(data=st.data())
def test_tensors_keep_the_layout_and_require_gradients(data: st.DataObject) -> None:
    layout = data.draw(st.sampled_from(s.LAYOUTS))
    wanted = data.draw(st.booleans())
    x = data.draw(s.tensors((2, 3), requires_grad=wanted, layouts=[layout]))
    assert isinstance(x, ag.Tensor)
    assert IS_LAID_OUT[layout](x._data)
    assert x.requires_grad is wanted
    if wanted:
        (x * x).sum().backward()
        assert x.grad is not None
        np.testing.assert_array_equal(x.grad.numpy(), 2 * x.detach().numpy())


def test_tensors_of_booleans_require_none() -> None:
    assert not any(x.requires_grad for x in drawn(s.tensors((2,), domain=s.Domain(boolean=True))))


wrong: Any = s  # whose types the wrong calls do not heed
TOO_FEW = (
    r"4 points, too few for the 9 distinct elements of shape \(3, 3\): give it a smaller `grid`, "
    "or `ties=True`"
)


@pytest.mark.parametrize(
    ("make", "kind", "message"),
    [
        (lambda: s.arrays((3, 3), domain=s.Domain(-1, 1, 0.5)), ValueError, TOO_FEW),
        (lambda: wrong.arrays(3), TypeError, "arrays: got 3; expected a shape"),
        (lambda: s.tensors((2, -1)), TypeError, r"got \(2, -1\); expected a shape"),
        (lambda: s.arrays((2,), layouts=["odd"]), ValueError, "'odd'; expected one of contiguous"),
        (lambda: s.lay_out(np.ones(2), "odd"), ValueError, "lay_out: got the layout 'odd'"),
        (wrong.broadcastable, TypeError, "exactly one of the two"),
        (lambda: s.broadcastable(2, signature="(n)->()"), TypeError, "exactly one of the two"),
        (lambda: s.broadcastable(0), ValueError, "num_shapes=0; expected 1 or more"),
        (lambda: s.broadcastable(signature="n"), InvalidArgument, "not a valid gufunc signature"),
        (lambda: s.shapes(min_dims=2, max_dims=1), ValueError, "min_dims=2 and max_dims=1"),
        (lambda: s.shapes(max_side=-1), ValueError, "min_side=0 and max_side=-1"),
        (lambda: s.axis(()), ValueError, r"axis: got the shape \(\), which has no axis"),
        (lambda: wrong.axes("ab"), TypeError, "axes: got 'ab'; expected a shape"),
        (lambda: wrong.indices(2), TypeError, "got 2; expected a shape"),
        (lambda: s.einsums(0), ValueError, "max_operands=0; expected a number from 1"),
        (lambda: s.convolutions(4), ValueError, "convolutions: got num_axes=4; expected 1, 2 or 3"),
        (lambda: s.pools(0), ValueError, "pools: got num_axes=0; expected 1, 2 or 3"),
        (lambda: wrong.adaptive_pools(1.5), ValueError, "got num_axes=1.5; expected 1, 2 or 3"),
    ],
)  # fmt: skip
def test_wrong_arguments_are_refused_at_once(make: Any, kind: Any, message: str) -> None:
    """Before anything is drawn."""
    with pytest.raises(kind, match=message):
        make()


# ---- shapes


def test_shapes_of_every_kind_are_reached() -> None:
    reaches(
        s.shapes().map(lambda drawn: drawn[0]),
        lambda shape: shape == (),
        lambda shape: 0 in shape,
        lambda shape: 1 in shape,
        lambda shape: len(shape) == 3 and min(shape) > 1,
    )
    reaches(
        s.broadcastable(2),
        lambda pair: pair[0] == pair[1] and len(pair[0]) > 1,
        lambda pair: len(pair[0]) > len(pair[1]) > 0,
        lambda pair: () in pair and max(map(len, pair)) > 1,
        lambda pair: any(m == 1 < n for m, n in zip(*pair, strict=False)),
        lambda pair: 0 in pair[0] and 1 in pair[1],
    )


@pytest.mark.parametrize("count", [1, 2, 3])
def test_most_shapes_have_an_order_of_elements(count: int) -> None:
    """In one element, or in none, nothing can be flipped."""
    shapes = [np.broadcast_shapes(*several) for several in drawn(s.broadcastable(count))]
    assert sum(np.prod(shape) > 1 for shape in shapes) > len(shapes) / 2


def test_sizes_that_are_given_are_kept_to() -> None:
    for (shape,) in drawn(s.shapes(min_dims=1, max_dims=2, min_side=2, max_side=5)):
        assert 1 <= len(shape) <= 2
        assert set(shape) <= {2, 3, 4, 5}
    for pair in drawn(s.broadcastable(2, max_dims=2, min_side=1)):
        assert 0 not in np.broadcast_shapes(*pair)
        assert max(map(len, pair)) <= 2


def test_shapes_of_a_signature_fit_the_function() -> None:
    signature = "(m?,k),(k,n?)->(m?,n?)"
    for left, right in drawn(s.broadcastable(signature=signature)):
        np.ones(left) @ np.ones(right)
    reaches(
        s.broadcastable(signature=signature),
        lambda pair: len(pair[0]) == 1 < len(pair[1]),
        lambda pair: len(pair[1]) == 1 < len(pair[0]),
        lambda pair: len(pair[0]) == len(pair[1]) == 1,
        lambda pair: len(pair[0]) > 3 and len(pair[1]) > 2,
    )
    for (vector,) in drawn(s.broadcastable(signature="(3)->(3)")):
        assert vector[-1] == 3


# ---- arguments


@given(data=st.data())
def test_axes_and_reductions_are_numpys(data: st.DataObject) -> None:
    (shape,) = data.draw(s.shapes())
    np.ones(shape).sum(data.draw(s.axes(shape)))
    np.ones(shape).sum(**data.draw(s.reductions(shape)))
    if shape:
        np.ones(shape).cumsum(data.draw(s.axis(shape)))


def test_axes_of_every_kind_are_reached() -> None:
    reaches(
        s.axes((2, 3)),
        lambda axis: axis is None,
        lambda axis: axis == -2,
        lambda axis: axis == (),
        lambda axis: isinstance(axis, tuple) and min(axis, default=0) < 0 < max(axis),
    )
    reaches(s.axes(()), lambda axis: axis == ())


@given(data=st.data())
def test_every_call_has_arguments_in_their_order(data: st.DataObject) -> None:
    inputs = s.calls(
        s.shapes(2, min_dims=1),
        s.arguments(first=st.just(1)),
        second=lambda left, right: st.just((left, right)),
        third=st.booleans(),
    )
    shapes, chosen = data.draw(inputs)
    assert list(chosen) == ["first", "second", "third"]
    assert chosen["second"] == tuple(shapes)


def test_without_hypothesis_the_error_says_how_to_get_it() -> None:
    code = (
        "import sys; sys.modules['hypothesis'] = None\n"
        "import autograd_lite.testing\n"
        "try:\n    import autograd_lite.testing.strategies\n"
        "except ImportError as error:\n    print(error)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert 'pip install "autograd-lite[testing]"' in done.stdout
    assert "autograd_lite.testing.strategies needs the package hypothesis" in done.stdout
