"""The libraries: each turns a function of its tensors into plain callables on NumPy arrays.

`plain(f, order)` gives (forward, vjp) as `autograd_lite.testing.gradcheck` takes them. Of order 2
they are the gradient of the sum of f, and its vjp, so that the library's second derivatives are
compared with differences of its first ones.
"""

from __future__ import annotations

import os
import shutil
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

Plain = tuple[Any, Any]


class NotThereError(Exception):
    """The library has no such function."""


class Names:
    """The functions of some modules, under their own names or NumPy's."""

    def __init__(self, *modules: Any, **others: Any) -> None:
        self._modules, self._others = modules, others

    def __getattr__(self, name: str) -> Any:
        if name in self._others:
            return self._others[name]
        for module in self._modules:
            if hasattr(module, name):
                return getattr(module, name)
        raise NotThereError(name)


class Library(NamedTuple):
    """A library under search.

    Attributes:
        name: what it is called.
        package: what must be installed.
        orders: the highest order of derivatives that it offers.
        load: gives its functions, and plain(f, order).
    """

    name: str
    package: str
    orders: int
    load: Callable[[], tuple[Names, Callable[[Any, int], Plain]]]


def real(array: Any) -> Any:
    """The array, unless it is complex: no complex steps, as functions may branch on the sign."""
    array = np.asarray(array)
    if array.dtype.kind == "c":
        message = f"got {array.dtype}; expected real numbers"
        raise TypeError(message)
    return array


def many(value: Any) -> list[Any]:
    """A list of results from one result or several."""
    return list(value) if isinstance(value, (tuple, list)) else [value]


def load_torch() -> tuple[Names, Callable[[Any, int], Plain]]:
    """PyTorch."""
    import torch

    names = Names(torch.linalg, torch, torch.special, torch.nn.functional, constant=torch.tensor)

    def graph(f: Any, order: int, arrays: Any) -> tuple[list[Any], list[Any]]:
        leaves = [torch.tensor(real(a), requires_grad=True) for a in arrays]
        out = many(f(*leaves))
        if order == 2:
            total = sum(o.sum() for o in out)
            grads = torch.autograd.grad(total, leaves, create_graph=True, materialize_grads=True)
            out = [d if d.requires_grad else d + 0 * leaves[0].sum() for d in grads]
        return leaves, out

    def plain(f: Any, order: int) -> Plain:
        def forward(*arrays: Any) -> Any:
            return tuple(o.detach().numpy() for o in graph(f, order, arrays)[1])

        def vjp(g: Any, *arrays: Any) -> Any:
            leaves, out = graph(f, order, arrays)
            seeds = [torch.tensor(np.asarray(s)) for s in many(g)]
            grads = torch.autograd.grad(out, leaves, seeds, materialize_grads=True)
            return tuple(d.numpy() for d in grads)

        return forward, vjp

    return names, plain


def load_jax() -> tuple[Names, Callable[[Any, int], Plain]]:
    """JAX in its double precision."""
    import jax
    import jax.numpy as jnp
    import jax.scipy.special

    jax.config.update("jax_enable_x64", val=True)
    names = Names(
        jnp,
        jnp.linalg,
        jax.scipy.special,
        jax.nn,
        jax.lax,
        constant=jnp.asarray,
        softmax=jax.nn.softmax,
    )

    def derived(f: Any, order: int) -> Any:
        def gradient(*xs: Any) -> Any:
            return jax.grad(lambda *a: sum(o.sum() for o in many(f(*a))), range(len(xs)))(*xs)

        return gradient if order == 2 else lambda *xs: tuple(many(f(*xs)))

    def plain(f: Any, order: int) -> Plain:
        function = jax.jit(derived(f, order))

        @jax.jit
        def pull(g: Any, xs: Any) -> Any:
            return jax.vjp(function, *xs)[1](g)

        def forward(*arrays: Any) -> Any:
            return tuple(map(np.asarray, function(*[jnp.asarray(real(a)) for a in arrays])))

        def vjp(g: Any, *arrays: Any) -> Any:
            seeds = tuple(map(jnp.asarray, many(g)))
            return tuple(map(np.asarray, pull(seeds, [jnp.asarray(real(a)) for a in arrays])))

        return forward, vjp

    return names, plain


