"""Tools that verify gradients: of this library, of ops on top of it, and of anybody else's."""

from autograd_lite.testing.gradcheck import gradcheck as gradcheck
from autograd_lite.testing.report import GradientError as GradientError
from autograd_lite.testing.report import Kink as Kink
from autograd_lite.testing.report import Place as Place
from autograd_lite.testing.report import Report as Report
from autograd_lite.testing.report import Verdict as Verdict
