"""Linear algebra: identities, kinds of results and errors."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import autograd_lite as ag
from autograd_lite import linalg
from autograd_lite.testing import gradcheck

RANDOM = np.random.default_rng(0)
A = RANDOM.normal(size=(2, 4, 4)) + 4 * np.eye(4)
SPD = A @ A.mT
OF_ONE: list[Any] = [
    linalg.inv, linalg.det, linalg.slogdet, linalg.cholesky, linalg.qr, linalg.svd, linalg.svdvals,
    linalg.eigh, linalg.eigvalsh, linalg.pinv,
]  # fmt: skip


def leaf(a: Any, dtype: str = "float64") -> ag.Tensor:
    """A tensor that requires a gradient."""
    return ag.tensor(np.asarray(a, dtype), requires_grad=True)


def listed(result: Any) -> list[Any]:
    """The arrays of a result."""
    return list(result) if isinstance(result, tuple) else [result]


def gradient(f: Any, x: ag.Tensor) -> Any:
    """The gradient of the sum of what a function gives."""
    return ag.grad(f(x).sum(), x)[0].numpy()


def test_the_gradient_of_the_log_determinant_is_the_inverse() -> None:
    got = gradient(lambda x: linalg.slogdet(x).logabsdet, leaf(A))
    np.testing.assert_allclose(got, np.linalg.inv(A).mT, rtol=1e-12)


def test_solve_and_inverse_agree() -> None:
    b = RANDOM.normal(size=(4, 3))
    x = leaf(A)
    first = gradient(lambda a: linalg.solve(a, b) ** 2, x)
    np.testing.assert_allclose(first, gradient(lambda a: (linalg.inv(a) @ b) ** 2, x), rtol=1e-10)


def test_the_trace_of_a_power_is_that_of_the_eigenvalues() -> None:
    x = leaf(SPD)
    direct = gradient(lambda a: linalg.trace(linalg.matrix_power(a, 3)), x)
    np.testing.assert_allclose(gradient(lambda a: linalg.eigvalsh(a) ** 3, x), direct, rtol=1e-10)


def test_a_function_of_a_matrix_by_its_eigenvectors() -> None:
    """exp(log A) is A, so its gradient is that of A, symmetric."""

    def there_and_back(a: ag.Tensor) -> ag.Tensor:
        w, v = linalg.eigh(a)
        u, z = linalg.eigh((v * w.log()[..., None, :]) @ v.mT)
        return (z * u.exp()[..., None, :]) @ z.mT

    weights = RANDOM.normal(size=SPD.shape)
    x = leaf(SPD)
    np.testing.assert_allclose(there_and_back(x).numpy(), SPD, rtol=1e-10)
    got = gradient(lambda a: there_and_back(a) * weights, x)
    np.testing.assert_allclose(got, (weights + weights.mT) / 2, atol=1e-8)


@pytest.mark.parametrize("upper", [False, True])
def test_only_one_triangle_is_read_and_the_gradient_is_symmetric(upper: bool) -> None:
    keep = np.triu if upper else np.tril
    x = leaf(keep(SPD))
    factor = linalg.cholesky(x, upper=upper)
    product = factor.mT @ factor if upper else factor @ factor.mT
    np.testing.assert_allclose(product.numpy(), SPD, rtol=1e-12)
    weights = RANDOM.normal(size=SPD.shape)
    (product * weights).sum().backward()
    assert x.grad is not None
    np.testing.assert_allclose(x.grad.numpy(), (weights + weights.mT) / 2, atol=1e-12)


def test_large_triangles_are_solved_by_blocks() -> None:
    n = 150
    a = np.tril(RANDOM.normal(size=(n, n))) / n + np.eye(n)
    b = RANDOM.normal(size=(2, n, 3))
    got = linalg.solve_triangular(a, b, lower=True)
    np.testing.assert_allclose(got, np.linalg.solve(a, b), rtol=1e-11, atol=1e-13)
    upper = linalg.solve_triangular(np.stack([a.T, a.T]), b[0])
    np.testing.assert_allclose(upper[1], np.linalg.solve(a.T, b[0]), rtol=1e-11, atol=1e-13)


@pytest.mark.parametrize("n", [-3, -1, 0, 1, 6])
def test_powers_of_any_sign(n: int) -> None:
    x = 0.3 * A[0]
    np.testing.assert_allclose(linalg.matrix_power(x, n), np.linalg.matrix_power(x, n), rtol=1e-10)
    gradcheck(lambda a: linalg.matrix_power(a, n), x, order=2)


def test_a_first_power_is_an_array_of_its_own() -> None:
    x = A.copy()
    assert not np.shares_memory(linalg.matrix_power(x, 1), x)


@pytest.mark.parametrize("order", ["nuc", 2, -2])
def test_norms_of_singular_values(order: Any) -> None:
    x = RANDOM.normal(size=(3, 2, 4))
    expected = np.linalg.norm(x, order, (2, 0), keepdims=True)
    np.testing.assert_allclose(ag.norm(x, order, (2, 0), keepdims=True), expected)
    gradcheck(lambda a: ag.norm(a, order, (-1, 0)), x, order=2)


@pytest.mark.parametrize("function", OF_ONE, ids=lambda f: f.__name__)
def test_dtypes_are_numpys(function: Any) -> None:
    """float32 stays, integers become float64; named tuples have NumPy's names."""
    assert {part.dtype for part in listed(function(leaf(SPD, "float32")))} == {np.dtype("float32")}
    whole = np.array([[2, 1], [1, 3]])
    reference = getattr(np.linalg, function.__name__)(whole)
    assert {part.dtype for part in listed(function(ag.tensor(whole)))} == {np.dtype("float64")}
    assert getattr(function(whole), "_fields", None) == getattr(reference, "_fields", None)


