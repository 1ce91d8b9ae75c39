"""Edges of max pools, determinants, factors, and of functions of nan and of steps."""

from __future__ import annotations

import itertools
import re
from typing import Any

import numpy as np
import pytest
from hypothesis import strategies as st

import autograd_lite as ag
from autograd_lite import linalg
from autograd_lite.linalg.determinants import _accurate_inverse
from autograd_lite.linalg.located import require_full_rank
from autograd_lite.nn import functional as F  # noqa: N812  # as everybody calls it
from autograd_lite.testing import check_hygiene, gradcheck
from tests.case_edge import FRONTS, place, random_of, refused, slope


def shares_of_windows(draw: Any) -> None:
    """Elements that tie in a window get equal shares, and what is made of shares has gradients."""
    random = random_of(draw)
    x = random.integers(-1, 2, (2, 1, 7)).astype(float)
    stride, padding = draw(st.sampled_from([1, 2])), draw(st.sampled_from([0, 1]))
    leaf = ag.tensor(x, requires_grad=True)
    y = F.max_pool1d(leaf, kernel_size=3, stride=stride, padding=padding)
    g = random.normal(size=y.shape)

    def to_maxima(g: Any) -> Any:
        return ag.grad(y, leaf, g, create_graph=True, retain_graph=True)[0]

    expected = np.zeros_like(x)
    for n, i in itertools.product(range(2), range(y.shape[2])):
        window = [j for j in range(i * stride - padding, i * stride - padding + 3) if 0 <= j < 7]
        best = [j for j in window if x[n, 0, j] == max(x[n, 0, window])]
        expected[n, 0, best] += g[n, 0, i] / len(best)
    np.testing.assert_allclose(to_maxima(g).numpy(), expected, atol=1e-14)
    gradcheck(lambda g: to_maxima(g) ** 3, [g], order=2)
    check_hygiene(lambda g: to_maxima(g) ** 2, [g])


def cofactors_of_large_matrices(draw: Any) -> None:
    """Whether they come of an inverse or, near singular matrices, without a division."""
    random = random_of(draw)
    n, front = draw(st.integers(4, 5)), draw(FRONTS)
    x = random.normal(size=(*front, n, n)) + 2 * np.eye(n)
    if draw(st.booleans()):
        share = draw(st.sampled_from([0.0, 1e-13, 1e-9, 1e-6]))
        x[..., -1, :] = x[..., 0, :] + share * x[..., -1, :]
        if draw(st.booleans()):  # columns of the inverse then have sums that cancel
            x = np.swapaxes(x, -1, -2).copy()
        x *= draw(st.sampled_from([1.0, 2.0**20]))
    expected = np.zeros_like(x)
    for i, j in itertools.product(range(n), range(n)):
        minor = np.delete(np.delete(x, i, -2), j, -1)
        expected[..., i, j] = (-1) ** (i + j) * np.linalg.det(minor)
    np.testing.assert_allclose(slope(linalg.det, x), expected, atol=1e-11 * np.abs(expected).max())
    # The errors of a determinant and of its inverse cancel at order 1, not beyond.
    gradcheck(linalg.det, [x[(0,) * len(front)]], order=2)


def cofactors_at_equal_values(draw: Any) -> None:
    """Singular values that are equal, or 0, do no harm: the vectors are constants here."""
    random, n = random_of(draw), draw(st.integers(2, 4))
    x = np.diag(random.choice([-2.0, 0.0, 2.0], n))[random.permutation(n)]
    gradcheck(linalg.det, [x], order=2)


def inverses_at_the_limit(draw: Any) -> None:
    """One is taken while the matrix keeps 5/8 of the digits, by the sums of its columns."""
    n, front = draw(st.integers(4, 6)), draw(FRONTS)
    limit = np.finfo(float).eps ** (3 / 8)
    x = np.broadcast_to(np.eye(n), (*front, n, n)).copy()
    at = tuple(draw(st.integers(0, size - 1)) for size in front)
    place = draw(st.integers(0, n - 1))
    x[(*at, place, place)] = 1.001 * limit
    assert isinstance(_accurate_inverse(x), np.ndarray)
    x[(*at, place, place)] = 0.999 * limit
    assert _accurate_inverse(x) is None


