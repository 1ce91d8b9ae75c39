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


class Unlocked:
    """A base of what holds arrays to write into: a copy can write, wherever its arrays come from.

    Between processes, joblib hands large arrays over as files in memory that are read-only.
    """

    def __setstate__(self, state: dict[str, Any]) -> None:
        vars(self).update(_unlocked(state))


def _unlocked(value: Any) -> Any:
    """`value`, whose arrays that are read-only become copies that are not."""
    if isinstance(value, np.ndarray):
        return value if value.flags.writeable else np.array(value)
    if type(value) is dict:
        value.update({key: _unlocked(part) for key, part in value.items()})
    elif type(value) is list:
        value[:] = map(_unlocked, value)
    return value


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
        ValueError: when `state` is not of such groups; it lists all that is wrong.
    """
    try:
        saved = [dict(group) for group in state["param_groups"]]
        # JSON makes strings of the positions, and lists of the arrays
        remembered = {int(i): dict(entry) for i, entry in state["state"].items()}
        sizes = [len(group["params"]) for group in saved]
    except FAULTS as error:
        raise _misfit(name, "something else", "what state_dict() gave") from error
    params = parameters(groups)
    present = [len(group["params"]) for group in groups]
    wrong = [] if sizes == present else [f"groups of {sizes} parameters for {present}"]
    wrong += _wrong_settings(groups, saved, settings)
    wrong += _wrong_entries(params, remembered)
    if wrong:
        got = f"a state that does not fit ({'; '.join(wrong)})"
        raise _misfit(name, got, "that of the same optimizer of the same parameters")
    return (
        [{**new, "params": list(old["params"])} for old, new in zip(groups, saved, strict=True)],
        {
            params[i]: {key: _copied(value, params[i].dtype) for key, value in entry.items()}
            for i, entry in remembered.items()
        },
    )


def _wrong_settings(
    groups: Sequence[Mapping[str, Any]],
    saved: Sequence[Mapping[str, Any]],
    settings: Mapping[str, Any],
) -> list[str]:
    """What the saved groups lack, and what they have that nobody knows."""
    known = {*settings, "params", "initial_lr"}  # the last one is a schedule's
    wrong = []
    for i, group in enumerate(saved):
        extra = groups[i].keys() if i < len(groups) else set()
        if missing := sorted(settings.keys() - group.keys()):
            wrong.append(f"missing in group {i}: {', '.join(missing)}")
        if unexpected := sorted(map(str, group.keys() - known - extra)):
            wrong.append(f"unexpected in group {i}: {', '.join(unexpected)}")
    return wrong


def _wrong_entries(params: Sequence[Tensor], remembered: dict[int, dict[str, Any]]) -> list[str]:
    """What is remembered and cannot be; lists become arrays."""
    wrong = []
    for i, entry in remembered.items():
        if not 0 <= i < len(params):
            wrong.append(f"state of parameter {i} of {len(params)}")
            continue
        if "step" not in entry:
            wrong.append(f"missing for parameter {i}: step")
        for key, value in entry.items():
            try:
                entry[key] = _unlisted(value, params[i]) if isinstance(value, list) else value
                shape, kind = np.shape(entry[key]), np.asarray(entry[key]).dtype.kind
            except (TypeError, ValueError):  # a ragged list
                shape, kind = (), "O"
            if kind not in "fiub":
                wrong.append(f"{key} of parameter {i} is no array of numbers")
            elif shape not in {(), params[i].shape}:
                wrong.append(f"{key} of shape {shape} for parameter {i} of {params[i].shape}")
    return wrong


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
