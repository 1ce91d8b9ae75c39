"""Modules made of modules."""

from __future__ import annotations

import operator
from typing import TYPE_CHECKING, Any, overload

from autograd_lite.errors import describe

from .activation import ByOp
from .linear import Linear
from .module import Module

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator


class Sequential(Module):
    """Modules applied one after another: x -> f_n(... f_2(f_1(x))).

    Args:
        *layers: the modules, or one list of them as the documents write it. Their names are their
            positions: "0", "1", ...

    Raises:
        TypeError: when one of them is not a module.

    Example:
        >>> import autograd_lite as ag
        >>> from autograd_lite import nn
        >>> model = nn.Sequential([nn.Linear(2, 128), nn.LeakyReLU(alpha=0.01), nn.Linear(128, 1)])
        >>> model(ag.ones(5, 2)).shape
        (5, 1)
        >>> model
        Sequential(
          (0): Linear(in_features=2, out_features=128, bias=True)
          (1): LeakyReLU(alpha=0.01)
          (2): Linear(in_features=128, out_features=1, bias=True)
        )  # 513 parameters
        >>> model[1:]
        Sequential(
          (0): LeakyReLU(alpha=0.01)
          (1): Linear(in_features=128, out_features=1, bias=True)
        )  # 129 parameters
    """

    def __init__(self, *layers: Module | Iterable[Module]) -> None:
        given: Iterable[Any] = layers
        if len(layers) == 1 and not isinstance(layers[0], (Module, type)):
            try:
                given = iter(layers[0])
            except TypeError:
                given = layers  # the loop below says what it is
        for i, layer in enumerate(given):
            self._put(i, layer)

    def _put(self, index: int, layer: Module) -> None:
        if not isinstance(layer, Module):
            hint = f"{layer.__name__}()" if isinstance(layer, type) else "a subclass of nn.Module"
            message = (
                f"{type(self).__name__}: got {describe(layer)} as layer {index}; expected a module,"
                f" such as {hint}"
            )
            raise TypeError(message)
        setattr(self, str(index), layer)

    def forward(self, x: Any) -> Any:
        """Apply the modules in order.

        A Linear and the ReLU, LeakyReLU, Sigmoid or Tanh behind it run as one op, which gives the
        same in fewer steps.

        Args:
            x: what the first one takes.

        Returns:
            What the last one returns; `x` itself when there is none.
        """
        layers = list(self)
        i = 0
        while i < len(layers):
            layer: Any = layers[i]
            activation: Any = layers[i + 1] if i + 1 < len(layers) else None
            if _joins(layer, activation):
                function, settings = activation.as_op()
                x = layer(x, function, **settings)
                i += 2
            else:
                x = layer(x)
                i += 1
        return x

    def append(self, layer: Module) -> Sequential:
        """Add a module at the end.

        Raises:
            TypeError: when it is not a module.
        """
        self._put(len(self), layer)
        return self

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def __iter__(self) -> Iterator[Module]:
        return (layer for name, layer in vars(self).items() if name.isdecimal())

    @overload
    def __getitem__(self, index: int) -> Module: ...

    @overload
    def __getitem__(self, index: slice) -> Sequential: ...

    def __getitem__(self, index: int | slice) -> Module | Sequential:
        """The module at a position, or a Sequential of the same modules for a slice."""
        layers = list(self)
        if isinstance(index, slice):
            return Sequential(*layers[index])
        return layers[self._position(index)]

    def __setitem__(self, index: int, layer: Module) -> None:
        self._put(self._position(index), layer)

    def _position(self, index: int) -> int:
        count, name = len(self), type(self).__name__
        try:
            place = operator.index(index)
        except TypeError as error:
            message = f"{name}: got index {describe(index)}; expected an integer or a slice"
            raise TypeError(message) from error
        if not -count <= place < count:
            message = f"{name}: got index {index}; expected -{count} to {count - 1}"
            raise IndexError(message)
        return place % count


def _joins(layer: Module, activation: Any) -> bool:
    """Whether the two are a Linear and an activation that it can run, both as they were defined."""
    return (
        isinstance(layer, Linear)
        and isinstance(activation, ByOp)
        and activation.by_result
        and type(layer).forward is Linear.forward
        and type(activation).forward is ByOp.forward
        and type(layer).__call__ is type(activation).__call__ is Module.__call__
        and "forward" not in vars(layer)
        and "forward" not in vars(activation)
    )
