"""Fourier transforms: lines of the table of ops, and how they complain."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

import autograd_lite as ag
from tests import strategies_pick as p
from tests.case import Case

if TYPE_CHECKING:
    from collections.abc import Callable

    from hypothesis import strategies as st

    from autograd_lite.testing.case import OpCase
    from autograd_lite.testing.strategies import Call

_A = ag.ones(2, 3, requires_grad=True)


def _flat(out: Any) -> Any:
    """Complex numbers as pairs in a further axis, whoever has computed them."""
    if isinstance(out, ag.fft.Spectrum):
        return ag.stack([out.real, out.imag], -1)
    is_complex = isinstance(out, np.ndarray) and out.dtype.kind == "c"
    return np.stack([out.real, out.imag], -1) if is_complex else out


def _transformed(f: Any, arrays: Any, static: dict[str, Any]) -> Any:
    """A call with real numbers, or with two arrays as the parts of complex ones."""
    if len(arrays) == 1:
        return _flat(f(arrays[0], **static))
    real, imag = arrays
    ours = f.__module__.startswith("autograd_lite")
    return _flat(f(ag.fft.Spectrum(real, imag) if ours else real + 1j * imag, **static))


def _case(name: str, inputs: st.SearchStrategy[Call]) -> OpCase:
    return Case(getattr(ag.fft, name), getattr(np.fft, name), inputs, call=_transformed)


CASES = [
    _case("fft", p.a_transform()),
    _case("ifft", p.a_transform()),
    _case("rfft", p.a_real_transform()),
    _case("irfft", p.an_inverse()),
    *(_case(name, p.grids()) for name in ("fftn", "ifftn", "rfftn", "irfftn")),
    *(_case(name, p.planes()) for name in ("fft2", "ifft2", "rfft2", "irfft2")),
]
_ALL: list[Any] = [case.op for case in CASES]

WRONG: dict[str, tuple[Callable[[], Any], Any]] = {
    f.__name__: (partial(f, _A, norm="other"), (2, 3)) for f in _ALL
}
WITHOUT_ONNX: set[Callable[..., Any]] = {*_ALL[:4]}
MADE_OF: dict[Callable[..., Any], str] = dict.fromkeys(_ALL[4:], "i?r?fft")
