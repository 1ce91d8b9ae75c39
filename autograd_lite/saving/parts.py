"""What a checkpoint holds: states taken together, and restored together or not at all."""

from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

import numpy as np

from autograd_lite.creation import get_generator
from autograd_lite.errors import describe
from autograd_lite.random_state import random_state, set_random_state

if TYPE_CHECKING:
    from collections.abc import Mapping

    from autograd_lite.creation import Generator

RANDOM = "random_generators"  # the name of the part that holds them
_KINDS = (np.random.Generator, np.random.RandomState)


class Generators:
    """Random generators by name, as one part: the library's own, given ones, those in a model.

    Args:
        given: generators by name.
        model: a module; the generators that its parts have as attributes, as `Dropout` may, are
            found when they are needed.

    Raises:
        TypeError: when something else than NumPy's generators is given.
    """

    def __init__(self, given: Mapping[str, Generator], model: Any) -> None:
        if not isinstance(given, dict) or not all(isinstance(g, _KINDS) for g in given.values()):
            message = (
                f"Checkpoint: got generators={describe(given)}; expected a dict of NumPy's, such as"
                ' {"noise": np.random.default_rng(seed)}'
            )
            raise TypeError(message)
        self._given = dict(given)
        self._model = model

    def _all(self) -> dict[str, Generator]:
        modules: Any = getattr(self._model, "named_modules", tuple)()
        held = {
            f"model.{name}.{key}" if name else f"model.{key}": value
            for name, module in modules
            for key, value in vars(module).items()
            if isinstance(value, _KINDS)
        }
        given = {f"generators.{name}": generator for name, generator in self._given.items()}
        return {"autograd_lite": get_generator(), **given, **held}

    def state_dict(self) -> dict[str, Any]:
        """The state of each."""
        return {name: random_state(generator) for name, generator in self._all().items()}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Set each.

        Raises:
            ValueError: when there are others, or a state does not fit.
        """
        own = self._all()
        if state.keys() != own.keys():
            message = (
                f"random generators: missing: {sorted(own.keys() - state.keys())}; unexpected:"
                f" {sorted(state.keys() - own.keys())}; give the same generators as at the save"
            )
            raise ValueError(message)
        for name, generator in own.items():
            set_random_state(generator, state[name])


def check_part(name: str, part: Any) -> None:
    """Refuse what cannot be saved and restored.

    Raises:
        TypeError: when it has not both methods.
    """
    methods = ("state_dict", "load_state_dict")
    if isinstance(part, type) or not all(callable(getattr(part, m, None)) for m in methods):
        message = (
            f"Checkpoint: got {describe(part)} as {name}; expected an object with state_dict() and"
            " load_state_dict(state)"
        )
        raise TypeError(message)


def dump(parts: Mapping[str, Any]) -> dict[str, Any]:
    """The states of all parts, by name."""
    return {name: part.state_dict() for name, part in parts.items()}


def restore(parts: Mapping[str, Any], states: Mapping[str, Any]) -> None:
    """Set all parts to their states, or after an error leave them as they were.

    Args:
        parts: objects with `state_dict` and `load_state_dict`, by name.
        states: what `dump` gave.

    Raises:
        ValueError: when a part or a state is missing, or does not fit: it lists all that is wrong.
    """
    wrong = [f"{name} is missing in the file" for name in parts if name not in states]
    wrong += [f"{name} is in the file, and not here" for name in states if name not in parts]
    # Optimizers last: a schedule writes learning rates, but those in use may be set by hand.
    common = [name for name in parts if name in states]
    common.sort(key=lambda name: hasattr(parts[name], "param_groups"))
    with ExitStack() as undo:
        for name in reversed(common):
            undo.callback(parts[name].load_state_dict, parts[name].state_dict())
        for name in common:
            try:
                parts[name].load_state_dict(states[name])
            except (ValueError, TypeError, KeyError, AttributeError, IndexError) as error:
                wrong.append(f"{name}: {error}")
        _raise_if_any(wrong)
        undo.pop_all()


def _raise_if_any(wrong: list[str]) -> None:
    if wrong:
        listed = "\n  ".join(wrong)
        message = (
            "Checkpoint.restore: the file does not fit, and nothing is changed; give what was given"
            f" to save, or take single states out of ag.load(path)['parts']:\n  {listed}"
        )
        raise ValueError(message)