@pytest.mark.parametrize("shape", [(0, 0), (0, 2, 2), (2, 0, 0)])
@pytest.mark.parametrize("function", OF_ONE, ids=lambda f: f.__name__)
def test_empty_matrices_and_stacks(function: Any, shape: tuple[int, ...]) -> None:
    x = leaf(np.zeros(shape))
    expected = listed(getattr(np.linalg, function.__name__)(np.zeros(shape)))
    results = listed(function(x))
    assert [part.shape for part in results] == [part.shape for part in expected]
    sum(part.sum() for part in results).backward()
    assert x.grad is not None
    assert x.grad.shape == shape


STACK = np.stack([np.eye(2), -np.zeros((2, 2))])


@pytest.mark.parametrize(
    "call",
    [
        lambda: linalg.inv(STACK),
        lambda: linalg.solve(STACK, np.ones(2)),
        lambda: linalg.cholesky(STACK),
        lambda: linalg.solve_triangular(STACK, np.ones(2)),
        lambda: linalg.matrix_power(STACK, -1),
    ],
    ids=["inv", "solve", "cholesky", "solve_triangular", "matrix_power"],
)
def test_an_error_tells_which_matrix_it_is(call: Any, request: pytest.FixtureRequest) -> None:
    name = request.node.callspec.id
    with pytest.raises(np.linalg.LinAlgError, match=rf"^{name}: .*at \(1,\) of the stack.*; expec"):
        call()


@pytest.mark.parametrize(("mode", "shape"), [("complete", (3, 2)), ("raw", (2, 2)), (1, (2, 2))])
def test_factors_without_a_gradient_are_refused(mode: Any, shape: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match=r"^qr: no gradient of mode=.*; expected"):
        linalg.qr(leaf(np.ones(shape)), mode)


def test_modes_of_qr() -> None:
    x = RANDOM.normal(size=(2, 3))
    np.testing.assert_allclose(linalg.qr(x, "r"), np.linalg.qr(x, "r"), rtol=1e-12)
    for ours, numpys in zip(linalg.qr(x, "complete"), np.linalg.qr(x, "complete"), strict=True):
        np.testing.assert_allclose(ours, numpys, rtol=1e-12)


@pytest.mark.parametrize("shape", [(4, 2), (2, 4), (3, 3)])
@pytest.mark.parametrize("sides", [(), (2,)])
def test_least_squares_is_numpys(shape: tuple[int, int], sides: tuple[int, ...]) -> None:
    a, b = RANDOM.normal(size=shape), RANDOM.normal(size=(shape[0], *sides))
    pairs: Any = zip(linalg.lstsq(a, b), np.linalg.lstsq(a, b), strict=True)
    for ours, numpys in pairs:
        assert np.shape(ours) == np.shape(numpys)
        np.testing.assert_allclose(ours, numpys, rtol=1e-10, atol=1e-12)
    gradcheck(lambda a, b: [linalg.lstsq(a, b)[i] for i in (0, 1, 3)], [a, b], order=2)


def test_ranks_are_integers() -> None:
    stack = ag.tensor(np.stack([np.eye(3), np.ones((3, 3))]), requires_grad=True)
    assert linalg.matrix_rank(stack).numpy().tolist() == [3, 1]
    assert linalg.matrix_rank(stack, rtol=2.0).numpy().tolist() == [0, 0]
    with pytest.raises(ValueError, match=r"^matrix_rank: "):
        linalg.matrix_rank(stack, 1.0, rtol=1.0)


def test_chains_of_matrices_are_multiplied_in_the_cheapest_order() -> None:
    sizes = [(30, 35), (35, 15), (15, 5), (5, 10), (10, 20), (20, 25)]
    with ag.profile() as report:
        linalg.multi_dot([ag.ones(*size) for size in sizes])
    assert "matmul" in str(report)
    assert linalg.products._cuts([30, 35, 15, 5, 10, 20, 25])[0, 5] == 2  # as in the book
    with pytest.raises(ValueError, match=r"^multi_dot: got 1 factors"):
        linalg.multi_dot([ag.ones(2, 2)])


@pytest.mark.parametrize("ord", ["nuc", 2, 1])
def test_the_norm_that_a_gradient_descends(ord: Any) -> None:  # NumPy's name
    """One step against the gradient makes the norm smaller."""
    x = leaf(RANDOM.normal(size=(3, 4)))
    before = ag.norm(x, ord)
    step = 0.01 * ag.grad(before, x)[0].numpy()
    assert ag.norm(x.numpy() - step, ord) < before.item()
