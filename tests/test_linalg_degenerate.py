"""Where derivatives do not exist, or nearly: an error that says so, or the value that is meant."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import autograd_lite as ag
from autograd_lite import linalg
from autograd_lite.testing import gradcheck

TWINS = np.diag([1.0, 1.0, 2.0])


def leaf(a: Any) -> ag.Tensor:
    """A tensor that requires a gradient."""
    return ag.tensor(np.asarray(a, float), requires_grad=True)


def slope(x: ag.Tensor) -> Any:
    """The gradient that a backward pass delivered."""
    assert x.grad is not None
    return x.grad.numpy()


def rotation() -> Any:
    """An orthogonal matrix without zeros."""
    return np.linalg.qr(np.random.default_rng(0).normal(size=(3, 3)))[0]


@pytest.mark.parametrize("basis", [np.eye(3), rotation()], ids=["as it is", "rotated"])
def test_eigenvalues_that_are_equal_have_gradients(basis: Any) -> None:
    """No error while only values are used, by whichever function."""
    matrix = basis @ TWINS @ basis.T
    expected = 2 * matrix  # of tr(A^2)
    functions: list[Any] = [linalg.eigvalsh, lambda x: linalg.eigh(x).eigenvalues]
    for values in functions:
        x = leaf(matrix)
        (values(x) ** 2).sum().backward()
        np.testing.assert_allclose(slope(x), expected, atol=1e-12)


@pytest.mark.parametrize("basis", [np.eye(3), rotation()], ids=["as it is", "rotated"])
def test_eigenvectors_of_equal_values_are_refused(basis: Any) -> None:
    """Also for a function of the matrix, whose gradient this rule would get wrong."""
    w, v = linalg.eigh(leaf(np.stack([np.diag([1.0, 2.0, 3.0]), basis @ TWINS @ basis.T])))
    with pytest.raises(linalg.DegenerateError, match=r"^eigh: eigenvalues 0 and 1 of mat.* \(1,\)"):
        ((v * w.exp()[..., None, :]) @ v.mT).sum().backward()
    _, v = linalg.eigh(leaf(TWINS))
    with pytest.raises(linalg.DegenerateError, match=r"the matrix are equal.*use eigvalsh"):
        v.sum().backward()


def test_eigenvectors_of_other_values_have_gradients() -> None:
    """Only the pair that is equal has none."""
    x = leaf(TWINS)
    (linalg.eigh(x).eigenvectors[:, 2] ** 2)[:2].sum().backward()
    np.testing.assert_allclose(slope(x), np.zeros((3, 3)), atol=1e-12)


def test_values_that_are_close_but_not_equal_are_no_error() -> None:
    """The limit is 8 n eps of the largest, which rounding alone reaches."""
    x = leaf(np.diag([1.0, 1.0 + 1e-12, 2.0]))
    (linalg.eigh(x).eigenvectors ** 2).sum().backward()
    assert np.isfinite(slope(x)).all()


def test_singular_vectors_of_equal_values_are_refused() -> None:
    u, s, vh = linalg.svd(leaf(TWINS))
    s.sum().backward(retain_graph=True)
    with pytest.raises(linalg.DegenerateError, match=r"^svd: singular values 1 and 2.*svdvals"):
        vh.sum().backward(retain_graph=True)
    with pytest.raises(linalg.DegenerateError, match=r"^svd: singular values 1 and 2"):
        u.sum().backward()


def test_singular_vectors_at_zero_are_refused_where_the_matrix_is_not_square() -> None:
    tall = np.vstack([np.diag([2.0, 0.0]), np.zeros(2)])
    u, _, vh = linalg.svd(leaf(tall), full_matrices=False)
    with pytest.raises(linalg.DegenerateError, match="singular value 1 of the matrix is 0"):
        u[:, 1].sum().backward(retain_graph=True)
    vh[0].sum().backward()
    gradcheck(lambda x: linalg.svd(x)[0][:, 0] ** 2, np.diag([2.0, 0.0]) + 0.1 * np.tri(2))


def test_full_matrices_have_no_gradient_unless_they_are_square() -> None:
    x = leaf(np.ones((3, 2)))
    with pytest.raises(ValueError, match=r"^svd: .*1 singular vectors beyond.*full_matrices=False"):
        linalg.svd(x)
    with ag.no_grad():
        assert linalg.svd(x)[0].shape == (3, 3)
    assert linalg.svd(x.detach())[0].shape == (3, 3)
    assert isinstance(linalg.svd(x, compute_uv=False), ag.Tensor)


@pytest.mark.parametrize("rank", range(6))
def test_determinants_of_any_rank_have_exact_gradients(rank: int) -> None:
    """The matrix of cofactors, and what follows at orders 2 and 3."""
    random = np.random.default_rng(rank)
    a = random.normal(size=(5, rank)) @ random.normal(size=(rank, 5))
    gradcheck(linalg.det, a, order=3)


def test_determinants_in_a_stack_may_differ_in_rank() -> None:
    stack = np.stack([np.eye(4), np.diag([1.0, 2.0, 3.0, 0.0]), np.zeros((4, 4))])
    gradcheck(linalg.det, stack, order=3)
    x = leaf(stack)
    linalg.det(x).sum().backward()
    np.testing.assert_allclose(slope(x)[1], np.diag([0.0, 0.0, 0.0, 6.0]), atol=1e-14)


def test_cofactors_keep_their_digits_where_a_matrix_is_almost_singular() -> None:
    """det(A) A^-T would have lost eleven of them."""
    small = 1e-13
    x = leaf(rotation() @ np.diag([1.0, 2.0, small]) @ rotation())
    linalg.det(x).backward()
    u, v = rotation()[:, 2], rotation()[2]
    sign = np.linalg.det(rotation()) ** 2
    np.testing.assert_allclose(slope(x), sign * 2 * np.outer(u, v), atol=1e-11)


def test_slogdet_of_a_singular_matrix() -> None:
    """NumPy's values, and an error where the gradient is infinite."""
    x = leaf(np.stack([np.eye(2), np.zeros((2, 2))]))
    sign, logabsdet = linalg.slogdet(x)
    assert sign.numpy().tolist() == [1, 0]
    assert logabsdet.numpy().tolist() == [0, -np.inf]
    with pytest.raises(np.linalg.LinAlgError, match=r"^slogdet: .*\(1,\).*det has a gradient"):
        logabsdet.sum().backward()


