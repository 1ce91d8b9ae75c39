"""Training and evaluation mode, part by part."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from autograd_lite.nn import Module


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
