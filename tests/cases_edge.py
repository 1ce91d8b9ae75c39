"""Edges of where ops have gradients: ties and zeros of values of matrices, infinities, ends."""

from __future__ import annotations

import itertools
import math
from typing import TYPE_CHECKING, Any

import numpy as np
from hypothesis import strategies as st

import autograd_lite as ag
from autograd_lite import linalg
from autograd_lite.ops.gaps import asked, over_gaps, over_values
from autograd_lite.testing import check_hygiene, gradcheck
from tests.case_edge import Edge

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

_FRONTS = st.sampled_from([(), (2,), (1, 2)])
_ASKED = st.sampled_from([("eigh", False), ("svd", False), ("svd", True)])
_WORDS = {
    "eigh": ("eigenvalues", "eigenvectors", "eigvalsh"),
    "svd": ("singular values", "singular vectors", "svdvals"),
}


def _random(draw: Any) -> np.random.Generator:
    return np.random.default_rng(draw(st.integers(0, 2**32 - 1)))


def _slope(f: Callable[..., Any], x: NDArray[Any]) -> Any:
    """The gradient of the sum of f."""
    leaf = ag.tensor(x, requires_grad=True)
    with np.errstate(all="ignore"):  # of values: NumPy's
        total = f(leaf).sum()
    (slope,) = ag.grad(total, leaf)
    return slope.numpy()


def _basis(random: np.random.Generator, front: tuple[int, ...], n: int) -> Any:
    return np.linalg.qr(random.normal(size=(*front, n, n)))[0]


def _refused(f: Callable[[], Any], message: str | None) -> Any:
    """What f returns, None where it must refuse with a message that begins as this one."""
    if message is None:
        return f()
    error = None
    try:
        f()
    except linalg.DegenerateError as found:
        error = found
    assert str(error).startswith(message), f"{error}\nexpected: {message}"
    return None


# ---- the quotients themselves, beside loops


def _values(random: np.random.Generator, front: tuple[int, ...], *, distinct: bool = False) -> Any:
    """Numbers of which some are equal, or 0, or nearly so: by 3/4 and by 3/2 of the tolerance."""
    n = int(random.integers(1, 4 if distinct else 6))
    some = np.array([0.0, 1.0, -2.0, 0.5])
    rows = [random.choice(some, n, replace=not distinct) for _ in range(math.prod(front))]
    y = np.reshape(rows, (*front, n))
    y *= random.choice([0.0, 1e-3, 1.0, 1e3], (*front, 1), p=[0.1, 0.3, 0.3, 0.3])
    return y + _tolerance(y) * random.choice([0, 0.75, 1.5], y.shape, p=[0.6, 0.2, 0.2])


def _tolerance(y: Any) -> Any:
    return 8 * y.shape[-1] * 2.0**-52 * np.abs(y).max(-1, keepdims=True)


def _sparse(random: np.random.Generator, shape: tuple[int, ...]) -> Any:
    return random.normal(size=shape) * (random.random(shape) < random.choice([0.1, 0.5]))


def _place(batch: tuple[int, ...]) -> str:
    return f"matrix {batch} of the stack" if batch else "the matrix"


def _first_tie(y: Any, of: str, touched: Callable[..., Any]) -> str | None:
    """The refusal of the first pair of equal values for which a gradient is not 0."""
    for *batch, i, j in np.ndindex(*y.shape, y.shape[-1]):
        row, tolerance = y[tuple(batch)], _tolerance(y)[tuple(batch)]
        if i != j and abs(row[i] - row[j]) <= tolerance and touched(tuple(batch), i, j):
            values, vectors, way_out = _WORDS[of]
            a, b = min(i, j), max(i, j)
            return (
                f"{of}: {values} {a} and {b} of {_place(tuple(batch))} are equal ({row[a]},"
                f" {row[b]}), so their {vectors} have no derivative, and a gradient is asked of"
                f" them; expected distinct {values}: use {way_out}, whose"
            )
    return None


def _first_zero(y: Any, columns: Any) -> str | None:
    """The refusal of the first value of 0 for which a gradient is not 0."""
    for *batch, j in np.ndindex(*y.shape):
        at = (*batch, j)
        if abs(y[at]) <= _tolerance(y)[tuple(batch)] and columns[at]:
            return f"svd: singular value {j} of {_place(tuple(batch))} is 0 ({y[at]}), so"
    return None


