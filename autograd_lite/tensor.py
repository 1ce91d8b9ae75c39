"""The Tensor: an ndarray, its place in a graph, and its gradient."""

from __future__ import annotations

import weakref
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from autograd_lite import engine
from autograd_lite.dtypes import as_array
from autograd_lite.errors import describe
from autograd_lite.exchange import Exchange
from autograd_lite.memory import hand_out, private, read_only
from autograd_lite.methods import Methods
from autograd_lite.node import Hooks, Leaf
from autograd_lite.numpy_protocol import NumPyProtocol
from autograd_lite.operators import Operators
from autograd_lite.tensor_text import as_html, as_text

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import DTypeLike, NDArray

    from autograd_lite.node import Node


class Tensor(Operators, Methods, NumPyProtocol, Exchange):
    """An n-dimensional array that remembers how it was computed, and its gradient.

    A tensor shares memory with no array of the caller's (but see `from_dlpack`), and a recorded
    graph never sees a later change: writing to `x.data` changes `x`, not what was already computed
    from it.

    Args:
        data: an array (its dtype is kept), a number, or nested lists (floats take the default
            dtype).
        requires_grad: whether gradients flow to this tensor; its dtype must be floating then.
        dtype: the dtype to convert to.
        copy: False takes over an ndarray as it is; the caller must not write to it any more.

    Raises:
        TypeError: when `data` is not numeric, or a gradient is asked of integers or booleans.

    Example:
        >>> x = Tensor([1.0, 2.0, 3.0], requires_grad=True)
        >>> (x * x).sum().backward()
        >>> x.grad
        Tensor([2., 4., 6.])
    """

    __slots__ = ("__weakref__", "_alias", "_data", "grad", "node")

    _data: NDArray[Any]
    _alias: weakref.ref[NDArray[Any]] | None  # the array that `data` handed out last
    node: Node | None
    grad: Tensor | None
    _runs: ClassVar[Any] = None  # what runs an op instead of the op itself, for a subclass to have

    def __init__(
        self,
        data: Any,
        requires_grad: bool = False,
        dtype: DTypeLike | None = None,
        *,
        copy: bool = True,
    ) -> None:
        given = data._data if isinstance(data, Tensor) else data
        array = as_array(given, dtype)
        self._data = (
            array.copy()
            if copy is not False and (array is given or array.base is not None)
            else array
        )
        self._alias = self.node = self.grad = None
        if requires_grad is not False:
            self.requires_grad = requires_grad

    # ---- the array

    @property
    def data(self) -> NDArray[Any]:
        """The values as an ndarray: writing there changes this tensor, but no recorded graph.

        The result of an op that requires a gradient is handed out read-only: it is what its inputs
        make it.

        Example:
            >>> x = Tensor([1.0, 2.0], requires_grad=True)
            >>> y = (x * x).sum()
            >>> x.data[...] = 10.0
            >>> y.backward()
            >>> x.grad  # of y, which was computed from 1 and 2
            Tensor([2., 4.])
        """
        if self.node is not None and not isinstance(self.node, Leaf):
            return read_only(self._data)
        return hand_out(self)

    @data.setter
    def data(self, value: Any) -> None:
        if self._alias is not None and value is self._alias():
            return  # `x.data += 1` has written in place, and assigns what it got
        if self.node is not None and not isinstance(self.node, Leaf):
            message = (
                f"data: this tensor is the result of {self.node.name}; detach() it to change it"
            )
            raise TypeError(message)
        given = value._data if isinstance(value, Tensor) else value
        array = as_array(given).copy()
        if array.shape != self.shape:
            message = f"data: got shape {array.shape}; expected {self.shape}, or make a new Tensor"
            raise ValueError(message)
        if self.node is not None and array.dtype != self.dtype:
            _check_floating(array.dtype)
            self._data = array
            self.node = Leaf(self)
        self._data, self._alias = array, None

    def numpy(self) -> NDArray[Any]:
        """The values as an ndarray; the same as `data`."""
        return self.data

    def item(self) -> float | int | bool:
        """The value of a tensor of one element as a Python number.

        Raises:
            ValueError: when the tensor has not exactly one element.
        """
        if self._data.size != 1:
            message = f"item: got shape {self.shape}; expected one element (see numpy(), or reduce)"
            raise ValueError(message)
        value: float | int | bool = self._data.item()
        return value

    def detach(self) -> Tensor:
        """The same values without a graph: no gradient flows through the result."""
        return Tensor(private(self), copy=False)

    # ---- what ndarray has

    @property
    def shape(self) -> tuple[int, ...]:
        """The sizes of the axes."""
        return self._data.shape

    @property
    def ndim(self) -> int:
        """The number of axes."""
        return self._data.ndim

    @property
    def size(self) -> int:
        """The number of elements."""
        return self._data.size

    @property
    def dtype(self) -> np.dtype[Any]:
        """The dtype of the values; its gradient has the same."""
        return self._data.dtype

    @property
    def nbytes(self) -> int:
        """The bytes that the values take."""
        return self._data.nbytes

    # ---- gradients

    @property
    def requires_grad(self) -> bool:
        """Whether gradients flow to this tensor; may be set on a tensor that no op made."""
        return self.node is not None

    @requires_grad.setter
    def requires_grad(self, value: bool) -> None:
        if not isinstance(value, (bool, np.bool_)):
            message = f"requires_grad: got {describe(value)}; expected True or False"
            raise TypeError(message)
        if self.node is not None and not isinstance(self.node, Leaf):
            if not value:
                message = f"requires_grad: the result of {self.node.name} needs one; use detach()"
                raise TypeError(message)
        elif not value:
            self.node = None
        elif self.node is None:
            _check_floating(self.dtype)
            self.node = Leaf(self)

    @property
    def is_leaf(self) -> bool:
        """Whether no recorded op made this tensor."""
        return self.node is None or isinstance(self.node, Leaf)

    def backward(
        self, gradient: Any = None, *, retain_graph: bool = False, create_graph: bool = False
    ) -> None:
        """Add the gradient of this tensor to `grad` of every leaf that it was computed from.

        Args:
            gradient: the gradient of what comes after, of this tensor's shape; 1 for one element.
            retain_graph: keep the graph for another backward pass, instead of freeing it.
            create_graph: record the pass itself, so that `grad` can be differentiated again;
                implies `retain_graph`.

        Raises:
            RuntimeError: when no gradient was recorded, or the graph has been consumed.
            ValueError: when `gradient` is missing or of another shape.
        """
        engine.backward(self, gradient, retain_graph=retain_graph, create_graph=create_graph)

    def register_hook(self, hook: Callable[[Tensor], Tensor | None]) -> Callable[[], None]:
        """Call `hook` with the gradient of this tensor in each backward pass, once it is complete.

        What `grad` need not compute for its inputs is not shown. A copy of the tensor, also by
        pickle, has no hooks.

        Args:
            hook: a function of the gradient; what it returns, unless None, replaces the gradient.

        Returns:
            A function that removes the hook.

        Raises:
            RuntimeError: when this tensor requires no gradient.

        Example:
            >>> x = Tensor([1.0, 2.0], requires_grad=True)
            >>> remove = x.register_hook(lambda g: g * 10)
            >>> x.sum().backward()
            >>> x.grad
            Tensor([10., 10.])
            >>> remove()
        """
        if self.node is None:
            message = "register_hook: this tensor requires no gradient; set requires_grad=True"
            raise RuntimeError(message)
        if self.node.hooks is None:
            self.node.hooks = Hooks()
        hooks, key = self.node.hooks, object()
        hooks[key] = hook

        def remove() -> None:
            hooks.pop(key, None)

        return remove

    def retain_grad(self) -> None:
        """Deliver the gradient of the result of an op to its `grad` too, as leaves have it.

        Example:
            >>> x = Tensor([1.0, 2.0], requires_grad=True)
            >>> y = x * 3
            >>> y.retain_grad()
            >>> (y * y).sum().backward()
            >>> y.grad
            Tensor([ 6., 12.])
        """
        if self.node is None:
            message = "retain_grad: this tensor requires no gradient; set requires_grad=True"
            raise RuntimeError(message)
        if not self.is_leaf:
            if self.node.hooks is None:
                self.node.hooks = Hooks()
            self.node.hooks.keeper = weakref.ref(self)

    # ---- Python and NumPy

    def __repr__(self) -> str:
        return as_text(self)

    def _repr_html_(self) -> str:
        return as_html(self)

    def __reduce__(self) -> tuple[Any, ...]:
        if not self.is_leaf:
            message = (
                "pickle: the result of an op cannot be copied with its graph; detach() it first"
            )
            raise TypeError(message)
        grad = self.grad if self.grad is None or self.grad.is_leaf else self.grad.detach()
        made = type(self), self._data, self.requires_grad, grad
        own = getattr(self, "__dict__", None)  # what a subclass may have
        return (_restore, made, (own, {})) if own else (_restore, made)


def _restore(
    kind: type[Tensor],
    data: NDArray[Any],
    requires_grad: bool,
    grad: Tensor | None,
) -> Tensor:
    tensor = kind.__new__(kind)
    Tensor.__init__(tensor, data, requires_grad)
    tensor.grad = None if grad is None else Tensor(grad)  # of its own, also in a shallow copy
    return tensor


def _check_floating(dtype: np.dtype[Any]) -> None:
    if dtype.kind != "f":
        message = (
            f"requires_grad: got dtype {dtype}, which has no gradient;"
            " expected floats: write 1.0 for 1, or give dtype='float32'"
        )
        raise TypeError(message)
