"""Transforms of functions: gradients, products with derivatives, Jacobians, recomputing."""

from autograd_lite.func.checkpoint import checkpoint as checkpoint
from autograd_lite.func.custom import custom_op as custom_op
from autograd_lite.func.custom import stop_gradient as stop_gradient
from autograd_lite.func.forward import jvp as jvp
from autograd_lite.func.forward import linearize as linearize
from autograd_lite.func.jacobian import hessian as hessian
from autograd_lite.func.jacobian import hvp as hvp
from autograd_lite.func.jacobian import jacobian as jacobian
from autograd_lite.func.modules import functional_call as functional_call
from autograd_lite.func.reverse import grad as grad
from autograd_lite.func.reverse import value_and_grad as value_and_grad
from autograd_lite.func.reverse import vjp as vjp
from autograd_lite.node import Shared as Shared
