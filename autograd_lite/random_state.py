"""The state of NumPy's random generators as plain data, and back."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

import numpy as np

from autograd_lite.errors import describe

if TYPE_CHECKING:
    from autograd_lite.creation import Generator


def random_state(generator: Generator) -> dict[str, Any]:
    """The state of a generator: dicts, numbers, and for some kinds an array.

    Args:
        generator: NumPy's generator, or its legacy one.
    """
    if isinstance(generator, np.random.Generator):
        return copy.deepcopy(dict(generator.bit_generator.state))
    state: Any = generator.get_state(legacy=False)
    return {**state, "legacy": True}


def set_random_state(generator: Generator, state: Any) -> None:
    """Set a generator, in place, to what `random_state` gave.

    Args:
        generator: a generator of the same kind.
        state: the state.

    Raises:
        ValueError: when it does not fit; the generator is as it was.

    Example:
        >>> import numpy as np
        >>> from autograd_lite.random_state import random_state, set_random_state
        >>> generator = np.random.default_rng(0)
        >>> state = random_state(generator)
        >>> first = generator.random()
        >>> set_random_state(generator, state)
        >>> generator.random() == first
        True
    """
    before = random_state(generator)
    try:
        wanted = "legacy" in state, state["bit_generator"]
        if wanted == ("legacy" in before, before["bit_generator"]):
            _set(generator, state)
            return
        reason = f"it is a {before['bit_generator']}"
    except (AttributeError, KeyError, OverflowError, TypeError, ValueError) as error:
        _set(generator, before)
        reason = str(error)
    message = f"random generator: got {describe(state)}, which does not fit ({reason})"
    raise ValueError(message)


def _set(generator: Generator, state: Any) -> None:
    if isinstance(generator, np.random.Generator):
        generator.bit_generator.state = state
    else:
        generator.set_state({key: value for key, value in state.items() if key != "legacy"})
