"""Ops that take stacks: what is in front of the axes that they count is as many separate cases."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

_F = TypeVar("_F", bound="Callable[..., Any]")

STACKED: set[Any] = set()  # the functions of these ops


def stacked(forward: _F) -> _F:
    """Note that an op counts its axes from the end, and that those in front broadcast.

    So it acts on many gradients, which have a further axis in front, as on one.
    """
    STACKED.add(forward)
    return forward
