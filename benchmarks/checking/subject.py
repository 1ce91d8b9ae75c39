"""What is checked: a function in plain NumPy, its gradient written by hand, and wrong ones."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy as np
    from numpy.typing import NDArray

Array = Any  # a real array; a checker may give a complex one for its complex step


@dataclass(frozen=True)
class Subject:
    """A function with its gradient.

    Attributes:
        name: what it is called.
        forward: the function, of arrays.
        vjp: vjp(g, *inputs) gives the gradient for each input, as a tuple.
        draw: draw(generator, large) gives inputs at which it is smooth.
        mutants: wrong gradients that only this function can have.
    """

    name: str
    forward: Callable[..., Array]
    vjp: Callable[..., tuple[Array, ...]]
    draw: Callable[[np.random.Generator, bool], tuple[NDArray[Any], ...]]
    mutants: dict[str, Callable[..., tuple[Array | None, ...]]] = field(default_factory=dict)


def normal(small: tuple[int, ...], large: tuple[int, ...]) -> Callable[..., tuple[Any, ...]]:
    """One input of normal numbers."""
    return lambda random, big: (random.standard_normal(large if big else small),)
