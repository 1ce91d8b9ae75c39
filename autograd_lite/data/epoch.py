"""An epoch that a `DataLoader` is in the middle of, and the state that goes on with it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NoReturn

import numpy as np

from autograd_lite.errors import describe

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray


class Epoch:
    """The order of an epoch, None for that of the data, and how many batches were given out."""

    def __init__(self, order: NDArray[Any] | None, done: int = 0) -> None:
        self.order = order
        self.done = done


def dump(epoch: Epoch | None, settings: Mapping[str, Any]) -> dict[str, Any] | None:
    """An epoch as plain data, with the settings that it is valid for; None between two epochs."""
    if epoch is None:
        return None
    order = epoch.order
    return {**settings, "done": epoch.done, "order": None if order is None else order.copy()}


def restore(state: Any, settings: Mapping[str, Any], batches: int) -> Epoch | None:
    """What `dump` made.

    Args:
        state: what it is.
        settings: those of the loader, which must be the same.
        batches: the number of batches of an epoch.

    Raises:
        ValueError: when it is something else, or of a loader with other settings.
    """
    if state is None:
        return None
    keys = {*settings, "done", "order"}
    if not hasattr(state, "keys") or state.keys() != keys:
        refuse(describe(state), f"an epoch with {sorted(keys)}")
    others = {
        key: state[key]
        for key, own in settings.items()
        if type(state[key]) is not type(own) or state[key] != own
    }
    if others:
        expected = {key: settings[key] for key in others}
        refuse(
            f"the middle of an epoch with {others}", f"{expected}, as the loader has: make it alike"
        )
    done, order = state["done"], state["order"]
    if type(done) is not int or not 0 <= done <= batches:
        refuse(f"{describe(done)} batches done", f"0 to {batches}")
    if settings["shuffle"] and not _is_permutation(order, settings["rows"]):
        refuse(f"the order {describe(order)}", f"each of {settings['rows']} rows once")
    return Epoch(np.array(order) if settings["shuffle"] else None, done)


def _is_permutation(order: Any, count: int) -> bool:
    try:
        array = np.asarray(order)
    except ValueError:  # a ragged list
        return False
    return (
        array.dtype.kind in "iu"
        and array.ndim == 1
        and (np.array_equal(np.sort(array), np.arange(count)))
    )


def refuse(got: str, expected: str) -> NoReturn:
    """Raise the error for a state that does not fit."""
    message = f"DataLoader.load_state_dict: got {got}; expected {expected}"
    raise ValueError(message)
