"""Edges of where ops have gradients: ties and zeros of values of matrices, infinities, ends."""

from __future__ import annotations

import itertools
from functools import partial
from typing import Any

import numpy as np
from hypothesis import strategies as st

import autograd_lite as ag
from autograd_lite import linalg
from autograd_lite.nn import functional as F  # noqa: N812  # as everybody calls it
from autograd_lite.testing import check_hygiene
from tests.case_edge import FRONTS, Edge, place, random_of, refused, slope
from tests.edges_gaps import (
    gradients_of_quotients,
    quotients_by_gaps,
    quotients_by_values,
    what_is_asked,
)
from tests.edges_more import (
    axes_of_a_number,
    cofactors_at_equal_values,
    cofactors_of_large_matrices,
    constant_zeros_of_cholesky,
    constant_zeros_of_r,
    eigenvalues_of_what_stays,
    factors_of_dependent_columns,
    height_of_the_step,
    inverses_at_the_limit,
    kernels_that_do_not_fit,
    larger_of_nan,
    logarithms_of_nothing,
    numbers_for_nan,
    ranks_at_the_limit,
    shares_of_windows,
    slopes_of_elu,
    symmetric_gradients,
)
from tests.edges_sums import (
    rows_in_any_order,
    windows_in_blocks,
    windows_of_padding_alone,
    windows_of_what_is_not_contiguous,
)


def _basis(random: np.random.Generator, front: tuple[int, ...], n: int) -> Any:
    return np.linalg.qr(random.normal(size=(*front, n, n)))[0]


# ---- eigenvalues


def _twins(random: np.random.Generator, front: tuple[int, ...]) -> tuple[Any, Any, Any, Any]:
    """Symmetric matrices, of which two eigenvalues are equal; their values, vectors, and which."""
    pair = int(random.integers(0, 3))
    w = np.sort(random.choice(np.arange(-4.0, 5), 4, replace=False)) / 2
    w[pair + 1] = w[pair]
    w = np.broadcast_to(w, (*front, 4))
    q = _basis(random, front, 4)
    return (q * w[..., None, :]) @ np.swapaxes(q, -1, -2), w, q, pair


def _values_of_twins(draw: Any) -> None:
    """Functions that treat equal eigenvalues alike have gradients; so have the other vectors."""
    random = random_of(draw)
    x, w, q, pair = _twins(random, draw(FRONTS))
    factor = random.normal(size=4)
    factor[pair + 1] = factor[pair]
    expected = (q * (2 * w * factor)[..., None, :]) @ np.swapaxes(q, -1, -2)
    got = slope(lambda x: linalg.eigh(x).eigenvalues ** 2 * factor, x)
    np.testing.assert_allclose(got, expected, atol=1e-12)
    k = draw(st.sampled_from([k for k in range(4) if k not in (pair, pair + 1)]))
    form = random.normal(size=(4, 4))
    form += form.T
    got = slope(lambda x: _quadratic(linalg.eigh(x).eigenvectors[..., k], form), x)
    expected = np.zeros_like(x)
    for j in range(4):
        if j != k:
            a, b = q[..., k], q[..., j]
            size = 2 * _quadratic(a, form, b) / (w[..., k] - w[..., j])
            outer = a[..., :, None] * b[..., None, :]
            expected += size[..., None, None] * (outer + np.swapaxes(outer, -1, -2)) / 2
    np.testing.assert_allclose(got, expected, atol=1e-12)


def _quadratic(a: Any, form: Any, b: Any = None) -> Any:
    return (a * ((a if b is None else b) @ form)).sum(-1)


def _vectors_of_twins(draw: Any) -> None:
    """They are refused, also by functions that would not tell one from the other."""
    x, _, _, pair = _twins(random_of(draw), draw(FRONTS))
    words = f"eigh: eigenvalues {pair} and {pair + 1} of {place((0,) * (x.ndim - 2))} are equal"
    columns = draw(st.sampled_from([pair, pair + 1, slice(None)]))
    for matrix in (x, np.zeros_like(x)):
        begin = words if matrix is x else "eigh: eigenvalues"
        refused(lambda: slope(lambda x: linalg.eigh(x)[1][..., columns] ** 2, matrix), begin)  # noqa: B023  # called at once


