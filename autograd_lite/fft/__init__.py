"""Fourier transforms with NumPy's names: real arrays and spectra in, spectra and real arrays out.

>>> import autograd_lite as ag
>>> x, k = ag.tensor([1.0, 2.0, 3.0]), ag.tensor([0.0, 1.0])
>>> ag.fft.irfft(ag.fft.rfft(x, 4) * ag.fft.rfft(k, 4), 4).numpy().round(4)  # their convolution
array([0., 1., 2., 3.], dtype=float32)
"""

from autograd_lite.fft.grid import fft2 as fft2
from autograd_lite.fft.grid import fftn as fftn
from autograd_lite.fft.grid import fftshift as fftshift
from autograd_lite.fft.grid import ifft2 as ifft2
from autograd_lite.fft.grid import ifftn as ifftn
from autograd_lite.fft.grid import ifftshift as ifftshift
from autograd_lite.fft.grid import irfft2 as irfft2
from autograd_lite.fft.grid import irfftn as irfftn
from autograd_lite.fft.grid import rfft2 as rfft2
from autograd_lite.fft.grid import rfftn as rfftn
from autograd_lite.fft.line import fft as fft
from autograd_lite.fft.line import ifft as ifft
from autograd_lite.fft.line import irfft as irfft
from autograd_lite.fft.line import rfft as rfft
from autograd_lite.fft.spectrum import Spectrum as Spectrum
