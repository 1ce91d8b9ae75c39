"""Matrices for linear algebra: any values become well-conditioned ones, far from degenerate."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

import autograd_lite as ag

if TYPE_CHECKING:
    from autograd_lite.testing.strategies import Shape

_DISTINCT = (1.0, 3.0, 5.5)  # what the values of matrices up to 3 x 3 are near to


@st.composite
def batch(draw: st.DrawFn) -> Shape:
    """The axes of a stack, none of them for a single matrix."""
    shape: Shape = draw(hnp.array_shapes(min_dims=0, max_dims=2, min_side=0, max_side=2))
    return shape


@st.composite
def squares(draw: st.DrawFn) -> list[Shape]:
    """The shape of matrices (..., n, n)."""
    n = draw(st.integers(0, 3))
    return [(*draw(batch()), n, n)]


@st.composite
def filled(draw: st.DrawFn) -> list[Shape]:
    """The same, but with at least one row."""
    n = draw(st.integers(1, 3))
    return [(*draw(batch()), n, n)]


@st.composite
def matrices(draw: st.DrawFn) -> list[Shape]:
    """The shape of matrices (..., m, n)."""
    return [(*draw(batch()), draw(st.integers(0, 3)), draw(st.integers(0, 3)))]


@st.composite
def systems(draw: st.DrawFn) -> list[Shape]:
    """Shapes of A and b, a vector or matrices, whose stacks broadcast."""
    n, front = draw(st.integers(0, 3)), draw(batch())
    cut = draw(st.integers(0, len(front)))
    sides: list[Shape] = [(n,), (*front[cut:], n, draw(st.integers(0, 2)))]
    return [(*front, n, n), draw(st.sampled_from(sides))]


@st.composite
def overdetermined(draw: st.DrawFn) -> list[Shape]:
    """Shapes of one matrix and of a vector or matrix."""
    m, n = draw(st.integers(1, 3)), draw(st.integers(1, 3))
    return [(m, n), draw(st.sampled_from([(m,), (m, 1), (m, 2)]))]


@st.composite
def chains(draw: st.DrawFn) -> list[Shape]:
    """Shapes of matrices that multiply, with vectors at the ends or not."""
    sizes = draw(st.lists(st.integers(0, 3), min_size=4, max_size=5))
    shapes: list[Shape] = [tuple(sizes[i : i + 2]) for i in range(len(sizes) - 1)]
    if draw(st.booleans()):
        shapes[0] = shapes[0][1:]
    if draw(st.booleans()):
        shapes[-1] = shapes[-1][:1]
    return shapes


@st.composite
def threes(draw: st.DrawFn) -> list[Shape]:
    """Two shapes that broadcast, of vectors with three components."""
    front = draw(batch())
    return [(*front, 3), (*front[draw(st.integers(0, len(front))) :], 3)]


# ---- what matrices are made of values from -1 to 1


def regular(x: Any) -> Any:
    """Of full rank, with distinct singular values; at zeros, norms and signs have kinks."""
    base = np.full(x.shape[-2:], 0.2, x.dtype)
    np.fill_diagonal(base, _DISTINCT[: min(base.shape)])
    return x * 0.15 + base


def signed(x: Any) -> Any:
    """With columns of both signs, whose sums are distinct, and so are those of the rows."""
    return regular(x) * (1.0 - 2.0 * (np.arange(x.shape[-1]) % 2)).astype(x.dtype)


def symmetric(x: Any) -> Any:
    """Symmetric and positive definite, with distinct eigenvalues."""
    y = regular(x)
    return (y + y.mT) / 2


# ---- functions of vectors that do not depend on their signs


def of_eigh(result: Any) -> Any:
    """Eigenvalues, and v v^T of each eigenvector, in one array."""
    w, v = result
    return _joined(w.shape[:-1], w, _products(v.mT, v.mT))


def of_svd(result: Any) -> Any:
    """Singular values, and u u^T and u v^T of each pair of vectors, in one array."""
    u, s, vh = result
    return _joined(s.shape[:-1], s, _products(u.mT, u.mT), _products(u.mT, vh))


def of_qr(result: Any) -> Any:
    """Both factors in one array."""
    return _joined(result[0].shape[:-2], *result)


def _products(x: Any, y: Any) -> Any:
    return x[..., :, :, None] * y[..., :, None, :]


def _joined(front: Shape, *arrays: Any) -> Any:
    sizes = [int(np.prod(a.shape[len(front) :])) for a in arrays]
    return ag.concatenate(
        [ag.reshape(a, (*front, n)) for a, n in zip(arrays, sizes, strict=True)], -1
    )
