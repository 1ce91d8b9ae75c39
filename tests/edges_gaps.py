"""The edges of quotients by gaps of eigenvalues and singular values, beside loops."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np
from hypothesis import strategies as st

from autograd_lite.ops.gaps import asked, over_gaps, over_values
from autograd_lite.testing import check_hygiene, gradcheck
from tests.case_edge import FRONTS, place, random_of, refused

if TYPE_CHECKING:
    from collections.abc import Callable

_ASKED = st.sampled_from([("eigh", False), ("svd", False), ("svd", True)])
# Values, and which columns are asked for: where a shorter rule would name another pair, or none.
_HARD = [
    ([0.0], [1]),
    ([0.0], [0]),
    ([1.0, 1.0, 1.0], [1, 0, 1]),
    ([2.0, 1.0, 2.0, 1.0], [0, 1, 1, 0]),
    ([2.0, 1.0, 0.0], [1, 1, 0]),
    ([2.0, -1.0, 0.0], [1, 1, 1]),
]
_WORDS = {
    "eigh": ("eigenvalues", "eigenvectors", "eigvalsh"),
    "svd": ("singular values", "singular vectors", "svdvals"),
}


def _values(random: np.random.Generator, front: tuple[int, ...], *, distinct: bool = False) -> Any:
    """Numbers of which some are equal, or 0, or nearly so: by 3/4, 1 and 3/2 of the tolerance."""
    n = int(random.integers(1, 4 if distinct else 6))
    some = np.array([0.0, 1.0, -2.0, 0.5])
    rows = [random.choice(some, n, replace=not distinct) for _ in range(math.prod(front))]
    y = np.reshape(rows, (*front, n))
    y *= random.choice([0.0, 1e-3, 1.0, 1e3], (*front, 1), p=[0.1, 0.3, 0.3, 0.3])
    return y + _tolerance(y) * random.choice([0, 0.75, 1, 1.5], y.shape, p=[0.4, 0.2, 0.2, 0.2])


def _tolerance(y: Any) -> Any:
    return 8 * y.shape[-1] * 2.0**-52 * np.abs(y).max(-1, keepdims=True)


def _sparse(random: np.random.Generator, shape: tuple[int, ...]) -> Any:
    return random.normal(size=shape) * (random.random(shape) < random.choice([0.2, 0.7]))


def _first_tie(y: Any, of: str, touched: Callable[..., Any]) -> str | None:
    """The refusal of the first pair of equal values for which a gradient is not 0."""
    for *batch, i, j in np.ndindex(*y.shape, y.shape[-1]):
        row, tolerance = y[tuple(batch)], _tolerance(y)[tuple(batch)]
        if i != j and abs(row[i] - row[j]) <= tolerance and touched(tuple(batch), i, j):
            values, vectors, way_out = _WORDS[of]
            a, b = min(i, j), max(i, j)
            return (
                f"{of}: {values} {a} and {b} of {place(tuple(batch))} are equal ({row[a]},"
                f" {row[b]}), so their {vectors} have no derivative, and a gradient is asked of"
                f" them; expected distinct {values}: use {way_out}, whose"
            )
    return None


def _first_zero(y: Any, columns: Any) -> str | None:
    """The refusal of the first value of 0 for which a gradient is not 0."""
    for *batch, j in np.ndindex(*y.shape):
        at = (*batch, j)
        if abs(y[at]) <= _tolerance(y)[tuple(batch)] and columns[at]:
            return f"svd: singular value {j} of {place(tuple(batch))} is 0 ({y[at]}), so"
    return None


def what_is_asked(draw: Any) -> None:
    """Vectors of ties, and of zeros if so wanted, are refused: the first of them, by its name."""
    random, (of, zeros) = random_of(draw), draw(_ASKED)
    y = _values(random, draw(FRONTS), distinct=zeros)
    _ask(random, y, random.random(y.shape) < 0.5, of, zeros)
    for row, columns in _HARD:
        _ask(random, np.array(row), np.array(columns, bool), "svd", zeros=True)


def _ask(random: np.random.Generator, y: Any, columns: Any, of: str, zeros: bool) -> None:
    x = random.normal(size=(*y.shape[:-1], 3, y.shape[-1])) * columns[..., None, :]
    x[..., 0, :] = 0
    words = _first_tie(y, of, lambda batch, i, j: columns[batch][i] or columns[batch][j])
    if zeros and not words:
        words = _first_zero(y, columns)
    got = refused(lambda: asked(x, y, of, zeros=zeros), words)
    assert words or np.array_equal(got, x)


def quotients_by_gaps(draw: Any) -> None:
    """They are 0 at ties, where x has to be, and on the diagonal."""
    random, of, squares = (
        random_of(draw),
        draw(st.sampled_from(["eigh", "svd"])),
        draw(st.booleans()),
    )
    y = _values(random, draw(FRONTS))
    if squares:
        y = np.abs(y)
    x = _sparse(random, (*y.shape, y.shape[-1]))
    words = _first_tie(y, of, lambda batch, i, j: x[(*batch, i, j)] != 0)
    got = refused(lambda: over_gaps(x, y, of, squares), words)
    if words:
        return
    expected = np.zeros_like(x)
    for *batch, i, j in np.argwhere(x):
        row = y[tuple(batch)]
        if i != j:
            gap = (row[j] - row[i]) * (row[j] + row[i] if squares else 1)
            expected[*batch, i, j] = x[*batch, i, j] / gap
    np.testing.assert_allclose(got, expected, rtol=1e-14)


def quotients_by_values(draw: Any) -> None:
    """They are 0 where the value is, where x has to be, too."""
    random = random_of(draw)
    y = _values(random, draw(FRONTS))
    x = np.swapaxes(_sparse(random, (*y.shape, 2)), -1, -2)
    words = _first_zero(y, (x != 0).any(-2))
    got = refused(lambda: over_values(x, y, "svd"), words)
    if not words:
        expected = np.zeros_like(x)
        np.divide(x, y[..., None, :], out=expected, where=x != 0)
        np.testing.assert_allclose(got, expected, rtol=1e-14)


def gradients_of_quotients(draw: Any) -> None:
    """Those of x and of the values, of which either may be the one of a whole stack."""
    random, (left, right) = (
        random_of(draw),
        draw(st.sampled_from([((), (2,)), ((2,), ()), ((), ())])),
    )
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
