"""The state of a module: plain arrays by name, checked when they come back, and modes."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import numpy as np

from autograd_lite.dtypes import as_array
from autograd_lite.errors import describe
from autograd_lite.memory import writable
from autograd_lite.tensor import Tensor

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from numpy.typing import NDArray

    from .module import Module


def by_name(owner: str, pairs: Iterable[tuple[str, Tensor]]) -> dict[str, Tensor]:
    """The tensors by name; an error when two have the same one."""
    tensors: dict[str, Tensor] = {}
    for name, tensor in pairs:
        if name in tensors:
            message = (
                f"{owner}: got the name {name!r} for two tensors; expected names that differ:"
                " rename the keys of dicts that hold parameters or modules"
            )
            raise ValueError(message)
        tensors[name] = tensor
    return tensors


def snapshot(tensors: Mapping[str, Tensor]) -> dict[str, NDArray[Any]]:
    """Copies of the values of `tensors`, by name."""
    return {name: tensor._data.copy() for name, tensor in tensors.items()}


def load(
    owner: str, tensors: Mapping[str, Tensor], state: Mapping[str, Any], *, strict: bool
) -> tuple[list[str], list[str]]:
    """Write the values in `state` into `tensors`: all of them, or after an error none.

    Args:
        owner: whose state it is, for the error message.
        tensors: where to write, by name.
        state: arrays by name.
        strict: whether names that only one side has are an error.

    Returns:
        The names that only `tensors` has, and those that only `state` has.

    Raises:
        ValueError: when names are missing or unexpected, or shapes differ; it lists them all.
        TypeError: when a value is not numeric, or `state` no mapping.
    """
    if not hasattr(state, "keys") or not isinstance(strict, (bool, np.bool_)):
        message = (
            f"{owner}.load_state_dict: got {describe(state)} and strict={describe(strict)};"
            " expected a dict of arrays by name, as state_dict() gives it, and True or False"
        )
        raise TypeError(message)
    missing = [name for name in tensors if name not in state]
    unexpected = [str(name) for name in state if name not in tensors]
    arrays = {name: _array(owner, name, state[name]) for name in tensors if name in state}
    misshapen = [
        f"{name} {array.shape} for {tensors[name].shape}"
        for name, array in arrays.items()
        if array.shape != tensors[name].shape
    ]
    wrong = {"wrong shape": misshapen}
    if strict:
        wrong = {"missing": missing, "unexpected": unexpected, **wrong}
    if any(wrong.values()):
        listed = "; ".join(f"{what}: {', '.join(names)}" for what, names in wrong.items() if names)
        way_out = "build the module that the state was saved from" + (
            ", or give strict=False to pass over missing and unexpected names" if strict else ""
        )
        message = f"{owner}.load_state_dict: got a state that does not fit ({listed}); {way_out}"
        raise ValueError(message)
    for name, array in arrays.items():
        np.copyto(writable(tensors[name]), array, casting="unsafe")
    return missing, unexpected


def _array(owner: str, name: str, value: Any) -> NDArray[Any]:
    try:
        return as_array(value._data if isinstance(value, Tensor) else value)
    except TypeError as error:
        message = f"{owner}.load_state_dict: {name}: {error}"
        raise TypeError(message) from error


@contextmanager
def kept_modes(model: Module) -> Iterator[None]:
    """Give every part of a model the mode back that it had before: some may have one of their own.

    Example:
        >>> from autograd_lite import nn
        >>> model = nn.Sequential(nn.Linear(2, 2), nn.BatchNorm1d(2).eval())
        >>> with kept_modes(model):
        ...     _ = model.eval()
        >>> [part.training for part in model.modules()]
        [True, True, False]
    """
    before = [(part, part.training) for part in model.modules()]
    try:
        yield
    finally:
        for part, training in before:
            part.training = training
