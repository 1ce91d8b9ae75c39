"""The cases of whole arrays: reductions, norms, picks, matrices."""

from __future__ import annotations

from typing import Any

import numpy as np

from searching.cases import case

_RANDOM = np.random.default_rng(7)
_M = _RANDOM.standard_normal((3, 3))
_V = _RANDOM.standard_normal(4)
_PAIR = np.array([0, 2, 0, -1])


def _symmetric(x: Any) -> Any:
    return (x + x.T) / 2


def _first(result: Any) -> Any:
    return result[0] if isinstance(result, tuple) else result  # the others are indices


def _masked(m: Any, x: Any) -> Any:
    return m.where(m.constant(np.array([True, False, False])), x, 0 * x - np.inf)


REDUCTIONS = (
    case("max(x) of a tie", lambda m, x: m.max(x), [1.0, 1.0, 0.0], right="a + b = 1"),
    case("amax(x) of a tie", lambda m, x: m.amax(x), [1.0, 1.0, 0.0], right="a + b = 1"),
    case("min(x) of a tie", lambda m, x: m.min(x), [1.0, 1.0, 2.0], right="a + b = 1"),
    case("max(x, axis 0) of a tie", lambda m, x: m.amax(x, 0), [[1.0, 3.0], [1.0, 2.0]]),
    case("ptp(x) of ties", lambda m, x: m.ptp(x), [1.0, 1.0, 0.0, 0.0]),
    case("median(x), even", lambda m, x: m.median(x), [4.0, 1.0, 3.0, 2.0], right="1/2 of each"),
    case(
        "median(x) of a tie",
        lambda m, x: m.median(x),
        [2.0, 2.0, 1.0, 3.0, 2.0],
        right="shares of 1 among the equal ones",
    ),
    case("nanmedian(x)", lambda m, x: m.nanmedian(x), [4.0, 1.0, 3.0, 2.0]),
    case("quantile(x, .3)", lambda m, x: m.quantile(x, 0.3), [4.0, 1.0, 3.0, 2.0]),
    case("sort(x) of ties", lambda m, x: _first(m.sort(x)), [2.0, 1.0, 2.0]),
    case("cummax(x) of ties", lambda m, x: _first(m.cummax(x, 0)), [1.0, 1.0, 2.0]),
    case("prod(x), one 0", lambda m, x: m.prod(x), [2.0, 0.0, 3.0], right="0, 6, 0"),
    case("prod(x), two 0", lambda m, x: m.prod(x), [2.0, 0.0, 0.0], right="0"),
    case("prod(x)'', one 0", lambda m, x: m.prod(x), [2.0, 0.0, 3.0], order=2, right="3, 5, 2"),
    case("prod(x)'', two 0", lambda m, x: m.prod(x), [2.0, 0.0, 0.0], order=2, right="0, 2, 2"),
    case(
        "prod(x)'', two 0 of 4",
        lambda m, x: m.prod(x),
        [2.0, 0.0, 0.0, 3.0],
        order=2,
        right="0, 6, 6, 0",
    ),
    case(
        "prod(x, axis 0), a 0",
        lambda m, x: m.prod(x, 0),
        [[2.0, 0.0], [3.0, 5.0]],
        right="3, 5; 2, 0",
    ),
    case("cumprod(x), one 0", lambda m, x: m.cumprod(x, 0), [2.0, 0.0, 3.0]),
    case("cumprod(x), two 0", lambda m, x: m.cumprod(x, 0), [2.0, 0.0, 0.0, 3.0]),
    case("cumprod(x)'', one 0", lambda m, x: m.cumprod(x, 0), [2.0, 0.0, 3.0], order=2),
    case(
        "cumprod(x)'', two 0",
        lambda m, x: m.cumprod(x, 0),
        [2.0, 0.0, 0.0, 3.0],
        order=2,
        right="1, 9, 8, 0",
    ),
    case("cumsum(x)", lambda m, x: m.cumsum(x, 0), [2.0, 0.0, 3.0]),
    case("std(x), all alike", lambda m, x: m.std(x), [2.0, 2.0, 2.0], right="-0.47 to 0.47"),
    case("var(x), all alike", lambda m, x: m.var(x), [2.0, 2.0, 2.0], right="0"),
    case("var(x)''", lambda m, x: m.var(x), [2.0, 1.0, 2.0], order=2),
    case("std(x) about 1e8", lambda m, x: m.std(x), [1e8, 1e8 + 1, 1e8 + 3]),
    case("logsumexp(x), masked", lambda m, x: m.logsumexp(_masked(m, x), 0), [1.0, 2.0, 3.0]),
    case(
        "softmax(x)",
        lambda m, x: m.softmax(x, 0),
        [1.0, 1000.0, -1000.0],
    ),
    case("softmax(x), masked", lambda m, x: m.softmax(_masked(m, x), 0), [1.0, 2.0, 3.0]),
    case("logcumsumexp(x)", lambda m, x: m.logcumsumexp(x, 0), [1.0, 800.0, -3.0]),
    case("cumlogsumexp(x)", lambda m, x: m.cumlogsumexp(x), [1.0, 800.0, -3.0]),
    case("sum of nothing", lambda m, x: m.sum(x), np.zeros((0, 3))),
    case("prod of nothing, and x", lambda m, x: m.prod(x[:0]) + m.sum(x), [1.0, 2.0]),
    case("mean of a 0-d array", lambda m, x: m.mean(x), 3.0),
    case("sum of a strided array", lambda m, x: m.sum(x * x, 0), np.ones((4, 6))[::2, ::3].T),
)