def factors_of_dependent_columns(draw: Any) -> None:
    """They are refused from where the last diagonal element of R is rounding; no others are."""
    random, front = random_of(draw), draw(FRONTS)
    q = np.linalg.qr(random.normal(size=(*front, 4, 3)))[0]
    r = np.broadcast_to(np.diag([1.0, 8.0, 2.0]), (*front, 3, 3)).copy()
    where = draw(st.sampled_from([0, 1, 2]))
    at = tuple(draw(st.integers(0, n - 1)) for n in front)
    limit = 3 * np.finfo(float).eps * (8.0 if where != 1 else 2.0)
    r[(*at, where, where)] = draw(st.sampled_from([0.0, limit / 4]))
    words = f"qr: {place(at)} has linearly dependent columns"
    factor: Any = linalg.qr
    nothing = np.zeros((*front, 4, 3))
    for x, begin in ((q @ r, words), (nothing, f"qr: {place((0,) * len(front))} has linearly")):
        error = ""
        try:
            slope(lambda x: factor(x).R, x)
        except np.linalg.LinAlgError as found:
            error = str(found)
        assert error.startswith(begin), error
    r[(*at, where, where)] = 20 * limit
    assert np.isfinite(slope(lambda x: factor(x).R, q @ r)).all()


def axes_of_a_number(draw: Any) -> None:
    """A number has the axes 0 and -1, as with NumPy, and no others."""
    x, axis = np.array(random_of(draw).uniform(1, 2)), draw(st.sampled_from([0, -1]))
    for f in (ag.sum, ag.prod, ag.median, linalg.vector_norm):
        np.testing.assert_allclose(slope(lambda x, f=f: f(x, axis=axis), x), 1)
        for wrong in (-3, -2, 1, 2):
            words = f"axis {wrong} is out of bounds for array of dimension 0"
            with pytest.raises(np.exceptions.AxisError, match=words):
                f(x, axis=wrong)


def ranks_at_the_limit(draw: Any) -> None:
    """Elements up to n eps times the largest count as dependent columns, at any scale; 0 does."""
    n, front = draw(st.integers(2, 4)), draw(FRONTS)
    scale = draw(st.sampled_from([2.0**-70, 1.0, 2.0**70]))
    r = np.triu(random_of(draw).uniform(1, 8, (*front, n, n)))
    at = tuple(draw(st.integers(0, size - 1)) for size in front)
    largest, low = draw(st.permutations(range(n)))[:2]
    r[(*at, largest, largest)] = -8.0
    r *= scale
    limit = n * np.finfo(float).eps * 8.0 * scale
    words = f"qr: {place(at)} has linearly dependent columns"
    for size in (0.0, 0.7 * limit, limit, -limit):
        r[(*at, low, low)] = size
        refused(lambda: require_full_rank("qr", r), words)
    r[(*at, low, low)] = np.nextafter(limit, np.inf)
    require_full_rank("qr", r)
    r[at] = 0.0
    refused(lambda: require_full_rank("qr", r), words)


def constant_zeros_of_r(draw: Any) -> None:
    """What is asked of the zeros of R does not reach the matrix, not even nan."""
    factor: Any = linalg.qr
    x = random_of(draw).normal(size=(*draw(FRONTS), 4, 3))
    nothing_of_zeros(draw, lambda x: factor(x).R, x, np.tri(3, k=-1))


def constant_zeros_of_cholesky(draw: Any) -> None:
    """What is asked of the zeros of a factor does not reach the matrix, not even nan."""
    upper = draw(st.booleans())
    x = random_of(draw).normal(size=(*draw(FRONTS), 3, 3))
    spd, above = x @ np.swapaxes(x, -1, -2) + np.eye(3), np.tri(3, k=-1).T
    nothing_of_zeros(
        draw, lambda x: linalg.cholesky(x, upper=upper), spd, above.T if upper else above
    )


def nothing_of_zeros(draw: Any, factor: Any, x: Any, zeros: Any) -> None:
    """The gradient of a factor is one and the same, whatever is asked of its zeros."""
    leaf = ag.tensor(x, requires_grad=True)
    out = factor(leaf)
    g = random_of(draw).normal(size=out.shape)
    found, expected = (
        ag.grad(out, leaf, np.where(zeros, asked, g), retain_graph=True)[0].numpy()
        for asked in (np.nan, 0.0)
    )
    np.testing.assert_array_equal(found, expected)


def eigenvalues_of_what_stays(draw: Any) -> None:
    """The matrices, of which a backward pass makes the vectors, are not written into."""
    x = random_of(draw).normal(size=(*draw(FRONTS), 3, 3))
    check_hygiene(linalg.eigvalsh, [x + np.swapaxes(x, -1, -2)])


