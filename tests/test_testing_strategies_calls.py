"""Indices, Einstein sums and windows that are drawn: NumPy and the layers take every one."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograd_lite.nn import functional as F  # noqa: N812  # as everybody calls it
from autograd_lite.testing import strategies as s
from tests.test_testing_strategies import drawn, reaches

CONVOLUTIONS: dict[bool, list[Any]] = {
    False: [F.conv1d, F.conv2d, F.conv3d],
    True: [F.conv_transpose1d, F.conv_transpose2d, F.conv_transpose3d],
}
axes_of_windows = pytest.mark.parametrize("count", [1, 2, 3])


def missing(patterns: list[str], texts: set[str]) -> list[str]:
    """The patterns that no text matches."""
    return [p for p in patterns if not any(re.fullmatch(p, text) for text in texts)]


# ---- indices


@given(data=st.data())
def test_numpy_takes_every_index(data: st.DataObject) -> None:
    """What is basic gives a view, and what is advanced a copy."""
    (shape,) = data.draw(s.shapes())
    x = np.zeros(shape)
    basic, advanced = data.draw(s.basic_indices(shape)), data.draw(s.advanced_indices(shape))
    assert x[basic].size == 0 or x[basic].ndim == 0 or np.may_share_memory(x, x[basic])
    assert not np.may_share_memory(x, x[advanced])


def kinds(index: Any) -> str:
    """A letter a part of an index: an array, a list, a mask, a slice, a number, `...`, None."""
    letters = []
    for part in index if isinstance(index, tuple) else (index,):
        if isinstance(part, np.ndarray):
            letters.append("m" if part.dtype == bool else "a")
        else:
            named = {list: "l", slice: "s", int: "n", type(...): "e", type(None): "N"}
            letters.append(named[type(part)])
    return "".join(letters)


def test_indices_of_every_kind_are_reached() -> None:
    """What is basic; arrays together and apart, with a new axis; masks behind slices; lists."""
    basic = {kinds(index) for index in drawn(s.basic_indices((2, 3, 2)))}
    advanced = {kinds(index) for index in drawn(s.advanced_indices((2, 3, 2)))}
    assert missing(["s", "n", ".*e.*", ".*N.*", "[sn]{2,}"], basic) == []
    patterns = ["m", "[al]", "[al]{2,}", ".*[al][seN]+[al].*", ".*n.*[al].*", ".*[sN]m.*"]
    assert missing([*patterns, ".*e.*a", ".*[al].*N.*", ".*l.*", "n.*m.*"], advanced) == []


def test_positions_repeat_and_count_from_either_end() -> None:
    indices = drawn(s.advanced_indices((3,)))
    arrays = [index[0] for index in indices if kinds(index) == "a"]
    assert any(len(set(a.reshape(-1).tolist())) < a.size for a in arrays)
    positions = {int(i) for a in arrays for i in a.reshape(-1)}
    assert min(positions) < 0 < max(positions)
    assert {a.ndim for a in arrays} == {0, 1, 2}


# ---- Einstein sums


@given(call=s.einsums())
def test_numpy_takes_every_einstein_sum(call: Any) -> None:
    shapes, static = call
    np.einsum(static["subscripts"], *(np.ones(shape) for shape in shapes))


def test_einstein_sums_of_every_kind_are_reached() -> None:
    """Diagonals, implicit results, `...`, spaces, three operands, 0-d ones, sums, transposes."""
    found = {call[1]["subscripts"] for call in drawn(s.einsums(), 800)}
    patterns = [r".*(\w)\1.*", r"[^>]*", r".*\.\.\.\w.*,.*\w\.\.\..*", r".*, .* -> .*", r",\w.*"]
    patterns += [r"\w+,\w+,\w+->\w+", r"\w+->", r".*->\w+\.\.\.\w*"]
    assert missing(patterns, found) == []
    assert all("," not in call[1]["subscripts"] for call in drawn(s.einsums(1)))


def test_sizes_of_einstein_sums_broadcast_and_vanish() -> None:
    """Of letters that both operands have."""
    sizes = set()
    for (left, *rest), static in drawn(s.einsums(2), 800):
        terms = static["subscripts"].split("->")[0].split(",")
        if rest and not re.search(r"\.|(\w)\1", ",".join(terms)):
            both = [dict(zip(t.strip(), n, strict=True)) for t, n in zip(terms, (left, *rest))]  # noqa: B905
            sizes |= {(n, both[1][letter]) for letter, n in both[0].items() if letter in both[1]}
    assert (0, 0) in sizes
    assert any(a == b > 1 for a, b in sizes)
    assert any(min(a, b) == 1 < max(a, b) for a, b in sizes)


# ---- windows


@axes_of_windows
@pytest.mark.parametrize("transposed", [False, True])
def test_layers_take_every_convolution(count: int, transposed: bool) -> None:
    function = CONVOLUTIONS[transposed][count - 1]

    @given(s.convolutions(count, transposed=transposed))
    def check(call: Any) -> None:
        shapes, static = call
        x, weight, bias = (np.ones(shape) for shape in shapes)
        y = function(x, weight, bias, **static)
        assert y.ndim == x.ndim
        assert min(y.shape[-count:]) >= 1
        assert x.size <= 6 * 24

    check()


@axes_of_windows
def test_layers_take_every_pool(count: int) -> None:
    largest: Any = [F.max_pool1d, F.max_pool2d, F.max_pool3d][count - 1]
    mean: Any = [F.avg_pool1d, F.avg_pool2d, F.avg_pool3d][count - 1]
    adaptive: Any = [F.adaptive_avg_pool1d, F.adaptive_avg_pool2d, F.adaptive_avg_pool3d][count - 1]

    @given(st.tuples(s.pools(count), s.pools(count, mean=True), s.adaptive_pools(count)))
    def check(calls: Any) -> None:
        for function, ((shape,), static) in zip((largest, mean, adaptive), calls, strict=True):
            assert min(function(np.ones(shape), **static).shape[-count:]) >= 1

    check()


def test_convolutions_of_every_kind_are_reached() -> None:
    reaches(
        s.convolutions(2),
        lambda call: call[1]["padding"] == "same",
        lambda call: call[1]["groups"] == 2 and isinstance(call[1]["dilation"], tuple),
        lambda call: isinstance(call[1]["stride"], tuple) and 3 in call[1]["stride"],
        lambda call: len(call[0][0]) == 3,  # no batch
        lambda call: call[0][0][0] == 0 and len(call[0][0]) == 4,  # an empty one
        lambda call: call[0][0][0] == 2 and len(call[0][0]) == 4,
    )
    reaches(
        s.convolutions(1, transposed=True),
        lambda call: call[1]["output_padding"] == (1,),
        lambda call: call[1]["padding"] == 1,
    )
