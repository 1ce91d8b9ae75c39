"""Modules as functions of their parameters."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from autograd_lite.dtypes import as_array
from autograd_lite.errors import FAULTS, describe
from autograd_lite.func.trace import exchanged
from autograd_lite.graph import wrap
from autograd_lite.memory import private
from autograd_lite.tensor import Tensor

if TYPE_CHECKING:
    from collections.abc import Mapping


def functional_call(
    module: Any, parameters: Mapping[str, Any], /, *args: Any, **kwargs: Any
) -> Any:
    """What a module returns with other parameters and buffers in the place of its own.

    Gradients flow to what is given, so `grad`, `jacobian` and the like of a function of the dict
    are those by the parameters. The module is as before when the call is over, also after an
    error: its own parameters, and those of its buffers that were given. Buffers that were not are
    the module's affair as in any call (a batch norm in training mode updates its averages). While
    it runs, the module has the other parameters, for all threads.

    Args:
        module: a module of `autograd_lite.nn`, or anything callable with `named_parameters()`.
        parameters: tensors, arrays or numbers by the names that `named_parameters()`,
            `named_buffers()` and `state_dict()` have for them; what is not in it stays. A shared
            parameter has the first of its names.
        *args: what the module is called with.
        **kwargs: the same, by name.

    Returns:
        The result of the module.

    Raises:
        TypeError: when the module, the mapping or a value is of another kind.
        ValueError: when a name is unknown or a shape differs; it lists them all.

    Example:
        >>> import autograd_lite as ag
        >>> from autograd_lite import nn
        >>> layer = nn.Linear(2, 1, bias=False)
        >>> weights = {"weight": ag.tensor([[1.0], [10.0]], requires_grad=True)}
        >>> y = ag.func.functional_call(layer, weights, ag.tensor([[1.0, 2.0]]))
        >>> y.detach(), ag.grad(y, weights["weight"])[0].ravel()
        (Tensor([[21.]]), Tensor([1., 2.]))
    """
    own = _own(module)
    values = _values(module, own, parameters)
    places = _places(module, parameters)
    try:
        with exchanged([(own[name], value._data, value.node) for name, value in values.items()]):
            return module(*args, **kwargs)
    finally:
        for owner, name, tensor in places:
            vars(owner)[name] = tensor


def _own(module: Any) -> dict[str, Tensor]:
    """The parameters and buffers of a module by name."""
    if not callable(module) or not callable(getattr(module, "named_parameters", None)):
        message = (
            f"functional_call: got {describe(module)} as the module; expected one of autograd_lite"
            ".nn, or what is callable and has named_parameters()"
        )
        raise TypeError(message)
    named_buffers = getattr(module, "named_buffers", dict[str, Tensor]().items)
    return {**dict(module.named_parameters()), **dict(named_buffers())}


def _values(module: Any, own: Mapping[str, Tensor], given: Any) -> dict[str, Tensor]:
    """What is given for the tensors of a module, checked."""
    if not hasattr(given, "items"):
        message = (
            f"functional_call: got {describe(given)} as the parameters; expected a dict of tensors"
            " by name, such as dict(module.named_parameters())"
        )
        raise TypeError(message)
    unknown = [repr(name) for name in given if name not in own]
    values = {name: _value(name, own[name], given[name]) for name in given if name in own}
    misshapen = [
        f"{name} {value.shape} for {own[name].shape}"
        for name, value in values.items()
        if value.shape != own[name].shape
    ]
    wrong = {"unknown names": unknown, "wrong shapes": misshapen}
    if unknown or misshapen:
        listed = "; ".join(f"{what}: {', '.join(those)}" for what, those in wrong.items() if those)
        message = (
            f"functional_call: got parameters that do not fit {type(module).__name__} ({listed});"
            f" expected the names and shapes of its state: {', '.join(own)}"
        )
        raise ValueError(message)
    return values


def _value(name: str, own: Tensor, value: Any) -> Tensor:
    """What is given for one tensor, as a tensor that shares its place in the graph."""
    try:
        tensor = value if isinstance(value, Tensor) else Tensor(as_array(value))
    except FAULTS as error:
        message = f"functional_call: got {describe(value)} for {name}; expected a tensor: {error}"
        raise TypeError(message) from error
    if (tensor.dtype.kind == "f") != (own.dtype.kind == "f"):
        message = (
            f"functional_call: got {describe(tensor)} for {name}, which is {describe(own)};"
            " expected floats for floats: write 1.0 for 1"
        )
        raise TypeError(message)
    return wrap(private(tensor), tensor.node)


def _places(module: Any, given: Mapping[str, Any]) -> list[tuple[Any, str, Tensor]]:
    """Where the module has the buffers that are given: calls may assign to these attributes."""
    if not hasattr(module, "named_modules"):
        return []
    return [
        (part, name, vars(part)[name])
        for path, part in module.named_modules()
        for name in part._buffer_names()
        if (f"{path}.{name}" if path else name) in given
    ]
