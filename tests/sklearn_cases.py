"""Small problems and networks for the tests of the estimators."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd_lite import nn


def blobs(classes: int = 2, rows: int = 60) -> tuple[Any, Any]:
    """Points around as many centres on a circle, and the numbers of the centres."""
    source = np.random.RandomState(0)
    y = np.arange(rows) % classes
    angle = 2 * np.pi * y / classes
    x = 2 * np.column_stack([np.cos(angle), np.sin(angle)])
    return x + 0.5 * source.standard_normal(x.shape), y


def line(outputs: int = 1, rows: int = 80) -> tuple[Any, Any]:
    """Three features, and sums of them with a little noise, a column for each output."""
    source = np.random.RandomState(1)
    x = source.standard_normal((rows, 3))
    return x, x @ source.standard_normal((3, outputs)) + 0.01 * source.standard_normal((rows, 1))


def make_net(n_features: int, n_outputs: int) -> nn.Module:
    """A network that draws its weights from the library's generator, with Dropout and BatchNorm."""
    return nn.Sequential(
        nn.Linear(n_features, 16, init_method="he"),
        nn.BatchNorm1d(16),
        nn.ReLU(),
        nn.Dropout(0.2),
        nn.Linear(16, n_outputs),
    )


def make_double_net(n_features: int, n_outputs: int) -> nn.Module:
    """A network that computes in float64."""
    return nn.Sequential(
        nn.Linear(n_features, 40, init_method="he", dtype="float64"),
        nn.ReLU(),
        nn.Linear(40, n_outputs, dtype="float64"),
    )
