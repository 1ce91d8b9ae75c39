"""How other libraries take the array of a tensor: NumPy's `asarray`, and the DLPack protocol.

Both hand out memory that the taker may write to, by the rules of `autograd_lite.memory`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from autograd_lite.dtypes import as_dtype
from autograd_lite.errors import describe

if TYPE_CHECKING:
    from numpy.typing import DTypeLike, NDArray

    from autograd_lite.node import Node

_CPU = (1, 0)  # DLPack's kDLCPU, and the number of the device


class Exchange:
    """What other libraries call to have the array of a Tensor."""

    __slots__ = ()

    _data: NDArray[Any]
    node: Node | None
    data: Any  # a property of Tensor

    def __array__(self, dtype: DTypeLike | None = None, copy: bool | None = None) -> NDArray[Any]:
        """`np.asarray(x)`: shares memory unless a dtype or a copy is asked for."""
        if self.node is not None:
            message = (
                "np.asarray: this tensor requires a gradient, and what NumPy computes from it would"
                " silently have none; use autograd_lite's functions, or x.detach(), or x.numpy()"
            )
            raise TypeError(message)
        if copy is not None and not isinstance(copy, (bool, np.bool_)):
            message = f"np.asarray: got copy={describe(copy)}; expected True, False or None"
            raise TypeError(message)
        wanted = None if dtype is None else as_dtype("np.asarray", dtype)
        return np.array(self._data if copy else self.data, dtype=wanted, copy=copy)

    def __dlpack__(
        self,
        *,
        stream: Any = None,
        max_version: tuple[int, int] | None = None,
        dl_device: tuple[int, int] | None = None,
        copy: bool | None = None,
    ) -> Any:
        """A capsule of the memory, which `from_dlpack` of another library takes without a copy.

        While the other library holds it, writing to either side is seen on the other, and graphs
        that are recorded keep copies.

        Args:
            stream: None, for memory of the CPU has no stream.
            max_version: the newest version of the protocol that the taker knows.
            dl_device: None, or the device of the CPU, (1, 0).
            copy: True for memory of its own, False for never that, None for whatever is needed.

        Raises:
            BufferError: when the tensor requires a gradient, which would not know of the other's
                writing, or when the device or the dtype is one that NumPy does not export.
            TypeError: when an argument is of another kind.
            ValueError: when NumPy cannot do what is asked for.
        """
        if self.node is not None:
            message = (
                f"__dlpack__: got a tensor {self._data.shape} {self._data.dtype} that requires a"
                " gradient, which another library would lose; give it x.detach(), or x.numpy() to"
                " share memory with a parameter"
            )
            raise BufferError(message)
        given = {"max_version": max_version, "dl_device": dl_device, "copy": copy}
        options: dict[str, Any] = {name: v for name, v in given.items() if v is not None}
        try:
            return (self._data if copy else self.data).__dlpack__(stream=stream, **options)
        except (BufferError, RuntimeError, TypeError, ValueError) as error:
            message = f"__dlpack__: {error}; got {options | {'stream': stream}}, see its docstring"
            raise type(error)(message) from error

    def __dlpack_device__(self) -> tuple[int, int]:
        """DLPack's number for the CPU, and the number of the device."""
        return _CPU