def load_hips() -> tuple[Names, Callable[[Any, int], Plain]]:
    """HIPS autograd."""
    import autograd
    import autograd.numpy as anp
    from autograd.builtins import tuple as tracked
    from autograd.scipy import special

    names = Names(anp, anp.linalg, special, constant=np.asarray)

    def arguments(arrays: Any) -> Any:
        return tuple(range(len(arrays))) if len(arrays) > 1 else 0

    def derived(f: Any, order: int) -> Any:
        def gradient(*xs: Any) -> Any:
            grads = autograd.grad(lambda *a: anp.sum(f(*a)), arguments(xs))(*xs)
            return tracked(grads) if len(xs) > 1 else grads

        return gradient if order == 2 else f

    def plain(f: Any, order: int) -> Plain:
        function = derived(f, order)

        def forward(*arrays: Any) -> Any:
            return tuple(map(np.asarray, many(function(*map(real, arrays)))))

        def vjp(g: Any, *arrays: Any) -> Any:
            back, out = autograd.make_vjp(function, arguments(arrays))(*map(real, arrays))
            return tuple(map(np.asarray, many(back(g if isinstance(out, tuple) else many(g)[0]))))

        return forward, vjp

    return names, plain


def load_mygrad() -> tuple[Names, Callable[[Any, int], Plain]]:
    """MyGrad; it has first derivatives only."""
    import mygrad
    import mygrad.nnet

    names = Names(mygrad, mygrad.linalg, mygrad.nnet, mygrad.nnet.activations, constant=np.asarray)

    def plain(f: Any, order: int) -> Plain:
        assert order == 1

        def forward(*arrays: Any) -> Any:
            return tuple(o.data for o in many(f(*[mygrad.tensor(real(a)) for a in arrays])))

        def vjp(g: Any, *arrays: Any) -> Any:
            leaves = [mygrad.tensor(real(a)) for a in arrays]
            total = sum((o * s).sum() for o, s in zip(many(f(*leaves)), many(g), strict=True))
            total.backward()
            return tuple(np.zeros(x.shape) if x.grad is None else x.grad for x in leaves)

        return forward, vjp

    return names, plain


def load_tinygrad() -> tuple[Names, Callable[[Any, int], Plain]]:
    """Tinygrad, on the CPU where clang is, and on its interpreter elsewhere."""
    if shutil.which("clang") is None:
        os.environ.setdefault("DEV", "PYTHON")
    from tinygrad import Tensor

    def results(f: Any, order: int, arrays: Any) -> tuple[list[Any], list[Any]]:
        leaves = [Tensor(np.ascontiguousarray(real(a))) for a in arrays]
        out = many(f(*leaves))
        if order == 2:
            total = sum(o.sum() for o in out)
            out = [d + 0 * leaves[0].sum() for d in total.gradient(*leaves)]
        return leaves, out

    def plain(f: Any, order: int) -> Plain:
        def forward(*arrays: Any) -> Any:
            return tuple(o.numpy() for o in results(f, order, arrays)[1])

        def vjp(g: Any, *arrays: Any) -> Any:
            leaves, out = results(f, order, arrays)
            seeds = [Tensor(np.asarray(s)) for s in many(g)]
            total = sum((o * s).sum() for o, s in zip(out, seeds, strict=True))
            return tuple(d.numpy() for d in total.gradient(*leaves))

        return forward, vjp

    return Names(Tensor, constant=Tensor, concatenate=lambda parts: Tensor.cat(*parts)), plain


LIBRARIES = (
    Library("PyTorch", "torch", 2, load_torch),
    Library("JAX", "jax", 2, load_jax),
    Library("HIPS autograd", "autograd", 2, load_hips),
    Library("MyGrad", "mygrad", 1, load_mygrad),
    Library("tinygrad", "tinygrad", 2, load_tinygrad),
)