def _what_is_asked(draw: Any) -> None:
    """Vectors of ties, and of zeros if so wanted, are refused: the first of them, by its name."""
    random, (of, zeros) = _random(draw), draw(_ASKED)
    y = _values(random, draw(_FRONTS), distinct=zeros)
    x = np.swapaxes(_sparse(random, (*y.shape, 3)), -1, -2)
    columns = (x != 0).any(-2)
    words = _first_tie(y, of, lambda batch, i, j: columns[batch][i] or columns[batch][j])
    if zeros and not words:
        words = _first_zero(y, columns)
    got = _refused(lambda: asked(x, y, of, zeros=zeros), words)
    assert words or np.array_equal(got, x)


def _quotients_by_gaps(draw: Any) -> None:
    """They are 0 at ties, where x has to be, and on the diagonal."""
    random, of, squares = _random(draw), draw(st.sampled_from(["eigh", "svd"])), draw(st.booleans())
    y = _values(random, draw(_FRONTS))
    if squares:
        y = np.abs(y)
    x = _sparse(random, (*y.shape, y.shape[-1]))
    words = _first_tie(y, of, lambda batch, i, j: x[(*batch, i, j)] != 0)
    got = _refused(lambda: over_gaps(x, y, of, squares), words)
    if words:
        return
    expected = np.zeros_like(x)
    for *batch, i, j in np.argwhere(x):
        row = y[tuple(batch)]
        if i != j:
            gap = (row[j] - row[i]) * (row[j] + row[i] if squares else 1)
            expected[*batch, i, j] = x[*batch, i, j] / gap
    np.testing.assert_allclose(got, expected, rtol=1e-14)


def _quotients_by_values(draw: Any) -> None:
    """They are 0 where the value is, where x has to be, too."""
    random = _random(draw)
    y = _values(random, draw(_FRONTS))
    x = np.swapaxes(_sparse(random, (*y.shape, 2)), -1, -2)
    words = _first_zero(y, (x != 0).any(-2))
    got = _refused(lambda: over_values(x, y, "svd"), words)
    if not words:
        expected = np.zeros_like(x)
        np.divide(x, y[..., None, :], out=expected, where=x != 0)
        np.testing.assert_allclose(got, expected, rtol=1e-14)


def _gradients_of_quotients(draw: Any) -> None:
    """Those of x and of the values, of which either may be the one of a whole stack."""
    random, (left, right) = _random(draw), draw(st.sampled_from([((), (2,)), ((2,), ()), ((), ())]))
    x = random.normal(size=(*left, 3, 3))
    y = np.array([1.0, 2.0, 4.0]) + random.uniform(-0.2, 0.2, (*right, 3))
    functions: list[Any] = [
        lambda x, y: over_gaps(x, y, "eigh"),
        lambda x, y: over_gaps(x, y, "svd", squares=True),
        lambda x, y: over_values(x, y, "svd"),
    ]
    f = draw(st.sampled_from(functions))
    gradcheck(f, [x, y], 1)
    check_hygiene(f, [x, y])


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
    random = _random(draw)
    x, w, q, pair = _twins(random, draw(_FRONTS))
    factor = random.normal(size=4)
    factor[pair + 1] = factor[pair]
    expected = (q * (2 * w * factor)[..., None, :]) @ np.swapaxes(q, -1, -2)
    got = _slope(lambda x: linalg.eigh(x).eigenvalues ** 2 * factor, x)
    np.testing.assert_allclose(got, expected, atol=1e-12)
    k = draw(st.sampled_from([k for k in range(4) if k not in (pair, pair + 1)]))
    form = random.normal(size=(4, 4))
    form += form.T
    got = _slope(lambda x: _quadratic(linalg.eigh(x).eigenvectors[..., k], form), x)
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
    x, _, _, pair = _twins(_random(draw), draw(_FRONTS))
    words = f"eigh: eigenvalues {pair} and {pair + 1} of {_place((0,) * (x.ndim - 2))} are equal"
    columns = draw(st.sampled_from([pair, pair + 1, slice(None)]))
    for matrix in (x, np.zeros_like(x)):
        begin = words if matrix is x else "eigh: eigenvalues"
        _refused(lambda: _slope(lambda x: linalg.eigh(x)[1][..., columns] ** 2, matrix), begin)  # noqa: B023  # called at once


# ---- singular values


def _of_rank(random: np.random.Generator, front: tuple[int, ...], m: int, n: int) -> Any:
    """Matrices whose smallest singular value is 0, and the others distinct."""
    k = min(m, n)
    s = np.arange(k - 1.0, -1.0, -1.0)
    u, v = _basis(random, front, m)[..., :k], _basis(random, front, n)[..., :k]
    return (u * s) @ np.swapaxes(v, -1, -2)


