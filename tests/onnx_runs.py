"""Running ONNX models in onnxruntime, for the tests of the export."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import onnxruntime

import autograd_lite as ag
from autograd_lite import nn

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray


X = np.random.default_rng(0).uniform(0.5, 2.0, (3, 4)).astype(np.float32)
MORE = np.random.default_rng(1).uniform(0.5, 2.0, (8, 4)).astype(np.float32)


class Applied(nn.Module):
    """A module of one function."""

    def __init__(self, function: Callable[..., Any]) -> None:
        self.function = function

    def forward(self, x: Any) -> Any:
        """The function."""
        return self.function(x)


def exported(function: Callable[..., Any], example: Any = X, **options: Any) -> Any:
    """A session of a model around a function."""
    return session(ag.to_onnx(nn.Sequential(Applied(function)), example, **options))


def session(proto: Any) -> Any:
    """A session of one thread that prints nothing but errors."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 3
    providers = ["CPUExecutionProvider"]
    return onnxruntime.InferenceSession(proto.SerializeToString(), options, providers=providers)


def computed(running: Any, arrays: Sequence[NDArray[Any]]) -> list[NDArray[Any]]:
    """The results of a session for the inputs in order."""
    names = [given.name for given in running.get_inputs()]
    found: list[NDArray[Any]] = running.run(None, dict(zip(names, arrays, strict=True)))
    return found


def same(running: Any, model: Callable[..., Any], arrays: Sequence[NDArray[Any]]) -> None:
    """Assert that a session gives what the model gives, to 1e-5 of the largest value."""
    returned = model(*(ag.tensor(a) for a in arrays))
    expected = list(returned) if isinstance(returned, (list, tuple)) else [returned]
    found = computed(running, arrays)
    assert len(found) == len(expected)
    for theirs, tensor in zip(found, expected, strict=True):
        ours = tensor.detach().numpy()
        assert theirs.shape == ours.shape
        assert theirs.dtype == ours.dtype
        size = np.abs(ours[np.isfinite(ours)]).max(initial=1) if ours.dtype.kind == "f" else 1
        np.testing.assert_allclose(theirs, ours, rtol=0, atol=1e-5 * size)