NORMS = (
    case("norm(x) at 0", lambda m, x: m.norm(x), [0.0, 0.0], right="-1 to 1"),
    case("norm(x)'' beside 0", lambda m, x: m.norm(x), [3.0, 4.0], order=2),
    case("norm(x, 1) at 0", lambda m, x: m.norm(x, 1), [0.0, 2.0], right="-1 to 1, 1"),
    case("norm(x, 3) at 0", lambda m, x: m.norm(x, 3), [0.0, 0.0], right="-1 to 1"),
    case("norm(x, 3), an entry 0", lambda m, x: m.norm(x, 3), [0.0, 2.0], right="0, 1"),
    case("norm(x, 3)'', an entry 0", lambda m, x: m.norm(x, 3), [0.0, 2.0], order=2, right="0"),
    case("norm(x, 1.5), an entry 0", lambda m, x: m.norm(x, 1.5), [0.0, 2.0], right="0, 1"),
    case(
        "norm(x, inf) of a tie",
        lambda m, x: m.norm(x, np.inf),
        [2.0, -2.0, 1.0],
        right="0 to 1, -1 to 0, 0",
    ),
    case("norm(x, inf) at 0", lambda m, x: m.norm(x, np.inf), [0.0, 0.0], right="-1 to 1"),
    case("norm(x, -inf) of a tie", lambda m, x: m.norm(x, -np.inf), [2.0, -2.0, 3.0]),
    case("norm(x, 0)", lambda m, x: m.norm(x, 0) + m.sum(x), [2.0, -2.0, 3.0], right="1"),
    case("norm(x, 'nuc')", lambda m, x: m.norm(x, "nuc"), _M),
    case("norm(1, 'nuc')", lambda m, x: m.norm(x, "nuc"), np.eye(2), right="1, 0; 0, 1"),
    case("norm(x, 2) of a matrix", lambda m, x: m.norm(x, 2), _M),
    case("normalize(x)", lambda m, x: m.normalize(x, dim=0), [1.0, 2.0]),
    case("cdist(x, y), x = y", lambda m, x, y: m.cdist(x, y), [[1.0, 2.0]], [[1.0, 2.0]]),
    case(
        "renorm(x), maxnorm 0",
        lambda m, x: m.renorm(x, 2, -1, 0.0),
        [[0.1, 0.0], [0.0, 0.0]],
        right="0",
    ),
    case("dist(x, y, 3)", lambda m, x, y: m.dist(x, y, 3), [1.0, 2.0], [1.0, 3.0]),
)

