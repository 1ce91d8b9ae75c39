"""Whether a runtime computes from the file what the model computed."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray


def compare(proto: Any, runs: Sequence[tuple[dict[str, Any], Sequence[NDArray[Any]]]]) -> None:
    """Run `proto` on the inputs of each run, and compare with its results.

    Does nothing where onnxruntime is not installed, and passes over empty inputs, of which some of
    its kernels end the process.

    Args:
        proto: the model.
        runs: inputs by name, and the results.

    Raises:
        RuntimeError: when a result differs by more than rounding: 1e-4 of its largest value,
            or 1e-2 of it in float16.
    """
    try:
        runtime: Any = importlib.import_module("onnxruntime")
    except ImportError:
        return
    session = _session(runtime, proto)
    for inputs, results in runs:
        if any(not array.size for array in inputs.values()):
            continue
        found = session.run(None, inputs)
        for output, theirs, ours in zip(session.get_outputs(), found, results, strict=True):
            wrong = _difference(theirs, ours)
            if wrong is not None:
                shapes = {name: array.shape for name, array in inputs.items()}
                message = (
                    f"to_onnx: onnxruntime {runtime.__version__} computes another {output.name} of"
                    f" {shapes}: {wrong}; give check=False to have the file nevertheless"
                )
                raise RuntimeError(message)


def _session(runtime: Any, proto: Any) -> Any:
    options = runtime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 3  # errors
    try:
        return runtime.InferenceSession(
            proto.SerializeToString(), options, providers=["CPUExecutionProvider"]
        )
    except Exception as error:
        message = (
            f"to_onnx: onnxruntime {runtime.__version__} does not run this model: {error}; give"
            " check=False to have the file for another runtime, or use float32"
        )
        raise RuntimeError(message) from error


def _difference(theirs: NDArray[Any], ours: NDArray[Any]) -> str | None:
    """What differs, in words, or None."""
    if theirs.shape != ours.shape or theirs.dtype != ours.dtype:
        return f"{theirs.shape} {theirs.dtype} for {ours.shape} {ours.dtype}"
    if ours.dtype.kind != "f":
        return None if np.array_equal(theirs, ours) else "other integers or truths"
    finite = np.abs(ours[np.isfinite(ours)])
    share = max(1e-4, 10 * float(np.finfo(ours.dtype).eps))
    slack = share * max(1.0, float(finite.max(initial=0)))
    if np.allclose(theirs, ours, rtol=0, atol=slack, equal_nan=True):
        return None
    return f"a difference of {np.nanmax(np.abs(theirs - ours)):.3g}, where {slack:.3g} is rounding"
