"""Fourier transforms: their laws, spectra as operands, and complex numbers at every other door."""

from __future__ import annotations

import operator
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

import autograd_lite as ag
from autograd_lite.fft import Spectrum
from autograd_lite.func.tree import flatten
from autograd_lite.testing import gradcheck

FINITE = st.floats(-3, 3, allow_subnormal=False)
SIGNALS = hnp.arrays(np.float64, st.integers(1, 8), elements=FINITE)
NORMS = st.sampled_from([None, "ortho", "forward"])
NUMBERS = np.array([1 + 2j, -0.5j, 3 - 1j])


def spectrum(numbers: Any = NUMBERS) -> Spectrum:
    """Complex numbers as a Spectrum of tensors that require gradients."""
    parts = (ag.tensor(part, requires_grad=True) for part in (numbers.real, numbers.imag))
    return Spectrum(*parts)


@given(x=SIGNALS)
def test_parseval(x: Any) -> None:
    s = ag.fft.fft(ag.tensor(x), norm="ortho")
    assert (abs(s) ** 2).sum().item() == pytest.approx((x**2).sum(), abs=1e-12)


@given(x=SIGNALS, k=SIGNALS)
def test_the_transform_of_a_convolution_is_the_product_of_the_transforms(x: Any, k: Any) -> None:
    n = len(x) + len(k) - 1
    product = ag.fft.rfft(ag.tensor(x), n) * ag.fft.rfft(ag.tensor(k), n)
    np.testing.assert_allclose(ag.fft.irfft(product, n).numpy(), np.convolve(x, k), atol=1e-12)


@given(x=SIGNALS, norm=NORMS)
def test_an_inverse_undoes(x: Any, norm: Any) -> None:
    t, n = ag.tensor(x), len(x)
    np.testing.assert_allclose(
        ag.fft.irfft(ag.fft.rfft(t, norm=norm), n, norm=norm).numpy(), x, atol=1e-12
    )
    back = ag.fft.ifft(ag.fft.fft(t, norm=norm), norm=norm)
    np.testing.assert_allclose(back.numpy(), x, atol=1e-12)


def test_a_convolution_by_spectra_has_gradients_of_any_order() -> None:
    def through(x: Any, k: Any) -> Any:
        return ag.fft.irfft(ag.fft.rfft(x, 4) * ag.fft.rfft(k, 4), 4)

    gradcheck(through, [np.array([1.0, 2.0, -1.0]), np.array([0.5, 2.0])], order=3)


@pytest.mark.parametrize("name", ["add", "sub", "mul", "truediv"])
@pytest.mark.parametrize(
    "other", [NUMBERS + 1, np.array([1.0, 2.0, 4.0]), 2, 0.5, 1j, np.complex128(1 - 1j)], ids=repr
)
def test_a_spectrum_computes_as_complex_numbers_do(name: str, other: Any) -> None:
    f = getattr(operator, name)
    expected, turned = f(NUMBERS, other), f(other, NUMBERS)
    operands = [other, spectrum(other)] if np.iscomplexobj(other) and np.ndim(other) else [other]
    if np.ndim(other) and not np.iscomplexobj(other):
        operands.append(ag.tensor(other, requires_grad=True))
    for operand in operands:
        np.testing.assert_allclose(f(spectrum(), operand).numpy(), expected)
        np.testing.assert_allclose(f(operand, spectrum()).numpy(), turned)


def test_parts_of_a_spectrum() -> None:
    s = spectrum()
    np.testing.assert_allclose(abs(s).numpy(), np.abs(NUMBERS))
    np.testing.assert_array_equal(s.conj().numpy(), NUMBERS.conj())
    np.testing.assert_array_equal((-s)[1:].numpy(), -NUMBERS[1:])
    assert s.reshape(3, 1).shape == (3, 1)
    assert (s.shape, s.ndim) == ((3,), 1)
    assert s.dtype == np.complex128
    leaves, build = flatten(s)
    assert leaves == [s.real, s.imag]
    assert isinstance(build(leaves), Spectrum)
    with pytest.raises(ValueError, match=r"^Spectrum: got parts"):
        Spectrum(np.ones(2), np.ones(3))


def test_the_gradient_of_a_modulus_of_nothing_is_nothing() -> None:
    x = ag.zeros(4, requires_grad=True)
    abs(ag.fft.rfft(x)).sum().backward()
    assert x.grad is not None
    assert x.grad.numpy().tolist() == [0, 0, 0, 0]


