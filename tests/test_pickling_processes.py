"""Models and what trains them, sent to other processes and back."""

from __future__ import annotations

import multiprocessing
import warnings
from typing import Any

import joblib
import numpy as np
import pytest

import autograd_lite as ag
from autograd_lite import nn, optim

X = np.random.default_rng(0).normal(size=(16, 3)).astype(np.float32)


def made(seed: int) -> tuple[nn.Module, optim.Optimizer]:
    """A model that was trained a little, and its optimizer."""
    ag.manual_seed(seed)
    model = nn.Sequential(nn.Linear(3, 8), nn.Tanh(), nn.Linear(8, 1))
    pair = model, optim.Adam(model.parameters(), lr=0.01)
    return trained(pair)


def trained(pair: tuple[nn.Module, optim.Optimizer]) -> tuple[nn.Module, optim.Optimizer]:
    """The same, some steps later."""
    model, optimizer = pair
    for _ in range(3):
        optimizer.zero_grad()
        (model(X) ** 2).mean().backward()
        optimizer.step()
    return model, optimizer


def content(pair: Any) -> list[bytes]:
    """A model and the state of its optimizer, to the bit."""
    model, optimizer = pair
    state = optimizer.state_dict()["state"].values()
    arrays = [*model.state_dict().values(), *(entry["mean"] for entry in state)]
    return [array.tobytes() for array in arrays]


def test_joblib() -> None:
    """By loky, with two processes, where arrays travel as read-only files."""
    expected = [content(trained(made(seed))) for seed in range(2)]
    run = joblib.Parallel(n_jobs=2, max_nbytes=1)  # bytes; a megabyte unless told
    there = run(joblib.delayed(trained)(made(seed)) for seed in range(2))
    assert [content(pair) for pair in there] == expected
    again = [content(trained(pair)) for pair in there]
    assert again == [content(trained(trained(made(seed)))) for seed in range(2)]


@pytest.mark.parametrize("method", multiprocessing.get_all_start_methods())
def test_multiprocessing(method: str) -> None:
    """By every way to start a process."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # of fork beside threads, where it is
        with multiprocessing.get_context(method).Pool(1) as pool:
            there = pool.apply(trained, (made(0),))
            with pytest.raises(ag.AnomalyError, match="in the result of log") as caught:
                pool.apply(anomaly)
    assert caught.value.op == "log"
    assert content(there) == content(trained(made(0)))


def anomaly() -> None:
    """Fails, in another process."""
    with ag.detect_anomaly():
        ag.log(ag.tensor([0.0]))
