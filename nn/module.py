"""The module: a function with parameters, which it finds by looking at its own attributes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple, Self
from weakref import ref

from autograd_lite.dtypes import floating
from autograd_lite.errors import describe
from autograd_lite.node import Call, tick
from autograd_lite.replay import current
from autograd_lite.tensor import Tensor

from .outline import found, is_new_name, joined
from .parameter import Parameter
from .shown import Shown
from .state import by_name, load, snapshot

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from numpy.typing import DTypeLike, NDArray


class Unmatched(NamedTuple):
    """The names that `Module.load_state_dict(..., strict=False)` passed over."""

    missing: list[str]
    unexpected: list[str]


class Module(Shown):
    """A function with parameters: the base of every layer, loss and model.

    A subclass assigns its parameters and its parts to attributes and defines `forward`; calling the
    module runs that. A module has no registry that could go stale: it looks at its attributes when
    it is asked, also inside lists, tuples and dicts, so nothing is lost by `self.layers = [...]`,
    and a subclass need not call `super().__init__()`.

    Attributes:
        training: whether the module is in training (True) or evaluation mode; see `train`, `eval`.

    Example:
        >>> import autograd_lite as ag
        >>> from autograd_lite import nn
        >>> class Scale(nn.Module):
        ...     def __init__(self, factor):
        ...         self.factor = nn.Parameter(factor)
        ...
        ...     def forward(self, x):
        ...         return self.factor * x
        >>> scale = Scale(2.0)
        >>> scale(ag.tensor([1.0, 3.0])).sum().backward()
        >>> scale.factor.grad
        Tensor(4.)
    """

    training: bool = True

    def forward(self, *args: Any, **kwargs: Any) -> Any:
        """Compute the result of a call of the module: for the subclass to define."""
        message = (
            f"{type(self).__name__}: has no forward(); define `def forward(self, x)` in the class,"
            " which calling the module runs"
        )
        raise NotImplementedError(message)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Run `forward`, and note in the graph, if it returns a new tensor, which call made it."""
        start = tick()
        out = self.forward(*args, **kwargs)
        node = getattr(out, "node", None)
        if node is not None and node.age > start:
            node.call = Call(start, ref(self), type(self), node.call)
        return out

    def extra_repr(self) -> str:
        """The settings that `repr` shows between the parentheses: for the subclass to define."""
        return ""

    # ---- what the module is made of

    def __setattr__(self, name: str, value: Any) -> None:
        """Set an attribute; what was a parameter or a buffer stays one, unless set to None."""
        if isinstance(value, Parameter):
            if value.name is None:
                value.name = name
        elif isinstance(vars(self).get(name), Parameter) and value is not None:
            message = (
                f"{type(self).__name__}: got {describe(value)} for the parameter {name!r}; expected"
                f" a Parameter: write Parameter(value), or change its values by {name}.data[...] ="
            )
            raise TypeError(message)
        elif name in self._buffer_names() and value is not None:
            value = value.detach() if isinstance(value, Tensor) else Tensor(value)
        run = current.get()
        if run is not None:
            run.assigns(self, name, value)
        super().__setattr__(name, value)

    def register_buffer(self, name: str, value: Any) -> None:
        """Make the attribute `name` a tensor that is part of the state, but not trained.

        What is assigned to the attribute later becomes a tensor without a graph.

        Args:
            name: the name of the attribute.
            value: an array, a tensor, a number, nested lists, or None for nothing yet.

        Raises:
            ValueError: when `name` is no identifier, or a parameter or a part has that name.

        Example:
            >>> from autograd_lite import nn
            >>> counter = nn.Module()
            >>> counter.register_buffer("mean", [0.0, 0.0])
            >>> counter.mean = counter.mean + 1
            >>> counter.state_dict()
            {'mean': array([1., 1.], dtype=float32)}
        """
        new = is_new_name(name, type(self))
        if not new or isinstance(vars(self).get(name), (Parameter, Module)):
            message = (
                f"register_buffer: got the name {name!r}; expected an identifier that no parameter,"
                f" part or method of {type(self).__name__} has"
            )
            raise ValueError(message)
        buffer = value if value is None else Tensor(value)  # before its name is noted
        vars(self)["_buffers"] = {**self._buffer_names(), name: None}
        setattr(self, name, buffer)

    def _buffer_names(self) -> Mapping[str, None]:
        names: Mapping[str, None] = vars(self).get("_buffers", {})
        return names

    def _held(self) -> Iterator[tuple[str, Any]]:
        """The parameters and modules among the attributes, by name: `weight`, `layers.0`."""
        for name, value in vars(self).items():
            yield from found(name, value, (Parameter, Module))

    def named_modules(self, prefix: str = "") -> Iterator[tuple[str, Module]]:
        """This module and all its parts, each once, by dotted name; this one's is `prefix`."""
        stack: list[tuple[str, Module]] = [(prefix, self)]
        seen: set[int] = set()
        while stack:
            name, module = stack.pop()
            if id(module) not in seen:
                seen.add(id(module))
                yield name, module
                held = [(joined(name, n), m) for n, m in module._held() if isinstance(m, Module)]
                stack.extend(reversed(held))

    def modules(self) -> Iterator[Module]:
        """This module and all its parts, each once."""
        return (module for _, module in self.named_modules())

    def named_children(self) -> Iterator[tuple[str, Module]]:
        """The parts that are attributes of this module itself, by name."""
        return ((name, held) for name, held in self._held() if isinstance(held, Module))

    def children(self) -> Iterator[Module]:
        """The parts that are attributes of this module itself."""
        return (module for _, module in self.named_children())

    def named_parameters(self, prefix: str = "") -> Iterator[tuple[str, Parameter]]:
        """All parameters by dotted name, those of a module before those of its parts.

        A parameter that is found twice, a shared weight, has the first name only. The names are
        written to `Parameter.name` as well.

        Args:
            prefix: what the names begin with, before a dot.

        Example:
            >>> from autograd_lite import nn
            >>> model = nn.Sequential(nn.Linear(2, 3), nn.Tanh(), nn.Linear(3, 1))
            >>> [name for name, _ in model.named_parameters()]
            ['0.weight', '0.bias', '2.weight', '2.bias']
        """
        seen: set[int] = set()
        for path, module in self.named_modules(prefix):
            for name, parameter in module._held():
                if isinstance(parameter, Parameter) and id(parameter) not in seen:
                    seen.add(id(parameter))
                    full = joined(path, name)
                    if not (parameter.name or "").endswith("." + full):
                        parameter.name = full
                    yield full, parameter

    def parameters(self) -> Iterator[Parameter]:
        """All parameters, each once: what an optimizer takes."""
        return (parameter for _, parameter in self.named_parameters())

    def named_buffers(self, prefix: str = "") -> Iterator[tuple[str, Tensor]]:
        """All buffers by dotted name; see `register_buffer`."""
        for path, module in self.named_modules(prefix):
            for name in module._buffer_names():
                buffer = vars(module).get(name)
                if isinstance(buffer, Tensor) and not isinstance(buffer, Parameter):
                    yield joined(path, name), buffer

    def buffers(self) -> Iterator[Tensor]:
        """All buffers; see `register_buffer`."""
        return (buffer for _, buffer in self.named_buffers())

    # ---- state

    def state_dict(self) -> dict[str, NDArray[Any]]:
        """Copies of the values of all parameters and buffers, by dotted name.

        Example:
            >>> from autograd_lite import nn
            >>> model = nn.Sequential(nn.Linear(2, 3), nn.Tanh())
            >>> {name: array.shape for name, array in model.state_dict().items()}
            {'0.weight': (2, 3), '0.bias': (1, 3)}
        """
        return snapshot(self._state())

    def load_state_dict(self, state: Mapping[str, Any], strict: bool = True) -> Unmatched:
        """Write the values in `state` into the parameters and buffers, in their own dtypes.

        No graph that was recorded before sees the change. After an error the module is as it was.

        Args:
            state: arrays by dotted name, as `state_dict` gives them.
            strict: whether names that only one side has are an error.

        Returns:
            The names that were passed over; with `strict`, none.

        Raises:
            ValueError: when names are missing or unexpected, or shapes differ; it lists them all.
            TypeError: when a value is not numeric, or `state` no mapping.

        Example:
            >>> from autograd_lite import nn
            >>> a, b = nn.Linear(2, 3), nn.Linear(2, 3)
            >>> b.load_state_dict(a.state_dict())
            Unmatched(missing=[], unexpected=[])
            >>> (a.weight == b.weight).all()
            True
        """
        return Unmatched(*load(type(self).__name__, self._state(), state, strict=strict))

    def _state(self) -> dict[str, Tensor]:
        return by_name(type(self).__name__, [*self.named_parameters(), *self.named_buffers()])

    def to(self, dtype: DTypeLike) -> Self:
        """Convert parameters, their gradients and floating buffers to `dtype`, in place.

        The parameters remain the same objects, so an optimizer that has them keeps them.

        Raises:
            TypeError: when `dtype` is not a floating dtype.

        Example:
            >>> from autograd_lite import nn
            >>> nn.Linear(2, 3).to("float64").weight.dtype
            dtype('float64')
        """
        target = floating(f"{type(self).__name__}.to", dtype)
        for tensor in self._state().values():
            if tensor.dtype.kind == "f" and tensor.dtype != target:
                tensor.data = tensor._data.astype(target)
                if tensor.grad is not None:
                    tensor.grad = Tensor(tensor.grad, dtype=target)
        return self

    # ---- modes

    def train(self, mode: bool = True) -> Self:
        """Set this module and all its parts to training mode (or, given False, evaluation mode)."""
        for module in self.modules():
            module.training = mode
        return self

    def eval(self) -> Self:
        """Set this module and all its parts to evaluation mode."""
        return self.train(mode=False)

    def zero_grad(self) -> None:
        """Forget the gradients of all parameters: `grad` becomes None."""
        for parameter in self.parameters():
            parameter.grad = None

    def apply(self, function: Callable[[Module], object]) -> Self:
        """Call `function` with this module and each of its parts, in the order of `modules`.

        Example:
            >>> from autograd_lite import nn
            >>> model = nn.Sequential(nn.Linear(2, 3), nn.Tanh())
            >>> _ = model.apply(lambda module: print(type(module).__name__))
            Sequential
            Linear
            Tanh
        """
        if not callable(function):
            message = f"apply: got {describe(function)}; expected a function of a module"
            raise TypeError(message)
        for module in list(self.modules()):
            function(module)
        return self