def test_numpys_functions_give_and_take_spectra() -> None:
    x = ag.tensor([1.0, 2.0, 4.0, 8.0], requires_grad=True)
    back = np.fft.irfft(np.fft.rfft(x) * 2)
    assert isinstance(back, ag.Tensor)
    back.sum().backward()
    assert x.grad is not None
    np.testing.assert_allclose(x.grad.numpy(), 2, atol=1e-6)
    with pytest.raises(TypeError, match=r"^np.sum: got a Spectrum"):
        np.sum(np.fft.rfft(x))
    with pytest.raises(TypeError, match=r"^np.asarray: this Spectrum requires a gradient"):
        np.asarray(np.fft.rfft(x))
    np.testing.assert_allclose(np.asarray(ag.fft.rfft(x.detach())), np.fft.rfft(x.numpy()))


@pytest.mark.parametrize("n", [4, 5])
def test_shifts_are_numpys_and_undo_each_other(n: int) -> None:
    x = np.arange(float(2 * n)).reshape(2, n)
    for axes in (None, 1, (0, 1)):
        s = ag.fft.fftshift(ag.fft.fft(ag.tensor(x)), axes)
        np.testing.assert_allclose(s.numpy(), np.fft.fftshift(np.fft.fft(x), axes), atol=1e-12)
        again = ag.fft.ifftshift(ag.fft.fftshift(ag.tensor(x), axes), axes)
        np.testing.assert_array_equal(again.numpy(), x)


def test_float32_stays_float32() -> None:
    x = ag.ones(6, requires_grad=True)
    s = ag.fft.rfft(x) * 1j
    assert s.dtype == np.complex64
    assert ag.fft.irfft(s).dtype == np.float32
    assert ag.fft.fft(np.ones(3, np.int32)).dtype == np.complex128


WRONG: list[Any] = [
    lambda x: ag.fft.fft(x, n=0),
    lambda x: ag.fft.rfft(x, 2.5),  # type: ignore[arg-type]  # on purpose
    lambda x: ag.fft.irfft(x, -1),
    lambda x: ag.fft.rfft(x, axis=1),
    lambda x: ag.fft.rfft(ag.fft.fft(x)),
    lambda _: ag.fft.rfft(np.ones(2) * 1j),
    lambda x: ag.fft.fftn(x, s=(2,)),
    lambda x: ag.fft.irfft(x[:1]),
    lambda _: ag.fft.fft("abc"),
]


@pytest.mark.parametrize("call", WRONG)
def test_a_wrong_transform_is_refused_by_name(call: Any) -> None:
    with pytest.raises((TypeError, ValueError), match=r"^i?r?fftn?: .*; expected "):
        call(ag.ones(3))


DOORS: dict[str, Any] = {
    "a number": lambda x: x + 1j,
    "a number before": lambda x: 1j * x,
    "numpy's number": lambda x: np.exp(1j) * x,
    "an array": lambda x: x * np.array([1j, 2]),
    "an array before": lambda x: np.array([1j, 2]) @ x,
    "a list of arrays": lambda x: ag.stack([x, np.array([1j, 2])]),
    "a tensor": lambda _: ag.tensor(1j),
    "a tensor of a dtype": lambda _: ag.tensor(np.array([1j]), dtype="float32"),
    "a dtype": lambda x: x.astype(complex),
    "a gradient": lambda x: (x * 2).backward(np.array([1j, 1j])),
}


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize("requires_grad", [True, False])
def test_complex_numbers_are_shown_the_way_to_fft(door: str, *, requires_grad: bool) -> None:
    x = ag.tensor([1.0, 2.0], requires_grad=requires_grad)
    if door == "a gradient" and not requires_grad:
        return
    with pytest.raises(TypeError, match=r"autograd_lite\.fft"):
        DOORS[door](x)
    assert x.grad is None


def test_numpys_functions_of_numbers_take_spectra() -> None:
    """Those that operators stand for; the others say what to write."""
    x = ag.tensor([1.0, 3.0, -2.0, 5.0], requires_grad=True)
    s: Any = ag.fft.rfft(x)
    array = np.array([1.0, 2.0, 4.0])
    np.abs(s).sum().backward()
    assert x.grad is not None
    numbers = s.numpy()
    pairs: list[Any] = [np.add, np.subtract, np.multiply, np.divide]
    for function in pairs:
        for pair in ((s, array), (array, s), (s, s)):
            values = [one.numpy() if one is s else one for one in pair]
            np.testing.assert_allclose(function(*pair).numpy(), function(*values), rtol=1e-6)
    singles: list[Any] = [np.negative, np.positive, np.conj, np.square]
    for function in singles:
        np.testing.assert_allclose(function(s).numpy(), function(numbers), rtol=1e-6)
    np.testing.assert_allclose((array * s).numpy(), array * numbers, rtol=1e-6)
    calls: list[Any] = [
        lambda: np.exp(s),
        lambda: np.add.reduce(s),
        lambda: np.add(s, s, where=False),
    ]
    for call in calls:
        with pytest.raises(TypeError, match=r"got a Spectrum.* give s\.real"):
            call()
