"""What is verified: a function and its derivatives on plain arrays, in whatever it is written."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from autograd_lite.dtypes import as_array
from autograd_lite.engine import grad
from autograd_lite.errors import describe
from autograd_lite.func import jvp as jvp_of
from autograd_lite.graph import array_of
from autograd_lite.recording import enable_grad
from autograd_lite.tensor import Tensor

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    Arrays = list[NDArray[Any]]


class Subject:
    """A plain function of arrays, with a vjp and perhaps a jvp that somebody wrote for it.

    Attributes:
        f, vjp: what was given.
        name: what the function is called.
        inputs: all inputs, as given.
        arrays: all inputs as arrays, floating ones in float64.
        floating: the positions of the floating inputs, which derivatives are for.
        has_jvp: whether `push` can be called.
    """

    def __init__(
        self,
        f: Callable[..., Any],
        inputs: Any,
        vjp: Callable[..., Any] | None,
        jvp: Callable[..., Any] | None,
        caller: str,
    ) -> None:
        self.f = f
        self.vjp: Any = vjp
        self._jvp: Any = jvp
        self.caller = caller
        self.inputs = listed(inputs)
        arrays = [_read(i, x, caller) for i, x in enumerate(self.inputs)]
        self.floating = [i for i, a in enumerate(arrays) if a.dtype.kind == "f"]
        self.arrays = [
            _double(x) if a.dtype.kind == "f" else a
            for x, a in zip(self.inputs, arrays, strict=True)
        ]
        name = getattr(f, "__qualname__", None) or getattr(f, "__name__", f)  # ufuncs of NumPy 2.0
        self.name = str(name).rpartition("<locals>.")[2]
        if not self.floating:
            got = ", ".join(map(describe, arrays))
            message = f"{caller}: got inputs {got or '[]'}; expected a floating one, as 1.0 for 1"
            raise TypeError(message)

    @property
    def has_jvp(self) -> bool:
        """Whether there is a forward mode."""
        return self._jvp is not None

    @property
    def point(self) -> Arrays:
        """The floating inputs."""
        return [self.arrays[i] for i in self.floating]

    @property
    def takes_complex(self) -> bool:
        """Whether it makes sense to call the function with complex arrays."""
        return True

    def arguments(self, arrays: Sequence[Any]) -> list[Any]:
        """All inputs of a call: fresh copies, with `arrays` in the place of the floating ones."""
        rest = iter(arrays)
        return [next(rest) if i in self.floating else _fresh(x) for i, x in enumerate(self.inputs)]

    def described(self) -> str:
        """What the function gives at its point, in words."""
        return describe(listed(self.f(*self.arguments(self._leaves(self.point)))))

    def call(self, arrays: Sequence[NDArray[Any]]) -> list[Any]:
        """The results as arrays, floating or not, real or complex."""
        result = self.f(*self.arguments([np.array(a) for a in arrays]))
        return [array_of(v) for v in listed(result)]

    def values(self, arrays: Sequence[NDArray[Any]]) -> Arrays:
        """The floating results."""
        results = self.call(arrays)
        if any(v.dtype.kind == "c" for v in results):
            message = (
                f"{self.caller}: {self.name} gives {describe(results)}; expected real values:"
                " return the real and the imaginary part, each as a value of its own"
            )
            raise TypeError(message)
        return [v for v in results if v.dtype.kind == "f"]

    def pull(
        self, arrays: Sequence[NDArray[Any]], cotangents: Sequence[NDArray[Any]]
    ) -> list[NDArray[Any] | None]:
        """The gradient of each floating input, or None where it has none."""
        arguments = self.arguments(self._leaves(arrays))
        result = self.f(*self.arguments(self._leaves(arrays)))
        copies = [np.array(c) for c in cotangents]
        gradients = pulled(self.vjp, arguments, result, copies, self.floating)
        if len(gradients) != len(self.floating):
            message = (
                f"{self.caller}: the vjp of {self.name} gives {len(gradients)} gradients; expected"
                f" one for each of {len(self.inputs)} inputs, or of {len(self.floating)} floating"
            )
            raise TypeError(message)
        return gradients

    def _leaves(self, arrays: Sequence[NDArray[Any]]) -> list[Any]:
        return [np.array(a) for a in arrays]

    def push(self, arrays: Sequence[NDArray[Any]], tangents: Sequence[NDArray[Any]]) -> Arrays:
        """The derivative of the results along `tangents` of the floating inputs."""
        arguments = self.arguments(self._leaves(arrays))
        result = self._jvp(tuple(np.array(t) for t in tangents), *arguments)
        return [array_of(v) for v in listed(result)]


class OfTensors(Subject):
    """A function of Tensors, whose derivatives are the engine's; or a gradient of one.

    Args:
        f: the function.
        inputs: its inputs.
        caller: whom errors name.
        weights: of its results, then of their gradient, and so on: each makes a number of what the
            order below gives, whose gradient is the next one.
    """

    def __init__(
        self, f: Callable[..., Any], inputs: Any, caller: str, weights: Sequence[Arrays] = ()
    ) -> None:
        super().__init__(f, inputs, None, None, caller)
        self.weights = list(weights)

    @property
    def has_jvp(self) -> bool:
        """A function of tensors has a forward mode, and so have its gradients."""
        return True

    @property
    def takes_complex(self) -> bool:
        """Ops do, given arrays; Tensors, of which gradients are made, do not."""
        return not self.weights

    def gradient(self, weights: Arrays) -> OfTensors:
        """The gradient of the weighted sum of the values, as a function of the same inputs."""
        return OfTensors(self.f, self.inputs, self.caller, [*self.weights, weights])

    def values(self, arrays: Sequence[NDArray[Any]]) -> Arrays:
        """The floating results, or the gradients."""
        return [v._data for v in self._run(self._leaves(arrays), recorded=False)]

    def pull(
        self,
        arrays: Sequence[NDArray[Any]],
        cotangents: Sequence[NDArray[Any]],
        *,
        recorded: bool = False,
    ) -> list[NDArray[Any] | None]:
        """The gradient of each floating input; `recorded` to have it computed on tensors."""
        leaves = self._leaves(arrays)
        values = self._run(leaves, recorded=True)
        return [g._data for g in _gradients(values, leaves, list(cotangents), recorded=recorded)]

    def push(self, arrays: Sequence[NDArray[Any]], tangents: Sequence[NDArray[Any]]) -> Arrays:
        """The derivative of the results, or of the gradients, along `tangents`."""

        def f(*floating: Any) -> list[Tensor]:
            return self._run(list(floating), recorded=True)

        return [t._data for t in jvp_of(f, tuple(arrays), tuple(tangents))[1]]

    def _leaves(self, arrays: Sequence[NDArray[Any]]) -> list[Any]:
        return [Tensor(np.array(a), requires_grad=True) for a in arrays]

    def _run(self, leaves: list[Tensor], *, recorded: bool) -> list[Tensor]:
        with enable_grad():
            values = self._floating(self.f(*self.arguments(leaves)))
            for n, weights in enumerate(self.weights, 1):
                again = recorded or n < len(self.weights)
                values = _gradients(values, leaves, weights, recorded=again)
        return values

    def _floating(self, result: Any) -> list[Tensor]:
        tensors = [v if isinstance(v, Tensor) else Tensor(v) for v in listed(result)]
        return [t for t in tensors if t.dtype.kind == "f"]


def subject_of(
    f: Callable[..., Any],
    inputs: Any,
    vjp: Callable[..., Any] | None = None,
    jvp: Callable[..., Any] | None = None,
    caller: str = "gradcheck",
) -> Subject:
    """`f` as what is verified: with a vjp a plain function of arrays, else a function of Tensors.

    Raises:
        TypeError: when something is not callable, when there is a jvp without a vjp, when no input
            is floating.
    """
    for name, given in (("f", f), ("vjp", vjp), ("jvp", jvp)):
        if not callable(given) and (name == "f" or given is not None):
            message = f"{caller}: got {describe(given)} as {name}; expected a function"
            raise TypeError(message)
    if vjp is None and jvp is not None:
        message = f"{caller}: got a jvp and no vjp; expected a vjp too, vjp(g, *inputs)"
        raise TypeError(message)
    return OfTensors(f, inputs, caller) if vjp is None else Subject(f, inputs, vjp, jvp, caller)


def row(arrays: Sequence[Any]) -> NDArray[Any]:
    """All elements of some arrays, in float64 or complex128."""
    flat = [np.ravel(a) for a in arrays]
    kind = np.complex128 if any(a.dtype.kind == "c" for a in flat) else np.float64
    return np.concatenate([np.empty(0), *flat]).astype(kind)


def _gradients(
    values: list[Tensor], leaves: list[Tensor], weights: Arrays, *, recorded: bool
) -> list[Tensor]:
    return list(
        grad(
            values,
            leaves,
            weights,
            retain_graph=True,  # of tensors that f may share between its calls
            create_graph=recorded,
            allow_unused=True,
        )
    )


def listed(values: Any) -> list[Any]:
    """One or several inputs, results or gradients, as a list."""
    return list(values) if isinstance(values, (list, tuple)) else [values]


def _read(i: int, x: Any, caller: str) -> NDArray[Any]:
    """An input as an array, or an error that says which one cannot be read."""
    try:
        return as_given(x)
    except TypeError as error:
        message = f"{caller}: input {i}: {str(error).removeprefix('tensor: ')}"
        raise TypeError(message) from error


def _double(x: Any) -> NDArray[Any]:
    """A copy of an input in float64, to which numbers of Python are not rounded."""
    return np.array(x._data if isinstance(x, Tensor) else x, np.float64)


def as_given(x: Any) -> NDArray[Any]:
    """An input as an array, in its own dtype."""
    return as_array(x._data if isinstance(x, Tensor) else x)


def pulled(
    vjp: Callable[..., Any],
    arguments: Sequence[Any],
    result: Any,
    cotangents: Sequence[NDArray[Any]],
    floating: Sequence[int],
) -> list[NDArray[Any] | None]:
    """What a vjp gives for the floating arguments, when `f` gave `result` for all.

    Args:
        vjp: `vjp(g, *arguments)`, where g is a tuple if `result` is one.
        arguments: all arguments.
        result: what `f` gave.
        cotangents: of the floating values in it; the others get zeros.
        floating: the positions of the floating arguments.
    """
    rest = iter(cotangents)
    values = [array_of(v) for v in listed(result)]
    given = [next(rest) if v.dtype.kind == "f" else np.zeros(v.shape) for v in values]
    several = isinstance(result, (list, tuple))
    gradients = listed(vjp(tuple(given) if several else given[0], *arguments))
    if len(gradients) == len(arguments):
        gradients = [gradients[i] for i in floating]
    return [None if g is None else array_of(g) for g in gradients]


def _fresh(x: Any) -> Any:
    """A copy, so that no call sees what another one wrote."""
    return Tensor(x) if isinstance(x, Tensor) else np.copy(x) if isinstance(x, np.ndarray) else x