def _vectors_at_zero(draw: Any) -> None:
    """On the longer side they are refused; on the other, and of squares, they have gradients."""
    random, front = _random(draw), draw(_FRONTS)
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

        words = f"svd: singular value {last} of {_place((0,) * len(front))} is 0"
        got = _refused(lambda f=of_svd: _slope(f, x), words if longer and k == last else None)
        if got is not None:
            np.testing.assert_allclose(got, _slope(of_eigh, x), atol=1e-9)


def _vectors_of_equal_values(draw: Any) -> None:
    """They are refused, also where what is asked of them cancels; so are those of a 0."""
    random = _random(draw)
    shape = draw(st.sampled_from([(3, 3), (4, 3), (3, 4)]))
    x = _scattered(random, [1.0, 1.0, 2.0], shape)
    side = draw(st.sampled_from([0, 2]))
    words = "svd: singular values 1 and 2 of the matrix are equal (1.0, 1.0)"
    _refused(lambda: _slope(lambda x: linalg.svd(x, full_matrices=False)[side] ** 2, x), words)
    s = _slope(lambda x: linalg.svd(x, full_matrices=False)[1] ** 2, x)
    np.testing.assert_allclose(s, 2 * x, atol=1e-12)
    if shape != (3, 3):
        x = _scattered(random, [1.0, 0.0, 2.0], shape)
        side = 0 if shape == (4, 3) else 2
        words = "svd: singular value 2 of the matrix is 0 ("
        _refused(lambda: _slope(lambda x: linalg.svd(x, full_matrices=False)[side] ** 2, x), words)


def _scattered(random: np.random.Generator, s: list[float], shape: tuple[int, int]) -> Any:
    """A matrix with these singular values, exactly, as are its vectors."""
    n = len(s)
    x = np.diag(s)[random.permutation(n)] * random.choice([-1.0, 1.0], n)
    return np.pad(x, [(0, shape[0] - n), (0, shape[1] - n)])


def _all_vectors(draw: Any) -> None:
    """With those that complete a basis they are constants, whose product is the matrix."""
    random, front = _random(draw), draw(_FRONTS)
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
    random = _random(draw)
    m, n = draw(st.sampled_from([(2, 2), (3, 2), (2, 3)]))
    x = np.zeros((m, n))
    x[random.integers(m), random.integers(n)] = random.choice([-2.0, 0.0, 3.0])
    np.testing.assert_array_equal(_slope(linalg.svdvals, x), np.sign(x))
    check_hygiene(linalg.svdvals, [random.normal(size=(m, n))])


# ---- functions of numbers


def _equal_infinities(draw: Any) -> None:
    """They share the gradient by halves, while others have theirs."""
    random = _random(draw)
    numbers = [np.inf, -np.inf, -1.0, 0.0, 0.5, 2.0]
    x, y = np.array(list(itertools.product(random.permutation(numbers), numbers))).T
    for f, base in ((ag.logaddexp, np.e), (ag.logaddexp2, 2.0)):
        with np.errstate(all="ignore"):
            share = 1 / (1 + base ** (y - x))
        share[np.isinf(x) & (x == y)] = 0.5
        np.testing.assert_allclose(_slope(lambda x, f=f: f(x, y), x), share, rtol=1e-14)
        np.testing.assert_allclose(_slope(lambda x, f=f: f(y, x), x), share, rtol=1e-14)


def _beyond_the_ends(draw: Any) -> None:
    """The gradient of an arc is 0 at the ends of its domain, and beyond them."""
    x = np.array([-1.0, 1.0, *draw(st.lists(st.floats(1.001, 9.0), max_size=3))])
    for f in (ag.arcsin, ag.arccos):
        for sign in (-1, 1):
            assert not _slope(f, sign * x).any()


EDGES = [
    Edge(linalg.eigh, {
        "asked": _what_is_asked, "gaps": _quotients_by_gaps, "values": _values_of_twins,
        "vectors": _vectors_of_twins, "gradient": _gradients_of_quotients,
    }),
    Edge(linalg.svd, {
        "asked": _what_is_asked, "zeros": _vectors_at_zero, "ties": _vectors_of_equal_values,
        "quotients": _quotients_by_values, "gradient": _gradients_of_quotients,
        "all vectors": _all_vectors,
    }),
    Edge(linalg.svdvals, {"values at zero": _values_at_zero}),
    Edge(ag.logaddexp, {"infinities": _equal_infinities}),
    Edge(ag.arcsin, {"ends": _beyond_the_ends}),
]  # fmt: skip
