"""The state of an optimizer as plain data, and back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from autograd_lite.errors import FAULTS

from .groups import parameters

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from autograd_lite.tensor import Tensor


def dump(
    groups: Sequence[Mapping[str, Any]], remembered: Mapping[Tensor, Mapping[str, Any]]
) -> dict[str, Any]:
    """The groups and what is remembered of their parameters, which are numbered as they come."""
    params = parameters(groups)
    positions = iter(range(len(params)))
    return {
        "param_groups": [
            {**group, "params": [next(positions) for _ in group["params"]]} for group in groups
        ],
        "state": {
            i: {key: _copied(value) for key, value in remembered[param].items()}
            for i, param in enumerate(params)
            if param in remembered
        },
    }


def restore(
    name: str,
    groups: Sequence[Mapping[str, Any]],
    state: Mapping[str, Any],
    settings: Mapping[str, Any],
) -> tuple[list[dict[str, Any]], dict[Tensor, dict[str, Any]]]:
    """What `dump` made, for the parameters in `groups`: new groups, and what is remembered.

    Args:
        name: the optimizer, for the message.
        groups: its groups.
        state: what `dump` made.
        settings: what a group must have beside its parameters.

    Raises:
        ValueError: when `state` is not of such groups.
    """
    try:
        saved = list(state["param_groups"])
        # JSON makes strings of the positions, and lists of the arrays
        remembered = {int(i): dict(entry) for i, entry in state["state"].items()}
        sizes = [len(group["params"]) for group in saved]
    except FAULTS as error:
        raise _misfit(name, "something else", "what state_dict() gave") from error
    present = [len(group["params"]) for group in groups]
    if sizes != present:
        raise _misfit(name, f"groups of {sizes} parameters", f"{present}, as the optimizer has")
    for group in saved:
        if missing := sorted(settings.keys() - group.keys()):
            raise _misfit(name, f"a group without {missing}", "the state of the same optimizer")
    params = parameters(groups)
    if unknown := remembered.keys() - set(range(len(params))):
        raise _misfit(name, f"state of {unknown}", f"positions below {len(params)}")
    for i, entry in remembered.items():
        for key, value in entry.items():
            if isinstance(value, list):
                entry[key] = value = _unlisted(value, params[i])  # noqa: PLW2901  # as an array
            if np.ndim(value) and np.shape(value) != params[i].shape:
                got = f"{key} of shape {np.shape(value)} for parameter {i}"
                raise _misfit(name, got, f"{params[i].shape}, its own shape")
    return (
        [{**new, "params": list(old["params"])} for old, new in zip(groups, saved, strict=True)],
        {
            params[i]: {key: _copied(value, params[i].dtype) for key, value in entry.items()}
            for i, entry in remembered.items()
        },
    )


def _unlisted(values: list[Any], param: Tensor) -> NDArray[Any]:
    array = np.array(values, param.dtype)
    return array if array.size or param.size else array.reshape(param.shape)


def _misfit(name: str, got: str, expected: str) -> ValueError:
    return ValueError(f"{name}.load_state_dict: got {got}; expected {expected}")


def _copied(value: Any, dtype: np.dtype[Any] | None = None) -> Any:
    """A copy of an array, in `dtype` if it holds floats; a number as it is."""
    if not isinstance(value, np.ndarray):
        return value
    return value.astype(dtype if dtype is not None and value.dtype.kind == "f" else value.dtype)