def larger_of_nan(draw: Any) -> None:
    """The gradient goes to the one that is no nan; of two nan to none."""
    random = random_of(draw)
    x, y = random.permutation(np.array([[np.nan, 1.0], [2.0, np.nan], [np.nan] * 2, [3.0, 4.0]])).T
    for f, first in ((ag.fmax, x > y), (ag.fmin, x < y)):
        to_x = np.where(np.isnan(y), ~np.isnan(x), first)
        to_y = np.where(np.isnan(x), ~np.isnan(y), ~first & ~np.isnan(y))
        np.testing.assert_array_equal(slope(lambda x, f=f: f(x, y), x), to_x)
        np.testing.assert_array_equal(slope(lambda y, f=f: f(x, y), y), to_y)


def numbers_for_nan(draw: Any) -> None:
    """What was put in for nan or infinity has no gradient."""
    x = random_of(draw).permutation([np.nan, 1.0, np.inf, -2.0, -np.inf])
    found = slope(lambda x: ag.nan_to_num(x, nan=1.0, posinf=2.0, neginf=3.0) * 5.0, x)
    np.testing.assert_array_equal(found, 5.0 * np.isfinite(x))


def height_of_the_step(draw: Any) -> None:
    """The second argument of heaviside is its value at 0, and there alone has a gradient."""
    random = random_of(draw)
    x, y = random.choice([-1.0, 0.0, 0.0, 2.0], (3, 4)), random.normal(size=(3, 4))
    gradcheck(lambda y: ag.heaviside(x, y) ** 2, [y], order=2)
    gradcheck(lambda y: ag.heaviside(x, y), [y[:1]])


def slopes_of_elu(draw: Any) -> None:
    """They are finite far above 0, too; at 0 the second one is halfway between its sides."""
    random, alpha = random_of(draw), draw(st.sampled_from([1.0, 0.5]))
    x = random.permutation([-30.0, -1.0, 0.0, 2.0, 1000.0])
    below = alpha * np.exp(np.minimum(x, 0))

    def first(x: Any) -> Any:
        return ag.grad(F.elu(x, alpha).sum(), x, create_graph=True)[0]

    found = slope(lambda x: F.elu(x, alpha), x), slope(first, x)
    np.testing.assert_allclose(found[0], np.where(x > 0, 1, below), rtol=1e-14)
    np.testing.assert_allclose(found[1], below * np.heaviside(-x, 0.5), rtol=1e-14)


def symmetric_gradients(draw: Any) -> None:
    """Factors that are of symmetric matrices have symmetric gradients."""
    random = random_of(draw)
    x = random.normal(size=(*draw(FRONTS), 4, 4))
    weights = random.normal(size=x.shape)
    x = x @ np.swapaxes(x, -1, -2) + np.eye(4)
    vectors: Any = linalg.eigh
    for f in (linalg.cholesky, lambda x: vectors(x).eigenvectors):
        found = slope(lambda x, f=f: f(x) * weights, x)
        np.testing.assert_allclose(found, np.swapaxes(found, -1, -2), atol=1e-9)


def logarithms_of_nothing(draw: Any) -> None:
    """The gradient of slogdet at a singular matrix is refused as its inverse is."""
    x = np.zeros((*draw(FRONTS), 2, 2)) + 1.0
    logarithm: Any = linalg.slogdet
    errors = []
    for f in (linalg.inv, lambda x: logarithm(x)[1]):
        try:
            slope(f, x)
        except np.linalg.LinAlgError as found:
            errors.append(str(found))
    first, second = errors
    reason = first.removeprefix("inv: ").partition(".")[0]
    assert second.startswith(f"slogdet: {reason}: the logarithm of the determinant is"), second


def kernels_that_do_not_fit(draw: Any) -> None:
    """A kernel that is too large along any axis is refused in numbers."""
    source, kernel, dilation, padding = draw(st.sampled_from(TOO_LARGE))
    covered = tuple((k - 1) * d + 1 for k, d in zip(kernel, dilation, strict=True))
    both = tuple(2 * p for p in padding)
    x, weight = np.ones((1, 1, *source)), np.ones((1, 1, *kernel))
    words = f"a kernel that covers {covered} does not fit {source} padded by {both}"
    with pytest.raises(ValueError, match=re.escape(words)):
        F.conv2d(x, weight, None, 1, padding, dilation)


# Sizes of x, of the kernel, dilations, paddings: too large along the first axis, the second, both.
TOO_LARGE = [
    ((4, 9), (3, 2), (3, 2), (1, 0)),
    ((9, 4), (2, 3), (2, 4), (0, 2)),
    ((2, 3), (3, 5), (1, 1), (0, 0)),
]