# ---- singular values


def _of_rank(random: np.random.Generator, front: tuple[int, ...], m: int, n: int) -> Any:
    """Matrices whose smallest singular value is 0, and the others distinct."""
    k = min(m, n)
    s = np.arange(k - 1.0, -1.0, -1.0)
    u, v = _basis(random, front, m)[..., :k], _basis(random, front, n)[..., :k]
    return (u * s) @ np.swapaxes(v, -1, -2)


def _vectors_at_zero(draw: Any) -> None:
    """On the longer side they are refused; on the other, and of squares, they have gradients."""
    random, front = random_of(draw), draw(FRONTS)
    m, n = draw(st.sampled_from([(3, 3), (4, 3), (3, 4), (3, 2), (2, 3)]))
    x = _of_rank(random, front, m, n)
    last = min(m, n) - 1
    for side, k in itertools.product((0, 2), range(last + 1)):
        longer = m > n if side == 0 else n > m
        form = random.normal(size=((m, n)[side // 2],) * 2)

        def of_svd(x: Any, side: int = side, k: int = k, form: Any = form) -> Any:
            vectors = linalg.svd(x, full_matrices=False)[side]
            return _quadratic(vectors[..., k] if side == 0 else vectors[..., k, :], form)

        def of_eigh(x: Any, side: int = side, k: int = k, form: Any = form) -> Any:
            product = x @ x.mT if side == 0 else x.mT @ x
            return _quadratic(linalg.eigh(product).eigenvectors[..., -1 - k], form)

        words = f"svd: singular value {last} of {place((0,) * len(front))} is 0"
        got = refused(partial(slope, of_svd, x), words if longer and k == last else None)
        if got is not None:
            np.testing.assert_allclose(got, slope(of_eigh, x), atol=1e-9)


def _vectors_of_equal_values(draw: Any) -> None:
    """They are refused, also where what is asked of them cancels; so are those of a 0."""
    random = random_of(draw)
    shape = draw(st.sampled_from([(3, 3), (4, 3), (3, 4)]))
    x = _scattered(random, [1.0, 1.0, 2.0], shape)
    side = draw(st.sampled_from([0, 2]))
    words = "svd: singular values 1 and 2 of the matrix are equal (1.0, 1.0)"
    refused(lambda: slope(lambda x: linalg.svd(x, full_matrices=False)[side] ** 2, x), words)
    s = slope(lambda x: linalg.svd(x, full_matrices=False)[1] ** 2, x)
    np.testing.assert_allclose(s, 2 * x, atol=1e-12)
    if shape != (3, 3):
        x = _scattered(random, [1.0, 0.0, 2.0], shape)
        side = 0 if shape == (4, 3) else 2
        words = "svd: singular value 2 of the matrix is 0 ("
        refused(lambda: slope(lambda x: linalg.svd(x, full_matrices=False)[side] ** 2, x), words)


def _scattered(random: np.random.Generator, s: list[float], shape: tuple[int, int]) -> Any:
    """A matrix with these singular values, exactly, as are its vectors."""
    n = len(s)
    x = np.diag(s)[random.permutation(n)] * random.choice([-1.0, 1.0], n)
    return np.pad(x, [(0, shape[0] - n), (0, shape[1] - n)])


def _all_vectors(draw: Any) -> None:
    """With those that complete a basis they are constants, whose product is the matrix."""
    random, front = random_of(draw), draw(FRONTS)
    m, n = draw(st.sampled_from([(3, 2), (2, 3), (1, 3)]))
    x = random.normal(size=(*front, m, n))
    u, s, vh = (t.numpy() for t in linalg.svd(ag.tensor(x)))
    assert (u.shape, s.shape, vh.shape) == ((*front, m, m), (*front, min(m, n)), (*front, n, n))
    for basis in (u, vh):
        unit = np.broadcast_to(np.eye(basis.shape[-1]), basis.shape)
        np.testing.assert_allclose(basis @ np.swapaxes(basis, -1, -2), unit, atol=1e-12)
    k = min(m, n)
    np.testing.assert_allclose((u[..., :k] * s[..., None, :]) @ vh[..., :k, :], x, atol=1e-12)


def _values_at_zero(draw: Any) -> None:
    """A singular value of 0 has the gradient 0; and what is given stays as it is."""
    random = random_of(draw)
    m, n = draw(st.sampled_from([(2, 2), (3, 2), (2, 3)]))
    x = np.zeros((m, n))
    x[random.integers(m), random.integers(n)] = random.choice([-2.0, 0.0, 3.0])
    np.testing.assert_array_equal(slope(linalg.svdvals, x), np.sign(x))
    check_hygiene(linalg.svdvals, [random.normal(size=(m, n))])


# ---- functions of numbers


def _equal_infinities(draw: Any) -> None:
    """They share the gradient by halves, while others have theirs."""
    random = random_of(draw)
    numbers = [np.inf, -np.inf, -1.0, 0.0, 0.5, 2.0]
    x, y = np.array(list(itertools.product(random.permutation(numbers), numbers))).T
    for f, base in ((ag.logaddexp, np.e), (ag.logaddexp2, 2.0)):
        with np.errstate(all="ignore"):
            share = 1 / (1 + base ** (y - x))
        share[np.isinf(x) & (x == y)] = 0.5
        np.testing.assert_allclose(slope(lambda x, f=f: f(x, y), x), share, rtol=1e-14)
        np.testing.assert_allclose(slope(lambda x, f=f: f(y, x), x), share, rtol=1e-14)


def _beyond_the_ends(draw: Any) -> None:
    """The gradient of an arc is 0 at the ends of its domain, and beyond them."""
    x = np.array([-1.0, 1.0, *draw(st.lists(st.floats(1.001, 9.0), max_size=3))])
    for sign in (-1, 1):
        for f in (ag.arcsin, ag.arccos):
            assert not slope(f, sign * x).any()
        assert not slope(ag.arccosh, np.minimum(sign * x, 1)).any()


EDGES = [
    Edge(linalg.eigh, {
        "asked": what_is_asked, "gaps": quotients_by_gaps, "values": _values_of_twins,
        "vectors": _vectors_of_twins, "symmetric": symmetric_gradients,
        "gradient": gradients_of_quotients,
    }),
    Edge(linalg.svd, {
        "asked": what_is_asked, "zeros": _vectors_at_zero, "ties": _vectors_of_equal_values,
        "quotients": quotients_by_values, "gradient": gradients_of_quotients,
        "all vectors": _all_vectors,
    }),
    Edge(linalg.det, {
        "cofactors": cofactors_of_large_matrices, "equal values": cofactors_at_equal_values,
        "limit": inverses_at_the_limit,
    }),
    Edge(linalg.cholesky, {
        "symmetric": symmetric_gradients, "zeros": constant_zeros_of_cholesky,
    }),
    Edge(linalg.slogdet, {"singular": logarithms_of_nothing}),
    Edge(ag.getitem, {"rows": rows_in_any_order}),
    Edge(F.conv1d, {"blocks": windows_in_blocks}),
    Edge(F.conv2d, {"kernels": kernels_that_do_not_fit}),
    Edge(linalg.eigvalsh, {"hygiene": eigenvalues_of_what_stays}),
    Edge(linalg.qr, {
        "dependent columns": factors_of_dependent_columns, "limit": ranks_at_the_limit,
        "zeros": constant_zeros_of_r,
    }),
    # Convolutions put x into a frame, as pools do, whose cases are the first to ask a frame.
    Edge(F.max_pool1d, {
        "shares": shares_of_windows, "padding": windows_of_padding_alone,
        "layout": windows_of_what_is_not_contiguous,
    }),
    Edge(linalg.vector_norm, {"axes of a number": axes_of_a_number}),
    Edge(ag.fmax, {"nan": larger_of_nan}),
    Edge(ag.fmin, {"nan": larger_of_nan}),
    Edge(ag.nan_to_num, {"nan": numbers_for_nan}),
    Edge(ag.heaviside, {"height": height_of_the_step}),
    Edge(linalg.svdvals, {"values at zero": _values_at_zero}),
    Edge(ag.logaddexp, {"infinities": _equal_infinities}),
    Edge(ag.arcsin, {"ends": _beyond_the_ends}),
    Edge(ag.arccosh, {"ends": _beyond_the_ends}),
    Edge(F.elu, {"slopes": slopes_of_elu}),
]  # fmt: skip
