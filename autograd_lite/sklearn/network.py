"""What is trained: the module, by template, by function or by the sizes of its layers; its rule."""

from __future__ import annotations

import copy
import inspect
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from autograd_lite import nn, optim
from autograd_lite.dtypes import floating
from autograd_lite.errors import describe

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import DTypeLike

# The name of an activation in scikit-learn or here: what makes it, and the weights before it.
_ACTIVATIONS: dict[str, tuple[Callable[[], nn.Module], str]] = {
    "identity": (nn.Identity, "xavier"),
    "logistic": (nn.Sigmoid, "xavier"),
    "tanh": (nn.Tanh, "xavier"),
    "relu": (nn.ReLU, "he"),
    "leaky_relu": (nn.LeakyReLU, "he_leaky"),
    "elu": (nn.ELU, "he"),
    "gelu": (nn.GELU, "he"),
    "silu": (nn.SiLU, "he"),
}

_OPTIMIZERS = {
    name.lower(): rule
    for name, rule in vars(optim).items()
    if inspect.isclass(rule) and issubclass(rule, optim.Optimizer) and rule is not optim.Optimizer
}


def dtype_of(module: Any, dtype: DTypeLike | None) -> Any:
    """The dtype that a network computes in: `dtype`, or that of the module's first parameter.

    Where there is neither, a list: features may keep float64 or float32, and else become float64.
    """
    if dtype is not None:
        return floating("dtype", dtype)
    found = module.parameters() if isinstance(module, nn.Module) else ()
    return next((parameter.dtype for parameter in found), [np.float64, np.float32])


def make_module(
    name: str, module: Any, inputs: int, outputs: int, perceptron: Callable[[int, int], nn.Module]
) -> nn.Module:
    """A module of its own for an estimator to train.

    Args:
        name: the estimator, for the message.
        module: what it was given: a template, a function, or None.
        inputs: the number of features.
        outputs: the number of outputs that the loss needs.
        perceptron: what makes a module where None was given.

    Raises:
        TypeError: when the function makes something else than a module.
        ValueError: when it has no parameters.
    """
    if isinstance(module, nn.Module):
        made = copy.deepcopy(module)
    else:
        made = (perceptron if module is None else module)(inputs, outputs)
    if not isinstance(made, nn.Module):
        message = (
            f"{name}: got module={describe(module)}, which made {describe(made)}; expected a"
            " function of (n_features, n_outputs) that returns a module"
        )
        raise TypeError(message)
    if not any(True for _ in made.parameters()):
        message = f"{name}: got a module without parameters, {made}; expected some to train"
        raise ValueError(message)
    return made


def perceptron(
    inputs: int, outputs: int, *, hidden: Any, activation: Any, dtype: np.dtype[Any], name: str
) -> nn.Module:
    """Linear layers of the sizes in `hidden`, an activation behind each, and a last Linear."""
    if isinstance(activation, str) and activation in _ACTIVATIONS:
        make, method = _ACTIVATIONS[activation]
    elif callable(activation) and not isinstance(activation, nn.Module):
        make, method = activation, "he"
    else:
        message = (
            f"{name}: got activation={describe(activation)}; expected one of"
            f" {', '.join(map(repr, _ACTIVATIONS))}, or a class or function that makes a module"
        )
        raise ValueError(message)
    layers: list[nn.Module] = []
    for size in hidden if hasattr(hidden, "__iter__") else (hidden,):
        layers += [nn.Linear(inputs, int(size), method, dtype=dtype), make()]
        inputs = int(size)
    return nn.Sequential(*layers, nn.Linear(inputs, outputs, dtype=dtype))


def make_optimizer(
    name: str, optimizer: Any, module: nn.Module, rate: float | None, decay: float
) -> optim.Optimizer:
    """The optimizer of a module.

    Args:
        name: the estimator, for the message.
        optimizer: a name in `autograd_lite.optim`, or what makes an optimizer of parameters.
        module: what it trains.
        rate: the learning rate, or None for its own.
        decay: the weight decay of all parameters but biases; 0 leaves the optimizer's own.

    Raises:
        ValueError: when there is no such name.
        TypeError: when something else than an optimizer is made.
    """
    known = isinstance(optimizer, str) and optimizer.lower() in _OPTIMIZERS
    if not known and (isinstance(optimizer, str) or not callable(optimizer)):
        message = (
            f"{name}: got optimizer={describe(optimizer)}; expected one of"
            f" {', '.join(map(repr, sorted(_OPTIMIZERS)))}, or a class or function that makes one"
            " of parameters, such as functools.partial(optim.SGD, momentum=0.5)"
        )
        raise ValueError(message)
    rule: Any = _OPTIMIZERS[optimizer.lower()] if known else optimizer
    params: list[Any] = list(module.parameters())
    if decay:
        named = list(module.named_parameters())
        biases = [p for path, p in named if path.split(".")[-1] == "bias"]
        weights = [p for path, p in named if path.split(".")[-1] != "bias"]
        params = [{"params": weights, "weight_decay": decay}] if weights else []
        params += [{"params": biases}] if biases else []
    made = rule(params) if rate is None else partial(rule, lr=rate)(params)
    if not isinstance(made, optim.Optimizer):
        message = (
            f"{name}: got optimizer={describe(optimizer)}, which made {describe(made)}; expected an"
            " optimizer of autograd_lite.optim"
        )
        raise TypeError(message)
    return made


def make_schedule(name: str, schedule: Any, optimizer: optim.Optimizer) -> optim.LRScheduler | None:
    """What changes the learning rate after each epoch: None for "constant".

    Raises:
        TypeError: when something else than a schedule is made.
    """
    if not callable(schedule):
        return None
    made = schedule(optimizer)
    if not isinstance(made, optim.LRScheduler):
        message = (
            f"{name}: got learning_rate={describe(schedule)}, which made {describe(made)}; expected"
            " a schedule: functools.partial(optim.StepLR, step_size=10)"
        )
        raise TypeError(message)
    return made
