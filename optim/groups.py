"""Parameter groups: what an optimizer is given to update, checked and completed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from autograd_lite.tensor import Tensor

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from numpy.typing import NDArray


def as_groups(name: str, params: Any) -> list[Any]:
    """What an optimizer was given as a list of groups: parameters alone are one group.

    Args:
        name: the optimizer, for the message.
        params: a tensor, a group, or an iterable of either.

    Raises:
        ValueError: when there is nothing in it.
        TypeError: when it is a module, or no iterable.
    """
    if isinstance(params, (Tensor, dict)):
        params = [params]
    is_list = hasattr(params, "__iter__") and not isinstance(params, (set, frozenset, np.ndarray))
    if callable(getattr(params, "parameters", None)) or not is_list:
        message = (
            f"{name}: got a {type(params).__name__}; expected parameters in a fixed order, such as"
            " model.parameters(), or groups"
        )
        raise TypeError(message)
    given = list(params)
    if not given:
        message = (
            f"{name}: got no parameters; expected at least one (a generator gives its values only"
            " once: call model.parameters() again)"
        )
        raise ValueError(message)
    return given if any(isinstance(item, dict) for item in given) else [{"params": given}]


def as_tensors(name: str, params: Any) -> list[Any]:
    """What was given where groups with settings have no place, as a list of parameters."""
    (first, *others) = as_groups(name, params)
    if others or first.keys() != {"params"}:
        message = f"{name}: got groups with settings; expected parameters alone, in a list"
        raise TypeError(message)
    given = first["params"]
    return [given] if isinstance(given, Tensor) else list(given)


def completed(
    name: str,
    group: Mapping[str, Any],
    defaults: Mapping[str, Any],
    others: Sequence[Mapping[str, Any]],
) -> dict[str, Any]:
    """A group with a list of its parameters and all its settings.

    Args:
        name: the optimizer, for the message.
        group: "params", a tensor or an iterable of them, and settings.
        defaults: the settings for those that it has not.
        others: the groups that the optimizer has already.

    Raises:
        ValueError: when a setting is unknown, there is no parameter, or one is given twice.
        TypeError: when something else than tensors that can be updated is given.
    """
    if not isinstance(group, dict) or "params" not in group:
        got = (
            f"a {type(group).__name__}" if not isinstance(group, dict) else f"keys {sorted(group)}"
        )
        message = f'{name}: got {got} as a group; expected a dict such as {{"params": [...]}}'
        raise TypeError(message)
    settings = {key: value for key, value in group.items() if key != "params"}
    if unknown := sorted(settings.keys() - defaults.keys()):
        message = f"{name}: got the settings {unknown}; expected some of {sorted(defaults)}"
        raise ValueError(message)
    params = as_tensors(name, group["params"])
    taken = {id(param) for other in others for param in other["params"]}
    for position, param in enumerate(params):
        _check_updatable(name, position, param)
        if id(param) in taken:
            message = (
                f"{name}: got {called(param)} twice, here as number {position} of its group;"
                " expected each parameter once"
            )
            raise ValueError(message)
        taken.add(id(param))
    return {"params": params, **defaults, **settings}


def parameters(groups: Iterable[Mapping[str, Any]]) -> list[Tensor]:
    """The parameters of all groups."""
    return [param for group in groups for param in group["params"]]


def refuse_module(name: str, closure: Any) -> None:
    """Refuse a model, or what cannot be called, where `step` takes a closure.

    Args:
        name: the optimizer, for the message.
        closure: what `step` was given.

    Raises:
        TypeError: when it has parameters, or is neither None nor a function.
    """
    is_model = callable(getattr(closure, "parameters", None))
    if is_model or (closure is not None and not callable(closure)):
        message = (
            f"{name}.step: got a {type(closure).__name__}; expected no argument: the parameters"
            f" are given once, to {name}(model.parameters())"
        )
        raise TypeError(message)


def called(param: Tensor) -> str:
    """A parameter by its name, if it has one."""
    name = getattr(param, "name", None)
    return f"the parameter {name!r}" if name else "a parameter"


def gradient_of(name: str, param: Tensor) -> NDArray[Any]:
    """The gradient of a parameter that has one, as an array.

    Args:
        name: who asks, for the message.
        param: the parameter.

    Raises:
        ValueError: when it has another shape than the parameter.
    """
    grad: Any = param.grad
    array = grad._data if isinstance(grad, Tensor) else np.asarray(grad)
    if array.shape != param.shape:
        message = (
            f"{name}: got a gradient of shape {array.shape} for {called(param)} of shape"
            f" {param.shape}; expected the same shape"
        )
        raise ValueError(message)
    return array


def _check_updatable(name: str, position: int, param: Any) -> None:
    """Refuse what is no tensor, and tensors that an op made or that hold no floats."""
    if not isinstance(param, Tensor):
        got = f"a {type(param).__name__}"
    elif not param.is_leaf:
        got = "the result of an op"
    elif param.dtype.kind != "f":
        got = f"a tensor of dtype {param.dtype}"
    else:
        return
    message = (
        f"{name}: got {got} as parameter {position}; expected tensors of floats that no op made,"
        " such as model.parameters(), or tensor(..., requires_grad=True)"
    )
    raise TypeError(message)