@pytest.mark.parametrize("order", ["fro", "nuc", 1, -1, 2, -2, np.inf, -np.inf])
def test_norms_of_zero_have_the_gradient_zero(order: Any) -> None:
    x = leaf(np.zeros((2, 3)))
    ag.norm(x, order).backward()
    assert not slope(x).any()


@pytest.mark.parametrize("order", [1, 1.5, 2, 3, np.inf, -np.inf])
def test_norms_of_zero_vectors_have_the_gradient_zero(order: float) -> None:
    x = leaf(np.zeros(3))
    ag.norm(x, order).backward()
    assert not slope(x).any()


def test_singular_values_that_tie_share_the_gradient_of_a_norm() -> None:
    x = leaf(np.eye(2))
    ag.norm(x, 2).backward()
    np.testing.assert_allclose(slope(x), np.eye(2) / 2)


def test_dependent_columns_have_no_factors_with_a_gradient() -> None:
    factors: Any = linalg.qr(leaf(np.ones((3, 2))))
    with pytest.raises(np.linalg.LinAlgError, match=r"^qr: the matrix has linearly dependent"):
        factors.R.sum().backward()


@pytest.mark.parametrize("p", [None, 2, -2, 1, "fro"])
def test_the_condition_number_of_a_singular_matrix_is_numpys(p: Any) -> None:
    stack = np.stack([np.diag([2.0, 4.0]), np.diag([1.0, 0.0]), np.zeros((2, 2))])
    with np.errstate(all="ignore"):
        expected = np.linalg.cond(stack, p)
    x = leaf(stack)
    result = linalg.cond(x, p)
    np.testing.assert_allclose(result.numpy(), expected)
    result[0].backward()
    assert np.isfinite(slope(x)[0]).all()


def test_pseudo_inverses_of_lower_rank() -> None:
    """Along changes that keep the rank: A = u v^T."""
    random = np.random.default_rng(0)
    u, v = random.normal(size=(4, 2)), random.normal(size=(2, 3))
    gradcheck(lambda u, v: linalg.pinv(u @ v, 1e-10), [u, v], order=2)
    gradcheck(lambda u, v, b: linalg.lstsq(u @ v, b, 1e-10).x, [u, v, np.ones(4)], order=2)
