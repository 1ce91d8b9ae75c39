"""What may stand in brackets behind an array: basic and advanced indices."""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from autograd_lite.testing.strategies.shapes import Shape, as_shape, broadcastable

Part: TypeAlias = Any  # of an index: a number, a slice, None, ..., an array, a list or a mask


def indices(shape: Shape) -> st.SearchStrategy[Any]:
    """Everything that NumPy takes as an index: `basic_indices` and `advanced_indices`.

    Args:
        shape: the shape of the array that is indexed.

    Example:
        >>> import numpy as np
        >>> from hypothesis import given
        >>> @given(indices((2, 3)))
        ... def test(index):
        ...     assert isinstance(np.ones((2, 3))[index], (float, np.ndarray))
        >>> test()
    """
    return basic_indices(shape) | advanced_indices(shape)


def basic_indices(shape: Shape) -> st.SearchStrategy[Any]:
    """Numbers, slices with steps of either sign, `...` and None, alone or in tuples: views.

    Args:
        shape: the shape of the array that is indexed.

    Example:
        >>> import numpy as np
        >>> from hypothesis import given
        >>> x = np.ones((2, 3))
        >>> @given(basic_indices(x.shape))
        ... def test(index):
        ...     part = x[index]
        ...     assert np.ndim(part) == 0 or part.size == 0 or np.may_share_memory(x, part)
        >>> test()
    """
    sizes = as_shape("basic_indices", shape)
    full = hnp.basic_indices(sizes, max_dims=4, allow_newaxis=True, allow_ellipsis=True)
    return _leading(sizes) | full


def advanced_indices(shape: Shape) -> st.SearchStrategy[Any]:
    """Indices that copy: integer arrays, lists, masks, and mixtures with slices and numbers.

    Integers count from either end and repeat. The arrays of one index broadcast with one another,
    and may be apart, with a slice between them, so that their axes come first in the result. A mask
    is for some of the first axes, or anywhere among numbers and slices.

    Args:
        shape: the shape of the array that is indexed.

    Example:
        >>> import numpy as np
        >>> from hypothesis import given
        >>> x = np.zeros((2, 3))
        >>> @given(advanced_indices(x.shape))
        ... def test(index):
        ...     assert not np.may_share_memory(x, x[index])
        >>> test()
    """
    sizes = as_shape("advanced_indices", shape)
    mask = st.integers(0, len(sizes)).flatmap(lambda n: hnp.arrays(bool, sizes[:n]))
    choices = [mask, _with_a_mask(sizes)]
    if sizes and all(sizes):
        choices += [_integer_arrays(sizes), _mixtures(sizes), _mixtures(sizes)]
    return st.one_of(choices)


@st.composite
def _leading(draw: st.DrawFn, shape: Shape) -> Part | tuple[Part, ...]:
    """Numbers and slices for some of the first axes, alone or in a tuple."""
    count = draw(st.integers(0, len(shape)))
    parts = [draw(st.slices(n) | _numbers(n)) for n in shape[:count]]
    index = _spread(draw, parts, whole=count == len(shape))
    return index[0] if len(index) == 1 and draw(st.booleans()) else index


def _integers(size: int, shape: Shape) -> st.SearchStrategy[Any]:
    """An array of positions along an axis, or the same in nested lists."""
    kind = st.sampled_from([np.int64, np.int32])
    array = hnp.arrays(kind, shape, elements=st.integers(-size, size - 1))
    return array | array.map(np.ndarray.tolist) if shape and 0 not in shape else array


@st.composite
def _integer_arrays(draw: st.DrawFn, shape: Shape) -> tuple[Part, ...]:
    """An array for each of the first axes."""
    count = draw(st.integers(1, len(shape)))
    each = _array_shapes(draw, count)
    return tuple(draw(_integers(n, s)) for n, s in zip(shape[:count], each, strict=True))


@st.composite
def _mixtures(draw: st.DrawFn, shape: Shape) -> tuple[Part, ...]:
    """An array, a number or a slice for each of the first axes, with a new axis."""
    count = draw(st.integers(1, len(shape)))
    kinds = [draw(st.sampled_from(["array", "array", "slice", "number"])) for _ in range(count)]
    kinds[draw(st.integers(0, count - 1))] = "array"
    arrays = iter(_array_shapes(draw, kinds.count("array")))
    make = {
        "array": lambda n: _integers(n, next(arrays)),
        "slice": st.slices,
        "number": _numbers,
    }
    parts = [draw(make[kind](n)) for n, kind in zip(shape, kinds, strict=False)]
    return _spread(draw, parts, whole=count == len(shape))


@st.composite
def _with_a_mask(draw: st.DrawFn, shape: Shape) -> tuple[Part, ...]:
    """A mask over some axes, and numbers or slices for the others."""
    first = draw(st.integers(0, len(shape)))
    last = draw(st.integers(first, len(shape)))
    parts: list[Part] = [draw(st.slices(n) | _numbers(n)) for n in shape]
    parts[first:last] = [draw(hnp.arrays(bool, shape[first:last]))]
    return _spread(draw, parts, whole=True)


def _array_shapes(draw: st.DrawFn, count: int) -> list[Shape]:
    return draw(broadcastable(count, max_dims=2)) if count else []


def _numbers(size: int) -> st.SearchStrategy[int]:
    """A position along an axis; nothing where there is none."""
    return st.integers(-size, size - 1) if size else st.nothing()


def _spread(draw: st.DrawFn, parts: list[Part], *, whole: bool) -> tuple[Part, ...]:
    """Parts with a new axis somewhere, and `...` for a slice or no axis, if they are the `whole`.

    Of parts for the first axes alone it stands behind the last.
    """
    if draw(st.booleans()):
        parts.insert(draw(st.integers(0, len(parts))), None)
    if draw(st.booleans()):
        at = draw(st.integers(0, len(parts))) if whole else len(parts)
        replaced = at < len(parts) and isinstance(parts[at], slice)
        parts[at : at + replaced] = [...]
    return tuple(parts)
