"""Arrays joined and cut: NumPy's family around `concatenate` and `split`, and grids."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from autograd_lite.errors import composite
from autograd_lite.ops.form import along
from autograd_lite.ops.index import getitem, split
from autograd_lite.ops.shape import broadcast_to, concatenate, reshape

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from autograd_lite.tensor import Tensor

_ARRAYS = "a list of arrays of the same shape but for the axis to join along"


@composite("arrays")
def atleast_1d(*arrays: Any) -> Any:
    """Each array with at least one axis; a tuple, unless there is one array.

    Example:
        >>> import autograd_lite as ag
        >>> ag.atleast_1d(ag.tensor(1.0))
        Tensor([1.])
    """
    return _each(arrays, lambda shape: shape or (1,))


@composite("arrays")
def atleast_2d(*arrays: Any) -> Any:
    """Each array with at least two axes, new ones first; a tuple, unless there is one array.

    Example:
        >>> import autograd_lite as ag
        >>> ag.atleast_2d(ag.tensor([1.0, 2.0]))
        Tensor([[1., 2.]])
    """
    return _each(arrays, lambda shape: (1,) * (2 - len(shape)) + shape)


@composite("arrays")
def atleast_3d(*arrays: Any) -> Any:
    """Each array with at least three axes: (n,) becomes (1, n, 1), (m, n) becomes (m, n, 1).

    Example:
        >>> import autograd_lite as ag
        >>> ag.atleast_3d(ag.zeros(2, 3)).shape
        (2, 3, 1)
    """
    return _each(arrays, _deep)


def _deep(shape: tuple[int, ...]) -> tuple[int, ...]:
    return {0: (1, 1, 1), 1: (1, *shape, 1), 2: (*shape, 1)}.get(len(shape), shape)


def _each(arrays: Sequence[Any], shaped: Callable[[tuple[int, ...]], tuple[int, ...]]) -> Any:
    """The arrays in other shapes: one, or a tuple."""
    results = tuple(reshape(x, shaped(np.shape(x))) for x in arrays)
    return results[0] if len(results) == 1 else results


@composite(_ARRAYS)
def hstack(arrays: Sequence[Any]) -> Tensor:
    """The arrays side by side: along the second axis, vectors along the only one.

    Example:
        >>> import autograd_lite as ag
        >>> ag.hstack([ag.tensor([1.0, 2.0]), 3.0])
        Tensor([1., 2., 3.])
    """
    parts = [atleast_1d(x) for x in arrays]
    return concatenate(parts, 0 if parts and np.ndim(parts[0]) == 1 else 1)


@composite(_ARRAYS)
def vstack(arrays: Sequence[Any]) -> Tensor:
    """The arrays on top of one another: along the first axis, vectors as rows.

    Example:
        >>> import autograd_lite as ag
        >>> ag.vstack([ag.tensor([1.0, 2.0]), ag.tensor([3.0, 4.0])])
        Tensor([[1., 2.],
                [3., 4.]])
    """
    return concatenate([atleast_2d(x) for x in arrays])


@composite(_ARRAYS)
def dstack(arrays: Sequence[Any]) -> Tensor:
    """The arrays behind one another: along the third axis.

    Example:
        >>> import autograd_lite as ag
        >>> ag.dstack([ag.zeros(2, 3), ag.zeros(2, 3)]).shape
        (2, 3, 2)
    """
    return concatenate([atleast_3d(x) for x in arrays], 2)


@composite("a list of vectors and matrices of the same number of rows")
def column_stack(arrays: Sequence[Any]) -> Tensor:
    """Vectors as columns, and matrices as they are, side by side.

    Example:
        >>> import autograd_lite as ag
        >>> ag.column_stack([ag.tensor([1.0, 2.0]), ag.tensor([3.0, 4.0])])
        Tensor([[1., 3.],
                [2., 4.]])
    """
    columns = [reshape(x, (-1, 1)) if np.ndim(x) < 2 else x for x in arrays]
    return concatenate(columns, 1)


@composite("a number of parts from 1, or the positions to cut before")
def array_split(x: Any, indices_or_sections: int | Sequence[int], axis: int = 0) -> list[Tensor]:
    """`split` into parts that may differ: by one element, the longer ones first.

    Example:
        >>> import autograd_lite as ag
        >>> ag.array_split(ag.tensor([1.0, 2.0, 3.0]), 2)
        [Tensor([1., 2.]), Tensor([3.])]
    """
    if not isinstance(indices_or_sections, int):
        return split(x, indices_or_sections, axis)
    if indices_or_sections < 1:
        message = f"{indices_or_sections} parts"
        raise ValueError(message)
    short, longer = divmod(np.shape(x)[axis], indices_or_sections)
    cuts = [short * i + min(i, longer) for i in range(1, indices_or_sections)]
    return split(x, cuts, axis)


@composite("a number of parts that divides the axis, or the positions to cut before")
def hsplit(x: Any, indices_or_sections: int | Sequence[int]) -> list[Tensor]:
    """x cut along the second axis, a vector along its only one.

    Example:
        >>> import autograd_lite as ag
        >>> [part.shape for part in ag.hsplit(ag.zeros(2, 4), 2)]
        [(2, 2), (2, 2)]
    """
    return split(x, indices_or_sections, 0 if np.ndim(x) == 1 else 1)


@composite("a number of parts that divides the first axis of at least two, or positions")
def vsplit(x: Any, indices_or_sections: int | Sequence[int]) -> list[Tensor]:
    """x, of at least two axes, cut along the first.

    Example:
        >>> import autograd_lite as ag
        >>> [part.shape for part in ag.vsplit(ag.zeros(2, 4), 2)]
        [(1, 4), (1, 4)]
    """
    return split(_of_axes(x, 2), indices_or_sections, 0)


@composite("a number of parts that divides the third axis, or positions")
def dsplit(x: Any, indices_or_sections: int | Sequence[int]) -> list[Tensor]:
    """x, of at least three axes, cut along the third.

    Example:
        >>> import autograd_lite as ag
        >>> [part.shape for part in ag.dsplit(ag.zeros(2, 3, 4), [3])]
        [(2, 3, 3), (2, 3, 1)]
    """
    return split(_of_axes(x, 3), indices_or_sections, 2)


def _of_axes(x: Any, least: int) -> Any:
    if np.ndim(x) < least:
        message = f"an array of {np.ndim(x)} axes, of {least} at least"
        raise ValueError(message)
    return x


@composite("an array of at least one axis, and one of its axes")
def unstack(x: Any, axis: int = 0) -> tuple[Tensor, ...]:
    """The parts of x along an axis, without it: what `stack` joins.

    Example:
        >>> import autograd_lite as ag
        >>> ag.unstack(ag.tensor([[1.0, 2.0], [3.0, 4.0]]))
        (Tensor([1., 2.]), Tensor([3., 4.]))
    """
    size = np.shape(x)[axis]
    return tuple(getitem(x, along(axis % np.ndim(x), i)) for i in range(size))


@composite("arrays whose shapes broadcast")
def broadcast_arrays(*arrays: Any) -> tuple[Tensor, ...]:
    """The arrays in the one shape that they broadcast to.

    Example:
        >>> import autograd_lite as ag
        >>> x, y = ag.broadcast_arrays(ag.zeros(3), ag.zeros(2, 1))
        >>> x.shape, y.shape
        ((2, 3), (2, 3))
    """
    shape = np.broadcast_shapes(*map(np.shape, arrays))
    return tuple(broadcast_to(x, shape) for x in arrays)


@composite("vectors or numbers, and indexing 'xy' or 'ij'")
def meshgrid(*arrays: Any, sparse: bool = False, indexing: str = "xy") -> tuple[Tensor, ...]:
    """The coordinates of a grid: for each vector an array of as many axes as there are vectors.

    Args:
        *arrays: the coordinates along each axis, as vectors.
        sparse: whether axes along which nothing changes keep the size 1.
        indexing: 'ij' for axes in the order of the vectors, 'xy' for the first two interchanged.

    Example:
        >>> import autograd_lite as ag
        >>> x, y = ag.meshgrid(ag.arange(3.0), ag.arange(2.0))
        >>> y
        Tensor([[0., 0., 0.],
                [1., 1., 1.]])
    """
    if indexing not in {"xy", "ij"}:
        message = f"indexing {indexing!r}"
        raise ValueError(message)
    n = len(arrays)
    places = list(range(n))
    if indexing == "xy":
        places[:2] = places[:2][::-1]
    grids = []
    for x, place in zip(arrays, places, strict=True):
        if np.ndim(x) > 1:
            message = f"an array of {np.ndim(x)} axes"
            raise ValueError(message)
        grids.append(reshape(x, [-1 if i == place else 1 for i in range(n)]))
    return tuple(grids) if sparse else broadcast_arrays(*grids)
