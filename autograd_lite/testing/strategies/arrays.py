"""Arrays and tensors of any layout in memory."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar

import numpy as np
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from autograd_lite.errors import describe
from autograd_lite.tensor import Tensor
from autograd_lite.testing.strategies.domain import REAL, Domain
from autograd_lite.testing.strategies.shapes import Shape, as_shape

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

T = TypeVar("T")
Or: TypeAlias = T | st.SearchStrategy[T]  # a value, or a strategy of values


def lay_out(values: NDArray[Any], layout: str) -> NDArray[Any]:
    """An array of the same shape and values, that lies in memory in another way.

    Args:
        values: the array.
        layout: one of `LAYOUTS`:

            - "contiguous": in C's order, one element behind the other;
            - "transposed": the transpose of a contiguous array, in Fortran's order;
            - "reversed": with negative strides;
            - "gaps": every other element of a larger array, whose rest is nan, 77 or True;
            - "unaligned": at an address that is no multiple of the element's size;
            - "read-only": which nobody may write to;
            - "broadcast": with stride 0, so that along the first axis all is equal to what comes
              first: the one layout that changes values.

    Raises:
        ValueError: when there is no such layout.

    Example:
        >>> import numpy as np
        >>> x = np.arange(6.0).reshape(2, 3)
        >>> lay_out(x, "transposed").strides, lay_out(x, "reversed").strides
        ((8, 16), (-24, -8))
        >>> lay_out(x, "broadcast")
        array([[0., 1., 2.],
               [0., 1., 2.]])
    """
    _check_layout("lay_out", layout)
    return _LAYING[layout](values)


def _contiguous(values: NDArray[Any]) -> NDArray[Any]:
    return np.array(values, order="C")


def _transposed(values: NDArray[Any]) -> NDArray[Any]:
    return np.array(values.T, order="C").T


def _reversed(values: NDArray[Any]) -> NDArray[Any]:
    flipped: NDArray[Any] = np.asarray(np.flip(values))  # of 0-d arrays it is a number
    return np.asarray(np.flip(np.array(flipped, order="C")))


def _with_gaps(values: NDArray[Any]) -> NDArray[Any]:
    filler = np.nan if values.dtype.kind in "fc" else 77
    wide = np.full((*values.shape, 2), filler, values.dtype)
    wide[..., 0] = values
    return wide[..., 0]


def _unaligned(values: NDArray[Any]) -> NDArray[Any]:
    room = np.zeros(values.nbytes + 1, np.uint8)
    odd = room[1:].view(values.dtype).reshape(values.shape)
    odd[...] = values
    return odd


def _read_only(values: NDArray[Any]) -> NDArray[Any]:
    kept = values.copy()
    kept.flags.writeable = False
    return kept


def _repeated(values: NDArray[Any]) -> NDArray[Any]:
    return np.broadcast_to(values[:1], values.shape) if values.ndim and values.size else values


_LAYING: dict[str, Callable[[NDArray[Any]], NDArray[Any]]] = {
    "contiguous": _contiguous,
    "transposed": _transposed,
    "reversed": _reversed,
    "gaps": _with_gaps,
    "unaligned": _unaligned,
    "read-only": _read_only,
    "broadcast": _repeated,
}
LAYOUTS = tuple(_LAYING)


def _check_layout(name: str, layout: str) -> None:
    if layout not in LAYOUTS:
        message = f"{name}: got the layout {describe(layout)}; expected one of {', '.join(LAYOUTS)}"
        raise ValueError(message)


def arrays(
    shape: Or[Shape],
    dtype: Or[Any] = "float64",
    domain: Domain = REAL,
    *,
    layouts: Sequence[str] = LAYOUTS,
) -> st.SearchStrategy[NDArray[Any]]:
    """Arrays of a shape, of any layout in memory.

    Args:
        shape: the shape, or a strategy of shapes.
        dtype: the dtype, or a strategy of dtypes; that of a boolean domain is bool.
        domain: the values. Those of a grid are distinct.
        layouts: what `lay_out` may do to the array.

    Raises:
        ValueError: when a grid has fewer points than an array has elements, or a layout is unknown.

    Example:
        >>> import numpy as np
        >>> from hypothesis import given
        >>> @given(arrays((2, 3)))
        ... def test(x):
        ...     assert x.shape == (2, 3)
        ...     assert x.dtype == np.float64
        >>> test()
        >>> @given(arrays((2, 3), layouts=["reversed"]))
        ... def test(x):
        ...     assert x.strides == (-24, -8)
        >>> test()
    """
    for layout in layouts:
        _check_layout("arrays", layout)
    if isinstance(shape, st.SearchStrategy):
        return shape.flatmap(lambda drawn: arrays(drawn, dtype, domain, layouts=layouts))
    if isinstance(dtype, st.SearchStrategy):
        return dtype.flatmap(lambda drawn: arrays(shape, drawn, domain, layouts=layouts))
    sizes = as_shape("arrays", shape)
    count = int(np.prod(sizes))
    if domain.points is not None and domain.points < count:
        message = (
            f"arrays: {domain} has {domain.points} points, too few for the {count} distinct "
            f"elements of shape {sizes}: give it a smaller `grid`, or `ties=True`"
        )
        raise ValueError(message)
    kind = np.dtype(bool if domain.boolean else dtype)
    # Of extremes and equal values each array has many; those of a generator are all different.
    extreme = hnp.arrays(
        kind, sizes, elements=domain.elements(dtype), unique=domain.points is not None
    )
    usual = st.integers(0, 2**32 - 1).map(
        lambda seed: domain.sample(np.random.default_rng(seed), sizes, kind)
    )
    fitting = [name for name in layouts if domain.points is None or name != "broadcast"]
    return st.builds(lay_out, extreme | usual, st.sampled_from(fitting))


def tensors(
    shape: Or[Shape],
    dtype: Or[Any] = "float64",
    domain: Domain = REAL,
    *,
    requires_grad: Or[bool] = True,
    layouts: Sequence[str] = LAYOUTS,
) -> st.SearchStrategy[Tensor]:
    """Tensors of a shape, of any layout in memory.

    Args:
        shape: the shape, or a strategy of shapes.
        dtype: the dtype, or a strategy of dtypes; that of a boolean domain is bool.
        domain: the values. Those of a grid are distinct.
        requires_grad: whether gradients flow to them, or a strategy of that. To tensors that are
            not floating none do.
        layouts: what `lay_out` may do to the array.

    Raises:
        ValueError: as `arrays` does.

    Example:
        >>> from hypothesis import given
        >>> @given(tensors((3,), requires_grad=True))
        ... def test(x):
        ...     (x * x).sum().backward()
        ...     assert (x.grad.numpy() == 2 * x.detach().numpy()).all()
        >>> test()
    """
    wanted = (
        requires_grad if isinstance(requires_grad, st.SearchStrategy) else st.just(requires_grad)
    )
    return st.builds(_tensor, arrays(shape, dtype, domain, layouts=layouts), wanted)


def _tensor(array: NDArray[Any], requires_grad: bool) -> Tensor:
    return Tensor(array, requires_grad and array.dtype.kind == "f", copy=False)
