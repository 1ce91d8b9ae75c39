"""Tools that verify gradients: for the tests of this library, and of ops written on top of it."""

from autograd_lite.testing.gradcheck import GradientError as GradientError
from autograd_lite.testing.gradcheck import gradcheck as gradcheck
