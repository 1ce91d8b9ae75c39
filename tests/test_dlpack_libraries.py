"""Memory shared with PyTorch and JAX, where they are installed, and by NumPy's `asarray`."""

from __future__ import annotations

import numpy as np
import pytest

import autograd_lite as ag
from tests.test_dlpack import protocol_1


def test_pytorch_shares_memory() -> None:
    """Both ways, and what it writes reaches no gradient."""
    torch = pytest.importorskip("torch")
    x, w = ag.tensor([2.0, 3.0]), ag.tensor([1.0, 1.0], requires_grad=True)
    theirs = torch.from_dlpack(x)
    y = (x * w).sum()
    theirs.add_(10)
    assert x.numpy().tolist() == [12.0, 13.0]
    assert ag.grad(y, w)[0].numpy().tolist() == [2.0, 3.0]
    ours = ag.from_dlpack(theirs)
    y = (ours * w).sum()
    theirs.zero_()
    assert ours.numpy().tolist() == [0.0, 0.0]
    assert ag.grad(y, w)[0].numpy().tolist() == [12.0, 13.0]
    with pytest.raises(BufferError, match="requires a gradient"):
        torch.from_dlpack(w)
    with pytest.raises(BufferError, match="require gradient"):
        ag.from_dlpack(torch.ones(2, requires_grad=True))
    with pytest.raises(BufferError, match="bfloat16"):
        ag.from_dlpack(torch.ones(2, dtype=torch.bfloat16))


@protocol_1
def test_jax_shares_memory() -> None:
    """Its arrays never change, so they come read-only."""
    jax = pytest.importorskip("jax")
    room = np.zeros(1024 + 64, np.uint8)
    start = -room.ctypes.data % 64  # JAX copies what does not begin at a multiple of 64 bytes
    x = ag.from_dlpack(room[start : start + 1024].view(np.float32))
    theirs = jax.numpy.from_dlpack(x)
    assert theirs.unsafe_buffer_pointer() == x._data.ctypes.data
    ours = ag.from_dlpack(jax.numpy.arange(3.0))
    assert ours.numpy().tolist() == [0.0, 1.0, 2.0]
    with pytest.raises(ValueError, match="read-only"):
        ours.data[0] = 1


def test_asarray_shares_memory_and_follows_numpys_rules_of_copying() -> None:
    """`copy=False` with another dtype is NumPy's error, `copy=True` shares nothing."""
    x = ag.tensor([1.0, 2.0])
    shared = np.asarray(x)
    shared[0] = 5
    assert x.numpy().tolist() == [5.0, 2.0]
    assert np.shares_memory(np.array(x, copy=False), x.data)
    assert np.shares_memory(np.asarray(x, dtype=np.float32), x.data)
    assert not np.shares_memory(np.array(x), x.data)
    assert not np.shares_memory(np.array(x, copy=True), x.data)
    assert np.asarray(x, dtype=np.float64).dtype == np.float64
    with pytest.raises(ValueError, match="copy"):
        np.array(x, dtype=np.float64, copy=False)
