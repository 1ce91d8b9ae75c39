"""The checkers: each is given a forward function and a vjp in NumPy, and says whether it accepts.

All run with their default settings, at order 1 and in reverse mode, the only one that a vjp gives.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

_COMPLAINTS = (ArithmeticError, AssertionError, RuntimeError, TypeError, ValueError)


def accepts_torch(forward: Any, vjp: Any, inputs: Any, *, fast: bool) -> bool:
    """`torch.autograd.gradcheck`, of a `torch.autograd.Function` around NumPy."""
    import torch

    class Op(torch.autograd.Function):
        @staticmethod
        def forward(ctx: Any, *tensors: Any) -> Any:
            ctx.save_for_backward(*tensors)
            return torch.from_numpy(np.array(forward(*[t.numpy() for t in tensors])))

        @staticmethod
        def backward(ctx: Any, g: Any) -> Any:
            gradients = vjp(g.numpy(), *[t.numpy() for t in ctx.saved_tensors])
            return tuple(None if d is None else torch.from_numpy(np.array(d)) for d in gradients)

    tensors = [torch.tensor(x, requires_grad=True) for x in inputs]
    try:
        return bool(torch.autograd.gradcheck(Op.apply, tensors, fast_mode=fast))
    except _COMPLAINTS:
        return False


def accepts_jax(forward: Any, vjp: Any, inputs: Any, *, x64: bool) -> bool:
    """`jax.test_util.check_grads`, of a `jax.custom_vjp` around callbacks into NumPy."""
    import jax
    from jax.test_util import check_grads

    with jax.enable_x64(x64):
        dtype = np.float64 if x64 else np.float32
        inputs = [np.asarray(x, dtype) for x in inputs]
        out = np.asarray(forward(*inputs), dtype)
        shapes = [None if d is None else np.shape(d) for d in vjp(np.ones_like(out), *inputs)]
        back = [jax.ShapeDtypeStruct(s, dtype) for s in shapes if s is not None]

        @jax.custom_vjp
        def op(*xs: Any) -> Any:
            return jax.pure_callback(
                lambda *a: np.asarray(forward(*map(np.asarray, a)), dtype),
                jax.ShapeDtypeStruct(out.shape, dtype),
                *xs,
            )

        def backward(xs: Any, g: Any) -> Any:
            def call(*a: Any) -> Any:
                gradients = vjp(*map(np.asarray, a))
                return [np.asarray(d, dtype) for d in gradients if d is not None]

            given = iter(jax.pure_callback(call, back, g, *xs))
            return tuple(None if s is None else next(given) for s in shapes)

        op.defvjp(lambda *xs: (op(*xs), xs), backward)
        try:
            check_grads(op, tuple(map(jax.numpy.asarray, inputs)), order=1, modes=("rev",))
        except _COMPLAINTS:
            return False
    return True


def accepts_hips(forward: Any, vjp: Any, inputs: Any, seed: int) -> bool:
    """`autograd.test_util.check_grads`, of a primitive around NumPy."""
    from autograd.extend import defvjp, primitive
    from autograd.test_util import check_grads

    op = primitive(forward)

    def pull(i: int) -> Any:
        def make(_ans: Any, *xs: Any) -> Any:
            def back(g: Any) -> Any:
                gradient = vjp(np.asarray(g), *xs)[i]
                return np.zeros_like(xs[i]) if gradient is None else gradient

            return back

        return make

    defvjp(op, *[pull(i) for i in range(len(inputs))])
    places = tuple(range(len(inputs))) if len(inputs) > 1 else 0
    np.random.seed(seed)  # noqa: NPY002 - it draws its directions from there
    try:
        check_grads(op, places, modes=["rev"], order=1)(*inputs)
    except _COMPLAINTS:
        return False
    return True


def accepts_ours(forward: Any, vjp: Any, inputs: Any, seed: int) -> bool:
    """`autograd_lite.testing.gradcheck`, of the plain functions."""
    from autograd_lite.testing import gradcheck

    return bool(gradcheck(forward, inputs, vjp=vjp, seed=seed, raise_exception=False))


CHECKERS: dict[str, tuple[str, Callable[[Any, Any, Any, int], bool]]] = {
    "PyTorch slow": ("torch", lambda f, v, x, _: accepts_torch(f, v, x, fast=False)),
    "PyTorch fast": ("torch", lambda f, v, x, _: accepts_torch(f, v, x, fast=True)),
    "JAX float32": ("jax", lambda f, v, x, _: accepts_jax(f, v, x, x64=False)),
    "JAX x64": ("jax", lambda f, v, x, _: accepts_jax(f, v, x, x64=True)),
    "HIPS": ("autograd", accepts_hips),
    "ours": ("autograd_lite", accepts_ours),
}