PICKS = (
    case("x[duplicates]", lambda _m, x: x[_PAIR], _V),
    case(
        "x[duplicates, duplicates]",
        lambda _m, x: x[_PAIR[:3], _PAIR[:3]],
        _M,
    ),
    case(
        "take(x, duplicates)",
        lambda m, x: m.take(x, m.constant(np.array([0, 2, 0, 1]))),
        _V,
    ),
    case("x[::-2]", lambda m, x: m.flip(x, (0,))[::2], _V),
    case("concatenate((x, x))", lambda m, x: m.concatenate((x, x)), _V),
    case("repeat(x, 2)", lambda m, x: m.repeat(x, 2), _V),
    case("tile(x, 2)", lambda m, x: m.tile(x, (2,)), _V),
    case("diag(x, 1)", lambda m, x: m.diag(x, 1), _V),
    case("diagonal of a 2 x 3", lambda m, x: m.diagonal(x), _M[:2]),
    case("tril(x)", lambda m, x: m.tril(x), _M),
    case("trace(x)", lambda m, x: m.trace(x), _M),
    case("roll(x, 1)", lambda m, x: m.roll(x, 1), _V),
    case("kron(x, x)", lambda m, x: m.kron(x, x), _M[:2, :2]),
    case("outer(x, x)''", lambda m, x: m.outer(x, x), _V, order=2),
    case("cross(x, y)", lambda m, x, y: m.cross(x, y), _V[:3], _V[1:]),
    case("x * y, broadcast", lambda _m, x, y: x * y, _M[:, :1], _M[:1]),
    case("x * y, 0-d and 1-d", lambda _m, x, y: x * y, 2.0, _V),
    case("where(c, x, y), broadcast", lambda m, x, y: m.where(x > y, x * y, y), _M[:, :1], _V[:3]),
    case("einsum('ii', x)", lambda m, x: m.einsum("ii", x), _M, right="1, 0, 0; ..."),
    case("einsum('ii->i', x)", lambda m, x: m.einsum("ii->i", x), _M),
    case("einsum('ij,ji', x, x)", lambda m, x: m.einsum("ij,ji", x, x), _M),
    case("einsum('ij,jj->i', x, y)", lambda m, x, y: m.einsum("ij,jj->i", x, y), _M, _M.T),
    case("einsum('i,j->i', x, y)", lambda m, x, y: m.einsum("i,j->i", x, y), _V, _V),
    case("einsum('ij->', x)", lambda m, x: m.einsum("ij->", x), _M),
    case("dot of 1-d and 2-d", lambda m, x, y: m.matmul(x, y), _V[:3], _M),
    case("tensordot(x, y, 1)", lambda m, x, y: m.tensordot(x, y, 1), _M, _M),
    case("pad(x)", lambda m, x: m.pad(x, (1, 2)), _V),
    case("convolve(x, y)", lambda m, x, y: m.convolve(x, y), _V, _V[:2]),
    case("diff(x)", lambda m, x: m.diff(x), _V),
    case("interp(x)", lambda m, x: m.interp(x, np.arange(4.0), np.arange(4.0) ** 2), [0.5, 1.5]),
)

MATRICES = (
    case("det(x), singular", lambda m, x: m.det(x), [[1.0, 2.0], [2.0, 4.0]], right="4, -2; -2, 1"),
    case("det(x)'', singular", lambda m, x: m.det(x), [[1.0, 2.0], [2.0, 4.0]], order=2),
    case("det(x) at 0", lambda m, x: m.det(x), np.zeros((2, 2)), right="0"),
    case("det(x)'' at 0", lambda m, x: m.det(x), np.zeros((2, 2)), order=2, right="1, -1; -1, 1"),
    case("slogdet(x)", lambda m, x: m.slogdet(x)[1], _M),
    case("inv(x)''", lambda m, x: m.inv(x), _M, order=2),
    case("solve(x, y)''", lambda m, x, y: m.solve(x, y), _M, _V[:3, None], order=2),
    case("cholesky(s(x))", lambda m, x: m.cholesky(_symmetric(x)), _M @ _M.T + np.eye(3)),
    case("eigvalsh(s(x))^2, repeated", lambda m, x: m.eigvalsh(_symmetric(x)) ** 2, np.eye(2)),
    case(
        "eigh(s(x))^2, repeated",
        lambda m, x: m.eigh(_symmetric(x))[0] ** 2,
        np.eye(2),
        right="2 * 1",
    ),
    case(
        "svd(x)^2, repeated",
        lambda m, x: m.svd(x)[1] ** 2,
        np.eye(2),
        right="2 * 1",
    ),
    case("svdvals(x)^2, repeated", lambda m, x: m.svdvals(x) ** 2, np.eye(2), right="2 * 1"),
    case("pinv(x)", lambda m, x: m.pinv(x), _M[:, :2]),
    case("qr(x), R", lambda m, x: m.qr(x)[1] ** 2, _M),
    case("matrix_power(x, 0)", lambda m, x: m.matrix_power(x, 0) + x, _M, right="1"),
    case("matrix_power(x, 3)''", lambda m, x: m.matrix_power(x, 3), _M, order=2),
    case("expm(x)", lambda m, x: m.matrix_exp(x), _M),
    case("lstsq(x, y)", lambda m, x, y: m.lstsq(x, y)[0], _M[:, :2], _V[:3, None]),
    case("cond(x)", lambda m, x: m.cond(x), _M),
    case("corrcoef(x)", lambda m, x: m.corrcoef(x), _M),
    case("cov(x)", lambda m, x: m.cov(x), _M),
)
