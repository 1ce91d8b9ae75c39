"""Tools that verify gradients: for the tests of this library, and of ops written on top of it."""

from autograd_lite.testing.findings import Findings as Findings
from autograd_lite.testing.gradcheck import GradientError as GradientError
from autograd_lite.testing.gradcheck import gradcheck as gradcheck
from autograd_lite.testing.hygiene import check_hygiene as check_hygiene
from autograd_lite.testing.laws import check_laws as check_laws
from autograd_lite.testing.taylor import TaylorReport as TaylorReport
from autograd_lite.testing.taylor import taylor_test as taylor_test
