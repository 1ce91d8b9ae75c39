"""from_dlpack: tensors in the memory of other libraries."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd_lite.dtypes import as_array
from autograd_lite.errors import describe
from autograd_lite.memory import share
from autograd_lite.tensor import Tensor


def from_dlpack(x: Any, /, *, device: str | None = None, copy: bool | None = None) -> Tensor:
    """A tensor that shares the memory of an array of another library: PyTorch, JAX, NumPy, ...

    Writing to either is seen by the other, but not by a graph: it records copies of such memory,
    which cost time. `autograd_lite.tensor` of the result has memory of its own. What comes
    read-only (from JAX, whose arrays never change; with NumPy 2.0 from everywhere) is read-only in
    `data` too, and moves to a copy when an optimizer writes to it.

    Args:
        x: what has the methods `__dlpack__` and `__dlpack_device__`, in the memory of the CPU.
        device: "cpu" or None; with "cpu", another library may copy what it has elsewhere.
        copy: True for memory of its own, False for an error where sharing is impossible, None to
            copy only if it must.

    Raises:
        TypeError: when `x` has no such methods, its dtype is not real floating, integer or
            boolean, or `copy` is something else.
        BufferError: when the other library or NumPy refuses; the message says why.

    Example:
        >>> import numpy as np
        >>> import autograd_lite as ag
        >>> array = np.array([1.0, 2.0])
        >>> x = ag.from_dlpack(array)
        >>> array[0] = 5.0
        >>> x
        Tensor([5., 2.], dtype=float64)
    """
    if not hasattr(x, "__dlpack__") or not hasattr(x, "__dlpack_device__"):
        message = (
            f"from_dlpack: got {describe(x)}, which has no __dlpack__; expected an array of another"
            " library: give numbers and lists to autograd_lite.tensor"
        )
        raise TypeError(message)
    if copy is not None and not isinstance(copy, (bool, np.bool_)):
        message = f"from_dlpack: got copy={describe(copy)}; expected True, False or None"
        raise TypeError(message)
    given = {"device": device, "copy": None if copy else copy}
    options: dict[str, Any] = {name: value for name, value in given.items() if value is not None}
    try:
        array = np.from_dlpack(x, **options)
    except (BufferError, RuntimeError, TypeError, ValueError) as error:
        message = (
            f"from_dlpack: got {describe(x)}: {error}; expected an array of floats, integers or"
            " booleans on the CPU without a gradient (PyTorch: x.detach().cpu()), or convert it to"
            " an ndarray and give that to autograd_lite.tensor"
        )
        raise BufferError(message) from error
    tensor = Tensor(as_array(array), copy=bool(copy))
    if not copy:
        share(tensor)
    return tensor
